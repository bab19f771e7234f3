"""Where something stands in the file itself, in words of the page's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.text.words import Lang, Words

if TYPE_CHECKING:
    from rag.schema.documents import Location

__all__ = ["say_location"]

_WORDS = Words(page=("第 {n} 页", "page {n}"), slide=("第 {n} 张幻灯片", "slide {n}"))


def say_location(location: Location, lang: Lang) -> str:
    """Member, sheet and cells, page or slide, outermost first; empty where the file sets nothing apart."""
    on_sheet = "!".join(filter(None, [location.sheet, location.cells]))
    page = "" if location.page is None else _WORDS.say("page", lang, n=location.page)
    slide = "" if location.slide is None else _WORDS.say("slide", lang, n=location.slide)
    return " · ".join(filter(None, [location.member, on_sheet, page, slide]))
