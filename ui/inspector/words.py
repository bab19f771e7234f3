"""Wording of the inspector in both languages. The facts are those of :mod:`rag.trace.collect`, named there by codes."""

from __future__ import annotations

import re
from typing import Final

from ui.text.words import Lang, Words

__all__ = ["WORDS", "coded", "unsupported_words"]

WORDS: Final = Words(
    # Parts
    part_question=("问题", "The question"),
    part_passages=("检索到的段落（{n}）", "Passages ({n})"),
    part_evidence=("读过的句子（{n}）", "Evidence ({n} sentences)"),
    part_reader=("阅读器的发现", "What the reader found"),
    part_prompt=("第 {n} 次提示词与回复", "Prompt {n} and its reply"),
    part_decision=("裁定", "The decision"),
    part_answer=("回答", "The answer"),
    part_timings=("用时", "Timings"),
    label=("检索测试", "Look inside"),
    # The question
    asked=("提问", "Asked"),
    query=("检索用的问题", "Searched as"),
    translated=("又译作", "And as"),
    places=("问题中的地点", "Places in it"),
    years=("问题中的年份", "Years in it"),
    unknown=("资料未涉及的地点", "Places that no document covers"),
    described=("描述的地点", "Place it describes"),
    document=("点名的文件", "Document it names"),
    searched_in=("检索范围", "Searched in"),
    bound=(
        "只检索这些地点的文件，以及地点不明的文件",
        "only documents of these places, and those of no known place, were searched",
    ),
    nothing=("无", "none"),
    # Passages
    col_rank=("名次", "Rank"),
    col_score=("得分", "Score"),
    col_dense=("语义", "Dense"),
    col_lexical=("字面", "Lexical"),
    col_passage=("段落", "Passage"),
    col_became=("结果", "What became of it"),
    ranker=("第 {rank} 名，{score}", "#{rank}, {score}"),
    ranker_none=("未检出", "not found"),
    no_rank=("未检出", "no ranker"),
    year_asked=("所问年份，提升", "year asked for: raised"),
    year_other=("其他年份，降低", "other year: lowered"),
    found_by=("以“{wording}”检出", "found by “{wording}”"),
    budget=("共读 {spent} 词元，上限 {budget}", "{spent} of {budget} tokens read"),
    fate_read=("入选，句 {numbers}", "read as {numbers}"),
    fate_over_budget=("未入选：需 {cost} 词元，只剩 {left}", "not read: it would cost {cost} tokens, {left} were left"),
    fate_same_text=("未入选：与句 {same} 文字相同", "not read: the same text as {same}"),
    fate_bare_heading=("未入选：只有标题，没有正文", "not read: a heading without text of its own"),
    fate_behind_the_section=(
        "未入选：问题点名了某一节，此外只读最前的几段",
        "not read: the question names a section; beside that only the best hits are read",
    ),
    # Evidence
    col_number=("句", "No."),
    col_sentence=("原文", "Sentence"),
    col_why=("为什么读它", "Why it is read"),
    why_ranked=("检索第 {rank} 名", "ranks {rank}"),
    why_named_section=(
        "问题点名了它所在的一节，优先读这一节",
        "the question names its section, whose passages come first",
    ),
    why_likely_section=(
        "问的是一组事项或一节内容，检索结果多指向它所在的一节",
        "a list or a section is asked for, and the best hits point to its section",
    ),
    why_counted_heading=(
        "问题问几项，它是并列的几个小标题之一下的第一段",
        "the first passage under one of as many headings, side by side, as the question counts",
    ),
    why_describes_the_place=("它说明问题所描述的是哪里", "it says which place the question describes"),
    why_tells_the_document=(
        "它说明问题点名的文件讲的是何地何年",
        "it tells the place or year of the document that the question names by its title",
    ),
    # Reader
    read_as=("按“{asked}”阅读：有答案的概率 {probability}", "Read as “{asked}”: probability {probability}"),
    not_used=("（未采用）", " (not used)"),
    together=("两种问法合看：有答案的概率 {probability}", "Both wordings together: probability {probability}"),
    col_span=("找到的文字", "What was found"),
    col_read=("阅读器", "Reader"),
    col_retrieved=("检索", "Retrieved"),
    col_told=("切题", "Told"),
    col_repeated=("复述", "Repeated"),
    col_sum=("合计", "Sum"),
    col_probability=("概率", "Probability"),
    col_scope=("地点年份", "Scope"),
    in_scope=("相符", "in scope"),
    out_of_scope=("不符", "out of scope"),
    more_spans=("另有 {n} 处，可能性更小", "{n} more, less likely"),
    # Prompt, reply, checks
    role_system=("系统", "System"),
    role_user=("用户", "User"),
    role_assistant=("助手", "Assistant"),
    prompt=("发出的提示词（{n} 条消息）", "Prompt as sent ({n} messages)"),
    reply=("回复原文", "Reply"),
    unfinished=("没有完成", "It did not finish."),
    finds_nothing=("回复说资料中没有答案", "The reply says that the evidence lacks the answer."),
    checks=("逐句核对", "Check of each sentence"),
    col_written=("写的是", "Written"),
    col_verdict=("核对", "Check"),
    col_cites=("引用", "Cites"),
    supported=("有依据", "supported"),
    misread=("与句 {n} 中相邻的数字混淆，改为引用原文", "figures of {n} mixed up: the text is quoted instead"),
    withheld=("不予显示：{why}", "withheld: {why}"),
    unsupported_nothing_cited=("找不到可引用的原文", "nothing cited"),
    unsupported_figure_not_in_the_citation=("数字不在所引原文中", "figure not in the citation"),
    unsupported_year_not_of_the_citation=("年份与所引原文不符", "year not of the citation"),
    unsupported_wording_not_in_the_citation=("措辞不在所引原文中", "wording not in the citation"),
    # Decision
    how_small_talk=("寒暄，不检索", "a greeting or thanks: nothing was searched"),
    how_nothing_to_read=("可检索的范围内没有检出段落", "no passage was found in what may be searched"),
    how_no_reader=("没有配套的阅读器，由生成器单独回答", "the generator alone: there is no reader for this encoder"),
    how_not_covered=("资料不涉及所问的地点或年份，由规则拒答", "code alone: no document covers the place or year"),
    how_about_the_document=(
        "问的是所点名文件的地点年份，由规则回答",
        "code alone: the question asks what the document that it names is about",
    ),
    how_premise=(
        "问题的说法由原文证实或纠正，由规则回答",
        "code alone: the question states something that the text confirms or corrects",
    ),
    how_computed=("由找到的数字计算得出", "code alone: computed from what the reader found"),
    how_quoted_alone=("只摘录原文，不生成", "the reader's quotation, without the generator"),
    how_not_worth_writing=(
        "阅读器所获太少，未生成即拒答",
        "refused before the generator wrote: the reader finds too little",
    ),
    how_both=("生成器作答，与阅读器的发现互相核对", "reader and generator, held against each other"),
    ruling_generated=("采用生成的回答", "the generator's answer is shown"),
    ruling_quoted=("采用原文摘录", "the quotation is shown"),
    ruling_refused=("不予回答", "no answer is shown"),
    ruling_look_again=(
        "让生成器只看阅读器的发现，再答一次",
        "the generator is asked once more, over what the reader found alone",
    ),
    again=("第二次：", "After a second look: "),
    because=("{ruling}，因为{why}", "{ruling}, because {why}"),
    because_quoted_whole=(
        "所问的一节或几项在原文中完整可引",
        "a section, or all that the question counts, stands in the text as it is asked for",
    ),
    because_they_agree=("生成的回答含有阅读器的发现", "the generator says what the reader found"),
    because_they_agree_on_what_is_found_faintly=(
        "生成的回答含有阅读器的发现，尽管把握不大",
        "the generator says what the reader found, though faintly",
    ),
    because_a_list_rests_on_the_same_sentences=(
        "问的是一组事项，两者引用同样的句子",
        "a list is asked for, and the generator's cites what the reader would quote",
    ),
    because_a_list_and_the_reader_is_unsure=(
        "问的是一组事项，阅读器没有足够把握推翻它",
        "a list is asked for, and the reader is not sure enough to overrule it",
    ),
    because_a_list_and_the_reader_finds_a_little=(
        "问的是一组事项，阅读器找到了其中一些",
        "a list is asked for, and the reader finds something of it",
    ),
    because_the_reader_finds_nothing_likely=(
        "阅读器没有可能的发现，也没有可佐证生成内容的发现",
        "the reader finds nothing likely, nor anything that bears the generator out",
    ),
    because_neither_finds_anything=(
        "阅读器没有可能的发现，生成的内容也没有一句有依据",
        "the reader finds nothing likely, and nothing that the generator says can be supported",
    ),
    because_the_generator_speaks_more_of_the_question=(
        "两者不同，生成器所引的原文更切题",
        "they differ, and what the generator cites says more of the question",
    ),
    because_the_reader_hardly_speaks_of_the_question=(
        "两者不同，阅读器所在的句子几乎不涉及问题",
        "they differ, and the reader's sentence says hardly a word of the question",
    ),
    because_they_differ=("生成的回答没有阅读器的发现", "the generator does not say what the reader found"),
    elsewhere=("另在其他地点、年份中查找：{asked}", "looked at other places and years for: {asked}"),
    # Timings
    col_step=("步骤", "Step"),
    col_seconds=("距提问（秒）", "Seconds from the question"),
    step_found=("检索并选句", "evidence chosen"),
    step_read=("阅读", "read"),
    step_conferred=("两种问法合看", "both wordings judged"),
    step_decided=("定下走法", "way decided"),
    step_prompted=("发出提示词", "prompt sent"),
    step_checked=("核对回复", "reply checked"),
    step_ruled=("裁定", "ruled"),
    step_sought_elsewhere=("另行查找", "looked elsewhere"),
    first_token=("写出第一个字", "first word written"),
    total=("完成", "done"),
)


def coded(kind: str, code: str) -> str:
    """The key of a code's words.

    >>> coded("because", "a list, and the reader is unsure")
    'because_a_list_and_the_reader_is_unsure'
    """
    return re.sub(r"\W+", "_", f"{kind}_{code}")


def unsupported_words(reason: str, lang: Lang) -> str:
    """Why a sentence is withheld, in the page's language, before it is escaped; what is not known stays as it is."""
    what, colon, values = reason.partition(": ")
    key = coded("unsupported", what)
    return f"{WORDS.say(key, lang)}{colon}{values}" if key in WORDS.keys() else reason  # noqa: SIM118 - no dict
