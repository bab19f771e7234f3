"""The order of it all, with a reader and a generator that do as they are told: who is asked, and who is shown."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from rag.answering.answer import answer
from rag.answering.arbitration import FAINT
from rag.answering.case import AnsweringTools, Write
from rag.answering.steps import JudgedTogether, SidesRead
from rag.generation import Finish, Reply, ReplyStream
from rag.generation.reply import OnText
from rag.observer import Observer, Step, ignore_steps
from rag.question.analysis import Wording
from rag.question.described_place import Description
from rag.question.scope import NamedScope
from rag.reading.evidence_reader import LEAST_PROBABILITY, SpanReader
from rag.retrieval.described_place import DescribedPlace
from rag.retrieval.find_evidence import FoundEvidence
from rag.schema.answers import Answer, Delta, Event, Problem, Quoted, Withheld
from rag.schema.documents import Part, Passage
from rag.schema.messages import Message, Mode
from rag.schema.search import Evidence
from rag.text.language import detect_language
from tests.support.fakes import ScriptedReader, some_evidence
from tests.support.questions import asked as asked_question
from tests.support.questions import found, wording

pytestmark = pytest.mark.usefixtures("unweighed")

ANYWHERE, HERE = NamedScope((), ()), NamedScope(("海州市",), ())
ASKED, LIST = "新建学校多少所？", "开展了哪些工作？"
SCHOOLS, ROADS, TEACHERS = "全市新建学校12所。", "全市新修公路86公里。", "全市招聘教师400名。"
SECTION = some_evidence(SCHOOLS, ROADS, TEACHERS)
NOT_FOUND = "资料中没有提到所问的内容。"
SURE, FAINTLY, CLOSE, FAR = 3.0, -1.5, -2.6, -8.0  # as scores: 0.95, 0.18, 0.07, 0.0003


class Writer:
    """Writes its replies, one a call, in pieces of four characters; fails where it is asked once more."""

    def __init__(self, replies: Sequence[str], finish: Finish = Finish.STOP) -> None:
        self.replies = list(replies)
        self.finish = finish
        self.prompts: list[str] = []
        self.n_open = 0

    def __call__(self, messages: list[Message]) -> ReplyStream:
        self.prompts.append(messages[-1].content)
        reply = self.replies.pop(0)
        self.n_open += 1

        def write(on_text: OnText) -> Reply:
            for at in range(0, len(reply), 4):
                on_text(reply[at : at + 4])
            return Reply(reply, 1, 1, self.finish)

        return CountedStream(write, self)


class CountedStream(ReplyStream):
    """Tells its writer when it is closed."""

    def __init__(self, write: Callable[[OnText], Reply], writer: Writer) -> None:
        self.writer = writer
        super().__init__(write)

    def close(self) -> None:
        super().close()
        self.writer.n_open -= 1


@dataclass
class Composed:
    """Everything that came of one question."""

    events: list[Event]
    prompts: list[str]

    @property
    def answer(self) -> Answer:
        assert isinstance(self.events[-1], Answer)
        return self.events[-1]

    @property
    def kinds(self) -> list[type]:
        """Kinds of events, of any number of deltas one."""
        kinds = [type(event) for event in self.events]
        return [kind for i, kind in enumerate(kinds) if kind is not Delta or kinds[i - 1] is not Delta]

    @property
    def streamed(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, Delta))


@dataclass
class Task:
    """A question with what was found, and what may be used beside reader and writer."""

    found: FoundEvidence
    elsewhere: Callable[[], tuple[Wording, tuple[Evidence, ...]]] | None = None
    observe: Observer = ignore_steps

    def events(self, *, mode: Mode, reader: SpanReader | None, write: Write) -> Generator[Event, None, None]:
        tools = AnsweringTools(
            reader=reader,
            write=write,
            similarity=lambda _, texts: [0.0] * len(texts),
            search_elsewhere=self.elsewhere,
            observe=self.observe,
        )
        return answer(self.found, tools, mode=mode)


def task(
    query: str = ASKED,
    evidence: Sequence[Evidence] = SECTION,
    *,
    named: NamedScope = ANYWHERE,
    parts: Sequence[Part] = (),
    described_place: DescribedPlace | None = None,
    translated: str = "",
    **told: Any,
) -> Task:
    analysis = asked_question(query, named, chinese=translated)
    return Task(found(analysis, evidence, parts=parts, described_place=described_place), **told)


def composed(
    asked: Task, *replies: str, finds: dict[str, float] | None = None, mode: Mode = "answer", reader: bool = True
) -> Composed:
    writer = Writer(replies)
    reads = ScriptedReader(finds) if reader else None
    events = list(asked.events(mode=mode, reader=reads, write=writer))
    assert (writer.n_open, writer.replies) == (0, []), "all is said and closed"
    return Composed(events, writer.prompts)


# Reader and generator agree


def test_the_quotation_comes_first_then_the_text_then_the_answer() -> None:
    done = composed(task(), "新建学校12所。", finds={"12所": SURE})
    assert done.kinds == [Quoted, Delta, Answer]
    assert isinstance(done.events[0], Quoted)
    quotation = done.events[0].answer
    assert (quotation.text, quotation.sentences[0].spans) == (f"{SCHOOLS}[1]", ((6, 9),))
    assert (done.streamed, done.answer.text, done.answer.reply) == (
        "新建学校12所。",
        "新建学校12所。[1]",
        "新建学校12所。",
    )
    assert done.answer.confidence == quotation.confidence == pytest.approx(ScriptedReader().probability(SURE))
    assert done.answer.evidence == tuple(SECTION)
    (prompt,) = done.prompts
    assert all(text in prompt for text in (SCHOOLS, ROADS, TEACHERS))
    assert prompt.endswith(f"【问题】{ASKED}")


def test_without_a_reader_the_generator_answers_alone() -> None:
    done = composed(task(), "新建学校12所。", reader=False)
    assert (done.kinds, done.answer.text, done.answer.confidence) == ([Delta, Answer], "新建学校12所。[1]", None)
    refused = composed(task(named=NamedScope(("海州市",), (2031,))), "资料中没有提到。", reader=False)
    assert (refused.answer.abstained, refused.answer.text, refused.answer.citations) == (True, "资料中没有提到。", ())


def test_closing_the_events_closes_the_generator() -> None:
    writer = Writer(["新建学校12所。"])
    events = task().events(mode="answer", reader=ScriptedReader({"12所": SURE}), write=writer)
    assert [type(next(events)), type(next(events))] == [Quoted, Delta]
    assert writer.n_open == 1
    events.close()
    assert writer.n_open == 0


# They differ


def test_where_they_differ_the_generator_looks_at_that_sentence_alone() -> None:
    done = composed(task(), "新修公路86公里。", "新建学校12所。", finds={"12所": SURE})
    assert (done.kinds, done.streamed) == ([Quoted, Delta, Answer], "新修公路86公里。")
    assert done.answer.text == "新建学校12所。[1]"
    _, narrow = done.prompts
    assert SCHOOLS in narrow
    assert ROADS not in narrow
    assert (done.answer.reply, done.answer.evidence) == ("新修公路86公里。", tuple(SECTION))


@pytest.mark.parametrize("again", ["新修公路86公里。", "资料中没有提到。", "新建学校13所。"])
def test_where_the_second_look_fails_too_the_text_is_quoted(again: str) -> None:
    done = composed(task(), "资料中没有提到。", again, finds={"12所": SURE})
    assert (done.answer.text, done.answer.abstained, done.answer.reply) == (f"{SCHOOLS}[1]", False, "资料中没有提到。")
    assert [(c.start, c.quote) for c in done.answer.citations] == [(SECTION[0].start, SCHOOLS)]
    assert [s.spans for s in done.answer.sentences] == [((6, 9),)]


def test_a_quotation_in_another_language_is_introduced() -> None:
    done = composed(task("How many schools?"), "No.", "No.", finds={"12所": SURE})
    assert done.answer.text == f"The document says: {SCHOOLS}[1]"


# Nothing is found


def test_what_the_reader_does_not_find_is_refused_before_a_word_is_written() -> None:
    done = composed(task(), finds={"12所": FAR})
    assert (done.kinds, done.prompts) == ([Answer], [])
    assert (done.answer.abstained, done.answer.text, done.answer.citations) == (True, NOT_FOUND, ())
    assert done.answer.evidence == tuple(SECTION)
    assert 0 < (done.answer.confidence or 0) < FAINT


def test_a_refusal_offers_what_comes_closest() -> None:
    done = composed(task(), finds={"86公里": CLOSE - 0.2, "12所": CLOSE, "400名": FAR})
    assert (done.answer.abstained, done.answer.text, done.prompts) == (True, NOT_FOUND, [])
    assert [(c.marker, c.quote) for c in done.answer.citations] == [(1, SCHOOLS), (2, ROADS)]


def test_what_is_out_of_scope_is_no_answer_and_is_offered() -> None:
    there = some_evidence("全县新建学校30所。", place="临川县", source="b.txt")
    done = composed(task(named=HERE, evidence=there), finds={"30所": SURE})
    assert (done.answer.abstained, done.answer.text, done.answer.confidence) == (True, NOT_FOUND, 0.0)
    assert [c.quote for c in done.answer.citations] == ["全县新建学校30所。"]


def test_what_is_faintly_found_is_shown_if_the_generator_says_it_too() -> None:
    assert FAINT < ScriptedReader().probability(FAINTLY) < LEAST_PROBABILITY
    done = composed(task(), "新建学校12所。", finds={"12所": FAINTLY})
    assert (done.kinds, done.answer.text) == ([Delta, Answer], "新建学校12所。[1]")
    other = composed(task(), "新修公路86公里。", finds={"12所": FAINTLY})
    assert (other.answer.abstained, other.answer.text, other.answer.reply) == (True, NOT_FOUND, "新修公路86公里。")
    assert [c.quote for c in other.answer.citations] == [SCHOOLS]


def test_a_question_for_a_list_is_written_though_no_span_answers_it() -> None:
    done = composed(task(LIST), "新建学校12所。新修公路86公里。", finds={"12所": CLOSE})
    assert (done.kinds, done.answer.text) == ([Delta, Answer], "新建学校12所。[1]新修公路86公里。[2]")
    refused = composed(task(LIST), "资料中没有提到。", finds={"12所": CLOSE})
    assert (refused.answer.abstained, refused.answer.text) == (True, "资料中没有提到。")
    nothing = composed(task(LIST), "新建学校12所。", finds={"12所": FAR})
    assert nothing.answer.abstained, "the reader finds nothing like it"


# Quotations alone


def test_for_quotes_nothing_is_written() -> None:
    done = composed(task(), finds={"12所": SURE}, mode="quotes")
    assert (done.kinds, done.answer.text, done.answer.reply) == ([Answer], f"{SCHOOLS}[1]", "")
    refused = composed(task(LIST), finds={"12所": FAINTLY}, mode="quotes")
    assert (refused.kinds, refused.answer.abstained, refused.answer.text) == ([Answer], True, NOT_FOUND)
    assert [c.quote for c in refused.answer.citations] == [SCHOOLS]


# By code


TWO_YEARS = some_evidence("去年新建学校9所。", years=(2030,), title="2030年总结", after=SECTION)


@pytest.mark.parametrize("mode", ["answer", "quotes"])
def test_a_computation_needs_no_generator(mode: Mode) -> None:
    asked = task("2031年比2030年多建学校多少所？", TWO_YEARS, named=NamedScope((), (2030, 2031)))
    done = composed(asked, finds={"12所": SURE, "9所": SURE - 1}, mode=mode)
    assert (done.kinds, done.prompts) == ([Answer], [])
    assert done.answer.text == "2031年为12所，2030年为9所，前者比后者多3所（12-9=3）。[1][2]"
    assert [c.quote for c in done.answer.citations] == [SCHOOLS, "去年新建学校9所。"]
    assert done.answer.confidence == pytest.approx(ScriptedReader().probability(SURE - 1)), (
        "that of the less sure operand"
    )
    assert done.answer.evidence == tuple(TWO_YEARS)


def test_a_computation_that_lacks_an_operand_is_left_to_the_generator() -> None:
    asked = task("2031年比2030年多建学校多少所？", TWO_YEARS, named=NamedScope((), (2030, 2031)))
    done = composed(asked, "全市新建学校12所。", finds={"12所": SURE, "9所": FAR})
    assert done.kinds == [Quoted, Delta, Answer]
    assert done.answer.text == f"{SCHOOLS}[1]2030年的这一内容，资料中没有提到。"


@pytest.mark.parametrize("mode", ["answer", "quotes"])
@pytest.mark.parametrize(
    ("query", "named", "text", "cited"),
    [
        ("海州市新建学校12所吗？", HERE, f"是，原文写道：{SCHOOLS}[1]", SCHOOLS),
        ("2030年新建学校12所吗？", NamedScope((), (2030,)), f"不是，原文说的是2031年：{SCHOOLS}[1]", SCHOOLS),
        ("新修公路90公里吗？", ANYWHERE, f"不是，原文的数字与此不同：{ROADS}[1]", ROADS),
    ],
)
def test_a_premise_is_confirmed_or_corrected_without_the_generator(
    mode: Mode, query: str, named: NamedScope, text: str, cited: str
) -> None:
    done = composed(task(query, named=named), finds={"86公里": SURE}, mode=mode)
    assert (done.kinds, done.prompts, done.answer.text, done.answer.abstained) == ([Answer], [], text, False)
    assert [(c.marker, c.quote) for c in done.answer.citations] == [(1, cited)]


@pytest.mark.parametrize(
    ("query", "heading", "text"),
    [
        ("海州市已经新建学校12所了吗？", "二、明年计划", f"资料没有这样说，原文写的是目标或计划：{SCHOOLS}[1]"),
        ("海州市计划新建学校12所吗？", "一、工作总结", f"不是计划，原文写的是已有的情况：{SCHOOLS}[1]"),
    ],
)
def test_a_plan_is_told_from_a_report(query: str, heading: str, text: str) -> None:
    done = composed(task(query, some_evidence(SCHOOLS, heading=(heading,)), named=HERE))
    assert (done.kinds, done.answer.text) == ([Answer], text)


# Places and years that nothing covers


CORPUS = (Part("工作总结", "", "海州市", (2031,), "", 0, 1),)
ABROAD = NamedScope((), (), ("杭州市",))


def elsewhere(*texts: str) -> Callable[[], tuple[Wording, tuple[Evidence, ...]]]:
    return lambda: (wording(ASKED), tuple(some_evidence(*texts, place="临川县", source="b.txt")))


def test_a_place_that_no_document_covers_is_refused_and_the_closest_of_another_is_offered() -> None:
    asked = task(f"杭州市{ASKED}", named=ABROAD, parts=CORPUS, elsewhere=elsewhere("全县新建学校30所。"))
    done = composed(asked, finds={"12所": SURE, "30所": SURE})
    assert (done.kinds, done.prompts, done.answer.abstained) == ([Answer], [], True)
    assert done.answer.text == "资料中没有关于杭州市的文件；现有文件涉及海州市。相近的内容见临川县的文件。"
    assert [(c.source, c.quote) for c in done.answer.citations] == [("b.txt", "全县新建学校30所。")]


def test_what_the_place_itself_says_of_another_year_is_offered_before_another_place() -> None:
    evidence = some_evidence(SCHOOLS, place="海州市")
    named = NamedScope(("海州市",), (2030,))
    close = elsewhere("全县新建学校30所。")
    asked = task(f"海州市2030年{ASKED}", evidence, named=named, parts=CORPUS, elsewhere=close)
    done = composed(asked, finds={"12所": FAINTLY, "30所": SURE})
    assert done.answer.text == "资料中没有海州市2030年的内容，只有2031年的。相近的内容见临川县的文件。"
    assert [c.quote for c in done.answer.citations] == [SCHOOLS, "全县新建学校30所。"]


def test_where_nothing_is_close_anywhere_nothing_is_promised() -> None:
    asked = task(f"杭州市{ASKED}", named=ABROAD, parts=CORPUS, elsewhere=elsewhere("全县绿化30亩。"))
    done = composed(asked, finds={"30亩": FAR})
    assert done.answer.text == "资料中没有关于杭州市的文件；现有文件涉及海州市。"
    assert done.answer.citations == ()


def test_a_year_that_is_not_covered_is_told_with_those_that_are() -> None:
    named = NamedScope(("海州市",), (2030,))
    done = composed(task(f"海州市2030年{ASKED}", named=named, parts=CORPUS), finds={"12所": SURE})
    assert (done.prompts, done.answer.text) == ([], "资料中没有海州市2030年的内容，只有2031年的。")
    assert [c.quote for c in done.answer.citations] == [SCHOOLS]


def test_a_year_that_is_not_covered_but_named_in_the_text_is_answered() -> None:
    evidence = some_evidence("2030年新建学校9所。")
    named = NamedScope(("海州市",), (2030,))
    done = composed(
        task(f"海州市2030年{ASKED}", evidence, named=named, parts=CORPUS), "2030年新建学校9所。", finds={"9所": SURE}
    )
    assert (done.kinds, done.answer.text) == ([Quoted, Delta, Answer], "2030年新建学校9所。[1]")


def test_elsewhere_is_searched_only_for_a_question_that_names_a_place() -> None:
    def never() -> tuple[Wording, tuple[Evidence, ...]]:
        raise AssertionError

    assert composed(task(elsewhere=never)).answer.text == NOT_FOUND
    assert composed(task(named=NamedScope((), (2031,)), elsewhere=never)).answer.text == NOT_FOUND
    with pytest.raises(AssertionError):
        composed(task(named=HERE, elsewhere=never))


# A described place

QUAY = "海州市计划建设三号码头。"
DESCRIBED = "计划建设三号码头的那座城市，新建学校多少所？"
SAID = "“计划建设三号码头”的是海州市。"
PORT = some_evidence(QUAY, heading=("三、港口",), after=SECTION)


def bridge(source: str = "a.txt") -> DescribedPlace:
    start, end = PORT[-1].start, PORT[-1].end
    passage = Passage(1, source, "工作总结", "海州市", (2031,), ("三、港口",), 1, 1, QUAY, start, end, ())
    return DescribedPlace(Description("计划建设三号码头", "", "新建学校多少所？"), "海州市", passage)


@pytest.mark.parametrize("mode", ["answer", "quotes"])
def test_the_sentence_that_tells_the_place_comes_first_and_is_cited(mode: Mode) -> None:
    replies = [SCHOOLS] if mode == "answer" else []
    done = composed(task(DESCRIBED, PORT, described_place=bridge()), *replies, finds={"12所": SURE}, mode=mode)
    told, rest = done.answer.sentences
    assert (told.text, rest.text) == (SAID, SCHOOLS)
    by_marker = {citation.marker: citation.quote for citation in done.answer.citations}
    assert [by_marker[marker] for sentence in (told, rest) for marker in sentence.markers] == [QUAY, SCHOOLS]
    assert len(by_marker) == len(done.answer.citations) == 2


def test_a_sentence_that_the_answer_cites_already_keeps_its_marker() -> None:
    reply = "海州市计划建设三号码头。新建学校12所。"
    done = composed(task(DESCRIBED, PORT, described_place=bridge()), reply, finds={"12所": SURE})
    assert done.answer.text == f"{SAID}[1]海州市计划建设三号码头。[1]新建学校12所。[2]"
    assert [c.quote for c in done.answer.citations] == [QUAY, SCHOOLS]


def test_a_place_whose_sentence_is_not_read_is_not_explained() -> None:
    done = composed(task(DESCRIBED, PORT, described_place=bridge("other.txt")), SCHOOLS, finds={"12所": SURE})
    assert done.answer.text == f"{SCHOOLS}[1]"


def test_a_refusal_does_not_explain_the_place() -> None:
    done = composed(task(DESCRIBED, PORT, described_place=bridge()))
    assert (done.answer.abstained, done.answer.sentences, done.answer.text) == (True, (), NOT_FOUND)


# Questions in another language


def composed_by(asked: Task, reader: ScriptedReader) -> Answer:
    """The answer in quotations of a reader."""
    *_, last = asked.events(mode="quotes", reader=reader, write=Writer([]))
    assert isinstance(last, Answer)
    return last


class ReadsChinese(ScriptedReader):
    """Finds what its script lists where it is asked in Chinese, and nothing otherwise."""

    def probability(self, score: float, question: str = "") -> float:
        return super().probability(score) if detect_language(question) == "zh" else 0.01


@pytest.mark.parametrize(("translated", "abstained"), [(ASKED, False), ("", True)])
def test_a_question_is_read_in_the_wording_that_finds_more(translated: str, *, abstained: bool) -> None:
    asked = task("How many schools were built?", translated=translated)
    done = composed_by(asked, ReadsChinese({"12所": SURE}))
    assert done.abstained is abstained
    assert done.question == "How many schools were built?"
    assert [c.quote for c in done.citations] == ([] if abstained else [SCHOOLS])


@pytest.mark.parametrize(("chinese", "english", "abstained"), [(0.9, 0.6, False), (0.3, 0.01, True)])
def test_both_wordings_together_tell_how_likely_it_is(chinese: float, english: float, *, abstained: bool) -> None:
    class SureByLanguage(ScriptedReader):
        def probability(self, score: float, question: str = "") -> float:
            return chinese if detect_language(question) == "zh" else english

    steps: list[Step] = []
    asked = task("How many schools were built?", translated=ASKED, observe=steps.append)
    done = composed_by(asked, SureByLanguage({"12所": SURE}))
    assert done.abstained is abstained
    assert [step.used for step in steps if isinstance(step, SidesRead)] == [True, True]
    (judged,) = (step.sides for step in steps if isinstance(step, JudgedTogether))
    assert judged[0].probability == done.confidence


# A reply that was cut off


def test_a_reply_that_reached_its_limit_is_never_shown_as_whole() -> None:
    writer = Writer(["新建学校12所。新修公路86"], finish=Finish.LENGTH)
    *_, last = task(LIST).events(mode="answer", reader=ScriptedReader({"12所": CLOSE}), write=writer)
    assert isinstance(last, Answer)
    assert (last.text, last.cut_off) == ("新建学校12所。[1]", True)
    assert last.notes == ("回答达到了长度上限，可能没有写完。",)


def test_what_is_withheld_is_told_with_its_reason() -> None:
    done = composed(task(LIST), "新建学校12所。新修公路87公里。", finds={"12所": CLOSE})
    assert done.answer.text == "新建学校12所。[1]"
    assert done.answer.withheld == (Withheld(Problem.FIGURE, ("87",)),)
    assert done.answer.notes == ("有1句未显示：数字不在所引原文中：87。",)
