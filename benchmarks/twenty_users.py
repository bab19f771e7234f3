"""Twenty users at once for five minutes: no error, no mixed-up answer, memory flat, and how long everybody waits.

    python benchmarks/twenty_users.py [--users 20] [--seconds 300] [--mode answers|quotes|mixed]
                                      [--index FOLDER | --url http://127.0.0.1:7860/ [--pid PID]] [--json FILE]

Starts a server of its own, with the real models, over an index of seeds/ (or of --index) and with an empty workspace;
or uses one that runs without logins (--url). Four users of five sit at the page, half of them at the Chinese one, each
with a browser of their own; the fifth is a program that uses the OpenAI-compatible API. Each asks a question made of
the documents' own headings, waits for the answer, thinks a moment and asks again, in the same conversation or another.

What is checked: every question carries a mark that nobody else has, and no mark of another user may come over a user's
line; the page shows each answer under its own question; after the last answer each user's history holds exactly what
that user asked, as listed, reloaded and exported, and nobody gets another's; some questions are asked once more when
nobody else is there, and must cite what was cited before. Ends with 1 where any of that fails.

Times are as a user sees them. The visitors run on the same machine and take their share of it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from heading_questions import example_texts, mark_of, marks_of, new_mark, vary
from own_server import Memory, own_server
from visitors import ApiVisitor, Mode, Outcome, PageVisitor

ONE_IN = 5  # users: a program; the others are people at the page
ARRIVAL_SECONDS = 5.0  # they do not come all at once
AFRESH = 0.3  # how often somebody begins another conversation
MOST_SECONDS = 900.0  # for an answer; twenty users on a slow machine wait minutes


@dataclass
class User:
    """A user and what became of the questions asked.

    Attributes:
        visitor: The browser or the program.
        mark: What nobody else's questions hold.
        outcomes: The answers, in order.
        problems: What went wrong apart from them.
    """

    visitor: PageVisitor | ApiVisitor
    mark: str
    outcomes: list[Outcome] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def main(argv: Sequence[str] | None = None) -> int:
    """Run it, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=300.0, help="after that nobody asks any more (default: 300)")
    parser.add_argument("--mode", choices=("answers", "quotes", "mixed"), default="answers")
    parser.add_argument("--think", type=float, default=5.0, help="mean seconds before the next question (default: 5)")
    parser.add_argument("--again", type=int, default=10, help="questions asked once more at the end (default: 10)")
    parser.add_argument("--seed", type=int, default=1, help="of what is drawn (default: 1)")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--index", type=Path, help="index of the server's (default: one of seeds/, made for this run)")
    where.add_argument("--url", help="a server that runs")
    parser.add_argument("--pid", type=int, help="its process, to measure its memory")
    parser.add_argument("--json", type=Path, help="write all measurements there")
    options = parser.parse_args(argv)
    if options.url:
        url = options.url.rstrip("/") + "/"
        run = asyncio.run(measure(options, url, Memory(options.pid), []))
    else:
        with own_server(options.index) as (url, pid, index):
            run = asyncio.run(measure(options, url, Memory(pid), example_texts(index)))
    print(run.table())
    for problem in run.problems():
        print(f"- {problem}", file=sys.stderr)
    if options.json:
        options.json.write_text(json.dumps(run.record(), ensure_ascii=False, indent=1), encoding="utf-8")
    return 1 if run.problems() else 0


