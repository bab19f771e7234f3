"""The story: a question comes in, passages are found, sentences chosen, a reply written, checked and cited.

All three uses (chat, ``ask()``, batch) go through one :class:`Pipeline`. Contains no algorithms.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache, partial

from rag.answering.answer import answer
from rag.answering.case import AnsweringTools
from rag.answering.phrases import sentence_in
from rag.answering.steps import Decided, Route
from rag.config import Config
from rag.encoders import Encoder, load_encoder, similarities
from rag.errors import ModelError
from rag.generation import Generator, ReplyStream, load_generator
from rag.generation.prompt import build_messages
from rag.generation.translation import TRANSLATE_TOKENS, translation_messages, usable_translation
from rag.index.least_confidence import stored_limit
from rag.index.opening import open_index
from rag.lazy import Lazy
from rag.observer import Observer, ignore_steps
from rag.question.kind import is_small_talk
from rag.question.validation import History, checked_history, checked_question
from rag.reading.evidence_reader import SpanReader
from rag.reading.model import load_reader
from rag.retrieval.find_evidence import find_evidence
from rag.retrieval.live_index import NOTHING, LiveIndex
from rag.retrieval.snapshot import IndexSnapshot
from rag.schema.answers import Answer, Event, Quoted, Timings
from rag.schema.messages import Message, Mode
from rag.schema.search import Hidden, Retrieved, Scope
from rag.scoring.scorer import Scorer, load_scorer
from rag.text.language import detect_language

__all__ = ["Pipeline"]

log = logging.getLogger(__name__)


class Pipeline(LiveIndex):
    """Answers questions from one index, as it is when the question comes. Safe to share between threads.

    Attributes:
        heeds_limit: Whether an answer below the limit of confidence that was set for the index is refused.
    """

    heeds_limit = True

    def __init__(
        self,
        config: Config,
        corpus: IndexSnapshot,
        encoder: Encoder,
        generator: Callable[[], Generator],
        reader: Callable[[], SpanReader],
        scorer: Scorer,
    ) -> None:
        super().__init__(config, corpus, encoder)
        self._generator = Lazy(generator)
        self._reader = Lazy(reader)
        self._scorer = scorer
        self._without_reader = False

    @classmethod
    def open(
        cls,
        config: Config,
        *,
        encoder: Callable[[], Encoder] | None = None,
        generator: Callable[[], Generator] | None = None,
        reader: Callable[[], SpanReader] | None = None,
        scorer: Scorer | None = None,
        create: bool = False,
    ) -> Pipeline:
        """Open the index.

        Args:
            config: The settings; ``config.index`` is the folder.
            encoder: Makes the encoder; by default it is loaded by the settings.
            generator: Makes the generator when it is first needed, or by :meth:`warm_up`; by default as above.
            reader: Makes the reader, likewise.
            scorer: Scores what the reader finds; by default the weights that come with youju.
            create: Make an empty index where there is none: documents are added while it is open.

        Raises:
            CorpusIndexError: Nothing was indexed, or with another model.
            ModelError: The encoder is not there, or the scorer's weights cannot be read.
        """
        # Opened first: that there is no index is likelier than no model.
        opened = None if create else open_index(config)
        loaded = encoder() if encoder else load_encoder(config)
        corpus = IndexSnapshot.open(config, loaded, create=create, opened=opened)
        return cls(
            config,
            corpus,
            loaded,
            generator or (lambda: load_generator(config)),
            reader or (lambda: load_reader(config, encoder_name=loaded.name)),
            scorer or load_scorer(),
        )

    @property
    def slots(self) -> int:
        """How many questions the generator answers at once; 1 until it is loaded."""
        generator = self._generator.loaded
        return generator.slots if generator is not None else 1

    def warm_up(self, mode: Mode = "answer") -> None:
        """Load what a mode needs, and let the generator read the constant beginning of the prompt.

        Raises:
            ModelError: A model that the mode needs is missing or unfit.
        """
        if mode == "quotes":
            self._reader.get()
            return
        self._instant_reader()
        self._write(build_messages("？", (), language="zh"), max_new_tokens=1).read()

    def ask(
        self,
        question: str,
        *,
        history: History = (),
        scope: Scope | None = None,
        mode: Mode = "answer",
        question_id: str = "",
        hidden: Hidden = NOTHING,
        observe: Observer = ignore_steps,
    ) -> Answer:
        """Answer a question.

        Args:
            question: The user's words.
            history: Earlier turns, oldest first, each a :class:`Turn` or a mapping with ``role`` and ``content``.
            scope: A restriction; an answer comes from inside it or not at all.
            mode: "answer" lets the generator write; "quotes" quotes the sentences that answer, without it.
            question_id: Name of the question in a set.
            hidden: Documents that are not there for who asks: neither used nor named.
            observe: Is told what is done on the way.

        Returns:
            The answer, each sentence cited, or an abstention with its reason.

        Raises:
            QuestionError: The question is empty or too long, or a turn malformed.
            CorpusIndexError: The index has changed and cannot be used any more.
            GenerationError: The generator failed.
            ModelError: A model is missing, or the reader was trained on another encoder.
        """
        *_, last = self.stream(
            question,
            history=history,
            scope=scope,
            mode=mode,
            question_id=question_id,
            hidden=hidden,
            observe=observe,
        )
        if not isinstance(last, Answer):
            raise TypeError(f"A stream ends with its answer; this one ended with {type(last).__name__}.")
        return last

    def stream(
        self,
        question: str,
        *,
        history: History = (),
        scope: Scope | None = None,
        mode: Mode = "answer",
        question_id: str = "",
        hidden: Hidden = NOTHING,
        observe: Observer = ignore_steps,
    ) -> Iterator[Event]:
        """Answer a question step by step: what was found, the quotation, the text as it is written, the checked answer.

        Closing the iterator stops the generator. Arguments and errors as in :meth:`ask`; ``observe`` is told what is
        done on the way (:mod:`rag.trace.collect`).
        """
        started = time.perf_counter()
        checked = checked_question(question, max_chars=self.config.max_question_chars)
        turns = checked_history(history)
        language = detect_language(checked)
        if is_small_talk(checked):
            observe(Decided(Route.SMALL_TALK))
            yield Retrieved(checked, (), 0.0)
            abstention = Answer.abstention(question, checked, sentence_in(language, "small_talk"))
            yield _timed(abstention, Timings(total_seconds=time.perf_counter() - started), question_id)
            return
        # Searched again where the index changes meanwhile; the generator translates a question but once.
        translate = None if mode == "quotes" else cache(self._translate)
        reader = self._reader.get() if mode == "quotes" else self._instant_reader()
        look = partial(
            find_evidence, scope=scope, config=self.config, reader=reader, scorer=self._scorer, translate=translate
        )
        found = self._with_stable_index(lambda corpus: look(corpus, checked, turns), hidden)
        seconds = time.perf_counter() - started
        observe(found)
        yield Retrieved(found.asked.query, found.evidence, seconds)
        if not found.evidence:
            observe(Decided(Route.NOTHING_TO_READ))
            missing = "no_documents" if not found.parts else "out_of_scope" if scope else "not_found"
            abstention = Answer.abstention(question, found.asked.query, sentence_in(language, missing))
            yield _timed(abstention, Timings(seconds, total_seconds=time.perf_counter() - started), question_id)
            return
        tools = AnsweringTools(
            reader=reader,
            scorer=self._scorer,
            write=self._write,
            similarity=partial(similarities, encoder=self.encoder),
            observe=observe,
        )
        least = stored_limit(self.config.index, mode) if self.heeds_limit else None
        with closing(answer(found, tools, mode=mode)) as events:
            yield from _timed_events(_refuse_below(events, least), mode, seconds, started, question_id)

    def _translate(self, question: str) -> str:
        """The question in Chinese; empty where the generator cannot tell it."""
        reply = self._write(translation_messages(question), max_new_tokens=TRANSLATE_TOKENS).read().text
        alike = partial(similarities, encoder=self.encoder)
        return usable_translation(question, reply, similarity=lambda one, other: alike(one, [other])[0])

    def _instant_reader(self) -> SpanReader | None:
        """The reader, or None where there is none for this encoder: the generator answers without it."""
        if self._without_reader:
            return None
        try:
            return self._reader.get()
        except ModelError as error:
            self._without_reader = True
            log.warning("No instant answers: %s", error)
            return None

    def _write(self, messages: list[Message], *, max_new_tokens: int = 0) -> ReplyStream:
        most = max_new_tokens or self.config.max_new_tokens
        return self._generator.get().stream(messages, max_new_tokens=most)


def _refuse_below(events: Iterable[Event], least: float | None) -> Iterator[Event]:
    """The events of an answer; a quotation below the limit is left out, an answer below it becomes a refusal.

    None is no limit; an answer whose confidence is not known stays.
    """
    for event in events:
        if isinstance(event, Answer) and _is_below(event, least):
            yield _unsure(event, least or 0.0)
        elif not (isinstance(event, Quoted) and _is_below(event.answer, least)):
            yield event


def _is_below(answer: Answer, least: float | None) -> bool:
    return not answer.abstained and least is not None and answer.confidence is not None and answer.confidence < least


def _unsure(answer: Answer, least: float) -> Answer:
    """A refusal that cites what the answer cited."""
    reason = sentence_in(detect_language(answer.question), "not_sure_enough")
    return Answer.abstention(
        answer.question,
        answer.query,
        reason.format(confidence=f"{answer.confidence:.0%}", least=f"{least:.0%}"),
        citations=answer.citations,
        evidence=answer.evidence,
        confidence=answer.confidence,
        reply=answer.reply,
    )


def _timed_events(
    events: Iterator[Event], mode: Mode, retrieved: float, started: float, question_id: str
) -> Iterator[Event]:
    """The events with the seconds from the question to each."""
    quoted = first_token = None
    for event in events:
        now = time.perf_counter() - started
        if isinstance(event, Quoted):
            quoted = now
            yield Quoted(_timed(event.answer, Timings(retrieved, None, now, now), question_id))
        elif isinstance(event, Answer):
            quoted = now if mode == "quotes" else quoted
            yield _timed(event, Timings(retrieved, first_token, now, quoted), question_id)
        else:
            first_token = first_token or now
            yield event


def _timed(answer: Answer, timings: Timings, question_id: str) -> Answer:
    return replace(answer, timings=timings, question_id=question_id)
