"""What the generator is told."""

from __future__ import annotations

from collections.abc import Callable

from rag.generation.prompt import NOT_FOUND, SYSTEM, build_messages, format_evidence
from rag.schema.messages import Turn
from rag.schema.search import Evidence


def evidence(
    number: int, text: str, *, heading: tuple[str, ...] = (), title: str = "云岭县2031年工作总结", source: str = "a.txt"
) -> Evidence:
    return Evidence(number, text, source, title, "云岭县", (2031,), heading, number * 100, number * 100 + 9, 1.0)


ROADS = ("二、交通", "（一）道路")
FOUND = (
    evidence(1, "云岭县2031年工作总结"),
    evidence(2, "（一）道路", heading=ROADS),
    evidence(3, "全年新修农村公路86公里。", heading=ROADS),
    evidence(4, "新建桥梁12座。", heading=ROADS),
    evidence(5, "公交线路31条。", heading=("二、交通", "（二）公交")),
    evidence(6, "公交线路36条。", title="2032年工作总结", source="b.txt"),
)
QUESTION = "新建了多少座桥梁？"
HISTORY = (
    Turn("user", "松江区有多少条公交线路？"),
    Turn("assistant", "77条。[1]"),
    Turn("user", "云岭县2031年修了多少公里路？"),
    Turn("assistant", "86公里。[1]"),
)


def last(question: str = QUESTION, **more: object) -> str:
    return build_messages(question, FOUND, **({"language": "zh"} | more))[-1].content


def test_the_prompt_is_the_golden_one(golden: Callable[[str, str], None]) -> None:
    follow_up = "其中最长的一座呢？"
    messages = build_messages(
        follow_up, FOUND, language="en", query=f"{HISTORY[2].content} {follow_up}", history=HISTORY
    )
    golden("prompt.txt", "".join(f"<{message.role}>\n{message.content}\n" for message in messages))


def test_the_beginning_never_changes() -> None:
    one = build_messages(QUESTION, FOUND, language="zh")
    other = build_messages("How many?", FOUND[:1], language="en", query="How many? ", history=HISTORY)
    assert one[:-1] == other[:-1]
    assert (one[0].role, one[0].content, one[-1].role) == ("system", SYSTEM, "user")
    assert [message.role for message in one[1:-1]] == ["user", "assistant"] * 3


def test_the_question_comes_last_and_the_evidence_before_it() -> None:
    assert last() == f"【资料】\n{format_evidence(FOUND)}\n\n【问题】{QUESTION}"


def test_each_title_and_heading_is_printed_once() -> None:
    assert format_evidence(FOUND).split("\n") == [
        "《云岭县2031年工作总结》",
        "云岭县2031年工作总结",
        "# 二、交通",
        "## （一）道路",
        "全年新修农村公路86公里。",
        "新建桥梁12座。",
        "## （二）公交",
        "公交线路31条。",
        "",
        "《2032年工作总结》（云岭县）",
        "公交线路36条。",
    ]


def test_the_same_heading_of_another_document_is_printed_again() -> None:
    pair = (evidence(1, "甲。", heading=ROADS), evidence(2, "乙。", heading=ROADS, source="b.txt"))
    assert format_evidence(pair).count("# 二、交通\n## （一）道路") == 2


def test_a_title_gets_one_pair_of_brackets() -> None:
    titles = ("《云岭县总结》", "《云岭县总结》解读", "")
    first = [format_evidence([evidence(1, "甲。", title=title)]).split("\n")[0] for title in titles]
    assert first == ["《云岭县总结》", "《《云岭县总结》解读》", "《a.txt》（云岭县）"]


def test_another_language_is_wished_for_behind_the_question() -> None:
    assert last("How many?", language="en").endswith("【问题】How many? (answer in English)")
    assert last("Combien ?", language="fr").endswith("【问题】Combien ? (answer in français)")


def test_a_follow_up_shows_the_last_turns_and_the_users_own_words() -> None:
    prompt = last("最长的呢？", query="云岭县2031年修了多少公里路？ 最长的呢？", history=HISTORY)
    assert prompt.endswith("【之前的对话】\n问：云岭县2031年修了多少公里路？\n答：86公里。[1]\n\n【问题】最长的呢？")
    assert "松江区" not in prompt


def test_a_resolved_follow_up_is_asked_as_resolved_without_the_last_turns() -> None:
    prompt = last("它的桥呢？", query="云岭县2031年的桥呢？", history=HISTORY)
    assert prompt.endswith("\n\n【问题】云岭县2031年的桥呢？")
    assert "之前的对话" not in prompt


def test_a_long_turn_is_cut() -> None:
    prompt = last("它呢？", query=f"{QUESTION} 它呢？", history=[Turn("user", QUESTION), Turn("assistant", "路" * 999)])
    assert f"答：{'路' * 200}\n" in prompt


def test_the_rules_and_an_example_show_the_refusal() -> None:
    assert SYSTEM.count(NOT_FOUND) == 1
    answers = [message.content for message in build_messages("？", (), language="zh") if message.role == "assistant"]
    assert answers.count(NOT_FOUND) == 1
