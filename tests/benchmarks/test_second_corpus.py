"""The script that makes a second corpus, on two invented paragraphs."""

import importlib.util
import json
from pathlib import Path

import pytest

from rag.batch.question_file import read_gold
from rag.cli.main import build_parser
from rag.evaluation.measures import is_correct

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "second_corpus.py"
spec = importlib.util.spec_from_file_location("second_corpus", SCRIPT)
second_corpus = importlib.util.module_from_spec(spec)
spec.loader.exec_module(second_corpus)

CONTEXTS = [
    {
        "context_id": "c/0",
        "title": "Port",
        "text": "\ufeff北港有四个码头。2031年，北港由林·海修建。北港的灯塔高120米。 ",
    },
    {
        "context_id": "c/1",
        "title": "Lake",
        "text": "镜湖出产银鱼。银鱼在春天洄游，湖边的人吃银鱼。湖水很深；最深处在东岸。",
    },
]
ROWS = [
    ("p1", "c/0", " 北港有几个码头？", "How many piers are there?", "四个", "four"),
    ("p2", "c/0", "谁修建了北港？", "Who built the port?", "林·海", "Lin Hai"),
    ("p3", "c/0", "灯塔有多高？", "How high is the lighthouse?", "120米", "120 m"),
    ("l1", "c/1", "湖边的人吃什么？", "What do people eat?", "银鱼", "the silver fish"),
    ("l2", "c/1", "湖水哪里最深？", "Where is the lake deepest?", "很深；最深处在东岸", "at the eastern shore"),
    ("l3", "c/1", "湖边的人吃什么？", "Which fish is it?", "银鱼", "silver fish"),
]
FIELDS = ("id", "context_id", "question_zh", "question_en", "answer_zh", "answer_en")


@pytest.fixture
def folder(tmp_path):
    written = {
        "xquad_zh_contexts": CONTEXTS,
        "xquad_zh_retrieval": [dict(zip(FIELDS, row, strict=True)) for row in ROWS],
    }
    for name, records in written.items():
        lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in records]
        (tmp_path / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    return tmp_path


@pytest.fixture
def out(folder, monkeypatch):
    for name, count in (("N_ZH", 2), ("N_EN", 1), ("N_ABSENT", 1)):
        monkeypatch.setattr(second_corpus, name, count)
    assert second_corpus.main([str(folder), str(folder / "out")]) == 0
    return folder / "out"


def by_id(path):
    return {question.question_id: question for question in read_gold(path)}


def test_every_paragraph_is_a_document_under_a_safe_name(out):
    documents = {path.name: path.read_text(encoding="utf-8") for path in (out / "documents").iterdir()}
    assert documents == {
        "c_0.txt": "北港有四个码头。2031年，北港由林·海修建。北港的灯塔高120米。\n",
        "c_1.txt": "镜湖出产银鱼。银鱼在春天洄游，湖边的人吃银鱼。湖水很深；最深处在东岸。\n",
    }


def test_every_question_has_the_sentence_that_answers_it(out):
    gold = by_id(out / "retrieval_zh.jsonl")
    assert {key: (question.gold[0].source, question.gold[0].quote) for key, question in gold.items()} == {
        "p1": ("c_0.txt", "北港有四个码头。"),
        "p2": ("c_0.txt", "2031年，北港由林·海修建。"),
        "p3": ("c_0.txt", "北港的灯塔高120米。"),
        "l1": ("c_1.txt", "银鱼在春天洄游，湖边的人吃银鱼。"),  # and not the first that names it
        "l2": ("c_1.txt", "湖水很深；最深处在东岸。"),  # an answer over two sentences
        "l3": ("c_1.txt", "银鱼在春天洄游，湖边的人吃银鱼。"),
    }
    assert (gold["p1"].question, gold["p1"].kind, gold["p1"].lang) == ("北港有几个码头？", "fact", "zh")
    english = by_id(out / "retrieval_en.jsonl")["p1"]
    assert (english.question, english.kind, english.lang) == ("How many piers are there?", "cross_lingual", "en")


def test_in_english_the_answer_in_either_language_is_right(out):
    chinese, english = by_id(out / "retrieval_zh.jsonl"), by_id(out / "retrieval_en.jsonl")
    assert chinese["l1"].must_include == (("银鱼",),)
    assert english["l1"].must_include == (("银鱼", "the silver fish", "silver fish"),)
    for answer in ("There are four.", "It has 4 piers.", "四个。"):
        assert is_correct(english["p1"], {"answer": answer, "abstained": False})
    assert not is_correct(english["p1"], {"answer": "There are 14.", "abstained": False})


def test_samples_share_no_question_and_hold_none_that_is_asked_twice(out):
    samples = [set(by_id(out / f"{name}.jsonl")) for name in ("answers_zh", "answers_en", "absent")]
    assert [len(each) for each in samples] == [2, 1, 1]
    assert set.union(*samples) == {"p1", "p2", "p3", "l2"}


def test_what_is_absent_stands_in_no_document_that_is_left(out):
    (question,) = read_gold(out / "absent.jsonl")
    assert (question.answerable, question.kind, question.must_include, question.gold) == (False, "unanswerable", (), ())
    left = [path.name for path in (out / "documents_without").iterdir()]
    assert left == ["c_1.txt" if question.question_id.startswith("p") else "c_0.txt"]


def test_the_same_seed_writes_the_same_again_and_another_cleans_up(out, folder):
    def written():
        return {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}

    before = written()
    assert second_corpus.main([str(folder), str(out)]) == 0
    assert written() == before
    for seed in range(5):
        second_corpus.main([str(folder), str(out), "--seed", str(seed)])
        assert len(list((out / "documents_without").iterdir())) == 1


def test_the_commands_that_it_names_are_understood(out, capsys, folder):
    second_corpus.main([str(folder), str(out)])
    counts, *commands = [line for line in capsys.readouterr().out.splitlines() if line and line != "Next:"]
    assert counts.startswith("2 documents, 1 without those of the absent questions, 6 retrieval_zh, 6 retrieval_en,")
    for command in commands:
        assert callable(build_parser().parse_args(command.split()[1:]).run)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda folder: (folder / "xquad_zh_contexts.jsonl").unlink(), "does not hold the data"),
        (lambda folder: (folder / "xquad_zh_retrieval.jsonl").write_text('{"id": "a"}\n'), "'context_id'"),
        (lambda folder: (folder / "xquad_zh_retrieval.jsonl").write_text("nonsense"), "does not hold the data"),
    ],
)
def test_a_folder_without_the_data_is_wrong_usage(folder, change, words, capsys):
    change(folder)
    with pytest.raises(SystemExit, match="2"):
        second_corpus.main([str(folder), str(folder / "out")])
    assert words in capsys.readouterr().err


