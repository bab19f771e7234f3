"""Evidence -> the answer: reader and generator work together here. Contains no algorithms, does not retrieve.

The order is that of certainty. What code can decide (a sum, a false premise, a place that no document covers) needs no
generator; what the reader is sure is not there is refused before a word is written; only then the generator writes, and
its answer is held against what the reader found. Where they differ it looks once more, at that alone; else the text
itself is quoted.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from rag.answering.about_document import about_part
from rag.answering.arbitration import FAINT, as_answer, completed, in_own_words, of_found_sides, rule, rule_again
from rag.answering.arithmetic import compute
from rag.answering.citing import Similarity, cite
from rag.answering.phrases import sentence_in
from rag.answering.premise import Premise, judge_premise
from rag.answering.quotation import quote
from rag.answering.refusal import LEAST_CLOSE, refusal, why_not_covered
from rag.answering.steps import Conferred, Decided, Prompted, SidesRead, SoughtElsewhere
from rag.generation import Reply
from rag.generation.prompt import build_messages
from rag.observer import Observe, unobserved
from rag.question.kind import asks_for_section
from rag.question.named_document import TitledPart, asks_about
from rag.question.scope import QuestionScope
from rag.reading.evidence_reader import Found, Reads, Side, read_sides
from rag.reading.two_wordings import confer
from rag.retrieval.described_place import Bridge
from rag.schema.answers import Answer, AnswerSentence, Citation, Delta, Quoted
from rag.schema.documents import Part
from rag.schema.messages import Message, Mode, Turn
from rag.schema.search import Evidence
from rag.text.language import Language
from rag.text.places import same_place
from rag.text.years import YEAR

__all__ = ["Task", "compose"]

log = logging.getLogger(__name__)
# A text that compares with the year before answers for both years.
_COMPARED: Final = re.compile(
    rf"同比|[比较](?:上年|去年|上一年|前一年|{YEAR}年)|year-on-year|from the year before", re.IGNORECASE
)
Writes: TypeAlias = Callable[[list[Message]], Generator[str, None, Reply]]


@dataclass(frozen=True, slots=True)
class Task:
    """A question with everything that was found for it.

    Attributes:
        question: The user's words.
        query: The standalone question.
        evidence: Sentences in document order; at least one.
        named: Places and years that the question names.
        parts: What the corpus holds, to say what it does not.
        language: Language of the answer.
        history: Earlier turns.
        bridge: The place that the question describes, where it was found.
        titled: The document that the question names by its title, where there is one.
        translated: The question in Chinese, where it was put into it; else empty.
        agreement: How high the best passage stands for both wordings.
        elsewhere: Finds evidence for the same thing of any place and year: what is close, where nothing answers.
        observe: Is told what is done.
    """

    question: str
    query: str
    evidence: tuple[Evidence, ...]
    named: QuestionScope
    parts: tuple[Part, ...]
    language: Language
    history: tuple[Turn, ...] = ()
    bridge: Bridge | None = None
    titled: TitledPart | None = None
    translated: str = ""
    agreement: float = 1.0
    elsewhere: Callable[[], tuple[str, tuple[Evidence, ...]]] | None = None
    observe: Observe = unobserved


def compose(
    task: Task, *, mode: Mode, reader: Reads | None, write: Writes, similarity: Similarity
) -> Generator[Quoted | Delta | Answer, None, None]:
    """Answer a question from its evidence.

    Args:
        task: The question and what was found.
        mode: "quotes" leaves the generator out.
        reader: The reader; without one the generator answers alone.
        write: Lets the generator write.
        similarity: Compares a sentence with evidence in another language.

    Yields:
        At most one quotation, the text as it is written, and the answer.
    """
    if reader is None:
        task.observe(Decided("no reader"))
        reply = yield from _written(task, task.evidence, write)
        yield _generated(task, reply, similarity)
        return
    sides = _read(task, reader)
    decided = _by_code(task, sides, reader)
    if decided is not None:
        yield _framed(task, decided, sides)
        return
    quoted = quote(task.question, task.query, task.evidence, sides=sides, named=task.named, language=task.language)
    if mode == "quotes":
        task.observe(Decided("quoted alone"))
        yield _refused(task, sides, reader) if quoted.abstained else _framed(task, quoted, sides)
        return
    if quoted.abstained and not _worth_writing(task, sides):
        task.observe(Decided("not worth writing"))
        yield _refused(task, sides, reader)
        return
    task.observe(Decided("both"))
    if not quoted.abstained:
        yield Quoted(quoted)
    reply = yield from _written(task, task.evidence, write)
    generated = _generated(task, reply, similarity)
    yield _framed(task, _ruled(task, generated, quoted, sides, reader, write, similarity), sides)


def _read(task: Task, reader: Reads) -> tuple[Side, ...]:
    """What the reader finds, asked as the user did and in Chinese: both together, else whichever it is surer of."""
    wordings = [task.query, *([task.translated] if task.translated else [])]
    read = [read_sides(wording, task.evidence, named=task.named, reader=reader) for wording in wordings]
    surest = max(read, key=lambda sides: max(side.probability for side in sides))
    together = confer(read[0], read[1], agreement=task.agreement) if len(read) > 1 else ()
    for wording, sides in zip(wordings, read, strict=True):
        task.observe(SidesRead(wording, sides, used=bool(together) or sides is surest))
    if together:
        task.observe(Conferred(together))
    return together or surest


def _by_code(task: Task, sides: Sequence[Side], reader: Reads) -> Answer | None:
    """What needs no generator: nothing covers it, a premise to confirm or correct, a computation."""
    reason = why_not_covered(task.named, task.parts, language=task.language)
    if reason and not any(side.best for side in sides):
        task.observe(Decided("not covered"))
        return _refused(task, sides, reader)
    about = task.titled if asks_about(task.query) else None
    if about and (told := about_part(about, task.evidence, language=task.language)):
        task.observe(Decided("about the document"))
        return Answer(task.question, task.query, *told, abstained=False, evidence=task.evidence)
    if premise := judge_premise(task.translated or task.query, task.evidence, named=task.named, reader=reader):
        task.observe(Decided("premise"))
        return _on_premise(task, premise)
    if computed := compute(task.translated or task.query, sides, language=task.language):
        task.observe(Decided("computed"))
        sentences, citations = computed
        confidence = min(side.probability for side in sides)
        return Answer(
            task.question, task.query, sentences, citations, False, evidence=task.evidence, confidence=confidence
        )
    return None


def _on_premise(task: Task, premise: Premise) -> Answer:
    e = premise.evidence
    years = "、".join(map(str, premise.years))
    text = sentence_in(task.language, premise.verdict).format(years=years) + e.text
    citation = Citation.of(1, e)
    sentence = AnswerSentence(text, (1,), supported=True)
    return Answer(task.question, task.query, (sentence,), (citation,), False, evidence=task.evidence)


def _refused(task: Task, sides: Sequence[Side], reader: Reads, *, reason: str = "", reply: str = "") -> Answer:
    """An abstention with what comes closest: in scope, out of it, or of another place altogether."""
    why = why_not_covered(task.named, task.parts, language=task.language)
    reason = why or reason or sentence_in(task.language, "not_found")
    close, here = sides, None
    if task.elsewhere and (task.named.places or task.named.unknown):
        asked, evidence = task.elsewhere()
        task.observe(SoughtElsewhere(asked, evidence))
        anywhere = read_sides(asked, evidence, named=QuestionScope((), ()), reader=reader)
        if best := anywhere[0].best:
            where = best.evidence.place or best.evidence.title or best.evidence.source
            if where not in task.named.places:
                reason += sentence_in(task.language, "elsewhere").format(place=where)
            close = anywhere
        here = _of_another_year(task, asked, reader)
    confidence = max(side.probability for side in sides)
    return refusal(
        task.question,
        task.query,
        task.evidence,
        reason=reason,
        sides=close,
        first=here,
        confidence=confidence,
        reply=reply,
    )


def _of_another_year(task: Task, asked: str, reader: Reads) -> Found | None:
    """What the documents of the very place say of another year: closer than any other place's."""
    own = [e for e in task.evidence if e.place and any(same_place(e.place, place) for place in task.named.places)]
    if not own or not task.named.years:
        return None
    found = read_sides(asked, own, named=QuestionScope((), ()), reader=reader)[0].found
    return found[0] if found and found[0].probability >= LEAST_CLOSE else None


