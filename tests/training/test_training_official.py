"""Questions made from official papers: what is asked stands where it is said to, and a rival window does not answer."""

import re
from pathlib import Path
from random import Random

import pytest

from rag.progress import no_progress
from rag.reading.model import Reading, Span, Window
from tests.support.rag.training_questions import PARAGRAPHS, QUESTIONS
from training.asking import ask
from training.mine import retrieve_others
from training.official import OfficialMaker
from training.papers import Line, is_held_back, read_papers
from training.ranking import rank_questions, ranking_scores
from training.wording import WordingIndex, wording

PLACES = {"青石市": "7.1", "安西市": "6.4", "临水市": "5.9"}


def lines_of(place: str, share: str, year: int = 2031) -> list[Line]:
    sentences = [
        f"全市渔业总产值增长{share}%，新建泊位{share[0]}个。",
        f"全市养殖面积达到{share[2]}2万亩，比上年增加{share[0]}千亩。",
        "渔港由港务管理机构负责日常维护。",
    ]
    title, source = f"{year}年{place}政府工作报告", f"{place}{year}.txt"
    return [Line(source, title, place, (year,), f"{place} {year} {title}", text) for text in sentences]


LINES = [line for place, share in PLACES.items() for line in lines_of(place, share)]


def asked_of(sentence: str) -> set[tuple[str, str]]:
    """(question, answer) of all draws, without what shortens."""
    return {(one.text, sentence[slice(*one.answer)]) for seed in range(60) for one in ask(sentence, Random(seed))}


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("渔业总产值增长7.1%。", "渔业总产值增长百分之几？", "7.1%"),
        ("内河港口新建泊位31个。", "内河港口新建泊位多少个？", "31个"),
        ("养殖面积达到42万亩，增长3%。", "养殖面积是多少？", "42万亩"),
        ("养殖面积达到42万亩，增长3%。", "养殖面积增长百分之多少？", "3%"),
        ("渔港由港务管理机构负责日常维护。", "渔港由谁负责日常维护？", "港务管理机构"),
        ("第四条渔业设施主要包括泊位、冷库和灯塔。", "渔业设施主要包括哪些？", "泊位、冷库和灯塔"),
        ("本办法所称的养殖证，是指准许使用水面的凭证。", "什么是养殖证？", "准许使用水面的凭证"),
    ],
)
def test_a_clause_becomes_a_question_for_what_it_tells(sentence: str, question: str, answer: str) -> None:
    assert (question, answer) in asked_of(sentence)


def test_a_clause_with_two_figures_asks_for_neither() -> None:
    assert asked_of("渔船由上年640艘减少到612艘。") == set()


def test_a_figure_without_a_subject_is_not_asked_for() -> None:
    assert asked_of("增长7.1%。") == set()


def test_the_span_of_a_group_is_the_answer_and_its_rivals_do_not_hold_it() -> None:
    groups = [group for n in range(20) for group in OfficialMaker(LINES, count=99, seed=n).make_groups(n)]
    assert len(groups) > 100
    kinds = set()
    for group in groups:
        found, *rivals = group
        ((start, end),) = found.spans
        answer = found.text[start:end]
        assert re.search(r"[\d０-９一二三四五六七八九]|机构", answer)
        for rival in rivals:
            kinds.add(rival.kind)
            assert rival.spans == ()
            assert rival.kind in ("scope", "attribute") or answer not in rival.text
            assert rival.kind != "scope" or rival.heading != found.heading
    assert kinds >= {"without", "retrieved", "scope"}


def test_what_other_papers_answer_as_well_is_only_asked_with_its_place_or_title() -> None:
    groups = [group for n in range(20) for group in OfficialMaker(LINES, count=99, seed=n).make_groups(n)]
    named = [g[0].question for g in groups if "总产值" in g[0].question]
    assert named
    assert all(any(place[:2] in question for place in PLACES) for question in named)


def test_no_more_is_asked_than_is_wanted_and_the_same_each_time() -> None:
    few, again, other = (OfficialMaker(LINES, count=4, seed=seed).questions(0) for seed in (1, 1, 2))
    assert len(few) == 4
    assert few == again != other


def test_a_window_is_of_one_section_and_holds_its_line() -> None:
    maker = OfficialMaker(LINES, count=1, seed=0)
    for seed in range(40):
        for at, line in enumerate(LINES):
            text, begin = maker.window(at, Random(seed))
            assert text[begin : begin + len(line.text)] == line.text
            assert (
                sum(other.text in text for other in LINES if other.source != line.source and "渔港" not in other.text)
                == 0
            )


def test_papers_are_read_with_their_headings_and_broken_text_is_left_out(tmp_path: Path) -> None:
    told = "青石市2031年政府工作报告\n一、工作回顾\n渔业总产值增长7.1%。\n锛岄噸锛氬叏銆\n"
    (tmp_path / "青石市2031.txt").write_text(told, encoding="utf-8")
    lines = read_papers(tmp_path, progress=no_progress)
    line = next(line for line in lines if "7.1%" in line.text)
    assert "青石市" in line.heading
    assert "工作回顾" in line.heading
    assert not any("锛" in line.text for line in lines)
    assert read_papers(tmp_path / "none", progress=no_progress) == []


# --- wording


def test_terms_are_pairs_of_characters_and_words() -> None:
    assert wording("新建泊位5個 of Delta") == {"新建", "建泊", "泊位", "5", "个", "of", "delta"}


def test_the_likest_texts_share_most() -> None:
    index = WordingIndex(["渔业总产值增长", "养殖面积", "渔业总产值下降", "渔业"])
    assert index.most_like("渔业总产值增长多少", 3)[:2] == [0, 2]
    assert index.most_like("别的", 3) == []


def test_other_paragraphs_are_of_the_same_language_and_not_ones_own() -> None:
    found = retrieve_others(QUESTIONS, progress=no_progress)
    assert found.keys() == {q.id for q in QUESTIONS}
    for question in QUESTIONS:
        assert question.context not in found[question.id]
        assert set(found[question.id]) <= set(PARAGRAPHS.values())


# --- ranking


class ReadsTheFirst:
    """A reader whose best window is the one at a place, with its first two characters as the span."""

    def __init__(self, best: int) -> None:
        self.best = best

    def read(self, question: str, windows: list[Window]) -> list[Reading]:
        return [Reading((Span(0, 2, 5.0 if i == self.best else 1.0),)) for i in range(len(windows))]


def test_ranking_counts_own_windows_that_are_first() -> None:
    held = [f"青石{i}市" for i in range(200) if is_held_back(Line(f"青石{i}市2031.txt", "", "", (), "", ""))][:3]
    lines = [line for place in held for line in lines_of(place, "7.1")] + LINES
    ranked = rank_questions(lines, 5, seed=1)
    assert len(ranked) == 5
    for one in ranked:
        assert one.answer in one.windows[0].text
        assert not any(one.answer in window.text for window in one.windows[1:])
    ranked = [one for one in ranked if len(one.windows) > 1]
    assert ranked
    assert ranking_scores(ReadsTheFirst(0), ranked)["own window first"] == 1  # type: ignore[arg-type]
    assert ranking_scores(ReadsTheFirst(0), ranked)["AUC"] == 1  # type: ignore[arg-type]
    assert ranking_scores(ReadsTheFirst(1), ranked)["own window first"] == 0  # type: ignore[arg-type]
    assert ranking_scores(ReadsTheFirst(1), ranked)["AUC"] == 0.5  # type: ignore[arg-type]
