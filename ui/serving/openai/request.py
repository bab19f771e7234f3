"""What a request for a chat completion asks, checked; and what is wrong with it, in OpenAI's own form.

Knows nothing of answers. Parameters that steer a model (temperature and the like) are accepted and change nothing:
the answer is what the documents say.
"""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rag.schema.messages import Mode, Turn
from rag.schema.search import Hidden
from rag.text.markers import strip_markers
from ui.scheduling.queue import QueuedQuestion

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["MODELS", "Completion", "RequestError", "read_completion"]

MODELS: dict[str, Mode] = {"youju": "answer", "youju-quotes": "quotes"}
MAX_BODY_BYTES = 1_000_000
MAX_MESSAGES = 200


class RequestError(Exception):
    """A request that is not answered.

    Attributes:
        status: HTTP status.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
    ) -> None:
        self.status = status
        self._record = {"message": message, "type": kind, "param": param, "code": code}
        super().__init__(message)

    def record(self) -> dict[str, Any]:
        """The body of the response."""
        return {"error": self._record}

    @classmethod
    def no_model(cls, name: object) -> RequestError:
        """The model asked for is none of ours."""
        known = " and ".join(f"'{model}'" for model in MODELS)
        message = f"The model {str(name)[:100]!r} does not exist; there are {known}."
        return cls(message, status=404, param="model", code="model_not_found")


@dataclass(frozen=True, slots=True)
class Completion:
    """A request.

    Attributes:
        model: Which of ours.
        question: The last message.
        history: What was said before.
        stream: Whether the answer comes in pieces.
        include_usage: Whether a stream ends with the usage.
        completion_id: Name of the answer.
        created: Unix time.
    """

    model: str
    question: str
    history: tuple[Turn, ...] = ()
    stream: bool = False
    include_usage: bool = False
    completion_id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def asked(self, owner: str, hidden: Hidden) -> QueuedQuestion:
        """The question as the desk takes it."""
        mode = MODELS[self.model]
        return QueuedQuestion(self.completion_id, self.question, self.history, owner, mode=mode, hidden=hidden)


async def read_completion(request: Request) -> Completion:
    """Read a request.

    Raises:
        RequestError: It is too large, malformed, or asks for what is not here.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise RequestError(f"The body is larger than {MAX_BODY_BYTES:,} bytes.", status=413)
    try:
        record = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RequestError("The body is no JSON.") from error
    if not isinstance(record, dict):
        raise RequestError("The body must be a JSON object.")
    model, stream, options = (record.get(name) for name in ("model", "stream", "stream_options"))
    if not isinstance(model, str):
        raise RequestError("'model' is missing.", param="model")
    if model not in MODELS:
        raise RequestError.no_model(model)
    if record.get("n") not in (None, 1):
        raise RequestError("'n' must be 1: documents give one answer.", param="n")
    turns = _turns(record.get("messages"))
    if not turns or turns[-1].role != "user":
        raise RequestError("The last message must be the user's: it is the question.", param="messages")
    usage = isinstance(options, dict) and options.get("include_usage") is True
    return Completion(model, turns[-1].content, tuple(turns[:-1]), stream is True, usage)


def _turns(messages: object) -> list[Turn]:
    if not isinstance(messages, list) or not messages:
        raise RequestError("'messages' must be a list with a message at least.", param="messages")
    if len(messages) > MAX_MESSAGES:
        raise RequestError(f"There are {len(messages):,} messages; the limit is {MAX_MESSAGES}.", param="messages")
    turns = []
    for number, message in enumerate(messages):
        where = f"messages[{number}]"
        role = message.get("role") if isinstance(message, dict) else None
        if role in ("system", "developer"):  # what is answered, and from what, is not for a message to change
            continue
        if role not in ("user", "assistant"):
            raise RequestError(f"The role {str(role)[:40]!r} is not known here.", param=f"{where}.role")
        text = _text(message.get("content"), where)
        if role == "user":
            turns.append(Turn("user", text))
        elif text.strip():
            turns.append(Turn("assistant", strip_markers(text)))  # they counted the sources of another answer
    return turns


def _text(content: object, where: str) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise RequestError("A message's content must be text or a list of parts.", param=f"{where}.content")
    texts = []
    for part in content:
        kind = part.get("type") if isinstance(part, dict) else None
        text = part.get("text") if isinstance(part, dict) else None
        if kind != "text" or not isinstance(text, str):
            raise RequestError(f"Parts of type {str(kind)[:40]!r} are not read, only text.", param=f"{where}.content")
        texts.append(text)
    return "\n".join(texts)
