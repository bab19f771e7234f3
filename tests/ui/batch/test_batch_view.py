"""What is shown of a batch, and its score sheet, without Gradio."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from rag.batch.question_file import read_questions
from rag.errors import BatchError
from rag.evaluation.report import Rate
from tests.support.hostile import HOSTILE
from ui.batch import question_upload as batch_set
from ui.batch import view as batch_view
from ui.batch.downloads import Downloads
from ui.batch.jobs import JobInfo
from ui.batch.scores import ScoreSheet, Unmet, read_expected, score
from ui.batch.view import describe, render_answers, render_message, render_progress, render_scores
from ui.components import rate_chart as bars
from ui.components.rate_chart import Bar, render_bars

INFO = JobInfo("0" * 32, "题目.txt", "answer", 20, 5, 0, "running", 0.0)


def cited(**about: Any) -> dict[str, Any]:
    place = {"marker": 1, "source": "甲.txt", "title": "报告", "heading": ["一、总结"], "start": 10, "end": 14}
    return place | {"quote": "共3所。"} | about


def record(number: int = 1, **about: Any) -> dict[str, Any]:
    said = {"id": f"q{number}", "question": f"第{number}问？", "answer": "共3所。[1]", "abstained": False}
    return said | {"reason": "", "confidence": 0.9, "citations": [cited()], "error": None, "mode": "answer"} | about


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


class Elements(HTMLParser):
    """Names and attributes of every element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


# Progress and answers


def test_progress_tells_how_far_it_is_and_how_long_it_takes() -> None:
    info = replace(INFO, n_errors=2, seconds_each=4.04, seconds_left=125.0)
    assert text_of(render_progress(info, "zh")) == (
        "题目.txt 生成回答 正在回答 5 / 20 题 · 2 题出错 · 每题 4.0 秒 · 约还需 2 分 5 秒"
    )
    assert text_of(render_progress(replace(info, seconds_left=7400.0), "en")).endswith(
        "Answering 5 of 20 questions · 2 failed · 4.0 s a question · about 2 h 3 min left"
    )
    assert '<progress max="20" value="5" aria-label="进度">' in render_progress(info, "zh")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("waiting", "排队中"),
        ("stopping", "正在停止"),
        ("stopped", "已停止，可以继续"),
        ("done", "已完成"),
        ("failed", "无法继续"),
    ],
)
def test_every_state_is_told_and_no_time_is_promised(state: Any, said: str) -> None:
    info = replace(INFO, state=state, seconds_left=9.0, error="The model is not there.")
    assert said in text_of(render_progress(info, "zh"))
    assert "约还需" not in render_progress(info, "zh")
    assert ("The model is not there." in render_progress(info, "zh")) == (state == "failed")


def test_a_line_of_the_list_stays_the_same_while_a_batch_runs() -> None:
    assert describe(INFO, "zh") == describe(replace(INFO, n_done=6), "zh") == "题目.txt · 正在回答"
    assert describe(replace(INFO, state="stopped"), "en") == "题目.txt · 5 of 20 questions"


def test_an_answer_is_shown_with_its_quotes_and_where_they_stand() -> None:
    html = render_answers([record(), record(2, citations=[cited(), cited(marker=2)])], 9, "zh")
    assert text_of(html) == (
        "前 2 题的回答 第1问？ 共3所。[1] [1] 共3所。 报告 › 一、总结 甲.txt 10–14 "
        "第2问？ 共3所。[1] [1] 共3所。 报告 › 一、总结 甲.txt 10–14 另有引文 1 条 "
        "[2] 共3所。 报告 › 一、总结 甲.txt 10–14 其余 7 题在下载的文件里。"
    )
    assert text_of(render_answers([record()], 1, "en")).startswith("Answers (1) 第1问？")
    assert render_answers([], 0, "zh") == ""


