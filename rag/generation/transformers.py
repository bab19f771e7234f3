"""Generates with transformers and torch on the CPU, in bfloat16; one of the two importers of model runtimes.

The slower alternative, for models that the OpenVINO runtime cannot read. A GGUF file is unpacked on every start.
"""

import importlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rag.config import Config
from rag.errors import GenerationError, ModelError
from rag.generation.generator import CallbackGenerator, checked_messages, neutralise_control_tokens, reply_budget
from rag.generation.reply import OnText, Pieces, Reply
from rag.models import generator_path
from rag.schema.messages import Message

__all__ = ["TransformersGenerator", "load"]

# As in the OpenVINO runtime; doubles decoding here too.
_LOOKUP_TOKENS = 5
_LOOKUP_NGRAM = 3
_INSTALL = "pip install 'youju[transformers-runtime]'"


class TransformersGenerator(CallbackGenerator):
    """A model in transformers."""

    def __init__(self, path: Path, *, name: str, threads: int = 0) -> None:
        """Load the model.

        Args:
            path: A GGUF file, or a transformers folder.
            name: What to call it.
            threads: CPU threads; 0 leaves it to torch.

        Raises:
            ModelError: A library is missing, or the model cannot be loaded.
        """
        self._name = name
        self._busy = threading.Lock()  # one conversation at a time: the cores are shared anyway
        torch: Any
        transformers: Any
        try:
            torch = importlib.import_module("torch")  # heavy; only when it is used
            transformers = importlib.import_module("transformers")
        except ImportError as error:
            raise ModelError(f"The transformers runtime is not installed: {_INSTALL}") from error
        if threads:
            torch.set_num_threads(threads)
        self._torch, self._transformers = torch, transformers
        where: dict[str, Any] = {"pretrained_model_name_or_path": str(path)}
        unpack: dict[str, Any] = {}
        if path.suffix == ".gguf":
            where = {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
            if hasattr(transformers, "GgufConfig"):  # newer ones would keep it packed: half the speed
                unpack = {"quantization_config": transformers.GgufConfig(dequantize=True)}
        try:
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(**where, local_files_only=True)
            self._model = transformers.AutoModelForCausalLM.from_pretrained(
                **where, **unpack, dtype=torch.bfloat16, local_files_only=True
            ).eval()
        except (OSError, ValueError, ImportError, RuntimeError, KeyError) as error:
            raise ModelError(
                f"transformers cannot load {path}: {error} A GGUF file needs two more packages: {_INSTALL}"
            ) from error
        self.context_tokens = int(getattr(self._model.config, "max_position_embeddings", 0) or 0)

    @property
    def name(self) -> str:
        """Name of the model, for people."""
        return self._name

    def count_tokens(self, text: str) -> int:
        """Tokens of a text as the model counts them, without a template around it."""
        return len(self._tokenizer(neutralise_control_tokens(text), add_special_tokens=False)["input_ids"])

    def generate(self, messages: Sequence[Message], *, max_new_tokens: int, on_text: OnText = lambda _: False) -> Reply:
        """Write a reply; see :meth:`CallbackGenerator.generate`."""
        history = [{"role": message.role, "content": message.content} for message in checked_messages(messages)]
        inputs = self._tokenizer.apply_chat_template(
            history, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        n_prompt = int(inputs["input_ids"].shape[1])
        budget = reply_budget(n_prompt, max_new_tokens=max_new_tokens, context_tokens=self.context_tokens)
        pieces = Pieces(on_text)
        try:
            with self._busy, self._torch.inference_mode():
                tokens = self._model.generate(
                    **inputs,
                    generation_config=self._settings(budget),
                    streamer=_Streamer(self._tokenizer, pieces),
                    stopping_criteria=self._transformers.StoppingCriteriaList([_stop_when(pieces, self._torch)]),
                )
        except RuntimeError as error:
            raise GenerationError(f"{self._name} failed while it wrote: {error}. Ask again.") from error
        n_new = int(tokens.shape[1]) - n_prompt
        ended = int(tokens[0, -1]) in self._end_ids()
        return pieces.finish(n_prompt_tokens=n_prompt, n_new_tokens=n_new, at_limit=not ended)

    def _settings(self, max_new_tokens: int) -> Any:  # noqa: ANN401 - a class of the library
        pad = self._tokenizer.pad_token_id
        return self._transformers.GenerationConfig(
            max_new_tokens=max_new_tokens,
            do_sample=False,
            prompt_lookup_num_tokens=_LOOKUP_TOKENS,
            max_matching_ngram_size=_LOOKUP_NGRAM,
            eos_token_id=sorted(self._end_ids()),
            pad_token_id=pad if pad is not None else min(self._end_ids()),
        )

    def _end_ids(self) -> set[int]:
        """Tokens that end a reply: the model's own, and the tokenizer's."""
        told = self._model.generation_config.eos_token_id
        ids = told if isinstance(told, list) else [told]
        return {int(token) for token in (*ids, self._tokenizer.eos_token_id) if token is not None}


class _Streamer:
    """Turns the tokens that transformers hands over into pieces of text; holds back half a character."""

    def __init__(self, tokenizer: Any, pieces: Pieces) -> None:  # noqa: ANN401 - a class of the library
        self._tokenizer = tokenizer
        self._pieces = pieces
        self._tokens: list[int] | None = None  # None until the prompt, which comes first, has passed
        self._n_shown = 0

    def put(self, value: Any) -> None:  # noqa: ANN401 - a tensor
        """Take the prompt once, then new tokens, one or several at a time."""
        if self._tokens is None:
            self._tokens = []
            return
        self._tokens.extend(value.reshape(-1).tolist())
        self._show(final=False)

    def end(self) -> None:
        """Pass on what was held back."""
        self._show(final=True)

    def _show(self, *, final: bool) -> None:
        text: str = self._tokenizer.decode(self._tokens or [], skip_special_tokens=True)
        if final or not text.endswith("\ufffd"):
            self._pieces.add(text[self._n_shown :])
            self._n_shown = len(text)


def _stop_when(pieces: Pieces, torch: Any) -> Callable[..., Any]:  # noqa: ANN401 - the module, imported lazily
    """A stopping criterion that asks whether the listener has had enough."""

    def criterion(input_ids: Any, _scores: Any, **_: Any) -> Any:  # noqa: ANN401 - tensors
        return torch.full((input_ids.shape[0],), pieces.stopped, dtype=torch.bool)

    return criterion


def load(config: Config) -> TransformersGenerator:
    """Load the model that the settings name: a GGUF file, or a transformers folder.

    Raises:
        ModelError: It is missing, of another runtime, or cannot be loaded.
    """
    path = generator_path(config)
    if path.suffix != ".gguf" and not (path / "config.json").is_file():
        raise ModelError(
            f"generator is {path}, which is neither a GGUF file nor a transformers folder (config.json). "
            "For an OpenVINO folder set runtime to 'openvino'."
        )
    name = path.stem if Path(config.generator).exists() else config.generator
    return TransformersGenerator(path, name=name, threads=config.threads)
