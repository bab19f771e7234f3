"""Answers go through JSON and come back as they were; what is no answer is told by its place."""

import json
import math
from dataclasses import dataclass, fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import RecordError, WorkspaceError
from rag.schema.answers import Answer, AnswerSentence, Citation, Problem, Timings, Withheld
from rag.schema.records import from_record, to_record
from rag.schema.search import Evidence, Scope
from ui.exchange import Exchange

NUMBERS = st.integers(min_value=-(2**70), max_value=2**70)
TEXTS = st.text(st.characters(exclude_categories=()), max_size=8)  # half characters and NULs among them
FLOATS = st.floats(allow_nan=False)
NAMES = st.lists(TEXTS, max_size=3).map(tuple)


def tuples(items):
    return st.lists(items, max_size=3).map(tuple)


EVIDENCE = st.builds(
    Evidence,
    number=NUMBERS,
    text=TEXTS,
    source=TEXTS,
    title=TEXTS,
    place=TEXTS,
    years=tuples(NUMBERS),
    heading=NAMES,
    start=NUMBERS,
    end=NUMBERS,
    score=FLOATS,
)
CITATIONS = st.builds(
    Citation, marker=NUMBERS, source=TEXTS, title=TEXTS, heading=NAMES, start=NUMBERS, end=NUMBERS, quote=TEXTS
)
SPANS = tuples(st.tuples(NUMBERS, NUMBERS))
SENTENCES = st.builds(AnswerSentence, text=TEXTS, markers=tuples(NUMBERS), spans=SPANS)
SECONDS = st.none() | FLOATS
TIMINGS = st.builds(Timings, SECONDS, SECONDS, SECONDS, SECONDS)
ANSWERS = st.builds(
    Answer,
    question=TEXTS,
    query=TEXTS,
    sentences=tuples(SENTENCES),
    citations=tuples(CITATIONS),
    abstained=st.booleans(),
    reason=TEXTS,
    notes=NAMES,
    withheld=tuples(st.builds(Withheld, st.sampled_from(Problem), NAMES)),
    cut_off=st.booleans(),
    evidence=tuples(EVIDENCE),
    timings=TIMINGS,
    confidence=SECONDS,
    reply=TEXTS,
    error=st.none() | TEXTS,
    question_id=TEXTS,
)

CITED = Citation(1, "甲.txt", "总结", ("一、建设",), 23, 35, "新建学校12所。")
ANSWER = Answer(
    question="建了多少？",
    query="建了多少？",
    sentences=(AnswerSentence("12所。", (1,), ((0, 3),)),),
    citations=(CITED,),
    abstained=False,
)


def broken(**changes):
    return to_record(ANSWER) | changes


@given(ANSWERS)
def test_an_answer_comes_back_from_json_as_it_was(answer):
    text = json.dumps(to_record(answer), allow_nan=False)
    assert from_record(Answer, json.loads(text)) == answer


def test_a_record_holds_every_field():
    assert list(to_record(ANSWER)) == [field.name for field in fields(Answer)]


def test_a_record_is_made_of_what_json_has_alone():
    record = to_record(ANSWER)
    assert record["sentences"] == [{"text": "12所。", "markers": [1], "spans": [[0, 3]]}]
    assert json.loads(json.dumps(record)) == record


def test_numbers_that_json_lacks_go_by_name():
    record = to_record(replace(ANSWER, confidence=math.nan, timings=Timings(math.inf, -math.inf)))
    assert (record["confidence"], record["timings"]["retrieve_seconds"]) == ("nan", "inf")
    back = from_record(Answer, record)
    assert math.isnan(back.confidence)
    assert back.timings == Timings(math.inf, -math.inf)


def test_unknown_fields_are_passed_over_at_every_depth():
    record = broken(colour="red", citations=[to_record(CITED) | {"colour": 3}])
    assert from_record(Answer, record) == ANSWER


def test_a_missing_field_has_its_default():
    record = to_record(ANSWER)
    for name in ("reason", "evidence", "timings", "confidence", "reply", "error", "question_id"):
        del record[name]
    assert from_record(Answer, record) == ANSWER


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (None, "Answer is None, expected an object"),
        ([], "Answer is [], expected an object"),
        ({}, "Answer lacks 'question'"),
        (broken(question=None), "Answer.question is None, expected text"),
        (broken(abstained=1), "Answer.abstained is 1, expected true or false"),
        (broken(abstained="false"), "Answer.abstained is 'false', expected true or false"),
        (broken(confidence="high"), "Answer.confidence is 'high', expected a number"),
        (broken(confidence=True), "Answer.confidence is True, expected a number"),
        (broken(sentences="12所。"), "Answer.sentences is '12所。', expected a list"),
        (broken(sentences=[7]), "Answer.sentences[0] is 7, expected an object"),
        (broken(citations=[to_record(CITED) | {"start": 2.5}]), "Answer.citations[0].start is 2.5, expected a whole"),
        (broken(citations=[to_record(CITED) | {"start": True}]), "Answer.citations[0].start is True, expected a whole"),
        (broken(citations=[to_record(CITED) | {"heading": [None]}]), "heading[0] is None, expected text"),
        (broken(citations=[{"marker": 1}]), "Answer.citations[0] lacks 'source'"),
        (broken(timings=None), "Answer.timings is None, expected an object"),
        (
            broken(sentences=[{"text": "", "markers": [], "spans": [[1]]}]),
            "spans[0] is [1], expected a list of 2",
        ),
    ],
)
def test_what_is_no_answer_is_told_by_its_place(record, words):
    with pytest.raises(RecordError) as told:
        from_record(Answer, record)
    assert words in str(told.value)


def test_a_long_value_is_told_in_short():
    with pytest.raises(RecordError) as told:
        from_record(Answer, broken(sentences="长" * 5000))
    assert len(str(told.value)) < 250


def test_a_bad_record_is_an_error_of_what_is_kept():
    assert issubclass(RecordError, WorkspaceError)
    assert RecordError.exit_code == 11


def test_a_set_is_kept_in_order_and_a_stage_is_one_of_those_there_are():
    scope = Scope(frozenset({"乙.txt", "甲.txt"}), frozenset({2031, 2030}))
    assert to_record(scope) == {"sources": ["乙.txt", "甲.txt"], "years": [2030, 2031], "places": []}
    assert from_record(Scope, to_record(scope)) == scope
    with pytest.raises(RecordError, match=r"Exchange\.stage is 'asleep', expected one of waiting, searching"):
        from_record(Exchange, {"number": 1, "question": "问", "stage": "asleep"})


def test_a_noun_of_another_file_is_read_with_the_nouns_in_it():
    exchange = Exchange(3, "问", "done", seconds=1.5, quoted=ANSWER, answer=ANSWER)
    assert from_record(Exchange, json.loads(json.dumps(to_record(exchange)))) == exchange


@dataclass(frozen=True)
class Kind:
    """A noun with a type that records do not know."""

    what: bytes


def test_a_type_that_json_lacks_is_no_silent_success():
    with pytest.raises(RecordError, match=r"Kind\.what is 'x', expected bytes"):
        from_record(Kind, {"what": "x"})
