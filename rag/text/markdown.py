"""Untrusted text -> text that Markdown and HTML leave as it is."""

from __future__ import annotations

__all__ = ["escape_markdown"]


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
