"""Bytes whose encoding nobody told -> text, and what of it could not be read.

UTF-8 checks itself; a byte order mark is believed where what follows fits. Else the text is read in each encoding that
Chinese and Japanese files have, and the one that makes the most characters of daily use is taken; then statistics
decide. No file is refused for a few bad bytes: each run of them becomes one U+FFFD, and the count is told.

Not covered: files with parts in more than two encodings, and those of two encodings other than UTF-8 and GB 18030.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import groupby
from typing import Final

from rag.documents.load.signatures import AS_TEXT, refuse_containers
from rag.errors import DocumentEncodingError, DocumentFormatError

__all__ = ["Decoded", "decode", "decode_as", "decode_name", "decode_text"]

REPLACEMENT: Final = "\ufffd"
# A byte order mark decides; UTF-32 first, because its mark begins with UTF-16's. The last is what programs write that
# put a mark before every piece.
BOMS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
MOST_BAD: Final = 0.1
"""Share of a text that may be unreadable; a picture read as text has a third, in 200 files of random bytes."""
LEAST_COMMON: Final = 0.7
"""Share of characters of daily use in a text of the right encoding; in a wrong one it is below .6 (20 texts in 5)."""
_PIECE_BYTES: Final = 1 << 14
_TELLING_BYTES: Final = 1 << 18  # what statistics look at
_FEW: Final = 3
_LOOK_AHEAD: Final = 24  # bytes behind a bad one that tell where the next character begins
_CONTROLS: Final = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f\x7f\ufffe\uffff]")
_UNREADABLE: Final = re.compile("[\0\ufffd]+")
# Characters of daily use by the first byte they have in each standard: signs and kana, then the first level of
# ideographs (GB 2312-80; Big5-1984; JIS X 0208-1983).
_DAILY: Final = {
    "gb2312": ((0xA1, 0xA3), (0xB0, 0xD7)),
    "big5": ((0xA1, 0xC5),),
    "shift_jis": ((0x81, 0x83), (0x88, 0x98)),
    "euc_jp": ((0xA1, 0xA1), (0xA3, 0xA5), (0xB0, 0xCF)),
}
_DOUBLE_BYTE: Final = {
    "gb18030": ("gb2312", "big5"),
    "big5": ("big5",),
    "shift_jis": ("shift_jis",),
    "euc_jp": ("euc_jp",),
}
_NAMED_WITHOUT_THOUGHT: Final = ("iso-8859-1", "latin-1", "us-ascii", "ascii", "utf-16", "utf-7", "idna", "punycode")
"""Encodings that pages name and are not in, or that have no characters of their own."""
_SIXTEEN_BITS: Final = ("utf-16-le", "utf-16-be")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text as it was read.

    Attributes:
        text: The text, U+FFFD where something could not be read.
        encoding: How it was read, for people.
        n_replaced: How many places could not be read.
        first: Offset of the first one; -1 where there is none.
    """

    text: str
    encoding: str
    n_replaced: int = 0
    first: int = -1

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be read, in a sentence; empty where all could."""
        if not self.n_replaced:
            return ()
        line = self.text.count("\n", 0, self.first) + 1
        place = f"the first is character {self.first + 1:,}, in line {line:,}"
        return (f"Not readable as {self.encoding}, with U+FFFD in its place: {self.n_replaced:,} ({place}).",)


def decode(content: bytes, *, name: str, guess: bool = True) -> tuple[str, str]:
    """Decode bytes whose encoding nobody told; see :func:`decode_text`.

    Returns:
        The text and the encoding's name.
    """
    read = decode_text(content, name=name, guess=guess)
    return read.text, read.encoding


def decode_text(content: bytes, *, name: str, guess: bool = True) -> Decoded:
    """Decode bytes whose encoding nobody told.

    Args:
        content: The file's bytes.
        name: The file's name, for messages.
        guess: Whether statistics may decide; they need more text than a list of questions has.

    Raises:
        DocumentFormatError: The bytes are no text.
        DocumentEncodingError: No encoding fits.
    """
    refuse_containers(content, name)
    mark, encoding = next(((mark, encoding) for mark, encoding in BOMS if content.startswith(mark)), (b"", ""))
    if mark and (read := _marked(content, encoding)):
        return read
    content = content.removeprefix(mark)
    with suppress(UnicodeDecodeError):
        if b"\x00" not in content:
            return Decoded(content.decode("utf-8"), "utf-8")
    read = _likeliest(content)
    if read is None and b"\x00" in content:
        raise DocumentFormatError(f"{name} is binary, not text. {AS_TEXT}")
    if read is None:
        read = _by_statistics(content) if guess and not mark else _read(content, "gb18030")
    if read is None or not read.text or (read.n_replaced and not guess):
        raise DocumentEncodingError(
            f"{name} fits no text encoding (UTF-8, GB 18030 and others were tried). Save it as UTF-8 and index that."
        )
    return read


def decode_name(raw: bytes) -> str | None:
    """A file's name in an archive that does not tell its encoding; None where none of the usual ones fits."""
    with suppress(UnicodeDecodeError):
        return raw.decode("utf-8")
    read = _likeliest(raw)
    return read.text if read and not read.n_replaced else None


