"""A question in another language -> Chinese, by the generator, so that everything behind it reads one language.

Measured on XQuAD's English questions over their Chinese paragraphs (benchmarks/translate_first.py): the reader's F1
rises from 0.52 to 0.60 of the 0.65 that XQuAD's own Chinese questions reach, for about a second. A translation that
loses a figure, stays in its language or means something else is not used; only the question as it is counts then. Both
are searched and read, and scored together (:func:`rag.scoring.sides.together`): a small model translates ``pilots`` as
those of aeroplanes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rag.schema.messages import Message
from rag.text.figures import figures_missing
from rag.text.language import detect_language
from rag.text.unicode import is_chinese

__all__ = ["TRANSLATE_TOKENS", "translation_messages", "usable_translation"]

TRANSLATE_TOKENS: Final = 96
_LEAST_SIMILARITY: Final = 0.78
"""Cosine of question and translation, as in training: below it names are lost or the sense is another."""
_SYSTEM: Final = "把问题翻译成中文，只输出译文。数字、年份照抄，专有名词用中文。"
# Questions of our own making; the places do not exist.
_SHOTS: Final = (
    ("How many kilometres of road did Yunling County build in 2031?", "云岭县2031年修建了多少公里公路？"),
    ("雲嶺県は2031年に橋をいくつ建てましたか。", "云岭县2031年建了多少座桥？"),
    ("¿Quién escribió esta novela?", "这部小说是谁写的？"),
)


def translation_messages(question: str) -> list[Message]:
    """What the generator is told; a constant beginning, the question last."""
    messages = [Message("system", _SYSTEM)]
    for foreign, chinese in _SHOTS:
        messages += [Message("user", foreign), Message("assistant", chinese)]
    return [*messages, Message("user", question)]


def usable_translation(question: str, reply: str, *, similarity: Callable[[str, str], float]) -> str:
    """The translation, where it says what the question does; else nothing.

    Args:
        question: In another language.
        reply: What the generator wrote.
        similarity: Cosine of two texts across languages.

    Returns:
        The question in Chinese; empty where a figure is lost, the reply is no Chinese, or means something else.
    """
    text = reply.strip().partition("\n")[0].strip()
    if detect_language(text) != "zh" or not is_chinese(text, least=2) or len(text) > 2 * len(question):
        return ""
    if figures_missing(question, text) or similarity(question, text) < _LEAST_SIMILARITY:
        return ""
    return text
