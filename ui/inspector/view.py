"""A trace as HTML: the way from a question to its answer, in parts that fold, with the evidence led to its source.

Everything shown comes from documents, questions or models: the template escapes it. What carries ``data-yj-source``,
``data-yj-start`` and ``data-yj-end`` is opened in the source view by the page's script. Knows nothing of Gradio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from rag.retrieval.budget import Outcome
from ui.inspector.words import WORDS, problem_words
from ui.text.templates import Html, render, say_html

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rag.reading.evidence_reader import Side
    from rag.schema.answers import Citation
    from rag.schema.documents import Passage
    from rag.schema.search import Evidence, Hit, Scope
    from rag.trace.collect import Draft, Looked, Trace, WeighedSpan
    from ui.text.words import Lang

__all__ = ["render_trace"]

MOST_SPANS: Final = 8  # of a side; the others are less likely


class _Fact(NamedTuple):
    """What was found out of the question: a word of ours and a text, shown as a quotation or with a note."""

    key: str
    text: str
    quoted: bool = False
    bound: bool = False


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
            "evidence": [{"sentence": e, "path": _path(e), "reasons": self._reasons(e)} for e in evidence],
            "n_evidence": len(evidence),
            "sides": [self._side(side, used=read.used) for read in trace.reads for side in read.sides],
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
                _Fact("places", ", ".join(named.places), bound=trace.bound_to_places),
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
        notes = []
        if hit and hit.of_year:
            notes.append(self._say(f"year_{hit.of_year}"))
        if hit and several:
            notes.append(self._say("found_by", wording=hit.wording))
        return {
            "read": one.choice.outcome is Outcome.READ,
            "rank": hit.rank if hit else None,
            "score": f"{hit.score:.4f}" if hit else "",
            "notes": notes,
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

    def _reasons(self, evidence: Evidence) -> list[Html]:
        return [self._say(r.cause, rank=r.rank) for r in self._trace.reasons_of(evidence.number)]

    # The reader

    def _side(self, side: Side, *, used: bool) -> dict[str, object]:
        spans = self._trace.spans(side)
        title = self._say("read_as", asked=side.asked, probability=f"{side.probability:.3f}")
        return {
            "title": title if used else title + self._say("not_used"),
            "spans": [{"found": span.found, "numbers": _numbers(span)} for span in spans[:MOST_SPANS]],
            "rest": len(spans) - MOST_SPANS,
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
        said = [self._say(self._trace.route)]
        for ruled in self._trace.rulings:
            because = self._say("because", ruling=self._say(ruled.ruling), why=self._say(ruled.because))
            said.append(self._say("again") + because if ruled.again else because)
        if sought := self._trace.elsewhere:
            said.append(self._say("elsewhere", asked=sought.asked))
        return said

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


def _numbers(span: WeighedSpan) -> list[str]:
    parts, found = span.weights, span.found
    scores = (span.read_score, parts.retrieved, parts.said, parts.repeated, found.score)
    return [*(f"{score:.2f}" for score in scores), f"{found.probability:.3f}"]


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
