"""Learn what features are worth: gold questions over an index -> the scorer's weights and card.

``python -m training.scoring --set GOLD.jsonl INDEX [WEIGHT] …``: each gold question is put to the very code that
answers, what was read is labelled by the gold quotes, and a logistic regression learns to tell the sentences that
answer from all others. A question that nothing answers has none: each is put once more with its documents hidden.

The two limits are chosen on answers of a model that did not see their document: ``threshold``, so that of what is
shown the wanted share is right; ``least_share``, so that a second sentence is shown where it answers as often as not.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from rag.batch.question_file import GoldQuestion, read_gold
from rag.config import Config, load_config
from rag.encoders import load_encoder
from rag.errors import RagError
from rag.evaluation.measures import Locate, hits_gold, make_locator
from rag.progress import Progress, TerminalProgress
from rag.reading.model import load_reader
from rag.retrieval.find_evidence import find_evidence
from rag.retrieval.snapshot import IndexSnapshot
from rag.scoring.features import FEATURES
from rag.scoring.scorer import SHIPPED, Scorer, load_scorer
from training.scoring_card import scoring_card

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from rag.scoring.sides import Side

    FloatArray = npt.NDArray[np.float64]

__all__ = ["Asked", "fit", "main"]

FOLDS: Final = 5
_REGULARISATION: Final = 0.3
WRONG_COST: Final = 2.0
"""How many right answers one wrong answer is worth, when the threshold is chosen."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One side of a gold question, read.

    Attributes:
        group: The document that its gold stands in: all of a document's questions are held out together.
        rows: Features of each sentence. Shape: (n, n_features).
        answers: Whether each sentence holds a gold quote. Shape: (n,).
        weight: What the question counts for.
        several: Whether it asks for several things.
    """

    group: str
    rows: FloatArray
    answers: npt.NDArray[np.bool_]
    weight: float
    several: bool = False


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        with TerminalProgress() as progress:
            _run(options, load_config(), progress)
    except RagError as error:
        print(f"{error}", file=sys.stderr)  # noqa: T201 - a command speaks to people
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.scoring", description="Learn the scorer's weights.")
    parser.add_argument(
        "--set",
        action="append",
        nargs=3,
        required=True,
        metavar=("GOLD.jsonl", "INDEX", "WEIGHT"),
        help="gold questions, the index of their documents, and what a question counts for (repeatable)",
    )
    parser.add_argument("--out", type=Path, default=SHIPPED, help="the weights file (default: the one youju ships)")
    parser.add_argument("--cache", type=Path, help="folder where what was read is kept, to learn again without reading")
    return parser


def _run(options: argparse.Namespace, config: Config, progress: Progress) -> None:
    asked: list[Asked] = []
    about: list[dict[str, Any]] = []
    for gold_file, index, weight in options.set:
        one = _read_set(Path(gold_file), Path(index), float(weight), options.cache, config, progress)
        asked += one
        about.append({"name": Path(gold_file).stem, "questions": len(one), "weight": float(weight)})
    held_out = _held_out(asked)
    model = fit(asked)
    threshold, least_share = choose_threshold(asked, held_out), choose_share(asked, held_out)
    weights = {name: round(float(value), 4) for name, value in zip(FEATURES, model.weights, strict=True)}
    stored = {"weights": weights, "bias": round(model.bias, 4), "threshold": threshold, "least_share": least_share}
    options.out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    card = scoring_card(stored, about, measures(asked, held_out))
    options.out.with_name("MODEL_CARD.md").write_text(card, encoding="utf-8")
    print(card)  # noqa: T201


# ---------------------------------------------------------------- reading


def _read_set(
    gold_file: Path, index: Path, weight: float, cache: Path | None, config: Config, progress: Progress
) -> list[Asked]:
    """The sides of all questions, read; from the cache where the same set was read with the same weights before."""
    settings = config.replace(index=index)
    reader_file = Path(settings.reader).expanduser() if settings.reader else _shipped_reader()
    made_of = hashlib.sha256(gold_file.read_bytes() + reader_file.read_bytes() + repr(FEATURES).encode())
    kept = cache / f"{gold_file.stem}-{made_of.hexdigest()[:12]}.npz" if cache else None
    if kept and kept.is_file():
        return _loaded(kept, weight)
    encoder = load_encoder(settings)
    corpus = IndexSnapshot.open(settings, encoder)
    reader = load_reader(settings, encoder_name=encoder.name)
    locate = make_locator({d.source: corpus.store.document(d.source).text for d in corpus.store.documents()})
    questions = read_gold(gold_file)
    asked: list[Asked] = []
    for done, question in enumerate(questions):
        progress("Reading", done, len(questions), unit="questions")
        # Once more without its documents: then nothing answers it, though what is near stays.
        holding = frozenset(s for span in question.gold for s, _, _ in locate(span.source, span.quote))
        for hidden in dict.fromkeys((frozenset[str](), holding)):
            found = find_evidence(
                corpus.without(hidden) if hidden else corpus,
                question.question,
                question.history,
                scope=None,
                config=settings,
                reader=reader,
                scorer=load_scorer(),
            )
            asked += _sides(question, found.sides, found.asked.wording.wants_several, locate, weight)
    if kept:
        _keep(kept, asked)
    return asked


def _shipped_reader() -> Path:
    from rag.reading.model import SHIPPED as READER  # noqa: PLC0415 - another weights file of the same name

    return READER


def _sides(
    question: GoldQuestion, sides: Sequence[Side], several: bool, locate: Locate, weight: float
) -> Iterator[Asked]:
    group = question.gold[0].source if question.gold else f"none {question.question_id}"
    for side in sides:
        places = [
            {"source": s.evidence.source, "start": s.evidence.start, "end": s.evidence.end, "quote": s.evidence.text}
            for s in side.found
        ]
        answers = [question.answerable and any(hits_gold(p, span, locate) for span in question.gold) for p in places]
        rows = np.array([span.features for span in side.found]).reshape(len(side.found), len(FEATURES))
        yield Asked(group, rows, np.array(answers, dtype=bool), weight, several)


def _keep(path: Path, asked: Sequence[Asked]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        rows=np.vstack([one.rows for one in asked]),
        answers=np.concatenate([one.answers for one in asked]),
        sizes=np.array([len(one.answers) for one in asked]),
        groups=np.array([one.group for one in asked]),
        several=np.array([one.several for one in asked]),
    )


def _loaded(path: Path, weight: float) -> list[Asked]:
    kept = np.load(path)
    ends = np.cumsum(kept["sizes"])[:-1]
    parts = zip(
        np.split(kept["rows"], ends), np.split(kept["answers"], ends), kept["groups"], kept["several"], strict=True
    )
    return [Asked(str(group), rows, answers, weight, bool(several)) for rows, answers, group, several in parts]


# ---------------------------------------------------------------- learning


def fit(asked: Sequence[Asked]) -> Scorer:
    """Learn the weights; the limits are left at 0."""
    rows = np.vstack([one.rows for one in asked])
    answers = np.concatenate([one.answers for one in asked])
    weight = np.concatenate([np.full(len(one.answers), one.weight) for one in asked])
    scale = rows.std(axis=0)
    scale[scale == 0] = 1.0
    model = LogisticRegression(C=_REGULARISATION, max_iter=3000).fit(rows / scale, answers, sample_weight=weight)
    return Scorer(model.coef_[0] / scale, float(model.intercept_[0]), 0.0, 0.0)


def _held_out(asked: Sequence[Asked]) -> list[FloatArray]:
    """Probabilities of each side's sentences by a model that saw no question of its document."""
    groups = sorted({one.group for one in asked})
    fold = {group: int(hashlib.sha256(group.encode()).hexdigest(), 16) % FOLDS for group in groups}
    found: list[FloatArray] = [np.zeros(0)] * len(asked)
    for held in range(FOLDS):
        model = fit([one for one in asked if fold[one.group] != held])
        for i, one in enumerate(asked):
            if fold[one.group] == held:
                found[i] = model.probabilities(one.rows)
    return found


