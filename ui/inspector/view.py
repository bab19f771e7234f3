"""A trace as HTML: the way from a question to its answer, in parts that fold, with the evidence led to its source.

Everything shown comes from documents, questions or models and is escaped. What carries ``data-yj-source``,
``data-yj-start`` and ``data-yj-end`` is opened in the source view by the page's script. Knows nothing of Gradio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rag.retrieval.budget import Outcome
from ui.inspector.words import WORDS, problem_words
from ui.text.escape import escape, exact, mark_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rag.reading.evidence_reader import Side
    from rag.schema.answers import Answer, Citation
    from rag.schema.documents import Passage
    from rag.schema.search import Evidence, Hit, Scope
    from rag.trace.collect import Draft, Looked, Trace, WeighedSpan
    from ui.text.words import Lang

__all__ = ["render_trace"]

MOST_SPANS: Final = 8  # of a side; the others are less likely


def render_trace(trace: Trace, *, lang: Lang) -> str:
    """Render a trace from the question to the timings; parts that have nothing to tell are left out."""
    return _View(trace, lang).whole()


class _View:
    """A trace in one language of the page."""

    def __init__(self, trace: Trace, lang: Lang) -> None:
        self._trace = trace
        self._lang = lang
        self._evidence: Sequence[Evidence] = trace.found.evidence if trace.found else ()
        self._looked: Mapping[int, Looked] = {one.passage.passage_id: one for one in trace.looked}

    def whole(self) -> str:
        """All parts in order."""
        trace = self._trace
        drafts = [
            self._part("prompt", self._draft(draft), n=number) for number, draft in enumerate(trace.drafts, start=1)
        ]
        parts = [
            self._part("question", self._question(), unfolded=True),
            self._part("passages", self._passages(), n=len(trace.looked)),
            self._part("evidence", self._sentences(), n=len(self._evidence)),
            self._part("reader", self._reader()),
            *drafts,
            self._part("decision", self._decision(), unfolded=True),
            self._part("answer", self._answer(trace.answer), unfolded=True),
            self._part("timings", self._timings()),
        ]
        label = self._say("label")
        return f'<article class="yj-trace" id="yj-trace-way" aria-label="{label}">{"".join(parts)}</article>'

    def _say(self, key: str, **values: object) -> str:
        """Words of the page; values must be escaped."""
        return WORDS.say(key, self._lang, **values)

    def _part(self, name: str, body: str, *, unfolded: bool = False, **values: object) -> str:
        if not body:
            return ""
        title = self._say(f"part_{name}", **values)
        return (
            f'<details class="yj-trace-part" data-part="{name}"{" open" if unfolded else ""}>'
            f"<summary>{title}</summary>{body}</details>"
        )

    # The question

    def _question(self) -> str:
        trace, found = self._trace, self._trace.found
        rows = [("asked", _quoted(trace.question)), ("query", _quoted(trace.answer.query))]
        if found is not None:
            asked, named = found.asked, found.asked.named
            rows += [
                ("translated", _quoted(asked.chinese.text) if asked.chinese else ""),
                ("places", self._places(named.places)),
                ("years", escape(", ".join(map(str, named.years)))),
                ("unknown", escape(", ".join(named.unknown))),
            ]
            if found.described_place:
                rows.append(
                    ("described", escape(f"{found.described_place.description.what} → {found.described_place.place}"))
                )
            if asked.document:
                rows.append(("document", escape(f"{asked.document.part.title} ({asked.document.source})")))
            rows.append(("searched_in", _scope(found.scope)))
        told = "".join(f"<dt>{self._say(key)}</dt><dd>{value}</dd>" for key, value in rows if value)
        return f'<dl class="yj-trace-facts">{told}</dl>'

    def _places(self, places: Sequence[str]) -> str:
        note = f" <small>{self._say('bound')}</small>" if self._trace.bound_to_places else ""
        return escape(", ".join(places)) + note if places else ""

    # Passages and evidence

    def _passages(self) -> str:
        found = self._trace.found
        if found is None or not self._looked:
            return ""
        several = len({hit.wording for hit in found.hits}) > 1
        rows = [self._passage(one, several=several) for one in self._trace.looked]
        spent = self._say("budget", spent=found.selection.spent_tokens, budget=found.selection.budget_tokens)
        columns = ("col_rank", "col_score", "col_dense", "col_lexical", "col_passage", "col_became")
        return self._table("part_passages", columns, rows, n=len(rows)) + f'<p class="yj-trace-note">{spent}</p>'

    def _passage(self, one: Looked, *, several: bool) -> str:
        passage, hit = one.passage, one.hit
        rank = str(hit.rank) if hit else self._say("no_rank")
        notes = []
        if hit and hit.of_year:
            notes.append(self._say(f"year_{hit.of_year}"))
        if hit and several:
            notes.append(self._say("found_by", wording=escape(hit.wording)))
        score = f"{hit.score:.4f}" if hit else ""
        score += "".join(f"<small>{note}</small>" for note in notes)
        cells = [
            score,
            self._ranker(hit, "dense"),
            self._ranker(hit, "lexical"),
            f'{_opener(passage, _path(passage))}<p dir="auto">{escape(passage.text)}</p>',
            self._became(one),
        ]
        read = "true" if one.choice.outcome is Outcome.READ else "false"
        return f'<tr data-read="{read}"><th scope="row">{rank}</th>{_cells(cells)}</tr>'

    def _ranker(self, hit: Hit | None, name: str) -> str:
        rank = getattr(hit, f"{name}_rank", None)
        if rank is None:
            return self._say("ranker_none")
        return self._say("ranker", rank=rank, score=f"{getattr(hit, f'{name}_score'):.3f}")

    def _became(self, one: Looked) -> str:
        choice = one.choice
        same = self._looked.get(choice.same_as) if choice.same_as is not None else None
        return self._say(
            choice.outcome,
            numbers=_range(choice.numbers),
            cost=choice.n_tokens,
            left=choice.left_tokens,
            same=_range(same.choice.numbers) if same else "",
        )

    def _sentences(self) -> str:
        rows = []
        for e in self._evidence:
            reasons = [self._say(r.cause, rank=r.rank) for r in self._trace.reasons_of(e.number)]
            cells = [f'{_opener(e, _path(e))}<p dir="auto">{escape(e.text)}</p>', _lines(reasons)]
            rows.append(f'<tr><th scope="row">{e.number}</th>{_cells(cells)}</tr>')
        return self._table("part_evidence", ("col_number", "col_sentence", "col_why"), rows, n=len(rows))

    # The reader

    def _reader(self) -> str:
        sides = [(read.used, side) for read in self._trace.reads for side in read.sides]
        read = "".join(self._side(side, used=used) for used, side in sides)
        return read + "".join(map(self._judged, self._trace.judged_together))

    def _judged(self, side: Side) -> str:
        said = self._say("together", probability=f"{side.probability:.3f}")
        rows = [
            f'<tr><th scope="row" dir="auto">{mark_spans(found.evidence.text, [(found.start, found.end)])}</th>'
            f"{_cells([_opener(found.evidence, str(found.evidence.number)), f'{found.probability:.3f}'])}</tr>"
            for found in side.found[:MOST_SPANS]
        ]
        return self._titled_table(said, ("col_span", "col_number", "col_probability"), rows)

    def _side(self, side: Side, *, used: bool) -> str:
        spans = self._trace.spans(side)
        columns = ("span", "number", "read", "retrieved", "said", "repeated", "sum", "probability", "scope")
        said = self._say("read_as", asked=escape(side.asked), probability=f"{side.probability:.3f}")
        said += "" if used else self._say("not_used")
        rows = [self._span(span) for span in spans[:MOST_SPANS]]
        table = self._titled_table(said, [f"col_{name}" for name in columns], rows)
        rest = len(spans) - MOST_SPANS
        return table + (f'<p class="yj-trace-note">{self._say("more_spans", n=rest)}</p>' if rest > 0 else "")

    def _span(self, span: WeighedSpan) -> str:
        found, parts = span.found, span.weights
        sentence = mark_spans(found.evidence.text, [(found.start, found.end)])
        numbers = (span.read_score, parts.retrieved, parts.said, parts.repeated, found.score)
        cells = [
            _opener(found.evidence, str(found.evidence.number)),
            *(f"{number:.2f}" for number in numbers),
            f"{found.probability:.3f}",
            self._say("in_scope" if found.in_scope else "out_of_scope"),
        ]
        return f'<tr><th scope="row" dir="auto">{sentence}</th>{_cells(cells)}</tr>'

    # Prompt, reply and checks

    def _draft(self, draft: Draft) -> str:
        messages = "".join(
            f'<dt>{self._say(f"role_{message.role}")}</dt><dd><pre dir="auto">{escape(message.content)}</pre></dd>'
            for message in draft.messages
        )
        sent = self._say("prompt", n=len(draft.messages))
        prompt = f'<details class="yj-trace-prompt"><summary>{sent}</summary><dl>{messages}</dl></details>'
        checks = draft.checks
        if checks is None:
            return f'{prompt}<p class="yj-trace-note">{self._say("unfinished")}</p>'
        reply = f'<h4>{self._say("reply")}</h4><pre dir="auto">{escape(checks.reply)}</pre>'
        if checks.cut_off:
            reply += f'<p class="yj-trace-note">{self._say("cut_off")}</p>'
        if checks.finds_nothing:
            return f'{prompt}{reply}<p class="yj-trace-note">{self._say("finds_nothing")}</p>'
        rows = []
        for sentence in checks.sentences:
            if sentence.withheld:
                why = escape(problem_words(sentence.withheld, self._lang))
                verdict = f'<span class="yj-trace-bad">{self._say("withheld", why=why)}</span>'
            elif sentence.misread:
                verdict = f'<span class="yj-trace-bad">{self._say("misread", n=sentence.misread.number)}</span>'
            else:
                verdict = f'<span class="yj-trace-good">{self._say("supported")}</span>'
            cites = " ".join(_opener(e, str(e.number)) for e in sentence.evidence) or self._say("nothing")
            written = f'<th scope="row" dir="auto">{escape(sentence.written)}</th>'
            rows.append(f"<tr>{written}{_cells([verdict, cites])}</tr>")
        return prompt + reply + self._table("checks", ("col_written", "col_verdict", "col_cites"), rows)

    # The end

    def _decision(self) -> str:
        said = [self._say(self._trace.route)]
        for ruled in self._trace.rulings:
            ruling, why = self._say(ruled.ruling), self._say(ruled.because)
            said.append((self._say("again") if ruled.again else "") + self._say("because", ruling=ruling, why=why))
        if sought := self._trace.elsewhere:
            said.append(self._say("elsewhere", asked=escape(sought.asked)))
        return f"<ol>{''.join(f'<li>{line}</li>' for line in said)}</ol>"

    def _answer(self, answer: Answer) -> str:
        quotes = "".join(
            f'<li>[{c.marker}] {_opener(c, _path(c))}<p dir="auto">{escape(c.quote)}</p></li>' for c in answer.citations
        )
        cited = f'<ul class="yj-trace-cited">{quotes}</ul>' if quotes else ""
        return f'<p class="yj-trace-answer" dir="auto">{escape(answer.text)}</p>{cited}'

    def _timings(self) -> str:
        timings = self._trace.answer.timings
        moments = [(self._say(f"step_{what}"), seconds) for what, seconds in self._trace.moments]
        more = (("first_token", timings.first_token_seconds), ("total", timings.total_seconds))
        moments += [(self._say(key), seconds) for key, seconds in more if seconds is not None]
        rows = [
            f'<tr><th scope="row">{what}</th><td>{seconds:.3f}</td></tr>'
            for what, seconds in sorted(moments, key=lambda moment: moment[1])
        ]
        return self._table("part_timings", ("col_step", "col_seconds"), rows)

    def _table(self, title: str, columns: Iterable[str], rows: Sequence[str], **values: object) -> str:
        """A table; one that is named as its part does not show its name again."""
        hidden = title.startswith("part_")
        return self._titled_table(self._say(title, **values), columns, rows, hidden=hidden) if rows else ""

    def _titled_table(self, title: str, columns: Iterable[str], rows: Sequence[str], *, hidden: bool = False) -> str:
        """A table that scrolls for itself where the screen is narrow, by keyboard too."""
        shown = ' class="yj-trace-unseen"' if hidden else ""
        heads = "".join(f'<th scope="col">{self._say(column)}</th>' for column in columns)
        return (
            f'<div class="yj-trace-scroll" role="region" tabindex="0" aria-label="{title}"><table>'
            f"<caption{shown}>{title}</caption><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        )


def _opener(place: Passage | Evidence | Citation, label: str) -> str:
    """Render a button that opens the source there; the label must be escaped."""
    return (
        f'<button type="button" class="yj-trace-open" data-yj-source="{exact(place.source)}" '
        f'data-yj-start="{place.start}" data-yj-end="{place.end}" dir="auto">{label or escape(place.source)}</button>'
    )


def _path(place: Passage | Evidence | Citation) -> str:
    """Title and headings, each once."""
    return escape(" › ".join(dict.fromkeys(filter(None, (place.title, *place.heading)))))


def _quoted(text: str) -> str:
    return f'<q dir="auto">{escape(text)}</q>'


def _scope(scope: Scope | None) -> str:
    if scope is None:
        return ""
    parts = (sorted(scope.sources), map(str, sorted(scope.years)), sorted(scope.places))
    return escape("; ".join(filter(None, (", ".join(part) for part in parts))))


def _range(numbers: Sequence[int]) -> str:
    return f"{numbers[0]}-{numbers[-1]}" if len(numbers) > 1 else "".join(map(str, numbers))


def _cells(cells: Iterable[str]) -> str:
    return "".join(f"<td>{cell}</td>" for cell in cells)


def _lines(lines: Iterable[str]) -> str:
    return "<br>".join(lines)