@dataclass
class Run:
    """All that was measured."""

    title: str
    users: list[User]
    memory: Memory
    again: list[str] = field(default_factory=list)

    @property
    def outcomes(self) -> list[Outcome]:
        """The answers of all users."""
        return [outcome for user in self.users for outcome in user.outcomes]

    def problems(self) -> list[str]:
        """Everything that went wrong, with whose it was."""
        found = [] if self.outcomes else ["nobody got an answer"]
        for number, user in enumerate(self.users, start=1):
            own = [*user.problems, *(problem for outcome in user.outcomes for problem in outcome.problems)]
            found += [f"user {number} ({type(user.visitor).__name__}): {problem}" for problem in own]
        return found + [f"asked again: {said}" for said in self.again if said.startswith("other")]

    def table(self) -> str:
        """The result as Markdown."""
        lines = [
            f"{self.title}",
            "",
            "| seconds after the question | median | p95 | max | n |",
            "|---|---|---|---|---|",
        ]
        for label, name in (
            ("its turn comes", "in_line"),
            ("first source", "first_source"),
            ("first token", "first_token"),
            ("whole answer", "whole"),
        ):
            lines.append(f"| {label} | {' | '.join(spread([getattr(each, name) for each in self.outcomes]))} |")
        people = [len(user.outcomes) for user in self.users if isinstance(user.visitor, PageVisitor)]
        programs = [len(user.outcomes) for user in self.users if isinstance(user.visitor, ApiVisitor)]
        off = [
            abs(each.in_line - at - told)
            for each in self.outcomes
            if each.in_line and each.expected
            for told, at in [each.expected]
        ]
        same = sum(said == "same" for said in self.again)
        lines += ["", "| | |", "|---|---|"]
        lines.append(f"| answers | {len(self.outcomes)} |")
        lines.append(f"| answers a user, at the page (min–max) | {min(people, default=0)}–{max(people, default=0)} |")
        lines.append(
            f"| answers a user, of the API (min–max) | {min(programs, default=0)}–{max(programs, default=0)} |"
        )
        lines.append(f"| errors and mix-ups | {len(self.problems())} |")
        lines.append(f"| asked again alone: same citations | {same} of {len(self.again)} |")
        if off:
            lines.append(f"| wait told, median absolute error | {statistics.median(off):.1f} s of {len(off)} |")
        return "\n".join([*lines, *self.memory.rows()])

    def record(self) -> dict[str, Any]:
        """The result as JSON."""
        times = ("question", "in_line", "first_source", "first_token", "whole", "expected", "problems")
        users = [[{name: getattr(each, name) for name in times} for each in user.outcomes] for user in self.users]
        return {"title": self.title, "users": users, "problems": self.problems(), "memory": self.memory.samples}


async def measure(options: argparse.Namespace, url: str, memory: Memory, examples: list[str]) -> Run:
    """Let the users come, ask and go."""
    draw = random.Random(options.seed)
    users = [User(make_visitor(url, n), new_mark(draw)) for n in range(options.users)]
    run = Run(f"{options.users} users for {options.seconds:.0f} s, {options.mode}", users, memory)
    async with AsyncExitStack() as doors:
        for user in users:
            await doors.enter_async_context(user.visitor)
        examples = examples or await first_page(users).examples()
        watching = asyncio.create_task(memory.watch())
        until = time.monotonic() + options.seconds
        seeds = [draw.random() for _ in users]
        own = [random.Random(seed) for seed in seeds]
        await asyncio.gather(*(live(*pair, examples, until, options) for pair in zip(users, own, strict=True)))
        watching.cancel()
        find_strangers(users)
        await check_histories(users)
        run.again = await ask_again(run, ApiVisitor(url), draw, options.again)
    return run


def make_visitor(url: str, number: int) -> PageVisitor | ApiVisitor:
    """People and programs in turn; Linux lets each program come from an address of its own."""
    if number % ONE_IN != ONE_IN - 1:
        return PageVisitor(url, "zh" if number % 2 else "en")
    local = sys.platform == "linux" and urlsplit(url).hostname == "127.0.0.1"
    return ApiVisitor(url, address=f"127.0.0.{10 + number % 240}" if local else "")


def first_page(users: Sequence[User]) -> PageVisitor:
    """Somebody at the page."""
    return next(user.visitor for user in users if isinstance(user.visitor, PageVisitor))


