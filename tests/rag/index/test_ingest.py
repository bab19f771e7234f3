import re
from pathlib import Path

import pytest

from rag.config import load_config
from rag.errors import DocumentNotFoundError, IndexMismatchError, IndexMissingError
from rag.index.faiss_index import DenseIndex
from rag.index.ingest import IndexReport, index_paths, remove_sources
from rag.index.opening import open_index
from rag.index.sqlite import Store
from tests.support.fakes import HashingEncoder
from tests.support.plugins import installed
from tests.support.rag.stores import contents, held


@pytest.fixture
def config(tmp_path):
    return load_config({"YOUJU_HOME": str(tmp_path / "home")})


ROOT = Path(__file__).parents[3]
SEEDS = sorted((ROOT / "seeds").glob("*.txt"))
SCHOOLS = "海州市2031年教育工作总结\n\n一、学校建设\n全市新建学校12所。\n\n二、教师队伍\n全市招聘教师1068名。\n"
ROADS = "海州市2031年交通工作总结\n\n一、道路\n新修公路86公里。\n"
N_SCHOOLS, N_ROADS = 3, 2  # passages


@pytest.fixture
def docs(tmp_path):
    folder = tmp_path / "docs"
    put(folder, "schools.txt", SCHOOLS)
    put(folder, "roads.txt", ROADS)
    return folder


