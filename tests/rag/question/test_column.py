"""What a question asks of a column, by its words."""

import pytest

from rag.question.column import column_question


@pytest.mark.parametrize(
    ("question", "operation", "nth", "n_first"),
    [
        ("哪个镇的渔船最多？", "largest", 1, 1),
        ("哪個鎮的漁船最少？", "smallest", 1, 1),
        ("哪三个镇的渔船最多？", "largest", 1, 3),
        ("渔船最多的两个镇是哪些？", "largest", 1, 2),
        ("渔船前五名是哪些镇？", "largest", 1, 5),
        ("渔船第二多的镇是哪个？", "largest", 2, 1),
        ("渔船数量排名第十二的是哪个镇？", "largest", 12, 1),
        ("渔船倒数第二的是哪个镇？", "smallest", 2, 1),
        ("白沙镇的渔船排第几？", "rank", 1, 1),
        ("白沙镇的渔船在全县排名多少？", "rank", 1, 1),
        ("白沙镇的渔船占全县的百分之几？", "share", 1, 1),
        ("白沙镇的渔船占比是多少？", "share", 1, 1),
        ("各镇渔船一共多少艘？", "total", 1, 1),
        ("各镇平均有多少艘渔船？", "mean", 1, 1),
        ("Which town has the most boats?", "largest", 1, 1),
        ("Which three towns have the fewest boats?", "smallest", 1, 3),
        ("Which town has the third highest number of boats?", "largest", 3, 1),
        ("What are the top 10 towns by boats?", "largest", 1, 10),
        ("What is the average number of boats?", "mean", 1, 1),
        ("How many boats are there in total?", "total", 1, 1),
    ],
)
def test_words_tell_what_is_asked(question: str, operation: str, nth: int, n_first: int) -> None:
    asked = column_question(question)
    assert asked is not None
    assert (asked.operation, asked.nth, asked.n_first) == (operation, nth, n_first)


@pytest.mark.parametrize("question", ["白沙镇有多少渔船？", "How many boats does Northam have?", "渔船怎么登记？", ""])
def test_other_questions_ask_nothing_of_a_column(question: str) -> None:
    assert column_question(question) is None


def test_the_rest_is_without_the_words_that_ask() -> None:
    asked = column_question("海州市哪三个镇的渔船最多？")
    assert asked is not None
    assert asked.rest.split() == ["海州市", "镇", "渔船", "？"]
    assert asked.word == "最多"
