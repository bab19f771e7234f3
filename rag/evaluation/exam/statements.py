"""A document -> the statements that questions can be made of, each with its place and what it is told of.

Only what is told once: a statement that another sentence of the document tells with another value is left out, unless
both name their year. Calls no model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from rag.evaluation.exam import words
from rag.evaluation.exam.figures_zh import figure_forms
from rag.evaluation.exam.foreign import english_forms, japanese_forms
from rag.evaluation.exam.questions import ExamDocument, Statement
from rag.evaluation.exam.rules_zh import announces_list, other_forms
from rag.schema.documents import Passage, Sentence
from rag.text.figures import find_figures
from rag.text.language import detect_language
from rag.text.numbering import is_own_heading, item_number
from rag.text.numerals import units_clash
from rag.text.places import place_stem
from rag.text.years import find_years

__all__ = ["statements_of", "told_year"]

LEAST_KEY_CHARS: Final = 4
LEAST_TERM_CHARS: Final = 2
MOST_ITEMS: Final = 12
SHARED: Final = 0.8
"""Two statements of which one has this share of the other's pairs of characters are taken for told of the same."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A sentence with its passage and the pairs of characters that it is compared by."""

    passage: Passage
    sentence: Sentence
    pairs: frozenset[str]


def told_year(statement: Statement) -> int | None:
    """The one year that a statement is surely of: its sentence names it, or else its headings do."""
    own = find_years(statement.period)
    if statement.period:
        return own[0] if len(own) == 1 else None
    years = find_years(" ".join(statement.passage.heading))
    return years[0] if len(years) == 1 else None


def statements_of(document: ExamDocument) -> list[Statement]:
    """The statements of a document that it tells once, in its order."""
    lines = [
        _Line(passage, sentence, _pairs(sentence.text))
        for passage in document.passages
        for sentence in passage.sentences
    ]
    found = [made for at, line in enumerate(lines) for made in _of_line(document, lines, at, line)]
    clear = [
        one
        for one in found
        if len(one.key) >= (LEAST_TERM_CHARS if one.type == "definition" else LEAST_KEY_CHARS)
        and not words.points_elsewhere(one.forms[0])
    ]
    return [one for one in clear if not _told_otherwise(one, found, lines)]


def _of_line(document: ExamDocument, lines: Sequence[_Line], at: int, line: _Line) -> Iterator[Statement]:
    text = line.sentence.text
    if "\n" in text.strip() or is_own_heading(text, line.passage.heading):
        return
    language = detect_language(text)
    figures = {"zh": figure_forms, "en": english_forms, "ja": japanese_forms}.get(language)
    for each in figures(text) if figures else ():
        if span := _raw_span(document, line.sentence, each.start, each.end):
            relative = each.period in words.RELATIVE_PERIODS or any(own in each.forms[0] for own in words.SELF)
            key = _key(each.about, line.passage, language)
            yield Statement(
                each.type, each.forms, text[each.start : each.end], *span, line.sentence, line.passage, key,
                each.value, each.unit, each.period, relative,
            )  # fmt: skip
    if language != "zh":
        return
    for other in other_forms(text):
        if span := _raw_span(document, line.sentence, other.start, other.end):
            key = _key(other.about, line.passage, language)
            yield Statement(
                other.type, other.forms, text[other.start : other.end], *span, line.sentence, line.passage, key,
                needs_title=any(own in other.forms[0] for own in words.SELF),
            )  # fmt: skip
    yield from _list_of(lines, at, line)


def _list_of(lines: Sequence[_Line], at: int, line: _Line) -> Iterator[Statement]:
    forms = announces_list(line.sentence.text)
    if not forms:
        return
    items: list[_Line] = []
    for number, item in enumerate(lines[at + 1 : at + 1 + MOST_ITEMS], start=1):
        if item_number(item.sentence.text) != number:
            break
        items.append(item)
    if len(items) >= 2:
        start, end = items[0].sentence.start, items[-1].sentence.end
        answer = "".join(item.sentence.text for item in items)
        key = _key(forms[0], line.passage, "zh")
        own = any(name in forms[0] for name in words.SELF)
        yield Statement("list", forms, answer, start, end, line.sentence, line.passage, key, needs_title=own)


def _raw_span(document: ExamDocument, sentence: Sentence, start: int, end: int) -> tuple[int, int] | None:
    """Where a stretch of a sentence stands in the raw text; None where that cannot be told for sure."""
    raw, wanted = document.text[sentence.start : sentence.end], sentence.text[start:end]
    if raw == sentence.text:
        return sentence.start + start, sentence.start + end
    if raw.count(wanted) == 1:
        at = sentence.start + raw.index(wanted)
        return at, at + len(wanted)
    return None


def _key(about: str, passage: Passage, language: str) -> str:
    if language != "zh":
        return " ".join(about.lower().split())
    if passage.place:
        about = about.replace(passage.place, "").replace(place_stem(passage.place), "")
    return words.content_key(about)


def _pairs(text: str) -> frozenset[str]:
    return frozenset(one + other for one, other in pairwise(text))


def _told_otherwise(one: Statement, statements: Sequence[Statement], lines: Sequence[_Line]) -> bool:
    """Whether the document tells of the same thing twice, with other values or in other sentences."""
    pairs = _pairs(one.key)
    for other in statements:
        if other is not one and other.type == one.type and other.answer != one.answer:
            theirs = _pairs(other.key)
            if len(pairs & theirs) >= SHARED * max(1, min(len(pairs), len(theirs))) and not _years_differ(one, other):
                return True
    if one.value is None:
        return False
    return any(_tells_another_value(line, one) for line in lines if len(pairs & line.pairs) >= SHARED * len(pairs))


def _years_differ(one: Statement, other: Statement) -> bool:
    years = told_year(one), told_year(other)
    return None not in years and years[0] != years[1]


def _tells_another_value(line: _Line, one: Statement) -> bool:
    """Whether another sentence with the same words has another figure of the same unit, of the same year or of none."""
    if line.sentence.start == one.sentence.start:
        return False
    years = find_years(line.sentence.text)
    year = told_year(one)
    if year is not None and years and year not in years:
        return False
    for figure in find_figures(line.sentence.text):
        same = (
            figure.kind == "percent"
            if one.unit == "%"
            else figure.kind == "number" and not units_clash(one.unit, figure.unit)
        )
        if same and figure.value != one.value:
            return True
    return False
