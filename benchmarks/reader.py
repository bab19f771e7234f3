"""How fast the reader reads: OpenVINO against torch in float32, in turn in one run; and a question in quotes mode.

    python benchmarks/reader.py [--index FOLDER] [--rounds N]

Ten windows of the index, of three sentences at most, are read for each of the example questions. The quotes part asks
the same questions through the pipeline, warm. Reports medians and the ratio of the two runtimes.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.config import load_config
from rag.encoders import load_encoder
from rag.models import encoder_folder
from rag.pipeline import Pipeline
from rag.reading.model import SHIPPED, Window, heading_line, load_reader
from rag.reading.model.tokens import encode_window, load_tokenizer
from rag.reading.model.weights import load_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.config import Config

N_WINDOWS = 10
N_QUESTIONS = 8


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--index", type=Path, help="folder of the index (default: that of the settings)")
    parser.add_argument("--rounds", type=int, default=5, help="times that every question is read (default: 5)")
    arguments = parser.parse_args()
    config = load_config(index=arguments.index)
    pipeline = Pipeline.open(config)
    pipeline.warm_up("quotes")
    questions = pipeline.example_questions(N_QUESTIONS)
    readings = [(question, windows_for(pipeline, question)) for question in questions]
    reader = load_reader(config, encoder_name=load_encoder(config).name)
    torch_reads = torch_reader(config)

    def openvino_reads(question: str, windows: Sequence[Window]) -> None:
        reader.read(question, windows)

    fast, slow, ratios = [], [], []
    for _ in range(arguments.rounds):
        for question, windows in readings:
            one, other = seconds(openvino_reads, question, windows), seconds(torch_reads, question, windows)
            fast.append(one)
            slow.append(other)
            ratios.append(other / one)
    asked = questions * arguments.rounds
    whole = [seconds(lambda q, _: pipeline.ask(q, mode="quotes"), question, ()) for question in asked]
    print(
        f"{N_WINDOWS} windows, OpenVINO: {statistics.median(fast):.3f} s, torch fp32: {statistics.median(slow):.3f} s"
    )
    print(f"torch / OpenVINO, median of the ratios: {statistics.median(ratios):.2f}")
    print(f"a question in quotes mode, warm: {statistics.median(whole):.3f} s (slowest {max(whole):.3f} s)")


def windows_for(pipeline: Pipeline, question: str) -> list[Window]:
    """The ten best passages for a question, as windows."""
    passages = [hit.passage for hit in pipeline.search(question, top_k=N_WINDOWS)]
    return [Window(heading_line(p.place, p.years, p.title, p.heading), p.text) for p in passages]


def seconds(read: Callable[[str, Sequence[Window]], Any], question: str, windows: Sequence[Window]) -> float:
    """Wall-clock seconds of one call."""
    started = time.perf_counter()
    read(question, windows)
    return time.perf_counter() - started


def torch_reader(config: Config) -> Callable[[str, Sequence[Window]], None]:
    """The same network as a plain BertModel in float32."""
    import torch  # noqa: PLC0415
    from transformers import BertConfig, BertModel  # noqa: PLC0415

    folder = encoder_folder(config)
    weights = load_weights(
        Path(config.reader) if config.reader else SHIPPED, folder, encoder_name=load_encoder(config).name
    )
    model = BertModel(BertConfig.from_pretrained(folder), add_pooling_layer=False)
    tensors = {name: torch.from_numpy(np.asarray(value)) for name, value in weights.tensors.items()}
    tensors["embeddings.word_embeddings.weight"] = torch.from_numpy(np.array(weights.word))
    model.load_state_dict(tensors, strict=False)
    model.train(False)
    tokenizer = load_tokenizer(folder)

    def read(question: str, windows: Sequence[Window]) -> None:
        rows = [encode_window(tokenizer, question, window).ids for window in windows]
        width = max(map(len, rows))
        ids = torch.tensor([row + [1] * (width - len(row)) for row in rows])
        with torch.inference_mode():
            hidden = model(input_ids=ids, attention_mask=(ids != 1).long()).last_hidden_state
            torch.nn.functional.linear(hidden, tensors["head.weight"], tensors["head.bias"])

    return read


if __name__ == "__main__":
    main()
