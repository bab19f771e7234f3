"""Split text into lexical tokens: what a question and a passage must share to be found by words.

Chinese runs give their words of two characters or more (jieba's dictionary, with the words inside long ones) and
every pair of neighbouring characters: words weigh what belongs together, pairs find what the dictionary lacks.
Latin words stand as they are, in lower case; figures too, without the commas of thousands. Traditional characters
become simplified, and in text with kana the Japanese forms too (経 -> 經 -> 经), so that one finds the other.

Not covered: stemming (``school`` does not find ``schools``), and scripts that write no spaces other than these.
Pure and stable: the same text gives the same tokens, whatever was tokenized before.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from rag.text.unicode import HAN, KANA, compatible, whole_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "content_words",
    "first_word",
    "known_words",
    "lexical_tokens",
    "mask_year_word",
    "simplify",
    "tag_words",
    "traditional",
]

_PIECE: Final = re.compile(
    rf"(?P<han>[{HAN}]+)"
    r"|(?P<kana>[\u3041-\u309f]+|[\u30a1-\u30fa\u30fc-\u30ff]+)"
    rf"|(?P<figure>\d+(?:[.,]\d+)*)(?P<percent>%?)(?![^\W_{HAN}{KANA}])"
    rf"|(?P<word>[^\W_{HAN}{KANA}]+)"
)
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_LEAST_WORD_LETTERS: Final = 4
_LEAST_WORD_CHARS: Final = 2
"""XQuAD zh, 240 contexts, 1,190 questions, FTS5's BM25, R@1: words 0.923, words of two or more 0.913,
pairs 0.929, all words and pairs 0.929, words of two or more and pairs 0.932 (one question is 0.0008)."""


def lexical_tokens(text: str) -> list[str]:
    """Tokens in order, with repetitions.

    Args:
        text: Any text: a passage or a question.

    Returns:
        Tokens without blanks or quotes.

    >>> lexical_tokens("2019年招收1,234名學生，達90.21%")
    ['2019', '招收', '年招', '招收', '1234', '学生', '名学', '学生', '达', '90.21', '90.21%']
    """
    text = simplify(compatible(text).lower())
    return [token for match in _PIECE.finditer(text) for token in _tokens_of(match)]


def simplify(text: str) -> str:
    """Traditional characters made simplified; in text with kana, the Japanese forms too.

    >>> simplify("臺灣的經濟"), simplify("経済の発展")
    ('台湾的经济', '经济の发展')
    """
    # The converter is C: it takes neither half a surrogate pair nor what follows a NUL.
    text = whole_text(text.replace("\0", " "))
    if re.search(f"[{KANA}]", text):
        text = _converter("jp2t")(text)
    return _converter("t2s")(text)


def traditional(text: str) -> str:
    """Simplified characters made traditional.

    >>> traditional("台湾的经济")
    '臺灣的經濟'
    """
    return _converter("s2t")(whole_text(text.replace("\0", " ")))


def content_words(text: str) -> set[str]:
    """Words that carry meaning: of two Chinese characters or more, or of four letters or more; no figures.

    >>> sorted(content_words("而云岭县的桥梁有12座"))
    ['云岭', '桥梁']
    """
    found: set[str] = set()
    for match in _PIECE.finditer(compatible(text).lower()):
        if match["han"]:
            found |= {word for word in _whole_words()(match.group()) if len(word) >= _LEAST_WORD_CHARS}
        elif match["word"] and len(match.group()) >= _LEAST_WORD_LETTERS:
            found.add(match.group())
    return found


def tag_words(text: str) -> list[tuple[str, str]]:
    """Words of a Chinese text with their part of speech in the segmenter's notation: ``ns`` is a place."""
    words: list[tuple[str, str]] = _tagger()(text)
    return words


def mask_year_word(text: str) -> str:
    """The text with a space for 年 behind a figure, which the segmenter takes into a name; every offset stays.

    >>> mask_year_word("2031年海州市")
    '2031 海州市'
    """
    return re.sub(r"(?<=[0-9])年", " ", text)


def known_words(text: str) -> list[str]:
    """A Chinese text cut into words of the dictionary; a character alone where it has none.

    >>> known_words("义务教育巩固"), known_words("犄夺胁")
    (['义务教育', '巩固'], ['犄', '夺', '胁'])
    """
    return _cutter_of_known_words()(text)


def first_word(text: str) -> str:
    """The word of the dictionary that a Chinese text begins with; a character alone where none does.

    >>> first_word("名师工程"), first_word("名教师"), first_word("")
    ('名师', '名', '')
    """
    words = known_words(text)
    return words[0] if words else ""


def _tokens_of(match: re.Match[str]) -> Iterator[str]:
    piece = match.group()
    if match["han"]:
        yield from (word for word in _cutter()(piece) if len(word) >= _LEAST_WORD_CHARS)
        yield from (piece[i : i + 2] for i in range(max(1, len(piece) - 1)))
    elif match["kana"]:
        if len(piece) > 1:  # a single one is a particle
            yield piece
    elif match["figure"]:
        figures = _split_figures(match["figure"])
        yield from figures
        if match["percent"]:
            yield f"{figures[-1]}%"
    else:
        yield piece


def _split_figures(text: str) -> list[str]:
    """``1,234.5`` is one figure, ``3,5,7`` is three, and so is the date ``2019.6.30``."""
    if _THOUSANDS.fullmatch(text):
        return [text.replace(",", "")]
    return [f for run in text.split(",") for f in ([run] if run.count(".") < 2 else run.split("."))]


@cache
def _converter(config: str) -> Callable[[str], str]:
    import opencc  # noqa: PLC0415 - loads its dictionaries

    convert: Callable[[str], str] = opencc.OpenCC(config).convert
    return convert


@cache
def _whole_words() -> Callable[[str], list[str]]:
    import rjieba  # noqa: PLC0415 - loads its dictionary

    cut: Callable[[str], list[str]] = rjieba.cut
    return cut


@cache
def _cutter_of_known_words() -> Callable[[str], list[str]]:
    import rjieba  # noqa: PLC0415 - loads its dictionary

    def cut(text: str) -> list[str]:
        words: list[str] = rjieba.cut(text, False)  # its second parameter guesses words that it does not know
        return words

    return cut


@cache
def _tagger() -> Callable[[str], list[tuple[str, str]]]:
    import rjieba  # noqa: PLC0415 - loads its dictionary

    tag: Callable[[str], list[tuple[str, str]]] = rjieba.tag
    return tag


@cache
def _cutter() -> Callable[[str], list[str]]:
    import rjieba  # noqa: PLC0415 - loads its dictionary

    cut: Callable[[str], list[str]] = rjieba.cut_for_search
    return cut
