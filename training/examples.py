"""Questions -> examples made the way the reader is used: a window behind a heading, and spans or nothing.

What the reader must not do is taught by windows that look right and are not. The kinds and how many of each:
``training.recipe``; other notations of digits: ``training.notations``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Final

from rag.reading.model.tokens import normalise
from rag.text.sentences import split_sentences
from training.dress import Dress, as_one_sentence, join_questions, prefix
from training.falsify import other_attribute, other_thing
from training.headings import Setting, ask_within, draw_setting, exchange, heading_of
from training.notations import vary
from training.recipe import Example, Recipe, Span
from training.wording import wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from training.data import Question

__all__ = ["ExampleMaker"]

_ASKS_FIGURE: Final = re.compile(
    "多少|几|何时|什么时候|哪一?年|比例|百分|[Hh]ow (?:many|much)|[Ww]hen|何[人年月日%個]|いつ|いくつ"
)
_LONG_CHARS: Final = 420
_WINDOW_CHARS: Final = 160  # of a window of several sentences in use (rag.reading.evidence_reader)


class ExampleMaker:
    """Makes the examples of a pass; the same seed, pass and data give the same examples.

    Attributes:
        places: Names of places for headings.
    """

    def __init__(
        self,
        questions: Sequence[Question],
        *,
        recipe: Recipe,
        places: list[str],
        translations: Mapping[str, tuple[str, str]],
        retrieved: Mapping[str, Sequence[str]],
        seed: int,
    ) -> None:
        """Keep what examples are made from.

        Args:
            questions: The data.
            recipe: How much of what.
            places: Names of places for headings.
            translations: Question id -> (language, question).
            retrieved: Question id -> other paragraphs that retrieval finds for it.
            seed: Decides every choice.
        """
        self._questions = questions
        self._recipe = recipe
        self.places = places
        self._translations = translations
        self._retrieved = retrieved
        self._seed = seed
        self._sentences = {q.context: split_sentences(q.context, 0, len(q.context)) for q in questions}
        self._siblings: dict[str, list[Question]] = {}
        self._of_language: dict[str, list[Question]] = {}
        for question in questions:
            self._siblings.setdefault(question.context_id, []).append(question)
            self._of_language.setdefault(question.lang, []).append(question)

    def make(self, n_pass: int) -> list[Example]:
        """All examples of one pass over the data, in the order of the questions."""
        return [example for group in self.make_groups(n_pass) for example in group]

    def make_groups(self, n_pass: int) -> list[tuple[Example, ...]]:
        """The same, the examples of a question together: those that answer, and those that must rank behind them."""
        groups: list[tuple[Example, ...]] = []
        for question in self._questions:
            rng = Random(f"{self._seed}/{n_pass}/{question.id}")
            dress = self._dress_of(question, rng)
            group: list[Example] = []
            for kind, expected in self._recipe.counts.items():
                n = int(expected) + (rng.random() < expected % 1)
                made = (self._make(kind, question, dress, rng) for _ in range(n))
                group += [vary(example, rng) for example in made if example]
            if group:
                groups.append(tuple(group))
        return groups

    def _make(self, kind: str, question: Question, dress: Dress, rng: Random) -> Example | None:
        if kind == "without":
            text = self._without(question, rng)
            return Example(*dress.put_on(rng), text, (), kind) if text else None
        if kind == "retrieved":
            text = self._other(question, rng)
            return Example(dress.put_on(rng)[0], self._other_heading(dress, rng), text, (), kind) if text else None
        if not question.answers:
            return None
        if kind == "several":
            return self._several(question, rng)
        if kind == "twin":
            return self._twin(question, rng) if question.lang == "zh" else None
        return self._around_answer(kind, question, dress, rng)

    def _around_answer(self, kind: str, question: Question, dress: Dress, rng: Random) -> Example | None:
        """The window that holds the answer, as it is or with what makes it not answer."""
        whole = kind == "found" and rng.random() < self._recipe.whole
        answers = question.answers if question.several else question.answers[:1]
        window = self._window(question, answers, rng, whole=whole)
        if window is None:
            return None
        start, end = window
        text = question.context[start:end]
        if kind == "found":
            spans = _spans_within(question.answers, start, end)
            if rng.random() < self._recipe.long_sentences:
                text = as_one_sentence(text, rng)
            return Example(*dress.put_on(rng), text, spans, kind, several=question.several)
        if kind == "scope":
            return self._out_of_scope(question, text, rng)
        if kind == "attribute":
            changed = other_attribute(normalise(question.text), normalise(text), rng)
        else:
            others = [rng.choice(self._of_language[question.lang]).text for _ in range(40)]
            changed = other_thing(normalise(question.text), normalise(text), others, rng, lang=question.lang)
        if changed is None:
            return None
        return Example(*replace(dress, asked=changed, lang=question.lang).put_on(rng), text, (), kind)

    def _variant(self, question: Question, rng: Random) -> tuple[str, str]:
        """The question and its language."""
        if question.id in self._translations and rng.random() < self._recipe.translated:
            lang, translated = self._translations[question.id]
            return translated, lang
        return question.text, question.lang

    def _dress_of(self, question: Question, rng: Random) -> Dress:
        """How a question is asked of all its windows, and the paper that they stand in."""
        asked, lang = self._variant(question, rng)
        if rng.random() >= self._recipe.headings:
            return Dress(asked, lang)
        setting = self._setting(question, rng)
        in_section = rng.random() < 0.2
        named = rng.random() < self._recipe.named
        naming = rng.choice(("both", "both", "place", "year")) if named else ""
        return Dress(asked, lang, setting, naming, in_section)

    def _other_heading(self, dress: Dress, rng: Random) -> str:
        """The heading of another paragraph: it may stand in the same paper, in another, or have none."""
        if dress.setting is None or rng.random() < 0.2:
            return ""
        if rng.random() < 0.5:
            return dress.put_on(rng)[1]
        return heading_of(draw_setting(rng, self.places, dress.setting.lang), rng)

    def _out_of_scope(self, question: Question, text: str, rng: Random) -> Example:
        asked, lang = self._variant(question, rng)
        setting = self._setting(question, rng)
        naming = rng.choice(("both", "both", "place", "year"))
        other = exchange(setting, naming, rng, self.places)
        other_year = other.year != setting.year
        in_section = other_year and rng.random() < 0.4  # the title may name the year asked for: the section decides
        heading = heading_of(other, rng, year_in_section=in_section)
        while other_year and not in_section and str(setting.year) in heading:
            heading = heading_of(other, rng)
        return Example(ask_within(asked, lang, setting, naming, rng), heading, text, (), "scope")

    def _setting(self, question: Question, rng: Random) -> Setting:
        """A setting of which the question's paragraph says nothing."""
        while True:
            setting = draw_setting(rng, self.places, question.lang)
            if str(setting.year) not in question.context and setting.place[:2] not in question.context:
                return setting

    def _window(
        self, question: Question, answers: Sequence[tuple[str, int]], rng: Random, *, whole: bool = False
    ) -> Span | None:
        """A run of sentences around all of the answers."""
        spans = self._sentences[question.context]
        starts = [start for start, _ in spans]
        first = bisect_right(starts, min(start for _, start in answers)) - 1
        last = bisect_right(starts, max(start + len(text) for text, start in answers) - 1) - 1
        if whole:
            before, after = first, len(spans) - 1 - last
        else:
            n_more = max(0, rng.randint(1, self._recipe.most_sentences) - (last - first + 1))
            before = min(first, rng.randint(0, n_more))
            after = min(len(spans) - 1 - last, n_more - before)
        # In use a window of several sentences is short; a whole paragraph in one reading must stay affordable.
        room = _LONG_CHARS if whole or rng.random() < 0.15 else _WINDOW_CHARS
        begin, end = first - before, last + after
        while spans[end][1] - spans[begin][0] > room and (begin < first or end > last):
            begin, end = (begin + 1, end) if begin < first and (end == last or rng.random() < 0.5) else (begin, end - 1)
        at, stop = spans[begin][0], spans[end][1]
        return (at, stop) if stop - at <= _LONG_CHARS else None

    def _without(self, question: Question, rng: Random) -> str | None:
        """The paragraph's other sentences; where a figure is asked for, rather those with other figures."""
        spans = self._sentences[question.context]
        texts = [question.context[start:end] for start, end in spans]
        held = {i for i, text in enumerate(texts) for answer, _ in question.answers if answer in text}
        held |= {
            i
            for i, (start, end) in enumerate(spans)
            for answer, at in question.answers
            if start < at + len(answer) and at < end
        }
        free = [i for i in range(len(spans)) if i not in held]
        if _ASKS_FIGURE.search(normalise(question.text)) and rng.random() < 0.7:
            free = [i for i in free if re.search(r"\d", texts[i])] or free
        if not free:
            return None
        at = rng.choice(free)
        chosen = [at]
        while len(chosen) < rng.randint(1, self._recipe.most_sentences) and chosen[-1] + 1 < len(spans):
            if chosen[-1] + 1 in held:
                break
            chosen.append(chosen[-1] + 1)
        return question.context[spans[chosen[0]][0] : spans[chosen[-1]][1]][:_LONG_CHARS]

    def _other(self, question: Question, rng: Random) -> str | None:
        """The sentences of a retrieved paragraph that are most like the question."""
        paragraphs = [p for p in self._retrieved.get(question.id, ()) if not any(a in p for a, _ in question.answers)]
        if not paragraphs:
            return None
        paragraph = rng.choice(paragraphs)
        spans = split_sentences(paragraph, 0, len(paragraph))
        asked = wording(question.text)
        best = max(range(len(spans)), key=lambda i: len(asked & wording(paragraph[slice(*spans[i])])))
        last = min(len(spans) - 1, best + rng.randint(0, self._recipe.most_sentences - 1))
        return paragraph[spans[best][0] : spans[last][1]][:_LONG_CHARS]

    def _several(self, question: Question, rng: Random) -> Example | None:
        """Two questions of a paragraph asked as one, over a window that answers both."""
        siblings = [q for q in self._siblings[question.context_id] if q.id != question.id and q.answers]
        rng.shuffle(siblings)
        for other in siblings:
            pair = sorted((question, other), key=lambda q: q.answers[0][1])
            answers = [q.answers[0] for q in pair]
            (first, at), (_, next_at) = answers
            window = self._window(question, answers, rng)
            if at + len(first) > next_at or window is None or window[1] - window[0] > _LONG_CHARS // 2:
                continue
            rng.shuffle(pair)
            start, end = window
            joined = join_questions(pair[0].text, pair[1].text, question.lang, rng)
            asked, heading = replace(self._dress_of(question, rng), asked=joined, lang=question.lang).put_on(rng)
            spans = _spans_within(answers, start, end)
            return Example(asked, heading, question.context[start:end], spans, "several", several=True)
        return None

    def _twin(self, question: Question, rng: Random) -> Example | None:
        """Two sentences that differ in place, year and figures only; the question names one of them, or neither."""
        answer, at = question.answers[0]
        window = self._window(question, question.answers[:1], rng)
        if window is None or not re.search(r"\d", answer) or window[1] - window[0] > _LONG_CHARS // 3:
            return None
        text = question.context[slice(*window)]
        setting = self._setting(question, rng)
        naming = rng.choice(("both", "place", "year"))
        other = exchange(setting, naming, rng, self.places)
        third = exchange(setting, naming, rng, self.places)
        mine = prefix(setting, naming, rng)
        theirs = prefix(other, naming, rng) + re.sub(r"\d", lambda _: str(rng.randint(0, 9)), text)
        absent = rng.random() < 0.3 and not any(it in theirs + text for it in (str(third.year), third.place[:2]))
        first = rng.random() < 0.5
        start = len(mine) + at - window[0] + (0 if first else len(theirs))
        asked = ask_within(question.text, "zh", third if absent else setting, naming, rng)
        spans = () if absent else ((start, start + len(answer)),)
        return Example(asked, "", mine + text + theirs if first else theirs + mine + text, spans, "twin")


def _spans_within(answers: Sequence[tuple[str, int]], start: int, end: int) -> tuple[Span, ...]:
    return tuple((at - start, at + len(text) - start) for text, at in answers if start <= at and at + len(text) <= end)
