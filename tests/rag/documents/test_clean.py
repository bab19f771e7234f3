from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.documents.cleaning.clean import clean_text
from rag.documents.cleaning.noise import is_chrome

SEEDS = sorted((Path(__file__).parents[3] / "seeds").glob("*.txt"))
# Text out of which noise is made: figures, marks, headings, domains, line breaks, odd spaces.
SOUP = st.text(
    alphabet=st.sampled_from("一二三、。;:，,()0129 教育局工作报告年X.com第页\n\n\u00a0\u3000\u200b\r•>"), max_size=200
)


def kept(raw: str) -> str:
    return clean_text(raw).text


@given(SOUP)
@settings(max_examples=300, deadline=None)
def test_cleaning_again_changes_nothing(raw: str) -> None:
    once = kept(raw)
    assert kept(once) == once


@given(SOUP)
@settings(max_examples=300, deadline=None)
def test_every_kept_character_stands_at_its_offset(raw: str) -> None:
    clean = clean_text(raw)
    assert list(clean.offsets) == sorted(set(clean.offsets))
    for ch, at in zip(clean.text, clean.offsets, strict=True):
        assert ch == raw[at] or (ch in " \n" and raw[at].isspace())


@given(SOUP.filter(lambda raw: clean_text(raw).text != ""), st.data())
@settings(max_examples=200, deadline=None)
def test_a_clean_span_survives_the_round_trip(raw: str, data: st.DataObject) -> None:
    clean = clean_text(raw)
    start = data.draw(st.integers(0, len(clean.text) - 1))
    end = data.draw(st.integers(start + 1, len(clean.text)))
    assert clean.clean_span(*clean.raw_span(start, end)) == (start, end)
    assert clean.between(*clean.raw_span(start, end)) == clean.text[start:end]


@pytest.mark.parametrize(("start", "end"), [(1, 1), (-1, 1), (1, 3), (2, 1)])
def test_a_span_that_is_empty_or_outside_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match=f"span {start}-{end} is not inside a text of 2 characters"):
        clean_text("文字").raw_span(start, end)


def test_page_cut_markers_leave_running_text() -> None:
    raw = "1、全年新建幼儿园十所,增加学\n\n2、位近两万个,\n\n3、改造学校八所。投入四百\n\n4、万元用于改造"
    assert kept(raw) == "全年新建幼儿园十所,增加学位近两万个,改造学校八所。投入四百万元用于改造"


def test_a_numbered_list_that_people_wrote_stays() -> None:
    raw = "工作如下:\n\n1、新建幼儿园十所。\n\n2、改造学校八所。\n\n3、增加学位两万个。"
    assert kept(raw) == raw


def test_doubled_characters_are_kept_once() -> None:
    raw = "2 20 02 21 1年年度度工工作作报报告告范范文文 3 3篇篇\n正文从这里开始。"
    assert kept(raw) == "2021年度工作报告范文3篇\n正文从这里开始。"


def test_a_title_printed_twice_in_a_row_is_kept_once() -> None:
    assert (
        kept("20212021 全县交通工作报告范文全县交通工作报告范文( (一一) )一、去年")
        == "2021全县交通工作报告范文(一)一、去年"
    )


@pytest.mark.parametrize(
    "text",
    ["高高兴兴快快乐乐", "看看想想试试", "11223344556677", "——————————", "1 1 2 2 3 3 4 4 5 5 6 6", "哈哈哈哈哈哈哈哈"],
)
def test_natural_repetition_stays(text: str) -> None:
    assert kept(text) == text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("推进新时代9988.com“上好学”征程", "推进新时代“上好学”征程"),
        ("借助abc.net云建设档案", "借助云建设档案"),
        ("请登录www.example.cn查询结果", "请登录www.example.cn查询结果"),
        ("访问example.com办理", "访问example.com办理"),
        ("邮箱office@example.com。", "邮箱office@example.com。"),
        ("与example.com网站合作", "与example.com网站合作"),
    ],
)
def test_only_spliced_domains_go(raw: str, expected: str) -> None:
    assert kept(raw) == expected


def test_stray_spaces_leave_prose_but_not_tables() -> None:
    prose = "全市共有学校 1599 所,在校生 142.4 万名,较上年 增长 2.3 %,各项指标 均 达到 预期目标,完成情况良好。"
    assert kept(prose) == "全市共有学校1599所,在校生142.4万名,较上年增长2.3%,各项指标均达到预期目标,完成情况良好。"
    assert kept("文号 〔2020〕5号  发布机构 交通局") == "文号 〔2020〕5号 发布机构 交通局"
    assert kept("The length of the new road is 12 km, and 3 bridges were built on it in 2020.").count(" ") == 17


def test_hard_line_breaks_inside_sentences_are_joined() -> None:
    lines = [
        "全年新建农村公路八十六公里新建桥梁十二座,维修公路二",
        "百四十公里,完成投资三亿四千万元。全县共有公交线路三十",
        "一条,其中夜间线路五条,惠及群众十二万人,群众满意度有",
        "了明显的提高,安全行车天数创造了新的纪录,事故率",
        "下降一成。",
    ]
    assert "\n" not in kept("\n".join(lines))


