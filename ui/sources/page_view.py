"""The page that a cited span stands on as a picture, with a box around each of its lines.

The picture comes inside the answer, as a ``data:`` address: no request of its own could be made by somebody who must
not see the document. Where there is no picture it says why. Knows nothing of Gradio or of the server.
"""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from rag.documents.location import Locator
from rag.errors import DocumentNotFoundError, FileChangedError, FileGoneError, FileNotKeptError, RagError
from ui.sources.request import answered
from ui.text.templates import NOTHING, Html, render
from ui.text.words import Lang, Words

if TYPE_CHECKING:
    from rag.documents.view import DocumentView
    from ui.sources.request import Asked, Reply, ViewOf

__all__ = ["ImageOf", "page_of", "page_payload", "render_page"]

ImageOf: TypeAlias = Callable[[str, int], bytes]
"""A document's name and a page of it, from 1 -> a PNG or JPEG file; raises a :class:`RagError` where there is none."""

UNITS: Final = 10_000  # of a page's width and height
MARGIN: Final = 40  # around a line, so that its letters are not touched

_WORDS: Final = Words(
    alt=(
        "第 {n} 页的图像，引用的文字加了框；文字内容见原文。",
        "Picture of page {n} with a box around the cited words, which the text of the document holds.",
    ),
    alt_bare=("第 {n} 页的图像；文字内容见原文。", "Picture of page {n}; its words are in the text of the document."),
    boxed=("第 {n} 页，框内是引用的文字", "Page {n}; the cited words are in the box"),
    goes_on=("第 {n} 页，框内是引用的文字，下一页还有", "Page {n}; the cited words are in the box and go on overleaf"),
    bare=(
        "第 {n} 页；引用的文字在页面上的位置不明",
        "Page {n}; where on it the words stand is not known",
    ),
    member=(
        "这一页在压缩包或附件里，不能显示图像。",
        "The page is inside an archive or an attachment: there is no picture of it.",
    ),
    not_kept=(
        "这份资料是上传的，系统只保留文字，没有页面图像。",
        "The document was uploaded: its text is kept and not its file, so there is no picture of the page.",
    ),
    gone=("原文件已不在原处，不能显示页面图像。", "The file is not there any more: there is no picture of the page."),
    changed=(
        "原文件在收录后改动过，不能显示页面图像。重新收录后即可显示。",
        "The file was changed after it was indexed: there is no picture of the page. Index it again.",
    ),
    failed=("这一页的图像画不出来，请看文字。", "The page could not be drawn. Its text is there to be read."),
)

log = logging.getLogger(__name__)


class Page(NamedTuple):
    """Where a span stands.

    Attributes:
        number: The page that it begins on, from 1.
        in_member: Whether that is a page of a file inside the document's file.
    """

    number: int
    in_member: bool


def page_of(view: DocumentView, start: int, end: int) -> Page | None:
    """The page of its file that a cited span begins on; None where nothing is cited or the file has no pages."""
    place = Locator(view.blocks).location(start, end)
    return None if start == end or place.page is None else Page(place.page, bool(place.member))


def page_payload(view_of: ViewOf, image_of: ImageOf, query_params: Mapping[str, str]) -> Reply:
    """Answer a request for the page of a span.

    Args:
        view_of: Gives the view of a document, as for its text.
        image_of: Draws a page of it, for the same user.
        query_params: As for the text of the document. Untrusted.

    Returns:
        The HTTP status and what to send as JSON: ``html``, which is empty where there are no pages, or ``error``.
    """

    def show(view: DocumentView, asked: Asked) -> dict[str, str]:
        return {"html": render_page(view, image_of, start=asked.start, end=asked.end, lang=asked.lang)}

    return answered(view_of, query_params, show)


def render_page(view: DocumentView, image_of: ImageOf, *, start: int, end: int, lang: Lang) -> Html:
    """Render the page that a span begins on.

    Returns:
        A figure with the picture and a ``rect`` for each line, or a sentence that says why there is none; nothing where
        the document has no pages.

    Raises:
        DocumentNotFoundError: The document was removed meanwhile.
    """
    page = page_of(view, start, end)
    if page is None:
        return NOTHING
    image, why = (b"", "member") if page.in_member else _drawn(image_of, view.source, page.number)
    boxes = Locator(view.blocks, "".join(piece.text for piece in view.pieces)).boxes(start, end)
    values = {
        "why": why,
        "number": page.number,
        "kind": "png" if image.startswith(b"\x89PNG") else "jpeg",
        "image": b64encode(image).decode(),
        "boxes": [_rectangle(*box) for number, box in boxes if number == page.number],
        "goes_on": any(number > page.number for number, _ in boxes),
        "units": UNITS,
    }
    return render("sources/page.html", _WORDS, lang, **values)


def _drawn(image_of: ImageOf, source: str, number: int) -> tuple[bytes, str]:
    """The picture of a page, or why there is none."""
    try:
        return image_of(source, number), ""
    except DocumentNotFoundError:
        raise
    except FileNotKeptError:
        return b"", "not_kept"
    except FileGoneError:
        return b"", "gone"
    except FileChangedError:
        return b"", "changed"
    except RagError as error:
        log.warning("A page could not be drawn: %s", error)
        return b"", "failed"


def _rectangle(left: float, top: float, right: float, bottom: float) -> dict[str, int]:
    """A box on a page of so many units, a little larger than what stands in it."""
    across, down = max(0, round(left * UNITS) - MARGIN), max(0, round(top * UNITS) - MARGIN)
    over, under = min(UNITS, round(right * UNITS) + MARGIN), min(UNITS, round(bottom * UNITS) + MARGIN)
    return {"x": across, "y": down, "width": over - across, "height": under - down}
