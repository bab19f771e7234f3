"""The source panel in a real Chromium, on a page that holds little else; on the whole page: test_browser_check."""

import re
import threading

import pytest

from tests.support.pages import MARK_IN_VIEW as IN_VIEW
from tests.support.pages import marked
from tests.support.source_page import BRIDGES, BUILT, CUT, CUT_QUOTE, DOCUMENTS, FAR, LAST, LAST_QUOTE, SourcePage

pytestmark = pytest.mark.browser

NARROW = {"viewport": {"width": 390, "height": 780}}


@pytest.fixture(scope="module")
def server():
    return SourcePage()


@pytest.fixture(scope="module")
def url(server):
    with server.serving() as address:
        yield address


@pytest.fixture
def open_page(open_page):
    def open_one(path="/zh/", **options):
        return open_page(path, drawn=lambda page: page.wait_for_selector("#t1"), **options)

    return open_one


def marker(page, number, turn=1):
    return page.locator(f"#t{turn} a.yj-marker", has_text=f"[{number}]")


def button(page, name):
    return page.locator(f'#yj-source [data-do="{name}"]')


def opened(page, number=1, turn=1):
    marker(page, number, turn).click()
    page.wait_for_function(IN_VIEW)


def focused(page, selector):
    page.wait_for_function("selector => document.activeElement?.matches(selector)", arg=selector)


def test_a_click_on_a_marker_shows_the_cited_span_in_the_original(open_page):
    page = open_page()
    assert not page.locator("#yj-source").is_visible()
    opened(page)
    assert marked(page) == re.sub(r"\s", "", CUT_QUOTE)
    focused(page, "#yj-source-mark")
    assert page.locator("#yj-source h2").inner_text() == "海州市交通局2031年工作总结"
    assert page.locator('#yj-source nav [aria-current="true"]').inner_text() == "（一）公路建设"
    assert page.evaluate("location.hash") == ""


def test_a_panel_that_is_drawn_late_works_too(open_page):
    page = open_page("/zh/?late")
    page.wait_for_selector("body > #yj-source", state="attached")
    opened(page)
    assert marked(page) == re.sub(r"\s", "", CUT_QUOTE)


def test_a_click_on_a_card_does_the_same(open_page):
    page = open_page()
    page.locator("#t1-s2").click()
    page.wait_for_function(IN_VIEW)
    assert marked(page) == LAST_QUOTE
    assert page.locator("#t1-s2").get_attribute("data-yj-shown") == ""


def test_the_panel_stands_beside_the_chat_on_a_wide_screen(open_page):
    page = open_page()
    opened(page)
    panel, turn = page.locator("#yj-source").bounding_box(), page.locator("#t1").bounding_box()
    assert panel["width"] == pytest.approx(0.45 * 1280, abs=2)
    assert turn["x"] + turn["width"] <= panel["x"]
    opened(page, 2)  # the chat still can be used
    assert marked(page) == LAST_QUOTE


def test_the_noise_is_shown_on_demand_and_hidden_again(open_page):
    page = open_page()
    opened(page)
    noise = page.locator(".yj-source-noise", has_text="spliced.com")
    assert not noise.is_visible()
    button(page, "raw").click()
    assert noise.is_visible()
    assert button(page, "raw").get_attribute("aria-pressed") == "true"
    assert marked(page) == re.sub(r"\s", "", CUT_QUOTE)
    page.wait_for_function(IN_VIEW)
    opened(page, 3)  # the choice outlasts the document
    assert "raw" in page.locator("#yj-source").get_attribute("class").split()
    button(page, "raw").click()
    opened(page)
    assert not noise.is_visible()


def test_previous_and_next_walk_the_citations_of_the_exchange(open_page):
    page = open_page()
    opened(page, 2)
    assert page.locator(".yj-source-place").inner_text() == "2 / 3"
    button(page, "previous").click()
    assert page.locator(".yj-source-place").inner_text() == "1 / 3"
    page.wait_for_function(IN_VIEW)
    assert marked(page) == re.sub(r"\s", "", CUT_QUOTE)
    assert button(page, "previous").get_attribute("aria-disabled") == "true"
    assert page.locator("#yj-source [role=status]").inner_text() == "已打开《海州市交通局2031年工作总结》 引用 1 / 3"
    for _ in range(2):
        button(page, "next").click()
    page.wait_for_function(
        "document.querySelector('#yj-source h2')?.textContent.startsWith('沿海各县交通工作总结(二)')"
    )
    page.wait_for_function(IN_VIEW)
    assert marked(page) == DOCUMENTS["parts.txt"][BRIDGES[1] : BRIDGES[2]]
    assert button(page, "next").get_attribute("aria-disabled") == "true"


def test_escape_closes_and_gives_the_focus_back(open_page):
    page = open_page()
    opened(page, 2)
    page.keyboard.press("Escape")
    focused(page, "#t1 a.yj-marker")
    assert page.evaluate("document.activeElement.textContent") == "[2]"
    assert not page.locator("#yj-source").is_visible()
    assert page.evaluate("document.body.className") == ""
    turn = page.locator("#t1").bounding_box()
    assert turn["width"] > 0.7 * 1280


