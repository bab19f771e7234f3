"""What this process did to files and to other machines while a test looked."""

import contextlib
import os
import sys
import sysconfig
from pathlib import Path

_open = []  # the audits that look at the moment
_hooks = []  # ours, once it is there: a hook can never be taken back
_OWN = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "", None}


class Audit:
    """What was done.

    Attributes:
        read: Files opened to be read.
        written: Files opened to be written, made, moved or removed.
        called: Hosts that were looked up or connected to, this machine apart.
    """

    def __init__(self):
        self.read = set()
        self.written = set()
        self.called = set()

    def hear(self, event, arguments):
        if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            path, mode, flags = arguments
            writes = set(mode or "") & set("wax+") if mode else flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            (self.written if writes else self.read).add(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100 - resolve() would itself be heard
        elif event in ("os.remove", "os.mkdir", "os.rmdir", "os.rename", "os.link", "os.symlink"):
            if arguments[-1] in (-1, None):  # else named relative to a folder that is open: a tree is being removed
                named = [os.fsdecode(each) for each in arguments[:2] if isinstance(each, str)]
                self.written |= {os.path.abspath(each) for each in named}  # noqa: PTH100
        elif event == "socket.connect" and isinstance(arguments[1], tuple):
            self.called |= {arguments[1][0]} - _OWN
        elif event == "socket.getaddrinfo":
            self.called |= {arguments[0]} - _OWN

    def written_outside(self, *folders):
        """What was written elsewhere than in these folders, and where Python itself writes."""
        own = [Path(folder).resolve() for folder in (*folders, sysconfig.get_paths()["purelib"], "/dev", "/proc")]
        return sorted(
            path
            for path in self.written
            if "__pycache__" not in path and not any(Path(path).resolve().is_relative_to(each) for each in own)
        )


@contextlib.contextmanager
def audited():
    """Look at what this process does, in all of its threads."""
    if not any(hook is _hear for hook in _hooks):
        _hooks.append(_hear)
        sys.addaudithook(_hear)
    audit = Audit()
    _open.append(audit)
    try:
        yield audit
    finally:
        _open.remove(audit)


def _hear(event, arguments):
    for audit in _open:
        audit.hear(event, arguments)
