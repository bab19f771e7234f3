"""Uploads: whose they are, what is taken, what is refused and why, what stays after a stop or a kill."""

from pathlib import Path

import pytest

from rag.index.ingest import index_paths, remove_sources
from rag.index.plan import UPLOADS
from tests.support.fakes import HashingEncoder
from tests.support.sheet_files import rows_of, xlsx_of, zip_of
from tests.support.ui.library import ROADS, SCHOOLS, Lender, add, became, listed, sent, texts
from ui.documents.library import Library
from ui.settings import load_page_config


@pytest.fixture
def config(tmp_path):
    return load_page_config({"YOUJU_HOME": str(tmp_path / "home")}, max_file_bytes=10_000, max_upload_files=5)


@pytest.fixture
def library(config):
    return Library(config, Lender(), logins=True, admins=frozenset({"root"}))


PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.fixture
def drop(tmp_path):
    return sent(tmp_path)


# Adding


def test_the_first_upload_makes_the_index_and_is_listed_with_its_facts(library, config, drop):
    assert library.documents("ann") == []
    assert became(library, "ann", drop(**{"roads.txt": ROADS})) == [("added", "")]
    (row,) = library.documents("ann")
    assert (row.source, row.titles, row.places, row.years) == (
        "roads.txt",
        ("海州市2031年交通工作总结",),
        ("海州市",),
        (2031,),
    )
    assert (row.date, row.n_chars, row.own, row.removable) == ("2032-03-04", len(ROADS), True, True)
    assert texts(config) == {"roads.txt": ROADS}


def test_what_was_left_out_of_a_file_is_told_when_it_is_added_and_kept_with_it(library, drop):
    workbook = xlsx_of({"学位": rows_of(["县", "小学"], ["甲县", 12]), "附": rows_of(["乙"])}, states={"附": "hidden"})
    packed = zip_of({"a.txt": ROADS, "b.exe": b"MZ\x00"})
    added, archive = add(library, "ann", drop(**{"a.xlsx": workbook, "a.zip": packed}))
    assert [(step.stage, len(step.notes)) for step in (added, archive)] == [("added", 1), ("added", 1)]
    assert "附" in added.notes[0]
    assert archive.notes[0].startswith("b.exe was not read: ")
    assert {row.source: row.notes for row in library.documents("ann")} == {
        "a.xlsx": added.notes,
        "a.zip": archive.notes,
    }


def test_each_stage_is_told_in_its_order_and_embedding_counts_passages(library, drop):
    steps = []
    library.add("ann", drop(**{"roads.txt": ROADS}), tell=steps.append)
    assert list(dict.fromkeys(step.stage for step in steps)) == ["checking", "reading", "embedding", "storing", "added"]
    n_passages = library.documents("ann")[0].n_passages
    assert [(s.done, s.total) for s in steps if s.stage == "embedding"] == [(0, n_passages)]
    assert steps[-1].total == n_passages > 1
    assert {(step.number, step.name) for step in steps} == {(1, "roads.txt")}


def test_no_uploaded_file_is_left_whatever_became_of_it(library, config, drop):
    files = drop(**{"roads.txt": ROADS, "picture.txt": PNG, "page.html": "<script>", "again.txt": ROADS})
    add(library, "ann", files)
    assert [path for _, path in files if path.exists()] == []
    assert [path for path in (config.workspace / UPLOADS).rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("picture.txt", PNG, "format"),
        ("letter.txt", b"PK\x03\x04" + bytes(40), "format"),
        ("zeros.txt", bytes(100), "format"),
        ("empty.txt", b"", "format"),
        ("blank.txt", " \n\t ", "format"),
        ("bad.txt", b"\xef\xbb\xbf\xff\xff", "encoding"),
        ("big.txt", "字" * 4000, "size"),
        ("page.xyz", "<script>alert(1)</script>", "kind"),
        ("program", ROADS, "kind"),
        ("roads.txt.exe", ROADS, "kind"),
        (".hidden.txt", ROADS, "name"),
        ("../../", ROADS, "name"),
        ("\0\u202e", ROADS, "name"),
    ],
)
def test_a_file_that_cannot_be_a_document_is_refused_with_its_reason(library, config, drop, name, content, reason):
    (step, good) = add(library, "ann", drop(**{name: content, "roads.txt": ROADS}))
    assert (step.stage, step.reason) == ("failed", reason)
    assert str(config.workspace) not in step.detail
    assert good.stage == "added"
    assert listed(library, "ann") == ["roads.txt"]


