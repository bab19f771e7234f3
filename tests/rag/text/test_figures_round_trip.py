"""Ten thousand numbers, each written in one notation and read back to the value it was written from.

The generators have fixed seeds, so that a failure is the same again. What each notation cannot hold (the dot that
groups thousands needs two groups, a tenth has one digit behind its point) is kept out by its own numbers.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal

import pytest

from rag.text.figures import Kind, figures_missing, find_figures
from tests.support.rag.number_words import FULL_WIDTH, chinese, english

N_NUMBERS = 10_000
PLAIN = "一二三四五六七八九十百千万亿"
FORMAL = str.maketrans(PLAIN, "壹贰叁肆伍陆柒捌玖拾佰仟万亿")
FORMAL_OLD = str.maketrans(PLAIN, "壹貳參肆伍陸柒捌玖拾佰仟萬億")
TRADITIONAL = str.maketrans("万亿两点", "萬億兩點")
DIGITS = "零一二三四五六七八九"

Draw = Callable[[random.Random], Decimal]
Write = Callable[[Decimal], str]


def whole(low: int, high: int) -> Draw:
    """Whole numbers of every length alike, not only long ones."""

    def draw(source: random.Random) -> Decimal:
        n_digits = source.randint(len(str(low)), len(str(high)))
        least, most = max(low, 10 ** (n_digits - 1)), min(high, 10**n_digits - 1)
        return Decimal(source.randint(least, most))

    return draw


def decimal(low: int, high: int, most_places: int) -> Draw:
    def draw(source: random.Random) -> Decimal:
        places = source.randint(0, most_places)
        return Decimal(source.randint(low * 10**places, high * 10**places)).scaleb(-places)

    return draw


def scaled(scale: int, name: str) -> Write:
    """Write a number as a multiple of a scale: 40700 as 4.07万."""

    def write(value: Decimal) -> str:
        return f"{(value / scale).normalize():f}{name}"

    return write


def wide(write: Write) -> Write:
    return lambda value: write(value).translate(FULL_WIDTH)


def multiple(scale: int, draw: Draw) -> Draw:
    return lambda source: draw(source) * scale


def spelled(value: Decimal) -> str:
    """A number with decimals in Chinese: 八十一点三五."""
    head, _, tail = f"{value:f}".partition(".")
    return (chinese(int(head)) if int(head) else "零") + ("点" + "".join(DIGITS[int(d)] for d in tail) if tail else "")


def tenths(value: Decimal) -> str:
    """A share in tenths: 40 as 四成, 45 as 四成五."""
    head, rest = divmod(int(value), 10)
    return f"{DIGITS[head]}成" + (DIGITS[rest] if rest else "")


# Notation -> kind, numbers that it can hold, how it is written. A unit stands behind what is a word without one.
NOTATIONS: dict[str, tuple[Kind, Draw, Write]] = {
    "plain": ("number", whole(0, 10**12), lambda v: f"{v:f}"),
    "plain, decimals": ("number", decimal(0, 10**6, 4), lambda v: f"{v:f}"),
    "grouped": ("number", whole(1000, 10**12), lambda v: f"{v:,}"),
    "grouped, decimals": ("number", decimal(1000, 10**9, 2), lambda v: f"{v:,f}"),
    "full width": ("number", whole(0, 10**12), wide(lambda v: f"{v:f}")),
    "full width, grouped": ("number", whole(1000, 10**12), wide(lambda v: f"{v:,}")),
    "万": ("number", multiple(10**4, decimal(1, 9999, 4)), scaled(10**4, "万")),
    "萬, apart": ("number", multiple(10**4, decimal(1, 9999, 2)), scaled(10**4, " 萬元")),
    "亿": ("number", multiple(10**8, decimal(1, 9999, 4)), scaled(10**8, "亿")),
    "億, full width": ("number", multiple(10**8, decimal(1, 999, 2)), wide(scaled(10**8, "億"))),
    "Chinese": ("number", whole(2, 10**12 - 1), lambda v: f"{chinese(int(v))}名"),
    "Chinese, decimals": ("number", decimal(10, 9999, 3), lambda v: f"{spelled(v)}元"),
    "traditional": ("number", whole(2, 10**12 - 1), lambda v: f"{chinese(int(v))}個".translate(TRADITIONAL)),
    "banker's": ("number", whole(11, 10**12 - 1), lambda v: f"{chinese(int(v))}元".translate(FORMAL)),
    "banker's, traditional": ("number", whole(11, 10**12 - 1), lambda v: f"{chinese(int(v))}元".translate(FORMAL_OLD)),
    "percent": ("percent", decimal(0, 300, 3), lambda v: f"{v:f}%"),
    "percent, full width": ("percent", decimal(0, 300, 2), wide(lambda v: f"{v:f}%")),
    "百分之": ("percent", decimal(1, 300, 2), lambda v: f"百分之{spelled(v)}"),
    "percent with a comma": ("percent", decimal(0, 300, 2), lambda v: f"{v:f} %".replace(".", ",")),
    "成": ("percent", whole(10, 99), tenths),
    "thousand": ("number", multiple(10**3, decimal(1, 999, 3)), scaled(10**3, " thousand")),
    "million": ("number", multiple(10**6, decimal(1, 999, 3)), scaled(10**6, " million")),
    "English words": ("number", whole(2, 10**12 - 1), lambda v: f"{english(int(v))} pupils"),
    "Spanish and French, dots": ("number", whole(10**6, 10**12), lambda v: f"{v:,}".replace(",", ".")),
    "French, narrow spaces": ("number", whole(1000, 10**12), lambda v: f"{v:,}".replace(",", "\u202f")),
}  # fmt: skip
N_EACH = N_NUMBERS // len(NOTATIONS)


def test_all_notations_together_are_ten_thousand_numbers() -> None:
    assert N_EACH * len(NOTATIONS) == N_NUMBERS


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_number_is_read_back_to_the_value_that_it_was_written_from(notation: str) -> None:
    kind, draw, write = NOTATIONS[notation]
    source = random.Random(notation)
    for _ in range(N_EACH):
        value = draw(source)
        text = f"共{write(value)}。"
        assert [(figure.value, figure.kind) for figure in find_figures(text)] == [(value, kind)], text
        plain = f"{value:f}%" if kind == "percent" else f"{value:f}"
        assert figures_missing(text, plain) == [], text
