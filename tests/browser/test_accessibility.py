"""What axe-core finds on the page: nothing serious or critical, in any state, language, theme or width.

No rule and no part is left out, those of Gradio's own components included.
"""

import json

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.support.pdf_files import pdf_of
from tests.support.serving import PASSWORD, users_file
from tests.support.small_home import ANSWERED, DOCUMENTS, REFUSED, small_pipeline
from tests.support.watched import ask, drop_questions, server, show_tab, watching

pytestmark = pytest.mark.browser

# Off by default in axe: targets of at least 24 pixels, or with room around them (WCAG 2.2, 2.5.8).
OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
TABS = {"zh": ("问答", "资料", "批量", "检视"), "en": ("Chat", "Documents", "Batch", "Look inside")}
QUESTIONS = f"问题,标准答案,类型\n{ANSWERED},12所,甲类\n{REFUSED},9公里,乙类\n"
LOOKS = [(lang, theme, width) for lang in ("zh", "en") for theme in ("light", "dark") for width in (1280, 390)]
looks = pytest.mark.parametrize(("lang", "theme", "width"), LOOKS, ids=str)

AT_END = "Math.abs(document.documentElement.scrollHeight - window.innerHeight - window.scrollY) < 2"


@pytest.fixture(scope="module")
def axe():
    return AXE_SCRIPT


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    pages = pdf_of([["平湖县2031年水利工作总结", "2031年，平湖县新建水库5座。"]])
    with server(small_pipeline(tmp_path_factory.mktemp("home"), DOCUMENTS | {"waters.pdf": pages})) as running:
        yield running.url


@pytest.fixture(scope="module")
def login_url(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logins")
    with server(small_pipeline(folder), auth=users_file(folder, "an")) as running:
        yield running.url


def options(lang, theme, width):
    locale = {"zh": "zh-CN", "en": "en-GB"}[lang]
    return {"viewport": {"width": width, "height": 900}, "color_scheme": theme, "locale": locale}


class Checks:
    """Runs axe in a page, state after state, and keeps what is serious."""

    def __init__(self, page, axe):
        self.page = page
        self.axe = axe
        self.findings = []

    def state(self, name):
        self.page.evaluate(self.axe)
        # At the page's end the box for the question covers nothing; half a button under it would count as a small one.
        self.page.evaluate("window.scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' })")
        self.page.wait_for_function(AT_END)
        # Something that is fading in has a colour of its own for a moment.
        self.page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished.catch(() => null)))")
        found = self.page.evaluate(f"axe.run({json.dumps(OPTIONS)})")
        assert found["testEngine"]["name"] == "axe-core"
        for rule in found["violations"]:
            if rule["impact"] in ("serious", "critical"):
                told = [(name, rule["id"], node["target"], node["failureSummary"]) for node in rule["nodes"]]
                self.findings += told


def test_axe_finds_what_is_wrong(chromium, axe):
    page = chromium.new_page()
    page.set_content(
        '<html lang="en"><title>t</title><main><button></button><p style="color:#aaa;background:#fff">pale</p></main>'
    )
    checks = Checks(page, axe)
    checks.state("wrong")
    page.close()
    assert {rule for _, rule, _, _ in checks.findings} == {"button-name", "color-contrast"}


@looks
def test_the_chat_is_accessible(chromium, url, axe, lang, theme, width):
    with watching(chromium, url, **options(lang, theme, width)) as watch:
        page = watch.open(f"{lang}/")
        checks = Checks(page, axe)
        checks.state("empty")
        ask(page, ANSWERED)
        checks.state("answered")
        page.locator("#t1 [data-yj-act=down]").click()
        page.wait_for_selector("#t1 .yj-comment")
        checks.state("rated")
        page.locator("#t1 a.yj-marker").first.click()
        page.wait_for_selector("#yj-source-mark")
        checks.state("source panel")
        page.locator("#yj-source [data-do=raw]").click()
        page.locator("#yj-source [data-do=outline]").click()
        checks.state("source panel, raw")
        page.keyboard.press("Escape")
        page.wait_for_selector("#yj-source", state="hidden")
        ask(page, REFUSED, 2)
        checks.state("refused")
        page.locator("#yj-scope button").first.click()
        page.locator("#yj-years input").click()
        checks.state("scope")
        page.keyboard.press("Escape")
        page.locator("#yj-history button").first.click()
        page.locator(".yj-past summary").first.click()
        page.locator(".yj-past-menu summary").first.click()
        checks.state("earlier conversations")
        assert checks.findings == []


