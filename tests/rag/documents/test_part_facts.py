"""What a document says of itself: the surer level goes first, and what none tells stays empty."""

from __future__ import annotations

import pytest

from rag.documents.chunk import chunk_document
from rag.documents.issuer import complete_issuer
from rag.documents.opening import find_title, opening_lines
from rag.documents.part_facts import PartFacts, describe_part
from rag.schema.documents import Document

BODY = "今年修路12公里。云岭市架桥。" * 9


def facts(text: str, source: str = "a.txt", headings: tuple[str, ...] = ()) -> PartFacts:
    return describe_part(text, title="", headings=headings, source=source)


def title(text: str, source: str = "a.txt") -> str:
    return find_title(opening_lines(text), source)


# ---------------------------------------------------------------- titles


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        ("下载\n打印\n收藏\n【字号：\n减小\n】\n2031年海州市政府工作报告", "2031年海州市政府工作报告"),
        (
            "海州市人民政府关于印发海州市\n渔港管理方案的通知\n海政发〔2031〕1号",
            "海州市人民政府关于印发海州市渔港管理方案的通知",
        ),
        ("海州市人民政府办公室\n关于修建渔港\n的意见", "海州市人民政府办公室关于修建渔港的意见"),
        ("关于全面推行渔船登记制度\n渔船检查制度的指导意见", "关于全面推行渔船登记制度渔船检查制度的指导意见"),
        ("海州市2031年统计公报 | 海州市人民政府\n海州市人民政府\n2032年1月5日", "海州市2031年统计公报"),
        ("渔船补贴申领 — 海州办事\n海州办事指南\n渔船补贴申领", "渔船补贴申领"),
        ("2031 年度\n海州市第一医院\n单位预算公开 目 录\n第一部分 概况", "2031 年度海州市第一医院单位预算公开"),
        ("---\nlayout: page\ntitle: Harbour Rules\n---\n## Scope", "Harbour Rules"),
        ("---\nlayout: page\n---\n# 渔船登记\n## 一、范围", "渔船登记"),
        ("# １．渔船\n## 一、范围", "１．渔船"),
        ("海州市推出渔船登记新举措\n本报记者报道", "海州市推出渔船登记新举措"),
        ("海州市：渔船登记不用跑\n一次办好", "海州市：渔船登记不用跑"),
        ("发布机构：\n海州市渔业局\n海州市渔业局2031年工作要点", "海州市渔业局2031年工作要点"),
        ("渔船登记不用跑，为何？\n今年修路。", "渔船登记不用跑，为何？"),
        ("渔船登记不用跑\n新华社海州2月7日电（记者\n某某）今年修路。", "渔船登记不用跑"),
        ("政府工作报告 ——2031年3月5日在海州市人民代表大会第五次会议上\n各位代表：", "政府工作报告"),
        ("今年修路12公里。", ""),
    ],
)
def test_the_title_is_found_among_the_first_lines(opening: str, expected: str) -> None:
    assert title(f"{opening}\n{BODY}") == expected


def test_a_file_is_called_by_its_name_where_its_text_has_no_title() -> None:
    assert title(BODY, "海州市2024年总结.txt") == "海州市2024年总结"
    assert title(BODY, "scan_0012.txt") == ""
    assert title(f"海州市渔业局2031年工作要点\n{BODY}", "海州市2024年总结.txt") == "海州市渔业局2031年工作要点"


# ---------------------------------------------------------------- places


@pytest.mark.parametrize(
    ("text", "source", "place"),
    [
        (BODY, "海州市2024年总结.txt", "海州市"),
        (f"临川县2031年总结\n{BODY}", "a.txt", "临川县"),
        (f"海州市临川县2031年总结\n{BODY}", "a.txt", "临川县"),
        (f"2031年海州市总结\n{BODY}", "a.txt", "海州市"),
        ("县政府工作总结\n" + "今年修路。", "a.txt", ""),
        ("中华人民共和国渔港条例\n" + "中华人民共和国沿海的渔港，适用本条例。" * 9, "a.txt", ""),
        ("渔港条例\n" + "各省、自治区、直辖市，自治县、自治旗。" * 9, "a.txt", ""),
        ("国务院关于渔港的意见\n" + "杭州市开展试点。" * 9, "a.txt", ""),
        ("名单\n" + "杭州大学\n苏州大学\n南京大学\n" * 9, "a.txt", ""),  # none stands out
        ("总结\n我省修路。" + "浙江修路。" * 4, "a.txt", "浙江"),
        ("总结\n我省修路。" + "浙江修路。" * 4 + "浙江省架桥。", "a.txt", "浙江省"),
        (f"总结\n今年修路，向杭州学习。\n{'今年修路。' * 9}", "hangzhou_2031.docx", "杭州"),
        ("总结\n今年修路。", "hangzhou_2031.docx", ""),  # the text does not say so
    ],
)
def test_the_place_is_that_of_the_surest_level(text: str, source: str, place: str) -> None:
    assert facts(text, source).place == place


def test_a_letter_is_of_the_place_that_signs_it() -> None:
    text = "关于登记渔船的通告\n渔民朋友们，请登记渔船。\n{}\n2031年2月5日\n"
    assert facts(text.format("海州市渔船登记工作领导小组")).place == "海州市"
    assert facts(text.format("渔船登记工作领导小组")).place == ""


def test_a_dateline_is_no_place_of_an_article() -> None:
    assert facts("五部门登记渔船\n新华社杭州2月7日电（记者\n某某）五部门登记渔船。杭州、苏州先行。").place == ""


