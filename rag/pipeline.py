"""The story: a question comes in, passages are found, sentences chosen, a reply written, checked and cited.

All three uses (chat, ``ask()``, batch) go through one :class:`Pipeline`. Contains no algorithms.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from collections.abc import Generator as PieceStream
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Generic, TypeVar

from rag.asked import History, checked_history, checked_question
from rag.cite import cite
from rag.config import Config
from rag.conversation import standalone_question
from rag.corpus import Corpus
from rag.embed import Encoder, load_encoder, similarities
from rag.errors import ModelError
from rag.evidence import select_evidence
from rag.generate import Generator, Reply, load_generator
from rag.language import Language, detect_language, sentence_in
from rag.prompt import build_messages
from rag.quote import Reads, quote
from rag.read import load_reader
from rag.schema import Answer, Delta, Event, Evidence, Hit, Message, Mode, Quoted, Retrieved, Scope, Timings
from rag.store import DocumentInfo, Store

__all__ = ["Pipeline"]

Found = TypeVar("Found")
Model = TypeVar("Model")
ATTEMPTS = 5
log = logging.getLogger(__name__)


class Once(Generic[Model]):
    """A model that is loaded when it is first needed, and by one thread only."""

    def __init__(self, make: Callable[[], Model]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._model: Model | None = None

    def get(self) -> Model:
        """The model.

        Raises:
            ModelError: It cannot be loaded.
        """
        with self._lock:
            if self._model is None:
                self._model = self._make()
            return self._model


class Pipeline:
    """Answers questions from one index, as it is when the question comes. Safe to share between threads.

    Attributes:
        config: The settings in force.
    """

    def __init__(
        self,
        config: Config,
        corpus: Corpus,
        encoder: Encoder,
        generator: Callable[[], Generator],
        reader: Callable[[], Reads],
    ) -> None:
        self.config = config
        self._corpus = corpus
        self._encoder = encoder
        self._opening = threading.Lock()
        self._generator = Once(generator)
        self._reader = Once(reader)
        self._without_reader = False

    @classmethod
    def open(
        cls,
        config: Config,
        *,
        encoder: Callable[[], Encoder] | None = None,
        generator: Callable[[], Generator] | None = None,
        reader: Callable[[], Reads] | None = None,
    ) -> Pipeline:
        """Open the index.

        Args:
            config: The settings; ``config.index`` is the folder.
            encoder: Makes the encoder; by default it is loaded by the settings.
            generator: Makes the generator when it is first needed, or by :meth:`warm_up`; by default as above.
            reader: Makes the reader, likewise.

        Raises:
            CorpusIndexError: Nothing was indexed, or with another model.
            ModelError: The encoder is not there.
        """
        Store.open(config.index, readonly=True).close()  # told first: that there is no index is likelier than no model
        loaded = encoder() if encoder else load_encoder(config)
        corpus = Corpus.open(config, loaded)
        return cls(
            config,
            corpus,
            loaded,
            generator or (lambda: load_generator(config)),
            reader or (lambda: load_reader(config, encoder_name=loaded.name)),
        )

    def warm_up(self, mode: Mode = "answer") -> None:
        """Load what a mode needs, and let the generator read the constant beginning of the prompt.

        Raises:
            ModelError: A model that the mode needs is missing or unfit.
        """
        if mode == "quotes":
            self._reader.get()
            return
        self._instant_reader()
        for _ in self._write(build_messages("？", (), language="zh"), max_new_tokens=1):
            pass

    def ask(
        self,
        question: str,
        *,
        history: History = (),
        scope: Scope | None = None,
        mode: Mode = "answer",
        question_id: str = "",
    ) -> Answer:
        """Answer a question.

        Args:
            question: The user's words.
            history: Earlier turns, oldest first, each a :class:`Turn` or a mapping with ``role`` and ``content``.
            scope: A restriction; an answer comes from inside it or not at all.
            mode: "answer" lets the generator write; "quotes" quotes the sentences that answer, without it.
            question_id: Name of the question in a set.

        Returns:
            The answer, each sentence cited, or an abstention with its reason.

        Raises:
            QuestionError: The question is empty or too long, or a turn malformed.
            CorpusIndexError: The index has changed and cannot be used any more.
            GenerationError: The generator failed.
            ModelError: A model is missing, or the reader was trained on another encoder.
        """
        answer: Answer | None = None
        for event in self.stream(question, history=history, scope=scope, mode=mode, question_id=question_id):
            if isinstance(event, Answer):
                answer = event
        assert answer is not None  # noqa: S101 - stream's promise
        return answer

    def stream(
        self,
        question: str,
        *,
        history: History = (),
        scope: Scope | None = None,
        mode: Mode = "answer",
        question_id: str = "",
    ) -> Iterator[Event]:
        """Answer a question step by step: what was found, the quotation, the text as it is written, the checked answer.

        Closing the iterator stops the generator. Arguments and errors as in :meth:`ask`.
        """
        started = time.perf_counter()
        asked = checked_question(question, max_chars=self.config.max_question_chars)
        turns = checked_history(history)
        found = self.gather(asked, history=turns, scope=scope)
        yield found
        language = detect_language(asked)
        if not found.evidence:
            reason = sentence_in(language, "out_of_scope" if scope else "not_found")
            timings = Timings(found.seconds, None, time.perf_counter() - started)
            yield Answer(question, found.query, (), (), True, reason, (), timings, question_id=question_id)
            return
        quoted = self._quote(question, found, language=language, mode=mode)
        read = None if quoted is None else time.perf_counter() - started
        if quoted is not None:
            timings = Timings(found.seconds, None, read, read)
            quoted = replace(quoted, timings=timings, question_id=question_id)
            if mode == "quotes":
                yield quoted
                return
            if not quoted.abstained:
                yield Quoted(quoted)
        messages = build_messages(asked, found.evidence, language=language, query=found.query, history=turns)
        reply, first_token = "", None
        with closing(self._write(messages, max_new_tokens=self.config.max_new_tokens)) as pieces:
            for piece in pieces:
                first_token = first_token or time.perf_counter() - started
                reply += piece
                yield Delta(piece)
        alike = partial(similarities, encoder=self._encoder)
        answer = cite(question, found.query, reply, found.evidence, language=language, similarity=alike)
        timings = Timings(found.seconds, first_token, time.perf_counter() - started, read)
        confidence = quoted.confidence if quoted else None
        yield replace(answer, timings=timings, confidence=confidence, question_id=question_id)

    def gather(self, question: str, *, history: History = (), scope: Scope | None = None) -> Retrieved:
        """Find and choose the evidence, without the generator. Arguments and errors as in :meth:`ask`."""
        started = time.perf_counter()
        asked = checked_question(question, max_chars=self.config.max_question_chars)
        turns = checked_history(history)

        def find(corpus: Corpus) -> tuple[str, tuple[Evidence, ...]]:
            query = standalone_question(asked, turns, corpus.retriever.named)
            hits = corpus.retriever.retrieve(query, top_k=self.config.top_k, scope=scope)
            budget, one_side = self.config.evidence_tokens, len(corpus.retriever.named(query).places) < 2
            return query, select_evidence(
                query, hits, budget_tokens=budget, passages=corpus.store, whole_sections=one_side
            )

        query, evidence = self._steady(find)
        return Retrieved(query, evidence, time.perf_counter() - started)

    def search(self, query: str, *, scope: Scope | None = None, top_k: int | None = None) -> list[Hit]:
        """Rank passages for a standalone question, at most ``top_k`` (that of the settings by default)."""
        checked = checked_question(query, max_chars=self.config.max_question_chars)
        wanted = self.config.top_k if top_k is None else top_k
        return self._steady(lambda corpus: corpus.retriever.retrieve(checked, top_k=wanted, scope=scope))

    def documents(self) -> list[DocumentInfo]:
        """What the index holds."""
        return self._current().store.documents()

    def document_text(self, source: str) -> str:
        """A document's text as it was loaded.

        Raises:
            DocumentNotFoundError: There is no such document.
        """
        return self._current().store.document(source).text

    def quote_at(self, source: str, start: int, end: int) -> str:
        """The cleaned text between two raw offsets of a document.

        Raises:
            DocumentNotFoundError: There is no such document.
        """
        return self._current().quote_at(source, start, end)

    def example_questions(self, limit: int) -> list[str]:
        """Questions about the corpus's own headings, to begin with."""
        return self._current().retriever.example_questions(limit)

    def _current(self) -> Corpus:
        """The index as it is now: opened anew where another process has changed or replaced it."""
        with self._opening:
            if not self._corpus.is_current():
                self._corpus = Corpus.open(self.config, self._encoder)
            return self._corpus

    def _steady(self, find: Callable[[Corpus], Found]) -> Found:
        """What is found in an index that did not change while it was searched."""
        for _ in range(ATTEMPTS):
            corpus = self._current()
            found = find(corpus)
            if corpus.is_current():
                break
        return found

    def _quote(self, question: str, found: Retrieved, *, language: Language, mode: Mode) -> Answer | None:
        """The answer by quotation; None where there is no reader for this encoder and the generator answers anyway."""
        reader = self._reader.get() if mode == "quotes" else self._instant_reader()
        if reader is None:
            return None
        named = self._current().retriever.named(found.query)
        return quote(question, found.query, found.evidence, named=named, reader=reader, language=language)

    def _instant_reader(self) -> Reads | None:
        """The reader, or None where there is none for this encoder: the generator answers without it."""
        if self._without_reader:
            return None
        try:
            return self._reader.get()
        except ModelError as error:
            self._without_reader = True
            log.warning("No instant answers: %s", error)
            return None

    def _write(self, messages: list[Message], *, max_new_tokens: int) -> PieceStream[str, None, Reply]:
        return self._generator.get().stream(messages, max_new_tokens=max_new_tokens)
