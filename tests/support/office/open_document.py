"""OpenDocument files for tests, written by hand."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape

from tests.support.office.open_xml import zip_of

__all__ = ["list_style", "odp_of", "odt_of", "op", "page"]

_NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office",
        "text": "text",
        "table": "table",
        "draw": "drawing",
        "style": "style",
        "fo": "xsl-fo-compatible",
        "presentation": "presentation",
    }.items()
)
_KIND = "application/vnd.oasis.opendocument"


def odt_of(body: str, *, styles: str = "", more: Mapping[str, str | bytes] | None = None) -> bytes:
    """A text with these paragraphs, and automatic styles."""
    return _file("text", body, styles, more)


def odp_of(*pages: str, styles: str = "") -> bytes:
    """A presentation with these pages, and automatic styles."""
    return _file("presentation", "".join(pages), styles, None)


def _file(kind: str, body: str, styles: str, more: Mapping[str, str | bytes] | None) -> bytes:
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_NAMESPACES}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    return zip_of({"mimetype": f"{_KIND}.{kind}", "content.xml": content} | dict(more or {}))


def op(text: str, *, style: str = "", level: int = 0) -> str:
    """A paragraph, or a heading where it has a level."""
    named = f' text:style-name="{style}"' if style else ""
    if level:
        return f'<text:h text:outline-level="{level}"{named}>{escape(text)}</text:h>'
    return f"<text:p{named}>{escape(text)}</text:p>"


def list_style(name: str, *levels: tuple[str, str, str], n_shown: int = 1) -> str:
    """A style of lists: of each level its format, and what stands before and behind the number."""
    inside = "".join(
        f'<text:list-level-style-number text:level="{at}" style:num-format="{kind}" style:num-prefix="{before}" '
        f'style:num-suffix="{behind}" text:display-levels="{min(at, n_shown)}"/>'
        for at, (kind, before, behind) in enumerate(levels, start=1)
    )
    return f'<text:list-style style:name="{name}">{inside}</text:list-style>'


def page(title: str, *frames: str, notes: str = "", style: str = "") -> str:
    """A slide; plain text is a frame of its own."""
    inside = f'<draw:frame presentation:class="title"><draw:text-box>{op(title)}</draw:text-box></draw:frame>'
    for frame in frames:
        inside += (
            frame if frame.startswith("<") else f"<draw:frame><draw:text-box>{op(frame)}</draw:text-box></draw:frame>"
        )
    if notes:
        inside += (
            '<presentation:notes><draw:page-thumbnail/><draw:frame presentation:class="notes"><draw:text-box>'
            f"{op(notes)}</draw:text-box></draw:frame></presentation:notes>"
        )
    return f'<draw:page draw:name="p" draw:style-name="{style}">{inside}</draw:page>'
