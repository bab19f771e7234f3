"""Whether a text speaks of what is planned rather than done, and of a period of years rather than one.

By words that official prose of any field uses. Pure. Not covered: plans told without any of these words, under headings
that are no plan's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rag.text.years import YEAR, periods, spans_years

__all__ = ["PLANS", "PLAN_HEADING", "asks_for_plan", "tells_of_period", "tells_of_plan"]

PLANS: Final = re.compile(
    rf"力争|争取|计划|(?<![模虚])拟|(?<!已)(?<!已经)将(?!军|领|士|近)|打算|目标|确保(?!了)|预[计期]|规划|到\s*{YEAR}\s*年底"
    r"|(?:^|，|,)要(?!求)|下一步|继续推进|加快推进|\b(?:will|targets?|plans?|goals?|estimated?|forecast)\b",
    re.IGNORECASE,
)
PLAN_HEADING: Final = re.compile(r"计划|打算|安排|思路|目标|要点|下一步|下半年|明年|重点工作|任务")
_ASKS_FOR_PLAN: Final = re.compile(
    r"计划|打算|目标|预[计期]|力争|任务|\b(?:plan|planned|plans|target|goal|will|estimated?|forecast)\b", re.IGNORECASE
)
_PERIOD: Final = re.compile(
    r"年均|[两二三四五六七八九十几]年(?![级制期龄])|累计|以来|期间|十[一二三四五]五|per annum|over the (?:past|next)",
    re.IGNORECASE,
)
_HEADINGS: Final = 3
"""Headings above a sentence that may say that it is a plan, the innermost ones."""


def tells_of_plan(text: str, headings: Sequence[str]) -> bool:
    """Whether a sentence, or a heading above it, speaks of what is planned."""
    return PLANS.search(text) is not None or any(PLAN_HEADING.search(heading) for heading in headings[-_HEADINGS:])


def asks_for_plan(question: str) -> bool:
    """Whether a question asks for what is planned."""
    return _ASKS_FOR_PLAN.search(question) is not None


def tells_of_period(text: str) -> bool:
    """Whether a text speaks of several years together.

    >>> [tells_of_period(text) for text in ("年均增长4.2%", "2030年增长5.1%", "由2026年的12座增加到2030年的20座")]
    [True, False, True]
    """
    named = [year for years in periods(text) for year in years]
    apart = bool(named) and max(named) - min(named) > 1
    return apart or _PERIOD.search(text) is not None or spans_years(text)
