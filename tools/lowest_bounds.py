"""Writes tests/lowest.txt: the oldest libraries that pyproject.toml allows, each with what it needs, newest.

Asks ``uv`` to resolve. Of torch it keeps the version alone: CUDA comes with the build of one index and not of another.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = """\
# The oldest libraries that pyproject.toml allows, and what they need, as resolved for Python 3.11 on Linux.
# `make lowest` runs the fast tests on them; `make bounds` writes this file.
"""
RESOLVE = ["pip", "compile", "--quiet", "--resolution=lowest-direct", "--all-extras", "--python-version=3.11"]
CUDA = re.compile(r"(?:nvidia-|cuda-|triton\b)")


def main() -> int:
    """Resolve and write.

    Returns:
        The exit code of ``uv``.
    """
    options = ["--python-platform=x86_64-manylinux_2_28", "--no-header", "--no-annotate", "pyproject.toml"]
    done = subprocess.run(
        [sys.executable, "-m", "uv", *RESOLVE, *options], cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True
    )
    if done.returncode == 0:
        pins = [line for line in done.stdout.splitlines() if not CUDA.match(line)]
        text = HEAD + "".join(f"{pin}\n" for pin in pins)
        (ROOT / "tests" / "lowest.txt").write_text(text, encoding="utf-8", newline="\n")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
