"""Everything that training needs, from a data folder: split, translated, with what retrieval confuses."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rag.models import encoder_folder
from rag.reading.model.tokens import load_tokenizer
from training.data import load_questions
from training.examples import ExampleMaker
from training.headings import find_places
from training.mine import retrieve_others
from training.recipe import Recipe
from training.translate import translate_questions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tokenizers import Tokenizer

    from rag.config import Config
    from rag.progress import Progress
    from training.data import Question

__all__ = ["Prepared", "prepare"]

_HELD_BACK: Final = 20  # one paragraph in twenty is held back, for calibration and for choosing


@dataclass(frozen=True, slots=True)
class Prepared:
    """Data, ready to make examples from.

    Attributes:
        questions: To train on.
        held_back: Of other paragraphs, to calibrate and to choose on.
        places: Names of places for headings.
        translations: Question id -> (language, question).
        retrieved: Question id -> other paragraphs that retrieval finds for it.
        tokenizer: The encoder's.
        encoder: The encoder's folder.
    """

    questions: list[Question]
    held_back: list[Question]
    places: list[str]
    translations: Mapping[str, tuple[str, str]]
    retrieved: Mapping[str, Sequence[str]]
    tokenizer: Tokenizer
    encoder: Path

    def maker(self, recipe: Recipe, *, seed: int, share: float = 1.0, held_back: bool = False) -> ExampleMaker:
        """Makes examples of the questions, of a share of their paragraphs, or of what is held back."""
        questions = self.held_back if held_back else self.questions
        chosen = [q for q in questions if _place_of(q.context_id, "share") < share]
        return ExampleMaker(
            chosen,
            recipe=recipe,
            places=self.places,
            translations=self.translations,
            retrieved=self.retrieved,
            seed=seed,
        )


def prepare(
    data: Path, work: Path, *, translate: dict[str, int], config: Config, seed: int, progress: Progress
) -> Prepared:
    """Prepare a data folder; what was made before is kept in ``work`` and used again.

    Args:
        data: The folder, as ``training/README.md`` describes it.
        work: Where what takes long is kept.
        translate: How many questions to put into each language.
        config: The settings: models.
        seed: Decides which questions are translated.
        progress: Hears how far it is.

    Raises:
        DataError: The data is not as described.
        ModelMissingError: The encoder or the generator was not fetched.
    """
    questions = load_questions(data, "mrc_train")
    held = {q.id for q in questions if _place_of(q.context_id, "held back") < 1 / _HELD_BACK}
    training = [q for q in questions if q.id not in held]
    encoder = encoder_folder(config)
    return Prepared(
        training,
        [q for q in questions if q.id in held],
        find_places(sorted({q.context for q in training})),
        translate_questions(
            questions, translate, work / "translated.jsonl", config=config, seed=seed, progress=progress
        ),
        retrieve_others(questions, work / "retrieved.json", config=config, progress=progress),
        load_tokenizer(encoder),
        encoder,
    )


def _place_of(name: str, salt: str) -> float:
    """A number from 0 to 1 that a name always gets."""
    return int(hashlib.sha256(f"{salt}/{name}".encode()).hexdigest()[:8], 16) / 2**32
