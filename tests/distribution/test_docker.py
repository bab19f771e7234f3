"""What the image and compose.yaml promise: no root, nothing written beside the data, a check of its health.

No engine runs here: the files are read, and the programs that they name are held against this checkout.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from rag.cli.main import build_parser
from rag.config import load_config
from ui.__main__ import _parser

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
INSTRUCTIONS = [
    (line.split(maxsplit=1)[0], line.split(maxsplit=1)[1])
    for line in DOCKERFILE.splitlines()
    if line and not line.startswith("#")
]
FINAL = INSTRUCTIONS[max(i for i, (word, _) in enumerate(INSTRUCTIONS) if word == "FROM") :]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def final(word: str) -> str:
    """The argument of an instruction that the last stage has once."""
    (argument,) = [argument for instruction, argument in FINAL if instruction == word]
    return argument


def test_the_stages_stand_upon_one_base_pinned_to_a_patch_of_python() -> None:
    bases = [argument.split()[0] for word, argument in INSTRUCTIONS if word == "FROM"]
    assert len(bases) == 2
    assert len(set(bases)) == 1
    found = re.fullmatch(r"python:(\d+)\.(\d+)\.\d+-slim-[a-z]+", bases[0])
    assert found
    assert (int(found[1]), int(found[2])) >= tuple(map(int, PROJECT["requires-python"].removeprefix(">=").split(".")))


def test_the_image_runs_as_a_user_who_is_not_root_and_owns_the_data_alone() -> None:
    uid, gid = final("USER").split(":")
    assert int(uid) > 0
    assert int(gid) > 0
    libraries, made = [argument for word, argument in FINAL if word == "RUN"]
    assert " libgomp1 " in libraries, "llama.cpp needs it"
    assert f"install -d -o {uid} -g {gid} -m 700 {final('VOLUME')}" in made
    assert f"YOUJU_HOME={final('VOLUME')}" in final("ENV").split()


def test_the_torch_of_the_image_is_the_one_that_is_declared() -> None:
    (pinned,) = [need for need in PROJECT["dependencies"] if need.startswith("torch==")]
    assert f" {pinned} " in DOCKERFILE


def test_a_mirror_can_be_named_when_the_image_is_built() -> None:
    build = INSTRUCTIONS[: len(INSTRUCTIONS) - len(FINAL)]
    arguments = {argument.split("=")[0] for word, argument in build if word == "ARG"}
    assert arguments == {"PIP_INDEX_URL", "TORCH_INDEX_URL"}
    assert set(SERVICES["youju"]["build"]["args"]) == arguments


def test_the_health_of_the_image_is_asked_for_at_the_port_it_listens_on() -> None:
    check = final("HEALTHCHECK")
    port = final("EXPOSE")
    assert f"HTTPConnection('127.0.0.1', {port}, " in check
    assert "'/healthz'" in check
    code = json.loads(check.split("CMD ", 1)[1])[2]
    compile(code, "HEALTHCHECK", "exec")
    assert ["--port", port] == json.loads(final("CMD"))[3:5]


def test_the_command_of_the_image_is_understood() -> None:
    words = json.loads(final("CMD"))
    assert json.loads(final("ENTRYPOINT")) == ["youju"]
    known, rest = build_parser().parse_known_args(words)
    assert known.run.__name__ == "chat"
    assert _parser().parse_args(rest).host == "0.0.0.0"


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_can_write_nothing_but_its_data(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["user"] == final("USER")
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["volumes"] == [f"data:{final('VOLUME')}"]
    assert [mount.split(":")[0] for mount in service["tmpfs"]] == ["/tmp"]
    assert "noexec" in service["tmpfs"][0]
    assert "privileged" not in service


def test_the_page_is_published_to_this_machine_alone_once_the_models_are_there() -> None:
    port = final("EXPOSE")
    assert SERVICES["youju"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert SERVICES["youju"]["depends_on"] == {"models": {"condition": "service_completed_successfully"}}
    known = build_parser().parse_args(SERVICES["models"]["command"])
    assert known.run.__name__ == "models_pull"
    assert "healthcheck" not in SERVICES["youju"], "the image's own"


def test_the_image_is_named_after_the_version() -> None:
    assert {service["image"] for service in SERVICES.values()} == {f"youju:{PROJECT['version']}"}


def test_settings_that_the_image_makes_exist() -> None:
    named = set(re.findall(r"\bYOUJU_([A-Z_]+)=", DOCKERFILE))
    assert named
    config = load_config({"YOUJU_HOME": "/data"})
    assert all(hasattr(config, name.lower()) for name in named)


def test_only_what_the_wheel_is_made_of_is_sent_to_the_engine() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = {line.removeprefix("!") for line in lines if line.startswith("!")}
    copied = {
        name
        for word, argument in INSTRUCTIONS
        if word == "COPY" and "--from" not in argument
        for name in argument.split()[:-1]
    }
    assert lines[1] == "*"
    assert kept == copied
    assert all((ROOT / name).exists() for name in kept)
