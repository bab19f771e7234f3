"""Elements of a page: which are blocks, what they say, which tables are tables. Judges nothing of what is text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = [
    "BLOCKS",
    "HEADINGS",
    "WRAPPERS",
    "is_data_table",
    "is_leaf",
    "leaves",
    "n_chars",
    "plain_text",
    "remove",
]

HEADINGS: Final = frozenset("h1 h2 h3 h4 h5 h6".split())
WRAPPERS: Final = frozenset(
    "html body div section article main center form fieldset table tbody tr td details header figure blockquote".split()
)
BLOCKS: Final = (
    WRAPPERS
    | HEADINGS
    | frozenset(
        "p ul ol li dl dt dd pre hr address aside footer nav thead tfoot th caption figcaption summary legend".split()
    )
)
_CELL_CHARS: Final = 200


def n_chars(text: str | None) -> int:
    """Characters of a text that are no white space."""
    return len("".join(text.split())) if text else 0


def plain_text(element: HtmlElement) -> str:
    """All text in an element, white space made single spaces."""
    return " ".join("".join(element.itertext()).split())


def leaves(element: HtmlElement) -> Iterator[str]:
    """Texts of the innermost blocks."""
    inner = [child for child in element.iterdescendants() if child.tag in BLOCKS]
    for each in [element, *inner]:
        if not any(child.tag in BLOCKS for child in each.iterdescendants()):
            yield plain_text(each)


def is_leaf(element: HtmlElement) -> bool:
    """Whether an element is a block that holds no other block."""
    return element.tag in BLOCKS and not any(child.tag in BLOCKS for child in element)


def is_data_table(table: HtmlElement) -> bool:
    """Whether a table has cells that belong together by row and column, and no pieces of a page in them."""
    if table.get("role") == "presentation" or table.find(".//table") is not None:
        return False
    rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
    full = [row for row in rows if sum(1 for cell in row if n_chars(plain_text(cell))) > 1]
    if not full:
        return False
    if any(cell.tag == "th" for row in rows for cell in row) or table.find("caption") is not None:
        return True
    cells = [plain_text(cell) for row in full for cell in row]
    return len(full) > 1 and 2 * sum(len(cell) <= _CELL_CHARS for cell in cells) > len(cells)


def remove(element: HtmlElement) -> None:
    """Take an element out of its tree; the text behind it stays."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        previous = element.getprevious()
        if previous is not None:
            previous.tail = (previous.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)
