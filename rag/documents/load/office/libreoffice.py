"""LibreOffice, where it is installed: turns a file of an older office program into one of today. Reads no text.

It runs as a process of its own, with a profile of its own that lasts as long as the call: no macro runs, no link is
followed, no host can be reached through it, and a file that makes it hang or eat memory ends that process alone.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rag.documents.load.loader import readable_name
from rag.errors import DocumentFormatError, DocumentTooLargeError

__all__ = ["converted", "soffice"]

SECONDS: Final = 120.0  # set by hand
MEMORY_BYTES: Final = 4 << 30
_NAMES: Final = ("soffice", "libreoffice")
_USUAL: Final = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.com",
    r"C:\Program Files (x86)\LibreOffice\program\soffice.com",
    "/opt/libreoffice/program/soffice",
)
# Limits its own memory, and then becomes the program that is to be limited.
_LIMITED: Final = """
import os, resource, sys
hard = resource.getrlimit(resource.RLIMIT_AS)[1]
limit = int(sys.argv[1])
soft = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
try:
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
except (OSError, ValueError):
    pass
os.execv(sys.argv[2], sys.argv[2:])
"""
_DEAD: Final = "127.0.0.1"
_DEAD_PORT: Final = "9"  # discard: nothing listens there
_SETTINGS: Final = {
    "/org.openoffice.Office.Common/Security/Scripting": {
        "DisableMacrosExecution": "true",
        "DisableActiveContent": "true",
        "BlockUntrustedRefererLinks": "true",
        "MacroSecurityLevel": "3",
    },
    "/org.openoffice.Office.Writer/Content/Update": {"Link": "0"},
    "/org.openoffice.Office.Impress/Misc": {"UpdateLinks": "false"},
    "/org.openoffice.Inet/Settings": {
        "ooInetProxyType": "1",
        "ooInetNoProxy": "",
        "ooInetHTTPProxyName": _DEAD,
        "ooInetHTTPProxyPort": _DEAD_PORT,
        "ooInetHTTPSProxyName": _DEAD,
        "ooInetHTTPSProxyPort": _DEAD_PORT,
    },
}
_PROXIES: Final = dict.fromkeys(
    ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"), f"http://{_DEAD}:{_DEAD_PORT}"
)


def soffice() -> str:
    """Path of the program; empty where it is not installed."""
    found = (shutil.which(name) for name in _NAMES)
    return next(filter(None, found), None) or next((path for path in _USUAL if Path(path).is_file()), "")


@contextmanager
def converted(path: Path, *, suffix: str, instead: str) -> Iterator[Path]:
    """A file as one of another format, for as long as the context lasts.

    Args:
        path: The file.
        suffix: What it is to become: ``.docx``.
        instead: What people may do where the program is not installed: ``save the file as .docx``.

    Raises:
        DocumentFormatError: The program is not installed, or cannot read the file.
        DocumentTooLargeError: It takes longer than two minutes.
    """
    program, name = soffice(), readable_name(path)
    if not program:
        raise DocumentFormatError(
            f"Files ending in '{path.suffix.lower()}' are read with LibreOffice, which is not installed. "
            f"Install it (https://www.libreoffice.org), or {instead} and index that."
        )
    with TemporaryDirectory(prefix="youju-office-", ignore_cleanup_errors=True) as folder:
        source = Path(folder, "in", f"document{path.suffix.lower()}")  # no name of others on a command line
        source.parent.mkdir()
        shutil.copyfile(path, source)
        profile = _profile(Path(folder))
        output = Path(folder, "out")
        command = [
            *_limit(),
            *(program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--invisible", "--norestore"),
            *("--nologo", "--nodefault", "--nolockcheck", "--convert-to", suffix.removeprefix(".")),
            *("--outdir", str(output), str(source)),
        ]
        said = _run(command, Path(folder), name)
        made = output / f"document{suffix}"
        if not made.is_file():
            raise DocumentFormatError(
                f"{name} could not be read by LibreOffice{f' ({said})' if said else ''}. "
                f"Open it in the program that made it; {instead}."
            )
        yield made


def _limit() -> list[str]:
    return [] if sys.platform == "win32" else [sys.executable, "-S", "-c", _LIMITED, str(MEMORY_BYTES)]


def _profile(folder: Path) -> Path:
    """A profile with the settings that keep a file from doing anything."""
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, settings in _SETTINGS.items()
        for name, value in settings.items()
    )
    user = folder / "profile" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<oor:items xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>',
        encoding="utf-8",
    )
    return folder / "profile"


def _run(command: list[str], folder: Path, name: str) -> str:
    """Run the program to its end, or to that of its time; the last line of what it said."""
    environment = os.environ | _PROXIES | {"HOME": str(folder), "TMPDIR": str(folder), "SAL_USE_VCLPLUGIN": "svp"}
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as running:
        try:
            _, said = running.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired as error:
            raise DocumentTooLargeError(
                f"{name} could not be read in {SECONDS:.0f} seconds. Split it into several files."
            ) from error
        finally:
            _end(running)
    return (said.decode("utf-8", "replace").strip().splitlines() or [""])[-1][:200]


def _end(running: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started: soffice is a script around the program proper."""
    if sys.platform == "win32":
        running.kill()
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(running.pid, signal.SIGKILL)
