"""Rates as bars with the whiskers of their intervals: a table that a screen reader reads, each row with its bar.

The drawing is inline SVG, stretched to the width that there is, coloured by the page's own variables. Knows nothing of
what is measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ui.text.escape import escape
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


def render_bars(caption: str, heading: str, bars: Sequence[Bar], *, lang: Lang) -> str:
    """Render rates; nothing where there are none.

    Args:
        caption: What the table is.
        heading: What its first column names.
        bars: The rates, top to bottom.
        lang: Language of the page.
    """
    if not bars:
        return ""
    names = (heading, _WORDS.say("rate", lang), _WORDS.say("interval", lang), _WORDS.say("of", lang))
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    rows = "".join(_row(bar) for bar in bars)
    axis = "".join(f"<span>{percent}</span>" for percent in ("0", "25", "50", "75", "100%"))
    scale = f'<div class="yj-bars-axis" title="{_WORDS.say("axis", lang)}">{axis}</div>'
    return (
        f'<table class="yj-bars"><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>'
        f'<tbody>{rows}</tbody><tfoot aria-hidden="true"><tr><td>{scale}</td><td colspan="3"></td></tr></tfoot></table>'
    )


def _row(bar: Bar) -> str:
    interval = f"{_percent(bar.low)}–{_percent(bar.high)}"
    return (
        f'<tr><th scope="row"><span dir="auto">{escape(bar.label)}</span>{_drawing(bar)}</th>'
        f"<td>{_percent(bar.value)}</td><td>{interval}</td><td>{bar.total}</td></tr>"
    )


def _drawing(bar: Bar) -> str:
    """The bar; hidden from screen readers, which have its figures beside it."""
    value, low, high = (round(100 * min(1.0, max(0.0, number)), 2) for number in (bar.value, bar.low, bar.high))
    middle, cap = HEIGHT / 2, HEIGHT / 4
    kind = "yj-bars-less" if bar.better_low else "yj-bars-more"
    grid = "".join(f'<path class="yj-bars-grid" d="M{x} 0V{HEIGHT}"/>' for x in (0, 25, 50, 75, 100))
    whisker = f"M{low} {middle}H{high}M{low} {middle - cap}V{middle + cap}M{high} {middle - cap}V{middle + cap}"
    return (
        f'<svg class="yj-bars-drawing {kind}" viewBox="0 0 100 {HEIGHT}" preserveAspectRatio="none" aria-hidden="true" '
        f'focusable="false"><rect class="yj-bars-ground" width="100" height="{HEIGHT}"/>{grid}'
        f'<rect class="yj-bars-bar" y="2" width="{value}" height="{HEIGHT - 4}"/>'
        f'<path class="yj-bars-whisker-ground" d="{whisker}"/><path class="yj-bars-whisker" d="{whisker}"/></svg>'
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"
