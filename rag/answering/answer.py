"""Evidence -> the answer: the order in which rules, quotation and generator are asked.

The order is that of certainty. What code can decide (:mod:`rag.answering.attempts`) needs no generator. What is not
likely to be there is refused before a word is written. What one sentence answers is quoted at once. Only where several
sentences must become one text, or another language, the generator writes; and its text is shown only where it says all
that the quotation says (:mod:`rag.answering.arbitration`).
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from dataclasses import replace

from rag.answering.arbitration import (
    Ruling,
    arbitrate,
    quotation_as_answer,
    with_omitted_sentences,
    with_original_wording,
)
from rag.answering.attempts import answer_by_rule
from rag.answering.case import AnsweringTools, Case
from rag.answering.citing import cite
from rag.answering.framing import framed
from rag.answering.quotation import Quotation, quote
from rag.answering.refusal import refuse
from rag.answering.steps import Decided, Prompted, Route
from rag.generation.prompt import build_messages
from rag.generation.reply import Reply, ReplyStream
from rag.retrieval.find_evidence import FoundEvidence
from rag.schema.answers import Answer, Delta, Quoted
from rag.schema.messages import Mode
from rag.schema.search import Evidence
from rag.text.language import detect_language

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
    case = Case(found, tools, tools.reader)
    if (by_rule := answer_by_rule(case)) is not None:
        yield framed(case, by_rule)
        return
    quoted = quote(case.asked, case.read, case.evidence, sides=case.sides)
    if quoted.answer.abstained:
        tools.observe(Decided(Route.REFUSED))
        yield refuse(case)
    elif mode == "quotes" or not _is_worth_composing(case, quoted):
        tools.observe(Decided(Route.QUOTED_ALONE))
        shown = quoted.answer if mode == "quotes" else quotation_as_answer(quoted.answer, case.language)
        yield framed(case, shown)
    else:
        yield from _composed(case, quoted)


def _is_worth_composing(case: Case, quoted: Quotation) -> bool:
    """Whether a text says more than the quotation: several sentences become one, or another language.

    Where a side has nothing, the generator is not asked: it fills what is missing.
    """
    if any(side.best is None for side in case.sides) and not quoted.is_whole:
        return False
    foreign = any(detect_language(sentence.text) != case.language for sentence in quoted.answer.sentences)
    several = case.asked.wording.wants_several or len(case.sides) > 1
    return foreign or (several and len(quoted.answer.sentences) > 1)


def _composed(case: Case, quoted: Quotation) -> Generator[Quoted | Delta | Answer, None, None]:
    """The quotation at once, the generator's text as it is written, and the answer that is shown."""
    case.tools.observe(Decided(Route.BOTH))
    yield Quoted(quoted.answer)
    evidence = _to_read(case, quoted)
    reply = yield from _stream_reply(case.found, case.tools, evidence)
    generated = cite(case.asked, reply, evidence, similarity=case.tools.similarity, observe=case.tools.observe)
    yield framed(case, _arbitrated(case, generated, quoted))


def _to_read(case: Case, quoted: Quotation) -> tuple[Evidence, ...]:
    """What the generator reads: the likeliest sentences, or the whole section that is quoted."""
    if not quoted.is_whole:
        return case.evidence
    return tuple(e for e in case.read if any(c.meets(e) for c in quoted.answer.citations))


def _arbitrated(case: Case, generated: Answer, quoted: Quotation) -> Answer:
    """The answer that is shown: the generator's, or the quotation."""
    ruling = arbitrate(generated, quoted, case.sides, observe=case.tools.observe)
    log.info("ruling %s; confidence %s; generator: %s", ruling, quoted.answer.confidence, generated.reply)
    if ruling is Ruling.QUOTED:
        chosen = quotation_as_answer(quoted.answer, case.language)
    else:
        chosen = with_original_wording(generated, case.sides, case.language)
        if quoted.is_whole and case.language == "zh":
            chosen = with_omitted_sentences(chosen, quoted.answer)
    return replace(chosen, evidence=case.evidence, confidence=quoted.answer.confidence, reply=generated.reply)


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
