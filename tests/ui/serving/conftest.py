"""Passwords that are quickly compared."""

from tests.support.serving import quick_passwords

__all__ = ["quick_passwords"]
