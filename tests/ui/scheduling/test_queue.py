"""Who is next, what those that wait are told, and asking from a thread."""

import asyncio
import contextlib
import threading
import time

import pytest

from rag.errors import GenerationError
from rag.schema.answers import Answer, AnswerSentence, Delta
from rag.schema.search import Scope
from tests.support.fakes import ScriptedPipeline
from ui.scheduling.ask import ask_and_wait, stream_exchange
from ui.scheduling.desk import Desk
from ui.scheduling.queue import LineFullError, QuestionQueue, QuestionStoppedError, QueuedQuestion, Ticket, Waiting


def answered(question, text="是90.21%。"):
    return Answer(
        question=question, query=question, sentences=(AnswerSentence(text, ()),), citations=(), abstained=False
    )


def asked(name, owner="", *, background=False, mode="answer"):
    return QueuedQuestion(name, name, owner=owner, background=background, mode=mode)


def end_first(line, *, seconds=None):
    """The question that began first ends."""
    line.leave(line.under_way[0], seconds=seconds)


def served(line, *asks):
    """The order in which questions are answered, all of them waiting at first."""
    for ask in asks:
        line.add(Ticket(ask, lambda *_: None))
    order = []
    while ticket := line.take():
        order.append(ticket.asked.question)
        end_first(line)
    return " ".join(order)


@contextlib.contextmanager
def desk_over(pipeline, **options):
    desk = Desk(pipeline, **options)
    try:
        yield desk
    finally:
        desk.close()


def until(condition):
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("waited in vain")


class Heard(list):
    """An inbox that keeps all news."""

    def __call__(self, news, at):
        self.append(news)

    def places(self):
        return [news.n_ahead for news in self if isinstance(news, Waiting)]


# Turns


def test_an_owners_second_question_comes_after_every_other_owners_first():
    one = [asked(f"a{n}", "a") for n in range(3)]
    assert served(QuestionQueue(), *one, asked("b0", "b"), asked("c0", "c"), asked("b1", "b")) == "a0 b0 c0 a1 b1 a2"


def test_questions_of_one_owner_stay_in_their_order():
    assert served(QuestionQueue(), *(asked(f"a{n}", "a") for n in range(4))) == "a0 a1 a2 a3"


def test_without_an_owner_each_session_is_one():
    assert served(QuestionQueue(), *(asked(f"{n}") for n in range(4))) == "0 1 2 3"


def test_who_comes_while_anothers_question_is_answered_is_before_that_ones_next():
    line = QuestionQueue()
    for ask in (asked("a0", "a"), asked("a1", "a")):
        line.add(Ticket(ask, lambda *_: None))
    assert line.take().asked.question == "a0"
    line.add(Ticket(asked("b0", "b"), lambda *_: None))
    end_first(line)
    assert served(line) == "b0 a1"


def test_who_has_asked_a_lot_owes_nothing_once_nobody_waits():
    line = QuestionQueue()
    served(line, *(asked(f"a{n}", "a") for n in range(5)))
    assert served(line, asked("a5", "a"), asked("b0", "b")) == "a5 b0"


def test_nobody_waits_for_ever_behind_new_owners_of_later_rounds():
    line, order = QuestionQueue(), []
    for ask in (asked("a0", "a"), asked("a1", "a")):
        line.add(Ticket(ask, lambda *_: None))
    for number in range(4):
        order.append(line.take().asked.question)
        line.add(Ticket(asked(f"n{number}", f"n{number}"), lambda *_: None))
        end_first(line)
    assert order == ["a0", "n0", "n1", "n2"]  # the round of a0 goes on while newcomers join it ...
    line.take()
    end_first(line)
    assert line.take().asked.question == "a1"  # ... and ends as soon as none came


def test_batches_wait_until_nobody_else_does_and_take_turns_themselves():
    line = QuestionQueue()
    batch = [asked(f"x{n}", "x", background=True) for n in range(2)] + [asked("y0", "y", background=True)]
    assert served(line, *batch, asked("a0", "a"), asked("x9", "x")) == "a0 x9 x0 y0 x1"


