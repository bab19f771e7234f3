"""Codes of a trace in words, Chinese and English: for the terminal and for the page's inspector. Decides nothing."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from rag.answering.arbitration import Because, Ruling
from rag.answering.steps import Route
from rag.retrieval.budget import Outcome
from rag.schema.answers import Problem
from rag.scoring.features import Relations
from rag.trace.collect import Cause

__all__ = ["FEATURE_WORDS", "WORDING", "english", "known_relations"]

WORDING: Final[dict[StrEnum, tuple[str, str]]] = {
    Route.SMALL_TALK: ("寒暄，不检索", "a greeting or thanks: nothing was searched"),
    Route.NOTHING_TO_READ: ("可检索的范围内没有检出段落", "no passage was found in what may be searched"),
    Route.NO_READER: ("没有配套的阅读器，由生成器单独回答", "the generator alone: there is no reader for this encoder"),
    Route.ABOUT_DOCUMENT: (
        "问的是所点名文件的地点年份，由规则回答",
        "code alone: the question asks what the document that it names is about",
    ),
    Route.PREMISE: (
        "问题的说法由原文证实或纠正，由规则回答",
        "code alone: the question states something that the text confirms or corrects",
    ),
    Route.COMPUTED: ("由找到的数字计算得出", "code alone: computed from figures that were found"),
    Route.QUOTED_ALONE: ("只摘录原文，不生成", "quoted, without the generator"),
    Route.REFUSED: ("没有足够可能的句子，未生成即拒答", "refused without the generator: no sentence is likely enough"),
    Route.BOTH: ("生成器作答，与摘录核对", "the generator's text, held against the quotation"),
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
    Cause.BEGINS_SECTION: (
        "问的是文件讲了什么，它是其中一节的开头",
        "it begins a section of the document whose outline is asked for",
    ),
    Outcome.READ: ("入选，句 {numbers}", "read as {numbers}"),
    Outcome.OVER_BUDGET: (
        "未入选：需 {cost} 词元，只剩 {left}",
        "not read: it would cost {cost} tokens, {left} were left",
    ),
    Outcome.SAME_TEXT: ("未入选：与句 {same} 文字相同", "not read: the same text as {same}"),
    Outcome.BARE_HEADING: ("未入选：只有标题，没有正文", "not read: a heading without text of its own"),
    Ruling.GENERATED: ("采用生成的回答", "the generator's answer is shown"),
    Ruling.QUOTED: ("采用原文摘录", "the quotation is shown"),
    Because.QUOTED_WHOLE: (
        "所问的一节或几项在原文中完整可引",
        "a section, or all that the question counts, stands in the text as it is asked for",
    ),
    Because.AGREED: ("生成的回答说全了摘录所标的内容", "the generator's text says all that the quotation says"),
    Because.DIFFERED: (
        "生成的回答没有说全摘录所标的内容",
        "the generator's text leaves out, or changes, what the quotation says",
    ),
    Because.NOTHING_SUPPORTED: ("生成的内容没有一句有依据", "nothing that the generator says is supported"),
    Problem.NOTHING_CITED: ("找不到可引用的原文", "nothing cited"),
    Problem.FIGURE: ("数字不在所引原文中", "figure not in the citation"),
    Problem.YEAR: ("年份与所引原文不符", "year not of the citation"),
    Problem.WORDING: ("措辞不在所引原文中", "wording not in the citation"),
}

FEATURE_WORDS: Final[dict[str, tuple[str, str]]] = {
    "read": ("阅读器得分", "reader's score"),
    "read_lead": ("领先其他句", "lead over the other sentences"),
    "read_rank": ("阅读器名次", "reader's rank"),
    "read_foreign": ("外语句的阅读器得分", "reader's score of another language"),
    "dense": ("语义相似度", "likeness of meaning"),
    "dense_rank": ("语义名次", "rank by meaning"),
    "bare_rank": ("不计地点年份的语义名次", "rank by meaning, place and year apart"),
    "lexical": ("字面得分", "match of words"),
    "lexical_rank": ("字面名次", "rank by words"),
    "retrieved": ("检索得分", "score of the search"),
    "said": ("与问题同字", "wording shared"),
    "said_above": ("连同标题与问题同字", "wording shared, headings too"),
    "weighed": ("与问题同词，少见者为重", "words shared, the rare ones most"),
    "weighed_above": ("连同标题与问题同词，少见者为重", "words shared, the rare ones most, headings too"),
    "said_near": ("所标处前后与问题同字", "wording shared around the span"),
    "weighed_near": ("所标处前后与问题同词，少见者为重", "words shared around the span, the rare ones most"),
    "weighed_most": ("含问题中最少见的词", "the question's rarest word"),
    "repeats": ("复述问题", "repeats the question"),
    "type_span": ("所标文字合所问的类型", "type of what was found"),
    "type_sentence": ("句中有所问的类型", "type in the sentence"),
    "place_same": ("同一地点", "same place"),
    "place_other": ("其他地点", "another place"),
    "place_outer": ("上级地区", "the place around it"),
    "place_inner": ("下级地区", "a place within it"),
    "year_same": ("同一年份", "same year"),
    "year_other": ("其他年份", "another year"),
    "year_neighbour": ("文件年份相邻", "document of the year before or after"),
    "identifier_same": ("编号相同", "same number of document or article"),
    "identifier_other": ("编号不同", "another number of document or article"),
    "plan": ("讲的是计划，问的不是", "tells of a plan, which is not asked for"),
    "period": ("讲的是多年，问的不是", "tells of several years, which are not asked for"),
    "length": ("句子长短", "length"),
    "heading": ("是标题", "a heading"),
    "cells": ("是表格的一行", "a row of a table"),
    "foreign": ("与问题语言不同", "another language than the question's"),
    "not_chinese": ("问题不是中文", "the question is not in Chinese"),
}
"""What a probability is made of; the words for place and year also say how a sentence stands to the question."""


def known_relations(relations: Relations) -> list[str]:
    """How the place and the year of a sentence stand to the question's: keys of :data:`FEATURE_WORDS`.

    Unknown ones are left out.
    """
    names = (f"place_{relations.place.value}", f"year_{relations.year.value}")
    return [name for name in names if name in FEATURE_WORDS]


def english(code: StrEnum) -> str:
    """A code in English, perhaps with fields for ``str.format``."""
    return WORDING[code][1]
