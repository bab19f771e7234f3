"""Files of tables, made by code: workbooks of every kind, with what programs write into them and what should not be."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

__all__ = ["cell", "ods_of", "rows_of", "xls_of", "xlsx_of", "zip_of"]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def zip_of(members: Mapping[str, str | bytes], *, packed: bool = True) -> bytes:
    """A zip file of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def cell(address: str, value: object, *, style: int = 0, formula: str | None = None) -> str:
    """A cell as a workbook has it: text inline, numbers and cached values as they are; None is no value."""
    said = f"<f>{escape(formula)}</f>" if formula is not None else ""
    if isinstance(value, str) and formula is None:
        text = escape(value).replace("\f", "_x000C_")
        return f'<c r="{address}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    stored = "" if value is None else f"<v>{escape(str(value))}</v>"
    kind = "str" if isinstance(value, str) else "n"
    return f'<c r="{address}" s="{style}" t="{kind}">{said}{stored}</c>'


def rows_of(*rows: Sequence[object], first: int = 1) -> str:
    """Rows of a sheet; None is an empty cell, a tuple (value, style) a formatted one."""
    out = ""
    for number, row in enumerate(rows, start=first):
        out += f'<row r="{number}">'
        for column, value in enumerate(row):
            plain, style = value if isinstance(value, tuple) else (value, 0)
            if plain is not None:
                out += cell(f"{chr(65 + column)}{number}", plain, style=style)
        out += "</row>"
    return out


def xlsx_of(
    sheets: Mapping[str, str],
    *,
    formats: Sequence[str] = (),
    columns: str = "",
    merged: Sequence[str] = (),
    states: Mapping[str, str] = {},
    date1904: bool = False,
    more: Mapping[str, str | bytes] = {},
    namespace: str = MAIN,
) -> bytes:
    """A workbook of sheets by name, each the XML of its rows; style n has the n-th of the formats, from 1."""
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="r{n}" state="{states.get(name, "visible")}"/>'
        for n, name in enumerate(sheets, start=1)
    )
    related = "".join(
        f'<Relationship Id="r{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n, _ in enumerate(sheets, start=1)
    )
    codes = "".join(f'<numFmt numFmtId="{163 + n}" formatCode={quoteattr(c)}/>' for n, c in enumerate(formats, start=1))
    styles = "".join(f'<xf numFmtId="{163 + n}"/>' for n, _ in enumerate(formats, start=1))
    areas = "".join(f'<mergeCell ref="{area}"/>' for area in merged)
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{RELATIONS}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{namespace}" xmlns:r="{RELATIONS}">'
        f'<workbookPr date1904="{int(date1904)}"/><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{related}'
        f'<Relationship Id="s" Type="{RELATIONS}/styles" Target="/xl/styles.xml"/>'
        f'<Relationship Id="t" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{namespace}"><numFmts>{codes}</numFmts>'
        f'<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>{styles}</cellXfs></styleSheet>',
    }
    for n, rows in enumerate(sheets.values(), start=1):
        parts[f"xl/worksheets/sheet{n}.xml"] = (
            f'<worksheet xmlns="{namespace}"><dimension ref="A1:XFD1048576"/>{columns}'
            f"<sheetData>{rows}</sheetData><mergeCells>{areas}</mergeCells></worksheet>"
        )
    return zip_of({**parts, **more})


def ods_of(sheets: Mapping[str, str], *, styles: str = "", more: Mapping[str, str | bytes] = {}) -> bytes:
    """A workbook of OpenDocument, each sheet the XML of its columns and rows."""
    tables = "".join(
        f'<table:table table:name={quoteattr(name)} table:style-name="{name}">{rows}</table:table>'
        for name, rows in sheets.items()
    )
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    return zip_of(
        {"mimetype": ODS_TYPE, "content.xml": content, "META-INF/manifest.xml": "<manifest/>", **more}, packed=False
    )


def xls_of(
    sheets: Mapping[str, Sequence[Sequence[object]]],
    *,
    formats: Sequence[str] = (),
    merged: Sequence[tuple[int, int, int, int]] = (),
    hidden: Sequence[str] = (),
    hidden_rows: Sequence[int] = (),
    hidden_columns: Sequence[int] = (),
) -> bytes:
    """A workbook of Excel 97, as its bare stream (BIFF8); a tuple (value, style) is a formatted cell.

    Merged areas are first row, last row, first column, last column, from 0 as in the file.
    """
    globals_ = [_record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0))]
    globals_.append(_record(0x0031, struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + _short("Arial")))
    globals_ += [_record(0x041E, struct.pack("<H", 164 + n) + _long(code)) for n, code in enumerate(formats)]
    keys = [0, *range(164, 164 + len(formats))]
    globals_ += [_record(0x00E0, struct.pack("<HHHBBBBIIH", 0, key, 1, 32, 0, 0, 0, 0, 0, 0)) for key in keys]
    bodies = []
    for name, rows in sheets.items():
        body = [_record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0))]
        body += [_record(0x007D, struct.pack("<HHHHHH", c, c, 2000, 0, 1, 0)) for c in hidden_columns]
        body += [_record(0x0208, struct.pack("<HHHHHHI", r, 0, 9, 255, 0, 0, 0x120)) for r in hidden_rows]
        for r, row in enumerate(rows):
            body += [_xls_cell(r, c, value) for c, value in enumerate(row) if value is not None]
        areas = b"".join(struct.pack("<HHHH", *area) for area in merged)
        body += [_record(0x00E5, struct.pack("<H", len(merged)) + areas)] if merged else []
        bodies.append((name, b"".join(body) + _record(0x000A, b"")))
    sizes = sum(len(_record(0x0085, b"\0" * 6 + _short(name))) for name, _ in bodies)
    offset = sum(map(len, globals_)) + sizes + len(_record(0x000A, b""))
    for name, stream in bodies:
        globals_.append(_record(0x0085, struct.pack("<IBB", offset, int(name in hidden), 0) + _short(name)))
        offset += len(stream)
    return b"".join([*globals_, _record(0x000A, b""), *(stream for _, stream in bodies)])


def _xls_cell(row: int, column: int, value: object) -> bytes:
    plain, style = value if isinstance(value, tuple) else (value, 0)
    place = struct.pack("<HHH", row, column, style)
    if isinstance(plain, bool):
        return _record(0x0205, place + struct.pack("<BB", plain, 0))
    if isinstance(plain, int | float):
        return _record(0x0203, place + struct.pack("<d", plain))
    if isinstance(plain, bytes):  # an error by its code
        return _record(0x0205, place + plain + b"\1")
    return _record(0x0204, place + _long(str(plain)))


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _long(text: str) -> bytes:
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def _short(text: str) -> bytes:
    return struct.pack("<BB", len(text), 1) + text.encode("utf-16-le")
