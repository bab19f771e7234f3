"""No request leaves the machine: every tab of both pages is used, and every address that is asked for is kept."""

from urllib.parse import urlsplit

import pytest

from tests.support.audited import audited
from tests.support.pages import until
from tests.support.serving import PASSWORD, users_file
from tests.support.small_home import ANSWERED, REFUSED, small_pipeline
from tests.support.watched import Watch, ask, drop_questions, server, show_tab, watching

pytestmark = pytest.mark.browser

TABS = {"zh": ("问答", "资料", "批量", "检视"), "en": ("Chat", "Documents", "Batch", "Look inside")}
UPLOAD = {"name": "quay.txt", "mimeType": "text/plain", "buffer": "白沙港2030年报告\n\n码头12座。\n".encode()}


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    with server(small_pipeline(tmp_path_factory.mktemp("home"))) as running:
        yield running.url


def walk_the_chat(page):
    ask(page, ANSWERED)
    page.locator("#t1 a.yj-marker").first.click()
    page.wait_for_selector("#yj-source-mark")
    for button in ("raw", "outline"):
        page.locator(f"#yj-source [data-do={button}]").click()
    page.keyboard.press("Escape")
    ask(page, REFUSED, 2)
    page.locator("#t2 [data-yj-act=up]").click()
    page.locator("#t2 .yj-comment input").fill("好")
    page.locator("#t2 [data-yj-act=comment]").click()
    page.locator("#yj-scope button").first.click()
    page.locator("#yj-sources input").click()
    page.locator("#yj-sources [role=option]").first.click()
    page.wait_for_selector(".yj-chip")
    page.locator("#yj-history button").first.click()
    page.locator(".yj-past summary").first.click()
    with page.expect_download() as saved:
        page.locator(".yj-past-menu a[download]").first.click()
    page.locator("#yj-theme").click()
    page.locator("#yj-history button").first.click()
    return saved.value.url


def walk_the_documents(page, name):
    show_tab(page, name)
    page.wait_for_selector(".yj-documents tbody tr")
    page.locator("#yj-documents-drop input[type=file]").set_input_files(UPLOAD)
    page.wait_for_selector(".yj-upload-file:is([data-stage=added],[data-stage=unchanged])")


def walk_the_batch(page, name):
    show_tab(page, name)
    drop_questions(page, "q.csv", f"问题,标准答案\n{ANSWERED},12所\n")
    page.wait_for_selector(".yj-batch-scores")
    urls = []
    for kind in ("xlsx", "jsonl"):
        with page.expect_download() as saved:
            page.locator(f"#yj-batch-{kind}").click()
        urls.append(saved.value.url)
    return urls


def walk_inside(page, name):
    show_tab(page, name)
    page.locator("#yj-trace-question textarea").fill(ANSWERED)
    page.locator("#yj-trace-look").click()
    page.wait_for_selector("#yj-trace details")
    page.locator("#yj-trace details").evaluate_all("(all) => { for (const each of all) each.open = true; }")
    page.locator("#yj-trace .yj-trace-open").first.click()
    page.wait_for_selector("#yj-source-mark")
    page.keyboard.press("Escape")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_leaves_while_every_tab_is_used(chromium, url, lang):
    _, documents, batch, inside = TABS[lang]
    with audited() as audit, watching(chromium, url, accept_downloads=True) as watch:
        page = watch.open(f"{lang}/")
        downloads = [walk_the_chat(page)]
        walk_the_documents(page, documents)
        downloads += walk_the_batch(page, batch)
        walk_inside(page, inside)
        page.locator("[data-yj-lang]:not([aria-current])").click()
        page.wait_for_selector("#t1[data-stage=done]")  # the conversation came along
        paths = {urlsplit(address).path for address in watch.asked}
        assert {"/source", f"/{lang}/gradio_api/upload", f"/{lang}/gradio_api/queue/join"} <= paths
        assert {urlsplit(address).netloc for address in downloads} == {urlsplit(url).netloc}
        assert {urlsplit(address).scheme for address in watch.asked} <= {"http", "data", "blob"}  # and no websocket
    assert audit.called == set()  # the server asks nobody either


def test_nothing_leaves_while_somebody_logs_in_and_out(chromium, tmp_path):
    with server(small_pipeline(tmp_path), auth=users_file(tmp_path, "an")) as running:
        with audited() as audit, watching(chromium, running.url) as watch:
            page = watch.context.new_page()
            page.goto(running.url)
            page.locator("#name").fill("an")
            page.locator("#password").fill(PASSWORD)
            page.locator("button").click()
            page.wait_for_selector(".yj-user button")
            ask(page, ANSWERED)
            page.locator(".yj-user button").click()
            page.wait_for_selector("#password")
        assert audit.called == set()


def test_the_policy_stops_what_would_leave_and_the_watch_hears_of_it(chromium, url):
    watch = Watch(chromium, url)
    page = watch.open()
    page.evaluate("document.body.append(Object.assign(new Image(), { src: 'https://evil.example/p.png' }))")
    until(lambda: page.title() and watch.troubles)
    with pytest.raises(AssertionError, match=r"evil\.example"):
        watch.check()
    watch.context.close()
    assert any(trouble.startswith("violation img-src https://evil.example") for trouble in watch.troubles)


def test_the_watch_hears_what_runs(chromium, url):
    watch = Watch(chromium, url)
    watch.open().evaluate("setTimeout(() => { alert(1); throw Error('mine'); })")
    until(lambda: watch.context.cookies() and len(watch.troubles) > 1)
    with pytest.raises(AssertionError, match="dialog: 1"):
        watch.check()
    watch.context.close()
    assert "error: mine" in " ".join(watch.troubles)
