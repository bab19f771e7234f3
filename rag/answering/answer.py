"""Evidence -> the answer: the order in which rules, reader and generator are asked.

The order is that of certainty. What code can decide (:mod:`rag.answering.attempts`) needs no generator; what the reader
is sure is not there is refused before a word is written; only then the generator writes, and its answer is held against
what the reader found (:mod:`rag.answering.arbitration`). Where they differ it looks once more, at that alone; else the
text itself is quoted.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from dataclasses import replace

from rag.answering.arbitration import (
    FAINT,
    Ruling,
    arbitrate,
    arbitrate_again,
    quotation_as_answer,
    with_omitted_sentences,
    with_original_wording,
    withheld_if_about_missing_side,
)
from rag.answering.attempts import answer_by_rule
from rag.answering.case import AnsweringTools, Case
from rag.answering.citing import cite
from rag.answering.framing import framed
from rag.answering.quotation import Quotation, quote
from rag.answering.refusal import refuse
from rag.answering.steps import Decided, JudgedTogether, Prompted, Route, SidesRead
from rag.generation.prompt import build_messages
from rag.generation.reply import Reply, ReplyStream
from rag.reading.evidence_reader import Side, SpanReader, read_sides
from rag.reading.two_wordings import judge_two_wordings
from rag.retrieval.find_evidence import FoundEvidence
from rag.schema.answers import Answer, Delta, Quoted
from rag.schema.messages import Mode
from rag.schema.search import Evidence

__all__ = ["answer"]

log = logging.getLogger(__name__)


def answer(
    found: FoundEvidence, tools: AnsweringTools, *, mode: Mode
) -> Generator[Quoted | Delta | Answer, None, None]:
    """Answer a question from its evidence.

    Args:
        found: What is asked, and what was found for it; at least one sentence of evidence.
        tools: What may be used.
        mode: "quotes" leaves the generator out.

    Yields:
        At most one quotation, the text as it is written, and the answer.
    """
    if tools.reader is None:
        tools.observe(Decided(Route.NO_READER))
        reply = yield from _stream_reply(found, tools, found.evidence)
        yield cite(found.asked, reply, found.evidence, similarity=tools.similarity, observe=tools.observe)
        return
    case = Case(found, tools, tools.reader, _read(found, tools, tools.reader))
    if (by_rule := answer_by_rule(case)) is not None:
        yield framed(case, by_rule)
        return
    quoted = quote(case.asked, case.evidence, sides=case.sides)
    refused = quoted.answer.abstained
    if mode == "quotes":
        tools.observe(Decided(Route.QUOTED_ALONE))
        yield refuse(case) if refused else framed(case, quoted.answer)
    elif refused and not _worth_writing(case):
        tools.observe(Decided(Route.NOT_WORTH_WRITING))
        yield refuse(case)
    else:
        yield from _answer_by_both(case, quoted)


def _read(found: FoundEvidence, tools: AnsweringTools, reader: SpanReader) -> tuple[Side, ...]:
    """What the reader finds, asked as the user did and in Chinese: both together, else whichever it is surer of."""
    wordings = found.asked.wordings
    read = [read_sides(wording, found.evidence, reader=reader) for wording in wordings]
    surest = max(read, key=lambda sides: max(side.probability for side in sides))
    together = judge_two_wordings(read[0], read[1], agreement=found.agreement) if len(read) > 1 else ()
    for wording, sides in zip(wordings, read, strict=True):
        tools.observe(SidesRead(wording.text, sides, used=bool(together) or sides is surest))
    if together:
        tools.observe(JudgedTogether(together))
    return together or surest


def _worth_writing(case: Case) -> bool:
    """Whether the generator may know what the reader does not find: lists, and what it nearly found."""
    return case.confidence >= FAINT or case.asked.wording.wants_section


def _answer_by_both(case: Case, quoted: Quotation) -> Generator[Quoted | Delta | Answer, None, None]:
    """The quotation at once, the generator's text as it is written, and the answer that is shown."""
    case.tools.observe(Decided(Route.BOTH))
    if not quoted.answer.abstained:
        yield Quoted(quoted.answer)
    reply = yield from _stream_reply(case.found, case.tools, case.evidence)
    generated = withheld_if_about_missing_side(_cited(case, reply), case.sides)
    yield framed(case, _arbitrated(case, generated, quoted))


def _arbitrated(case: Case, generated: Answer, quoted: Quotation) -> Answer:
    """The answer that is shown: the generator's, perhaps after a second look, the quotation, or a refusal."""
    observe = case.tools.observe
    ruling = arbitrate(case.asked.wording, generated, quoted, case.sides, observe=observe)
    shown = generated
    if ruling is Ruling.LOOK_AGAIN:
        best = [side.best.evidence for side in case.sides if side.best]
        narrow = [e for e in case.evidence if e in best]
        shown = withheld_if_about_missing_side(_cited(case, _write(case.found, case.tools, narrow).read()), case.sides)
        ruling = arbitrate_again(shown, case.sides, observe=observe)
    log.info("ruling %s; reader %s; generator: %s", ruling, quoted.answer.confidence, generated.reply)
    if ruling is Ruling.REFUSED:
        return refuse(case, reason=generated.reason, generated=generated)
    if ruling is Ruling.QUOTED:
        chosen = quotation_as_answer(quoted.answer, case.language)
    else:
        chosen = with_original_wording(shown, case.sides, case.language)
        if quoted.is_whole and case.language == "zh":
            chosen = with_omitted_sentences(chosen, quoted.answer)
    return replace(chosen, evidence=case.evidence, confidence=quoted.answer.confidence, reply=generated.reply)


def _cited(case: Case, reply: Reply) -> Answer:
    tools = case.tools
    return cite(case.asked, reply, case.evidence, similarity=tools.similarity, observe=tools.observe)


def _stream_reply(
    found: FoundEvidence, tools: AnsweringTools, evidence: Sequence[Evidence]
) -> Generator[Delta, None, Reply]:
    """What the generator writes, passed on as it comes."""
    with _write(found, tools, evidence) as stream:
        for piece in stream:
            yield Delta(piece)
    return stream.reply


def _write(found: FoundEvidence, tools: AnsweringTools, evidence: Sequence[Evidence]) -> ReplyStream:
    asked = found.asked
    messages = build_messages(
        asked.question, evidence, language=asked.language, query=asked.query, history=asked.history
    )
    tools.observe(Prompted(tuple(messages), tuple(evidence)))
    return tools.write(messages)