def test_a_refusal_and_an_error_are_set_apart() -> None:
    refused = record(abstained=True, answer="没有写。", citations=[])
    failed = record(2, answer="", error="The generator stopped.", citations=[])
    html = render_answers([refused, failed], 2, "zh")
    assert re.findall(r'data-kind="(\w+)"', html) == ["abstained", "error"]
    assert "资料中没有 没有写。" in text_of(html)
    assert "出错 The generator stopped." in text_of(html)


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: ascii(text)[:40])
def test_hostile_text_stays_text_wherever_it_stands(hostile: str) -> None:
    citation = cited(source=hostile, title=hostile, heading=[hostile, "b"], quote=hostile)
    rate = Rate(0.5, 0.2, 0.8, 1, 2)
    sheet = ScoreSheet(
        *(2, 2, 1, 1),
        mapped=True,
        has_places=False,
        rates={"correct": rate},
        by_type={hostile: {"correct": rate}, "b": {"correct": rate}},
        unmet=(Unmet(hostile, hostile, hostile, hostile, ("correct",)),),
        n_unmet=1,
    )
    html = "".join(
        [
            render_progress(replace(INFO, name=hostile, state="failed", error=hostile), "zh"),
            render_answers([record(id=hostile, question=hostile, answer=hostile, citations=[citation])], 1, "zh"),
            render_answers([record(error=hostile)], 1, "en"),
            render_scores(sheet, "zh"),
            render_message(hostile),
        ]
    )
    ours = (
        "section h3 span p progress ol li details summary blockquote table caption thead tbody tfoot tr th td div svg"
    )
    found = Elements(html)
    assert found.names <= {*ours.split(), "rect", "path", "dl", "dt", "dd"}
    assert not {name for name in found.attributes if name.startswith("on")} | ({"href", "src"} & found.attributes)
    assert "\u202e" not in html


# Scores


def scored(tmp_path: Path, name: str, content: str, *records: dict[str, Any]) -> ScoreSheet | None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    expected = read_expected(path, read_questions(path))
    return score(records, expected) if expected else None


def test_a_gold_set_is_scored_as_eval_scores_it(tmp_path: Path) -> None:
    gold = [
        {"id": "q1", "question": "第1问？", "must_include": ["3所"], "gold": [{"source": "甲", "quote": "共3所"}]},
        {"id": "q2", "question": "第2问？", "must_include": ["4所"], "gold": [{"source": "乙", "quote": "共4所"}]},
        {"id": "q3", "question": "第3问？", "type": "unanswerable", "answerable": False},
        {"id": "q4", "question": "第4问？", "must_include": ["9"]},
    ]
    refused = record(3, abstained=True, answer="没有写。", citations=[])
    sheet = scored(tmp_path, "g.jsonl", "\n".join(map(json.dumps, gold)), record(), record(2), refused)
    assert sheet is not None
    rates = {name: (rate.hits, rate.total) for name, rate in sheet.rates.items()}
    assert rates == {
        "correct": (1, 2),
        "refused": (1, 1),
        "wrongly_refused": (0, 2),
        "citation_recall": (1, 2),
        "citation_precision": (1, 2),
        "figures_cited": (2, 2),
    }
    assert (sheet.n_scored, sheet.n_questions, sheet.n_unjudged, sheet.mapped, sheet.has_places) == (
        3,
        4,
        0,
        False,
        True,
    )
    assert [(each.question_id, each.measures) for each in sheet.unmet] == [("q2", ("correct", "citation_recall"))]
    assert (set(sheet.by_type), sheet.by_type["unanswerable"]["refused"].hits) == ({"fact", "unanswerable"}, 1)
    assert 0 <= sheet.rates["correct"].low < sheet.rates["correct"].value < sheet.rates["correct"].high <= 1


@pytest.mark.parametrize(
    ("expected", "answer", "verdict"),
    [
        ("3所。", "新建学校3所。", (1, 1)),
        ("3所", "新建学校13所。", (0, 1)),
        ("4.07万个", "共40700个。", (1, 1)),
        ("3金7银", "获3枚金牌、7枚银牌。", (1, 1)),
        ("海州市", "在海州市。", (1, 1)),
        ("海州市", "在临川县。", (0, 1)),
        ("说法不一，要看各地的做法以及当年的安排", "随便。", None),
        ("", "随便。", None),
    ],
)
def test_of_a_plain_column_only_what_a_rule_can_judge_is_judged(
    tmp_path: Path, expected: str, answer: str, verdict: Any
) -> None:
    said = record(1, id="line-2", question="问？", answer=answer)
    sheet = scored(tmp_path, "q.csv", f"问题,标准答案\n问？,{expected}\n", said)
    assert sheet is not None
    rate = sheet.rates.get("correct")
    assert (rate and (rate.hits, rate.total)) == verdict
    assert (sheet.n_unjudged, sheet.mapped, sheet.has_places) == (int(verdict is None), True, False)


