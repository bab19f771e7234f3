"""Older files of office programs for tests, and a stand-in for the program that reads them.

An old file is made of its first bytes, the name of a stream, and behind a mark of its own the file of today that the
stand-in makes of it.
"""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["OLD", "fake_soffice", "old_file"]

OLD = b"<what the program would make of it>"

_SCRIPT = """#!{python}
import os, pathlib, shutil, subprocess, sys, time
here = pathlib.Path(__file__).parent
arguments = sys.argv[1:]
folder = pathlib.Path(arguments[arguments.index("--outdir") + 1])
source = pathlib.Path(arguments[-1])
(here / "arguments").write_text("\\n".join(arguments), encoding="utf-8")
environment = [f"{{k}}={{v}}" for k, v in os.environ.items() if "\\n" not in v]
(here / "environment").write_text("\\n".join(environment), encoding="utf-8")
shutil.copy(folder.parent / "profile" / "user" / "registrymodifications.xcu", here / "profile")
content = source.read_bytes().partition({mark!r})[2]
if content == b"hang":
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (here / "child").write_text(str(child.pid), encoding="utf-8")
    time.sleep(600)
if not content.startswith(b"PK"):
    print("Error: source file could not be loaded", file=sys.stderr)
    sys.exit(1)
folder.mkdir()
suffix = arguments[arguments.index("--convert-to") + 1]
(folder / f"{{source.stem}}.{{suffix}}").write_bytes(content)
"""


def old_file(stream: str, content: bytes) -> bytes:
    """A file of the old kind that holds a stream of this name, and what the program would make of it."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + stream.encode("utf-16-le") + OLD + content


def fake_soffice(folder: Path) -> Path:
    """Put a program of that name into a folder; it notes there how it was called."""
    folder.mkdir(exist_ok=True)
    program = folder / "soffice"
    program.write_text(_SCRIPT.format(python=sys.executable, mark=OLD), encoding="utf-8")
    program.chmod(0o755)
    return folder
