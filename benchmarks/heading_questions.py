"""Any number of questions about the headings of an index, each with a mark by which it is known again.

For `twenty_users.py`: none of them stands anywhere in the code.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from rag.config import load_config
from rag.index.opening import open_store
from rag.retrieval.example_questions import example_questions
from rag.schema.documents import Passage

__all__ = ["example_texts", "mark_of", "marks_of", "new_mark", "vary"]

LETTERS = "bcdfghjklmnpqrstvwxz"  # marks are no words, and no figures that an answer could be checked against
MARK_CHARS, NUMBER_CHARS = 6, 4  # of a user, and of a question

TOPIC = re.compile(r"^概括(?P<about>.*)“(?P<topic>.+)”的主要内容。$")
FORMS = {
    "zh": (
        "概括{about}“{topic}”的主要内容。",
        "{about}“{topic}”做了哪些工作？",
        "{about}“{topic}”取得了什么成效？",
        "{about}在“{topic}”方面有哪些数字？",
        "关于“{topic}”，{about}是怎么说的？",
    ),
    "en": ("What does “{topic}” say?", "Which figures are given for “{topic}”?", "What was done about “{topic}”?"),
}


def example_texts(index: Path, most: int = 1000) -> list[str]:
    """Questions made of the headings of an index."""
    parts: dict[tuple[str, str], list[Passage]] = {}
    with closing(open_store(load_config(index=index))) as store:
        for info in store.documents():
            for passage in store.document_passages(info.source):
                parts.setdefault((passage.source, passage.title), []).append(passage)
    return example_questions(parts.values(), most)


def new_mark(draw: random.Random) -> str:
    """A mark for a user."""
    return "".join(draw.choices(LETTERS, k=MARK_CHARS))


def mark_of(question: str) -> str:
    """The mark of a question, its user's and its own."""
    return question.rstrip(")）")[-MARK_CHARS - NUMBER_CHARS :]


def marks_of(user_mark: str, text: str) -> list[str]:
    """The marks of a user's questions in a text, each once, in order."""
    return list(dict.fromkeys(re.findall(f"{user_mark}[{LETTERS}]{{{NUMBER_CHARS}}}", text)))


def vary(examples: Sequence[str], user_mark: str, draw: random.Random) -> str:
    """One of many questions about the heading that one of the examples is about, with a mark."""
    example, mark = draw.choice(examples), user_mark + "".join(draw.choices(LETTERS, k=NUMBER_CHARS))
    found = TOPIC.match(example)
    if found is None:
        return f"{example} ({mark})"
    lang = "en" if draw.random() < 0.2 else "zh"
    return draw.choice(FORMS[lang]).format(**found.groupdict()) + (f"（{mark}）" if lang == "zh" else f" ({mark})")
