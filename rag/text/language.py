"""Detect the language of a question: the language to answer in.

By script only, which is what the answer's language needs: kana means Japanese, hangul Korean, other wide
characters Chinese; Latin script is told apart by its commonest words. Calls no model.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

from rag.text.unicode import HAN

__all__ = ["LANGUAGE_NAMES", "LANGUAGE_WORDS", "Language", "detect_language"]

Language: TypeAlias = Literal["zh", "en", "ja", "ko", "fr", "es", "de"]


LANGUAGE_NAMES: Final[dict[Language, str]] = {
    "zh": "中文",
    "en": "English",
    "ja": "日本語",
    "ko": "한국어",
    "fr": "français",
    "es": "español",
    "de": "Deutsch",
}
"""Each language by its own name."""


LANGUAGE_WORDS: Final[dict[Language, frozenset[str]]] = {
    "fr": frozenset(
        "le la les des du une est dans pour quel quelle quels quelles combien sont qui que et au aux".split()
    ),
    "es": frozenset(
        "el la los las una es en para qué cuál cuáles cuántos cuántas cuánto son quién del y por cómo".split()
    ),
    "de": frozenset(
        "der die das ein eine ist im für wie viele welche welcher welches sind wer und den dem wurde".split()
    ),
    "en": frozenset("the a an is in for how many much what which are who and of to was were did does by on".split()),
}


def detect_language(text: str) -> Language:
    """The language of a question.

    >>> detect_language("2019年录取率是多少？"), detect_language("何校ですか"), detect_language("How many?")
    ('zh', 'ja', 'en')
    """
    if re.search(r"[\u3040-\u30ff]", text):
        return "ja"
    if re.search(r"[\uac00-\ud7af]", text):
        return "ko"
    words = re.findall(r"[^\W\d_]+", re.sub(f"[{HAN}]+", " ", text.lower()))
    if len(re.findall(f"[{HAN}]", text)) > len(words):
        return "zh"
    if not words:
        return "zh"
    return max(
        LANGUAGE_WORDS,
        key=lambda language: sum(word in LANGUAGE_WORDS[language] for word in words) + (language == "en") / 2,
    )
