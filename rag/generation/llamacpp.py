"""Generates with llama.cpp inside this process: the GGUF file is mapped as it is, nothing is converted.

The default where the CPU has no BF16 (docs/evaluation.md has the figures). The prefix cache keeps what was read: of
a prompt that begins like an earlier one only the rest is read.

xllamacpp always opens a port on 127.0.0.1. Here it is locked: a random key, kept in memory, is asked for; no page of a
browser is let in; prompts cannot be looked at. Tokens are counted through it, because the library has no other way.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from rag.config import Config
from rag.errors import GenerationError, ModelError
from rag.generation.generator import CallbackGenerator, checked_messages, neutralise_control_tokens, prompt_too_long
from rag.generation.gguf import context_tokens
from rag.generation.reply import OnText, Pieces, Reply
from rag.models import generator_path
from rag.schema.messages import Message

__all__ = ["LlamaCppGenerator", "load"]

_CONTEXT_TOKENS: Final = 8_192
"""Longest prompt with its reply, as in the OpenVINO runtime; 230 MB a slot for a model of 1.5 B parameters."""
_KEPT_MIB: Final = 256
"""For prompts that another prompt pushed out of their slot: about 9,000 tokens of that model. A question in another
language is translated first, by a prompt of its own; without room both prompts would be read anew each time."""
# Read once, when OpenMP is loaded. Its threads spin while they wait for each other, and on a machine that does anything
# else they take the cores from those they wait for: beside eight busy processes on two cores 1.0 to 2.6 tokens a second
# are written with spinning, 6.7 to 13.5 without (medians of 16 tokens, two runs each).
_WAIT: Final = ("OMP_WAIT_POLICY", "PASSIVE")
_QUIET: Final = -1
_SECONDS_TO_COUNT: Final = 60


class LlamaCppGenerator(CallbackGenerator):
    """A model in llama.cpp."""

    def __init__(self, path: Path, *, name: str, threads: int = 0, slots: int = 1) -> None:
        """Load the model and run it once, so that the first question does not pay for the start.

        Args:
            path: A GGUF file.
            name: What to call it.
            threads: CPU threads; 0 leaves it to the runtime.
            slots: Replies written at once; each has a context of its own.

        Raises:
            ModelError: The runtime is missing, or cannot load the model.
        """
        os.environ.setdefault(*_WAIT)
        try:
            import xllamacpp  # noqa: PLC0415 - heavy; only here
        except ModuleNotFoundError as error:
            raise ModelError("The llamacpp runtime is not installed: pip install xllamacpp") from error
        except ImportError as error:
            raise ModelError(
                f"The llamacpp runtime cannot be loaded: {error}. On Linux it needs OpenMP: apt-get install libgomp1"
            ) from error
        self._name = name
        self.slots = slots
        self.context_tokens = min(context_tokens(path) or _CONTEXT_TOKENS, _CONTEXT_TOKENS)
        self._key = secrets.token_urlsafe(32)
        try:
            self._server = xllamacpp.Server(self._parameters(xllamacpp.CommonParams(), path, threads=threads))
        except RuntimeError as error:
            raise ModelError(
                f"llama.cpp cannot load {path}: {error} Fetch the file anew, or update xllamacpp: "
                "a newer kind of model needs a newer llama.cpp."
            ) from error

    def _parameters(self, parameters: Any, path: Path, *, threads: int) -> Any:  # noqa: ANN401 - of the library
        parameters.model.path = str(path)
        parameters.n_ctx = self.context_tokens * self.slots
        parameters.n_parallel = self.slots
        parameters.cache_ram_mib = _KEPT_MIB
        parameters.force_pure_content_parser = True  # text is text: no calls of tools are looked for in it
        parameters.verbosity = _QUIET
        if threads:
            parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
        parameters.api_keys = [self._key]
        parameters.cors_origins = ""
        parameters.endpoint_slots = parameters.endpoint_props = parameters.ui = False
        parameters.n_threads_http = 2
        return parameters

    @property
    def name(self) -> str:
        """Name of the model, for people."""
        return self._name

    @property
    def url(self) -> str:
        """Base URL of the port, as an OpenAI-compatible server."""
        return f"{self._server.listening_address}/v1"

    @property
    def key(self) -> str:
        """What opens the port."""
        return self._key

    def count_tokens(self, text: str) -> int:
        """Tokens of a text as the model counts them, without a template around it."""
        address = urlsplit(self._server.listening_address)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=_SECONDS_TO_COUNT)
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        try:
            connection.request("POST", "/tokenize", json.dumps({"content": neutralise_control_tokens(text)}), headers)
            return len(json.load(connection.getresponse())["tokens"])
        except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
            raise GenerationError(f"{self._name} could not count tokens: {error!r}. Ask again.") from error
        finally:
            connection.close()

    def generate(self, messages: Sequence[Message], *, max_new_tokens: int, on_text: OnText = lambda _: False) -> Reply:
        """Write a reply; see :meth:`CallbackGenerator.generate`."""
        request = {
            "messages": [{"role": each.role, "content": each.content} for each in checked_messages(messages)],
            "max_tokens": max_new_tokens,
            "temperature": 0,
            "stream": True,
            "cache_prompt": True,
            "timings_per_token": True,
            "chat_template_kwargs": {"enable_thinking": False},  # of the models that think aloud first
        }
        heard = _Heard(Pieces(on_text))
        try:
            self._server.handle_chat_completions(request, heard.take)
        except RuntimeError as error:
            raise GenerationError(f"{self._name} failed while it wrote: {error}. Ask again.") from error
        if heard.error:
            raise self._error(heard.error)
        return heard.reply()

    def _error(self, error: dict[str, Any]) -> GenerationError:
        if error.get("type") == "exceed_context_size_error":
            return prompt_too_long(int(error.get("n_prompt_tokens", 0)), self.context_tokens)
        return GenerationError(f"{self._name} failed while it wrote: {error.get('message', error)}. Ask again.")


class _Heard:
    """Takes what the server says of one request: pieces, figures, an error."""

    def __init__(self, pieces: Pieces) -> None:
        self.error: dict[str, Any] = {}
        self._pieces = pieces
        self._finish = ""
        self._timings: dict[str, Any] = {}

    def take(self, event: dict[str, Any]) -> bool:
        """Take one event; true means stop."""
        self.error = event.get("error") or self.error
        self._timings = event.get("timings") or self._timings
        for choice in event.get("choices") or ():
            self._finish = choice.get("finish_reason") or self._finish
            self._pieces.add((choice.get("delta") or {}).get("content") or "")
        return self._pieces.stopped

    def reply(self) -> Reply:
        """The whole reply."""
        n_prompt = int(self._timings.get("cache_n", 0)) + int(self._timings.get("prompt_n", 0))
        n_new = int(self._timings.get("predicted_n", 0)) or self._pieces.n_pieces
        return self._pieces.finish(n_prompt_tokens=n_prompt, n_new_tokens=n_new, at_limit=self._finish == "length")


def load(config: Config) -> LlamaCppGenerator:
    """Load the GGUF file that the settings name.

    Raises:
        ModelError: It is missing, no GGUF file, or cannot be loaded.
    """
    path = generator_path(config)
    if path.suffix != ".gguf":
        raise ModelError(
            f"generator is {path}, which is no GGUF file; llama.cpp reads nothing else. "
            "Name a GGUF file, or set runtime to 'auto'."
        )
    name = path.stem if Path(config.generator).exists() else config.generator
    return LlamaCppGenerator(path, name=name, threads=config.threads, slots=config.generator_slots)
