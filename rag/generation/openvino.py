"""Generates with OpenVINO GenAI on the CPU; one of the two importers of model runtimes.

Reads a GGUF file or an OpenVINO folder. Prompt lookup proposes tokens that stand in the prompt already, which suits
answers that quote: measured 27-45 instead of 15 tokens a second. The prefix cache keeps what was read: a prompt
that begins like an earlier one costs only its rest.
"""

import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.config import Config
from rag.errors import GenerationError, ModelError
from rag.generation import gguf
from rag.generation.generator import CallbackGenerator, checked_messages, neutralise_control_tokens, reply_budget
from rag.generation.openvino_conversion import converted_folder
from rag.generation.reply import OnText, Pieces, Reply
from rag.models import generator_path
from rag.schema.messages import Message

__all__ = ["OpenVINOGenerator", "load"]

# Proposed tokens and length of the match that proposes them: the best of those tried for cited answers.
_LOOKUP_TOKENS = 5
_LOOKUP_NGRAM = 3
_COUNTED_CHARS = 2000  # at most four tokens a character
# What was read is kept for so many tokens, and no prompt with its reply may be longer: 230 MB for a model of 1.5 B,
# taken at the first reply. `cache_size` in GB is no bound in OpenVINO GenAI 2026.4, the number of blocks is
# (github.com/openvinotoolkit/openvino.genai, issue 4481).
_CACHE_TOKENS = 8_192
_BLOCK_TOKENS = 32  # of the runtime on a CPU
# A prompt is read in pieces of 256 tokens and a rest, and what the runtime prepares for a rest of each length is kept.
# 128 lengths add 400 MB, with these bounds of its two caches 200 MB, and nothing the second time, just as fast
# (benchmarks/generator_memory.py).
_PREPARED = {"CPU_RUNTIME_CACHE_CAPACITY": 64}
_PREPARED_BELOW = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16")


