"""`youju documents`: what is listed, shown, removed and exported."""

import json
from pathlib import Path

from tests.support.console import ROADS, SCHOOLS


def put(path, text):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(text.encode())


def test_a_line_tells_name_facts_and_places(indexed):
    put("docs/sub/copy.txt", ROADS)
    indexed("index", "docs")
    assert indexed("documents", "list") == 0
    line = indexed.out.splitlines()[0].split("\t")
    assert line[:5] == ["roads.txt", "2 passages", "海州市", "2031", "海州市2031年交通工作总结"]
    assert line[5].endswith("+00:00")
    assert line[6:] == [str(Path("docs/roads.txt").resolve()), str(Path("docs/sub/copy.txt").resolve())]
    listed = indexed.out
    assert indexed("index", "--list") == 0
    assert indexed.out == listed


def test_records_tell_the_same(indexed):
    assert indexed("documents", "list", "--json") == 0
    records = [json.loads(line) for line in indexed.out.splitlines()]
    assert [(r["source"], r["places"], r["years"], r["n_passages"], r["copies"]) for r in records] == [
        ("roads.txt", ["海州市"], [2031], 2, []),
        ("schools.txt", ["临川县"], [2030], 2, []),
    ]


def test_a_document_is_shown_with_its_outline(indexed):
    assert indexed("documents", "show", "roads.txt") == 0
    lines = indexed.out.splitlines()
    assert "name        roads.txt" in lines
    assert "titles      海州市2031年交通工作总结" in lines
    assert f"kind        text/plain; charset=utf-8, {len(ROADS.encode())} bytes" in lines
    assert f"text        {len(ROADS)} characters, 2 passages" in lines
    assert lines[lines.index("outline") + 1 :] == ["  一、道路"]
    assert indexed("documents", "show", "roads.txt", "--json") == 0
    shown = json.loads(indexed.out)
    assert shown["outline"] == [{"level": 1, "title": "一、道路", "start": ROADS.index("一、道路")}]
    assert shown["media_type"] == "text/plain"


def test_what_was_left_out_is_shown(indexed):
    put("docs/table.csv", "县,学位\n甲县,12\n乙县\n")
    Path("docs/bad.txt").write_bytes("全市新建学校12所。\n".encode() * 20 + b"\xff")
    indexed("index", "docs")
    assert "note: docs/bad.txt: " in indexed.err
    note = next(line for line in indexed.err.splitlines() if line.startswith("note: docs/bad.txt: "))
    assert indexed("documents", "show", "bad.txt", "--json") == 0
    assert " ".join(json.loads(indexed.out)["notes"]) == note.removeprefix("note: docs/bad.txt: ")
    assert indexed("documents", "show", "bad.txt") == 0
    assert "notes       " in indexed.out


def test_an_unknown_name_is_code_5_and_near_ones_are_named(indexed):
    put("docs/sub/roads.txt", SCHOOLS.replace("12", "13"))
    indexed("index", "docs")
    for command in (["show", "road.txt"], ["remove", "road.txt"], ["export", "road.txt", "--out", "x.txt"]):
        assert indexed("documents", *command) == 5
        assert indexed.err.endswith("Did you mean 'roads.txt' or 'sub/roads.txt'?\n")
    assert not Path("x.txt").exists()
    assert indexed("documents", "show", "完全不同") == 5
    assert "Did you mean" not in indexed.err


def test_removed_documents_are_gone(indexed):
    assert indexed("documents", "remove", "roads.txt", "schools.txt") == 0
    assert indexed.out == "Removed: roads.txt, schools.txt\n"
    assert indexed("documents", "list") == 0
    assert indexed.out == ""


def test_the_text_of_a_document_is_exported_as_it_is_indexed(indexed):
    put("docs/dos.txt", ROADS.replace("\n", "\r\n"))
    indexed("index", "docs")
    assert indexed("documents", "export", "dos.txt", "--out", "out.txt") == 0
    assert Path("out.txt").read_bytes().decode() == ROADS.replace("\n", "\r\n")


def test_all_texts_are_exported_into_a_new_folder_and_nowhere_else(indexed):
    put("docs/sub/roads.txt", SCHOOLS.replace("12", "13"))
    put("docs/sub_roads.txt", SCHOOLS.replace("12", "14"))
    indexed("index", "docs")
    assert indexed("documents", "export", "--out", "texts") == 0
    written = {path.name: path.read_text(encoding="utf-8") for path in Path("texts").iterdir()}
    names = json.loads(written.pop("documents.json"))
    assert names == {
        "roads.txt": "roads.txt",
        "schools.txt": "schools.txt",
        "sub_roads.txt": "sub/roads.txt",
        "sub_roads (2).txt": "sub_roads.txt",
    }
    assert written["sub_roads.txt"] == SCHOOLS.replace("12", "13")
    assert written["sub_roads (2).txt"] == SCHOOLS.replace("12", "14")
    assert indexed("documents", "export", "--out", "texts") == 9
    assert "texts holds files already" in indexed.err