def test_too_many_of_one_owner_or_in_all_are_refused():
    line = QuestionQueue(max_waiting=4, max_waiting_each=2)
    for ask in (asked("a0", "a"), asked("a1", "a"), asked("b0", "b")):
        line.add(Ticket(ask, lambda *_: None))
    with pytest.raises(LineFullError, match=r"^2 of your own questions are waiting already") as mine:
        line.add(Ticket(asked("a2", "a"), lambda *_: None))
    line.add(Ticket(asked("b1", "b"), lambda *_: None))
    with pytest.raises(LineFullError, match=r"^4 questions are waiting already") as full:
        line.add(Ticket(asked("c0", "c"), lambda *_: None))
    assert (mine.value.mine, full.value.mine) == (True, False)
    line.take()
    line.add(Ticket(asked("c0", "c"), lambda *_: None))  # what is under way does not wait


def test_memory_of_owners_does_not_grow():
    line = QuestionQueue()
    line.add(Ticket(asked("first", "first"), lambda *_: None))
    for number in range(200):
        line.take()
        line.add(Ticket(asked(f"{number}", f"owner{number}"), lambda *_: None))
        line.add(Ticket(asked(f"{number}+", f"owner{number}"), lambda *_: None))
        end_first(line)
        line.take()
        end_first(line)
    while line.take():
        end_first(line)
    line.add(Ticket(asked("last", "last"), lambda *_: None))
    assert list(line._rounds) == [(False, "last")]


# What those that wait are told


def test_the_wait_is_told_from_the_last_answers():
    now = [1000.0]
    line, heard = QuestionQueue(clock=lambda: now[0]), Heard()
    for seconds in (2.0, 4.0, 30.0):
        line.add(Ticket(asked("x", "x"), lambda *_: None))
        line.take()
        end_first(line, seconds=seconds)
    for ask in (asked("a", "a"), asked("b", "b"), asked("c", "c")):
        line.add(Ticket(ask, heard if ask.question == "c" else lambda *_: None))
    line.tell()
    assert heard == [Waiting(2, 8.0)]
    line.take()
    now[0] += 3
    line.add(Ticket(asked("d", "d"), heard))
    line.tell()
    assert heard[-1] == Waiting(3, 1 + 4 + 4)


def test_nothing_is_told_where_nothing_is_known():
    line, heard = QuestionQueue(), Heard()
    line.add(Ticket(asked("a", "a"), lambda *_: None))
    line.take()
    line.add(Ticket(asked("b", "b"), heard))
    line.tell()
    end_first(line)
    assert heard == [Waiting(1, None)]


def test_with_several_slots_the_wait_is_until_one_of_them_is_free():
    line, heard = QuestionQueue(), Heard()
    line.slots = 2
    for seconds in (4.0, 4.0):
        line.add(Ticket(asked("x", "x"), lambda *_: None))
        line.take()
        end_first(line, seconds=seconds)
    for name in ("a", "b", "c", "d", "e"):
        line.add(Ticket(asked(name, name), heard if name in "de" else lambda *_: None))
    assert [line.take().asked.question for _ in range(2)] == ["a", "b"]
    assert line.take() is None
    line.tell()
    assert [said.n_ahead for said in heard] == [3, 4]
    assert [said.seconds for said in heard] == pytest.approx([4, 8], abs=0.5)


def test_with_several_slots_turns_are_as_fair_as_with_one():
    line, order = QuestionQueue(), []
    line.slots = 2
    for ask in (*(asked(f"a{n}", "a") for n in range(3)), asked("b0", "b"), asked("c0", "c")):
        line.add(Ticket(ask, lambda *_: None))
    while len(line) or line.under_way:
        while ticket := line.take():
            order.append(ticket.asked.question)
        end_first(line)
    assert order == ["a0", "b0", "c0", "a1", "a2"]


