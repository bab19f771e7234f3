"""``rag.ask``: one call, everything behind it opened once."""

import math
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import rag
from rag import api as asking
from rag import pipeline
from rag.config import load_config
from rag.index.ingest import index_paths
from tests.support.fakes import HashingEncoder, QuotingGenerator, ScriptedReader
from tests.support.scoring import IN_SCOPE

ROADS = "海州市2031年交通工作总结\n\n一、道路\n2031年，海州市新修公路86公里。维修公路240公里。\n"
ASKED = "海州市2031年新修公路、维修公路分别多少公里？"
SENTENCE = "2031年，海州市新修公路86公里。"
SAID = f"{SENTENCE}[1]维修公路240公里。[2]"  # two sentences: the generator is asked for one text, and leaves one out
FINDS = {"86公里": 3.0, "99公里": 3.0, "55公里": 3.0, "240公里": 2.9}  # as in whichever roads are put


class Loads:
    """Makes stand-ins and remembers for which settings."""

    def __init__(self, make):
        self.make = make
        self.settings = []

    def __call__(self, config, **rest):
        self.settings.append(config)
        self.rest = rest
        return self.make()


@pytest.fixture
def encoders(monkeypatch):
    return loads(monkeypatch, "load_encoder", HashingEncoder)


@pytest.fixture
def generators(monkeypatch):
    return loads(monkeypatch, "load_generator", QuotingGenerator)


@pytest.fixture
def readers(monkeypatch):
    return loads(monkeypatch, "load_reader", lambda: ScriptedReader(FINDS))


