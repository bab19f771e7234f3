"""Host, port and prefix under which the page is served."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Serving"]


@dataclass(frozen=True, slots=True)
class Serving:
    """Where and for whom a page is served.

    Attributes:
        host: Address to listen on; anything but this machine's own lets other machines in.
        port: Port to listen on; None takes the first free one from 7860.
        auth: Password file; None where everybody who can reach the page may use it.
        root_path: Where the page stands behind a proxy.
        names: Names that the server goes by besides this machine's own; matters only without a password file.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    auth: Path | None = None
    root_path: str = ""
    names: tuple[str, ...] = ()
