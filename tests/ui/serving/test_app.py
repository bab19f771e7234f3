"""The page as a server gives it; no browser needed."""

import re
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

import ui
from rag.errors import GenerationError
from rag.schema.answers import Answer, AnswerSentence, Delta, Quoted
from rag.schema.messages import Turn
from rag.schema.search import Retrieved, Scope
from tests.support.fakes import ListedDocument, ScriptedPipeline
from tests.support.serving import CITED, EVIDENCE, Visitor, answered, script, served


@pytest.fixture(scope="module")
def pipeline():
    found, words = Retrieved("长", EVIDENCE, 0.1), [part for _ in range(900) for part in (Delta("字"), 0.02)]
    examples = ["例一？", "例二？", "例三？", "例四？", "例五？"]
    scripts = {q: script(q, f"答{q}。") for q in "一二三四"} | {"长": [found, *words]}
    documents = [ListedDocument("a.txt", ("总结",), 7, ("海州市",), (2031, 2030)), ListedDocument("b.txt")]
    return ScriptedPipeline(scripts, examples=examples, documents=documents)


@pytest.fixture(scope="module")
def url(pipeline):
    with served(pipeline) as running:
        yield running.url


@pytest.fixture
def visitor(url):
    with Visitor(url) as visitor:
        yield visitor.open()


def text_of(html):
    return re.sub(r"<[^>]*>", "", html)


def turns_in(html):
    return re.findall(r'<article class="yj-turn" id="(t\d+)"', html)


def until(condition):
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("waited in vain")


# What stands on the page


@pytest.mark.parametrize(("page", "said"), [("zh/", "2 份资料，8 段"), ("en/", "Documents: 2 · passages: 8")])
def test_the_page_says_what_it_answers_from(url, page, said):
    with Visitor(url, page) as visitor:
        shown = visitor.open().post("open_page", "")
    assert text_of(shown["yj-corpus"]) == said
    assert (shown["yj-earlier"], shown["yj-latest"]) == ("", "")
    assert not isinstance(shown["yj-question"], str), "somebody may be typing there already"


def test_four_examples_and_all_there_is_to_choose_from_are_offered(visitor):
    shown = visitor.post("open_page", "")
    examples = [part["value"] for part in shown.values() if isinstance(part, dict) and "value" in part]
    assert examples == ["例一？", "例二？", "例三？", "例四？"]
    assert [shown[f"yj-{field}"]["choices"] for field in ("sources", "years", "places")] == [
        [["总结（a.txt）", "a.txt"], ["b.txt", "b.txt"]],
        [["2031", "2031"], ["2030", "2030"]],
        [["海州市", "海州市"]],
    ]


# Asking


def test_a_question_is_answered_with_its_source(visitor):
    latest = visitor.ask("一")["yj-latest"]
    said = text_of(latest).partition("复制")[0]
    assert said == "一用时 0.3 秒答一。[1]"
    assert 'data-yj-source="年报 a.txt" data-yj-start="50" data-yj-end="59"' in latest
    assert text_of(latest).partition("来源")[2] == "[1] 总结 › 一、升学录取率90.21%。年报 a.txt打开原文"


def test_a_follow_up_gets_the_turns_before_it_and_they_stay_on_the_page(visitor, pipeline):
    visitor.ask("一")
    visitor.ask("二")
    shown = visitor.ask("三")
    said = (("user", "一"), ("assistant", "答一。"), ("user", "二"), ("assistant", "答二。"))
    assert pipeline.asked[-1] == ("三", tuple(Turn(*turn) for turn in said))
    assert (turns_in(shown["yj-earlier"]), turns_in(shown["yj-latest"])) == (["t1", "t2"], ["t3"])


def test_what_was_searched_is_shown_where_it_is_not_what_was_asked(visitor, pipeline):
    pipeline.scripts["那里呢？"] = [replace(answered("那里呢？"), query="海州市录取率是多少？")]
    assert "按此检索 海州市录取率是多少？" in text_of(visitor.ask("那里呢？")["yj-latest"])


def test_an_example_is_asked_by_its_button(visitor, pipeline):
    visitor.call("ask_2", "例二？", None, [], [], [], "answer")
    assert pipeline.asked[-1] == ("例二？", ())