def test_columns_of_a_table_are_mapped_and_what_cannot_be_is_told(tmp_path: Path) -> None:
    table = "id,问题,必含,可回答,类型,文件名,原文\n1,第1问？,3所|三所;学校,,事实,甲,共3所\n2,第2问？,,否,无答案,,\n"
    refused = record(2, id="2", abstained=True, answer="没有写。", citations=[])
    sheet = scored(tmp_path, "q.csv", table, record(1, id="1", answer="学校共三所。[1]"), refused)
    assert sheet is not None
    rates = {name: (rate.hits, rate.total) for name, rate in sheet.rates.items()}
    assert (rates["correct"], rates["refused"], rates["citation_recall"]) == ((1, 1), (1, 1), (1, 1))
    assert set(sheet.by_type) == {"事实", "无答案"}
    plain = scored(tmp_path, "p.csv", "问题,答案\n问？,3\n无？,\n", record(id="line-2", question="问？"))
    assert plain is not None
    text = text_of(render_scores(plain, "zh"))
    assert "已评 1 / 2 题。" in text
    assert "按表格的列评分" in text
    assert "因此不评引文召回和精确" in text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("q.txt", "问？"),
        ("q.csv", "id,问题,备注\n1,问？,3\n"),
        ("q.jsonl", '{"question": "问？"}'),
        ("a.jsonl", json.dumps(record())),
    ],
)
def test_what_expects_nothing_has_no_scores(tmp_path: Path, name: str, content: str) -> None:
    assert scored(tmp_path, name, content) is None


def test_a_gold_set_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match="line 1: 'gold' is 3, expected a list"):
        scored(tmp_path, "g.jsonl", '{"question": "x", "gold": 3}')


def test_bars_have_a_row_each_that_a_reader_reads_and_a_drawing_that_it_does_not() -> None:
    html = render_bars(
        "比较", "指标", [Bar("答对", 0.9, 0.75, 1.2, 20), Bar("拒答", 0.0, 0.0, 0.0, 3, True)], lang="zh"
    )
    assert text_of(html) == "比较 指标 比率 95% 区间 题或条数 答对 90% 75%–120% 20 拒答 0% 0%–0% 3 0 25 50 75 100%"
    assert html.count('<th scope="row">') == html.count("<svg") == html.count('focusable="false"') == 2
    assert 'width="90.0"' in html
    assert 'd="M75.0 7.0H100.0M75.0 3.5V10.5M100.0 3.5V10.5"' in html
    assert render_bars("比较", "指标", [], lang="zh") == ""


@pytest.mark.parametrize("words", [batch_view._WORDS, batch_view._SCORES, batch_set._WORDS, bars._WORDS])
def test_every_word_is_there_in_both_languages_with_the_same_blanks(words: Any) -> None:
    for key in words.keys():  # noqa: SIM118 - no mapping
        blanks = [set(re.findall(r"{(\w+)", pair)) for pair in words._pairs[key]]
        assert blanks[0] == blanks[1], key
        assert all(words._pairs[key])


# Downloads


def test_what_is_offered_lies_where_nobody_can_guess_until_it_is_withdrawn(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"x")
    downloads = Downloads(tmp_path / "served")
    first, second = (downloads.offer(tmp_path / "a.xlsx", name="../题 目<b>", key="job") for _ in range(2))
    other = downloads.offer(tmp_path / "a.xlsx", name="", key="another")
    assert (first.name, other.name) == ("题_目_b-answers.xlsx", "questions-answers.xlsx")
    assert first.parent != second.parent
    assert (first.parent.parent, len(first.parent.name.split("-", 2)[2])) == (tmp_path / "served", 43)
    downloads.withdraw("job")
    assert [path.exists() for path in (first, second, other)] == [False, False, True]


def test_what_was_offered_an_hour_ago_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"x")
    old = Downloads(tmp_path / "served").offer(tmp_path / "a.xlsx", name="a", key="job")
    Downloads(tmp_path / "served")
    assert old.exists()
    monkeypatch.setattr("ui.batch.downloads.KEPT_SECONDS", -1.0)
    Downloads(tmp_path / "served")
    assert not old.exists()
