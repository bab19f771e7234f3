import asyncio
import contextlib
import threading

import pytest

from rag.errors import GenerationError, ModelMissingError
from rag.schema.answers import Answer, AnswerSentence, Delta, Quoted, Timings
from rag.schema.messages import Turn
from rag.schema.search import Evidence, Retrieved
from tests.support.fakes import ScriptedPipeline
from ui.exchange import Exchange
from ui.scheduling.ask import stream_exchange
from ui.scheduling.desk import Desk

EVIDENCE = (Evidence(1, "录取率90.21%。", "a.txt", "总结", "", (), (), 0, 9, 1.0),)


def answered(question, text="是90.21%。", **changes):
    sentences = (AnswerSentence(text, ()),)
    return Answer(
        question=question,
        query=question,
        sentences=sentences,
        citations=(),
        abstained=False,
        evidence=EVIDENCE,
        **changes,
    )


def script(question, text="是90.21%。"):
    return [Retrieved(question, EVIDENCE, 0.1), Delta("是9"), Delta("0.21%。"), answered(question, text)]


@contextlib.contextmanager
def desk_over(pipeline):
    desk = Desk(pipeline)
    try:
        yield desk
    finally:
        desk.close()


async def collect(desk, question, past=(), *, session="a"):
    return [exchange async for exchange in stream_exchange(desk, session, question, past)]


async def until(condition):
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("waited in vain")


def test_an_exchange_grows_from_its_quotation_to_its_checked_answer():
    quoted = answered("问", "录取率90.21%。", confidence=0.93)
    steps = [script("问")[0], Quoted(quoted), *script("问")[1:]]
    gates = [threading.Event() for _ in steps]  # the next step comes once the last one was shown
    pipeline = ScriptedPipeline({"问": [part for pair in zip(gates, steps, strict=True) for part in pair]})

    async def watch(desk):
        seen = []
        async for exchange in stream_exchange(desk, "a", "问", ()):
            for gate in gates[: len(seen) + 1]:
                gate.set()
            seen.append(exchange)
        return seen

    with desk_over(pipeline) as desk:
        seen = asyncio.run(watch(desk))
    assert [(exchange.stage, exchange.streamed) for exchange in seen] == [
        ("searching", ""),
        ("reading", ""),
        ("reading", ""),
        ("writing", "是9"),
        ("writing", "是90.21%。"),
        ("done", "是90.21%。"),
    ]
    assert [exchange.evidence for exchange in seen] == [(), *[EVIDENCE] * 5]
    assert [exchange.quoted for exchange in seen] == [None, None, *[quoted] * 4]
    assert [exchange.quotation for exchange in seen] == [None, None, *[quoted] * 3, None]
    assert [exchange.answer for exchange in seen] == [*[None] * 5, steps[-1]]
    assert {exchange.number for exchange in seen} == {1}
    assert pipeline.closed == ["问"]


def test_time_is_what_the_pipeline_measured_or_what_passed():
    pipeline = ScriptedPipeline(
        {"量过": [answered("量过", timings=Timings(0.1, 0.2, 3.25))], "没量": [0.2, answered("没量")]}
    )
    with desk_over(pipeline) as desk:
        measured = asyncio.run(collect(desk, "量过"))[-1]
        passed = asyncio.run(collect(desk, "没量"))[-1]
    assert measured.seconds == 3.25
    assert 0.2 <= passed.seconds < 2


