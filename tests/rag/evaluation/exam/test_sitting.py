from dataclasses import replace

import pytest

from rag.errors import GenerationError
from rag.evaluation.exam.make import exam_of_texts
from rag.evaluation.exam.sitting import Outcome, choose_questions, judge, sit_exam
from rag.schema.answers import Answer, AnswerSentence, Citation
from tests.rag.evaluation.exam.test_make import TEXTS
from tests.rag.evaluation.exam.test_sheet import question

TEXT = "全市公报全市新建渔港12个。"


def answered(said, *, start=4, end=14, source="a.txt", quote="全市新建渔港12个。"):
    cite = Citation(1, source, "总结", (), start, end, quote)
    return Answer(question="问", query="问", sentences=(AnswerSentence(said, (1,)),), citations=(cite,), confidence=0.8)


REFUSED = Answer.abstention("问", "问", "资料中没有提到。", confidence=0.2)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (answered("全市新建渔港12个。"), Outcome.RIGHT),
        (answered("There are 12."), Outcome.RIGHT),
        (answered("新建渔港15个。"), Outcome.WRONG),
        (answered("新建渔港12个。", start=20, end=30, quote="改建渔港12个。"), Outcome.WRONG),
        (answered("新建渔港12个。", source="copy.txt", start=90, end=99), Outcome.RIGHT),  # the very sentence
        (REFUSED, Outcome.REFUSED_WRONGLY),
    ],
)
def test_a_figure_is_right_where_it_is_said_and_its_place_is_cited(answer, outcome):
    assert judge(question(1), answer) is outcome


def test_without_its_document_a_refusal_is_right_unless_another_has_the_sentence():
    hidden = question(1, kind="hidden", answerable=False)
    assert judge(hidden, REFUSED) is Outcome.REFUSED_RIGHTLY
    assert judge(hidden, answered("15个。", source="b.txt", quote="全市新建渔港15个。")) is Outcome.WRONG
    assert judge(hidden, answered("12个。", source="copy.txt")) is Outcome.RIGHT
    assert judge(replace(hidden, kind="other_place"), answered("12个。")) is Outcome.WRONG


def test_a_definition_is_right_where_half_of_it_is_cited():
    term = replace(question(1), type="definition", answer="供渔船停泊的港口", start=100, end=120)
    assert judge(term, answered("…", start=90, end=110)) is Outcome.RIGHT
    assert judge(term, answered("…", start=90, end=109)) is Outcome.WRONG


def test_who_does_it_must_be_named():
    who = replace(question(1), type="who", answer="县渔业主管部门")
    assert judge(who, answered("由县渔业主管部门负责。")) is Outcome.RIGHT
    assert judge(who, answered("由省人民政府负责。")) is Outcome.WRONG


class Canned:
    """Answers by question, and keeps what was hidden."""

    def __init__(self, answers):
        self.answers = answers
        self.hidden = []

    def ask(self, question, *, mode, question_id, hidden):
        assert (mode, bool(question_id)) == ("quotes", True)
        self.hidden.append(hidden)
        found = self.answers[question]
        if isinstance(found, Exception):
            raise found
        return found


def test_every_question_is_asked_with_its_documents_hidden_and_an_error_is_a_result():
    one, two = question(1), replace(question(2), hidden=frozenset({"a.txt"}), answerable=False)
    pipeline = Canned({one.question: GenerationError("The generator failed."), two.question: REFUSED})
    told = []
    results = sit_exam(pipeline, [one, two], on_result=told.append)
    assert pipeline.hidden == [frozenset(), {"a.txt"}]
    assert [(sat.outcome, sat.said, sat.confidence) for sat in results] == [
        (Outcome.ERROR, "The generator failed.", None),
        (Outcome.REFUSED_RIGHTLY, "资料中没有提到。", 0.2),
    ]
    assert told == results


def test_questions_of_all_kinds_and_documents_are_chosen():
    questions = list(exam_of_texts(TEXTS))
    chosen = choose_questions(questions, 10, seed=1)
    assert len(chosen) == 10
    assert len({each.question_id for each in chosen}) == 10
    assert {each.source for each in chosen} == set(TEXTS)
    assert {"asked", "other_words", "hidden"} <= {each.kind for each in chosen}
    assert chosen == choose_questions(questions, 10, seed=1)
    assert chosen != choose_questions(questions, 10, seed=2)
    assert len(choose_questions(questions, 10_000)) == len(questions)
    assert choose_questions([], 10) == []
