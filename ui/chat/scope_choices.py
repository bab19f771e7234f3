"""What a question can be restricted to, and what is chosen. Knows nothing of Gradio."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rag.schema.search import Scope
from ui.text.templates import Html, render
from ui.text.words import Words

if TYPE_CHECKING:
    from rag.schema.documents import DocumentInfo
    from ui.text.words import Lang

__all__ = ["FIELDS", "Choices", "choices_of", "chosen_scope", "render_chips", "without"]

FIELDS = ("sources", "years", "places")

_WORDS = Words(
    scope=("只在这些范围内回答", "Answering only within"),
    remove=("去掉 {what}", "Remove {what}"),
    quotes=("只摘原文", "Quotes only"),
)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the documents offer to choose from.

    Attributes:
        sources: (label, name) of each document.
        years: Years that parts of them speak of, latest first.
        places: Places likewise, in order.
    """

    sources: tuple[tuple[str, str], ...] = ()
    years: tuple[int, ...] = ()
    places: tuple[str, ...] = ()


def choices_of(documents: Iterable[DocumentInfo]) -> Choices:
    """Read what can be chosen off the list of documents."""
    listed = list(documents)
    sources = tuple((_label(info), info.source) for info in listed)
    years = sorted({year for info in listed for year in info.years}, reverse=True)
    places = dict.fromkeys(place for info in listed for place in info.places if place)
    return Choices(sources, tuple(years), tuple(places))


def chosen_scope(sources: object, years: object, places: object) -> Scope | None:
    """The restriction that the page's fields hold; what a forged request puts there is dropped, None restricts nothing.

    A value that no document has stays: a scope that matches nothing yields nothing, never everything.
    """
    numbers = frozenset(int(year) for year in _texts(years) if year.isdecimal() and len(year) <= 4)
    scope = Scope(frozenset(_texts(sources)), numbers, frozenset(_texts(places)))
    return scope or None


def without(values: object, value: str) -> list[str]:
    """The chosen values but one."""
    return [each for each in _texts(values) if each != value]


def render_chips(scope: Scope | None, lang: Lang, *, quotes: bool = False, removable: bool = True) -> Html:
    """Render what is in force; nothing where nothing is."""
    chips: list[tuple[str, str]] = []
    if scope:
        fields: Sequence[tuple[str, Iterable[Any]]] = (
            ("sources", sorted(scope.sources)),
            ("years", sorted(scope.years)),
            ("places", sorted(scope.places)),
        )
        chips = [(field, str(value)) for field, values in fields for value in values]
    return render("chat/chips.html", _WORDS, lang, chips=chips, quotes=quotes, removable=removable)


def _label(info: DocumentInfo) -> str:
    titles = "；".join(dict.fromkeys(title for title in info.titles if title))
    return f"{titles}（{info.source}）" if titles else info.source


def _texts(values: object) -> list[str]:
    if not isinstance(values, list | tuple):
        return []
    return [str(value) for value in values if isinstance(value, str | int) and not isinstance(value, bool)]
