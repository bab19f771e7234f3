"""Which text layers are writing, and which are what a font without a table of its characters makes."""

import random

import pytest

from rag.documents.load.scans.layer import faults_of_pages

CHINESE = (
    "全年新建学校十二所，新增学位三千四百个，完成投资一亿二千五百万元，同比增长百分之八。其中云岭一中新校区于九月投入使用，"
    "可容纳学生二千四百人，配备教师一百八十六名，建成智慧教室四十八间，基本满足城区学生就近入学的需要，义务教育巩固率达到百分之九十九点六。"
)
TRADITIONAL = (
    "全年新建學校十二所，新增學位三千四百個，完成投資一億二千五百萬元，同比增長百分之八。其中雲嶺一中新校區於九月投入使用，"
    "可容納學生二千四百人，配備教師一百八十六名，建成智慧教室四十八間，基本滿足城區學生就近入學的需要。"
)
CLASSICAL = (
    "臣亮言先帝创业未半而中道崩殂今天下三分益州疲弊此诚危急存亡之秋也然侍卫之臣不懈于内"
    "忠志之士忘身于外者盖追先帝之殊遇欲报之于陛下也"
)
ENGLISH = (
    "The county council built twelve new schools in the year under report and opened three more of them to the public "
    "before the summer began. Every school has a library, a canteen and a playground of its own. Teachers were hired "
    "in all towns and most villages of the county, and the number of pupils rose by eight per cent to 34,560. "
)
GERMAN = (
    "Die Stadt hat im vergangenen Jahr zwölf neue Schulen gebaut und dabei mehr als drei Milliarden Euro ausgegeben. "
    "Der Rat beschloss außerdem die Einstellung weiterer Lehrkräfte für die ländlichen Gebiete und Höfe."
)
RUSSIAN = "За прошедший год в городе построили двенадцать новых школ и приняли на работу учителей для сельских районов."
GREEK = "Η πόλη έχτισε δώδεκα νέα σχολεία κατά το προηγούμενο έτος και προσέλαβε δασκάλους για τα χωριά."
JAPANESE = "市は昨年度、新しい学校を十二校建設し、農村部の教員を増やすことを決定しました。図書館も整備されています。"
FIGURES = "\n".join(" ".join(f"{(row * 37 + column * 911) % 5000:,}" for column in range(6)) for row in range(25))
NAMES = "、".join(a + b for a in "王李张刘陈杨黄赵吴周" for b in ("建国", "秀英", "伟", "芳", "娜娜", "志强"))
PINYIN = (
    "quan nian xin jian xue xiao shi er suo xin zeng xue wei san qian si bai ge wan cheng tou zi yi yi er qian " * 3
)
CODES = "\n".join(f"GB/T {n}-2004 HTTP PDF XML SQL GDP CPI PMI {n * 7919}" for n in range(9700, 9730))
CONTENTS = "\n".join(f"第{n}章 总则 {'.' * 60} {n}" for n in "一二三四五六七八九")
GOOD = {name: text for name, text in globals().items() if name.isupper() and isinstance(text, str)}


def exchanged(text: str, seed: int) -> str:
    """The text as a font with another one's table says it: each character always another one."""
    characters = sorted({ch for ch in text if not ch.isspace()})
    others = list(characters)
    random.Random(seed).shuffle(others)
    return text.translate(str.maketrans(dict(zip(characters, others, strict=True))))


@pytest.mark.parametrize("name", sorted(GOOD))
def test_writing_of_any_kind_is_good(name):
    assert faults_of_pages([GOOD[name]]) == [""]


@pytest.mark.parametrize(
    "text", ["附件", "谢谢！", "Thank you", "- 12 -", "1", "表3 2023年各县学位（个）", "★ ● ■ √ × □"]
)
def test_a_short_page_is_good(text):
    assert faults_of_pages([text]) == [""]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", ["CHINESE", "TRADITIONAL", "ENGLISH"])
def test_exchanged_characters_are_gibberish(name, seed):
    assert faults_of_pages([exchanged(GOOD[name], seed)]) == ["gibberish"]


def glyph_numbers(text: str, first: int) -> str:
    """The text as numbers of glyphs in the order in which they come, from a first one on."""
    order = list(dict.fromkeys(text))
    return "".join(chr(first + order.index(ch)) for ch in text)


@pytest.mark.parametrize(
    "text",
    [
        glyph_numbers(CHINESE, 0xE000),  # private
        glyph_numbers(CHINESE, 0x01),  # controls
        glyph_numbers(CHINESE, 0xA1),  # signs of Latin-1
        glyph_numbers(CHINESE, 0x370),  # Greek, then Cyrillic
        glyph_numbers(CHINESE, 0x9000),  # Chinese in the order of the code
        "\ufffd" * 9,
        "表3 \ufffd\ufffd\ufffd\ufffd\ufffd\ufffd 2023",
        "".join(chr(ord(ch) - 29) if ch.isalnum() else ch for ch in ENGLISH),  # glyph numbers of a TrueType font
    ],
)
def test_numbers_of_glyphs_are_gibberish(text):
    assert faults_of_pages([text]) == ["gibberish"]


def test_a_private_sign_before_each_item_is_no_gibberish():
    assert faults_of_pages(["\n".join(f"\uf06c {CHINESE[n : n + 30]}" for n in range(9))]) == [""]


@pytest.mark.parametrize("text", ["", " \n\u3000\f"])
def test_a_page_without_characters_is_empty(text):
    assert faults_of_pages([text]) == ["empty"]


def test_a_bad_page_among_good_ones_is_told_alone():
    pages = [CHINESE, exchanged(CHINESE, 1), "附件", "", CHINESE]
    assert faults_of_pages(pages) == ["", "gibberish", "", "empty", ""]


def test_a_short_page_is_judged_by_the_others_of_its_file():
    assert faults_of_pages([exchanged(CHINESE, 1), "犄胁", exchanged(CHINESE, 1)]) == ["gibberish"] * 3
