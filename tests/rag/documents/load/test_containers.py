"""Archives and messages: their members, the parts that these become, and archives that do harm."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile, ZipInfo

import pytest

from rag.documents.chunk import chunk_document
from rag.documents.cleaning.clean import clean_document
from rag.documents.load import load_document
from rag.documents.location import Locator
from rag.documents.view import document_view
from rag.errors import DocumentError, DocumentFormatError, DocumentTooLargeError
from rag.schema.documents import Document
from tests.support.formats.compound_files import compound_of, outlook_message
from tests.support.formats.container_files import message_of, zip_of
from tests.support.pdf_files import pdf_of

HAIZHOU = "海州市2031年教育工作总结\n新建学校12所。\n"
YUNLING = "云岭市2030年教育工作总结\n新建学校8所。\n"
RULE = "渔港由渔政机关管理，本办法自发布之日起施行。"
PAGE = f"<html><head><title>白沙县渔港管理办法</title></head><body><p>{RULE}</p></body></html>"


def load(folder: Path, content: bytes, name: str = "a.zip", *, max_bytes: int = 10_000_000) -> Document:
    (folder / name).write_bytes(content)
    return load_document(folder / name, max_bytes=max_bytes)


def members_of(document: Document) -> list[tuple[str, str]]:
    blocks = (each for each in document.blocks if each.kind == "member")
    return [(each.name, document.text[each.start : each.end]) for each in blocks]


# Members


def test_each_member_is_read_by_the_loader_of_its_ending(tmp_path: Path) -> None:
    content = zip_of({"甲/总结.txt": HAIZHOU.encode(), "b.html": PAGE.encode(), "c.md": "# 丙\n".encode()})
    assert members_of(load(tmp_path, content)) == [
        ("甲/总结.txt", HAIZHOU),
        ("b.html", f"白沙县渔港管理办法\n{RULE}\n"),
        ("c.md", "# 丙\n"),
    ]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("海州市总结.txt".encode("gbk"), "海州市总结.txt"),
        ("海州市总结.txt".encode(), "海州市总结.txt"),
        ("雲嶺縣報告.txt".encode("big5"), "雲嶺縣報告.txt"),
        ("café.txt".encode("cp437"), "café.txt"),
    ],
)
def test_names_without_a_mark_of_their_encoding_are_readable(tmp_path: Path, raw: bytes, shown: str) -> None:
    assert members_of(load(tmp_path, zip_of({raw: HAIZHOU.encode()}))) == [(shown, HAIZHOU)]


def test_a_member_whose_lines_were_wrapped_has_whole_paragraphs(tmp_path: Path) -> None:
    prose = "海州市全年新建学校十二所，投入资金三亿四千万元，新增学位五千六百个，比上年增长百分之八点二，" * 3
    wrapped = "\n".join(prose[at : at + 24] for at in range(0, len(prose), 24))
    assert members_of(load(tmp_path, zip_of({"a.txt": wrapped.encode()}))) == [("a.txt", f"{prose}\n")]


def test_a_member_is_a_part_with_facts_of_its_own(tmp_path: Path) -> None:
    content = zip_of(
        {"一.txt": HAIZHOU.encode(), "云岭市2030年/总结.txt": "新建学校8所。\n".encode(), "b.html": PAGE.encode()}
    )
    document = load(tmp_path, content, "2029年汇编.zip")
    chunked = chunk_document(document, passage_chars=80)
    assert [(part.title, part.place, part.years) for part in chunked.parts] == [
        ("海州市2031年教育工作总结", "海州市", (2031,)),
        ("总结", "", ()),
        ("白沙县渔港管理办法", "白沙县", ()),
    ]
    assert [passage.title for passage in chunked.passages][-1] == "白沙县渔港管理办法"
    view = document_view(document, chunked.parts)
    assert [(item.title, item.level) for item in view.outline if item.level == 1] == [
        (part.title, 1) for part in chunked.parts
    ]


def test_the_name_of_a_member_is_evidence_for_its_facts(tmp_path: Path) -> None:
    document = load(
        tmp_path,
        zip_of({"海州市2031年总结.txt": "新建学校12所。".encode(), "云岭市2030年总结.txt": "新建8所。".encode()}),
    )
    parts = chunk_document(document, passage_chars=80).parts
    assert [(part.place, part.years) for part in parts] == [("海州市", (2031,)), ("云岭市", (2030,))]


def test_members_are_cleaned_apart(tmp_path: Path) -> None:
    document = load(tmp_path, zip_of({f"{n}.txt": f"海州市教育局文件\n第{n}号通知\n".encode() for n in (1, 2)}))
    assert clean_document(document).text == "海州市教育局文件\n第1号通知\n海州市教育局文件\n第2号通知\n"


def test_cleaned_members_keep_their_offsets(tmp_path: Path) -> None:
    document = load(tmp_path, zip_of({"a.txt": HAIZHOU.encode(), "b.html": PAGE.encode(), "c.txt": YUNLING.encode()}))
    for passage in chunk_document(document, passage_chars=80).passages:
        assert document.text[passage.start : passage.end] == passage.text
    clean = clean_document(document)
    assert list(clean.offsets) == sorted(set(clean.offsets))


def test_a_place_is_told_by_member_and_page(tmp_path: Path) -> None:
    pdf = pdf_of([["Haizhou built 12 schools."], ["It will build 3 more."]])
    document = load(tmp_path, zip_of({"a.pdf": pdf, "b.txt": YUNLING.encode()}))
    locator = Locator(document.blocks)

    def label(quote: str) -> str:
        start = document.text.index(quote)
        return locator.location(start, start + len(quote)).label

    assert (label("12"), label("3 more"), label("新建学校8所")) == ("a.pdf · p. 1", "a.pdf · p. 2", "b.txt")


def test_what_is_not_read_is_told(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with ZipFile(stream, "w") as archive:
        for name, content in {
            "a.txt": HAIZHOU,
            "b.exe": "x",
            "c.txt": "",
            "d.html": "\0\1\2",
            "__MACOSX/._a.txt": "x",
        }.items():
            archive.writestr(name, content)
        link = ZipInfo("e.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("f.txt", "甲", ZIP_LZMA)
    document = load(tmp_path, stream.getvalue())
    assert document.text == HAIZHOU
    assert document.notes == (
        "b.exe was not read: files ending in '.exe' are not read",
        "c.txt was not read: it is empty",
        "d.html was not read: d.html is binary, not text. Save it as plain text (UTF-8) and index that.",
        "e.txt was not read: it is a link",
        "f.txt was not read: it is packed by method 14; pack it anew as a plain ZIP archive",
    )


def test_what_a_member_lost_is_told_with_its_name(tmp_path: Path) -> None:
    bad = ("新建学校12所。" * 20).encode("gb18030") + b"\xff"
    assert load(tmp_path, zip_of({"a.txt": bad})).notes == (
        "a.txt: Not readable as gb18030, with U+FFFD in its place: 1 (the first is character 161, in line 1).",
    )


# Archives that do harm


def test_nothing_is_written_outside_and_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    names = ("../../a.txt", "/b.txt", "C:\\x\\c.txt", "..\\d.txt")
    document = load(tmp_path, zip_of({name: f"甲{name[-5]}".encode() for name in names}))
    assert members_of(document) == [("a.txt", "甲a\n"), ("b.txt", "甲b\n"), ("x/c.txt", "甲c\n"), ("d.txt", "甲d\n")]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.zip", "tmp"]


def test_archives_in_archives_are_read_three_deep(tmp_path: Path) -> None:
    content = zip_of({"a.txt": HAIZHOU.encode()})
    for name in ("3.zip", "2.zip"):
        content = zip_of({name: content})
    assert members_of(load(tmp_path, content)) == [("2.zip/3.zip/a.txt", HAIZHOU)]
    deeper = zip_of({"b.txt": YUNLING.encode(), "1.zip": content})
    document = load(tmp_path, deeper)
    assert members_of(document) == [("b.txt", YUNLING)]
    assert "3.zip lies more than 3 files deep" in document.notes[0]


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive, archive.open("a.txt", "w") as file:
        for _ in range(200):
            file.write(b"0" * 1_000_000)
    with pytest.raises(DocumentTooLargeError, match=r"a\.zip holds a file that unpacks to 1,0\d\d times its size"):
        load(tmp_path, stream.getvalue())


def test_all_members_together_have_a_limit_also_in_archives_inside(tmp_path: Path) -> None:
    inner = zip_of({f"{n}.txt": ("甲乙丙丁" * 200).encode() for n in range(3)})
    with pytest.raises(DocumentTooLargeError, match=r"unpacks to more than 12,000 bytes"):
        load(tmp_path, zip_of({f"{n}.zip": inner for n in range(2)}), max_bytes=3000)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no archive", r"a\.zip is no ZIP archive that can be read"),
        (zip_of({"a.txt": HAIZHOU.encode() * 50})[:-30], r"a\.zip is no ZIP archive that can be read"),
        (zip_of({"word/document.xml": b"<x/>"}), r"a\.zip is an Office file\. Let its name end in \.docx\."),
        (zip_of({"b.exe": b"x"}), r"a\.zip holds no file that can be read\. b\.exe was not read"),
        (zip_of({}), r"a\.zip holds no file that can be read\. It is empty\."),
    ],
    ids=["none", "cut", "office", "unread", "empty"],
)
def test_an_archive_without_documents_is_refused_in_words(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(DocumentFormatError, match=message):
        load(tmp_path, content)


def test_a_locked_archive_is_refused_in_words(tmp_path: Path) -> None:
    content = bytearray(zip_of({"a.txt": HAIZHOU.encode()}))
    content[6] |= 1
    content[content.find(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(DocumentFormatError, match=r"a\.txt was not read: it is locked with a password"):
        load(tmp_path, bytes(content))


@pytest.mark.parametrize("start", [b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07"])
def test_archives_of_other_kinds_are_refused_in_words(tmp_path: Path, start: bytes) -> None:
    with pytest.raises(DocumentFormatError, match=r"archive, not text\. Unpack it and index what is in it"):
        load(tmp_path, start + b"\0" * 50, "a.7z")


# Messages


def test_a_message_is_its_headers_its_text_and_its_attachments(tmp_path: Path) -> None:
    content = message_of(
        "各位：\n请查收附件。\n", subject="海州市2031年总结", attachments={"云岭市2030年总结.txt": YUNLING.encode()}
    )
    document = load(tmp_path, content, "a.eml")
    assert document.text == (
        "海州市2031年总结\nFrom: 王五 <wang@example.org>\nTo: li@example.org\nDate: Mon, 03 Mar 2031 10:00:00 +0800\n"
        f"各位：\n请查收附件。\n{YUNLING}"
    )
    assert members_of(document) == [("云岭市2030年总结.txt", YUNLING)]
    parts = chunk_document(document, passage_chars=80).parts
    assert [(part.title, part.place) for part in parts] == [
        ("海州市2031年总结", "海州市"),
        ("云岭市2030年教育工作总结", "云岭市"),
    ]


def test_a_message_of_a_page_alone_is_read_whole(tmp_path: Path) -> None:
    page = "<p>请查收。</p><ul><li><a href='http://a/1.html'>第一份通知</a></li><li><a href='http://a/2.html'>第二份</a></li></ul>"
    text = load(tmp_path, message_of(page, subtype="html"), "a.eml").text
    assert text.splitlines()[4:] == ["请查收。", "第一份通知", "第二份"]


def test_a_message_of_older_systems_is_read(tmp_path: Path) -> None:
    content = "From: 王五\nSubject: 海州市会议通知\n\n明天开会，请带材料。".encode("gbk")
    assert load(tmp_path, content, "a.eml").text == "海州市会议通知\nFrom: 王五\n明天开会，请带材料。\n"


def test_a_message_in_an_archive_keeps_the_names_of_its_attachments(tmp_path: Path) -> None:
    mail = message_of("请查收。", attachments={"b.txt": YUNLING.encode()})
    document = load(tmp_path, zip_of({"m/a.eml": mail}))
    assert [name for name, _ in members_of(document)] == ["m/a.eml", "m/a.eml/b.txt"]


@pytest.mark.parametrize(
    "content",
    [
        b"hello",
        b"From: a\nMIME-Version: 1.0\n"
        + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000)),
        b"From: a\n" + b"Content-Type: message/rfc822\n\n" * 3000,
        b"From: a\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 3000,
    ],
    ids=["none", "deep", "messages", "parts"],
)
def test_a_message_that_does_harm_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DocumentError, match=r"a\.eml"):
        load(tmp_path, content, "a.eml")


def test_a_message_of_outlook_is_its_headers_its_text_and_its_attachments(tmp_path: Path) -> None:
    inside = outlook_message({"0037": "旧信", "1000": "新建3所。"}, attachments={"丙.txt": b"1"}, top=False)
    texts = {
        "0037": "海州市会议",
        "0C1A": "王五",
        "5D01": "wang@example.org",
        "0E04": "李六",
        "1000": "明天开会。\r\n请带材料。",
    }
    content = compound_of(outlook_message(texts, attachments={"云岭市.txt": YUNLING.encode(), "旧信.msg": inside}))
    document = load(tmp_path, content, "a.msg")
    assert document.text == (
        "海州市会议\nFrom: 王五 <wang@example.org>\nTo: 李六\nDate: 2031-03-03 02:00 UTC\n明天开会。\n请带材料。\n"
        f"{YUNLING}旧信\nDate: 2031-03-03 02:00 UTC\n新建3所。\n1\n"
    )
    assert [name for name, _ in members_of(document)] == ["云岭市.txt", "旧信.msg", "旧信.msg/丙.txt"]


@pytest.mark.parametrize(
    ("texts", "text"),
    [
        ({"1013": "<p>明天开会。</p>".encode()}, "Date: 2031-03-03 02:00 UTC\n明天开会。\n"),
        ({"1009": b"LZFu", "0037": "会议"}, "会议\nDate: 2031-03-03 02:00 UTC\n"),
    ],
)
def test_the_text_of_a_message_of_outlook_may_be_a_page(
    tmp_path: Path, texts: dict[str, str | bytes], text: str
) -> None:
    document = load(tmp_path, compound_of(outlook_message(texts)), "a.msg")
    assert document.text == text
    assert document.notes == (
        ("the text was not read: it is in RTF alone; save the message as .eml",) if "1009" in texts else ()
    )


def test_an_old_office_file_is_no_message(tmp_path: Path) -> None:
    with pytest.raises(DocumentFormatError, match=r"a\.msg is an old Office file, but no message"):
        load(tmp_path, compound_of({"WordDocument": b"x"}), "a.msg")
