"""Codes of a trace in words, Chinese and English: for the terminal and for the page's inspector. Decides nothing."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from rag.answering.arbitration import Because, Ruling
from rag.answering.steps import Route
from rag.retrieval.budget import Outcome
from rag.schema.answers import Problem
from rag.trace.collect import Cause

__all__ = ["WORDING", "english"]

WORDING: Final[dict[StrEnum, tuple[str, str]]] = {
    Route.SMALL_TALK: ("寒暄，不检索", "a greeting or thanks: nothing was searched"),
    Route.NOTHING_TO_READ: ("可检索的范围内没有检出段落", "no passage was found in what may be searched"),
    Route.NO_READER: ("没有配套的阅读器，由生成器单独回答", "the generator alone: there is no reader for this encoder"),
    Route.NOT_COVERED: ("资料不涉及所问的地点或年份，由规则拒答", "code alone: no document covers the place or year"),
    Route.ABOUT_DOCUMENT: (
        "问的是所点名文件的地点年份，由规则回答",
        "code alone: the question asks what the document that it names is about",
    ),
    Route.PREMISE: (
        "问题的说法由原文证实或纠正，由规则回答",
        "code alone: the question states something that the text confirms or corrects",
    ),
    Route.COMPUTED: ("由找到的数字计算得出", "code alone: computed from what the reader found"),
    Route.QUOTED_ALONE: ("只摘录原文，不生成", "the reader's quotation, without the generator"),
    Route.NOT_WORTH_WRITING: (
        "阅读器所获太少，未生成即拒答",
        "refused before the generator wrote: the reader finds too little",
    ),
    Route.BOTH: ("生成器作答，与阅读器的发现互相核对", "reader and generator, held against each other"),
    Cause.RANKED: ("检索第 {rank} 名", "ranks {rank}"),
    Cause.NAMED_SECTION: (
        "问题点名了它所在的一节，优先读这一节",
        "the question names its section, whose passages come first",
    ),
    Cause.LIKELY_SECTION: (
        "问的是一组事项或一节内容，检索结果多指向它所在的一节",
        "a list or a section is asked for, and the best hits point to its section",
    ),
    Cause.COUNTED_HEADING: (
        "问题问几项，它是并列的几个小标题之一下的第一段",
        "the first passage under one of as many headings, side by side, as the question counts",
    ),
    Cause.DESCRIBES_PLACE: ("它说明问题所描述的是哪里", "it says which place the question describes"),
    Cause.TELLS_DOCUMENT: (
        "它说明问题点名的文件讲的是何地何年",
        "it tells the place or year of the document that the question names by its title",
    ),
    Outcome.READ: ("入选，句 {numbers}", "read as {numbers}"),
    Outcome.OVER_BUDGET: (
        "未入选：需 {cost} 词元，只剩 {left}",
        "not read: it would cost {cost} tokens, {left} were left",
    ),
    Outcome.SAME_TEXT: ("未入选：与句 {same} 文字相同", "not read: the same text as {same}"),
    Outcome.BARE_HEADING: ("未入选：只有标题，没有正文", "not read: a heading without text of its own"),
    Outcome.BEHIND_SECTION: (
        "未入选：问题点名了某一节，此外只读最前的几段",
        "not read: the question names a section; beside that only the best hits are read",
    ),
    Ruling.GENERATED: ("采用生成的回答", "the generator's answer is shown"),
    Ruling.QUOTED: ("采用原文摘录", "the quotation is shown"),
    Ruling.REFUSED: ("不予回答", "no answer is shown"),
    Ruling.LOOK_AGAIN: (
        "让生成器只看阅读器的发现，再答一次",
        "the generator is asked once more, over what the reader found alone",
    ),
    Because.QUOTED_WHOLE: (
        "所问的一节或几项在原文中完整可引",
        "a section, or all that the question counts, stands in the text as it is asked for",
    ),
    Because.AGREED: ("生成的回答含有阅读器的发现", "the generator says what the reader found"),
    Because.AGREED_FAINTLY: (
        "生成的回答含有阅读器的发现，尽管把握不大",
        "the generator says what the reader found, though faintly",
    ),
    Because.SAME_SENTENCES: (
        "问的是一组事项，两者引用同样的句子",
        "a list is asked for, and the generator's cites what the reader would quote",
    ),
    Because.UNSURE_LIST: (
        "问的是一组事项，阅读器没有足够把握推翻它",
        "a list is asked for, and the reader is not sure enough to overrule it",
    ),
    Because.FAINT_LIST: (
        "问的是一组事项，阅读器找到了其中一些",
        "a list is asked for, and the reader finds something of it",
    ),
    Because.NOTHING_LIKELY: (
        "阅读器没有可能的发现，也没有可佐证生成内容的发现",
        "the reader finds nothing likely, nor anything that bears the generator out",
    ),
    Because.NOTHING_FOUND: (
        "阅读器没有可能的发现，生成的内容也没有一句有依据",
        "the reader finds nothing likely, and nothing that the generator says can be supported",
    ),
    Because.GENERATOR_CLOSER: (
        "两者不同，生成器所引的原文更切题",
        "they differ, and what the generator cites says more of the question",
    ),
    Because.READER_FAR: (
        "两者不同，阅读器所在的句子几乎不涉及问题",
        "they differ, and the reader's sentence says hardly a word of the question",
    ),
    Because.DIFFERED: ("生成的回答没有阅读器的发现", "the generator does not say what the reader found"),
    Problem.NOTHING_CITED: ("找不到可引用的原文", "nothing cited"),
    Problem.FIGURE: ("数字不在所引原文中", "figure not in the citation"),
    Problem.YEAR: ("年份与所引原文不符", "year not of the citation"),
    Problem.WORDING: ("措辞不在所引原文中", "wording not in the citation"),
}


def english(code: StrEnum) -> str:
    """A code in English, perhaps with fields for ``str.format``."""
    return WORDING[code][1]
