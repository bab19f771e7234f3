"""Generates on a server that speaks the OpenAI API, through the official client: llama.cpp, vLLM, Ollama, OpenAI, ...

This is the one way by which text leaves this machine: the question, the evidence chosen for it, and what the
conversation before it said. It is off unless ``generator_url`` names a server. The key is neither logged nor written
into an error; a redirect to another place is not followed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rag.config import Config
from rag.errors import ConfigError, GenerationError, ModelError
from rag.generation.generator import checked_messages, neutralise_control_tokens
from rag.generation.openai_errors import generation_error
from rag.generation.reply import Finish, OnText, Pieces, Reply, ReplyStream
from rag.schema.messages import Message
from rag.text.tokens import estimate_tokens

if TYPE_CHECKING:
    import openai

__all__ = ["OpenAIServerGenerator", "Server", "load"]

_CONNECT_SECONDS = 10
_N_NAMED = 8  # models that an error lists

log = logging.getLogger(__name__)


class Server:
    """A server with the way to it: where it is, what opens it, how long to wait.

    Attributes:
        url: Base URL; with most servers it ends in ``/v1``.
        host: Name of the machine, for people.
        retries: How often a request that could not be taken is sent again, at growing intervals.
        timeout_seconds: Longest silence.
    """

    def __init__(self, url: str, *, key: str, timeout_seconds: int, retries: int) -> None:
        """Check the address; nothing is sent.

        Raises:
            ConfigError: It is no http or https URL, or holds a key.
            ModelError: The client is not installed.
        """
        try:
            parts = urlsplit(url)
            usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:  # a port or an address in brackets that is none
            raise ConfigError(
                "generator_url cannot be read; expected a URL such as http://127.0.0.1:8080/v1."
            ) from None
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ConfigError(
                "generator_url holds more than an address, a key perhaps. Put a key into generator_key "
                "(YOUJU_GENERATOR_KEY), and leave only scheme, host, port and path in the URL."
            )
        if not usable:
            raise ConfigError(f"generator_url is {url!r}; expected a URL such as http://127.0.0.1:8080/v1.")
        try:
            import openai  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise ModelError("The OpenAI client is not installed: pip install 'youju[openai]'") from error
        self.url = url
        self.host = parts.netloc
        self.retries = retries
        self.timeout_seconds = timeout_seconds
        self._key = key
        self._openai = openai

    @asynccontextmanager
    async def client(self) -> AsyncIterator[openai.AsyncOpenAI]:
        """A client whose errors are translated into messages with the next step.

        Raises:
            GenerationError: The server cannot be reached, refuses, or fails.
        """
        timeout = self._openai.Timeout(self.timeout_seconds, connect=min(_CONNECT_SECONDS, self.timeout_seconds))
        transport = self._openai.DefaultAsyncHttpxClient(timeout=timeout, follow_redirects=False)
        # A key is always given: without one the client would send the one that the environment holds for OpenAI.
        async with self._openai.AsyncOpenAI(
            base_url=self.url, api_key=self._key or "none", max_retries=self.retries, http_client=transport
        ) as client:
            try:
                yield client
            except (self._openai.OpenAIError, ValueError) as error:  # ValueError: what it says is no JSON
                raise generation_error(error, self, key=self._key) from error


class OpenAIServerGenerator:
    """A model on a server."""

    def __init__(self, server: Server, *, model: str, slots: int = 1) -> None:
        """Name the server and its model; nothing is sent.

        Args:
            server: Where it is.
            model: Name of the model there.
            slots: Requests under way at once.
        """
        self.slots = slots
        self.context_tokens = 0  # a server does not say
        self._server = server
        self._model = model

    @property
    def name(self) -> str:
        """Name of the model and of the machine it is on."""
        return f"{self._model} @ {self._server.host}"

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, estimated: such servers have no common way to count them."""
        return estimate_tokens(neutralise_control_tokens(text)) if text else 0

    def stream(self, messages: Sequence[Message], *, max_new_tokens: int) -> ReplyStream:
        """Begin a reply; see :meth:`rag.generation.Generator.stream`. Closing it ends the request."""
        request = _Request(self._server, self._model, messages, max_new_tokens)
        return ReplyStream(request.run, on_close=request.cancel)


