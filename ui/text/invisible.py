"""Characters that are not seen, in one list: controls, what reorders text or hides in it, halves of characters.

A file name must not read backwards, nor a quote carry unseen words. Two rules: running text keeps line breaks, tabs and
the joiners that some scripts need (U+200B to U+200D); a name keeps none of them. Knows nothing of HTML or Markdown.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["HIDDEN", "LINE_BREAKS", "SURROGATES", "letters_only", "seen_name", "seen_text"]

# Unicode's categories Cc and Cf without tab, line feed, joiners, and signs that are seen or shape what is seen.
HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
LINE_BREAKS: Final = re.compile("\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")
SURROGATES: Final = re.compile("[\ud800-\udfff]")  # half a character; cannot be sent as UTF-8
_NOT_IN_NAMES: Final = frozenset(["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])


def seen_text(text: str) -> str:
    r"""Text without what hides in it; every kind of line break becomes ``\n``, half a character U+FFFD.

    >>> seen_text("a\u202eb\r\nc")
    'ab\nc'
    """
    return SURROGATES.sub("\ufffd", HIDDEN.sub("", LINE_BREAKS.sub("\n", text)))


def seen_name(name: str) -> str:
    r"""The last part of a path, without any character that is not seen.

    >>> seen_name("C:\\x\\题\u200b目.csv"), seen_name("../../etc/pass\u202ewd.txt"), seen_name("/")
    ('题目.csv', 'passwd.txt', '')
    """
    last = re.split(r"[/\\]", name)[-1]
    return "".join(char for char in last if unicodedata.category(char) not in _NOT_IN_NAMES)


def letters_only(text: str, *, between: str) -> str:
    """The letters and digits of a text, with one sign for whatever stands between them: a name that any system takes.

    >>> letters_only("a/b: 桥.csv", between="_")
    'a_b_桥_csv'
    """
    return re.sub(r"[\W_]+", " ", text).strip().replace(" ", between)
