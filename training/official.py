"""Questions made by rule from official papers, with the windows that look like their answer and are not it.

Papers of one kind say the same things of other places and other years, in the same words: no reading data has that.
The other windows of a question's group are the neighbouring figures, the same wording in other papers, the same window
behind another paper's heading. A question whose wording other papers share names its own place, year or title. Windows
are what they are in use (``rag.reading.evidence_reader``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from rag.reading.model.tokens import normalise
from rag.text.places import place_stem
from rag.text.sentences import join_sentences
from training.asking import ASKING, Asked, ask
from training.falsify import other_attribute, other_thing
from training.headings import Setting, ask_within
from training.notations import vary
from training.recipe import Example, Span
from training.wording import WordingIndex, wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.papers import Line

__all__ = ["OfficialMaker", "Posed"]

_WINDOW_CHARS: Final = 160  # as in rag.reading.evidence_reader
_WINDOW_SENTENCES: Final = 3
_LONGEST: Final = 320
_MOST_OF_PAPER: Final = 70  # questions; a work report of 20,000 characters would yield hundreds
_ALIKE: Final = 40
_REPORT: Final = re.compile("报告|总结|公报|计划|回顾|要点|预算|决算")


@dataclass(frozen=True, slots=True)
class Posed:
    """A question as it is put to a reader, and the window that answers it.

    Attributes:
        question: The question, perhaps naming a place, a year or a title.
        way: Which of them: "place", "year", "both", "title" or nothing.
        text: The window.
        span: (start, end) of the answer in it.
        alike: Numbers of lines worded like the question, the likest first, none of which holds the answer.
    """

    question: str
    way: str
    text: str
    span: Span
    alike: list[int]


class OfficialMaker:
    """Makes groups of examples from papers."""

    def __init__(self, lines: Sequence[Line], *, count: int, seed: int) -> None:
        """Index the lines.

        Args:
            lines: Sentences of papers, in order.
            count: Most questions of a pass.
            seed: Decides every choice.
        """
        self.lines = lines
        self._count = count
        self._seed = seed
        self._index = WordingIndex([line.text for line in lines])

    def make_groups(self, n_pass: int) -> list[tuple[Example, ...]]:
        """The groups of one pass."""
        groups = []
        for at, asked in self.questions(n_pass):
            rng = Random(f"{self._seed}/{n_pass}/{at}")
            if group := self._group(at, asked, rng):
                groups.append(tuple(vary(example, rng) for example in group))
        return groups

    def questions(self, n_pass: int) -> list[tuple[int, Asked]]:
        """(number of the line, question) of a pass, at most ``count``, and of a paper no more than its share."""
        by_paper: dict[str, list[tuple[int, Asked]]] = {}
        for at, line in enumerate(self.lines):
            rng = Random(f"{self._seed}/{n_pass}/{at}/ask")
            by_paper.setdefault(line.source, []).extend((at, asked) for asked in ask(line.text, rng))
        rng = Random(f"{self._seed}/{n_pass}")
        chosen: list[tuple[int, Asked]] = []
        for found in by_paper.values():
            rng.shuffle(found)
            chosen += found[:_MOST_OF_PAPER]
        rng.shuffle(chosen)
        return sorted(chosen[: self._count], key=lambda one: one[0])

    def window(self, at: int, rng: Random) -> tuple[str, int]:
        """A window around a line, and where the line begins in it."""
        lines, same = self.lines, self._same_section
        begin = at - rng.randint(0, _WINDOW_SENTENCES - 1)
        begin = max(begin, 0)
        while begin < at and not all(same(i, at) for i in range(begin, at)):
            begin += 1
        while begin < at and sum(len(line.text) for line in lines[begin : at + 1]) > _WINDOW_CHARS:
            begin += 1
        end = at + 1
        while (
            end < len(lines)
            and same(end, at)
            and end - begin < _WINDOW_SENTENCES
            and sum(len(line.text) for line in lines[begin : end + 1]) <= _WINDOW_CHARS
        ):
            end += 1
        text = ""
        starts = 0
        for i in range(begin, end):
            text = join_sentences([text, lines[i].text]) if text else lines[i].text
            starts = len(text) - len(lines[i].text) if i == at else starts
        return text, starts

    def named(self, question: str, line: Line, rng: Random) -> tuple[str, str]:
        """The question naming the line's paper, and what it names: "place", "year", "both", "title" or nothing."""
        ways = []
        reports = line.years and _REPORT.search(line.title)
        if line.place and place_stem(line.place) in line.title + line.source:  # what the paper says of itself
            ways += ["place", "place"] + (["both"] * 3 if reports else [])
        elif reports:
            ways += ["year", "year"]
        if 5 <= len(line.title) <= 24:
            ways += ["title"]
        if not ways or rng.random() < 0.2:
            return question, ""
        way = rng.choice(ways)
        if way == "title":
            form = rng.choice(("《{t}》规定，{q}", "根据《{t}》，{q}", "{t}中，{q}", "{t}里说{q}"))
            return form.format(t=line.title, q=question), way
        year = rng.choice(line.years) if line.years else 0
        return ask_within(question, "zh", Setting(line.place, "人民政府", year), way, rng), way

    def pose(self, at: int, asked: Asked, rng: Random) -> Posed | None:
        """The question as it is put, over a window; None where another paper, or the window twice, may answer it."""
        line = self.lines[at]
        text, offset = self.window(at, rng)
        answer = line.text[slice(*asked.answer)]
        if len(text) > _LONGEST or text.count(answer) != 1:
            return None
        question, way = self.named(asked.text, line, rng)
        alike = [i for i in self._index.most_like(asked.text, _ALIKE) if answer not in self.lines[i].text]
        if not way and any(self._says_the_same(asked, self.lines[i]) for i in alike):
            return None
        start, end = asked.answer
        return Posed(question, way, text, (start + offset, end + offset), alike)

    def _group(self, at: int, asked: Asked, rng: Random) -> list[Example]:
        posed = self.pose(at, asked, rng)
        if posed is None:
            return []
        line, answer = self.lines[at], posed.text[slice(*posed.span)]
        group = [Example(posed.question, line.heading, posed.text, (posed.span,), "found")]
        group += self._neighbours(at, posed.question, answer, rng)
        group += self._elsewhere(at, posed, rng)
        changed = self._changed(posed.question, posed.text, line, rng)
        return group + ([Example(changed, line.heading, posed.text, (), "attribute")] if changed else [])

    def _neighbours(self, at: int, question: str, answer: str, rng: Random) -> list[Example]:
        """Windows of the same paper: with figures, where the answer is one."""
        near = [i for i in range(max(0, at - 12), min(len(self.lines), at + 13)) if i != at]
        near = [i for i in near if self.lines[i].source == self.lines[at].source]
        if re.search(r"\d", answer):
            near = [i for i in near if re.search(r"\d", self.lines[i].text)] or near
        rng.shuffle(near)
        made = []
        for i in near:
            text, _ = self.window(i, rng)
            if answer not in text and self.lines[at].text not in text and len(text) <= _LONGEST:
                made.append(Example(question, self.lines[i].heading, text, (), "without"))
            if len(made) == 1:
                break
        return made

    def _elsewhere(self, at: int, posed: Posed, rng: Random) -> list[Example]:
        """The same wording in other papers, and the same window behind another paper's heading."""
        line, way = self.lines[at], posed.way
        others = [i for i in posed.alike if self.lines[i].source != line.source and self._is_other(i, line, way)]
        made = []
        for i in others[: rng.choice((1, 1, 2))]:
            text, _ = self.window(i, rng)
            if len(text) <= _LONGEST:
                made.append(Example(posed.question, self.lines[i].heading, text, (), "retrieved"))
        if way and others and rng.random() < 0.5:
            heading = self.lines[rng.choice(others[:10])].heading
            text, _ = self.window(at, rng)
            if heading and len(text) <= _LONGEST and not self._names(heading, line, way, posed.question):
                made.append(Example(posed.question, heading, text, (), "scope"))
        return made

    def _is_other(self, i: int, line: Line, way: str) -> bool:
        """Whether a line is of another paper than the question names, by what it names."""
        other = self.lines[i]
        if not way:
            return True
        differs = {
            "place": other.place != line.place and line.place not in other.heading,
            "year": not set(other.years) & set(line.years) and bool(other.years),
            "title": other.title != line.title,
        }
        return differs["place"] or differs["year"] if way == "both" else differs[way]

    @staticmethod
    def _names(heading: str, line: Line, way: str, question: str) -> bool:
        """Whether a heading names all that the question names of its own paper."""
        if way == "title":
            return line.title in heading
        years = [str(year) for year in line.years if str(year) in question]
        return (way == "year" or line.place in heading) and (way == "place" or any(year in heading for year in years))

    @staticmethod
    def _says_the_same(asked: Asked, line: Line) -> bool:
        terms = wording(ASKING.sub("", asked.text))
        return len(terms & wording(line.text)) >= 0.6 * len(terms)

    def _changed(self, question: str, text: str, line: Line, rng: Random) -> str | None:
        if rng.random() < 0.6:
            return None
        whole = normalise(f"{line.heading} {text}")
        if rng.random() < 0.5:
            return other_attribute(normalise(question), whole, rng)
        others = [self.lines[rng.randrange(len(self.lines))].text for _ in range(40)]
        return other_thing(normalise(question), whole, others, rng)

    def _same_section(self, i: int, j: int) -> bool:
        one, other = self.lines[i], self.lines[j]
        return (one.source, one.heading) == (other.source, other.heading)
