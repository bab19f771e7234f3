"""Questions in English: read as they are, or put into Chinese by the generator first? What each finds and costs.

    python benchmarks/translate_first.py FOLDER [--sample N]

FOLDER holds XQuAD's Chinese paragraphs and its questions in both languages (xquad_zh_contexts.jsonl,
xquad_zh_retrieval.jsonl). Each question is read over its own paragraph three times: in English, in English put into
Chinese by the generator, and in XQuAD's own Chinese, which bounds what a translation can give.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from pathlib import Path

from rag.config import load_config
from rag.encoders import load_encoder
from rag.generation import load_generator
from rag.generation.translation import TRANSLATE_TOKENS, translation_messages
from rag.reading.model import load_reader
from training.evaluate import best_span, load_xquad, windows_of
from training.metrics import exact_match, f1


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=100, help="questions (default: 100)")
    arguments = parser.parse_args()
    config = load_config()
    reader = load_reader(config, encoder_name=load_encoder(config).name)
    generator = load_generator(config)
    pairs = list(zip(load_xquad(arguments.folder, "en"), load_xquad(arguments.folder, "zh"), strict=True))
    chosen = random.Random(20).sample(pairs, min(arguments.sample, len(pairs)))
    marks: dict[str, list[tuple[float, float]]] = {"English": [], "translated": [], "Chinese": []}
    seconds = []
    for english, chinese in chosen:
        started = time.perf_counter()
        messages = translation_messages(english.question)
        translated = generator.stream(messages, max_new_tokens=TRANSLATE_TOKENS).read().text.strip()
        seconds.append(time.perf_counter() - started)
        for name, question in (
            ("English", english.question),
            ("translated", translated),
            ("Chinese", chinese.question),
        ):
            span = best_span(reader, question, windows_of(english.paragraph))[1]
            marks[name].append((exact_match(span, english.answers), f1(span, english.answers)))
    print("| question | EM | F1 |\n|---|---|---|")
    for name, values in marks.items():
        print(
            f"| {name} | {statistics.fmean(v[0] for v in values):.3f} | {statistics.fmean(v[1] for v in values):.3f} |"
        )
    print(f"\n{len(chosen)} questions; translating takes {statistics.median(seconds):.2f} s each (median).")


if __name__ == "__main__":
    main()