def test_quotations_are_timed_for_themselves():
    line, heard = QuestionQueue(), Heard()
    for mode, seconds in (("answer", 10.0), ("quotes", 1.0)):
        line.add(Ticket(asked("x", "x", mode=mode), lambda *_: None))
        line.take()
        end_first(line, seconds=seconds)
    line.add(Ticket(asked("q", "q", mode="quotes"), lambda *_: None))
    line.add(Ticket(asked("a", "a"), heard))
    line.tell()
    assert heard == [Waiting(1, 1.0)]


def test_who_is_overtaken_is_told_so():
    gate, heard = threading.Event(), Heard()
    pipeline = ScriptedPipeline({"a0": [gate, answered("a0")]})
    with desk_over(pipeline) as desk:
        desk.submit(asked("a0", "a"), lambda *_: None)
        until(lambda: pipeline.asked)
        desk.submit(asked("a1", "a"), heard)
        for name in "bc":
            desk.submit(asked(name, name), lambda *_: None)
        gate.set()
        until(lambda: heard and isinstance(heard[-1], Answer))
    assert heard.places()[:3] == [1, 2, 3]
    assert [question for question, _ in pipeline.asked] == ["a0", "b", "c", "a1"]


def test_a_page_hears_how_long_it_will_wait():
    gate = threading.Event()
    pipeline = ScriptedPipeline({"一": [0.3, answered("一")], "二": [gate, answered("二")], "三": [answered("三")]})

    async def ask(desk, question):
        return [exchange async for exchange in stream_exchange(desk, question, question, ())]

    async def three(desk):
        await ask(desk, "一")
        second = asyncio.create_task(ask(desk, "二"))
        await asyncio.sleep(0.1)
        third = asyncio.create_task(ask(desk, "三"))
        await asyncio.sleep(0.1)
        gate.set()
        await second
        return await third

    with desk_over(pipeline) as desk:
        seen = asyncio.run(three(desk))
    assert (seen[0].stage, seen[0].n_ahead) == ("waiting", 1)
    assert 0 < seen[0].expected_seconds < 1
    assert (seen[-1].stage, seen[-1].expected_seconds) == ("done", None)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", "你已有 1 个问题在排队，请等其中一些得到回答后再提问。"),
        ("en", "Your questions in line already: 1. Ask again when some of them are answered."),
    ],
)
def test_a_page_is_told_that_it_asked_too_much(lang, said):
    gate = threading.Event()
    pipeline = ScriptedPipeline({"一": [gate, answered("一")]})

    async def ask(desk):
        return [each async for each in stream_exchange(desk, "s3", "三", (), owner="a", lang=lang)]

    with desk_over(pipeline, line=QuestionQueue(max_waiting_each=1)) as desk:
        desk.submit(QueuedQuestion("s1", "一", owner="a"), lambda *_: None)
        until(lambda: pipeline.asked)
        desk.submit(QueuedQuestion("s2", "二", owner="a"), lambda *_: None)
        (only,) = asyncio.run(ask(desk))
        gate.set()
    assert (only.stage, only.error) == ("failed", said)


# What the pipeline is told


def test_the_pipeline_is_told_what_was_asked_for_and_no_more():
    pipeline = ScriptedPipeline()
    with desk_over(pipeline) as desk:
        scope, hidden = Scope(years=frozenset({2031})), frozenset({"b.txt"})
        answer = desk.ask("问", scope=scope, hidden=hidden, mode="quotes", question_id="q7", owner="a")
        desk.ask("又")
    assert (pipeline.scopes, pipeline.hidden) == ([scope, None], [hidden, frozenset()])
    assert (pipeline.modes, answer.question_id) == (["quotes", "answer"], "q7")


def test_a_pipeline_that_hides_nothing_is_not_asked_to():
    class Older(ScriptedPipeline):
        def stream(self, question, *, history=(), mode="answer"):
            yield answered(question)

    with desk_over(Older()) as desk:
        assert desk.ask("问", scope=Scope()).text == "是90.21%。"


# Asking from a thread, or for the answer alone


