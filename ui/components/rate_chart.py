"""Rates as bars with the whiskers of their intervals: a table that a screen reader reads, each row with its bar.

The drawing is inline SVG, stretched to the width that there is, coloured by the page's own variables. Knows nothing of
what is measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ui.text.templates import Html, render
from ui.text.words import Lang, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Bar", "render_bars"]

_WORDS = Words(
    rate=("比率", "rate"),
    interval=("95% 区间", "95% interval"),
    of=("题或条数", "of"),
    axis=("横轴：0 到 100%；细线为 95% 区间", "Axis: 0 to 100%; the thin line is the 95% interval"),
)
HEIGHT = 14  # of the drawing, in its own units; a hundred units are its width


class Bar(NamedTuple):
    """A rate.

    Attributes:
        label: What it is of; untrusted.
        value: From 0 to 1.
        low: Lower end of its interval.
        high: Upper end of its interval.
        total: What was judged.
        better_low: Whether less is better.
    """

    label: str
    value: float
    low: float
    high: float
    total: int
    better_low: bool = False


def render_bars(caption: str, heading: str, bars: Sequence[Bar], *, lang: Lang) -> Html:
    """Render rates; nothing where there are none.

    Args:
        caption: What the table is.
        heading: What its first column names.
        bars: The rates, top to bottom.
        lang: Language of the page.
    """
    rows = [_row(bar) for bar in bars]
    values = {"caption": caption, "heading": heading, "rows": rows, "height": HEIGHT}
    return render("components/rate_chart.html", _WORDS, lang, **values)


def _row(bar: Bar) -> dict[str, object]:
    value, low, high = (round(100 * min(1.0, max(0.0, number)), 2) for number in (bar.value, bar.low, bar.high))
    middle, cap = HEIGHT / 2, HEIGHT / 4
    return {
        "label": bar.label,
        "value": _percent(bar.value),
        "interval": f"{_percent(bar.low)}–{_percent(bar.high)}",
        "total": bar.total,
        "better_low": bar.better_low,
        "width": value,
        "whisker": f"M{low} {middle}H{high}M{low} {middle - cap}V{middle + cap}M{high} {middle - cap}V{middle + cap}",
    }


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"
