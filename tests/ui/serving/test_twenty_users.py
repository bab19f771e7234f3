"""The run of many users at once finds what it is there to find: over a scripted pipeline, for a moment."""

import random
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rag.errors import GenerationError
from rag.schema.answers import Answer
from tests.support.serving import SearchedPipeline, served
from ui.conversations.conversation import Conversations

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))
import twenty_users
from heading_questions import mark_of, marks_of, vary
from own_server import Memory

BRIEF = ["--users", "5", "--seconds", "1.5", "--think", "0.1", "--again", "2"]


class ListedPipeline(SearchedPipeline):
    """Offers an example, and tells the version of its index."""

    index_state = "v1"

    def __init__(self):
        super().__init__({}, examples=["概括海州市2031年“港口建设”的主要内容。"])

    def documents(self, *, hidden=frozenset()):
        return list(self.listed)

    def example_questions(self, limit, *, hidden=frozenset()):
        return self.examples[:limit]


class MixingPipeline(ListedPipeline):
    """Says that it searched what somebody else asked before."""

    before = ""

    def stream(self, question, **options):
        before, self.before = self.before, question
        for event in super().stream(question, **options):
            yield replace(event, query=before or question) if isinstance(event, Answer) else event


class FailingPipeline(ListedPipeline):
    """Answers the first two questions."""

    n_asked = 0

    def stream(self, question, **options):
        self.n_asked += 1
        if self.n_asked > 2:
            raise GenerationError("Out of memory.")
        yield from super().stream(question, **options)


def run(pipeline, capsys, *more):
    with served(pipeline) as running:
        code = twenty_users.main(["--url", running.url, *BRIEF, *more])
    return code, *capsys.readouterr()


@pytest.fixture(autouse=True)
def own_workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("YOUJU_WORKSPACE", str(tmp_path))


def test_a_sound_server_passes(capsys):
    code, out, err = run(ListedPipeline(), capsys, "--mode", "mixed")
    assert (code, err) == (0, "")
    assert "| errors and mix-ups | 0 |" in out
    assert "| asked again alone: same citations | 2 of 2 |" in out
    assert "| answers a user at the page, min–max | 0–" not in out


def test_what_another_asked_is_found_in_the_stream(capsys):
    code, _, err = run(MixingPipeline(), capsys)
    assert code == 1
    assert " of others came with '" in err


def test_a_question_without_an_answer_is_an_error(capsys):
    code, _, err = run(FailingPipeline(), capsys)
    assert code == 1
    assert "not answered: 'Out of memory.'" in err
    assert "the API says 500: " in err


def test_a_history_that_lost_an_exchange_is_found(capsys, monkeypatch):
    opened = Conversations.opened

    def without_the_first(self, owner, identity):
        talk = opened(self, owner, identity)
        return replace(talk, past=talk.past[1:])

    monkeypatch.setattr(Conversations, "opened", without_the_first)
    code, _, err = run(ListedPipeline(), capsys)
    assert code == 1
    assert "the history shows [" in err


def test_every_question_has_a_mark_by_which_it_is_known_again():
    draw = random.Random(5)
    questions = [
        vary(["概括海州市“港口建设”的主要内容。", "What does “Ports” say?"], "bcdfgh", draw) for _ in range(40)
    ]
    assert len({mark_of(question) for question in questions}) == 40
    assert len({question.replace(mark_of(question), "") for question in questions}) > 5
    assert marks_of("bcdfgh", "\n".join([*questions, questions[0]])) == [mark_of(question) for question in questions]


def test_the_slope_of_memory_is_told_once_it_has_settled():
    memory = Memory(None)
    memory.samples = [(float(s), min(100.0 + s, 150.0) + (s > 50) * (s - 50) / 60, None) for s in range(120)]
    peak, slope = memory.rows()
    assert peak == "| memory at start / middle / end, most | 100 / 150 / 151, 151 MB |"
    assert slope == "| memory, slope in the second half | +1.0 MB a minute |"
