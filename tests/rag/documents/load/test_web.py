"""Web pages: what of them is text, how it is written, and what they tell of themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.documents.load import load_document
from rag.documents.load.builder import TextBuilder
from rag.documents.load.web.page import write_page
from rag.errors import DocumentError, DocumentFormatError, DocumentTooLargeError
from rag.schema.documents import Document
from tests.support.formats.container_files import epub_of, message_of

PROSE = "海州市全年新建学校12所，投入资金3.4亿元，新增学位5600个，比上年增长8.2%。"
MENU = "<a href='/a/'>首页</a> <a href='/b/'>政务公开</a> <a href='/c/'>办事服务</a> <a href='/d/'>互动交流</a>"


def text_of(body: str, head: str = "") -> str:
    builder = TextBuilder("a.html")
    write_page(f"<html><head>{head}</head><body>{body}</body></html>".encode(), builder, name="a.html")
    return builder.text


def load(folder: Path, content: bytes, name: str = "a.html") -> Document:
    (folder / name).write_bytes(content)
    return load_document(folder / name, max_bytes=10_000_000)


# What is text


@pytest.mark.parametrize(
    "furniture",
    [
        f"<div>{MENU}</div>",
        f"<nav>{MENU}</nav>",
        "<script>var a = '不要';</script>",
        "<style>p { color: red }</style>",
        "<div style='display: none'>不要的文字。</div>",
        "<p hidden>不要的文字。</p>",
        "<div aria-hidden='true'>不要的文字。</div>",
        "<div class='page-sidebar'>不要的文字。</div>",
        "<form><label>订阅邮件</label><input></form>",
        "<button>分享</button><select><option>字号</option></select>",
        "<!-- 不要 --><template><p>不要的文字。</p></template>",
        "<h3>相关阅读</h3><ul><li><a href='/1.html'>甲的通知</a></li><li><a href='/2.html'>乙的通知</a></li></ul>",
        "<p>版权所有：海州市人民政府 海ICP备12345号</p>",
    ],
)
def test_what_stands_around_the_text_is_left_out(furniture: str) -> None:
    assert text_of(f"<p>{PROSE}</p>{furniture}") == f"{PROSE}\n"


def test_short_paragraphs_a_signature_and_attachments_of_a_notice_stay() -> None:
    page = (
        f"<div>{MENU}</div><div><h1>关于放假的通知</h1><div><p>各学校：</p><p>{PROSE}</p><p>特此通知。</p>"
        "<p>海州市教育局</p><p>2031年5月6日</p><p><a href='/f/1.doc'>附件1：申报表.doc</a></p>"
        "<p><a href='/f/2.xls'>附件2：名单.xls</a></p></div></div>"
    )
    assert text_of(page).splitlines() == [
        *("关于放假的通知", "各学校：", PROSE, "特此通知。", "海州市教育局", "2031年5月6日"),
        *("附件1：申报表.doc", "附件2：名单.xls"),
    ]


def test_a_class_that_half_of_the_text_has_names_no_furniture() -> None:
    assert text_of(f"<div class='share-page'><p>{PROSE}</p></div><p>2031年5月6日</p>") == f"{PROSE}\n2031年5月6日\n"


def test_two_short_sentences_beside_many_links_are_the_text() -> None:
    links = "".join(f"<li><a href='/{n}.html'>关于第{n}号工程的通知</a></li>" for n in range(20))
    assert (
        text_of(f"<div><p>明日停水。</p><p>请储水。</p></div><div><ul>{links}</ul></div>") == "明日停水。\n请储水。\n"
    )


def test_of_a_page_of_links_alone_the_links_are_the_text() -> None:
    links = "".join(f"<li><a href='/{n}.html'>第{n}号通知</a></li>" for n in range(3))
    assert text_of(f"<h1>通知</h1><ul>{links}</ul>") == "通知\n第0号通知\n第1号通知\n第2号通知\n"


def test_a_list_of_links_that_a_sentence_announces_is_text() -> None:
    links = "<ul><li><a href='/1.html'>甲类补贴</a></li><li><a href='/2.html'>乙类补贴</a></li></ul>"
    page = f"<p>{PROSE}</p><p>可以申请的补贴有以下几种：</p>{links}<p>相关链接：</p>{links}"
    assert text_of(page).splitlines() == [PROSE, "可以申请的补贴有以下几种：", "甲类补贴", "乙类补贴"]


def test_a_heading_above_links_stays_where_text_follows_them() -> None:
    links = "<ul><li><a href='/1.html'>甲类补贴</a></li><li><a href='/2.html'>乙类补贴</a></li></ul>"
    page = f"<h2>补贴</h2>{links}<p>{PROSE}</p><h2>更多</h2>{links}"
    assert text_of(page).splitlines() == ["补贴", PROSE]


def test_a_form_around_the_whole_page_is_no_furniture() -> None:
    assert text_of(f"<form><input type=hidden value=x><div>{PROSE}</div></form>") == f"{PROSE}\n"


# How it is written


def test_lists_keep_their_numbers() -> None:
    ordered = "<ol start=3><li>登记</li><li><p>缴费</p><p>可以网上缴。</p></li><li>（五）领证</li></ol>"
    assert text_of(f"{ordered}<ul><li>带身份证</li></ul>").splitlines() == [
        "3. 登记",
        "4. 缴费",
        "可以网上缴。",
        "（五）领证",
        "带身份证",
    ]


def test_headings_have_their_level_below_the_title() -> None:
    builder = TextBuilder("a.html")
    page = "<title>年报</title><h1>年报</h1><h1>一、工作</h1><h3>（一）学校</h3><p>新建12所。</p>"
    write_page(page.encode(), builder, name="a.html")
    headings = [(builder.text[each.start : each.end], each.number) for each in builder.blocks]
    assert headings == [("年报", 1), ("一、工作", 2), ("（一）学校", 3)]


def test_a_table_carries_its_headers_and_merged_cells() -> None:
    table = (
        "<table><caption>2031年学位（个）</caption><thead><tr><th rowspan=2>市</th><th colspan=2>学位</th></tr>"
        "<tr><th>小学</th><th>初中</th></tr></thead>"
        "<tr><td rowspan=2>海州市</td><td>460</td><td>330</td></tr><tr><td>610</td><td>480</td></tr></table>"
    )
    assert text_of(table).splitlines() == [
        "2031年学位（个）",
        "市：海州市｜学位 小学：460｜学位 初中：330",
        "市：海州市｜学位 小学：610｜学位 初中：480",
    ]


def test_a_table_that_lays_out_a_page_is_none() -> None:
    page = f"<table><tr><td>{MENU}</td></tr></table><table><tr><td><p>{PROSE}</p><p>完</p></td></tr></table>"
    assert text_of(page) == f"{PROSE}\n完\n"


def test_terms_stand_before_what_they_mean() -> None:
    assert text_of("<dl><dt>发文机关</dt><dd>海州市人民政府</dd><dt>文号：</dt><dd>海政〔2031〕5号</dd></dl>") == (
        "发文机关：海州市人民政府\n文号：海政〔2031〕5号\n"
    )


def test_breaks_and_wraps_of_the_source() -> None:
    assert (
        text_of("<p>新建学\n校12所。<br>投入3亿元。</p><p>two\nwords</p>") == "新建学校12所。\n投入3亿元。\ntwo words\n"
    )


def test_marks_of_notes_and_readings_do_not_run_into_the_text() -> None:
    reading = "<ruby>區<rp>(</rp><rt>qū</rt><rp>)</rp></ruby>"
    page = f"<p>人口<sup><a href='#n1'>[1]</a></sup>1761.48万，地{reading}，10<sup>4</sup>亩。</p>"
    assert text_of(page) == "人口1761.48万，地區，104亩。\n"


def test_preformatted_text_is_put_together_where_it_was_wrapped() -> None:
    lines = [PROSE[:20], PROSE[20:40], "", "cd /srv", "make"]
    assert text_of(f"<pre>{chr(10).join(lines)}</pre>").splitlines() == [PROSE[:20], PROSE[20:40], "cd /srv", "make"]


def test_pictures_are_counted() -> None:
    builder = TextBuilder("a.html")
    _, notes = write_page(f"<p>{PROSE}<img src=a.jpg></p><p><img src=b.jpg></p>".encode(), builder, name="a.html")
    assert notes == ("2 pictures are not read.",)


# What a page tells of itself


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>海州市渔港管理办法_海州市人民政府</title>", "", "海州市渔港管理办法"),
        ("<title>渔港 | 海州市</title>", "<h1>海州市渔港管理办法</h1>", "渔港"),
        ("<title>海州市渔港管理办法</title>", "<h1>海州市政府网</h1><h2>海州市渔港管理办法</h2>", "海州市渔港管理办法"),
        ("<meta property='og:title' content='渔港的办法'><title>x</title>", "", "渔港的办法"),
        ("<meta name='ArticleTitle' content='渔港的办法'><title>首页</title>", "", "渔港的办法"),
        ("<title>政府 - 渔港办法</title><meta name=SiteName content=政府>", "", "渔港办法"),
        ("", "<h1>渔港办法</h1>", "渔港办法"),
    ],
)
def test_the_title_is_the_first_line_without_the_sites_name(head: str, body: str, title: str) -> None:
    assert text_of(f"{body}<p>{PROSE}</p>", head).splitlines()[0] == title


def test_date_and_source_are_told_where_the_text_does_not_show_them() -> None:
    metas = "<meta name=PubDate content='2031-05-06 10:00'><meta name=ContentSource content=海州日报>"
    head = f"<title>渔港办法</title>{metas}"
    assert text_of(f"<p>{PROSE}</p>", head).splitlines()[1] == "发布日期：2031-05-06 10:00　来源：海州日报"
    shown = text_of(f"<p>时间：2031-05-06 来源：海州日报</p><p>{PROSE}</p>", head)
    assert shown == f"渔港办法\n时间：2031-05-06 来源：海州日报\n{PROSE}\n"


def test_the_line_of_the_date_between_title_and_text_stays() -> None:
    page = (
        f"<div>{MENU}</div><div><h1>渔港办法</h1></div><div>2031年5月6日 <a href='/x/'>打印</a></div>"
        f"<div><p>{PROSE}</p><p>{PROSE}完。</p></div><div>{MENU}</div>"
    )
    assert text_of(page).splitlines() == ["渔港办法", "2031年5月6日 打印", PROSE, f"{PROSE}完。"]


# Encodings


@pytest.mark.parametrize(
    ("declared", "encoding", "named"),
    [
        ("gb2312", "gb18030", "gb18030"),
        ("utf-8", "gb18030", "gb18030"),
        ("iso-8859-1", "utf-8", "utf-8"),
        ("big5", "big5", "big5"),
        ("nonsense", "utf-8", "utf-8"),
    ],
)
def test_the_encoding_that_a_page_names_is_believed_where_it_fits(
    tmp_path: Path, declared: str, encoding: str, named: str
) -> None:
    page = f"<html><head><meta charset={declared}></head><body><p>新建學校12所</p></body></html>"
    document = load(tmp_path, page.encode(encoding))
    assert (document.text, document.encoding) == ("新建學校12所\n", named)


# Pages that do harm


@pytest.mark.parametrize(
    ("content", "kind", "message"),
    [
        (b"PK\x03\x04" + b"x" * 100, DocumentFormatError, "a.html is a ZIP container"),
        (b"<p>a" * 300_000, DocumentTooLargeError, "a.html has more than 250,000 elements"),
        (b"<div>" * 50_000 + "甲".encode(), DocumentFormatError, "a.html has elements nested thousands deep"),
        (b"<table>" + b"<tr><td rowspan=65000>1</td><td>2</td></tr>" * 5000, DocumentTooLargeError, "1,000,000 cells"),
        (b"<html><body><script>1</script></body></html>", DocumentFormatError, "a.html is empty"),
    ],
    ids=["archive", "elements", "depth", "cells", "nothing"],
)
def test_a_page_that_cannot_be_read_is_refused_in_words(
    tmp_path: Path, content: bytes, kind: type[DocumentError], message: str
) -> None:
    with pytest.raises(kind, match=message):
        load(tmp_path, content)


def test_elements_deep_in_one_another_are_read_without_their_form(tmp_path: Path) -> None:
    page = "<p>" + "<font>新建学校12所。" * 900 + "</p>"
    assert load(tmp_path, page.encode()).text == "新建学校12所。" * 900 + "\n"


def test_entities_of_other_files_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("SECRET", encoding="utf-8")
    page = f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]><html><body><p>甲&x;</p></body></html>'
    assert "SECRET" not in load(tmp_path, page.encode(), "a.xhtml").text


# Books and saved pages


def test_the_chapters_of_a_book_are_read_in_order_and_are_one_part(tmp_path: Path) -> None:
    chapters = {
        "b.xhtml": "<html><body><h1>教育</h1><p>新建学校12所。</p></body></html>",
        "a.xhtml": "<p>新建医院3家。</p>",
    }
    document = load(tmp_path, epub_of("海州年鉴2031", chapters), "a.epub")
    assert document.text == "海州年鉴2031\n教育\n新建学校12所。\n新建医院3家。\n"
    members = [(each.name, document.text[each.start : each.end]) for each in document.blocks if each.kind == "member"]
    assert members == [("OEBPS/b.xhtml", "教育\n新建学校12所。\n"), ("OEBPS/a.xhtml", "新建医院3家。\n")]


def test_a_saved_page_is_read_as_a_page(tmp_path: Path) -> None:
    page = f"<html><head><title>渔港办法</title></head><body><div>{MENU}</div><p>{PROSE}</p></body></html>"
    assert load(tmp_path, message_of(page, subtype="html"), "a.mht").text == f"渔港办法\n{PROSE}\n"
    with pytest.raises(DocumentFormatError, match=r"b\.mht holds no page"):
        load(tmp_path, message_of("甲"), "b.mht")
