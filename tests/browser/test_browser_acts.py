"""What can be done with an answer, and what limits it, in a real Chromium."""

import pytest

from rag.schema.answers import Delta
from rag.schema.messages import Turn
from rag.schema.search import Retrieved, Scope
from tests.support.pages import (
    CUT,
    SAID,
    TITLE,
    Answering,
    act,
    answered,
    ask,
    questions,
    ready,
    refusal,
    until,
    wait_for_stage,
)
from tests.support.serving import served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pipeline():
    return Answering(scripts={"谁？": refusal("谁？")})


@pytest.fixture(scope="module")
def url(pipeline):
    with served(pipeline) as running:
        yield running.url


def pressed(page, name, number=1):
    return act(page, name, number).get_attribute("aria-pressed")


def choose(page, field, name):
    """Choose one of what a field of the scope offers."""
    page.locator(f"#yj-{field} input").click()
    page.get_by_role("option", name=name, exact=True).click()
    page.keyboard.press("Escape")


def chips(page):
    return [text.removesuffix("×").strip() for text in page.locator("#yj-chips .yj-chip").all_inner_texts()]


# An answer


def test_asked_again_it_is_answered_anew_in_its_place(open_page, pipeline):
    page = open_page()
    answered(page, "一？")
    answered(page, "二？", 2)
    n_asked = len(pipeline.asked)
    act(page, "retry", 2).click()
    until(lambda: len(pipeline.asked) == n_asked + 1)
    assert pipeline.asked[-1] == ("二？", (Turn("user", "一？"), Turn("assistant", SAID)))
    wait_for_stage(page, "done", 2)
    assert questions(page) == ["一？", "二？"]


def test_an_edited_question_replaces_what_follows_it(open_page, pipeline):
    page = open_page()
    for number, question in enumerate(("甲？", "乙？", "丙？"), start=1):
        answered(page, question, number)
    act(page, "edit", 2).click()
    box = page.locator("#yj-question textarea")
    page.wait_for_function("document.querySelector('#yj-question textarea').value === '乙？'")
    assert page.locator("#yj-notice [role=status]").inner_text() == "正在修改第 2 个问题：发送后替换它和之后的内容"
    box.fill("乙改？")
    box.press("Enter")
    page.wait_for_selector("#t3", state="detached")
    wait_for_stage(page, "done", 2)
    assert questions(page) == ["甲？", "乙改？"]
    assert page.locator("#yj-notice [role=status]").count() == 0
    assert pipeline.asked[-1] == ("乙改？", (Turn("user", "甲？"), Turn("assistant", SAID)))
    page.reload()
    wait_for_stage(page, "done", 2)
    assert questions(page) == ["甲？", "乙改？"]


def test_the_answer_is_copied_with_its_sources(open_page):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    answered(page, "抄？")
    copy = page.locator("#t1 [data-yj-copy]")
    copy.click()
    page.wait_for_function("document.querySelector('#t1 [data-yj-copy]').textContent === '已复制'")
    lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert lines[:3] == ["抄？", "", f"{SAID}[1]"]
    assert lines[3] == f"[1] report.txt {CUT[1]}-{CUT[2]} · {TITLE} › 一、2031年工作情况 › （一）公路建设"
    assert lines[4].strip() == page.locator("#t1-s1 blockquote").inner_text()
    page.wait_for_function("document.querySelector('#t1 [data-yj-copy]').textContent === '复制（含出处）'")


def test_a_rating_and_its_comment_are_kept(open_page):
    page = open_page()
    answered(page, "好吗？")
    answered(page, "真的？", 2)
    act(page, "down", 1).click()
    page.wait_for_selector('#t1 [data-yj-act="down"][aria-pressed="true"]')
    field = page.get_by_label("哪里不对？")
    field.fill("<b>数字</b>不对")
    field.press("Enter")
    page.wait_for_selector('#t1 [data-yj-field][value="<b>数字</b>不对"]')
    act(page, "up", 2).click()
    page.wait_for_selector('#t2 [data-yj-act="up"][aria-pressed="true"]')
    page.reload()
    wait_for_stage(page, "done", 2)
    assert [pressed(page, name, number) for number in (1, 2) for name in ("up", "down")] == [
        *("false", "true"),
        *("true", "false"),
    ]
    assert page.get_by_label("哪里不对？").first.input_value() == "<b>数字</b>不对"
    act(page, "up", 2).click()  # once more takes it back
    page.wait_for_selector('#t2 [data-yj-act="up"][aria-pressed="false"]')
    assert page.locator("#t2 .yj-comment").count() == 0


