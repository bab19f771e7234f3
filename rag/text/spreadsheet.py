"""Text that a spreadsheet would take for a formula. Knows nothing of files."""

from __future__ import annotations

from typing import Final

__all__ = ["is_like_formula"]

# In full width too, and behind a tab or a line's end: OWASP, "CSV Injection".
_BEGINNINGS: Final = tuple("=+-@\t\r\n＝＋－＠")


def is_like_formula(text: str) -> bool:
    """Whether a spreadsheet may take a cell's text for a formula.

    >>> is_like_formula("=1+1"), is_like_formula("  ＠A1"), is_like_formula("1-1")
    (True, True, False)
    """
    return text.startswith(_BEGINNINGS) or text.lstrip().startswith(_BEGINNINGS)
