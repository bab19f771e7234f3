"""Report the steps of a file on its way into the index, and what kept it out.

Says why in keys; the words for them are in :mod:`ui.documents.view`. Knows nothing of the index or of the page.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from rag.errors import (
    DiskFullError,
    DocumentEncodingError,
    DocumentError,
    IndexLockedError,
    IndexReadOnlyError,
    PassageTooLongError,
    RagError,
)
from rag.progress import Progress
from ui.documents.fair_lock import WorkCancelled

__all__ = [
    "FileStep",
    "Refused",
    "ReportStep",
    "ShouldStop",
    "Stage",
    "progress_as_steps",
    "reason_of",
    "reporting_failures",
]

Stage: TypeAlias = Literal[
    "waiting",
    "checking",
    "reading",
    "embedding",
    "storing",
    "added",
    "replaced",
    "unchanged",
    "rebuilt",
    "failed",
    "stopped",
]
OVER: Final = frozenset(["added", "replaced", "unchanged", "rebuilt", "failed", "stopped"])
_REASONS: Final[tuple[tuple[type[RagError], str], ...]] = (
    (DocumentEncodingError, "encoding"),
    (PassageTooLongError, "passage"),
    (DocumentError, "format"),
    (IndexLockedError, "locked"),
    (IndexReadOnlyError, "read_only"),
    (DiskFullError, "disk"),
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FileStep:
    """How far one file is.

    Attributes:
        number: Its place among those that came together, from 1.
        name: The name it came under; of a rebuild, the document that is being made anew.
        stage: What is being done, or became of it.
        done: Passages embedded.
        total: Passages to embed; of what became of it, passages that it has.
        source: Its name in the index, where it has got one.
        reason: Why it failed: a key of the words that the page has for it.
        detail: What belongs to the reason: a limit, another name, the loader's own words.
        notes: What of a file that was indexed was left out or altered, in the loader's own words.
    """

    number: int
    name: str
    stage: Stage
    done: int = 0
    total: int = 0
    source: str = ""
    reason: str = ""
    detail: str = ""
    notes: tuple[str, ...] = ()

    @property
    def over(self) -> bool:
        """Whether nothing more will become of it."""
        return self.stage in OVER


class Refused(Exception):  # noqa: N818 - told to people by its reason
    """A file is not taken.

    Attributes:
        reason: Key of the words for it.
        detail: What belongs to them.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


def reason_of(error: RagError) -> str:
    """The key of the words for an error of youju's own."""
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), "other")


ReportStep: TypeAlias = Callable[[FileStep], None]
"""Hears of every step."""
ShouldStop: TypeAlias = Callable[[], bool]
"""Whether the work is to end."""


def progress_as_steps(step: FileStep, tell: ReportStep, stopped: ShouldStop, *, named: bool = False) -> Progress:
    """Hear how far the index is and tell it as steps of a file; ``named``, of the document it speaks of."""

    def heard(stage: str, done: int, total: int, /, *, unit: str = "") -> None:
        if stopped():
            raise WorkCancelled
        if unit == "passages":
            name = stage if named else step.name
            tell(replace(step, name=name, stage="embedding" if done < total else "storing", done=done, total=total))

    return heard


@contextmanager
def reporting_failures(step: FileStep, tell: ReportStep) -> Iterator[None]:
    """Tell what kept a file out, so that the next one can come."""
    try:
        yield
    except WorkCancelled:
        tell(replace(step, stage="stopped"))
    except Refused as refused:
        tell(replace(step, stage="failed", reason=refused.reason, detail=refused.detail))
    except RagError as error:  # of the machine: its words, with the machine's folders in them, are for who runs it
        log.warning("%s: %s", step.name, error)
        tell(replace(step, stage="failed", reason=reason_of(error)))
    except FileNotFoundError:
        tell(replace(step, stage="failed", reason="gone"))
    except OSError as error:
        log.warning("%s: %s", step.name, error)
        tell(replace(step, stage="failed", reason="disk" if error.errno == errno.ENOSPC else "other"))
