"""Does the evidence support a sentence? Checks by rule, each with its reason. Calls no model.

Checked: figures stand in the citation; the wording, and what is new beside the question, stands there;
no place comes from nowhere; a year that is named belongs to the cited section (``why_unsupported``). And
a figure stands next to what it is said of, not next to its neighbour (``misread_from``, ``counted_otherwise``).

Not covered: negation ("did X" for "plans X"), and figures whose clause and its neighbour share as much
with the sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.schema.answers import Problem, Withheld
from rag.schema.search import Evidence
from rag.text.figures import SPOKEN_KINDS, Figure, figures_missing, find_figures, spoken_figures
from rag.text.language import detect_language
from rag.text.overlap import character_pairs, share_said
from rag.text.places import place_key, place_names
from rag.text.words import content_words, simplify
from rag.text.years import find_years, strip_plain_years

__all__ = ["is_foreign", "speaks_in_figures", "unfounded_figures", "why_unsupported"]

# A sentence must share this much of its wording with what it cites and the question; of the words that
# it adds to the question, half must stand there: "the director is called X" invents only the name.
LEAST_OVERLAP = 0.3


MOST_COUNTED = 10  # "哪三方面", "the five pilots"


FUNCTION_CHARS = frozenset("的了是为有在和与及要将共已达至到约由对把被让使其这那各等也都还并又才就会能可")


def why_unsupported(sentence: str, chosen: Sequence[Evidence], question: str) -> Withheld | None:
    """Say why citations do not support a sentence.

    Args:
        sentence: A sentence of the reply, without markers.
        chosen: What it would cite.
        question: The standalone question.

    Returns:
        The problem; None where they do support it.
    """
    if not chosen:
        return Withheld(Problem.NOTHING_CITED)
    if unfounded := unfounded_figures(sentence, chosen, question):
        return Withheld(Problem.FIGURE, tuple(unfounded))
    if years := _foreign_years(sentence, chosen):
        return Withheld(Problem.YEAR, tuple(map(str, years)))
    # Wording cannot be compared across scripts.
    worded = is_foreign(sentence, chosen) or _is_worded(sentence, chosen, question)
    return None if worded else Withheld(Problem.WORDING)


def is_foreign(sentence: str, evidence: Sequence[Evidence]) -> bool:
    """Whether a sentence is in another language than the evidence."""
    return bool(evidence) and detect_language(sentence) != detect_language(evidence[0].text)


def speaks_in_figures(sentence: str) -> bool:
    """Whether a sentence has a quantity that can be compared, in whatever language it is written."""
    return bool(spoken_figures(strip_plain_years(sentence)))


def unfounded_figures(sentence: str, chosen: Sequence[Evidence], question: str) -> list[str]:
    """Figures of a sentence that stand neither in its citations nor in what frames them.

    A year or an ordinal of a heading ("二、2020年工作计划") holds for the sentences under it. What the question
    named may be said again where it names or counts things (dates, ordinals, "三方面"); a quantity may
    not: "were 13 built?" must not be answered with 13 that no document holds.
    """
    frame = " ".join(f"{e.title} {' '.join(e.heading)} {' '.join(f'{year}年' for year in e.years)}" for e in chosen)
    quotes = " ".join(e.text for e in chosen)
    missing = figures_missing(sentence, f"{quotes}\n{frame}")
    said = {(figure.kind, figure.value) for figure in find_figures(question)}
    return [f.text for f in missing if (f.kind, f.value) not in said or not _names_or_counts(f)]


def _names_or_counts(figure: Figure) -> bool:
    return figure.kind not in SPOKEN_KINDS or (figure.kind == "number" and figure.value <= MOST_COUNTED)


def _foreign_years(sentence: str, chosen: Sequence[Evidence]) -> list[int]:
    """Years that a sentence names though no citation speaks of them, in its text, headings or part.

    The question does not excuse them: asked for 2019, a model gives the figure of 2018 as that of 2019.
    Nor does a title: of "总结2019与计划2020" only the section tells which year a sentence is about.
    """
    if not all(e.years for e in chosen):
        return []  # a document that tells no years cannot contradict one
    known = {year for e in chosen for year in (*e.years, *find_years(f"{e.text} {' '.join(e.heading)}"))}
    return [year for year in find_years(sentence) if year not in known]


def _is_worded(sentence: str, chosen: Sequence[Evidence], question: str) -> bool:
    """Whether enough of a sentence's wording, and of what it adds to the question, stands in its citations."""
    if not character_pairs(sentence):
        return True  # figures alone, which are checked for themselves
    quotes = " ".join(e.text for e in chosen)
    overlap = share_said(sentence, character_pairs(quotes) | character_pairs(question))
    titles = " ".join(f"{e.place} {e.title} {' '.join(e.heading)}" for e in chosen)
    frame = simplify(f"{quotes} {titles} {question}").lower()
    if any(place_key(name) not in frame for name in place_names(simplify(sentence))):
        return False  # a place that neither the question nor the citation names
    novel = content_words(simplify(sentence)) - content_words(simplify(question))
    # By characters, function words apart: the segmenter also makes words of what merely meets ("大赛|中获|3金",
    # "微型|课要|打造").
    known = sum(1 for word in novel if set(word) - FUNCTION_CHARS <= set(frame))
    return overlap >= LEAST_OVERLAP and 2 * known >= len(novel)