@looks
def test_a_page_as_a_picture_is_accessible(chromium, url, axe, lang, theme, width):
    with watching(chromium, url, **options(lang, theme, width)) as watch:
        page = watch.open(f"{lang}/")
        checks = Checks(page, axe)
        ask(page, "平湖县2031年新建水库多少座？")
        page.locator("#t1 .yj-open").first.click()
        toggle = page.locator("[data-view=page]")
        if toggle.get_attribute("aria-pressed") != "true":
            toggle.click()
        page.wait_for_selector(".yj-page-pane:not([aria-busy]) img")
        checks.state("page as a picture")
        assert checks.findings == []


def test_what_has_the_focus_is_not_under_the_box_for_the_question(chromium, url):
    with watching(chromium, url, **options("en", "light", 390)) as watch:
        page = watch.open("en/")
        page.set_viewport_size({"width": 390, "height": 450})
        ask(page, REFUSED)
        for button in page.locator("#t1 [data-yj-act]").all():
            button.evaluate("(each) => window.scrollBy(0, each.getBoundingClientRect().bottom + 20 - innerHeight)")
            button.focus()
            page.wait_for_function(
                "document.activeElement.getBoundingClientRect().bottom"
                " <= document.querySelector('#yj-asking').getBoundingClientRect().top"
            )


@looks
def test_the_other_tabs_are_accessible(chromium, url, axe, lang, theme, width):
    _, documents, batch, inside = TABS[lang]
    with watching(chromium, url, **options(lang, theme, width)) as watch:
        page = watch.open(f"{lang}/")
        checks = Checks(page, axe)
        show_tab(page, documents)
        page.wait_for_selector(".yj-documents tbody tr")
        checks.state("documents")
        show_tab(page, batch)
        checks.state("no batch")
        drop_questions(page, "题.csv", QUESTIONS)
        page.wait_for_selector(".yj-batch-scores")
        page.locator("#yj-batch-delete").click()
        page.wait_for_selector("#yj-batch-sure")
        open_all(page, "#yj-batch-answers-part details, .yj-batch-unmet details")
        checks.state("batch")
        page.locator("#yj-batch-start").click()
        page.wait_for_selector(".yj-batch-message")
        checks.state("batch without a file")
        show_tab(page, inside)
        page.locator("#yj-trace-question textarea").fill(ANSWERED)
        page.locator("#yj-trace-look").click()
        page.wait_for_selector("#yj-trace details")
        open_all(page, "#yj-trace details")
        checks.state("look inside")
        assert checks.findings == []


@looks
def test_the_login_is_accessible(chromium, login_url, axe, lang, theme, width):
    with watching(chromium, login_url, **options(lang, theme, width)) as watch:
        page = watch.context.new_page()
        page.goto(f"{login_url}login")
        checks = Checks(page, axe)
        checks.state("login")
        page.locator("#name").fill("an")
        page.locator("#password").fill("wrong")
        page.locator("button").click()
        page.wait_for_selector("[role=alert]")
        checks.state("wrong password")
        page.locator("#password").fill(PASSWORD)
        page.locator("button").click()
        page.wait_for_selector(".yj-user button")
        checks.state("logged in")
        assert checks.findings == []


def open_all(page, selector):
    page.locator(selector).evaluate_all("(all) => { for (const each of all) each.open = true; }")
