"""The story with stand-ins for the models; with the real ones: test_real.py."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag.batch.question_file import Question
from rag.batch.run import read_answers, run_batch
from rag.config import load_config
from rag.documents.page_image import render
from rag.errors import (
    DocumentFormatError,
    DocumentNotFoundError,
    FileChangedError,
    GenerationError,
    ModelError,
    ModelMissingError,
    QuestionError,
)
from rag.generation import Finish, Reply
from rag.index.ingest import index_paths
from rag.pipeline import Pipeline
from rag.schema.answers import Answer, Delta, Quoted
from rag.schema.messages import Turn
from rag.schema.search import Retrieved, Scope
from tests.support.fakes import (
    GlossaryEncoder,
    HashingEncoder,
    QuotingGenerator,
    QuotingReader,
    ScriptedGenerator,
    ScriptedReader,
)
from tests.support.pdf_files import pdf_of
from tests.support.scoring import BESIDE, IN_SCOPE

SCHOOLS = (
    "海州市2031年教育工作总结\n\n一、学校建设\n2031年，海州市新建学校12所，改扩建学校30所，新增学位4.07万个。\n\n"
    "二、教师队伍\n全市招聘教师1068名，其中乡村教师400名。\n"
)
ROADS = "临川县2030年交通工作总结\n\n一、道路\n2030年，临川县新修公路86公里。\n"
ASKED = "海州市2031年新建学校多少所？"
SAID = "2031年，海州市新建学校12所，改扩建学校30所，新增学位4.07万个。"


@pytest.fixture
def docs(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "schools.txt").write_text(SCHOOLS, encoding="utf-8")
    (folder / "roads.txt").write_text(ROADS, encoding="utf-8")
    return folder


@pytest.fixture
def config(tmp_path, docs):
    config = load_config({"YOUJU_HOME": str(tmp_path / "home")})
    index_paths(config, [docs], encoder=HashingEncoder())
    return config


def opened(config, generator=None, reader=None, scorer=IN_SCOPE) -> Pipeline:
    made = {
        "generator": lambda: generator or QuotingGenerator(),
        "reader": lambda: reader or QuotingReader(),
        "scorer": scorer,
    }
    return Pipeline.open(config, encoder=HashingEncoder, **made)


TWO = "海州市2031年新建学校多少所，招聘教师多少名？"
WRITTEN = "海州市新建学校12所。全市招聘教师1068名。"
COMPOSED = "海州市新建学校12所。[1]全市招聘教师1068名。[2]"


def composing(config, generator=None) -> Pipeline:
    """A pipeline that finds two sentences for a question on two things, so that the generator makes a text of them."""
    generator = generator or ScriptedGenerator([WRITTEN[:8], WRITTEN[8:]])
    return opened(config, generator, ScriptedReader({"12所": 3.0, "1068名": 3.0}))


def without_reader(config, generator) -> Pipeline:
    """A pipeline whose generator answers alone."""

    def no_reader():
        raise ModelError("There is no reader for this encoder.")

    return Pipeline.open(config, encoder=HashingEncoder, generator=lambda: generator, reader=no_reader)


# From question to answer


def test_what_stands_in_a_pdf_is_cited_with_its_page(config, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(
        pdf_of(
            [
                ["平湖县2031年教育工作总结"],
                ["一、学校建设", "2031年，平湖县新建学校31所。"],
                ["二、教师", "招聘教师5名。"],
            ]
        )
    )
    index_paths(config, [path], encoder=HashingEncoder())
    pipeline = opened(config)
    answer = pipeline.ask("平湖县2031年新建学校多少所？")
    (citation,) = answer.citations
    assert (citation.source, citation.page, citation.quote) == ("report.pdf", 2, "2031年，平湖县新建学校31所。")
    assert answer.to_dict()["citations"][0]["page"] == 2
    assert "report.pdf p. 2" in repr(answer)
    view = pipeline.document_view("report.pdf")
    assert [view.page_at(at) for at in (0, citation.start, view.n_chars)] == [1, 2, 3]
    assert pipeline.page_image("report.pdf", 2, width=80) == render(path.read_bytes(), 2, name="a", width=80)
    path.write_bytes(pdf_of([["一"], ["二"]]))
    with pytest.raises(FileChangedError):
        pipeline.page_image("report.pdf", 2)
    assert pipeline.ask(ASKED).citations[0].page is None
    with pytest.raises(DocumentFormatError):
        pipeline.page_image("schools.txt", 1)


def test_an_answer_is_cited_to_the_character(config):
    answer = opened(config).ask(ASKED, question_id="q1")
    assert answer.text == f"{SAID}[1]"
    assert (answer.abstained, answer.error, answer.question_id) == (False, None, "q1")
    (citation,) = answer.citations
    assert (citation.source, citation.quote) == ("schools.txt", SAID)
    assert SCHOOLS[citation.start : citation.end] == SAID
    assert (citation.title, citation.heading) == ("海州市2031年教育工作总结", ("一、学校建设",))
    timings = answer.timings
    assert 0 < timings.retrieve_seconds <= timings.total_seconds < 30
    assert timings.first_token_seconds is None, "one sentence answers: nothing is written"


def test_a_stream_is_evidence_then_the_quotation_then_text_then_the_answer(config):
    found, quoted, *deltas, answer = composing(config).stream(TWO, question_id="q1")
    assert (type(found), type(quoted)) == (Retrieved, Quoted)
    assert all(isinstance(delta, Delta) for delta in deltas)
    assert "".join(delta.text for delta in deltas) == WRITTEN == answer.reply
    assert isinstance(answer, Answer)
    assert (answer.text, answer.evidence) == (COMPOSED, found.evidence)
    timings = answer.timings
    assert 0 < timings.retrieve_seconds <= timings.first_token_seconds <= timings.total_seconds < 30
    assert answer.to_dict() | {"timings": None} == composing(config).ask(TWO, question_id="q1").to_dict() | {
        "timings": None
    }


def test_the_generator_reads_the_evidence_and_the_question_last(config):
    generator = ScriptedGenerator([WRITTEN])
    composing(config, generator).ask(TWO)
    ((*_, last),) = generator.asked
    assert last.content.endswith(f"【问题】{TWO}")
    assert SAID in last.content


def test_a_reply_that_finds_nothing_is_an_abstention(config):
    answer = without_reader(config, ScriptedGenerator(["资料中没有", "提到。"])).ask(ASKED)
    assert (answer.abstained, answer.text, answer.citations) == (True, "资料中没有提到。", ())
    assert answer.reply == "资料中没有提到。"


def test_a_figure_that_stands_nowhere_is_withheld(config):
    answer = without_reader(config, ScriptedGenerator(["2031年，海州市新建学校", "13所。"])).ask(ASKED)
    assert (answer.abstained, answer.sentences, answer.citations) == (True, (), ())
    assert "13" not in answer.text
    assert answer.reply == "2031年，海州市新建学校13所。"


def test_an_answer_comes_from_inside_the_scope_or_not_at_all(config):
    pipeline = without_generator(config)
    inside = pipeline.ask("新修公路多少公里？", scope=Scope(sources=frozenset({"roads.txt"})))
    assert inside.text == "2030年，临川县新修公路86公里。[1]"
    outside = pipeline.ask("新修公路多少公里？", scope=Scope(sources=frozenset({"schools.txt"})))
    assert {e.source for e in outside.evidence} == {"schools.txt"}
    assert (outside.abstained, outside.text, outside.citations) == (True, "资料中没有提到所问的内容。", ())
    nowhere = pipeline.ask("新修公路多少公里？", scope=Scope(years=frozenset({1999})))
    assert (nowhere.abstained, nowhere.text, nowhere.evidence) == (True, "限定的范围内没有任何资料。", ())
    assert nowhere.timings.first_token_seconds is None


def test_the_language_of_the_question_decides_what_youju_says_itself(config):
    nowhere = Scope(places=frozenset({"nowhere"}))
    assert opened(config).ask("How many schools?", scope=nowhere).text == "No document lies within the chosen scope."


@pytest.mark.parametrize(
    "history",
    [
        [Turn("user", ASKED), Turn("assistant", "12所。")],
        [{"role": "user", "content": ASKED}, {"role": "assistant", "content": "12所。", "metadata": None}],
        (Turn("user", ASKED), {"role": "assistant", "content": "坏\ud800"}),
    ],
)
def test_a_follow_up_is_searched_with_what_it_leans_on(config, history):
    answer = opened(config).ask("那它招聘教师多少名？", history=history)
    assert answer.question == "那它招聘教师多少名？"
    assert "海州" in answer.query
    assert {e.source for e in answer.evidence} == {"schools.txt"}
    assert "全市招聘教师1068名，其中乡村教师400名。" in {e.text for e in answer.evidence}


# What cannot be asked


@pytest.mark.parametrize("question", ["", "  \n\t\u3000", "？！。", "---", "\0", "\ud800"])
def test_a_question_without_a_word_is_refused(config, question):
    with pytest.raises(QuestionError, match="The question is empty"):
        opened(config).ask(question)


def test_a_question_that_is_too_long_is_refused_with_both_lengths(config):
    pipeline = opened(config)
    with pytest.raises(QuestionError, match=r"The question has 100,000 characters; the limit is 2,000. Shorten it"):
        pipeline.ask("长" * 100_000)
    with pytest.raises(QuestionError, match="2,001"):
        pipeline.search("长" * 2001)


def test_a_question_at_the_limit_is_answered_or_refused_by_the_encoder_in_words(config):
    with pytest.raises(QuestionError, match="the encoder reads at most 512"):
        opened(config).ask("长" * 2000)
    assert opened(config).ask("新建学校" + "长" * 400).question.startswith("新建")


@pytest.mark.parametrize("question", [None, 5, b"abc", ["a"]])
def test_a_question_that_is_no_text_is_refused(config, question):
    with pytest.raises(QuestionError, match=r"The question is of type \w+, expected text"):
        opened(config).ask(question)


@pytest.mark.parametrize(
    ("history", "message"),
    [
        (["早"], r"Item 1 of the history is of type str; expected a list of turns"),
        ([Turn("user", "早"), ("user", "早")], "Item 2 of the history is of type tuple"),
        ([{"role": "system", "content": "x"}], "Item 1 of the history has the role 'system'"),
        ([{"content": "x"}], "Item 1 of the history has the role None"),
        ([{"role": "user"}], "Item 1 of the history has no text"),
        ([{"role": "user", "content": [{"type": "text"}]}], "Item 1 of the history has no text"),
        ("早", "The history is of type str"),
        ({"role": "user", "content": "x"}, "The history is of type dict"),
        (None, "The history is of type NoneType"),
    ],
)
def test_a_history_that_is_none_is_refused(config, history, message):
    with pytest.raises(QuestionError, match=message):
        opened(config).ask(ASKED, history=history)


def test_broken_characters_are_no_obstacle(config):
    assert opened(config).ask(f"\ud800{ASKED}\udfff").text == f"{SAID}[1]"


def test_a_generator_that_fails_is_an_error_and_the_next_question_is_answered(config):
    replies = [["说到", GenerationError("It stopped.")], [WRITTEN]]
    generator = ScriptedGenerator(replies[0])
    pipeline = composing(config, generator)
    with pytest.raises(GenerationError, match="It stopped"):
        pipeline.ask(TWO)
    generator.pieces = replies[1]
    assert pipeline.ask(TWO).text == COMPOSED


# What needs no generator


def refuses_to_load():
    raise AssertionError("The generator is not needed.")


def without_generator(config, reader=None, scorer=IN_SCOPE) -> Pipeline:
    made = {"generator": refuses_to_load, "reader": lambda: reader or QuotingReader(), "scorer": scorer}
    return Pipeline.open(config, encoder=HashingEncoder, **made)


@pytest.mark.parametrize(("said", "text"), [("你好！", "您好！我只根据"), ("Thanks!", "Hello! I only answer")])
def test_a_greeting_is_greeted_without_a_search(config, said, text):
    encoder = HashingEncoder()
    pipeline = Pipeline.open(config, encoder=lambda: encoder, generator=refuses_to_load, reader=refuses_to_load)
    found, answer = pipeline.stream(said, question_id="q1")
    assert (found, encoder.encoded) == (Retrieved(said, (), 0.0), [])
    assert (answer.abstained, answer.citations, answer.evidence, answer.question_id) == (True, (), (), "q1")
    assert answer.text.startswith(text)
    assert answer.timings.total_seconds >= 0


PORTS = {
    "a.txt": "海州市2031年港口工作总结\n\n一、泊位\n海州市建成泊位47个。\n\n二、打算\n计划建设三号码头和两座灯塔。\n",
    "b.txt": "临川县2031年港口工作总结\n\n一、泊位\n临川县建成泊位21个。\n",
}


@pytest.fixture
def ports(tmp_path):
    """Settings with an index of two ports."""
    folder = tmp_path / "ports"
    folder.mkdir()
    for name, text in PORTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    config = load_config({"YOUJU_HOME": str(tmp_path / "home")})
    index_paths(config, [folder], encoder=HashingEncoder())
    return config


def test_two_places_are_compared_by_computation(ports):
    answer = without_generator(ports).ask("临川县比海州市少建成泊位多少个？")
    assert answer.text == "海州市为47个，临川县为21个，前者比后者多26个（47-21=26）。[1][2]"
    assert [(c.source, c.quote) for c in answer.citations] == [
        ("a.txt", "海州市建成泊位47个。"),
        ("b.txt", "临川县建成泊位21个。"),
    ]
    for citation in answer.citations:
        assert PORTS[citation.source][citation.start : citation.end] == citation.quote


def test_a_false_premise_is_corrected_from_the_text(ports):
    answer = without_generator(ports).ask("海州市建成泊位50个吗？")
    assert (answer.text, answer.abstained) == ("不是，原文的数字与此不同：海州市建成泊位47个。[1]", False)


NEARLY = ScriptedReader({"47个": 3.0, "21个": 3.0})


def test_a_year_that_no_document_covers_is_refused_with_those_that_are_there(ports):
    answer = without_generator(ports, NEARLY, BESIDE).ask("海州市2028年建成泊位多少个？")
    assert answer.text.startswith("资料中没有海州市2028年的内容，只有2031年的。")
    assert answer.citations[0].quote == "海州市建成泊位47个。"


def test_a_place_that_no_document_speaks_of_is_refused_with_what_is_close(ports):
    found, answer = without_generator(ports, NEARLY, BESIDE).stream("杭州市建成泊位多少个？")
    assert answer.abstained
    assert answer.text.startswith("资料中没有关于杭州市的文件；现有文件涉及海州市、临川县。相近的内容见")
    assert {c.quote for c in answer.citations} == {"海州市建成泊位47个。", "临川县建成泊位21个。"}
    assert answer.evidence == found.evidence


def test_within_a_scope_nothing_from_outside_it_is_offered_as_close(ports):
    inside = Scope(sources=frozenset({"b.txt"}))
    answer = without_generator(ports, NEARLY, BESIDE).ask("杭州市建成泊位多少个？", scope=inside)
    assert answer.text.startswith("资料中没有关于杭州市的文件；现有文件涉及海州市、临川县。")
    assert {c.source for c in (*answer.citations, *answer.evidence)} == {"b.txt"}


def test_a_described_place_is_found_and_the_sentence_that_tells_it_is_cited(ports):
    answer = without_generator(ports).ask("计划建设三号码头的那座城市，建成泊位多少个？", mode="quotes")
    assert answer.query == "海州市建成泊位多少个？"
    told, said = answer.sentences
    assert (told.text, said.text) == ("“计划建设三号码头”的是海州市。", "海州市建成泊位47个。")
    quotes = {citation.marker: citation.quote for citation in answer.citations}
    assert quotes[told.markers[0]] == "计划建设三号码头和两座灯塔。"
    assert {citation.source for citation in answer.citations} == {"a.txt"}


# The reader


def test_the_quotation_comes_before_the_first_word(config):
    found, quoted, *deltas, answer = composing(config).stream(TWO, question_id="q")
    assert isinstance(quoted, Quoted)
    assert quoted.answer.text == f"{SAID}[1]全市招聘教师1068名，其中乡村教师400名。[2]"
    assert quoted.answer.sentences[0].spans == ((13, 16),)
    assert (quoted.answer.question_id, quoted.answer.evidence, quoted.answer.reply) == ("q", found.evidence, "")
    assert ({type(delta) for delta in deltas}, quoted.answer.confidence) == ({Delta}, answer.confidence)
    assert found.seconds <= answer.timings.quoted_seconds <= answer.timings.first_token_seconds


def test_without_a_reader_for_this_encoder_answers_come_and_it_is_said_once(config, caplog):
    def load():
        raise ModelError("It was trained on another encoder.")

    pipeline = Pipeline.open(config, encoder=HashingEncoder, generator=QuotingGenerator, reader=load)
    pipeline.warm_up()
    for _ in range(2):
        answer = pipeline.ask(ASKED)
        assert (answer.text, answer.confidence, answer.timings.quoted_seconds) == (f"{SAID}[1]", None, None)
        with pytest.raises(ModelError, match="another encoder"):
            pipeline.ask(ASKED, mode="quotes")
    assert caplog.messages == ["No instant answers: It was trained on another encoder."]


# Streams that end early


def test_closing_a_stream_stops_the_generator(config):
    gate = threading.Semaphore(2)
    generator = ScriptedGenerator(["甲"] * 50, gate=gate)
    events = composing(config, generator).stream(TWO)
    assert [type(next(events)), type(next(events))] == [Retrieved, Quoted]
    assert next(events) == Delta("甲")
    events.close()
    for _ in range(50):
        gate.release()
    for thread in threading.enumerate():
        if thread.name == "youju-generate":
            thread.join(timeout=10)
    assert len(generator.said) <= 3


def test_a_stream_left_standing_does_not_keep_the_next_question_waiting(config):
    pipeline = composing(config)
    standing = pipeline.stream(TWO)
    assert [type(next(standing)) for _ in range(3)] == [Retrieved, Quoted, Delta]
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(pipeline.ask, TWO).result(timeout=20).text == COMPOSED
    assert list(standing)[-1].text == COMPOSED


# The generator


def test_the_generator_is_loaded_when_it_is_needed_and_once(config):
    loaded = []

    def load():
        loaded.append(threading.get_ident())
        return QuotingGenerator()

    pipeline = Pipeline.open(config, encoder=HashingEncoder, generator=load)
    pipeline.gather(ASKED)
    pipeline.search(ASKED)
    assert loaded == []
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(pipeline.ask, [ASKED] * 16))
    assert {answer.text for answer in answers} == {f"{SAID}[1]"}
    assert len(loaded) == 1


def test_warming_up_loads_the_generator_and_reads_the_constant_beginning(config):
    generator = ScriptedGenerator([WRITTEN])
    pipeline = composing(config, generator)
    pipeline.warm_up()
    pipeline.ask(TWO)
    warm, real = generator.asked
    assert warm[:-1] == real[:-1], "only the last message differs"


def test_a_model_that_is_missing_is_told_and_tried_again(config):
    attempts = []

    def load():
        attempts.append(1)
        if len(attempts) == 1:
            raise ModelMissingError("Fetch it: youju models pull")
        return QuotingGenerator()

    pipeline = Pipeline.open(config, encoder=HashingEncoder, generator=load)
    with pytest.raises(ModelMissingError, match="youju models pull"):
        pipeline.ask(ASKED)
    assert pipeline.ask(ASKED).text == f"{SAID}[1]"


# Searching and looking things up


def test_a_search_gives_as_many_hits_as_asked_for(config):
    pipeline = opened(config)
    assert [hit.rank for hit in pipeline.search(ASKED, top_k=2)] == [1, 2]
    assert pipeline.search(ASKED)[0].passage.source == "schools.txt"
    assert pipeline.search(ASKED, top_k=0) == []


def test_documents_can_be_listed_and_read(config):
    pipeline = opened(config)
    assert [info.source for info in pipeline.documents()] == ["roads.txt", "schools.txt"]
    assert pipeline.document_text("roads.txt") == ROADS
    start = ROADS.index("2030年，")
    assert pipeline.quote_at("roads.txt", start, start + 5) == "2030年"
    for look in (pipeline.document_text, lambda source: pipeline.quote_at(source, 0, 1)):
        with pytest.raises(DocumentNotFoundError, match=r"holds no document 'x.txt'"):
            look("x.txt")


def test_a_batch_gives_what_asking_one_by_one_gives(config, tmp_path):
    asked = [ASKED, "海州市招聘教师多少名？", "临川县2030年新修公路多少公里？", "？"]
    pipeline = opened(config)
    run_batch(pipeline, [Question(f"q{i}", question) for i, question in enumerate(asked)], tmp_path / "a.jsonl")
    records = read_answers(tmp_path / "a.jsonl")
    for number, (question, record) in enumerate(zip(asked[:-1], records, strict=False)):
        alone = pipeline.ask(question, question_id=f"q{number}").to_dict()
        assert record | {"timings": None} == alone | {"timings": None, "mode": "answer"}
    assert records[-1]["error"].startswith("The question is empty")


# Questions in other languages

ENGLISH = "How many schools did Haizhou City build in 2031?"


class Translating(QuotingGenerator):
    """Puts a question into Chinese where it is asked to, as its script says; else quotes."""

    def __init__(self, translation: str) -> None:
        super().__init__()
        self.translation = translation

    def generate(self, messages, *, max_new_tokens, on_text=lambda _: False):
        if "【问题】" in messages[-1].content:
            return super().generate(messages, max_new_tokens=max_new_tokens, on_text=on_text)
        self.asked.append(messages[-1].content)
        on_text(self.translation)
        return Reply(self.translation, 1, 1, Finish.STOP)


def in_english(config, translation: str, reader=QuotingReader) -> tuple[Answer, Translating]:
    generator = Translating(translation)
    glossary = {ENGLISH: ASKED, ENGLISH.replace("Haizhou City", "海州市"): ASKED}
    made = {"generator": lambda: generator, "reader": reader, "scorer": IN_SCOPE}
    pipeline = Pipeline.open(config, encoder=lambda: GlossaryEncoder(glossary), **made)
    return pipeline.ask(ENGLISH), generator


def test_a_question_in_another_language_is_searched_and_read_in_chinese_too(config):
    answer, generator = in_english(config, ASKED, lambda: ScriptedReader({"12所": 3.0}))
    assert generator.asked[0] == "How many schools did 海州市 build in 2031?", "places as the documents write them"
    assert generator.asked[-1].endswith(f"【问题】{ENGLISH} (answer in English)")
    assert not answer.abstained
    assert [citation.quote for citation in answer.citations] == [SAID]
    assert (answer.question, answer.query) == (ENGLISH, ENGLISH)


def test_a_translation_of_another_year_is_not_used(config):
    answer, generator = in_english(config, ASKED.replace("2031", "2030"))
    assert answer.abstained, "the reader of this test reads no English"
    assert len(generator.asked) == 1


def test_a_chinese_question_is_not_translated(config):
    generator = Translating("")
    assert opened(config, generator).ask(ASKED).text == f"{SAID}[1]"
    assert generator.asked == []


def test_without_the_generator_nothing_is_translated(config):
    generator = Translating(ASKED)
    opened(config, generator).ask(ENGLISH, mode="quotes")
    assert generator.asked == []
