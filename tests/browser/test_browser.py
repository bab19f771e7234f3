"""Asking, in a real Chromium: what is seen while a question is answered, and what ends it."""

import threading
import time
from dataclasses import replace

import pytest

from rag.errors import GenerationError
from rag.schema.answers import Answer, AnswerSentence, Delta, Quoted
from rag.schema.messages import Turn
from rag.schema.search import Retrieved
from tests.support.hostile import HOSTILE
from tests.support.pages import (
    CITED,
    PORT,
    ROADS,
    SAID,
    Answering,
    answered,
    ask,
    final,
    open_panel,
    questions,
    refusal,
    script,
    until,
    wait_for_stage,
)
from tests.support.serving import served

pytestmark = pytest.mark.browser
QUOTED = Answer(
    question="问",
    query="问",
    sentences=(AnswerSentence(ROADS.text, (1,), spans=((7, 11),)),),
    citations=(CITED,),
    confidence=0.93,
)
ENDLESS = [part for _ in range(900) for part in (Delta("字"), 0.02)]


@pytest.fixture(scope="module")
def pipeline():
    return Answering(examples=["例一？", "<b>例二</b>{{x}}${y}？"])


@pytest.fixture(scope="module")
def url(pipeline):
    with served(pipeline) as running:
        yield running.url


def test_sources_come_first_then_the_text_then_the_checked_answer(open_page, pipeline):
    read, half, whole = threading.Event(), threading.Event(), threading.Event()
    pipeline.scripts["问"] = [
        *(Retrieved("问", (PORT, ROADS), 0.1), read, Delta("新修公路86"), Delta("公里。["), half),
        *(Delta("2]"), whole, final("问", "新修公路86公里，已核对。")),
    ]
    page = open_page()
    ask(page, "问")
    wait_for_stage(page, "reading")
    assert page.locator("#t1 .yj-card blockquote").all_inner_texts() == [PORT.text, ROADS.text]
    assert page.locator("#t1 .yj-text").count() == 0
    assert page.locator("#t1 [role=status]").inner_text() == "正在阅读 2 句原文"
    read.set()
    wait_for_stage(page, "writing")
    page.wait_for_function("document.querySelector('#t1 .yj-text')?.textContent === '新修公路86公里。'")
    half.set()
    page.wait_for_selector("#t1 .yj-text a")
    assert page.locator("#t1 .yj-text").inner_text() == "新修公路86公里。[2]"
    assert page.locator("#t1 .yj-text a").get_attribute("href") == "#t1-s2"
    whole.set()
    wait_for_stage(page, "done")
    assert page.locator("#t1 .yj-text").inner_text() == "新修公路86公里，已核对。[1]"
    assert page.locator("#t1 [role=status]").first.inner_text() == "用时 3.2 秒"


def test_half_a_marker_is_never_seen(open_page, pipeline):
    pieces = [part for text in ("一[", "1", "]，二", "[1", "]。", "[", "2", "]") for part in (Delta(text), 0.15)]
    pipeline.scripts["半"] = [Retrieved("半", (PORT, ROADS), 0.1), *pieces, final("半")]
    page = open_page()
    page.evaluate(
        """() => {
          window.seen = new Set();
          const look = () => {
            const text = document.querySelector("#t1 .yj-text");
            if (text) window.seen.add(text.textContent);
          };
          new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
        }"""
    )
    answered(page, "半")
    seen = page.evaluate("[...window.seen]")
    assert "一[1]，二[1]。" in seen
    assert not [text for text in seen if text.count("[") != text.count("]") or "[]" in text]


def test_the_quotation_is_there_before_the_text_and_leads_to_its_card(open_page, pipeline):
    half, whole = threading.Event(), threading.Event()
    pipeline.scripts["即时"] = [
        *(Retrieved("即时", (PORT, ROADS), 0.1), Quoted(QUOTED), half, Delta(SAID), whole),
        final("即时", confidence=0.93),
    ]
    page = open_page()
    ask(page, "即时")
    page.wait_for_selector("#t1 .yj-quoted")
    assert page.locator("#t1 .yj-quoted blockquote").inner_text() == f"{ROADS.text}[2]"
    assert page.locator("#t1 .yj-quoted mark").all_inner_texts() == [ROADS.text[7:11]]
    assert "可信度 93%" in page.locator("#t1 .yj-quoted").inner_text()
    half.set()
    page.wait_for_selector("#t1 .yj-text")
    tops = [page.locator(f"#t1 .yj-{part}").bounding_box()["y"] for part in ("quoted", "text")]
    assert tops == sorted(tops)
    whole.set()
    wait_for_stage(page, "done")
    assert page.locator("#t1 .yj-quoted").count() == 0
    assert page.locator("#t1 .yj-stage .yj-confidence").inner_text() == "可信度 93%"


