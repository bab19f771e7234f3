"""Measures a reader's weights with the very code that youju reads with (``rag.reading.model``)."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from random import Random
from statistics import fmean
from typing import TYPE_CHECKING, Final, TypeAlias

from rag.reading.model import Reader, Window
from rag.reading.model.weights import Calibration
from rag.text.sentences import split_sentences
from training.data import DataError
from training.headings import ask_within, draw_setting, exchange, heading_of
from training.metrics import area_under_curve, calibration_error, exact_match, f1, fit_logistic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from training.data import Question
    from training.examples import ExampleMaker
    from training.prepare import Prepared
    from training.recipe import Example

__all__ = [
    "calibrate",
    "load_xquad",
    "paragraph_scores",
    "read_paragraphs",
    "scope_scores",
    "several_scores",
    "windows_of",
]

_WHOLE_CHARS: Final = 420
_SENTENCES: Final = 3
_Row: TypeAlias = tuple[float, bool]
"""A score, or a probability, and whether the answer is there."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question over a paragraph, as the measures take it."""

    question: str
    paragraph: str
    answers: tuple[str, ...]


def load_xquad(folder: Path, lang: str) -> list[Asked]:
    """XQuAD's Chinese paragraphs with their questions in Chinese ("zh") or English ("en")."""
    lines = _lines(folder / "xquad_zh_contexts.jsonl")
    contexts = {line["context_id"]: line["text"] for line in lines}
    return [
        Asked(line[f"question_{lang}"], contexts[line["context_id"]], (line["answer_zh"],))
        for line in _lines(folder / "xquad_zh_retrieval.jsonl")
    ]


def as_asked(questions: Iterable[Question]) -> list[Asked]:
    """Reading data as the measures take it."""
    return [Asked(q.text, q.context, tuple(text for text, _ in q.answers)) for q in questions]


def windows_of(paragraph: str, *, most_chars: int = _WHOLE_CHARS, most_sentences: int = 99) -> list[Window]:
    """A paragraph in windows of consecutive sentences."""
    windows: list[tuple[int, int, int]] = []
    for start, end in split_sentences(paragraph, 0, len(paragraph)):
        if windows and end - windows[-1][0] <= most_chars and windows[-1][2] < most_sentences:
            windows[-1] = (windows[-1][0], end, windows[-1][2] + 1)
        else:
            windows.append((start, end, 1))
    return [Window("", paragraph[start:end]) for start, end, _ in windows]


def read_paragraphs(reader: Reader, asked: Sequence[Asked], *, most_sentences: int = 99) -> dict[str, float]:
    """Exact match and F1 where the paragraph is given: the best span of its windows, never "not here"."""
    marks = []
    for one in asked:
        best = best_span(reader, one.question, windows_of(one.paragraph, most_sentences=most_sentences))
        marks.append((exact_match(best[1], one.answers), f1(best[1], one.answers)))
    return {"em": fmean(em for em, _ in marks), "f1": fmean(f for _, f in marks), "n": len(marks)}


def best_span(reader: Reader, question: str, windows: Sequence[Window]) -> tuple[float, str]:
    """Score and text of the best span of all windows."""
    best = (-math.inf, "")
    for window, reading in zip(windows, reader.read(question, windows), strict=True):
        if reading.score > best[0]:
            best = (reading.score, window.text[reading.spans[0].start : reading.spans[0].end])
    return best


def paragraph_scores(reader: Reader, asked: Sequence[Asked], others: Mapping[str, str]) -> float:
    """Area under the curve: a question's own paragraph against the best other one that retrieval finds.

    Args:
        reader: The reader.
        asked: Questions with their paragraphs.
        others: Question -> the other paragraph.
    """
    own = [best_span(reader, one.question, windows_of(one.paragraph, most_sentences=_SENTENCES))[0] for one in asked]
    other = [
        best_span(reader, one.question, windows_of(others[one.question], most_sentences=_SENTENCES))[0] for one in asked
    ]
    return area_under_curve(own, other)


def scope_scores(reader: Reader, questions: Sequence[Question], places: list[str], *, seed: int) -> dict[str, float]:
    """Area under the curve: the right sentence behind its own heading against one of another place or year."""
    right: dict[str, list[float]] = {"place": [], "year": []}
    wrong: dict[str, list[float]] = {"place": [], "year": []}
    for question in questions:
        for naming in ("place", "year"):
            rng = Random(f"{seed}/{naming}/{question.id}")
            text = sentence_with_answer(question)
            setting = draw_setting(rng, places)
            other = exchange(setting, naming, rng, places)
            asked = ask_within(question.text, "zh", setting, rng.choice((naming, "both")), rng)
            if str(setting.year) in text or str(other.year) in text or setting.place[:2] in text:
                continue
            own, theirs = heading_of(setting, rng), heading_of(other, rng)
            if naming == "year" and (str(setting.year) not in own or str(setting.year) in theirs):
                continue
            if naming == "place" and (setting.place not in own or setting.place in theirs):
                continue
            right[naming].append(best_span(reader, asked, [Window(own, text)])[0])
            wrong[naming].append(best_span(reader, asked, [Window(theirs, text)])[0])
    both = area_under_curve([*right["place"], *right["year"]], [*wrong["place"], *wrong["year"]])
    return {"scope": both} | {f"scope_{name}": area_under_curve(right[name], wrong[name]) for name in right}