def _worth_writing(task: Task, sides: Sequence[Side]) -> bool:
    """Whether the generator may know what the reader does not find: lists, and what it nearly found."""
    nearly = any(side.probability >= FAINT for side in sides)
    return nearly or asks_for_section(task.query)


def _ruled(
    task: Task,
    generated: Answer,
    quoted: Answer,
    sides: Sequence[Side],
    reader: Reads,
    write: Writes,
    similarity: Similarity,
) -> Answer:
    """The answer that is shown."""
    generated = of_found_sides(generated, sides)
    first = ruling = rule(task.query, generated, quoted, sides, observe=task.observe)
    shown = generated
    if ruling == "look again":
        narrow = [e for e in task.evidence if any(side.best and side.best.evidence is e for side in sides)]
        pieces = list(_pieces(write, task, narrow))
        shown = of_found_sides(_generated(task, "".join(pieces), similarity), sides)
        ruling = rule_again(shown, sides, observe=task.observe)
    log.info("ruling %s, then %s; reader %s; generator: %s", first, ruling, quoted.confidence, generated.reply)
    if ruling == "refused":
        return _refused(task, sides, reader, reason=generated.reason, reply=generated.reply)
    chosen = as_answer(quoted, task.language) if ruling == "quoted" else in_own_words(shown, sides, task.language)
    if ruling == "generated" and quoted.confidence is None and task.language == "zh":
        chosen = completed(chosen, quoted)
    return replace(chosen, evidence=task.evidence, confidence=quoted.confidence, reply=generated.reply)


