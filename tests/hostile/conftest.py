"""A browser."""

from tests.support.pages import chromium

__all__ = ["chromium"]
