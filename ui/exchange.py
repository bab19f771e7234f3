"""What the page knows of a question: the exchange that grows as news of its answer arrive.

Knows nothing of Gradio, of HTML or of the line of questions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from rag.schema.answers import Answer
    from rag.schema.messages import Mode
    from rag.schema.search import Evidence, Scope

__all__ = ["Exchange", "Stage"]

Stage: TypeAlias = Literal["waiting", "searching", "reading", "writing", "done", "stopped", "failed"]

OVER: frozenset[Stage] = frozenset({"done", "stopped", "failed"})


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question on the page, with all that is known of its answer so far.

    Attributes:
        number: Unique on the page, from 1; the anchors are built from it.
        question: What the user asked.
        stage: How far it is.
        seconds: How long it has been worked on, at the moment this was made; the wait in line is not in it.
        waited_seconds: How long it stood in line.
        n_ahead: Questions before it in line.
        expected_seconds: How long it will stand in line, as far as the last answers tell; None where they do not.
        query: What was searched; empty until it is known.
        evidence: What the generator reads; empty until it is known.
        quoted: The instant answer, by quotation alone; None where there is none.
        streamed: The unchecked text that has arrived.
        answer: The checked answer, which replaces what was streamed.
        error: What went wrong, for people.
        scope: The restriction that was in force.
        mode: How it was to be answered.
    """

    number: int
    question: str
    stage: Stage = "waiting"
    seconds: float = 0.0
    waited_seconds: float = 0.0
    n_ahead: int = 0
    expected_seconds: float | None = None
    query: str = ""
    evidence: tuple[Evidence, ...] = ()
    quoted: Answer | None = None
    streamed: str = ""
    answer: Answer | None = None
    error: str = ""
    scope: Scope | None = None
    mode: Mode = "answer"

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.stage in OVER

    @property
    def quotation(self) -> Answer | None:
        """The quotation while it is to be shown: until there is an answer, and beside an abstention or an error."""
        quoted, answer = self.quoted, self.answer
        if quoted is None or quoted.abstained:
            return None
        return None if answer and not (answer.abstained or answer.error) else quoted
