"""Check and copy a question file that a user drops on the page.

What it holds is read by :mod:`rag.batch.question_file`, whose words tell what is wrong with it. Names and content are
untrusted: a name is only ever shown, never a path; a workbook is measured before it is unpacked. Knows nothing of
batches.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from typing import TYPE_CHECKING

from rag.batch.question_file import read_questions
from rag.errors import BatchError
from ui.text.invisible import seen_name
from ui.text.words import Lang, Words

if TYPE_CHECKING:
    from pathlib import Path

    from rag.batch.question_file import Question

__all__ = ["RefusedError", "read_set", "shown_name", "take_set"]

MOST_UNPACKED_BYTES = 100_000_000  # of a workbook; five thousand questions of 2,000 characters take 30 MB
MOST_NAME_CHARS = 120
_WORDS = Words(
    unknown=(
        "没有这个批次，它可能已被删除。请从列表中另选一个。",
        "There is no such batch; it may have been deleted. Choose another one of the list.",
    ),
    gone=(
        "文件没有收到，请重新拖入。",
        "The file did not arrive. Drop it again.",
    ),
    too_large=(
        "{name} 有 {found:,} 字节，最多 {most:,} 字节。请拆成几个文件。",
        "{name} has {found:,} bytes; at most {most:,} are taken. Split it into several files.",
    ),
    unpacks=(
        "{name} 解压后有 {found:,} 字节，最多 {most:,} 字节。请只留下问题，或另存为 csv。",
        "{name} unpacks to {found:,} bytes; at most {most:,} are taken. Keep the questions alone, or save it as csv.",
    ),
    too_many=(
        "{name} 有 {found:,} 题，最多 {most:,} 题。请拆成几个文件。",
        "{name} has {found:,} questions; at most {most:,} are taken. Split it into several files.",
    ),
    full=(
        "已有 {found} 个批次，最多 {most} 个。请先删除不再需要的。",
        "You have {found} batches; at most {most} are kept. Delete what you need no more.",
    ),
    active=("这个批次正在运行或排队。", "This batch is running or waiting already."),
    finished=("这个批次已经全部完成。", "This batch is finished; there is nothing left to ask."),
)


class RefusedError(BatchError):
    """The page does not do what was asked; told in its language."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(_WORDS.say(key, "en", **values))
        self._key, self._values = key, values

    def say(self, lang: Lang) -> str:
        """The reason in a language of the page, as plain text."""
        return _WORDS.say(self._key, lang, **self._values)


def take_set(file: Path, name: str, folder: Path, *, max_bytes: int, max_questions: int) -> tuple[Path, list[Question]]:
    """Copy a question file into a folder, once it is seen to be one.

    Args:
        file: Where the upload lies.
        name: What its owner calls it; its ending tells its kind.
        folder: An empty folder.
        max_bytes: A larger file is refused.
        max_questions: A longer set is refused.

    Returns:
        The copy and its questions.

    Raises:
        BatchError: The file is none that can be read, or too large; named by its owner's name.
    """
    shown = shown_name(name)
    suffix = "".join(re.findall(r"\.[A-Za-z0-9]{1,8}$", shown)).lower()
    own = folder / f"questions{suffix}"
    try:
        n_bytes = file.stat().st_size
        if n_bytes > max_bytes:
            raise RefusedError("too_large", name=shown, found=n_bytes, most=max_bytes)
        shutil.copyfile(file, own)
    except OSError as error:
        raise RefusedError("gone") from error
    if suffix == ".xlsx" and (unpacked := _unpacked_bytes(own)) > MOST_UNPACKED_BYTES:
        raise RefusedError("unpacks", name=shown, found=unpacked, most=MOST_UNPACKED_BYTES)
    questions = read_set(own, name)
    if len(questions) > max_questions:
        raise RefusedError("too_many", name=shown, found=len(questions), most=max_questions)
    return own, questions


def read_set(own: Path, name: str) -> list[Question]:
    """Read the copy of a question file; what is wrong is told by its owner's name, not by where we keep it.

    Raises:
        BatchError: It cannot be read.
    """
    try:
        return read_questions(own)
    except RecursionError as error:
        raise BatchError(f"{shown_name(name)} is nested too deeply. Save it again, as .csv.") from error
    except BatchError as error:
        raise BatchError(str(error).replace(str(own), shown_name(name))) from error
    except (ValueError, KeyError, IndexError, TypeError, SyntaxError, EOFError, zipfile.BadZipFile) as error:
        # openpyxl raises whatever a damaged workbook makes it stumble on
        raise BatchError(f"{shown_name(name)} is damaged. Save it again, as .csv.") from error


def shown_name(name: str) -> str:
    r"""A file's name as it is shown: without folders and without what cannot be seen.

    >>> shown_name("C:\\x\\题目.csv"), shown_name("../../etc/pass\u202ewd.txt"), shown_name("/")
    ('题目.csv', 'passwd.txt', 'questions')
    """
    kept = seen_name(name).strip()
    stem, dot, ending = kept.rpartition(".")
    if len(kept) > MOST_NAME_CHARS and dot and len(ending) <= 8:
        return f"{stem[: MOST_NAME_CHARS - len(ending) - 2]}….{ending}"
    return kept[:MOST_NAME_CHARS] or "questions"


def _unpacked_bytes(workbook: Path) -> int:
    """What a workbook unpacks to; Python reads no member beyond the size that is told here."""
    try:
        with zipfile.ZipFile(workbook) as archive:
            return sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return 0  # the reader tells that it is no workbook
