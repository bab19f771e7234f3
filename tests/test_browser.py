"""The page in a real Chromium, over a scripted pipeline."""

import os
import re
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fakes import ListedDocument, ScriptedPipeline
from test_hostile import HOSTILE

from rag.errors import GenerationError
from rag.schema import Answer, AnswerSentence, Citation, Delta, Evidence, Quoted, Retrieved, Timings, Turn
from ui.__main__ import start

pytestmark = pytest.mark.browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge")
ARGUMENTS = [
    "--no-sandbox",  # in a container there is no other user to run as
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RATE = Evidence(2, "录取率90.21%,比上年提高。", "a.txt", "某市2019年总结", "", (), ("一、回顾",), 50, 64, 2.0)
SEATS = Evidence(1, "新增学位4.07万个。", "a.txt", "某市2019年总结", "", (), ("二、条件",), 10, 20, 1.0)
CITED = Citation(1, RATE.source, RATE.title, RATE.heading, RATE.start, RATE.end, RATE.text)
QUOTED = Answer(
    *("问", "问", (AnswerSentence(RATE.text, (1,), supported=True, spans=((3, 9),)),), (CITED,)),
    abstained=False,
    confidence=0.93,
)
MANY = [replace(SEATS, number=number, text=f"第{number}句原文。" * 8, start=number * 1000) for number in range(3, 15)]


def final(question, text="录取率是90.21%。", **changes):
    sentences = (AnswerSentence(text, (1,), supported=True),)
    whole = Answer(question, question, sentences, (CITED,), abstained=False, evidence=(SEATS, RATE))
    return replace(whole, timings=Timings(0.1, 0.2, 3.2), **changes)


def script(question, text="录取率是90.21%。"):
    return [Retrieved(question, (SEATS, RATE), 0.1), Delta(text), final(question, text)]


def no_browser(reason):
    if os.environ.get("YOUJU_REQUIRE_BROWSER") == "1":
        pytest.fail(f"YOUJU_REQUIRE_BROWSER is set, but {reason}")
    pytest.skip(f"{reason}; install chromium (e.g. apt-get install chromium) to run the page's tests")


@pytest.fixture(scope="module")
def pipeline():
    return ScriptedPipeline(
        examples=["例一？", "<b>例二</b>{{x}}${y}？"], documents=[ListedDocument("a.txt", ("某市2019年总结",), 7)]
    )


@pytest.fixture(scope="module")
def url(pipeline):
    running = start(pipeline)
    yield running.url
    running.close()


@pytest.fixture(scope="module")
def chromium(url):  # after the server: Playwright's event loop then stays the only one in this thread
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - may be absent
    except ImportError:
        no_browser("Playwright is not installed")
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, BROWSERS)), None) or playwright.chromium.executable_path
        if not Path(path).exists():
            no_browser(f"no Chromium was found (looked for {', '.join(BROWSERS)})")
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, url):
    """Open tabs that must not talk to another host, nor show a script's dialog or error."""
    contexts, hosts, troubles = [], set(), []

    def open_one(path="", **options):
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
        page.on("websocket", lambda socket: hosts.add(urlsplit(socket.url).hostname))
        page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(url + path)
        page.wait_for_selector("#yj-question textarea")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert hosts <= {"127.0.0.1", None}  # data: addresses have no host
    assert troubles == []


def ask(page, question):
    box = page.locator("#yj-question textarea")
    box.fill(question)
    box.press("Enter")


def wait_for_stage(page, stage, number=1):
    page.wait_for_selector(f'#t{number}[data-stage="{stage}"]')


def until(condition):
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("waited in vain")


def test_sources_come_first_then_the_text_then_the_checked_answer(open_page, pipeline):
    read, half, whole = threading.Event(), threading.Event(), threading.Event()
    pipeline.scripts["问"] = [
        *(Retrieved("问", (SEATS, RATE), 0.1), read, Delta("录取率是90"), Delta(".21%。["), half),
        *(Delta("2]"), whole, final("问", "录取率是90.21%，已核对。")),
    ]
    page = open_page()
    ask(page, "问")
    wait_for_stage(page, "reading")
    assert page.locator("#t1 .yj-card blockquote").all_inner_texts() == [SEATS.text, RATE.text]
    assert page.locator("#t1 .yj-text").count() == 0
    assert page.locator("#t1 [role=status]").inner_text() == "正在阅读 2 句原文 · Reading 2 sentences"
    read.set()
    wait_for_stage(page, "writing")
    page.wait_for_function("document.querySelector('#t1 .yj-text')?.textContent === '录取率是90.21%。'")
    half.set()
    page.wait_for_selector("#t1 .yj-text a")
    assert page.locator("#t1 .yj-text").inner_text() == "录取率是90.21%。[2]"
    assert page.locator("#t1 .yj-text a").get_attribute("href") == "#t1-s2"
    whole.set()
    wait_for_stage(page, "done")
    assert page.locator("#t1 .yj-text").inner_text() == "录取率是90.21%，已核对。[1]"
    assert page.locator("#t1 [role=status]").inner_text() == "用时 3.2 秒 · Done in 3.2 s"


