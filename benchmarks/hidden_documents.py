"""Does the reader know when the documents do not say? Each question once with all documents, once with its own hidden.

    python benchmarks/hidden_documents.py INDEX GOLD [--skip SET ...] [--sample 200] [--out ROWS.jsonl]

INDEX and GOLD are of `second_corpus.py`: its index, and `retrieval_zh.jsonl` or `retrieval_en.jsonl`. Questions of the
sets named by --skip are left out, so that limits can be chosen here and measured there.

A question in another language than Chinese is put into Chinese as well, and both wordings are read. The table compares
ways to make one judgement of the two. Found: the best span stands in a sentence that holds the answer. Span: and it is
the answer, or part of it, or holds it. Document: it stands in the right one. AUC: own document there against hidden.
Refused and lost: of hidden and of answerable ones, by the scorer's threshold; lost at 80 %: of the answerable ones
where 80 % of the hidden are refused.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.batch.question_file import GoldQuestion, read_gold
from rag.config import load_config
from rag.pipeline import Pipeline
from rag.reading.model import load_reader
from rag.retrieval.find_evidence import find_evidence
from rag.scoring.scorer import load_scorer
from training.metrics import area_under_curve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.reading.evidence_reader import SpanReader
    from rag.schema.search import Evidence
    from rag.scoring.sides import CandidateSpan

Row = dict[str, Any]
"""A question read in one state of the index: for each wording what was found, best first, as :func:`_told`."""

MOST_SPANS = 12
FLOOR = 0.001  # log-odds are taken from here to one less this


def main() -> None:
    """Read, write the rows down, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path, metavar="INDEX")
    parser.add_argument("gold", type=Path, metavar="GOLD")
    parser.add_argument("--skip", type=Path, action="append", default=[], metavar="SET", help="questions to leave out")
    parser.add_argument("--sample", type=int, default=200, help="questions (default: 200)")
    parser.add_argument("--seed", type=int, default=5, help="of the sample (default: 5)")
    parser.add_argument("--out", type=Path, metavar="ROWS", help="write what was read, to look at it later")
    arguments = parser.parse_args()
    taken = {_family(gold) for path in arguments.skip for gold in read_gold(path)}
    questions = [gold for gold in read_gold(arguments.gold) if _family(gold) not in taken]
    random.Random(arguments.seed).shuffle(questions)
    rows = read_rows(arguments.index, questions[: arguments.sample])
    if arguments.out:
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        arguments.out.write_text("".join(lines), encoding="utf-8")
    print("\n".join(table(rows, load_scorer().threshold)))


def read_rows(index: Path, questions: Sequence[GoldQuestion]) -> list[dict[str, Row]]:
    """Each question with its document ("there") and without it ("hidden")."""
    config = load_config(index=index)
    pipeline = Pipeline.open(config)
    reader = load_reader(config, encoder_name=pipeline.encoder.name)
    rows = []
    for number, gold in enumerate(questions, 1):
        translated = pipeline._translate(gold.question) if gold.lang != "zh" else ""  # noqa: SLF001 - told once
        own = gold.gold[0].source
        states = {"there": frozenset[str](), "hidden": frozenset({own})}
        rows.append({name: _read(pipeline, reader, gold, translated, hidden) for name, hidden in states.items()})
        sys.stderr.write(f"\r{number}/{len(questions)}")
    sys.stderr.write("\n")
    return rows


def _read(pipeline: Pipeline, reader: SpanReader, gold: GoldQuestion, translated: str, hidden: frozenset[str]) -> Row:
    told: Callable[[str], str] = lambda _: translated  # noqa: E731
    corpus = pipeline._current(hidden)  # noqa: SLF001
    found = find_evidence(
        corpus,
        gold.question,
        (),
        scope=None,
        config=pipeline.config,
        reader=reader,
        scorer=load_scorer(),
        translate=told,
    )
    return {
        "together": [_told(one, gold) for side in found.sides[:1] for one in side.found[:1]],
        "wordings": [wording.text for wording in found.asked.wordings],
        "found": [[_told(one, gold) for one in sides[0].found[:MOST_SPANS]] for sides in found.readings],
    }


