"""Passwords and keys as they are stored: hashed, and compared in constant time.

Knows nothing of users or files.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

__all__ = ["MAX_PASSWORD_CHARS", "check_hash", "hash_key", "hash_password", "same_password", "unknown_hash"]

# OWASP Password Storage Cheat Sheet: scrypt with n = 2**17, r = 8, p = 1 at least; 128 MiB while it works.
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**17, 8, 1
MOST_MEMORY, MOST_PARALLEL = 2**29, 16  # what a stored hash may ask for
MAX_PASSWORD_CHARS = 200


def hash_password(password: str) -> str:
    """A password as the file holds it."""
    salt = secrets.token_bytes(16)
    return _written(salt, _scrypt(password, salt, SCRYPT_N, SCRYPT_R, SCRYPT_P))


def unknown_hash() -> str:
    """The hash of a password that nobody knows: as long to compare with as any other."""
    return _written(secrets.token_bytes(16), secrets.token_bytes(32))


def same_password(password: str, hashed: str) -> bool:
    """Whether this is the password that was hashed; one that is too long to be is not."""
    n, r, p, salt, digest = _parameters(hashed)
    same = hmac.compare_digest(_scrypt(password[:MAX_PASSWORD_CHARS], salt, n, r, p), digest)
    return same and len(password) <= MAX_PASSWORD_CHARS


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    # OpenSSL counts a little more than the 128·n·r bytes of RFC 7914.
    secret = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=128 * r * (n + p + 64), dklen=32)


def _parameters(hashed: str) -> tuple[int, int, int, bytes, bytes]:
    """What a hash consists of: n, r, p, salt and digest."""
    match = re.fullmatch(r"scrypt\$([1-9][0-9]{0,9})\$([1-9][0-9]{0,9})\$([1-9][0-9]{0,9})\$([^$]+)\$([^$]+)", hashed)
    if match is None:
        raise ValueError('"password" is no "scrypt$n$r$p$salt$hash"')
    n, r, p = (int(number) for number in match.groups()[:3])
    salt, digest = match.groups()[3:]
    if n < 2 or n & (n - 1) or 128 * r * (n + p + 64) > MOST_MEMORY or p > MOST_PARALLEL:
        raise ValueError(f"scrypt cannot be run with n={n}, r={r}, p={p}")
    return n, r, p, base64.b64decode(salt, validate=True), base64.b64decode(digest, validate=True)


def check_hash(hashed: str) -> None:
    """See whether passwords can be compared with a stored hash.

    Raises:
        ValueError: They cannot.
    """
    _parameters(hashed)


def hash_key(key: str) -> str:
    """A key as the file holds it. It has 256 random bits: one round of a hash is as good as many."""
    return "sha256$" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _written(salt: bytes, digest: bytes) -> str:
    return "$".join(["scrypt", str(SCRYPT_N), str(SCRYPT_R), str(SCRYPT_P), _text(salt), _text(digest)])


def _text(secret: bytes) -> str:
    return base64.b64encode(secret).decode("ascii")
