"""PDF files for tests, written by hand: a Chinese font that is named and not embedded, as offices' files have it."""

from collections.abc import Iterable, Mapping, Sequence

__all__ = ["lines_drawn", "pdf_of", "pdf_of_streams", "ruled", "shown_at"]

FONT = b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [4 0 R] >>"
GLYPHS = (
    b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /W [1 95 500] "
    b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>"
)
SIZE = 10  # of the letters in a table
INSIDE = 3  # points between the edge of a cell and its text


def pdf_of(pages: Sequence[Sequence[str]], *, trailer: bytes = b"") -> bytes:
    """A file with these lines on its pages."""
    streams = []
    for lines in pages:
        shown = b"".join(b"<%s> Tj T*\n" % _hex(line) for line in lines)
        streams.append(b"BT /F1 16 Tf 90 780 Td 28 TL\n%sET" % shown)
    return pdf_of_streams(streams, trailer=trailer)


def pdf_of_streams(
    streams: Sequence[bytes], *, trailer: bytes = b"", rotate: int = 0, form: bytes = b"", matrix: str = "1 0 0 1 0 0"
) -> bytes:
    """A file whose pages are drawn by these commands.

    Args:
        streams: Of each page.
        trailer: More for the trailer.
        rotate: By how many degrees the pages are shown turned, clockwise.
        form: What the command ``/Fm1 Do`` draws.
        matrix: Of that.
    """
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", FONT, GLYPHS]
    fonts = b"/Font << /F1 3 0 R >>"
    what = b"/Type /XObject /Subtype /Form /BBox [-999 -999 999 999] /Matrix [%s]" % matrix.encode()
    objects.append(b"<< %s /Resources << %s >> /Length %d >>\nstream\n%s\nendstream" % (what, fonts, len(form), form))
    kids = []
    for stream in streams:
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        resources = b"/Resources << %s /XObject << /Fm1 5 0 R >> >> /MediaBox [0 0 595 842]" % fonts
        resources += b" /Rotate %d" % rotate
        objects.append(b"<< /Type /Page /Parent 2 0 R /Contents %d 0 R %s >>" % (len(objects), resources))
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    file, offsets = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return (
        file
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        + b"trailer << /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF" % (size, trailer, len(file))
    )


def shown_at(x: float, y: float, text: str, *, size: float = SIZE) -> bytes:
    """A text whose first letter stands at a point, counted from the lower left corner of the page."""
    return b"BT /F1 %.2f Tf %.2f %.2f Td <%s> Tj ET\n" % (size, x, y, _hex(text))


def lines_drawn(lines: Iterable[tuple[float, float, float, float]]) -> bytes:
    """Lines from point to point."""
    return b"".join(b"%.2f %.2f m %.2f %.2f l S\n" % line for line in lines)


def ruled(
    cells: Sequence[Sequence[str | None]] | Mapping[tuple[int, int, int, int], str],
    *,
    widths: Sequence[float],
    top: float = 700,
    left: float = 60,
    height: float = 20,
) -> bytes:
    """A table, each cell in a rectangle of its own.

    Args:
        cells: Texts row by row, None where nothing stands in a cell; or the text of each cell by its first row, first
            column, and how many rows and columns it covers.
        widths: Of the columns, in points.
        top: Where it begins, from the lower edge of the page.
        left: Where it begins, from the left edge.
        height: Of a row.
    """
    if not isinstance(cells, Mapping):
        rows = enumerate(cells)
        cells = {(row, column, 1, 1): text or "" for row, texts in rows for column, text in enumerate(texts)}
    xs = [left + sum(widths[:n]) for n in range(len(widths) + 1)]
    drawn = b""
    for (row, column, n_rows, n_columns), text in cells.items():
        x, y = xs[column], top - (row + n_rows) * height
        drawn += b"%.2f %.2f %.2f %.2f re S\n" % (x, y, xs[column + n_columns] - x, n_rows * height)
        for number, line in enumerate(text.split("\n")):
            if line:
                drawn += shown_at(x + INSIDE, top - row * height - SIZE - INSIDE - number * (SIZE + 1), line)
    return drawn


def _hex(text: str) -> bytes:
    return text.encode("utf-16-be").hex().encode()