def test_nothing_is_written_inside_the_tree(folder, capsys):
    inside = SCRIPT.parent.parent / "second"
    with pytest.raises(SystemExit, match="2"):
        second_corpus.main([str(folder), str(inside)])
    assert "inside the tree" in capsys.readouterr().err
    assert not inside.exists()


@pytest.mark.parametrize(
    ("answer", "forms"),
    [
        ("湖水", ["湖水"]),
        ("《镜湖》", ["镜湖"]),
        ("林·海", ["林·海", "林海"]),
        ("银鱼（silver fish）", ["银鱼（silver fish）", "银鱼"]),
        ("f(n)", ["f(n)"]),
        ("an inner harbour.", ["an inner harbour", "inner harbour"]),
        ("六", ["六", "6"]),
        ("120 米", ["120 米", "120"]),
        ("超过3700万", ["超过3700万", "37000000", "3700万", "37 million"]),
        ("第三", ["第三", "第3", "3"]),
        ("一半以上", ["一半以上", "50%"]),
        ("63％", ["63％", "63"]),
        ("1685年", ["1685年", "1685"]),
        ("2031年5月", ["2031年5月", "May 2031", "May, 2031", "2031-05"]),
        ("20世纪70年代", ["20世纪70年代", "1970年代", "1970s"]),
        ("氧-18", ["氧-18"]),  # a name, no figure
        ("四个大码头", ["四个大码头"]),
        ("3 分 08 秒", ["3 分 08 秒"]),
    ],
)
def test_alternatives_are_what_a_fair_judge_takes_for_the_same(answer, forms):
    assert second_corpus.alternatives(answer) == forms


def test_a_range_may_be_written_with_other_signs_but_two_years_are_none():
    assert {"1870-1939", "1870至1939 年", "1870to1939"} <= set(second_corpus.alternatives("1870 年到 1939 年"))
    two = second_corpus.alternatives("2011年和2012年")
    assert "2011和2012" in two
    assert "2011-2012" not in two
