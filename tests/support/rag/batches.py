"""A batch of questions, and its answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rag.batch.question_file import Question
from rag.schema.answers import Answer, AnswerSentence, Citation

CITATION = Citation(1, "甲.txt", "报告", ("一、总结",), 10, 14, "共3所。")


def answer(text: str) -> Answer:
    return Answer(
        question="", query="", sentences=(AnswerSentence(text, (1,)),), citations=(CITATION,), abstained=False
    )


QUESTIONS = [Question(f"q{i}", f"第{i}问？") for i in range(1, 6)]

ANSWERS = {question.question: answer(f"答{i}。") for i, question in enumerate(QUESTIONS, start=1)}


def records(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def ids(out: Path) -> list[str]:
    return [record["id"] for record in records(out)]
