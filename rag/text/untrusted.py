"""Untrusted text where it would be read as something else: Markdown and HTML, a formula of a spreadsheet."""

from __future__ import annotations

from typing import Final

__all__ = ["escape_markdown", "is_like_formula"]

# In full width too, and behind a tab or a line's end: OWASP, "CSV Injection".
_BEGINNINGS: Final = tuple("=+-@\t\r\n＝＋－＠")


def escape_markdown(text: str, *, keep: str = "") -> str:
    r"""Escape what Markdown or HTML would interpret.

    Args:
        text: Untrusted text.
        keep: Characters to leave alone, e.g. ``"[]"`` for markers.

    >>> escape_markdown("<b>*x*</b>")
    '&lt;b&gt;\\*x\\*&lt;/b&gt;'
    """
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join("\\" + ch if ch in "\\`*_{}[]()#+!|~$" and ch not in keep else ch for ch in text)


def is_like_formula(text: str) -> bool:
    """Whether a spreadsheet may take a cell's text for a formula.

    >>> is_like_formula("=1+1"), is_like_formula("  ＠A1"), is_like_formula("1-1")
    (True, True, False)
    """
    return text.startswith(_BEGINNINGS) or text.lstrip().startswith(_BEGINNINGS)
