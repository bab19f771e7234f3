"""Several turns: a question that leans on the one before -> one question that stands alone. By rule, without a model.

The turns are gone through in order, so that each leans on what the one before it was taken to mean. A follow-up
exchanges something of that question (place, year, thing: "松江呢？", "那2032年的呢？", "不对，我问的是内河"), or asks
something else of the same subject ("增长多少？", "它有多长？"). Two questions are never put one behind the other.

Not covered: what leans on the words of an answer, but for a place that it names ("那全市呢？"); languages other than
Chinese and English, of which a place or a year alone is exchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from rag.question.clause import ENGLISH_COUNTED, LEAST_OWN, names_place, scope_prefix, stands_alone, subject_of
from rag.question.kind import asking_span, is_small_talk
from rag.question.scope import NamedScope
from rag.schema.messages import Turn
from rag.text.dates import RELATIVE_YEARS
from rag.text.numerals import UNITS
from rag.text.places import SUFFIXES, latin_name, place_pattern
from rag.text.unicode import is_chinese
from rag.text.words import tag_words
from rag.text.years import replace_year, strip_years, year_spans

__all__ = ["standalone_question"]

_CORRECTS: Final = re.compile(
    r"^(?:(?:不对|不是|[弄搞]?错了|no\b)[^，,。！!]{0,12}[，,。！!]\s*)?(?:我?[想要]?(?:问|说|指)的?是|I meant?\b)?\s*",
    re.IGNORECASE,
)
_LEADS: Final = re.compile(
    r"^(?:那么?(?![个里边些座])|然后|再|and\b|then\b|how about\b|what about\b|(?:the )?same for\b"
    r"|換成|换成|改成|如果是|要是|还有|而|是|[\s,，])*",
    re.IGNORECASE,
)
_TAIL: Final = re.compile(r"(?P<of>的)?(?:情况)?(?P<again>呢|怎么样|如何|又如何|は)?[\s？?。！!]*$")
# What stands for the place or the thing of the last question.
_STANDS_FOR: Final = re.compile(
    rf"(?:其中|它们?|他们|她们|这[次里儿个项些类]|那[里儿边个些]|该(?:[{SUFFIXES}]|[校局院项])|当地|上述|前者)的?"
    r"|\bthere\b(?! (?:is|are|was|were|be|been)\b)(?<!is there)(?<!are there)(?<!was there)(?<!were there)"
    r"|\b(?:that (?:city|district|county|place)|its?)\b",
    re.IGNORECASE,
)
_FILLER: Final = re.compile(rf"\b(?:in|for|of|the|city|district|county|year)\b|[年度的在{SUFFIXES}\s]", re.IGNORECASE)
# Nouns that are always of something: they are asked of the last question's subject, not in its place.
_RELATIONAL: Final = re.compile(
    r"目标|计划|任务|预算|实际|[增降涨][速幅]|[占比][比重例率]|总[量额数值]|人均|排名|原因|[上下]限|单位"
)
_COUNTS: Final = ("多少", "几", "百分之")
_PLANNED: Final = ("目标", "计划", "任务", "预算", "实际")
_UNIT: Final = re.compile(rf"\s*[十百千万亿]*(?:{'|'.join(UNITS)})?")
_MOST_CHARS: Final = 300
_MOST_TURNS: Final = 12
_MOST_LEANING: Final = 10
"""Characters, without place and year, of a question that leans on the last one without a word for it (set on pairs of
283 questions that stand alone; longer ones lean by a pronoun or 那)."""

_Named = Callable[[str], NamedScope]


def standalone_question(question: str, history: Sequence[Turn], named: _Named) -> str:
    """Make a question searchable by itself.

    Args:
        question: The user's words.
        history: Earlier turns, oldest first.
        named: Finds the corpus's places, and the years, that a text names.

    Returns:
        The question itself where it stands alone.
    """
    last = answer = ""
    for turn in history[-_MOST_TURNS:]:
        if turn.role == "assistant":
            answer = turn.content
        elif not is_small_talk(turn.content):
            last, answer = _standing(turn.content.strip()[:_MOST_CHARS], last, answer, named), ""
    return _standing(question, last, answer, named)


def _standing(question: str, last: str, answer: str, named: _Named) -> str:
    """A question that stands alone, given the last one, which does, and its answer."""
    if not last or is_small_talk(question):
        return question
    before = named(last)
    text = _with_years(question, before, named(question))
    if not (own := named(text)).places:
        text = _with_wider_place(text, named(answer) if answer else before, before)
    told = _CORRECTS.sub("", text.strip(), count=1)
    rest = _LEADS.sub("", told, count=1)
    marked = rest != text.strip()
    tail = _TAIL.search(rest)
    if tail and (tail["again"] or asking_span(rest)[0] == len(rest)):
        rest = rest[: tail.start()]
        marked = marked or bool(tail["again"])
    own = named(text) if text != question else own
    if asking_span(rest)[0] == len(rest):
        return _exchanged(rest, last, own, named, marked=marked, of=bool(tail and tail["of"])) or text
    if not is_chinese(rest):
        leans = before.places and not own.places
        return _STANDS_FOR.sub(_place_in(last, before), rest, count=1) if leans else text
    return _of_same_subject(rest, last, own, before, marked=marked) or text


# Something of the last question, exchanged


def _exchanged(rest: str, last: str, own: NamedScope, named: _Named, *, marked: bool, of: bool) -> str:
    """The last question with the place, year or thing that a few words name; empty where they lean on nothing."""
    rest = _STANDS_FOR.sub("", rest, count=1) if marked else rest
    thing = strip_years(_replaced(rest, (*own.places, *own.unknown), "")).strip()
    bare = not _FILLER.sub("", thing)
    if not marked and not (bare and len(rest) <= 24):
        return ""
    text = _in_scope(last, rest, own, named(last))
    return text if bare else _with_thing(text, re.sub("^the ", "", thing.strip("的 ")), named, of=of)


def _in_scope(last: str, rest: str, own: NamedScope, before: NamedScope) -> str:
    """A question with the place and year that the rest names in the place of its own, or before it."""
    text, places = last, (*own.places, *own.unknown)
    if len(places) == 1:
        latin = None if is_chinese(last) else re.search(latin_name(places[0]), rest, re.IGNORECASE)
        name, of_last = latin.group() if latin else places[0], (*before.places, *before.unknown)
        text = _replaced(_replaced(text, of_last[1:], ""), of_last[:1], name) if of_last else f"{name}{text}"
    spans, of_last_years = year_spans(rest), year_spans(last)
    if len(spans) == 1 and of_last_years:
        text = strip_years(text, keep=of_last_years[0].years, links=True)
        year, other = of_last_years[0].years[0], spans[0]
        if len(other.years) == len(of_last_years[0].years) == 1:
            text = replace_year(text, year, other.years[0])
        else:
            at = year_spans(text)[0]
            text = text[: at.start] + rest[other.start : other.end] + text[at.end :]
    elif len(spans) == 1 and is_chinese(last):
        text = rest[spans[0].start : spans[0].end] + text
    return text


def _with_thing(last: str, thing: str, named: _Named, *, of: bool) -> str:
    """The last question about another thing: in the place of what is most like it, else of all that it asks about."""
    if not is_chinese(last):
        counted = ENGLISH_COUNTED.match(last)
        return f"{counted['much']}{thing} {counted['tail']}" if counted else f"{thing}: {last}"
    scope = scope_prefix(last, named(last))
    asked = asking_span(last)
    subject, tail = last[len(scope) : asked[0]], last[asked[0] :]
    noun = _counted_noun(last, *asked)
    if _RELATIONAL.fullmatch(thing):
        of_what = re.sub(r"[是为有了]+$", "", subject) + noun if thing in _PLANNED else subject_of(last, scope, thing)
        return f"{scope}{of_what}的{thing}是{'多少' if asked[0] < len(last) else '什么'}？"
    if like := _most_like(thing, subject, modifier=of):
        return scope + subject.replace(like, thing, 1) + tail
    if noun:
        return f"{last[: asked[1]]}{thing}{last[last.index(noun, asked[1]) + len(noun) :]}"
    kept = "".join(reversed([word for word, _ in _verbs_at_end(subject)]))
    return f"{scope}{thing}{kept}{tail}"


def _verbs_at_end(text: str) -> list[tuple[str, str]]:
    """The verbs, adverbs and prepositions at the end of a text, the last first."""
    words, found = tag_words(text), []
    while len(words) > 1 and words[-1][1] in ("v", "d", "p", "ul", "zg"):
        found.append(words.pop())
    return found


def _most_like(thing: str, subject: str, *, modifier: bool) -> str:
    """The word of a subject that a thing may stand for: one that holds it, of its last character, or of its length."""
    words = [word for word, tag in tag_words(subject) if len(word) > 1 and not tag.startswith(("d", "p", "c", "u"))]
    if modifier and len(words) > 1:
        words = words[:-1]
    same_length = [word for word in words if len(word) == len(thing)]
    holds = (word for word in words if thing in word and word != thing)
    ends = (word for word in words if word[-1] == thing[-1])
    return next((word for found in (holds, ends, same_length) for word in found), "")


# Something else of the same subject


def _of_same_subject(rest: str, last: str, own: NamedScope, before: NamedScope, *, marked: bool) -> str:
    """A question with the place, year and subject of the last one, as far as it lacks them; empty where it has all."""
    pronoun = _STANDS_FOR.search(rest)
    if pronoun and pronoun.start() < LEAST_OWN and not any(names_place(rest[: pronoun.start()], p) for p in own.places):
        of_years = NamedScope((), own.years)
        lead, clause = rest[: pronoun.start()], strip_years(rest[pronoun.end() :])
    else:
        pronoun, of_years = None, own
        lead, clause = "", strip_years(_replaced(rest, (*own.places, *own.unknown), "")).removeprefix("的")
    if not (marked or pronoun or _leans(clause, rest, own)):
        return ""
    foreign = not is_chinese(last)
    scope = (
        "".join((*before.places[:1], *(f"{year}年" for year in before.years[:1])))
        if foreign
        else scope_prefix(last, before)
    )
    subject = ""
    if not foreign and (_lacks_subject(clause) or (pronoun and not scope)):
        link = _link(pronoun.group()) if pronoun else ""
        subject = _plain_subject(last, scope, "" if link else clause) + link
    return _in_scope(f"{lead}{scope}{subject}{clause}", rest, of_years, before)


def _leans(clause: str, rest: str, own: NamedScope) -> bool:
    """Whether a question without a word for it leans on the last one: 增长多少, 谁负责, 有多少座桥; those are short.

    A relative year (去年) that the conversation does not tell is no reason, nor is a place of its own with what is
    asked of it: 松江有什么, but 松江增长多少 is.
    """
    start, _ = asking_span(clause)
    if _stands(clause) or len(clause.strip("？?。 ")) > _MOST_LEANING:
        return False
    if own.places or own.unknown:
        return clause.startswith(_COUNTS, start) and start < LEAST_OWN and _lacks_subject(clause)
    return not any(words.search(rest) for _, words in RELATIVE_YEARS)


def _stands(clause: str) -> bool:
    return stands_alone(clause, beside="")


def _lacks_subject(clause: str) -> bool:
    """Whether a clause begins with what asks, or with a verb: 增长多少, but not 桥有几座 or 有多少座桥."""
    start, end = asking_span(clause)
    own = clause[:start].rstrip("是为有")
    of_noun = own and tag_words(own)[0][1].startswith("n") and not _RELATIONAL.match(own)
    return not (_stands(clause) or of_noun or _counted_noun(clause, start, end))


def _counted_noun(text: str, start: int, end: int) -> str:
    """The noun that 多少 or 几 counts: 桥梁 of ``多少座桥梁``; empty where none stands there."""
    if not text.startswith(_COUNTS, start):
        return ""
    unit = _UNIT.match(text, end)
    begin = unit.end() if unit else end
    noun = re.match(r"[^，,。？?吗呢的]*", text[begin:])
    words = tag_words(noun.group()) if noun else []
    return noun.group() if noun and words and words[0][1].startswith("n") and words[0][0] not in ("内", "钱") else ""


def _link(pronoun: str) -> str:
    return "中" if pronoun.startswith("其中") else "的" if pronoun.endswith("的") else ""


def _plain_subject(last: str, scope: str, clause: str) -> str:
    """What the last question asks about: what it counts, or its subject without adverbs at its beginning."""
    if noun := _counted_noun(last, *asking_span(last)):
        return noun
    words = tag_words(subject_of(last, scope, clause))
    while len(words) > 1 and words[0][1] in ("d", "p", "c"):
        words = words[1:]
    return "".join(word for word, _ in words)


# Places and years of the conversation


def _place_in(last: str, before: NamedScope) -> str:
    """The first place of the last question, as it is written there."""
    written = re.search(place_pattern(before.places[0]), last, re.IGNORECASE)
    return written.group() if written else before.places[0]


def _with_wider_place(question: str, answer: NamedScope, before: NamedScope) -> str:
    """The question with the name of 全市 or 全省, where the last answer or question names one of that kind."""
    for place in (*answer.places, *before.places):
        if f"全{place[-1]}" in question:
            return question.replace(f"全{place[-1]}", place, 1)
    return question


def _replaced(text: str, names: Sequence[str], other: str) -> str:
    """The text with another name in place of each, which may stand there without its suffix or in Latin script."""
    for name in names:
        written = place_pattern(name)
        text = re.sub(written if other else rf"[、和与及]?{written}", other, text, flags=re.IGNORECASE)
    return text


def _with_years(question: str, last: NamedScope, own: NamedScope) -> str:
    """The question with "last year" and the like told by the one year of the last question."""
    if len(last.years) != 1 or own.years:
        return question
    told = [(step, words) for step, words in RELATIVE_YEARS if words.search(question)]
    if len(told) != 1:  # 今年和去年 are told by their document
        return question
    step, words = told[0]
    year = last.years[0] + step
    latin = bool(re.search(r"[A-Za-z]{3,}", question))
    return words.sub(f"in {year}" if latin else f"{year}年", question, count=1)