def test_escape_stops_an_answer_first_when_the_reader_is_in_the_chat(open_page):
    page = open_page()
    opened(page)
    page.evaluate("document.getElementById('yj-stop').hidden = false")
    page.locator("#yj-question textarea").focus()
    page.keyboard.press("Escape")
    assert page.locator("#yj-source").is_visible()
    page.locator("#yj-source-mark").focus()
    page.keyboard.press("Escape")
    assert not page.locator("#yj-source").is_visible()


def test_the_focus_finds_its_place_in_a_page_that_was_drawn_anew(open_page):
    page = open_page()
    opened(page, 2)
    page.evaluate(
        "document.getElementById('t1').outerHTML = document.getElementById('t1').outerHTML.replaceAll('yj-shown', 'x')"
    )
    page.wait_for_selector("#t1-s2[data-yj-shown]")
    button(page, "close").click()
    focused(page, "#t1 a.yj-marker")
    assert page.evaluate("document.activeElement.textContent") == "[2]"


def test_all_of_it_works_by_keyboard(open_page):
    page = open_page()
    marker(page, 2).focus()
    page.keyboard.press("Enter")
    page.wait_for_function(IN_VIEW)
    focused(page, "#yj-source-mark")
    button(page, "raw").focus()
    page.keyboard.press("Space")
    assert page.locator(".yj-source-noise", has_text="spliced.com").is_visible()
    page.locator("#yj-source nav button").first.focus()
    page.keyboard.press("Enter")
    focused(page, f"#yj-source-at-{DOCUMENTS['report.txt'].index('一、2031')}")
    page.keyboard.press("Escape")
    focused(page, "#t1 a.yj-marker")
    page.evaluate("document.getElementById('t1-s1').focus()")
    page.keyboard.press("Enter")
    page.wait_for_function(IN_VIEW)
    assert marked(page) == re.sub(r"\s", "", CUT_QUOTE)


def test_on_a_narrow_screen_it_covers_the_page(open_page):
    page = open_page(**NARROW)
    opened(page)
    assert page.locator("#yj-source").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 780}
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert not page.locator("#yj-source nav").is_visible()
    for _ in range(30):  # whatever Tab leads to stands in the panel
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('#yj-source')"
        )
    button(page, "outline").click()
    page.locator("#yj-source nav button", has_text="二、2032年工作打算").click()
    focused(page, f"#yj-source-at-{DOCUMENTS['report.txt'].index('二、2032')}")
    assert not page.locator("#yj-source nav").is_visible()
    button(page, "close").click()
    assert page.evaluate("[...document.querySelectorAll('[inert]')].length") == 0
    focused(page, "#t1 a.yj-marker")


def test_a_long_document_is_read_on_window_by_window(open_page):
    page = open_page()
    opened(page, 1, turn=2)
    assert marked(page) == DOCUMENTS["huge.txt"][FAR[1] : FAR[2]]
    first = page.locator(".yj-source-text").get_attribute("data-first")
    page.locator('[data-edge="earlier"]').click()
    page.wait_for_function("before => document.querySelector('.yj-source-text').dataset.first !== before", arg=first)
    assert page.locator("mark").count() == 0
    page.locator("[data-back]").click()
    page.wait_for_function(IN_VIEW)
    page.locator("#yj-source nav button").first.click()  # a heading that stands in another window
    focused(page, f"#yj-source-at-{DOCUMENTS['huge.txt'].index('一、')}")


def test_an_error_is_told_in_words_of_the_page(open_page):
    page = open_page("/en/")
    marker(page, 2, turn=2).click()
    page.wait_for_selector("#yj-source [role=alert]")
    assert (
        page.locator("#yj-source [role=alert]").inner_text() == "There is no such document; it may have been removed."
    )
    button(page, "previous").click()
    page.wait_for_function(IN_VIEW)
    page.route("**/source?*", lambda route: route.abort())
    button(page, "next").click()
    page.wait_for_selector("#yj-source [role=alert]")
    assert "Check the connection" in page.locator("#yj-source [role=alert]").inner_text()


def test_an_answer_that_comes_too_late_is_ignored(open_page, server):
    page = open_page()
    server.gates["parts.txt"] = threading.Event()
    marker(page, 3).click()
    page.wait_for_selector('#yj-source[aria-busy="true"]')
    opened(page, 2)
    server.gates.pop("parts.txt").set()
    page.wait_for_timeout(300)
    assert marked(page) == LAST_QUOTE
    assert page.locator("#yj-source h2").inner_text() == "海州市交通局2031年工作总结"


def test_what_is_sent_is_the_span_and_the_language(open_page, server):
    page = open_page("/en/")
    opened(page)
    source, start, end = CUT
    assert server.asked[-1] == {"document": source, "start": str(start), "end": str(end), "lang": "en"}
    assert LAST[0] == source


# The page as a picture


PICTURED = "#yj-source .yj-page-pane:not([aria-busy])"