def loads(monkeypatch, name, make):
    counted = Loads(make)
    monkeypatch.setattr(asking, name, counted)
    return counted


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch, encoders, generators, readers):
    monkeypatch.setenv("YOUJU_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(pipeline, "load_scorer", lambda: IN_SCOPE)
    asking.close()
    put(tmp_path / "home" / "index", "86")
    yield
    asking.close()


def put(index, kilometres, **rest):
    path = index.parent / "roads.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(ROADS.replace("86", kilometres), encoding="utf-8")
    index_paths(load_config(index=index), [path], encoder=HashingEncoder(), **rest)


def test_a_question_is_answered_by_one_call():
    answer = rag.ask(ASKED, question_id="q1")
    assert isinstance(answer, rag.Answer)
    assert answer.text == SAID
    assert answer.to_dict()["id"] == "q1"
    assert ROADS[answer.citations[0].start : answer.citations[0].end] == SENTENCE


def test_a_stream_yields_the_same_answer():
    found, quoted, *deltas, answer = rag.ask(ASKED, stream=True)
    assert isinstance(found, rag.Retrieved)
    assert quoted.answer.text == SAID
    assert "".join(delta.text for delta in deltas) == SENTENCE == answer.reply
    assert answer.text == SAID


def test_quotes_come_without_the_generator(generators, readers):
    answer = rag.ask(ASKED, mode="quotes", question_id="q1")
    assert (answer.text, answer.reply, answer.to_dict()["id"]) == (SAID, "", "q1")
    assert [sentence.text[start:end] for sentence in answer.sentences for start, end in sentence.spans] == [
        "86公里",
        "240公里",
    ]
    assert answer.timings.first_token_seconds is None
    found, last = rag.ask(ASKED, mode="quotes", stream=True)
    assert (last.text, last.evidence) == (SAID, found.evidence)
    assert 0 < found.seconds == last.timings.retrieve_seconds <= last.timings.quoted_seconds
    refused = rag.ask("海州市2028年新修公路多少公里？", mode="quotes")
    assert (refused.abstained, refused.sentences) == (True, ())
    assert generators.settings == []
    assert (len(readers.settings), readers.rest) == (1, {"encoder_name": "hashing@00000000"})


def test_an_unlikely_quotation_is_not_shown_and_its_confidence_is_told(readers):
    readers.make = lambda: ScriptedReader({"86公里": -1.5})
    answer = rag.ask(ASKED)
    assert (answer.abstained, answer.confidence) == (True, pytest.approx(1 / (1 + math.exp(1.5))))
    assert [citation.quote for citation in answer.citations] == [SENTENCE]


def test_what_the_reader_is_sure_is_not_there_is_refused_before_a_word_is_written(readers, generators):
    readers.make = lambda: ScriptedReader({"86公里": -4.0})
    found, answer = rag.ask(ASKED, stream=True)
    assert (type(found), answer.abstained, answer.text) == (rag.Retrieved, True, "资料中没有提到所问的内容。")
    assert 0 < answer.confidence < 0.1
    assert generators.settings == []


def test_warming_up_for_quotes_loads_the_reader_alone(generators, readers):
    asking.opened_pipeline(load_config()).warm_up("quotes")
    assert (len(readers.settings), generators.settings) == (1, [])
    asking.opened_pipeline(load_config()).warm_up()
    assert (len(readers.settings), len(generators.settings)) == (1, 1)


def test_history_and_scope_are_handed_on():
    history = [{"role": "user", "content": ASKED}]
    assert rag.ask("那里有几公里？", history=history).query == "海州市2031年新修公路、维修公路有几公里？"
    nowhere = rag.ask(ASKED, scope=rag.Scope(sources=frozenset({"other.txt"})))
    assert (nowhere.abstained, nowhere.text) == (True, "限定的范围内没有任何资料。")


def test_a_bad_history_is_a_question_error():
    with pytest.raises(rag.QuestionError, match="Item 1 of the history is of type str"):
        rag.ask(ASKED, history=["早"])
    with pytest.raises(rag.QuestionError, match="The question is empty"):
        list(rag.ask("", stream=True))


def test_models_are_loaded_once(encoders, generators, readers):
    with ThreadPoolExecutor(8) as pool:
        assert {answer.text for answer in pool.map(rag.ask, [ASKED] * 16)} == {SAID}
    assert (len(encoders.settings), len(generators.settings), len(readers.settings)) == (1, 1, 1)
    asking.close()
    rag.ask(ASKED)
    assert (len(encoders.settings), len(generators.settings), len(readers.settings)) == (2, 2, 2)


def test_searching_alone_loads_no_generator(generators):
    with pytest.raises(rag.QuestionError):
        rag.ask("")
    rag.ask(ASKED, scope=rag.Scope(years=frozenset({1999})))
    assert generators.settings == []


def test_each_index_has_its_own_answers_and_all_share_the_models(tmp_path, encoders, generators, readers):
    put(tmp_path / "b" / "index", "99")
    for _ in range(2):
        assert rag.ask(ASKED).text == SAID
        assert rag.ask(ASKED, index=tmp_path / "b" / "index").text == SAID.replace("86", "99")
        assert rag.ask(ASKED, index=str(tmp_path / "b" / "index")).text == SAID.replace("86", "99")
    assert (len(encoders.settings), len(generators.settings), len(readers.settings)) == (1, 1, 1)


def test_one_folder_under_two_names_is_opened_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    one = asking.opened_pipeline(load_config(index="home/index"))
    assert asking.opened_pipeline(load_config(index=tmp_path / "home" / "index")) is one


@pytest.mark.parametrize("rebuild", [False, True])
def test_a_changed_index_is_noticed(tmp_path, rebuild, generators):
    assert rag.ask(ASKED).text == SAID
    put(tmp_path / "home" / "index", "99", rebuild=rebuild)
    assert rag.ask(ASKED).text == SAID.replace("86", "99")
    assert len(generators.settings) == 1, "the generator has nothing to do with the index"


def test_changed_settings_are_noticed(monkeypatch, generators):
    rag.ask(ASKED)
    monkeypatch.setenv("YOUJU_MAX_QUESTION_CHARS", "5")
    with pytest.raises(rag.QuestionError, match="the limit is 5"):
        rag.ask(ASKED)
    monkeypatch.delenv("YOUJU_MAX_QUESTION_CHARS")
    monkeypatch.setenv("YOUJU_GENERATOR", "other.gguf")
    assert rag.ask(ASKED).text == SAID
    assert [config.generator for config in generators.settings] == ["qwen2.5-coder-1.5b-instruct", "other.gguf"]


def test_without_an_index_it_says_what_to_do(tmp_path):
    with pytest.raises(rag.CorpusIndexError, match=r"There is no index in .*nowhere. Make one: youju index PATH"):
        rag.ask(ASKED, index=tmp_path / "nowhere")


def test_a_failed_opening_is_tried_again(tmp_path):
    with pytest.raises(rag.CorpusIndexError):
        rag.ask(ASKED, index=tmp_path / "c" / "index")
    put(tmp_path / "c" / "index", "55")
    assert rag.ask(ASKED, index=tmp_path / "c" / "index").text == SAID.replace("86", "55")


def test_one_index_is_asked_while_the_generator_of_another_is_loaded(tmp_path, generators, monkeypatch):
    put(tmp_path / "b" / "index", "99")
    begun, gate = threading.Event(), threading.Event()

    def slow():
        begun.set()
        assert gate.wait(timeout=30)
        return QuotingGenerator()

    generators.make = slow
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(rag.ask, ASKED)
        assert begun.wait(timeout=30)
        nowhere = rag.ask(ASKED, index=tmp_path / "b" / "index", scope=rag.Scope(years=frozenset({1999})))
        assert nowhere.abstained
        assert not waiting.done()
        gate.set()
        assert waiting.result(timeout=30).text == SAID
