"""The source view: a document with its outline, the cited span marked, and what a request for it is answered with.

A long document is shown one window at a time, its outline always. Everything that comes from the document or the
request is untrusted: the template escapes it. Knows nothing of Gradio or of the server.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from rag.documents.location import Locator
from ui.sources.grid_view import grids_of, render_grid
from ui.sources.page_view import page_of
from ui.sources.request import answered
from ui.sources.text_view import MARK_ID, render_pieces
from ui.text.escape import shown_text
from ui.text.locations import say_location
from ui.text.templates import NOTHING, Html, render
from ui.text.words import Lang, Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rag.documents.view import DocumentView
    from ui.sources.request import Asked, Reply, ViewOf

__all__ = ["MAX_OUTLINE", "WINDOW_CHARS", "render_source", "source_payload", "window_of"]

WINDOW_CHARS: Final = 100_000  # more than most reports have, and laid out in a tenth of a second
# Of a document with sheets: a few hundred rows, and no more cells than are quickly laid out.
GRID_CHARS: Final = 20_000
MAX_OUTLINE: Final = 3_000
SNAP_CHARS: Final = 2_000  # a window begins at a line, where one begins so near

_WORDS = Words(
    size=("{n} 字", "{n} characters"),
    page=("第 {n} 页，共 {of} 页", "page {n} of {of}"),
    slide=("第 {n} 张幻灯片", "slide {n}"),
    left_out=("读取说明（{n}）", "Notes on reading ({n})"),
    outline=("目录", "Outline"),
    outline_cut=("目录太长，只列出前 {n} 项。", "The outline is long: its first {n} lines are listed."),
    no_outline=("这份资料没有可识别的标题。", "No headings were recognised in this document."),
    text=("原文", "Text of the document"),
    earlier=("↑ 前面的内容（第 {first}–{last} 字）", "↑ Earlier (characters {first}–{last})"),
    later=("↓ 后面的内容（第 {first}–{last} 字）", "↓ Later (characters {first}–{last})"),
    picture=("这一页的图像", "Picture of the page"),
    drawing=("正在画出这一页…", "Drawing the page…"),
    not_drawn=("图像没有载入，请检查与服务器的连接。", "The picture did not load. Check the connection to the server."),
    elsewhere=("引用的原文不在这一段里。", "The cited place is not in this stretch."),
    back=("回到引用处", "Back to the cited place"),
    noise=(
        "底纹标出的是整理时去掉的文字（网页导航、翻页标记等），引用和检索不含它们。",
        "Shaded text was removed when the document was cleaned (page furniture and the like); no quote holds it.",
    ),
)


def render_source(view: DocumentView, *, start: int, end: int, lang: Lang, window_start: int | None = None) -> Html:
    """Render a document around a span of it.

    Args:
        view: The document.
        start: First raw offset of the cited span.
        end: Raw offset behind it; the same as ``start`` where nothing is cited.
        lang: Language of the page.
        window_start: Where the window begins, of a document that is too long to be shown whole; by default it lies
            around the span.

    Returns:
        A header, the outline and the text. The span is marked by ``mark.yj-source-mark`` elements, the
        first of which is ``#yj-source-mark``.
    """
    first, last = window_of(view, start, end, window_start)
    values = {
        **_head(view, start, end, lang),
        **_outline(view, start),
        "first": first,
        "last": last,
        "elsewhere": start < end and not (start < last and first < end),
        # It overlaps a little: a window that begins earlier, at a line, ends earlier too.
        "earlier": _neighbour(view, max(0, first - _room(view) + SNAP_CHARS)) if first else None,
        "text": _text(view, first, last, (start, end), lang),
        "later": _neighbour(view, last) if last < view.n_chars else None,
        "picture": (start, end) if page_of(view, start, end) else None,
    }
    return render("sources/document.html", _WORDS, lang, **values)


def window_of(view: DocumentView, start: int, end: int, window_start: int | None = None) -> tuple[int, int]:
    """The stretch of a document that is shown: all of it, or a window that holds the span, with some text before it."""
    room = _room(view)
    if view.n_chars <= room:
        return 0, view.n_chars
    wished = window_start
    if wished is None:
        wished = start - max(SNAP_CHARS, (room - (end - start)) // 2)
    first = max(0, min(wished, view.n_chars - 1 if window_start is not None else view.n_chars - room))
    return _line_start(view, first), min(view.n_chars, first + room)


def source_payload(view_of: ViewOf, query_params: Mapping[str, str]) -> Reply:
    """Answer a request for a document.

    Args:
        view_of: Gives the view of a document; raises :class:`DocumentNotFoundError` for one that is not there or that
            this user must not see.
        query_params: As the browser sent them. Untrusted.

    Returns:
        The HTTP status and what to send as JSON: ``html`` and ``title``, or ``error`` in words.
    """

    def show(view: DocumentView, asked: Asked) -> dict[str, str]:
        html = render_source(view, start=asked.start, end=asked.end, lang=asked.lang, window_start=asked.window)
        return {"html": html, "title": shown_text(_title(view, asked.start))}

    return answered(view_of, query_params, show)


def _room(view: DocumentView) -> int:
    """How long a window is."""
    return GRID_CHARS if any(block.kind == "cell" for block in view.blocks) else WINDOW_CHARS


def _text(view: DocumentView, first: int, last: int, cited: tuple[int, int], lang: Lang) -> Html:
    """The text, its sheets as grids."""
    dividers = _dividers(view, lang)
    shown: list[Html] = []
    at, marked = first, False
    for sheet in grids_of(view, first, last):
        shown.append(render_pieces(view, at, max(at, sheet.start), cited=cited, dividers=dividers))
        marked |= at < sheet.start and cited[0] < sheet.start
        if first <= sheet.start in dividers:
            shown.append(render("sources/divider.html", _WORDS, lang, divider=dividers[sheet.start]))
        mark_id = "" if marked else MARK_ID
        shown.append(render_grid(view, sheet, first, last, cited=cited, mark_id=mark_id, lang=lang))
        at, marked = min(last, sheet.end), marked or cited[0] < sheet.end
    shown.append(render_pieces(view, at, last, cited=cited, dividers=dividers))
    return NOTHING.join(shown)


def _dividers(view: DocumentView, lang: Lang) -> dict[int, str]:
    """What begins where in the original: pages by their numbers, slides, members by their paths."""
    dividers = {at + 1: str(number) for number, at in enumerate(view.page_breaks, start=2)}
    for block in view.blocks:
        if block.kind in ("slide", "member"):
            words = block.name if block.kind == "member" else _WORDS.say("slide", lang, n=block.number)
            before = dividers.get(block.start, "")
            dividers[block.start] = f"{before} · {words}" if before else words
    return dividers


def _title(view: DocumentView, offset: int) -> str:
    part = view.part_at(offset)
    return (part.title if part else "") or view.source


def _head(view: DocumentView, offset: int, end: int, lang: Lang) -> dict[str, object]:
    """Title, facts, and the headings that the cited span stands under."""
    part = view.part_at(offset)
    facts = [_WORDS.say("size", lang, n=f"{view.n_chars:,}")]
    inside = say_location(replace(Locator(view.blocks).location(offset, end), page=None), lang)
    if inside and offset < end:
        facts.insert(0, inside)
    if (page := view.page_at(offset)) is not None:
        facts.insert(0, _WORDS.say("page", lang, n=page, of=len(view.page_breaks) + 1))
    if part:
        facts = [part.issuer, part.place, "、".join(map(str, part.years)), part.date, *facts]
    title = _title(view, offset)
    path = [view.outline[at].title for at in view.path_at(offset)]
    return {
        "title": title,
        "source": view.source,
        "facts": [fact for fact in dict.fromkeys(facts) if fact],
        "notes": view.notes,
        "path": [name for name in path if name != title],
    }


def _outline(view: DocumentView, offset: int) -> dict[str, object]:
    """The outline as nested lists; what the span stands under is the current one."""
    here = view.path_at(offset)[-1:]
    rows, depth = [], 0
    for position, item in enumerate(view.outline[:MAX_OUTLINE]):
        level = min(item.level, depth + 1)  # a list can only open inside an item
        rows.append(
            {
                "opens": level > depth,
                "n_closed": max(0, depth - level),
                "start": item.start,
                "current": position in here,
                "title": item.title,
            }
        )
        depth = level
    cut = f"{MAX_OUTLINE:,}" if len(view.outline) > MAX_OUTLINE else ""
    return {"outline": rows, "outline_depth": depth, "outline_cut": cut}


def _neighbour(view: DocumentView, asked: int) -> dict[str, object]:
    """A window beside the one that is shown: what to ask for, and the characters that it holds."""
    first, last = window_of(view, 0, 0, asked)
    return {"asked": asked, "first": f"{first + 1:,}", "last": f"{last:,}"}


def _line_start(view: DocumentView, offset: int) -> int:
    """The beginning of the line that an offset stands in, or the offset where that is far."""
    before = "".join(piece.text for piece in view.between(max(0, offset - SNAP_CHARS), offset))
    return offset - len(before) + before.rindex("\n") + 1 if "\n" in before else offset
