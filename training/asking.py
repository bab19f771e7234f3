"""Questions that a sentence of an official paper answers, by rule: for a figure, a date, a body, a list, a meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rag.text.figures import Figure, find_figures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from training.recipe import Span

__all__ = ["ASKING", "Asked", "ask"]

ASKING: Final = re.compile("百分之多少|百分之几|多少|几|有?哪些|由?谁|什么(?:时候)?|是?哪一年|的时间是|达到|是(?=？)")
"""The words of a question that ask, and tell nothing of what it is about."""
_CLAUSE: Final = re.compile(r"[^，；：。！？!?;\n]+")
_TO_VERB: Final = re.compile(
    r"(?:预计|分别|累计|总共|共计?|约|近|超过|突破|达到了?|达|为|是|有|完成|实现|增至|增加到|提高到|下降到|降至|升至)+$"
)
_BY: Final = re.compile(
    r"由(?P<who>[\u4e00-\u9fff、（）]{2,24}?)(?=负责|组织|批准|规定|制定|公布|处以|予以|决定|承担|审批)"
)
_LIST: Final = re.compile(
    r"(?P<asked>[\u4e00-\u9fff]{2,16}(?:包括|主要有|分为))[:：]?(?P<what>[^。；]{6,60})(?=[。；])"
)
_MEANT: Final = re.compile(
    r"(?:所称的?|^|[，。；])(?P<term>(?:(?!所称)[\u4e00-\u9fff]){2,14})，?是指(?P<what>[^。；]{8,70})(?=[。；])"
)
_NUMBER: Final = re.compile(
    r"^(?:[（(]?[一二三四五六七八九十\d]+[）)、.．]|[一二三四五六七八九十]是|第[一二三四五六七八九十百\d]+条|其中|同时|到)"
)
_NO_SUBJECT: Final = re.compile(
    r"^(?:其中|比上年|同比|较上年|较去年|比去年|分别|年均|增长|下降|增加|减少|提高|降低|达到|累计|新增|完成|实现|总量|占)"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and where its answer stands in a sentence.

    Attributes:
        text: The question, naming neither place nor year nor title.
        answer: (start, end) in the sentence.
    """

    text: str
    answer: Span


def ask(sentence: str, rng: Random) -> list[Asked]:
    """Questions that a sentence answers, by rule."""
    found = [*_for_figures(sentence, rng), *_for_words(sentence)]
    return [one for one in found if 7 <= len(one.text) <= 70 and one.answer[0] < one.answer[1]]


def _for_figures(sentence: str, rng: Random) -> Iterator[Asked]:
    figures = [f for f in find_figures(sentence) if not f.loose and f.kind != "ordinal"]
    before = ""
    for match in _CLAUSE.finditer(sentence):
        start, end = match.span()
        inside = [f for f in figures if start <= f.start and f.end <= end]
        clause = match.group().strip()
        if len(inside) == 1:
            yield from _for_figure(sentence, (start, end), inside[0], before, rng)
        if inside:
            lead = sentence[start : inside[0].start].strip()
            subject = _TO_VERB.sub("", lead)
            before = subject if len(subject) >= 4 and not _NO_SUBJECT.match(subject) else before
        elif len(clause) >= 4:
            before = clause


def _for_figure(sentence: str, clause: Span, figure: Figure, before: str, rng: Random) -> Iterator[Asked]:
    end = figure.end
    if figure.unit and sentence.startswith(figure.unit, end):
        end += len(figure.unit)
    lead, rest = sentence[clause[0] : figure.start].strip(), sentence[end : clause[1]].strip()
    lead = _NUMBER.sub("", lead)
    if len(lead) < 4 or _NO_SUBJECT.match(lead):
        if not before:
            return
        lead = before[-30:] + (rng.choice(("", "，")) if not before.endswith("的") else "") + lead
    unit = sentence[figure.end : end]
    answer = (figure.start, end)
    if figure.kind == "date":
        yield Asked(
            f"{re.sub('[于自在至]$', '', lead)}{rng.choice(('是什么时候', '是哪一年', '的时间是什么'))}？", answer
        )
        return
    how = {
        "percent": ("百分之多少", "百分之几", "多少"),
        "points": ("多少个百分点", "几个百分点", "多少"),
    }.get(figure.kind, (f"多少{unit}", f"多少{unit}", f"几{unit}" if unit else "多少"))
    subject = _TO_VERB.sub("", lead)
    forms = [
        f"{lead}{rng.choice(how)}{rest}？",
        f"{lead}了{rng.choice(how)}{rest}？" if lead[-1:] in "长降加少成建" else "",
    ]
    if not rest and subject != lead and len(subject) >= 4:
        forms += [f"{subject}是多少？", f"{subject}{rng.choice(('有多少', '是多少', '达到多少'))}{unit}？"]
    yield Asked(_shortened(rng.choice([form for form in forms if form]), rng), answer)


def _for_words(sentence: str) -> Iterator[Asked]:
    for match in _BY.finditer(sentence):
        clause = next((c for c in _CLAUSE.finditer(sentence) if c.start() <= match.start() < c.end()), None)
        if clause:
            lead, rest = sentence[clause.start() : match.start()], sentence[match.end() : clause.end()]
            yield Asked(f"{lead}由谁{rest}？" if len(lead) > 1 else f"谁{rest}？", match.span("who"))
    if listed := _LIST.search(sentence):
        yield Asked(f"{_NUMBER.sub('', listed['asked'])}哪些？", listed.span("what"))
    if meant := _MEANT.search(sentence):
        yield Asked(f"什么是{meant['term']}？", meant.span("what"))


def _shortened(question: str, rng: Random) -> str:
    """The question in fewer words than the text's: people do not repeat a whole clause."""
    if rng.random() < 0.5:
        question = re.sub("全省|全市|全区|全国|全年|我省|我市|我区|预计|进一步|累计|(?:规模以上)(?=工业)", "", question)
    if rng.random() < 0.3:
        question = re.sub("^[^，]{2,12}，(?=.{9})", "", question)
    if rng.random() < 0.2:
        question = question.replace("，", "")
    if rng.random() < 0.3:
        question = re.sub("(?<=[\u4e00-\u9fff]{4})的", "", question)
    return question
