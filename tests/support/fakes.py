"""Hand-written stand-ins: small, real implementations of the protocols, deterministic and fast."""

import hashlib
import re
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.documents.view import DocumentView
from rag.errors import DocumentNotFoundError
from rag.generation import CallbackGenerator, Finish, Reply
from rag.reading.model import Reading, Span, Window
from rag.schema.answers import Answer, Event, Timings
from rag.schema.messages import Message, Mode, Turn
from rag.schema.search import Evidence, Hidden, Retrieved, Scope
from tests.support.sample_source import view_of_text


@dataclass(frozen=True)
class ListedDocument:
    """A document as the page lists it."""

    source: str
    titles: tuple[str, ...] = ()
    n_passages: int = 1
    places: tuple[str, ...] = ()
    years: tuple[int, ...] = ()


class ScriptedPipeline:
    """Answers each known question by its script; abstains from every other one.

    A step of a script is an event to yield, an exception to raise, a number of seconds to wait,
    or a threading.Event to wait for.
    """

    def __init__(
        self,
        scripts: Mapping[str, Sequence[Event | Exception | float | threading.Event]] | None = None,
        *,
        examples: Sequence[str] = (),
        documents: Sequence[ListedDocument] = (),
        texts: Mapping[str, str] | None = None,
    ) -> None:
        self.scripts = dict(scripts or {})
        self.examples = list(examples)
        self.listed = list(documents)
        self.texts = dict(texts or {})  # of the documents that can be read
        self.index_state = "v1"
        self.asked: list[tuple[str, tuple[Turn, ...]]] = []
        self.modes: list[Mode] = []  # of each question asked
        self.scopes: list[Scope | None] = []
        self.hidden: list[frozenset[str]] = []
        self.yielded: list[str] = []  # the question, once for each event that was taken
        self.closed: list[str] = []  # questions whose stream has ended, one way or another
        self.closing_seconds = 0.0  # how long a stream takes to end after its last event
        self.slots = 1
        self.n_running = 0
        self.most_running = 0
        self.warming: Sequence[Exception | float | threading.Event] = ()
        self.n_warmed = 0

    def warm_up(self, mode: Mode = "answer") -> None:
        for step in self.warming:
            if isinstance(step, Exception):
                raise step
            if isinstance(step, threading.Event):
                step.wait(timeout=30)
            else:
                time.sleep(step)
        self.n_warmed += 1

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        scope: Scope | None = None,
        mode: Mode = "answer",
        question_id: str = "",
        hidden: Hidden = frozenset(),
    ) -> Iterator[Event]:
        self.asked.append((question, tuple(history)))
        self.modes.append(mode)
        self.scopes.append(scope)
        self.hidden.append(names_in(hidden))
        self.n_running += 1
        self.most_running = max(self.most_running, self.n_running)
        try:
            for step in self.scripts.get(question, unknown(question)):
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, threading.Event):
                    step.wait(timeout=30)
                elif isinstance(step, int | float):
                    time.sleep(step)
                else:
                    self.yielded.append(question)
                    yield replace(step, question_id=question_id) if isinstance(step, Answer) else step
        finally:
            time.sleep(self.closing_seconds)
            self.n_running -= 1
            self.closed.append(question)

    def example_questions(self, limit: int, *, hidden: Hidden = frozenset()) -> list[str]:
        return self.examples[:limit]

    def documents(self, *, hidden: Hidden = frozenset()) -> list[ListedDocument]:
        return [listed for listed in self.listed if listed.source not in names_in(hidden)]

    def document_view(self, source: str, *, hidden: Hidden = frozenset()) -> DocumentView:
        if source not in self.texts or source in names_in(hidden):
            raise DocumentNotFoundError(f"{source} is not in the index.")
        return view_of_text(self.texts[source], source)

    def page_image(self, source: str, page: int, *, hidden: Hidden = frozenset()) -> bytes:
        raise DocumentNotFoundError(f"{source} is not in the index.")


def names_in(hidden: Hidden) -> frozenset[str]:
    return hidden() if callable(hidden) else hidden


def unknown(question: str) -> list[Event]:
    """The script of a question that nothing was found for."""
    reason = "资料中没有提到。"
    timings = Timings(retrieve_seconds=0.01, first_token_seconds=None, total_seconds=0.02)
    return [
        Retrieved(question, (), 0.01),
        Answer(
            question=question,
            query=question,
            sentences=(),
            citations=(),
            abstained=True,
            reason=reason,
            timings=timings,
        ),
    ]


