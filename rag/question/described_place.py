"""A place that a question describes instead of naming it: "the city that plans X". Does not search for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rag.text.unicode import HAN

__all__ = ["Description", "describes_place"]

_KIND: Final = rf"(?:城市|地级市|市|区|县|州|省|地区|地方|[{HAN}]{{0,6}}?[局委厅])"


_DESCRIBED: Final = re.compile(
    rf"^(?P<what>[^？?。]{{4,60}}?)的(?:那|这|是哪)(?:一)?(?:座|个|所|家)?(?P<kind>{_KIND})[，,、：:]\s*(?P<rest>[^？?]{{4,}}[？?]?)"
    r"(?P<tail>.*)$"
)


_DESCRIBED_EN: Final = re.compile(
    r"(?P<before>^.*?)\bthe (?P<kind>city|district|county|province|place|bureau) (?:that|which|where) "
    r"(?P<what>[^,?]{8,80})(?P<tail>[,?].*)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Description:
    """A described place in a question.

    Attributes:
        what: What is said of it.
        before: The question before the description.
        after: The question behind it.
    """

    what: str
    before: str
    after: str

    def with_place(self, place: str) -> str:
        """The question with the place named."""
        gap = " " if self.before else ""
        return f"{self.before}{gap if not self.before.endswith(' ') else ''}{place}{self.after}"


def describes_place(question: str) -> Description | None:
    """The described place of a question, where it has one.

    >>> describes_place("计划建三号码头的那座城市，去年吞吐量是多少？").with_place("海州市")
    '海州市去年吞吐量是多少？'
    """
    if match := _DESCRIBED.match(question.strip()):
        return Description(match["what"], "", match["rest"] + match["tail"])
    if match := _DESCRIBED_EN.match(question.strip()):
        return Description(match["what"], match["before"], match["tail"])
    return None
