"""Questions of a figure in a Chinese clause: 全市新增公办幼儿园12所 -> 全市新增公办幼儿园多少所.

A clause counts where it holds one figure with a unit, or one share or place in an order, and a subject of its own; a
clause that has none (同比增长5%) takes that of the clause before it. Not covered: two figures in a clause, estimates,
figures in brackets or quotation marks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from rag.evaluation.exam import words
from rag.evaluation.exam.questions import AnswerType
from rag.text.figures import Figure, find_figures
from rag.text.numbering import item_number, read_heading_number
from rag.text.unicode import is_chinese

__all__ = ["Clause", "FigureForms", "clauses_of", "figure_forms"]

_ENDS: Final = "，,。；;！!？?：:\n"
_LONGEST: Final = 40
_LEAST_NOUN_CHARS: Final = 2
_LEAST_CASE_CHARS: Final = 4
_ABOUT: Final = ("", "左右", "以上", "以内")
_LONGEST_REST: Final = 14
_LONGEST_DEED: Final = 24
# Units by which something is named or dated and not counted.
_NO_COUNT: Final = frozenset("方面 点 级 类 届 期 号 年代 度 年级 版 批 轮 周 章".split())
_WORKING_DAYS: Final = "工作日"
_BEFORE_LIMIT: Final = ("少于", "多于", "超过", "不足", "为", "至少", "达到")
_TIMES: Final = ("月", "年", "天", "日", "周", "岁")


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause with its place in the sentence."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class FigureForms:
    """A figure of a clause, and how it is asked for.

    Attributes:
        type: Whether it is a quantity, a share or a place in an order.
        forms: Wordings of the question.
        start: Offset of the answer in the sentence.
        end: Offset behind it, its unit included.
        about: What it is told of.
        value: The figure's value.
        unit: Its unit, or ``%``.
        period: The period that the sentence names.
    """

    type: AnswerType
    forms: tuple[str, ...]
    start: int
    end: int
    about: str
    value: Decimal
    unit: str
    period: str


def clauses_of(text: str) -> list[Clause]:
    """The clauses of a sentence, without list number; a bracket is not cut."""
    found, start, depth = [], _behind_number(text), 0
    for at, char in enumerate(text):
        if at < start:
            continue
        depth += (char in "（(《“「") - (char in "）)》”」")
        number = char == "," and text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()
        if char in _ENDS and depth <= 0 and not number:
            found.append(Clause(text[start:at], start))
            start = at + 1
    found.append(Clause(text[start:], start))
    return [_trimmed(clause) for clause in found if clause.text.strip()]


def _trimmed(clause: Clause) -> Clause:
    lead = len(clause.text) - len(clause.text.lstrip())
    return Clause(clause.text.strip(), clause.start + lead)


def _behind_number(text: str) -> int:
    """Where a sentence begins behind （三）, 3. or 三是."""
    number = read_heading_number(text, 0, len(text))
    if number:
        return number.end
    if item_number(text) and text[1:2] == "是":
        return 2
    return 0


def figure_forms(sentence: str) -> Iterator[FigureForms]:
    """Questions of the figures of a Chinese sentence."""
    period = subject = case = ""
    clauses = clauses_of(sentence)
    for at, clause in enumerate(clauses):
        if clause.text.startswith("其中"):
            return  # a part of something that is not named again
        if words.is_period(clause.text) or _is_date(clause.text):
            period = clause.text
            continue
        own, rest = _split_period(clause)
        period = own or period
        read = _read_clause(rest, subject, case)
        if read is not None:
            figure, unit, before, after = read
            if after == "内" and at + 1 < len(clauses):
                after = _with_deed(after, clauses[at + 1].text)
            made = _forms(figure, unit, before, after, rest.start, period)
            if made is not None:
                yield made
        subject = _subject_of(rest) or subject
        told = clause.text.endswith("的") and words.may_begin(clause.text)
        case = clause.text if told and words.noun_chars(clause.text) >= _LEAST_CASE_CHARS else ""


def _with_deed(within: str, deed: str) -> str:
    """30日内 with what is to be done in that time, where that is one plain clause."""
    plain = len(deed) <= _LONGEST_DEED and words.balanced(deed) and not _figures(deed) and not deed.endswith("的")
    return f"{within}，{deed}" if plain else within


def _figures(text: str) -> list[Figure]:
    """The figures of a text; a day alone that limits something (30日内, 不少于5日) is a count of days."""
    return [_days(figure, text) if _limits(figure, text) else figure for figure in find_figures(text)]


def _limits(figure: Figure, text: str) -> bool:
    if figure.kind != "date" or any(figure.date_parts[:2]):
        return False
    return text.startswith(("内", "以", "的"), figure.end) or text[: figure.start].endswith(_BEFORE_LIMIT)


def _days(figure: Figure, text: str) -> Figure:
    unit = text[figure.end - 1]
    return replace(figure, kind="number", value=figure.value, unit=unit, end=figure.end - 1, text=figure.text[:-1])


def _is_date(text: str) -> bool:
    figures = _figures(text)
    dated = len(figures) == 1 and figures[0].kind == "date"
    return dated and text[: figures[0].start] in ("", "截至", "截止", "至", "到") and figures[0].end >= len(text) - 1


def _split_period(clause: Clause) -> tuple[str, Clause]:
    """The period that a clause begins with, and the rest of it."""
    text = clause.text
    for figure in _figures(text)[:1]:
        if figure.kind == "date" and figure.start == 0 and figure.date_parts[0]:
            cut = figure.end
            while text[cut : cut + 1] in ("末", "底", "初", "度") and text[cut : cut + 1]:
                cut += 1
            return text[:cut], Clause(text[cut:], clause.start + cut)
    for name in words.RELATIVE_PERIODS:
        if text.startswith(name) and len(text) > len(name):
            return name, Clause(text[len(name) :], clause.start + len(name))
    return "", clause


def _subject_of(clause: Clause) -> str:
    figures = _figures(clause.text)
    unit, after = _unit_behind(clause.text, figures[0]) if len(figures) == 1 else (None, "")
    if unit is None or not _may_be_asked(clause.text, figures[0], unit, after):
        return ""
    before = clause.text[: figures[0].start]
    return words.noun_phrase(before) if words.may_begin(before) and words.balanced(before) else ""


def _read_clause(clause: Clause, subject: str, case: str) -> tuple[Figure, str, str, str] | None:
    """The one figure of a clause with its unit and what stands before and behind; None where it makes no question."""
    text = clause.text
    figures = _figures(text)
    if len(figures) != 1 or figures[0].loose or figures[0].kind == "date" or len(text) > _LONGEST:
        return None
    figure = figures[0]
    unit, after = _unit_behind(text, figure)
    if unit is None or not _may_be_asked(text, figure, unit, after):
        return None
    before = _with_subject(text[: figure.start], after, subject, case)
    whole = before + after
    sound = before and words.balanced(before) and words.balanced(after) and words.noun_chars(whole) >= _LEAST_NOUN_CHARS
    return (figure, unit, before, after) if sound and len(whole) <= _LONGEST else None


def _with_subject(before: str, after: str, subject: str, case: str) -> str:
    """What stands before a figure, with the subject or the case that it goes on from; "" where that is not clear."""
    if not before:
        return ""
    if words.depends(before) or not words.has_noun(before + after):
        if case:
            return f"{case}，{before}"
        changes = not words.has_noun(before + after) and before[:1] not in (
            "占",
            "比",
            "较",
            "应",
            "可",
            "处",
            "给",
            "按",
        )
        return subject + before if subject and changes else ""
    return before if words.may_begin(before) else ""


def _unit_behind(text: str, figure: Figure) -> tuple[str | None, str]:
    """The unit behind a figure, with 多 or 余 before it, and the rest of the clause; no unit where none is clear."""
    rest = text[figure.end :]
    if figure.kind in ("percent", "points"):
        return "", rest
    lead = rest[: rest[:1] in ("多", "余")]
    if figure.unit and rest[len(lead) :].lstrip().startswith(figure.unit):
        end = rest.index(figure.unit) + len(figure.unit)
        end += len(_WORKING_DAYS) if rest.startswith(_WORKING_DAYS, end) else 0
        return rest[:end], rest[end:]
    if figure.kind == "number" and rest.startswith("日"):  # 45日: no day of a month
        return rest[:1], rest[1:]
    if figure.kind == "number" and 0 < len(rest) <= 3 and is_chinese(rest, least=len(rest)):
        return rest, ""
    return None, rest


def _may_be_asked(text: str, figure: Figure, unit: str, after: str) -> bool:
    bare = unit.lstrip("多余 ")
    if figure.kind == "ordinal":
        return bare in ("位", "名")
    written = text[figure.start].isdigit()
    if text.endswith(("的", "时", "后")) or (not written and after and not after.startswith(("的", "以", "内"))):
        return False  # a case of something; 八项规定, 十年规划: names
    if bare in _NO_COUNT or text[: figure.start].endswith(
        ("第", "每", "近", "满", "×", "=", "前", "后", "、", "—", "-", "/", "+")
    ):
        return False
    if bare.endswith(_TIMES) and after and not after.startswith(("的", "以", "内", "左右")):
        return False
    return len(after) <= _LONGEST_REST and not after.startswith(("以来", "、", "和", "-", "—", "+", "/", "左右、"))


def _forms(figure: Figure, unit: str, before: str, after: str, at: int, period: str) -> FigureForms | None:
    bare = unit.lstrip("多余 ")
    if figure.kind == "ordinal":
        kind: AnswerType = "rank"
        forms = [f"{before}第几{bare}{after}"]
        name = bare
    elif figure.kind == "percent":
        kind, name = "share", "%"
        if after in _ABOUT and before[-1:] in tuple("率重例比速幅"):
            before += "是"
        forms = [f"{before}百分之多少{after}", f"{before}百分之几{after}"] + ([f"{before}多少"] if not after else [])
    elif figure.kind == "points":
        kind, name = "figure", "points"
        forms = [f"{before}多少个百分点{after}", f"{before}几个百分点{after}"]
    else:
        kind, name = "figure", bare
        small = figure.value <= 20 and figure.value == int(figure.value)
        forms = [f"{before}多少{bare}{after}"] + ([f"{before}几{bare}{after}"] if small else [])
    subject = words.noun_phrase(before) if after in _ABOUT else ""
    if subject and subject != before and not words.has_verb(subject):
        forms.append(f"{subject}是多少" if kind != "rank" else f"{subject}排第几{bare}")
    elif subject == before and not words.has_verb(subject) and kind == "figure":
        forms += [f"{subject}有多少{bare}", f"{subject}达到多少{bare}"]
    start = at + figure.start
    end = at + figure.end + len(unit)
    about = before + after
    return FigureForms(kind, tuple(dict.fromkeys(forms)), start, end, about, figure.value, name, period)