class HashingEncoder:
    """Embeds a text as its hashed pairs of characters: texts with more pairs in common are nearer."""

    def __init__(
        self,
        dim: int = 64,
        *,
        name: str = "hashing@00000000",
        max_tokens: int = 512,
        query_prefix: str = "",
        passage_prefix: str = "",
    ) -> None:
        self.name = name
        self.dim = dim
        self.max_tokens = max_tokens
        self.query_prefix = query_prefix
        self.passage_prefix = passage_prefix
        self.encoded: list[str] = []  # every text, in the order it came

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.encoded += texts
        vectors = np.zeros((len(texts), self.dim), np.float32)
        vectors[:, 0] = 1e-3  # an all but cancelled text still has a direction
        for row, text in enumerate(texts):
            for pair in zip(f"^{text}", f"{text}$", strict=True):
                code = zlib.crc32("".join(pair).encode())
                vectors[row, code % self.dim] += 1.0 if code & 0x80000000 else -1.0
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def count_tokens(self, text: str) -> int:
        return len(text) + 2


class CannedPipeline:
    """Gives each known question its canned answer, or raises what is canned; abstains from every other one.

    Holds ``documents`` by name, so that evidence and citations have something to stand in.
    """

    def __init__(
        self,
        answers: Mapping[str, Answer | BaseException] | None = None,
        *,
        documents: Mapping[str, str] | None = None,
    ) -> None:
        self.answers = dict(answers or {})
        self.texts = dict(documents or {})
        self.asked: list[str] = []
        self.modes: list[Mode] = []  # of each question asked

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        scope: Scope | None = None,
        mode: Mode = "answer",
        question_id: str = "",
    ) -> Answer:
        self.asked.append(question)
        self.modes.append(mode)
        canned = self.answers.get(question)
        if isinstance(canned, BaseException):
            raise canned
        if canned is None:
            return Answer(
                question=question,
                query=question,
                sentences=(),
                citations=(),
                abstained=True,
                reason="资料中没有提到。",
                question_id=question_id,
            )
        return replace(canned, question_id=question_id)

    def gather(self, question: str, *, history: Sequence[Turn] = (), scope: Scope | None = None) -> Retrieved:
        canned = self.answers.get(question)
        if isinstance(canned, BaseException):
            raise canned
        return Retrieved(question, canned.evidence if canned else (), 0.25)

    def documents(self) -> list[ListedDocument]:
        return [ListedDocument(source) for source in self.texts]

    def document_text(self, source: str) -> str:
        return self.texts[source]

    def quote_at(self, source: str, start: int, end: int) -> str:
        if source not in self.texts:
            raise DocumentNotFoundError(f"{source} is not in the index.")
        return self.texts[source][start:end].replace("\n", "")


class ScriptedGenerator(CallbackGenerator):
    """Says its pieces one after another, whatever it is asked; an exception among them is raised.

    With a ``gate``, every piece waits until it is opened.
    """

    name = "scripted"

    def __init__(self, pieces: Sequence[str | Exception], *, gate: threading.Semaphore | None = None) -> None:
        self.pieces = list(pieces)
        self.gate = gate
        self.asked: list[tuple[Message, ...]] = []
        self.said: list[str] = []

    def count_tokens(self, text: str) -> int:
        return len(text)

    def generate(
        self, messages: Sequence[Message], *, max_new_tokens: int, on_text: Callable[[str], bool] = lambda _: False
    ) -> Reply:
        self.asked.append(tuple(messages))
        n_prompt = sum(self.count_tokens(message.content) for message in messages)
        said: list[str] = []
        finish = Finish.STOP
        for piece in self.pieces:
            if self.gate is not None:
                assert self.gate.acquire(timeout=30)
            if isinstance(piece, Exception):
                raise piece
            if len(said) == max_new_tokens:
                finish = Finish.LENGTH
                break
            said.append(piece)
            self.said.append(piece)
            if on_text(piece):
                finish = Finish.STOPPED
                break
        return Reply("".join(said), n_prompt, len(said), finish)


