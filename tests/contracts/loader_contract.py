"""What every loader of a format must do, as tests: a subclass names its suffix and makes a file.

class TestWord(LoaderContract):
    suffix, media_type = ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

    def make(self, text: str) -> bytes: ...
"""

from __future__ import annotations

import hashlib
import pickle
from itertools import pairwise
from pathlib import Path

import pytest

from rag.documents.load import Extracted, find_files, known_suffixes, load_document, loader_of
from rag.errors import DocumentError, DocumentFormatError, DocumentTooLargeError
from rag.schema.documents import Document

MOST = 10_000_000
SENTENCE = "海州市2031年新建学校12所，投入3.4亿元。"


class LoaderContract:
    """A dozen facts about a loader. The class of a format says how a file of it is made."""

    suffix: str
    media_type: str

    def make(self, text: str) -> bytes:
        """A file of this format that holds one line."""
        raise NotImplementedError

    def put(self, folder: Path, content: bytes, name: str = "报告") -> Path:
        path = folder / f"{name}{self.suffix}"
        path.write_bytes(content)
        return path

    def extract(self, path: Path) -> Extracted:
        return loader_of(self.suffix).extract(path, max_bytes=MOST)

    def load(self, path: Path) -> Document:
        return load_document(path, max_bytes=MOST)

    def test_it_is_registered_for_the_suffixes_that_it_names(self) -> None:
        assert loader_of(self.suffix).suffixes <= set(known_suffixes())
        assert self.suffix in loader_of(self.suffix).suffixes
        assert all(each == each.lower() and each.startswith(".") for each in loader_of(self.suffix).suffixes)

    def test_a_file_of_it_is_taken_from_a_folder(self, tmp_path: Path) -> None:
        path = self.put(tmp_path, self.make(SENTENCE))
        assert find_files([tmp_path]) == [path]

    def test_the_text_is_read(self, tmp_path: Path) -> None:
        assert SENTENCE in self.extract(self.put(tmp_path, self.make(SENTENCE))).text

    def test_reading_twice_gives_the_same(self, tmp_path: Path) -> None:
        path = self.put(tmp_path, self.make(SENTENCE))
        assert self.extract(path) == self.extract(path)

    def test_it_says_what_the_file_is(self, tmp_path: Path) -> None:
        read = self.extract(self.put(tmp_path, self.make(SENTENCE)))
        assert read.media_type == self.media_type
        assert bool(read.encoding) == self.media_type.startswith("text/")

    def test_blocks_are_in_order_and_within_the_text(self, tmp_path: Path) -> None:
        read = self.extract(self.put(tmp_path, self.make(f"{SENTENCE}\f{SENTENCE}")))
        assert read.blocks == tuple(sorted(read.blocks, key=lambda block: (block.start, -block.end)))
        assert all(0 <= block.start <= block.end <= len(read.text) for block in read.blocks)
        for kind in {block.kind for block in read.blocks}:
            own = [block for block in read.blocks if block.kind == kind]
            assert all(one.end <= other.start for one, other in pairwise(own)), f"{kind}: none overlaps another"

    def test_a_document_has_the_facts_of_its_file(self, tmp_path: Path) -> None:
        content = self.make(SENTENCE)
        document = self.load(self.put(tmp_path, content))
        assert (document.source, document.n_bytes) == (f"报告{self.suffix}", len(content))
        assert document.sha256 == hashlib.sha256(content).hexdigest()
        assert document.media_type == self.media_type

    def test_a_document_can_be_sent_to_another_process(self, tmp_path: Path) -> None:
        document = self.load(self.put(tmp_path, self.make(SENTENCE)))
        assert pickle.loads(pickle.dumps(document)) == document

    def test_a_suffix_in_capitals_is_the_same_format(self, tmp_path: Path) -> None:
        path = tmp_path / f"A{self.suffix.upper()}"
        path.write_bytes(self.make(SENTENCE))
        assert self.load(path).media_type == self.media_type

    @pytest.mark.parametrize("content", [b"", b" \r\n\t"])
    def test_an_empty_file_is_refused(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(DocumentFormatError, match=f"报告{self.suffix} is empty"):
            self.load(self.put(tmp_path, content))

    def test_a_file_above_the_limit_is_refused(self, tmp_path: Path) -> None:
        content = self.make(SENTENCE)
        path = self.put(tmp_path, content)
        with pytest.raises(DocumentTooLargeError, match=f"the limit is {len(content) - 1:,}"):
            load_document(path, max_bytes=len(content) - 1)
        assert load_document(path, max_bytes=len(content)).n_bytes == len(content)

    def test_what_is_no_file_of_it_is_refused_by_name(self, tmp_path: Path) -> None:
        path = self.put(tmp_path, b"\x00\x01 no such thing \xff" * 20)
        with pytest.raises(DocumentError, match=f"报告{self.suffix}"):
            self.load(path)

    def test_no_file_makes_anything_but_a_document_or_an_error_of_ours(self, tmp_path: Path) -> None:
        whole = self.make(SENTENCE)
        for at in range(0, len(whole), max(1, len(whole) // 8)):
            path = self.put(tmp_path, whole[:at] + b"\xff\x00" + whole[at + 2 :])
            try:
                assert self.load(path).text
            except DocumentError as error:
                assert f"报告{self.suffix}" in str(error)  # noqa: PT017
