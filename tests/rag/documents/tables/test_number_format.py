"""What numbers, dates and texts show under the formats of workbooks."""

from __future__ import annotations

from decimal import Decimal

import pytest

from rag.documents.load.sheets.number_format import BUILT_IN, Shown, shown_number, shown_text

DATE = 'yyyy"年"m"月"d"日"'
ACCOUNT = '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ '


@pytest.mark.parametrize(
    ("number", "code", "shown"),
    [
        ("1186.6071672", "#,##0", "1,187"),
        ("1186.6071672", "General", "1186.607167"),
        ("0.30000000000000004", "General", "0.3"),
        ("0.00001234", "General", "0.00001234"),
        ("2014310000010300017", "General", "2014310000010300017"),
        ("2014310000010300017", "0.00E+00", "2014310000010300017"),
        ("0.000012", "0.00E+00", "1.20E-05"),
        ("0.8135", "0.00%", "81.35%"),
        ("0.8135", "0%", "81%"),
        ("-12.5", "0.00;[Red](0.00)", "(12.50)"),
        ("-12.5", "0.0_);[Red]\\-0.0", "-12.5"),
        ("-2.5", "0", "-3"),
        ("2.5", "0", "3"),
        ("1.005", "0.00", "1.01"),
        ("0", "0;-0;;@", ""),
        ("0", ACCOUNT, "-"),
        ("1234.5", ACCOUNT, "1,234.50"),
        ("-1234.5", ACCOUNT, "-1,234.50"),
        ("12345", '0!.0,"万元"', "1.2万元"),
        ("12345678", "#,##0.00,,", "12.35"),
        ("1234.5", "¥#,##0.00", "¥1,234.50"),
        ("1234.5", "[$¥-804]#,##0.00", "¥1,234.50"),
        ("5", "000", "005"),
        ("13800138000", "000-0000-0000", "138-0013-8000"),
        ("12", "0.0#", "12.0"),
        ("3", '0"个"', "3个"),
        ("2", 'G/通用格式"人"', "2人"),
        ("1.5", "# ?/?", "1 1/2"),
        ("0.25", "# ?/?", "1/4"),
        ("2", "# ?/?", "2"),
        ("150", '[>=100]"高";[<100]"低"', "高"),
        ("50", '[>=100]"高";[<100]"低"', "低"),
        ("7", "@", "7"),
        ("12", "0.00 Kg", "12.00 Kg"),
    ],
)
def test_a_number_shows_what_its_format_says(number: str, code: str, shown: str) -> None:
    assert shown_number(Decimal(number), code).text == shown


@pytest.mark.parametrize(
    ("number", "code", "shown"),
    [
        ("45017", f"{DATE};@", "2023年4月1日"),
        ("45017", 'yyyy"年"m"月"', "2023年4月"),
        ("45017", "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "2023年4月1日"),
        ("45017", "yyyy-mm-dd", "2023-04-01"),
        ("45017", "e/m/d", "2023/4/1"),
        ("45017", "aaaa", "星期六"),
        ("45017", "d-mmm-yy", "1-Apr-23"),
        ("45017", BUILT_IN[14], "2023/4/1"),
        ("45017", BUILT_IN[31], "2023年4月1日"),
        ("45017", BUILT_IN[57], "2023年4月"),
        ("45017.5", BUILT_IN[22], "2023/4/1 12:00"),
        ("0.75", "h:mm AM/PM", "6:00 PM"),
        ("0.5", '上午/下午h"时"mm"分"', "下午12时00分"),
        ("1.5", "[h]:mm:ss", "36:00:00"),
        ("45017.999999", "yyyy/m/d", "2023/4/2"),
        ("1", "yyyy/m/d", "1900/1/1"),
        ("61", "yyyy/m/d", "1900/3/1"),
        ("-1", "yyyy/m/d", "-1"),
        ("9999999", "yyyy/m/d", "9999999"),
    ],
)
def test_a_date_shows_what_its_format_says(number: str, code: str, shown: str) -> None:
    assert shown_number(Decimal(number), code) == Shown(shown)


def test_days_count_from_1904_where_the_workbook_says_so() -> None:
    assert shown_number(Decimal(43555), DATE, from_1904=True) == Shown("2023年4月1日")


@pytest.mark.parametrize(
    ("number", "code", "is_rounded"),
    [
        ("1186.6071672", "#,##0", True),
        ("1187", "#,##0", False),
        ("0.8135", "0.00%", False),
        ("0.8135", "0%", True),
        ("0.30000000000000004", "0.0", False),
        ("1186.6071672", "General", True),
        ("3", ";;;", True),
    ],
)
def test_whether_digits_are_not_shown_is_told(number: str, code: str, is_rounded: bool) -> None:
    assert shown_number(Decimal(number), code).is_rounded is is_rounded


def test_text_is_shown_with_what_its_format_puts_around_it() -> None:
    assert shown_text("甲", '"第"@"号"') == "第甲号"
    assert shown_text("甲", "0.00") == "甲"
