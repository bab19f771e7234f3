"""An index that another process changes while questions are being answered."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag.config import load_config
from rag.errors import CorpusIndexError, IndexCorruptError, IndexMismatchError, IndexMissingError
from rag.index.ingest import index_paths, remove_sources
from rag.index.sqlite import Store
from rag.pipeline import Pipeline
from rag.retrieval.snapshot import IndexSnapshot
from rag.schema.answers import Answer
from tests.support.fakes import HashingEncoder, QuotingGenerator

ROADS = "海州市2031年交通工作总结\n\n一、道路\n2031年，海州市新修公路86公里。\n"
ASKED = "海州市2031年新修公路多少公里？"


@pytest.fixture
def config(tmp_path):
    config = load_config({"YOUJU_HOME": str(tmp_path / "home")})
    put(config, "roads.txt", ROADS)
    return config


@pytest.fixture
def pipeline(config):
    return Pipeline.open(config, encoder=HashingEncoder, generator=QuotingGenerator)


def put(config, name, text, encoder=None, **rest):
    """What another process does: index a file."""
    path = config.home.parent / name
    path.write_text(text, encoding="utf-8")
    return index_paths(config, [path], encoder=encoder or HashingEncoder(), **rest)


def said(pipeline):
    return pipeline.ask(ASKED).text


def corpus(config):
    return IndexSnapshot.open(config, HashingEncoder())


# What is noticed


def test_what_nobody_changed_is_current_and_not_opened_again(config, pipeline):
    before = pipeline._corpus
    said(pipeline)
    put(config, "roads.txt", ROADS)  # the same bytes: nothing is written
    said(pipeline)
    assert pipeline._corpus is before
    assert before.is_current()


def test_an_added_document_is_found(config, pipeline):
    asked = "海州市2031年新建桥梁多少座？"
    assert "桥梁12座" not in pipeline.ask(asked).text
    put(config, "bridges.txt", "海州市2031年桥梁工作总结\n\n一、桥梁\n2031年，海州市新建桥梁12座。\n")
    assert pipeline.ask(asked).text == "2031年，海州市新建桥梁12座。[1]"
    assert [info.source for info in pipeline.documents()] == ["bridges.txt", "roads.txt"]


def test_a_changed_document_is_read_as_it_is_now(config, pipeline):
    assert said(pipeline) == "2031年，海州市新修公路86公里。[1]"
    start = ROADS.index("2031年，")
    assert pipeline.quote_at("roads.txt", start, len(ROADS)) == "2031年，海州市新修公路86公里。"
    put(config, "roads.txt", ROADS.replace("86", "99"))
    assert pipeline.quote_at("roads.txt", start, len(ROADS)) == "2031年，海州市新修公路99公里。"
    assert said(pipeline) == "2031年，海州市新修公路99公里。[1]"


def test_a_removed_document_is_found_no_more(config, pipeline):
    put(config, "other.txt", "临川县2030年工作总结\n\n一、概况\n临川县有学校7所。\n")
    remove_sources(config, ["roads.txt"])
    assert {e.source for e in pipeline.ask(ASKED).evidence} <= {"other.txt"}


def test_a_rebuilt_index_is_noticed_although_the_old_file_is_still_open(config, pipeline):
    said(pipeline)
    old = pipeline._corpus
    put(config, "roads.txt", ROADS.replace("86", "99"), rebuild=True)
    assert old.store.state == f"{old._index.state}:replaced", "the file has not changed: another one has its name"
    assert not old.is_current()
    assert said(pipeline) == "2031年，海州市新修公路99公里。[1]"


def test_an_index_that_is_copied_over_is_noticed(config, pipeline, tmp_path):
    other = config.replace(index=tmp_path / "other")
    put(other, "roads.txt", ROADS.replace("86", "77"))
    shutil.copy(other.index / "youju.sqlite", tmp_path / "copy")
    (tmp_path / "copy").replace(config.index / "youju.sqlite")
    assert said(pipeline) == "2031年，海州市新修公路77公里。[1]"


def test_a_stream_that_has_begun_ends_on_what_it_began_with(config, pipeline):
    events = pipeline.stream(ASKED)
    next(events)
    put(config, "roads.txt", ROADS.replace("86", "99"), rebuild=True)
    answer = list(events)[-1]
    assert isinstance(answer, Answer)
    assert answer.text == "2031年，海州市新修公路86公里。[1]"
    assert said(pipeline) == "2031年，海州市新修公路99公里。[1]"


def test_what_is_let_go_is_closed(config, pipeline):
    database = pipeline._corpus.store._database
    database.row("SELECT 1")
    put(config, "roads.txt", ROADS.replace("86", "99"))
    said(pipeline)
    with pytest.raises(CorpusIndexError, match="closed"):
        database.row("SELECT 1")


def test_noticing_reads_no_more_than_two_facts(config):
    opened = corpus(config)
    statements = []
    opened.store._database._connection.set_trace_callback(statements.append)
    assert opened.is_current()
    assert statements == [f"SELECT value FROM meta WHERE key = '{key}'" for key in ("index_id", "generation")]


# What cannot be used any more


def test_an_index_that_was_deleted_says_so_and_a_new_one_is_taken(config, pipeline):
    said(pipeline)
    shutil.rmtree(config.index)
    with pytest.raises(IndexMissingError, match="youju index PATH"):
        said(pipeline)
    put(config, "roads.txt", ROADS.replace("86", "99"))
    assert said(pipeline) == "2031年，海州市新修公路99公里。[1]"


def test_an_index_rebuilt_with_another_model_says_so(config, pipeline):
    said(pipeline)
    put(config, "roads.txt", ROADS, HashingEncoder(32, name="other@1"), rebuild=True)
    with pytest.raises(IndexMismatchError, match=r"built with 'other@1' \(32 dims\).*youju index --rebuild"):
        said(pipeline)


def test_an_index_of_another_model_is_refused_at_the_door(config):
    with pytest.raises(IndexMismatchError, match="'hashing@00000000'"):
        IndexSnapshot.open(config, HashingEncoder(name="other@1"))


def test_an_index_of_other_passages_is_refused_at_the_door(config):
    with pytest.raises(IndexMismatchError, match=r"chunking 'v\d+-80'; the config asks for 'v\d+-120'"):
        IndexSnapshot.open(config.replace(passage_chars=120), HashingEncoder())


def test_no_index_is_told_before_a_model_is_looked_for(config, tmp_path):
    def load():
        raise AssertionError

    with pytest.raises(IndexMissingError, match="There is no index"):
        Pipeline.open(config.replace(index=tmp_path / "nothing"), encoder=load)


@pytest.mark.parametrize("offset", range(0, 60_000, 4096))
def test_a_damaged_page_is_harmless_or_told(config, offset):
    file = config.index / "youju.sqlite"
    content = bytearray(file.read_bytes())
    if offset >= len(content):
        pytest.skip("the file is shorter")
    content[offset : offset + 4096] = b"\xa5" * 4096
    file.write_bytes(content)
    (config.index / "dense.json").unlink()
    try:
        opened = corpus(config)
        opened.store.document("roads.txt")
        opened.retriever.retrieve(opened.retriever.analyse(ASKED), top_k=5)
    except CorpusIndexError as error:
        assert "youju" in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("UPDATE passages SET heading = ?", ("[",)),
        ("UPDATE passages SET sentences = ?", ("7",)),
        ("UPDATE parts SET years = ?", (None,)),
        ("UPDATE vectors SET vector = ?", (b"abc",)),
        ("UPDATE meta SET value = ? WHERE key = 'dim'", ("x",)),
    ],
)
def test_a_value_that_is_none_of_ours_is_damage(config, sql, values):
    (config.index / "dense.json").unlink()
    with Store.open(config.index) as store:
        store._database.rows("PRAGMA ignore_check_constraints=ON")
        table = sql.split()[1]
        if values == (None,):
            values = ("nothing",)
        assert store._database.row(f"SELECT count(*) FROM {table}")[0]
        store._database.rows(sql, values)
    with pytest.raises(IndexCorruptError, match=r"it is damaged.*youju index --rebuild"):
        _search(config)


# All at once


def test_questions_are_answered_while_the_index_is_written_and_rebuilt(config, pipeline):
    done = threading.Event()
    wrong = []

    def ask():
        while not done.is_set():
            text = said(pipeline)
            if text not in allowed:
                wrong.append(text)

    kilometres = range(10, 26)
    allowed = {f"2031年，海州市新修公路{n}公里。[1]" for n in (86, *kilometres)}
    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask) for _ in range(3)]
        for n in kilometres:
            put(config, "roads.txt", ROADS.replace("86", str(n)), rebuild=n % 3 == 0)
        done.set()
        for future in asking:
            future.result(timeout=60)
    assert wrong == []
    assert said(pipeline) == f"2031年，海州市新修公路{kilometres[-1]}公里。[1]"


def _search(config):
    retriever = corpus(config).retriever
    return retriever.retrieve(retriever.analyse(ASKED), top_k=5)
