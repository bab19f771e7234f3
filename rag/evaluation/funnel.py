"""Where an answer is lost: retrieved, read, among the three likeliest sentences, the likeliest, shown.

A stage holds the answer where it holds at least one gold quote of the question: a question with two of them is lost
only where both are. Measures answerable questions with gold quotes; asks nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from rag.evaluation.locate import Locate
from rag.evaluation.measures import Share, hits_gold
from rag.observer import Observer, Step
from rag.retrieval.find_evidence import FoundEvidence
from rag.schema.answers import Answer

if TYPE_CHECKING:
    from rag.batch.question_file import GoldQuestion
    from rag.schema.documents import Passage
    from rag.schema.messages import Mode, Turn
    from rag.schema.search import Evidence, Scope

__all__ = ["STAGES", "Observed", "funnel"]

STAGES: Final = ("retrieved", "read", "best_three", "best", "shown")
"""The stages, in order; each is the name of a measure."""
BEST_FEW: Final = 3


class Observed:
    """A pipeline whose last question's evidence is kept."""

    def __init__(self, pipeline: Any) -> None:  # noqa: ANN401 - rag.pipeline.Pipeline stands above this
        self._pipeline = pipeline
        self.found: FoundEvidence | None = None

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        scope: Scope | None = None,
        mode: Mode = "answer",
        question_id: str = "",
    ) -> Answer:
        """Answer a question; arguments and errors as in ``Pipeline.ask``."""
        self.found = None
        hear: Observer = self._hear
        answer = self._pipeline.ask(
            question, history=history, scope=scope, mode=mode, question_id=question_id, observe=hear
        )
        assert isinstance(answer, Answer)  # noqa: S101 - the promise of Pipeline.ask
        return answer

    def _hear(self, step: Step) -> None:
        if isinstance(step, FoundEvidence):
            self.found = step


def funnel(
    question: GoldQuestion, found: FoundEvidence | None, citations: Sequence[Mapping[str, Any]], locate: Locate | None
) -> dict[str, Share]:
    """Whether each stage holds the answer.

    Args:
        question: What is known.
        found: What was found for it; None where nothing was searched.
        citations: What the answer cites, as a record has it.
        locate: Finds gold quotes in the documents.

    Returns:
        By stage; nothing for questions without gold quotes.
    """
    if not question.answerable or not question.gold:
        return {}
    stages = dict(_stages(found), shown=list(citations))
    return {
        name: Share(int(any(hits_gold(place, span, locate) for place in stages[name] for span in question.gold)), 1)
        for name in STAGES
    }


def _stages(found: FoundEvidence | None) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    sides = found.sides if found else ()
    yield "retrieved", [_place(hit.passage) for hit in found.hits] if found else []
    yield "read", [_place(e) for e in found.read] if found else []
    for name, n in (("best_three", BEST_FEW), ("best", 1)):
        yield name, [_place(span.evidence) for side in sides for span in side.found[:n]]


def _place(place: Passage | Evidence) -> Mapping[str, Any]:
    return {"source": place.source, "start": place.start, "end": place.end, "quote": place.text}