def test_a_thread_waits_for_its_answer_behind_those_at_the_page():
    gate, order = threading.Event(), []
    pipeline = ScriptedPipeline({"一": [gate, answered("一")]})
    with desk_over(pipeline) as desk:
        desk.submit(asked("一", "a"), lambda *_: None)
        until(lambda: pipeline.asked)
        batch = threading.Thread(target=lambda: order.append(desk.ask("批", owner="x").question))
        batch.start()
        until(lambda: desk.n_waiting == 1)
        desk.submit(asked("二", "b"), lambda *_: None)
        gate.set()
        batch.join()
    assert [question for question, _ in pipeline.asked] == ["一", "二", "批"]
    assert order == ["批"]


def test_a_thread_gets_the_error_itself():
    pipeline = ScriptedPipeline({"坏": [GenerationError("内存不足。")], "错": [ValueError("x")], "无": [Delta("甲")]})
    with desk_over(pipeline) as desk:
        with pytest.raises(GenerationError, match="内存不足。"):
            desk.ask("坏")
        with pytest.raises(GenerationError, match=r"An internal error \(ValueError\)"):
            desk.ask("错")
        with pytest.raises(GenerationError, match=r"An internal error \(no answer\)"):
            desk.ask("无")


@pytest.mark.parametrize("how", ["stop", "close"])
def test_a_thread_is_let_go_when_its_question_is_stopped(how):
    pipeline = ScriptedPipeline({"长": [part for _ in range(3000) for part in (Delta("甲"), 0.01)]})
    raised = []

    def ask(desk, session):
        with pytest.raises(QuestionStoppedError):
            desk.ask("长", session=session)
        raised.append(session)

    desk = Desk(pipeline)
    threads = [threading.Thread(target=ask, args=(desk, name)) for name in ("run", "other")]
    for thread in threads:
        thread.start()
    until(lambda: pipeline.yielded and desk.n_waiting == 1)
    if how == "stop":
        for name in ("run", "other"):
            desk.stop(name)
    desk.close()
    for thread in threads:
        thread.join(30)
    assert sorted(raised) == ["other", "run"]
    assert len(pipeline.asked) == 1
    with pytest.raises(QuestionStoppedError, match="going down"):
        desk.ask("又")


def test_an_answer_alone_is_had_in_an_event_loop_and_leaving_stops_it():
    pipeline = ScriptedPipeline(
        {"问": [answered("问")], "长": [part for _ in range(3000) for part in (Delta("甲"), 0.01)]}
    )

    async def both(desk):
        answer = await ask_and_wait(desk, QueuedQuestion("", "问"))
        task = asyncio.create_task(ask_and_wait(desk, QueuedQuestion("", "长")))
        while "长" not in pipeline.yielded:
            await asyncio.sleep(0.01)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        return answer

    with desk_over(pipeline) as desk:
        assert asyncio.run(both(desk)).text == "是90.21%。"
        until(lambda: pipeline.closed == ["问", "长"])
    assert len(pipeline.yielded) < 2000


def test_the_generator_is_there_once_it_was_loaded_or_has_answered():
    gate, pipeline = threading.Event(), ScriptedPipeline({"问": [answered("问")]})
    pipeline.warming = [gate]
    with desk_over(pipeline) as desk:
        states = [desk.generator]
        desk.warm_up()
        states.append(desk.generator)
        gate.set()
        desk.ask("问")
        states.append(desk.generator)
    assert states == ["not loaded", "loading", "loaded"]
    failing = ScriptedPipeline({"问": [answered("问")]})
    failing.warming = [GenerationError("x")]
    with desk_over(failing) as desk:
        desk.warm_up()
        desk.ask("问", mode="quotes")
        assert desk.generator == "not loaded"
        desk.ask("问")
        assert desk.generator == "loaded"


def test_timings_of_answers_that_never_came_tell_nothing():
    line, heard = QuestionQueue(), Heard()
    line.add(Ticket(asked("a"), lambda *_: None))
    line.take()
    end_first(line)
    line.add(Ticket(asked("b"), lambda *_: None))
    line.add(Ticket(asked("c"), heard))
    line.tell()
    assert heard == [Waiting(1, None)]