def inside(inner, outer):
    """Whether a rectangle lies within another one, to a pixel."""
    ends = [(outer["x"], outer["x"] + outer["width"]), (outer["y"], outer["y"] + outer["height"])]
    starts = [(inner["x"], inner["x"] + inner["width"]), (inner["y"], inner["y"] + inner["height"])]
    return all(low - 1 <= left <= right <= high + 1 for (low, high), (left, right) in zip(ends, starts, strict=True))


def test_a_cited_pdf_page_is_shown_beneath_its_text_with_a_box_around_the_words(open_page, server):
    page = open_page()
    opened(page, turn=3)
    page.wait_for_selector(PICTURED)
    picture, box = page.locator(".yj-page-image"), page.locator(".yj-page-boxes rect")
    assert picture.evaluate("image => [image.complete, image.naturalWidth]") == [True, 1200]
    assert picture.get_attribute("alt") == "第 2 页的图像，引用的文字加了框；文字内容见原文。"
    assert box.count() == 1
    assert inside(box.bounding_box(), picture.bounding_box())
    assert inside(box.bounding_box(), page.locator(".yj-page-pane").bounding_box())  # the reader sees it at once
    shares = page.evaluate(
        """() => {
          const [box, sheet] = [".yj-page-boxes rect", ".yj-page-image"].map((one) =>
            document.querySelector(one).getBoundingClientRect());
          return [(box.left - sheet.left) / sheet.width, (box.top - sheet.top) / sheet.height];
        }"""
    )
    # The second line of a page of 595 by 842 points: from 72 on, its baseline 110 below the top.
    assert shares == pytest.approx([72 / 595, 97 / 842], abs=0.008)
    assert page.evaluate(IN_VIEW)
    focused(page, "#yj-source-mark")
    assert server.asked[-1] == {
        "document": "harbour.pdf",
        "start": str(BUILT[1]),
        "end": str(BUILT[2]),
        "lang": "zh",
        "picture": "1",
    }


def test_what_has_no_pages_has_no_picture_and_no_button_for_one(open_page, server):
    page = open_page()
    opened(page)
    assert page.locator(".yj-page-pane").count() == 0
    assert not page.locator("[data-view=page]").is_visible()
    assert "picture" not in server.asked[-1]


def test_the_picture_is_put_away_and_the_choice_outlasts_the_document(open_page, server):
    page = open_page()
    opened(page, turn=3)
    page.wait_for_selector(PICTURED)
    toggle = page.locator("[data-view=page]")
    assert toggle.get_attribute("aria-pressed") == "true"
    toggle.click()
    assert not page.locator(".yj-page-pane").is_visible()
    opened(page)
    n_asked = len(server.asked)
    opened(page, turn=3)
    assert not page.locator(".yj-page-pane").is_visible()
    assert len(server.asked) == n_asked + 1  # the text alone
    toggle.click()
    page.wait_for_selector(".yj-page-image")
    assert len(server.asked) == n_asked + 1  # the same page is not drawn again


def test_on_a_narrow_screen_the_picture_takes_the_place_of_the_text(open_page):
    page = open_page("/en/", **NARROW)
    opened(page, turn=3)
    assert not page.locator(".yj-page-pane").is_visible()
    page.locator("[data-view=page]").click()
    page.wait_for_selector(PICTURED)
    assert not page.locator(".yj-source-text").is_visible()
    picture = page.locator(".yj-page-image").bounding_box()
    assert picture["x"] >= 0
    assert picture["x"] + picture["width"] <= 390
    assert inside(page.locator(".yj-page-boxes rect").bounding_box(), picture)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator("[data-view=page]").click()
    page.wait_for_function(IN_VIEW)


def test_where_there_is_no_picture_a_line_says_why_and_the_text_stays(open_page, server, monkeypatch):
    monkeypatch.setattr(server, "is_changed", True)
    page = open_page("/en/", **NARROW)
    opened(page, turn=3)
    page.locator("[data-view=page]").click()
    page.wait_for_selector(PICTURED)
    assert page.locator(".yj-page-pane").inner_text().startswith("The file was changed after it was indexed")
    assert page.locator("#yj-source img").count() == 0
    assert page.evaluate(IN_VIEW)


def test_a_picture_that_does_not_come_can_be_asked_for_again(open_page):
    page = open_page("/en/")
    page.route("**/source?*picture=1*", lambda route: route.abort())
    opened(page, turn=3)
    page.wait_for_selector(PICTURED)
    assert "The picture did not load" in page.locator(".yj-page-pane").inner_text()
    page.unroute("**/source?*picture=1*")
    for _ in range(2):
        page.locator("[data-view=page]").click()
    page.wait_for_selector(".yj-page-image")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_cited_span_can_be_read_in_both_themes(open_page, theme):
    page = open_page(f"/zh/?__theme={theme}")
    opened(page)
    ratio = page.evaluate(
        """() => {
          const part = (value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
          const light = (colour) => {
            const [r, g, b] = colour.match(/\\d+/g).map((value) => part(value / 255));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const style = getComputedStyle(document.getElementById("yj-source-mark"));
          const [one, other] = [light(style.color), light(style.backgroundColor)].sort((a, b) => b - a);
          return (one + 0.05) / (other + 0.05);
        }"""
    )
    assert ratio >= 4.5
