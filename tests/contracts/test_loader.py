"""Every loader keeps the contract, and is found by its suffix."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from rag.documents.load import LOADERS, find_files, known_suffixes, load_document
from rag.errors import DocumentFormatError
from tests.contracts.loader_contract import MOST, LoaderContract
from tests.support.pdf_files import pdf_of


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


def test_every_loader_keeps_the_contract() -> None:
    tested = {LOADERS[each.suffix] for each in LoaderContract.__subclasses__()}
    assert tested == set(LOADERS.values())


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder of modules that other packages registered as loaders: ``abc.py`` reads ``.abc``."""
    folder = tmp_path / "modules"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)

    def entry_points(*, group: str, **chosen: str) -> EntryPoints:
        found = [EntryPoint(f".{p.stem}", f"{p.stem}:Loader [{p.stem}]", group) for p in folder.glob("*.py")]
        return EntryPoints(found).select(**chosen)

    monkeypatch.setattr("rag.plugins.entry_points", entry_points)
    known_suffixes.cache_clear()
    yield folder
    known_suffixes.cache_clear()
    for path in folder.glob("*.py"):
        sys.modules.pop(path.stem, None)


def test_a_loader_of_another_package_is_found_by_its_entry_point(registered: Path, tmp_path: Path) -> None:
    code = """
from rag.documents.load import Extracted
class Loader:
    suffixes = frozenset({".backwards"})
    def extract(self, path, *, max_bytes):
        return Extracted(path.read_text()[::-1], "text/x-backwards")
"""
    (registered / "backwards.py").write_text(code, encoding="utf-8")
    (tmp_path / "a.backwards").write_text("cba", encoding="utf-8")
    assert find_files([tmp_path / "a.backwards", tmp_path]) == [tmp_path / "a.backwards"]
    document = load_document(tmp_path / "a.backwards", max_bytes=MOST)
    assert (document.text, document.media_type, document.n_bytes) == ("abc", "text/x-backwards", 3)


def test_a_format_whose_package_is_not_installed_says_which_extra_brings_it(registered: Path, tmp_path: Path) -> None:
    (registered / "faraway.py").write_text("import faraway_reader\n", encoding="utf-8")
    (tmp_path / "a.faraway").write_text("x", encoding="utf-8")
    with pytest.raises(DocumentFormatError) as caught:
        load_document(tmp_path / "a.faraway", max_bytes=MOST)
    assert str(caught.value) == (
        "The format '.faraway' needs the package 'faraway_reader', which is not installed. "
        "Install it: pip install 'youju[faraway]'"
    )
