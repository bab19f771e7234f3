"""Whether the text layer of a page is writing. A font without a usable table of its characters makes one that is not.

Judged by what is true of any writing in its script, not by any language's list of errors. Pure.

Not covered: layers whose digits alone are exchanged, and exchanged letters of scripts other than Chinese and Latin.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from rag.text.unicode import HAN, KANA, compatible
from rag.text.words import known_words, simplify

__all__ = ["LayerFault", "faults_of_pages"]

LayerFault: TypeAlias = Literal["", "empty", "gibberish"]

MOST_LOST: Final = 0.1
"""Share of characters that are private, lost, controls or none at all; the bank's 3 PDF files have none on any page."""
LEAST_LOST: Final = 5
LEAST_KNOWN: Final = 0.35
"""Share of a page's Chinese characters that stand in words of the dictionary. Lowest of 1,800 pieces of 20 documents
.56, of three of classical Chinese .39; highest of as many with their characters exchanged .36."""
LEAST_HAN: Final = 40
MOST_HIGH: Final = 0.3
"""Share of characters from the upper half of Latin-1, where glyph numbers and bytes of other encodings end up; French
and German have below .1."""
LEAST_HIGH: Final = 10
MOST_FOREIGN: Final = 0.05
"""Share of neighbouring letters that are of two alphabets; in writing a word is of one."""
LEAST_NEIGHBOURS: Final = 20
MOST_UNSPEAKABLE: Final = 0.2
"""Share of different Latin words of four letters or more without a vowel; in 3,600 pieces of 38 documents of a page or
less all measures together called none gibberish."""
LEAST_WORDS: Final = 15
MOST_ODD: Final = 0.5
"""Share of Latin words with capitals, figures or marks in their midst, in text of which they are a third; below .2 in 8
documents."""
LEAST_TOKENS: Final = 30
LEAST_LIKE_LATIN: Final = 0.2
"""Correlation of how often each Latin letter comes with how often it does in English: above .6 in 1,259 pieces of
English, .8 of German and French, .38 of pinyin; below .35 in 95 of 100 pieces with their letters exchanged."""
LEAST_LETTERS: Final = 150

# How often each letter comes in English, in percent: P. Norvig, English letter frequency counts, 2012.
_LETTERS: Final = "etaoinsrhldcumfpgwybvkxjqz"
_PERCENT: Final = (
    *(12.49, 9.28, 8.04, 7.64, 7.57, 7.23, 6.51, 6.28, 5.05, 4.07, 3.82, 3.34, 2.73),
    *(2.51, 2.40, 2.14, 1.87, 1.68, 1.66, 1.48, 1.05, 0.54, 0.23, 0.16, 0.12, 0.09),
)
_HAN_RUN: Final = re.compile(f"[{HAN}]{{6,}}")  # shorter ones may be names, which no dictionary has
_KANA: Final = re.compile(f"[{KANA}]")
_LATIN_WORD: Final = re.compile("[A-Za-z]+")
_PLAIN_TOKEN: Final = re.compile(
    r"[^\w]*(?:[A-Za-z]?[a-z]+|[A-Z]+)(?:[-'’./&](?:[A-Za-z]?[a-z]+|[A-Z]+))*[^\w]*[\d\W]*"
)
_VOWELS: Final = frozenset("aeiouy")
_LOST: Final = frozenset({"Co", "Cn", "Cc", "Cs"})
_ALPHABETS: Final = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "HEBREW", "ARABIC", "THAI", "GEORGIAN", "DEVANAGARI")


def faults_of_pages(pages: Sequence[str]) -> list[LayerFault]:
    """What is wrong with each page's text; "" where nothing is.

    A page with too little text to be judged is judged by the others of its file: their fonts are the same.
    """
    told = [_judged(page) for page in pages]
    judged = [fault for fault in told if fault in ("good", "gibberish")]
    if judged and all(fault == "gibberish" for fault in judged):
        return ["empty" if fault == "empty" else "gibberish" for fault in told]
    return ["gibberish" if fault == "gibberish" else "empty" if fault == "empty" else "" for fault in told]


