"""The generator in each runtime, in turn on one machine: reading and writing tokens a second, and memory.

    python benchmarks/generators.py [openvino llamacpp ...] [--rounds 3] [--prompts 3]

Each round starts a process for each runtime, so that one model is held at a time and both meet the same load of the
machine. A prompt is an invented report of about 570 tokens whose beginning no prompt before it had, so nothing of it is
cached; the reply quotes it. Medians over all prompts of all rounds; the first reply after a load is not counted.

In brackets the same by processor time spread over all cores: beside other work the clock tells of that work too, and
this is about what a quiet machine gives.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

from own_server import megabytes_of

from rag.config import load_config
from rag.generation import Generator, load_generator
from rag.schema.messages import Message

MAX_NEW_TOKENS = 80
THINGS = "公路 桥梁 学校 医院 公园 车站 港口 水库 管网 泵站 图书馆 体育馆 幼儿园 养老院 停车场 充电桩".split()


@dataclass(frozen=True)
class Measured:
    """What one process measured.

    Attributes:
        load_seconds: From the settings to a generator that has run once.
        reading: Prompt tokens a second, for each prompt, by the clock and by processor time.
        writing: New tokens a second, likewise.
        megabytes: Resident memory at the end.
        own_megabytes: The same without files that are mapped; None where the system does not tell.
    """

    load_seconds: float
    reading: list[tuple[float, float]]
    writing: list[tuple[float, float]]
    megabytes: float
    own_megabytes: float | None


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("runtimes", nargs="*", default=["openvino", "llamacpp"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prompts", type=int, default=3, help="of each process (default: 3)")
    parser.add_argument("--one", metavar="RUNTIME", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(asdict(measure(options.one, n_prompts=options.prompts, seed=options.seed))))
        return
    print(f"{cpu()}; load before: {os.getloadavg()[0]:.1f}\n", flush=True)
    results: dict[str, list[Measured]] = {runtime: [] for runtime in options.runtimes}
    for seed in range(options.rounds):
        for runtime in options.runtimes:
            results[runtime].append(in_a_process(runtime, n_prompts=options.prompts, seed=seed))
    print("| runtime | load, s | reading, tokens/s | writing, tokens/s | memory, MB | without mapped files |")
    print("|---|---|---|---|---|---|")
    for runtime, measured in results.items():
        print(row(runtime, measured))
    print(f"\nload after: {os.getloadavg()[0]:.1f}")


def cpu() -> str:
    """The cores, and what the runtimes say of them."""
    import openvino  # noqa: PLC0415 - only for this line
    import xllamacpp  # noqa: PLC0415

    capabilities = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return (
        f"{os.cpu_count()} cores; OpenVINO: {' '.join(capabilities)}; llama.cpp: {xllamacpp.get_system_info().strip()}"
    )


def in_a_process(runtime: str, *, n_prompts: int, seed: int) -> Measured:
    """Measure one runtime in a process of its own."""
    command = [sys.executable, __file__, "--one", runtime, "--prompts", str(n_prompts), "--seed", str(seed)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def measure(runtime: str, *, n_prompts: int, seed: int) -> Measured:
    """Load a runtime and let it read and write."""
    started = time.perf_counter()
    generator = load_generator(load_config(runtime=runtime))
    load_seconds = time.perf_counter() - started
    source = random.Random(seed)
    speeds = [speed(generator, prompt(source)) for _ in range(n_prompts + 1)][1:]
    held = megabytes_of(os.getpid()) or (0.0, None)
    return Measured(load_seconds, [each[0] for each in speeds], [each[1] for each in speeds], *held)


def prompt(source: random.Random) -> list[Message]:
    """An invented report, begun as none before, and a question that is answered by quoting it."""
    things = source.sample(THINGS, len(THINGS))
    report = "".join(sentence(thing, source) for thing in things)
    asked = "、".join(things[:3])
    number = source.randint(10**5, 10**6)
    return [Message("user", f"{number}号报告：{report}\n问题：逐句摘录写{asked}的三句话，不要改动。")]


def sentence(thing: str, source: random.Random) -> str:
    """What was built of something, in invented figures."""
    built, mended = source.randint(10, 990), source.randint(10, 990)
    return f"全市新建{thing}{built}处，改造{mended}处，完成投资{source.uniform(1, 99):.1f}亿元。"


def speed(generator: Generator, messages: list[Message]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Tokens a second: read, and written after the first; each by the clock and by processor time."""
    started, first = clocks(), (0.0, 0.0)
    with generator.stream(messages, max_new_tokens=MAX_NEW_TOKENS) as stream:
        for _ in stream:
            first = first if any(first) else clocks()
    ended, reply = clocks(), stream.reply
    return (
        (reply.n_prompt_tokens / (first[0] - started[0]), reply.n_prompt_tokens / (first[1] - started[1])),
        ((reply.n_new_tokens - 1) / (ended[0] - first[0]), (reply.n_new_tokens - 1) / (ended[1] - first[1])),
    )


def clocks() -> tuple[float, float]:
    """Seconds of the clock, and of all cores together."""
    return time.perf_counter(), time.process_time() / (os.cpu_count() or 1)


def row(runtime: str, measured: list[Measured]) -> str:
    """One line of the table."""
    load = statistics.median(each.load_seconds for each in measured)
    reading = median_of([speed for each in measured for speed in each.reading])
    writing = median_of([speed for each in measured for speed in each.writing])
    own = [each.own_megabytes for each in measured if each.own_megabytes is not None]
    return (
        f"| {runtime} | {load:.1f} | {reading} | {writing} | "
        f"{statistics.median(each.megabytes for each in measured):,.0f} | "
        f"{f'{statistics.median(own):,.0f}' if own else '-'} |"
    )


def median_of(speeds: list[tuple[float, float]]) -> str:
    """Both medians, as text."""
    clock, processor = (statistics.median(values) for values in zip(*speeds, strict=True))
    return f"{clock:.1f} ({processor:.1f})"


if __name__ == "__main__":
    main()
