"""Convert a trace to JSON: ``youju ask --explain --json`` prints it. Has no words for people."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any, TypeAlias

from rag.retrieval.budget import Choice
from rag.schema.answers import Withheld
from rag.schema.documents import Passage
from rag.schema.search import Evidence, Hit, Scope
from rag.scoring.features import FEATURES
from rag.scoring.scorer import Scorer
from rag.scoring.sides import CandidateSpan, Side
from rag.trace.additions import additions
from rag.trace.collect import Draft, Looked, Trace

__all__ = ["trace_record"]

Record: TypeAlias = dict[str, Any]


def trace_record(trace: Trace) -> Record:
    """Everything that a trace holds, as JSON can tell it; sentences of evidence are named by their numbers."""
    return {
        "question": trace.question,
        "mode": trace.mode,
        "scope": _scope(trace.scope),
        "route": trace.route,
        **_found(trace),
        "passages": [_looked(one) for one in trace.looked],
        "evidence": [_evidence(trace, e) for e in (trace.found.evidence if trace.found else ())],
        "scorer": _scorer(trace.scorer),
        "read": [
            {"wording": read.wording, "sides": [_side(trace, side) for side in read.sides]} for read in trace.reads
        ],
        "judged_together": [_judged(side) for side in trace.judged_together],
        "drafts": [_draft(draft) for draft in trace.drafts],
        "rulings": [{"ruling": ruled.ruling, "because": ruled.because} for ruled in trace.rulings],
        "quoted": trace.quoted.to_dict() if trace.quoted else None,
        "answer": trace.answer.to_dict(),
        "moments": [{"what": what, "seconds": round(seconds, 4)} for what, seconds in trace.moments],
    }


def _found(trace: Trace) -> Record:
    found = trace.found
    if found is None:
        return {"query": trace.answer.query}
    asked, place, document = found.asked, found.described_place, found.asked.document
    return {
        "query": asked.query,
        "translated": asked.chinese.text if asked.chinese else "",
        "named": {
            "places": list(asked.named.places),
            "years": list(asked.named.years),
            "unknown": list(asked.named.unknown),
        },
        "described_place": {"what": place.description.what, "place": place.place} if place else None,
        "named_document": {"source": document.source, "title": document.part.title} if document else None,
        "searched_in": _scope(found.scope),
        "budget_tokens": found.selection.budget_tokens,
        "spent_tokens": found.selection.spent_tokens,
    }


def _scope(scope: Scope | None) -> Record | None:
    if not scope:
        return None
    return {"sources": sorted(scope.sources), "years": sorted(scope.years), "places": sorted(scope.places)}


def _place(place: Passage | Evidence) -> Record:
    return {
        "source": place.source,
        "start": place.start,
        "end": place.end,
        "title": place.title,
        "heading": list(place.heading),
        "place": place.place,
        "years": list(place.years),
        "text": place.text,
    }


def _looked(looked: Looked) -> Record:
    return {**_hit(looked.hit), **_fate(looked.choice), "why": _why(looked), **_place(looked.passage)}


def _hit(hit: Hit | None) -> Record:
    names = ("rank", "score", "dense_rank", "dense_score", "bare_rank", "lexical_rank", "lexical_score", "wording")
    return {name: getattr(hit, name) if hit else None for name in names}


def _fate(choice: Choice) -> Record:
    return {
        "outcome": choice.outcome,
        "numbers": list(choice.numbers),
        "same_as": choice.same_as,
        "passage_id": choice.passage.passage_id,
        "n_tokens": choice.n_tokens,
        "left_tokens": choice.left_tokens,
    }


def _why(looked: Looked) -> list[Record]:
    return [{"cause": reason.cause, **({"rank": reason.rank} if reason.rank else {})} for reason in looked.reasons]


def _evidence(trace: Trace, e: Evidence) -> Record:
    reasons = [asdict(reason) for reason in trace.reasons_of(e.number)]
    probability = trace.probability_of(e.number)
    return {"number": e.number, "score": e.score, "probability": probability, "why": reasons, **_place(e)}


def _scorer(scorer: Scorer | None) -> Record | None:
    if scorer is None:
        return None
    weights = dict(zip(FEATURES, map(float, scorer.weights), strict=True))
    return {"threshold": scorer.threshold, "bias": scorer.bias, "weights": weights}


def _side(trace: Trace, side: Side) -> Record:
    return {
        "asked": side.asked,
        "places": list(side.named.places),
        "years": list(side.named.years),
        "probability": side.probability,
        "spans": [_span(trace, span) for span in side.found],
    }


def _judged(side: Side) -> Record:
    spans = [{**_place_in_sentence(found), "probability": found.probability} for found in side.found]
    return {"asked": side.asked, "probability": side.probability, "spans": spans}


def _place_in_sentence(found: CandidateSpan) -> Record:
    return {"number": found.evidence.number, "start": found.start, "end": found.end, "text": found.text}


def _span(trace: Trace, span: CandidateSpan) -> Record:
    return {
        **_place_in_sentence(span),
        "probability": span.probability,
        "read_score": span.read.score if math.isfinite(span.read.score) else None,
        "place": span.relations.place.value,
        "year": span.relations.year.value,
        "features": {
            each.feature: {"value": each.value, "added": each.added} for each in additions(span, trace.scorer)
        },
    }


def _draft(draft: Draft) -> Record:
    checks = draft.checks
    return {
        "prompt": [{"role": message.role, "content": message.content} for message in draft.messages],
        "numbers": [e.number for e in draft.evidence],
        "reply": checks.reply if checks else None,
        "finds_nothing": checks.finds_nothing if checks else None,
        "cut_off": checks.cut_off if checks else None,
        "sentences": [
            {
                "written": sentence.written,
                "shown": sentence.text if sentence.is_shown else None,
                "cites": [e.number for e in sentence.evidence],
                "withheld": _withheld(sentence.withheld),
                "misread": sentence.misread.number if sentence.misread else None,
            }
            for sentence in (checks.sentences if checks else ())
        ],
    }


def _withheld(withheld: Withheld | None) -> Record | None:
    return {"problem": withheld.problem, "values": list(withheld.values)} if withheld else None