def test_a_refusal_is_set_apart_and_shows_what_comes_closest(open_page, pipeline):
    pipeline.scripts["谁？"] = refusal("谁？")
    page = open_page()
    answered(page, "谁？")
    assert page.locator("#t1 .yj-abstained").inner_text() == "资料中没有找到依据\n\n没有写姓名。"
    assert page.locator("#t1 .yj-sources h3").inner_text() == "最接近的原文"
    assert page.locator("#t1 .yj-card blockquote").all_inner_texts() == [ROADS.text, PORT.text]


def test_what_is_withheld_is_told_under_the_answer(open_page, pipeline):
    note = "有1句未显示：数字不在所引原文中：九。"
    pipeline.scripts["混"] = [final("混", notes=(note,))]
    page = open_page()
    answered(page, "混")
    assert page.locator("#t1 .yj-note").inner_text() == note


def test_an_error_is_told_in_words(open_page, pipeline):
    pipeline.scripts["坏"] = [GenerationError("内存不足。关掉别的程序。")]
    page = open_page()
    ask(page, "坏")
    wait_for_stage(page, "failed")
    assert page.locator("#t1 [role=alert]").inner_text() == "内存不足。关掉别的程序。"
    assert "Traceback" not in page.content()


@pytest.mark.parametrize("how", ["button", "Escape"])
def test_stop_ends_the_generation(open_page, pipeline, how):
    question = f"停{how}"
    pipeline.scripts[question] = [Retrieved(question, (), 0.1), *ENDLESS]
    page = open_page()
    ask(page, question)
    wait_for_stage(page, "writing")
    assert not page.locator("#yj-send").is_visible()
    if how == "button":
        page.locator("#yj-stop").click()
    else:
        page.keyboard.press("Escape")
    wait_for_stage(page, "stopped")
    until(lambda: question in pipeline.closed)
    taken = pipeline.yielded.count(question)
    assert taken < 800
    time.sleep(0.2)
    assert pipeline.yielded.count(question) == taken
    assert "以上文字未经核对" in page.locator("#t1").inner_text()
    page.wait_for_selector("#yj-stop", state="hidden")
    assert page.locator("#yj-send").is_visible()


def test_closing_the_tab_ends_the_generation(open_page, pipeline):
    pipeline.scripts["关"] = [Retrieved("关", (), 0.1), *ENDLESS]
    page = open_page()
    ask(page, "关")
    wait_for_stage(page, "writing")
    page.close()
    until(lambda: "关" in pipeline.closed)
    assert pipeline.yielded.count("关") < 800


def test_a_new_conversation_while_answering_stops_it(open_page, pipeline):
    pipeline.scripts["清"] = [Retrieved("清", (), 0.1), *ENDLESS]
    page = open_page()
    open_panel(page)
    ask(page, "清")
    wait_for_stage(page, "writing")
    page.locator("#yj-new").click()
    page.wait_for_selector(".yj-turn", state="detached")
    until(lambda: "清" in pipeline.closed)
    time.sleep(0.3)
    assert page.locator(".yj-turn").count() == 0
    assert page.locator("#yj-send").is_visible()


def test_the_second_visitor_is_told_who_is_ahead_and_then_answered(open_page, pipeline):
    gate = threading.Event()
    pipeline.scripts["先"] = [gate, *script("先")]
    first, second = open_page(), open_page()
    ask(first, "先")
    wait_for_stage(first, "searching")
    ask(second, "后")
    wait_for_stage(second, "waiting")
    assert second.locator("#t1 [role=status]").inner_text().startswith("排队中，前面还有 1 个问题")
    time.sleep(0.6)  # a wait of under half a second is not worth a word
    gate.set()
    wait_for_stage(first, "done")
    wait_for_stage(second, "done")
    assert "（排队 " in second.locator("#t1 [role=status]").first.inner_text()
    assert "先" not in second.locator("main").inner_text()


