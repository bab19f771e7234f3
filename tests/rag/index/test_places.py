"""Which document a file is: namesakes, copies, files that were moved, renamed, edited or are gone."""

import os
from pathlib import Path

import pytest

from rag.config import load_config
from rag.index.ingest import index_paths
from rag.index.opening import open_store
from rag.index.plan import UPLOADS
from tests.support.fakes import HashingEncoder
from tests.support.rag.stores import contents, held

ROADS = "海州市2031年交通工作总结\n\n一、道路\n新修公路86公里。\n"
OTHER = ROADS.replace("86", "7")
THIRD = ROADS.replace("86", "99")


@pytest.fixture(params=["sqlite", "memory"])
def config(tmp_path, request):
    return load_config({"YOUJU_HOME": str(tmp_path / "home"), "YOUJU_INDEX_BACKEND": request.param})


@pytest.fixture
def docs(tmp_path):
    return tmp_path / "docs"


def put(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def index(config, *paths, **rest):
    """The report of a run, and whether anything was embedded."""
    encoder = HashingEncoder()
    return index_paths(config, paths, encoder=encoder, **rest), bool(encoder.encoded)


def places(config) -> dict[str, list[str]]:
    """Where the files of each document stand, by its name."""
    return {info.source: [info.path, *info.copies] for info in open_store(config).documents()}


def texts(config) -> dict[str, str]:
    store = open_store(config)
    return {info.source: store.document(info.source).text for info in store.documents()}


# Namesakes


def test_two_files_of_one_name_are_two_documents(config, docs):
    put(docs / "a/report.txt", ROADS), put(docs / "b/report.txt", OTHER)
    report, _ = index(config, docs)
    assert (report.added, report.failed) == (["report.txt", "b/report.txt"], {})
    assert texts(config) == {"report.txt": ROADS, "b/report.txt": OTHER}
    assert [p.source for p in open_store(config).document_passages("b/report.txt")] == ["b/report.txt"] * 2


def test_a_name_is_the_shortest_tail_of_the_path_that_is_free(config, docs):
    for name, text in (("a", ROADS), ("x/b", OTHER), ("y/b", THIRD)):
        put(docs / name / "report.txt", text)
    index(config, docs)
    assert texts(config) == {"report.txt": ROADS, "b/report.txt": OTHER, "y/b/report.txt": THIRD}


def test_a_namesake_from_another_folder_leaves_the_first_its_name(config, docs, tmp_path):
    index(config, put(docs / "report.txt", ROADS))
    index(config, put(tmp_path / "again/report.txt", OTHER))
    assert texts(config) == {"report.txt": ROADS, "again/report.txt": OTHER}


def test_names_stay_when_the_files_are_indexed_again(config, docs):
    put(docs / "a/report.txt", ROADS), put(docs / "b/report.txt", OTHER)
    index(config, docs / "b"), index(config, docs)
    report, embedded = index(config, docs)
    assert (sorted(report.unchanged), embedded) == (["a/report.txt", "report.txt"], False)
    assert texts(config) == {"report.txt": OTHER, "a/report.txt": ROADS}


def test_an_edited_namesake_replaces_itself_under_its_name(config, docs):
    put(docs / "a/report.txt", ROADS), put(docs / "b/report.txt", OTHER)
    index(config, docs)
    put(docs / "b/report.txt", THIRD)
    report, _ = index(config, docs)
    assert (report.replaced, report.unchanged) == (["b/report.txt"], ["report.txt"])
    assert texts(config) == {"report.txt": ROADS, "b/report.txt": THIRD}


# Copies


def test_one_content_in_two_files_is_one_document_at_two_places(config, docs):
    one, two = put(docs / "a/roads.txt", ROADS), put(docs / "b/copy.txt", ROADS)
    report, _ = index(config, docs)
    assert (report.added, report.copies) == (["roads.txt"], {str(two): "roads.txt"})
    assert places(config) == {"roads.txt": [str(one), str(two)]}
    report, embedded = index(config, docs)
    assert (report.unchanged, report.copies, embedded) == (["roads.txt"], {}, False)


def test_a_later_copy_is_one_more_place(config, docs, tmp_path):
    one = put(docs / "roads.txt", ROADS)
    index(config, docs)
    two = put(tmp_path / "other/roads.txt", ROADS)
    report, embedded = index(config, two)
    assert (report.copies, embedded) == ({str(two): "roads.txt"}, False)
    assert places(config) == {"roads.txt": [str(one), str(two)]}


def test_of_two_copies_one_may_go(config, docs):
    one, two = put(docs / "a/roads.txt", ROADS), put(docs / "b/roads.txt", ROADS)
    index(config, docs)
    one.unlink()
    report, embedded = index(config, docs)
    assert (report.gone, embedded) == ({}, False)
    assert places(config) == {"roads.txt": [str(two)]}


@pytest.mark.parametrize("which", [0, 1])
def test_a_copy_that_was_edited_becomes_a_document_of_its_own(config, docs, which):
    files = [put(docs / "a/roads.txt", ROADS), put(docs / "b/roads.txt", ROADS)]
    index(config, docs)
    put(files[which], OTHER)
    report, _ = index(config, docs)
    name = ("a/roads.txt", "b/roads.txt")[which]
    assert (report.added, report.replaced) == ([name], [])
    assert places(config) == {"roads.txt": [str(files[1 - which])], name: [str(files[which])]}
    assert texts(config) == {"roads.txt": ROADS, name: OTHER}


def test_an_old_version_kept_under_another_name_keeps_its_passages(config, docs):
    file = put(docs / "roads.txt", ROADS)
    index(config, docs)
    put(docs / "roads-old.txt", ROADS), put(file, OTHER)
    report, _ = index(config, docs)
    assert report.moved == {"roads-old.txt": "roads.txt"}
    assert texts(config) == {"roads-old.txt": ROADS, "roads.txt": OTHER}


def test_a_file_that_became_a_copy_of_another_leaves_one_document(config, docs):
    one, two = put(docs / "a.txt", ROADS), put(docs / "b.txt", OTHER)
    index(config, docs)
    put(one, OTHER)
    report, embedded = index(config, docs)
    assert (report.removed, embedded) == (["a.txt"], False)
    assert places(config) == {"b.txt": [str(two), str(one)]}


def test_one_content_in_two_formats_is_two_documents(config, docs):
    put(docs / "a.txt", ROADS), put(docs / "a.md", ROADS)
    assert index(config, docs)[0].added == ["a.md", "a.txt"]


def test_a_copy_of_a_bad_file_fails_like_it(config, docs):
    for name in "ab":
        put(docs / f"{name}.txt", "\u3000\n")
    report, _ = index(config, docs, put(docs / "c.txt", ROADS))
    assert sorted(report.failed) == [str(docs / "a.txt"), str(docs / "b.txt")]
    assert list(texts(config)) == ["c.txt"]


# Moved and renamed


def test_a_file_that_was_moved_keeps_its_name_and_passages(config, docs, tmp_path):
    file = put(docs / "roads.txt", ROADS)
    index(config, docs)
    before = open_store(config).document_passages("roads.txt")
    (tmp_path / "new").mkdir()
    moved = file.rename(tmp_path / "new/roads.txt")
    report, embedded = index(config, moved)
    assert (report.unchanged, report.moved, report.copies, embedded) == (
        ["roads.txt"],
        {"roads.txt": "roads.txt"},
        {},
        False,
    )
    assert places(config) == {"roads.txt": [str(moved)]}
    assert open_store(config).document_passages("roads.txt") == before


def test_a_file_that_was_renamed_changes_only_its_name(config, docs):
    file = put(docs / "roads.txt", ROADS)
    index(config, docs)
    keys = [p.passage_id for p in open_store(config).document_passages("roads.txt")]
    file.rename(docs / "streets.txt")
    report, embedded = index(config, docs)
    assert (report.moved, report.gone, embedded) == ({"streets.txt": "roads.txt"}, {}, False)
    assert [p.passage_id for p in open_store(config).document_passages("streets.txt")] == keys
    assert list(texts(config)) == ["streets.txt"]


def test_two_files_that_swapped_names_are_found_under_names_that_are_theirs(config, docs):
    one, two = put(docs / "a.txt", ROADS), put(docs / "b.txt", OTHER)
    index(config, docs)
    put(one, OTHER), put(two, ROADS)
    report, embedded = index(config, docs)
    assert (report.removed, report.failed, embedded) == ([], {}, False)
    store = open_store(config)
    assert {info.path: store.document(info.source).text for info in store.documents()} == {
        str(one): OTHER,
        str(two): ROADS,
    }
    assert all(info.path.endswith(f"/{info.source}") for info in store.documents())


def test_a_namesake_takes_the_place_of_one_whose_file_is_gone(config, docs, tmp_path):
    index(config, put(docs / "roads.txt", ROADS))
    (docs / "roads.txt").unlink()
    report, _ = index(config, put(tmp_path / "new/roads.txt", OTHER))
    assert (report.replaced, texts(config)) == (["roads.txt"], {"roads.txt": OTHER})


def test_a_name_that_is_no_text_here_is_read_as_older_systems_wrote_it(config, docs, tmp_path):
    put(docs / "x.txt", ROADS)
    index(config, docs)
    (tmp_path / "new").mkdir()
    (docs / "x.txt").rename(os.fsdecode(os.fsencode(tmp_path / "new") + "/公路.txt".encode("gb18030")))
    report, embedded = index(config, tmp_path / "new")
    assert (report.moved, embedded) == ({"公路.txt": "x.txt"}, False)
    report, embedded = index(config, tmp_path / "new")
    assert (report.unchanged, report.moved, embedded) == (["公路.txt"], {}, False)


# Uploads


def test_an_uploaded_document_is_never_the_same_as_another_file(config, docs, tmp_path):
    uploaded = put(tmp_path / UPLOADS / "abc/roads.txt", ROADS)
    index(config, uploaded)
    uploaded.unlink()
    mine = put(docs / "roads.txt", ROADS)
    report, _ = index(config, docs)
    assert report.added == ["docs/roads.txt"]
    assert places(config) == {"roads.txt": [str(uploaded)], "docs/roads.txt": [str(mine)]}
    again = put(tmp_path / UPLOADS / "xyz/same.txt", ROADS)
    assert index(config, again)[0].added == ["same.txt"]


# Gone


def test_files_that_are_gone_from_a_folder_are_told_and_stay(config, docs, tmp_path):
    put(docs / "roads.txt", ROADS), put(tmp_path / "elsewhere/x.txt", THIRD)
    gone = put(docs / "sub/old.txt", OTHER)
    index(config, docs, tmp_path / "elsewhere")
    gone.unlink()
    (tmp_path / "elsewhere/x.txt").unlink()
    report, _ = index(config, docs)
    assert (report.gone, report.removed) == ({"old.txt": str(gone)}, [])
    assert set(texts(config)) == {"roads.txt", "old.txt", "x.txt"}


def test_files_that_are_gone_are_taken_out_where_that_is_asked_for(config, docs, tmp_path):
    put(docs / "roads.txt", ROADS), put(docs / "old.txt", OTHER).rename(docs / "older.txt")
    index(config, docs)
    (docs / "older.txt").unlink()
    report, embedded = index(config, docs, prune=True)
    assert (report.gone, report.removed, embedded) == ({}, ["older.txt"], False)
    assert texts(config) == {"roads.txt": ROADS}


def test_a_named_file_says_nothing_of_its_folder(config, docs):
    put(docs / "roads.txt", ROADS), put(docs / "old.txt", OTHER)
    index(config, docs)
    (docs / "old.txt").unlink()
    report, _ = index(config, docs / "roads.txt", prune=True)
    assert (report.gone, report.removed) == ({}, [])
    assert set(texts(config)) == {"roads.txt", "old.txt"}


def test_a_file_indexed_by_name_alone_is_not_gone_while_it_stands(config, docs):
    put(docs / "roads.txt", ROADS)
    notes = put(docs / "notes.unknown", OTHER)
    index(config, docs, notes)
    report, _ = index(config, docs, prune=True)
    assert (report.gone, report.removed) == ({}, [])


# Rebuilding


def test_a_rebuild_keeps_names_and_places(config, docs):
    put(docs / "a/report.txt", ROADS), put(docs / "b/report.txt", OTHER), put(docs / "c/copy.txt", OTHER)
    index(config, docs)
    before = texts(config), places(config)
    index(config, rebuild=True)
    assert (texts(config), places(config)) == before
    index(config, docs, rebuild=True)
    assert (texts(config), places(config)) == before


def test_a_rebuild_takes_out_what_is_gone_where_that_is_asked_for(config, docs):
    put(docs / "roads.txt", ROADS), put(docs / "old.txt", OTHER)
    index(config, docs)
    (docs / "old.txt").unlink()
    report, _ = index(config, docs, rebuild=True)
    assert (list(report.gone), set(texts(config))) == (["old.txt"], {"roads.txt", "old.txt"})
    report, _ = index(config, docs, rebuild=True, prune=True)
    assert (report.removed, set(texts(config))) == (["old.txt"], {"roads.txt"})


def test_incremental_or_at_once_the_index_is_the_same(docs, tmp_path):
    one, two = (load_config({"YOUJU_HOME": str(tmp_path / name)}) for name in ("one", "two"))
    put(docs / "a/report.txt", ROADS)
    index(one, docs)
    put(docs / "b/report.txt", OTHER), put(docs / "b/third.txt", THIRD).rename(docs / "a/third.txt")
    index(one, docs)
    index(two, docs)
    assert contents(one) == contents(two)
    assert held(one) == held(two)
