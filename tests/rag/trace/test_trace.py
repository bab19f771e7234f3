"""A question's way to its answer, looked at: what is told is what was done."""

import json
from dataclasses import replace

import pytest
from rag.reading.rescoring import weights

from rag.answering.arbitration import Because, Ruling
from rag.answering.steps import JudgedTogether, Route
from rag.config import load_config
from rag.errors import ModelError, QuestionError
from rag.index.ingest import index_paths
from rag.pipeline import Pipeline
from rag.retrieval.budget import Outcome
from rag.schema.answers import Answer, Delta, Problem, Quoted, Withheld
from rag.schema.messages import Turn
from rag.schema.search import Retrieved, Scope
from rag.trace import text as trace_text
from rag.trace.collect import Cause, Reason, Trace, trace, trace_events
from rag.trace.record import trace_record
from rag.trace.wording import WORDING
from tests.support.fakes import HashingEncoder, QuotingGenerator, QuotingReader, ScriptedGenerator, ScriptedReader
from tests.support.scoring import IN_SCOPE
from ui.inspector.view import render_trace

SCHOOLS = (
    "海州市2031年教育工作总结\n\n一、学校建设\n2031年，海州市新建学校12所，改扩建学校30所。\n\n"
    "二、教师队伍\n全市招聘教师1068名，其中乡村教师400名。\n\n三、打算\n计划建设三号码头和两座灯塔。\n"
)
ROADS = "临川县2030年交通工作总结\n\n一、道路\n2030年，临川县新修公路86公里。\n"
ASKED = "海州市2031年新建学校多少所？"
SAID = "2031年，海州市新建学校12所，改扩建学校30所。"
HIDDEN = frozenset({"roads.txt"})


