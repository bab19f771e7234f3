"""Languages, looks, keyboard and narrow screens of the page, in a real Chromium."""

import re
import time

import pytest

from rag.errors import GenerationError
from rag.schema.answers import AnswerSentence, Delta, Quoted
from rag.schema.search import Retrieved
from tests.support.pages import (
    NARROW,
    ROADS,
    SAID,
    Answering,
    answered,
    ask,
    bare,
    final,
    marked,
    open_panel,
    questions,
    ready,
    refusal,
    select_tab,
    wait_for_stage,
)
from tests.support.serving import served

pytestmark = pytest.mark.browser
TABS = {"zh/": ("问答", "资料", "批量", "检视"), "en/": ("Chat", "Documents", "Batch", "Look inside")}
# Whatever a person or a screen reader is told, but for what the documents and the questions say.
TOLD = """() => {
  const told = [];
  const quoted = ".yj-question, .yj-text, .yj-card blockquote, .yj-path, .yj-file, .yj-past li, .yj-abstained > p + p";
  for (const element of document.querySelectorAll("body *")) {
    if (element.closest(`script, style, template, noscript, .yj-source-body, .yj-source-said, ${quoted}`)) continue;
    if (!element.checkVisibility()) continue;
    for (const node of element.childNodes) if (node.nodeType === 3) told.push(node.textContent);
    for (const name of ["aria-label", "title", "placeholder", "alt"]) told.push(element.getAttribute(name) ?? "");
  }
  return told.map((text) => text.trim()).filter(Boolean);
}"""
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
    if (!own || !element.checkVisibility({ visibilityProperty: true })) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) low.push(`${element.className || element.tagName} ${ratio.toFixed(2)}`);
  }
  return low;
}"""


@pytest.fixture(scope="module")
def pipeline():
    return Answering(scripts={"Who?": refusal("Who?"), "谁？": refusal("谁？")})


@pytest.fixture(scope="module")
def url(pipeline):
    with served(pipeline) as running:
        yield running.url


def width_of(page):
    return page.evaluate("document.documentElement.scrollWidth")


def is_dark(page):
    return page.evaluate("document.body.classList.contains('dark')")


# Languages


def test_the_first_page_is_in_the_browsers_language_and_its_links_keep_the_conversation(open_page):
    page = open_page("", locale="en-GB")
    assert page.url == f"{open_page.url}en/"
    assert (page.title(), page.evaluate("document.documentElement.lang")) == ("youju 有据", "en")
    answered(page, "Roads?")
    page.wait_for_function("location.search.startsWith('?c=')")
    search = page.evaluate("location.search")
    page.get_by_role("link", name="中文").click()
    wait_for_stage(page, "done")
    ready(page)
    assert page.url == f"{open_page.url}zh/{search}"
    assert (page.title(), page.evaluate("document.documentElement.lang")) == ("有据 youju", "zh-CN")
    assert questions(page) == ["Roads?"]
    assert page.locator("#t1 [role=status]").first.inner_text() == "用时 3.2 秒"
    page.goto(open_page.url)  # the choice lasts
    assert page.url == f"{open_page.url}zh/"


def told_in_every_tab(page, path):
    told = []
    for name in TABS[path]:
        select_tab(page, name)
        page.wait_for_timeout(300)
        told += page.evaluate(TOLD)
    return [text for text in dict.fromkeys(told) if text not in ("有据", "youju", "中文", "English")]


def test_the_english_page_says_nothing_in_chinese_even_in_a_chinese_browser(open_page):
    page = open_page("en/", locale="zh-CN")
    answered(page, "Roads?")
    page.locator('#t1 [data-yj-act="down"]').click()
    page.wait_for_selector("#t1 .yj-comment")
    answered(page, "Who?", 2)
    page.locator("#t1 .yj-text a.yj-marker").click()
    assert marked(page) == bare(ROADS.text)
    open_panel(page)
    assert [text for text in told_in_every_tab(page, "en/") if re.search("[\u4e00-\u9fff]", text)] == []


def test_the_chinese_page_says_nothing_in_english_even_in_an_english_browser(open_page):
    page = open_page(locale="en-GB")
    answered(page, "公路？")
    page.locator('#t1 [data-yj-act="down"]').click()
    page.wait_for_selector("#t1 .yj-comment")
    answered(page, "谁？", 2)
    page.locator("#t1 .yj-text a.yj-marker").click()
    assert marked(page) == bare(ROADS.text)
    open_panel(page)
    # Of keys, of kinds of files, and their endings.
    names = re.compile(r"Enter|Shift|Markdown|jsonl|xlsx|Word|Excel|PowerPoint|EPUB|(?<!\w)\.[a-z]{2,8}\b")
    assert [text for text in told_in_every_tab(page, "zh/") if re.search("[A-Za-z]{4,}", names.sub("", text))] == []


# Dark and light


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_is_the_systems_until_somebody_chooses(open_page, scheme):
    page = open_page(color_scheme=scheme)
    assert is_dark(page) == (scheme == "dark")
    page.locator("#yj-theme").click()
    assert is_dark(page) == (scheme != "dark")
    page.reload()
    ready(page)
    assert is_dark(page) == (scheme != "dark")
    other = open_page("en/", person=page.context)
    assert is_dark(other) == (scheme != "dark")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_text_is_readable_and_nothing_is_wider_than_the_screen(open_page, pipeline, scheme, width):
    mixed = (
        AnswerSentence(SAID, (1,), spans=((4, 10),)),
        AnswerSentence("a" * 300),
    )
    pipeline.scripts["混"] = [final("混", sentences=mixed, notes=("有1句未显示。",), query="改写", confidence=0.93)]
    pipeline.scripts["拒"] = [Quoted(final("拒", confidence=0.9)), refusal("拒")[-1]]
    pipeline.scripts["坏"] = [GenerationError("内存不足。" + "x" * 300)]
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert page.evaluate(CONTRASTS) == []
    for number, (question, stage) in enumerate((("混", "done"), ("拒", "done"), ("坏", "failed")), start=1):
        ask(page, question)
        wait_for_stage(page, stage, number)
    page.locator("#t1 details summary").click()
    page.locator('#t1 [data-yj-act="down"]').click()
    page.wait_for_selector("#t1 .yj-comment")
    page.mouse.move(0, 0)
    assert page.evaluate(CONTRASTS) == []
    assert width_of(page) <= width


# Keyboard


def test_enter_sends_and_shift_enter_breaks_the_line(open_page, pipeline):
    page = open_page()
    box = page.get_by_role("textbox", name="问题")
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


def test_a_slash_leads_to_the_question_and_is_typed_there_as_itself(open_page):
    page = open_page()
    page.locator("#yj-theme").focus()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.matches('#yj-question textarea')")
    assert page.locator("#yj-question textarea").input_value() == ""
    page.keyboard.type("1/2")
    assert page.locator("#yj-question textarea").input_value() == "1/2"


def test_a_slash_leads_back_from_another_tab(open_page):
    page = open_page()
    select_tab(page, "资料")
    page.locator("#yj-theme").focus()
    page.keyboard.press("/")
    page.wait_for_function("document.activeElement.matches('#yj-question textarea')")


def test_focus_is_seen_and_stays_on_the_screen(open_page):
    page = open_page()
    page.locator("body").focus()
    for _ in range(25):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => {
              const element = document.activeElement;
              if (element === document.body) return ["solid", 3, 0];
              const { outlineStyle, outlineWidth } = getComputedStyle(element);
              const box = element.getBoundingClientRect();
              return [outlineStyle, parseFloat(outlineWidth), box.x + box.width / 2, element.outerHTML.slice(0, 100)];
            }"""
        )
        assert seen[0] == "solid", seen
        assert seen[1] >= 2, seen
        assert seen[2] >= 0, seen