def test_questions_are_answered_one_at_a_time_and_the_others_are_told_how_many_are_ahead():
    gate = threading.Event()
    pipeline = ScriptedPipeline({"一": [gate, answered("一")], "二": script("二"), "三": script("三")})

    async def three(desk):
        tasks = []
        for session, question in (("a", "一"), ("b", "二"), ("c", "三")):
            tasks.append(asyncio.create_task(collect(desk, question, session=session)))
            await asyncio.sleep(0.05)
        gate.set()
        return await asyncio.gather(*tasks)

    with desk_over(pipeline) as desk:
        first, second, third = asyncio.run(three(desk))
    assert [exchange.n_ahead for exchange in first if exchange.stage == "waiting"] == []
    assert (second[0].stage, second[0].n_ahead) == ("waiting", 1)
    assert (third[0].stage, third[0].n_ahead) == ("waiting", 2)
    assert [question for question, _ in pipeline.asked] == ["一", "二", "三"]
    assert pipeline.most_running == 1
    assert [seen[-1].stage for seen in (first, second, third)] == ["done"] * 3
    assert second[-1].waited_seconds >= 0.09
    assert third[-1].waited_seconds >= 0.04
    assert first[-1].waited_seconds < 0.04


def test_as_many_questions_are_answered_at_once_as_there_are_slots():
    gates = {name: threading.Event() for name in "一二三"}
    pipeline = ScriptedPipeline({name: [gate, answered(name)] for name, gate in gates.items()})
    pipeline.slots = 2

    async def three(desk):
        tasks = {}
        for name in gates:
            tasks[name] = asyncio.create_task(collect(desk, name, session=name))
            await asyncio.sleep(0.05)
        await until(lambda: [question for question, _ in pipeline.asked] == ["一", "二"])
        assert (desk.busy, desk.n_waiting) == (True, 1)
        gates["二"].set()  # the second is answered before the first, and the third begins
        second = await tasks["二"]
        await until(lambda: len(pipeline.asked) == 3)
        gates["三"].set()
        third = await tasks["三"]
        assert not tasks["一"].done()
        gates["一"].set()
        return await tasks["一"], second, third

    with desk_over(pipeline) as desk:
        desk.warm_up()
        seen = asyncio.run(three(desk))
    assert [exchanges[-1].stage for exchanges in seen] == ["done"] * 3
    assert pipeline.most_running == 2
    assert [exchange.n_ahead for exchange in seen[2] if exchange.stage == "waiting"] == [2]


def test_what_is_asked_while_the_model_is_loaded_begins_in_all_slots_then():
    loaded, gates = threading.Event(), {name: threading.Event() for name in "一二三"}
    pipeline = ScriptedPipeline({name: [gate, answered(name)] for name, gate in gates.items()})
    pipeline.warming, pipeline.slots = [loaded], 2

    async def ask_all(desk):
        tasks = [asyncio.create_task(collect(desk, name, session=name)) for name in gates]
        await until(lambda: desk.n_waiting == 3)
        assert (pipeline.asked, desk.busy) == ([], False)
        loaded.set()
        await until(lambda: len(pipeline.asked) == 2)
        for gate in gates.values():
            gate.set()
        return await asyncio.gather(*tasks)

    with desk_over(pipeline) as desk:
        desk.warm_up()
        seen = asyncio.run(ask_all(desk))
    assert [exchanges[-1].stage for exchanges in seen] == ["done"] * 3
    assert pipeline.most_running == 2


def test_one_of_two_under_way_is_stopped_alone():
    gates = {name: threading.Event() for name in "一二"}
    pipeline = ScriptedPipeline({name: [Delta("甲"), gate, answered(name)] for name, gate in gates.items()})
    pipeline.slots = 2

    async def both(desk):
        tasks = [asyncio.create_task(collect(desk, name, session=name)) for name in gates]
        await until(lambda: sorted(pipeline.yielded) == ["一", "二"])
        desk.stop("一")
        stopped = await tasks[0]
        for gate in gates.values():
            gate.set()
        return stopped, await tasks[1]

    with desk_over(pipeline) as desk:
        desk.warm_up()
        stopped, whole = asyncio.run(both(desk))
    assert (stopped[-1].stage, whole[-1].stage) == ("stopped", "done")


