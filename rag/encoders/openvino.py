"""The encoder in OpenVINO: about twice torch's speed where the CPU has bfloat16, and no import of torch.

The converted model is kept in a folder of its own, put in place whole:
``openvino_model.xml`` and ``.bin`` (weights in float16), ``tokenizer.json``, ``encoder.json``.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rag.encoders.openvino_conversion import PROBES, Converted, TokenForm, convert
from rag.errors import ModelError
from rag.files import replace_folder
from rag.runtimes.openvino_cpu import batches_of_like_length, compile_for_cpu, padded_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from rag.encoders.model_facts import ModelFacts
    from rag.progress import Progress

__all__ = ["OpenVinoEncoder", "load_openvino_encoder"]

_MODEL: Final = "openvino_model.xml"
_WEIGHTS: Final = "openvino_model.bin"
_TOKENIZER: Final = "tokenizer.json"
_FACTS: Final = "encoder.json"
_FORMAT: Final = 1
_UNFINISHED: Final = ".unfinished-"
_GIVEN_UP_SECONDS: Final = 3600.0  # a save takes seconds: what is older was killed
_ALIKE: Final = 0.99
"""Least cosine between a converted model and the original; measured: 0.99998 in bfloat16, 1.00000 in float32."""


class OpenVinoEncoder:
    """A converted model, compiled for this CPU."""

    def __init__(self, model: Any, form: TokenForm, facts: ModelFacts, *, threads: int = 0) -> None:  # noqa: ANN401
        from tokenizers import Tokenizer  # noqa: PLC0415 - heavy

        self._compiled = compile_for_cpu(model, threads=threads)
        self._lock = threading.Lock()  # an inference request serves one caller at a time
        self._tokenizer = Tokenizer.from_str(form.tokenizer_json)
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._pad_id = form.pad_id
        self.name = facts.name
        self.query_prefix = facts.query_prefix
        self.passage_prefix = facts.passage_prefix
        self.max_tokens = form.max_tokens
        self.dim = int(self._compiled.output(0).get_partial_shape()[1].get_length())

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors of texts, in their order. Shape: (n_texts, dim).

        Raises:
            ValueError: A text is longer than ``max_tokens``.
        """
        rows = [self._ids(text) for text in texts]
        if longest := max((len(row) for row in rows if len(row) > self.max_tokens), default=0):
            raise ValueError(f"A text has {longest} tokens; {self.name} reads at most {self.max_tokens}.")
        vectors = np.empty((len(rows), self.dim), np.float32)
        for batch in batches_of_like_length([len(row) for row in rows]):
            width = padded_width(len(rows[batch[-1]]))
            ids = np.full((len(batch), width), self._pad_id, np.int64)
            mask = np.zeros((len(batch), width), np.int64)
            for line, i in enumerate(batch):
                ids[line, : len(rows[i])] = rows[i]
                mask[line, : len(rows[i])] = 1
            with self._lock:
                vectors[batch] = self._compiled([ids, mask])[0]
        return vectors

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, those that mark its ends included."""
        return len(self._ids(text))

    def _ids(self, text: str) -> list[int]:
        # The tokenizer is not Python's: it does not take half a surrogate pair.
        ids: list[int] = self._tokenizer.encode(text.encode("utf-8", "replace").decode("utf-8")).ids
        return ids


def load_openvino_encoder(
    folder: Path, facts: ModelFacts, *, home: Path, threads: int, progress: Progress
) -> OpenVinoEncoder:
    """The converted form of the model in ``folder``: from ``home`` where it is there and whole, else made.

    Where ``home`` cannot be written, the model is converted in memory, each time anew.

    Raises:
        ModelError: The model cannot be loaded or converted.
    """
    target = home / "openvino" / facts.name
    if encoder := _load(target, facts, threads=threads):
        return encoder
    encoder = _convert_and_save(folder, target, facts, threads=threads, progress=progress)
    return _load(target, facts, threads=threads) or encoder


def _convert_and_save(
    folder: Path, target: Path, facts: ModelFacts, *, threads: int, progress: Progress
) -> OpenVinoEncoder:
    converted = convert(folder, progress=progress)
    encoder = OpenVinoEncoder(converted.model, converted.form, facts, threads=threads)
    cosine = float((encoder.encode(PROBES) * converted.reference).sum(axis=1).min())
    if not cosine >= _ALIKE:  # not a number counts too
        raise ModelError(
            f"The encoder in {folder}, converted for OpenVINO, gives other vectors than torch (cosine {cosine:.4f}). "
            "Run it in torch instead: set encoder_runtime to torch (YOUJU_ENCODER_RUNTIME=torch)."
        )
    with suppress(OSError, RuntimeError):  # no room or no right to write: this time from memory
        _save(converted, target)
    return encoder


def _save(converted: Converted, target: Path) -> None:
    import openvino as ov  # noqa: PLC0415 - heavy

    target.parent.mkdir(parents=True, exist_ok=True)
    for leftover in target.parent.glob(f"{_UNFINISHED}*"):
        if time.time() - leftover.stat().st_mtime > _GIVEN_UP_SECONDS:
            shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=_UNFINISHED, ignore_cleanup_errors=True) as temporary:
        new = Path(temporary) / "model"
        new.mkdir()
        ov.save_model(converted.model, new / _MODEL, compress_to_fp16=True)
        (new / _TOKENIZER).write_text(converted.form.tokenizer_json, encoding="utf-8")
        facts = {
            "format": _FORMAT,
            "max_tokens": converted.form.max_tokens,
            "pad_id": converted.form.pad_id,
            "n_bytes": {name: (new / name).stat().st_size for name in (_MODEL, _WEIGHTS, _TOKENIZER)},
        }
        (new / _FACTS).write_text(json.dumps(facts), encoding="utf-8")
        replace_folder(new, target)  # what stands there is damaged, or it would have been used


def _load(target: Path, facts: ModelFacts, *, threads: int) -> OpenVinoEncoder | None:
    """The encoder in a folder of ours, or None where it is missing, unfinished or damaged."""
    try:
        known = json.loads((target / _FACTS).read_text(encoding="utf-8"))
        sizes = {name: (target / name).stat().st_size for name in (_MODEL, _WEIGHTS, _TOKENIZER)}
        if known["format"] != _FORMAT or known["n_bytes"] != sizes:
            return None
        tokenizer_json = (target / _TOKENIZER).read_text(encoding="utf-8")
        form = TokenForm(tokenizer_json, max_tokens=known["max_tokens"], pad_id=known["pad_id"])
        return OpenVinoEncoder(target / _MODEL, form, facts, threads=threads)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        return None
