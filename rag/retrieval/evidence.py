"""Hits -> the passages worth reading, and what was read -> the few sentences worth a prompt.

Everything that search found is read: the reader tells better than any rank which sentence answers. What the generator
is given is chosen after that, since time to the first token is prompt length on a CPU. Does not prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from rag.index.protocols import PassageSource
from rag.question.analysis import Wording
from rag.retrieval.budget import Candidate, Origin, Outcome, Selection, choose, is_bare_heading, left_out
from rag.retrieval.sections import NAMED_HEADING, best_section, outline_of
from rag.schema.documents import Passage
from rag.schema.search import Evidence, Hit
from rag.scoring.sides import Side
from rag.text.tokens import estimate_tokens

__all__ = ["READ_TOKENS", "likeliest_sentences", "select"]

READ_TOKENS: Final = 6000
"""Most tokens that are read for a question: thirty passages have about 2,000, a whole section beside them 1,000."""

LIKELIEST: Final = 5
"""Sentences of each side that the generator is given."""


def select(
    wording: Wording,
    hits: Sequence[Hit],
    *,
    passages: PassageSource,
    also: Sequence[Passage] = (),
    budget_tokens: int = READ_TOKENS,
    count_tokens: Callable[[str], int] = estimate_tokens,
) -> Selection:
    """Choose what is read, and tell of every passage what became of it.

    Args:
        wording: The standalone question, analysed.
        hits: Retrieved passages, best first.
        passages: Gives whole sections.
        also: Passages that are read in any case.
        budget_tokens: Most tokens of all that is read.
        count_tokens: Counts tokens of a text.
    """
    ranked = [Candidate(hit.passage, Origin.HIT) for hit in hits if not is_bare_heading(hit.passage)]
    if wording.wants_section and len(wording.named.places) < 2:
        section, likeness = best_section(wording.text, hits, passages)
        origin = Origin.NAMED_SECTION if likeness >= NAMED_HEADING else Origin.LIKELY_SECTION
        counted = [Candidate(passage, Origin.COUNTED_HEADING) for passage in outline_of(wording, hits, passages)]
        ranked = [*(Candidate(passage, origin) for passage in section), *counted, *ranked]
    selection = choose(
        [*(Candidate(passage, Origin.IN_ANY_CASE) for passage in also), *ranked],
        budget_tokens=budget_tokens,
        scores={hit.passage.passage_id: hit.score for hit in hits},
        count_tokens=count_tokens,
    )
    return left_out(selection, (hit.passage for hit in hits if is_bare_heading(hit.passage)), Outcome.BARE_HEADING)


def likeliest_sentences(
    sides: Sequence[Side],
    evidence: Sequence[Evidence],
    *,
    budget_tokens: int,
    count_tokens: Callable[[str], int] = estimate_tokens,
) -> tuple[Evidence, ...]:
    """The sentences that most likely answer, of each side its own: what the generator is given.

    Args:
        sides: What was read, scored.
        evidence: All that was read, in document order.
        budget_tokens: Most tokens of all chosen sentences; the likeliest one is taken in any case.
        count_tokens: Counts tokens of a text.

    Returns:
        Sentences in document order.
    """
    best = [span for side in sides for span in side.found[:LIKELIEST]]
    best.sort(key=lambda span: -span.probability)
    chosen: set[int] = set()
    spent = 0
    for span in best:
        cost = count_tokens(span.evidence.text)
        if span.evidence.number not in chosen and (not chosen or spent + cost <= budget_tokens):
            chosen.add(span.evidence.number)
            spent += cost
    return tuple(e for e in evidence if e.number in chosen)
