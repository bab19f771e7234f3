"""Conversations that are kept, in a real Chromium: found again by address and in the panel, by their owner alone."""

from urllib.parse import parse_qs, urlsplit

import pytest

from rag.schema.answers import Delta
from rag.schema.messages import Turn
from rag.schema.search import Retrieved
from tests.support.pages import (
    SAID,
    Answering,
    answered,
    ask,
    marked,
    open_panel,
    questions,
    ready,
    threefold,
    until,
    wait_for_stage,
)
from tests.support.serving import served, users_file

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pipeline():
    return Answering(examples=["例一？"])


@pytest.fixture(scope="module")
def url(pipeline):
    with served(pipeline) as running:
        yield running.url


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server with logins."""
    with served(Answering(), auth=users_file(tmp_path_factory.mktemp("auth"), "ann", "bob")) as running:
        yield running.url


def identity(page):
    """The conversation that the address names."""
    return parse_qs(urlsplit(page.url).query).get("c", [""])[0]


def titles(page):
    return page.locator("#yj-past .yj-past-open").all_inner_texts()


def menu(page, title):
    """What can be done with an earlier conversation."""
    item = page.locator("#yj-past li", has=page.get_by_role("button", name=title, exact=True))
    item.locator("summary").first.click()
    return item


# The address


def test_a_conversation_is_there_after_a_reload_and_goes_on(open_page, pipeline):
    page = open_page()
    assert identity(page) == ""
    answered(page, "一？")
    page.wait_for_function("location.search.startsWith('?c=')")
    answered(page, "二？", 2)
    before = identity(page)
    page.reload()
    wait_for_stage(page, "done", 2)
    ready(page)
    assert (questions(page), identity(page)) == (["一？", "二？"], before)
    assert page.locator("#t1 .yj-text").inner_text() == f"{SAID}[1]"
    answered(page, "三？", 3)
    assert pipeline.asked[-1][1][-2:] == (Turn("user", "二？"), Turn("assistant", SAID))
    assert identity(page) == before


def test_what_was_stopped_is_kept_as_stopped(open_page, pipeline):
    words = [part for _ in range(900) for part in (Delta("字"), 0.02)]
    pipeline.scripts["停？"] = [Retrieved("停？", (), 0.1), *words]
    page = open_page()
    ask(page, "停？")
    wait_for_stage(page, "writing")
    page.locator("#yj-stop").click()
    wait_for_stage(page, "stopped")
    page.wait_for_function("location.search.startsWith('?c=')")
    page.reload()
    wait_for_stage(page, "stopped")
    assert "以上文字未经核对" in page.locator("#t1").inner_text()


def test_a_new_chat_leaves_the_address_and_the_examples_come_back(open_page, pipeline):
    page = open_page()
    answered(page, "旧？")
    assert not page.get_by_role("button", name="例一？").is_visible()
    open_panel(page)
    page.locator("#yj-new").click()
    page.wait_for_selector(".yj-turn", state="detached")
    page.get_by_role("button", name="例一？").wait_for()
    until(lambda: identity(page) == "")
    answered(page, "新？")
    assert pipeline.asked[-1] == ("新？", ())
    page.wait_for_function("location.search.startsWith('?c=')")
    assert titles(page) == ["新？", "旧？"]


def test_an_address_of_nothing_is_an_empty_chat(open_page):
    page = open_page("zh/?c=no-such-conversation")
    assert page.locator(".yj-turn").count() == 0
    until(lambda: identity(page) == "")


# The panel


def test_an_earlier_conversation_is_opened_from_the_panel(open_page):
    page = open_page()
    for question in ("早？", "晚？"):
        answered(page, question)
        open_panel(page)
        page.locator("#yj-new").click()
        page.wait_for_selector(".yj-turn", state="detached")
    page.get_by_role("button", name="早？", exact=True).click()
    wait_for_stage(page, "done")
    assert questions(page) == ["早？"]
    page.wait_for_selector('#yj-past li[aria-current="true"]')
    assert page.locator('#yj-past li[aria-current="true"] .yj-past-open').inner_text() == "早？"
    until(
        lambda: identity(page) == page.locator("#yj-past li[aria-current] button").first.get_attribute("data-yj-number")
    )


def test_opening_another_conversation_ends_the_answer_under_way(open_page, pipeline):
    words = [part for _ in range(900) for part in (Delta("字"), 0.02)]
    pipeline.scripts["长？"] = [Retrieved("长？", (), 0.1), *words]
    page = open_page()
    answered(page, "短？")
    open_panel(page)
    page.locator("#yj-new").click()
    page.wait_for_selector(".yj-turn", state="detached")
    ask(page, "长？")
    wait_for_stage(page, "writing")
    page.get_by_role("button", name="短？", exact=True).click()
    wait_for_stage(page, "done")
    until(lambda: "长？" in pipeline.closed)
    page.wait_for_timeout(400)
    assert questions(page) == ["短？"]
    page.wait_for_selector("#yj-stop", state="hidden")
    answered(page, "再短？", 2)


def test_conversations_are_found_by_words_of_their_answers(open_page, pipeline):
    pipeline.scripts["桥？"] = threefold("桥？")
    page = open_page()
    for question in ("路？", "桥？"):
        answered(page, question)
        open_panel(page)
        page.locator("#yj-new").click()
        page.wait_for_selector(".yj-turn", state="detached")
    page.locator("#yj-search input, #yj-search textarea").fill("桥梁12座")
    page.wait_for_function("document.querySelectorAll('#yj-past li').length === 1")
    assert titles(page) == ["桥？"]
    page.locator("#yj-search input, #yj-search textarea").fill("没有这样的词")
    page.wait_for_selector("#yj-past .yj-none")
    assert page.locator("#yj-past .yj-none").inner_text() == "没有找到"
    page.locator("#yj-search input, #yj-search textarea").fill("")
    page.wait_for_function("document.querySelectorAll('#yj-past li').length === 2")


def test_a_conversation_is_renamed_exported_and_deleted(open_page, tmp_path):
    page = open_page()
    answered(page, "原名？")
    open_panel(page)
    item = menu(page, "原名？")
    field = item.get_by_label("名称")
    field.fill("<i>新名</i>")
    field.press("Enter")
    page.get_by_role("button", name="<i>新名</i>", exact=True).wait_for()
    assert page.locator("#yj-past i").count() == 0
    item = menu(page, "<i>新名</i>")
    with page.expect_download() as waiting:
        item.get_by_text("导出 Markdown").click()
    assert waiting.value.suggested_filename == "i 新名 i.md"
    waiting.value.save_as(tmp_path / "exported.md")
    exported = (tmp_path / "exported.md").read_text(encoding="utf-8")
    assert SAID in exported
    assert "report.txt" in exported
    item.get_by_text("删除", exact=True).click()
    item.get_by_role("button", name="确定删除").click()
    page.wait_for_selector(".yj-turn", state="detached")
    page.wait_for_selector("#yj-past .yj-none")
    assert page.locator("#yj-past .yj-none").inner_text() == "还没有对话"
    until(lambda: identity(page) == "")


def test_a_rename_leaves_the_answer_under_way_alone(open_page, pipeline):
    page = open_page()
    answered(page, "名？")
    pipeline.scripts["慢？"] = [Retrieved("慢？", (), 0.1), *[part for _ in range(40) for part in (Delta("字"), 0.05)]]
    pipeline.scripts["慢？"] += threefold("慢？")
    open_panel(page)
    ask(page, "慢？")
    wait_for_stage(page, "writing", 2)
    field = menu(page, "名？").get_by_label("名称")
    field.fill("改了")
    field.press("Enter")
    page.get_by_role("button", name="改了", exact=True).wait_for()
    wait_for_stage(page, "done", 2)


# Whose they are


def test_two_browsers_see_their_own_conversations_only(open_page):
    one, other = open_page(), open_page()
    answered(one, "我的？")
    one.wait_for_function("location.search.startsWith('?c=')")
    open_panel(other)
    assert other.locator("#yj-past").inner_text().strip() == "还没有对话"
    stranger = open_page(f"zh/?c={identity(one)}", person=other.context)
    assert stranger.locator(".yj-turn").count() == 0
    exported = other.request.get(f"{open_page.url}export?conversation={identity(one)}")
    assert (exported.status, exported.text()) == (404, "没有这个对话。")
    second = open_page(f"zh/?c={identity(one)}", person=one.context)  # another tab of the same browser
    wait_for_stage(second, "done")
    assert questions(second) == ["我的？"]


def test_with_logins_a_conversation_is_its_users_in_every_browser(open_page, guarded):
    open_page.url = guarded
    ann, bob, elsewhere = open_page.person("ann"), open_page.person("bob"), open_page.person("ann")
    page = open_page(person=ann)
    assert page.locator(".yj-user span").inner_text() == "ann"
    answered(page, "私事？")
    page.wait_for_function("location.search.startsWith('?c=')")
    again = open_page(f"zh/?c={identity(page)}", person=elsewhere)
    wait_for_stage(again, "done")
    again.locator("#t1 .yj-text a.yj-marker").click()
    assert marked(again)
    stranger = open_page(f"zh/?c={identity(page)}", person=bob)
    assert stranger.locator(".yj-turn").count() == 0
    open_panel(stranger)
    assert stranger.locator("#yj-past").inner_text().strip() == "还没有对话"
    stranger.get_by_role("button", name="退出").click()
    stranger.wait_for_url("**/login*")
