"""The textbook stack beside youju: the same questions, in turn, in one run; medians and ratios.

The textbook stack is what a tutorial builds: raw text, recursive chunks of 500 characters, the encoder in
torch, a flat FAISS index, the top five chunks in one prompt, the same generator through transformers in
bf16. Both answer each question one after the other, so that a slow moment of the machine hits both.

    python benchmarks/textbook.py [--questions N] [--gold FILE] [--json FILE]

Absolute times move by a third from run to run on a shared machine; the ratios are the result.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rag.batch.question_file import GoldQuestion, read_gold
from rag.config import Config, load_config
from rag.documents.load import find_files, load_document
from rag.encoders import embed_passages, embed_query, load_encoder
from rag.evaluation.locate import make_locator
from rag.evaluation.run import score_answers
from rag.generation import Generator, load_generator
from rag.index.ingest import index_paths
from rag.pipeline import Pipeline
from rag.progress import TerminalProgress
from rag.schema.answers import Answer, AnswerSentence, Timings
from rag.schema.messages import Message

ROOT = Path(__file__).resolve().parent.parent
CHUNK_CHARS, OVERLAP_CHARS, TOP_K = 500, 50, 5
INSTRUCTION = "请根据以下资料回答问题，并用[编号]标注来源。如果资料中没有相关内容，请回答“资料中没有提到”。"


class Textbook:
    """Chunks of 500 characters, five of them in one prompt."""

    def __init__(self, config: Config, documents: dict[str, str]) -> None:
        import faiss  # noqa: PLC0415
        from langchain_text_splitters import RecursiveCharacterTextSplitter  # noqa: PLC0415

        splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK_CHARS, chunk_overlap=OVERLAP_CHARS)
        self.chunks = [(name, piece) for name, text in documents.items() for piece in splitter.split_text(text)]
        self.encoder = load_encoder(config.replace(encoder_runtime="torch"))
        vectors = embed_passages([piece for _, piece in self.chunks], encoder=self.encoder)
        self.index: Any = faiss.IndexFlatIP(vectors.shape[1])
        self.index.add(vectors)
        self.generator: Generator = load_generator(config.replace(runtime="transformers"))

    def ask(self, question: str) -> tuple[str, float, float]:
        """Answer, and tell seconds to the first token and in all."""
        started = time.perf_counter()
        vector = embed_query(question, encoder=self.encoder)
        _, found = self.index.search(np.ascontiguousarray(vector[None, :]), TOP_K)
        context = "\n\n".join(f"[{n}] {self.chunks[i][1]}" for n, i in enumerate(found[0], start=1))
        messages = [Message("system", INSTRUCTION), Message("user", f"资料：\n{context}\n\n问题：{question}")]
        reply, first = "", 0.0
        for piece in self.generator.stream(messages, max_new_tokens=256):
            first = first or time.perf_counter() - started
            reply += piece
        return reply, first, time.perf_counter() - started


def main() -> int:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=24, help="how many questions of the gold set (default: 24)")
    parser.add_argument("--gold", type=Path, default=ROOT / "tests" / "eval" / "dev.jsonl")
    parser.add_argument("--documents", type=Path, default=ROOT / "seeds")
    parser.add_argument("--json", type=Path, help="write all measurements there")
    arguments = parser.parse_args()
    gold = spread(read_gold(arguments.gold), arguments.questions)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        config = load_config(index=Path(folder) / "index")
        result = compare(config, arguments.documents, gold)
    print(table(result))
    if arguments.json:
        arguments.json.write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


def spread(gold: Sequence[GoldQuestion], count: int) -> list[GoldQuestion]:
    """Take questions from all over a set: every n-th, without those that lean on a history."""
    alone = [question for question in gold if not question.history]
    step = max(1, len(alone) // max(1, count))
    return alone[::step][:count]


def compare(config: Config, folder: Path, gold: Sequence[GoldQuestion]) -> dict[str, Any]:
    """Ask both stacks every question in turn."""
    loaded = [load_document(path, max_bytes=config.max_file_bytes) for path in find_files([folder])]
    texts = {document.source: document.text for document in loaded}
    with TerminalProgress() as progress:
        index_paths(config, [folder], progress=progress)
        progress("loading both stacks", 0, 2, unit="stacks")
        textbook = Textbook(config, texts)
        progress("loading both stacks", 1, 2, unit="stacks")
        pipeline = Pipeline.open(config)
        pipeline.warm_up()
        textbook.ask(gold[0].question)
        progress("loading both stacks", 2, 2, unit="stacks")
        runs: dict[str, list[Answer]] = {"textbook": [], "youju": []}
        for done, question in enumerate(gold, start=1):
            order = ("textbook", "youju") if done % 2 else ("youju", "textbook")
            for name in order:
                runs[name].append(pipeline.ask(question.question) if name == "youju" else plain(textbook, question))
            progress("asking both in turn", done, len(gold), unit="questions")
    return {"n_questions": len(gold)} | {
        name: measures(answers, gold, texts, pipeline.quote_at) for name, answers in runs.items()
    }


def plain(textbook: Textbook, question: GoldQuestion) -> Answer:
    """An answer of the textbook stack in youju's form, to be scored alike."""
    reply, first, total = textbook.ask(question.question)
    refused = "没有提到" in reply or "没有相关" in reply
    return Answer(
        question=question.question,
        query=question.question,
        sentences=(AnswerSentence(reply),),
        abstained=refused,
        timings=Timings(None, first, total),
    )


def measures(
    answers: Sequence[Answer], gold: Sequence[GoldQuestion], texts: dict[str, str], quote_at: Callable[..., str]
) -> dict[str, Any]:
    """Medians of time, and the share of right answers."""
    records = [answer.to_dict() | {"id": question.question_id} for answer, question in zip(answers, gold, strict=True)]
    report = score_answers(records, gold, locate=make_locator(texts), quote_at=quote_at)
    return {
        "first_token_seconds": statistics.median(a.timings.first_token_seconds or 0.0 for a in answers),
        "total_seconds": statistics.median(a.timings.total_seconds or 0.0 for a in answers),
        "rates": report.to_dict()["rates"],
        "first_tokens": [a.timings.first_token_seconds for a in answers],
        "answers": [a.text for a in answers],
        "totals": [a.timings.total_seconds for a in answers],
    }


def table(result: dict[str, Any]) -> str:
    """The comparison as text."""
    lines = [f"{'median of ' + str(result['n_questions']) + ' questions':<28}{'textbook':>10}{'youju':>10}{'ratio':>8}"]
    for key in ("first_token_seconds", "total_seconds"):
        one, other = result["textbook"][key], result["youju"][key]
        lines.append(f"{key.replace('_', ' '):<28}{one:>10.2f}{other:>10.2f}{one / other:>7.1f}x")
    for measure in ("correct", "refused"):
        shares = [result[name]["rates"].get(measure, {}).get("value") for name in ("textbook", "youju")]
        lines.append(
            f"{measure:<28}" + "".join(f"{share:>10.2f}" if share is not None else f"{'-':>10}" for share in shares)
        )
    pairs = zip(result["textbook"]["first_tokens"], result["youju"]["first_tokens"], strict=True)
    ratios = [one / other for one, other in pairs if one and other]
    lines.append(f"{'first token, median ratio':<48}{statistics.median(ratios):>7.1f}x")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
