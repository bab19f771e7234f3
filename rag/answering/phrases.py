"""Fixed sentences of answers, in every language that youju answers in.

A table, and no catalogs of gettext: a sentence is written and reviewed in all languages side by side, and
:func:`says_nothing_found` needs them all at once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rag.schema.answers import Problem, Withheld
from rag.text.language import Language

__all__ = ["PHRASES", "missing_phrases", "notes_in", "quotation_in", "says_nothing_found", "sentence_in"]

PHRASES: Final[dict[str, dict[str, str]]] = {
    "not_found": {
        "zh": "资料中没有提到所问的内容。",
        "en": "The documents do not say.",
        "ja": "資料には記載がありません。",
        "ko": "문서에 해당 내용이 없습니다.",
        "fr": "Les documents ne le disent pas.",
        "es": "Los documentos no lo dicen.",
        "de": "Die Dokumente sagen dazu nichts.",
    },
    "unverified": {
        "zh": "没有找到可以核实的答案：生成的说法与资料原文对不上，已不予显示。",
        "en": "No answer could be verified: what was generated does not match the documents and is withheld.",
        "ja": "確認できる回答がありません。生成された内容は資料と一致しないため表示しません。",
        "ko": "확인할 수 있는 답변이 없습니다. 생성된 내용이 문서와 일치하지 않아 표시하지 않습니다.",
        "fr": "Aucune réponse vérifiable : le texte généré ne correspond pas aux documents et n'est pas montré.",
        "es": "No hay respuesta verificable: lo generado no coincide con los documentos y no se muestra.",
        "de": "Keine überprüfbare Antwort: Das Erzeugte stimmt nicht mit den Dokumenten überein und fehlt hier.",
    },
    "original": {
        "zh": "原文：",
        "en": "The document says: ",
        "ja": "原文：",
        "ko": "원문: ",
        "fr": "Le document dit : ",
        "es": "El documento dice: ",
        "de": "Im Dokument steht: ",
    },
    "no_documents": {
        "zh": "还没有任何资料，请先添加。",
        "en": "There are no documents yet. Add some first.",
        "ja": "資料がまだありません。先に追加してください。",
        "ko": "아직 문서가 없습니다. 먼저 추가하세요.",
        "fr": "Les documents manquent encore : ajoutez-en dans l’index.",
        "es": "Los documentos todavía faltan. Añada alguno.",
        "de": "Noch ist kein Dokument da. Fügen Sie zuerst eines hinzu.",
    },
    "out_of_scope": {
        "zh": "限定的范围内没有任何资料。",
        "en": "No document lies within the chosen scope.",
        "ja": "指定された範囲に資料がありません。",
        "ko": "지정한 범위에 문서가 없습니다.",
        "fr": "Aucun document dans le périmètre choisi.",
        "es": "Ningún documento en el ámbito elegido.",
        "de": "Kein Dokument im gewählten Bereich.",
    },
    "small_talk": {
        "zh": "您好！我只根据已收录的文件回答问题，请直接问文件里的内容。",
        "en": "Hello! I only answer from the documents that were added: ask about what they say.",
        "ja": "こんにちは。登録された資料の内容についてのみお答えします。資料についてご質問ください。",
        "ko": "안녕하세요. 등록된 문서의 내용만 답변합니다. 문서에 대해 질문해 주세요.",
        "fr": "Bonjour ! Je ne réponds qu'à partir des documents ajoutés : posez une question sur leur contenu.",
        "es": "¡Hola! Solo respondo con los documentos añadidos: pregunte por su contenido.",
        "de": "Guten Tag! Ich antworte nur aus den aufgenommenen Dokumenten: Fragen Sie nach ihrem Inhalt.",
    },
    "not_sure_enough": {
        "zh": "没有足够的把握，不作回答（可信度{confidence}，此索引要求{least}）；最接近的原文见引用。",
        "en": "Not sure enough to answer ({confidence}; this index asks for {least}). What comes closest is cited.",
        "ja": "確信度が足りないため回答しません（{confidence}、この索引の下限は{least}）。最も近い原文を引用します。",
        "ko": "확신이 부족하여 답변하지 않습니다({confidence}, 이 색인의 하한 {least}). 가장 가까운 원문을 인용합니다.",
        "fr": "Pas assez sûr pour répondre ({confidence} ; l'index exige {least}). Le plus proche est cité.",
        "es": "No es lo bastante seguro ({confidence}; el índice exige {least}). Se cita lo más cercano.",
        "de": "Nicht sicher genug ({confidence}; dieser Index verlangt {least}). Zitiert ist, was am nächsten kommt.",
    },
    "no_place": {
        "zh": "资料中没有关于{place}的文件；现有文件涉及{known}。",
        "en": "No document speaks of {place}; there are documents on {known}.",
        "ja": "{place}に関する資料はありません。収録されているのは{known}の資料です。",
        "ko": "{place}에 관한 문서가 없습니다. 수록된 문서: {known}.",
        "fr": "Aucun document ne porte sur {place} ; il y en a sur {known}.",
        "es": "Ningún documento trata de {place}; los hay sobre {known}.",
        "de": "Kein Dokument handelt von {place}; es gibt Dokumente zu {known}.",
    },
    "no_year": {
        "zh": "资料中没有{place}{year}年的内容，只有{known}年的。",
        "en": "The documents hold nothing on {place} for {year}, only for {known}.",
        "ja": "{place}の{year}年に関する記載はなく、{known}年のもののみです。",
        "ko": "{place}의 {year}년 내용은 없고 {known}년 내용만 있습니다.",
        "fr": "Rien sur {place} pour {year}, seulement pour {known}.",
        "es": "No hay nada sobre {place} de {year}, solo de {known}.",
        "de": "Zu {place} steht nichts über {year} da, nur über {known}.",
    },
    "about": {
        "zh": "这份文件讲的是{place}{years}年的情况。",
        "en": "This document is about {place} {years}.",
        "ja": "この資料は{place}{years}年についてのものです。",
        "ko": "이 문서는 {place} {years}년에 관한 것입니다.",
        "fr": "Ce document porte sur {place} {years}.",
        "es": "Este documento trata de {place} {years}.",
        "de": "Dieses Dokument handelt von {place} {years}.",
    },
    "own_words": {
        "zh": "原文写作“{text}”。",
        "en": "In the document's words: “{text}”.",
        "ja": "原文：「{text}」。",
        "ko": "원문: “{text}”.",
        "fr": "Dans le texte : « {text} ».",
        "es": "En el texto: «{text}».",
        "de": "Im Wortlaut: „{text}“.",
    },
    "missing_side": {
        "zh": "{side}的这一内容，资料中没有提到。",
        "en": "For {side} the documents do not say.",
        "ja": "{side}については資料に記載がありません。",
        "ko": "{side}에 대해서는 문서에 내용이 없습니다.",
        "fr": "Pour {side}, les documents ne le disent pas.",
        "es": "Sobre {side} los documentos no lo dicen.",
        "de": "Zu {side} sagen die Dokumente nichts.",
    },
    "elsewhere": {
        "zh": "相近的内容见{place}的文件。",
        "en": " Something close stands in the document on {place}.",
        "ja": "近い内容は{place}の資料にあります。",
        "ko": " 비슷한 내용은 {place} 문서에 있습니다.",
        "fr": " Un passage proche se trouve dans le document sur {place}.",
        "es": " Algo parecido está en el documento sobre {place}.",
        "de": " Ähnliches steht im Dokument zu {place}.",
    },
    "another_year": {
        "zh": "不是，原文说的是{years}年：",
        "en": "No: the document says this of {years}: ",
        "ja": "いいえ。原文は{years}年のことです：",
        "ko": "아니요. 원문은 {years}년의 내용입니다: ",
        "fr": "Non : le document le dit de {years} : ",
        "es": "No: el documento lo dice de {years}: ",
        "de": "Nein: Das Dokument sagt dies über {years}: ",
    },
    "a_plan": {
        "zh": "资料没有这样说，原文写的是目标或计划：",
        "en": "The documents do not say that it is done; they name it as a goal or plan: ",
        "ja": "完了したとは書かれていません。目標または計画としての記載です：",
        "ko": "완료되었다고 하지 않습니다. 목표 또는 계획으로 적혀 있습니다: ",
        "fr": "Les documents ne disent pas que c'est fait ; c'est un objectif ou un projet : ",
        "es": "Los documentos no dicen que esté hecho; es un objetivo o un plan: ",
        "de": "Die Dokumente sagen nicht, dass es getan ist; es ist ein Ziel oder Plan: ",
    },
    "a_report": {
        "zh": "不是计划，原文写的是已有的情况：",
        "en": "It is no plan: the document reports it: ",
        "ja": "計画ではなく、実績として書かれています：",
        "ko": "계획이 아니라 실적으로 적혀 있습니다: ",
        "fr": "Ce n'est pas un projet : le document en rend compte : ",
        "es": "No es un plan: el documento lo da por hecho: ",
        "de": "Das ist kein Plan: Das Dokument berichtet davon: ",
    },
    "another_figure": {
        "zh": "不是，原文的数字与此不同：",
        "en": "No: the document gives another figure: ",
        "ja": "いいえ。原文の数値は異なります：",
        "ko": "아니요. 원문의 수치는 다릅니다: ",
        "fr": "Non : le document donne un autre chiffre : ",
        "es": "No: el documento da otra cifra: ",
        "de": "Nein: Das Dokument nennt eine andere Zahl: ",
    },
    "confirmed": {
        "zh": "是，原文写道：",
        "en": "Yes, the document says: ",
        "ja": "はい。原文：",
        "ko": "네. 원문: ",
        "fr": "Oui, le document dit : ",
        "es": "Sí, el documento dice: ",
        "de": "Ja, im Dokument steht: ",
    },
    "withheld": {
        "zh": "有{n}句未显示：{why}。",
        "en": "Sentences not shown: {n} ({why}).",
        "ja": "表示しない文：{n}（{why}）。",
        "ko": "표시하지 않은 문장: {n}개({why}).",
        "fr": "Phrases non montrées : {n} ({why}).",
        "es": "Frases no mostradas: {n} ({why}).",
        "de": "Nicht gezeigte Sätze: {n} ({why}).",
    },
    "nothing_cited": {
        "zh": "找不到可引用的原文",
        "en": "nothing can be cited for it",
        "ja": "引用できる原文がない",
        "ko": "인용할 원문이 없음",
        "fr": "rien ne peut être cité",
        "es": "no hay qué citar",
        "de": "nichts lässt sich zitieren",
    },
    "figure_not_in_the_citation": {
        "zh": "数字不在所引原文中",
        "en": "a figure does not stand in the cited text",
        "ja": "数値が引用元にない",
        "ko": "수치가 인용문에 없음",
        "fr": "un chiffre n'est pas dans le texte cité",
        "es": "una cifra no está en el texto citado",
        "de": "eine Zahl steht nicht im zitierten Text",
    },
    "year_not_of_the_citation": {
        "zh": "年份与所引原文不符",
        "en": "a year is not that of the cited text",
        "ja": "年が引用元と合わない",
        "ko": "연도가 인용문과 다름",
        "fr": "une année n'est pas celle du texte cité",
        "es": "un año no es el del texto citado",
        "de": "ein Jahr ist nicht das des zitierten Textes",
    },
    "wording_not_in_the_citation": {
        "zh": "说法不在所引原文中",
        "en": "what it says does not stand in the cited text",
        "ja": "記述が引用元にない",
        "ko": "내용이 인용문에 없음",
        "fr": "son contenu n'est pas dans le texte cité",
        "es": "lo que dice no está en el texto citado",
        "de": "die Aussage steht nicht im zitierten Text",
    },
    "cut_off": {
        "zh": "回答达到了长度上限，可能没有写完。",
        "en": "The answer reached its limit of length and may lack its end.",
        "ja": "回答が長さの上限に達したため、途中で終わっている可能性があります。",
        "ko": "답변이 길이 제한에 도달하여 끝나지 않았을 수 있습니다.",
        "fr": "La réponse a atteint sa longueur maximale ; la fin peut manquer.",
        "es": "La respuesta alcanzó su longitud máxima; puede faltar el final.",
        "de": "Die Antwort hat ihre Höchstlänge erreicht; das Ende kann fehlen.",
    },
    "described_place": {
        "zh": "“{what}”的是{place}。",
        "en": "“{what}” is said of {place}.",
        "ja": "「{what}」に当たるのは{place}です。",
        "ko": "“{what}”에 해당하는 곳은 {place}입니다.",
        "fr": "« {what} » : il s'agit de {place}.",
        "es": "«{what}»: se trata de {place}.",
        "de": "„{what}“: Das ist {place}.",
    },
}


# How small models word that the evidence lacks the answer, in the languages above.
_NOTHING = re.compile(
    # Who lacks it must be the documents, for verbs that others could do too: "学校不提供住宿" is an answer.
    r"(?:资料|材料|文件|文中|原文|文档|上文|信息)[^。，,;；]{0,12}(?:没有|未|不)[^。，,;；]{0,4}(?:提供|包含|找到|显示|说|指出)"
    r"|^(?:没有|未|不)(?:明确)?(?:提供|包含|找到|显示)"
    r"|(?:没有|未|并未|并没有)(?:明确)?(?:提到|提及|说明|涉及|写明|给出|列出|记载|具体说明)"
    r"|没有(?:相关|这一|该|这方面|具体|任何|关于)[^。]{0,20}(?:信息|内容|数据|资料|说明)"
    r"|无法(?:回答|确定|得知|判断|提供|从|根据)|不(?:清楚|知道|得而知)"
    r"|(?:資料|文書)(?:に|には|では)[^。]{0,40}(?:ありません|ない|されていません|されていない)"
    r"|(?:\b(?:not|never)|n['’]t)\s+(?:\w+\s+){0,2}(?:mention|stated?\b|specif|found\b|available)"
    r"|(?:documents?|text|evidence|materials?|sources?|reports?) (?:do|does|did)(?: not|n['’]t) (?:\w+ )?"
    r"(?:say|provide|give|contain|include)"
    r"|no (?:such )?(?:information|mention|data)|cannot (?:be )?(?:answer|determin)"
    r"|(?:문서|자료)[^.]{0,30}(?:없습니다|않습니다)"
    r"|ne (?:le )?(?:mentionne|disent|dit|précise|contien)\w* pas"
    r"|no (?:se |lo )?(?:menciona|dice|indica|contiene)"
    r"|\b(?:nichts?|keine?) (?:\w+ ){0,2}(?:erwähn|angegeben|genannt|enthalten|Angabe|Information)"
    r"|\b(?:dazu nichts|nichts dazu)\b",
    re.IGNORECASE,
)


def missing_phrases(language: str) -> list[str]:
    """The phrases that a language lacks: none of one that youju answers in."""
    return [key for key, by_language in PHRASES.items() if language not in by_language]


def sentence_in(language: Language, key: str) -> str:
    """One of youju's own sentences (``not_found``, ``unverified``, ``out_of_scope``...) in a language.

    Those about places, years and premises hold fields, to be filled by ``str.format``.
    """
    return PHRASES[key][language]


def quotation_in(language: Language, quote: str) -> str:
    """A quotation that stands for a sentence.

    >>> quotation_in("zh", "新建桥梁12座。")
    '原文：新建桥梁12座。'
    """
    return PHRASES["original"][language] + quote


def notes_in(language: Language, withheld: Sequence[Withheld], *, cut_off: bool) -> tuple[str, ...]:
    """What must be known of an answer besides: how many sentences are not shown and why, and that it was cut off.

    >>> notes_in("en", [Withheld(Problem.FIGURE, ("13",)), Withheld(Problem.FIGURE, ("7",))], cut_off=False)
    ('Sentences not shown: 2 (a figure does not stand in the cited text: 13, 7).',)
    """
    values: dict[Problem, list[str]] = {}
    for sentence in withheld:
        values.setdefault(sentence.problem, []).extend(sentence.values)
    comma, colon = ("、", "：") if language in ("zh", "ja") else (", ", ": ")
    whys = [PHRASES[problem][language] + (colon + comma.join(own) if own else "") for problem, own in values.items()]
    why = ("；" if language in ("zh", "ja") else "; ").join(whys)
    notes = [PHRASES["withheld"][language].format(n=len(withheld), why=why)] if withheld else []
    return (*notes, *([PHRASES["cut_off"][language]] if cut_off else []))


def says_nothing_found(sentence: str) -> bool:
    """Whether a sentence of a reply says that the evidence lacks the answer."""
    return bool(_NOTHING.search(sentence))
