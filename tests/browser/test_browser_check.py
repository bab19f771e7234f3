"""Checking an answer, in a real Chromium: from a marker to the very words in the document, on the whole page."""

import threading

import pytest

from rag.schema.answers import Delta
from rag.schema.search import Retrieved
from tests.support.pages import (
    NARROW,
    OTHER,
    PORT,
    ROADS,
    Answering,
    answered,
    ask,
    bare,
    marked,
    ready,
    refusal,
    script,
    select_tab,
    threefold,
    wait_for_stage,
)
from tests.support.serving import served

pytestmark = pytest.mark.browser
PANEL = "#yj-source"


@pytest.fixture(scope="module")
def pipeline():
    return Answering(scripts={"三处？": threefold("三处？"), "谁？": refusal("谁？")})


@pytest.fixture(scope="module")
def url(pipeline):
    with served(pipeline) as running:
        yield running.url


def marker(page, number, turn=1):
    return page.locator(f"#t{turn} .yj-text a.yj-marker", has_text=f"[{number}]")


def press(page, name):
    page.locator(f'{PANEL} [data-do="{name}"]').click()


def place(page):
    return page.locator(f"{PANEL} .yj-source-place").inner_text()


def test_from_the_question_to_the_very_words_in_the_document(open_page, pipeline):
    read = threading.Event()
    pipeline.scripts["公路？"] = [Retrieved("公路？", (PORT, ROADS), 0.1), read, *script("公路？")[1:]]
    page = open_page()
    ask(page, "公路？")
    page.wait_for_selector("#t1 .yj-card")
    assert page.locator("#t1 .yj-text").count() == 0, "the sources are there before the first word"
    read.set()
    wait_for_stage(page, "done")
    marker(page, 1).click()
    assert marked(page) == bare(ROADS.text)
    assert page.locator("#t1-s1 blockquote").inner_text() == ROADS.text
    assert page.locator("#t1-s1 .yj-open").get_attribute("data-yj-shown") == ""
    assert page.evaluate("document.activeElement.id") == "yj-source-mark"


def test_a_source_can_be_read_while_the_answer_is_still_being_written(open_page, pipeline):
    written = threading.Event()
    slowly = [part for _ in range(30) for part in (Delta("字"), 0.05)]
    pipeline.scripts["边看"] = [Retrieved("边看", (PORT, ROADS), 0.1), *slowly, written, *script("边看")[1:]]
    page = open_page()
    ask(page, "边看")
    wait_for_stage(page, "writing")
    page.locator("#t1-s2 .yj-open").click()
    assert marked(page) == bare(ROADS.text)
    written.set()
    wait_for_stage(page, "done")
    assert marked(page) == bare(ROADS.text)


def test_previous_and_next_walk_the_citations_from_document_to_document(open_page):
    page = open_page()
    answered(page, "三处？")
    marker(page, 2).click()
    assert marked(page) == bare(PORT.text)
    assert place(page) == "2 / 3"
    press(page, "previous")
    page.wait_for_function("document.querySelector('.yj-source-place').textContent === '1 / 3'")
    assert marked(page) == bare(ROADS.text)
    press(page, "next")
    press(page, "next")
    page.wait_for_selector(f"{PANEL} h2 >> text={OTHER.title}")
    assert marked(page) == bare(OTHER.text)
    assert (place(page), page.locator(f'{PANEL} [data-do="next"]').get_attribute("aria-disabled")) == ("3 / 3", "true")


def test_the_noise_that_no_quote_holds_is_shown_on_demand(open_page):
    page = open_page()
    answered(page, "公路呢？")
    marker(page, 1).click()
    marked(page)
    noise = page.locator(".yj-source-noise", has_text="spliced.com")
    assert not noise.is_visible()
    press(page, "raw")
    assert noise.is_visible()
    assert page.locator(f'{PANEL} [data-do="raw"]').get_attribute("aria-pressed") == "true"
    press(page, "raw")
    assert not noise.is_visible()


def test_the_closest_passages_of_a_refusal_can_be_read_too(open_page):
    page = open_page()
    answered(page, "谁？")
    page.locator("#t1 .yj-card .yj-open").nth(1).click()
    assert marked(page) == bare(PORT.text)


def test_all_of_it_works_after_a_reload(open_page):
    page = open_page()
    answered(page, "三处？")
    page.reload()
    wait_for_stage(page, "done")
    ready(page)
    marker(page, 3).click()
    assert marked(page) == bare(OTHER.text)
    press(page, "previous")
    page.wait_for_selector(f"{PANEL} h2 >> text=交通局")
    assert marked(page) == bare(PORT.text)


def test_the_panel_stands_beside_the_chat_on_every_wide_screen(open_page):
    page = open_page(viewport={"width": 1440, "height": 900})
    answered(page, "宽？")
    marker(page, 1).click()
    marked(page)
    panel, text = page.locator(PANEL).bounding_box(), page.locator("#t1 .yj-text").bounding_box()
    assert text["x"] + text["width"] <= panel["x"]
    assert panel["x"] + panel["width"] == pytest.approx(1440, abs=1)
    answered(page, "接着问？", 2)  # the chat can be used beside it
    assert page.locator(PANEL).is_visible()


def test_on_a_narrow_screen_it_lies_over_the_chat_and_is_closed_by_its_button(open_page):
    page = open_page(viewport=NARROW)
    answered(page, "窄？")
    marker(page, 1).click()
    assert marked(page) == bare(ROADS.text)
    assert page.locator(PANEL).bounding_box() == {"x": 0, "y": 0, **NARROW}
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    press(page, "close")
    assert not page.locator(PANEL).is_visible()
    page.wait_for_function("document.activeElement?.matches('#t1 a.yj-marker')")
    assert page.evaluate("document.querySelectorAll('[inert]').length") == 0


def test_escape_closes_the_panel_and_only_then_stops_the_answer(open_page, pipeline):
    pipeline.scripts["久"] = [
        Retrieved("久", (PORT, ROADS), 0.1),
        *[part for _ in range(900) for part in (Delta("字"), 0.02)],
    ]
    page = open_page()
    ask(page, "久")
    wait_for_stage(page, "writing")
    page.locator("#t1-s1 .yj-open").click()
    marked(page)
    page.keyboard.press("Escape")
    page.wait_for_selector(PANEL, state="hidden")
    assert page.locator('#t1[data-stage="writing"]').count() == 1
    page.keyboard.press("Escape")
    wait_for_stage(page, "stopped")


def test_a_document_that_is_gone_is_told_in_words(open_page, pipeline):
    page = open_page()
    answered(page, "还在吗？")
    text = pipeline.texts.pop("report.txt")
    marker(page, 1).click()
    page.wait_for_selector(f"{PANEL} [role=alert]")
    pipeline.texts["report.txt"] = text
    assert page.locator(f"{PANEL} [role=alert]").inner_text() == "资料库里没有这份资料，可能已被移除。"


def test_the_place_in_the_document_outlasts_a_look_at_another_tab(open_page):
    page = open_page(viewport={"width": 1440, "height": 900})
    answered(page, "再看？")
    marker(page, 1).click()
    marked(page)
    select_tab(page, "资料")
    select_tab(page, "问答")
    assert marked(page) == bare(ROADS.text)
