"""Every loader keeps the contract, and is found by its suffix."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.documents.load import LOADERS, find_files, load_document
from rag.errors import DocumentFormatError
from tests.contracts.loader_contract import MOST, LoaderContract
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


class TestPdf(LoaderContract):
    suffix, media_type = ".pdf", "application/pdf"

    def make(self, text: str) -> bytes:
        return pdf_of([[page] for page in text.split("\f")])


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
    tested = {LOADERS[each.suffix] for each in LoaderContract.__subclasses__()}
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
