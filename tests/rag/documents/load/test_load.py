import hashlib
import os
import random
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.documents.load import (
    LOADERS,
    find_files,
    known_suffixes,
    load_document,
    loader_of,
    unread_files,
)
from rag.documents.load.encodings import decode
from rag.errors import (
    DocumentEncodingError,
    DocumentError,
    DocumentFormatError,
    DocumentNotFoundError,
    DocumentTooLargeError,
)

ROOT = Path(__file__).parents[4]
SEEDS = sorted((ROOT / "seeds").glob("*.txt"))
TEXT = "一、2031年教育工作总结\r\n全市新建学校１２所，录取率90.21%。\n\u3000\u3000第二段\u00a0。\r"
MOST = 50_000_000


def put(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def load(path: Path):
    return load_document(path, max_bytes=MOST)


# What goes in comes out


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem[:3])
def test_a_seed_is_loaded_to_the_character(path):
    document = load(path)
    assert document.text.encode() == path.read_bytes()
    assert (document.source, document.encoding) == (path.name, "utf-8")
    assert document.n_bytes == path.stat().st_size
    assert document.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("mark", "encoding", "named"),
    [
        (b"", "utf-8", "utf-8"),
        (b"\xef\xbb\xbf", "utf-8", "utf-8-sig"),
        (b"\xff\xfe", "utf-16-le", "utf-16"),
        (b"\xfe\xff", "utf-16-be", "utf-16"),
        (b"\xff\xfe\x00\x00", "utf-32-le", "utf-32"),
        (b"\x00\x00\xfe\xff", "utf-32-be", "utf-32"),
        (b"", "gb18030", "gb18030"),
        (b"", "gbk", "gb18030"),
    ],
)
def test_every_usual_encoding_gives_the_same_text(tmp_path, mark, encoding, named):
    document = load(put(tmp_path, "a.txt", mark + TEXT.replace("\u00a0", "").encode(encoding)))
    assert (document.text, document.encoding) == (TEXT.replace("\u00a0", ""), named)


def test_traditional_characters_in_big5_are_not_taken_for_simplified_ones():
    text = "本校去年共錄取學生一千二百名，其中女生占五成三，較前年增加百分之二。" * 4
    decoded, encoding = decode(text.encode("big5"), name="a.txt")
    assert (decoded, encoding) == (text, "big5")


def test_western_text_without_a_mark_is_read(tmp_path):
    text = "Le collège a accueilli 120 élèves à la rentrée, où l'effectif était déjà élevé. " * 5
    assert load(put(tmp_path, "a.txt", text.encode("cp1252"))).text == text


@given(st.text(min_size=1).filter(lambda text: "\0" not in text and not text.startswith("\ufeff")))
def test_utf_8_is_never_taken_for_something_else(text):
    try:
        assert decode(text.encode(), name="a.txt") == (text, "utf-8")
    except DocumentFormatError as error:  # begins like a known container
        assert "not text" in str(error)  # noqa: PT017


@given(st.binary(max_size=300))
def test_any_bytes_give_text_or_a_document_error(content):
    try:
        text, encoding = decode(content, name="a.txt")
    except DocumentError as error:
        assert "a.txt" in str(error)  # noqa: PT017
    else:
        assert isinstance(text, str)
        assert encoding
        assert not any("\ud800" <= ch <= "\udfff" for ch in text)


# What cannot be a document


@pytest.mark.parametrize(
    ("content", "kind", "message"),
    [
        (b"", DocumentFormatError, "a.txt is empty"),
        (b" \r\n\t \n", DocumentFormatError, "a.txt is empty"),
        (b"%PDF-1.7\n...", DocumentFormatError, "a.txt is a PDF file, not text. Let its name end in .pdf"),
        (b"PK\x03\x04\x14\x00", DocumentFormatError, "is a ZIP container .*Save it as PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", DocumentFormatError, "is an old Office file .*Save it as PDF"),
        (b"\x89PNG\r\n\x1a\n", DocumentFormatError, "is a PNG picture"),
        (b"\x7fELF\x02", DocumentFormatError, "is a program"),
        (b"\x1f\x8b\x08", DocumentFormatError, "is a gzip archive"),
        (b"SQLite format 3\x00", DocumentFormatError, "is a SQLite database"),
        (b"abc\x00def", DocumentFormatError, "a.txt is binary, not text"),
        (random.Random(1).randbytes(5000), DocumentFormatError, "a.txt is binary, not text"),
        (b"\xef\xbb\xbf\xff\xff", DocumentEncodingError, "a.txt fits no text encoding"),
        (b"\xff\xfe\x00\xd8a\x00", DocumentFormatError, "a.txt is binary, not text"),
        ("\u3000" * 40, DocumentFormatError, "a.txt is empty"),
    ],
)
def test_what_is_no_text_is_refused_in_words(tmp_path, content, kind, message):
    with pytest.raises(kind, match=message):
        load(put(tmp_path, "a.txt", content))


