"""Format a trace for a terminal: ``youju ask --explain`` prints it. Decides nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from rag.question.scope import NamedScope
from rag.schema.answers import Withheld
from rag.schema.documents import Passage
from rag.schema.search import Hit, Scope
from rag.scoring.sides import CandidateSpan, Side
from rag.trace.additions import additions
from rag.trace.collect import Draft, Looked, Reason, Trace
from rag.trace.wording import FEATURE_WORDS, english, known_relations

__all__ = ["trace_text"]

MOST_SPANS: Final = 8  # of a side; the others are less likely, and all are in the JSON
MOST_ADDITIONS: Final = 4  # of a span, the largest
MOST_TEXT_CHARS: Final = 160


def trace_text(trace: Trace) -> str:
    """Tell a trace as a person reads it, from the question to the answer."""
    parts = [
        ("Question", _question(trace)),
        ("Passages", _passages(trace)),
        ("Evidence", _evidence(trace)),
        ("Reader", _reader(trace)),
        *((f"Prompt {number}", _prompt(draft)) for number, draft in enumerate(trace.drafts, start=1)),
        ("Decision", _decision(trace)),
        ("Answer", iter([str(trace.answer)])),
        ("Timings", (f"{seconds:8.3f} s  {what}" for what, seconds in trace.moments)),
    ]
    told = ((title, list(lines)) for title, lines in parts)
    return "\n\n".join("\n".join([f"== {title}", *lines]) for title, lines in told if lines)


def _question(trace: Trace) -> Iterator[str]:
    yield f"asked        {trace.question}"
    yield f"searched as  {trace.answer.query}"
    found = trace.found
    if found is None:
        return
    if found.asked.chinese:
        yield f"and as       {found.asked.chinese.text}"
    yield from _named(found.asked.named)
    if found.described_place:
        yield f"described    {found.described_place.description.what}: {found.described_place.place}"
    if found.asked.document:
        yield f"document     {found.asked.document.source}: {found.asked.document.part.title}"
    if found.scope:
        yield f"searched in  {_scope(found.scope)}"


def _named(named: NamedScope) -> Iterator[str]:
    for label, names in (("places", named.places), ("years", named.years), ("unknown", named.unknown)):
        if names:
            yield f"{label:<12} {', '.join(map(str, names))}"


def _scope(scope: Scope) -> str:
    parts = (sorted(scope.sources), sorted(map(str, scope.years)), sorted(scope.places))
    return "; ".join(", ".join(part) for part in parts if part)


def _passages(trace: Trace) -> Iterator[str]:
    by_id = {one.passage.passage_id: one for one in trace.looked}
    for one in trace.looked:
        yield f"{_ranks(one.hit)}  {_fate_of(one, by_id)}"
        yield f"     {_place_line(one.passage)}"
        yield f"     {_short(one.passage.text)}"
    if trace.found and trace.looked:
        selection = trace.found.selection
        yield f"tokens read: {selection.spent_tokens} of {selection.budget_tokens}"


def _ranks(hit: Hit | None) -> str:
    if hit is None:
        return "  -. found by no ranker"
    dense = f"dense #{hit.dense_rank} {hit.dense_score:.3f}" if hit.dense_rank else "dense -"
    lexical = f"lexical #{hit.lexical_rank} {hit.lexical_score:.2f}" if hit.lexical_rank else "lexical -"
    return f"{hit.rank:>3}. {hit.score:.4f}  {dense}  {lexical}"


def _fate_of(one: Looked, by_id: dict[int, Looked]) -> str:
    """What became of a passage, in words."""
    choice = one.choice
    same = by_id.get(choice.same_as) if choice.same_as is not None else None
    numbers = _numbers(same.choice.numbers) if same else ""
    return english(choice.outcome).format(
        cost=choice.n_tokens, left=choice.left_tokens, same=f"sentence {numbers}", numbers=_numbers(choice.numbers)
    )


def _numbers(numbers: tuple[int, ...]) -> str:
    return f"{numbers[0]}-{numbers[-1]}" if len(numbers) > 1 else "".join(map(str, numbers))


def _place_line(passage: Passage) -> str:
    """Where a passage stands."""
    return f"{passage.source} {passage.start}-{passage.end}  {' > '.join((passage.title, *passage.heading))}"


def _evidence(trace: Trace) -> Iterator[str]:
    for e in trace.found.evidence if trace.found else ():
        yield f"{e.number:>3}. {e.text}"
        probability = trace.probability_of(e.number)
        likely = "" if probability is None else f"probability {probability:.3f}; "
        yield f"     {likely}read because {'; '.join(map(_reason_text, trace.reasons_of(e.number)))}"


def _reason_text(reason: Reason) -> str:
    """A reason in words."""
    return english(reason.cause).format(rank=reason.rank)


def _reader(trace: Trace) -> Iterator[str]:
    for read in trace.reads:
        for side in read.sides:
            yield f"read as {side.asked}: probability {side.probability:.3f}, shown from {side.threshold:.3f}"
            yield from _spans(trace, side)
    for side in trace.judged_together:
        yield f"both wordings together: probability {side.probability:.3f}"
        for found in side.found[:MOST_SPANS]:
            yield f"  {found.probability:.3f}  {_found_text(found)}  (sentence {found.evidence.number})"


def _spans(trace: Trace, side: Side) -> Iterator[str]:
    for span in side.found[:MOST_SPANS]:
        yield from _span(trace, span)
    if len(side.found) > MOST_SPANS:
        yield f"  {len(side.found) - MOST_SPANS} more sentences, less likely"


def _span(trace: Trace, span: CandidateSpan) -> Iterator[str]:
    score = f", read {span.read.score:.2f}" if math.isfinite(span.read.score) else ""
    related = "".join(f", {FEATURE_WORDS[name][1]}" for name in known_relations(span.relations))
    yield f"  {span.probability:.3f}  {_found_text(span)}  (sentence {span.evidence.number}{score}{related})"
    parts = [f"{FEATURE_WORDS[a.feature][1]} {a.added:+.2f}" for a in additions(span, trace.scorer)[:MOST_ADDITIONS]]
    if parts:
        yield f"         most by: {', '.join(parts)}"


def _found_text(span: CandidateSpan) -> str:
    """The span; the sentence where the reader names none in it."""
    return _short(span.text or span.evidence.text)


def _prompt(draft: Draft) -> Iterator[str]:
    for message in draft.messages:
        yield f"[{message.role}]"
        yield message.content
    checks = draft.checks
    if checks is None:
        return
    yield "[reply]"
    yield checks.reply
    if checks.cut_off:
        yield "[check] it was cut off at its limit of length"
    if checks.finds_nothing:
        yield "[check] it says that the evidence lacks the answer"
    for sentence in checks.sentences:
        cites = ", ".join(str(e.number) for e in sentence.evidence) or "nothing"
        withheld = sentence.withheld
        verdict = f"withheld: {_problem(withheld)}" if withheld else f"supported by {cites}"
        if sentence.misread:
            verdict = f"figures mixed up in {sentence.misread.number}: the text is quoted instead"
        yield f"[check] {sentence.written}  {verdict}"


def _problem(withheld: Withheld) -> str:
    return ": ".join([english(withheld.problem), *([", ".join(withheld.values)] if withheld.values else [])])


def _decision(trace: Trace) -> Iterator[str]:
    yield english(trace.route)
    for ruled in trace.rulings:
        yield f"{english(ruled.ruling)}, because {english(ruled.because)}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MOST_TEXT_CHARS else f"{line[:MOST_TEXT_CHARS]}…"
