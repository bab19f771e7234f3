"""What is shown of a batch: how far it is, its first answers with their quotes, and its score sheet, as escaped HTML.

File names, questions, answers and quotes are untrusted and go through :mod:`ui.text.escape`. Knows nothing of Gradio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rag.schema.answers import Citation
from ui.components.rate_chart import Bar, render_bars
from ui.sources.cards import render_file, render_path
from ui.text.escape import escape
from ui.text.words import Lang, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.batch.run import Record
    from rag.evaluation.run import Rate
    from ui.batch.job import JobInfo
    from ui.batch.scores import ScoreSheet, Unmet

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


def render_message(text: str) -> str:
    """Render what went wrong; nothing where nothing did."""
    return f'<p class="yj-batch-message" role="alert" dir="auto">{escape(text)}</p>' if text else ""


def render_progress(info: JobInfo, lang: Lang) -> str:
    """Render how far a batch is."""
    facts = [_WORDS.say("count", lang, done=info.n_done, all=info.n_questions)]
    if info.n_errors:
        facts.append(_WORDS.say("errors", lang, n=info.n_errors))
    if info.seconds_each is not None:
        facts.append(_WORDS.say("pace", lang, each=f"{info.seconds_each:.1f}"))
    if info.state == "running" and info.seconds_left is not None:
        facts.append(_WORDS.say("left", lang, time=_duration(info.seconds_left, lang)))
    why = f'<p class="yj-batch-why" dir="auto">{escape(info.error)}</p>' if info.state == "failed" else ""
    return (
        f'<section class="yj-batch-progress" data-state="{info.state}" data-done="{info.n_done}">'
        f'<h3 dir="auto">{escape(info.name)} <span class="yj-batch-mode">{_WORDS.say(info.mode, lang)}</span></h3>'
        f'<p class="yj-batch-state" role="status">{_WORDS.say(info.state, lang)}</p>'
        f'<progress max="{max(1, info.n_questions)}" value="{info.n_done}" aria-label="{_WORDS.say("progress", lang)}">'
        f'</progress><p class="yj-batch-facts">{" · ".join(facts)}</p>{why}</section>'
    )


def render_answers(records: Sequence[Record], n_done: int, lang: Lang) -> str:
    """Render the first answers of a batch; nothing where there are none."""
    if not records:
        return ""
    whole = len(records) >= n_done
    title = _WORDS.say("all_answers" if whole else "answers", lang, n=len(records))
    more = "" if whole else f'<p class="yj-batch-more">{_WORDS.say("more", lang, n=n_done - len(records))}</p>'
    items = "".join(_answer(record, lang) for record in records)
    return f'<section class="yj-batch-answers"><h3>{title}</h3><ol>{items}</ol>{more}</section>'


def render_scores(sheet: ScoreSheet, lang: Lang) -> str:
    """Render a score sheet: what it rests on, rates with their intervals, per type, and what fell short."""
    say, gap = _SCORES.say, "" if lang == "zh" else " "
    notes = [say("scored", lang, n=sheet.n_scored, all=sheet.n_questions)]
    notes += [say("errors", lang, n=sheet.n_errors)] if sheet.n_errors else []
    notes += [say("mapped", lang)] if sheet.mapped else []
    notes += [say("unjudged", lang, n=sheet.n_unjudged)] if sheet.n_unjudged else []
    notes += [] if sheet.has_places else [say("no_places", lang)]
    bars = [_bar(say(name, lang), rate, name) for name, rate in sheet.rates.items()]
    tables = [render_bars(say("overall", lang), say("measure", lang), bars, lang=lang)]
    for name in sheet.rates if sheet.by_type else ():
        rows = [_bar(kind, rates[name], name) for kind, rates in sheet.by_type.items() if name in rates]
        caption = say("by_type", lang, name=say(name, lang))
        tables.append(render_bars(caption, say("type", lang), rows, lang=lang) if len(rows) > 1 else "")
    return (
        f'<section class="yj-batch-scores"><h3>{say("title", lang)}</h3><p class="yj-batch-notes">{gap.join(notes)}</p>'
        f'{tables[0]}<div class="yj-batch-types">{"".join(tables[1:])}</div>{_unmet(sheet, lang)}</section>'
    )


def _bar(label: str, rate: Rate, name: str) -> Bar:
    return Bar(label, rate.value, rate.low, rate.high, rate.total, better_low=name in _LESS)


def _unmet(sheet: ScoreSheet, lang: Lang) -> str:
    if not sheet.unmet:
        return ""
    items = "".join(_unmet_item(each, lang) for each in sheet.unmet)
    cut = sheet.n_unmet > len(sheet.unmet)
    more = f"<p>{_SCORES.say('unmet_more', lang, n=len(sheet.unmet))}</p>" if cut else ""
    title = _SCORES.say("unmet", lang, n=sheet.n_unmet)
    return f'<details class="yj-batch-unmet"><summary>{title}</summary><ol>{items}</ol>{more}</details>'


def _unmet_item(each: Unmet, lang: Lang) -> str:
    missed = " · ".join(_SCORES.say(name, lang) for name in each.measures)
    rows = [(_SCORES.say("expected", lang), each.expected), (_SCORES.say("found", lang), each.answer)]
    told = "".join(f'<dt>{name}</dt><dd dir="auto">{escape(_short(text))}</dd>' for name, text in rows if text)
    return (
        f'<li><p class="yj-batch-question" dir="auto">{escape(_short(each.question))}</p>'
        f'<p class="yj-batch-missed">{missed}</p><dl>{told}</dl></li>'
    )


def _answer(record: Record, lang: Lang) -> str:
    kind = "error" if record["error"] else "abstained" if record["abstained"] else "answered"
    badge = "" if kind == "answered" else f'<span class="yj-batch-badge">{_WORDS.say(kind, lang)}</span> '
    text = str(record["error"] or record["answer"])
    question = str(record["question"]) or _WORDS.say("no_question", lang)
    return (
        f'<li class="yj-batch-answer" data-kind="{kind}"><p class="yj-batch-question" dir="auto">'
        f'{escape(_short(question))}</p><p class="yj-batch-text" dir="auto">{badge}{escape(_short(text))}</p>'
        f"{_quotes(record['citations'] or [], lang)}</li>"
    )


def _quotes(citations: Sequence[dict[str, Any]], lang: Lang) -> str:
    """Render the first quote in sight, the others folded up."""
    if not citations:
        return ""
    first, *others = [_quote(Citation(**{**each, "heading": tuple(each["heading"])}), lang) for each in citations]
    summary = _WORDS.say("more_quotes", lang, n=len(others))
    rest = f"<details><summary>{summary}</summary><ol>{''.join(others)}</ol></details>" if others else ""
    return f'<div class="yj-batch-quotes"><ol>{first}</ol>{rest}</div>'


def _quote(place: Citation, lang: Lang) -> str:
    return (
        f'<li><blockquote dir="auto"><span class="yj-number">[{int(place.marker)}]</span> {escape(place.quote)}'
        f'</blockquote><p class="yj-path" dir="auto">{render_path(place)}</p>'
        f'<p class="yj-file" dir="auto">{render_file(place, lang)} {int(place.start)}–{int(place.end)}</p></li>'
    )


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
