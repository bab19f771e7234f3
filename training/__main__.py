"""``python -m training``: from a data folder to the reader's weights, in one command."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import load_config
from rag.encoders import load_encoder
from rag.errors import RagError
from rag.progress import TerminalProgress
from rag.reading.model import SHIPPED
from training.card import Origin, model_card
from training.data import DataError, describe, dev_sets, load_questions
from training.evaluate import load_xquad
from training.export import export, file_sha256, with_calibration
from training.marks import measure
from training.prepare import prepare
from training.recipe import KINDS, Recipe
from training.sets import OFFICIAL
from training.train import Settings, train

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.config import Config
    from rag.progress import Progress
    from training.papers import Line

TRANSLATE = {"en": 520}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        with TerminalProgress() as progress:
            _run(options, load_config(), progress)
    except (DataError, RagError) as error:
        print(f"{error}", file=sys.stderr)  # noqa: T201 - a command speaks to people
        return 2
    except KeyboardInterrupt:
        print("Stopped. The same command goes on from the last checkpoint.", file=sys.stderr)  # noqa: T201
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    defaults = Settings()
    parser = argparse.ArgumentParser(prog="python -m training", description="Train the reader.")
    parser.add_argument(
        "data", type=Path, help="folder with sets to train on and mrc_test_*.jsonl; see training/README.md"
    )
    parser.add_argument("--xquad", type=Path, help="folder with xquad_zh_*.jsonl, to measure on as well")
    parser.add_argument(
        "--out", type=Path, default=SHIPPED, help="the weights file (default: the one that youju ships)"
    )
    parser.add_argument("--work", type=Path, help="where checkpoints and prepared data are kept (default: the cache)")
    parser.add_argument(
        "--passes", type=int, default=defaults.passes, help="passes over the questions (default: %(default)s)"
    )
    parser.add_argument(
        "--rank", type=int, default=defaults.rank, help="rank of the changes; 0: whole matrices (default: %(default)s)"
    )
    parser.add_argument(
        "--rate", type=float, default=defaults.learning_rate, help="learning rate (default: %(default)s)"
    )
    parser.add_argument(
        "--tokens", type=int, default=defaults.tokens, help="padded tokens of a batch (default: %(default)s)"
    )
    parser.add_argument("--minutes", type=float, default=0.0, help="most minutes of training (default: as it takes)")
    parser.add_argument("--begin-with", type=Path, help="a weights file to go on from (default: the encoder alone)")
    parser.add_argument("--share", type=float, default=1.0, help="share of the paragraphs to train on (default: all)")
    parser.add_argument(
        "--seed", type=int, default=defaults.seed, help="decides all that is drawn (default: %(default)s)"
    )
    parser.add_argument("--without", choices=KINDS, action="append", default=[], help="leave a kind of example out")
    parser.add_argument(
        "--recipe", action="append", default=[], metavar="NAME=NUMBER", help="another value of the recipe"
    )
    parser.add_argument("--sample", type=int, default=0, help="questions to measure on (default: all)")
    return parser


def _run(options: argparse.Namespace, config: Config, progress: Progress) -> None:
    work = options.work or config.home / "training"
    settings = Settings(
        rank=options.rank,
        passes=options.passes,
        tokens=options.tokens,
        learning_rate=options.rate,
        seed=options.seed,
        minutes=options.minutes,
    )
    recipe = _recipe(options)
    # What is missing is told before the work, not after it.
    sets = {name: load_questions(options.data, name) for name in ("mrc_test", *dev_sets(options.data))}
    xquad = {lang: load_xquad(options.xquad, lang) for lang in ("zh", "en")} if options.xquad else {}
    prepared = prepare(
        options.data, config.home / "training", translate=TRANSLATE, config=config, seed=options.seed, progress=progress
    )
    maker = prepared.maker(recipe, seed=settings.seed, share=options.share)
    network = train(
        [maker, prepared.official(seed=settings.seed, share=options.share)],
        prepared.tokenizer,
        encoder=prepared.encoder,
        folder=work,
        settings=settings,
        progress=progress,
        begin_with=options.begin_with,
    )
    encoder_name = load_encoder(config).name
    about = {"licence": "CC BY-SA 4.0", "encoder": encoder_name}
    export(network, options.out, encoder_name=encoder_name, about=about)
    calibration, marks = measure(
        options.out,
        prepared,
        sets=sets,
        xquad=xquad,
        config=config,
        sample=options.sample,
        seed=options.seed,
        progress=progress,
    )
    with_calibration(options.out, calibration)
    origin = Origin(
        encoder=encoder_name,
        generator=config.generator,
        command=_command(options),
        data=describe([*prepared.questions, *prepared.held_back]) + _papers(prepared.papers),
        translated=len(prepared.translations),
    )
    size, sha256 = options.out.stat().st_size, file_sha256(options.out)
    card = model_card(origin, rank=settings.rank, size=size, sha256=sha256, marks=marks)
    options.out.with_name("MODEL_CARD.md").write_text(card, encoding="utf-8")
    (work / "marks.json").write_text(json.dumps(marks, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(marks, indent=1))  # noqa: T201


def _command(options: argparse.Namespace) -> str:
    told = [f"--begin-with <sha256 {file_sha256(options.begin_with)[:12]}>"] if options.begin_with else []
    told += [f"--minutes {options.minutes:g}"] if options.minutes else []
    return " ".join(["make reader", *([f"ARGS='{' '.join(told)}'"] if told else [])])


def _papers(lines: Sequence[Line]) -> list[str]:
    n = len({line.source for line in lines})
    return [f"{n:,} official papers, without questions: {OFFICIAL:,} made by rule (`training/official.py`)"] * bool(n)


def _recipe(options: argparse.Namespace) -> Recipe:
    recipe = Recipe()
    counts = {kind: 0.0 if kind in options.without else n for kind, n in recipe.counts.items()}
    values: dict[str, float] = {}
    known = [*counts, *(field.name for field in fields(recipe) if field.name != "counts")]
    for item in options.recipe:
        name, _, value = item.partition("=")
        if name not in known:
            raise DataError(f"--recipe {item}: the recipe has no {name!r}. It has: {', '.join(known)}.")
        try:
            (counts if name in counts else values)[name] = float(value)
        except ValueError as error:
            raise DataError(f"--recipe {item}: expected NAME=NUMBER.") from error
    return Recipe(counts=counts, **{name: type(getattr(recipe, name))(value) for name, value in values.items()})


if __name__ == "__main__":
    sys.exit(main())
