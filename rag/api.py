"""``rag.ask``: one call from a question to an answer, with everything behind it opened once and kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Generic, Literal, TypeVar, overload

from rag.config import Config, load_config
from rag.encoders import Encoder, load_encoder
from rag.generation import Generator, load_generator
from rag.pipeline import Pipeline
from rag.question.validation import History
from rag.reading.model import Reader, load_reader
from rag.schema.answers import Answer, Event
from rag.schema.messages import Mode
from rag.schema.search import Scope

__all__ = ["ask", "close", "opened_pipeline"]

Model = TypeVar("Model")


class _Last(Generic[Model]):
    """The model that was loaded last: models take gigabytes, and all indexes share them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: dict[Config, Model] = {}

    def get(self, settings: Config, load: Callable[[Config], Model]) -> Model:
        with self._lock:  # two threads must not load it twice
            if settings not in self._loaded:
                self._loaded.clear()
                self._loaded[settings] = load(settings)
            return self._loaded[settings]

    def forget(self) -> None:
        with self._lock:
            self._loaded.clear()


_opening = threading.Lock()
_pipelines: dict[Path, Pipeline] = {}
_encoder: _Last[Encoder] = _Last()
_generator: _Last[Generator] = _Last()
_reader: _Last[Reader] = _Last()


@overload
def ask(
    question: str,
    *,
    history: History = (),
    scope: Scope | None = None,
    mode: Mode = "answer",
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
    mode: Mode = "answer",
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
    mode: Mode = "answer",
    stream: bool,
    index: Path | str | None = None,
    question_id: str = "",
) -> Answer | Iterator[Event]: ...


def ask(
    question: str,
    *,
    history: History = (),
    scope: Scope | None = None,
    mode: Mode = "answer",
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
        mode: "answer" lets the generator write; "quotes" quotes the sentences that answer, at once and without it.
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
        return pipeline.stream(question, history=history, scope=scope, mode=mode, question_id=question_id)
    return pipeline.ask(question, history=history, scope=scope, mode=mode, question_id=question_id)


def opened_pipeline(config: Config) -> Pipeline:
    """The pipeline of an index: the one that is open, or opened now. All of them share their models.

    Raises:
        CorpusIndexError: Nothing was indexed, or with another model.
        ModelError: The encoder is not there.
    """
    config = config.replace(index=config.index.resolve())
    with _opening:
        pipeline = _pipelines.get(config.index)
        if pipeline is None or pipeline.config != config:
            models = config.replace(index=Path())
            pipeline = Pipeline.open(
                config,
                encoder=lambda: _encoder.get(models, load_encoder),
                generator=lambda: _generator.get(models, load_generator),
                reader=lambda: _reader.get(models, _load_reader),
            )
            _pipelines[config.index] = pipeline
    return pipeline


def close() -> None:
    """Let go of everything that :func:`ask` keeps: indexes and models."""
    with _opening:
        _pipelines.clear()
    _encoder.forget()
    _generator.forget()
    _reader.forget()


def _load_reader(models: Config) -> Reader:
    return load_reader(models, encoder_name=_encoder.get(models, load_encoder).name)
