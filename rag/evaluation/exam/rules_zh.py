"""Questions of Chinese sentences that tell no figure: definitions, who does it, from when it applies, fines, lists.

Each rule takes a sentence only where its form leaves no doubt; all others are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rag.evaluation.exam import words
from rag.evaluation.exam.figures_zh import clauses_of
from rag.evaluation.exam.questions import AnswerType
from rag.text.figures import find_figures

__all__ = ["OtherForms", "announces_list", "other_forms"]

_DEFINES: Final = re.compile(
    r"(?:[本前][^，,、。]{1,6}所称的?)?(?P<term>[^，,。；;：:（）()]{2,24}?)[，,]?是指(?P<meaning>[^。；;]{8,160})"
)
_BY_WHOM: Final = re.compile(
    r"(?P<before>[^，,。；;：:]{4,28}?)[，,]?由(?P<who>[^，,。；;：:]{2,28}?)(?P<does>(?:统一|具体|依法|组织|共同)?(?:负责|牵头|制定|承担|核发|实施|组织|审批|批准|颁发|任命|选举|公布|规定|确定|责令|审核|登记|征收|执行)(?!部门|机构|机关|局|单位|委员会|办公室)[^，,。；;：:]{0,14})(?=[，,。；;]|$)"
)
_APPLIES: Final = re.compile(
    r"(?P<what>[^，,。；;]{2,24}?)[，,]?自(?P<day>[^，,。；;]{6,14}?日)起(?P<does>施行|实施|执行|生效|废止|试行|开展|启动|启用)"
)
_FINED: Final = re.compile(
    r"(?P<case>[^。；;]{6,60}?)的[，,].{0,60}?(?:并处|可以处|处以|处)(?P<fine>[^，,。；;]{2,30}?)的?罚款"
)
_LISTS: Final = re.compile(
    r"(?P<before>[^。；;：:]{0,40})下列(?P<what>[^，,。；;：:]{1,8}?)(?:之一)?(?P<after>的?(?:[，,][^。；;：:]{0,16})?)[：:]\s*$"
)
_ARTICLE: Final = re.compile(r"^违反(?:本|前)[^，,]{1,24}规定[，,]")


@dataclass(frozen=True, slots=True)
class OtherForms:
    """A statement that is no figure, and how it is asked for; offsets count in the sentence."""

    type: AnswerType
    forms: tuple[str, ...]
    start: int
    end: int
    about: str


def other_forms(sentence: str) -> Iterator[OtherForms]:
    """Questions of a sentence by the rules above; at most one of each."""
    clauses = clauses_of(sentence)
    if not clauses or not words.balanced(sentence):
        return
    at = clauses[0].start
    for rule in (_definition, _by_whom, _applies, _fined):
        made = rule(sentence, at)
        if made is not None:
            yield made


def announces_list(sentence: str) -> tuple[str, ...]:
    """Wordings of the question that a sentence's list answers (…应当具备下列条件：); none where it announces none."""
    clauses = clauses_of(sentence)
    match = _LISTS.match(sentence, clauses[0].start if clauses else 0)
    if match is None or not words.balanced(sentence):
        return ()
    before, what, after = match["before"], match["what"], match["after"].lstrip("的，, ")
    if what in ("情形", "行为", "情况") and after:
        lead = before.removesuffix("有").rstrip("，,")
        return (f"{lead}有哪些{what}的，{after}", f"{lead}哪些{what}下{after}") if len(lead + after) >= _LEAST else ()
    if after or not words.has_noun(before) or not words.may_begin(before) or len(before) < _LEAST:
        return ()
    return (f"{before}哪些{what}", f"{before}的{what}有哪些" if not words.has_verb(before) else f"{before}什么{what}")


_LEAST: Final = 4


def _definition(sentence: str, at: int) -> OtherForms | None:
    match = _DEFINES.match(sentence, at)
    if match is None:
        return None
    term = match["term"].strip('“”"‘’ 的')
    if not 2 <= len(term) <= 20 or not words.has_noun(term) or not words.may_begin(term) or "指" in term:
        return None
    forms = (f"什么是{term}", f"{term}是指什么", f"{term}是什么意思", f"怎样定义{term}")
    return OtherForms("definition", forms, match.start("meaning"), match.end("meaning"), term)


def _by_whom(sentence: str, at: int) -> OtherForms | None:
    match = _BY_WHOM.search(sentence, at)
    if match is None:
        return None
    before, who, does = (match[name].strip() for name in ("before", "who", "does"))
    noun = words.words_of(who)
    sound = (
        noun
        and words.is_nominal(noun[-1])
        and not any(word.tag in ("v", "p", "d") for word in noun)
        and noun[0].text not in ("其", "本", "该")
    )
    if not sound or not words.may_begin(before) or not words.has_noun(before) or find_figures(does):
        return None
    if (
        sentence[match.start("before") - 1 : match.start("before")] not in ("", "，", "。", "；", "、", "：")
        and match.start("before") != at
    ):
        return None
    forms = (
        f"{before}由谁{does}",
        f"{before}由哪个部门{does}",
        f"谁{does}{before}" if does == "负责" else f"{before}是谁{does}的",
    )
    return OtherForms("who", forms, match.start("who"), match.end("who"), f"{before}{does}")


def _applies(sentence: str, at: int) -> OtherForms | None:
    match = _APPLIES.search(sentence, at)
    if match is None:
        return None
    figures = find_figures(match["day"])
    if len(figures) != 1 or figures[0].kind != "date" or not all(figures[0].date_parts):
        return None
    what, does = match["what"], match["does"]
    own = what in words.SELF
    if not own and not (words.may_begin(what) and words.has_noun(what)):
        return None
    if words.has_verb(what):
        return None
    forms = (
        f"{what}自什么时候起{does}",
        f"{what}什么时候开始{does}",
        f"{what}从哪天起{does}",
        f"{what}的{does}日期是哪天",
    )
    return OtherForms("date", forms, match.start("day"), match.end("day"), f"{what}{does}")


def _fined(sentence: str, at: int) -> OtherForms | None:
    match = _FINED.match(sentence, at)
    if match is None or not find_figures(match["fine"]):
        return None
    case = _ARTICLE.sub("", match["case"])
    if (
        sentence.count("罚款") > 1
        or not words.may_begin(case, adverbs=True)
        or not 4 <= len(case) <= 40
        or "有下列" in case
    ):
        return None
    forms = (f"{case}的，处多少罚款", f"{case}会被罚款多少", f"{case}要罚多少钱")
    return OtherForms("penalty", forms, match.start("fine"), match.end("fine"), case)
