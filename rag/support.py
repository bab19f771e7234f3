"""Does the evidence support a sentence? Checks by rule, each with its reason. Calls no model.

Checked: figures stand in the citation; the wording, and what is new beside the question, stands there;
no place comes from nowhere; a year that is named belongs to the cited section (``why_unsupported``). And
a figure stands next to what it is said of, not next to its neighbour (``misread_from``, ``counted_otherwise``).

Not covered: negation ("did X" for "plans X"), and figures whose clause and its neighbour share as much
with the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.language import detect_language
from rag.numbers import Figure, figures_missing, find_figures
from rag.schema import Evidence
from rag.scope import find_years, place_names, place_stem
from rag.tokenize import content_words, simplify

__all__ = [
    "character_pairs",
    "counted_otherwise",
    "is_foreign",
    "misread_from",
    "speaks_in_figures",
    "unfounded_figures",
    "why_unsupported",
    "without_years",
]

# A sentence must share this much of its wording with what it cites and the question; of the words that
# it adds to the question, half must stand there: "the director is called X" invents only the name.
LEAST_OVERLAP = 0.3
# Character pairs by which a neighbouring figure's clause must be closer to the sentence to cast doubt:
# one pair is chance ("线路" in both "31条公交线路" and "5条线路"), two are a word of three characters.
NEIGHBOUR_MARGIN = 2
LEAST_HEAD_NAMED = 0.5
MOST_COUNTED = 10  # "哪三方面", "the five pilots"
CLAUSE = re.compile(r"[^，,；;。！!？?、：:（）()]+")
FUNCTION_CHARS = frozenset("的了是为有在和与及要将共已达至到约由对把被让使其这那各等也都还并又才就会能可")
_COUNTED = re.compile(r"(?P<name>[\u4e00-\u9fff]{4,12}?)(?=[和与及、，,；;。]|以及|$)")  # "41座<农村危桥>和..."
_GIVEN = re.compile(r"[达为共约有至到]{0,2}")  # between a name and its figure
SPOKEN_KINDS = frozenset({"number", "percent", "points"})


def why_unsupported(sentence: str, chosen: Sequence[Evidence], question: str) -> str:
    """Say why citations do not support a sentence.

    Args:
        sentence: A sentence of the reply, without markers.
        chosen: What it would cite.
        question: The standalone question.

    Returns:
        A short reason, for people who look inside; empty where they do support it.
    """
    if not chosen:
        return "nothing cited"
    if unfounded := unfounded_figures(sentence, chosen, question):
        return f"figure not in the citation: {', '.join(unfounded)}"
    if years := _foreign_years(sentence, chosen):
        return f"year not of the citation: {', '.join(map(str, years))}"
    # Wording cannot be compared across scripts.
    worded = is_foreign(sentence, chosen) or _is_worded(sentence, chosen, question)
    return "" if worded else "wording not in the citation"


def is_foreign(sentence: str, evidence: Sequence[Evidence]) -> bool:
    """Whether a sentence is in another language than the evidence."""
    return bool(evidence) and detect_language(sentence) != detect_language(evidence[0].text)


def speaks_in_figures(sentence: str) -> bool:
    """Whether a sentence has a quantity that can be compared, in whatever language it is written."""
    return bool(_spoken_figures(without_years(sentence)))


def _spoken_figures(text: str) -> list[Figure]:
    return [f for f in find_figures(text) if f.kind in SPOKEN_KINDS and not f.loose]


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


def without_years(text: str) -> str:
    """The text without its bare years: ``2031年``, ``2030-2031学年``, and ``in 2031`` between Latin words."""
    text = re.sub(r"(?:19|20)\d{2}(?:\s*[-—–~至]\s*(?:19|20)?\d{2})?(?:学年|年(?!\s*\d))", " ", text)
    return re.sub(r"(?<=[A-Za-z,(] )(?:19|20)\d{2}(?=[.?!)]*(?:\s+[A-Za-z(]|$)|,\s)", " ", text)


def character_pairs(text: str) -> set[str]:
    """Pairs of neighbouring characters of Chinese runs, words of others; figures are compared elsewhere."""
    letters = re.sub(r"[\d\W_]+", " ", text.lower())
    pairs: set[str] = set()
    for run in re.findall(r"[\u3040-\u9fff\uac00-\ud7af]+|[^\W\u3040-\u9fff\uac00-\ud7af]+", letters):
        wide = "\u3040" <= run[0] <= "\ud7af"
        pairs |= {run[i : i + 2] for i in range(len(run) - 1)} if wide else {run}
    return pairs


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
    wanted = character_pairs(sentence)
    if not wanted:
        return True  # figures alone, which are checked for themselves
    quotes = " ".join(e.text for e in chosen)
    overlap = len(wanted & (character_pairs(quotes) | character_pairs(question))) / len(wanted)
    titles = " ".join(f"{e.place} {e.title} {' '.join(e.heading)}" for e in chosen)
    frame = simplify(f"{quotes} {titles} {question}").lower()
    if any(place_stem(name) not in frame for name in place_names(simplify(sentence))):
        return False  # a place that neither the question nor the citation names
    novel = content_words(simplify(sentence)) - content_words(simplify(question))
    # The segmenter also makes words of what merely meets ("大赛|中获|3金", "微型|课要|打造"): all of their
    # characters stand there, function words apart.
    known = sum(1 for word in novel if word in frame or set(word) - FUNCTION_CHARS <= set(frame))
    return overlap >= LEAST_OVERLAP and 2 * known >= len(novel)


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
    for figure in _spoken_figures(sentence):
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
    for figure in _spoken_figures(sentence):
        thing = _COUNTED.match(sentence, figure.end + len(figure.unit))
        if thing is None:
            continue
        beside = [(item, other) for item in near for other in _beside(thing["name"], item.text)]
        rivals = [item for item, other in beside if _rivals(figure, other)]
        if rivals and not any(_same(figure, other) for _, other in beside):
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
    own = [clause for clause, figures in clauses if any(_same(figure, other) for other in figures)]
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
    head = re.search(r"[\u4e00-\u9fff]{0,3}$", clause[: figures[0].start]) if figures else None
    pairs = character_pairs(head.group()) if head else set()
    return len(pairs & told) / len(pairs) if pairs else 0.5


def _topic(text: str, chosen: Sequence[Evidence]) -> set[str]:
    """What a sentence is about, places left out: they stand in every clause or in none."""
    for place in {place_stem(e.place) for e in chosen if e.place}:
        text = text.replace(place, " ")
    return character_pairs(text)


def _same(one: Figure, other: Figure) -> bool:
    return one.kind == other.kind and one.value == other.value


def _rivals(one: Figure, other: Figure) -> bool:
    """Whether two figures could answer the same question: same kind and unit, another value."""
    return one.kind == other.kind and one.unit == other.unit and one.value != other.value and not other.loose


def _says_both(sentence: str, clause: str) -> bool:
    """Whether a sentence also gives the neighbour's own figures: then it lists them side by side."""
    return not figures_missing(clause, sentence)
