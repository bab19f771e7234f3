"""The type of answer that a question asks for, and texts that hold one."""

from __future__ import annotations

import pytest

from rag.question.answer_type import AnswerType, asked_type, asked_units, holds_type


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("海州市2031年新建多少座码头？", AnswerType.FIGURE),
        ("码头最长能有多长？", AnswerType.FIGURE),
        ("2031年的吞吐量？", AnswerType.FIGURE),
        ("How many piers were built?", AnswerType.FIGURE),
        ("吞吐量增长百分之几？", AnswerType.SHARE),
        ("女船员占多少？", AnswerType.SHARE),
        ("准点率要达到多少？", AnswerType.SHARE),
        ("2031年的准点率", AnswerType.SHARE),
        ("What share of ships is late?", AnswerType.SHARE),
        ("投资多少亿元？", AnswerType.MONEY),
        ("没上牌罚多少？", AnswerType.MONEY),
        ("How much does a berth cost?", AnswerType.MONEY),
        ("何时竣工？", AnswerType.DATE),
        ("最后在哪一天通过？", AnswerType.DATE),
        ("When was it opened?", AnswerType.DATE),
        ("码头建在哪里？", AnswerType.PLACE),
        ("哪个县没有码头？", AnswerType.PLACE),
        ("由哪个部门负责？", AnswerType.PERSON_OR_BODY),
        ("谁来检查？", AnswerType.PERSON_OR_BODY),
        ("能不能两家一起投？", AnswerType.WHETHER),
        ("Is there a pier?", AnswerType.WHETHER),
        ("什么是内河？", AnswerType.DEFINITION),
        ("渔船指什么？", AnswerType.DEFINITION),
        ("怎么登记？", AnswerType.PROCEDURE),
        ("什么情况下可以免费？", AnswerType.PROCEDURE),
        ("有哪些码头？", AnswerType.LIST),
        ("为什么停航？", AnswerType.REASON),
        ("為什麼停航？", AnswerType.REASON),
        ("2031年和2030年谁高？", AnswerType.OTHER),
        ("那2031年的呢？", AnswerType.OTHER),
    ],
)
def test_the_word_that_asks_tells_the_type(question: str, expected: AnswerType) -> None:
    assert asked_type(question) is expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("新建多少座码头？", ("座",)),
        ("几个码头共运多少万人次？", ("人次",)),
        ("增长多少？", ()),
        ("排第几？", ("第",)),
        ("多久检查一次？", ("年", "个月", "周", "天", "小时", "分钟", "秒")),
    ],
)
def test_the_unit_behind_the_word_is_asked_for(question: str, expected: tuple[str, ...]) -> None:
    assert asked_units(question) == expected


@pytest.mark.parametrize(
    ("question", "holds", "lacks"),
    [
        ("新建多少座码头？", "新建码头12座", "投资3亿元"),
        ("新建多少座码头？", "新建码头十二个", "增长5%"),
        ("有多少家企业？", "企业达58户", "第3名"),
        ("排第几？", "居全国第三", "共3座"),
        ("几天内登记？", "应当在30日内登记", "2031年6月30日起施行"),
        ("增长多少？", "增长5.1%", "第三次"),
        ("增长多少？", "增加12座", "稳步增长"),
        ("PM2.5浓度降了多少？", "PM2.5平均浓度下降12.5%", "PM2.5平均浓度下降"),
        ("增长百分之几？", "回落0.3个百分点", "增加12座"),
        ("投资多少亿元？", "投资3.2亿元", "增长5.1%"),
        ("何时竣工？", "2031年6月竣工", "已经竣工"),
        ("哪个省？", "浙江省的码头", "码头"),
        ("由哪个部门负责？", "港务局负责", "每月检查"),
        ("有哪些码头？", "东码头、西码头", "东码头"),
        ("为什么停航？", "因台风停航", "6月停航"),
        ("什么是内河？", "内河是指河流、湖泊", "内河航道"),
        ("怎么登记？", "应当提交申请", "登记12艘"),
    ],
)
def test_a_text_holds_what_is_asked_for_or_lacks_it(question: str, holds: str, lacks: str) -> None:
    kind, units = asked_type(question), asked_units(question)
    assert (holds_type(holds, kind, units=units), holds_type(lacks, kind, units=units)) == (True, False)


def test_any_statement_may_be_a_yes_or_a_no() -> None:
    assert holds_type("不接受联合体", AnswerType.WHETHER)
    assert holds_type("", AnswerType.OTHER)
