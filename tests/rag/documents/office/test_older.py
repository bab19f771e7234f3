"""Older files of office programs: read with LibreOffice, which runs alone, with a limit, and reaches nothing."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from rag.documents.load import load_document
from rag.documents.load.office import libreoffice
from rag.errors import DocumentFormatError, DocumentTooLargeError
from tests.support.office.older import OLD, fake_soffice, old_file
from tests.support.office.open_xml import p, pptx_of, slide, word_of

MOST = 10_000_000
SENTENCE = "海州市2031年新建学校12所。"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for LibreOffice is a script")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for LibreOffice; the folder in which it notes how it was called."""
    folder = tmp_path / "bin"
    monkeypatch.setenv("PATH", str(fake_soffice(folder)))
    return folder


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("a.doc", "application/msword"), ("a.wps", "application/vnd.ms-works"), ("a.DOT", "application/msword")],
)
def test_a_word_document_of_the_old_kind_is_read(office, tmp_path, name, media_type):
    document = load_document(put(tmp_path, name, old_file("WordDocument", word_of(p(SENTENCE)))), max_bytes=MOST)
    assert (document.text, document.media_type, document.source) == (f"{SENTENCE}\n", media_type, name)


def test_slides_of_the_old_kind_are_read_with_their_places(office, tmp_path):
    content = old_file("PowerPoint Document", pptx_of(slide("汇报"), slide("学校", SENTENCE)))
    document = load_document(put(tmp_path, "a.ppt", content), max_bytes=MOST)
    assert document.text == f"汇报\n学校\n{SENTENCE}\n"
    assert [block.number for block in document.blocks if block.kind == "slide"] == [1, 2]


@pytest.mark.parametrize("head", [b"{\\rtf1", b'<?xml version="1.0"?>'])
def test_what_word_writes_under_the_name_of_doc_is_read_too(office, tmp_path, head):
    content = head + b"\n" + OLD + word_of(p(SENTENCE))
    assert load_document(put(tmp_path, "a.doc", content), max_bytes=MOST).text == f"{SENTENCE}\n"


def test_the_program_gets_a_copy_a_profile_and_a_home_of_its_own(office, tmp_path):
    name = "--convert-to;$(x) 报告.doc"
    load_document(put(tmp_path, name, old_file("WordDocument", word_of(p(SENTENCE)))), max_bytes=MOST)
    arguments = (office / "arguments").read_text(encoding="utf-8").splitlines()
    folder = arguments[-2].removesuffix("/out")
    assert arguments == [
        f"-env:UserInstallation=file://{folder}/profile",
        *("--headless", "--invisible", "--norestore", "--nologo", "--nodefault", "--nolockcheck"),
        *("--convert-to", "docx", "--outdir", f"{folder}/out", f"{folder}/in/document.doc"),
    ]
    assert not Path(folder).exists()
    environment = dict(line.split("=", 1) for line in (office / "environment").read_text(encoding="utf-8").splitlines())
    assert environment["HOME"] == folder
    assert environment["https_proxy"] == "http://127.0.0.1:9"
    profile = (office / "profile").read_text(encoding="utf-8")
    assert 'name="DisableMacrosExecution" oor:op="fuse"><value>true</value>' in profile
    assert 'name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value>' in profile
    assert 'name="ooInetProxyType" oor:op="fuse"><value>1</value>' in profile


def test_without_libreoffice_the_error_says_what_to_install_or_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(libreoffice, "soffice", lambda: "")
    path = put(tmp_path, "a.doc", old_file("WordDocument", b""))
    with pytest.raises(DocumentFormatError) as caught:
        load_document(path, max_bytes=MOST)
    assert str(caught.value) == (
        "Files ending in '.doc' are read with LibreOffice, which is not installed. Install it "
        "(https://www.libreoffice.org), or save the file as '.docx' and index that."
    )


def test_what_needs_no_libreoffice_is_read_without_it_under_an_old_name(tmp_path, monkeypatch):
    monkeypatch.setattr(libreoffice, "soffice", lambda: "")
    assert load_document(put(tmp_path, "a.wps", word_of(p(SENTENCE))), max_bytes=MOST).text == f"{SENTENCE}\n"
    assert load_document(put(tmp_path, "a.doc", SENTENCE.encode("gb18030")), max_bytes=MOST).text == SENTENCE
    assert load_document(put(tmp_path, "a.ppt", pptx_of(slide(SENTENCE))), max_bytes=MOST).text == f"{SENTENCE}\n"


def test_what_libreoffice_cannot_read_is_told_with_its_words(office, tmp_path):
    with pytest.raises(DocumentFormatError) as caught:
        load_document(put(tmp_path, "a.doc", old_file("WordDocument", b"broken")), max_bytes=MOST)
    assert str(caught.value) == (
        "a.doc could not be read by LibreOffice (Error: source file could not be loaded). "
        "Open it in the program that made it; save the file as '.docx'."
    )


def test_a_document_without_text_is_told_by_the_name_of_its_own_file(office, tmp_path):
    with pytest.raises(DocumentFormatError, match=r"^a\.doc has no text"):
        load_document(put(tmp_path, "a.doc", old_file("WordDocument", word_of(p("")))), max_bytes=MOST)


def test_a_program_that_hangs_is_ended_with_all_that_it_started(office, tmp_path, monkeypatch):
    monkeypatch.setattr(libreoffice, "SECONDS", 1.0)
    path = put(tmp_path, "a.doc", old_file("WordDocument", b"hang"))
    with pytest.raises(DocumentTooLargeError, match=r"a\.doc could not be read in 1 seconds"):
        load_document(path, max_bytes=MOST)
    child = int((office / "child").read_text(encoding="utf-8"))
    deadline = time.monotonic() + 20
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2]
    except OSError:
        return False


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.doc", old_file("EncryptedPackage", b""), "a.doc is locked with a password"),
        (
            "a.doc",
            old_file("Workbook", b""),
            r"a\.doc is no Word document but an Excel workbook of the old kind \(\.xls\)",
        ),
        ("a.ppt", old_file("WordDocument", b""), r"is no PowerPoint presentation but a Word document of the old kind"),
        ("a.doc", b"%PDF-1.7", r"is no Word document but a PDF file \(\.pdf\). Rename it to end in '\.pdf'\."),
        ("a.doc", b"\x00\x01\x02", "a.doc"),
    ],
)
def test_a_file_that_is_something_else_says_what(office, tmp_path, name, content, said):
    with pytest.raises(DocumentFormatError, match=said):
        load_document(put(tmp_path, name, content), max_bytes=MOST)
