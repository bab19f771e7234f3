"""The batch tab in a real Chromium, on the whole page over a scripted pipeline."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from rag.errors import GenerationError
from rag.schema.answers import Answer
from tests.support.batch_asker import answer_to, lines
from tests.support.pages import Answering, ask, ready, select_tab, until, wait_for_stage
from tests.support.serving import served

pytestmark = pytest.mark.browser


class GatedPipeline(Answering):
    """Answers each question when it is let through; ``open`` lets all of them through."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[str] = []
        self._open = threading.Event()
        self._tickets = threading.Semaphore(0)

    def let(self, n: int = 1) -> None:
        self._tickets.release(n)

    def open(self) -> None:
        self._open.set()

    def shut(self) -> None:
        self._open.clear()

    def stream(self, question: str, **options: Any) -> Iterator[Any]:
        self.begun.append(question)
        self.scripts.setdefault(question, [answer_to(question)])
        while not (self._open.is_set() or self._tickets.acquire(timeout=0.02)):
            pass
        yield from super().stream(question, **options)


@pytest.fixture(scope="module")
def pipeline() -> GatedPipeline:
    return GatedPipeline()


@pytest.fixture(scope="module")
def url(pipeline: GatedPipeline) -> Iterator[str]:
    with served(pipeline) as running:
        yield running.url
        pipeline.open()


def open_batches(open_page: Any, **options: Any) -> Any:
    """The tab, opened by somebody of their own."""
    page = open_page(**options)
    select_tab(page, "批量")
    page.wait_for_selector("#yj-batch-start")
    return page


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
    open_page: Any, pipeline: GatedPipeline, tmp_path: Path
) -> None:
    pipeline.scripts["第2问？"] = [answer_to("第2问？", "=HYPERLINK(0)<b>x</b>")]
    pipeline.scripts["第3问？"] = [
        Answer(question="", query="", sentences=(), citations=(), abstained=True, reason="资料中没有提到。")
    ]
    page = open_batches(open_page)
    drop(page, "二十题.txt", lines(20))
    wait_for_state(page, "running")
    assert page.locator("#yj-batch-file .file-preview").count() == 0, "the next file can be dropped"
    pipeline.let(7)
    page.wait_for_selector('.yj-batch-progress[data-done="7"]')
    assert page.locator(".yj-batch-progress progress").get_attribute("value") == "7"
    assert page.locator(".yj-batch-question").all_inner_texts()[:3] == ["第1问？", "第2问？", "第3问？"]
    assert page.locator(".yj-batch-text").nth(1).inner_text() == "=HYPERLINK(0)<b>x</b>[1]"
    assert page.locator(".yj-batch-text").nth(2).inner_text() == "资料中没有 资料中没有提到。"
    assert page.locator(".yj-batch-quotes blockquote").first.inner_text() == "[1] 新建学校3所，改建2所。"
    page.locator("#yj-batch-stop").click()
    wait_for_state(page, "stopped")
    assert "7 / 20 题" in page.locator(".yj-batch-facts").inner_text()
    page.reload()
    ready(page)
    select_tab(page, "批量")
    wait_for_state(page, "stopped")
    pipeline.open()
    page.locator("#yj-batch-resume").click()
    wait_for_state(page, "done")
    assert not page.locator("#yj-batch-stop").is_visible()
    assert not page.locator("#yj-batch-resume").is_visible()
    assert [pipeline.begun.count(f"第{n}问？") for n in (7, 8, 9)] == [1, 2, 1]
    sheet = load_workbook(saved(page, "#yj-batch-xlsx", tmp_path)[0])["回答"]
    assert [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)] == lines(20).split()
    assert (sheet["C3"].value, sheet["C3"].data_type) == ("=HYPERLINK(0)<b>x</b>[1]", "s")
    assert sheet["D4"].value == "资料未提及"
    jsonl, _ = saved(page, "#yj-batch-jsonl", tmp_path)
    assert jsonl.name == "二十题-answers.jsonl"
    assert [json.loads(line)["question"] for line in jsonl.read_text(encoding="utf-8").splitlines()] == lines(
        20
    ).split()
    pipeline.shut()


def test_two_users_see_their_own_and_a_deleted_batch_takes_its_downloads_along(
    open_page: Any, pipeline: GatedPipeline, tmp_path: Path
) -> None:
    pipeline.open()
    mine, other = open_batches(open_page), open_batches(open_page)
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
    pipeline.shut()


def test_a_bad_file_is_told_in_words_and_the_next_one_is_taken(open_page: Any, pipeline: GatedPipeline) -> None:
    pipeline.open()
    page = open_batches(open_page)
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
    pipeline.shut()


def test_a_gold_column_gives_a_score_sheet_on_a_narrow_screen_too(open_page: Any, pipeline: GatedPipeline) -> None:
    pipeline.open()
    pipeline.scripts["坏？"] = [GenerationError("The generator stopped.")]
    page = open_batches(open_page, color_scheme="dark", viewport={"width": 390, "height": 800})
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
    del pipeline.scripts["坏？"]
    page.locator("#yj-batch-resume", has_text="重答出错的题").click()
    page.wait_for_function("!document.querySelector('.yj-batch-facts').textContent.includes('出错')")
    pipeline.shut()


def test_who_asks_at_the_page_comes_before_the_rest_of_a_batch(open_page: Any, pipeline: GatedPipeline) -> None:
    page = open_batches(open_page)
    drop(page, "三题.txt", "批一？\n批二？\n批三？")
    until(lambda: pipeline.begun[-1:] == ["批一？"])
    chat = open_page()
    ask(chat, "插问？")
    wait_for_stage(chat, "waiting")
    pipeline.let(2)
    wait_for_stage(chat, "done")
    until(lambda: pipeline.begun[-3:] == ["批一？", "插问？", "批二？"])
    pipeline.open()
    wait_for_state(page, "done")
    pipeline.shut()


def test_a_look_that_comes_late_does_not_end_the_watching(open_page: Any, pipeline: GatedPipeline) -> None:
    """Under load the answer to a look of before the start arrives after it, and says that there is nothing to watch."""
    page = open_page()
    held: list[tuple[Any, Any]] = []

    def hold(route: Any) -> None:
        answer = route.fetch()
        if not held and '"value":5.0' in answer.text():
            held.append((route, answer))
        else:
            route.fulfill(response=answer)

    page.route("**/gradio_api/run/predict", hold)
    page.reload()
    ready(page)
    select_tab(page, "批量")
    until(lambda: page.wait_for_timeout(50) or held)
    drop(page, "迟.txt", "迟一？\n迟二？")
    page.wait_for_selector(".yj-batch-progress")
    route, answer = held[0]
    route.fulfill(response=answer)
    pipeline.let(2)
    wait_for_state(page, "done")
