"""Files of office programs that would harm or mislead: each a clear error, in seconds, and nothing reached."""

from __future__ import annotations

import io
import socket
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.documents.load import load_document
from rag.documents.load.office import package
from rag.errors import DocumentFormatError, DocumentTooLargeError
from tests.support.office.older import old_file
from tests.support.office.open_document import odt_of, op
from tests.support.office.open_xml import cell, frame, p, pptx_of, slide, style, table, word_of, zip_of

MOST = 10_000_000
SUFFIXES = (".docx", ".pptx", ".odt")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def said(tmp_path: Path) -> Callable[[str, bytes], str]:
    """What is said of a file that is refused."""

    def said(name: str, content: bytes, most: int = MOST) -> str:
        (tmp_path / name).write_bytes(content)
        with pytest.raises((DocumentFormatError, DocumentTooLargeError)) as caught:
            load_document(tmp_path / name, max_bytes=most)
        return str(caught.value)

    return said


def made(suffix: str, text: str) -> bytes:
    return {
        ".docx": lambda: word_of(p(text)),
        ".pptx": lambda: pptx_of(slide(frame(text))),
        ".odt": lambda: odt_of(op(text)),
    }[suffix]()


def _unpacked(content: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            yield name, archive.read(name)


def changed(suffix: str, old: bytes, new: bytes, *, compress: bool = False) -> bytes:
    """A file of one line, with something in its parts replaced."""
    parts = {name: part.replace(old, new) for name, part in _unpacked(made(suffix, "@here@"))}
    return zip_of(parts, compress=compress)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_bomb_is_refused_before_it_is_unpacked(said, suffix):
    bomb = changed(suffix, b"@here@", b"x" * 300_000_000, compress=True)
    assert len(bomb) < 1_000_000
    assert said(f"a{suffix}", bomb) == (
        f"a{suffix} unpacks to more than 10,000,000 bytes. Split the file or raise max_file_bytes."
    )


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_small_elements_in_great_numbers_are_refused_before_they_take_memory(said, suffix, monkeypatch):
    monkeypatch.setattr(package, "MOST_MARKS", 1000)
    assert f"a{suffix} holds more than 1,000 elements" in said(f"a{suffix}", changed(suffix, b"@here@", b"<x/>" * 1000))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
        '<!DOCTYPE x [<!ENTITY c SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY c SYSTEM "http://127.0.0.1:1/x">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd" [<!ENTITY c "ha">]>',
    ],
)
def test_entities_are_neither_unfolded_nor_fetched(said, suffix, declared):
    content = changed(suffix, b"@here@", b"&c;")
    content = zip_of(
        {
            name: part.replace(b"?>", b"?>" + declared.encode(), 1) if part.startswith(b"<?xml") else part
            for name, part in _unpacked(content)
        }
    )
    if suffix == ".pptx":  # its slides have no XML declaration
        parts = dict(_unpacked(content))
        parts["ppt/slides/slide0.xml"] = declared.replace("x ", "p:sld ").encode() + parts["ppt/slides/slide0.xml"]
        content = zip_of(parts)
    reason = said(f"a{suffix}", content)
    assert reason.startswith(f"a{suffix} declares entities of its own")


def test_parts_outside_of_the_file_are_not_read(tmp_path):
    secret = tmp_path / "secret.xml"
    secret.write_text("<w:styles/>", encoding="utf-8")
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="x/styles" Target="../../../../../..{secret}"/>'
        '<Relationship Id="r2" Type="x/numbering" TargetMode="External" Target="http://127.0.0.1:1/numbering.xml"/>'
        '<Relationship Id="r3" Type="x/footnotes" Target="file:///etc/passwd"/></Relationships>'
    )
    path = tmp_path / "a.docx"
    path.write_bytes(word_of(p("正文。"), more={"word/_rels/document.xml.rels": relations}))
    assert load_document(path, max_bytes=MOST).text == "正文。\n"


# What may stand in itself: how it begins and ends, how deep one of it goes, and a file of it.
NESTED = {
    "tables.docx": ("<w:tbl><w:tr><w:tc/><w:tc>", "</w:tc></w:tr></w:tbl>", 3, word_of),
    "boxes.docx": ("<w:p><w:r><w:txbxContent>", "</w:txbxContent></w:r></w:p>", 3, word_of),
    "controls.docx": ("<w:sdt><w:sdtContent>", "</w:sdtContent></w:sdt>", 2, word_of),
    "sections.odt": ("<text:section>", "</text:section>", 1, odt_of),
    "lists.odt": ("<text:list><text:list-item>", "</text:list-item></text:list>", 2, odt_of),
    "frames.odt": ("<text:p><draw:frame><draw:text-box>", "</draw:text-box></draw:frame></text:p>", 3, odt_of),
    "tables.odt": (
        "<table:table><table:table-row><table:table-cell>",
        "</table:table-cell></table:table-row></table:table>",
        3,
        odt_of,
    ),
    "groups.pptx": ("<p:grpSp>", "</p:grpSp>", 1, lambda xml: pptx_of(slide(xml))),
}
INNERMOST = {".docx": p("x"), ".odt": op("x"), ".pptx": frame("x")}


