"""An answer as OpenAI's chat completions have it: one object, or a stream of chunks, with citations as annotations.

An annotation's ``start_index`` and ``end_index`` are a half-open span of the message's text, in code points: the
marker. Its address leads to the cited place: ``/source`` with the document's name and offsets in its original text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from rag.schema.answers import Answer, Citation
from ui.serving.openai.request import Completion

__all__ = ["Reply", "annotations_of", "count_roughly"]

PIECE_CHARS = 24  # a piece of a stream: the text is whole already, this only keeps clients' display flowing


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a request.

    Attributes:
        request: The request.
        answer: The answer, checked.
        base: The server's own address.
        count_tokens: How many tokens a text has.
    """

    request: Completion
    answer: Answer
    base: str
    count_tokens: Callable[[str], int]

    def completion(self) -> dict[str, Any]:
        """The answer as one object."""
        message = {
            "role": "assistant",
            "content": self._content(),
            "refusal": None,
            "annotations": annotations_of(self.answer, self.base),
        }
        choice = {"index": 0, "message": message, "finish_reason": self._finish_reason(), "logprobs": None}
        return _head(self.request, "chat.completion") | {"choices": [choice], "usage": self._usage()}

    def events(self) -> Iterator[str]:
        """The answer as events of a stream, after its beginning."""
        text = self._content()
        for at in range(0, len(text), PIECE_CHARS):
            yield self._chunk({"content": text[at : at + PIECE_CHARS]})
        if annotations := annotations_of(self.answer, self.base):
            yield self._chunk({"annotations": annotations})
        yield self._chunk({}, self._finish_reason())
        if self.request.include_usage:
            head = _head(self.request, "chat.completion.chunk")
            yield self.event(head | {"choices": [], "usage": self._usage()})

    @classmethod
    def begin(cls, request: Completion) -> str:
        """The first event of a stream: who speaks."""
        return cls.event(_chunk(request, {"role": "assistant", "content": ""}, None))

    @staticmethod
    def event(record: dict[str, Any]) -> str:
        """A record as an event of a stream; JSON has no line breaks of its own."""
        return f"data: {json.dumps(record, ensure_ascii=False)}\n\n"

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> str:
        return self.event(_chunk(self.request, delta, finish))

    def _content(self) -> str:
        """The answer's text, and behind it what must be known besides: a client shows nothing else."""
        return "\n\n".join([self.answer.text, *(f"({note})" for note in self.answer.notes)])

    def _finish_reason(self) -> str:
        return "length" if self.answer.cut_off else "stop"

    def _usage(self) -> dict[str, int]:
        said = [self.request.question, *(turn.content for turn in self.request.history)]
        read = sum(map(self.count_tokens, [*said, *(item.text for item in self.answer.evidence)]))
        written = self.count_tokens(self.answer.text)
        return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def annotations_of(answer: Answer, base: str) -> list[dict[str, Any]]:
    """An annotation for each marker in the answer's text, in the order of the text."""
    cited = {citation.marker: citation for citation in answer.citations}
    found, text, at = [], answer.text, 0
    for sentence in answer.sentences:
        at = text.find(sentence.text, at) + len(sentence.text)
        for marker in sentence.markers:
            written = f"[{marker}]"
            if text.startswith(written, at) and marker in cited:
                found.append(_annotation(cited[marker], base, at, at + len(written)))
            at += len(written)
    return found


def count_roughly(text: str) -> int:
    """How many tokens a text has, roughly: one for a Chinese character, one for four others.

    >>> count_roughly("录取率 rate"), count_roughly("")
    (4, 0)
    """
    wide = sum(ch > "\u2e7f" for ch in text)
    return wide + (len(text) - wide) // 4


def _annotation(citation: Citation, base: str, start: int, end: int) -> dict[str, Any]:
    place = urlencode({"document": citation.source, "start": citation.start, "end": citation.end})
    names = [name for name in (citation.title, *citation.heading) if name]
    return {
        "type": "url_citation",
        "url_citation": {
            "url": f"{base}/source?{place}",
            "title": " › ".join(names) or citation.source,
            "start_index": start,
            "end_index": end,
            # Ours: a front end that knows them needs no second request.
            "quote": citation.quote,
            "file": citation.file,
            "location": {name: told for name, told in asdict(citation.location).items() if told},
        }
        | ({} if citation.page is None else {"page": citation.page}),
    }


def _chunk(request: Completion, delta: dict[str, Any], finish: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    return _head(request, "chat.completion.chunk") | {"choices": [choice]}


def _head(request: Completion, kind: str) -> dict[str, Any]:
    return {"id": request.completion_id, "object": kind, "created": request.created, "model": request.model}
