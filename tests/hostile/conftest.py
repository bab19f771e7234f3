"""A browser, and passwords that are quickly compared."""

from tests.support.pages import chromium
from tests.support.serving import quick_passwords

__all__ = ["chromium", "quick_passwords"]
