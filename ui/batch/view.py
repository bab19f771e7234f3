"""What is shown of a batch: how far it is, its first answers with their quotes, and its score sheet, as HTML.

File names, questions, answers and quotes are untrusted: the templates escape them. Knows nothing of Gradio.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from rag.schema.answers import Citation
from ui.components.rate_chart import Bar, render_bars
from ui.sources.cards import file_of, path_of
from ui.text.templates import Html, render, say_html
from ui.text.words import Lang, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.batch.run import Record
    from rag.evaluation.report import Rate
    from ui.batch.job import JobInfo
    from ui.batch.scores import ScoreSheet

__all__ = ["describe", "render_answers", "render_message", "render_progress", "render_scores"]

_WORDS = Words(
    waiting=("排队中，前面的批次完成后开始", "Waiting for the batches before it"),
    running=("正在回答", "Answering"),
    stopping=("正在停止", "Stopping"),
    stopped=("已停止，可以继续", "Stopped; it can be continued"),
    done=("已完成", "Done"),
    failed=("无法继续", "It cannot go on"),
    count=("{done} / {all} 题", "{done} of {all} questions"),
    errors=("{n} 题出错", "{n} failed"),
    pace=("每题 {each} 秒", "{each} s a question"),
    left=("约还需 {time}", "about {time} left"),
    seconds=("{s} 秒", "{s} s"),
    minutes=("{m} 分 {s} 秒", "{m} min {s} s"),
    hours=("{h} 小时 {m} 分", "{h} h {m} min"),
    answer=("生成回答", "answers"),
    quotes=("只摘原文", "quotes only"),
    progress=("进度", "Progress"),
    answers=("前 {n} 题的回答", "The first {n} answers"),
    all_answers=("回答（共 {n} 题）", "Answers ({n})"),
    more=("其余 {n} 题在下载的文件里。", "{n} more are in the files to download."),
    abstained=("资料中没有", "Not in the documents"),
    error=("出错", "Error"),
    no_question=("（空）", "(empty)"),
    more_quotes=("另有引文 {n} 条", "{n} more quotes"),
)
_SCORES = Words(
    title=("评分", "Score sheet"),
    overall=("与标准答案相比", "Beside what was expected"),
    by_type=("各类题：{name}", "By type: {name}"),
    measure=("指标", "measure"),
    type=("类型", "type"),
    correct=("答对", "correct"),
    refused=("无答案的题拒答", "unanswerable ones refused"),
    wrongly_refused=("有答案而拒答（越低越好）", "wrongly refused (less is better)"),
    citation_recall=("引文召回", "citation recall"),
    citation_precision=("引文精确", "citation precision"),
    figures_cited=("数字在引文中", "figures in their citation"),
    scored=("已评 {n} / {all} 题。", "{n} of {all} questions are scored."),
    errors=("其中 {n} 题出错，计为未达到。", "{n} of them ended in an error and count as not met."),
    mapped=(
        "按表格的列评分：标准答案里的数字（没有数字的短答案则整句）必须出现在回答里。",
        "Scored by the table's columns: figures of the expected answer, or a short one whole, must be in the answer.",
    ),
    unjudged=(
        "{n} 题的标准答案缺失或太长且没有数字，规则无法判断对错，不计入“答对”。",
        "{n} expected answers are missing, or long without figures: no rule judges them; 'correct' leaves them out.",
    ),
    no_places=(
        "文件没有写明答案出自哪份文件的哪一句，因此不评引文召回和精确。",
        "The file does not say where answers stand, so citation recall and precision are not measured.",
    ),
    unmet=("未达到的题（{n}）", "What fell short ({n})"),
    unmet_more=("只列出前 {n} 题。", "Only the first {n} are listed."),
    expected=("标准答案", "expected"),
    found=("回答", "answer"),
)
_LESS = frozenset({"wrongly_refused"})
MOST_SHOWN_CHARS = 3000  # of an answer; the files have it whole


def describe(info: JobInfo, lang: Lang) -> str:
    """A batch in a line of a list, as plain text; it does not change while the batch runs."""
    return (
        f"{info.name} · {_WORDS.say('count', lang, done=info.n_done, all=info.n_questions)}"
        if not info.active
        else (f"{info.name} · {_WORDS.say(info.state, lang)}")
    )


def render_message(text: str) -> Html:
    """Render what went wrong; nothing where nothing did."""
    return render("batch/message.html", _WORDS, "zh", text=text)


def render_progress(info: JobInfo, lang: Lang) -> Html:
    """Render how far a batch is."""
    say = partial(say_html, _WORDS, lang)
    facts = [say("count", done=info.n_done, all=info.n_questions)]
    if info.n_errors:
        facts.append(say("errors", n=info.n_errors))
    if info.seconds_each is not None:
        facts.append(say("pace", each=f"{info.seconds_each:.1f}"))
    if info.state == "running" and info.seconds_left is not None:
        facts.append(say("left", time=_duration(info.seconds_left, lang)))
    return render("batch/progress.html", _WORDS, lang, info=info, max=max(1, info.n_questions), facts=facts)


def render_answers(records: Sequence[Record], n_done: int, lang: Lang) -> Html:
    """Render the first answers of a batch; nothing where there are none."""
    answers = [_answer(record, lang) for record in records]
    return render("batch/answers.html", _WORDS, lang, answers=answers, n_more=max(0, n_done - len(records)))


def render_scores(sheet: ScoreSheet, lang: Lang) -> Html:
    """Render a score sheet: what it rests on, rates with their intervals, per type, and what fell short."""
    say = partial(say_html, _SCORES, lang)
    notes = [say("scored", n=sheet.n_scored, all=sheet.n_questions)]
    notes += [say("errors", n=sheet.n_errors)] if sheet.n_errors else []
    notes += [say("mapped")] if sheet.mapped else []
    notes += [say("unjudged", n=sheet.n_unjudged)] if sheet.n_unjudged else []
    notes += [] if sheet.has_places else [say("no_places")]
    bars = [_bar(say(name), rate, name) for name, rate in sheet.rates.items()]
    by_type = []
    for name in sheet.rates if sheet.by_type else ():
        rows = [_bar(kind, rates[name], name) for kind, rates in sheet.by_type.items() if name in rates]
        if len(rows) > 1:
            by_type.append(render_bars(say("by_type", name=say(name)), say("type"), rows, lang=lang))
    values = {"notes": notes, "unmet": sheet.unmet, "n_unmet": sheet.n_unmet, "by_type": by_type}
    overall = render_bars(say("overall"), say("measure"), bars, lang=lang)
    return render("batch/scores.html", _SCORES, lang, short=_short, overall=overall, **values)


def _bar(label: str, rate: Rate, name: str) -> Bar:
    return Bar(label, rate.value, rate.low, rate.high, rate.total, better_low=name in _LESS)


def _answer(record: Record, lang: Lang) -> dict[str, object]:
    kind = "error" if record["error"] else "abstained" if record["abstained"] else "answered"
    return {
        "kind": kind,
        "question": _short(str(record["question"])),
        "text": _short(str(record["error"] or record["answer"])),
        "quotes": [_quote(each, lang) for each in record["citations"] or []],
    }


def _quote(citation: dict[str, Any], lang: Lang) -> dict[str, object]:
    place = Citation.of_record(citation)
    return {"place": place, "path": path_of(place), "file": file_of(place, lang)}


def _duration(seconds: float, lang: Lang) -> str:
    whole = max(1, round(seconds))
    hours, minutes = whole // 3600, whole % 3600 // 60
    if hours:
        return _WORDS.say("hours", lang, h=hours, m=minutes)
    if minutes:
        return _WORDS.say("minutes", lang, m=minutes, s=whole % 60)
    return _WORDS.say("seconds", lang, s=whole)


def _short(text: str) -> str:
    return text if len(text) <= MOST_SHOWN_CHARS else f"{text[:MOST_SHOWN_CHARS]}…"
