"""The story: a question comes in, passages are found, sentences chosen, a reply written, checked and cited.

All three uses (chat, ``ask()``, batch) go through one :class:`Pipeline`. Contains no algorithms.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from rag.chunk import chunking_fingerprint
from rag.cite import cite
from rag.clean import clean_text
from rag.config import Config
from rag.conversation import standalone_question
from rag.embed import load_encoder
from rag.errors import QuestionError
from rag.evidence import select_evidence
from rag.generate import Generator, load_generator
from rag.index import DenseIndex
from rag.language import detect_language, sentence_in
from rag.prompt import build_messages
from rag.retrieve import HybridRetriever
from rag.schema import Answer, Delta, Event, Evidence, Hit, Message, Retrieved, Scope, Timings, Turn
from rag.store import DocumentInfo, Store

__all__ = ["Pipeline"]


class Pipeline:
    """Answers questions from one index. Safe to share between threads: one question is answered at a time.

    Attributes:
        config: The settings in force.
    """

    def __init__(
        self, config: Config, store: Store, retriever: HybridRetriever, generator: Callable[[], Generator]
    ) -> None:
        self.config = config
        self._store = store
        self._retriever = retriever
        self._make_generator = generator
        self._generator: Generator | None = None
        self._writing = threading.Lock()
        self._clean = lru_cache(maxsize=32)(lambda source: clean_text(self.document_text(source)))

    @classmethod
    def open(cls, config: Config) -> Pipeline:
        """Open the index and load the encoder; the generator is loaded when first needed, or by :meth:`warm_up`.

        Raises:
            CorpusIndexError: Nothing was indexed, or with another model.
            ModelError: The encoder is not there.
        """
        store = Store.open(config.index, readonly=True)
        encoder = load_encoder(config)
        store.check(encoder.name, encoder.dim, chunking_fingerprint(config.passage_chars))
        retriever = HybridRetriever(store, DenseIndex.load_or_build(store, config.index), encoder)
        return cls(config, store, retriever, lambda: load_generator(config))

    def warm_up(self) -> None:
        """Load the generator and let it read the constant beginning of the prompt, which it then remembers."""
        for _ in self._write(build_messages("？", (), language="zh"), max_new_tokens=1):
            pass

    def ask(
        self, question: str, *, history: Sequence[Turn] = (), scope: Scope | None = None, question_id: str = ""
    ) -> Answer:
        """Answer a question.

        Args:
            question: The user's words.
            history: Earlier turns, oldest first.
            scope: A restriction; an answer comes from inside it or not at all.
            question_id: Name of the question in a set.

        Returns:
            The answer, each sentence cited, or an abstention with its reason.

        Raises:
            QuestionError: The question is empty or too long.
            GenerationError: The generator failed.
        """
        answer: Answer | None = None
        for event in self.stream(question, history=history, scope=scope, question_id=question_id):
            if isinstance(event, Answer):
                answer = event
        assert answer is not None  # noqa: S101 - stream's promise
        return answer

    def stream(
        self, question: str, *, history: Sequence[Turn] = (), scope: Scope | None = None, question_id: str = ""
    ) -> Iterator[Event]:
        """Answer a question step by step: what was found, the text as it is written, the checked answer.

        Closing the iterator stops the generator. Arguments and errors as in :meth:`ask`.
        """
        started = time.perf_counter()
        found = self.gather(question, history=history, scope=scope)
        yield found
        language = detect_language(question)
        if not found.evidence:
            reason = sentence_in(language, "out_of_scope" if scope else "not_found")
            timings = Timings(found.seconds, None, time.perf_counter() - started)
            yield Answer(question, found.query, (), (), True, reason, (), timings, question_id=question_id)
            return
        messages = build_messages(question, found.evidence, language=language, query=found.query, history=history)
        reply, first_token = "", None
        for piece in self._write(messages, max_new_tokens=self.config.max_new_tokens):
            first_token = first_token or time.perf_counter() - started
            reply += piece
            yield Delta(piece)
        answer = cite(question, found.query, reply, found.evidence, language=language)
        timings = Timings(found.seconds, first_token, time.perf_counter() - started)
        yield replace(answer, timings=timings, question_id=question_id)

    def gather(self, question: str, *, history: Sequence[Turn] = (), scope: Scope | None = None) -> Retrieved:
        """Find and choose the evidence, without the generator. Arguments and errors as in :meth:`ask`."""
        started = time.perf_counter()
        query = standalone_question(self._checked(question), history, self._retriever.named)
        hits = self.search(query, scope=scope)
        evidence = self.choose(query, hits)
        return Retrieved(query, evidence, time.perf_counter() - started)

    def search(self, query: str, *, scope: Scope | None = None, top_k: int | None = None) -> list[Hit]:
        """Rank passages for a standalone question."""
        return self._retriever.retrieve(self._checked(query), top_k=top_k or self.config.top_k, scope=scope)

    def choose(self, query: str, hits: Sequence[Hit]) -> tuple[Evidence, ...]:
        """Choose the sentences to read from hits."""
        return select_evidence(
            query,
            hits,
            budget_tokens=self.config.evidence_tokens,
            passages=self._store,
            whole_sections=len(self._retriever.named(query).places) < 2,
        )

    def documents(self) -> list[DocumentInfo]:
        """What the index holds."""
        return self._store.documents()

    def document_text(self, source: str) -> str:
        """A document's text as it was loaded.

        Raises:
            DocumentNotFoundError: There is no such document.
        """
        return self._store.document(source).text

    def quote_at(self, source: str, start: int, end: int) -> str:
        """The cleaned text between two raw offsets of a document.

        Raises:
            DocumentNotFoundError: There is no such document.
        """
        return self._clean(source).between(start, end)

    def example_questions(self, limit: int) -> list[str]:
        """Questions about the corpus's own headings, to begin with."""
        return self._retriever.example_questions(limit)

    def _write(self, messages: list[Message], *, max_new_tokens: int) -> Iterator[str]:
        with self._writing:
            if self._generator is None:
                self._generator = self._make_generator()
            yield from self._generator.stream(messages, max_new_tokens=max_new_tokens)

    def _checked(self, question: str) -> str:
        text = question.strip()
        limit = self.config.max_question_chars
        if not any(ch.isalnum() for ch in text):
            raise QuestionError(
                "The question is empty. Write what you want to know, e.g. a figure, a list or a summary."
            )
        if len(text) > limit:
            raise QuestionError(f"The question has {len(text):,} characters; the limit is {limit:,}. Shorten it.")
        return text
