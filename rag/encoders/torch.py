"""The encoder in torch, as sentence-transformers runs it. The only importer of sentence-transformers."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.errors import ModelError, first_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from rag.encoders.model_facts import ModelFacts

__all__ = ["TorchEncoder", "load_model", "max_tokens", "quiet"]


class TorchEncoder:
    """A sentence-transformers model, run by torch in float32."""

    def __init__(self, folder: Path, facts: ModelFacts, *, threads: int = 0) -> None:
        import torch  # noqa: PLC0415 - heavy

        if threads:
            torch.set_num_threads(threads)
        self._model = load_model(folder)
        self.name = facts.name
        self.query_prefix = facts.query_prefix
        self.passage_prefix = facts.passage_prefix
        self.max_tokens = max_tokens(self._model)
        self.dim = int(self.encode(["0"]).shape[1])

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors of texts, in their order. Shape: (n_texts, dim)."""
        if not texts:
            return np.empty((0, self.dim), np.float32)
        with quiet():
            vectors = self._model.encode(
                list(texts), batch_size=16, prompt="", normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, np.float32)

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, those that mark its ends included."""
        with quiet():
            return len(self._model.tokenizer(text)["input_ids"])


def load_model(folder: Path) -> Any:  # noqa: ANN401 - the library is not typed here
    """Load a model without a network and without running code that came with it.

    Raises:
        ModelError: It is no sentence-transformers model, or damaged.
    """
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - heavy

    try:
        with quiet():
            model = SentenceTransformer(
                str(folder),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"dtype": "float32"},  # half precision is slow in torch on most CPUs
            )
    except Exception as error:  # whatever a damaged or foreign folder provokes
        reason = first_line(error)
        raise ModelError(
            f"{folder} could not be loaded as a sentence-transformers model: {reason} "
            "Correct the setting encoder, or check the models: youju models verify"
        ) from error
    return model.eval()


def max_tokens(model: Any) -> int:  # noqa: ANN401
    """The longest text that the model reads whole."""
    limit = model.max_seq_length or getattr(model.tokenizer, "model_max_length", None) or 512
    return min(int(limit), 8192)  # tokenizers without a limit give a number with thirty digits


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the libraries' own bars and notices from the terminal; errors still come as exceptions."""
    import transformers.utils.logging  # noqa: PLC0415 - heavy

    logging: Any = transformers.utils.logging  # only half of it is typed
    verbosity = logging.get_verbosity()
    bars = logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
