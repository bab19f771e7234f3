"""Documents that a user must not see: not found, not quoted, not named, whatever is asked."""

import pytest

from rag.config import load_config
from rag.errors import DocumentNotFoundError
from rag.index.ingest import index_paths
from rag.pipeline import Pipeline
from rag.schema.search import Scope
from tests.support.fakes import HashingEncoder, QuotingGenerator, QuotingReader
from tests.support.scoring import IN_SCOPE

SCHOOLS = "海州市2031年教育工作总结\n\n一、学校建设\n2031年，海州市新建学校12所，改扩建学校30所。\n"
SECRET = "临川县2030年交通工作总结\n\n一、道路\n2030年，临川县新修公路86公里，招标方为石桥公司。\n"
HIDDEN = frozenset({"secret.txt"})
ASKED = "临川县2030年新修公路多少公里？"


@pytest.fixture
def pipeline(tmp_path):
    for name, text in (("schools.txt", SCHOOLS), ("secret.txt", SECRET)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    config = load_config({"YOUJU_HOME": str(tmp_path / "home")})
    index_paths(config, [tmp_path / "schools.txt", tmp_path / "secret.txt"], encoder=HashingEncoder())
    return Pipeline.open(
        config, encoder=HashingEncoder, generator=QuotingGenerator, reader=QuotingReader, scorer=IN_SCOPE
    )


def test_who_may_see_it_is_answered(pipeline):
    assert "86公里" in pipeline.ask(ASKED).text


@pytest.mark.parametrize("mode", ["answer", "quotes"])
@pytest.mark.parametrize("scope", [None, Scope(sources=HIDDEN), Scope(places=frozenset({"临川县"}))])
@pytest.mark.parametrize(
    "question", [ASKED, "临川县交通工作总结讲了什么？", "海州市2029年新建学校多少所？", "有哪些文件？", "2030年呢？"]
)
def test_nothing_of_it_reaches_who_may_not(pipeline, mode, scope, question):
    answer = pipeline.ask(question, mode=mode, scope=scope, hidden=HIDDEN)
    shown = [answer.text, answer.reason, answer.reply, *(c.quote for c in answer.citations)]
    shown += [part for e in answer.evidence for part in (e.text, e.source, e.title, e.place)]
    told = "\n".join(shown)
    assert "secret" not in told
    assert "86" not in told
    if "临川" not in question:
        assert "临川" not in told  # a refusal that lists the places of the corpus must not list this one


def test_it_is_in_no_list_and_cannot_be_read(pipeline):
    assert [info.source for info in pipeline.documents(hidden=HIDDEN)] == ["schools.txt"]
    assert {hit.passage.source for hit in pipeline.search("新修公路", hidden=HIDDEN)} <= {"schools.txt"}
    assert not any("道路" in question for question in pipeline.example_questions(9, hidden=HIDDEN))
    with pytest.raises(DocumentNotFoundError) as hidden:
        pipeline.document_text("secret.txt", hidden=HIDDEN)
    assert pipeline.document_text("secret.txt") == SECRET
    with pytest.raises(DocumentNotFoundError):
        pipeline.quote_at("secret.txt", 0, 9, hidden=HIDDEN)
    with pytest.raises(DocumentNotFoundError):
        pipeline.document_view("secret.txt", hidden=HIDDEN)
    with pytest.raises(DocumentNotFoundError):
        pipeline.page_image("secret.txt", 1, hidden=HIDDEN)
    with pytest.raises(DocumentNotFoundError) as missing:
        pipeline.document_text("missing.txt", hidden=HIDDEN)
    assert str(hidden.value).replace("secret", "missing") == str(missing.value)  # one that differed would tell of it


def test_who_may_see_nothing_finds_nothing(pipeline):
    everything = HIDDEN | {"schools.txt"}
    assert pipeline.documents(hidden=everything) == []
    assert pipeline.search("学校", hidden=everything) == []
    assert pipeline.ask("海州市2031年新建学校多少所？", hidden=everything).abstained


def test_the_index_has_a_version_that_changes_when_it_does(pipeline, tmp_path):
    before = pipeline.index_state
    (tmp_path / "more.txt").write_text("石桥镇2031年总结\n\n植树9000棵。\n", encoding="utf-8")
    index_paths(pipeline.config, [tmp_path / "more.txt"], encoder=HashingEncoder())
    assert pipeline.index_state != before
    assert [info.source for info in pipeline.documents(hidden=HIDDEN)] == ["more.txt", "schools.txt"]


def test_what_is_added_while_a_question_is_under_way_is_hidden_as_well(pipeline, tmp_path):
    """Somebody else's upload arrives between the question's start and its search."""
    others = {"secret.txt"}

    def upload_then_hidden():
        if "theirs.txt" not in others:
            (tmp_path / "theirs.txt").write_text("石桥镇2031年总结\n\n一、植树\n植树9000棵。\n", encoding="utf-8")
            index_paths(pipeline.config, [tmp_path / "theirs.txt"], encoder=HashingEncoder())
            others.add("theirs.txt")
        return frozenset(others)

    answer = pipeline.ask("植树多少棵？", hidden=upload_then_hidden)
    assert "9000" not in answer.text + answer.reply + "".join(e.text for e in answer.evidence)
    assert "9000" in "".join(e.text for e in pipeline.ask("植树多少棵？").evidence)
