"""Files of pages without writing: fonts that say wrong characters, and pictures of text. All in Latin letters."""

import io
import string
from collections.abc import Collection, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

__all__ = ["chinese_font", "drawn", "pdf_with_layers", "picture_of", "scanned_pdf"]

_LETTERS = string.ascii_letters + string.digits + "., "
_WRONG = _LETTERS[17:] + _LETTERS[:17]
_CHINESE = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/Songti.ttc",
    "C:/Windows/Fonts/simsun.ttc",
)


def _to_unicode(characters: str) -> bytes:
    """A table that says another character for each, as ISO 32000-1, 9.10.3 has it."""
    lines = b"".join(b"<%02x> <%04x>\n" % (ord(a), ord(b)) for a, b in zip(_LETTERS, characters, strict=True))
    return (
        b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n1 begincodespacerange\n<00> <FF>\n"
        b"endcodespacerange\n%d beginbfchar\n%sendbfchar\nendcmap\nend\nend" % (len(_LETTERS), lines)
    )


def pdf_with_layers(
    pages: Sequence[Sequence[str]], *, wrong: Collection[int] = (), lost: Collection[int] = ()
) -> bytes:
    """A file with these lines on its pages.

    Args:
        pages: Lines of each.
        wrong: Pages, from 1, whose font says other characters than it shows.
        lost: Pages whose font says a private character for each.
    """
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding%s >>"
    table = b"<< /Length %d >>\nstream\n%s\nendstream"
    private = "".join(chr(0xE000 + n) for n in range(len(_LETTERS)))
    wrong_map, lost_map = _to_unicode(_WRONG), _to_unicode(private)
    objects = [
        *(b"<< /Type /Catalog /Pages 2 0 R >>", b"", font % b"", font % b" /ToUnicode 6 0 R"),
        *(font % b" /ToUnicode 7 0 R", table % (len(wrong_map), wrong_map), table % (len(lost_map), lost_map)),
    ]
    kids = []
    for number, lines in enumerate(pages, start=1):
        used = 4 if number in wrong else 5 if number in lost else 3
        shown = b"".join(b"(%s) Tj T*\n" % line.encode("ascii") for line in lines)
        stream = b"BT /F1 16 Tf 72 760 Td 28 TL\n%sET" % shown
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        resources = b"/Resources << /Font << /F1 %d 0 R >> >> /MediaBox [0 0 595 842]" % used
        objects.append(b"<< /Type /Page /Parent 2 0 R /Contents %d 0 R %s >>" % (len(objects), resources))
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    file, offsets = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    trailer = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (size, len(file))
    return file + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table) + trailer


def chinese_font() -> str:
    """A file of a Chinese font on this machine; empty where none is known."""
    return next((font for font in _CHINESE if Path(font).is_file()), "")


def drawn(
    lines: Sequence[str], *, size: tuple[int, int] = (1240, 800), points: int = 36, font: str = ""
) -> Image.Image:
    """A picture of lines of text; Latin without a font."""
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        letters = ImageFont.truetype(font, points) if font else ImageFont.load_default(points)
        pen.text((100, 100 + 2 * points * number), line, font=letters, fill="black")
    return picture


def picture_of(*pages: Sequence[str], kind: str = "PNG", font: str = "") -> bytes:
    """A picture file; with several pages a TIFF file."""
    first, *others = [drawn(lines, font=font) for lines in pages]
    out = io.BytesIO()
    first.save(out, kind, **({"save_all": True, "append_images": others} if others else {}))
    return out.getvalue()


def scanned_pdf(*pages: Sequence[str]) -> bytes:
    """A PDF file whose pages are pictures."""
    first, *others = [drawn(lines) for lines in pages]
    out = io.BytesIO()
    first.save(out, "PDF", resolution=150, save_all=True, append_images=others)
    return out.getvalue()
