"""The language of a question, and what a refusal looks like in each."""

from __future__ import annotations

import pytest

from rag.answering.phrases import quotation_in, says_nothing_found, sentence_in
from rag.text.language import LANGUAGE_NAMES, detect_language

KEYS = ("not_found", "unverified", "out_of_scope", "no_documents")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("2031年新建了多少座桥梁？", "zh"),
        ("GDP增长了多少", "zh"),
        ("2031", "zh"),
        ("", "zh"),
        ("橋は何本ですか", "ja"),
        ("다리는 몇 개입니까?", "ko"),
        ("How many bridges were built?", "en"),
        ("Bridges", "en"),
        ("What is the target of 云岭县 for the year 2031?", "en"),
        ("Combien de ponts sont dans le rapport ?", "fr"),
        ("¿Cuántos puentes son y por qué?", "es"),
        ("Wie viele Brücken sind im Bericht?", "de"),
    ],
)
def test_the_language_of_a_question(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize("language", LANGUAGE_NAMES)
@pytest.mark.parametrize("key", KEYS)
def test_every_own_sentence_is_in_its_language(language: str, key: str) -> None:
    assert detect_language(sentence_in(language, key)) == language


def test_a_quotation_is_introduced_in_the_language_of_the_answer() -> None:
    introduced = {language: quotation_in(language, "“12”") for language in LANGUAGE_NAMES}
    assert introduced["zh"] == "原文：“12”"
    assert introduced["en"] == "The document says: “12”"
    assert all(text.endswith("“12”") for text in introduced.values())


@pytest.mark.parametrize("language", LANGUAGE_NAMES)
def test_the_own_refusal_is_known_as_one(language: str) -> None:
    assert says_nothing_found(sentence_in(language, "not_found"))


@pytest.mark.parametrize(
    "sentence",
    [
        "资料中没有提到。",
        "文中未说明投资额。",
        "没有相关信息。",
        "无法确定。",
        "The documents do not mention it.",
        "It isn't stated.",
        "The text doesn’t say how many.",
        "No information is given.",
        "This cannot be determined.",
        "資料には記載されていません。",
        "문서에 정보가 없습니다.",
        "Le texte ne mentionne pas ce point.",
        "El texto no lo menciona.",
        "Die Dokumente enthalten keine Angaben dazu.",
        "Der Betrag ist nicht angegeben.",
    ],
)
def test_a_sentence_that_the_evidence_lacks_the_answer(sentence: str) -> None:
    assert says_nothing_found(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "新建桥梁12座。",
        "没有一座桥梁被拆除。",
        "全年未发生安全事故。",
        "该县没有桥梁。",
        "No. 5 bridge was built.",
        "No bridge was built.",
        "Es wurden keine Brücken gebaut.",
        "Aucun pont n'a été construit.",
    ],
)
def test_a_negative_statement_is_no_refusal(sentence: str) -> None:
    assert not says_nothing_found(sentence)
