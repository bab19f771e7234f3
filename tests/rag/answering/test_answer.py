"""The order of it all, with a reader and a generator that do as they are told: who is asked, and what is shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass

import pytest

from rag.answering.answer import answer
from rag.answering.case import AnsweringTools, Write
from rag.generation import Finish, Reply, ReplyStream
from rag.generation.reply import OnText
from rag.question.analysis import QuestionAnalysis
from rag.question.described_place import Description
from rag.question.scope import NamedScope
from rag.reading.evidence_reader import SpanReader
from rag.reading.model import Reading, Window
from rag.retrieval.described_place import DescribedPlace
from rag.schema.answers import Answer, Delta, Event, Problem, Quoted, Withheld
from rag.schema.documents import Part, Passage
from rag.schema.messages import Message, Mode
from rag.schema.search import Evidence
from rag.scoring.scorer import Scorer
from rag.text.language import detect_language
from tests.support.fakes import ScriptedReader, some_evidence
from tests.support.questions import asked as asked_question
from tests.support.questions import found
from tests.support.scoring import BESIDE, BY_READER, IN_SCOPE, chosen

ANYWHERE, HERE = NamedScope((), ()), NamedScope(("海州市",), ())
ASKED, LIST = "新建学校多少所？", "开展了哪些工作？"
SCHOOLS, ROADS, TEACHERS = "全市新建学校12所。", "全市新修公路86公里。", "全市招聘教师400名。"
SECTION = some_evidence(SCHOOLS, ROADS, TEACHERS)
NOT_FOUND = "资料中没有提到所问的内容。"
SURE, CLOSE, FAR = 3.0, -2.6, -8.0  # as probabilities: 0.95, 0.07, 0.0003
BOTH = {"12所": SURE, "86公里": SURE}
QUOTED_BOTH = f"{SCHOOLS}[1]{ROADS}[2]"


def likely(score: float) -> float:
    return 1 / (1 + math.exp(-score))


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
    """A question with the sentences that were found, and how they are scored."""

    analysis: QuestionAnalysis
    evidence: Sequence[Evidence]
    parts: Sequence[Part]
    described_place: DescribedPlace | None
    scorer: Scorer

    def events(self, *, mode: Mode, reader: SpanReader | None, write: Write) -> Generator[Event, None, None]:
        tools = AnsweringTools(
            reader=reader, scorer=self.scorer, write=write, similarity=lambda _, texts: [0.0] * len(texts)
        )
        was_found = found(
            self.analysis,
            self.evidence,
            reader=reader,
            scorer=self.scorer,
            parts=self.parts,
            described_place=self.described_place,
        )
        return answer(was_found, tools, mode=mode)


def task(
    query: str = ASKED,
    evidence: Sequence[Evidence] = SECTION,
    *,
    named: NamedScope = ANYWHERE,
    parts: Sequence[Part] = (),
    described_place: DescribedPlace | None = None,
    translated: str = "",
    scored_by: Scorer = BY_READER,
) -> Task:
    return Task(asked_question(query, named, chinese=translated), evidence, parts, described_place, scored_by)


def composed(
    asked: Task,
    *replies: str,
    finds: Mapping[str, float] | None = None,
    mode: Mode = "answer",
    reader: bool = True,
    finish: Finish = Finish.STOP,
) -> Composed:
    writer = Writer(replies, finish)
    reads = ScriptedReader(finds) if reader else None
    events = list(asked.events(mode=mode, reader=reads, write=writer))
    assert (writer.n_open, writer.replies) == (0, []), "all is said and closed"
    return Composed(events, writer.prompts)


# One sentence answers


@pytest.mark.parametrize("mode", ["answer", "quotes"])
def test_the_one_sentence_that_answers_is_quoted_without_the_generator(mode: Mode) -> None:
    done = composed(task(), finds={"12所": SURE}, mode=mode)
    assert (done.kinds, done.prompts) == ([Answer], [])
    assert (done.answer.text, done.answer.sentences[0].spans) == (f"{SCHOOLS}[1]", ((6, 9),))
    assert done.answer.confidence == pytest.approx(likely(SURE))
    assert (done.answer.evidence, done.answer.reply) == (tuple(SECTION), "")


def test_without_a_reader_the_generator_answers_alone() -> None:
    done = composed(task(), "新建学校12所。", reader=False)
    assert (done.kinds, done.answer.text, done.answer.confidence) == ([Delta, Answer], "新建学校12所。[1]", None)
    refused = composed(task(named=NamedScope(("海州市",), (2031,))), "资料中没有提到。", reader=False)
    assert (refused.answer.abstained, refused.answer.text, refused.answer.citations) == (True, "资料中没有提到。", ())


# Several sentences become one text


def test_the_quotation_comes_first_then_the_text_then_the_answer() -> None:
    done = composed(task(LIST), "新建学校12所，新修公路86公里。", finds=BOTH)
    assert done.kinds == [Quoted, Delta, Answer]
    assert isinstance(done.events[0], Quoted)
    assert done.events[0].answer.text == QUOTED_BOTH
    assert (done.streamed, done.answer.text, done.answer.reply) == (
        "新建学校12所，新修公路86公里。",
        "新建学校12所，新修公路86公里。[1][2]",
        "新建学校12所，新修公路86公里。",
    )
    assert done.answer.confidence == done.events[0].answer.confidence == pytest.approx(sum(chosen(*BOTH.values())))
    assert done.answer.evidence == tuple(SECTION)
    (prompt,) = done.prompts
    assert all(text in prompt for text in (SCHOOLS, ROADS, TEACHERS))
    assert prompt.endswith(f"【问题】{LIST}")


@pytest.mark.parametrize(
    "reply",
    [
        "新建学校12所。",  # leaves a part out
        "新建学校13所，新修公路86公里。",  # another figure
        "新建学校86所，新修公路12公里。",  # each of the other
        "资料中没有提到。",
        "招聘教师400名。",
    ],
)
def test_a_text_that_does_not_say_all_that_is_quoted_is_not_shown(reply: str) -> None:
    done = composed(task(LIST), reply, finds=BOTH)
    assert (done.answer.text, done.answer.abstained, done.answer.reply) == (QUOTED_BOTH, False, reply)
    assert [(c.start, c.quote) for c in done.answer.citations] == [(e.start, e.text) for e in SECTION[:2]]
    assert [s.spans for s in done.answer.sentences] == [((6, 9),), ((6, 10),)]


def test_closing_the_events_closes_the_generator() -> None:
    writer = Writer(["新建学校12所。"])
    events = task(LIST).events(mode="answer", reader=ScriptedReader(BOTH), write=writer)
    assert [type(next(events)), type(next(events))] == [Quoted, Delta]
    assert writer.n_open == 1
    events.close()
    assert writer.n_open == 0


def test_a_section_that_is_named_is_read_whole_and_completed_where_the_text_leaves_something_out() -> None:
    evidence = some_evidence("安全工作要抓紧。", heading=("二、安全",), source="b.txt", after=SECTION)
    done = composed(task("概括一下建设的主要内容。", evidence), "新建学校12所。", finds={"抓紧": SURE})
    (prompt,) = done.prompts
    assert SCHOOLS in prompt
    assert "安全工作" not in prompt
    assert done.answer.text == f"新建学校12所。[1]{ROADS}[2]{TEACHERS}[3]"
    assert done.answer.confidence is None


# Whether a text is worth the seconds that it takes


ONE_SIDED = task("海州市和临川县开展了哪些工作？", named=NamedScope(("海州市", "临川县"), ()), scored_by=IN_SCOPE)
SAFETY = some_evidence("安全工作要抓紧。", heading=("二、安全",), source="b.txt", after=SECTION)


@pytest.mark.parametrize(
    ("asked", "finds", "mode", "written"),
    [
        (task(), {"12所": SURE}, "answer", False),  # one sentence says it
        (task(), {"12所": SURE, "86公里": SURE}, "answer", False),  # one thing is asked, whichever says it
        (task(LIST), BOTH, "answer", True),
        (task(LIST), BOTH, "quotes", False),
        (task(LIST), {"12所": SURE}, "answer", False),
        (task("How many schools?"), {"12所": SURE}, "answer", True),  # another language
        (ONE_SIDED, BOTH, "answer", False),  # the generator would fill what is missing
        (task("概括一下建设的主要内容。"), {}, "answer", True),
        (task("概括一下安全工作的主要内容。", SAFETY), {}, "answer", False),  # a section of one sentence
    ],
)
def test_the_generator_is_asked_where_a_text_says_more_than_the_quotation(
    asked: Task, finds: dict[str, float], mode: Mode, *, written: bool
) -> None:
    done = composed(asked, *(["。"] if written else []), finds=finds, mode=mode)
    assert (len(done.prompts), done.answer.abstained) == (int(written), False)


# Nothing is found


@pytest.mark.parametrize("mode", ["answer", "quotes"])
def test_what_is_not_likely_to_be_there_is_refused_before_a_word_is_written(mode: Mode) -> None:
    done = composed(task(), finds={"12所": FAR}, mode=mode)
    assert (done.kinds, done.prompts) == ([Answer], [])
    assert (done.answer.abstained, done.answer.text, done.answer.citations) == (True, NOT_FOUND, ())
    assert done.answer.evidence == tuple(SECTION)
    assert done.answer.confidence == pytest.approx(likely(FAR))


def test_a_refusal_offers_what_comes_closest() -> None:
    done = composed(task(), finds={"86公里": CLOSE - 0.2, "12所": CLOSE, "400名": FAR})
    assert (done.answer.abstained, done.answer.text, done.prompts) == (True, NOT_FOUND, [])
    assert [(c.marker, c.quote) for c in done.answer.citations] == [(1, SCHOOLS), (2, ROADS)]


def test_what_another_place_has_is_no_answer_and_is_offered_as_that_places() -> None:
    there = some_evidence("全县新建学校30所。", place="临川县", source="b.txt")
    done = composed(task(named=HERE, evidence=there, scored_by=BESIDE), finds={"30所": SURE})
    assert (done.answer.abstained, done.answer.text) == (True, f"{NOT_FOUND}相近的内容见临川县的文件。")
    assert [c.quote for c in done.answer.citations] == ["全县新建学校30所。"]
    assert done.answer.confidence == 0.0


@pytest.mark.parametrize("mode", ["answer", "quotes"])
@pytest.mark.parametrize(
    ("named", "about", "shown"),
    [
        (HERE, {"place": "临川县"}, False),
        (NamedScope(("海州市",), (2026,)), {}, False),
        (HERE, {}, True),
        (HERE, {"place": ""}, True),  # unknown is not other
        (ANYWHERE, {"place": "临川县"}, True),
        (NamedScope(("海州市",), (2030,)), {}, True),  # a report of 2031 tells of 2030, too
    ],
)
def test_a_figure_of_another_place_or_year_is_never_the_answer(
    named: NamedScope, about: dict[str, object], mode: Mode, *, shown: bool
) -> None:
    evidence = some_evidence("新建学校30所。", source="b.txt", **about)
    done = composed(task(named=named, evidence=evidence), finds={"30所": SURE}, mode=mode)
    assert done.answer.abstained != shown
    assert [c.quote for c in done.answer.citations] == ["新建学校30所。"]  # close, where it is no answer
    if shown:
        assert done.answer.text == "新建学校30所。[1]"


def test_beside_a_sentence_of_the_place_none_of_another_is_shown() -> None:
    evidence = some_evidence("新建学校30所。", place="临川县", source="b.txt", after=SECTION)
    done = composed(task(named=HERE, evidence=evidence), finds={"30所": SURE, "12所": SURE})
    assert done.answer.text == f"{SCHOOLS}[1]"


def test_a_list_of_which_nothing_is_likely_is_refused_too() -> None:
    done = composed(task(LIST), finds={"12所": CLOSE})
    assert (done.kinds, done.answer.abstained, done.answer.text) == ([Answer], True, NOT_FOUND)
    assert [c.quote for c in done.answer.citations] == [SCHOOLS]


# By code


LESS = "全市新建学校9所。"
TWO_YEARS = some_evidence(LESS, years=(2030,), title="2030年总结", source="b.txt", after=SECTION)
BOTH_YEARS = NamedScope((), (2030, 2031))


@pytest.mark.parametrize("mode", ["answer", "quotes"])
def test_a_computation_needs_no_generator(mode: Mode) -> None:
    asked = task("2031年比2030年多建学校多少所？", TWO_YEARS, named=BOTH_YEARS, scored_by=IN_SCOPE)
    done = composed(asked, finds={"12所": SURE, "9所": SURE - 1}, mode=mode)
    assert (done.kinds, done.prompts) == ([Answer], [])
    assert done.answer.text == "2031年为12所，2030年为9所，前者比后者多3所（12-9=3）。[1][2]"
    assert [c.quote for c in done.answer.citations] == [SCHOOLS, LESS]
    assert done.answer.confidence == pytest.approx(likely(SURE - 1), abs=2e-3), "that of the less sure operand"


@pytest.mark.parametrize("mode", ["answer", "quotes"])
def test_of_a_comparison_that_lacks_a_side_the_other_is_quoted_and_the_lack_told(mode: Mode) -> None:
    asked = task("2031年比2030年多建学校多少所？", TWO_YEARS, named=BOTH_YEARS, scored_by=IN_SCOPE)
    done = composed(asked, finds={"12所": SURE, "9所": FAR}, mode=mode)
    assert (done.kinds, done.prompts) == ([Answer], []), "a generator would fill what is missing"
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


def test_a_place_that_no_document_covers_is_refused_and_the_closest_of_another_is_offered() -> None:
    there = some_evidence("全县新建学校30所。", place="临川县", source="b.txt")
    done = composed(task(f"杭州市{ASKED}", there, named=ABROAD, parts=CORPUS, scored_by=BESIDE), finds={"30所": SURE})
    assert (done.kinds, done.prompts, done.answer.abstained) == ([Answer], [], True)
    assert done.answer.text == "资料中没有关于杭州市的文件；现有文件涉及海州市。相近的内容见临川县的文件。"
    assert [(c.source, c.quote) for c in done.answer.citations] == [("b.txt", "全县新建学校30所。")]


def test_where_nothing_is_close_anywhere_nothing_is_promised() -> None:
    done = composed(task(f"杭州市{ASKED}", named=ABROAD, parts=CORPUS, scored_by=BESIDE), finds={"12所": FAR})
    assert done.answer.text == "资料中没有关于杭州市的文件；现有文件涉及海州市。"
    assert done.answer.citations == ()


def test_a_year_that_is_not_covered_is_told_with_those_that_are() -> None:
    evidence = some_evidence(SCHOOLS, title="海州市2031年工作总结")
    asked = task(
        f"海州市2029年{ASKED}",
        evidence,
        named=NamedScope(("海州市",), (2029,)),
        parts=CORPUS,
        scored_by=BESIDE,
    )
    done = composed(asked, finds={"12所": SURE})
    assert (done.prompts, done.answer.text) == ([], "资料中没有海州市2029年的内容，只有2031年的。")
    assert [c.quote for c in done.answer.citations] == [SCHOOLS]


def test_a_year_that_no_document_is_about_but_a_sentence_names_is_answered() -> None:
    evidence = some_evidence("2029年新建学校9所。")
    asked = task(
        f"海州市2029年{ASKED}",
        evidence,
        named=NamedScope(("海州市",), (2029,)),
        parts=CORPUS,
        scored_by=BESIDE,
    )
    done = composed(asked, finds={"9所": SURE})
    assert (done.kinds, done.answer.text) == ([Answer], "2029年新建学校9所。[1]")


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
    done = composed(task(DESCRIBED, PORT, described_place=bridge()), finds={"12所": SURE}, mode=mode)
    told, rest = done.answer.sentences
    assert (told.text, rest.text) == (SAID, SCHOOLS)
    by_marker = {citation.marker: citation.quote for citation in done.answer.citations}
    assert [by_marker[marker] for sentence in (told, rest) for marker in sentence.markers] == [QUAY, SCHOOLS]
    assert len(by_marker) == len(done.answer.citations) == 2


def test_a_sentence_that_the_answer_cites_already_keeps_its_marker() -> None:
    finds = {"12所": SURE, "三号码头": SURE}
    done = composed(task(DESCRIBED, PORT, described_place=bridge()), finds=finds, mode="quotes")
    assert done.answer.text == f"{SAID}[1]{SCHOOLS}[2]{QUAY}[1]"
    assert [(c.marker, c.quote) for c in done.answer.citations] == [(1, QUAY), (2, SCHOOLS)]


def test_a_place_whose_sentence_is_not_read_is_not_explained() -> None:
    done = composed(task(DESCRIBED, PORT, described_place=bridge("other.txt")), finds={"12所": SURE})
    assert done.answer.text == f"{SCHOOLS}[1]"


def test_a_refusal_does_not_explain_the_place() -> None:
    done = composed(task(DESCRIBED, PORT, described_place=bridge()))
    assert (done.answer.abstained, done.answer.sentences, done.answer.text) == (True, (), NOT_FOUND)


# Questions in another language


ENGLISH = "How many schools were built?"


class ReadsByLanguage(ScriptedReader):
    """Finds the schools, with a score for each language that it is asked in."""

    def __init__(self, chinese: float, other: float) -> None:
        super().__init__()
        self.scores = chinese, other

    def read(self, question: str, windows: Sequence[Window], *, limit: int = 4) -> list[Reading]:
        chinese, other = self.scores
        self.finds = {"12所": chinese if detect_language(question) == "zh" else other}
        return super().read(question, windows, limit=limit)


def quoted_by(asked: Task, reader: ScriptedReader) -> Answer:
    """The answer in quotations of a reader."""
    *_, last = asked.events(mode="quotes", reader=reader, write=Writer([]))
    assert isinstance(last, Answer)
    return last


def test_a_question_in_another_language_is_composed_and_else_quoted_with_an_introduction() -> None:
    said = composed(task(ENGLISH), "12 schools were built.", finds={"12所": SURE})
    assert (said.kinds, said.answer.text) == ([Quoted, Delta, Answer], "12 schools were built.[1]")
    done = composed(task(ENGLISH), "No.", finds={"12所": SURE})
    assert done.answer.text == f"The document says: {SCHOOLS}[1]"


@pytest.mark.parametrize(
    ("chinese", "english", "abstained"), [(2.0, 0.4, False), (3.0, -3.0, False), (-5.0, 1.0, False), (-5.0, -2.0, True)]
)
def test_the_surer_wording_tells_how_likely_it_is(chinese: float, english: float, *, abstained: bool) -> None:
    done = quoted_by(task(ENGLISH, translated=ASKED), ReadsByLanguage(chinese, english))
    assert (done.abstained, done.question) == (abstained, ENGLISH)
    assert done.confidence == pytest.approx(likely(max(chinese, english)))
    assert [c.quote for c in done.citations if not abstained] == ([] if abstained else [SCHOOLS])


def test_without_a_translation_the_question_is_read_as_it_is_asked() -> None:
    done = quoted_by(task(ENGLISH), ReadsByLanguage(SURE, -5.0))
    assert (done.abstained, done.confidence) == (True, pytest.approx(likely(-5.0)))


# A reply that was cut off


def test_a_reply_that_reached_its_limit_is_never_shown_as_whole() -> None:
    reply = "新建学校12所。新修公路86"
    alone = composed(task(LIST), reply, reader=False, finish=Finish.LENGTH)
    assert (alone.answer.text, alone.answer.cut_off) == ("新建学校12所。[1]", True)
    assert alone.answer.notes == ("回答达到了长度上限，可能没有写完。",)
    done = composed(task(LIST), reply, finds=BOTH, finish=Finish.LENGTH)
    assert (done.answer.text, done.answer.cut_off) == (QUOTED_BOTH, False), "nothing is missing from the quotation"


def test_what_is_withheld_is_told_with_its_reason() -> None:
    reply = "新建学校12所，新修公路86公里。招聘教师401名。"
    done = composed(task(LIST), reply, finds=BOTH)
    assert done.answer.text == "新建学校12所，新修公路86公里。[1][2]"
    assert done.answer.withheld == (Withheld(Problem.FIGURE, ("401",)),)
    assert done.answer.notes == ("有1句未显示：数字不在所引原文中：401。",)