def decode_as(content: bytes, encoding: str, *, name: str) -> Decoded | None:
    """Decode bytes that are said to be in an encoding; None where they are not, or where a mark says more.

    Args:
        content: The file's bytes.
        encoding: As a page or a message names it. GB 2312 and GBK are read as GB 18030, which holds both.
        name: The file's name, for messages.

    Raises:
        DocumentFormatError: The bytes are no text.
    """
    refuse_containers(content, name)
    told = encoding.lower().replace("_", "-")
    told = "gb18030" if told.startswith(("gb", "x-gb", "cp936")) else told
    if not told or told in _NAMED_WITHOUT_THOUGHT or any(content.startswith(mark) for mark, _ in BOMS):
        return None
    try:
        codecs.getincrementaldecoder(told)
        read = _read(content, told)
    except (LookupError, ValueError):
        return None
    return read if read.text and 100 * read.n_replaced <= len(read.text) else None


def _marked(content: bytes, encoding: str) -> Decoded | None:
    """What follows a byte order mark, where it is what the mark says; further marks are left out too."""
    read = _read(content, encoding)
    text = read.text.lstrip("\ufeff")
    n_marks = len(read.text) - len(text)
    return replace(read, text=text, first=max(-1, read.first - n_marks)) if text else None


def _likeliest(content: bytes) -> Decoded | None:
    """The text in the encoding that makes the most of it daily characters; None where none makes enough of it."""
    piece = _telling_piece(content)
    shares = {each: _common_share(_read(piece, each)) for each in ("utf-8", *_DOUBLE_BYTE, *_SIXTEEN_BITS)}
    best = max(shares, key=lambda each: shares[each])
    read = _read(content, best if shares[best] >= LEAST_COMMON else "utf-8")
    if read.n_replaced or not read.text:
        read = max(read, _mixed(content), key=_common_share)
    return read if read.text and _common_share(read) >= LEAST_COMMON else None


def _telling_piece(content: bytes) -> bytes:
    """The bytes from the first one on that is no ASCII, at an even offset: of 16 bits a character begins there."""
    told = re.search(rb"[\x00\x80-\xff]", content)
    start = told.start() // 2 * 2 if told else 0
    return content[start : start + _PIECE_BYTES]


def _read(content: bytes, encoding: str) -> Decoded:
    """The text in an encoding, one U+FFFD for each run of bytes that it does not know; empty where they are many."""
    decoder = codecs.getincrementaldecoder(encoding)(_handler(encoding))
    pieces, n_bad, n_chars = [], 0, 0
    for start in range(0, len(content), _PIECE_BYTES):
        end = start + _PIECE_BYTES
        piece = decoder.decode(content[start:end], end >= len(content))
        pieces.append(piece)
        n_bad += piece.count(REPLACEMENT) + len(_CONTROLS.findall(piece))
        n_chars += len(piece)
        if n_bad > MOST_BAD * n_chars:
            return Decoded("", encoding)
    text = _UNREADABLE.sub(REPLACEMENT, "".join(pieces))
    return Decoded(text, encoding, text.count(REPLACEMENT), text.find(REPLACEMENT))


