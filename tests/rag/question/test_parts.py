"""Questions for several things, cut into whole questions."""

from __future__ import annotations

import pytest

from rag.question.parts import question_parts
from rag.question.scope import NamedScope
from rag.question.sides import sides

NAMED = NamedScope(("海州市",), (2031,))


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "2031年海州建成泊位多少个，改造老旧码头多少座？",
            ["2031年海州建成泊位多少个？", "2031年海州改造老旧码头多少座？"],
        ),
        (
            "海州市2031年吞吐量是多少？比上年增长多少？",
            ["海州市2031年吞吐量是多少？", "海州市2031年吞吐量比上年增长多少？"],
        ),
        ("海州市2031年吞吐量是多少，有没有涨", ["海州市2031年吞吐量是多少？", "海州市2031年吞吐量有没有涨？"]),
        ("海州航道有多长，在全国排第几？", ["海州航道有多长？", "海州航道在全国排第几？"]),
        ("海州有多少个泊位、多少座码头？", ["海州有多少个泊位？", "海州有多少座码头？"]),
        (
            "渔船由谁登记、登记要多少钱、几天办好",
            ["渔船由谁登记？", "渔船登记要多少钱？", "渔船几天办好？"],
        ),
        (
            "逾期比例按多少以上算，罚没规模比去年增加多少亿元",
            ["逾期比例按多少以上算？", "罚没规模比去年增加多少亿元？"],
        ),
        ("海州市哪一年建成三号码头，投资多少", ["海州市哪一年建成三号码头？", "海州市建成三号码头投资多少？"]),
        (
            "海州市2031年的目标里，吞吐量增速和事故率分别要控制在多少？",
            ["海州市2031年的目标里，吞吐量增速要控制在多少？", "海州市2031年的目标里，事故率要控制在多少？"],
        ),
        ("海州2031年货运总量和增速各是多少？", ["海州2031年货运总量是多少？", "海州2031年货运增速是多少？"]),
        ("海州一等、二等和三等补助各多少元", ["海州一等补助多少元", "海州二等补助多少元", "海州三等补助多少元"]),
        (
            "海州2031年渔港投资和商港投资各占多少比例？",
            ["海州2031年渔港投资占多少比例？", "海州2031年商港投资占多少比例？"],
        ),
        (
            "What was the throughput of Haizhou in 2031 and how fast did it grow?",
            ["What was the throughput of Haizhou in 2031?", "How fast did the throughput of Haizhou grow?"],
        ),
        (
            "How many piers did Haizhou build in 2031 and how many ships?",
            ["How many piers did Haizhou build in 2031?", "How many ships did Haizhou build in 2031?"],
        ),
        (
            "海州市の2031年の輸出額はいくらで、輸入額はいくらですか",
            ["海州市の2031年の輸出額はいくらで？", "海州市の2031年の輸入額はいくらですか？"],
        ),
    ],
)
def test_each_part_is_a_whole_question(question: str, parts: list[str]) -> None:
    assert question_parts(question, NAMED) == parts


@pytest.mark.parametrize(
    "question",
    [
        "海州市2031年建桥多少座？",
        "一等比三等多多少？",
        "海州的泊位和码头一共多少个？",
        "海州市和云岭县分别建桥几座？",
        "2030年和2031年各建桥几座？",
        "海州哪个港最大，它有几个泊位？",
        "海州有哪些港，其中几个能停大船？",
        "2030年和2031年哪年更快？各是多少？",
        "海州分值由哪几部分组成，各占多少？",
        "海州城镇和农村居民收入各多少？",
        "《怎样登记，怎样年检》里说罚多少？",
        "海州各级港口有多少个？",
        "建桥时，工期多长？",
        "When and where was the pier built?",
        "Who built the pier and the lighthouse?",
        "¿Cuántos puentes y cuántos muelles?",
    ],
)
def test_what_asks_one_thing_or_leans_on_an_answer_stays_whole(question: str) -> None:
    named = NamedScope(("海州市", "云岭县"), (2030, 2031))
    assert question_parts(question, named) == [question]


def test_a_part_with_a_scope_of_its_own_keeps_it() -> None:
    named = NamedScope(("海州市", "云岭县"), (2030, 2031))
    assert sides("海州市2031年建桥多少座，云岭县2030年修路多少公里？", named) == [
        ("海州市2031年建桥多少座？", NamedScope(("海州市",), (2031,))),
        ("云岭县2030年修路多少公里？", NamedScope(("云岭县",), (2030,))),
    ]


def test_each_part_is_asked_of_each_year() -> None:
    named = NamedScope(("海州市",), (2030, 2031))
    assert [text for text, _ in sides("海州2030年和2031年的吞吐量和事故率各是多少？", named)] == [
        "海州2030年的吞吐量是多少？",
        "海州2031年的吞吐量是多少？",
        "海州2030年的事故率是多少？",
        "海州2031年的事故率是多少？",
    ]