def test_a_marker_leads_to_its_quote_and_keeps_the_conversation(open_page, pipeline):
    long = replace(final("长文"), evidence=(SEATS, RATE, *MANY))
    pipeline.scripts["长文"] = [long]
    pipeline.scripts["短"] = script("短")
    page = open_page("?__theme=dark", viewport={"width": 390, "height": 500})
    ask(page, "短")
    wait_for_stage(page, "done")
    ask(page, "长文")
    wait_for_stage(page, "done", 2)
    page.locator("#t1 a.yj-marker").click()
    card = page.locator("#t1-s1")
    page.wait_for_function("document.querySelector('.yj-card:target')?.id === 't1-s1'")
    page.wait_for_function(
        "(() => { const box = document.getElementById('t1-s1').getBoundingClientRect();"
        " return box.top >= 0 && box.bottom <= innerHeight; })()"
    )
    assert card.locator("blockquote").inner_text() == CITED.quote
    assert page.evaluate("document.activeElement.id") == "t1-s1"
    assert page.locator(".yj-turn").count() == 2
    background = "getComputedStyle(document.getElementById('{}')).backgroundColor"
    assert page.evaluate(background.format("t1-s1")) != page.evaluate(background.format("t2-s1"))


def test_a_refusal_is_set_apart_and_shows_what_comes_closest(open_page, pipeline):
    refused = final("谁？", sentences=(), citations=(), abstained=True, reason="没有写姓名。")
    pipeline.scripts["谁？"] = [Retrieved("谁？", (SEATS, RATE), 0.1), refused]
    page = open_page()
    ask(page, "谁？")
    wait_for_stage(page, "done")
    assert page.locator("#t1 .yj-abstained").inner_text() == "资料中没有找到依据 · Not in the documents\n\n没有写姓名。"
    assert page.locator("#t1 .yj-sources h3").inner_text() == "最接近的原文 Closest passages"
    assert page.locator("#t1 .yj-card blockquote").all_inner_texts() == [RATE.text, SEATS.text]


def test_the_quotation_is_there_before_the_text_and_leads_to_its_card(open_page, pipeline):
    half, whole = threading.Event(), threading.Event()
    pipeline.scripts["即时"] = [
        *(Retrieved("即时", (SEATS, RATE), 0.1), Quoted(QUOTED), half, Delta("录取率是90.21%。"), whole),
        final("即时", confidence=0.93),
    ]
    page = open_page()
    ask(page, "即时")
    page.wait_for_selector("#t1 .yj-quoted")
    assert page.locator("#t1 .yj-quoted blockquote").inner_text() == f"{RATE.text}[2]"
    assert page.locator("#t1 .yj-quoted mark").all_inner_texts() == ["90.21%"]
    assert "可信度 93% · 93 % sure" in page.locator("#t1 .yj-quoted").inner_text()
    page.locator("#t1 .yj-quoted a").click()
    page.wait_for_function("document.querySelector('.yj-card:target')?.id === 't1-s2'")
    assert page.locator("#t1-s2 blockquote").inner_text() == RATE.text
    half.set()
    page.wait_for_selector("#t1 .yj-text")
    tops = [page.locator(f"#t1 .yj-{part}").bounding_box()["y"] for part in ("quoted", "text")]
    assert tops == sorted(tops)
    whole.set()
    wait_for_stage(page, "done")
    assert page.locator("#t1 .yj-quoted").count() == 0
    assert page.locator("#t1 .yj-stage .yj-confidence").inner_text() == "可信度 93% · 93 % sure"


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
    pipeline.scripts[question] = [
        Retrieved(question, (), 0.1),
        *[part for _ in range(900) for part in (Delta("字"), 0.02)],
    ]
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
    assert page.locator("#yj-send").is_visible()
    assert not page.locator("#yj-stop").is_visible()


def test_closing_the_tab_ends_the_generation(open_page, pipeline):
    pipeline.scripts["关"] = [Retrieved("关", (), 0.1), *[part for _ in range(900) for part in (Delta("字"), 0.02)]]
    page = open_page()
    ask(page, "关")
    wait_for_stage(page, "writing")
    page.close()
    until(lambda: "关" in pipeline.closed)
    assert pipeline.yielded.count("关") < 800


