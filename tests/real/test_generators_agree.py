"""The same model in this process and behind a server: the same text, the same checks, the same citations."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.config import Config, load_config
from rag.encoders import convert_encoder
from rag.generation import Generator, load_generator
from rag.generation.llamacpp import LlamaCppGenerator
from rag.generation.prompt import build_messages
from rag.index.ingest import index_paths
from rag.pipeline import Pipeline
from rag.schema.answers import Answer
from tests.support.fakes import some_evidence

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.model, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

QUESTIONS = [
    "2019年怀化市高考录取率是多少?",
    "What was the college entrance examination admission rate in Huaihua in 2019?",
]
EVIDENCE = some_evidence(
    "新建学校26所，改扩建45所，新增学位3.2万个。",
    "新建农村公路320公里，维修桥梁17座，新增公交线路12条。",
    "建成保障性住房4200套，改造老旧小区88个，惠及居民3.1万户。",
)
ASKED = ("海州市2031年在教育和住房方面新建了哪些？", "How many bridges were repaired in Haizhou in 2031?")
PROMPTS = [
    build_messages("？", (), language="zh"),  # the constant beginning: what is kept of it is then the same for both
    build_messages(ASKED[0], EVIDENCE, language="zh"),
    build_messages(ASKED[1], EVIDENCE, language="en"),
]


@pytest.fixture(scope="module")
def config(model_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Config:
    env = {"YOUJU_HOME": str(model_home), "YOUJU_INDEX": str(tmp_path_factory.mktemp("index"))}
    config = load_config(env, runtime="llamacpp")
    convert_encoder(config)
    index_paths(config, [ROOT / "seeds"])
    return config


@pytest.fixture(scope="module")
def here(config: Config) -> Iterator[LlamaCppGenerator]:
    generator = load_generator(config)
    assert isinstance(generator, LlamaCppGenerator)
    yield generator
    del generator
    gc.collect()


@pytest.fixture(scope="module")
def there(config: Config, here: LlamaCppGenerator) -> Generator:
    return load_generator(config.replace(runtime="openai", generator_url=here.url, generator_key=here.key))


def test_both_write_the_same_text(here: Generator, there: Generator) -> None:
    replies = [
        [generator.stream(prompt, max_new_tokens=80).read() for prompt in PROMPTS] for generator in (here, there)
    ]
    assert [reply.text for reply in replies[0]] == [reply.text for reply in replies[1]]
    assert [reply.finish for reply in replies[0]] == [reply.finish for reply in replies[1]]
    assert "26所" in replies[0][1].text
    assert "17" in replies[0][2].text


def test_answers_have_the_same_checks_and_citations(config: Config, here: Generator, there: Generator) -> None:
    def answers(generator: Generator) -> list[Answer]:
        pipeline = Pipeline.open(config, generator=lambda: generator)
        pipeline.warm_up()
        return [pipeline.ask(question) for question in QUESTIONS]

    answered = list(zip(answers(here), answers(there), strict=True))
    assert answered[-1][0].reply, "of a question in another language the generator is asked"
    for own, remote in answered:
        assert own.to_dict() | {"timings": None} == remote.to_dict() | {"timings": None}
        assert own.citations
        assert "90.21" in own.text
