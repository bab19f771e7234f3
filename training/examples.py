"""Questions -> examples made the way the reader is used: a window behind a heading, and spans or nothing.

What the reader must not do is taught by windows that look right and are not. The kinds and how many of each:
``training.recipe``; other notations of digits: ``training.notations``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from random import Random
from typing import TYPE_CHECKING, Final

from rag.reading.model.tokens import normalise
from rag.text.sentences import split_sentences
from training.falsify import other_attribute, other_thing
from training.headings import Setting, ask_within, draw_setting, exchange, heading_of
from training.notations import vary
from training.recipe import Example, Recipe, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from training.data import Question

__all__ = ["ExampleMaker"]

_ASKS_FIGURE: Final = re.compile("多少|几|何时|什么时候|哪一?年|比例|百分")
_LONG_CHARS: Final = 420


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
        for question in questions:
            self._siblings.setdefault(question.context_id, []).append(question)

    def make(self, n_pass: int) -> list[Example]:
        """All examples of one pass over the data, in the order of the questions."""
        examples: list[Example] = []
        for question in self._questions:
            rng = Random(f"{self._seed}/{n_pass}/{question.id}")
            for kind, expected in self._recipe.counts.items():
                n = int(expected) + (rng.random() < expected % 1)
                made = (self._make(kind, question, rng) for _ in range(n))
                examples += [vary(example, rng) for example in made if example]
        return examples

    def _make(self, kind: str, question: Question, rng: Random) -> Example | None:
        if kind in ("found", "scope", "attribute", "thing"):
            return self._around_answer(kind, question, rng)
        if kind == "several":
            return self._several(question, rng)
        if kind == "twin":
            return self._twin(question, rng)
        text = self._without(question, rng) if kind == "without" else self._other(question, rng)
        if text is None:
            return None
        asked, heading = self._dress(*self._variant(question, rng), text, rng)
        return Example(asked, heading, text, (), kind)

    def _around_answer(self, kind: str, question: Question, rng: Random) -> Example | None:
        """The window that holds the answer, as it is or with what makes it not answer."""
        whole = kind == "found" and rng.random() < self._recipe.whole
        window = self._window(question, question.answers[:1], rng, whole=whole)
        if window is None:
            return None
        start, end = window
        text = question.context[start:end]
        if kind == "found":
            spans = _spans_within(question.answers, start, end)
            return Example(*self._dress(*self._variant(question, rng), text, rng), text, spans, kind)
        if kind == "scope":
            return self._out_of_scope(question, text, rng)
        if kind == "attribute":
            changed = other_attribute(normalise(question.text), normalise(text), rng)
        else:
            others = [rng.choice(self._questions).text for _ in range(40)]
            changed = other_thing(normalise(question.text), normalise(text), others, rng)
        if changed is None:
            return None
        return Example(*self._dress(changed, "zh", text, rng), text, (), kind)

    def _variant(self, question: Question, rng: Random) -> tuple[str, str]:
        """The question and its language."""
        if question.id in self._translations and rng.random() < self._recipe.translated:
            lang, translated = self._translations[question.id]
            return translated, lang
        return question.text, "zh"

    def _dress(self, asked: str, lang: str, text: str, rng: Random) -> tuple[str, str]:
        """The question and a heading; where the question names a place or year, it is the heading's."""
        if rng.random() >= self._recipe.headings:
            return asked, ""
        setting = self._setting(text, rng)
        in_section = rng.random() < 0.2
        if rng.random() < self._recipe.named:
            naming = rng.choice(("both", "both", "place", "year"))
            asked = ask_within(asked, lang, setting, naming, rng)
        return asked, heading_of(setting, rng, year_in_section=in_section)

    def _out_of_scope(self, question: Question, text: str, rng: Random) -> Example:
        asked, lang = self._variant(question, rng)
        setting = self._setting(text, rng)
        naming = rng.choice(("both", "both", "place", "year"))
        other = exchange(setting, naming, rng, self.places)
        other_year = other.year != setting.year
        in_section = other_year and rng.random() < 0.4  # the title may name the year asked for: the section decides
        heading = heading_of(other, rng, year_in_section=in_section)
        while other_year and not in_section and str(setting.year) in heading:
            heading = heading_of(other, rng)
        return Example(ask_within(asked, lang, setting, naming, rng), heading, text, (), "scope")

    def _setting(self, text: str, rng: Random) -> Setting:
        """A setting of which the text says nothing."""
        while True:
            setting = draw_setting(rng, self.places)
            if str(setting.year) not in text and setting.place[:2] not in text:
                return setting

    def _window(
        self, question: Question, answers: Sequence[tuple[str, int]], rng: Random, *, whole: bool = False
    ) -> Span | None:
        """A run of sentences around all of the answers."""
        spans = self._sentences[question.context]
        starts = [start for start, _ in spans]
        first = bisect_right(starts, min(start for _, start in answers)) - 1
        last = bisect_right(starts, max(start + len(text) for text, start in answers) - 1) - 1
        n_more = len(spans) if whole else max(0, rng.randint(1, self._recipe.most_sentences) - (last - first + 1))
        before = min(first, rng.randint(0, n_more) if not whole else n_more)
        begin, end = spans[first - before][0], spans[min(len(spans) - 1, last + n_more - before)][1]
        if whole:
            end = spans[-1][1]
        while end - begin > _LONG_CHARS:  # a paragraph in one reading must stay affordable: drop far sentences
            if begin < spans[first][0]:
                begin = spans[bisect_right(starts, begin)][0]
            elif end > spans[last][1]:
                end = max(stop for _, stop in spans if stop < end)
            else:
                return None
        return begin, end

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
        asked = _bigrams(question.text)
        best = max(range(len(spans)), key=lambda i: len(asked & _bigrams(paragraph[slice(*spans[i])])))
        last = min(len(spans) - 1, best + rng.randint(0, self._recipe.most_sentences - 1))
        return paragraph[spans[best][0] : spans[last][1]][:_LONG_CHARS]

    def _several(self, question: Question, rng: Random) -> Example | None:
        """Two questions of a paragraph asked as one, over a window that answers both."""
        siblings = [q for q in self._siblings[question.context_id] if q.id != question.id]
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
            asked = _joined(pair[0].text, pair[1].text, rng)
            text = question.context[start:end]
            spans = _spans_within(answers, start, end)
            return Example(*self._dress(asked, "zh", text, rng), text, spans, "several", several=True)
        return None

    def _twin(self, question: Question, rng: Random) -> Example | None:
        """Two sentences that differ in place, year and figures only; the question names one of them, or neither."""
        answer, at = question.answers[0]
        window = self._window(question, question.answers[:1], rng)
        if window is None or not re.search(r"\d", answer) or window[1] - window[0] > _LONG_CHARS // 3:
            return None
        text = question.context[slice(*window)]
        setting = self._setting(text, rng)
        naming = rng.choice(("both", "place", "year"))
        other = exchange(setting, naming, rng, self.places)
        third = exchange(setting, naming, rng, self.places)
        mine = _prefix(setting, naming, rng)
        theirs = _prefix(other, naming, rng) + re.sub(r"\d", lambda _: str(rng.randint(0, 9)), text)
        absent = rng.random() < 0.3 and not any(it in theirs + text for it in (str(third.year), third.place[:2]))
        first = rng.random() < 0.5
        start = len(mine) + at - window[0] + (0 if first else len(theirs))
        asked = ask_within(question.text, "zh", third if absent else setting, naming, rng)
        spans = () if absent else ((start, start + len(answer)),)
        return Example(asked, "", mine + text + theirs if first else theirs + mine + text, spans, "twin")


def _prefix(setting: Setting, naming: str, rng: Random) -> str:
    year, place = f"{setting.year}年", setting.place
    forms = {
        "both": (year + place, place + year, f"{year}，{place}"),
        "place": (place, setting.who),
        "year": (year, year + "，"),
    }
    return rng.choice(forms[naming])


def _joined(one: str, two: str, rng: Random) -> str:
    """Two questions as one: ``X是哪年建的，面积是多少？``; what both begin with is said once."""
    common = 0
    while common < min(len(one), len(two)) and one[common] == two[common]:
        common += 1
    rest = two[common:] if common >= 2 and rng.random() < 0.8 else two
    link = rng.choice(("？", "，", "，", "？又", "，而", "；", "，以及", "？另外，"))
    return one.rstrip("？? 。") + link + rest


def _spans_within(answers: Sequence[tuple[str, int]], start: int, end: int) -> tuple[Span, ...]:
    return tuple((at - start, at + len(text) - start) for text, at in answers if start <= at and at + len(text) <= end)


def _bigrams(text: str) -> set[str]:
    text = normalise(text)
    return {text[i : i + 2] for i in range(len(text) - 1)}
