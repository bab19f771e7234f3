"""What a column comes to, in a sentence, with the cells that it was reckoned from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, TypeAlias

from rag.answering.columns.column import Column, Entry
from rag.answering.columns.reckon import ColumnResult
from rag.question.column import ColumnOperation
from rag.schema.answers import AnswerSentence, Citation
from rag.schema.search import Evidence
from rag.text.language import Language

__all__ = ["say_column"]

_MOST_TERMS: Final = 12  # that are written out
MOST_CITED: Final = 40
"""Cells that are cited one by one; of more the first and the last, between which all others stand."""
_HUNDREDTH: Final = Decimal("0.01")

_ZH: Final = {
    "largest": "「{of}」{word}的是{rows}{next}；共比较{n}行。",
    "smallest": "「{of}」{word}的是{rows}{next}；共比较{n}行。",
    "next": "，其次是{rows}",
    "largest_places": "「{of}」由大到小第{places}位：{rows}；共比较{n}行。",
    "smallest_places": "「{of}」由小到大第{places}位：{rows}；共比较{n}行。",
    "too_few": "「{of}」只有{n}行，没有第{nth}位。",
    "total": "「{of}」各行合计{value}（{formula}）。",
    "rows_added": "{n}行相加",
    "total_same": "表中“{name}”一行也是{value}。",
    "total_rounded": "表中“{name}”一行写的是{value}，差异在各行四舍五入的范围内。",
    "total_other": "但表中“{name}”一行写的是{value}，与各行之和不符，请核对。",
    "mean": "「{of}」{n}行平均{value}（{formula}）。",
    "rank": "{name}的「{of}」为{value}，在{n}行中由大到小排第{place}位{tied}。",
    "tied": "，与{rows}并列",
    "share": "{name}的「{of}」为{value}，占合计的{share}（{formula}）。",
    "difference": "「{of}」：{more}比{less}{by}{value}（{formula}）。",
    "more": "多",
    "points": "高",
    "percent_points": "{value}个百分点",
    "equal": "「{of}」：{rows}，两者相同。",
    "ratio": "「{of}」：{more}是{less}的{value}倍（{formula}）。",
    "each_row": "{rows}",
    "each": "「{of}」：{rows}。",
    "no_share": "「{of}」合计为0，{name}所占的比例无从计算。",
    "empty": "另有{n}行没有数字，未计入。",
}
_EN: Final = {
    "largest": "{of}: the largest is {rows}{next}; {n} rows compared.",
    "smallest": "{of}: the smallest is {rows}{next}; {n} rows compared.",
    "next": ", followed by {rows}",
    "largest_places": "{of}, from the largest, place {places}: {rows}; {n} rows compared.",
    "smallest_places": "{of}, from the smallest, place {places}: {rows}; {n} rows compared.",
    "too_few": "{of} has {n} rows only: there is no place {nth}.",
    "total": "{of}: {value} in total ({formula}).",
    "rows_added": "{n} rows added",
    "total_same": " The table's row “{name}” says {value} too.",
    "total_rounded": " The table's row “{name}” says {value}, which is within the rounding of its rows.",
    "total_other": " But the table's row “{name}” says {value}, which is not the sum of its rows: please check.",
    "mean": "{of}: {value} on average over {n} rows ({formula}).",
    "rank": "{name}, {of}: {value}, place {place} of {n} rows from the largest{tied}.",
    "tied": ", level with {rows}",
    "share": "{name}, {of}: {value}, {share} of the total ({formula}).",
    "difference": "{of}: {more} is {by} than {less} by {value} ({formula}).",
    "more": "more",
    "points": "higher",
    "percent_points": "{value} percentage points",
    "equal": "{of}: {rows}: both are the same.",
    "ratio": "{of}: {more} is {value} times {less} ({formula}).",
    "each_row": "{rows}",
    "each": "{of}: {rows}.",
    "no_share": "{of} adds up to 0: {name} has no share of it.",
    "empty": " Rows without a figure, not counted: {n}.",
}

_Say: TypeAlias = Callable[..., str]
_Said: TypeAlias = tuple[str, Sequence[Entry]]


def say_column(result: ColumnResult, language: Language) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]]:
    """The sentence that tells a result, and the citations of its operands.

    Args:
        result: What was reckoned.
        language: Language of the answer.
    """
    words, row, comma = (_ZH, "{}（{}）", "、") if language == "zh" else (_EN, "{} ({})", ", ")

    def say(key: str, rows: Sequence[Entry] = (), /, **values: object) -> str:
        return words[key].format(rows=comma.join(row.format(entry.name, entry.written) for entry in rows), **values)

    text, entries = _TELLERS[result.asked.operation](result, say)
    if result.column.n_empty:
        text += say("empty", n=result.column.n_empty)
    rows = _cited([entry.evidence for entry in entries])
    citations = tuple(Citation.of(marker, row) for marker, row in enumerate(rows, start=1))
    return (AnswerSentence(text, tuple(citation.marker for citation in citations)),), citations


def _cited(rows: Sequence[Evidence]) -> list[Evidence]:
    ordered = list(dict.fromkeys(rows))
    return ordered if len(ordered) <= MOST_CITED else [ordered[0], ordered[-1]]


def _extreme(result: ColumnResult, say: _Say) -> _Said:
    asked, column = result.asked, result.column
    ranked = column.ranked if asked.operation == "largest" else column.ranked[::-1]
    first = asked.nth - 1
    last = min(first + asked.n_first, len(ranked)) if first < len(ranked) else 0
    if not last:
        return say("too_few", of=column.header, n=len(ranked), nth=asked.nth), ranked
    while last < len(ranked) and ranked[last].value == ranked[last - 1].value:  # as large as the last one told
        last += 1
    while first and ranked[first - 1].value == ranked[first].value:
        first -= 1
    shown, n_rows = ranked[first:last], len(ranked)

    if asked.nth > 1 or asked.n_first > 1:
        places = f"{asked.nth}" if asked.n_first == 1 else f"1–{last}"
        return say(f"{asked.operation}_places", shown, places=places, of=column.header, n=n_rows), ranked[: last + 1]
    following = ranked[last : last + 1]
    word = asked.word or ("最大" if asked.operation == "largest" else "最小")
    more = say("next", following) if following else ""
    return say(asked.operation, shown, word=word, next=more, of=column.header, n=n_rows), ranked[: last + 1]


def _total(result: ColumnResult, say: _Say) -> _Said:
    column = result.column
    text = say("total", of=column.header, value=_plain(column.sum), formula=_formula(column, say))
    if column.total:
        same = column.sum == column.total.value
        fits = "same" if same else "rounded" if column.is_total_right else "other"
        text += say(f"total_{fits}", name=column.total.name, value=column.total.written)
    return text, [*column.entries, *([column.total] if column.total else [])]


def _mean(result: ColumnResult, say: _Say) -> _Said:
    column = result.column
    n, total = len(column.entries), column.sum
    mean = total / n
    value = mean if mean == mean.quantize(_HUNDREDTH) else mean.quantize(_HUNDREDTH)
    sign = "=" if value == mean else "≈"
    formula = f"{_plain(total)}÷{n}{sign}{_plain(value)}"
    return say("mean", of=column.header, value=_plain(value), formula=formula, n=n), column.entries


def _rank(result: ColumnResult, say: _Say) -> _Said:
    column, of = result.column, result.of
    assert of is not None  # noqa: S101 - a rank is some row's
    place = 1 + sum(entry.value > of.value for entry in column.entries)
    equals = [entry for entry in column.entries if entry.value == of.value and entry is not of]
    tied = say("tied", equals) if equals else ""
    text = say("rank", name=of.name, of=column.header, value=of.written, place=place, n=len(column.entries), tied=tied)
    around = [e for e in column.ranked if e.value >= of.value]
    return text, [of, *(entry for entry in around if entry is not of)]


def _share(result: ColumnResult, say: _Say) -> _Said:
    column, of = result.column, result.of
    assert of is not None  # noqa: S101 - a share is some row's
    whole = column.total.value if column.total else column.sum
    if not whole:
        return say("no_share", name=of.name, of=column.header), [of]
    exact = of.value / whole * 100
    value = exact.quantize(_HUNDREDTH)
    formula = f"{_plain(of.value)}÷{_plain(whole)}{'=' if value == exact else '≈'}{_plain(value)}%"
    text = say("share", name=of.name, of=column.header, value=of.written, share=f"{_plain(value)}%", formula=formula)
    return text, [of, column.total] if column.total else [of, *(e for e in column.entries if e is not of)]


def _difference(result: ColumnResult, say: _Say) -> _Said:
    column = result.column
    more, less = column.ranked
    if more.value == less.value:
        return say("equal", column.entries, of=column.header), column.entries
    is_share = more.figure.kind == "percent"
    value = _plain(more.value - less.value)
    sign = "%" if is_share else ""
    formula = f"{_plain(more.value)}{sign}-{_term(less.value)}{sign}={value}{sign}"
    text = say(
        "difference",
        of=column.header,
        more=say("each_row", [more]),
        less=say("each_row", [less]),
        by=say("points" if is_share else "more"),
        value=say("percent_points", value=value) if is_share else value,
        formula=formula,
    )
    return text, [more, less]


def _ratio(result: ColumnResult, say: _Say) -> _Said:
    first, second = result.column.entries
    exact = first.value / second.value
    value = exact.quantize(_HUNDREDTH)
    formula = f"{_plain(first.value)}÷{_term(second.value)}{'=' if value == exact else '≈'}{_plain(value)}"
    shown = {"more": say("each_row", [first]), "less": say("each_row", [second])}
    return say("ratio", of=result.column.header, value=_plain(value), formula=formula, **shown), [first, second]


def _each(result: ColumnResult, say: _Say) -> _Said:
    entries = result.column.entries
    return say("each", entries, of=result.column.header), entries


def _term(value: Decimal) -> str:
    return f"({_plain(value)})" if value < 0 else _plain(value)


def _formula(column: Column, say: _Say) -> str:
    if len(column.entries) > _MOST_TERMS:
        return say("rows_added", n=len(column.entries))
    terms = "+".join(
        _plain(entry.value) if entry.value >= 0 else f"({_plain(entry.value)})" for entry in column.entries
    )
    return f"{terms}={_plain(column.sum)}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


_TELLERS: Final[dict[ColumnOperation, Callable[[ColumnResult, _Say], _Said]]] = {
    "largest": _extreme,
    "smallest": _extreme,
    "total": _total,
    "mean": _mean,
    "rank": _rank,
    "share": _share,
    "difference": _difference,
    "ratio": _ratio,
    "each": _each,
}
