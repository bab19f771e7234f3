"""`import rag` is quick because it loads nothing heavy; what is heavy is loaded when it is first used."""

import pytest

import rag
from tests.support.rag.processes import ROOT, loaded_by


def test_importing_rag_loads_no_heavy_library():
    assert loaded_by("import rag") == set()


def test_naming_errors_and_nouns_loads_no_heavy_library():
    assert loaded_by("from rag import Answer, Citation, RagError, Scope, Turn") == set()


@pytest.mark.parametrize("command", ["--help", "index --help", "ask --help", "batch --help", "models --help"])
def test_help_loads_no_heavy_library(command):
    code = f"import rag.cli.main\ntry:\n    rag.cli.main.main({command.split()!r})\nexcept SystemExit:\n    pass"
    assert loaded_by(code) == set()


def test_the_pipeline_loads_no_model_library_before_it_is_opened():
    assert not loaded_by("from rag import ask, Pipeline, index_paths") & {
        *("torch", "transformers", "sentence_transformers", "openvino", "openvino_genai", "faiss", "gradio")
    }


def test_the_public_names_are_sorted_and_there():
    assert rag.__all__ == sorted(rag.__all__)
    assert {"Answer", "Citation", "Evidence", "Pipeline", "RagError", "Retrieved", "Scope", "Turn"} <= set(rag.__all__)
    assert all(getattr(rag, name) is not None for name in rag.__all__)
    assert set(rag.__all__) <= set(dir(rag))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'rag' has no attribute 'nothing'"):
        rag.nothing  # noqa: B018


def test_star_import_gives_the_public_names():
    names: dict[str, object] = {}
    exec("from rag import *", names)
    assert set(rag.__all__) <= set(names)


def test_the_package_is_typed():
    assert (ROOT / "rag" / "py.typed").is_file()
