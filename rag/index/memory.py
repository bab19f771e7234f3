"""A small store, complete: one JSON file, read whole into memory, searched by brute force.

For tests, for a few thousand passages, and to read before writing another store: it keeps every promise of
:mod:`rag.index.protocols`. Each write writes the whole file again, so it is slow with many documents.

The file's first line is the state, changed with every write; the rest is JSON. It is replaced whole or not at all.
"""

from __future__ import annotations

import base64
import json
import math
import uuid
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rag.errors import IndexCorruptError, IndexReadOnlyError, no_such_document
from rag.files import write_whole
from rag.index.protocols import EVERYTHING, FloatArray, IndexFacts, OpenedIndex, PassageFilter, Scored
from rag.index.refusals import check_facts, missing
from rag.index.sqlite.lock import WriterLock
from rag.schema.documents import Block, Document, DocumentInfo, Part, Passage, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from rag.config import Config
    from rag.index.protocols import PreparedDocument

__all__ = ["MemoryBackend"]

FILE: Final = "index.json"
K1, B = 1.2, 0.75  # of BM25, as in SQLite's FTS5


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """A document of the index with all that was made of it."""

    document: Document
    info: DocumentInfo
    passages: tuple[Passage, ...]
    vectors: FloatArray
    tokens: list[list[str]]


class _Contents:
    """What one state of the file holds; a ``PassageStore``."""

    def __init__(self, folder: Path, held: dict[str, _Held], facts: IndexFacts, next_key: int) -> None:
        self._folder = folder
        self.held = held
        self.facts = facts
        self.next_key = next_key

    @classmethod
    def load(cls, folder: Path) -> tuple[_Contents, str]:
        """The contents of the file, and their state."""
        try:
            state, _, content = (folder / FILE).read_text(encoding="utf-8").partition("\n")
            record = json.loads(content)
            held = {each.info.source: each for each in map(_held_from, record["held"])}
            return cls(folder, held, IndexFacts(**record["facts"]), int(record["next_key"])), state
        except FileNotFoundError as error:
            raise missing(folder) from error
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise IndexCorruptError(
                f"{folder / FILE} cannot be used as an index: it is damaged ({error}). "
                "Rebuild it: youju index --rebuild"
            ) from error

    def save(self) -> None:
        """Write the file, whole or not at all, with a new state."""
        record = {"facts": asdict(self.facts), "next_key": self.next_key, "held": [*map(_record, self.held.values())]}
        try:
            write_whole(self._folder / FILE, f"{uuid.uuid4().hex}\n{json.dumps(record, ensure_ascii=False)}")
        except OSError as error:
            raise IndexReadOnlyError(f"The index in {self._folder} cannot be written: {error}.") from error

    @property
    def state(self) -> str:
        try:
            with (self._folder / FILE).open(encoding="utf-8") as file:
                return file.readline().rstrip("\n")
        except (OSError, ValueError):
            return ""

    def document(self, source: str) -> Document:
        if source not in self.held:
            raise no_such_document(source, sorted(self.held))
        return self.held[source].document

    def documents(self) -> list[DocumentInfo]:
        return [self.held[source].info for source in sorted(self.held)]

    def parts(self, source: str) -> Sequence[Part]:
        return self.held[source].info.parts if source in self.held else ()

    def passages(self, ids: Iterable[int]) -> list[Passage]:
        known = {passage.passage_id: passage for passage in self.every_passage}
        return [known[key] for key in ids if key in known]

    def section_passages(self, source: str, section: int) -> list[Passage]:
        return [passage for passage in self.document_passages(source) if passage.section == section]

    def document_passages(self, source: str) -> list[Passage]:
        return list(self.held[source].passages) if source in self.held else []

    def close(self) -> None:
        """Nothing is kept open."""

    @cached_property
    def every_passage(self) -> list[Passage]:
        """All passages of all documents, in the order of their keys."""
        return sorted((p for each in self.held.values() for p in each.passages), key=lambda p: p.passage_id)


class _Search:
    """Ranks the passages of one state by any score."""

    def __init__(self, contents: _Contents) -> None:
        self._passages = contents.every_passage
        rows = {
            passage.passage_id: (vector, Counter(words))
            for each in contents.held.values()
            for passage, vector, words in zip(each.passages, each.vectors, each.tokens, strict=True)
        }
        found = [rows[passage.passage_id] for passage in self._passages]
        self._vectors = np.stack([vector for vector, _ in found]) if found else np.zeros((0, contents.facts.dim))
        self._words = [words for _, words in found]

    def _best(self, scores: Iterable[float], top_k: int, within: PassageFilter) -> list[Scored]:
        scored = zip(self._passages, scores, strict=True)
        hits = [(passage.passage_id, float(score)) for passage, score in scored if within.matches(passage)]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[: max(top_k, 0)]


class _VectorSearch(_Search):
    def search(self, vector: FloatArray, top_k: int, *, within: PassageFilter = EVERYTHING) -> list[Scored]:
        """Rank by the cosine, exactly."""
        if vector.shape != self._vectors.shape[1:]:
            raise ValueError(f"The query vector has shape {vector.shape}; the index needs {self._vectors.shape[1:]}.")
        return self._best(self._vectors @ vector, top_k, within)


class _LexicalSearch(_Search):
    def search(self, tokens: Sequence[str], top_k: int, *, within: PassageFilter = EVERYTHING) -> list[Scored]:
        """Rank by BM25 (Robertson & Zaragoza 2009), over all passages whatever the filter lets through."""
        n, mean = len(self._words), sum(words.total() for words in self._words) / (len(self._words) or 1)
        scores = [0.0] * n
        for token in dict.fromkeys(tokens):
            holding = [row for row, words in enumerate(self._words) if words[token]]
            rarity = max(math.log((n - len(holding) + 0.5) / (len(holding) + 0.5)), 1e-6)
            for row in holding:
                times, length = self._words[row][token], self._words[row].total()
                scores[row] += rarity * times * (K1 + 1) / (times + K1 * (1 - B + B * length / mean))
        every = self._best(scores, n, within)
        return [hit for hit in every if hit[1] > 0][: max(top_k, 0)]


