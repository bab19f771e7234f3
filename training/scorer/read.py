"""Gold questions over an index -> what was read for each, labelled by the gold quotes.

Each question is put to the very code that answers, and once more with the documents of its gold hidden: then nothing
answers it, though what is near stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.batch.question_file import GoldQuestion, read_gold
from rag.config import Config
from rag.encoders import load_encoder
from rag.evaluation.locate import Locate, make_locator
from rag.evaluation.measures import hits_gold
from rag.progress import Progress
from rag.reading.model import SHIPPED as READER
from rag.reading.model import load_reader
from rag.retrieval.find_evidence import find_evidence
from rag.retrieval.snapshot import IndexSnapshot
from rag.scoring.features import FEATURES
from rag.scoring.scorer import load_scorer

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.scoring.sides import Side

__all__ = ["Asked", "read_set"]

HIDDEN_WEIGHT: Final = 0.25
"""What a question counts without its documents: people ask far more often what is there. On 293 questions, documents
held out, limits at which 0.75 of them are answered: wrong 0.14 at this weight, 0.16 at 0, 0.15 at 1.
"""


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
    rows: npt.NDArray[np.float64]
    answers: npt.NDArray[np.bool_]
    weight: float
    several: bool = False


def read_set(
    gold_file: Path, index: Path, weight: float, cache: Path | None, config: Config, progress: Progress
) -> list[Asked]:
    """The sides of all questions, read; from the cache where the same set was read with the same weights before."""
    settings = config.replace(index=index)
    reader_file = Path(settings.reader).expanduser() if settings.reader else READER
    made_of = hashlib.sha256(gold_file.read_bytes() + reader_file.read_bytes() + repr(FEATURES).encode())
    kept = cache / f"{gold_file.stem}-{made_of.hexdigest()[:12]}.npz" if cache else None
    if kept and kept.is_file():
        return _weighed(_loaded(kept), weight)
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
            counts = HIDDEN_WEIGHT if hidden else 1.0
            found = find_evidence(
                corpus.without(hidden) if hidden else corpus,
                question.question,
                question.history,
                scope=None,
                config=settings,
                reader=reader,
                scorer=load_scorer(),
            )
            asked += _sides(question, found.sides, found.asked.wording.wants_several, locate, counts)
    if kept:
        _keep(kept, asked)
    return _weighed(asked, weight)


def _weighed(asked: Sequence[Asked], weight: float) -> list[Asked]:
    return [replace(one, weight=one.weight * weight) for one in asked]


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
        counts=np.array([one.weight for one in asked]),
    )


def _loaded(path: Path) -> list[Asked]:
    kept = np.load(path)
    ends = np.cumsum(kept["sizes"])[:-1]
    rows, answers = (np.split(kept[name], ends) for name in ("rows", "answers"))
    parts = zip(rows, answers, kept["groups"], kept["counts"], kept["several"], strict=True)
    return [
        Asked(str(group), each_rows, each_answers, float(counts), bool(several))
        for each_rows, each_answers, group, counts, several in parts
    ]
