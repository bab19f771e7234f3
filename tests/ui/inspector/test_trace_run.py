"""A look inside from the page: it waits its turn, tells its stages, stops, fails in words; and the tab around it."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import gradio as gr
import pytest

from rag.answering.steps import Decided
from rag.errors import CorpusIndexError, QuestionError
from rag.schema.answers import Answer, Delta
from rag.schema.search import Evidence, Retrieved, Scope
from tests.support.fakes import ListedDocument
from ui.inspector.run import Look, Wanted, YearError, look_inside, scope_of
from ui.inspector.tab import TraceTab, render_look
from ui.scheduling.desk import Desk
from ui.scheduling.queue import LineFullError, QuestionStoppedError

ONE = Evidence(1, "录取率90.21%。", "a.txt", "总结", "", (), (), 0, 9, 1.0)
HIDDEN = frozenset({"b.txt"})


class Line:
    """One thread, as the desk has; keeps who came."""

    def __init__(self):
        self.pool = ThreadPoolExecutor(1)
        self.owners = []

    def run(self, owner, work):
        self.owners.append(owner)
        return asyncio.wrap_future(self.pool.submit(work))


class Watched:
    """A pipeline that tells one step, and waits at a gate between reading and writing; notes what it was asked."""

    def __init__(self, *, error=None):
        self.gate, self.error = threading.Event(), error
        self.asked, self.closed = [], 0

    def stream(self, question, *, history=(), scope=None, mode="answer", hidden=frozenset(), observe):
        self.asked.append((question, mode, scope, hidden))
        try:
            if self.error:
                raise self.error
            yield Retrieved(question, (ONE,), 0.1)
            assert self.gate.wait(timeout=30)
            yield Delta("录取率")
            observe(Decided("both"))
            yield Answer(
                question=question, query=question, sentences=(), citations=(), abstained=True, reason="资料中没有提到。"
            )
        finally:
            self.closed += 1

    def documents(self, *, hidden=frozenset()):
        if self.error:
            raise self.error
        return [ListedDocument(name) for name in ("a\u202e.txt", "b.txt") if name not in hidden]


@pytest.fixture
def line():
    line = Line()
    yield line
    line.pool.shutdown()


WANTED = Wanted("问")


def looked(pipeline, line, *, wanted=WANTED, during=lambda look: None):
    """All that is shown of a look, in an event loop of its own."""

    async def collect():
        looks = []
        stopped = threading.Event()
        async for look in look_inside(pipeline, line, wanted, owner="anna", stopped=stopped):
            looks.append(look)
            if during(look) == "stop":
                stopped.set()
        return looks

    return asyncio.run(collect())


def opens(pipeline, stage="reading"):
    return lambda look: pipeline.gate.set() if look.stage == stage else None


def test_stages_come_in_order_and_the_trace_at_last(line):
    pipeline = Watched()
    looks = looked(pipeline, line, during=opens(pipeline))
    stages = [look.stage for look in looks]
    assert stages == sorted(stages, key=["waiting", "searching", "reading", "writing", "done"].index)
    assert "reading" in stages
    assert (stages[-1], looks[-1].trace.answer.reason, looks[-1].trace.route) == ("done", "资料中没有提到。", "both")
    assert {look.n_sentences for look in looks if look.stage in ("reading", "writing")} == {1}
    assert [look.seconds for look in looks] == sorted(look.seconds for look in looks)
    assert (line.owners, pipeline.closed) == (["anna"], 1)


def test_the_question_is_asked_as_it_is_wanted(line):
    pipeline = Watched()
    pipeline.gate.set()
    scope = Scope(years=frozenset({2031}))
    looked(pipeline, line, wanted=Wanted("问", "quotes", scope, HIDDEN))
    assert pipeline.asked == [("问", "quotes", scope, HIDDEN)]


def test_it_waits_while_another_is_answered(line):
    pipeline, busy = Watched(), threading.Event()
    pipeline.gate.set()
    line.pool.submit(busy.wait, 30)
    asked_while_busy = []

    def during(look):
        if look.stage == "waiting":
            asked_while_busy.append(list(pipeline.asked))
            busy.set()

    looks = looked(pipeline, line, during=during)
    assert (looks[0].stage, looks[-1].stage, asked_while_busy) == ("waiting", "done", [[]])


def test_stopped_in_line_it_is_never_asked(line):
    pipeline, busy = Watched(), threading.Event()
    line.pool.submit(busy.wait, 30)
    looks = looked(pipeline, line, during=lambda look: "stop")
    busy.set()
    line.pool.shutdown()
    assert ([look.stage for look in looks], pipeline.asked) == (["waiting", "stopped"], [])


def test_stopped_while_it_reads_the_stream_is_closed(line):
    pipeline = Watched()
    looks = looked(pipeline, line, during=lambda look: "stop" if look.stage == "reading" else None)
    pipeline.gate.set()
    line.pool.shutdown()
    assert (looks[-1].stage, looks[-1].trace, pipeline.closed) == ("stopped", None, 1)


def test_an_error_of_ours_is_told_in_its_words_and_another_without_its_inside(line, caplog):
    told = looked(Watched(error=QuestionError("The question is empty.")), line)[-1]
    assert (told.stage, told.error) == ("failed", "The question is empty.")
    unforeseen = looked(Watched(error=RuntimeError("secret <b>")), line)[-1]
    assert (unforeseen.stage, unforeseen.error) == ("failed", "")
    assert "secret" in caplog.text
    assert "secret" not in render_look(unforeseen, lang="en")


def test_a_full_line_and_a_closed_one_are_told():
    class Refusing:
        def __init__(self, error):
            self.error = error

        async def run(self, owner, work):
            raise self.error

    own = looked(Watched(), Refusing(LineFullError(mine=True, n_waiting=5)))[-1]
    assert "5 of your own questions are waiting" in render_look(own, lang="en")
    others = looked(Watched(), Refusing(LineFullError(mine=False, n_waiting=100)))[-1]
    assert "排队的问题已有 100 个" in render_look(others, lang="zh")
    assert looked(Watched(), Refusing(QuestionStoppedError("closed")))[-1].stage == "stopped"


def test_it_takes_its_turn_at_the_desk():
    pipeline = Watched()
    desk = Desk(pipeline)
    looks = looked(pipeline, desk, during=opens(pipeline))
    assert (looks[-1].stage, looks[-1].trace.answer.reason) == ("done", "资料中没有提到。")
    failed = Watched(error=QuestionError("The question is empty."))
    assert looked(failed, desk)[-1].error == "The question is empty."
    desk.close()
    assert looked(pipeline, desk)[-1].stage == "stopped"


def test_an_error_is_escaped():
    html = render_look(Look("failed", error="<img src=x>"), lang="zh")
    assert '<p class="yj-trace-error" role="alert" dir="auto">&lt;img src=x&gt;</p>' in html
    assert "没有完成" in html


@pytest.mark.parametrize(
    ("sources", "places", "years", "scope"),
    [
        ([], "", "", None),
        ([], " ， ", " ", None),
        (["a.txt"], "", "", Scope(sources=frozenset({"a.txt"}))),
        ([], "海州市, 临川县", "", Scope(places=frozenset({"海州市", "临川县"}))),
        ([], "", "2030、2031年", Scope(years=frozenset({2030, 2031}))),
    ],
)
def test_a_scope_is_read_as_it_is_typed(sources, places, years, scope):
    assert scope_of(sources, places, years) == scope


@pytest.mark.parametrize("years", ["去年", "31", "20311", "2031年度", "２０３１"])
def test_what_is_no_year_is_refused(years):
    with pytest.raises(YearError, match=years):
        scope_of([], "", years)


# The tab


@pytest.fixture
def made(line):
    """A tab over a pipeline whose gate is open."""

    async def laid_out(pipeline):  # in a running loop: else Gradio makes one and leaves it open
        with gr.Blocks(analytics_enabled=False) as blocks:
            tab = TraceTab(pipeline, line, owner_of=lambda r: r.user, hidden_of=lambda _: HIDDEN, lang="en")
            tab.connect()
        return tab, blocks

    return lambda pipeline: asyncio.run(laid_out(pipeline))


REQUEST = SimpleNamespace(session_hash="s1", user="anna")


def shown_by(tab, *asked, request=REQUEST):
    async def collect():
        return [shown async for shown in tab.look(*asked, request)]

    return asyncio.run(collect())


def test_the_tab_asks_for_the_user_and_what_it_may_see(made, line):
    pipeline = Watched()
    pipeline.gate.set()
    tab, _ = made(pipeline)
    *_, last = shown_by(tab, "问", "quotes", ["a.txt"], "", "2031")
    html = last[tab._shown]
    assert '<article class="yj-trace" id="yj-trace-way"' in html
    assert "Done in" in html
    scope = Scope(sources=frozenset({"a.txt"}), years=frozenset({2031}))
    assert (pipeline.asked, line.owners) == ([("问", "quotes", scope, HIDDEN)], ["anna"])
    assert (last[tab._look].visible, last[tab._stop].visible) == (True, False)
    assert tab._stops == {}


def test_the_tab_says_what_is_no_year_and_asks_nothing(made):
    pipeline = Watched()
    tab, _ = made(pipeline)
    (shown,) = shown_by(tab, "问", "answer", None, "", "<b>")
    assert "“&lt;b&gt;” is no year" in shown[tab._shown]
    assert pipeline.asked == []


def test_an_empty_question_and_a_second_one_of_a_busy_page_are_not_asked(made):
    pipeline = Watched()
    tab, _ = made(pipeline)
    shown_by(tab, " \n", "answer", [], "", "")
    tab._stops["s1"] = threading.Event()
    shown_by(tab, "问", "answer", [], "", "")
    assert pipeline.asked == []


def test_a_question_that_comes_with_the_news_of_the_last_ones_end_is_asked(made):
    pipeline = Watched()
    pipeline.gate.set()
    tab, _ = made(pipeline)

    async def ask_twice():
        async for each in tab.look("问", "answer", [], "", "", REQUEST):
            if tab._look in each and each[tab._look].visible:  # the page may be clicked again
                shown_by_second.extend([shown async for shown in tab.look("又问", "answer", [], "", "", REQUEST)])

    shown_by_second = []
    asyncio.run(ask_twice())
    assert [asked[0] for asked in pipeline.asked] == ["问", "又问"]


def test_stop_ends_what_the_page_looks_into(made):
    pipeline = Watched()
    tab, _ = made(pipeline)

    async def collect():
        shown = []
        async for each in tab.look("问", "answer", [], "", "", REQUEST):
            shown.append(each[tab._shown])
            tab.stop(REQUEST)
        return shown

    assert "Stopped" in asyncio.run(collect())[-1]
    pipeline.gate.set()


def test_the_documents_that_may_be_chosen_are_those_that_may_be_seen(made):
    tab, _ = made(Watched())
    assert tab.list_sources(REQUEST).choices == [("a.txt", "a\u202e.txt")]
    tab, _ = made(Watched(error=CorpusIndexError("gone")))
    assert tab.list_sources(REQUEST).choices == []


def test_no_handler_of_the_tab_is_an_endpoint(made):
    _, blocks = made(Watched())
    assert {f.api_visibility for f in blocks.fns.values()} == {"private"}
