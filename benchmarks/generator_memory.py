"""What the generator's process keeps after prompts of many lengths, with and without the bounds that youju sets.

    python benchmarks/generator_memory.py [--lengths 128] [--rounds 2]

The runtime keeps what it prepared for every length of a prompt's last piece (1 to 256 tokens), and what was read. Each
line is one process; after the first round nothing should be added.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence

from own_server import megabytes_of

import rag.generation.openvino as runtime
from rag.config import load_config
from rag.generation import load_generator
from rag.schema.messages import Message

PIECE = 256  # tokens that are read at once
UNBOUNDED = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "1024")  # what oneDNN does by itself


def main(argv: Sequence[str] | None = None) -> None:
    """Measure both, one after the other, each in a new process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lengths", type=int, default=128, help="different lengths of a prompt (default: 128)")
    parser.add_argument("--rounds", type=int, default=2, help="how often each is read (default: 2)")
    parser.add_argument("--one", choices=("bounded", "unbounded"), help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.one:
        measure(options)
        return
    print("| | MB at the start | MB after each round | seconds |\n|---|---|---|---|", flush=True)
    for which in ("bounded", "unbounded"):
        command = [sys.executable, __file__, "--one", which]
        subprocess.run([*command, "--lengths", str(options.lengths), "--rounds", str(options.rounds)], check=True)


def measure(options: argparse.Namespace) -> None:
    """Read prompts of all lengths, in a random order, some times over; print one row."""
    if options.one == "unbounded":
        runtime._PREPARED = {}  # noqa: SLF001 - what is measured
        os.environ.setdefault(*UNBOUNDED)
    generator = load_generator(load_config(runtime="openvino"))
    random_source, held, started = random.Random(1), [own_megabytes()], time.monotonic()
    lengths = [round(PIECE * (i + 1) / options.lengths) for i in range(options.lengths)]
    for _ in range(options.rounds):
        for length in random_source.sample(lengths, len(lengths)):
            words = "".join(f" {random_source.choice('abcdefgh')}" for _ in range(length))  # one token each
            generator.stream([Message("user", words)], max_new_tokens=2).read()
        held.append(own_megabytes())
    seconds = time.monotonic() - started
    rounds = ", ".join(f"{megabytes:.0f}" for megabytes in held[1:])
    print(f"| {options.one} | {held[0]:.0f} | {rounds} | {seconds:.0f} |", flush=True)


def own_megabytes() -> float:
    """What this process holds; the models' mapped files apart where the system tells."""
    held = megabytes_of(os.getpid())
    if held is None:
        raise SystemExit("This system does not tell what a process holds.")
    return held[0] if held[1] is None else held[1]


if __name__ == "__main__":
    main()