class _Writer:
    """Changes the contents and saves them after each change; an ``IndexWriter``."""

    def __init__(self, contents: _Contents, *, saves: bool) -> None:
        self.contents = contents
        self._saves = saves

    def documents(self) -> list[DocumentInfo]:
        return self.contents.documents()

    def bind(self, facts: IndexFacts) -> None:
        if self.contents.held:
            check_facts(self.contents.facts, facts)
        self._change({}, facts, self.contents.next_key)

    def replace(self, prepared: PreparedDocument) -> None:
        now, document = self.contents, prepared.document
        prepared.check(now.facts.dim)
        keys = range(now.next_key, now.next_key + len(prepared.passages))
        passages = tuple(replace(p, passage_id=key) for p, key in zip(prepared.passages, keys, strict=True))
        info = DocumentInfo(
            document.source,
            prepared.path,
            tuple(prepared.parts),
            len(passages),
            len(document.text),
            document.sha256,
            datetime.now(UTC).isoformat(timespec="seconds"),
            tuple(prepared.copies),
            document.notes,
        )
        tokens = [list(words) for words in prepared.tokens]
        held = _Held(document, info, passages, np.asarray(prepared.vectors, np.float32), tokens)
        self._change({document.source: held}, now.facts, keys.stop)

    def relocate(self, source: str, *, name: str, paths: Sequence[str]) -> None:
        now = self.contents
        if (old := now.held.get(source)) is None:
            raise no_such_document(source, sorted(now.held))
        moved = replace(
            old,
            document=replace(old.document, source=name),
            info=replace(old.info, source=name, path=paths[0], copies=tuple(paths[1:])),
            passages=tuple(replace(passage, source=name) for passage in old.passages),
        )
        self._change({source: None, name: moved}, now.facts, now.next_key)

    def remove(self, sources: Sequence[str]) -> None:
        held = self.contents.held
        for source in sources:
            if source not in held:
                raise no_such_document(source, sorted(held))
        self._change(dict.fromkeys(sources), self.contents.facts, self.contents.next_key)

    def _change(self, changes: dict[str, _Held | None], facts: IndexFacts, next_key: int) -> None:
        merged = {**self.contents.held, **changes}
        held = {source: each for source, each in merged.items() if each is not None}
        changed = _Contents(self.contents._folder, held, facts, next_key)  # noqa: SLF001 - of this file
        if self._saves:
            changed.save()
        self.contents = changed


class MemoryBackend:
    """An index in the folder ``config.index``. Its methods keep the promises of ``IndexBackend``."""

    def open_store(self, config: Config) -> _Contents:
        """The file as it is now."""
        return _Contents.load(config.index)[0]

    def open(self, config: Config) -> OpenedIndex:
        """The file as it is now, made ready to be searched."""
        contents, state = _Contents.load(config.index)
        if not contents.facts.dim:
            raise missing(config.index)
        return OpenedIndex(contents, _VectorSearch(contents), _LexicalSearch(contents), state)

    @contextmanager
    def write(self, config: Config, *, create: bool = False, rebuild: bool = False) -> Iterator[_Writer]:
        """Change the file under the folder's lock; a rebuilt index is saved at the end."""
        folder = config.index
        exists = (folder / FILE).is_file()
        if not exists:
            if not (create or rebuild):
                raise missing(folder)
            _make_folder(folder)
        lock = WriterLock(folder)
        lock.acquire()
        try:
            new = rebuild or not exists
            contents = _Contents(folder, {}, IndexFacts("", 0, ""), 1) if new else _Contents.load(folder)[0]
            writer = _Writer(contents, saves=not rebuild)
            yield writer
            if rebuild:
                writer.contents.save()
        finally:
            lock.release()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IndexReadOnlyError(f"The index folder {folder} cannot be made: {error}.") from error


def _record(held: _Held) -> dict[str, Any]:
    facts = {"document": asdict(held.document), "info": asdict(held.info), "tokens": held.tokens}
    vectors = base64.b64encode(held.vectors.astype("<f4").tobytes()).decode("ascii")
    return facts | {"passages": [asdict(passage) for passage in held.passages], "vectors": vectors}


def _held_from(record: dict[str, Any]) -> _Held:
    document, info = record["document"], record["info"]
    blocks = tuple(Block(**block) for block in document["blocks"])
    parts = tuple(Part(**{**part, "years": tuple(part["years"])}) for part in info["parts"])
    passages = tuple(_passage_from(passage) for passage in record["passages"])
    vectors = np.frombuffer(base64.b64decode(record["vectors"]), "<f4").astype(np.float32)
    notes = tuple(document.get("notes", ()))
    return _Held(
        Document(**{**document, "blocks": blocks, "notes": notes}),
        DocumentInfo(**{**info, "parts": parts, "copies": tuple(info.get("copies", ())), "notes": notes}),
        passages,
        vectors.reshape(len(passages), -1) if passages else vectors.reshape(0, 0),
        record["tokens"],
    )


def _passage_from(record: dict[str, Any]) -> Passage:
    sentences = tuple(Sentence(**sentence) for sentence in record["sentences"])
    as_tuples = {name: tuple(record[name]) for name in ("years", "heading")}
    return Passage(**{**record, **as_tuples, "sentences": sentences})
