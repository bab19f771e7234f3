"""Every loader keeps the contract, and is found by its suffix."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rag.documents.load import LOADERS, find_files, load_document
from rag.documents.load.scans import recognition
from rag.errors import DocumentFormatError
from tests.contracts.loader_contract import MOST, LoaderContract
from tests.support.formats.compound_files import compound_of, outlook_message
from tests.support.formats.container_files import epub_of, message_of, zip_of
from tests.support.formats.scan_files import chinese_font, picture_of
from tests.support.office.older import fake_soffice, old_file
from tests.support.office.open_document import odt_of, op
from tests.support.office.open_xml import frame, p, pptx_of, slide, word_of
from tests.support.pdf_files import pdf_of
from tests.support.plugins import installed
from tests.support.sheet_files import ods_of, rows_of, xls_of, xlsx_of


class TestText(LoaderContract):
    suffix, media_type = ".txt", "text/plain"

    def make(self, text: str) -> bytes:
        return text.encode("gb18030")


class TestMarkdown(LoaderContract):
    suffix, media_type = ".md", "text/markdown"

    def make(self, text: str) -> bytes:
        return f"# 总结\n\n{text}\n".encode()


class TestHtml(LoaderContract):
    suffix, media_type = ".html", "text/html"

    def make(self, text: str) -> bytes:
        return f"<html><body><p>{text}</p></body></html>".encode()


class TestMhtml(LoaderContract):
    suffix, media_type = ".mht", "multipart/related"

    def make(self, text: str) -> bytes:
        return message_of(f"<p>{text}</p>", subtype="html")


class TestEpub(LoaderContract):
    suffix, media_type = ".epub", "application/epub+zip"

    def make(self, text: str) -> bytes:
        return epub_of("海州年鉴", {"a.xhtml": f"<html><body><p>{text}</p></body></html>"})


class TestEml(LoaderContract):
    suffix, media_type = ".eml", "message/rfc822"

    def make(self, text: str) -> bytes:
        return message_of(text)


class TestMsg(LoaderContract):
    suffix, media_type = ".msg", "application/vnd.ms-outlook"

    def make(self, text: str) -> bytes:
        return compound_of(outlook_message({"0037": "请查收", "1000": text}))


class TestZip(LoaderContract):
    suffix, media_type = ".zip", "application/zip"

    def make(self, text: str) -> bytes:
        return zip_of({"报告.txt": text.replace("\f", "\n").encode()})


class TestPdf(LoaderContract):
    suffix, media_type = ".pdf", "application/pdf"

    def make(self, text: str) -> bytes:
        return pdf_of([[page] for page in text.split("\f")])


@pytest.mark.skipif(not recognition.is_installed(), reason="needs the extra ocr")
@pytest.mark.skipif(chinese_font() == "", reason="needs a Chinese font")
class TestPicture(LoaderContract):
    suffix, media_type = ".png", "image/png"

    def make(self, text: str) -> bytes:
        return picture_of([text.replace("\f", "")], font=chinese_font())


class TestWord(LoaderContract):
    suffix, media_type = ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

    def make(self, text: str) -> bytes:
        return word_of(p(text.replace("\f", "")))


class TestSlides(LoaderContract):
    suffix, media_type = ".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"

    def make(self, text: str) -> bytes:
        return pptx_of(*(slide(frame(page)) for page in text.split("\f")))


class TestOpenDocument(LoaderContract):
    suffix, media_type = ".odt", "application/vnd.oasis.opendocument.text"

    def make(self, text: str) -> bytes:
        return odt_of(op(text.replace("\f", "")))


class _WithOffice(LoaderContract):
    """A format that another program reads: here a stand-in for it."""

    @pytest.fixture(autouse=True)
    def office(self, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(fake_soffice(tmp_path_factory.mktemp("bin"))))


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for LibreOffice is a script")
class TestOlderWord(_WithOffice):
    suffix, media_type = ".doc", "application/msword"

    def make(self, text: str) -> bytes:
        return old_file("WordDocument", word_of(p(text.replace("\f", ""))))


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for LibreOffice is a script")
class TestOlderSlides(_WithOffice):
    suffix, media_type = ".ppt", "application/vnd.ms-powerpoint"

    def make(self, text: str) -> bytes:
        return old_file("PowerPoint Document", pptx_of(*(slide(frame(page)) for page in text.split("\f"))))


class TestXlsx(LoaderContract):
    suffix, media_type = ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def make(self, text: str) -> bytes:
        return xlsx_of({"总结": rows_of([text])})


class TestXls(LoaderContract):
    suffix, media_type = ".xls", "application/vnd.ms-excel"

    def make(self, text: str) -> bytes:
        return xls_of({"总结": [[text]]})


class TestOds(LoaderContract):
    suffix, media_type = ".ods", "application/vnd.oasis.opendocument.spreadsheet"

    def make(self, text: str) -> bytes:
        paragraphs = "".join(f"<text:p>{line}</text:p>" for line in text.split("\f"))
        return ods_of({"总结": f"<table:table-row><table:table-cell>{paragraphs}</table:table-cell></table:table-row>"})


class TestCsv(LoaderContract):
    suffix, media_type = ".csv", "text/csv"

    def make(self, text: str) -> bytes:
        return f'"{text}"\r\n'.encode("gb18030")


class TestTsv(LoaderContract):
    suffix, media_type = ".tsv", "text/tab-separated-values"

    def make(self, text: str) -> bytes:
        return f"{text}\t\n".encode("utf-16")


def test_every_loader_keeps_the_contract() -> None:
    classes = {*LoaderContract.__subclasses__(), *_WithOffice.__subclasses__()} - {_WithOffice}
    tested = {LOADERS[each.suffix] for each in classes}
    assert tested == set(LOADERS.values())


def test_a_loader_of_another_package_is_found_by_its_entry_point(tmp_path: Path) -> None:
    code = """
from rag.documents.load import Extracted
class Loader:
    suffixes = frozenset({".backwards"})
    def extract(self, path, *, max_bytes):
        return Extracted(path.read_text()[::-1], "text/x-backwards")
"""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.backwards").write_text("cba", encoding="utf-8")
    with installed(tmp_path / "lib", {"backwards": code}, {"youju.loaders": {".backwards": "backwards:Loader"}}):
        assert find_files([docs]) == [docs / "a.backwards"]
        document = load_document(docs / "a.backwards", max_bytes=MOST)
    assert (document.text, document.media_type, document.n_bytes) == ("abc", "text/x-backwards", 3)


def test_a_format_whose_package_is_not_installed_says_which_extra_brings_it(tmp_path: Path) -> None:
    (tmp_path / "a.faraway").write_text("x", encoding="utf-8")
    entries = {"youju.loaders": {".faraway": "faraway:Loader [faraway]"}}
    with (
        installed(tmp_path / "lib", {"faraway": "import faraway_reader\n"}, entries),
        pytest.raises(DocumentFormatError) as caught,
    ):
        load_document(tmp_path / "a.faraway", max_bytes=MOST)
    assert str(caught.value) == (
        "The format '.faraway' needs the package 'faraway_reader', which is not installed. "
        "Install it: pip install 'youju[faraway]'"
    )
