"""Question + windows -> spans: the reader as the rest of youju sees it. Knows neither passages nor citations."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rag.models import encoder_folder
from rag.reading.model.network import Network
from rag.reading.model.spans import best_spans, tagged_spans
from rag.reading.model.tokens import encode_window, load_tokenizer
from rag.reading.model.weights import SHIPPED, load_weights
from rag.text.language import detect_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.config import Config
    from rag.reading.model.spans import Span
    from rag.reading.model.tokens import Window

__all__ = ["Reader", "Reading", "load_reader"]

_LIMIT: Final = 4


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in one window.

    Attributes:
        spans: The best spans that do not overlap, best first; there is always one, however unlikely.
        tagged: What the reader takes for all parts of the answer, in order of the text, where that was asked for.
    """

    spans: tuple[Span, ...]
    tagged: tuple[Span, ...] = ()

    @property
    def score(self) -> float:
        """Score of the best span: how much more likely than "not here"."""
        return self.spans[0].score if self.spans else -math.inf


class Reader:
    """Finds what answers a question in windows of text, and says how sure it is."""

    def __init__(self, weights_file: Path, encoder: Path, *, encoder_name: str, threads: int = 0) -> None:
        """Load the weights and build the network.

        Args:
            weights_file: The weights file.
            encoder: Folder of the encoder.
            encoder_name: Its name with the fingerprint of its weights.
            threads: CPU threads; 0 leaves it to the runtime.

        Raises:
            ModelError: The reader was trained on another encoder, or a file is damaged.
        """
        loaded = load_weights(weights_file, encoder, encoder_name=encoder_name)
        self._network = Network(loaded, threads=threads)
        self._calibration = loaded.calibration
        self._tokenizer = load_tokenizer(encoder)

    def read(
        self, question: str, windows: Sequence[Window], *, limit: int = _LIMIT, with_tags: bool = False
    ) -> list[Reading]:
        """Read windows for a question; one reading a window, in their order.

        Args:
            question: The standalone question.
            windows: What to read; text beyond the network's 512 tokens is not read.
            limit: Most spans of a window.
            with_tags: Whether to decode the tags, too: training measures them, answering has no use for them.
        """
        encoded = [encode_window(self._tokenizer, question, window) for window in windows]
        logits = self._network.logits([one.ids for one in encoded])
        return [
            Reading(
                tuple(best_spans(one, row, window.text, limit=limit)),
                tuple(tagged_spans(one, row, window.text)) if with_tags else (),
            )
            for one, row, window in zip(encoded, logits, windows, strict=True)
        ]

    def probability(self, score: float, question: str = "") -> float:
        """Probability that the best of all windows' spans answers, from its score; calibrated on held-back data.

        Args:
            score: Of the best span.
            question: What was asked: each language has its own curve; by default Chinese.
        """
        chinese = detect_language(question) == "zh"
        slope, intercept = self._calibration.chinese if chinese else self._calibration.other
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, slope * score + intercept))))


def load_reader(config: Config, *, encoder_name: str) -> Reader:
    """Load the reader that the settings name.

    Args:
        config: The settings: weights, encoder, threads.
        encoder_name: The encoder in use, with the fingerprint of its weights (``Encoder.name``).

    Raises:
        ModelMissingError: The encoder was not fetched.
        ModelError: The reader was trained on another encoder, or a file is damaged.
    """
    weights_file = Path(config.reader).expanduser() if config.reader else SHIPPED
    return Reader(weights_file, encoder_folder(config), encoder_name=encoder_name, threads=config.threads)
