"""The role of an encoder, and the two things that are done with one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from rag.encoders.model_facts import read_facts
from rag.errors import PassageTooLongError, QuestionError
from rag.models import encoder_folder
from rag.progress import no_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.config import Config
    from rag.progress import Progress

__all__ = ["Encoder", "FloatArray", "convert_encoder", "embed_passages", "embed_query", "load_encoder", "similarities"]

FloatArray: TypeAlias = npt.NDArray[np.float32]
_SLICE: Final = 64  # passages between two reports of progress


class Encoder(Protocol):
    """Turns texts into unit vectors.

    Attributes:
        name: The model's name and a fingerprint of its weights: what an index is bound to.
        dim: Length of a vector.
        max_tokens: The longest text it reads whole, prefix and end marks included.
        query_prefix: What the model wants before a query.
        passage_prefix: What the model wants before a passage.
    """

    name: str
    dim: int
    max_tokens: int
    query_prefix: str
    passage_prefix: str

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Unit vectors of texts of at most ``max_tokens`` tokens, in their order. Shape: (n_texts, dim), float32."""

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, the marks of its ends included, a prefix not."""


def load_encoder(config: Config, *, folder: Path | None = None, progress: Progress = no_progress) -> Encoder:
    """Load the encoder that the settings name.

    Args:
        config: The settings: which encoder, in which runtime, with how many threads.
        folder: The model's folder, where it is not to be looked up.
        progress: Hears of the conversion for OpenVINO, which is done once for a model.

    Raises:
        ModelMissingError: It was not fetched yet.
        ModelError: It cannot be loaded.
    """
    folder = encoder_folder(config) if folder is None else folder
    # A hub's folder has a hash for a name; the setting (name, path, or owner/name:pattern) says what people call it.
    label = Path(config.encoder).name.partition(":")[0] or folder.name
    facts = read_facts(folder, label=label)
    if config.encoder_runtime == "torch":
        from rag.encoders.torch import TorchEncoder  # noqa: PLC0415 - one runtime is enough

        return TorchEncoder(folder, facts, threads=config.threads)
    from rag.encoders.openvino import load_openvino_encoder  # noqa: PLC0415

    return load_openvino_encoder(folder, facts, home=config.home, threads=config.threads, progress=progress)


def convert_encoder(config: Config, *, progress: Progress = no_progress) -> None:
    """Convert the encoder now, where its runtime needs that and it was not done, so that the next start is fast.

    Raises:
        ModelMissingError: It was not fetched yet.
        ModelError: It cannot be loaded or converted.
    """
    if config.encoder_runtime == "openvino":
        load_encoder(config, progress=progress)


def embed_passages(texts: Sequence[str], *, encoder: Encoder, progress: Progress = no_progress) -> FloatArray:
    """Embed passages as unit vectors, so that a dot product is cosine similarity.

    Args:
        texts: Passage texts, each at most ``encoder.max_tokens`` tokens with its prefix.
        encoder: The encoder.
        progress: Hears how many are done.

    Returns:
        Embeddings in input order. Shape: (n_texts, dim), float32.

    Raises:
        PassageTooLongError: A text exceeds the limit; nothing is cut silently.
    """
    prefixed = [encoder.passage_prefix + text for text in texts]
    for text, full in zip(texts, prefixed, strict=True):
        if (n_tokens := encoder.count_tokens(full)) > encoder.max_tokens:
            raise PassageTooLongError(
                f"A passage has {n_tokens} tokens with its headings; {encoder.name} reads at most "
                f"{encoder.max_tokens}. It begins: {text[:40]!r}. Set passage_chars lower and index again."
            )
    vectors = np.empty((len(texts), encoder.dim), np.float32)
    order = sorted(range(len(texts)), key=lambda i: len(prefixed[i]))  # like lengths together: little padding
    for begin in range(0, len(order), _SLICE):
        progress("Embedding", begin, len(order), unit="passages")
        some = order[begin : begin + _SLICE]
        vectors[some] = encoder.encode([prefixed[i] for i in some])
    if order:
        progress("Embedding", len(order), len(order), unit="passages")
    return vectors


def embed_query(text: str, *, encoder: Encoder) -> FloatArray:
    """Embed a query as a unit vector.

    Returns:
        The embedding. Shape: (dim,), float32.

    Raises:
        QuestionError: The query is longer than the encoder reads.
    """
    full = encoder.query_prefix + text
    if (n_tokens := encoder.count_tokens(full)) > encoder.max_tokens:
        raise QuestionError(
            f"The question has {n_tokens} tokens; the encoder reads at most {encoder.max_tokens}. Ask a shorter one."
        )
    vector: FloatArray = encoder.encode([full])[0]
    return vector


def similarities(text: str, others: Sequence[str], *, encoder: Encoder) -> list[float]:
    """Cosine of a text with each of some others, whatever their languages.

    Both sides get the query prefix, as the model's authors advise for symmetric comparison (arXiv:2402.05672).
    """
    vector = embed_query(text, encoder=encoder)
    return [float(vector @ embed_query(other, encoder=encoder)) for other in others]