def test_stopping_tells_the_user_at_once_and_closes_the_stream():
    gate = threading.Event()
    pipeline = ScriptedPipeline({"长": [Retrieved("长", EVIDENCE, 0.1), Delta("甲"), gate, Delta("乙"), Delta("丙")]})

    async def stop_midway(desk):
        task = asyncio.create_task(collect(desk, "长"))
        await until(lambda: pipeline.yielded == ["长", "长"])
        desk.stop("a")
        seen = await asyncio.wait_for(task, timeout=5)
        assert pipeline.closed == []  # the generator is still busy, and nobody waits for it
        gate.set()
        await until(lambda: pipeline.closed == ["长"])
        return seen[-1]

    with desk_over(pipeline) as desk:
        last = asyncio.run(stop_midway(desk))
    assert (last.stage, last.streamed, last.answer) == ("stopped", "甲", None)
    assert pipeline.yielded == ["长"] * 3  # 丙 was never generated


def test_a_stopped_question_keeps_its_quotation():
    gate = threading.Event()
    quoted = answered("长", "录取率90.21%。")
    pipeline = ScriptedPipeline({"长": [Retrieved("长", EVIDENCE, 0.1), Quoted(quoted), gate, Delta("甲")]})

    async def stop_once_quoted(desk):
        async for exchange in stream_exchange(desk, "a", "长", ()):
            if exchange.quoted is not None:
                desk.stop("a")
        gate.set()
        return exchange

    with desk_over(pipeline) as desk:
        last = asyncio.run(stop_once_quoted(desk))
    assert (last.stage, last.quoted, last.quotation, last.answer) == ("stopped", quoted, quoted, None)


def test_a_question_stopped_in_line_is_never_asked():
    gate = threading.Event()
    pipeline = ScriptedPipeline({"一": [gate, answered("一")], "三": script("三")})

    async def stop_second(desk):
        first = asyncio.create_task(collect(desk, "一"))
        await until(lambda: pipeline.asked)
        second = asyncio.create_task(collect(desk, "二", session="b"))
        await asyncio.sleep(0.05)
        third = asyncio.create_task(collect(desk, "三", session="c"))
        await asyncio.sleep(0.05)
        desk.stop("b")
        desk.stop("b")
        stopped = await asyncio.wait_for(second, timeout=5)
        await asyncio.sleep(0.2)
        gate.set()
        return stopped, await third, await first

    with desk_over(pipeline) as desk:
        stopped, third, _ = asyncio.run(stop_second(desk))
    assert stopped[-1].stage == "stopped"
    assert [question for question, _ in pipeline.asked] == ["一", "三"]
    assert [exchange.n_ahead for exchange in third if exchange.stage == "waiting"] == [2, 1]


def test_leaving_the_page_stops_the_answering():
    gate = threading.Event()
    pipeline = ScriptedPipeline({"长": [Delta("甲"), gate, Delta("乙"), Delta("丙")]})

    async def leave(desk):
        task = asyncio.create_task(collect(desk, "长"))
        await until(lambda: pipeline.yielded)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        gate.set()
        await until(lambda: pipeline.closed)

    with desk_over(pipeline) as desk:
        asyncio.run(leave(desk))
    assert pipeline.yielded == ["长"] * 2


def test_an_error_for_people_is_passed_on_in_its_own_words():
    pipeline = ScriptedPipeline({"问": [Delta("甲"), GenerationError("内存不足。关掉别的程序。")], "又": script("又")})
    with desk_over(pipeline) as desk:
        last = asyncio.run(collect(desk, "问"))[-1]
        after = asyncio.run(collect(desk, "又"))[-1]
    assert (last.stage, last.error) == ("failed", "内存不足。关掉别的程序。")
    assert after.stage == "done"


def test_an_unforeseen_error_is_told_without_its_inside(caplog):
    pipeline = ScriptedPipeline({"问": [ValueError("secret /home/x")]})
    with desk_over(pipeline) as desk:
        last = asyncio.run(collect(desk, "问"))[-1]
    assert last.error == "程序内部出错（ValueError），详情见终端。"
    assert "secret /home/x" in caplog.text


def test_a_stream_without_answer_is_a_failure():
    with desk_over(ScriptedPipeline({"问": [Delta("甲")]})) as desk:
        last = asyncio.run(collect(desk, "问"))[-1]
    assert (last.stage, last.error) == ("failed", "没有得到回答，请重试。")


