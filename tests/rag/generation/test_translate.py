"""A question put into Chinese: what is used of it, and what is not."""

from __future__ import annotations

import pytest

from rag.generation.translation import translation_messages, usable_translation

ASKED = "How many berths were built in 2031?"


def usable(reply: str, *, question: str = ASKED, likeness: float = 0.9) -> str:
    return usable_translation(question, reply, similarity=lambda one, other: likeness)


@pytest.mark.parametrize(
    ("reply", "used"),
    [
        ("2031年建成了多少个泊位？", "2031年建成了多少个泊位？"),
        (" 2031年建成了多少个泊位？ \n译文如上。", "2031年建成了多少个泊位？"),
        ("二〇三一年建成了多少个泊位？", "二〇三一年建成了多少个泊位？"),
        ("2030年建成了多少个泊位？", ""),  # another year
        ("建成了多少个泊位？", ""),  # it is lost
        ("How many berths were built in 2031?", ""),
        ("2031年にバースはいくつ建設されましたか。", ""),
        ("", ""),
        ("2031年" + "建成了多少个泊位" * 20, ""),  # a small model that does not stop
    ],
)
def test_a_translation_is_used_where_it_is_chinese_and_keeps_the_figures(reply: str, used: str) -> None:
    assert usable(reply) == used


def test_a_translation_that_means_something_else_is_not_used() -> None:
    assert usable("2031年建成了多少个泊位？", likeness=0.6) == ""


def test_the_question_comes_last_and_the_beginning_is_constant() -> None:
    one, other = translation_messages(ASKED), translation_messages("¿Cuántos?")
    assert one[:-1] == other[:-1]
    assert (one[-1].role, one[-1].content) == ("user", ASKED)
