"""Lines that go on in the next one: wrapped texts become whole, everything else stays as it is."""

import textwrap

import pytest

from rag.documents.cleaning.clean import clean_text

ENGLISH = (
    "The bureau built twelve schools in 2030 and hired two hundred and thirteen teachers, of whom fifty-seven hold a "
    "master's degree. The county invested 125 million yuan in new classrooms, which is 8.2 percent more than in the "
    "year before, and opened the new campus of the First Middle School in September (the second in three years)."
)
CHINESE = (
    "全年新建中小学12所，新增学位3400个，完成投资1.25亿元，同比增长8.2%。其中云岭一中新校区于9月投入使用，可容纳学生2400人，"
    "配备教师186名，建成智慧教室48间，基本满足城区学生就近入学的需要。全县义务教育巩固率达到99.6%，学前三年毛入园率达到96.8%。"
)


def wrapped(text, columns):
    """Lines of so many columns, a Chinese character two, figures whole, no mark at the beginning of a line."""
    lines, width = [""], 0
    for ch in text:
        takes = 1 if ch.isascii() else 2
        joined = lines[-1][-1:].isascii() and ch.isascii() and lines[-1]
        if width + takes > columns and not joined and ch not in "，。":
            lines.append("")
            width = 0
        lines[-1] += ch
        width += takes
    return "\n".join(lines)


@pytest.mark.parametrize("columns", range(40, 72))
def test_a_wrapped_chinese_text_becomes_whole(columns):
    clean = clean_text(f"一、学校\n{wrapped(CHINESE, columns)}").text
    assert clean.replace("。\n", "。") == f"一、学校\n{CHINESE}"  # a whole sentence may end its line


@pytest.mark.parametrize("columns", [50, 72, 79])
def test_a_wrapped_english_text_becomes_whole_with_spaces(columns):
    text = f"Annual report\n\n{textwrap.fill(ENGLISH, columns)}\n"
    clean = clean_text(text)
    assert clean.text == f"Annual report\n\n{ENGLISH}"
    assert all(
        text[raw] == ch or (text[raw], ch) == ("\n", " ") for raw, ch in zip(clean.offsets, clean.text, strict=True)
    )


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"2030-01-{day:02} 12:00:00 INFO worker {day:02} has finished its job" for day in range(1, 20)),
        "\n".join(f"- item {n:02} of a list whose items are about as long" for n in range(20)),
        "\n".join(f"{n:02}. item of a list whose items are about as long as others" for n in range(20)),
        "Short lines\nof a poem\nstay apart\nas they are\nhere too",
        "\n".join(f"One whole sentence that is rather long is line {n}." for n in range(6)),
    ],
)
def test_rows_and_whole_lines_stay_apart(text):
    assert clean_text(text).text.count("\n") == text.strip().count("\n")
