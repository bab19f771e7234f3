"""Files of office programs for tests, written by hand: a zip of the XML parts that a test is about."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

__all__ = ["cell", "chart", "drawn", "frame", "lists", "p", "pptx_of", "slide", "style", "table", "word_of", "zip_of"]

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "r": _OFFICE,
        "v": "urn:schemas-microsoft-com:vml",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    }.items()
)


def zip_of(parts: Mapping[str, str | bytes], *, compress: bool = False) -> bytes:
    """A zip with these members."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part, archive.compression)
    return content.getvalue()


def _root(name: str, inside: str, head: str = "") -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}<{name} {_NAMESPACES}>{inside}</{name}>'


def _relations(targets: Iterable[tuple[str, str, str]]) -> str:
    inside = "".join(f'<Relationship Id="{i}" Type="{_OFFICE}/{kind}" Target="{part}"/>' for i, kind, part in targets)
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inside}</Relationships>'
    )


# ---------------------------------------------------------------- Word


def word_of(
    body: str, *, head: str = "", parts: Mapping[str, str] | None = None, more: Mapping[str, str | bytes] | None = None
) -> bytes:
    """A Word document.

    Args:
        body: The XML of its paragraphs and tables.
        head: What stands before the first element.
        parts: By name (styles, numbering, footnotes, endnotes, header, comments) what such a part holds.
        more: Other members.
    """
    roots = {"header": "hdr"}
    parts = parts or {}
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": _relations([("r1", "officeDocument", "word/document.xml")]),
        "word/document.xml": _root("w:document", f"<w:body>{body}</w:body>", head),
        "word/_rels/document.xml.rels": _relations((name, name, f"{name}.xml") for name in parts),
    }
    members |= {f"word/{name}.xml": _root(f"w:{roots.get(name, name)}", part) for name, part in parts.items()}
    return zip_of(members | dict(more or {}))


def p(text: str = "", *, style: str = "", run: str = "", properties: str = "", mark: str = "") -> str:
    """A paragraph of one run.

    Args:
        text: Its text.
        style: Id of its style.
        run: Properties of the run.
        properties: Further properties of the paragraph.
        mark: Properties of the paragraph's end.
    """
    style = f'<w:pStyle w:val="{style}"/>' if style else ""
    mark = f"<w:rPr>{mark}</w:rPr>" if mark else ""
    run = f"<w:rPr>{run}</w:rPr>" if run else ""
    text = f'<w:r>{run}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>' if text else ""
    return f"<w:p><w:pPr>{style}{properties}{mark}</w:pPr>{text}</w:p>"


def style(
    key: str, name: str, *, based_on: str = "", properties: str = "", run: str = "", default: bool = False
) -> str:
    """A style of paragraphs."""
    based = f'<w:basedOn w:val="{based_on}"/>' if based_on else ""
    first = ' w:default="1"' if default else ""
    return (
        f'<w:style w:type="paragraph" w:styleId="{key}"{first}><w:name w:val="{name}"/>{based}'
        f"<w:pPr>{properties}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )


def lists(*levels: tuple[str, str], extra: str = "", overrides: Mapping[str, str] | None = None) -> str:
    """The part of a document with its lists: list 1, and those that ``overrides`` names, all counting together.

    Args:
        levels: How each level counts, and its template: ``("decimal", "%1.")``.
        extra: What else each level holds.
        overrides: By the id of a list what it overrides.
    """
    inside = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{template}"/>'
        f"{extra}</w:lvl>"
        for n, (kind, template) in enumerate(levels)
    )
    ids = {"1": ""} | dict(overrides or {})
    return f'<w:abstractNum w:abstractNumId="7">{inside}</w:abstractNum>' + "".join(
        f'<w:num w:numId="{key}"><w:abstractNumId w:val="7"/>{override}</w:num>' for key, override in ids.items()
    )


def cell(text: str, *, columns: int = 1, merge: str = "") -> str:
    """A cell: ``merge`` is ``restart`` or ``continue`` where it is merged with others in its column."""
    span = f'<w:gridSpan w:val="{columns}"/>' if columns > 1 else ""
    down = f'<w:vMerge w:val="{merge}"/>' if merge else ""
    return f"<w:tc><w:tcPr>{span}{down}</w:tcPr>{text if text.startswith('<') else p(text)}</w:tc>"