async def live(
    user: User, draw: random.Random, examples: Sequence[str], until: float, options: argparse.Namespace
) -> None:
    """Ask, wait, think, until the time is over."""
    await asyncio.sleep(draw.uniform(0, min(ARRIVAL_SECONDS, options.seconds)))
    while time.monotonic() < until:
        question = vary(examples, user.mark, draw)
        quotes = options.mode == "quotes" or (options.mode == "mixed" and draw.random() < 0.5)
        mode: Mode = "quotes" if quotes else "answer"
        try:
            asking = user.visitor.ask(question, mode, afresh=draw.random() < AFRESH)
            user.outcomes.append(await asyncio.wait_for(asking, MOST_SECONDS))
        except (httpx.HTTPError, TimeoutError, ValueError, KeyError) as error:
            user.problems.append(f"{question!r} failed: {type(error).__name__} {error}")
        await asyncio.sleep(min(draw.expovariate(1 / options.think), 4 * options.think))


def find_strangers(users: Sequence[User]) -> None:
    """Note every mark that came over somebody else's line; the raw text is not needed any more then."""
    marks = re.compile("|".join(user.mark for user in users))
    for user in users:
        for outcome in user.outcomes:
            met = set(marks.findall("\n".join(outcome.raw)))
            if met - {user.mark}:
                outcome.problems.append(f"{sorted(met - {user.mark})} of others came with {outcome.question!r}")
            if isinstance(user.visitor, PageVisitor) and user.mark not in met:
                outcome.problems.append(f"its own mark did not come back with {outcome.question!r}")
            outcome.raw.clear()


async def check_histories(users: Sequence[User]) -> None:
    """Each history holds what its user asked; nobody else gets it."""
    people = [(user, user.visitor) for user in users if isinstance(user.visitor, PageVisitor)]
    for number, (user, page) in enumerate(people):
        try:
            await check_history(user, page, people[number - 1][1])
        except httpx.HTTPError as error:
            user.problems.append(f"the history cannot be read: {error}")


async def check_history(user: User, page: PageVisitor, other: PageVisitor) -> None:
    """One user's, tried by another as well."""
    listed = await page.conversations()
    if sorted(listed) != sorted(page.said):
        user.problems.append(f"the history lists {sorted(listed)}, not {sorted(page.said)}")
    for conversation, asked in page.said.items():
        shown = await page.reload(conversation)
        if shown != asked:
            user.problems.append(f"the history shows {shown}, not {asked}")
        marks = marks_of(user.mark, (await page.export(conversation)).text)
        if marks != [mark_of(question) for question in asked]:
            user.problems.append(f"the export holds {marks}")
        if other is not page and (await other.export(conversation)).status_code != httpx.codes.NOT_FOUND:
            user.problems.append("somebody else can export a conversation")
        if other is not page and await other.reload(conversation):
            user.problems.append("somebody else can open a conversation")


async def ask_again(run: Run, program: ApiVisitor, draw: random.Random, most: int) -> list[str]:
    """Ask some questions once more when nobody else does, and compare what is cited."""
    alone = [each for each in run.outcomes if each.alone and not each.problems]
    found = []
    async with program:
        for before in draw.sample(alone, min(most, len(alone))):
            after = await program.ask(before.question, before.mode, afresh=True)
            if after.problems:
                found.append(f"other: {after.problems}")
            elif after.places == before.places:
                found.append("same")
            elif after.places & before.places:
                found.append("partly")
            else:
                found.append(
                    f"other places for {before.question!r}: {sorted(after.places)}, not {sorted(before.places)}"
                )
    return found


def spread(times: Sequence[float | None]) -> list[str]:
    """Median, 95th percentile, maximum and number, for a row of the table."""
    known = sorted(each for each in times if each is not None)
    if not known:
        return ["–", "–", "–", "0"]
    p95 = known[min(len(known) - 1, round(0.95 * (len(known) - 1)))]
    return [f"{statistics.median(known):.1f}", f"{p95:.1f}", f"{known[-1]:.1f}", str(len(known))]


if __name__ == "__main__":
    sys.exit(main())
