"""Documents -> an exam: questions made by rule from their own sentences, with traps. Calls no model.

Every statement that a document tells once becomes a question as the text says it, with place and year or title where it
needs them, and then: in other words, of another year, of another place, with its document hidden. The same documents
and seed give the same questions.

Not covered: questions over several sentences or documents, reasons, and what only a reader would notice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

from rag.documents.chunk import chunk_document
from rag.documents.opening import ends_with_kind
from rag.evaluation.exam.questions import ExamDocument, ExamQuestion, QuestionKind, Statement
from rag.evaluation.exam.statements import statements_of, told_year
from rag.evaluation.exam.wording import WORDINGS, reword
from rag.evaluation.exam.words import RELATIVE_PERIODS, SELF, noun_chars, whole_areas
from rag.schema.documents import Document, Passage
from rag.text.divisions import division_names, is_division
from rag.text.language import detect_language
from rag.text.numbering import read_heading_number
from rag.text.places import place_stem
from rag.text.years import replace_year

__all__ = ["exam_of_folder", "exam_of_texts", "make_exam"]

OTHER_YEARS: Final = (3, -3, 5, -5, 7, -7)
"""How far off the year of a trap is: not the next one, which a report's plan may be of."""
MOST_TWINS: Final = 4
TITLE_CHARS: Final = range(7, 41)
PASSAGE_CHARS: Final = 80
HEAD_CHARS: Final = 300
BARE_NOUN_CHARS: Final = 8
"""A question without place and title has at least so many characters of nouns, else nobody knows what it is about."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question before it is put: its words, and the year and place that it names."""

    text: str
    year: int | None = None
    place: str = ""


def make_exam(documents: Sequence[ExamDocument], *, seed: int = 0) -> Iterator[ExamQuestion]:
    """Make every question that the rules find.

    Args:
        documents: The corpus; what is not told in it is taken for not told.
        seed: Chooses wordings and traps.

    Yields:
        Questions by document, statement by statement.
    """
    told = {document.source: statements_of(document) for document in documents}
    by_key: dict[str, list[Statement]] = defaultdict(list)
    for statements in told.values():
        for statement in statements:
            by_key[f"{statement.type} {statement.key}"].append(statement)
    corpus = _Corpus(documents)
    for document in documents:
        for statement in told[document.source]:
            same = [one for one in by_key[f"{statement.type} {statement.key}"] if one is not statement]
            yield from _questions(document, statement, same, corpus, seed)


def exam_of_texts(
    texts: Mapping[str, str], *, seed: int = 0, passage_chars: int = PASSAGE_CHARS
) -> Iterator[ExamQuestion]:
    """Make an exam of plain texts by their names."""
    documents = []
    for source, text in texts.items():
        chunked = chunk_document(Document(source, text, "", len(text)), passage_chars=passage_chars)
        documents.append(ExamDocument(source, text, chunked.passages))
    return make_exam(documents, seed=seed)


def exam_of_folder(folder: Path, *, seed: int = 0, passage_chars: int = PASSAGE_CHARS) -> Iterator[ExamQuestion]:
    """Make an exam of the ``*.txt`` files of a folder, read as UTF-8, in the order of their names."""
    texts = {file.name: file.read_text(encoding="utf-8", errors="replace") for file in sorted(folder.glob("*.txt"))}
    return exam_of_texts(texts, seed=seed, passage_chars=passage_chars)


class _Corpus:
    """What the documents hold, to be asked for what they do not."""

    def __init__(self, documents: Iterable[ExamDocument]) -> None:
        self._text = "\n".join(document.text for document in documents)
        self._absent: dict[str, list[str]] = {}

    def absent_places(self, suffix: str) -> list[str]:
        """Names of divisions with a suffix that no document has."""
        if suffix not in self._absent:
            names = [name for name in division_names() if name.endswith(suffix) and len(name) == 3]
            self._absent[suffix] = [name for name in names[::7] if place_stem(name) not in self._text][:40]
        return self._absent[suffix]


def _questions(
    document: ExamDocument, statement: Statement, same: Sequence[Statement], corpus: _Corpus, seed: int
) -> Iterator[ExamQuestion]:
    random = Random(f"{seed} {document.source} {statement.start} {statement.type}")  # noqa: S311 - no secret
    asked = _ask(document, statement, same, random)
    if asked is None:
        return
    twins = [one for one in same if one.answer != statement.answer][:MOST_TWINS]
    mark = "?" if detect_language(asked.text) == "en" else "？"
    base = _question(statement, asked.text + mark, twins)
    yield base
    wording = random.choice(sorted(WORDINGS))
    if other := reword(asked.text, wording, random):
        yield _variant(base, "other_words", question=other + mark, wording=wording)
    if year := _absent_year(asked, document, same):
        yield _variant(
            base, "other_year", question=replace_year(base.question, asked.year or 0, year), answerable=False
        )
    of_place = asked.year is not None or place_stem(statement.passage.place) in statement.passage.title
    if asked.place and of_place and (places := corpus.absent_places(asked.place[-1])):
        elsewhere = base.question.replace(asked.place, random.choice(places))
        yield _variant(base, "other_place", question=elsewhere, answerable=False)
    yield _variant(base, "hidden", answerable=False, hidden=frozenset({document.source}))


