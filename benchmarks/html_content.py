"""How much of a page's text is kept, and how much of what stands around it: youju beside trafilatura.

    python benchmarks/html_content.py [FOLDER ...]

The pages are made by ``html_pages.py``: 14 layouts in four sizes each, half of them without telling names of classes;
every sentence, cell and item of them is known to be wanted or not. Titles and dates are left out of the count, since
trafilatura hands them on as metadata. Of HTML files in the folders, which nobody has judged, the count of characters is
printed. The layouts were made by who wrote the rules: on pages of others both will do worse.

The peer is installed for this alone: ``pip install trafilatura lxml-html-clean``.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from html_pages import pages

from rag.documents.load.builder import TextBuilder
from rag.documents.load.web.page import write_page


def by_youju(html: str) -> str:
    """The text that the loader makes."""
    builder = TextBuilder("page")
    write_page(html.encode(), builder, name="page")
    return builder.text


def by_trafilatura(html: str) -> str:
    """The text that trafilatura makes, as it comes."""
    peer = importlib.import_module("trafilatura")  # no part of youju, and not declared
    return str(peer.extract(html, include_tables=True, include_comments=False) or "")


def kept(text: str, pieces: Sequence[str]) -> int:
    """Characters of the pieces that stand in a text, white space apart."""
    squeezed = "".join(text.split())
    return sum(len(piece) for piece in ("".join(each.split()) for each in pieces) if piece in squeezed)


def main(folders: Sequence[str]) -> None:
    """Print precision and recall of both, by layout and over all pages."""
    extractors = {"youju": by_youju, "trafilatura": by_trafilatura}
    counts: dict[str, dict[str, list[int]]] = {}
    made = list(pages())
    for layout, page in made:
        for who, extract in extractors.items():
            text = extract(page.html)
            row = counts.setdefault(layout, {}).setdefault(who, [0, 0, 0])
            for column, value in enumerate(
                (kept(text, page.wanted), kept(text, page.unwanted), kept("".join(page.wanted), page.wanted))
            ):
                row[column] += value
    counts["all"] = {who: [sum(each[who][k] for each in counts.values()) for k in range(3)] for who in extractors}
    print(f"{len(made)} pages; precision and recall of kept characters")
    for layout, rows in counts.items():
        told = (f"{who} {a / max(1, a + b):.3f} {a / all_:.3f}" for who, (a, b, all_) in rows.items())
        print(f"{layout:12}", " | ".join(told))
    for path in sorted(each for folder in folders for each in Path(folder).rglob("*.htm*")):
        html = path.read_bytes().decode("utf-8", "replace")
        print(path.name, {who: len("".join(extract(html).split())) for who, extract in extractors.items()})


if __name__ == "__main__":
    main(sys.argv[1:])
