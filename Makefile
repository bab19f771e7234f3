# The menu. `make chat` on a fresh machine brings the page up; `make test` runs everything.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ifeq ($(OS),Windows_NT)
BIN    := $(VENV)/Scripts
endif
YOUJU  := $(BIN)/python -m rag

.PHONY: help chat setup test check fix eval bench golden reader clean

help: ## show this menu
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

chat: setup ## everything from nothing to the page in the browser
	$(YOUJU) chat $(ARGS)

setup: $(VENV)/.ready ## virtual environment, models, index of seeds/; no page
	$(YOUJU) models pull
	$(YOUJU) index seeds

test: $(VENV)/.ready-dev ## everything: fetches the models where they are missing, installs nothing outside .venv
	$(BIN)/python -m pytest

check: $(VENV)/.ready-dev ## the fast part: lint, types, tests without models and browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -m "not model and not browser"

fix: $(VENV)/.ready-dev ## format and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

eval: setup ## measure on the gold questions
	$(YOUJU) eval tests/eval/smoke.jsonl
	$(YOUJU) eval tests/eval/dev.jsonl

bench: setup ## compare with the textbook stack, in turn in one run
	$(BIN)/python benchmarks/textbook.py

golden: $(VENV)/.ready-dev ## refresh the golden files of prompt and rendering
	$(BIN)/python -m pytest -m "not model and not browser" --update-golden

reader: setup ## train the reader anew: make reader DATA=folder; see training/README.md
	$(BIN)/python -m training $(DATA) $(if $(XQUAD),--xquad $(XQUAD)) $(ARGS)

clean: ## remove the virtual environment and caches of this folder; models and index stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info

$(VENV)/pyvenv.cfg:
	$(PYTHON) -c "import sys; sys.exit(0 if sys.version_info >= (3, 11) else 'youju needs Python 3.11 or newer; this is ' + sys.version.split()[0] + '. Try: make PYTHON=python3.12 ...')"
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: pyproject.toml | $(VENV)/pyvenv.cfg
	$(BIN)/python -m pip install --progress-bar on -e .
	$(BIN)/python -c "open('$@', 'w').close()"

$(VENV)/.ready-dev: pyproject.toml | $(VENV)/pyvenv.cfg
	$(BIN)/python -m pip install --progress-bar on -e ".[dev]"
	$(BIN)/python -c "open('$@', 'w').close(); open('$(VENV)/.ready', 'w').close()"
