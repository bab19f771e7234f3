"""Identifiers: numbers of documents, annexes, articles and codes, and whether two are the same."""

from __future__ import annotations

import pytest

from rag.text.identifiers import Identifier, agreement, identifiers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("（海政发〔2030〕0012号）", {Identifier("号", "0012", "2030", "海政发")}),
        ("海政发[2030] 12 号", {Identifier("号", "12", "2030", "海政发")}),
        ("２０３０年第５号公告", {Identifier("号", "5", "2030")}),
        ("12号文怎么说", {Identifier("号", "12")}),
        ("6月12号在12号楼", set()),
        ("见附件2、附件三和附表1", {Identifier("附件", "2"), Identifier("附件", "3"), Identifier("附表", "1")}),
        ("附件：2030年计划", set()),
        ("第一百二十條第2款", {Identifier("条", "120"), Identifier("款", "2")}),
        ("第三产业和第二批", {Identifier("产", "3"), Identifier("批", "2")}),
        ("三个项目，一、总则", set()),
        ("別紙３を参照", {Identifier("别纸", "3")}),
        (
            "see Article 12 and Annex B, section 3.1",
            {Identifier("条", "12"), Identifier("附件", "B"), Identifier("节", "3.1")},
        ),
        ("按GB/T 9704-2012和M-31-2", {Identifier("code", "GB/T9704-2012"), Identifier("code", "M-31-2")}),
        ("PM2.5, FY 2030-31, in 2030-31, GDP/CPI", set()),
    ],
)
def test_identifiers_are_found_and_nothing_else(text: str, expected: set[Identifier]) -> None:
    assert identifiers(text) == expected


@pytest.mark.parametrize(
    ("asked", "told", "expected"),
    [
        ("海政发〔2030〕0012号讲什么", "（海政发〔2030〕0012号）", "same"),
        ("请问海政发〔2030〕12号讲什么", "海政发〔2030〕12号", "same"),
        ("海政发〔2030〕0012号讲什么", "海政发〔2030〕12号", "alike"),
        ("海政发〔2030〕12号讲什么", "海政发〔2030〕120号", "other"),
        ("海政发〔2030〕12号讲什么", "海政发〔2031〕12号", "other"),
        ("海政发〔2030〕12号讲什么", "海教发〔2030〕12号", "other"),
        ("12号文件讲什么", "海政发〔2030〕12号", "same"),
        ("附件2有哪些内容", "附件3 名单", "other"),
        ("附件2的第三条", "附件2 第四条", "other"),
        ("第十二条怎么规定", "第12条 船只应当登记。第13条 登记免费。", "same"),
        ("第十二条怎么规定", "第二十条 船只应当登记。", "other"),
        ("第十二条怎么规定", "船只应当登记。", "none"),
        ("船只怎么登记", "第二十条 船只应当登记。", "none"),
        ("what does article 12 say", "第十二条 船只应当登记。", "same"),
    ],
)
def test_agreement_of_a_text_with_what_is_asked(asked: str, told: str, expected: str) -> None:
    assert agreement(identifiers(asked), identifiers(told)) == expected