class _Request:
    """One request, in an event loop of its own so that it can be cancelled while it waits for anything."""

    def __init__(self, server: Server, model: str, messages: Sequence[Message], max_new_tokens: int) -> None:
        self._server = server
        self._body: dict[str, Any] = {
            "model": model,
            "max_tokens": max_new_tokens,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        self._messages = messages
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._cancelled = False

    def run(self, on_text: OnText) -> Reply:
        """Write the reply."""
        pieces = Pieces(on_text)
        try:
            return asyncio.run(self._cancellable(pieces))
        except asyncio.CancelledError:
            return Reply(pieces.text, 0, pieces.n_pieces, Finish.STOPPED)

    def cancel(self) -> None:
        """End the request; from any thread."""
        with self._lock:
            self._cancelled = True
            if self._loop is not None and self._task is not None:
                with contextlib.suppress(RuntimeError):  # the loop is closed: it was over
                    self._loop.call_soon_threadsafe(self._task.cancel)

    async def _cancellable(self, pieces: Pieces) -> Reply:
        with self._lock:
            if self._cancelled:
                raise asyncio.CancelledError
            self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        return await self._write(pieces)

    async def _write(self, pieces: Pieces) -> Reply:
        messages = [{"role": each.role, "content": each.content} for each in checked_messages(self._messages)]
        body: dict[str, Any] = self._body | {"messages": messages}
        finish, usage = "", None
        async with self._server.client() as client:
            stream: openai.AsyncStream[Any] = await client.chat.completions.create(**body)
            async with stream:
                async for chunk in stream:
                    usage = chunk.usage or usage
                    for choice in chunk.choices or ():
                        finish = choice.finish_reason or finish
                        pieces.add(choice.delta.content or "")
                    if pieces.stopped:
                        break
        if not pieces.stopped:
            self._check(finish)
        n_prompt, n_new = (usage.prompt_tokens, usage.completion_tokens) if usage else (0, pieces.n_pieces)
        return pieces.finish(n_prompt_tokens=n_prompt, n_new_tokens=n_new, at_limit=finish == "length")

    def _check(self, finish: str) -> None:
        """A reply that did not come to its end is none."""
        if not finish:
            raise GenerationError(f"{self._server.host} ended the connection in the middle of a reply. Ask again.")
        if finish == "content_filter":
            raise GenerationError(f"{self._server.host} withheld its reply (content_filter). Ask in other words.")


async def _only_model(server: Server) -> str:
    """The model of a server that has one."""
    async with server.client() as client:
        names = [model.id async for model in client.models.list()]
    if len(names) == 1:
        return names[0]
    shown = ", ".join(sorted(names)[:_N_NAMED]) or "none"
    raise ConfigError(
        f"{server.host} has {len(names)} models ({shown}). Name one of them in generator_model (YOUJU_GENERATOR_MODEL)."
    )


def load(config: Config) -> OpenAIServerGenerator:
    """Name the server of the settings; it is asked for its models where the settings name none.

    Raises:
        ConfigError: ``generator_url`` is missing or wrong, or the server has several models and none is named.
        ModelError: The client is not installed.
        GenerationError: The server cannot be reached, or refuses.
    """
    if not config.generator_url:
        raise ConfigError(
            "runtime is 'openai', but generator_url is empty. Set it to the server's base URL, such as "
            "http://127.0.0.1:8080/v1 (YOUJU_GENERATOR_URL)."
        )
    server = Server(
        config.generator_url,
        key=config.generator_key,
        timeout_seconds=config.generator_timeout_seconds,
        retries=config.generator_retries,
    )
    model = config.generator_model or asyncio.run(_only_model(server))
    log.info("questions and their evidence go to the generator %s at %s", model, server.host)
    return OpenAIServerGenerator(server, model=model, slots=config.generator_slots)
