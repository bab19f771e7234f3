"""Refusals say what was looked for and what is there, and cite the closest; a greeting is greeted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answering.case import AnsweringTools, Case
from rag.answering.refusal import LEAST_BESIDE, LEAST_CLOSE, MOST_CLOSEST, refuse, why_not_covered
from rag.generation import ReplyStream
from rag.question.kind import is_small_talk
from rag.question.scope import NamedScope
from rag.schema.answers import Answer
from rag.schema.documents import Part
from rag.schema.messages import Message
from rag.schema.search import Evidence
from rag.scoring.sides import CandidateSpan, Side
from rag.text.language import Language
from tests.support.fakes import ScriptedReader, some_evidence
from tests.support.questions import asked, found
from tests.support.rag.decisions import candidate
from tests.support.scoring import BY_READER

ASKED = "海州市新建机场多少座？"
ANYWHERE, HERE = NamedScope((), ()), NamedScope(("海州市",), ())
SECTION = some_evidence("新建学校12所。", "新修公路86公里。", "招聘教师400名。")
NOT_FOUND = "资料中没有提到所问的内容。"


def parts(*facts: tuple[str, tuple[int, ...]]) -> list[Part]:
    return [Part("工作总结", "", place, years, "", 0, 1) for place, years in facts]


CORPUS = parts(("海州市", (2031,)), ("临川县", (2030,)), ("海州市", (2033,)), ("", (2029,)))


def side(*likely: tuple[Evidence, float], named: NamedScope = ANYWHERE) -> Side:
    """The whole of each sentence with its probability."""
    spans: tuple[CandidateSpan, ...] = tuple(candidate(e, e.text, probability=p, named=named) for e, p in likely)
    return Side(ASKED, named, spans, 0.3)


# Small talk


@pytest.mark.parametrize(
    "message",
    [
        *(
            "你好",
            "您好！",
            "你好啊～",
            "谢谢你。",
            "谢谢大家",
            "再见",
            "在吗？",
            "你是谁？",
            "你能做什么？",
            "好的，",
            "收到！",
            "哈哈哈",
            "你是谁做的？",
            "谁开发了你",
            "你是哪家公司开发的？",
            "你是机器人吗",
            "帮我写首诗",
            "写一篇关于春天的作文",
            "给我讲个笑话吧",
            "帮我订机票",
            "幫我寫首詩",
        ),
        *(
            "Hello!",
            "hi there",
            "Thanks.",
            "Thank you very much!",
            "Good morning",
            "Who are you?",
            "OK",
            "Who made you?",
            "Write me a poem about cats",
        ),
        *("こんにちは", "안녕하세요", "Bonjour", "hola!", "Hallo", "  你好  "),
    ],
)
def test_a_greeting_or_an_errand_asks_nothing_of_documents(message: str) -> None:
    assert is_small_talk(message)


@pytest.mark.parametrize(
    "message",
    [
        *(
            "你好，2031年录取率是多少？",
            "谢谢，那临川县呢？",
            "学校",
            "你能做什么工作的总结？",
            "收到多少份报告？",
            "感谢信有几封？",
            "什么是质数？",
            "你知道海州有几个港吗？",
            "讲讲三号码头的故事",
            "帮我写一份海州市工作总结",
            "谁是负责人？",
            "什么人能做？",
            "发送了多少封邮件？",
        ),
        *(
            "Hello, how many schools?",
            "hi-tech zone",
            "Thanks to whom was it built?",
            "Is it OK?",
            "2031",
            "",
            "Who made the pier?",
            "Which poem is quoted?",
        ),
    ],
)
def test_a_message_that_asks_is_no_small_talk(message: str) -> None:
    assert not is_small_talk(message)


# What is not covered


@pytest.mark.parametrize(
    ("named", "language", "reason"),
    [
        (NamedScope((), (), ("杭州市",)), "zh", "资料中没有关于杭州市的文件；现有文件涉及海州市、临川县。"),
        (
            NamedScope((), (2031,), ("杭州市", "沈阳")),
            "zh",
            "资料中没有关于杭州市、沈阳的文件；现有文件涉及海州市、临川县。",
        ),
        (
            NamedScope((), (), ("Hangzhou",)),
            "en",
            "No document speaks of Hangzhou; there are documents on 海州市, 临川县.",
        ),
        (NamedScope(("海州市",), (2030,)), "zh", "资料中没有海州市2030年的内容，只有2031、2033年的。"),
        (NamedScope(("海州",), (2032, 2034)), "zh", "资料中没有海州2032、2034年的内容，只有2031、2033年的。"),
        (NamedScope(("临川县",), (2031,)), "en", "The documents hold nothing on 临川县 for 2031, only for 2030."),
        (NamedScope(("海州市",), (2031,)), "zh", ""),
        (NamedScope(("海州市",), (2030, 2031)), "zh", ""),  # one of the years is there
        (NamedScope(("海州市",), ()), "zh", ""),
        (NamedScope((), (1999,)), "zh", ""),  # a year of no place: every document may tell
        (NamedScope(("海州市", "临川县"), (1999,)), "zh", ""),
        (NamedScope(("海州市",), (), ("杭州市",)), "zh", ""),  # one of the places is there
        (NamedScope((), ()), "zh", ""),
    ],
)
def test_a_place_or_year_that_no_document_covers_is_told_with_what_there_is(
    named: NamedScope, language: Language, reason: str
) -> None:
    assert why_not_covered(named, CORPUS, (), language=language) == reason


def test_where_documents_tell_no_place_or_year_nothing_is_claimed() -> None:
    unknown = NamedScope((), (), ("杭州市",))
    assert why_not_covered(unknown, parts(("", (2031,))), (), language="zh") == ""
    assert why_not_covered(unknown, [], (), language="zh") == ""
    assert why_not_covered(NamedScope(("海州市",), (2031,)), parts(("海州市", ())), (), language="zh") == ""


def test_of_many_places_some_are_named() -> None:
    many = parts(*((f"{name}丘县", (2031,)) for name in "甲乙丙丁戊己庚辛壬癸"))
    reason = why_not_covered(NamedScope((), (), ("杭州市",)), many, (), language="zh")
    assert reason == (
        "资料中没有关于杭州市的文件；现有文件涉及甲丘县、乙丘县、丙丘县、丁丘县、戊丘县、己丘县、庚丘县、辛丘县…。"
    )


@pytest.mark.parametrize(
    ("about", "text"),
    [
        ({}, "杭州市新建学校3所。"),  # the sentence names the place
        ({"heading": ("二、杭州市",)}, "新建学校3所。"),
        ({"title": "杭州市情况"}, "新建学校3所。"),
        ({"source": "杭州市.txt"}, "新建学校3所。"),
        ({}, "杭州市西湖区新建学校3所。"),  # a part of it
    ],
)
def test_while_a_sentence_is_of_the_place_nobody_says_that_no_document_is(about: dict[str, object], text: str) -> None:
    read = [*SECTION, *some_evidence(text, **about)]
    assert why_not_covered(NamedScope((), (), ("杭州市",)), CORPUS, read, language="zh") == ""
    assert why_not_covered(NamedScope((), (), ("杭州市",)), CORPUS, SECTION, language="zh") != ""


@pytest.mark.parametrize(
    ("about", "text", "told"),
    [
        ({"years": (2030,)}, "新建学校3所。", False),
        ({}, "2030年新建学校3所。", False),
        ({}, "新建学校3所。", False),  # a report of 2031 tells of 2030, too
        ({"years": (2033,)}, "新建学校3所。", True),
        ({"years": (2030,), "place": "临川县"}, "新建学校3所。", True),  # the year, but not there
    ],
)
def test_while_a_sentence_is_of_the_place_in_that_year_nobody_says_that_none_is(
    about: dict[str, object], text: str, *, told: bool
) -> None:
    reason = why_not_covered(NamedScope(("海州市",), (2030,)), CORPUS, some_evidence(text, **about), language="zh")
    assert reason == ("资料中没有海州市2030年的内容，只有2031、2033年的。" if told else "")


# The refusal


class Unwritten:
    """A generator that nobody asks."""

    def __call__(self, messages: list[Message]) -> ReplyStream:
        raise AssertionError(messages)


def refused(*sides: Side, named: NamedScope = ANYWHERE, question: str = ASKED) -> Answer:
    tools = AnsweringTools(
        reader=None, scorer=BY_READER, write=Unwritten(), similarity=lambda _, texts: [0.0] * len(texts)
    )
    was_found = replace(found(asked(question, named), SECTION), sides=sides or (side(),))
    return refuse(Case(was_found, tools, ScriptedReader()))


def test_a_refusal_states_nothing_and_tells_what_was_read() -> None:
    answer = refused()
    assert (answer.abstained, answer.sentences, answer.citations, answer.text) == (True, (), (), NOT_FOUND)
    assert (answer.question, answer.query, answer.evidence) == (ASKED, ASKED, tuple(SECTION))
    assert (answer.reply, answer.confidence) == ("", 0.0)


def test_the_closest_sentences_are_cited_likeliest_first() -> None:
    schools, roads, teachers = SECTION
    answer = refused(side((roads, 0.2), (teachers, 0.1)), side((schools, 0.25)))
    assert [(c.marker, c.quote, c.start, c.end) for c in answer.citations] == [
        (1, schools.text, schools.start, schools.end),
        (2, roads.text, roads.start, roads.end),
    ]
    assert len(answer.citations) == MOST_CLOSEST
    assert answer.confidence == 0.25
    assert (answer.text, answer.sentences) == (NOT_FOUND, ())


def test_a_sentence_is_offered_once_though_both_sides_found_it() -> None:
    answer = refused(side((SECTION[0], 0.2)), side((SECTION[0], 0.1)))
    assert [c.quote for c in answer.citations] == [SECTION[0].text]
    assert answer.confidence == 0.2


def test_what_is_not_even_close_is_not_offered() -> None:
    assert refused(side((SECTION[0], LEAST_CLOSE / 2))).citations == ()
    assert refused(side()).citations == ()


def test_a_second_sentence_is_offered_only_where_it_comes_nearly_as_close() -> None:
    schools, roads, _ = SECTION
    for share, quotes in ((1.1, [schools.text, roads.text]), (0.9, [schools.text])):
        answer = refused(side((schools, 0.2), (roads, 0.2 * LEAST_BESIDE * share)))
        assert [c.quote for c in answer.citations] == quotes


@pytest.mark.parametrize(
    ("about", "whose"),
    [
        ({"place": "临川县"}, "相近的内容见临川县的文件。"),
        ({"place": "海州市"}, ""),
        ({"place": ""}, ""),  # unknown is not other
        ({"place": "", "title": "临川县工作总结"}, "相近的内容见临川县工作总结的文件。"),
    ],
)
def test_whose_the_closest_sentence_is_is_told_where_it_is_another_places(about: dict[str, object], whose: str) -> None:
    (close,) = some_evidence("新建机场3座。", **about)
    answer = refused(side((close, 0.2), named=HERE), named=HERE)
    assert (answer.text, [c.quote for c in answer.citations]) == (NOT_FOUND + whose, [close.text])


def test_a_place_that_is_compared_is_not_told_as_another_one() -> None:
    both = NamedScope(("海州市", "临川县"), ())
    (close,) = some_evidence("新建机场3座。", place="临川县")
    assert refused(side((close, 0.2), named=HERE), named=both).text == NOT_FOUND
