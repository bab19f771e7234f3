"""Untrusted text -> HTML text that does nothing but show.

Everything that comes from a document, a question, a file name or a model goes through these functions, mostly by way of
a template (:mod:`ui.text.templates`), and is never read as HTML or Markdown. Knows nothing of answers or of the page.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from ui.text.invisible import HIDDEN, SURROGATES, seen_text

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["escape", "escape_whole", "exact", "mark_spans", "shown_text"]

MAX_SHOWN_CHARS = 20_000  # longer text is cut on the page, with its length told; nothing the corpus holds comes near


def escape(text: str) -> str:
    r"""Make untrusted text safe as HTML text and as a quoted attribute.

    Controls and characters that reorder or hide text are dropped, line breaks become ``\n``.

    >>> escape('<b onclick="x">\u202e')
    '&lt;b onclick=&quot;x&quot;&gt;'
    """
    return html.escape(shown_text(text), quote=True)


def escape_whole(text: str) -> str:
    """Likewise, of any length: for a document that is shown as it is, not for what a question or a model may send."""
    return html.escape(seen_text(text), quote=True)


def shown_text(text: str) -> str:
    """What is seen of a text where plain text is shown: nothing escaped, but nothing unseen in it and cut likewise."""
    text = seen_text(text)
    return text if len(text) <= MAX_SHOWN_CHARS else text[:MAX_SHOWN_CHARS] + _cut_note(len(text))


def exact(text: str) -> str:
    r"""Make untrusted text safe as a quoted attribute that a script reads back as it is: a name to be asked for.

    What :func:`escape` would drop is written as a reference, so that it is not in the HTML as such either.

    >>> exact('gnp\u202e".txt')
    'gnp&#8238;&quot;.txt'
    """
    return HIDDEN.sub(lambda match: _reference(match[0]), html.escape(SURROGATES.sub("\ufffd", text), quote=True))


def mark_spans(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Escape text and mark spans of it.

    Args:
        text: Untrusted text.
        spans: Half-open spans, in code points of ``text`` as it is before escaping. What lies outside the text is cut
            off, what overlaps becomes one mark, what is empty none.

    >>> mark_spans("a<b>c", [(1, 4)])
    'a<mark>&lt;b&gt;</mark>c'
    """
    shown = min(len(text), MAX_SHOWN_CHARS)
    pieces, behind = [], 0
    for start, end in _merged(spans, shown):
        pieces += [escape(text[behind:start]), f"<mark>{escape(text[start:end])}</mark>"]
        behind = end
    if not pieces:
        return escape(text)
    note = _cut_note(len(text)) if len(text) > shown else ""
    return "".join(pieces) + escape(text[behind:shown]) + note


def _reference(char: str) -> str:
    if char == "\0":  # HTML has none
        return ""
    return char if "\x80" <= char <= "\x9f" else f"&#{ord(char)};"  # of those, browsers would make other signs


def _cut_note(n_chars: int) -> str:
    return f"… ({n_chars:,} 字 characters)"


def _merged(spans: Iterable[tuple[int, int]], n_chars: int) -> list[tuple[int, int]]:
    """The spans inside a text of so many characters, ascending and apart."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted((max(0, start), min(end, n_chars)) for start, end in spans):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
