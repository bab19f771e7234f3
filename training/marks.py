"""All measures of a reader's weights, in one table."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.encoders import embed_passages, load_encoder
from rag.reading.model import Reader
from training.evaluate import (
    Asked,
    as_asked,
    calibrate,
    paragraph_scores,
    read_paragraphs,
    scope_scores,
    several_scores,
)
from training.ranking import rank_questions, ranking_scores
from training.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rag.config import Config
    from rag.encoders import Encoder
    from rag.progress import Progress
    from rag.reading.model.weights import Calibration
    from training.data import Question
    from training.prepare import Prepared

__all__ = ["measure"]

_CHARS = 400
_RANKED = 300  # questions of official papers, each over forty windows
_STAGE = "Measuring"


def measure(
    weights: Path,
    prepared: Prepared,
    *,
    sets: Mapping[str, Sequence[Question]],
    xquad: Mapping[str, list[Asked]],
    config: Config,
    sample: int,
    seed: int,
    progress: Progress,
) -> tuple[Calibration, dict[str, float]]:
    """Calibrate on what was held back, and measure on that and on test data.

    Args:
        weights: The weights file.
        prepared: The training data; what it holds back is used.
        sets: Questions that nothing was trained on, by the name of their set: ``mrc_test``, and others for choosing.
        xquad: XQuAD by the language of its questions, or empty.
        config: The settings.
        sample: Questions of each test set to measure on; 0 takes all.
        seed: Decides the sample and the drawn headings.
        progress: Hears how far it is.

    Returns:
        The calibration, and every mark by name.
    """
    encoder = load_encoder(config)
    reader = Reader(weights, prepared.encoder, encoder_name=encoder.name, threads=config.threads)
    rng = Random(seed)
    held = _sample(prepared.held_back, sample, rng)
    test = _sample(sets["mrc_test"], sample, rng)
    marks: dict[str, float] = {}

    def add(name: str, values: dict[str, float]) -> None:
        marks.update({f"{name} {key}": value for key, value in values.items()})
        progress(_STAGE, len(marks), 60, unit="marks")

    add("mrc_test", read_paragraphs(reader, as_asked(test)))
    add("mrc_test, 3 sentences", read_paragraphs(reader, as_asked(test), most_sentences=3))
    if xquad:
        chinese, english = _sample_pairs(xquad["zh"], xquad["en"], sample, rng)
        add("XQuAD zh", read_paragraphs(reader, chinese))
        add("XQuAD en->zh", read_paragraphs(reader, english))
        add("XQuAD zh", {"paragraph AUC": _paragraph_auc(reader, chinese, encoder)})
        add("XQuAD en->zh", {"paragraph AUC": _paragraph_auc(reader, english, encoder)})
    add("mrc_test", {"paragraph AUC": _paragraph_auc(reader, as_asked(test), encoder)})
    for name in sorted(sets.keys() - {"mrc_test"}):
        asked = as_asked(_sample(sets[name], sample, rng))
        add(name, read_paragraphs(reader, asked) | {"paragraph AUC": _paragraph_auc(reader, asked, encoder)})
    if ranked := rank_questions(prepared.papers, sample or _RANKED, seed=seed + 1):
        add("official papers, 40 windows,", ranking_scores(reader, ranked))
    add("mrc_test AUC", scope_scores(reader, test, prepared.places, seed=seed + 1))
    only_several = Recipe(counts={"several": 1.0}, headings=0.5, translated=0.0)
    maker = prepared.maker(only_several, seed=seed + 1, held_back=True)
    add("held back, both parts by", several_scores(reader, maker.make(0)))
    calibration, values = calibrate(reader, held, prepared, maker, seed=seed + 1)
    add("held back", values)
    progress(_STAGE, 60, 60, unit="marks")
    return calibration, marks


def _paragraph_auc(reader: Reader, asked: Sequence[Asked], encoder: Encoder) -> float:
    """A question's own paragraph against the most similar other one, among the paragraphs of all these questions."""
    paragraphs = sorted({one.paragraph for one in asked})
    vectors = embed_passages([text[:_CHARS] for text in paragraphs], encoder=encoder)
    queries = encoder.encode([encoder.query_prefix + one.question for one in asked])
    similarity = queries @ vectors.T
    others = {}
    for one, row in zip(asked, similarity, strict=True):
        order = np.argsort(-row)
        others[one.question] = next(
            paragraphs[i]
            for i in order
            if paragraphs[i] != one.paragraph and not any(answer in paragraphs[i] for answer in one.answers)
        )
    return paragraph_scores(reader, asked, others)


def _sample(questions: Sequence[Any], n: int, rng: Random) -> list[Any]:
    return rng.sample(list(questions), n) if 0 < n < len(questions) else list(questions)


def _sample_pairs(one: list[Asked], two: list[Asked], n: int, rng: Random) -> tuple[list[Asked], list[Asked]]:
    chosen = _sample(range(len(one)), n, rng)
    return [one[i] for i in chosen], [two[i] for i in chosen]