def test_invisible_characters_go_and_odd_spaces_become_plain() -> None:
    assert kept("新\u200b建\ufeff学\u202e校\r\n二 期\u00a0工程") == "新建学校\n二 期 工程"


@pytest.mark.parametrize(
    "line",
    [
        "当前位置: 首页 > 政务公开 > 工作总结",
        "首页 > 新闻 > 公告 > 正文",
        "【打印本页】 【关闭窗口】",
        "Home | About | Contact | Login",
        "苏ICP备00000000号 苏公网安备 00000000000000号",
        "© 2020 Example Ltd. All Rights Reserved",
        "上传人:某*** 文档编号:1 上传时间:2020-01-01 格式:DOC 页数:2 大小:9KB",
        "扫一扫在手机打开当前页",
        "今日访问:",
    ],
)
def test_page_furniture_is_recognised(line: str) -> None:
    assert is_chrome(line)


@pytest.mark.parametrize(
    "line",
    [
        "一、工作总结",
        "联系人:王某,电话:12345678。请于3月16日前将各单位的工作计划报送办公室,逾期不候,特此通知,望周知。",
        "大力推进信息公开,完善网站建设,开设专栏12个,全年访问群众3.4万人次,办理来信216件;",
        "2019年,全县教育系统坚持立德树人,分享经验,返回本真。",
    ],
)
def test_text_is_not_page_furniture(line: str) -> None:
    assert not is_chrome(line)


def test_an_abstract_that_repeats_the_first_paragraph_goes() -> None:
    first = "2021年,全县交通系统认真贯彻上级部署,狠抓落实,各项工作取得了新的成绩。"
    raw = f"索引号:123\n内容概述:{first[:30]}\n交通局2021年工作总结\n\n{first}\n\n一、道路建设"
    assert kept(raw) == f"索引号:123\n交通局2021年工作总结\n\n{first}\n\n一、道路建设"


# ---------------------------------------------------------------- the real documents


# Where the text proper begins and ends, and how many visible characters may go inside it: nothing but the
# 49 markers of 001 with its four doubled titles, and the three domains of 002.
BODIES = {
    "000": ("第一部分:2019年上半年工作回顾", "尝试开展中小学生研学旅行活动。", 0),
    "001": ("一、2017 年工作情况", "开展“最美教师”评选活动。加强党风", 49 * 3 + 40),
    "002": ("镇江市教育局关于印发", "双拥及学会等工作。", 3 * len("5909.com")),
    "003": ("怀化市教育局2019年", "确保不发生较大以上安全事故。", 0),
    "004": ("一、指导思想", "优秀团队的奖励力度。", 0),
}


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name[:3])
def test_no_sentence_of_a_real_document_is_lost(path: Path) -> None:
    raw = path.read_text(encoding="utf-8")
    first, last, allowed = BODIES[path.name[:3]]
    clean = clean_text(raw)
    kept_at = set(clean.offsets)
    body = range(raw.index(first), raw.rindex(last) + len(last))
    gone = "".join(raw[at] for at in body if at not in kept_at and not raw[at].isspace())
    assert len(gone) <= allowed, gone
    assert not re.search(r"[。；;].{5,}[。；;]", gone)
    n_visible = sum(1 for at in body if not raw[at].isspace())
    n_kept = sum(1 for at in body if at in kept_at and not raw[at].isspace())
    assert n_kept == n_visible - len(gone)


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name[:3])
@pytest.mark.parametrize(
    "furniture",
    [
        "ICP备",
        "版权所有",
        "当前位置",
        "会员分享",
        "扫一扫",
        "打印",
        "上传人",
        "网站地图",
        "总访问量",
        "内容概述",
        "登录个人中心",
    ],
)
def test_no_page_furniture_of_a_real_document_is_kept(path: Path, furniture: str) -> None:
    assert furniture not in clean_text(path.read_text(encoding="utf-8")).text


def test_none_of_the_49_cuts_is_left_inside_a_sentence() -> None:
    raw = next(path for path in SEEDS if path.name.startswith("001")).read_text(encoding="utf-8")
    markers = list(re.finditer(r"\n\n(\d+)、", raw))
    assert [int(m[1]) for m in markers] == list(range(1, 50))
    clean = clean_text(raw)
    for marker in markers[1:]:
        start, end = clean.clean_span(marker.start() - 4, marker.end() + 4)
        joined = clean.text[start:end]
        assert "\n" not in joined
        assert f"{marker[1]}、" not in joined
    assert "奖补资金4829万元" in clean.text
    assert "“3+4”对口贯通培养" in clean.text
    assert "建设现代学校制度试点" in clean.text


def test_spliced_domains_of_a_real_document_are_gone() -> None:
    raw = next(path for path in SEEDS if path.name.startswith("002")).read_text(encoding="utf-8")
    assert raw.count("5909.com") == 3
    assert "5909" not in clean_text(raw).text