def _written(task: Task, evidence: Sequence[Evidence], write: Writes) -> Generator[Delta, None, str]:
    """What the generator writes, passed on as it comes."""
    reply = ""
    with closing(_pieces(write, task, evidence)) as pieces:
        for piece in pieces:
            reply += piece
            yield Delta(piece)
    return reply


def _pieces(write: Writes, task: Task, evidence: Sequence[Evidence]) -> Generator[str, None, Reply]:
    messages = build_messages(task.question, evidence, language=task.language, query=task.query, history=task.history)
    task.observe(Prompted(tuple(messages), tuple(evidence)))
    return write(messages)


def _generated(task: Task, reply: str, similarity: Similarity) -> Answer:
    return cite(
        task.question,
        task.query,
        reply,
        task.evidence,
        language=task.language,
        similarity=similarity,
        observe=task.observe,
    )


def _framed(task: Task, answer: Answer, sides: Sequence[Side]) -> Answer:
    """The answer with what its sentences leave out: which place was meant, and which side has nothing."""
    if answer.abstained:
        return answer
    said = " ".join(sentence.text for sentence in answer.sentences)
    compares = len(sides) > 1 and not _COMPARED.search(said)
    missing = [side for side in sides if side.probability < FAINT] if compares else []
    texts = [_label(side.named, task.language) for side in missing]
    lacking = tuple(
        AnswerSentence(sentence_in(task.language, "missing_side").format(side=text), (), supported=True)
        for text in texts
        if text
    )
    return _bridged(task, replace(answer, sentences=(*answer.sentences, *lacking)))


def _label(named: QuestionScope, language: Language) -> str:
    years = [f"{year}年" if language in ("zh", "ja") else f" {year}" for year in named.years[:1]]
    return "".join((*named.places[:1], *years)).strip()


def _bridged(task: Task, answer: Answer) -> Answer:
    """The answer behind the sentence that tells which place the question describes, cited."""
    said = task.bridge.sentence_of(task.evidence) if task.bridge else None
    if task.bridge is None or said is None or answer.abstained:
        return answer
    cited = Citation.of(1, said)
    citations, markers = [cited], {}
    for c in answer.citations:  # markers go by first use, and the bridge comes first
        if (c.source, c.start, c.end) == (said.source, said.start, said.end):
            markers[c.marker] = 1
        else:
            citations.append(replace(c, marker=len(citations) + 1))
            markers[c.marker] = len(citations)
    sentences = [replace(s, markers=tuple(markers[m] for m in s.markers)) for s in answer.sentences]
    text = sentence_in(task.language, "bridge").format(what=task.bridge.description.what, place=task.bridge.place)
    first = AnswerSentence(text, (1,), supported=True)
    return replace(answer, sentences=(first, *sentences), citations=tuple(citations))
