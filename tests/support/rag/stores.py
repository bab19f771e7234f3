"""Passages to put into a store, and folders that refuse."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from rag.index.protocols import PreparedDocument
from rag.index.sqlite import Store
from rag.schema.documents import Document, Part, Passage, Sentence
from tests.support.fakes import HashingEncoder

ENCODER = HashingEncoder(16)


def passage(source: str, ordinal: int, text: str, **changes: object) -> Passage:
    start = ordinal * 100
    made = Passage(
        passage_id=-1,
        source=source,
        title="工作总结",
        place="甲市",
        years=(2018, 2019),
        heading=("一、成绩", "（一）学校"),
        section=ordinal // 2,
        ordinal=ordinal,
        text=text,
        start=start,
        end=start + len(text),
        sentences=(Sentence(text, start, start + len(text)),),
    )
    return replace(made, **changes)


def put(store: Store, source: str, texts: list[str], **changes: object) -> list[Passage]:
    """Put a document in; its passages as the store gives them back, keys aside."""
    passages = [passage(source, i, text, **changes) for i, text in enumerate(texts)]
    prepared = PreparedDocument(
        Document(source, "\n".join(texts), "ab" * 32, 123, "gb18030"),
        f"/docs/{source}",
        parts=[Part(p.title, "教育局", p.place, p.years, "2019-12-31", 0, 999) for p in passages[:1]],
        passages=passages,
        vectors=ENCODER.encode(texts),
        tokens=[text.split() for text in texts],
    )
    store.replace(prepared)
    return passages


@contextmanager
def write_protected(folder: Path) -> Iterator[None]:
    """Make a folder read-only, and give up the rights of the administrator, whom no mode bits hold back."""
    if os.name != "posix":
        pytest.skip("mode bits do not forbid writing here")
    for path in [*folder.iterdir(), folder]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    administrator = os.getuid() == 0
    if administrator:
        os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        if administrator:
            os.setresuid(0, 0, 0)
        folder.chmod(0o755)


def held(config) -> dict[str, str]:
    """The texts in the index, by name."""
    with Store.open(config.index, readonly=True) as store:
        return {info.source: store.document(info.source).text for info in store.documents()}


def contents(config):
    """Everything that matters in an index: passages, vectors, words; no keys and no dates."""
    with Store.open(config.index, readonly=True) as store:
        ids, vectors = store.vectors()
        found = store.passages(ids.tolist())
        lexical = sorted(key for key, _ in store.lexical.search(["新建", "新修"], 9))
        places = {int(key): (p.source, p.ordinal) for key, p in zip(ids, found, strict=True)}
        return (
            sorted(
                (p.source, p.ordinal, p.text, p.start, p.end, v.tobytes()) for p, v in zip(found, vectors, strict=True)
            ),
            sorted(places[key] for key in lexical),
        )
