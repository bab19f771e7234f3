"""Forbids a process of Python, and those of Python that it starts, to reach another machine, and notes each try.

Python imports this at its start where its folder is on PYTHONPATH. What libraries do in C is not seen; the tests run
such uses under strace where that is there.
"""

import os
import sys
from pathlib import Path

_OWN = {"127.0.0.1", "::1", "localhost", "", None}
_NOTES = Path(os.environ["REQUESTS_FILE"])


def _hear(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"):
        host = arguments[-1][0] if isinstance(arguments[-1], tuple) else None  # a path is a socket of this machine
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = os.fsdecode(arguments[0]) if arguments[0] is not None else None
    else:
        return
    if host not in _OWN:
        with _NOTES.open("a", encoding="utf-8") as notes:
            notes.write(f"{event} {host}\n")
        raise ConnectionRefusedError(f"{event} {host} is forbidden here")


sys.addaudithook(_hear)
