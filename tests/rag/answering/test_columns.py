"""What a whole column of a table comes to, from the question's words to the cells that are cited."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from rag.answering.columns import needs_whole_column, reckon_column, say_column
from rag.retrieval.tables import Table
from rag.schema.documents import Block, Location
from rag.schema.search import Evidence
from rag.text.language import Language

TITLE = "2031年海州市学位情况表"
PLACES = (
    "县：白沙县｜小学：1200｜初中：800",
    "县：青河县｜小学：3400｜初中：1900",
    "县：望江县｜小学：2100｜初中：1500",
)
SCHOOLS = (
    "县：白沙县｜学校：一小｜类别：小学｜在校生：900",
    "县：白沙县｜学校：一中｜类别：初中｜在校生：2000",
    "县：青河县｜学校：二小｜类别：小学｜在校生：1300",
    "县：青河县｜学校：二中｜类别：初中｜在校生：1500",
)


def table(rows: Sequence[str], title: str = TITLE) -> Table:
    evidence = []
    start = 0
    for number, text in enumerate(rows, start=1):
        end = start + len(text)
        evidence.append(Evidence(number, text, f"{title}.xlsx", title, "海州市", (2031,), (title,), start, end, 0.0))
        start = end + 1
    return Table(tuple(evidence))


def said(question: str, *tables: Table, language: Language = "zh") -> str | None:
    result = reckon_column(question, tables or (table(PLACES),), lambda _: False)
    return say_column(result, language)[0][0].text if result else None


def cited(question: str, *tables: Table) -> list[str]:
    result = reckon_column(question, tables, lambda _: False)
    assert result is not None
    return [citation.quote for citation in say_column(result, "zh")[1]]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("海州市哪个县的小学最多？", "「小学」最多的是青河县（3400），其次是望江县（2100）；共比较3行。"),
        ("哪個縣的初中最少？", "「初中」最少的是白沙县（800），其次是望江县（1500）；共比较3行。"),
        ("小学第二多的是哪个县？", "「小学」由大到小第2位：望江县（2100）；共比较3行。"),
        ("小学最多的两个县是哪些？", "「小学」由大到小第1–2位：青河县（3400）、望江县（2100）；共比较3行。"),
        ("2031年各县小学一共多少？", "「小学」各行合计6700（1200+3400+2100=6700）。"),
        ("各县平均有多少初中？", "「初中」3行平均1400（4200÷3=1400）。"),
        ("望江县的小学在海州市排第几？", "望江县的「小学」为2100，在3行中由大到小排第2位。"),
        ("望江县的小学占全市的百分之几？", "望江县的「小学」为2100，占合计的31.34%（2100÷6700≈31.34%）。"),
        ("小学排名第九的是哪个县？", "「小学」只有3行，没有第9位。"),
    ],
)
def test_a_column_is_reckoned_as_the_question_asks(question: str, answer: str) -> None:
    assert said(question) == answer


@pytest.mark.parametrize(
    "question",
    [
        "望江县的小学有多少？",  # a cell
        "哪个县的高中最多？",  # no such column
        "云岭市哪个县的小学最多？",  # nothing above the table says so
        "哪个县的小学和初中最多？",  # two columns
        "石门县的小学排第几？",  # no such row
        "望江县的小学最多可以有多少？",  # of one row nothing is compared
    ],
)
def test_a_question_that_no_column_fits_is_left_to_others(question: str) -> None:
    assert said(question) is None


def test_a_column_of_another_place_or_year_is_not_reckoned_with() -> None:
    assert reckon_column("哪个县的小学最多？", [table(PLACES)], lambda row: row.place == "海州市") is None


def test_the_names_of_rows_do_not_make_them_rows_of_another_place() -> None:
    seen: list[str] = []

    def is_elsewhere(row: Evidence) -> bool:
        seen.append(row.text)
        return False

    reckon_column("海州市哪个县的小学最多？", [table(PLACES)], is_elsewhere)
    reckon_column("望江县的小学排第几？", [table(PLACES)], is_elsewhere)
    assert seen == ["小学：1200", "小学：3400", "小学：2100", "望江县｜小学：2100"]


def test_the_cells_that_are_compared_are_cited() -> None:
    assert cited("哪个县的小学最多？", table(PLACES)) == [PLACES[1], PLACES[2]]
    assert cited("各县小学一共多少？", table(PLACES)) == list(PLACES)
    assert cited("望江县的小学排第几？", table(PLACES)) == [PLACES[2], PLACES[1]]


def test_of_many_cells_the_first_and_the_last_are_cited() -> None:
    rows = [f"乡镇：甲{chr(0x4E00 + n)}镇｜渔船：{n + 5}" for n in range(50)]
    assert cited("各乡镇渔船一共多少？", table(rows)) == [rows[0], rows[-1]]
    assert said("各乡镇渔船一共多少？", table(rows)) == "「渔船」各行合计1475（50行相加）。"


def test_the_location_of_a_citation_is_the_cell() -> None:
    own = table(PLACES)
    starts = [own.rows[n].start + PLACES[n].index("小学：") + 3 for n in range(3)]
    blocks = tuple(Block("cell", n + 1, at, at + 4, f"B{n + 2}") for n, at in enumerate(starts))
    rows = tuple(replace(row, location=Location(sheet="学位", cells=f"A{n}:C{n}")) for n, row in enumerate(own.rows, 2))
    result = reckon_column("哪个县的小学最多？", [Table(rows, blocks)], lambda _: False)
    assert result is not None
    assert [citation.location.label for citation in say_column(result, "zh")[1]] == ["学位!B3", "学位!B4"]


def test_a_row_of_totals_is_no_row_of_its_own() -> None:
    rows = (*PLACES, "县：合计｜小学：6700｜初中：4300")
    assert (
        said("哪个县的小学最多？", table(rows)) == "「小学」最多的是青河县（3400），其次是望江县（2100）；共比较3行。"
    )
    assert (
        said("各县小学合计多少？", table(rows))
        == "「小学」各行合计6700（1200+3400+2100=6700）。表中“合计”一行也是6700。"
    )


def test_a_row_of_totals_that_is_not_their_sum_is_told() -> None:
    rows = (*PLACES, "县：合计｜小学：6700｜初中：4300")
    assert said("各县初中合计多少？", table(rows)) == (
        "「初中」各行合计4200（800+1900+1500=4200）。但表中“合计”一行写的是4300，与各行之和不符，请核对。"
    )
    assert said("望江县的初中占全市的百分之几？", table(rows)) is None


def test_a_total_within_the_rounding_of_its_rows_is_told_as_such() -> None:
    rows = ("县：甲县｜面积：1.2", "县：乙县｜面积：1.2", "县：合计｜面积：2.5")
    assert said("面积合计多少？", table(rows)) == (
        "「面积」各行合计2.4（1.2+1.2=2.4）。表中“合计”一行写的是2.5，差异在各行四舍五入的范围内。"
    )


def test_rows_without_a_figure_are_told() -> None:
    rows = (*PLACES, "县：石门县｜小学：—｜初中：3")
    assert (
        said("各县小学一共多少？", table(rows))
        == "「小学」各行合计6700（1200+3400+2100=6700）。另有1行没有数字，未计入。"
    )


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("望江县的小学比白沙县多多少？", "「小学」：望江县（2100）比白沙县（1200）多900（2100-1200=900）。"),
        ("青河县的小学是白沙县的几倍？", "「小学」：青河县（3400）是白沙县（1200）的2.83倍（3400÷1200≈2.83）。"),
        ("白沙县和青河县的小学一共多少？", "「小学」各行合计4600（1200+3400=4600）。"),
        ("白沙县和青河县的小学分别是多少？", "「小学」：白沙县（1200）、青河县（3400）。"),
        ("白沙县和望江县谁的小学多？", "「小学」最大的是望江县（2100），其次是白沙县（1200）；共比较2行。"),
        ("白沙县的小学和初中相差多少？", "「白沙县」：小学（1200）比初中（800）多400（1200-800=400）。"),
        ("白沙县的小学和初中一共多少？", "「白沙县」各行合计2000（1200+800=2000）。"),
    ],
)
def test_the_cells_that_a_question_names_are_compared_and_added(question: str, answer: str) -> None:
    assert said(question) == answer


@pytest.mark.parametrize(
    "question",
    [
        "望江县的小学比石门县多多少？",  # one of them has no row
        "望江县的小学比白沙县的高中多多少？",  # or no column
        "望江县的小学比上年多多少？",  # nothing to compare it with
        "白沙县、青河县和望江县的小学相差多少？",  # three
    ],
)
def test_what_lacks_a_cell_is_not_compared(question: str) -> None:
    assert said(question) is None


def test_cells_of_two_units_are_not_compared() -> None:
    rows = ("县：甲县｜学校（所）：12｜学生（人）：900", "县：乙县｜学校（所）：9｜学生（人）：800")
    assert said("甲县的学校和学生相差多少？", table(rows)) is None


def test_shares_differ_by_points() -> None:
    rows = ("县：甲县｜增长：5.2%", "县：乙县｜增长：-1.3%")
    assert said("甲县的增长比乙县高多少？", table(rows)) == (
        "「增长」：甲县（5.2%）比乙县（-1.3%）高6.5个百分点（5.2%-(-1.3)%=6.5%）。"
    )


def test_equal_rows_share_a_place() -> None:
    rows = ("镇：白沙镇｜渔船：45", "镇：青河镇｜渔船：45", "镇：望江镇｜渔船：7")
    assert (
        said("哪个镇的渔船最多？", table(rows))
        == "「渔船」最多的是白沙镇（45）、青河镇（45），其次是望江镇（7）；共比较3行。"
    )
    assert (
        said("青河镇的渔船排第几？", table(rows))
        == "青河镇的「渔船」为45，在3行中由大到小排第1位，与白沙镇（45）并列。"
    )


def test_less_than_nothing_is_the_smallest() -> None:
    rows = ("县：甲县｜增长：5.2%", "县：乙县｜增长：-1.3%", "县：丙县｜增长：0.4%")
    assert said("哪个县的增长最低？", table(rows)) == "「增长」最低的是乙县（-1.3%），其次是丙县（0.4%）；共比较3行。"


@pytest.mark.parametrize(
    "rows",
    [
        ("县：甲县｜小学：12", "县：乙县｜小学：约30所以上，另有2所在建"),  # no single figure
        ("县：甲县｜小学：12", "县：乙县｜小学：30%"),  # of two kinds
        ("县：甲县｜小学：12", "县：其中：城区｜小学：5"),  # a part of another row
        ("编码：208｜县：甲县｜小学：12", "编码：20805｜县：乙县｜小学：12"),  # a code that begins another one
        ("县：甲县｜小学：12", "县：甲县｜小学：13"),  # nothing tells the rows apart
        ("县：甲县｜小学：12",),
    ],
)
def test_rows_that_cannot_be_added_or_compared_have_no_result(rows: Sequence[str]) -> None:
    assert said("哪个县的小学最多？", table(rows)) is None


def test_shares_are_not_added() -> None:
    rows = ("县：甲县｜入学率：91.2%", "县：乙县｜入学率：88.0%")
    assert said("各县入学率合计多少？", table(rows)) is None
    assert said("各县入学率平均多少？", table(rows)) is None


def test_a_question_may_take_some_rows_only() -> None:
    assert (
        said("哪个小学的在校生最多？", table(SCHOOLS))
        == "「在校生」最多的是二小（1300），其次是一小（900）；共比较2行。"
    )
    assert said("青河县各学校在校生一共多少？", table(SCHOOLS)) == "「在校生」各行合计2800（1300+1500=2800）。"


def test_what_must_be_added_up_first_is_not_compared() -> None:
    assert said("哪个县的在校生最多？", table(SCHOOLS)) is None


def test_a_header_with_such_words_in_it_is_a_column() -> None:
    rows = ("县：甲县｜平均班额：44.5", "县：乙县｜平均班额：46")
    assert (
        said("哪个县的平均班额最大？", table(rows)) == "「平均班额」最大的是乙县（46），其次是甲县（44.5）；共比较2行。"
    )
    assert said("甲县的平均班额是多少？", table(rows)) is None


def test_two_tables_that_say_different_things_leave_it_open() -> None:
    other = table([text.replace("3400", "3500") for text in PLACES])
    assert said("哪个县的小学最多？", table(PLACES), table(PLACES)) is not None
    assert said("哪个县的小学最多？", table(PLACES), other) is None


def test_units_behind_headers_need_not_be_said() -> None:
    rows = ("乡镇：白沙镇｜渔船（艘）：12", "乡镇：青河镇｜渔船（艘）：30")
    assert said("渔船一共多少艘？", table(rows)) == "「渔船（艘）」各行合计42（12+30=42）。"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (
            "Which county has the most vessels?",
            "the largest is Westley (310), followed by Northam (120); 3 rows compared.",
        ),
        ("What is the total of vessels in all counties?", "515 in total (120+85+310=515)."),
        ("Which county has the second highest number of vessels?", "place 2: Northam (120); 3 rows compared."),
        ("What share of the vessels does Northam have?", "120, 23.3% of the total (120÷515≈23.3%)."),
        ("Where does Eastby rank by vessels?", "85, place 3 of 3 rows from the largest."),
    ],
)
def test_in_english(question: str, answer: str) -> None:
    rows = ("County：Northam｜Vessels：120", "County：Eastby｜Vessels：85", "County：Westley｜Vessels：310")
    told = said(question, table(rows, "Harbour Bay"), language="en")
    assert told is not None
    assert told.endswith(answer)


@pytest.mark.parametrize(
    "question", ["哪个县的小学最多？", "Which county has the most schools?", "小學最少的是哪三個縣？"]
)
def test_no_single_row_tells_which_is_the_largest(question: str) -> None:
    assert needs_whole_column(question)


@pytest.mark.parametrize("question", ["最多可以申请几个月？", "哪个县新建了小学？", "小学一共多少？"])
def test_a_single_row_may_tell_the_rest(question: str) -> None:
    assert not needs_whole_column(question)