def test_a_menu_of_cities_is_not_what_a_page_speaks_of() -> None:
    menu = "杭州市\n宁波市\n温州市\n嘉兴市\n湖州市\n"
    assert facts(f"{menu}工作总结\n今年修路。\n{menu}").place == ""
    assert facts(f"{menu}云岭市渔业局工作总结\n今年修路。\n{menu}").place == "云岭市"


# ---------------------------------------------------------------- years and dates


@pytest.mark.parametrize(
    ("opening", "source", "headings", "years"),
    [
        ("2031年政府工作报告", "a.txt", ("一、2030年工作回顾", "二、2031年工作安排"), (2030, 2031)),
        ("2031年政府工作报告", "a.txt", ("一、过去一年工作回顾",), (2030, 2031)),
        ("2031年单位预算", "a.txt", ("三、上年结转", "四、2025年以来的债务"), (2031,)),
        ("政府工作报告", "haizhou_2031_gwr.docx", ("一、2030年工作回顾",), (2030, 2031)),
        ("政府工作报告", "a.txt", ("一、2030年回顾", "二、2031年安排"), (2030, 2031)),
        ("政府工作报告", "a.txt", ("一、2011年以来", "二、2031年安排"), ()),
        ("渔港条例\n2003年9月5日海州市第二届人民代表大会第六次会议通过", "a.txt", (), (2003,)),
        ("渔港条例\n2003年9月5日海州市第二届人民代表大会第六次会议通过", "渔港条例(2031-01-01).md", (), (2031,)),
        ("招标公告\n今天是2012年10月28日\n发布：2031-11-12  作者：宣传处", "a.txt", (), (2031,)),
        ("渔港的答复\n海政函〔2031〕8号", "a.txt", (), (2031,)),
        ("渔港须知", "a.txt", (), ()),
    ],
)
def test_the_years_are_those_of_the_surest_level(
    opening: str, source: str, headings: tuple[str, ...], years: tuple[int, ...]
) -> None:
    assert facts(f"{opening}\n根据《2009年渔港办法》修路12公里。", source, headings).years == years


def test_years_that_a_text_cites_do_not_date_it() -> None:
    assert facts("渔港须知\n今年修路。2003年、2009年、2009年和2011年的办法废止。").years == ()
    assert facts("渔港须知\n今年修路。2009年最好，2009年最多。").years == (2009,)


@pytest.mark.parametrize(
    ("opening", "date"),
    [
        ("海州市渔业公报\n发文日期：\n2032-03-04", "2032-03-04"),
        ("海州市渔业公报\n发布：2032-03-04 作者：宣传处", "2032-03-04"),
        ("渔港条例\n2032年3月4日 海州市人民代表大会常务委员会第六次会议通过", "2032-03-04"),
        ("政府工作报告\n——2032年3月4日在海州市第二届人民代表大会第六次会议上", "2032-03-04"),
        ("會議紀錄\n2032年3月4日星期四\n下午2時開始", "2032-03-04"),
        ("通知\n截至2032年3月4日修路12公里", ""),
        ("通知\n今天是2032年3月4日 星期四", ""),
    ],
)
def test_the_date_is_that_of_publication_adoption_or_meeting(opening: str, date: str) -> None:
    assert facts(f"{opening}\n{BODY}").date == date


def test_a_section_on_the_past_year_is_of_the_year_before_its_report() -> None:
    text = (
        "2031年政府工作报告\n一、过去一年工作回顾\n修路12公里。\n二、今年工作安排\n修路15公里。\n三、保障\n加强领导。\n"
    )
    passages = chunk_document(Document("a.txt", text, "", len(text)), passage_chars=40).passages
    years = {passage.heading[-1]: passage.years for passage in passages if passage.heading}
    assert years == {"一、过去一年工作回顾": (2030,), "二、今年工作安排": (2031,), "三、保障": (2031,)}


# ---------------------------------------------------------------- issuers


@pytest.mark.parametrize(
    ("opening", "issuer"),
    [
        ("渔业公报\n发布机构：\n海州市渔业局", "海州市渔业局"),
        ("海州市渔业局关于修建渔港的通知", "海州市渔业局"),
        ("渔港条例\n2031年3月4日海州市第二届人民代表大会常务委员会第六次会议通过", "海州市人民代表大会常务委员会"),
        ("渔港条例\n2031年3月4日中华人民共和国国务院令第12号公布", "国务院"),
        ("政府工作报告\n2031年3月4日在海州市第二届人民代表大会第六次会议上\n海州市人民政府市长 某某", "海州市人民政府"),
        ("海州市政府工作报告\n来源：海州日报\n现在，我代表市人民政府报告工作", "海州市人民政府"),
        ("渔业公报 | 海州市人民政府", "海州市人民政府"),
        ("来源：\n发布日期：2031-03-04\n渔业公报", ""),
        ("海州市推进渔业发展中心建设条例", ""),
    ],
)
def test_the_issuer_is_the_body_that_acts(opening: str, issuer: str) -> None:
    assert facts(f"{opening}\n今年修路。").issuer == issuer


def test_a_signature_names_the_issuer() -> None:
    assert facts(f"关于修路的通知\n{BODY}\n海州市交通局\n2031年3月4日\n").issuer == "海州市交通局"


def test_only_a_government_is_completed_by_its_place() -> None:
    assert complete_issuer("县人民政府", "临川县") == "临川县人民政府"
    assert complete_issuer("省人民政府", "临川县") == "省人民政府"
    assert complete_issuer("渔业局", "临川县") == "渔业局"