def test_a_refusal_can_be_rated_and_asked_again_too(open_page):
    page = open_page()
    answered(page, "谁？")
    act(page, "up").click()
    page.wait_for_selector('#t1 [data-yj-act="up"][aria-pressed="true"]')
    assert act(page, "retry").is_visible()


def test_nothing_is_done_with_earlier_answers_while_one_is_being_written(open_page, pipeline):
    words = [part for _ in range(900) for part in (Delta("字"), 0.02)]
    pipeline.scripts["久"] = [Retrieved("久", (), 0.1), *words]
    page = open_page()
    answered(page, "先？")
    ask(page, "久")
    wait_for_stage(page, "writing", 2)
    assert not act(page, "edit", 1).is_visible()
    page.locator("#yj-stop").click()
    wait_for_stage(page, "stopped", 2)
    act(page, "edit", 1).click()
    page.wait_for_function("document.querySelector('#yj-question textarea').value === '先？'")


# What limits it


def test_the_scope_stands_in_chips_that_take_it_away_again(open_page, pipeline):
    page = open_page()
    page.get_by_role("button", name="限定范围 · 回答方式").click()
    choose(page, "sources", "沿海各县交通工作总结（parts.txt）")
    choose(page, "years", "2031")
    choose(page, "places", "海州市")
    page.wait_for_function("document.querySelectorAll('#yj-chips .yj-chip').length === 3")
    assert chips(page) == ["parts.txt", "2031", "海州市"]
    answered(page, "限？")
    assert pipeline.scopes[-1] == Scope(frozenset({"parts.txt"}), frozenset({2031}), frozenset({"海州市"}))
    assert page.locator("#t1 .yj-chip").all_inner_texts() == ["parts.txt", "2031", "海州市"]
    page.get_by_role("button", name="去掉 2031").click()
    page.wait_for_function("document.querySelectorAll('#yj-chips .yj-chip').length === 2")
    answered(page, "再限？", 2)
    assert pipeline.scopes[-1] == Scope(frozenset({"parts.txt"}), frozenset(), frozenset({"海州市"}))
    for name in ("parts.txt", "海州市"):
        page.get_by_role("button", name=f"去掉 {name}").click()
        page.wait_for_selector(f"#yj-chips >> text={name}", state="detached")
    answered(page, "不限？", 3)
    assert pipeline.scopes[-1] is None
    assert page.locator("#yj-chips").inner_text().strip() == ""


def test_the_scope_is_in_force_for_a_retry_and_stands_on_the_answer_after_a_reload(open_page, pipeline):
    page = open_page()
    answered(page, "重？")
    page.get_by_role("button", name="限定范围 · 回答方式").click()
    choose(page, "years", "2032")
    page.wait_for_selector("#yj-chips .yj-chip")
    act(page, "retry").click()
    page.wait_for_selector("#t1 .yj-chip")
    wait_for_stage(page, "done")
    assert pipeline.scopes[-1] == Scope(years=frozenset({2032}))
    page.reload()
    wait_for_stage(page, "done")
    ready(page)
    assert page.locator("#t1 .yj-chip").all_inner_texts() == ["2032"]


def test_quotes_alone_are_asked_for_by_their_mode(open_page, pipeline):
    page = open_page()
    page.get_by_role("button", name="限定范围 · 回答方式").click()
    page.get_by_label("只摘原文（更快）").check()
    page.wait_for_selector("#yj-chips .yj-chip")
    assert chips(page) == ["只摘原文"]
    answered(page, "摘？")
    assert pipeline.modes[-1] == "quotes"
    assert page.locator("#t1 .yj-chip").inner_text() == "只摘原文"
    page.get_by_label("写成回答").check()
    page.wait_for_selector("#yj-chips .yj-chip", state="detached")
    answered(page, "写？", 2)
    assert pipeline.modes[-1] == "answer"
