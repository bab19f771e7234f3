"""Text that any database, tokenizer or console takes."""

from __future__ import annotations

__all__ = ["whole_text"]


def whole_text(text: str) -> str:
    r"""Put ``?`` for half surrogate pairs: broken files, consoles and file names give them, UTF-8 cannot hold them.

    >>> whole_text("a\ud800b")
    'a?b'
    """
    return text.encode("utf-8", "replace").decode("utf-8")
