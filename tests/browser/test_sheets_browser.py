"""Workbooks, slides and archives in a real Chromium: added on the page, cited by their cells, shown as grids."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.test_accessibility import Checks, options
from tests.browser.test_documents_browser import Home, idle, listed, show, stages, upload
from tests.support.office.open_xml import frame, pptx_of, slide
from tests.support.pages import MARK_IN_VIEW, answered, bare, marked, ready, select_tab
from tests.support.serving import served
from tests.support.sheet_files import rows_of, xlsx_of, zip_of

pytestmark = pytest.mark.browser

COUNTIES = ["甲县", "乙县", "丙县", "丁县", "戊县", "己县", "庚县", "辛县"]
WORKBOOK = xlsx_of(
    {
        "学位": rows_of(
            ["海州市2031年各县新增学位（个）"],
            ["县", "小学", *(f"第{n}批" for n in range(1, 12))],
            *([county, 1200 + number, *range(number, number + 11)] for number, county in enumerate(COUNTIES * 20)),
        ),
        "附表": rows_of(["教室", "间数"], ["新建", 77]),
    },
    states={"附表": "hidden"},
)
DECK = pptx_of(slide(frame("海州市2031年水利工作汇报")), slide(frame("一、水库"), frame("2031年，海州市新建水库9座。")))
CUT = b"PK\x03\x04" + bytes(60)
PACKED = zip_of({"报告/a.txt": "海州市2031年交通工作总结\n\n2031年，海州市新修公路86公里。\n", "b.exe": b"MZ\x00"})


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    one = Home(tmp_path_factory.mktemp("home"), limit=1_000_000)
    one.library.logins = False
    return one


@pytest.fixture(scope="module")
def url(home):
    with served(home.pipeline, config=home.config) as running:
        yield running.url


@pytest.fixture
def opened(open_page, home, tmp_path):
    """Opens the documents tab after these files were added there; no document is left behind."""

    def opened(files, look=("en", "light", 1280)):
        page = open_page(f"{look[0]}/", person=open_page.person(**options(*look)))
        select_tab(page, {"zh": "资料", "en": "Documents"}[look[0]])
        page.wait_for_selector("#yj-documents-list p, #yj-documents-list table")
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        upload(page, [str(tmp_path / name) for name in files])
        page.wait_for_function(f"document.querySelectorAll('.yj-upload-file').length === {len(files)}")
        idle(page)
        return page

    yield opened
    home.library.remove("", [row.source for row in home.library.documents("")])


def cite(page, question, lang="en"):
    """Ask, and open what the answer cites."""
    select_tab(page, {"zh": "问答", "en": "Chat"}[lang])
    answered(page, question)
    told = page.locator("#t1 .yj-card .yj-file").first.inner_text()
    page.locator("#t1 .yj-text a.yj-marker").first.click()
    page.wait_for_function(MARK_IN_VIEW)
    return told


def test_what_was_left_out_is_told_and_stays_with_the_document_and_a_broken_file_is_named(opened):
    page = opened({"a.xlsx": WORKBOOK, "b.docx": CUT, "c.zip": PACKED})
    assert stages(page) == ["added", "failed", "added"]
    said = page.locator(".yj-upload-file")
    assert said.nth(0).locator("li").all_inner_texts() == ["Sheet '附表' is hidden; it was read."]
    assert said.nth(1).locator(".yj-upload-said").inner_text().startswith("b.docx is ")
    assert said.nth(2).locator("li").inner_text().startswith("b.exe was not read: ")
    page.reload()
    ready(page)
    show(page)
    assert listed(page) == ["a.xlsx yours", "c.zip yours"]
    notes = page.locator(".yj-documents tbody tr", has_text="a.xlsx").locator("details")
    assert not notes.locator("li").is_visible()
    notes.locator("summary").click()
    assert notes.locator("li").inner_text() == "Sheet '附表' is hidden; it was read."


def test_the_kinds_of_files_are_named_in_words_and_their_endings_are_one_click_away(opened):
    page = opened({"a.xlsx": WORKBOOK})
    rules = page.locator(".yj-documents-rules")
    assert "Word, WPS Writer and RTF documents, Excel, WPS and CSV tables, " in rules.locator("p").inner_text()
    assert ".xlsx" not in rules.inner_text()
    rules.locator("summary").click()
    assert {".docx", ".xlsx", ".zip"} <= set(rules.inner_text().split())


def test_a_cell_is_cited_and_opened_in_a_grid_whose_letters_and_numbers_stay_in_sight(opened):
    page = opened({"a.xlsx": WORKBOOK})
    assert cite(page, "己县小学1357个？") == "a.xlsx · 学位!A160:M160"
    assert marked(page).startswith("己县1357")
    row = page.locator(".yj-grid tr", has=page.locator("#yj-source-mark"))
    assert row.locator("th").inner_text() == "160"
    area, letters = page.locator(".yj-source-text"), page.locator(".yj-grid").first.locator("thead th").first
    assert abs(letters.bounding_box()["y"] - area.bounding_box()["y"]) < 2
    names = page.locator(".yj-grid-names td").nth(1)
    assert names.inner_text() == "县"
    assert abs(names.bounding_box()["y"] - letters.bounding_box()["y"] - letters.bounding_box()["height"]) < 1
    assert area.evaluate("each => each.scrollWidth > each.clientWidth")
    area.evaluate("each => { each.scrollLeft = 9999 }")
    assert abs(row.locator("th").bounding_box()["x"] - area.bounding_box()["x"]) < 2
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_on_a_narrow_screen_the_sheet_scrolls_and_the_page_does_not(opened):
    page = opened({"a.xlsx": WORKBOOK}, ("zh", "light", 390))
    cite(page, "己县小学1357个？", "zh")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator(".yj-grid caption").first.inner_text() == "工作表：学位"


def test_a_slide_is_cited_and_set_apart(opened):
    page = opened({"a.pptx": DECK})
    assert cite(page, "海州市2031年新建水库多少座？") == "a.pptx · slide 2"
    assert marked(page) == bare("2031年，海州市新建水库9座。")
    assert page.locator(".yj-source-page").all_inner_texts() == ["— slide 1 —", "— slide 2 —"]


def test_a_member_of_an_archive_is_cited_by_its_path(opened):
    page = opened({"c.zip": PACKED})
    assert cite(page, "海州市2031年新修公路多少公里？") == "c.zip · 报告/a.txt"
    assert page.locator(".yj-source-page").all_inner_texts() == ["— 报告/a.txt —"]


@pytest.mark.parametrize("look", [("zh", "light", 1280), ("en", "dark", 390)], ids=str)
def test_notes_and_grids_are_accessible(opened, look):
    page = opened({"a.xlsx": WORKBOOK, "b.docx": CUT}, look)
    checks = Checks(page, AXE_SCRIPT)
    page.locator(".yj-documents-rules details, .yj-documents details").evaluate_all(
        "(all) => { for (const each of all) each.open = true; }"
    )
    checks.state("documents")
    cite(page, "己县小学1357个？", look[0])
    page.locator(".yj-source-left-out summary").click()
    checks.state("grid")
    assert checks.findings == []
