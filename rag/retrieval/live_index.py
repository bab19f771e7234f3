"""Search and read an index; reopen it when another process has changed it.

Another process, or the page itself, may add documents or put a rebuilt index in its place meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from rag.config import Config
from rag.documents.page_image import PageImages
from rag.documents.view import DocumentView
from rag.encoders import Encoder
from rag.errors import CorpusIndexError, FileNotKeptError
from rag.index.plan import uploader_of
from rag.question.validation import History, checked_history, checked_question
from rag.retrieval.evidence import READ_TOKENS
from rag.retrieval.find_evidence import find_evidence
from rag.retrieval.snapshot import IndexSnapshot
from rag.schema.documents import DocumentInfo
from rag.schema.search import Hidden, Hit, Retrieved, Scope
from rag.scoring.scorer import load_scorer

__all__ = ["NOTHING", "LiveIndex"]

Result = TypeVar("Result")
NOTHING: Hidden = frozenset()
ATTEMPTS = 5
PAGE_WIDTH = 1_200  # pixels: twice those of the panel on a usual screen; letters of 6 points can be read


class LiveIndex:
    """Searches one index and reads its documents. Safe to share between threads.

    Attributes:
        config: The settings in force.
        encoder: What embeds questions, and whatever is added to the index while this is open.
    """

    def __init__(self, config: Config, corpus: IndexSnapshot, encoder: Encoder) -> None:
        self.config = config
        self.encoder = encoder
        self._corpus = corpus
        self._opening = threading.Lock()
        self._images = PageImages()

    def gather(
        self, question: str, *, history: History = (), scope: Scope | None = None, hidden: Hidden = NOTHING
    ) -> Retrieved:
        """Find all that would be read, without reading it. Arguments and errors as in ``Pipeline.ask``."""
        started = time.perf_counter()
        asked = checked_question(question, max_chars=self.config.max_question_chars)
        turns = checked_history(history)
        look = partial(
            find_evidence,
            scope=scope,
            config=self.config.replace(evidence_tokens=READ_TOKENS),
            reader=None,
            scorer=load_scorer(),
        )
        found = self._with_stable_index(lambda corpus: look(corpus, asked, turns), hidden)
        return Retrieved(found.asked.query, found.evidence, time.perf_counter() - started)

    def search(
        self, query: str, *, scope: Scope | None = None, top_k: int | None = None, hidden: Hidden = NOTHING
    ) -> list[Hit]:
        """Rank passages for a standalone question, at most ``top_k`` (that of the settings by default)."""
        checked = checked_question(query, max_chars=self.config.max_question_chars)
        wanted = self.config.top_k if top_k is None else top_k
        return self._with_stable_index(
            lambda corpus: corpus.retriever.retrieve(corpus.retriever.analyse(checked), top_k=wanted, scope=scope),
            hidden,
        )

    def documents(self, *, hidden: Hidden = NOTHING) -> list[DocumentInfo]:
        """What the index holds."""
        return self._current(hidden).documents()

    def document_text(self, source: str, *, hidden: Hidden = NOTHING) -> str:
        """A document's text as it was loaded.

        Raises:
            DocumentNotFoundError: There is no such document.
        """
        return self._current(hidden).document(source).text

    def quote_at(self, source: str, start: int, end: int, *, hidden: Hidden = NOTHING) -> str:
        """The cleaned text between two raw offsets of a document.

        Raises:
            DocumentNotFoundError: There is no such document.
        """
        return self._current(hidden).quote_at(source, start, end)

    def document_view(self, source: str, *, hidden: Hidden = NOTHING) -> DocumentView:
        """A document laid out for reading: its text in pieces, its outline, what cleaning left out.

        Raises:
            DocumentNotFoundError: There is no such document.
        """
        return self._current(hidden).view(source)

    def page_image(self, source: str, page: int, *, width: int = PAGE_WIDTH, hidden: Hidden = NOTHING) -> bytes:
        """A page of a PDF document or of a picture, drawn from the file that was indexed.

        Args:
            source: The document's name.
            page: Which page, from 1.
            width: In pixels.
            hidden: Documents that are not there for this user.

        Returns:
            A PNG or JPEG file.

        Raises:
            DocumentNotFoundError: There is no such document.
            FileGoneError: Its file is not there any more; one that was uploaded is not kept.
            FileChangedError: Another file stands in its place.
            DocumentFormatError: It has no such page, or that cannot be drawn.
        """
        corpus = self._current(hidden)
        document, files = corpus.document(source), corpus.files_of(source)
        if all(map(uploader_of, files)):
            raise FileNotKeptError(f"{source} was uploaded: its text was kept, and not its file.")
        return self._images.draw(document, files, page, width=width)

    def example_questions(self, limit: int, *, hidden: Hidden = NOTHING) -> list[str]:
        """Questions about the corpus's own headings, to begin with."""
        return self._current(hidden).retriever.example_questions(limit)

    @property
    def index_state(self) -> str:
        """The version of the index: changes with every write."""
        return self._current().store.state

    def _current(self, hidden: Hidden = NOTHING) -> IndexSnapshot:
        """The index as it is now, opened anew where another process has changed it; hidden documents apart."""
        with self._opening:
            if not self._corpus.is_current():
                self._corpus = IndexSnapshot.open(self.config, self.encoder)
            unseen = hidden() if callable(hidden) else hidden
            return self._corpus.without(unseen) if unseen else self._corpus

    def _with_stable_index(self, search: Callable[[IndexSnapshot], Result], hidden: Hidden = NOTHING) -> Result:
        """What a search finds in an index that did not change meanwhile.

        Raises:
            CorpusIndexError: The index changed during each of ``ATTEMPTS`` searches.
        """
        for _ in range(ATTEMPTS):
            corpus = self._current(hidden)
            result = search(corpus)
            if corpus.is_current():
                return result
        raise CorpusIndexError(
            f"The index in {self.config.index} changed during each of {ATTEMPTS} searches: documents are being added "
            "one after the other. Ask again in a moment."
        )
