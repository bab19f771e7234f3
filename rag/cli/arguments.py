"""What the arguments of a command choose: settings, an opened index, a scope."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import IndexMissingError
from rag.schema.messages import Mode
from rag.schema.search import Scope

if TYPE_CHECKING:
    from rag.config import Config
    from rag.encoders import Encoder
    from rag.generation import Generator
    from rag.pipeline import Pipeline
    from rag.reading.evidence_reader import SpanReader
    from rag.scoring.scorer import Scorer

__all__ = ["Models", "config_of", "index_option", "name_server", "pipeline_of", "scope_of"]


@dataclass(frozen=True)
class Models:
    """What makes the models that a command works with; each that is None is loaded by the settings.

    Attributes:
        encoder: Makes the encoder.
        generator: Makes the generator, when it is first needed.
        reader: Makes the reader, likewise.
        scorer: Scores what the reader finds.
    """

    encoder: Callable[[], Encoder] | None = None
    generator: Callable[[], Generator] | None = None
    reader: Callable[[], SpanReader] | None = None
    scorer: Scorer | None = None


def config_of(arguments: argparse.Namespace) -> Config:
    """The settings, with the index that was named."""
    from rag.config import load_config

    return load_config(index=arguments.index_folder)


def pipeline_of(arguments: argparse.Namespace) -> Pipeline:
    """The index, opened.

    Raises:
        RagError: It cannot be opened, or holds no document.
    """
    from rag.pipeline import Pipeline

    models: Models = arguments.models
    pipeline = Pipeline.open(
        config_of(arguments),
        encoder=models.encoder,
        generator=models.generator,
        reader=models.reader,
        scorer=models.scorer,
    )
    if not pipeline.documents():
        raise IndexMissingError(
            f"The index in {pipeline.config.index} holds no document. "
            "Add some: youju index PATH, or youju index --sample"
        )
    return pipeline


def name_server(config: Config, mode: Mode) -> None:
    """Say to which machine text is sent, where it is."""
    if config.generator_host and mode == "answer":
        print(f"Questions and their evidence are sent to the generator on {config.generator_host}.", file=sys.stderr)


def scope_of(arguments: argparse.Namespace) -> Scope | None:
    """The restriction that was asked for; None for none."""
    scope = Scope(frozenset(arguments.source), frozenset(arguments.year), frozenset(arguments.place))
    return scope or None


def index_option(parser: argparse.ArgumentParser) -> None:
    """Let a command be told which index."""
    parser.add_argument("--index", dest="index_folder", type=Path, metavar="FOLDER", help="folder of the index")
