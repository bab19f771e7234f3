"""Figures -> a computation written out, and its result: ``4.07万-3.5万=0.57万``. In decimals, exactly.

Knows nothing of questions and sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Final

from rag.question.kind import Operation
from rag.text.figures import Figure

__all__ = ["difference", "rate", "result_of"]

_SIGNS: Final[dict[Operation, str]] = {"difference": "-", "sum": "+", "ratio": "÷"}
_SCALES: Final = (("万亿", 12), ("亿", 8), ("万", 4))
_SIMPLE: Final = str.maketrans("萬億", "万亿")
_CENT: Final = Decimal("0.01")


def result_of(operation: Operation, figures: Sequence[Figure]) -> tuple[str, str]:
    """``47-21=26`` and its result; figures that all stand in 万 or 亿 stay in it."""
    sign, scale = _scale(figures)
    values = [figure.value / scale for figure in figures]
    value = list(
        accumulate(values, {"difference": Decimal.__sub__, "sum": Decimal.__add__}.get(operation, Decimal.__truediv__))
    )[-1]
    rounded = value.quantize(_CENT) if operation == "ratio" else value
    result = _plain(rounded) + ("" if operation == "ratio" else sign)
    terms = _SIGNS[operation].join(
        f"{_plain(one)}{_own(figure, sign)}" for one, figure in zip(values, figures, strict=True)
    )
    return f"{terms}{'=' if rounded == value else '≈'}{result}", result


def difference(one: Figure, other: Figure) -> tuple[str, str]:
    """The larger less the smaller."""
    return result_of("difference", sorted((one, other), key=lambda figure: -figure.value))


def rate(first: Figure, second: Figure) -> tuple[str, str]:
    """By what share of the first the second is larger or smaller: ``（640-612）÷640≈4.38%``."""
    sign, scale = _scale([first, second])
    more, less = max(first.value, second.value) / scale, min(first.value, second.value) / scale
    value = (more - less) / (first.value / scale) * 100
    rounded = value.quantize(_CENT)
    result = f"{_plain(rounded)}%"
    terms = f"（{_plain(more)}{sign}-{_plain(less)}{sign}）÷{_plain(first.value / scale)}{sign}"
    return f"{terms}{'=' if rounded == value else '≈'}{result}", result


def _scale(figures: Sequence[Figure]) -> tuple[str, Decimal]:
    written = [figure.text.translate(_SIMPLE).rstrip() for figure in figures]
    found = (scale for scale in _SCALES if all(text.endswith(scale[0]) for text in written))
    sign, power = next(found, ("", 0))
    return sign, Decimal(10**power)


def _own(figure: Figure, sign: str) -> str:
    return "%" if figure.kind == "percent" else "" if figure.kind == "points" else sign


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
