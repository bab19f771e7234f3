"""Messages -> streamed text, behind one protocol; one module a runtime.

The only place that imports ``openvino_genai``, ``xllamacpp``, ``openai`` or the generating part of ``transformers``,
and only when a generator is loaded. Knows nothing of passages or citations.
"""

from rag.generation.generator import CallbackGenerator, Generator, checked_messages, neutralise_control_tokens
from rag.generation.openvino_conversion import convert_generator
from rag.generation.registry import GENERATORS, chosen_runtime, load_generator
from rag.generation.reply import Finish, OnText, Pieces, Reply, ReplyStream

__all__ = [
    "GENERATORS",
    "CallbackGenerator",
    "Finish",
    "Generator",
    "OnText",
    "Pieces",
    "Reply",
    "ReplyStream",
    "checked_messages",
    "chosen_runtime",
    "convert_generator",
    "load_generator",
    "neutralise_control_tokens",
]
