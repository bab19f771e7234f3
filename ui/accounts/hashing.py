"""Passwords and keys as they are stored: hashed, and compared in constant time.

pwdlib hashes passwords with argon2id (RFC 9106). Files of youju 0.1 hold scrypt hashes: these are still compared, and
:func:`verify_password` gives a new hash for them, to be stored at the next login. Knows nothing of users or files.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from functools import cache
from typing import Final

from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError
from pwdlib import PasswordHash
from pwdlib.hashers import HasherProtocol
from pwdlib.hashers.argon2 import Argon2Hasher

__all__ = ["MAX_PASSWORD_CHARS", "check_hash", "hash_key", "hash_password", "unknown_hash", "verify_password"]

MAX_PASSWORD_CHARS: Final = 200
MAX_HASH_BYTES, MAX_HASH_ROUNDS, MAX_HASH_LANES = 2**29, 100, 16  # what a stored hash may ask of this machine


class _Scrypt(HasherProtocol):
    """Hashes of youju 0.1: ``scrypt$n$r$p$salt$digest``, the last two in base64. Only compared, never made."""

    @classmethod
    def identify(cls, hash: str | bytes) -> bool:  # noqa: A002 - pwdlib's name
        return str(hash).startswith("scrypt$")

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        raise NotImplementedError("New passwords are hashed with argon2.")

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002
        n, r, p, salt, digest = self.parameters(str(hash))
        secret = password if isinstance(password, bytes) else password.encode()
        found = hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=_scrypt_bytes(n, r, p), dklen=32)
        return hmac.compare_digest(found, digest)

    def check_needs_rehash(self, hash: str | bytes) -> bool:  # noqa: A002, ARG002
        return True

    @staticmethod
    def parameters(hashed: str) -> tuple[int, int, int, bytes, bytes]:
        """What a hash consists of: n, r, p, salt and digest.

        Raises:
            ValueError: It is malformed, or asks for more than this machine gives.
        """
        number = "([1-9][0-9]{0,9})"
        match = re.fullmatch(rf"scrypt\${number}\${number}\${number}\$([^$]+)\$([^$]+)", hashed)
        if match is None:
            raise ValueError('"password" is no "scrypt$n$r$p$salt$hash"')
        n, r, p = (int(each) for each in match.groups()[:3])
        salt, digest = match.groups()[3:]
        if n < 2 or n & (n - 1) or _scrypt_bytes(n, r, p) > MAX_HASH_BYTES or p > MAX_HASH_LANES:
            raise ValueError(f"scrypt cannot be run with n={n}, r={r}, p={p}")
        return n, r, p, base64.b64decode(salt, validate=True), base64.b64decode(digest, validate=True)


# 64 MiB, 3 rounds, 4 lanes: the second choice of RFC 9106, section 4, and argon2-cffi's own; 50 ms on a desktop.
_HASHERS: Final = PasswordHash((Argon2Hasher(), _Scrypt()))


def hash_password(password: str) -> str:
    """A password as the file holds it."""
    return _HASHERS.hash(_bytes(password))


@cache
def unknown_hash() -> str:
    """The hash of a password that nobody knows, one for this process: to compare with it takes as long as with any."""
    return hash_password(secrets.token_urlsafe(32))


def verify_password(password: str, hashed: str) -> tuple[bool, str | None]:
    """Compare a password with a hash.

    Args:
        password: What was typed; a longer one than :data:`MAX_PASSWORD_CHARS` is never right.
        hashed: The stored hash, which :func:`check_hash` has seen.

    Returns:
        Whether it is the password, and the hash to store instead where this one is of an older kind.
    """
    same, renewed = _HASHERS.verify_and_update(_bytes(password[:MAX_PASSWORD_CHARS]), hashed)
    return (same, renewed) if len(password) <= MAX_PASSWORD_CHARS else (False, None)


def check_hash(hashed: str) -> None:
    """Check that passwords can be compared with a stored hash.

    Raises:
        ValueError: They cannot.
    """
    if hashed.startswith("scrypt$"):
        _Scrypt.parameters(hashed)
        return
    try:
        found = extract_parameters(hashed)
    except InvalidHashError as error:
        raise ValueError('"password" is no hash of argon2 or scrypt') from error
    if found.memory_cost * 1024 > MAX_HASH_BYTES or found.time_cost > MAX_HASH_ROUNDS:
        raise ValueError(f"argon2 cannot be run with m={found.memory_cost}, t={found.time_cost}")
    if found.parallelism > MAX_HASH_LANES:
        raise ValueError(f"argon2 cannot be run with p={found.parallelism}")


def hash_key(key: str) -> str:
    """A key as the file holds it. It has 256 random bits: one round of a hash is as good as many."""
    return "sha256$" + hashlib.sha256(_bytes(key)).hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _scrypt_bytes(n: int, r: int, p: int) -> int:
    """Memory that scrypt takes: OpenSSL counts a little more than the 128·n·r bytes of RFC 7914."""
    return 128 * r * (n + p + 64)
