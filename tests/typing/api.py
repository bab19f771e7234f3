"""What a type checker knows of the public names: checked by mypy, never run.

A name of ``rag.__all__`` that is missing here, or whose type changed, is an error of `make check`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, assert_type

import rag
from rag.index.ingest import IndexReport

config = rag.load_config(index="my-index")
assert_type(config, rag.Config)
assert_type(rag.index_paths(config, [Path("roads.txt")], rebuild=True), IndexReport)


def check_ask(*, either: bool) -> None:
    """An answer, a stream of events, or whichever of them was asked for at run time."""
    assert_type(rag.ask("？"), rag.Answer)
    assert_type(rag.ask("？", mode="quotes", index=Path("my-index"), question_id="q1"), rag.Answer)
    assert_type(rag.ask("？", history=[rag.Turn("user", "？"), {"role": "user", "content": "？"}]), rag.Answer)
    assert_type(rag.ask("？", stream=True), Iterator[rag.Event])
    assert_type(rag.ask("？", stream=either), rag.Answer | Iterator[rag.Event])
    rag.ask("？", mode="poetry")  # type: ignore[call-overload]
    rag.ask("？", "my-index")  # type: ignore[call-overload]


def check_events(event: rag.Event) -> None:
    """Every event of a stream can be told apart by its public name."""
    match event:
        case rag.Retrieved():
            assert_type(event.evidence, tuple[rag.Evidence, ...])
        case rag.Quoted():
            assert_type(event.answer, rag.Answer)
        case rag.Delta():
            assert_type(event.text, str)
        case _:
            assert_type(event, rag.Answer)


def check_answer(answer: rag.Answer, sentence: rag.AnswerSentence, citation: rag.Citation) -> None:
    """The fields that docs/api.md lists."""
    assert_type(answer.text, str)
    assert_type(answer.sentences, tuple[rag.AnswerSentence, ...])
    assert_type(answer.citations, tuple[rag.Citation, ...])
    assert_type(answer.abstained, bool)
    assert_type(answer.confidence, float | None)
    assert_type(answer.notes, tuple[str, ...])
    assert_type(answer.withheld, tuple[rag.Withheld, ...])
    assert_type(answer.cut_off, bool)
    assert_type(answer.timings, rag.Timings)
    assert_type(answer.timings.total_seconds, float | None)
    assert_type(answer.to_dict(), dict[str, Any])
    assert_type(sentence.markers, tuple[int, ...])
    assert_type(sentence.spans, tuple[tuple[int, int], ...])
    assert_type((citation.start, citation.end), tuple[int, int])
    assert_type(citation.page, int | None)


def check_pipeline(pipeline: rag.Pipeline, scope: rag.Scope) -> None:
    """A pipeline of one's own."""
    assert_type(rag.Pipeline.open(config), rag.Pipeline)
    assert_type(pipeline.ask("？", scope=scope), rag.Answer)
    assert_type(pipeline.stream("？"), Iterator[rag.Event])
    assert_type(pipeline.search("？", top_k=1), list[rag.Hit])
    assert_type(pipeline.search("？")[0].passage, rag.Passage)
    assert_type(rag.Turn("user", "？").role, Literal["user", "assistant"])
    assert_type(scope.years, frozenset[int])


def check_errors() -> None:
    """Every branch carries its exit code."""
    branches: list[type[rag.RagError]] = [
        rag.BatchError,
        rag.ConfigError,
        rag.CorpusIndexError,
        rag.DocumentError,
        rag.GenerationError,
        rag.ModelError,
        rag.QuestionError,
    ]
    for branch in branches:
        assert_type(branch.exit_code, int)
