"""Errors of an OpenAI-compatible server in words: what was expected, what was found, what to do next.

A key never stands in a message: a server that echoes it is not quoted. Sends nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from rag.errors import GenerationError

if TYPE_CHECKING:
    import openai

__all__ = ["generation_error"]

_MOST_CHARS = 300  # of what a server says
_TOO_LONG = ("context_length_exceeded", "exceed_context_size_error")  # OpenAI and vLLM; llama.cpp
_REFUSALS: Final = {
    "key": "The generator's server {host} refuses the key ({status}). Correct generator_key (YOUJU_GENERATOR_KEY).",
    "busy": "The generator's server {host} takes no more requests for now ({status}), asked {n_times} times. "
    "Ask again later, lower generator_slots, or raise generator_retries.",
    "unknown": "The generator's server {url} does not know the model or the address ({status}): {said}. "
    "Correct generator_model, or generator_url: with most servers it ends in /v1.",
    "too long": "The prompt is longer than the model on {host} reads: {said}. "
    "Shorten the question or the conversation, or lower evidence_tokens.",
    "redirect": "The generator's server {host} points to another place ({status}), which is not followed. "
    "Set generator_url to where it really is.",
    "failed": "The generator's server {host} failed ({status}), asked {n_times} times: {said}. "
    "Look at that server's log, and ask again.",
    "refused": "The generator's server {host} refuses the request ({status}): {said}. Correct the settings.",
}


class Reached(Protocol):
    """What a message says of the server."""

    @property
    def url(self) -> str:
        """Its base URL."""

    @property
    def host(self) -> str:
        """Name of the machine."""

    @property
    def retries(self) -> int:
        """How often a request was sent again."""

    @property
    def timeout_seconds(self) -> int:
        """Longest silence."""


def generation_error(error: Exception, server: Reached, *, key: str) -> GenerationError:
    """The error of the client, as one of ours."""
    import openai  # noqa: PLC0415 - an extra; it raised the error

    if isinstance(error, openai.APIStatusError):
        return GenerationError(_refusal(error, server, key=key))
    if isinstance(error, openai.APITimeoutError):
        return GenerationError(
            f"The generator's server {server.host} said nothing for {server.timeout_seconds} seconds. Ask again, "
            "or raise generator_timeout_seconds."
        )
    if isinstance(error, openai.APIConnectionError):
        return GenerationError(
            f"The generator's server {server.url} cannot be reached: {_clean(error.__cause__ or error, key)}. "
            "Start it, or correct generator_url (YOUJU_GENERATOR_URL)."
        )
    return GenerationError(
        f"The generator's server {server.host} broke off its reply: {_clean(error, key)}. Ask again."
    )


def _refusal(error: openai.APIStatusError, server: Reached, *, key: str) -> str:
    """Why a server does not do what it was asked."""
    return _REFUSALS[_kind(error)].format(
        host=server.host,
        url=server.url,
        status=error.status_code,
        n_times=server.retries + 1,
        said=_clean(error, key),
    )


def _kind(error: openai.APIStatusError) -> str:
    status = error.status_code
    if status == 413 or any(name in _TOO_LONG for name in (error.code, error.type)):
        return "too long"
    named = {401: "key", 403: "key", 404: "unknown", 429: "busy"}
    return named.get(status) or {3: "redirect", 5: "failed"}.get(status // 100, "refused")


def _clean(error: BaseException, key: str) -> str:
    """What an error says, in one line, without the key."""
    text = " ".join(str(error).split()) or type(error).__name__
    text = text.replace(key, "…") if key else text
    return text[:_MOST_CHARS].rstrip(". ")
