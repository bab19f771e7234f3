"""The batch tab in a real Chromium, over a scripted desk."""
# ruff: noqa: F401 - fixtures are imported, and named again where they are used

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import gradio as gr
import pytest
from batch_asker import GatedAsker, answer_to, lines, until
from openpyxl import load_workbook
from test_browser import ARGUMENTS, BROWSERS, no_browser

from rag.errors import GenerationError
from rag.schema import Answer
from ui.app import HERE, launch_options
from ui.batch_jobs import BatchJobs
from ui.batch_tab import BatchTab
from ui.words import Lang

pytestmark = pytest.mark.browser


def serve_tab(jobs: BatchJobs, lang: Lang = "zh") -> gr.Blocks:
    """Launch a page that holds the tab and nothing else; its user is who the cookie names."""

    async def launch() -> gr.Blocks:  # in an event loop, as ui.__main__ does it
        page = gr.Blocks(title="有据 youju", analytics_enabled=False)
        with page:
            BatchTab(jobs, owner_of=lambda request: request.cookies.get("who", "nobody"), lang=lang).connect()
        options = launch_options() | {"css_paths": [HERE / "page.css", HERE / "style" / "batch.css"]}
        options |= {"max_file_size": 1_000_000}
        page.launch(server_name="127.0.0.1", prevent_thread_lock=True, **options)
        return page

    return asyncio.run(launch())


@pytest.fixture(scope="module")
def asker() -> GatedAsker:
    return GatedAsker(shut=True)


@pytest.fixture(scope="module")
def served(asker: GatedAsker, tmp_path_factory: pytest.TempPathFactory) -> Any:
    jobs = BatchJobs(tmp_path_factory.mktemp("workspace"), asker)
    page = serve_tab(jobs)
    yield page.local_url
    asker.open()
    jobs.close()
    page.close(verbose=False)


@pytest.fixture(scope="module")
def chromium(served: str) -> Any:  # after the server: Playwright's event loop then stays the only one in this thread
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
def open_page(chromium: Any, served: str) -> Any:
    """Open tabs that must not talk to another host, nor show a script's dialog or error."""
    contexts: list[Any] = []
    hosts: set[Any] = set()
    troubles: list[str] = []

    def open_one(who: str, path: str = "", **options: Any) -> Any:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        context.add_cookies([{"name": "who", "value": who, "url": served}])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
        page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(served + path)
        page.wait_for_selector("#yj-batch-start")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert hosts <= {"127.0.0.1", None}
    assert troubles == []


def drop(page: Any, name: str, content: str) -> None:
    """Drop a file and start."""
    page.locator("#yj-batch-file input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": content.encode()}
    )
    page.locator("#yj-batch-file .file-preview").wait_for()
    page.locator("#yj-batch-start").click()


def wait_for_state(page: Any, state: str) -> None:
    page.wait_for_selector(f'.yj-batch-progress[data-state="{state}"]')


def saved(page: Any, button: str, folder: Path) -> tuple[Path, str]:
    """Download, and tell from where."""
    with page.expect_download() as waiting:
        page.locator(button).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path, waiting.value.url


