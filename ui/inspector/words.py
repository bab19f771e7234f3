"""Wording of the inspector in both languages. The facts are those of :mod:`rag.trace.collect`, named there by codes."""

from __future__ import annotations

from typing import Final

from rag.schema.answers import Withheld
from rag.trace.wording import FEATURE_WORDS, WORDING
from ui.text.words import Lang, Words

__all__ = ["WORDS", "problem_words"]

WORDS: Final = Words(
    # Parts
    part_question=("问题", "The question"),
    part_passages=("检索到的段落（{n}）", "Passages ({n})"),
    part_evidence=("最可能回答的句子（{n}）", "Likeliest sentences ({n})"),
    part_reader=("读到的内容与概率", "What was read, with probabilities"),
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
    found_by=("以“{wording}”检出", "found by “{wording}”"),
    budget=("共读 {spent} 词元，上限 {budget}", "{spent} of {budget} tokens read"),
    # Evidence
    col_number=("句", "No."),
    col_sentence=("原文", "Sentence"),
    col_why=("为什么读它", "Why it is read"),
    # Reader
    read_as=(
        "按“{asked}”阅读：有答案的概率 {probability}，达到 {threshold} 才回答",
        "Read as “{asked}”: probability {probability}, shown from {threshold}",
    ),
    together=("两种问法合看：有答案的概率 {probability}", "Both wordings together: probability {probability}"),
    col_span=("找到的文字", "What was found"),
    col_probability=("概率", "Probability"),
    col_reader=("阅读器", "Reader"),
    col_relation=("地点年份", "Place and year"),
    col_additions=("主要依据（数值 × 权重）", "Most by (value × weight)"),
    unknown_relation=("不明", "not known"),
    nothing_read=("没有标出文字", "no span"),
    more_spans=("另有 {n} 句，可能性更小", "{n} more sentences, less likely"),
    # Prompt, reply, checks
    role_system=("系统", "System"),
    role_user=("用户", "User"),
    role_assistant=("助手", "Assistant"),
    prompt=("发出的提示词（{n} 条消息）", "Prompt as sent ({n} messages)"),
    reply=("回复原文", "Reply"),
    unfinished=("没有完成", "It did not finish."),
    cut_off=("回复达到长度上限，被截断", "It was cut off at its limit of length."),
    finds_nothing=("回复说资料中没有答案", "The reply says that the evidence lacks the answer."),
    checks=("逐句核对", "Check of each sentence"),
    col_written=("写的是", "Written"),
    col_verdict=("核对", "Check"),
    col_cites=("引用", "Cites"),
    supported=("有依据", "supported"),
    misread=("与句 {n} 中相邻的数字混淆，改为引用原文", "figures of {n} mixed up: the text is quoted instead"),
    withheld=("不予显示：{why}", "withheld: {why}"),
    # Decision
    because=("{ruling}，因为{why}", "{ruling}, because {why}"),
    # Timings
    col_step=("步骤", "Step"),
    col_seconds=("距提问（秒）", "Seconds from the question"),
    step_found=("检索、阅读并选句", "searched, read and chosen"),
    step_decided=("定下走法", "way decided"),
    step_prompted=("发出提示词", "prompt sent"),
    step_checked=("核对回复", "reply checked"),
    step_ruled=("裁定", "ruled"),
    first_token=("写出第一个字", "first word written"),
    total=("完成", "done"),
    **{str(code): both for code, both in WORDING.items()},
    **{f"feature_{name}": both for name, both in FEATURE_WORDS.items()},
)


def problem_words(withheld: Withheld, lang: Lang) -> str:
    """Why a sentence is withheld, in the page's language, before it is escaped."""
    values = ("、" if lang == "zh" else ", ").join(withheld.values)
    return WORDS.say(withheld.problem, lang) + (f": {values}" if values else "")
