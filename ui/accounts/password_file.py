"""The password file: who may log in, and who calls with which key. Nothing in it is readable back.

One JSON object a line, one line a user::

    {"name": "li.hua", "admin": false, "password": "$argon2id$v=19$m=65536,t=3,p=4$<salt>$<hash>",
     "key": "sha256$<hash>"}

``key`` is empty where the user has none. The parameters of a hash stand with it, so that they can be raised later; a
hash of an older kind (scrypt, of youju 0.1) is replaced when its user logs in. The file is read again when it changes,
so that who is removed is out at once. Knows nothing of cookies, pages or requests.
"""

from __future__ import annotations

import binascii
import contextlib
import hmac
import json
import logging
import re
import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import ConfigError, RecordError
from rag.files import write_whole
from rag.schema.records import from_record, to_record
from ui.accounts.hashing import MAX_PASSWORD_CHARS, check_hash, hash_key, hash_password, unknown_hash, verify_password

__all__ = ["KEY_PREFIX", "User", "Users", "add_user", "checked_name", "make_key", "remove_user"]

MIN_PASSWORD_CHARS = 8  # NIST SP 800-63B: eight at least, no rules beyond that
KEY_PREFIX = "youju-"
NAME = re.compile(r"(?!browser-|address-)[a-z0-9][a-z0-9._-]{0,31}")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class User:
    """A line of the file.

    Attributes:
        name: What the user logs in with.
        admin: Whether the user may change what all share.
        password: The hash of the password with its parameters.
        key: The hash of the API key; empty without one.
    """

    name: str
    admin: bool
    password: str
    key: str = ""


class Users:
    """The users of a password file, as it is now. Safe to share between threads."""

    def __init__(self, file: Path) -> None:
        """Read the file.

        Raises:
            ConfigError: It cannot be read, or a line is malformed.
        """
        self.file = file
        self._lock = threading.Lock()
        self._hashing = threading.Lock()  # one at a time: each takes 64 MiB or more
        self._state = _state(file)
        self._users = _read(file)
        # So that an unknown name takes as long as a known one; one with an old hash takes longer at its first login.
        self._nobody = unknown_hash()

    def find(self, name: str) -> User | None:
        """The user of a name; None where there is none any more."""
        return self._current().get(name)

    def listed(self) -> list[User]:
        """All users by name."""
        return sorted(self._current().values(), key=lambda user: user.name)

    def check(self, name: str, password: str) -> User | None:
        """The user whose password this is; None where it is not. A hash of an older kind is replaced on the way."""
        user = self.find(name)
        with self._hashing:
            same, renewed = verify_password(password, user.password if user else self._nobody)
        if user is None or not same:
            return None
        return self._renewed(user, renewed) if renewed else user

    def of_key(self, key: str) -> User | None:
        """The user whose API key this is; None where it is nobody's."""
        hashed = hash_key(key)
        found = None
        for user in self._current().values():  # all of them, so that the time does not tell which
            if user.key and hmac.compare_digest(user.key.encode(), hashed.encode()):
                found = user
        return found

    def _renewed(self, user: User, hashed: str) -> User:
        """Store another hash of a user's password; the user as before where the file cannot be written."""
        try:
            with _changing(self.file) as users:
                if users.get(user.name) != user:  # changed or removed meanwhile
                    return user
                users[user.name] = replace(user, password=hashed)
        except ConfigError as error:
            log.warning("The password of %s keeps its old hash: %s", user.name, error)
        return self.find(user.name) or user

    def _current(self) -> Mapping[str, User]:
        """The users, read again where the file has changed; the last good ones where it cannot be read now."""
        with self._lock:
            state = _state(self.file)
            if state != self._state:
                try:
                    self._users, self._state = _read(self.file), state
                except ConfigError as error:
                    self._state = state
                    log.warning("%s Until then the users before hold.", error)
            return self._users