def test_twenty_questions_are_stopped_in_the_middle_continued_and_downloaded(
    open_page: Any, asker: GatedAsker, tmp_path: Path
) -> None:
    asker.script["第2问？"] = answer_to("第2问？", "=HYPERLINK(0)<b>x</b>")
    asker.script["第3问？"] = Answer("", "", (), (), abstained=True, reason="资料中没有提到。")
    page = open_page("twenty")
    drop(page, "二十题.txt", lines(20))
    wait_for_state(page, "running")
    assert page.locator("#yj-batch-file .file-preview").count() == 0, "the next file can be dropped"
    asker.let(7)
    page.wait_for_selector('.yj-batch-progress[data-done="7"]')
    assert page.locator(".yj-batch-progress progress").get_attribute("value") == "7"
    assert page.locator(".yj-batch-question").all_inner_texts()[:3] == ["第1问？", "第2问？", "第3问？"]
    assert page.locator(".yj-batch-text").nth(1).inner_text() == "=HYPERLINK(0)<b>x</b>[1]"
    assert page.locator(".yj-batch-text").nth(2).inner_text() == "资料中没有 资料中没有提到。"
    assert page.locator(".yj-batch-quotes blockquote").first.inner_text() == "[1] 新建学校3所，改建2所。"
    page.locator("#yj-batch-stop").click()
    wait_for_state(page, "stopping")
    asker.let()
    wait_for_state(page, "stopped")
    assert "8 / 20 题" in page.locator(".yj-batch-facts").inner_text()
    page.reload()
    wait_for_state(page, "stopped")
    asker.open()
    page.locator("#yj-batch-resume").click()
    wait_for_state(page, "done")
    assert not page.locator("#yj-batch-stop").is_visible()
    assert not page.locator("#yj-batch-resume").is_visible()
    assert asker.asked.count("第8问？") == 1
    sheet = load_workbook(saved(page, "#yj-batch-xlsx", tmp_path)[0])["回答"]
    assert [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)] == lines(20).split()
    assert (sheet["C3"].value, sheet["C3"].data_type) == ("=HYPERLINK(0)<b>x</b>[1]", "s")
    assert sheet["D4"].value == "资料未提及"
    jsonl, _ = saved(page, "#yj-batch-jsonl", tmp_path)
    assert jsonl.name == "二十题-answers.jsonl"
    assert [json.loads(line)["question"] for line in jsonl.read_text(encoding="utf-8").splitlines()] == lines(
        20
    ).split()
    asker.shut()


def test_two_users_see_their_own_and_a_deleted_batch_takes_its_downloads_along(
    open_page: Any, asker: GatedAsker, tmp_path: Path
) -> None:
    asker.open()
    mine, other = open_page("mine"), open_page("other")
    drop(mine, "我的.txt", "私密的问题？")
    wait_for_state(mine, "done")
    other.wait_for_timeout(1500)
    assert "我的" not in other.locator("main").inner_text()
    assert other.locator(".yj-batch-progress").count() == 0
    _, url = saved(mine, "#yj-batch-jsonl", tmp_path)
    assert "私密的问题" in mine.request.get(url).text()
    mine.locator("#yj-batch-delete").click()
    mine.locator("#yj-batch-keep").click()
    assert mine.locator(".yj-batch-progress").count() == 1
    mine.locator("#yj-batch-delete").click()
    mine.locator("#yj-batch-sure").click()
    mine.wait_for_selector(".yj-batch-progress", state="detached")
    assert not mine.locator("#yj-batch-actions").is_visible()
    assert mine.request.get(url).status == 403
    asker.shut()


def test_a_bad_file_is_told_in_words_and_the_next_one_is_taken(open_page: Any, asker: GatedAsker) -> None:
    asker.open()
    page = open_page("bad")
    page.locator("#yj-batch-start").click()
    page.wait_for_selector(".yj-batch-message")
    assert page.locator("#yj-batch-message-part [role=alert]").inner_text() == "请先放入题集文件。"
    drop(page, "坏<img src=x onerror=alert(1)>.csv", "a,b\n1,2\n")
    page.wait_for_function(
        "document.querySelector('.yj-batch-message')?.textContent.includes('no column of questions')"
    )
    drop(page, "好.txt", "问？")
    wait_for_state(page, "done")
    assert page.locator(".yj-batch-message").count() == 0
    asker.shut()


def test_a_gold_column_gives_a_score_sheet_on_a_narrow_screen_too(open_page: Any, asker: GatedAsker) -> None:
    asker.open()
    asker.script["坏？"] = GenerationError("The generator stopped.")
    page = open_page("gold", "?__theme=dark", viewport={"width": 390, "height": 800})
    drop(page, "gold.csv", "问题,标准答案,类型\n一？,3所,甲类\n二？,9所,乙类\n坏？,1,乙类\n")
    wait_for_state(page, "done")
    page.wait_for_selector(".yj-batch-scores")
    rows = page.locator(".yj-bars").first.locator("tbody tr").first
    assert rows.inner_text().split() == ["答对", "33%", "0%–100%", "3"]
    assert page.locator(".yj-batch-unmet li").count() == 2
    drawing = page.locator(".yj-bars-bar").first.bounding_box()
    ground = page.locator(".yj-bars-ground").first.bounding_box()
    assert drawing["width"] == pytest.approx(ground["width"] / 3, abs=1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    del asker.script["坏？"]
    page.locator("#yj-batch-resume", has_text="重答出错的题").click()
    page.wait_for_function("!document.querySelector('.yj-batch-facts').textContent.includes('出错')")
    asker.shut()
