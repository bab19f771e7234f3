"""Questions of a figure in an English or Japanese sentence.

English: the subject of a plain verb of being or changing ("Visits rose by 12 per cent" -> "By how much did visits
rise?"); Japanese: what stands before は and the figure that ends the sentence. Other forms are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rag.evaluation.exam.figures_zh import FigureForms
from rag.text.figures import Figure, find_figures
from rag.text.numbering import read_heading_number

__all__ = ["english_forms", "japanese_forms"]

_BASE: Final = {
    "rose": "rise", "grew": "grow", "increased": "increase", "fell": "fall", "dropped": "drop", "declined": "decline",
    "decreased": "decrease",
}  # fmt: skip
_CHANGED: Final = re.compile(
    rf"(?P<who>[A-Za-z][^,;:.()]{{3,80}}?) (?:has |have )?(?P<did>{'|'.join(_BASE)}) (?P<how>by|to) "
)
_BEING: Final = re.compile(
    r"(?P<who>(?:[Tt]he|[Tt]otal|[Oo]verall|[Aa]verage|[Aa]nnual) [^,;:.()]{6,80}?) "
    r"(?P<is>is|was|reached|totalled|amounted to|stood at|will be) (?:about |around |over |nearly )?"
)
_THERE: Final = re.compile(r"There (?P<are>are|were) (?:about |around |over |nearly )?")
_WILL: Final = re.compile(
    r"(?P<who>[Tt]he [^,;:.()]{3,60}?) (?P<aux>will|would|has|have) (?P<verb>[a-z]+) (?:about |around |over |nearly )?"
)
_POINTS_BACK: Final = (
    "This ",
    "It ",
    "They ",
    "These ",
    "which ",
    "who ",
    "it ",
    "they ",
    "of which ",
    "and ",
    "We ",
    "we ",
)
MOST_WORDS: Final = 12
_ENDS_JA: Final = (
    "",
    "です",
    "である",
    "でした",
    "だった",
    "となった",
    "となっている",
    "となっています",
    "に達した",
    "になった",
)


def english_forms(sentence: str) -> Iterator[FigureForms]:
    """Questions of the one figure of an English sentence."""
    figures = [figure for figure in find_figures(sentence) if figure.kind != "date" and not figure.loose]
    if len(figures) != 1 or len(sentence) > 240:
        return
    figure = figures[0]
    rest = sentence[figure.end :].rstrip(" .;")
    begins = sentence.rfind(", ", 0, figure.start) + 2 if ", " in sentence[: figure.start] else 0
    number = read_heading_number(sentence, 0, len(sentence))
    begins = max(begins, number.end if number else 0)
    if sentence[begins:].startswith(_POINTS_BACK):
        return
    for pattern in (_CHANGED, _BEING, _THERE, _WILL):
        match = pattern.match(sentence, begins)
        if match and match.end() == figure.start:
            yield from _english(match, figure, rest)
            return


def _english(match: re.Match[str], figure: Figure, rest: str) -> Iterator[FigureForms]:
    told = match.groupdict()
    who = told.get("who", "")
    low = who[:1].lower() + who[1:] if who.split(" ", 1)[0] in ("The", "Total", "Overall", "Average", "Annual") else who
    start, end = figure.start, figure.end
    if told.get("did"):
        lead = "By how much" if told["how"] == "by" else "To what level"
        forms: tuple[str, ...] = (f"{lead} did {low} {_BASE[told['did']]}",)
        about = f"{low} {told['did']} {told['how']}"
    elif told.get("is"):
        verb = "was" if told["is"] not in ("is", "will be") else told["is"]
        forms = (f"What {verb} {low}",) if verb != "will be" else (f"What will {low} be",)
        about = low
    else:
        words = rest.split()
        if not words or figure.kind != "number" or len(words) > MOST_WORDS:
            return
        about = f"{low} {told.get('verb', '')} {' '.join(words)}".strip()
        forms = (_counted(told, low, figure, " ".join(words)),)
    yield FigureForms("figure", forms, start, end, about, figure.value, figure.unit or figure.kind, "")


def _counted(told: dict[str, str], who: str, figure: Figure, what: str) -> str:
    if not told.get("verb"):
        return f"How many {what} {told['are']} there"
    if figure.unit.endswith("元"):
        return f"How much {told['aux']} {who} {told['verb']} {what}"
    return f"How many {what} {told['aux']} {who} {told['verb']}"


def japanese_forms(sentence: str) -> Iterator[FigureForms]:
    """Questions of the one figure of a Japanese sentence."""
    figures = [figure for figure in find_figures(sentence) if figure.kind != "date" and not figure.loose]
    if len(figures) != 1 or len(sentence) > 120 or "は" not in sentence[: figures[0].start]:
        return
    figure = figures[0]
    subject, _, between = sentence[: figure.start].partition("は")
    rest = sentence[figure.end :].rstrip("。 ")
    unit = next((rest.removesuffix(ending) for ending in _ENDS_JA[1:] if rest.endswith(ending)), rest)
    if len(subject) < 4 or len(unit) > 3 or between.strip("約およそ、 ") or "、" in subject[-1:]:
        return
    asked = f"何{unit}" if unit else "何パーセント" if figure.kind == "percent" else "いくつ"
    forms = (f"{subject}は{asked}ですか", f"{subject}はどのくらいですか")
    end = figure.end + len(unit)
    yield FigureForms("figure", forms, figure.start, end, subject, figure.value, unit or figure.kind, "")
