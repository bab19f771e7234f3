"""What each part of the reader's training is worth: the same short training again and again, one thing changed.

    python benchmarks/ablate_reader.py DATA WORK [--xquad FOLDER] [--only NAME ...]

Every run trains on a share of the paragraphs for one pass (the learning curve: one pass over that share, half, all)
and is measured on a fixed sample. The translations, in WORK or copied there
from the cache of an earlier training, are used by all. A run whose marks are in WORK is not made again, so a stopped
series goes on. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

VARIANTS: dict[str, list[str]] = {
    "as shipped": [],
    "half of the data": ["--share", "0.5"],
    "all of the data": ["--share", "1.0"],
    "whole matrices instead of rank 40": ["--rank", "0", "--rate", "1.5e-4"],
    "rank 16": ["--rank", "16"],
    "windows of one sentence": ["--recipe", "most_sentences=1", "--recipe", "whole=0"],
    "whole paragraphs only": ["--recipe", "whole=1"],
    "no headings, no scope": ["--recipe", "headings=0", "--without", "scope"],
    "without scope": ["--without", "scope"],
    "without the paragraph's other sentences": ["--without", "without"],
    "without retrieved paragraphs": ["--without", "retrieved"],
    "without other attributes": ["--without", "attribute"],
    "without other things": ["--without", "thing"],
    "without twins": ["--without", "twin"],
    "without two-part questions": ["--without", "several"],
    "Chinese questions only": ["--recipe", "translated=0"],
}
"""Name -> arguments of ``python -m training`` that differ."""
PREPARED = ("translated.jsonl",)
COLUMNS = (
    "mrc_test f1",
    "XQuAD zh em",
    "XQuAD zh f1",
    "XQuAD en->zh f1",
    "XQuAD zh paragraph AUC",
    "mrc_test AUC scope",
    "held back, both parts by spans",
    "held back, both parts by tags",
    "held back auc",
)


def main() -> None:
    """Run what is missing, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--xquad", type=Path)
    parser.add_argument("--sample", type=int, default=200, help="questions of each test set (default: 200)")
    parser.add_argument("--share", type=float, default=0.25, help="share of the paragraphs (default: 0.25)")
    parser.add_argument("--only", nargs="*", choices=list(VARIANTS), default=list(VARIANTS))
    arguments = parser.parse_args()
    for name in arguments.only:
        run(name, arguments)
    print(table(arguments.work))


def run(name: str, arguments: argparse.Namespace) -> None:
    """One training, unless its marks are there."""
    folder = arguments.work / name.replace(" ", "-").replace(",", "")
    if (folder / "marks.json").is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "training", str(arguments.data), "--work", str(folder)]
    command += ["--out", str(folder / "reader.safetensors"), "--passes", "1", "--sample", str(arguments.sample)]
    command += ["--xquad", str(arguments.xquad)] if arguments.xquad else []
    command += ["--share", str(arguments.share)] if "--share" not in VARIANTS[name] else []
    share_prepared(arguments.work, folder)
    subprocess.run([*command, *VARIANTS[name]], check=True)
    share_prepared(folder, arguments.work)


def share_prepared(source: Path, target: Path) -> None:
    """Copy what is prepared, where it is not there yet."""
    for name in PREPARED:
        if (source / name).is_file() and not (target / name).exists():
            shutil.copyfile(source / name, target / name)


def table(work: Path) -> str:
    """The marks of all runs that are there, as Markdown."""
    lines = ["| run | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name in VARIANTS:
        path = work / name.replace(" ", "-").replace(",", "") / "marks.json"
        if path.is_file():
            marks = json.loads(path.read_text(encoding="utf-8"))
            cells = [f"{marks[column]:.3f}" if column in marks else "-" for column in COLUMNS]
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
