"""How long it takes to find passages for a question, with and without the encoder's own time.

    python benchmarks/retrieval.py QUESTIONS INDEX [--n 40] [--json FILE]

QUESTIONS is a question set (one JSON object a line with ``question``), of which ``--n`` are taken at even distances;
INDEX an index folder. Each question is searched once before it is timed, so that no file is read for the first time.
Measures search alone: no evidence is chosen, nothing is written.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import load_config
from rag.encoders import Encoder, load_encoder
from rag.pipeline import Pipeline

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class TimedEncoder:
    """An encoder that adds up its own seconds."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name, self.dim, self.max_tokens = encoder.name, encoder.dim, encoder.max_tokens
        self.query_prefix, self.passage_prefix = encoder.query_prefix, encoder.passage_prefix
        self.seconds = 0.0

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Encode texts, on the clock."""
        started = time.perf_counter()
        try:
            return self._encoder.encode(texts)
        finally:
            self.seconds += time.perf_counter() - started

    def count_tokens(self, text: str) -> int:
        """Count tokens, on no clock."""
        return self._encoder.count_tokens(text)


def main() -> None:
    """Search for each question and print medians and the 95th percentile."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("--n", type=int, default=40)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    lines = arguments.questions.read_text(encoding="utf-8").splitlines()
    asked = [json.loads(line)["question"] for line in lines if line.strip()]
    asked = asked[:: max(1, len(asked) // arguments.n)][: arguments.n]
    config = load_config(index=arguments.index)
    encoder = TimedEncoder(load_encoder(config))
    pipeline = Pipeline.open(config, encoder=lambda: encoder)
    rows = []
    for question in asked:
        pipeline.search(question)
        encoder.seconds, started = 0.0, time.perf_counter()
        hits = pipeline.search(question)
        seconds = time.perf_counter() - started
        keys = [[hit.passage.passage_id, round(hit.score, 9)] for hit in hits]
        rows.append({"question": question, "seconds": seconds, "encoder": encoder.seconds, "hits": keys})
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    whole = [float(row["seconds"]) for row in rows]
    own = [float(row["seconds"]) - float(row["encoder"]) for row in rows]
    for name, times in (("with the encoder", whole), ("without it", own)):
        p95 = sorted(times)[int(0.95 * (len(times) - 1) + 0.5)]
        print(f"{name:>17}: median {statistics.median(times):.4f} s, p95 {p95:.4f} s, longest {max(times):.4f} s")


if __name__ == "__main__":
    main()
