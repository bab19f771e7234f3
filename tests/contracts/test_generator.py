"""Every generator keeps the contract: a scripted one always, those with a real model where models may be loaded."""

from __future__ import annotations

import gc
import importlib.util
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from rag.config import Config, load_config
from rag.generation import CallbackGenerator, Generator, Reply, convert_generator, load_generator
from rag.generation.generator import checked_messages, neutralise_control_tokens, reply_budget
from rag.generation.llamacpp import LlamaCppGenerator
from rag.generation.reply import OnText, Pieces
from rag.progress import no_progress
from rag.schema.messages import Message
from tests.contracts.generator_contract import GeneratorContract


class CountingGenerator(CallbackGenerator):
    """Adds one and one, counts to fifty, and repeats what it hears; a character is a token."""

    name = "counting"
    context_tokens = 8192

    def count_tokens(self, text: str) -> int:
        return len(neutralise_control_tokens(text))

    def generate(self, messages: Sequence[Message], *, max_new_tokens: int, on_text: OnText = lambda _: False) -> Reply:
        said = checked_messages(messages)[-1].content
        n_prompt = 8 + sum(len(message.content) for message in checked_messages(messages))
        budget = reply_budget(n_prompt, max_new_tokens=max_new_tokens, context_tokens=self.context_tokens)
        script = list("2" if "1+1" in said else ",".join(map(str, range(1, 51))) if "50" in said else f"\ufffd{said}")
        pieces = Pieces(on_text)
        for piece in script[:budget]:
            if pieces.add(piece):
                break
            time.sleep(0.01)  # as a model does, so that it can be stopped
        at_limit = len(script) > budget
        return pieces.finish(n_prompt_tokens=n_prompt, n_new_tokens=pieces.n_pieces, at_limit=at_limit)


class TestCounting(GeneratorContract):
    @pytest.fixture
    def generator(self) -> Generator:
        return CountingGenerator()


@pytest.fixture(scope="module")
def real_config(model_home: Path) -> Config:
    return load_config({"YOUJU_HOME": str(model_home)})


@pytest.fixture(scope="class")
def llamacpp(real_config: Config) -> Iterator[Generator]:
    yield load_generator(real_config.replace(runtime="llamacpp"))
    gc.collect()  # at most one model at a time


@pytest.fixture(scope="class")
def openvino(real_config: Config) -> Iterator[Generator]:
    config = real_config.replace(runtime="openvino")
    convert_generator(config, progress=no_progress)
    yield load_generator(config)
    gc.collect()


@pytest.fixture(scope="class")
def transformers(real_config: Config) -> Iterator[Generator]:
    yield load_generator(real_config.replace(runtime="transformers"))
    gc.collect()


@pytest.mark.model
class TestLlamaCpp(GeneratorContract):
    @pytest.fixture
    def generator(self, llamacpp: Generator) -> Generator:
        return llamacpp


@pytest.mark.model
class TestOpenAIServer(GeneratorContract):
    """Against the server of llama.cpp, over HTTP, with the same model."""

    counts_exactly = False

    @pytest.fixture
    def generator(self, llamacpp: Generator, real_config: Config) -> Generator:
        assert isinstance(llamacpp, LlamaCppGenerator)
        return load_generator(real_config.replace(generator_url=llamacpp.url, generator_key=llamacpp.key))


@pytest.mark.model
class TestOpenVINO(GeneratorContract):
    @pytest.fixture
    def generator(self, openvino: Generator) -> Generator:
        return openvino


@pytest.mark.model
@pytest.mark.skipif(
    not (importlib.util.find_spec("gguf") and importlib.util.find_spec("accelerate")),
    reason="the extra transformers-runtime is not installed",
)
class TestTransformers(GeneratorContract):
    @pytest.fixture
    def generator(self, transformers: Generator) -> Generator:
        return transformers
