"""Every error that youju raises on purpose, as one tree.

    RagError
    ├── ConfigError            a setting is unknown, malformed or contradictory
    ├── ModelError             a model is missing, damaged or unusable
    │   ├── ModelMissingError      not fetched yet: `youju models pull`
    │   ├── ModelCorruptError      a hash or size differs from the lock
    │   ├── ModelDownloadError     the package index could not be reached or refused
    │   └── DiskFullError          not enough room for the next step
    ├── DocumentError          a file cannot become a document
    │   ├── DocumentNotFoundError
    │   ├── FileGoneError          the file of an indexed document is not there any more
    │   │   └── FileNotKeptError       it was uploaded, and deleted when it was read
    │   ├── FileChangedError       another file stands in its place
    │   ├── DocumentFormatError    binary, unknown or damaged content
    │   ├── DocumentEncodingError  no encoding fits the bytes
    │   ├── DocumentTooLargeError
    │   └── PassageTooLongError    a passage exceeds what the encoder reads
    ├── CorpusIndexError       the index cannot be used as asked
    │   ├── IndexMissingError      nothing was indexed yet
    │   ├── IndexMismatchError     built with another model, dimension or chunking
    │   ├── IndexCorruptError      the file is not an index, or is damaged
    │   ├── IndexLockedError       another process is writing
    │   └── IndexReadOnlyError     the folder cannot be written
    ├── QuestionError          the question is empty, too long or malformed
    ├── GenerationError        the generator failed while it wrote
    ├── BatchError             the question set or the output file cannot be used
    └── WorkspaceError         what the page keeps (conversations, feedback) cannot be kept or read
        ├── ConversationNotFoundError  there is none of that id, or it is somebody else's
        └── RecordError            a kept record is damaged, or none of ours

A message says what, expected, found and what to do next; the CLI prints it as it is.
Exit codes belong to the branches, so that scripts can tell them apart.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import PurePath

__all__ = [
    "BatchError",
    "ConfigError",
    "ConversationNotFoundError",
    "CorpusIndexError",
    "DiskFullError",
    "DocumentEncodingError",
    "DocumentError",
    "DocumentFormatError",
    "DocumentNotFoundError",
    "DocumentTooLargeError",
    "FileChangedError",
    "FileGoneError",
    "FileNotKeptError",
    "GenerationError",
    "IndexCorruptError",
    "IndexLockedError",
    "IndexMismatchError",
    "IndexMissingError",
    "IndexReadOnlyError",
    "ModelCorruptError",
    "ModelDownloadError",
    "ModelError",
    "ModelMissingError",
    "PassageTooLongError",
    "QuestionError",
    "RagError",
    "RecordError",
    "WorkspaceError",
    "first_line",
    "no_such_document",
]

MOST_LISTED = 10
MOST_NEAR = 3


class RagError(Exception):
    """Base of all errors that are meant for people.

    ``exit_code`` is what the command line returns (2 is argparse's own, for bad usage).
    """

    exit_code = 1


class ConfigError(RagError):
    """A setting is unknown, malformed or contradicts another one."""

    exit_code = 3


class ModelError(RagError):
    """A model is missing, damaged or unusable."""

    exit_code = 4


class ModelMissingError(ModelError):
    """The model was not fetched yet."""


class ModelCorruptError(ModelError):
    """Bytes differ from what the lock file promises."""


class ModelDownloadError(ModelError):
    """The package index could not be reached, or refused."""


class DiskFullError(ModelError):
    """There is not enough free disk for the next step."""


class DocumentError(RagError):
    """A file cannot become a document."""

    exit_code = 5


class DocumentNotFoundError(DocumentError):
    """The path names nothing that can be read."""


class FileGoneError(DocumentError):
    """The file of a document in the index is not there any more, or cannot be read."""


class FileNotKeptError(FileGoneError):
    """The document was uploaded, and its file deleted as soon as it was read."""


class FileChangedError(DocumentError):
    """Where the file of a document in the index stood is another one."""


class DocumentFormatError(DocumentError):
    """The content is binary, of an unknown kind, or damaged."""


class DocumentEncodingError(DocumentError):
    """No text encoding fits the bytes."""


class DocumentTooLargeError(DocumentError):
    """The file is larger than the configured limit."""


class PassageTooLongError(DocumentError):
    """A passage is longer than the encoder reads; nothing is cut silently."""


class CorpusIndexError(RagError):
    """The index cannot be used as asked."""

    exit_code = 6


class IndexMissingError(CorpusIndexError):
    """Nothing was indexed yet."""


class IndexMismatchError(CorpusIndexError):
    """The index was built with another model, dimension or chunking."""


class IndexCorruptError(CorpusIndexError):
    """The file is no index of ours, or is damaged."""


class IndexLockedError(CorpusIndexError):
    """Another process is writing the index."""


class IndexReadOnlyError(CorpusIndexError):
    """The index folder cannot be written."""


class QuestionError(RagError):
    """The question is empty, too long or malformed."""

    exit_code = 7


class GenerationError(RagError):
    """The generator failed while it wrote."""

    exit_code = 8


class BatchError(RagError):
    """The question set or the output file cannot be used."""

    exit_code = 9


class WorkspaceError(RagError):
    """What the page keeps cannot be kept or read; the page goes on without it."""

    exit_code = 11


class ConversationNotFoundError(WorkspaceError):
    """There is no such conversation, or none of this user's: the two cannot be told apart."""


class RecordError(WorkspaceError):
    """A record is damaged, or was not written by us."""


def first_line(error: Exception) -> str:
    """The first line of a library's message that says something; the error's kind where none does."""
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)


def no_such_document(source: str, known: Sequence[str]) -> DocumentNotFoundError:
    """The error for a document that the index does not hold.

    Args:
        source: What was asked for.
        known: What the index holds for this user; the first ten are named.
    """
    more = (
        f" and {len(known) - MOST_LISTED:,} more; to list them: youju index --list" if len(known) > MOST_LISTED else ""
    )
    listed = ", ".join(known[:MOST_LISTED]) or "none"
    near = " or ".join(f"'{name}'" for name in _near(source, known)[:MOST_NEAR])
    meant = f" Did you mean {near}?" if near else ""
    return DocumentNotFoundError(f"The index holds no document '{source}'. It holds: {listed}{more}.{meant}")


def _near(source: str, known: Sequence[str]) -> list[str]:
    """Names that somebody who wrote this one may have meant: they hold it, or are much like it, endings aside."""
    stem = PurePath(source).stem.casefold()
    stems: dict[str, list[str]] = {}
    for name in known:
        stems.setdefault(PurePath(name).stem.casefold(), []).append(name)
    holding = [one for one in stems if stem and stem in one]
    return [name for one in dict.fromkeys([*holding, *get_close_matches(stem, stems)]) for name in stems[one]]
