"""Question + window -> token ids, the same in training and in use.

``<s> question </s></s> heading </s> text </s>``; the answer is a span of the text, or the first token where the text
does not hold it. Everything is brought to simplified characters and plain digits, without a change of length, so
that the reader knows one script and its offsets hold in the text as given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rag.errors import ModelCorruptError
from rag.text.unicode import narrow, whole_text
from rag.text.words import simplify
from rag.text.years import digits_of_han_years

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tokenizers import Tokenizer

__all__ = ["MAX_TOKENS", "Encoded", "Window", "encode_window", "heading_line", "load_tokenizer", "normalise"]

MAX_TOKENS: Final = 512
"""What the encoder's position table holds."""
_QUESTION_TOKENS: Final = 160
_HEADING_TOKENS: Final = 96
_MARK: Final = re.compile(r"[<＜﹤](?=/?(?:s|pad|unk|mask)[>＞﹥])")
_BOS, _EOS = 0, 2  # <s> and </s> of the XLM-R vocabulary, which the reader's encoder has


@dataclass(frozen=True, slots=True)
class Window:
    """What is read at once.

    Attributes:
        heading: Whose text it is: place, years, title and heading path as one line; see :func:`heading_line`.
        text: One to a few sentences.
    """

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Encoded:
    """A question and a window as the network takes them.

    Attributes:
        ids: Token ids; at most ``MAX_TOKENS``.
        first: Position of the first token of the text.
        offsets: (start, end) of each token of the text, in code points of ``Window.text``.
    """

    ids: list[int]
    first: int
    offsets: list[tuple[int, int]]


def heading_line(place: str, years: Sequence[int], title: str, heading: Sequence[str]) -> str:
    """Whose text a window is, as one line.

    >>> heading_line("X市", (2019, 2020), "工作报告", ("二、明年计划",))
    'X市 2019-2020 工作报告 > 二、明年计划'
    """
    known = [place, "-".join(str(year) for year in sorted({min(years), max(years)})) if years else "", title]
    return " > ".join(filter(None, [" ".join(filter(None, known)), *heading]))


def normalise(text: str) -> str:
    """Simplified characters and plain digits, each at the place of the one it stands for.

    >>> normalise("臺灣的經濟"), normalise("二〇一九年的３座")
    ('台湾的经济', '2019年的3座')
    """
    converted = simplify(text)
    if len(converted) != len(text):  # a few words change their length in conversion; single characters do not
        converted = "".join(_one(ch) for ch in text)
    return digits_of_han_years(narrow(converted))


def encode_window(tokenizer: Tokenizer, question: str, window: Window) -> Encoded:
    """Token ids of a question and a window; what is too long is cut at its end, of a heading at its beginning."""
    asked = _ids(tokenizer, question)[:_QUESTION_TOKENS]
    heading = _ids(tokenizer, window.heading)[-_HEADING_TOKENS:]
    before = [_BOS, *asked, _EOS, _EOS, *heading, _EOS]
    room = MAX_TOKENS - len(before) - 1
    text = tokenizer.encode(_encodable(normalise(window.text)), add_special_tokens=False)
    return Encoded([*before, *text.ids[:room], _EOS], len(before), list(text.offsets[:room]))


def load_tokenizer(encoder: Path) -> Tokenizer:
    """The tokenizer of an encoder's folder, neither cutting nor padding.

    Raises:
        ModelCorruptError: It cannot be read.
    """
    from tokenizers import Tokenizer  # noqa: PLC0415 - heavy

    try:
        tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    except Exception as error:  # the library raises nothing more special
        raise ModelCorruptError(f"{encoder / 'tokenizer.json'} cannot be read: {error}.") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _ids(tokenizer: Tokenizer, text: str) -> list[int]:
    ids: list[int] = tokenizer.encode(_encodable(normalise(text)), add_special_tokens=False).ids
    return ids


def _encodable(text: str) -> str:
    """The tokenizer is not Python's: it takes no half of a surrogate pair, and ``</s>`` in a text for its own mark."""
    return whole_text(_MARK.sub("‹", text))


def _one(ch: str) -> str:
    converted = simplify(ch)
    return converted if len(converted) == 1 else ch