def test_the_loader_says_in_its_own_words_what_a_mislabelled_file_is(library, drop):
    (step,) = add(library, "ann", drop(**{"picture.txt": PNG}))
    assert step.detail == "picture.txt is a PNG picture, not text. Save it as plain text (UTF-8) and index that."


def test_more_files_than_allowed_at_once_are_refused_and_the_first_are_taken(library, drop):
    files = drop(**{f"{n}.txt": ROADS.replace("86", str(n)) for n in range(7)})
    assert became(library, "ann", files) == [("added", "")] * 5 + [("failed", "too_many")] * 2


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/roads.txt", "roads.txt"),
        ("/etc/roads.txt", "roads.txt"),
        ("C:\\windows\\roads.txt", "roads.txt"),
        ("con.txt", "_con.txt"),
        ("lpt1.old.txt", "_lpt1.old.txt"),
        ("ro\0ads\u202e\u200b.txt", "roads.txt"),
        ("caf\u0065\u0301.txt", "caf\u00e9.txt"),
        ('<img src=x onerror="a">.txt', "_img src=x onerror=_a__.txt"),
        ("a\r\nSet-Cookie b.txt", "aSet-Cookie b.txt"),
        ("roads.txt. .", "roads.txt"),
        ("长" * 300 + ".txt", "长" * 65 + ".txt"),
        ("\ud800roads.md", "_roads.md"),
    ],
)
def test_a_name_is_made_safe(library, config, drop, name, kept):
    (step,) = add(library, "ann", drop(**{name: ROADS}))
    assert (step.stage, step.name, step.source) == ("added", name, kept)
    assert texts(config) == {kept: ROADS}


# Names that meet


def test_a_user_replaces_their_own_document_and_is_told_so(library, config, drop):
    add(library, "ann", drop(**{"roads.txt": ROADS}))
    assert became(library, "ann", drop(**{"roads.txt": ROADS})) == [("unchanged", "")]
    assert became(library, "ann", drop(**{"roads.txt": ROADS.replace("86", "99")})) == [("replaced", "")]
    assert texts(config) == {"roads.txt": ROADS.replace("86", "99")}


@pytest.mark.parametrize("content", [ROADS, SCHOOLS], ids=["same", "other"])
@pytest.mark.parametrize("name", ["roads.txt", "Roads.TXT"])
def test_another_users_name_is_taken_whatever_the_content(library, config, drop, name, content):
    add(library, "ann", drop(**{"roads.txt": ROADS}))
    (step,) = add(library, "bob", drop(**{name: content}))
    assert (step.stage, step.reason, step.detail) == ("failed", "name_taken", "")
    assert texts(config) == {"roads.txt": ROADS}
    assert listed(library, "bob") == []


def test_a_shared_document_is_never_overwritten(library, config, drop, tmp_path):
    shared(config, tmp_path, "roads.txt", ROADS)
    (tmp_path / "roads.txt").unlink()
    assert became(library, "ann", drop(**{"roads.txt": ROADS})) == [("unchanged", "")]
    assert became(library, "ann", drop(**{"roads.txt": SCHOOLS})) == [("failed", "name_shared")]
    assert texts(config) == {"roads.txt": ROADS}
    assert not library.documents("bob")[0].own


def test_names_that_read_alike_are_kept_apart(library, drop):
    add(library, "ann", drop(**{"Report.txt": ROADS}))
    files = drop(**{"ｒeport.TXT": SCHOOLS, "two.txt": SCHOOLS, "TWO.txt": ROADS})
    assert became(library, "ann", files) == [("failed", "name_alike"), ("added", ""), ("failed", "twice")]


# Two users apart


