"""PDF files: their text, their pages, and files that are none."""

import pytest

from rag.documents.cleaning.clean import clean_text
from rag.documents.load import load_document, pdf, pdf_pages
from rag.documents.location import Locator
from rag.errors import DocumentFormatError, DocumentTooLargeError
from tests.support.pdf_files import pdf_of

MOST = 10_000_000
# Lines of 28 Chinese characters, the first of a paragraph indented by two, as GB/T 9704-2012 has them.
_TEXT = """\
云岭县教育局文件
云岭县2030年教育工作总结
一、学校建设
全年新建学校12所，新增学位3400个，完成投资1.25亿元，
— 1 —
====
云岭县教育局文件
同比增长8.2%。其中云岭一中新校区于9月投入使用，可容纳学
生2400人，配备教师186名，建成智慧教室48间，基本满足城区学
生就近入学的需要，义务教育巩固率达到百分之九十九点六，
— 2 —
====
云岭县教育局文件
高中阶段毛入学率达到95.1%。
二、教师队伍
全年招聘教师213名，其中研究生学历57名，交流轮岗教师104
名，培训骨干教师1560人次，教师平均年龄下降到38.6岁。
— 3 —
"""
REPORT = [page.splitlines() for page in _TEXT.split("====\n")]


@pytest.fixture
def put(tmp_path):
    def write(content, name="报告.pdf"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def load(path):
    return load_document(path, max_bytes=MOST)


def test_the_text_is_that_of_the_pages_with_a_form_feed_between(put):
    document = load(put(pdf_of(REPORT)))
    assert document.text == "\n\f".join("\n".join(lines) for lines in REPORT)
    assert (document.source, document.media_type, document.encoding) == ("报告.pdf", "application/pdf", "")


def test_page_furniture_and_broken_lines_go_and_nothing_else(put):
    clean = clean_text(load(put(pdf_of(REPORT))).text)
    assert clean.text == (
        "云岭县2030年教育工作总结\n一、学校建设\n"
        "全年新建学校12所，新增学位3400个，完成投资1.25亿元，同比增长8.2%。其中云岭一中新校区于9月投入使用，可容纳学"
        "生2400人，配备教师186名，建成智慧教室48间，基本满足城区学生就近入学的需要，义务教育巩固率达到百分之九十九点六，"
        "高中阶段毛入学率达到95.1%。\n二、教师队伍\n"
        "全年招聘教师213名，其中研究生学历57名，交流轮岗教师104名，培训骨干教师1560人次，教师平均年龄下降到38.6岁。"
    )
    assert clean_text(clean.text).text == clean.text


def test_a_hyphen_that_only_breaks_a_word_goes(put):
    assert "information" in load(put(pdf_of([["all the infor\u00admation", "of it"]]))).text.replace("\u00ad", "")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "报告.pdf is empty"),
        (b"%PDF-1.7\n1 0 obj", "is no PDF file that can be read"),
        (b"plain words", "is no PDF file that can be read"),
        (pdf_of([[], []]), "has no page with readable text. All of it is blank."),
        (pdf_of(REPORT).replace(b"startxref\n", b"startxref\n9"), None),  # it is found by reading on
    ],
)
def test_what_cannot_be_read_is_refused_in_words(put, content, words):
    path = put(content)
    if words is None:
        assert "云岭县" in load(path).text
        return
    with pytest.raises(DocumentFormatError, match=words):
        load(path)


def test_a_locked_file_is_told_from_a_damaged_one(put):
    # The standard security handler (ISO 32000-1, 7.6.3) with a password that nobody gave.
    key = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >> /ID [<00> <00>]" % (b"41" * 32, b"42" * 32)
    with pytest.raises(DocumentFormatError, match="locked with a password"):
        load(put(pdf_of(REPORT, trailer=key)))


def test_too_many_pages_or_characters_are_refused(put, monkeypatch):
    path = put(pdf_of(REPORT))
    monkeypatch.setattr(pdf_pages, "MAX_PAGES", 2)
    assert list(pdf_pages.read_pages(str(path))) == [{"n_pages": 3}]
    monkeypatch.setattr(pdf_pages, "MAX_PAGES", 3)
    monkeypatch.setattr(pdf_pages, "MAX_CHARS", 100)
    assert list(pdf_pages.read_pages(str(path)))[1:] == [{"too_long": 2}]


@pytest.mark.parametrize(
    ("child", "kind", "words"),
    [
        ("import os; os.abort()", DocumentFormatError, r"can be read \("),
        ("print('{')", DocumentFormatError, r"can be read \("),
        ("raise MemoryError('too much')", DocumentFormatError, "too much"),
        ("import time; time.sleep(60)", DocumentTooLargeError, "page 1 that could not be read in 1 seconds"),
        ("print('{\"n_pages\": 9000}')", DocumentTooLargeError, "9,000 pages; the limit is 5,000"),
        ("print('{\"too_long\": 7}')", DocumentTooLargeError, "20,000,000 characters on page 7"),
    ],
)
def test_a_file_that_breaks_the_library_breaks_nothing_else(put, tmp_path, monkeypatch, child, kind, words):
    script = tmp_path / "child.py"
    script.write_text(child)
    monkeypatch.setattr(pdf, "_CHILD", str(script))
    monkeypatch.setattr(pdf, "SECONDS", 1.0)
    with pytest.raises(kind, match=words):
        load(put(pdf_of(REPORT)))


def test_each_line_has_its_place_on_its_page(put):
    document = load(put(pdf_of(REPORT)))
    lines = [block for block in document.blocks if block.kind == "line"]
    assert [document.text[line.start : line.end] for line in lines] == [line for page in REPORT for line in page]
    locator = Locator(document.blocks)
    second = document.text.index("云岭县2030年")
    # 16 points a character from 90 on, lines 28 points apart from 780 down, on 595 times 842 points
    left, top, right, bottom = locator.location(second, second + 3).box
    assert left == pytest.approx(90 / 595, abs=0.005)
    assert right == pytest.approx((90 + 3 * 13.7) / 595, abs=0.005)
    assert 752 / 842 > 1 - bottom > 735 / 842 > 1 - 0.2
    assert top < 1 - 752 / 842 < bottom