def put(folder: Path, name: str, text: str | bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder / name


def index(config, *paths, **rest) -> IndexReport:
    return index_paths(config, paths, encoder=rest.pop("encoder", None) or HashingEncoder(), **rest)


# The ordinary run


def test_a_folder_is_indexed(config, docs):
    report = index(config, docs)
    assert (report.added, report.replaced, report.unchanged, report.failed) == (
        ["roads.txt", "schools.txt"],
        [],
        [],
        {},
    )
    assert held(config) == {"roads.txt": ROADS, "schools.txt": SCHOOLS}
    with Store.open(config.index, readonly=True) as store:
        assert store.documents()[0].path == str((docs / "roads.txt").resolve())
        assert len(store.vectors()[0]) == N_ROADS + N_SCHOOLS


NOTING = """
from rag.documents.load import Extracted
class Loader:
    suffixes = frozenset({".noting"})
    def extract(self, path, *, max_bytes):
        return Extracted(path.read_text(encoding="utf-8"), "text/x-noting", notes=("One sheet is hidden.", "Two."))
"""


def test_what_a_loader_notes_is_reported_once(config, docs, tmp_path):
    path = put(docs, "a.noting", SCHOOLS)
    with installed(tmp_path / "lib", {"noting": NOTING}, {"youju.loaders": {".noting": "noting:Loader"}}):
        assert index(config, docs).notes == {str(path): ("One sheet is hidden.", "Two.")}
        assert index(config, docs).notes == {}


def test_what_is_embedded_has_its_title_and_headings(config, docs):
    encoder = HashingEncoder(passage_prefix="passage: ")
    index(config, docs / "roads.txt", encoder=encoder)
    assert "passage: 海州市2031年交通工作总结 一、道路 一、道路 新修公路86公里。" in [
        re.sub(r"\s+", " ", t) for t in encoder.encoded
    ]


def test_the_snapshot_is_ready_when_the_run_ends(config, docs):
    report = index(config, docs)
    assert (config.index / "dense.faiss").is_file()
    with Store.open(config.index, readonly=True) as store:
        assert len(DenseIndex.load_or_build(store, config.index)) == report.n_passages


def test_a_second_run_embeds_nothing(config, docs):
    index(config, docs)
    before, encoder = contents(config), HashingEncoder()
    report = index(config, docs, encoder=encoder)
    assert (report.added, report.unchanged, encoder.encoded) == ([], ["roads.txt", "schools.txt"], [])
    assert contents(config) == before


def test_a_changed_file_replaces_itself_and_nothing_else(config, docs):
    index(config, docs)
    put(docs, "roads.txt", ROADS.replace("86", "99"))
    report = index(config, docs)
    assert (report.added, report.replaced, report.unchanged) == ([], ["roads.txt"], ["schools.txt"])
    assert held(config) == {"roads.txt": ROADS.replace("86", "99"), "schools.txt": SCHOOLS}


def test_in_two_runs_or_in_one_the_index_is_the_same(config, docs, tmp_path):
    index(config, docs)
    other = load_config({"YOUJU_HOME": str(tmp_path / "other")})
    index(other, docs / "schools.txt")
    index(other, docs / "roads.txt")
    assert contents(other) == contents(config)


def test_progress_names_each_file_and_counts_its_passages(config, docs):
    seen = []
    index(config, docs, progress=lambda stage, done, total, /, *, unit="": seen.append((stage, done, total, unit)))
    assert seen[-1] == ("[2/2] schools.txt", N_SCHOOLS, N_SCHOOLS, "passages")
    assert list(dict.fromkeys(stage for stage, *_ in seen)) == [
        "Looking for changes",
        "[1/2] roads.txt",
        "[2/2] schools.txt",
    ]
    seen.clear()
    index(config, docs, progress=lambda stage, done, total, /, *, unit="": seen.append((stage, done, total, unit)))
    assert seen == [("Looking for changes", n, 2, "files") for n in (1, 2)]


def test_the_seeds_are_indexed_whole(config):
    report = index(config, ROOT / "seeds")
    assert report.added == [path.name for path in SEEDS]
    assert held(config) == {path.name: path.read_text(encoding="utf-8") for path in SEEDS}
    assert report.n_passages > 500


# Bad files


def test_a_bad_file_is_reported_and_the_rest_goes_on(config, docs):
    put(docs, "a.txt", b"\x00\x01")
    put(docs, "b.txt", "")
    put(docs, "c.txt", "版权所有\n")
    report = index(config, docs)
    assert report.added == ["roads.txt", "schools.txt"]
    assert {Path(path).name: reason.split(".")[1] for path, reason in report.failed.items()} == {
        "a.txt": "txt is binary, not text",
        "b.txt": "txt is empty",
        "c.txt": "txt holds no text beside page furniture",
    }


def test_a_file_that_went_bad_leaves_what_was_indexed(config, docs):
    index(config, docs)
    put(docs, "roads.txt", b"\x00")
    report = index(config, docs)
    assert list(report.failed) == [str(docs / "roads.txt")]
    assert held(config)["roads.txt"] == ROADS


def test_a_missing_path_is_an_error_before_anything_is_written(config, docs):
    with pytest.raises(DocumentNotFoundError, match="does not exist"):
        index(config, docs, docs / "nothing.txt")
    assert not config.index.exists()


def test_nothing_to_index_is_an_error(config):
    with pytest.raises(DocumentNotFoundError, match="no path was named"):
        index(config)


def test_a_file_that_was_moved_and_edited_replaces_itself(config, docs, tmp_path):
    index(config, docs)
    (docs / "roads.txt").unlink()
    moved = put(tmp_path / "elsewhere", "roads.txt", ROADS.replace("86", "7"))
    assert index(config, moved).replaced == ["roads.txt"]
    with Store.open(config.index, readonly=True) as store:
        assert store.documents()[0].path == str(moved)


def test_a_copy_of_an_indexed_file_is_the_same_document(config, docs, tmp_path):
    index(config, docs)
    copy = put(tmp_path / "elsewhere", "roads.txt", ROADS)
    assert index(config, copy).unchanged == ["roads.txt"]


# Another model, rebuilding, removing


def test_another_encoder_is_refused_and_a_rebuild_takes_it(config, docs):
    index(config, docs)
    other = HashingEncoder(32, name="other@1")
    with pytest.raises(
        IndexMismatchError, match=r"built with 'hashing@00000000' \(64 dims\).*names 'other@1' \(32 dims"
    ):
        index(config, docs, encoder=other)
    report = index(config, encoder=other, rebuild=True)
    assert (report.unchanged, report.n_passages) == (["roads.txt", "schools.txt"], N_ROADS + N_SCHOOLS)
    with Store.open(config.index, readonly=True) as store:
        assert (store.facts.encoder, store.facts.dim) == ("other@1", 32)
    assert held(config) == {"roads.txt": ROADS, "schools.txt": SCHOOLS}


def test_a_rebuild_needs_no_original_files_and_keeps_where_they_stood(config, docs):
    index(config, docs)
    before = contents(config)
    (docs / "roads.txt").unlink()
    index(config, rebuild=True)
    assert contents(config) == before
    with Store.open(config.index, readonly=True) as store:
        assert [info.path for info in store.documents()] == [str(docs / "roads.txt"), str(docs / "schools.txt")]


def test_a_rebuild_with_paths_adds_them_to_what_was_there(config, docs):
    index(config, docs / "roads.txt")
    put(docs, "roads.txt", ROADS.replace("86", "99"))
    report = index(config, docs, rebuild=True)
    assert (report.added, report.replaced, report.unchanged) == (["schools.txt"], ["roads.txt"], [])
    assert held(config) == {"roads.txt": ROADS.replace("86", "99"), "schools.txt": SCHOOLS}


@pytest.mark.parametrize("now", [b"\x00", b"", "\u3000"])
def test_a_rebuild_keeps_the_old_text_where_the_file_went_bad(config, docs, now):
    index(config, docs)
    put(docs, "roads.txt", now)
    report = index(config, docs, rebuild=True)
    assert list(report.failed) == [str(docs / "roads.txt")]
    assert held(config) == {"roads.txt": ROADS, "schools.txt": SCHOOLS}


def test_a_rebuild_replaces_a_damaged_index(config, docs):
    index(config, docs)
    (config.index / "youju.sqlite").write_bytes(b"damaged" * 999)
    with pytest.raises(DocumentNotFoundError, match=r"no readable document. Name the files: youju index --rebuild"):
        index(config, rebuild=True)
    assert index(config, docs, rebuild=True).n_passages == N_ROADS + N_SCHOOLS


def test_a_rebuild_replaces_an_index_of_a_newer_version(config, docs):
    index(config, docs)
    with Store.open(config.index) as store:
        store._database.rows("PRAGMA user_version=99")
    with pytest.raises(IndexMismatchError, match="has format 99"):
        index(config, docs)
    assert index(config, docs, rebuild=True).n_passages == N_ROADS + N_SCHOOLS


def test_removed_documents_are_gone_and_the_snapshot_with_them(config, docs):
    index(config, docs)
    remove_sources(config, ["roads.txt", "roads.txt"])
    assert list(held(config)) == ["schools.txt"]
    with Store.open(config.index, readonly=True) as store:
        assert len(DenseIndex.load_or_build(store, config.index)) == N_SCHOOLS


def test_removing_an_unknown_document_removes_nothing(config, docs):
    index(config, docs)
    with pytest.raises(DocumentNotFoundError, match=r"no document 'x.txt'. It holds: roads.txt, schools.txt"):
        remove_sources(config, ["roads.txt", "x.txt"])
    assert set(held(config)) == {"roads.txt", "schools.txt"}


def test_removing_without_an_index_says_so(config):
    with pytest.raises(IndexMissingError, match="There is no index"):
        remove_sources(config, ["x.txt"])


# In several processes


def test_the_index_is_the_same_whichever_executor_prepared_it(config, docs, tmp_path):
    put(docs, "bad.txt", b"\x00\x01")
    put(docs / "again", "roads.txt", ROADS.replace("86", "99"))
    other = config.replace(index=tmp_path / "other", workers=2)
    one, several = index(config, docs), index(other, docs)
    assert several == one
    assert (len(one.added), len(one.failed)) == (3, 1)
    assert contents(other) == contents(config)
    assert found(other) == found(config)


def test_a_rebuild_in_several_processes_keeps_everything(config, docs, tmp_path):
    index(config, docs)
    before = contents(config)
    report = index(config.replace(workers=2), rebuild=True)
    assert (sorted(report.unchanged), report.failed) == (["roads.txt", "schools.txt"], {})
    assert contents(config) == before


def test_what_is_unchanged_is_told_by_another_process_too(config, docs):
    index(config, docs)
    encoder = HashingEncoder()
    report = index(config.replace(workers=2), docs, encoder=encoder)
    assert (sorted(report.unchanged), encoder.encoded) == (["roads.txt", "schools.txt"], [])


def test_one_file_is_prepared_in_this_process(config, docs, monkeypatch):
    monkeypatch.setattr("rag.execution.ProcessExecutor", None)
    assert index(config.replace(workers=2), docs / "roads.txt").added == ["roads.txt"]


def found(config):
    """Keys and scores of what both searches find."""
    with open_index(config) as opened:
        vector = HashingEncoder().encode(["新建学校"])[0]
        return opened.vectors.search(vector, 9), opened.lexical.search(["新建", "公路"], 9)