def test_an_upload_is_its_users_alone(library, config, drop, tmp_path):
    shared(config, tmp_path, "shared.txt", ROADS.replace("86", "7"))
    add(library, "ann", drop(**{"roads.txt": ROADS}))
    add(library, "bob", drop(**{"schools.txt": SCHOOLS}))
    assert listed(library, "ann") == ["roads.txt", "shared.txt"]
    assert (library.hidden("ann"), library.hidden("bob")) == ({"schools.txt"}, {"roads.txt"})
    assert library.hidden("root") == library.hidden("") == {"roads.txt", "schools.txt"}
    assert [row.removable for row in library.documents("ann")] == [True, False]


def test_whose_an_upload_is_stays_known_to_a_new_process_with_a_moved_workspace(library, config, drop, tmp_path):
    add(library, "ann", drop(**{"roads.txt": ROADS}))
    index_paths(config, [], rebuild=True, encoder=HashingEncoder())
    later = Library(config.replace(workspace=tmp_path / "elsewhere"), Lender(), logins=True)
    assert (later.hidden("bob"), later.hidden("ann")) == ({"roads.txt"}, frozenset())


def test_a_name_that_left_the_index_belongs_to_nobody(library, config, drop, tmp_path):
    add(library, "ann", drop(**{"roads.txt": ROADS}))
    remove_sources(config, ["roads.txt"])
    assert library.hidden("bob") == frozenset()
    shared(config, tmp_path, "roads.txt", ROADS)
    assert listed(library, "bob") == ["roads.txt"]


def test_without_logins_everything_is_everybodys(config, drop, tmp_path):
    library = Library(config, Lender(), logins=False)
    shared(config, tmp_path, "shared.txt", ROADS)
    add(library, "one", drop(**{"schools.txt": SCHOOLS}))
    assert (listed(library, "two"), library.hidden("two")) == (["schools.txt", "shared.txt"], frozenset())
    assert became(library, "two", drop(**{"schools.txt": SCHOOLS.replace("3", "4")})) == [("replaced", "")]
    assert became(library, "two", drop(**{"shared.txt": SCHOOLS})) == [("failed", "name_exists")]
    assert library.remove("two", ["shared.txt"]) == ["shared.txt"]
    assert Library(config, Lender(), logins=True).hidden("bob") == frozenset()


# Removing and making anew


def test_a_user_removes_only_their_own_an_admin_everything(library, config, drop, tmp_path):
    shared(config, tmp_path, "shared.txt", ROADS.replace("86", "7"))
    add(library, "ann", drop(**{"roads.txt": ROADS, "schools.txt": SCHOOLS}))
    assert library.remove("bob", ["roads.txt", "shared.txt", "nothing.txt"]) == []
    assert library.remove("ann", ["roads.txt", "roads.txt", "shared.txt"]) == ["roads.txt"]
    assert listed(library, "root") == ["schools.txt", "shared.txt"]
    assert library.remove("root", ["schools.txt", "shared.txt"]) == ["schools.txt", "shared.txt"]
    assert texts(config) == {}


def test_only_admins_make_the_index_anew(library, drop):
    add(library, "ann", drop(**{"roads.txt": ROADS, "schools.txt": SCHOOLS}))
    before = library.documents("ann")
    steps = []
    library.rebuild("ann", tell=steps.append)
    assert [(step.stage, step.reason) for step in steps] == [("failed", "not_yours")]
    library.rebuild("root", tell=steps.append)
    assert (steps[-1].stage, steps[-1].total) == ("rebuilt", 2)
    assert "[2/2] schools.txt" in {step.name for step in steps}
    assert [(row.source, row.own) for row in library.documents("ann")] == [(row.source, row.own) for row in before]


def test_there_is_nothing_to_make_anew_in_an_empty_index(library):
    steps = []
    library.rebuild("root", tell=steps.append)
    assert [(step.stage, step.reason) for step in steps] == [("failed", "nothing")]


def shared(config, folder, name, text):
    """What was indexed from the command line."""
    path = Path(folder) / name
    path.write_text(text, encoding="utf-8")
    index_paths(config, [path], encoder=HashingEncoder())
