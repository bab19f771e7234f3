"""Where the sample documents are found: in the wheel's package, else in the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import DocumentNotFoundError
from rag.sample import sample_folder

ROOT = Path(__file__).parents[2]


def test_a_checkout_reads_its_seeds() -> None:
    assert sample_folder() == ROOT / "seeds"


def test_an_installed_package_reads_what_it_carries(tmp_path: Path) -> None:
    for folder in ("rag/sample", "seeds"):
        (tmp_path / folder).mkdir(parents=True)
    assert sample_folder(tmp_path / "rag") == tmp_path / "rag" / "sample"


def test_a_package_without_sample_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DocumentNotFoundError, match=r"missing from .*rag\. Reinstall youju, or index your own"):
        sample_folder(tmp_path / "rag")
