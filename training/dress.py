"""In what words a question is asked, behind which heading its window stands, how sentences and questions are joined."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from training.headings import Setting, ask_within, heading_of

if TYPE_CHECKING:
    from random import Random

__all__ = ["Dress", "as_one_sentence", "join_questions", "prefix"]


@dataclass(frozen=True, slots=True)
class Dress:
    """How a question is asked, and of which paper.

    Attributes:
        asked: The question.
        lang: Its language.
        setting: Who reports on which year; None where the window has no heading.
        naming: What of the setting the question names, as :func:`training.headings.ask_within` takes it; or nothing.
        in_section: Whether the section tells the year, and the title another.
    """

    asked: str
    lang: str
    setting: Setting | None = None
    naming: str = ""
    in_section: bool = False

    def put_on(self, rng: Random) -> tuple[str, str]:
        """The question in a form, and a heading."""
        if self.setting is None:
            return self.asked, ""
        asked = ask_within(self.asked, self.lang, self.setting, self.naming, rng) if self.naming else self.asked
        return asked, heading_of(self.setting, rng, year_in_section=self.in_section)


def prefix(setting: Setting, naming: str, rng: Random) -> str:
    """What a sentence begins with that is of this setting: its place, its year, or both."""
    year, place = f"{setting.year}年", setting.place
    forms = {
        "both": (year + place, place + year, f"{year}，{place}"),
        "place": (place, setting.who),
        "year": (year, year + "，"),
    }
    return rng.choice(forms[naming])


def as_one_sentence(text: str, rng: Random) -> str:
    """The window's sentences strung together with commas, as official papers do it; no offset changes."""
    return re.sub("[。；](?=.)", lambda _: rng.choice("，，；"), text)


def join_questions(one: str, two: str, lang: str, rng: Random) -> str:
    """Two questions as one: ``X是哪年建的，面积是多少？``; what both begin with is said once."""
    if lang == "en":
        return f"{one.rstrip('? ')} and {two[:1].lower()}{two[1:]}"
    if lang == "ja":
        return one.rstrip("?？。") + rng.choice(("、また", "？また、", "、そして")) + two
    common = 0
    while common < min(len(one), len(two)) and one[common] == two[common]:
        common += 1
    rest = two[common:] if common >= 2 and rng.random() < 0.8 else two
    link = rng.choice(("？", "，", "，", "？又", "，而", "；", "，以及", "？另外，"))
    return one.rstrip("？? 。") + link + rest
