"""Everything that training needs, from a data folder: split, translated, with what retrieval confuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rag.models import encoder_folder
from rag.reading.model.tokens import load_tokenizer
from training.data import load_sets, share_of
from training.examples import ExampleMaker
from training.headings import find_places
from training.mine import retrieve_others
from training.official import OfficialMaker
from training.papers import is_held_back, read_papers
from training.recipe import Recipe
from training.sets import MOST, OFFICIAL
from training.translate import translate_questions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tokenizers import Tokenizer

    from rag.config import Config
    from rag.progress import Progress
    from training.data import Question
    from training.papers import Line

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
        papers: Sentences of official papers, those that are held back among them.
    """

    questions: list[Question]
    held_back: list[Question]
    places: list[str]
    translations: Mapping[str, tuple[str, str]]
    retrieved: Mapping[str, Sequence[str]]
    tokenizer: Tokenizer
    encoder: Path
    papers: list[Line] = field(default_factory=list)

    def official(self, *, seed: int, share: float = 1.0) -> OfficialMaker:
        """Makes examples of the official papers that are not held back."""
        lines = [line for line in self.papers if not is_held_back(line)]
        return OfficialMaker(lines, count=int(OFFICIAL * share), seed=seed)

    def maker(self, recipe: Recipe, *, seed: int, share: float = 1.0, held_back: bool = False) -> ExampleMaker:
        """Makes examples of the questions, of a share of their paragraphs, or of what is held back."""
        questions = self.held_back if held_back else self.questions
        chosen = [q for q in questions if share_of(q.context_id, "share") < share]
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
    questions = load_sets(data, MOST, seed=seed)
    held = {q.id for q in questions if share_of(q.context_id, "held back") < 1 / _HELD_BACK}
    training = [q for q in questions if q.id not in held]
    chinese = [q for q in questions if q.lang == "zh" and q.answers]
    encoder = encoder_folder(config)
    return Prepared(
        training,
        [q for q in questions if q.id in held and q.answers],
        find_places(sorted({q.context for q in training if q.lang == "zh"})),
        translate_questions(chinese, translate, work / "translated.jsonl", config=config, seed=seed, progress=progress),
        retrieve_others(questions, progress=progress),
        load_tokenizer(encoder),
        encoder,
        read_papers(data / "official", progress=progress),
    )