def test_a_file_above_the_limit_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.truncate(2_000_000_000_000)  # takes no room: there is nothing in it
    with pytest.raises(DocumentTooLargeError, match=r"a.txt has 2,000,000,000,000 bytes; the limit is 50,000,000"):
        load(path)


def test_a_file_at_the_limit_is_loaded(tmp_path):
    path = put(tmp_path, "a.txt", "abc")
    assert load_document(path, max_bytes=3).text == "abc"
    with pytest.raises(DocumentTooLargeError):
        load_document(path, max_bytes=2)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(DocumentNotFoundError, match=r"nothing.txt does not exist. Check the path"):
        load(tmp_path / "nothing.txt")
    with pytest.raises(DocumentFormatError, match="is no ordinary file"):
        load(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
def test_a_pipe_and_a_device_are_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(DocumentFormatError, match=r"pipe.txt is no ordinary file"):
        load(tmp_path / "pipe.txt")
    with pytest.raises(DocumentFormatError, match="/dev/zero is no ordinary file"):
        load(Path("/dev/zero"))


# Which files


def test_a_folder_gives_its_text_files_in_order(tmp_path):
    for name in ("b.txt", "a.md", "sub/c.TXT", "d.dwg", "e.PDF", ".hidden.txt", ".git/e.txt", "sub/.f.txt", "notes"):
        put(tmp_path, name, "x")
    (tmp_path / "folder.txt").mkdir()
    assert find_files([tmp_path]) == [
        tmp_path / "a.md",
        tmp_path / "b.txt",
        tmp_path / "e.PDF",
        tmp_path / "sub" / "c.TXT",
    ]


def test_a_file_that_is_named_is_taken_whatever_it_is_called(tmp_path):
    paths = [put(tmp_path, name, "x") for name in ("notes", ".hidden.txt", "a.xyz")]
    assert find_files(paths) == paths


def test_a_folder_that_is_hidden_itself_may_be_named(tmp_path):
    path = put(tmp_path, ".docs/a.txt", "x")
    assert find_files([tmp_path / ".docs"]) == [path]


def test_a_file_named_twice_is_taken_once(tmp_path, monkeypatch):
    path = put(tmp_path, "docs/a.txt", "x")
    monkeypatch.chdir(tmp_path)
    assert find_files([tmp_path, Path("docs/a.txt"), path, Path("docs/../docs")]) == [path]


def test_a_link_and_its_file_are_one(tmp_path):
    path = put(tmp_path, "a.txt", "x")
    (tmp_path / "b.txt").symlink_to(path)
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nothing")
    assert find_files([tmp_path]) == [path]


@pytest.mark.parametrize("name", ["nothing.txt", "a\0b", "x" * 5000])
def test_a_path_that_cannot_be_is_a_clear_error(tmp_path, name):
    with pytest.raises(DocumentNotFoundError, match=r"does not exist|cannot be read"):
        find_files([tmp_path / name])


def test_a_circle_of_links_is_a_clear_error(tmp_path):
    (tmp_path / "a.txt").symlink_to(tmp_path / "b.txt")
    (tmp_path / "b.txt").symlink_to(tmp_path / "a.txt")
    with pytest.raises(DocumentNotFoundError, match="cannot be read"):
        find_files([tmp_path / "a.txt"])


def test_a_folder_without_text_says_what_was_looked_for(tmp_path):
    put(tmp_path, "a.dwg", "x")
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(DocumentNotFoundError, match=r"holds no file that can be indexed. Expected one of: .*\.txt"):
        find_files([tmp_path])


def test_files_of_a_folder_that_no_loader_reads_are_named_with_the_reason(tmp_path):
    for name in ("a.txt", "b.DWG", "sub/c.exe", "notes", ".hidden.dwg"):
        put(tmp_path, name, "x")
    named = put(tmp_path.parent, "named.xyz", "x")
    assert unread_files([tmp_path, named]) == {
        tmp_path / "b.DWG": "files ending in '.DWG' are not taken from a folder. "
        "Save it as PDF; or name it, if it is plain text.",
        tmp_path / "notes": "files without an ending are not taken from a folder. "
        "Save it as PDF; or name it, if it is plain text.",
        tmp_path / "sub" / "c.exe": "files ending in '.exe' are not taken from a folder. "
        "Save it as PDF; or name it, if it is plain text.",
    }


@pytest.mark.parametrize("suffix", sorted(LOADERS))
def test_a_loader_reads_the_suffix_that_it_is_registered_for(suffix):
    assert suffix in loader_of(suffix.upper()).suffixes
    assert suffix in known_suffixes()


def test_what_no_loader_is_registered_for_is_read_as_text(tmp_path):
    document = load(put(tmp_path, "notes.xyz", "甲"))
    assert (document.text, document.media_type) == ("甲", "text/plain")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are Unicode")
def test_a_name_in_the_encoding_of_older_chinese_systems_is_readable(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + "报告2019.txt".encode("gb18030")))
    put(path.parent, path.name, "甲")
    assert load(path).source == "报告2019.txt"
