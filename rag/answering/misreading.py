"""Figures that the text gives to another thing than the answer says: a neighbour's, or another place's."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.schema.search import Evidence
from rag.text.figures import Figure, figures_missing, find_figures, same_figure, spoken_figures
from rag.text.overlap import character_pairs, share_said
from rag.text.places import place_stem
from rag.text.unicode import HAN

__all__ = ["counted_otherwise", "misread_from"]

# Character pairs by which a neighbouring figure's clause must be closer to the sentence to cast doubt:
# one pair is chance ("线路" in both "31条公交线路" and "5条线路"), two are a word of three characters.
NEIGHBOUR_MARGIN = 2


LEAST_HEAD_NAMED = 0.5


CLAUSE = re.compile(r"[^，,；;。！!？?、：:（）()]+")


_COUNTED = re.compile(rf"(?P<name>[{HAN}]{{4,12}}?)(?=[和与及、，,；;。]|以及|$)")  # "41座<农村危桥>和..."


_GIVEN = re.compile(r"[达为共约有至到]{0,2}")  # between a name and its figure


def misread_from(sentence: str, chosen: Sequence[Evidence], question: str) -> Evidence | None:
    """The citation whose neighbouring figures a sentence has mixed up, if any.

    "B课44节" is said of "A课44节，B课100节": the figure stands in the citation, but next to A; the clause with
    the other figure fits the sentence clearly better. Only figures that the question did not name are
    looked at, and only where they stand in one clause.

    Args:
        sentence: A supported sentence in the citations' own language.
        chosen: What it cites.
        question: The standalone question.
    """
    told = _topic(f"{sentence} {question}", chosen)
    given = {(figure.kind, figure.value) for figure in find_figures(question)}
    for figure in spoken_figures(sentence):
        if (figure.kind, figure.value) not in given:
            for item in chosen:
                if _fits_its_neighbour(figure, item, told, sentence):
                    return item
    return None


def counted_otherwise(sentence: str, chosen: Sequence[Evidence], evidence: Sequence[Evidence]) -> Evidence | None:
    """The sentence that gives another figure to the very thing that a sentence counts, if any.

    "41座农村危桥" is said of "农村危桥65座" and "城市危桥41座", which may stand in two sentences: the name behind the
    figure stands, in the text, beside another one, and nowhere beside this one.

    Args:
        sentence: A sentence in the evidence's own language.
        chosen: What it cites.
        evidence: All that was read; of it only what speaks of the same years and part as a citation is looked at.
    """
    scopes = {(e.source, e.title, e.years) for e in chosen}
    near = [e for e in evidence if (e.source, e.title, e.years) in scopes]
    for figure in spoken_figures(sentence):
        thing = _COUNTED.match(sentence, figure.end + len(figure.unit))
        if thing is None:
            continue
        beside = [(item, other) for item in near for other in _beside(thing["name"], item.text)]
        rivals = [item for item, other in beside if _rivals(figure, other)]
        if rivals and not any(same_figure(figure, other) for _, other in beside):
            return rivals[0]
    return None


def _beside(name: str, text: str) -> list[Figure]:
    """The figures that stand right behind a name in a text, or right before it."""
    found, figures = [], find_figures(text) if name in text else []
    for place in re.finditer(re.escape(name), text):
        behind = place.end() + len(_GIVEN.match(text, place.end())[0])  # type: ignore[index]  # matches nothing, too
        found += [f for f in figures if f.start == behind or f.end + len(f.unit) == place.start()]
    return found


def _fits_its_neighbour(figure: Figure, item: Evidence, told: set[str], sentence: str) -> bool:
    clauses = [(clause, find_figures(clause)) for clause in CLAUSE.findall(item.text)]
    own = [clause for clause, figures in clauses if any(same_figure(figure, other) for other in figures)]
    others = [c for c, figures in clauses if c not in own and any(_rivals(figure, f) for f in figures)]
    # What stands right before a figure tells what it is: named in full, the figure is the right one, though
    # a neighbour's clause may share more ("道路平整合格率90%,优良率20%": the first carries the subject).
    if len(own) != 1 or not others or _head_named(own[0], told) == 1.0:
        return False
    best = max(others, key=lambda clause: len(character_pairs(clause) & told))
    gap = len(character_pairs(best) & told) - len(character_pairs(own[0]) & told)
    if gap >= NEIGHBOUR_MARGIN and not _says_both(sentence, best):
        return True
    named = [clause for clause in others if _head_named(clause, told) == 1.0 and not _says_both(sentence, clause)]
    return bool(named) and _head_named(own[0], told) < LEAST_HEAD_NAMED


def _head_named(clause: str, told: set[str]) -> float:
    """Share of the character pairs right before a clause's first figure that the sentence or question names."""
    figures = find_figures(clause)
    head = re.search(f"[{HAN}]{{0,3}}$", clause[: figures[0].start]) if figures else None
    return share_said(head.group() if head else "", told, empty=0.5)


def _topic(text: str, chosen: Sequence[Evidence]) -> set[str]:
    """What a sentence is about, places left out: they stand in every clause or in none."""
    for place in {place_stem(e.place) for e in chosen if e.place}:
        text = text.replace(place, " ")
    return character_pairs(text)


def _rivals(one: Figure, other: Figure) -> bool:
    """Whether two figures could answer the same question: same kind and unit, another value."""
    return one.kind == other.kind and one.unit == other.unit and one.value != other.value and not other.loose


def _says_both(sentence: str, clause: str) -> bool:
    """Whether a sentence also gives the neighbour's own figures: then it lists them side by side."""
    return not figures_missing(clause, sentence)