def table(*rows: Iterable[str], n_headers: int = 0) -> str:
    """A table of rows of cells; plain text is a cell of its own."""
    written = ""
    for number, row in enumerate(rows):
        head = "<w:trPr><w:tblHeader/></w:trPr>" if number < n_headers else ""
        written += f"<w:tr>{head}{''.join(one if one.startswith('<w:tc') else cell(one) for one in row)}</w:tr>"
    return f"<w:tbl><w:tblPr/>{written}</w:tbl>"


# ---------------------------------------------------------------- slides


def slide(*shapes: str, hidden: bool = False) -> str:
    """The XML of a slide; plain text is a shape of its own, the first one the title."""
    inside = ""
    for number, shape in enumerate(shapes):
        kind = '<p:ph type="title"/>' if number == 0 else '<p:ph idx="1"/>'
        body = "".join(f"<a:p><a:r><a:t>{escape(line)}</a:t></a:r></a:p>" for line in shape.split("\n"))
        inside += (
            shape
            if shape.startswith("<")
            else f"<p:sp><p:nvSpPr><p:nvPr>{kind}</p:nvPr></p:nvSpPr><p:txBody>{body}</p:txBody></p:sp>"
        )
    shown = ' show="0"' if hidden else ""
    return f"<p:sld {_NAMESPACES}{shown}><p:cSld><p:spTree>{inside}</p:spTree></p:cSld></p:sld>"


def pptx_of(
    *slides: str,
    notes: Mapping[int, str] | None = None,
    charts: Mapping[int, str] | None = None,
    more: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """A presentation of slides; notes and parts of charts by the slide's number."""
    # The parts are named the other way round: the order is that of the list, not of the names.
    files = {number: f"slide{len(slides) - number}.xml" for number in range(1, len(slides) + 1)}
    ids = "".join(f'<p:sldId id="{number}" r:id="s{number}"/>' for number in files)
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": _relations([("r1", "officeDocument", "ppt/presentation.xml")]),
        "ppt/presentation.xml": _root("p:presentation", f"<p:sldIdLst>{ids}</p:sldIdLst>"),
        "ppt/_rels/presentation.xml.rels": _relations(
            (f"s{number}", "slide", f"slides/{file}") for number, file in files.items()
        ),
    }
    for number, file in files.items():
        members[f"ppt/slides/{file}"] = slides[number - 1]
        related = []
        if note := (notes or {}).get(number):
            related.append(("n1", "notesSlide", f"../notesSlides/{file}"))
            shape = frame(note, placeholder='<p:ph type="body" idx="1"/>')
            members[f"ppt/notesSlides/{file}"] = _root("p:notes", f"<p:cSld><p:spTree>{shape}</p:spTree></p:cSld>")
        if part := (charts or {}).get(number):
            related.append(("c1", "chart", f"../charts/{file}"))
            members[f"ppt/charts/{file}"] = part
        members[f"ppt/slides/_rels/{file}.rels"] = _relations(related)
    return zip_of(members | dict(more or {}))


def frame(text: str, *, placeholder: str = "") -> str:
    """A text frame on a slide."""
    return (
        f"<p:sp><p:nvSpPr><p:nvPr>{placeholder}</p:nvPr></p:nvSpPr>"
        f"<p:txBody><a:p><a:r><a:t>{escape(text)}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def drawn(inside: str) -> str:
    """A table or chart on a slide."""
    return f"<p:graphicFrame><a:graphic><a:graphicData>{inside}</a:graphicData></a:graphic></p:graphicFrame>"


def chart(title: str, names: Iterable[str], series: Mapping[str, Iterable[str]]) -> tuple[str, str]:
    """A chart's part, and what shows it."""

    def points(values: Iterable[str]) -> str:
        return "".join(f'<c:pt idx="{n}"><c:v>{value}</c:v></c:pt>' for n, value in enumerate(values))

    names = list(names)
    inside = "".join(
        f"<c:ser><c:tx><c:strRef><c:strCache>{points([name])}</c:strCache></c:strRef></c:tx>"
        f"<c:cat>{points(names)}</c:cat><c:val>{points(values)}</c:val></c:ser>"
        for name, values in series.items()
    )
    head = f"<c:title><a:p><a:r><a:t>{title}</a:t></a:r></a:p></c:title>"
    return _root("c:chartSpace", f"<c:chart>{head}<c:plotArea>{inside}</c:plotArea></c:chart>"), drawn(
        '<c:chart r:id="c1"/>'
    )
