"""Hits -> the few sentences worth reading, in document order, under a token budget. Does not prompt.

Time to the first token is prompt length on a CPU, so every sentence must earn its place: a question
for one fact gets the best passages; a question for a list or a whole section gets the section whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.index.protocols import PassageSource
from rag.question.analysis import Wording
from rag.retrieval.budget import Candidate, Origin, Outcome, Selection, choose, is_bare_heading, left_out
from rag.retrieval.sections import NAMED_HEADING, best_section, outline_of
from rag.schema.documents import Passage
from rag.schema.search import Evidence, Hit
from rag.text.tokens import estimate_tokens

__all__ = ["select", "select_evidence"]

# The best hits come first whatever is asked; a whole section comes behind them.
SURE_HITS = 3


# Share of the budget for a plain question for one fact (dev: evidence recall 0.957 from 1.0 down to 0.6).
FACT_SHARE = 0.65


def select_evidence(
    wording: Wording,
    hits: Sequence[Hit],
    *,
    budget_tokens: int,
    passages: PassageSource,
    whole_sections: bool = True,
    also: Sequence[Passage] = (),
    count_tokens: Callable[[str], int] = estimate_tokens,
) -> tuple[Evidence, ...]:
    """Choose what the generator reads; arguments as in :func:`consider`.

    Returns:
        Sentences in document order, numbered from 1; near-duplicates once.
    """
    return select(
        wording,
        hits,
        budget_tokens=budget_tokens,
        passages=passages,
        whole_sections=whole_sections,
        also=also,
        count_tokens=count_tokens,
    ).evidence


def select(
    wording: Wording,
    hits: Sequence[Hit],
    *,
    budget_tokens: int,
    passages: PassageSource,
    whole_sections: bool = True,
    also: Sequence[Passage] = (),
    count_tokens: Callable[[str], int] = estimate_tokens,
) -> Selection:
    """Choose what the generator reads, and tell of every passage what became of it.

    Args:
        wording: The standalone question, analysed.
        hits: Retrieved passages, best first.
        budget_tokens: Most tokens of all chosen sentences and their headings.
        passages: Gives whole sections.
        whole_sections: Whether one section may fill the budget; not where two sides are compared. A plain
            question for one fact of one side gets ``FACT_SHARE`` of the budget.
        also: Passages that are read in any case.
        count_tokens: Counts tokens of a text.
    """
    ranked = [Candidate(hit.passage, Origin.HIT) for hit in hits if not is_bare_heading(hit.passage)]
    behind: list[Candidate] = []
    if whole_sections and wording.wants_section:
        section, likeness = best_section(wording.text, hits, passages)
        if likeness >= NAMED_HEADING:
            behind = ranked[SURE_HITS:]
            ranked = [*(Candidate(passage, Origin.NAMED_SECTION) for passage in section), *ranked[:SURE_HITS]]
        else:
            counted = [Candidate(passage, Origin.COUNTED_HEADING) for passage in outline_of(wording, hits, passages)]
            ranked[SURE_HITS:SURE_HITS] = [
                *counted,
                *(Candidate(passage, Origin.LIKELY_SECTION) for passage in section),
            ]
    elif whole_sections and wording.is_plain:
        budget_tokens = round(budget_tokens * FACT_SHARE)
    selection = choose(
        [*(Candidate(passage, Origin.IN_ANY_CASE) for passage in also), *ranked],
        budget_tokens=budget_tokens,
        scores={hit.passage.passage_id: hit.score for hit in hits},
        count_tokens=count_tokens,
    )
    selection = left_out(selection, (candidate.passage for candidate in behind), Outcome.BEHIND_SECTION)
    return left_out(selection, (hit.passage for hit in hits if is_bare_heading(hit.passage)), Outcome.BARE_HEADING)