@pytest.mark.parametrize("name", sorted(NESTED))
@pytest.mark.parametrize(("depth", "is_read"), [(230, True), (300, False), (100_000, False)])
def test_what_stands_in_itself_is_read_or_refused(tmp_path, said, name, depth, is_read):
    before, behind, levels, make = NESTED[name]
    n = depth // levels
    content = make(before * n + INNERMOST[Path(name).suffix] + behind * n)
    if is_read:
        (tmp_path / name).write_bytes(content)
        assert load_document(tmp_path / name, max_bytes=MOST).text == "x\n"
    else:
        assert said(name, content).startswith(f"{name} is no ")


def test_huge_spans_and_counts_are_cut_to_what_can_be(tmp_path):
    wide = '<w:tc><w:tcPr><w:gridSpan w:val="2000000000"/></w:tcPr><w:p><w:r><w:t>甲</w:t></w:r></w:p></w:tc>'
    row = f'<w:tr><w:trPr><w:gridBefore w:val="2000000000"/></w:trPr>{wide}{cell("乙")}</w:tr>'
    path = tmp_path / "a.docx"
    path.write_bytes(word_of(f"<w:tbl>{row}{row}</w:tbl>"))
    assert load_document(path, max_bytes=MOST).text == "甲｜乙\n甲｜乙\n"


def test_a_table_of_too_many_places_is_refused(said):
    wide = '<w:tc><w:tcPr><w:gridSpan w:val="64"/></w:tcPr></w:tc>'
    rows = f"<w:tr>{wide * 1000}</w:tr>" * 20
    assert "a table of more than 1,000,000 cells" in said("a.docx", word_of(f"<w:tbl>{rows}</w:tbl>"))


def test_numbers_that_are_none_are_passed_over(tmp_path):
    odd = style("1", "heading ９９", properties='<w:outlineLvl w:val="-3"/><w:numPr><w:ilvl w:val="x"/></w:numPr>')
    body = p("一", style="1", properties='<w:numPr><w:ilvl w:val="99999999999"/><w:numId w:val="٣"/></w:numPr>')
    path = tmp_path / "a.docx"
    path.write_bytes(word_of(body, parts={"styles": odd, "numbering": "<w:num/><w:abstractNum/>"}))
    assert load_document(path, max_bytes=MOST).text == "一\n"


def test_one_slide_that_is_named_a_million_times_is_refused(said):
    content = pptx_of(slide(frame("字" * 1000)))
    ids = b'<p:sldId id="1" r:id="s1"/>'
    parts = {name: part.replace(ids, ids * 100_000) for name, part in _unpacked(content)}
    assert said("a.pptx", zip_of(parts, compress=True)).startswith("a.pptx has 100,000 slides; the limit is 5,000")


def test_a_zip_with_a_directory_of_millions_is_refused_before_it_is_read(said, monkeypatch):
    monkeypatch.setattr(package, "MOST_DIRECTORY_BYTES", 1000)
    members = {f"word/{n}.xml": b"" for n in range(100)}
    assert (
        said("a.docx", word_of(p("x"), more=members)) == "a.docx is a zip with too many members to be a Word document."
    )


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_that_is_locked_with_a_password_says_so(said, suffix):
    locked = old_file("EncryptedPackage", b"")
    assert said(f"a{suffix}", locked) == f"a{suffix} is locked with a password. Save it without one and index that."


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.docx", b"%PDF-1.7\n", "a.docx is no Word document but a PDF file (.pdf). Rename it to end in '.pdf'."),
        ("a.docx", pptx_of(slide("x")), "but a PowerPoint presentation (.pptx). Rename it to end in '.pptx'."),
        ("a.pptx", word_of(p("x")), "a.pptx is no PowerPoint presentation but a Word document (.docx)."),
        ("a.docx", odt_of(op("x")), "a.docx is no Word document but an OpenDocument text (.odt)."),
        ("a.odt", word_of(p("x")), "a.odt is no OpenDocument file but a Word document (.docx)."),
        ("a.docx", zip_of({"a.txt": b"x"}), "a.docx is no Word document but a zip archive (.zip)."),
        ("a.docx", old_file("WordDocument", b""), "but a Word document of the old kind (.doc)."),
        ("a.docx", b"<html><body>x</body></html>", "a.docx is no Word document but a web page (.html)."),
        ("a.docx", b"plain words", "a.docx is no Word document that can be read"),
        (
            "a.docx",
            zip_of({"[Content_Types].xml": "", "word/x.xml": ""}),
            "a.docx is a Word document without any content.",
        ),
        ("a.docx", word_of(""), "a.docx has no text. Nothing was indexed from it."),
        ("a.docx", word_of("<w:p><w:r><a:blip/></w:r></w:p>"), "a.docx has no text, but pictures (1): run"),
    ],
)
def test_a_file_that_is_something_else_says_what(said, name, content, reason):
    assert reason in said(name, content)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_file_that_was_cut_off_is_refused(said, suffix, share):
    whole = made(suffix, "海州市2031年新建学校12所。")
    reason = said(f"a{suffix}", whole[: int(len(whole) * share)])
    assert reason.startswith(f"a{suffix} is no ")
    assert "Open it in the program that made it and save it again." in reason


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_xml_that_is_none_is_refused_with_its_place(said, suffix):
    assert "that can be read (" in said(f"a{suffix}", changed(suffix, b"@here@", b"<open>"))


def test_a_table_in_a_long_row_of_tables_takes_no_long_time(tmp_path):
    path = tmp_path / "a.docx"
    path.write_bytes(
        word_of(
            table(["县", "学校"], ["甲县", "12"]) * 3000,
        )
    )
    assert load_document(path, max_bytes=MOST).text.count("县：甲县｜学校：12\n") == 3000
