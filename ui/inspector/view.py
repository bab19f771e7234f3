"""A trace as HTML: the way from a question to its answer, in parts that fold, with the evidence led to its source.

Everything shown comes from documents, questions or models: the template escapes it. What carries ``data-yj-source``,
``data-yj-start`` and ``data-yj-end`` is opened in the source view by the page's script. Knows nothing of Gradio.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from rag.retrieval.budget import Outcome
from rag.trace.additions import additions
from rag.trace.wording import known_relations
from ui.inspector.words import WORDS, problem_words
from ui.text.templates import Html, render, say_html

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rag.schema.answers import Citation
    from rag.schema.documents import Passage
    from rag.schema.search import Evidence, Hit, Scope
    from rag.scoring.sides import CandidateSpan, Side
    from rag.trace.collect import Draft, Looked, Trace
    from ui.text.words import Lang

__all__ = ["render_trace"]

MOST_SPANS: Final = 8  # of a side; the others are less likely
MOST_ADDITIONS: Final = 4  # of a span, the largest


class _Fact(NamedTuple):
    """What was found out of the question: a word of ours and a text, perhaps shown as a quotation."""

    key: str
    text: str
    quoted: bool = False


def render_trace(trace: Trace, *, lang: Lang) -> Html:
    """Render a trace from the question to the timings; parts that have nothing to tell are left out."""
    return render("inspector/trace.html", WORDS, lang, **_View(trace, lang).values())


class _View:
    """A trace as the values of its template, in one language of the page."""

    def __init__(self, trace: Trace, lang: Lang) -> None:
        self._trace = trace
        self._lang = lang
        self._looked: Mapping[int, Looked] = {one.passage.passage_id: one for one in trace.looked}

    def values(self) -> dict[str, object]:
        """What the template prints, by name."""
        trace, found = self._trace, self._trace.found
        evidence: Sequence[Evidence] = found.evidence if found else ()
        several = len({hit.wording for hit in found.hits}) > 1 if found else False
        return {
            "facts": self._facts(),
            "passages": [self._passage(one, several=several) for one in trace.looked] if found else [],
            "n_passages": len(trace.looked),
            "selection": found.selection if found else None,
            "evidence": [self._sentence(e) for e in evidence],
            "n_evidence": len(evidence),
            "sides": [self._side(side) for read in trace.reads for side in read.sides],
            "judged_together": [_judged(side) for side in trace.judged_together],
            "drafts": [self._draft(draft) for draft in trace.drafts],
            "decision": self._decision(),
            "answer": trace.answer.text,
            "cited": [{"citation": c, "path": _path(c)} for c in trace.answer.citations],
            "timings": self._timings(),
        }

    def _say(self, key: str, **values: object) -> Html:
        return say_html(WORDS, self._lang, key, **values)

    # The question

    def _facts(self) -> list[_Fact]:
        trace, found = self._trace, self._trace.found
        facts = [_Fact("asked", trace.question, quoted=True), _Fact("query", trace.answer.query, quoted=True)]
        if found is not None:
            asked, named = found.asked, found.asked.named
            if asked.chinese:
                facts.append(_Fact("translated", asked.chinese.text, quoted=True))
            facts += [
                _Fact("places", ", ".join(named.places)),
                _Fact("years", ", ".join(map(str, named.years))),
                _Fact("unknown", ", ".join(named.unknown)),
            ]
            if described := found.described_place:
                facts.append(_Fact("described", f"{described.description.what} → {described.place}"))
            if asked.document:
                facts.append(_Fact("document", f"{asked.document.part.title} ({asked.document.source})"))
            facts.append(_Fact("searched_in", _scope(found.scope)))
        return [fact for fact in facts if fact.quoted or fact.text]

    # Passages and evidence

    def _passage(self, one: Looked, *, several: bool) -> dict[str, object]:
        hit = one.hit
        return {
            "read": one.choice.outcome is Outcome.READ,
            "rank": hit.rank if hit else None,
            "score": f"{hit.score:.4f}" if hit else "",
            "wording": hit.wording if hit and several else "",
            "rankers": [_ranker(hit, "dense"), _ranker(hit, "lexical")],
            "passage": one.passage,
            "path": _path(one.passage),
            "became": self._became(one),
        }

    def _became(self, one: Looked) -> Html:
        choice = one.choice
        same = self._looked.get(choice.same_as) if choice.same_as is not None else None
        return self._say(
            choice.outcome,
            numbers=_range(choice.numbers),
            cost=choice.n_tokens,
            left=choice.left_tokens,
            same=_range(same.choice.numbers) if same else "",
        )

    def _sentence(self, evidence: Evidence) -> dict[str, object]:
        reasons = [self._say(r.cause, rank=r.rank) for r in self._trace.reasons_of(evidence.number)]
        probability = self._trace.probability_of(evidence.number)
        likely = "" if probability is None else f"{probability:.3f}"
        return {"sentence": evidence, "path": _path(evidence), "probability": likely, "reasons": reasons}

    # The reader

    def _side(self, side: Side) -> dict[str, object]:
        probability, threshold = f"{side.probability:.3f}", f"{side.threshold:.3f}"
        return {
            "title": self._say("read_as", asked=side.asked, probability=probability, threshold=threshold),
            "spans": [self._span(span) for span in side.found[:MOST_SPANS]],
            "rest": len(side.found) - MOST_SPANS,
        }

    def _span(self, span: CandidateSpan) -> dict[str, object]:
        added = additions(span, self._trace.scorer)[:MOST_ADDITIONS]
        return {
            "found": span,
            "probability": f"{span.probability:.3f}",
            "score": f"{span.read.score:.2f}" if math.isfinite(span.read.score) else "",
            "relations": [self._say(f"feature_{name}") for name in known_relations(span.relations)],
            "additions": [
                (self._say(f"feature_{a.feature}"), f"{a.added:+.2f}", f"{a.value:.2f} × {a.weight:.2f}") for a in added
            ],
        }

    # Prompt, reply and checks

    def _draft(self, draft: Draft) -> dict[str, object]:
        checked = draft.checks.sentences if draft.checks else ()
        sentences = [
            {
                "written": sentence.written,
                "withheld": problem_words(sentence.withheld, self._lang) if sentence.withheld else "",
                "misread": sentence.misread,
                "evidence": sentence.evidence,
            }
            for sentence in checked
        ]
        return {"messages": draft.messages, "checks": draft.checks, "sentences": sentences}

    # The end

    def _decision(self) -> list[Html]:
        rulings = [
            self._say("because", ruling=self._say(ruled.ruling), why=self._say(ruled.because))
            for ruled in self._trace.rulings
        ]
        return [self._say(self._trace.route), *rulings]

    def _timings(self) -> list[tuple[Html, str]]:
        """What was done, and how many seconds after the question, in order."""
        timings = self._trace.answer.timings
        moments = [(self._say(f"step_{what}"), seconds) for what, seconds in self._trace.moments]
        more = (("first_token", timings.first_token_seconds), ("total", timings.total_seconds))
        moments += [(self._say(key), seconds) for key, seconds in more if seconds is not None]
        return [(what, f"{seconds:.3f}") for what, seconds in sorted(moments, key=lambda moment: moment[1])]


def _ranker(hit: Hit | None, name: str) -> tuple[int, str] | None:
    """Where one of the two rankers put a passage, and its score there."""
    rank = getattr(hit, f"{name}_rank", None)
    return None if rank is None else (rank, f"{getattr(hit, f'{name}_score'):.3f}")


def _judged(side: Side) -> dict[str, object]:
    found = [(each, f"{each.probability:.3f}") for each in side.found[:MOST_SPANS]]
    return {"probability": f"{side.probability:.3f}", "found": found}


def _path(place: Passage | Evidence | Citation) -> str:
    """Title and headings, each once."""
    return " › ".join(dict.fromkeys(filter(None, (place.title, *place.heading))))


def _scope(scope: Scope | None) -> str:
    if scope is None:
        return ""
    parts = (sorted(scope.sources), map(str, sorted(scope.years)), sorted(scope.places))
    return "; ".join(filter(None, (", ".join(part) for part in parts)))


def _range(numbers: Sequence[int]) -> str:
    return f"{numbers[0]}-{numbers[-1]}" if len(numbers) > 1 else "".join(map(str, numbers))