def _judged(text: str) -> Literal["empty", "gibberish", "good", "short"]:
    letters = [ch for ch in text if not ch.isspace()]
    if not letters:
        return "empty"
    lost = sum(ch == "\ufffd" or unicodedata.category(ch) in _LOST for ch in letters)
    high = sum("\x80" <= ch <= "\xff" for ch in letters)
    if (lost >= min(LEAST_LOST, len(letters)) and lost > MOST_LOST * len(letters)) or (
        high >= LEAST_HIGH and high > MOST_HIGH * len(letters)
    ):
        return "gibberish"
    verdicts = [verdict for verdict in _verdicts(text) if verdict is not None]
    if not verdicts:
        return "short"
    return "gibberish" if any(verdicts) else "good"


def _verdicts(text: str) -> Iterator[bool | None]:
    """Of each measure whether it says gibberish; None where there is too little that it measures."""
    text = compatible(text)
    yield _is_no_chinese(text)
    yield _mixes_alphabets(text)
    folded = "".join(ch for ch in unicodedata.normalize("NFKD", text) if not unicodedata.combining(ch))
    words = sorted({word.lower() for word in _LATIN_WORD.findall(folded)})  # an address on each row says nothing
    yield _is_unspeakable(words)
    yield _has_odd_words(folded)
    yield _is_unlike_latin("".join(words))


def _is_no_chinese(text: str) -> bool | None:
    runs = [] if _KANA.search(text) else _HAN_RUN.findall(simplify(text))
    n_chars = sum(map(len, runs))
    if n_chars < LEAST_HAN:
        return None
    n_known = sum(len(word) for run in runs for word in known_words(run) if len(word) > 1)
    return n_known < LEAST_KNOWN * n_chars


def _mixes_alphabets(text: str) -> bool | None:
    alphabets = [_alphabet(ch) for ch in text]
    neighbours = [(one, other) for one, other in pairwise(alphabets) if one and other]
    if len(neighbours) < LEAST_NEIGHBOURS:
        return None
    return sum(one != other for one, other in neighbours) > MOST_FOREIGN * len(neighbours) or None


def _alphabet(character: str) -> str:
    """The alphabet of a letter; empty for what is none or belongs to Chinese, Japanese or Korean."""
    if character.isascii():
        return "LATIN" if character.isalpha() else ""
    name = unicodedata.name(character, "") if unicodedata.category(character) in ("Ll", "Lu", "Lo") else ""
    return next((alphabet for alphabet in _ALPHABETS if name.startswith(f"{alphabet} ")), "")


def _is_unspeakable(words: Sequence[str]) -> bool | None:
    longer = [word for word in words if len(word) >= 4]
    if len(longer) < LEAST_WORDS:
        return None
    return sum(not _VOWELS & set(word) for word in longer) > MOST_UNSPEAKABLE * len(longer)


def _has_odd_words(text: str) -> bool | None:
    tokens = [token for token in text.split() if token.isascii() and sum(map(str.isalpha, token)) >= 3]
    if len(tokens) < LEAST_TOKENS or 3 * sum(map(len, tokens)) < sum(map(len, text.split())):
        return None
    return sum(not _PLAIN_TOKEN.fullmatch(token) for token in tokens) > MOST_ODD * len(tokens)


def _is_unlike_latin(letters: str) -> bool | None:
    if len(letters) < LEAST_LETTERS:
        return None
    counts = Counter(letters)
    found = [float(counts[letter]) for letter in _LETTERS]
    return _correlation(found, _PERCENT) < LEAST_LIKE_LATIN


def _correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Pearson's, of two rows of numbers; 0 where one of them never changes."""
    mean, other_mean = sum(one) / len(one), sum(other) / len(other)
    together = sum((a - mean) * (b - other_mean) for a, b in zip(one, other, strict=True))
    spread = sum((a - mean) ** 2 for a in one) * sum((b - other_mean) ** 2 for b in other)
    return together / spread**0.5 if spread else 0.0
