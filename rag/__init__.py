"""youju: answers only from given documents, citing the exact place of every statement.

>>> import rag
>>> rag.ask("...").citations  # doctest: +SKIP
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from rag.errors import (
    BatchError,
    ConfigError,
    CorpusIndexError,
    DocumentError,
    GenerationError,
    ModelError,
    QuestionError,
    RagError,
)
from rag.schema.answers import Answer, AnswerSentence, Citation, Delta, Event, Quoted, Timings, Withheld
from rag.schema.documents import Passage
from rag.schema.messages import Turn
from rag.schema.search import Evidence, Hit, Retrieved, Scope

# OpenVINO reports each conversion of a model to its makers unless this cannot be imported; it has no setting for that.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

if TYPE_CHECKING:
    from rag.api import ask
    from rag.config import Config, load_config
    from rag.index.ingest import index_paths
    from rag.pipeline import Pipeline

__all__ = [
    "Answer",
    "AnswerSentence",
    "BatchError",
    "Citation",
    "Config",
    "ConfigError",
    "CorpusIndexError",
    "Delta",
    "DocumentError",
    "Event",
    "Evidence",
    "GenerationError",
    "Hit",
    "ModelError",
    "Passage",
    "Pipeline",
    "QuestionError",
    "Quoted",
    "RagError",
    "Retrieved",
    "Scope",
    "Timings",
    "Turn",
    "Withheld",
    "ask",
    "index_paths",
    "load_config",
]

# Loaded when first used, so that `import rag` is quick.
_LAZY = {
    "Config": "rag.config",
    "Pipeline": "rag.pipeline",
    "ask": "rag.api",
    "index_paths": "rag.index.ingest",
    "load_config": "rag.config",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
