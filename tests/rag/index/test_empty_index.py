"""A page that starts before anything was indexed."""

import pytest

from rag.config import load_config
from rag.errors import IndexMismatchError, IndexMissingError
from rag.index.ingest import index_paths, remove_sources
from rag.index.sqlite import Store
from rag.pipeline import Pipeline
from rag.schema.search import Scope
from tests.support.fakes import HashingEncoder, QuotingGenerator, QuotingReader
from tests.support.scoring import IN_SCOPE

ROADS = "海州市2031年交通工作总结\n\n一、道路\n2031年，海州市新修公路86公里。\n"
ASKED = "海州市2031年新修公路多少公里？"
NONE_YET = "还没有任何资料，请先添加。"


@pytest.fixture
def config(tmp_path):
    return load_config({"YOUJU_HOME": str(tmp_path / "home")})


@pytest.fixture
def roads(tmp_path):
    path = tmp_path / "roads.txt"
    path.write_text(ROADS, encoding="utf-8")
    return path


def opened(config, encoder=HashingEncoder, **rest):
    return Pipeline.open(
        config,
        encoder=encoder,
        generator=QuotingGenerator,
        reader=QuotingReader,
        scorer=IN_SCOPE,
        **{"create": True} | rest,
    )


def test_an_index_is_made_only_where_that_is_asked_for(config):
    with pytest.raises(IndexMissingError):
        opened(config, create=False)
    assert not config.index.exists()
    opened(config)
    with Store.open(config.index, readonly=True) as store:
        assert (store.facts.encoder, store.facts.dim) == (HashingEncoder().name, HashingEncoder().dim)


def test_every_use_of_an_empty_index_says_that_it_is_empty(config):
    pipeline = opened(config)
    assert (pipeline.documents(), pipeline.example_questions(4), pipeline.search(ASKED)) == ([], [], [])
    assert pipeline.ask(ASKED).text == NONE_YET
    assert pipeline.ask(ASKED, mode="quotes").text == NONE_YET
    assert pipeline.ask(ASKED, scope=Scope(years=frozenset({2031}))).text == NONE_YET
    assert pipeline.ask("How many kilometres of road were built?").text == (
        "There are no documents yet. Add some first."
    )


def test_the_first_document_is_found_by_the_pipeline_that_was_open_before_it(config, roads):
    pipeline = opened(config)
    index_paths(config, [roads], encoder=pipeline.encoder)
    assert pipeline.ask(ASKED).text == "2031年，海州市新修公路86公里。[1]"
    remove_sources(config, ["roads.txt"])
    assert pipeline.ask(ASKED).text == NONE_YET


def test_who_sees_no_document_is_told_that_there_is_none(config, roads):
    pipeline = opened(config)
    index_paths(config, [roads], encoder=pipeline.encoder)
    assert pipeline.ask(ASKED, hidden=frozenset({"roads.txt"})).text == NONE_YET


def test_an_index_in_use_is_left_as_it_is(config, roads):
    index_paths(config, [roads], encoder=HashingEncoder())
    with Store.open(config.index, readonly=True) as store:
        before = store.state
    pipeline = opened(config)
    assert pipeline.index_state == before
    with pytest.raises(IndexMismatchError):
        opened(config, lambda: HashingEncoder(dim=16))


def test_an_emptied_index_takes_another_encoder(config, roads):
    index_paths(config, [roads], encoder=HashingEncoder())
    remove_sources(config, ["roads.txt"])
    other = opened(config, lambda: HashingEncoder(dim=16, name="other@1"))
    index_paths(config, [roads], encoder=other.encoder)
    assert [info.source for info in other.documents()] == ["roads.txt"]