def test_a_blank_question_is_not_asked(visitor, pipeline):
    n_asked = len(pipeline.asked)
    visitor.ask(" \n ")
    assert len(pipeline.asked) == n_asked


def test_scope_and_mode_reach_the_pipeline_and_stand_on_the_page(visitor, pipeline):
    latest = visitor.ask("一", sources=["a.txt"], years=["2031"], places=["海州市"], mode="quotes")["yj-latest"]
    asked = Scope(frozenset({"a.txt"}), frozenset({2031}), frozenset({"海州市"}))
    assert (pipeline.scopes[-1], pipeline.modes[-1]) == (asked, "quotes")
    chips = re.findall(r'<li class="yj-chip"[^>]*>([^<]*)</li>', latest)
    assert chips == ["a.txt", "2031", "海州市", "只摘原文"]
    visitor.ask("二")
    assert (pipeline.scopes[-1], pipeline.modes[-1]) == (None, "answer")


def test_a_page_that_outlives_a_restart_still_asks_within_what_it_chose(visitor, pipeline):
    """The server knows nothing of this page yet: not what it offered, nor what was chosen."""
    visitor.ask("一", sources=["gone.txt"], years=["2031; DROP"])
    assert pipeline.scopes[-1] == Scope(sources=frozenset({"gone.txt"}))  # which finds nothing, never everything
    ticks = [name for name, parts in visitor.outputs.items() if "yj-batch-jobs" in parts and "refresh" in name]
    assert ticks
    for tick in ticks:
        assert not visitor.post(tick, "a batch of before", None)["yj-batch-jobs"].get("value")


def test_an_error_is_shown_in_words_and_kept_out_of_the_history(visitor, pipeline):
    pipeline.scripts["坏"] = [GenerationError("内存不足。关掉别的程序。")]
    latest = visitor.ask("坏")["yj-latest"]
    assert '<div class="yj-error" role="alert" dir="auto">内存不足。关掉别的程序。</div>' in latest
    visitor.ask("一")
    assert pipeline.asked[-1] == ("一", ())


def test_a_refusal_is_shown_as_one(visitor):
    assert "资料中没有找到依据资料中没有提到。" in text_of(visitor.ask("谁？")["yj-latest"])


def test_a_quotation_outlives_a_refusal_and_not_an_answer(visitor, pipeline):
    found, _, final = script("摘")
    quoted = Quoted(
        Answer(
            question="摘",
            query="摘",
            sentences=(AnswerSentence("录取率90.21%。", (1,), ((3, 9),)),),
            citations=CITED,
            abstained=False,
        )
    )
    refused = Answer(
        question="拒", query="拒", sentences=(), citations=(), abstained=True, reason="没有写。", evidence=EVIDENCE
    )
    pipeline.scripts |= {"摘": [found, quoted, final], "拒": [found, quoted, refused]}
    assert "<mark>" not in visitor.ask("摘")["yj-latest"]
    assert "录取率<mark>90.21%</mark>。" in visitor.ask("拒")["yj-latest"]


def test_stop_ends_the_generation(visitor, pipeline):
    threading.Thread(target=lambda: (until(lambda: "长" in pipeline.yielded), visitor.post("stop_session"))).start()
    assert "已停止，用时 " in text_of(visitor.ask("长")["yj-latest"])
    until(lambda: "长" in pipeline.closed)
    assert pipeline.yielded.count("长") < 800


def test_the_second_in_line_is_told_who_is_ahead(url, visitor, pipeline):
    gate, told = threading.Event(), []
    pipeline.scripts["先"] = [gate, *script("先")]
    first = threading.Thread(target=visitor.ask, args=("先",))
    first.start()
    until(lambda: pipeline.asked and pipeline.asked[-1][0] == "先")
    with Visitor(url) as second:
        second.open().join("ask", "二", None, [], [], [], "answer").raise_for_status()
        for message in second.messages():
            told.append(str(message.get("output")))
            if "排队中，前面还有 1 个问题" in told[-1]:
                gate.set()
    first.join(30)
    assert gate.is_set()
    assert "答二。" in told[-1]
    assert "先" not in told[-1]


