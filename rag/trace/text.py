"""Format a trace for a terminal: ``youju ask --explain`` prints it. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rag.reading.evidence_reader import Side
from rag.schema.answers import Withheld
from rag.schema.documents import Passage
from rag.schema.search import Hit, Scope
from rag.trace.collect import Draft, Looked, Reason, Trace, WeighedSpan
from rag.trace.wording import english

__all__ = ["trace_text"]

MOST_SPANS: Final = 8  # of a side; the others are less likely, and all are in the JSON
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
    for label, names in (
        ("places", found.asked.named.places),
        ("years", found.asked.named.years),
        ("unknown", found.asked.named.unknown),
    ):
        if names:
            yield f"{label:<12} {', '.join(map(str, names))}"
    if trace.bound_to_places:
        yield "             only documents of these places, and those of no known place, were searched"
    if found.described_place:
        yield f"described    {found.described_place.description.what}: {found.described_place.place}"
    if found.asked.document:
        yield f"document     {found.asked.document.source}: {found.asked.document.part.title}"
    if found.scope:
        yield f"searched in  {_scope(found.scope)}"


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
    year = {"asked": "  year asked for: raised", "other": "  other year: lowered", "": ""}[hit.of_year]
    return f"{hit.rank:>3}. {hit.score:.4f}  {dense}  {lexical}{year}"


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
        yield f"     because {'; '.join(map(_reason_text, trace.reasons_of(e.number)))}"


def _reason_text(reason: Reason) -> str:
    """A reason in words."""
    return english(reason.cause).format(rank=reason.rank)


def _reader(trace: Trace) -> Iterator[str]:
    for read in trace.reads:
        for side in read.sides:
            yield f"read as {side.asked}{'' if read.used else '  (not used)'}: probability {side.probability:.3f}"
            yield from _spans(trace, side)
    for side in trace.judged_together:
        yield f"both wordings together: probability {side.probability:.3f}"
        for found in side.found[:MOST_SPANS]:
            yield f"  {found.probability:.3f}  {found.text}  (sentence {found.evidence.number})"


def _spans(trace: Trace, side: Side) -> Iterator[str]:
    spans = trace.spans(side)
    yield from map(_span, spans[:MOST_SPANS])
    if len(spans) > MOST_SPANS:
        yield f"  {len(spans) - MOST_SPANS} more, less likely"


def _span(span: WeighedSpan) -> str:
    found, parts = span.found, span.weights
    where = "in scope" if found.in_scope else "out of scope"
    return (
        f"  {found.probability:.3f}  {_short(found.text)}  (sentence {found.evidence.number}, {where}; score "
        f"{found.score:.2f} = read {span.read_score:.2f} + retrieved {parts.retrieved:.2f} + said {parts.said:.2f} "
        f"+ repeated {parts.repeated:.2f})"
    )


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
        again = "after a second look: " if ruled.again else ""
        yield f"{again}{english(ruled.ruling)}, because {english(ruled.because)}"
    if trace.elsewhere:
        yield f"looked at other places and years for: {trace.elsewhere.asked}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MOST_TEXT_CHARS else f"{line[:MOST_TEXT_CHARS]}…"
