"""Measure one answer record against its gold question. Pure functions; no model, no IO.

Every measure of a question is a :class:`Share` (hits of total), so that a rate over many questions is the sum of
hits over the sum of totals. Gold quotes are found in the documents (:mod:`rag.evaluation.locate`); one that cannot be
placed is compared as text.

Source: citation recall and precision after ALCE (Gao et al. 2023, arXiv:2305.14627), with overlap of spans in the
document in place of an entailment model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from rag.errors import RagError
from rag.evaluation.locate import Locate, squeeze
from rag.text.figures import figures_missing, find_figures
from rag.text.markers import marked_pieces, strip_markers
from rag.text.unicode import compatible

if TYPE_CHECKING:
    from rag.batch.question_file import GoldQuestion, GoldSpan

__all__ = ["QuoteAt", "Share", "compact", "hits_gold", "is_correct", "measure"]

QuoteAt: TypeAlias = Callable[[str, int, int], str]
"""Source, start, end -> the cleaned text that stands there."""

COVERED = 0.8  # a gold quote counts as found when this share of it is in the evidence: its last words may be cut off
OVERLAP = 0.5  # a citation hits a gold quote when they share this much of the shorter one
MOST_CHARS = 260  # more, for a single fact, is no answer but the evidence once more
SINGLE_FACT = frozenset({"fact", "cross_lingual", "follow_up", "prompt_injection"})
REFUSALS = ("没有", "未提", "未找到", "未涉及", "未包含", "不包含", "无法", "未见", "not ", "no ")

_SENTENCE_END = re.compile(r"(?<=[。！？!?\n])")
_OPERAND = r"[\d.,]+[万亿%]?"
_COMPUTATION = re.compile(
    rf"(?P<a>{_OPERAND})(?P<sign>[-+÷])(?P<b>{_OPERAND})(?P<equals>[=≈])(?P<result>\d[\d.,]*[万亿]?)"
)
_DIGIT_COMMA = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


class Share(NamedTuple):
    """Part of a whole: ``hits`` of ``total``; a total of 0 says that the measure does not apply."""

    hits: int
    total: int


def measure(
    question: GoldQuestion, record: Mapping[str, Any], *, locate: Locate | None = None, quote_at: QuoteAt | None = None
) -> dict[str, Share]:
    """Measure one answer record.

    Args:
        question: What is known.
        record: As written by a batch run; ``evidence`` and ``sentences`` are used where it has them.
        locate: Finds gold quotes in the documents; without it they are compared as text.
        quote_at: Reads the documents, to see whether citations resolve; without it that is not measured.

    Returns:
        By measure. Of answerable questions: ``evidence_recall`` (1 where every gold quote is in the evidence),
        ``correct``, ``answered_wrongly`` (neither right nor a refusal), ``wrongly_refused``, ``citation_recall`` (gold
        quotes that a citation hits), ``citation_precision`` (citations that hit a gold quote), ``right_document``
        (citations of a document that holds gold). Of others: ``refused``. Of all: ``citations_resolve``,
        ``figures_cited`` (figures that stand in their own sentence's citations).
    """
    citations: list[dict[str, Any]] = record.get("citations") or []
    scores: dict[str, Share] = {}
    if question.answerable:
        correct = is_correct(question, record)
        scores["correct"] = Share(int(correct), 1)
        scores["answered_wrongly"] = Share(int(not correct and not record["abstained"]), 1)
        if not _refusal_is_right(question):
            scores["wrongly_refused"] = Share(int(bool(record["abstained"])), 1)
        if question.gold:
            scores |= _citation_scores(question.gold, citations, locate)
            if "evidence" in record:
                found = all(_in_evidence(span, record["evidence"], locate) for span in question.gold)
                scores["evidence_recall"] = Share(int(found), 1)
    else:
        scores["refused"] = Share(int(bool(record["abstained"])), 1)
    if quote_at is not None:
        resolved = sum(_resolves(citation, quote_at) for citation in citations)
        scores["citations_resolve"] = Share(resolved, len(citations))
    if citations or not record["abstained"]:
        scores["figures_cited"] = _figure_score(record, question.question)
    return scores


def is_correct(question: GoldQuestion, record: Mapping[str, Any]) -> bool:
    """Whether an answer to an answerable question is right.

    Every item of ``must_include`` stands in it, none of ``must_not_include`` does, it neither refuses nor, asked
    for a single fact, dumps its evidence. Markers are removed and both sides compacted; a number matches whole
    (12 is not in 312). Where a refusal is itself among the right answers (a trap), its reason is read too.
    """
    answer = strip_markers(str(record["answer"]))
    if record.get("error"):
        return False
    if record["abstained"]:
        if not _refusal_is_right(question):
            return False
        answer += strip_markers(str(record.get("reason", "")))
    if question.kind in SINGLE_FACT and len(answer) > MOST_CHARS:
        return False
    text = compact(answer)
    included = all(any(_holds(text, compact(word)) for word in words) for words in question.must_include)
    return included and not any(compact(word) in text for word in question.must_not_include)


def compact(text: str) -> str:
    """Compatibility forms united (NFKC), whitespace and digit commas removed, case folded.

    >>> compact("１，２３４ 名 Pupils")
    '1234名pupils'
    """
    # Digit commas first: "in 2016, 114 schools" holds two numbers.
    return "".join(_DIGIT_COMMA.sub("", compatible(text)).split()).casefold()


def _in_evidence(span: GoldSpan, evidence: Iterable[Mapping[str, Any]], locate: Locate | None) -> bool:
    """Whether the evidence shows a gold quote; what stands in a heading is shown with every sentence below it."""
    shown = [item for item in evidence if item["source"].startswith(span.source)]
    quote = squeeze(span.quote)[0]
    wanted = [span.quote]
    for heading in {squeeze(h)[0] for item in shown for h in item.get("heading", ())} - {""}:
        if quote in heading:
            return True
        if 0 <= (at := quote.find(heading)) <= 5:  # the quote may hold the heading's number as well
            wanted.append(quote[at + len(heading) :])
    if any(len(rest) < 6 for rest in wanted[1:]):
        return True
    return any(_covered(rest, span.source, shown, locate) for rest in wanted)


def _covered(quote: str, prefix: str, shown: Sequence[Mapping[str, Any]], locate: Locate | None) -> bool:
    places = locate(prefix, quote) if locate else ()
    for source, start, end in places:
        offsets: set[int] = set()
        for item in shown:
            if item["source"] == source:
                offsets.update(range(max(start, item["start"]), min(end, item["end"])))
        if len(offsets) >= COVERED * (end - start):
            return True
    return not places and any(squeeze(quote)[0] in squeeze(item["text"])[0] for item in shown)


def _citation_scores(
    gold: Sequence[GoldSpan], citations: Sequence[Mapping[str, Any]], locate: Locate | None
) -> dict[str, Share]:
    hits = [[hits_gold(citation, span, locate) for citation in citations] for span in gold]
    in_document = [any(c["source"].startswith(span.source) for span in gold) for c in citations]
    return {
        "citation_recall": Share(sum(any(row) for row in hits), len(gold)),
        "citation_precision": Share(sum(map(any, zip(*hits, strict=True))), len(citations)),
        "right_document": Share(sum(in_document), len(citations)),
    }


def hits_gold(citation: Mapping[str, Any], span: GoldSpan, locate: Locate | None) -> bool:
    """Whether a citation, or another place with its text as ``quote``, shares enough with a gold quote."""
    places = locate(span.source, span.quote) if locate else ()
    for source, start, end in places:
        shared = min(end, citation["end"]) - max(start, citation["start"])
        shorter = min(end - start, citation["end"] - citation["start"])
        if source == citation["source"] and shared >= OVERLAP * shorter > 0:
            return True
    if places or not citation["source"].startswith(span.source):
        return False
    quote, cited = squeeze(span.quote)[0], squeeze(citation["quote"])[0]
    return quote in cited or (len(cited) > 5 and cited in quote)


def _resolves(citation: Mapping[str, Any], quote_at: QuoteAt) -> bool:
    try:
        there = quote_at(citation["source"], citation["start"], citation["end"])
    except RagError:
        return False
    return bool(citation["quote"]) and squeeze(there)[0] == squeeze(citation["quote"])[0]


def _figure_score(record: Mapping[str, Any], question: str) -> Share:
    """Figures that stand in what their own sentence cites.

    A date also counts where it stands in the title or heading of what is cited, or repeats the question's; the result
    of a computation that the sentence shows (``47-21=26``), where it is right and its operands stand there.
    """
    cited = {citation["marker"]: citation for citation in record.get("citations") or []}
    n_figures = n_missing = 0
    for text, markers in _sentences(record):
        own = [cited[marker] for marker in markers if marker in cited]
        quotes = "\n".join(citation["quote"] for citation in own)
        frame = "\n".join(line for citation in own for line in (citation["title"], *citation["heading"]))
        n_figures += sum(not figure.loose for figure in find_figures(text))
        dated = figures_missing(text, f"{quotes}\n{frame}\n{question}")
        missing = [f for f in figures_missing(text, quotes) if f.kind != "date" or f in dated]
        results = _shown_results(text, {figure.value for figure in missing})
        n_missing += sum(figure.value not in results for figure in missing)
    return Share(n_figures - n_missing, n_figures)


def _shown_results(text: str, missing: set[Decimal]) -> set[Decimal]:
    """Results of the right computations that a sentence shows, but of those with an operand that is missing."""
    results = set()
    for match in _COMPUTATION.finditer(text):
        values = [figure.value for part in match.group("a", "b", "result") for figure in find_figures(part)[:1]]
        if len(values) == 3 and not missing & set(values[:2]):
            a, b, result = values
            value = a - b if match["sign"] == "-" else a + b if match["sign"] == "+" else a / b if b else a
            if abs(value - result) <= (Decimal("0.005") if match["equals"] == "≈" else 0):
                results.add(result)
    return results


def _sentences(record: Mapping[str, Any]) -> list[tuple[str, tuple[int, ...]]]:
    """Sentences with their markers: as stored, else a marker belongs to the sentence that it ends."""
    if "sentences" in record:
        return [(sentence["text"], tuple(sentence["markers"])) for sentence in record["sentences"]]
    found: list[tuple[str, tuple[int, ...]]] = []
    for text, markers in marked_pieces(str(record["answer"])):
        *bare, last = [piece for piece in _SENTENCE_END.split(text) if piece.strip()] or [""]
        found += [(piece, ()) for piece in bare]
        found.append((last, markers))
    return found


def _refusal_is_right(question: GoldQuestion) -> bool:
    """Whether saying that the documents do not tell is among the right answers, as for some traps."""
    return question.kind in ("trap", "false_premise") and any(
        word.startswith(refusal) for words in question.must_include for word in words for refusal in REFUSALS
    )


def _holds(text: str, word: str) -> bool:
    """Whether a text holds a word; a number at the edge of the word must not go on in the text."""
    before = r"(?<!\d)(?<!\d\.)" if word[:1].isdigit() else ""
    after = r"(?!\d|\.\d)" if word[-1:].isdigit() else ""
    return re.search(before + re.escape(word) + after, text) is not None