def choose_threshold(asked: Sequence[Asked], probabilities: Sequence[FloatArray]) -> float:
    """The limit of the best sentence's probability at which right answers outweigh wrong ones most."""
    best = [(float(p.max()), bool(one.answers[p.argmax()]), one.weight) for one, p in _pairs(asked, probabilities)]
    limits = np.round(np.arange(0.05, 0.95, 0.01), 2)
    gains = [sum(w if right else -WRONG_COST * w for p, right, w in best if p >= limit) for limit in limits]
    return float(limits[int(np.argmax(gains))])


def choose_share(asked: Sequence[Asked], probabilities: Sequence[FloatArray]) -> float:
    """The share of the best sentence's probability from which on a second sentence answers as often as not."""
    pairs = []
    for one, p in _pairs(asked, probabilities):
        if len(p) > 1:
            first, second = np.argsort(-p)[:2]
            pairs.append((float(p[second] / p[first]), bool(one.answers[second])))
    for limit in np.round(np.arange(0.3, 1.0, 0.05), 2):
        above = [right for share, right in pairs if share >= limit]
        if above and sum(above) >= len(above) / 2:
            return float(limit)
    return 1.0


def measures(asked: Sequence[Asked], probabilities: Sequence[FloatArray]) -> dict[str, float]:
    """How well it tells, on documents that it did not see: right first, calibration error, wrong among the sure."""
    best = [(float(p.max()), bool(one.answers[p.argmax()])) for one, p in _pairs(asked, probabilities)]
    bins: dict[int, list[tuple[float, bool]]] = {}
    for p, right in best:
        bins.setdefault(min(9, int(p * 10)), []).append((p, right))
    error = sum(abs(sum(p for p, _ in each) - sum(right for _, right in each)) for each in bins.values()) / len(best)
    sure = [right for p, right in best if p >= 0.9]
    there = [
        right
        for (_, right), one in zip(best, (o for o, _ in _pairs(asked, probabilities)), strict=True)
        if one.answers.any()
    ]
    return {
        "sides": len(best),
        "right sentence first, of those that are read": sum(there) / max(1, len(there)),
        "calibration error in ten bins": error,
        "wrong among those of 0.9 or more": 1 - sum(sure) / max(1, len(sure)),
        "share of 0.9 or more": len(sure) / len(best),
    }


def _pairs(asked: Sequence[Asked], probabilities: Sequence[FloatArray]) -> Iterator[tuple[Asked, FloatArray]]:
    return ((one, p) for one, p in zip(asked, probabilities, strict=True) if len(p))


if __name__ == "__main__":
    sys.exit(main())
