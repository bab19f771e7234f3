"""GGUF -> the OpenVINO form of the same model, once, so that the next start takes a fraction of the time.

Measured on two cores, 1.5 B parameters: from the GGUF it loads in 11-14 s every time, from this form in 3-5 s.
The conversion runs in a process of its own: its memory goes back whole, and a crash in it is only an error here.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from rag.config import Config
from rag.errors import ModelError
from rag.files import replace_folder
from rag.generation.registry import chosen_runtime
from rag.models import generator_path
from rag.models.installed import write_manifest
from rag.models.pull import FreeBytes, disk_errors, exclusive, free_disk_bytes, require_disk
from rag.progress import Progress

__all__ = ["convert_generator", "converted_folder"]

# What appears, in this order, while the runtime converts; seen with openvino-genai 2026.4.
_OUTPUTS = ("openvino_tokenizer.xml", "openvino_detokenizer.xml", "openvino_model.bin", "openvino_model.xml")
_FACTOR = 1.25  # its weights are stored with a little less packing: 1.15 times the Q4_K_M file, measured
_POLL_SECONDS = 0.25

# Run by the child. The runtime saves beside the file that it is given.
_CHILD = "import sys, openvino_genai as g; g.LLMPipeline(sys.argv[1], 'CPU', enable_save_ov_model=True)"


def converted_folder(config: Config, gguf: Path) -> Path:
    """Where the OpenVINO form of a GGUF file is or will be.

    A model of ours has it inside its own folder, so that both are replaced together. For a file from elsewhere
    the name changes with the file's path, size and time.
    """
    if gguf.is_relative_to(config.home / "models"):
        return gguf.parent / "openvino"
    stat = gguf.stat()
    key = f"{gguf.resolve()} {stat.st_size} {stat.st_mtime_ns}"
    return config.home / "converted" / f"{gguf.stem}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def convert_generator(config: Config, *, progress: Progress, free_bytes: FreeBytes = free_disk_bytes) -> Path | None:
    """Make the OpenVINO form of the configured generator, unless it is there or not needed.

    Returns:
        The folder that the OpenVINO runtime loads; None where another runtime is chosen.

    Raises:
        ModelError: The model is missing, the disk too small, or the runtime cannot convert it.
    """
    if chosen_runtime(config) != "openvino":
        return None
    gguf = generator_path(config)
    if gguf.suffix != ".gguf":
        return gguf
    target = converted_folder(config, gguf)
    if target.is_dir():
        return target
    stage = f"Converting {gguf.stem} for a faster start"
    with disk_errors(config), exclusive(config, progress=progress):
        if target.is_dir():  # another process made it meanwhile
            return target
        needed = int(gguf.stat().st_size * _FACTOR)
        require_disk(config.home, needed, what=stage, free_bytes=free_bytes)
        work = target.with_name(f".converting-{target.name}")
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        try:
            linked = work / "model.gguf"
            _link(gguf, linked)
            _run(linked, name=gguf.name, stage=stage, progress=progress)
            linked.unlink()
            write_manifest(work)
            replace_folder(work, target)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    progress(stage, len(_OUTPUTS) + 1, len(_OUTPUTS) + 1)
    return target


def _link(source: Path, target: Path) -> None:
    """Let the file appear at a second place, without its bytes where the disk can."""
    for link in (os.link, os.symlink):
        with suppress(OSError):
            link(source, target)
            return
    shutil.copyfile(source, target)


def _run(gguf: Path, *, name: str, stage: str, progress: Progress) -> None:
    """Convert in a child process; progress counts the files that are there."""
    log = gguf.with_name("log.txt")
    n_steps = len(_OUTPUTS) + 1
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _CHILD, str(gguf)], stdout=output, stderr=subprocess.STDOUT
        )
        try:
            while process.poll() is None:
                n_begun = sum(gguf.with_name(output).exists() for output in _OUTPUTS)
                progress(stage, max(0, n_begun - 1), n_steps)  # the last one that appeared may not be whole
                time.sleep(_POLL_SECONDS)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    missing = [output for output in _OUTPUTS if not gguf.with_name(output).is_file()]
    if process.returncode or missing:
        lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
        reason = next((line for line in reversed(lines) if line), f"{', '.join(missing)} did not appear")
        raise ModelError(
            f"The OpenVINO runtime could not convert {name}: {reason}. It reads GGUF files of the Qwen2, Qwen3, Llama "
            "and SmolLM families; for another one set runtime to 'transformers'."
        )
    log.unlink()
