"""Charts and diagrams inside documents and slides: the figures that a chart is drawn from, the words of a diagram.

A file keeps beside each chart the values that it showed last; these are read. The workbook behind them is not.

Source: ECMA-376-1:2016, 21.2 (charts), 21.4 (diagrams).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rag.documents.load.grid import Cell, Grid
from rag.documents.load.office.package import tag

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["chart_grid", "diagram_lines"]

MOST_POINTS: Final = 4000
"""Of a series; a workbook's column has a million rows, a chart that people read some dozens."""


def chart_grid(root: _Element) -> Grid:
    """A chart as a table: a row for each point, a column for each series."""
    series = [_series(each) for each in root.iter(tag("c:ser"))]
    title = "".join(each.text or "" for each in root.iterfind(f".//{tag('c:title')}//{tag('a:t')}"))
    names: dict[int, str] = {}
    for _, points, _ in series:
        names = {**points, **names}
    rows: list[list[Cell | None]] = []
    if title:
        rows.append([Cell(title, n_columns=len(series) + 1), *[None] * len(series)])
    if any(name for name, _, _ in series):
        rows.append([None, *(Cell(name, is_header=True) if name else None for name, _, _ in series)])
    for point in sorted({at for _, points, values in series for at in (*points, *values)}):
        figures = (values.get(point, "") for _, _, values in series)
        name = names.get(point, "")
        rows.append([Cell(name) if name else None, *(Cell(one) if one else None for one in figures)])
    return Grid(rows)


def diagram_lines(root: _Element) -> Iterator[str]:
    """The words of a diagram, a line for each of its shapes, in the order of the file."""
    for point in root.iter(tag("dgm:pt")):
        paragraphs = point.iter(tag("a:p"))
        yield " ".join(filter(None, ("".join(t.text or "" for t in one.iter(tag("a:t"))) for one in paragraphs)))


def _series(element: _Element) -> tuple[str, dict[int, str], dict[int, str]]:
    """Name of a series, names of its points and their values."""
    name = " ".join(_points(element.find(tag("c:tx"))).values())
    categories = element.find(tag("c:cat")) if element.find(tag("c:cat")) is not None else element.find(tag("c:xVal"))
    values = element.find(tag("c:val")) if element.find(tag("c:val")) is not None else element.find(tag("c:yVal"))
    return name, _points(categories), _points(values)


def _points(owner: _Element | None) -> dict[int, str]:
    """Cached values by their number; of names on several levels the first one."""
    found: dict[int, str] = {}
    for point in owner.iter(tag("c:pt")) if owner is not None else ():
        at, value = point.get("idx", ""), point.findtext(tag("c:v"))
        if at.isdecimal() and int(at) < MOST_POINTS and value:
            found.setdefault(int(at), _shown(value))
    if owner is not None and not found and (own := owner.findtext(tag("c:v"))):
        found[0] = own
    return found


def _shown(value: str) -> str:
    """A figure as a reader of the chart would say it: 0.30000000000000004 was 0.3."""
    try:
        return f"{float(value):.15g}" if len(value) > 15 and "." in value else value
    except ValueError:
        return value