def test_the_second_visitor_is_told_who_is_ahead_and_then_answered(open_page, pipeline):
    gate = threading.Event()
    pipeline.scripts["先"] = [gate, *script("先")]
    pipeline.scripts["后"] = script("后")
    first, second = open_page(), open_page()
    ask(first, "先")
    wait_for_stage(first, "searching")
    ask(second, "后")
    wait_for_stage(second, "waiting")
    assert second.locator("#t1 [role=status]").inner_text() == "排队中，前面还有 1 个问题 · In line, 1 ahead"
    time.sleep(0.6)  # a wait of under half a second is not worth a word
    gate.set()
    wait_for_stage(first, "done")
    wait_for_stage(second, "done")
    assert "（排队 " in second.locator("#t1 [role=status]").inner_text()
    assert "先" not in second.locator("main").inner_text()


def test_a_follow_up_carries_the_history_and_shows_what_was_searched(open_page, pipeline):
    pipeline.scripts["录取率？"] = script("录取率？")
    pipeline.scripts["学位呢？"] = [final("学位呢？", query="某市新增学位多少？")]
    page = open_page()
    ask(page, "录取率？")
    wait_for_stage(page, "done")
    ask(page, "学位呢？")
    wait_for_stage(page, "done", 2)
    assert pipeline.asked[-1] == ("学位呢？", (Turn("user", "录取率？"), Turn("assistant", "录取率是90.21%。")))
    assert page.locator("#t2 .yj-query").inner_text() == "按此检索 Searched as: 某市新增学位多少？"
    assert page.locator(".yj-question").all_inner_texts() == ["录取率？", "学位呢？"]


def test_clear_starts_anew(open_page, pipeline):
    pipeline.scripts["录取率？"] = script("录取率？")
    page = open_page()
    ask(page, "录取率？")
    wait_for_stage(page, "done")
    assert not page.get_by_role("button", name="例一？").is_visible()
    page.locator("#yj-clear").click()
    page.wait_for_selector(".yj-turn", state="detached")
    page.get_by_role("button", name="例一？").wait_for()
    ask(page, "录取率？")
    wait_for_stage(page, "done")
    assert pipeline.asked[-1] == ("录取率？", ())


def test_clear_while_answering_stops_it(open_page, pipeline):
    pipeline.scripts["清"] = [Retrieved("清", (), 0.1), *[part for _ in range(900) for part in (Delta("字"), 0.02)]]
    page = open_page()
    ask(page, "清")
    wait_for_stage(page, "writing")
    page.locator("#yj-clear").click()
    page.wait_for_selector(".yj-turn", state="detached")
    until(lambda: "清" in pipeline.closed)
    time.sleep(0.3)
    assert page.locator(".yj-turn").count() == 0
    assert page.locator("#yj-send").is_visible()


def test_an_example_is_asked_with_one_click(open_page, pipeline):
    pipeline.scripts["<b>例二</b>{{x}}${y}？"] = script("<b>例二</b>{{x}}${y}？")
    page = open_page()
    page.get_by_role("button", name="<b>例二</b>{{x}}${y}？").click()
    wait_for_stage(page, "done")
    assert page.locator("#t1 .yj-question").inner_text() == "<b>例二</b>{{x}}${y}？"


def test_enter_sends_and_shift_enter_breaks_the_line(open_page, pipeline):
    pipeline.scripts["甲\n乙"] = script("甲\n乙")
    page = open_page()
    box = page.get_by_role("textbox", name="问题 Question")
    box.press_sequentially("甲")
    box.press("Shift+Enter")
    box.press_sequentially("乙")
    assert box.input_value() == "甲\n乙"
    box.press("Enter")
    wait_for_stage(page, "done")
    assert pipeline.asked[-1][0] == "甲\n乙"
    assert box.input_value() == ""


def test_enter_that_picks_a_word_in_an_input_method_does_not_send(open_page, pipeline):
    n_asked = len(pipeline.asked)
    page = open_page()
    box = page.locator("#yj-question textarea")
    box.fill("shi")
    for event in ("{key: 'Enter', isComposing: true, bubbles: true}", "{key: 'Enter', keyCode: 229, bubbles: true}"):
        box.evaluate(f"element => element.dispatchEvent(new KeyboardEvent('keydown', {event}))")
    time.sleep(0.5)
    assert len(pipeline.asked) == n_asked
    assert box.input_value() == "shi"