class WheelShelf:
    """A folder of small real wheels, and the lock file that pins them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = folder / "models.txt"
        self.lines: list[str] = []
        folder.mkdir()

    def model(self, name: str, *, role: str = "generator", kind: str = "files") -> None:
        self._add(f"#: model {name}", f"#: role {role}", f"#: kind {kind}", "#: licence MIT", "#: upstream nobody")

    def file(self, name: str, content: bytes, *, sha256: str = "", n_bytes: int | None = None) -> None:
        size = len(content) if n_bytes is None else n_bytes
        self._add(f"#: file {name} {size} {sha256 or hashlib.sha256(content).hexdigest()}")

    def wheel(self, name: str, members: Mapping[str, bytes], *, member: str = "", platform: str = "") -> Path:
        """Build a wheel and pin it; ``member`` is what the lock names, the first one by default."""
        tag = platform or "any"
        path = self.folder / f"{name}-1.0-py3-none-{tag}.whl"
        info = f"{name}-1.0.dist-info"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for inside, content in members.items():
                archive.writestr(inside, content)
            archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-{tag}\n")
            archive.writestr(f"{info}/RECORD", "")
        self.pin(path, member=member or next(iter(members)), platform=platform)
        return path

    def pin(self, path: Path, *, member: str, platform: str = "") -> None:
        name, version = path.name.split("-")[:2]
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        size = path.stat().st_size
        self._add(f"{name}=={version} --hash=sha256:{sha256}  #: {member} {size} {platform}".rstrip())

    def _add(self, *lines: str) -> None:
        self.lines += lines
        self.lock.write_text("\n".join(self.lines) + "\n", encoding="utf-8")


class GlossaryEncoder(HashingEncoder):
    """Reads foreign words as what its glossary says, as a multilingual model would; all other text as it is."""

    def __init__(self, glossary: Mapping[str, str], dim: int = 64) -> None:
        super().__init__(dim)
        self.glossary = dict(glossary)

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        def read(text: str) -> str:
            for foreign, own in self.glossary.items():
                text = text.replace(foreign, own)
            return text

        return super().encode([read(text) for text in texts])


class QuotingGenerator(CallbackGenerator):
    """Says the line of the evidence that has most pairs of characters in common with the question, piece by piece."""

    name = "quoting"

    def __init__(self, *, piece_chars: int = 4) -> None:
        self.piece_chars = piece_chars
        self.asked: list[str] = []  # the last message of each prompt

    def count_tokens(self, text: str) -> int:
        return len(text)

    def generate(
        self, messages: Sequence[Message], *, max_new_tokens: int, on_text: Callable[[str], bool] = lambda _: False
    ) -> Reply:
        prompt = messages[-1].content
        self.asked.append(prompt)
        evidence, _, question = prompt.rpartition("【问题】")
        lines = [line for line in evidence.splitlines() if line and line[0] not in "【《#"]
        pairs = {question[i : i + 2] for i in range(len(question) - 1)}
        best = max(lines, key=lambda line: sum(pair in line for pair in pairs), default="资料中没有提到。")
        pieces = [best[i : i + self.piece_chars] for i in range(0, len(best), self.piece_chars)][:max_new_tokens]
        said = []
        for piece in pieces:
            said.append(piece)
            if on_text(piece):
                return Reply("".join(said), len(prompt), len(said), Finish.STOPPED)
        return Reply("".join(said), len(prompt), len(said), Finish.STOP)


class ScriptedReader:
    """Finds in windows the texts that its script lists, each with its score, whatever it is asked."""

    def __init__(self, finds: Mapping[str, float] | None = None) -> None:
        self.finds = dict(finds or {})
        self.asked: list[str] = []
        self.read_windows: list[Window] = []  # of the last question

    def read(self, question: str, windows: Sequence[Window], *, limit: int = 4) -> list[Reading]:
        self.asked.append(question)
        self.read_windows = list(windows)
        return [Reading(tuple(self._spans(window.text)[:limit]), ()) for window in windows]

    def _spans(self, text: str) -> list[Span]:
        """What is found, best first; a text without any has one span, as unlikely as can be."""
        places = [(text.find(found), len(found), score) for found, score in self.finds.items()]
        spans = [Span(at, at + length, score) for at, length, score in places if at >= 0]
        return sorted(spans, key=lambda span: -span.score) or [Span(0, len(text), -15.0)]


class QuotingReader(ScriptedReader):
    """Finds figures but no dates, the likelier the more pairs of characters their clause and the question share.

    It agrees with :class:`QuotingGenerator` where the documents answer; elsewhere it finds nothing likely.
    """

    def read(self, question: str, windows: Sequence[Window], *, limit: int = 4) -> list[Reading]:
        self.asked.append(question)
        self.read_windows = list(windows)
        pairs = {question[i : i + 2] for i in range(len(question) - 1)}
        readings = []
        for window in windows:
            spans = []
            for clause in re.finditer(r"[^，。]+", window.text):
                score = 15 * sum(pair in clause.group() for pair in pairs) / len(pairs) - 4
                figures = re.finditer(r"\d[\d.,]*(?!\d*[年月日])\w", clause.group())
                spans += [Span(*(clause.start() + at for at in figure.span()), score) for figure in figures]
            readings.append(Reading(tuple(sorted(spans, key=lambda span: -span.score)[:limit]), ()))
        return readings


def some_evidence(*texts: str, after: Sequence[Evidence] = (), **about: Any) -> list[Evidence]:
    """Sentences of one section of a city's report, behind those that stand before them; ``about`` tells otherwise."""
    facts = {"place": "海州市", "years": (2031,), "title": "工作总结", "source": "a.txt", "heading": ("一、建设",)}
    evidence, at = list(after), 100
    for text in texts:
        end = at + len(text)
        evidence.append(Evidence(number=len(evidence) + 1, text=text, start=at, end=end, score=0.5, **facts | about))
        at = end
    return evidence