def add_user(file: Path, name: str, password: str, *, admin: bool = False) -> bool:
    """Add a user, or give one who is there another password and other rights; the key stays.

    Returns:
        Whether the user is new.

    Raises:
        ConfigError: The name or the password does not do, or the file cannot be written.
    """
    name = checked_name(name)
    if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        raise ConfigError(
            f"The password has {len(password)} characters; expected {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS}."
        )
    hashed = hash_password(password)
    with _changing(file, create=True) as users:
        new = name not in users
        users[name] = User(name, admin, hashed, "" if new else users[name].key)
    return new


def remove_user(file: Path, name: str) -> None:
    """Take a user out; sessions and key end with that.

    Raises:
        ConfigError: There is no such user, or the file cannot be written.
    """
    with _changing(file) as users:
        _known(users, name, file)
        del users[name]


def make_key(file: Path, name: str) -> str:
    """Make an API key for a user, in place of the one before.

    Returns:
        The key; it is stored nowhere, only its hash is.

    Raises:
        ConfigError: There is no such user, or the file cannot be written.
    """
    key = KEY_PREFIX + secrets.token_urlsafe(32)
    with _changing(file) as users:
        users[name] = replace(_known(users, name, file), key=hash_key(key))
    return key


def checked_name(name: str) -> str:
    """A name that can stand in the file, in cookies' owners and in logs.

    Raises:
        ConfigError: It cannot.
    """
    if not NAME.fullmatch(name):
        raise ConfigError(
            f"The user name is {name!r}; expected 1 to 32 of a-z, 0-9, dot, hyphen and underscore, "
            'not beginning with a sign, "browser-" or "address-".'
        )
    return name


def _read(file: Path) -> dict[str, User]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise ConfigError(
            f"The password file {file} cannot be read: {why}. Make one: youju users add NAME --file {file}"
        ) from error
    users: dict[str, User] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                user = _user(json.loads(line))
            except (ValueError, RecursionError, ConfigError, RecordError) as error:
                wrong = str(error).rstrip(".")
                raise ConfigError(
                    f"{file}, line {number} is no user: {wrong}. Remove the line and add the user again."
                ) from error
            if user.name in users:
                raise ConfigError(f"{file}, line {number} names {user.name} a second time. Remove one of the lines.")
            users[user.name] = user
    return users


def _user(record: object) -> User:
    if not isinstance(record, dict) or set(record) - {"name", "admin", "password", "key"}:
        raise ValueError('expected {"name": ..., "admin": ..., "password": ..., "key": ...}')
    user = from_record(User, {name: value for name, value in record.items() if value is not None})
    checked_name(user.name)
    if user.key and not re.fullmatch(r"sha256\$[0-9a-f]{64}", user.key):
        raise ValueError('"key" is no "sha256$..."')
    try:
        check_hash(user.password)
    except binascii.Error as error:
        raise ValueError('the salt or hash of "password" is no base64') from error
    return user


@contextlib.contextmanager
def _changing(file: Path, *, create: bool = False) -> Iterator[dict[str, User]]:
    """The users of a file, to be changed; written back whole, readable by its owner alone."""
    try:
        if create:
            file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(file.with_name(f"{file.name}.lock"), timeout=10):
            users = _read(file) if file.exists() or not create else {}
            yield users
            _write(file, users.values())
    except OSError as error:
        reason = "another process is writing it" if isinstance(error, Timeout) else error.strerror
        raise ConfigError(f"The password file {file} cannot be written: {reason}. Name another one: --file") from error


def _write(file: Path, users: Iterable[User]) -> None:
    write_whole(file, "".join(json.dumps(to_record(user), ensure_ascii=False) + "\n" for user in users), mode=0o600)


def _known(users: Mapping[str, User], name: str, file: Path) -> User:
    if name not in users:
        names = ", ".join(sorted(users)) or "nobody"
        raise ConfigError(f"{file} has no user {name!r}. It has: {names}.")
    return users[name]


def _state(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
