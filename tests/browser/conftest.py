"""A browser, and passwords that are quickly compared."""

from tests.support.pages import chromium, open_page
from tests.support.serving import quick_passwords

__all__ = ["chromium", "open_page", "quick_passwords"]
