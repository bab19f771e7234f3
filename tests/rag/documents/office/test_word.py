"""Word documents: what a reader of the printed page sees, and nothing else."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from rag.documents.chunk import chunk_document
from rag.documents.load import Extracted, load_document
from rag.documents.load.office.word.loader import WordLoader
from rag.schema.documents import Document
from tests.support.office.open_xml import cell, lists, p, style, table, word_of, zip_of

STYLES = (
    style("a", "Normal", default=True)
    + style("1", "heading 1")
    + style("berschrift2", "heading 2", based_on="a")
    + style("own", "公文一级", based_on="1")
    + style("level", "条标题", properties='<w:outlineLvl w:val="2"/>')
    + style("t", "Title")
    + style("toc1", "toc 1")
    + style("secret", "内部批注", run="<w:vanish/>")
    + style("cap", "caption")
)


@pytest.fixture
def read(tmp_path: Path):
    def read(body: str, **given: object) -> Extracted:
        path = tmp_path / "报告.docx"
        path.write_bytes(word_of(body, **given))
        return WordLoader().extract(path, max_bytes=10_000_000)

    return read


def headings(extracted: Extracted) -> list[tuple[int, str]]:
    return [(b.number, extracted.text[b.start : b.end]) for b in extracted.blocks if b.kind == "heading"]


def numbered(n: str = "1", level: int = 0) -> str:
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{n}"/></w:numPr>'


# ---------------------------------------------------------------- headings


def test_headings_are_told_by_their_style_whatever_its_id_and_its_name(read):
    body = (
        p("工作情况", style="1")
        + p("学校", style="berschrift2")
        + p("下一步", style="own")
        + p("第一条", style="level")
        + p("新建学校12所。")
        + p("附件", properties='<w:outlineLvl w:val="0"/>')
        + p("正文", style="1", properties='<w:outlineLvl w:val="9"/>')
    )
    read = read(body, parts={"styles": STYLES})
    assert headings(read) == [(1, "工作情况"), (2, "学校"), (1, "下一步"), (3, "第一条"), (1, "附件")]
    assert read.text.splitlines()[-1] == "正文"


def test_a_heading_that_runs_into_its_paragraph_is_a_paragraph(read):
    read = read(p("学校建设。新建学校12所。", style="1"), parts={"styles": STYLES})
    assert (read.text, read.blocks) == ("学校建设。新建学校12所。\n", ())


def test_a_circle_of_styles_is_no_heading(read):
    circle = style("x", "甲", based_on="y") + style("y", "乙", based_on="x")
    assert headings(read(p("一", style="x"), parts={"styles": circle})) == []


def test_the_title_by_style_is_that_of_the_document(tmp_path):
    body = (
        p("海政发〔2031〕5号")
        + p("海州市教育局", style="t")
        + p("二〇三一年教育要闻", style="t")
        + p("新建学校12所。")
        + p("另一则", style="t")
        + p("完。")
    )
    path = tmp_path / "x.docx"
    path.write_bytes(word_of(body, parts={"styles": STYLES}))
    chunked = chunk_document(load_document(path, max_bytes=10_000_000), passage_chars=200)
    assert [part.title for part in chunked.parts] == ["海州市教育局二〇三一年教育要闻"]
    assert [passage.heading for passage in chunked.passages][-1] == ("另一则",)


def test_a_title_behind_sentences_heads_no_document(tmp_path):
    path = tmp_path / "x.docx"
    path.write_bytes(
        word_of(p("海州市工作总结") + p("新建学校12所。") + p("附录", style="t"), parts={"styles": STYLES})
    )
    assert chunk_document(load_document(path, max_bytes=10**6), passage_chars=200).parts[0].title == "海州市工作总结"


def test_a_table_of_contents_is_no_content(read):
    field = (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> TOC \\o "1-3" </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>一、总则</w:t><w:tab/><w:t>3</w:t></w:r></w:p>'
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGEREF _1</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>二、附则 7</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p><w:p><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )
    control = (
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
        f"<w:sdtContent>{p('目录')}{p('一、总则 3')}</w:sdtContent></w:sdt>"
    )
    body = field + control + p("一、总则	3", style="toc1") + p("一、总则") + p("本办法自发布之日起施行。")
    assert read(body, parts={"styles": STYLES}).text == "一、总则\n本办法自发布之日起施行。\n"


# ---------------------------------------------------------------- changes, fields and what is told twice


def test_changes_are_as_if_accepted(read):
    body = (
        "<w:p><w:r><w:t>计划招收新生</w:t></w:r><w:ins><w:r><w:t>1200</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>900</w:delText></w:r></w:del><w:r><w:t>人。</w:t></w:r></w:p>"
        "<w:p><w:moveFrom><w:r><w:t>旧处。</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>新处。</w:t></w:r></w:moveTo></w:p>"
        "<w:p><w:ins><w:del><w:r><w:t>写了又删。</w:t></w:r></w:del></w:ins></w:p>"
    )
    assert read(body).text == "计划招收新生1200人。\n新处。\n"


def test_a_paragraph_whose_end_was_deleted_goes_on_in_the_next_one(read):
    body = p("新建学校", mark="<w:del/>") + p("", mark="<w:del/>") + p("12所。") + p("完。", mark="<w:ins/>")
    assert read(body).text == "新建学校12所。\n完。\n"


def test_deleted_rows_and_cells_are_gone(read):
    rows = (
        f"<w:tr>{cell('县')}{cell('学校')}</w:tr><w:tr><w:trPr><w:ins/></w:trPr>{cell('甲县')}{cell('12')}</w:tr>"
        f"<w:tr><w:trPr><w:del/></w:trPr>{cell('乙县')}{cell('9')}</w:tr>"
        f"<w:tr>{cell('丙县')}<w:tc><w:tcPr><w:cellDel/></w:tcPr>{p('1')}</w:tc>{cell('7')}</w:tr>"
    )
    assert read(f"<w:tbl>{rows}</w:tbl>").text == "县：甲县｜学校：12\n县：丙县｜学校：7\n"


def test_of_alternatives_one_is_read(read):
    box = "<w:txbxContent>{}</w:txbxContent>"
    body = (
        "<w:p><w:r><w:t>正文。</w:t></w:r><w:r><mc:AlternateContent>"
        f'<mc:Choice Requires="wps"><w:drawing><wps:txbx>{box.format(p("附注。"))}</wps:txbx></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:textbox>{box.format(p('附注。'))}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
        "<w:p><w:r><mc:AlternateContent><mc:Choice Requires='x'><x/></mc:Choice>"
        "<mc:Fallback><w:t>旧程序看到的。</w:t></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert read(body).text == "正文。\n附注。\n旧程序看到的。\n"


def test_of_fields_the_result_is_read(read):
    def field(instruction: str, result: str) -> str:
        separate = f'<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>{result}</w:t></w:r>' if result else ""
        return (
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
            f"<w:r><w:instrText>{instruction}</w:instrText></w:r>{separate}"
            '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        )

    circled = "eq \\o\\ac(○,3)"
    body = (
        f"<w:p>{field('REF _1', '第三条')}<w:r><w:t>规定，</w:t></w:r>"
        f'<w:hyperlink r:id="r9"><w:r><w:t>办法</w:t></w:r></w:hyperlink>'
        f'<w:fldSimple w:instr="DATE"><w:r><w:t>2031年</w:t></w:r></w:fldSimple></w:p>'
        f"<w:p>{field(circled, '')}<w:r><w:t>新建学校。</w:t></w:r></w:p>"
        f"<w:p>{field('IF <w:t>1</w:t> = 1', '是')}</w:p>"
    )
    assert read(body).text == "第三条规定，办法2031年\n③新建学校。\n是\n"


def test_a_field_that_never_ends_swallows_nothing(read):
    body = '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC</w:instrText></w:r></w:p>' + p(
        "在。"
    )
    assert read(body).text == "在。\n"


def test_hidden_text_is_left_out(read):
    body = (
        p("秘密", run="<w:vanish/>")
        + p("内部", style="secret")
        + p("公开。", run='<w:vanish w:val="0"/>')
        + p("也公开。", style="secret", run='<w:vanish w:val="false"/>')
    )
    assert read(body, parts={"styles": STYLES}).text == "公开。\n也公开。\n"


def test_headers_footers_and_comments_are_left_out(read):
    parts = {"header": p("页眉"), "footer": p("页脚"), "comments": f'<w:comment w:id="1">{p("批注")}</w:comment>'}
    body = '<w:p><w:r><w:t>正文。</w:t></w:r><w:r><w:commentReference w:id="1"/></w:r></w:p>'
    assert read(body, parts=parts).text == "正文。\n"


# ---------------------------------------------------------------- runs


def test_signs_inside_a_paragraph(read):
    body = (
        "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>甲</w:t><w:tab/><w:t>乙\u00ad丙</w:t><w:softHyphen/>"
        "<w:t>2030</w:t><w:noBreakHyphen/><w:t>2031</w:t></w:r></w:p>"
        "<w:p><w:r><w:t>第一行</w:t><w:br/><w:t>第二行</w:t></w:r></w:p>"
    )
    assert read(body).text == "甲\t乙丙2030-2031\n第一行\n第二行\n"


def test_symbols_are_what_they_look_like_and_lost_ones_are_noted(read):
    def sym(font: str, code: str) -> str:
        return f'<w:r><w:sym w:font="{font}" w:char="{code}"/></w:r>'

    body = (
        f"<w:p>{sym('Wingdings', 'F0FE')}{sym('Wingdings 2', 'F052')}{sym('Symbol', 'F061')}{sym('Arial', '2264')}"
        f"{sym('Wingdings', 'F082')}{sym('Webdings', 'F061')}{sym('Symbol', 'ZZ')}</w:p>"
    )
    read = read(body)
    assert read.text == "☑☑α≤②\ufffd\ufffd\n"
    assert read.notes == ("Symbols of fonts of their own that could not be read: 2.",)


def test_of_ruby_the_base_is_read(read):
    above, base = "<w:r><w:t>qū</w:t></w:r>", "<w:r><w:t>区</w:t></w:r>"
    body = f"<w:p><w:r><w:ruby><w:rt>{above}</w:rt><w:rubyBase>{base}</w:rubyBase></w:ruby></w:r></w:p>"
    assert read(body).text == "区\n"


def test_a_formula_is_its_characters_in_a_row(read):
    body = (
        "<w:p><w:r><w:t>增速=</w:t></w:r><m:oMath><m:f><m:num><m:r><m:t>a</m:t></m:r></m:num>"
        "<m:den><m:r><m:t>b</m:t></m:r></m:den></m:f></m:oMath></w:p>"
    )
    assert read(body).text == "增速=a/b\n"


# ---------------------------------------------------------------- notes and boxes


def test_notes_stand_behind_the_paragraph_that_refers_to_them(read):
    notes = (
        f'<w:footnote w:id="0" w:type="separator">{p("----")}</w:footnote>'
        f'<w:footnote w:id="1">{p(" 不含民办学校。")}</w:footnote><w:footnote w:id="2">{p("See annex.")}</w:footnote>'
    )
    ends = f'<w:endnote w:id="1">{p("初步统计。")}</w:endnote>'
    body = (
        '<w:p><w:r><w:t>新建学校12所</w:t></w:r><w:r><w:footnoteReference w:id="1"/></w:r>'
        "<w:r><w:t>。</w:t></w:r></w:p>"
        '<w:p><w:r><w:t>投入3亿元。</w:t><w:footnoteReference w:id="2"/><w:endnoteReference w:id="1"/>'
        '<w:footnoteReference w:id="9"/></w:r></w:p>'
    )
    assert read(body, parts={"footnotes": notes, "endnotes": ends}).text == (
        "新建学校12所。\n注1：不含民办学校。\n投入3亿元。\nNote 2: See annex.\n注1：初步统计。\n"
    )


def test_a_text_box_stands_behind_its_paragraph_and_may_hold_anything(read):
    inner = f"<w:r><w:pict><v:textbox><w:txbxContent>{p('里层。')}</w:txbxContent></v:textbox></w:pict></w:r>"
    box = f"{p('要点', style='1')}<w:p><w:r><w:t>外层。</w:t></w:r>{inner}</w:p>{table(['县', '学校'], ['甲县', '12'])}"
    body = (
        f"<w:p><w:r><w:t>正文</w:t><w:pict><v:textbox><w:txbxContent>{box}</w:txbxContent></v:textbox></w:pict>"
        "<w:t>完。</w:t></w:r></w:p>"
    )
    read = read(body, parts={"styles": STYLES})
    assert read.text == "正文完。\n要点\n外层。\n里层。\n县：甲县｜学校：12\n"
    assert headings(read) == [(1, "要点")]


# ---------------------------------------------------------------- numbers of lists


def test_numbers_are_shown_as_the_list_says(read):
    levels = lists(
        ("chineseCountingThousand", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%3."), ("decimal", "%1.%2.%4")
    )
    body = "".join(
        p(text, properties=numbered(level=level))
        for text, level in (("总则", 0), ("目的", 1), ("依据", 1), ("国法", 2), ("细则", 0), ("范围", 1), ("深", 3))
    )
    assert read(body, parts={"numbering": levels}).text.splitlines() == [
        "一、总则",
        "（一）目的",
        "（二）依据",
        "1. 国法",
        "二、细则",
        "（一）范围",
        "二.一.1 深",
    ]


@pytest.mark.parametrize(
    ("kind", "template", "shown"),
    [
        ("chineseCounting", "第%1条", "第一条 学校"),
        ("decimalEnclosedCircle", "%1", "① 学校"),
        ("decimalEnclosedCircleChinese", "%1", "① 学校"),
        ("ideographTraditional", "%1、", "甲、学校"),
        ("chineseLegalSimplified", "%1、", "壹、学校"),
        ("upperRoman", "%1.", "I. 学校"),
        ("lowerLetter", "(%1)", "(a) 学校"),
        ("decimalZero", "%1", "01 学校"),
        ("none", "附件：", "附件：学校"),
        ("bullet", "\uf0b7", "学校"),
    ],
)
def test_a_number_is_shown_in_its_way(read, kind, template, shown):
    body = p("学校", properties=numbered())
    assert read(body, parts={"numbering": lists((kind, template))}).text == f"{shown}\n"


def test_a_number_in_digits_may_be_asked_of_levels_that_count_otherwise(read):
    levels = (
        '<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/>'
        '<w:lvlText w:val="第%1章"/></w:lvl><w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:isLgl/>'
        '<w:suff w:val="nothing"/><w:lvlText w:val="%1.%2"/></w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
    )
    body = p("总则", properties=numbered()) + p("目的", properties=numbered(level=1))
    assert read(body, parts={"numbering": levels}).text == "第一章 总则\n1.1目的\n"


def test_a_list_that_says_so_begins_anew_and_others_go_on(read):
    restart = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    levels = lists(("decimal", "%1."), overrides={"2": restart, "3": ""})
    body = "".join(
        p(text, properties=numbered(n)) for text, n in (("甲", "1"), ("乙", "1"), ("丙", "2"), ("丁", "2"), ("戊", "3"))
    )
    assert read(body, parts={"numbering": levels}).text.splitlines() == ["1. 甲", "2. 乙", "1. 丙", "2. 丁", "3. 戊"]


def test_a_level_may_go_on_counting_under_the_next_one_above(read):
    levels = lists(("decimal", "第%1章"), ("decimal", "第%2条"), extra='<w:lvlRestart w:val="0"/>')
    items = (("总则", 0), ("目的", 1), ("附则", 0), ("施行", 1))
    body = "".join(p(text, properties=numbered(level=level)) for text, level in items)
    assert read(body, parts={"numbering": levels}).text.splitlines() == [
        "第1章 总则",
        "第1条 目的",
        "第2章 附则",
        "第2条 施行",
    ]


def test_a_style_brings_its_numbers_and_a_paragraph_may_refuse_them(read):
    styles = style("1", "heading 1", properties='<w:numPr><w:numId w:val="1"/></w:numPr>') + style(
        "2", "heading 2", properties='<w:numPr><w:numId w:val="1"/></w:numPr>'
    )
    levels = lists(("chineseCounting", "%1、"), ("chineseCounting", "（%2）"))
    levels = levels.replace('w:ilvl="1">', 'w:ilvl="1"><w:pStyle w:val="2"/>')
    body = (
        p("总则", style="1")
        + p("目的", style="2")
        + p("无号", style="1", properties='<w:numPr><w:numId w:val="0"/></w:numPr>')
        + p("附则", style="1")
    )
    read = read(body, parts={"styles": styles, "numbering": levels})
    assert headings(read) == [(1, "一、总则"), (2, "（一）目的"), (1, "无号"), (1, "二、附则")]


def test_a_list_may_borrow_that_of_a_style(read):
    styles = (
        '<w:style w:type="numbering" w:styleId="L"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    )
    levels = lists(("decimal", "%1）")).replace(
        "<w:num ", '<w:abstractNum w:abstractNumId="8"><w:numStyleLink w:val="L"/></w:abstractNum><w:num ', 1
    )
    levels += '<w:num w:numId="5"><w:abstractNumId w:val="8"/></w:num>'
    body = p("甲", properties=numbered("5")) + p("乙", properties=numbered("1"))
    assert read(body, parts={"styles": styles, "numbering": levels}).text == "1）甲\n2）乙\n"


def test_numbers_of_word_s_own_kind_are_read_from_the_plain_one_beside_it(read):
    alternative = (
        '<mc:AlternateContent><mc:Choice Requires="w14"><w:numFmt w:val="custom" w:format="001"/></mc:Choice>'
        '<mc:Fallback><w:numFmt w:val="upperLetter"/></mc:Fallback></mc:AlternateContent>'
    )
    levels = lists(("decimal", "%1."))
    levels = levels.replace('<w:numFmt w:val="decimal"/>', alternative)
    assert read(p("甲", properties=numbered()), parts={"numbering": levels}).text == "A. 甲\n"


# ---------------------------------------------------------------- tables


def test_merged_cells_speak_for_each_row_and_column_that_they_cover(read):
    body = table(
        [cell("市", merge="restart"), cell("资助", columns=2)],
        [cell("", merge="continue"), "等级", "金额"],
        [cell("海州市", merge="restart"), "一等", "460"],
        [cell("", merge="continue"), "其他", "330"],
        ["云岭市", "一等", "610"],
        n_headers=2,
    )
    assert read(body).text.splitlines() == [
        "市：海州市｜资助 等级：一等｜资助 金额：460",
        "市：海州市｜资助 等级：其他｜资助 金额：330",
        "市：云岭市｜资助 等级：一等｜资助 金额：610",
    ]


def test_the_lines_before_a_table_are_its_title_and_unit(read):
    grid = table(["县", "小学", "初中"], ["甲县", "1,200", "330"])
    read = read(p("情况如下。") + p("表3 各县学位") + p("") + p("单位：个") + grid + p("说明。"))
    assert read.text.split() == [
        "情况如下。",
        "表3",
        "各县学位",
        "单位：个",
        "县：甲县｜小学：1,200｜初中：330",
        "说明。",
    ]
    ((level, title),) = headings(read)
    assert (level, title.startswith("表3 各县学位")) == (9, True)


def test_a_lead_a_heading_and_a_sentence_are_no_titles_of_tables(read):
    grid = table(["县", "小学", "初中"], ["甲县", "1,200", "330"])
    read = read(
        p("各县如下：") + grid + p("（二）初中") + grid + p("共三所。") + grid + p("甲", style="1") + grid,
        parts={"styles": STYLES},
    )
    assert headings(read) == [(1, "甲")]


def test_numbers_in_cells_are_shown(read):
    row = [cell(p("", properties=numbered())), "甲县"]
    assert read(table(row, row), parts={"numbering": lists(("decimal", "%1"))}).text == "1｜甲县\n2｜甲县\n"


def test_a_table_in_a_cell_stands_behind_the_outer_one(read):
    inner = table(["县", "学校"], ["甲县", "12"])
    outer = table(["项目", f"<w:tc>{p('说明')}{inner}{p('')}</w:tc>"], ["预算", "10万元"], ["联系人", "略"])
    assert read(outer).text == "项目｜说明\n预算｜10万元\n联系人｜略\n县：甲县｜学校：12\n"


def test_a_table_of_one_column_is_a_frame(read):
    body = table([f"<w:tc>{p('总则', style='1')}{p('新建学校12所。')}{table(['县', '学校'], ['甲县', '12'])}</w:tc>"])
    read = read(body, parts={"styles": STYLES})
    assert read.text == "总则\n新建学校12所。\n县：甲县｜学校：12\n"
    assert headings(read) == [(1, "总则")]


def test_notes_and_boxes_of_cells_stand_behind_the_table(read):
    noted = '<w:tc><w:p><w:r><w:t>12</w:t><w:footnoteReference w:id="1"/></w:r></w:p></w:tc>'
    body = table(["县", "学校"], ["甲县", noted])
    notes = f'<w:footnote w:id="1">{p("估计。")}</w:footnote>'
    assert read(body, parts={"footnotes": notes}).text == "县：甲县｜学校：12\n注1：估计。\n"


def test_content_controls_dissolve_wherever_they_stand(read):
    inner = f"<w:sdt><w:sdtContent>{cell('12')}</w:sdtContent></w:sdt>"
    row = f"<w:sdt><w:sdtPr/><w:sdtContent><w:tr>{cell('甲县')}{inner}</w:tr></w:sdtContent></w:sdt>"
    body = (
        f"<w:sdt><w:sdtContent>{p('正文。')}</w:sdtContent></w:sdt>"
        "<w:p><w:sdt><w:sdtContent><w:r><w:t>2031</w:t></w:r></w:sdtContent></w:sdt><w:r><w:t>年</w:t></w:r></w:p>"
        f"<w:tbl><w:tr>{cell('县')}{cell('学校')}</w:tr>{row}</w:tbl>"
    )
    assert read(body).text == "正文。\n2031年\n县：甲县｜学校：12\n"


# ---------------------------------------------------------------- kinds of files


def test_the_strict_kind_of_files_is_read_too(tmp_path):
    path = tmp_path / "a.docx"
    content = word_of(p("新建学校12所。"))
    for kind in ("wordprocessingml", "officeDocument"):
        old = f"http://schemas.openxmlformats.org/{kind}/2006/" + ("main" if kind.startswith("w") else "relationships")
        new = f"http://purl.oclc.org/ooxml/{kind}/" + ("main" if kind.startswith("w") else "relationships")
        content = _rewritten(content, old.encode(), new.encode())
    path.write_bytes(content)
    assert WordLoader().extract(path, max_bytes=10**6).text == "新建学校12所。\n"


def _rewritten(content: bytes, old: bytes, new: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return zip_of({name: archive.read(name).replace(old, new) for name in archive.namelist()})


def test_pictures_that_are_left_out_are_noted(read):
    picture = '<w:p><w:r><w:drawing><a:blip r:embed="r1"/></w:drawing></w:r></w:p>'
    assert read(p("正文。") + picture * 2).notes == ("Pictures left out: 2.",)


def test_what_a_quote_cites_stands_in_the_text(tmp_path):
    path = tmp_path / "a.docx"
    body = p("工作情况", style="1") + p("　　新建 学校12所，投入3.4亿元。")
    path.write_bytes(word_of(body, parts={"styles": STYLES}))
    document: Document = load_document(path, max_bytes=10**6)
    passage = chunk_document(document, passage_chars=200).passages[-1]
    assert passage.heading == ("工作情况",)
    sentence = passage.sentences[-1]
    assert document.text[sentence.start : sentence.end] == "新建 学校12所，投入3.4亿元。"
