"""Runs a script of this package in a process of its own, with a limit on its memory.

For libraries in C++ that read files of others: one that crashes, loops or eats memory ends that process and nothing
else. The script is run by its path, so that neither the folder one happens to stand in nor the package is imported.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

__all__ = ["MEMORY_BYTES", "command_for", "last_words"]

MEMORY_BYTES: Final = 4 << 30
"""Address space, of which far less is ever in memory."""
_LIMITED: Final = """
import runpy, sys
limit, script = int(sys.argv[1]), sys.argv[2]
try:
    import resource
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
except (ImportError, OSError, ValueError):  # Windows has no such limits; macOS does not let them be set
    pass
sys.argv = sys.argv[2:]
runpy.run_path(script, run_name="__main__")
"""


def command_for(script: str | Path, *arguments: str) -> list[str]:
    """The command line that runs a script with its arguments."""
    return [sys.executable, "-P", "-c", _LIMITED, str(MEMORY_BYTES), str(script), *arguments]


def last_words(done: subprocess.CompletedProcess[bytes]) -> str:
    """The last line that a process wrote of its own trouble; its exit code where it wrote none."""
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"exit code {done.returncode}"
