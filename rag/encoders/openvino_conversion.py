"""A sentence-transformers module -> OpenVINO's format, with pooling and normalisation inside. Needs torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rag.encoders.torch import load_model, max_tokens, quiet
from rag.errors import ModelError, first_line

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from rag.progress import Progress

__all__ = ["PROBES", "Converted", "TokenForm", "convert"]

PROBES: Final = (
    "query: 2019",
    "passage: 天空是蓝色的，大海也是。",
    "The Sky is BLUE, and so is the sea; nobody denies it.",
)
"""Texts that must come out alike before and after: short and long, two scripts, both cases."""
_STAGE: Final = "Converting the encoder"


@dataclass(frozen=True, slots=True)
class TokenForm:
    """How texts become what the model takes.

    Attributes:
        tokenizer_json: The tokenizer, in the format of the ``tokenizers`` package.
        max_tokens: The longest text that the model reads whole.
        pad_id: The token that fills up a batch.
    """

    tokenizer_json: str
    max_tokens: int
    pad_id: int


@dataclass(frozen=True, slots=True)
class Converted:
    """A converted model and what is needed to use it.

    Attributes:
        model: The ``openvino.Model``; inputs ``input_ids`` and ``attention_mask`` of shape (n, n_tokens), int64.
        form: What goes before it.
        reference: What torch makes of ``PROBES``. Shape: (n_probes, dim).
    """

    model: Any
    form: TokenForm
    reference: npt.NDArray[np.float32]


def convert(folder: Path, *, progress: Progress) -> Converted:
    """Convert the model in a folder.

    Raises:
        ModelError: The model cannot be loaded, or cannot be converted.
    """
    progress(_STAGE, 0, 2, unit="steps")
    model = load_model(folder)
    tokenizer = getattr(model.tokenizer, "backend_tokenizer", None)
    if tokenizer is None:
        raise _unconvertible(folder, "its tokenizer has no fast form")
    progress(_STAGE, 1, 2, unit="steps")
    try:
        with quiet():
            converted = _trace(model)
            reference = np.asarray(
                model.encode(list(PROBES), prompt="", normalize_embeddings=True, show_progress_bar=False), np.float32
            )
    except Exception as error:  # whatever a model of an unknown kind provokes
        reason = first_line(error)
        raise _unconvertible(folder, reason) from error
    progress(_STAGE, 2, 2, unit="steps")
    pad_id = model.tokenizer.pad_token_id
    form = TokenForm(tokenizer.to_str(), max_tokens=max_tokens(model), pad_id=0 if pad_id is None else int(pad_id))
    return Converted(converted, form, reference)


def _trace(model: Any) -> Any:  # noqa: ANN401 - neither library is typed here
    import openvino as ov  # noqa: PLC0415 - heavy
    import torch  # noqa: PLC0415 - heavy

    wants_types = "token_type_ids" in model.tokenizer.model_input_names

    class UnitVectors(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:  # noqa: ANN401
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            if wants_types:
                features["token_type_ids"] = torch.zeros_like(input_ids)
            return torch.nn.functional.normalize(self.encoder(features)["sentence_embedding"], dim=-1)

    # Two texts of different length: padding must be part of what is traced.
    example = model.tokenizer(list(PROBES[:2]), padding=True, return_tensors="pt")
    with torch.no_grad():
        converted = ov.convert_model(UnitVectors(), example_input=(example["input_ids"], example["attention_mask"]))
    for port, name in zip(converted.inputs, ("input_ids", "attention_mask"), strict=True):
        port.get_tensor().set_names({name})
    converted.reshape({port: [-1, -1] for port in converted.inputs})
    return converted


def _unconvertible(folder: Path, reason: str) -> ModelError:
    return ModelError(
        f"The encoder in {folder} could not be converted for OpenVINO: {reason}. "
        "Run it in torch instead: set encoder_runtime to torch (YOUJU_ENCODER_RUNTIME=torch)."
    )