def _question(statement: Statement, question: str, twins: Sequence[Statement]) -> ExamQuestion:
    passage, sentence = statement.passage, statement.sentence
    return ExamQuestion(
        question_id=f"{passage.source}:{statement.start}-{statement.end}:{statement.type}:asked",
        question=question,
        kind="asked",
        type=statement.type,
        answerable=True,
        answer=statement.answer,
        source=passage.source,
        start=statement.start,
        end=statement.end,
        sentence=sentence.text,
        sentence_start=sentence.start,
        sentence_end=sentence.end,
        title=passage.title,
        heading=passage.heading,
        section=passage.section,
        place=passage.place,
        years=passage.years,
        twins=tuple((one.passage.source, one.start, one.end) for one in twins),
    )


def _variant(base: ExamQuestion, kind: QuestionKind, **changes: object) -> ExamQuestion:
    question_id = base.question_id.removesuffix("asked") + kind
    return replace(base, question_id=question_id, kind=kind, **changes)  # type: ignore[arg-type]  # fields by name


def _absent_year(asked: _Asked, document: ExamDocument, same: Sequence[Statement]) -> int | None:
    """A year that neither the document nor one that tells the same knows of."""
    if asked.year is None:
        return None
    known = {year for one in same for year in (told_year(one), *one.passage.years)}
    others = (asked.year + by for by in OTHER_YEARS)
    return next((year for year in others if str(year) not in document.text and year not in known), None)


def _ask(document: ExamDocument, statement: Statement, same: Sequence[Statement], random: Random) -> _Asked | None:
    """A statement's question with as much of place, year and title as it needs; None where nothing makes it clear."""
    core = statement.forms[0] if random.random() < 0.5 else random.choice(statement.forms)
    if detect_language(statement.sentence.text) != "zh":
        return _Asked(core) if not same else None
    passage, year = statement.passage, told_year(statement)
    ways = []
    if not statement.needs_title:
        place = passage.place if _is_of_place(document, passage) and place_stem(passage.place) not in core else ""
        if place and not any(_same_scope(one, passage.place, year) for one in same):
            period = statement.period or (f"{year}年" if year else "")
            ways.append(_Asked(_placed(statement, core, place, period), year, place))
        if not same and noun_chars(core) >= BARE_NOUN_CHARS and not core.startswith(("全", "我", "本")):
            ways.append(_Asked(statement.period + core, year if statement.period else None))
    if (titled := _with_title(statement, core, random)) and not any(one.passage.title == passage.title for one in same):
        ways.append(titled)
    return random.choice(ways) if ways else None


def _is_of_place(document: ExamDocument, passage: Passage) -> bool:
    """Whether a passage is surely of the place that was found for it: the title names it, or the document's head."""
    stem = place_stem(passage.place)
    return is_division(passage.place) and (stem in passage.title or stem in document.text[:HEAD_CHARS])


def _placed(statement: Statement, core: str, place: str, period: str) -> str:
    local = whole_areas(core, place)
    if local != core:
        return period + local
    figure = statement.value is not None
    return f"{place}{period}{core}" if figure else f"在{place}，{core}"


def _same_scope(one: Statement, place: str, year: int | None) -> bool:
    other = told_year(one)
    return one.passage.place == place and (year is None or other is None or other == year)


def _with_title(statement: Statement, core: str, random: Random) -> _Asked | None:
    title = statement.passage.title.strip("《》")
    bad = any(mark in title for mark in "《》“”\n：:，,。") or read_heading_number(title, 0, len(title)) is not None
    if bad or len(title) not in TITLE_CHARS or not ends_with_kind(title):
        return None
    own = next((name for name in SELF if name in core), "")
    if own:
        return _Asked(core.replace(own, f"《{title}》", 1))
    year = told_year(statement) if statement.period not in RELATIVE_PERIODS else None
    ways = (f"《{title}》中，{statement.period}{core}", f"根据《{title}》，{statement.period}{core}")
    return _Asked(random.choice(ways), year if statement.period else None)
