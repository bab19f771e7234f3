"""Characters: which script a text is in, one width for all, and text that any database or tokenizer takes.

The classes below are parts of regular expressions, to be put between brackets. Not covered: what a character means.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = [
    "HAN",
    "KANA",
    "UNSPACED",
    "compatible",
    "has_unspaced_word",
    "is_chinese",
    "is_wide",
    "narrow",
    "whole_text",
]

HAN: Final = "々〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Chinese characters: CJK ideographs with extensions, 々 and 〇."""
KANA: Final = "\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff"
UNSPACED: Final = "\u3040-\u9fff\uac00-\ud7af"
"""Characters of scripts whose words are not set apart by spaces: kana, Chinese characters, hangul."""

_NARROW: Final = str.maketrans("０１２３４５６７８９．％／－", "0123456789.%/-")
_UNSPACED_WORD: Final = re.compile(f"[{UNSPACED}]{{2}}")


def is_chinese(text: str, *, least: int = 1) -> bool:
    """Whether a text holds ``least`` Chinese characters in a row.

    >>> is_chinese("新建 5 座桥"), is_chinese("新建 5 座桥", least=3), is_chinese("five bridges")
    (True, False, False)
    """
    return re.search(f"[{HAN}]{{{least}}}", text) is not None


def has_unspaced_word(text: str) -> bool:
    """Whether a text holds a Chinese, Japanese or Korean word: two such characters in a row."""
    return _UNSPACED_WORD.search(text) is not None


def is_wide(character: str) -> bool:
    """Whether a character is as wide as a Chinese one: one of those scripts, or one of their marks."""
    return character >= "\u2e80"


def narrow(text: str) -> str:
    """Full-width digits and the signs of figures made half-width; every offset stays.

    >>> narrow("２０１９年达９０．２％")
    '2019年达90.2%'
    """
    return text.translate(_NARROW)


def compatible(text: str) -> str:
    """All compatibility forms united (Unicode NFKC): the text may become longer or shorter.

    >>> compatible("１，２３４ ㎡")
    '1,234 m2'
    """
    return unicodedata.normalize("NFKC", text)


def whole_text(text: str) -> str:
    r"""Put ``?`` for half surrogate pairs: broken files, consoles and file names give them, UTF-8 cannot hold them.

    >>> whole_text("a\ud800b")
    'a?b'
    """
    return text.encode("utf-8", "replace").decode("utf-8")
