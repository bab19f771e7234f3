"""Who is logged in: sessions by their tokens, and the tries of those who are not.

A session is a random token in a cookie; only its hash is kept, in memory, so that a restart ends all sessions and a
copy of the memory gives none away. Does not read the password file: see :mod:`ui.accounts.password_file`. Knows nothing
of requests.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from ui.accounts.password_file import User, Users
from ui.accounts.throttle import Throttle

__all__ = ["SESSION_SECONDS", "Logins"]

SESSION_SECONDS = 7 * 24 * 3600
MOST_SESSIONS = 10_000


@dataclass(frozen=True, slots=True)
class _Session:
    user: User  # as the file had it at the login: another password ends the session
    until: float


class Logins:
    """Who has logged in. Safe to share between threads.

    Attributes:
        users: The password file.
    """

    def __init__(self, users: Users, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.users = users
        self._clock = clock
        self._sessions: dict[str, _Session] = {}
        self._lock = threading.Lock()
        # A name waits a minute at most, so that nobody can lock somebody else out; an address waits longer.
        self._by_name = Throttle(n_free=3, most_seconds=60, clock=clock)
        self._by_address = Throttle(n_free=10, most_seconds=900, clock=clock)

    def log_in(self, name: str, password: str, *, address: str) -> str | float:
        """Try a password.

        Returns:
            The token of a new session; or the seconds until the next try: 0 where the password was wrong.
        """
        wait = self._by_address.begin(address) or self._by_name.begin(name)
        if wait:
            return wait
        user = self.users.check(name, password)
        if user is None:
            return 0.0
        self._by_name.succeed(name)
        self._by_address.succeed(address)
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            self._sessions = {key: each for key, each in self._sessions.items() if each.until > now}
            while len(self._sessions) >= MOST_SESSIONS:
                self._sessions.pop(next(iter(self._sessions)))
            self._sessions[_hashed(token)] = _Session(user, now + SESSION_SECONDS)
        return token

    def user_of(self, token: str) -> User | None:
        """The user of a session; None where it has ended or never was."""
        with self._lock:
            session = self._sessions.get(_hashed(token)) if token else None
        if session is None or session.until <= self._clock():
            return None
        user = self.users.find(session.user.name)
        return user if user is not None and user.password == session.user.password else None

    def log_out(self, token: str) -> None:
        """End a session."""
        with self._lock:
            self._sessions.pop(_hashed(token), None)

    @staticmethod
    def login_url(root: str, asked: str) -> str:
        """Where to log in, to come back to what was asked for."""
        return f"{root}/login?next={quote(asked, safe='')}"


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