def test_who_goes_on_to_another_conversation_ends_there_whatever_was_on_its_way(visitor, pipeline):
    pipeline.scripts["弃"] = [
        Retrieved("弃", EVIDENCE, 0.1),
        *[part for _ in range(900) for part in (Delta("字"), 0.02)],
    ]
    visitor.ask("一")

    def leave():
        until(lambda: "弃" in pipeline.yielded)
        visitor.post("start_anew")

    leaving = threading.Thread(target=leave)
    leaving.start()
    shown = visitor.ask("弃")
    leaving.join(30)
    assert (shown["yj-earlier"], shown["yj-latest"]) == ("", "")
    until(lambda: "弃" in pipeline.closed)
    visitor.ask("二")
    assert pipeline.asked[-1] == ("二", ())


# What can be done with an answer, and what is kept of it


def test_a_retry_asks_again_in_the_place_of_the_answer(visitor, pipeline):
    visitor.ask("一")
    visitor.ask("二")
    shown = visitor.press("retry", 1)
    assert pipeline.asked[-1] == ("一", ())
    assert (turns_in(shown["yj-earlier"]), turns_in(shown["yj-latest"])) == ([], ["t1"])


def test_an_edited_question_takes_the_place_of_the_old_one_and_of_what_follows(visitor, pipeline):
    for question in "一二三":
        visitor.ask(question)
    shown = visitor.press("edit", 2)
    assert (shown["yj-question"], text_of(shown["yj-notice"])) == (
        "二",
        "正在修改第 2 个问题：发送后替换它和之后的内容",
    )
    shown = visitor.ask("四")
    assert pipeline.asked[-1] == ("四", (Turn("user", "一"), Turn("assistant", "答一。")))
    assert (turns_in(shown["yj-earlier"]), turns_in(shown["yj-latest"])) == (["t1"], ["t2"])


def test_a_button_of_no_exchange_does_nothing(visitor, pipeline):
    visitor.ask("一")
    n_asked = len(pipeline.asked)
    for act, number in (("retry", 7), ("retry", "x"), ("shell", 1), ("up", -1)):
        assert visitor.press(act, number) == {}
    assert len(pipeline.asked) == n_asked


def test_a_new_conversation_forgets_the_last_one(visitor, pipeline):
    visitor.ask("一")
    cleared = visitor.post("start_anew")
    assert (cleared["yj-earlier"], cleared["yj-latest"]) == ("", "")
    shown = visitor.ask("二")
    assert pipeline.asked[-1] == ("二", ())
    assert turns_in(shown["yj-latest"]) == ["t1"]


def test_a_conversation_is_opened_by_its_address_and_by_its_owner_alone(url, visitor):
    visitor.ask("一")
    identity = re.search(r'data-yj-conversation="([^"]+)"', visitor.ask("二")["yj-latest"])[1]
    with Visitor(url, "en/", cookies=dict(visitor.http.cookies)) as again, Visitor(url) as other:
        shown = again.open().post("open_page", identity)
        assert (turns_in(shown["yj-earlier"]), turns_in(shown["yj-latest"])) == (["t1"], ["t2"])
        assert "答二。" in shown["yj-latest"]
        shown = other.open().post("open_page", identity)
        assert (shown["yj-earlier"], shown["yj-latest"], text_of(shown["yj-past"])) == ("", "", "还没有对话")
        assert other.http.get("export", params={"conversation": identity}).status_code == 404
        exported = again.http.get("export", params={"conversation": identity, "lang": "en"})
    assert exported.headers["content-disposition"].startswith("attachment; ")
    assert "答二。" in exported.text


def test_a_conversation_that_begins_with_a_long_question_is_kept_too(visitor):
    latest = visitor.ask("录取率是多少？" * 60)["yj-latest"]
    assert "data-yj-conversation=" in latest
    assert "录取率是多少？录取率" in text_of(visitor.post("list_past", None, "录取率")["yj-past"])


def test_nothing_is_written_beside_the_source():
    """Gradio writes a stub file for every class derived from a component."""
    assert list(Path(ui.__file__).parent.rglob("*.pyi")) == []
