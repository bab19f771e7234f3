"""A reader with made-up weights."""

from tests.support.rag.tiny_reader import tiny

__all__ = ["tiny"]
