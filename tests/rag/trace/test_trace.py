"""A question's way to its answer, looked at: what is told is what was done."""

import json
import math

import pytest

from rag.answering.arbitration import Because, Ruling
from rag.answering.steps import Route
from rag.config import load_config
from rag.errors import ModelError, QuestionError
from rag.index.ingest import index_paths
from rag.pipeline import Pipeline
from rag.question.relation import PlaceRelation, YearRelation
from rag.retrieval.budget import Outcome
from rag.schema.answers import Answer, Delta, Problem, Quoted, Withheld
from rag.schema.messages import Turn
from rag.schema.search import Retrieved, Scope
from rag.scoring.features import FEATURES, Relations
from rag.trace import text as trace_text
from rag.trace.additions import additions
from rag.trace.collect import Cause, Reason, Trace, trace, trace_events
from rag.trace.record import trace_record
from rag.trace.wording import FEATURE_WORDS, WORDING, known_relations
from tests.support.fakes import (
    GlossaryEncoder,
    HashingEncoder,
    QuotingGenerator,
    QuotingReader,
    ScriptedGenerator,
    ScriptedReader,
)
from tests.support.scoring import IN_SCOPE, chosen, scorer
from ui.inspector.view import render_trace

SCHOOLS = (
    "海州市2031年教育工作总结\n\n一、学校建设\n2031年，海州市新建学校12所，改扩建学校30所。\n\n"
    "二、教师队伍\n全市招聘教师1068名，其中乡村教师400名。\n\n三、打算\n计划建设三号码头和两座灯塔。\n"
)
ROADS = "临川县2030年交通工作总结\n\n一、道路\n2030年，临川县新修公路86公里。\n"
ASKED = "海州市2031年新建学校多少所？"
SAID = "2031年，海州市新建学校12所，改扩建学校30所。"
HIDDEN = frozenset({"roads.txt"})
TWO = "海州市2031年新建学校多少所，招聘教师多少名？"
TEACHERS = "全市招聘教师1068名，其中乡村教师400名。"
FINDS = {"12所": 3.0, "1068名": 2.9}