# Narrow screens


@pytest.mark.parametrize("path", ["zh/", "en/"])
def test_no_tab_is_wider_than_a_narrow_screen(open_page, path):
    page = open_page(path, viewport=NARROW)
    answered(page, "公路？" if path == "zh/" else "Roads?")
    for name in TABS[path]:
        select_tab(page, name)
        page.wait_for_timeout(200)
        assert width_of(page) <= NARROW["width"], name
    open_panel(page)
    assert width_of(page) <= NARROW["width"]


def test_the_panel_of_conversations_makes_way_once_one_was_chosen(open_page):
    page = open_page(viewport=NARROW)
    answered(page, "窄？")
    open_panel(page)
    page.locator("#yj-new").click()
    page.wait_for_selector(".yj-turn", state="detached")
    page.wait_for_function("!document.getElementById('yj-history').classList.contains('open')")
    open_panel(page)
    page.get_by_role("button", name="窄？", exact=True).click()
    wait_for_stage(page, "done")
    page.wait_for_selector("#yj-new", state="hidden")
    assert page.locator("#yj-history .toggle-button").get_attribute("aria-expanded") == "false"


def test_the_composer_stays_in_reach_while_the_page_is_long(open_page, pipeline):
    pipeline.scripts["长文"] = [final("长文", SAID * 40)]
    page = open_page(viewport={"width": 390, "height": 500})
    for number in (1, 2, 3):
        answered(page, "长文", number)
    page.evaluate("window.scrollTo(0, 0)")
    time.sleep(0.6)
    box = page.locator("#yj-asking").bounding_box()
    assert box["y"] + box["height"] == pytest.approx(500, abs=2)


def test_a_new_question_is_brought_into_view_once(open_page, pipeline):
    pipeline.scripts["滚"] = [
        Retrieved("滚", (ROADS,), 0.1),
        *[part for _ in range(40) for part in (Delta("字"), 0.05)],
    ]
    page = open_page(viewport={"width": 390, "height": 500})
    answered(page, "先？")
    ask(page, "滚")
    wait_for_stage(page, "writing", 2)
    page.wait_for_function("document.getElementById('t2').getBoundingClientRect().top < 60")
    time.sleep(0.6)  # it glides there
    page.evaluate("window.scrollTo({ top: 0, behavior: 'instant' })")
    time.sleep(0.8)
    assert page.evaluate("window.scrollY") == 0, "the reader's own scrolling is left alone"
