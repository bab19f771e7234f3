"""Where a work report turns from the year that is over to the year ahead.

A work report to a congress is named after the year in which it is given: 2031年政府工作报告 tells what was done in 2030
and then what 2031 shall bring. Its headings often say neither; the sentence with which it turns does. Of 55 reports of
provinces and of the nation, 2008 to 2026, 54 turn by the words below, at 22 to 59 % of their text. Pure.

Not covered: what a report tells of several years (过去五年), and a paragraph on the year after next.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rag.text.years import find_years

__all__ = ["ReportYears", "report_years"]

_WORK_REPORT: Final = re.compile(r"工作报告")
_LEAST_BEFORE: Final = 0.1
"""Share of the text before which nothing turns: the first lines may name the year's tasks in an outline."""


@dataclass(frozen=True, slots=True)
class ReportYears:
    """The two years of a work report.

    Attributes:
        turn: Clean offset from which on it tells of the year ahead.
        year: That year; before the turn it is the one before.
    """

    turn: int
    year: int

    def at(self, offset: int) -> tuple[int, ...]:
        """The year that is told of at a clean offset."""
        return (self.year if offset >= self.turn else self.year - 1,)


def report_years(text: str, names: Sequence[str]) -> ReportYears | None:
    """The years of a work report; None where a text is none, its names tell no single year, or it does not turn.

    Args:
        text: Cleaned text of the part.
        names: Its title and its file's name.
    """
    if not any(_WORK_REPORT.search(name) for name in (*names, text[:200])):
        return None
    years = next(filter(None, map(find_years, names)), ())
    if len(years) != 1:
        return None
    (year,) = years
    turns = re.compile(
        rf"(?:^|[\n。；：])[^\n。；]{{0,6}}?(?P<turn>(?:{year}年|今年|新的一年)[^\n。；，]{{0,30}}"
        r"(?:目标|任务|安排|打算|总体要求|工作要求|重点|思路|部署)|(?:经济社会发展)?主要预期目标[是为：])"
    )
    found = turns.search(text, int(_LEAST_BEFORE * len(text)))
    return ReportYears(found.start("turn"), year) if found else None
