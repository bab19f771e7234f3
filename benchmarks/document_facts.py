"""What a document says of itself, against what people read in its head: title, issuer, place, years, date.

    python benchmarks/document_facts.py GOLD FOLDER [FOLDER ...] [--wrong SPLIT ...]

GOLD has one JSON object a line: `file`; `title`, `issuer`, `place`, `date`: lists of what is right, any of them;
`years`: what the document mainly speaks of, `also`: years that may stand beside; `unknown`: facts that may stay empty
as well; `split`. A fact without anything right must stay empty. A file is read from the first folder that holds it, or
its text as FILE.txt, in a format that is read.

Right: a place or issuer is one of those in the gold set (a place by its stem), a title like one of them (0.8 by
difflib, without marks and blanks), of the years at least one is a main one and none is neither. Unknown: nothing found.
Of a file with several parts the longest counts.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from rag.documents.chunk import chunk_document
from rag.documents.load import load_document
from rag.errors import DocumentError
from rag.schema.documents import Part
from rag.text.places import same_place
from rag.text.words import simplify

FACTS = ("title", "issuer", "place", "years", "date")
LIKE = 0.8  # a title without its last word is still that title


def main() -> None:
    """Read every document and print what is right, unknown and wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, metavar="GOLD")
    parser.add_argument("folders", type=Path, metavar="FOLDER", nargs="+")
    parser.add_argument("--wrong", action="append", default=[], metavar="SPLIT", help="list what is not right in it")
    arguments = parser.parse_args()
    counts: Counter[tuple[str, str, str]] = Counter()
    for line in arguments.gold.read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        part = read_part(gold["file"], arguments.folders)
        for fact in FACTS:
            verdict = judge(fact, part, gold)
            counts[gold["split"], fact, verdict] += 1
            if verdict != "right" and gold["split"] in arguments.wrong:
                print(f"{gold['file']}: {fact} {verdict}: {getattr(part, fact)!r}, not {gold[fact]}")
    for split in sorted({key[0] for key in counts}):
        n = sum(counts[split, FACTS[0], verdict] for verdict in ("right", "unknown", "wrong"))
        print(f"\n{split}: {n} documents\n\nfact | right | unknown | wrong\n--- | --- | --- | ---")
        for fact in FACTS:
            shares = [counts[split, fact, verdict] / n for verdict in ("right", "unknown", "wrong")]
            print(" | ".join([fact, *(f"{share:.2f}" for share in shares)]))


def read_part(name: str, folders: list[Path]) -> Part:
    """The longest part of a document."""
    for path in (folder / (name + end) for folder in folders for end in ("", ".txt")):
        try:
            parts = chunk_document(load_document(path, max_bytes=1 << 26), passage_chars=280).parts
        except (DocumentError, OSError):
            continue
        return max(parts, key=lambda part: part.end - part.start)
    raise SystemExit(f"{name} stands in none of the folders in a format that is read: {', '.join(map(str, folders))}")


def judge(fact: str, part: Part, gold: dict[str, Any]) -> str:
    """Whether a fact is right, unknown (though there is one) or wrong."""
    found = getattr(part, fact)
    if not found:
        return "right" if fact in gold["unknown"] or not gold[fact] else "unknown"
    if fact == "years":
        right = set(found) & set(gold["years"]) and set(found) <= {*gold["years"], *gold["also"]}
    elif fact == "place":
        right = any(same_place(found, place) for place in gold["place"])
    elif fact == "title":
        right = any(SequenceMatcher(None, _bare(found), _bare(title)).ratio() >= LIKE for title in gold["title"])
    else:
        right = found in gold[fact]
    return "right" if right else "wrong"


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", simplify(text)).lower()


if __name__ == "__main__":
    main()
