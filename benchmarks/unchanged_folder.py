"""How long `youju index` takes for a folder of 10,000 small documents: at first, unchanged, with one changed.

Run: python -m benchmarks.unchanged_folder [N]. The encoder is that of the tests, which costs nothing: what is measured
is everything else. Prints seconds; docs/experiments.md has what it gave.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import time
from pathlib import Path

from rag.config import load_config
from rag.index.ingest import index_paths

TEXT = "海州市2031年第{n}号工作总结\n\n一、道路\n2031年，海州市新修公路{n}公里。\n"


def main(n_documents: int) -> None:
    """Index the folder three times, and print what each time took."""
    encoder = importlib.import_module("tests.support.fakes").HashingEncoder()
    with tempfile.TemporaryDirectory() as folder:
        docs, config = Path(folder) / "docs", load_config({"YOUJU_HOME": f"{folder}/home"})
        for n in range(n_documents):
            file = docs / f"{n % 100:02}" / f"{n}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(TEXT.format(n=n), encoding="utf-8")
        for what in ("new", "unchanged", "one changed"):
            if what == "one changed":
                (docs / "00" / "0.txt").write_text(TEXT.format(n="0.5"), encoding="utf-8")
            started = time.perf_counter()
            report = index_paths(config, [docs], encoder=encoder)
            counts = f"{len(report.added)} added, {len(report.replaced)} replaced, {len(report.unchanged)} unchanged"
            print(f"{what:12} {time.perf_counter() - started:7.2f} s  {counts}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