def test_a_follow_up_carries_the_history_and_shows_what_was_searched(open_page, pipeline):
    pipeline.scripts["码头呢？"] = [final("码头呢？", query="海州市新建码头几座？")]
    page = open_page()
    answered(page, "公路？")
    answered(page, "码头呢？", 2)
    assert pipeline.asked[-1] == ("码头呢？", (Turn("user", "公路？"), Turn("assistant", SAID)))
    assert page.locator("#t2 .yj-query").inner_text() == "按此检索 海州市新建码头几座？"
    assert questions(page) == ["公路？", "码头呢？"]


def test_an_example_is_asked_with_one_click(open_page):
    page = open_page()
    page.get_by_role("button", name="<b>例二</b>{{x}}${y}？").click()
    wait_for_stage(page, "done")
    assert page.locator("#t1 .yj-question").inner_text() == "<b>例二</b>{{x}}${y}？"
    assert not page.get_by_role("button", name="例一？").is_visible()


def test_what_is_typed_while_an_answer_streams_is_kept(open_page, pipeline):
    gate = threading.Event()
    slowly = [part for _ in range(20) for part in (Delta("字"), 0.05)]
    pipeline.scripts["慢"] = [Retrieved("慢", (PORT,), 0.1), *slowly, gate, final("慢")]
    page = open_page()
    ask(page, "慢")
    wait_for_stage(page, "writing")
    page.locator("#yj-question textarea").press_sequentially("下一个问题", delay=60)
    gate.set()
    wait_for_stage(page, "done")
    assert page.locator("#yj-question textarea").input_value() == "下一个问题"


def test_the_clock_runs_while_the_server_is_silent(open_page, pipeline):
    gate = threading.Event()
    pipeline.scripts["等"] = [Retrieved("等", (PORT,), 0.1), gate, final("等")]
    page = open_page()
    ask(page, "等")
    wait_for_stage(page, "reading")
    page.wait_for_function("parseFloat(document.querySelector('#t1 .yj-clock').textContent) >= 1.2")
    gate.set()
    wait_for_stage(page, "done")
    assert page.locator("#t1 .yj-clock").count() == 0


def test_hostile_text_does_nothing_but_show(open_page, pipeline):
    shown = [text.replace("\ud800", "") for text in HOSTILE if len(text) < 1000]  # half a character cannot be typed
    evidence = tuple(
        replace(PORT, number=number, text=text, source=text, title=text, heading=(text,))
        for number, text in enumerate(shown, start=1)
    )
    everything = "".join(shown)
    answer = final(everything, everything, query=everything[::-1], evidence=evidence)
    read = threading.Event()
    typed = everything.replace("\r\n", "\n").replace("\r", "\n")
    pipeline.scripts[typed] = [Retrieved(everything, evidence, 0.1), Delta(everything), read, answer]
    page = open_page()
    page.evaluate("() => { window.alert = text => { window.hurt = text } }")
    page.locator("#yj-question textarea").evaluate(
        "(element, text) => { element.value = text; element.dispatchEvent(new Event('input')) }", everything
    )
    page.locator("#yj-question textarea").press("Enter")
    wait_for_stage(page, "writing")
    foreign = "#yj-latest :is(script, img, svg, iframe, style, base, form, meta, math, template, noscript, b)"
    assert page.locator(foreign).count() == 0
    assert page.locator("#t1 .yj-card").count() == len(shown)
    read.set()
    wait_for_stage(page, "done")
    assert page.locator(foreign).count() == 0
    assert page.locator("#yj-latest a").evaluate_all("links => links.map(link => link.getAttribute('href'))") == [
        "#t1-s1"
    ]
    said = page.locator("#t1 .yj-text").inner_text()
    assert "{{constructor.constructor('alert(1)')()}}${alert(1)}`${alert(1)}`" in said
    page.wait_for_selector("#yj-past .yj-past-open", state="attached")  # the title of the conversation
    assert page.locator("#yj-past :is(script, img, svg, iframe, style, base, form, b)").count() == 0
    time.sleep(0.3)
    assert page.evaluate("window.hurt === undefined")