def sentence_with_answer(question: Question) -> str:
    """The sentence in which the first answer begins."""
    _, at = question.answers[0]
    spans = split_sentences(question.context, 0, len(question.context))
    # An answer may begin in the white space before its sentence.
    return next(question.context[start:end] for start, end in spans if at < end)


def several_scores(reader: Reader, examples: Sequence[Example]) -> dict[str, float]:
    """How often all parts of a two-part question are found: by tags, and by the best two spans."""
    found = {"tags": 0, "spans": 0, "either": 0}
    for example in examples:
        window = Window(example.heading, example.text)
        reading = reader.read(example.question, [window], with_tags=True)[0]
        gold = [example.text[start:end] for start, end in example.spans]
        hits = {}
        for name, spans in (("tags", reading.tagged), ("spans", reading.spans[: len(gold)])):
            texts = [example.text[span.start : span.end] for span in spans]
            hits[name] = all(any(f1(text, [answer]) >= 0.6 for text in texts) for answer in gold)
            found[name] += hits[name]
        found["either"] += any(hits.values())
    return {name: n / len(examples) for name, n in found.items()} | {"n": len(examples)}


def calibrate(
    reader: Reader, questions: Sequence[Question], prepared: Prepared, maker: ExampleMaker, *, seed: int
) -> tuple[Calibration, dict[str, float]]:
    """Fit score -> probability on held-back questions, a curve for Chinese and one for other languages.

    Each question is asked of what a search would give: the windows of its paragraph and of two others; and once more
    without the sentence that answers, or behind another place's or year's heading. One that was translated is asked in
    both languages; the curve is that of the question's language, whatever its paragraph's.

    Returns:
        The curves, and the calibration error (each half of the questions by the curve of the other half) and area
        under the curve.
    """
    chinese: list[_Row] = []
    other: list[_Row] = []
    for question in questions:
        retrieved = prepared.retrieved.get(question.id, ())[:2]
        rng = Random(f"{seed}/{question.id}")
        rows = chinese if question.lang == "zh" else other
        rows += _asked_twice(reader, question, (question.text, question.lang), retrieved, maker, rng)
        if question.id in prepared.translations:
            lang, text = prepared.translations[question.id]
            other += _asked_twice(reader, question, (text, lang), retrieved, maker, rng)
    other = other or chinese  # data without translations: one curve for all
    judged = [*_judged_by_other_half(chinese), *_judged_by_other_half(other)]
    marks = {
        "ece": calibration_error([p for p, _ in judged], [there for _, there in judged]),
        "auc": _auc(chinese),
        "auc, other languages": _auc(other),
        "n": len(judged),
    }
    return Calibration(_fitted(chinese), _fitted(other)), marks


def _fitted(rows: Sequence[_Row]) -> tuple[float, float]:
    return fit_logistic([score for score, _ in rows], [there for _, there in rows])


def _judged_by_other_half(rows: Sequence[_Row]) -> list[_Row]:
    """(probability, whether it is there) of each row, by a curve that has not seen its question."""
    halves = [[row for i, row in enumerate(rows) if i // 2 % 2 == half] for half in (0, 1)]
    judged = []
    for half, rest in ((halves[0], halves[1]), (halves[1], halves[0])):
        if half and rest:
            slope, intercept = _fitted(rest)
            judged += [(1 / (1 + math.exp(-(slope * score + intercept))), there) for score, there in half]
    return judged


def _auc(rows: Sequence[_Row]) -> float:
    return area_under_curve([score for score, there in rows if there], [score for score, there in rows if not there])


def _asked_twice(
    reader: Reader,
    question: Question,
    variant: tuple[str, str],
    others: Sequence[str],
    maker: ExampleMaker,
    rng: Random,
) -> list[_Row]:
    named = rng.random() < 0.5
    setting = draw_setting(rng, maker.places, question.lang)
    naming = rng.choice(("both", "place", "year"))
    asked = ask_within(*variant, setting, naming, rng) if named else variant[0]
    heading = heading_of(setting, rng) if named else ""
    own = [Window(heading, window.text) for window in windows_of(question.context, most_sentences=_SENTENCES)]
    other = [w for paragraph in others for w in windows_of(paragraph, most_sentences=_SENTENCES)]
    answers = [text for text, _ in question.answers]
    if named and rng.random() < 0.5:
        wrong = heading_of(exchange(setting, naming, rng, maker.places), rng)
        without = [Window(wrong, window.text) for window in own]
    else:
        without = [window for window in own if not any(answer in window.text for answer in answers)]
    other = [window for window in other if not any(answer in window.text for answer in answers)]
    there = best_span(reader, asked, own + other)[0]
    absent = best_span(reader, asked, without + other)[0] if without or other else -20.0
    return [(there, True), (absent, False)]


def _lines(path: Path) -> list[dict[str, str]]:
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}") from error
