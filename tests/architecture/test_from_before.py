"""What youju 0.1 (commit 4ce702e) wrote is opened by this youju, and nothing of it is lost.

The files in ``tests/from_before`` were written by the code of that commit, over the documents of ``small_home`` and
with the same fakes for models: an index, a workspace, a file of answers, a trace. The password file is tested beside
its code.
"""

import json
import shutil
from pathlib import Path

import pytest

from rag.batch.question_file import Question, read_questions
from rag.batch.run import read_answers, run_batch
from rag.batch.workbook import write_xlsx
from rag.index.ingest import index_paths
from rag.pipeline import Pipeline
from rag.trace.collect import trace
from rag.trace.record import trace_record
from tests.support.fakes import HashingEncoder, QuotingGenerator, QuotingReader
from tests.support.scoring import IN_SCOPE
from tests.support.small_home import ANSWERED, QUOTE, REFUSED, SCHOOLS
from ui.batch.store import JobStore
from ui.conversations.feedback import feedback_text
from ui.conversations.history import History
from ui.settings import load_page_config

BEFORE = Path(__file__).parents[1] / "from_before"


@pytest.fixture
def config(tmp_path):
    shutil.copytree(BEFORE / "home", tmp_path / "home")
    return load_page_config({"YOUJU_HOME": str(tmp_path / "home")})


@pytest.fixture
def pipeline(config):
    return Pipeline.open(
        config, encoder=HashingEncoder, generator=QuotingGenerator, reader=QuotingReader, scorer=IN_SCOPE
    )


def test_an_index_answers_and_cites(pipeline):
    assert [info.source for info in pipeline.documents()] == ["roads.txt", "schools.txt"]
    assert pipeline.document_text("schools.txt") == SCHOOLS
    (citation,) = pipeline.ask(ANSWERED).citations
    assert (citation.source, citation.quote) == ("schools.txt", QUOTE)
    assert SCHOOLS[citation.start : citation.end] == QUOTE


def test_an_index_takes_more_documents_and_keeps_what_it_has(config, tmp_path):
    (tmp_path / "schools.txt").write_text(SCHOOLS, encoding="utf-8", newline="")
    (tmp_path / "parks.txt").write_text("海州市2031年园林工作总结\n\n一、公园\n新建公园5个。\n", encoding="utf-8")
    report = index_paths(config, [tmp_path / "schools.txt", tmp_path / "parks.txt"], encoder=HashingEncoder())
    assert (report.added, report.unchanged) == (["parks.txt"], ["schools.txt"])


def test_a_file_of_answers_is_continued(pipeline, tmp_path):
    out = tmp_path / "answers.jsonl"
    out.write_bytes((BEFORE / "answers.jsonl").read_bytes())
    before = read_answers(out)
    assert [record["id"] for record in before] == ["a", "b", "half", "d"]
    questions = [Question(record["id"], record["question"]) for record in before]
    summary = run_batch(pipeline, [*questions, Question("e", ANSWERED)], out)
    assert (summary.n_kept, summary.n_answered) == (4, 1)
    assert out.read_bytes().startswith((BEFORE / "answers.jsonl").read_bytes()), "not a byte of it changes"
    write_xlsx(tmp_path / "answers.xlsx", before)
    assert (tmp_path / "answers.xlsx").stat().st_size > 5_000


def test_conversations_are_read_with_their_answers_and_ratings(config):
    history = History(config.workspace)
    (info,) = history.list("an")
    assert (info.title, info.n_exchanges) == ("学校建设", 3)
    answered, refused, half = history.load("an", info.id)
    assert (answered.answer.text, answered.answer.citations[0].quote) == (f"{QUOTE}[1]", QUOTE)
    assert (refused.question, refused.answer.abstained) == (REFUSED, True)
    assert (half.question, half.stage, half.streamed) == ("半个字\ud800？", "stopped", "写了一半")
    ratings = history.ratings("an", info.id)
    assert {number: (rating.verdict, rating.comment) for number, rating in ratings.items()} == {
        1: ("up", "有用"),
        2: ("down", ""),
    }
    history.rate("an", info.id, 3, "up")
    history.close()
    assert feedback_text(config, "jsonl")[1] == 3


def test_a_batch_is_there_with_its_answers(config):
    store = JobStore(config.workspace)
    (job,) = store.jobs("an")
    assert (job.name, job.mode, job.state, job.n_questions, job.created_at) == (
        "题目.txt",
        "answer",
        "stopped",
        2,
        1.9e9,
    )
    assert [question.question for question in read_questions(store.questions("an", job))] == [ANSWERED, REFUSED]
    assert store.counts("an", job.id) == (1, 0)
    assert store.jobs("bo") == []


def test_a_trace_has_every_field_that_it_had_but_for_codes_that_were_phrases(pipeline):
    before = json.loads((BEFORE / "trace.json").read_text(encoding="utf-8"))
    now = json.loads(json.dumps(trace_record(trace(pipeline, ANSWERED))))
    # 'how' is now 'route', a code, and 'conferred' 'judged_together'; nothing is bound to places or sought apart now.
    assert before.keys() - now.keys() == {"how", "conferred", "bound_to_places", "elsewhere"}
    assert now["route"] == "quoted_alone"
    located = [citation.pop("location") for citation in now["answer"]["citations"]]
    assert {value for location in located for value in location.values()} == {None, ""}  # a text has no such places
    assert now["answer"]["citations"] == before["answer"]["citations"]
    assert {passage["text"] for passage in before["passages"]} <= {passage["text"] for passage in now["passages"]}
