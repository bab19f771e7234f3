"""Other notations of the digits of an example, which change no length. Knows nothing of how an example is made."""

from __future__ import annotations

import re
from random import Random
from typing import Final

from training.recipe import Example

__all__ = ["vary"]

_FULL_WIDTH: Final = str.maketrans("0123456789", "０１２３４５６７８９")
_HAN_DIGITS: Final = str.maketrans("0123456789", "〇一二三四五六七八九")


def vary(example: Example, rng: Random) -> Example:
    """Write some digits full-width, and some years and counts in Chinese."""
    question, heading, text = example.question, example.heading, example.text
    if rng.random() < 0.06:
        text = text.translate(_FULL_WIDTH)
    elif rng.random() < 0.06:
        text = re.sub(
            r"(?<!\d)[12]\d{3}(?=年)|(?<!\d)[1-9](?=[个名位所座项家次])",
            lambda m: m.group().translate(_HAN_DIGITS),
            text,
        )
    if rng.random() < 0.06:
        heading = re.sub(r"(?<!\d)[12]\d{3}(?=年)", lambda m: m.group().translate(_HAN_DIGITS), heading)
    if rng.random() < 0.06:
        question = re.sub(r"(?<!\d)[12]\d{3}(?=年)", lambda m: m.group().translate(_HAN_DIGITS), question)
    elif rng.random() < 0.06:
        question = question.translate(_FULL_WIDTH)
    return Example(question, heading, text, example.spans, example.kind, example.several)
