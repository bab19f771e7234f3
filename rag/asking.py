"""``rag.ask``: one call from a question to an answer, with everything behind it opened once and kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Literal, overload

from rag.asked import History
from rag.config import Config, load_config
from rag.embed import load_encoder
from rag.generate import Generator, load_generator
from rag.pipeline import Pipeline
from rag.schema import Answer, Event, Scope

__all__ = ["ask", "opened_pipeline"]

_opening = threading.Lock()
_loading = threading.Lock()
_pipelines: dict[Path, Pipeline] = {}


@overload
def ask(
    question: str,
    *,
    history: History = (),
    scope: Scope | None = None,
    stream: Literal[False] = False,
    index: Path | str | None = None,
    question_id: str = "",
) -> Answer: ...


@overload
def ask(
    question: str,
    *,
    history: History = (),
    scope: Scope | None = None,
    stream: Literal[True],
    index: Path | str | None = None,
    question_id: str = "",
) -> Iterator[Event]: ...


@overload
def ask(
    question: str,
    *,
    history: History = (),
    scope: Scope | None = None,
    stream: bool,
    index: Path | str | None = None,
    question_id: str = "",
) -> Answer | Iterator[Event]: ...


def ask(
    question: str,
    *,
    history: History = (),
    scope: Scope | None = None,
    stream: bool = False,
    index: Path | str | None = None,
    question_id: str = "",
) -> Answer | Iterator[Event]:
    """Answer a question from the documents that were indexed.

    The first call loads the models, later ones answer at once; an index that was changed meanwhile is noticed.

    Args:
        question: The user's words.
        history: Earlier turns, oldest first, each a :class:`Turn` or a mapping with ``role`` and ``content``.
        scope: A restriction; an answer comes from inside it or not at all.
        stream: Whether to yield what was found, the text as it is written, and at last the answer; closing the
            iterator stops the generator.
        index: Folder of the index; that of the settings by default.
        question_id: Name of the question, for :meth:`Answer.to_dict`.

    Returns:
        The answer, each sentence cited, or an abstention with its reason; an iterator of events for a stream.

    Raises:
        QuestionError: The question is empty or too long, or a turn malformed.
        CorpusIndexError: Nothing was indexed, or with another model.
        ModelError: A model was not fetched.
        GenerationError: The generator failed.
    """
    pipeline = opened_pipeline(load_config(index=index))
    if stream:
        return pipeline.stream(question, history=history, scope=scope, question_id=question_id)
    return pipeline.ask(question, history=history, scope=scope, question_id=question_id)


def opened_pipeline(config: Config) -> Pipeline:
    """The pipeline of an index: the one that is open, or opened now. All of them share their models.

    Raises:
        CorpusIndexError: Nothing was indexed, or with another model.
        ModelError: The encoder is not there.
    """
    folder = config.index.resolve()
    with _opening:
        pipeline = _pipelines.get(folder)
        if pipeline is None or pipeline.config != config:
            models = replace(config, index=Path())
            pipeline = Pipeline.open(config, encoder=lambda: _encoder(models), generator=lambda: _generator(models))
            _pipelines[folder] = pipeline
    return pipeline


# A generator takes gigabytes: the last one stays, whichever indexes are asked.
_encoder = lru_cache(maxsize=1)(load_encoder)
_last_generator = lru_cache(maxsize=1)(load_generator)


def _generator(models: Config) -> Generator:
    with _loading:  # two threads must not load it twice
        return _last_generator(models)
