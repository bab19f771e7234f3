"""Reply + evidence -> Answer: each sentence aligned, checked, cited or withheld. Calls no model, no IO.

Small models rarely write markers, and when they do, wrong ones: code attaches them. A sentence is held
against every sentence of evidence by its figures and by its character pairs; the fewest sentences that
cover both are cited. A sentence with a figure that stands nowhere in what it cites is withheld.

Source: the measures follow ALCE (Gao et al. 2023, arXiv:2305.14627): citation recall and precision.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.language import Language, detect_language, says_nothing_found, sentence_in
from rag.numbers import figures_missing, find_figures
from rag.schema import Answer, AnswerSentence, Citation, Evidence
from rag.structure import split_sentences

__all__ = ["align", "cite"]

# A sentence must share this much of its wording with what it cites. Sentences of the generator that
# restate one piece of evidence share 0.5-1.0 of their character pairs with it, inventions under 0.25.
LEAST_OVERLAP = 0.3
# A further citation must add this much of the sentence's wording, or a figure.
LEAST_GAIN = 0.2
MOST_CITATIONS = 6
_MARKER = re.compile(r"\s*[\[［【]\s*\d{1,3}(?:\s*[,，、-]\s*\d{1,3})*\s*[\]］】]")
_BULLET = re.compile(r"^(?:[-*•·]|\(?\d{1,2}[.、)）](?!\d))\s*")


@dataclass(frozen=True, slots=True)
class _Aligned:
    text: str
    evidence: tuple[Evidence, ...]
    supported: bool


def cite(
    question: str, query: str, reply: str, evidence: Sequence[Evidence], *, language: Language | None = None
) -> Answer:
    """Turn a reply into a checked answer.

    Args:
        question: The user's words.
        query: The standalone question that was searched.
        reply: What the generator wrote.
        evidence: What it was shown.
        language: Language of the answer; that of the question by default.

    Returns:
        The answer: supported sentences with their citations; abstained where the reply says that the
        evidence lacks the answer, or where nothing it says can be supported.
    """
    language = language or detect_language(question)
    abstention = Answer(question, query, (), (), abstained=True, evidence=tuple(evidence), reply=reply)
    pieces = _split_reply(reply)
    if not pieces or says_nothing_found(pieces[0]):
        return replace(abstention, reason=_own_words(pieces) or sentence_in(language, "not_found"))
    aligned = [align(piece, evidence, question=query) for piece in pieces if not says_nothing_found(piece)]
    kept = [sentence for sentence in aligned if sentence.supported]
    if not kept:
        return replace(abstention, reason=sentence_in(language, "unverified"))
    return replace(abstention, abstained=False, **_numbered(kept))


def align(sentence: str, evidence: Sequence[Evidence], *, question: str = "") -> _Aligned:
    """Find the evidence that supports a sentence.

    Args:
        sentence: A sentence of the reply, without markers.
        evidence: Candidates.
        question: The question, whose own figures a sentence may repeat.

    Returns:
        The sentence, the fewest pieces of evidence that cover it (most telling first), and whether they do.
    """
    wanted = _pairs(sentence)
    foreign = not re.search(r"[\u3400-\u9fff]", sentence) and any(re.search(r"[\u3400-\u9fff]", e.text) for e in evidence)
    chosen: list[Evidence] = []
    missing = len(find_figures(sentence))
    covered: set[str] = set()
    while len(chosen) < MOST_CITATIONS:
        gains = [(_gain(sentence, chosen, e, missing, wanted, covered), e) for e in evidence if e not in chosen]
        gain, best = max(gains, key=lambda item: (item[0], item[1].score), default=(0.0, None))
        if best is None or (chosen and gain < LEAST_GAIN) or gain <= 0:
            break
        chosen.append(best)
        covered |= _pairs(best.text) & wanted
        missing = len(_unfounded(sentence, chosen, question))
    if foreign and not chosen and evidence:
        chosen = [max(evidence, key=lambda e: e.score)]
    overlap = len(covered) / len(wanted) if wanted else 0.0
    supported = bool(chosen) and not _unfounded(sentence, chosen, question) and (foreign or overlap >= LEAST_OVERLAP)
    return _Aligned(sentence, tuple(chosen), supported)


def _gain(
    sentence: str, chosen: list[Evidence], item: Evidence, missing: int, wanted: set[str], covered: set[str]
) -> float:
    """What an item adds: the share of wording not yet covered, and one for every figure not yet found."""
    wording = len((_pairs(item.text) & wanted) - covered) / len(wanted) if wanted else 0.0
    if not missing:
        return wording
    before = " ".join(e.text for e in chosen)
    found = missing - len(figures_missing(sentence, f"{before} {item.text}"))
    return wording + max(0, found)


def _unfounded(sentence: str, chosen: Sequence[Evidence], question: str) -> list[str]:
    """Figures of a sentence that stand neither in its citations nor in what frames them.

    A year or an ordinal of a heading ("二、2020年工作计划") holds for the sentences under it, and what the
    question named may be said again.
    """
    frame = " ".join(f"{e.title} {' '.join(e.heading)} {' '.join(f'{year}年' for year in e.years)}" for e in chosen)
    quotes = " ".join(e.text for e in chosen)
    return [figure.text for figure in figures_missing(sentence, f"{quotes}\n{frame}\n{question}")]


def _split_reply(reply: str) -> list[str]:
    """Sentences of a reply, without markers, bullets or what a cut-off generation left half."""
    text = _MARKER.sub("", reply).strip()
    pieces = [_BULLET.sub("", text[s:e]).strip() for s, e in split_sentences(text, 0, len(text))]
    return [piece for piece in pieces if re.search(r"\w", piece)]


def _own_words(pieces: Sequence[str]) -> str:
    """The model's own refusal, where it is one plain sentence."""
    return pieces[0] if len(pieces) == 1 and len(pieces[0]) <= 120 and not find_figures(pieces[0]) else ""


def _numbered(sentences: Sequence[_Aligned]) -> dict[str, tuple[object, ...]]:
    markers: dict[tuple[str, int, int], Citation] = {}
    parsed = []
    for sentence in sentences:
        own = []
        for item in sentence.evidence:
            key = (item.source, item.start, item.end)
            if key not in markers:
                markers[key] = Citation(
                    len(markers) + 1, item.source, item.title, item.heading, item.start, item.end, item.text
                )
            own.append(markers[key].marker)
        parsed.append(AnswerSentence(sentence.text, tuple(own), supported=True))
    return {"sentences": tuple(parsed), "citations": tuple(markers.values())}


def _pairs(text: str) -> set[str]:
    """Pairs of neighbouring characters of Chinese runs, words of others; figures are compared elsewhere."""
    letters = re.sub(r"[\d\W_]+", " ", text.lower())
    pairs: set[str] = set()
    for run in re.findall(r"[\u3040-\u9fff\uac00-\ud7af]+|[^\W\u3040-\u9fff\uac00-\ud7af]+", letters):
        wide = "\u3040" <= run[0] <= "\ud7af"
        pairs |= {run[i : i + 2] for i in range(max(1, len(run) - 1))} if wide else {run}
    return pairs
