import json

import pytest

from rag.errors import IndexCorruptError, IndexReadOnlyError
from rag.index.least_confidence import FILE, StoredLimit, store_limit, stored_limit

LIMIT = StoredLimit(0.62, 0.05, 40, 2, 100, "2031-03-01T08:00:00+00:00")


def test_a_limit_is_kept_for_its_way_of_answering(tmp_path):
    assert stored_limit(tmp_path, "quotes") is None
    store_limit(tmp_path, "quotes", LIMIT)
    assert stored_limit(tmp_path, "quotes") == 0.62
    assert stored_limit(tmp_path, "answer") is None
    store_limit(tmp_path, "answer", StoredLimit(0.5, 0.05, 40, 2, 100, ""))
    store_limit(tmp_path, "quotes", None)
    assert (stored_limit(tmp_path, "quotes"), stored_limit(tmp_path, "answer")) == (None, 0.5)


@pytest.mark.parametrize("content", ["{", "[]", '{"quotes": 3}', '{"quotes": {"least_confidence": 0.5}}', "\udcff"])
def test_a_damaged_file_says_what_to_do(tmp_path, content):
    (tmp_path / FILE).write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(IndexCorruptError, match="Remove it, or set them anew: youju exam --apply"):
        stored_limit(tmp_path, "quotes")


def test_a_limit_out_of_range_is_refused(tmp_path):
    store_limit(tmp_path, "quotes", LIMIT)
    record = json.loads((tmp_path / FILE).read_text(encoding="utf-8"))
    record["quotes"]["least_confidence"] = 62
    (tmp_path / FILE).write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(IndexCorruptError, match="least_confidence is 62, expected 0 to 1"):
        stored_limit(tmp_path, "quotes")


def test_a_folder_that_is_not_there_cannot_take_a_limit(tmp_path):
    with pytest.raises(IndexReadOnlyError, match=r"confidence\.json"):
        store_limit(tmp_path / "gone", "quotes", LIMIT)