@cache
def _handler(encoding: str) -> str:
    """The name under which Python knows what to do with bytes that an encoding does not have."""
    name = f"youju-{encoding}"
    codecs.register_error(name, partial(_replaced, double=encoding in _DOUBLE_BYTE))
    return name


def _replaced(error: UnicodeError, *, double: bool) -> tuple[str, int]:
    """U+FFFD, and where to go on; of a double-byte encoding where the next bytes make the most sense."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if not double:
        return REPLACEMENT, error.end
    content, encoding = error.object, error.encoding
    ends = [end for end in (error.start + n for n in (1, 2, 3)) if end <= len(content)]
    return REPLACEMENT, max(ends, key=lambda end: (_sense(content[end : end + _LOOK_AHEAD], encoding), -end))


def _sense(piece: bytes, encoding: str) -> int:
    text, daily = piece.decode(encoding, "ignore"), _daily(_DOUBLE_BYTE[encoding])
    return sum(1 if ch in daily else -1 for ch in text if ord(ch) > 0x7F)


def _mixed(content: bytes) -> Decoded:
    """Lines of UTF-8 among lines of GB 18030, each stretch of them read as what it is."""
    pieces: list[Decoded] = []
    for _, lines in groupby(content.splitlines(keepends=True), key=_is_utf_8):
        stretch = b"".join(lines)
        pieces.append(max((_read(stretch, each) for each in ("utf-8", "gb18030")), key=_common_share))
    text = "".join(piece.text for piece in pieces)
    if not all(piece.text for piece in pieces):
        return Decoded("", "utf-8")
    name = "+".join(sorted({piece.encoding for piece in pieces if not piece.text.isascii()}, reverse=True))
    return Decoded(text, name or "utf-8", text.count(REPLACEMENT), text.find(REPLACEMENT))


def _is_utf_8(line: bytes) -> bool:
    with suppress(UnicodeDecodeError):
        return bool(line.decode("utf-8") or True)
    return False


def _common_share(read: Decoded) -> float:
    """How much of what is not ASCII is in daily use; in UTF-8 all that fits, since it checks itself.

    Sixteen bits make an ideograph of any two letters, so letters count there too.
    """
    counts = Counter(read.text)
    if read.encoding not in _SIXTEEN_BITS:
        counts = Counter({ch: n for ch, n in counts.items() if ord(ch) > 0x7F})
    if not counts:
        return float(bool(read.text) and read.encoding == "utf-8")
    checked = read.encoding.startswith("utf-8")
    daily = _daily(_DOUBLE_BYTE.get(read.encoding, tuple(_DAILY)))
    known = sum(n for ch, n in counts.items() if ch != REPLACEMENT and (checked or ch in daily))
    return known / counts.total()


@cache
def _daily(standards: tuple[str, ...]) -> frozenset[str]:
    """ASCII, and the characters of daily use of some standards."""
    trails = (*range(0x40, 0x7F), *range(0x80, 0xFF))
    pairs = (
        bytes((lead, trail)).decode(standard, "ignore")
        for standard in standards
        for first, last in _DAILY[standard]
        for lead in range(first, last + 1)
        for trail in trails
    )
    return frozenset({*map(chr, range(0x80)), *(pair for pair in pairs if len(pair) == 1)})


def _is_western(byte: bytes) -> bool:
    """Whether a byte is a letter or a mark of Western texts; FF is what was never written."""
    letter = byte.decode("cp1252", "replace")
    return letter != "ÿ" and (letter.isalpha() or letter in "“”‘’–—…•€°§©")


def _by_statistics(content: bytes) -> Decoded | None:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - rarely needed

    few = re.findall(rb"[\x80-\xff]", content)[:_FEW]
    if len(few) < _FEW:  # too little for statistics
        return _read(content, "cp1252" if all(map(_is_western, few)) else "utf-8")
    piece = content[:_TELLING_BYTES]
    matches = from_bytes(piece[: piece.rfind(b"\n") + 1] or piece if len(piece) < len(content) else content)
    best = matches.best()
    if best is None:
        return None
    for match in matches:  # of encodings that read alike, the commonest: French is no Baltic language
        if match.encoding == "cp1252" and match.coherence >= best.coherence and match.chaos < best.chaos + 0.1:
            best = match
    return _read(content, best.encoding)