def test_what_was_answered_is_handed_on_as_history():
    refused = Answer(question="二", query="二", sentences=(), citations=(), abstained=True, reason="没有写。")
    cited = Answer(
        question="一",
        query="一",
        sentences=(AnswerSentence("是甲。", (1,)), AnswerSentence("是乙。", (2,))),
        citations=(),
        abstained=False,
    )
    past = [
        Exchange(1, "一", "done", answer=cited),
        Exchange(2, "停", "stopped", streamed="未核对"),
        Exchange(3, "错", "failed", error="坏了"),
        Exchange(4, "二", "done", answer=refused),
    ]
    pipeline = ScriptedPipeline({"问": script("问")})
    with desk_over(pipeline) as desk:
        last = asyncio.run(collect(desk, "问", past))[-1]
    assert pipeline.asked == [
        (
            "问",
            (Turn("user", "一"), Turn("assistant", "是甲。是乙。"), Turn("user", "二"), Turn("assistant", "没有写。")),
        )
    ]
    assert last.number == 5


def test_a_session_has_one_question_under_way():
    gate = threading.Event()
    pipeline = ScriptedPipeline({"一": [gate, answered("一")], "二": script("二")})

    async def twice(desk):
        first = asyncio.create_task(collect(desk, "一"))
        await until(lambda: pipeline.asked)
        second = await collect(desk, "二")
        gate.set()
        return second, await first

    with desk_over(pipeline) as desk:
        second, first = asyncio.run(twice(desk))
    assert second == []
    assert first[-1].stage == "done"


def test_the_next_question_is_taken_while_the_last_stream_is_still_closing():
    pipeline = ScriptedPipeline({"一": script("一"), "二": script("二")})
    pipeline.closing_seconds = 0.3

    async def in_a_row(desk):
        return (await collect(desk, "一"))[-1], (await collect(desk, "二"))[-1]

    with desk_over(pipeline) as desk:
        first, second = asyncio.run(in_a_row(desk))
    assert (first.stage, second.stage) == ("done", "done")
    assert pipeline.most_running == 1


def test_a_question_waits_for_the_model_and_is_told_so():
    gate = threading.Event()
    pipeline = ScriptedPipeline({"问": script("问")})
    pipeline.warming = [gate]

    async def ask_early(desk):
        desk.warm_up()
        task = asyncio.create_task(collect(desk, "问"))
        await asyncio.sleep(0.1)
        gate.set()
        return await task

    with desk_over(pipeline) as desk:
        seen = asyncio.run(ask_early(desk))
    assert (seen[0].stage, seen[0].n_ahead) == ("waiting", 0)
    assert seen[-1].stage == "done"
    assert pipeline.n_warmed == 1


@pytest.mark.parametrize("error", [ModelMissingError("还没有模型：youju models pull"), ValueError("坏了")])
def test_a_model_that_does_not_load_is_told_in_the_terminal_and_the_page_goes_on(error, caplog):
    pipeline = ScriptedPipeline({"问": script("问")})
    pipeline.warming = [error]
    with desk_over(pipeline) as desk:
        desk.warm_up()
        last = asyncio.run(collect(desk, "问"))[-1]
    assert str(error) in caplog.text
    assert last.stage == "done"


def test_closing_the_desk_stops_what_is_under_way():
    pipeline = ScriptedPipeline({"长": [step for _ in range(1000) for step in (Delta("甲"), 0.02)]})

    async def begin(desk):
        task = asyncio.create_task(collect(desk, "长"))
        await until(lambda: pipeline.yielded)
        desk.close()
        return list(pipeline.closed), (await task)[-1]

    closed, last = asyncio.run(begin(Desk(pipeline)))
    assert closed == ["长"], "closing waits until the stream has ended"
    assert len(pipeline.yielded) < 1000
    assert last.stage == "stopped"
    assert pipeline.closed == ["长"]
