"""Refusals say what was looked for and what is there, and cite the closest; a greeting is greeted."""

from __future__ import annotations

import pytest

from rag.answering.case import AnsweringTools, Case
from rag.answering.refusal import LEAST_CLOSE, MOST_CLOSEST, refuse, why_not_covered
from rag.generation import ReplyStream
from rag.question.kind import is_small_talk
from rag.question.scope import NamedScope
from rag.reading.evidence_reader import CandidateSpan, Side
from rag.schema.answers import Answer
from rag.schema.documents import Part
from rag.schema.messages import Message
from rag.schema.search import Evidence
from rag.text.language import Language
from tests.support.fakes import ScriptedReader, some_evidence
from tests.support.questions import asked, found

ASKED = "海州市新建机场多少座？"
SECTION = some_evidence("新建学校12所。", "新修公路86公里。", "招聘教师400名。")


def parts(*facts: tuple[str, tuple[int, ...]]) -> list[Part]:
    return [Part("工作总结", "", place, years, "", 0, 1) for place, years in facts]


CORPUS = parts(("海州市", (2031,)), ("临川县", (2030,)), ("海州市", (2033,)), ("", (2029,)))


def spans(*scored: tuple[Evidence, float, float]) -> tuple[CandidateSpan, ...]:
    """The whole of each sentence, with a score and a probability."""
    return tuple(CandidateSpan(one, 0, len(one.text), score, sure, in_scope=True) for one, score, sure in scored)


def side(*, found: tuple[CandidateSpan, ...] = (), out_of_scope: tuple[CandidateSpan, ...] = ()) -> Side:
    return Side(ASKED, NamedScope((), ()), found, out_of_scope, found[0].probability if found else 0.0)


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
    assert why_not_covered(named, CORPUS, language=language) == reason


def test_where_documents_tell_no_place_or_year_nothing_is_claimed() -> None:
    unknown = NamedScope((), (), ("杭州市",))
    assert why_not_covered(unknown, parts(("", (2031,))), language="zh") == ""
    assert why_not_covered(unknown, [], language="zh") == ""
    assert why_not_covered(NamedScope(("海州市",), (2031,)), parts(("海州市", ())), language="zh") == ""


def test_of_many_places_some_are_named() -> None:
    many = parts(*((f"{name}丘县", (2031,)) for name in "甲乙丙丁戊己庚辛壬癸"))
    reason = why_not_covered(NamedScope((), (), ("杭州市",)), many, language="zh")
    assert reason == (
        "资料中没有关于杭州市的文件；现有文件涉及甲丘县、乙丘县、丙丘县、丁丘县、戊丘县、己丘县、庚丘县、辛丘县…。"
    )


# The refusal


def refused(*sides: Side, reason: str = "没有。", generated: Answer | None = None) -> Answer:
    """A refusal of a question of which nothing is sought elsewhere."""
    tools = AnsweringTools(reader=None, write=Unwritten(), similarity=lambda _, texts: [0.0] * len(texts))
    case = Case(found(asked(ASKED), SECTION), tools, ScriptedReader(), sides or (side(),))
    return refuse(case, reason=reason, generated=generated)


class Unwritten:
    """A generator that nobody asks."""

    def __call__(self, messages: list[Message]) -> ReplyStream:
        raise AssertionError(messages)


def test_a_refusal_states_nothing_and_tells_what_was_read() -> None:
    generated = Answer(question=ASKED, query=ASKED, reply="有3座。")
    answer = refused(reason="资料中没有提到。", generated=generated)
    assert (answer.abstained, answer.sentences, answer.citations, answer.text) == (True, (), (), "资料中没有提到。")
    assert (answer.question, answer.query, answer.evidence) == (ASKED, ASKED, tuple(SECTION))
    assert (answer.reply, answer.confidence) == ("有3座。", 0.0)


def test_the_closest_sentences_are_cited_best_first() -> None:
    schools, roads, teachers = SECTION
    inside, beside = spans((roads, 1.0, 0.2), (teachers, -2.0, 0.1)), spans((schools, 2.0, 0.25))
    answer = refused(side(found=inside, out_of_scope=beside))
    assert [(c.marker, c.quote, c.start, c.end) for c in answer.citations] == [
        (1, schools.text, schools.start, schools.end),
        (2, roads.text, roads.start, roads.end),
    ]
    assert len(answer.citations) == MOST_CLOSEST
    assert answer.confidence == 0.2
    assert (answer.text, answer.sentences) == ("没有。", ())


def test_a_sentence_is_offered_once_though_both_sides_found_it() -> None:
    twice = [side(found=spans((SECTION[0], 1.0, 0.2))), side(found=spans((SECTION[0], 0.5, 0.1)))]
    answer = refused(*twice)
    assert [c.quote for c in answer.citations] == [SECTION[0].text]
    assert answer.confidence == 0.2


def test_what_is_not_even_close_is_not_offered() -> None:
    far = spans((SECTION[0], -5.0, LEAST_CLOSE / 2))
    assert refused(side(found=far, out_of_scope=far)).citations == ()
    assert refused(side()).citations == ()


def test_a_second_sentence_is_offered_only_where_it_comes_nearly_as_close() -> None:
    schools, roads, _ = SECTION
    for second, quotes in ((0.11, [schools.text, roads.text]), (0.09, [schools.text])):
        answer = refused(side(found=spans((schools, 1.0, 0.2), (roads, 0.5, second))))
        assert [c.quote for c in answer.citations] == quotes