class OpenVINOGenerator(CallbackGenerator):
    """A model in the OpenVINO runtime."""

    def __init__(self, path: Path, *, name: str, context_tokens: int = 0, threads: int = 0) -> None:
        """Load the model and run it once, so that the first question does not pay for the start.

        Args:
            path: A GGUF file or an OpenVINO folder.
            name: What to call it.
            context_tokens: Longest context; 0 takes what the files tell. At most 8,160 are used.
            threads: CPU threads; 0 leaves it to the runtime.

        Raises:
            ModelError: The runtime is missing, or cannot load the model.
        """
        self._name = name
        self._busy = threading.Lock()  # one conversation at a time: the runtime is not re-entrant
        os.environ.setdefault(*_PREPARED_BELOW)  # read once, when the runtime is first used
        try:
            import openvino_genai  # noqa: PLC0415 - heavy; only here
        except ImportError as error:
            raise ModelError("The openvino runtime is not installed: pip install openvino-genai") from error
        self._genai = openvino_genai
        properties: dict[str, Any] = {"INFERENCE_NUM_THREADS": threads} if threads else {}
        try:
            self._pipeline = self._load(path, properties | _PREPARED)
        except (RuntimeError, LookupError, ValueError) as error:  # what it makes of a file that it does not know
            raise ModelError(
                f"The OpenVINO runtime cannot load {path}: {_first_line(error)} "
                "It reads GGUF files of the Qwen2, Qwen3, Llama and SmolLM families, and OpenVINO folders."
            ) from error
        self._tokenizer = self._pipeline.get_tokenizer()
        self.context_tokens = self._readable_tokens(context_tokens or _context_tokens(path))
        self.generate([Message("user", "1")], max_new_tokens=2)

    def _load(self, path: Path, properties: dict[str, Any]) -> Any:  # noqa: ANN401 - a class of the runtime
        scheduler = self._genai.SchedulerConfig()
        scheduler.enable_prefix_caching = True
        scheduler.num_kv_blocks = _CACHE_TOKENS // _BLOCK_TOKENS
        try:
            return self._genai.LLMPipeline(
                str(path), "CPU", scheduler_config=scheduler, prompt_lookup=True, **properties
            )
        except RuntimeError as error:
            if not any(name in str(error) for name in _PREPARED.keys() & properties.keys()):
                raise
            # Not a documented setting: another version may not know it, and needs more memory then.
            return self._load(path, {name: value for name, value in properties.items() if name not in _PREPARED})

    @property
    def name(self) -> str:
        """Name of the model, for people."""
        return self._name

    def count_tokens(self, text: str) -> int:
        """Tokens of a text as the model counts them, without a template around it."""
        text = neutralise_control_tokens(text)
        # In pieces, because the tokenizer silently cuts what is longer than it likes.
        return sum(self._n_tokens(text[i : i + _COUNTED_CHARS]) for i in range(0, len(text), _COUNTED_CHARS))

    def generate(self, messages: Sequence[Message], *, max_new_tokens: int, on_text: OnText = lambda _: False) -> Reply:
        """Write a reply; see :meth:`CallbackGenerator.generate`."""
        history = [{"role": message.role, "content": message.content} for message in checked_messages(messages)]
        pieces = Pieces(on_text)
        try:
            with self._busy:
                prompt = self._tokenizer.apply_chat_template(history, add_generation_prompt=True)
                inputs = self._tokenizer.encode(prompt, add_special_tokens=False)
                n_prompt = int(inputs.input_ids.shape[1])
                budget = reply_budget(n_prompt, max_new_tokens=max_new_tokens, context_tokens=self.context_tokens)
                results = self._pipeline.generate(inputs, self._settings(budget), pieces.add)
        except RuntimeError as error:
            raise GenerationError(f"{self._name} failed while it wrote: {_first_line(error)} Ask again.") from error
        n_new = len(results.tokens[0])
        at_limit = results.finish_reasons[0] == self._genai.GenerationFinishReason.LENGTH
        return pieces.finish(n_prompt_tokens=n_prompt, n_new_tokens=n_new, at_limit=at_limit)

    def _n_tokens(self, text: str) -> int:
        return int(self._tokenizer.encode(text, add_special_tokens=False).input_ids.shape[1])

    def _readable_tokens(self, context_tokens: int) -> int:
        """Longest prompt with its reply: the context, where the tokenizer cuts, or the cache."""
        fitting = _CACHE_TOKENS - _BLOCK_TOKENS  # the last block is left for tokens that are only proposed
        probe = min(context_tokens, fitting) or fitting
        n_kept = self._n_tokens(" a" * (probe + 1))
        return min(n_kept, probe)

    def _settings(self, max_new_tokens: int) -> Any:  # noqa: ANN401 - a class of the runtime
        settings = self._pipeline.get_generation_config()
        settings.max_new_tokens = max_new_tokens
        settings.do_sample = False
        settings.repetition_penalty = 1.0
        settings.num_assistant_tokens = _LOOKUP_TOKENS
        settings.max_ngram_size = _LOOKUP_NGRAM
        return settings


def _context_tokens(path: Path) -> int:
    if path.suffix == ".gguf":
        return gguf.context_tokens(path)
    try:
        config = json.loads((path / "config.json").read_text(encoding="utf-8"))
        return int(config.get("max_position_embeddings", 0))
    except (OSError, ValueError, AttributeError, TypeError):
        return 0  # converted from a GGUF file: there is no such file


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__).rstrip(".") + "."


def load(config: Config) -> OpenVINOGenerator:
    """Load the model that the settings name: a GGUF file in its converted form where there is one, or a folder.

    Raises:
        ModelError: It is missing, of another runtime, or cannot be loaded.
    """
    path = generator_path(config)
    name = path.stem if Path(config.generator).exists() else config.generator
    if path.suffix == ".gguf":
        converted = converted_folder(config, path)
        return OpenVINOGenerator(
            converted if converted.is_dir() else path,
            name=name,
            context_tokens=gguf.context_tokens(path),
            threads=config.threads,
        )
    if not (path / "openvino_model.xml").is_file():
        raise ModelError(
            f"generator is {path}, which is neither a GGUF file nor an OpenVINO folder (openvino_model.xml). "
            "For a transformers folder set runtime to 'transformers'."
        )
    return OpenVINOGenerator(path, name=name, threads=config.threads)
