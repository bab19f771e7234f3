"""A browser."""

from tests.support.pages import chromium, open_page

__all__ = ["chromium", "open_page"]
