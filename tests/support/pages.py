"""The page in a real Chromium: a browser, tabs that must not talk to another host, and sample answers that can be read.

A file that uses it imports the fixtures ``chromium`` and ``open_page`` and has a fixture ``url`` of its own.
"""

import os
import re
import shutil
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from rag.schema.answers import Answer, AnswerSentence, Citation, Delta, Timings
from rag.schema.search import Evidence, Retrieved
from tests.support.fakes import ListedDocument, ScriptedPipeline
from tests.support.serving import PASSWORD
from tests.support.source_page import BRIDGES, CUT, CUT_QUOTE, DOCUMENTS, LAST, LAST_QUOTE

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
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 780}

# The browser


def no_browser(reason):
    if os.environ.get("YOUJU_REQUIRE_BROWSER") == "1":
        pytest.fail(f"YOUJU_REQUIRE_BROWSER is set, but {reason}")
    pytest.skip(f"{reason}; install chromium (e.g. apt-get install chromium) to run the page's tests")


@pytest.fixture(scope="module")  # of the module, not of all: asyncio.run fails while Playwright's event loop is there
def chromium():
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


def ready(page):
    """The server has said what is open and what there is."""
    page.wait_for_selector("#yj-question textarea")
    page.wait_for_selector("#yj-corpus .yj-corpus")


class Tabs:
    """Opens tabs, and remembers whom they talked to and what a script complained of or asked."""

    def __init__(self, chromium, url):
        self.chromium = chromium
        self.url = url
        self.contexts = []
        self.hosts = set()
        self.troubles = []

    def person(self, name="", **options):
        """A browser of somebody's own, logged in where a name is given."""
        context = self.chromium.new_context(**{"viewport": WIDE, "locale": "zh-CN", **options})
        self.contexts.append(context)
        context.set_default_timeout(15_000)
        context.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname))
        context.on("dialog", lambda dialog: (self.troubles.append(dialog.message), dialog.dismiss()))
        context.on("weberror", lambda error: self.troubles.append(str(error.error)))
        if name:
            sent = context.request.post(f"{self.url}login", form={"name": name, "password": PASSWORD, "next": "/zh/"})
            assert sent.ok, sent.text()
        return context

    def __call__(self, path="zh/", *, person=None, drawn=ready, **options):
        """A tab with the page, once it is drawn."""
        page = (person or self.person(**options)).new_page()
        page.on("websocket", lambda socket: self.hosts.add(urlsplit(socket.url).hostname))
        page.goto(self.url + path)
        drawn(page)
        return page


@pytest.fixture
def open_page(chromium, url):
    tabs = Tabs(chromium, url)
    yield tabs
    for context in tabs.contexts:
        context.close()
    assert tabs.hosts <= {"127.0.0.1", None}  # data: addresses have no host
    assert tabs.troubles == []


# What is done there


def ask(page, question):
    box = page.locator("#yj-question textarea")
    box.fill(question)
    box.press("Enter")


def wait_for_stage(page, stage, number=1):
    page.wait_for_selector(f'#t{number}[data-stage="{stage}"]')


def answered(page, question, number=1):
    ask(page, question)
    wait_for_stage(page, "done", number)


def act(page, name, number=1):
    """A button below an answer."""
    return page.locator(f'#t{number} [data-yj-act="{name}"]')


def select_tab(page, name):
    """Show a tab, by its name or, on a narrow screen, from the list of those that have no room."""
    tab = page.locator("#yj-tabs").get_by_role("tab", name=name, exact=True)
    if not tab.count() or not tab.is_visible():
        page.locator("#yj-tabs .overflow-menu button").first.click()
        tab = page.locator("#yj-tabs .overflow-dropdown button", has_text=name)
    tab.click()


def open_panel(page):
    """Show the earlier conversations."""
    if page.locator("#yj-history.open").count() == 0:
        page.locator("#yj-history .toggle-button").click()
    page.locator("#yj-new").wait_for()
    page.wait_for_function("document.getElementById('yj-history').getBoundingClientRect().x >= 0")


def questions(page):
    return page.locator(".yj-turn .yj-question").all_inner_texts()


def until(condition):
    last = time.monotonic() + 60  # as long as Playwright is told to wait: a busy machine is no failure
    while time.monotonic() < last:
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("waited in vain")


# The source panel

MARK_IN_VIEW = """() => {
  const mark = document.getElementById("yj-source-mark")?.getBoundingClientRect();
  const area = document.querySelector(".yj-source-text")?.getBoundingClientRect();
  if (document.querySelector("#yj-source[aria-busy]")) return false; // another one is on its way
  return mark && mark.height > 0 && mark.top >= area.top && mark.bottom <= Math.min(area.bottom, innerHeight)
    && mark.left >= 0 && mark.right <= innerWidth;
}"""


def marked(page):
    """What a reader sees in the marks, once they are in view; the noise left out as far as it is hidden."""
    page.wait_for_function(MARK_IN_VIEW)
    shown = page.evaluate(
        "[...document.querySelectorAll('mark.yj-source-mark')].filter(m => m.getClientRects().length)"
        ".map(m => m.textContent).join('')"
    )
    return bare(shown)


def bare(text):
    return re.sub(r"\s", "", text)


# What is answered

TITLE = "海州市交通局2031年工作总结"
ROADS = Evidence(
    2, CUT_QUOTE, CUT[0], TITLE, "海州市", (2031,), ("一、2031年工作情况", "（一）公路建设"), *CUT[1:], 2.0
)
PORT = Evidence(1, LAST_QUOTE, LAST[0], TITLE, "海州市", (2032,), ("二、2032年工作打算",), *LAST[1:], 1.0)
OTHER = Evidence(
    3, "新建桥梁12座，完成投资三亿元。", BRIDGES[0], "沿海各县交通工作总结(二)", "", (), (), *BRIDGES[1:], 0.5
)
CITED = Citation.of(1, ROADS)
SAID = "海州市新修公路86公里。"


def final(question, text=SAID, **changes):
    sentences = (AnswerSentence(text, (1,)),)
    whole = Answer(
        question=question,
        query=question,
        sentences=sentences,
        citations=(CITED,),
        abstained=False,
        evidence=(PORT, ROADS),
    )
    return replace(whole, timings=Timings(0.1, 0.2, 3.2), **changes)


def script(question, text=SAID, **changes):
    return [Retrieved(question, (PORT, ROADS), 0.1), Delta(text), final(question, text, **changes)]


def threefold(question):
    """An answer with three citations, in two documents."""
    sentences = tuple(
        AnswerSentence(text, (number,))
        for number, text in enumerate((SAID, "新建码头两座。", "新建桥梁12座。"), start=1)
    )
    citations = (CITED, Citation.of(2, PORT), Citation.of(3, OTHER))
    return [final(question, sentences=sentences, citations=citations, evidence=(PORT, ROADS, OTHER))]


def refusal(question):
    refused = final(question, sentences=(), citations=(), abstained=True, reason="没有写姓名。")
    return [Retrieved(question, (PORT, ROADS), 0.1), refused]


class Answering(ScriptedPipeline):
    """Answers every question that has no script by the sample answer."""

    def __init__(self, **options):
        listed = [
            ListedDocument("report.txt", (TITLE,), 7, ("海州市",), (2031, 2032)),
            ListedDocument("parts.txt", ("沿海各县交通工作总结",), 2),
        ]
        super().__init__(documents=listed, texts=DOCUMENTS, **options)

    def stream(self, question, **options):
        self.scripts.setdefault(question, script(question))
        return super().stream(question, **options)