def _told(found: CandidateSpan, gold: GoldQuestion) -> dict[str, Any]:
    e = found.evidence
    return {
        "sentence": [e.source, e.start],
        "text": e.text,
        "span": found.text,
        "p": found.probability,
        "score": found.read.score,
        "retrieved": e.score,
        "document": e.source == gold.gold[0].source,
        "right": e.source == gold.gold[0].source and _holds(e, gold),
        "exact": e.source == gold.gold[0].source and _holds(e, gold) and _says(found.text, gold),
    }


def _holds(evidence: Evidence, gold: GoldQuestion) -> bool:
    return all(any(words in evidence.text for words in alternatives) for alternatives in gold.must_include)


def _says(span: str, gold: GoldQuestion) -> bool:
    return any(words in span or span in words for alternatives in gold.must_include for words in alternatives)


# Ways to make one judgement of the readings of all wordings: -> the span that is shown, and how likely it is.
Judged = tuple[dict[str, Any] | None, float]


def as_asked(row: Row) -> Judged:
    """The user's wording alone."""
    return _first(row["found"][0])


def translated(row: Row) -> Judged:
    """The translation alone, where there is one."""
    return _first(row["found"][-1])


def surer(row: Row) -> Judged:
    """Whichever wording is surer."""
    return max((_first(found) for found in row["found"]), key=lambda judged: judged[1])


def less_sure(row: Row) -> Judged:
    """The surer one's span, as likely as the other's best."""
    judged = [_first(found) for found in row["found"]]
    return max(judged, key=lambda one: one[1])[0], min(p for _, p in judged)


def together(row: Row) -> Judged:
    """Both, as `rag/scoring/sides.py` puts them together."""
    return _first(row["together"])


def mean_of_best(row: Row) -> Judged:
    """The surer one's span; the mean of the log-odds of both best ones."""
    judged = [_first(found) for found in row["found"]]
    odds = statistics.fmean(_logit(p) for _, p in judged)
    return max(judged, key=lambda one: one[1])[0], 1 / (1 + math.exp(-odds))


WAYS = (as_asked, translated, surer, less_sure, mean_of_best, together)


def table(rows: Sequence[dict[str, Row]], limit: float) -> list[str]:
    """The comparison, a way a line."""
    told = sum(len(row["there"]["wordings"]) > 1 for row in rows)
    lines = [f"{len(rows)} questions, {told} of them put into Chinese as well", ""]
    lines += [
        "| | found | span | document | AUC | refused | lost | lost at 80 % |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for way in WAYS:
        there, hidden = ([way(row[state]) for row in rows] for state in ("there", "hidden"))
        yes, no = ([p for _, p in judged] for judged in (there, hidden))
        at80 = sorted(no)[int(0.8 * len(no))]
        values = [
            statistics.fmean(bool(one and one["right"]) for one, _ in there),
            statistics.fmean(bool(one and one["exact"]) for one, _ in there),
            statistics.fmean(bool(one and one["document"]) for one, _ in there),
            area_under_curve(yes, no),
            statistics.fmean(p < limit for p in no),
            statistics.fmean(p < limit for p in yes),
            statistics.fmean(p < at80 for p in yes),
        ]
        lines.append(f"| {(way.__doc__ or '').rstrip('.')} | " + " | ".join(f"{value:.2f}" for value in values) + " |")
    return lines


def _first(found: Sequence[dict[str, Any]]) -> Judged:
    return (found[0], found[0]["p"]) if found else (None, 0.0)


def _logit(p: float) -> float:
    p = min(max(p, FLOOR), 1 - FLOOR)
    return math.log(p / (1 - p))


def _family(gold: GoldQuestion) -> str:
    """What the same question has in all languages."""
    return gold.question_id.split("-")[0]


if __name__ == "__main__":
    main()