@pytest.fixture
def config(tmp_path):
    for name, text in (("schools.txt", SCHOOLS), ("roads.txt", ROADS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    config = load_config({"YOUJU_HOME": str(tmp_path / "home")})
    index_paths(config, [tmp_path / "schools.txt", tmp_path / "roads.txt"], encoder=HashingEncoder())
    return config


def opened(config, generator=None, reader=None):
    made = {
        "generator": lambda: generator or QuotingGenerator(),
        "reader": lambda: reader or QuotingReader(),
        "scorer": IN_SCOPE,
    }
    return Pipeline.open(config, encoder=HashingEncoder, **made)


def untimed(answer):
    return answer.to_dict() | {"timings": None}


def numbers_of(traced, text):
    """The numbers of the sentences of evidence that hold a text."""
    return [e.number for e in traced.found.evidence if text in e.text]


# The same answer


@pytest.mark.parametrize("mode", ["answer", "quotes"])
@pytest.mark.parametrize(
    "question", [ASKED, "概括海州市2031年教师队伍的主要内容。", "杭州市新建学校多少所？", "你好！"]
)
def test_what_is_traced_is_the_answer_that_is_given_and_the_evidence_that_is_gathered(config, question, mode):
    pipeline = opened(config)
    traced = trace(pipeline, question, mode=mode)
    assert untimed(traced.answer) == untimed(pipeline.ask(question, mode=mode))
    if question != "你好！":
        assert traced.found.evidence == pipeline.gather(question).evidence
        assert traced.found.hits == tuple(pipeline.search(question))


def test_the_trace_comes_behind_the_events_of_the_stream(config):
    *events, traced = trace_events(opened(config), ASKED)
    assert [type(events[0]), type(events[1]), type(events[2]), type(events[-1])] == [Retrieved, Quoted, Delta, Answer]
    assert isinstance(traced, Trace)
    assert traced.answer is events[-1]
    assert traced.quoted is events[1].answer
    assert [what for what, _ in traced.moments] == ["found", "read", "decided", "prompted", "checked", "ruled"]
    seconds = [at for _, at in traced.moments]
    assert seconds == sorted(seconds)


def test_closing_the_events_stops_the_generator(config):
    generator = ScriptedGenerator(["甲"] * 5000)
    events = trace_events(opened(config, generator), ASKED)
    while not isinstance(next(events), Delta):
        pass
    events.close()
    assert len(generator.said) < 5000


def test_a_follow_up_is_told_with_what_was_searched_for_it(config):
    history = [Turn("user", ASKED), Turn("assistant", "12所。")]
    traced = trace(opened(config), "那它招聘教师多少名？", history=history)
    assert "海州" in traced.found.asked.query
    assert traced.found.asked.named.places == ("海州市",)
    assert traced.bound_to_places


def test_what_cannot_be_asked_is_refused_as_ever(config):
    with pytest.raises(QuestionError, match="The question is empty"):
        trace(opened(config), " ")


def test_nothing_of_a_hidden_document_is_told(config):
    for question in (ASKED, "2030年新修公路多少公里？", "临川县2030年新修公路多少公里？"):
        told = trace(opened(config), question, hidden=HIDDEN)
        record = json.dumps(trace_record(told) | {"question": ""}, ensure_ascii=False).replace(question, "")
        assert "roads.txt" not in record
        assert "新修公路86公里" not in record
        assert "招聘" in record


# Why something is read


def test_a_sentence_is_read_for_its_rank(config):
    traced = trace(opened(config), ASKED)
    (number,) = numbers_of(traced, "新建学校12所")
    best = traced.looked[0]
    assert (best.hit.rank, best.choice.outcome, best.passage.source) == (1, "read", "schools.txt")
    (rank,) = [one.hit.rank for one in traced.looked if number in one.choice.numbers]
    assert traced.reasons_of(number) == (Reason("ranked", rank),)
    by_rank = [one.hit.rank for one in traced.looked]
    assert by_rank == sorted(by_rank)
    assert {one.passage.source for one in traced.looked} == {"schools.txt"}, "the other document is of another place"
    assert {(one.hit.of_year, one.hit.wording) for one in traced.looked} == {("asked", ASKED)}
    assert all(one.hit.dense_rank or one.hit.lexical_rank for one in traced.looked)


def test_a_section_that_is_named_is_read_for_that(config):
    traced = trace(opened(config), "概括海州市2031年教师队伍的主要内容。")
    (number,) = numbers_of(traced, "招聘教师")
    assert traced.reasons_of(number)[0] == Reason("named_section")
    (other,) = numbers_of(traced, "新建学校12所")
    assert traced.reasons_of(other)[0].cause == "ranked"


def test_a_passage_that_says_which_place_is_described_is_read_for_that(config):
    traced = trace(opened(config), "计划建设三号码头的那座城市，招聘教师多少名？")
    (number,) = numbers_of(traced, "三号码头")
    assert Reason("describes_the_place") in traced.reasons_of(number)
    assert (traced.found.described_place.place, traced.found.asked.query) == ("海州市", "海州市招聘教师多少名？")


def test_a_passage_that_tells_what_a_named_document_is_about_is_read_for_that(config):
    traced = trace(opened(config), "《临川县2030年交通工作总结》里新修公路多少公里？")
    assert traced.found.asked.document.source == "roads.txt"
    assert traced.found.scope == Scope(sources=frozenset({"roads.txt"}))
    assert traced.scope is None
    reasons = [traced.reasons_of(e.number)[0].cause for e in traced.found.evidence]
    assert set(reasons) == {"tells_the_document"}


def test_what_did_not_fit_is_told_with_what_it_would_have_cost(config):
    traced = trace(opened(config.replace(evidence_tokens=70)), ASKED)
    left = [one for one in traced.looked if one.choice.outcome == "over_budget"]
    assert left
    for one in left:
        assert one.choice.n_tokens > one.choice.left_tokens
        assert one.choice.numbers == ()
        assert not any(one.passage.text.endswith(e.text) for e in traced.found.evidence)
    selection = traced.found.selection
    assert selection.spent_tokens <= selection.budget_tokens == round(70 * 0.65)


# What the reader found


def test_a_score_is_the_readers_own_and_what_was_added_to_it(config):
    traced = trace(opened(config, reader=ScriptedReader({"12所": 3.0, "30所": 1.0}, rescore=weights)), ASKED)
    (read,) = traced.reads
    (side,) = read.sides
    first, second = traced.spans(side)[:2]
    assert (read.wording, read.used, first.found.text, second.found.text) == (ASKED, True, "12所", "30所")
    assert (first.read_score, second.read_score) == (pytest.approx(3.0), pytest.approx(1.0))
    assert first.weights.said > 0
    assert first.found.score == pytest.approx(first.read_score + first.weights.total)
    assert first.found.in_scope


# What the generator was sent, and what came of it


def test_what_both_wordings_find_together_is_told(config):
    alone = trace(opened(config), ASKED)
    assert (alone.judged_together, trace_record(alone)["judged_together"]) == ((), [])
    both = replace(alone, steps=(*alone.steps, (JudgedTogether(alone.reads[0].sides), 1.0)))
    (side,) = trace_record(both)["judged_together"]
    likely, span = f"{side['probability']:.3f}", side["spans"][0]
    assert (span["text"], f"{span['probability']:.3f}") == ("12所", likely)
    found = f"  {likely}  12所  (sentence {span['number']})"
    assert f"both wordings together: probability {likely}\n{found}" in trace_text.trace_text(both)
    for lang, words in (("zh", "两种问法合看：有答案的概率"), ("en", "Both wordings together: probability")):
        assert f"{words} {likely}" in render_trace(both, lang=lang)


def test_the_prompt_is_the_one_that_was_sent(config):
    generator = ScriptedGenerator([SAID])
    (draft,) = trace(opened(config, generator), ASKED).drafts
    assert [draft.messages] == generator.asked
    assert draft.checks.reply == SAID


@pytest.mark.parametrize(
    ("reply", "withheld"),
    [
        (SAID, None),
        ("2031年，海州市新建学校13所。", Withheld(Problem.FIGURE, ("13",))),
        ("2029年，海州市新建学校12所。", Withheld(Problem.FIGURE, ("2029年",))),
        ("苹果香蕉葡萄都很好吃。", Withheld(Problem.NOTHING_CITED)),
    ],
)
def test_a_sentence_is_told_with_its_check(config, reply, withheld):
    traced = trace(opened(config, ScriptedGenerator([reply])), ASKED)
    (sentence,) = traced.drafts[0].checks.sentences
    assert sentence.written == reply
    assert sentence.withheld == withheld
    if sentence.is_shown:
        assert [e.number for e in sentence.evidence] == numbers_of(traced, "新建学校12所")


def test_figures_that_were_mixed_up_are_told(config):
    reply, said = "海州市招聘教师400名。", "全市招聘教师1068名，其中乡村教师400名。"
    (draft, *_) = trace(opened(config, ScriptedGenerator([reply])), "海州市2031年全市招聘教师多少名？").drafts
    (sentence,) = draft.checks.sentences
    assert (sentence.written, sentence.misread.text, sentence.is_shown) == (reply, said, True)
    assert said in sentence.text


def test_a_reply_that_finds_nothing_is_told(config):
    checks = trace(opened(config, ScriptedGenerator(["资料中没有提到。"])), ASKED).drafts[0].checks
    assert (checks.finds_nothing, checks.sentences, checks.reply) == (True, (), "资料中没有提到。")


def test_a_second_look_has_a_prompt_and_a_ruling_of_its_own(config):
    generator = ScriptedGenerator(["全市招聘教师1068名。"])
    traced = trace(opened(config, generator, ScriptedReader({"12所": 3.0})), ASKED)
    first, second = traced.drafts
    assert (first.evidence, len(second.evidence)) == (traced.found.evidence, 1)
    assert [(ruled.ruling, ruled.because, ruled.again) for ruled in traced.rulings] == [
        ("look_again", "they_differ", False),
        ("quoted", "they_differ", True),
    ]
    assert traced.answer.text == f"{SAID}[1]"


# Which way it took


@pytest.mark.parametrize(
    ("question", "told", "how"),
    [
        ("你好！", {}, "small_talk"),
        (ASKED, {"scope": Scope(years=frozenset({1999}))}, "nothing_to_read"),
        ("杭州市新建学校多少所？", {}, "not_covered"),
        ("海州市2031年新建学校15所吗？", {}, "premise"),
        ("海州市新建学校比改扩建学校少多少所？", {"mode": "quotes"}, "quoted_alone"),
        (ASKED, {}, "both"),
    ],
)
def test_the_way_is_told(config, question, told, how):
    assert trace(opened(config), question, **told).route == how


def test_where_the_reader_finds_too_little_nothing_is_written(config):
    traced = trace(opened(config, ScriptedGenerator([]), ScriptedReader({})), ASKED)
    assert (traced.route, traced.drafts, traced.answer.abstained) == ("not_worth_writing", (), True)


def test_without_a_reader_the_generator_is_told_to_have_answered_alone(config):
    def no_reader():
        raise ModelError("There is no reader for this encoder.")

    pipeline = Pipeline.open(config, encoder=HashingEncoder, generator=QuotingGenerator, reader=no_reader)
    traced = trace(pipeline, ASKED)
    assert (traced.route, traced.reads, traced.rulings, len(traced.drafts)) == ("no_reader", (), (), 1)


def test_a_refusal_tells_what_was_sought_elsewhere(config):
    traced = trace(opened(config), "杭州市新建学校多少所？")
    assert (traced.found.asked.named.unknown, traced.elsewhere.asked) == (("杭州市",), "新建学校多少所？")
    assert traced.elsewhere.evidence
    assert not traced.bound_to_places


# As a record and as text


def test_the_record_is_json_and_names_evidence_by_number(config):
    traced = trace(opened(config), ASKED)
    record = json.loads(json.dumps(trace_record(traced), ensure_ascii=False))
    assert (record["route"], record["query"], record["named"]) == (
        "both",
        ASKED,
        {"places": ["海州市"], "years": [2031], "unknown": []},
    )
    (number,) = numbers_of(traced, "新建学校12所")
    evidence = next(e for e in record["evidence"] if e["number"] == number)
    assert SCHOOLS[evidence["start"] : evidence["end"]] == evidence["text"] == SAID
    assert record["read"][0]["sides"][0]["spans"][0]["number"] == number
    assert record["drafts"][0]["sentences"][0]["cites"] == [number]
    assert record["rulings"] == [{"ruling": "generated", "because": "they_agree", "again": False}]
    assert record["answer"]["answer"] == f"{SAID}[1]"
    assert json.loads(json.dumps(trace_record(trace(opened(config), "你好"))))["route"] == "small_talk"


def test_every_code_has_words():
    assert set(WORDING) == {code for kind in (Route, Cause, Outcome, Ruling, Because, Problem) for code in kind}