@pytest.fixture
def config(tmp_path):
    for name, text in (("schools.txt", SCHOOLS), ("roads.txt", ROADS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    config = load_config({"YOUJU_HOME": str(tmp_path / "home")})
    index_paths(config, [tmp_path / "schools.txt", tmp_path / "roads.txt"], encoder=HashingEncoder())
    return config


def opened(config, generator=None, reader=None, scorer=IN_SCOPE):
    made = {
        "generator": lambda: generator or QuotingGenerator(),
        "reader": lambda: reader or QuotingReader(),
        "scorer": scorer,
    }
    return Pipeline.open(config, encoder=HashingEncoder, **made)


def composing(config, generator=None):
    """Two sentences are found, and the generator makes a text of them."""
    return opened(config, generator or ScriptedGenerator([SAID, TEACHERS]), ScriptedReader(FINDS))


def without_reader(config):
    def no_reader():
        raise ModelError("There is no reader for this encoder.")

    return Pipeline.open(config, encoder=HashingEncoder, generator=QuotingGenerator, reader=no_reader)


def untimed(answer):
    return answer.to_dict() | {"timings": None}


def numbers_of(traced, text):
    """The numbers of the sentences that were read and hold a text."""
    return [e.number for e in traced.found.read if text in e.text]


# The same answer


@pytest.mark.parametrize("mode", ["answer", "quotes"])
@pytest.mark.parametrize(
    "question", [ASKED, "概括海州市2031年教师队伍的主要内容。", "杭州市新建学校多少所？", "你好！"]
)
def test_what_is_traced_is_the_answer_that_is_given_and_what_is_read_is_what_is_gathered(config, question, mode):
    pipeline = opened(config)
    traced = trace(pipeline, question, mode=mode)
    assert untimed(traced.answer) == untimed(pipeline.ask(question, mode=mode))
    if question != "你好！":
        assert traced.found.read == pipeline.gather(question).evidence
        assert traced.found.hits == tuple(pipeline.search(question))


def test_the_trace_comes_behind_the_events_of_the_stream(config):
    *events, traced = trace_events(composing(config), TWO)
    assert [type(events[0]), type(events[1]), type(events[2]), type(events[-1])] == [Retrieved, Quoted, Delta, Answer]
    assert isinstance(traced, Trace)
    assert traced.answer is events[-1]
    assert traced.quoted is events[1].answer
    assert [what for what, _ in traced.moments] == ["found", "decided", "prompted", "checked", "ruled"]
    seconds = [at for _, at in traced.moments]
    assert seconds == sorted(seconds)


def test_closing_the_events_stops_the_generator(config):
    generator = ScriptedGenerator(["甲"] * 5000)
    events = trace_events(composing(config, generator), TWO)
    while not isinstance(next(events), Delta):
        pass
    events.close()
    assert len(generator.said) < 5000


def test_a_follow_up_is_told_with_what_was_searched_for_it(config):
    history = [Turn("user", ASKED), Turn("assistant", "12所。")]
    traced = trace(opened(config), "那它招聘教师多少名？", history=history)
    assert "海州" in traced.found.asked.query
    assert traced.found.asked.named.places == ("海州市",)


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
    assert {one.passage.source for one in traced.looked} == {"schools.txt", "roads.txt"}
    assert {one.hit.wording for one in traced.looked} == {ASKED}
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
    traced = trace(without_reader(config.replace(evidence_tokens=70)), ASKED)
    left = [one for one in traced.looked if one.choice.outcome == "over_budget"]
    assert left
    for one in left:
        assert one.choice.n_tokens > one.choice.left_tokens
        assert one.choice.numbers == ()
        assert not any(one.passage.text.endswith(e.text) for e in traced.found.read)
    selection = traced.found.selection
    assert selection.spent_tokens <= selection.budget_tokens == 70


# What the reader found


def test_a_probability_is_told_with_what_it_is_made_of(config):
    made_of = scorer(read=10.0, said=2.0, place_other=-9.0, bias=-1.0)
    traced = trace(opened(config, reader=ScriptedReader({"12所": 3.0, "86公里": 1.0}), scorer=made_of), ASKED)
    (read,) = traced.reads
    (side,) = read.sides
    best = side.found[0]
    assert (read.wording, best.text, side.asked) == (ASKED, "12所", ASKED)
    first, second = additions(best, traced.scorer)
    assert (first.feature, first.value, first.weight, first.added) == ("read", 0.3, 10.0, 3.0)
    assert (second.feature, second.added) == ("said", pytest.approx(2 * second.value))
    worths = [sum(each.added for each in additions(span, traced.scorer)) - 1.0 for span in side.found]
    assert worths[0] == pytest.approx(first.added + second.added - 1.0)
    assert best.probability == pytest.approx(chosen(*worths)[0])
    (roads,) = [span for span in side.found if span.text == "86公里"]
    assert [each.feature for each in additions(roads, traced.scorer)][:2] == ["place_other", "read"]
    assert additions(best, None) == ()


def test_the_record_tells_features_and_weights(config):
    traced = trace(opened(config, reader=ScriptedReader({"12所": 3.0})), ASKED)
    record = json.loads(json.dumps(trace_record(traced), allow_nan=False))
    assert (record["scorer"]["weights"]["read"], record["scorer"]["bias"], record["scorer"]["threshold"]) == (
        10,
        0,
        0.3,
    )
    assert set(record["scorer"]["weights"]) == set(FEATURES)
    spans = record["read"][0]["sides"][0]["spans"]
    assert len(spans) == len(traced.found.read)
    assert spans[0] == {
        "number": traced.found.sides[0].found[0].evidence.number,
        "start": 13,
        "end": 16,
        "text": "12所",
        "probability": pytest.approx(1 / (1 + math.exp(-3.0))),
        "read_score": 3.0,
        "place": "same",
        "year": "same",
        "features": {"read": {"value": 0.3, "added": 3.0}},
    }
    assert spans[-1]["read_score"] is None, "no span is named in it"
    likely = {e["number"]: e["probability"] for e in record["evidence"]}
    assert likely[spans[0]["number"]] == spans[0]["probability"]


# What the generator was sent, and what came of it


def test_what_both_wordings_find_together_is_told(config):
    alone = trace(opened(config), ASKED)
    assert (alone.judged_together, trace_record(alone)["judged_together"]) == ((), [])
    english = "How many schools were built in 海州市 in 2031?"
    pipeline = Pipeline.open(
        config,
        encoder=lambda: GlossaryEncoder({english: ASKED}),
        generator=lambda: ScriptedGenerator([ASKED]),
        reader=lambda: ScriptedReader({"12所": 3.0}),
        scorer=IN_SCOPE,
    )
    both = trace(pipeline, english)
    assert [read.wording for read in both.reads] == [english, ASKED]
    (side,) = trace_record(both)["judged_together"]
    likely, span = f"{side['probability']:.3f}", side["spans"][0]
    assert (span["text"], f"{span['probability']:.3f}") == ("12所", likely)
    found = f"  {likely}  12所  (sentence {span['number']})"
    assert f"both wordings together: probability {likely}\n{found}" in trace_text.trace_text(both)
    for lang, words in (("zh", "两种问法合看：有答案的概率"), ("en", "Both wordings together: probability")):
        assert f"{words} {likely}" in render_trace(both, lang=lang)


def test_the_prompt_is_the_one_that_was_sent(config):
    generator = ScriptedGenerator([SAID])
    (draft,) = trace(composing(config, generator), TWO).drafts
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
    traced = trace(composing(config, ScriptedGenerator([reply])), TWO)
    (sentence,) = traced.drafts[0].checks.sentences
    assert sentence.written == reply
    assert sentence.withheld == withheld
    if sentence.is_shown:
        assert [e.number for e in sentence.evidence] == numbers_of(traced, "新建学校12所")


def test_figures_that_were_mixed_up_are_told(config):
    reply, said = "海州市招聘教师400名。", "全市招聘教师1068名，其中乡村教师400名。"
    (draft,) = trace(composing(config, ScriptedGenerator([reply])), TWO).drafts
    (sentence,) = draft.checks.sentences
    assert (sentence.written, sentence.misread.text, sentence.is_shown) == (reply, said, True)
    assert said in sentence.text


def test_a_reply_that_finds_nothing_is_told(config):
    checks = trace(composing(config, ScriptedGenerator(["资料中没有提到。"])), TWO).drafts[0].checks
    assert (checks.finds_nothing, checks.sentences, checks.reply) == (True, (), "资料中没有提到。")


# Which way it took


@pytest.mark.parametrize(
    ("question", "told", "how"),
    [
        ("你好！", {}, "small_talk"),
        (ASKED, {"scope": Scope(years=frozenset({1999}))}, "nothing_to_read"),
        ("杭州市新建学校多少所？", {}, "refused"),
        ("海州市2031年新建学校15所吗？", {}, "premise"),
        ("海州市新建学校比改扩建学校少多少所？", {"mode": "quotes"}, "computed"),
        (ASKED, {}, "quoted_alone"),
    ],
)
def test_the_way_is_told(config, question, told, how):
    assert trace(opened(config), question, **told).route == how


def test_where_a_text_is_composed_it_is_told(config):
    traced = trace(composing(config), TWO)
    assert (traced.route, traced.answer.text) == ("both", f"{SAID}[1]{TEACHERS}[2]")
    assert [(ruled.ruling, ruled.because) for ruled in traced.rulings] == [("generated", "they_agree")]
    differing = trace(composing(config, ScriptedGenerator([TEACHERS])), TWO)
    assert [(ruled.ruling, ruled.because) for ruled in differing.rulings] == [("quoted", "they_differ")]
    assert differing.answer.text == f"{SAID}[1]{TEACHERS}[2]"


def test_where_nothing_is_likely_enough_nothing_is_written(config):
    traced = trace(opened(config, ScriptedGenerator([]), ScriptedReader({})), ASKED)
    assert (traced.route, traced.drafts, traced.answer.abstained) == ("refused", (), True)


def test_without_a_reader_the_generator_is_told_to_have_answered_alone(config):
    traced = trace(without_reader(config), ASKED)
    assert (traced.route, traced.reads, traced.rulings, len(traced.drafts)) == ("no_reader", (), (), 1)
    assert (traced.scorer, trace_record(traced)["scorer"]) == (None, None)
    assert {e["probability"] for e in trace_record(traced)["evidence"]} == {None}


# As a record and as text


def test_the_record_is_json_and_names_evidence_by_number(config):
    traced = trace(composing(config), TWO)
    record = json.loads(json.dumps(trace_record(traced), ensure_ascii=False))
    assert (record["route"], record["query"], record["named"]) == (
        "both",
        TWO,
        {"places": ["海州市"], "years": [2031], "unknown": []},
    )
    (number,) = numbers_of(traced, "新建学校12所")
    evidence = next(e for e in record["evidence"] if e["number"] == number)
    assert SCHOOLS[evidence["start"] : evidence["end"]] == evidence["text"] == SAID
    assert record["read"][0]["sides"][0]["spans"][0]["number"] == number
    assert record["drafts"][0]["sentences"][0]["cites"] == [number]
    assert record["rulings"] == [{"ruling": "generated", "because": "they_agree"}]
    assert record["answer"]["answer"] == f"{SAID}[1]{TEACHERS}[2]"
    assert json.loads(json.dumps(trace_record(trace(opened(config), "你好"))))["route"] == "small_talk"


def test_every_code_has_words():
    assert set(WORDING) == {code for kind in (Route, Cause, Outcome, Ruling, Because, Problem) for code in kind}


def test_every_feature_and_every_known_relation_has_words_in_both_languages():
    assert list(FEATURE_WORDS) == list(FEATURES)
    assert all(chinese and english for chinese, english in FEATURE_WORDS.values())
    every = [Relations(place, year) for place in PlaceRelation for year in YearRelation]
    assert {name for one in every for name in known_relations(one)} == {
        *(f"place_{place.value}" for place in PlaceRelation if place is not PlaceRelation.UNKNOWN),
        *(f"year_{year.value}" for year in YearRelation if year is not YearRelation.UNKNOWN),
    }
