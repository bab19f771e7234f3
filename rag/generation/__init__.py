"""Messages -> streamed text, behind one protocol; one module a runtime.

The only place that imports ``openvino_genai``, ``xllamacpp``, ``openai`` or the generating part of ``transformers``,
and only when a generator is loaded. Knows nothing of passages or citations.
"""

from rag.generation.generator import CallbackGenerator, Generator, neutralise_control_tokens
from rag.generation.openvino_conversion import convert_generator
from rag.generation.registry import GENERATORS, chosen_runtime, load_generator, needs_model_file
from rag.generation.reply import Finish, Reply, ReplyStream

__all__ = [
    "GENERATORS",
    "CallbackGenerator",
    "Finish",
    "Generator",
    "Reply",
    "ReplyStream",
    "chosen_runtime",
    "convert_generator",
    "load_generator",
    "needs_model_file",
    "neutralise_control_tokens",
]
