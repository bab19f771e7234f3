"""Wording of the inspector in both languages. The facts are those of :mod:`rag.trace.collect`, named there by codes."""

from __future__ import annotations

from typing import Final

from rag.schema.answers import Withheld
from rag.trace.wording import WORDING
from ui.text.words import Lang, Words

__all__ = ["WORDS", "problem_words"]

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
    # Evidence
    col_number=("句", "No."),
    col_sentence=("原文", "Sentence"),
    col_why=("为什么读它", "Why it is read"),
    # Reader
    read_as=("按“{asked}”阅读：有答案的概率 {probability}", "Read as “{asked}”: probability {probability}"),
    not_used=("（未采用）", " (not used)"),
    together=("两种问法合看：有答案的概率 {probability}", "Both wordings together: probability {probability}"),
    col_span=("找到的文字", "What was found"),
    col_read=("阅读器", "Reader"),
    col_retrieved=("检索", "Retrieved"),
    col_said=("切题", "Said"),
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
    again=("第二次：", "After a second look: "),
    because=("{ruling}，因为{why}", "{ruling}, because {why}"),
    elsewhere=("另在其他地点、年份中查找：{asked}", "looked at other places and years for: {asked}"),
    # Timings
    col_step=("步骤", "Step"),
    col_seconds=("距提问（秒）", "Seconds from the question"),
    step_found=("检索并选句", "evidence chosen"),
    step_read=("阅读", "read"),
    step_judged_together=("两种问法合看", "both wordings judged"),
    step_decided=("定下走法", "way decided"),
    step_prompted=("发出提示词", "prompt sent"),
    step_checked=("核对回复", "reply checked"),
    step_ruled=("裁定", "ruled"),
    step_sought_elsewhere=("另行查找", "looked elsewhere"),
    first_token=("写出第一个字", "first word written"),
    total=("完成", "done"),
    **{str(code): both for code, both in WORDING.items()},
)


def problem_words(withheld: Withheld, lang: Lang) -> str:
    """Why a sentence is withheld, in the page's language, before it is escaped."""
    values = ("、" if lang == "zh" else ", ").join(withheld.values)
    return WORDS.say(withheld.problem, lang) + (f": {values}" if values else "")
