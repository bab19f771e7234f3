"""A request for a place in a document: read, looked up, and answered with what is shown or with why not in words.

What a browser sends is untrusted. Knows nothing of the server or of what is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from rag.errors import DocumentNotFoundError, RagError
from ui.text.words import LANGUAGES, Lang, Words

if TYPE_CHECKING:
    from rag.documents.view import DocumentView

__all__ = ["Asked", "Reply", "ViewOf", "answered"]

ViewOf: TypeAlias = "Callable[[str], DocumentView]"
"""Gives the view of a document; raises :class:`DocumentNotFoundError` where there is none for this user."""
Reply: TypeAlias = tuple[int, dict[str, str]]
"""The HTTP status and what is sent as JSON."""

MAX_DIGITS: Final = 12
_WORDS = Words(
    bad_request=("请求无效：{name}。", "The request is not valid: {name}."),
    unknown=("资料库里没有这份资料，可能已被移除。", "There is no such document; it may have been removed."),
    beyond=(
        "引用的位置超出了这份资料，它可能已经更新。请重新提问。",
        "The cited place lies beyond the document, which may have changed. Ask again.",
    ),
    failed=("原文暂时无法读取，请稍后再试。", "The document cannot be read just now. Try again later."),
)


class Asked(NamedTuple):
    """A place in a document.

    Attributes:
        document: The name of the document.
        start: First raw offset of the cited span.
        end: Raw offset behind it; the same as ``start`` where nothing is cited.
        window: Where the text that is shown begins, if that was asked for.
        lang: Language of the page.
    """

    document: str
    start: int
    end: int
    window: int | None
    lang: Lang


def answered(
    view_of: ViewOf, query_params: Mapping[str, str], show: Callable[[DocumentView, Asked], dict[str, str]]
) -> Reply:
    """Answer a request.

    Args:
        view_of: Looks the document up.
        query_params: As the browser sent them: ``document``, and as the case may be ``start`` with ``end``,
            ``window`` and ``lang``. Untrusted.
        show: What is sent of a document where the request is in order.

    Returns:
        What ``show`` returns, or ``error`` in words.
    """
    wished = query_params.get("lang", "")
    lang: Lang = next((known for known in LANGUAGES if known == wished), "zh")
    asked, wrong = _read(query_params, lang)
    if asked is None:
        return 400, _error("bad_request", lang, name=wrong)
    try:
        view = view_of(asked.document)
        if max(asked.start, asked.end, asked.window or 0) > view.n_chars:
            return 404, _error("beyond", lang)
        return 200, show(view, asked)
    except DocumentNotFoundError:  # its words would name other documents
        return 404, _error("unknown", lang)
    except RagError:
        return 503, _error("failed", lang)


def _read(query_params: Mapping[str, str], lang: Lang) -> tuple[Asked | None, str]:
    """What is asked for; or None, with the names of what is wrong."""
    document, window = query_params.get("document", ""), _number(query_params.get("window", ""))
    start, end = _number(query_params.get("start", "0")), _number(query_params.get("end", "0"))
    wrong = {
        "document": not document,
        "start": start is None or ("end" in query_params and "start" not in query_params),
        "end": end is None or (start is not None and end < start),
        "window": "window" in query_params and window is None,
    }
    names = ", ".join(name for name, is_wrong in wrong.items() if is_wrong)
    if names or start is None or end is None:
        return None, names
    return Asked(document, start, end, window, lang), ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else None


def _error(key: str, lang: Lang, **values: Any) -> dict[str, str]:  # noqa: ANN401 - as Words.say takes them
    return {"error": _WORDS.say(key, lang, **values)}
