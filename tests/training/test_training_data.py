"""The data folder is checked line by line; the measures have the values of their definitions."""

import json
import re
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rag.training_questions import QUESTIONS
from training.data import DataError, Question, describe, dev_sets, load_questions, load_sets
from training.evaluate import sentence_with_answer
from training.metrics import area_under_curve, calibration_error, exact_match, f1, fit_logistic

# --- data


def write(folder: Path, *lines: object, contexts: object = None) -> Path:
    texts = [json.dumps(line, ensure_ascii=False) if isinstance(line, dict) else str(line) for line in lines]
    (folder / "a_questions.jsonl").write_text("\n".join(texts), encoding="utf-8")
    context = contexts or {"context_id": "c1", "text": "桥长640米。"}
    (folder / "a_contexts.jsonl").write_text(json.dumps(context, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder


def line(start: int = 2, **changes: object) -> dict[str, object]:
    answers = [{"text": "640米", "start": start}]
    return {"id": "q1", "question": "桥长多少？", "context_id": "c1", "answers": answers} | changes


def test_questions_are_read_with_their_contexts(tmp_path: Path) -> None:
    read = load_questions(write(tmp_path, line(dataset="d", licence="CC0"), "", line(id="q2")), "a")
    assert read[0] == Question("q1", "桥长多少？", "桥长640米。", "c1", (("640米", 2),), "d", "CC0")
    assert [q.id for q in read] == ["q1", "q2"]


def test_a_question_may_say_that_its_context_does_not_answer(tmp_path: Path) -> None:
    read = load_questions(
        write(tmp_path, line(answers=[], answer_type="none"), line(id="q2", answer_type="multi")), "a"
    )
    assert [(q.answers, q.several) for q in read] == [((), False), ((("640米", 2),), True)]


def test_the_language_of_a_question_is_that_of_its_context(tmp_path: Path) -> None:
    context = {"context_id": "c1", "text": "The bridge is 640米 long."}
    assert load_questions(write(tmp_path, line(start=14), contexts=context), "a")[0].lang == "en"


def test_all_sets_but_those_for_measuring_are_trained_on_each_with_ids_of_its_own(tmp_path: Path) -> None:
    for name in ("one", "two", "two_dev", "mrc_test", "none"):
        folder = tmp_path / name
        folder.mkdir()
        write(folder, *(line(id=f"q{i}") for i in range(9)))
        for kind in ("questions", "contexts"):
            (folder / f"a_{kind}.jsonl").rename(tmp_path / f"{name}_{kind}.jsonl")
    read = load_sets(tmp_path, {"two": 4, "none": 0}, seed=1)
    assert {q.context_id for q in read} == {"one/c1", "two/c1"}
    assert (len(read), len({q.id for q in read})) == (13, 13)
    fewer, other = (load_sets(tmp_path, {"two": 3, "none": 0}, seed=seed) for seed in (1, 2))
    assert {q.id for q in fewer} < {q.id for q in read}, "a smaller share is part of a larger one"
    assert {q.id for q in fewer} != {q.id for q in other}
    assert dev_sets(tmp_path) == ["two_dev"]


def test_a_folder_without_sets_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no set to train on"):
        load_sets(tmp_path, {}, seed=1)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"b_contexts\.jsonl is missing.*README"):
        load_questions(write(tmp_path, line()), "b")


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (line(start=1), "the answer '640米' does not stand at 1"),
        (line(start=-5), "the answer '640米' does not stand at -5"),
        (line(context_id="c9"), "KeyError"),
        (line(answers=[]), "it has no answer"),
        (line(answers=[{"text": "640米"}]), "KeyError"),
        (line(answers=[{"text": "640米", "start": "two"}]), "ValueError"),
        ("[1]", "TypeError"),
        ("{", "no JSON"),
        (line(), "a second question has the id 'q1'"),
    ],
)
def test_a_bad_line_is_named_by_its_number(tmp_path: Path, bad: object, words: str) -> None:
    with pytest.raises(DataError, match=rf"a_questions\.jsonl, line 3: .*{re.escape(words)}"):
        load_questions(write(tmp_path, line(), line(id="q2"), bad), "a")


def test_a_bad_context_is_named_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a_contexts\.jsonl, line 1: expected context_id and text"):
        load_questions(write(tmp_path, line(), contexts={"id": "c1"}), "a")


def test_sources_are_counted_by_name_and_licence() -> None:
    other = Question("x", "？", "x", "x", (("x", 0),), "another", "MIT")
    assert describe([*QUESTIONS, other]) == ["another (MIT): 1 questions", "invented (CC0): 8 questions"]


# --- measures

SCORES = st.lists(st.integers(0, 5).map(float), min_size=1, max_size=12)


@given(SCORES, SCORES)
@hypothesis.settings(deadline=None)
def test_the_area_under_the_curve_is_the_share_of_pairs_in_order(positive: list[float], negative: list[float]) -> None:
    wins = [(p > n) + (p == n) / 2 for p in positive for n in negative]
    assert area_under_curve(positive, negative) == pytest.approx(sum(wins) / len(wins))


@pytest.mark.parametrize(
    ("text", "answers", "em", "best"),
    [
        ("石渡桥", ["石渡桥"], 1, 1),
        ("《石渡橋》。", ["石渡桥"], 1, 1),  # neither punctuation nor script counts
        ("石渡", ["石渡桥"], 0, 0.8),
        ("石渡", ["青禾", "石渡桥"], 0, 0.8),  # the best of the answers
        ("桥", ["路"], 0, 0),
        ("", ["路"], 0, 0),
        ("《》", ["“”"], 1, 1),
        ("Yunling  Express号", ["yunling express"], 0, 0.8),  # a word is one token, a character too
        ("６４０米", ["640米"], 1, 1),
        ("12.5%", ["125%"], 0, 0),
        ("有有", ["有"], 0, 2 / 3),
    ],
)
def test_exact_match_and_f1(text: str, answers: list[str], em: float, best: float) -> None:
    assert exact_match(text, answers) == em
    assert f1(text, answers) == pytest.approx(best)


def test_calibration_error_is_the_mean_distance_of_the_bins() -> None:
    assert calibration_error([0.95, 1.0, 0.05, 0.0], [True, True, False, False]) == pytest.approx(0.025)
    assert calibration_error([0.75] * 4, [True, True, True, False]) == 0
    assert calibration_error([0.85] * 3 + [0.25], [False] * 3 + [False]) == pytest.approx(0.75 * 0.85 + 0.25 * 0.25)


def test_the_curve_that_truths_were_drawn_from_is_found_again() -> None:
    scores = np.repeat(np.linspace(-9, 14, 24), 400)
    shares = 1 / (1 + np.exp(-(0.5 * scores - 1.25)))
    truths = np.tile(np.arange(400) + 0.5, 24) / 400 < shares
    assert fit_logistic(scores.tolist(), truths.tolist()) == pytest.approx((0.5, -1.25), abs=0.01)


@pytest.mark.parametrize(("answer", "at"), [(" 12所学校", 5), ("12所学校", 6), ("铁路", 2)])
def test_the_sentence_of_an_answer_is_found_though_white_space_comes_before_it(answer: str, at: int) -> None:
    context = "建成铁路。 12所学校开学。"
    question = Question("q", "？", context, "c", ((answer, at),), "own", "CC0")
    assert answer.strip() in sentence_with_answer(question)