def test_what_is_typed_while_an_answer_streams_is_kept(open_page, pipeline):
    gate = threading.Event()
    pipeline.scripts["慢"] = [
        Retrieved("慢", (SEATS,), 0.1),
        *[part for _ in range(20) for part in (Delta("字"), 0.05)],
        gate,
        final("慢"),
    ]
    page = open_page()
    ask(page, "慢")
    wait_for_stage(page, "writing")
    page.locator("#yj-question textarea").press_sequentially("下一个问题", delay=60)
    gate.set()
    wait_for_stage(page, "done")
    assert page.locator("#yj-question textarea").input_value() == "下一个问题"


def test_the_clock_runs_while_the_server_is_silent(open_page, pipeline):
    gate = threading.Event()
    pipeline.scripts["等"] = [Retrieved("等", (SEATS,), 0.1), gate, final("等")]
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
        replace(SEATS, number=number, text=text, source=text, title=text, heading=(text,))
        for number, text in enumerate(shown, start=1)
    )
    everything = "".join(shown)
    answer = final(everything, everything, query=everything[::-1], evidence=evidence)
    read = threading.Event()
    pipeline.scripts[everything.replace("\r\n", "\n")] = [
        Retrieved(everything, evidence, 0.1),
        Delta(everything),
        read,
        answer,
    ]
    page = open_page()
    page.evaluate("() => { window.alert = text => { window.hurt = text } }")
    page.locator("#yj-question textarea").evaluate(
        "(element, text) => { element.value = text; element.dispatchEvent(new Event('input')) }", everything
    )
    page.locator("#yj-question textarea").press("Enter")
    wait_for_stage(page, "writing")
    foreign = "#yj-latest :is(script, img, svg, iframe, style, base, form, input, meta, math, template, noscript, b)"
    assert page.locator(foreign).count() == 0
    assert page.locator("#t1 .yj-card").count() == len(shown)
    read.set()
    wait_for_stage(page, "done")
    assert page.locator(foreign).count() == 0
    assert page.locator("#yj-latest a").evaluate_all("links => links.map(link => link.getAttribute('href'))") == [
        "#t1-s1"
    ]
    assert (
        "{{constructor.constructor('alert(1)')()}}${alert(1)}`${alert(1)}`" in page.locator("#t1 .yj-text").inner_text()
    )
    time.sleep(0.3)
    assert page.evaluate("window.hurt === undefined")


CONTRASTS = """() => {
  const channel = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = element => {
    for (; element; element = element.parentElement) {
      const color = parse(getComputedStyle(element).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const element of document.querySelectorAll("main *")) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility()) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) low.push(`${element.className || element.tagName} ${ratio.toFixed(2)}`);
  }
  return low;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_text_is_readable_and_nothing_is_wider_than_the_screen(open_page, pipeline, scheme, width):
    mixed = (
        AnswerSentence("录取率是90.21%。", (1,), supported=True, spans=((4, 10),)),
        AnswerSentence("a" * 300, (), supported=False),
    )
    pipeline.scripts["混"] = [final("混", sentences=mixed, query="改写", confidence=0.93)]
    refused = final("谁？", sentences=(), citations=(), abstained=True, reason="没有写姓名。")
    pipeline.scripts["谁？"] = [Quoted(QUOTED), refused]
    pipeline.scripts["坏"] = [GenerationError("内存不足。" + "x" * 300)]
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert page.evaluate(CONTRASTS) == []
    for number, (question, stage) in enumerate((("混", "done"), ("谁？", "done"), ("坏", "failed")), start=1):
        ask(page, question)
        wait_for_stage(page, stage, number)
    assert page.locator("#t2 .yj-quoted mark").count() == 1
    page.locator("#t1 details summary").click()
    page.locator("#t1 a.yj-marker").click()
    assert page.evaluate(CONTRASTS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.body.classList.contains('dark')") == (scheme == "dark")


def test_the_composer_stays_in_reach_while_the_page_is_long(open_page, pipeline):
    pipeline.scripts["长文"] = [replace(final("长文"), abstained=True, citations=(), evidence=tuple(MANY))]
    page = open_page(viewport={"width": 390, "height": 500})
    for number in (1, 2, 3):
        ask(page, "长文")
        wait_for_stage(page, "done", number)
    page.evaluate("window.scrollTo(0, 0)")
    time.sleep(0.6)
    box = page.locator("#yj-composer").bounding_box()
    assert box["y"] + box["height"] == pytest.approx(500, abs=2)


def test_focus_is_seen(open_page):
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2


def test_chinese_shapes_are_asked_for(open_page):
    page = open_page()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert re.match(r"有据 youju", page.title())
