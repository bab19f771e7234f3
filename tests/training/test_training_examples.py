"""What the reader is trained on: whatever is drawn, a heading says what it is told to, and a label is true."""

import re
import unicodedata
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import training.examples
from rag.text.places import place_stem
from rag.text.years import find_years
from tests.support.rag.training_questions import PLACES, QUESTIONS, a_maker
from training.data import Question
from training.dress import join_questions
from training.falsify import other_attribute, other_thing
from training.headings import Setting, ask_within, draw_setting, exchange, find_places, heading_of
from training.notations import vary
from training.recipe import KINDS, Example

HAN_DIGITS = str.maketrans("〇一二三四五六七八九", "0123456789")


def plain(text: str) -> str:
    """The same for every notation of digits."""
    return unicodedata.normalize("NFKC", text).translate(HAN_DIGITS)


def without_marks(text: str) -> str:
    return re.sub("[，；。,;]", "", plain(text))


def make(kind: str, *, n_passes: int = 12, **how: Any) -> list[Example]:
    """The examples of one kind, of several passes."""
    maker = a_maker({kind: 1.0}, **how)
    return [example for n_pass in range(n_passes) for example in maker.make(n_pass)]


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Setting, str]]:
    """The setting that each question was made to name, and what of it; in the order of the examples."""
    seen: list[tuple[Setting, str]] = []

    def ask(text: str, lang: str, setting: Setting, naming: str, rng: Random) -> str:
        seen.append((setting, naming))
        return ask_within(text, lang, setting, naming, rng)

    monkeypatch.setattr(training.examples, "ask_within", ask)
    return seen


# --- headings


@pytest.mark.parametrize("naming", ["place", "year", "both"])
def test_another_setting_is_another_in_what_the_question_names(naming: str) -> None:
    for seed in range(400):
        rng = Random(seed)
        setting = draw_setting(rng, PLACES)
        other = exchange(setting, naming, rng, PLACES)
        changed = {"place": other.place != setting.place, "year": other.year != setting.year}
        assert sum(changed.values()) == 1
        assert naming == "both" or changed[naming]
        if changed["place"]:
            assert place_stem(other.place) not in setting.place
            assert place_stem(setting.place) not in other.place


@pytest.mark.parametrize(("lang", "place"), [("zh", "云岭"), ("ja", "云岭"), ("en", "Yunling"), ("ko", "Yunling")])
@pytest.mark.parametrize("naming", ["place", "year", "both"])
def test_a_question_names_what_it_is_told_to_and_nothing_else(lang: str, place: str, naming: str) -> None:
    setting = Setting("云岭县", "水利局", 2031)
    for seed in range(60):
        asked = ask_within("Q12?", lang, setting, naming, Random(seed))
        assert "Q12?" in asked
        assert (place in asked) == (naming != "year")
        assert ("2031" in asked) == (naming != "place")


@pytest.mark.parametrize("lang", ["zh", "en", "ja"])
@pytest.mark.parametrize("in_section", [False, True])
def test_a_heading_tells_its_place_and_year(in_section: bool, lang: str) -> None:
    n_others = 0
    for seed in range(300):
        setting = draw_setting(Random(seed), PLACES, lang)
        heading = heading_of(setting, Random(seed), year_in_section=in_section)
        assert setting.place in heading
        assert str(setting.year) in heading
        assert (re.search("[\u4e00-\u9fff]", heading) is None) == (lang == "en")
        if in_section:
            assert str(setting.year) in heading.partition(" > ")[2]
        named = {int(year) for year in re.findall(r"\d{4}", heading.partition(" > ")[0])}
        n_others += bool(named - {setting.year, setting.year + 1})
    assert (n_others > 0) == in_section, "only where the section has the year does the title tell another"


def test_headings_depend_on_what_is_drawn_alone() -> None:
    def drawn(seed: int) -> list[object]:
        rng = Random(seed)
        setting = draw_setting(rng, PLACES)
        return [setting, heading_of(setting, rng), exchange(setting, "both", rng, PLACES)]

    assert drawn(3) == drawn(3)
    assert len({str(drawn(seed)) for seed in range(50)}) == 50


def test_places_are_those_mentioned_three_times_and_without_any_they_are_invented() -> None:
    assert find_places(["他到了上海。", "上海很大，北京也大。", "上海"]) == ["上海"]
    assert all(len(draw_setting(Random(seed), []).place) >= 3 for seed in range(20))


# --- questions made false

TOLD = {  # a sentence, and what it tells
    "工程于2003年动工。": {"when", "figure"},
    "大桥位于河东路。": {"where"},
    "参加者共480人。": {"figure", "人"},
    "面积为56公里。": {"figure", "公里"},
    "设计者是林川。": set(),
}
ATTRIBUTES = {"什么时候": "when", "在哪里": "where", "多少钱": "figure", "有多少人": "figure", "百分之几": "figure"}
TEXTS = st.lists(st.sampled_from(list(TOLD)), min_size=1, unique=True)
WORDS = st.sampled_from(["什么时候", "在哪里", "谁", "多少人", "几公里"])


@given(TEXTS, WORDS, st.integers(0, 999))
@settings(deadline=None)
def test_what_is_asked_for_instead_is_not_told(sentences: list[str], word: str, seed: int) -> None:
    text = "".join(sentences)
    changed = other_attribute(f"这项工程{word}完成？", text, Random(seed))
    if changed is None:
        return
    told = set().union(*(TOLD[sentence] for sentence in sentences))
    new = changed.removeprefix("这项工程").removesuffix("完成？")
    assert new != word
    if word in ("多少人", "几公里"):
        unit = re.sub("^(?:百分之多少|多少万?|几)", "", new)
        assert unit != new
        assert not unit or unit not in text
    else:
        assert {what for words, what in ATTRIBUTES.items() if words in new} - told


def test_a_text_that_tells_all_leaves_nothing_else_to_ask_for() -> None:
    text = "".join(TOLD)
    assert all(other_attribute("设计者是谁？", text, Random(seed)) is None for seed in range(30))
    assert other_attribute("为什么修桥？", "设计者是林川。", Random(0)) is None
    every_unit = "人名个位座所万元公里米岁年次吨项家套台亩天小时平方公里"
    assert all(other_attribute("有多少人？", every_unit, Random(seed)) is None for seed in range(30))


THINGS = (
    "1987年 1994年 2001年|《旧志》 《纪行》 《别集》|“渡” “长虹” “卧”|Delta Yunling Q2|18 25 31|第三 第四 第六".split(
        "|"
    )
)


@pytest.mark.parametrize("names", THINGS)
def test_another_thing_is_one_of_which_the_text_says_nothing(names: str) -> None:
    name, second, third = names.split()

    def asked(*mentioned: str) -> set[str | None]:
        text, others = f"{'、'.join(mentioned)}都在这里。", [f"{other}是谁的？" for other in names.split()]
        return {other_thing(f"谁看见了{name}？", text, others, Random(seed)) for seed in range(30)}

    assert asked(name) == {f"谁看见了{second}？", f"谁看见了{third}？"}
    assert asked(name, second) == {f"谁看见了{third}？"}
    assert asked(second) == {None}, "the text may mean the same thing by another name"


def test_in_english_only_what_has_a_capital_is_a_name() -> None:
    text, others = "Delta opened the new bridge.", ["Who owns Yunling?", "who owns the harbour?"]
    asked = {other_thing("When did Delta open the bridge?", text, others, Random(n), lang="en") for n in range(20)}
    assert asked == {"When did Yunling open the bridge?"}
    assert other_thing("When was it opened?", text, others, Random(0), lang="en") is None


def test_a_question_about_a_number_without_rivals_asks_about_a_number_close_by() -> None:
    found = {other_thing("谁在1987年开馆？", "1987年开馆，1988年扩建。", [], Random(seed)) for seed in range(60)}
    years = {int(re.sub(r"\D", "", changed)) for changed in found if changed}
    assert years == {1984, 1985, 1986, 1989, 1990, 1997}
    assert None not in found, "1988, of which the text tells, is not drawn"


# --- examples


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda q: q.text)
def test_a_found_span_is_an_accepted_answer(asked: Question) -> None:
    examples = make("found", of=[asked])
    assert len(examples) == 12
    for example in examples:
        spans = [plain(example.text[start:end]) for start, end in example.spans]
        assert spans == [plain(text) for text, _ in asked.answers]
        assert without_marks(example.text) in without_marks(asked.context)


def test_sentences_strung_together_keep_their_length_and_their_last_mark() -> None:
    long = {example.text for example in make("found", long_sentences=1.0, n_passes=30)}
    assert all(text.count("。") + text.count("；") <= text.count("；") + 1 for text in long)
    assert all(text[-1] in "。；" and "。" not in text[:-1] for text in long)
    assert {example.text for example in make("found", long_sentences=0.0)} != long


def test_several_spans_are_the_answers_of_both_questions() -> None:
    examples = make("several")
    assert len(examples) > 20
    for example in examples:
        parts = {plain(example.text[start:end]) for start, end in example.spans}
        assert parts <= {plain(q.answers[0][0]) for q in QUESTIONS}
        assert (len(parts), example.several) == (2, True)


@pytest.mark.parametrize("asked", [q for q in QUESTIONS if re.search(r"\d", q.answers[0][0])], ids=lambda q: q.text)
def test_of_two_like_sentences_the_one_that_is_named_answers(asked: Question, named: list[tuple[Setting, str]]) -> None:
    examples = make("twin", of=[asked], n_passes=30)
    assert len(examples) == len(named)
    assert {bool(example.spans) for example in examples} == {True, False}
    for example, (setting, naming) in zip(examples, named, strict=True):
        text = plain(example.text)
        names = [setting.place] * (naming != "year") + [str(setting.year)] * (naming != "place")
        assert all(name in text for name in names) == bool(example.spans)
        for start, end in example.spans:
            assert plain(example.text[start:end]) == plain(asked.answers[0][0])
            assert max(text.index(name) for name in names) < start, "it stands behind what names it"


@pytest.mark.parametrize("kind", ["without", "retrieved"])
def test_a_window_without_the_answer_does_not_hold_it(kind: str) -> None:
    for asked in QUESTIONS:
        for example in make(kind, of=[asked]):
            assert (example.kind, example.spans) == (kind, ())
            assert not any(plain(text) in plain(example.text) for text, _ in asked.answers)
            assert (plain(example.text) in plain(asked.context)) == (kind == "without")


def test_a_question_without_an_answer_yields_windows_of_its_paragraph_alone() -> None:
    asked = Question("none", "谁写了碑文？", QUESTIONS[0].context, "none", (), "", "")
    groups = a_maker(dict.fromkeys(KINDS, 1.0), of=[asked]).make_groups(0)
    assert [{(example.kind, example.spans) for example in group} for group in groups] == [
        {("without", ()), ("retrieved", ())}
    ]


def test_the_windows_of_a_group_are_asked_the_same_where_they_are_to_be_ranked() -> None:
    counts = {"found": 1.0, "without": 1.0, "retrieved": 1.0}
    groups = [group for n in range(6) for group in a_maker(counts, translated=0.0).make_groups(n)]
    assert len(groups) == 6 * len(QUESTIONS)
    for group in groups:
        assert [example.kind for example in group] == list(counts)
        named = [set(find_years(plain(example.question))) for example in group]
        assert named[0] == named[1] == named[2], "all of them name the year, or none"


@pytest.mark.parametrize(("lang", "joined"), [("en", "How long and how wide?"), ("ja", "長さは")])
def test_two_questions_are_joined_in_their_language(lang: str, joined: str) -> None:
    pair = {"en": ("How long?", "How wide?"), "ja": ("長さは？", "幅は？")}[lang]
    for seed in range(10):
        made = join_questions(*pair, lang, Random(seed))
        assert made.startswith(joined)
        assert made.endswith(pair[1][1:])


@pytest.mark.parametrize("kind", ["scope", "attribute", "thing"])
def test_what_does_not_answer_has_no_span(kind: str) -> None:
    examples = make(kind)
    assert len(examples) > 5
    assert {(example.kind, example.spans) for example in examples} == {(kind, ())}


def test_a_heading_out_of_scope_is_not_of_the_place_and_year_asked_for(named: list[tuple[Setting, str]]) -> None:
    examples = make("scope", n_passes=60)
    assert len(examples) == len(named) == 480
    for example, (setting, naming) in zip(examples, named, strict=True):
        heading = plain(example.heading)
        of_place = naming == "year" or setting.place in heading
        of_year = naming == "place" or set(find_years(heading)) == {setting.year}  # another year beside it will do
        assert not (of_place and of_year), (naming, setting, heading)


def test_the_same_seed_and_pass_give_the_same_examples() -> None:
    counts = dict.fromkeys(KINDS, 1.0)
    examples = a_maker(counts).make(0)
    assert examples == a_maker(counts).make(0)
    assert examples != a_maker(counts).make(1)
    assert examples != a_maker(counts, seed=8).make(0)


@pytest.mark.parametrize("left_out", KINDS)
def test_a_kind_of_count_0_never_occurs_and_every_other_does(left_out: str) -> None:
    maker = a_maker(dict.fromkeys(KINDS, 1.0) | {left_out: 0.0})
    kinds = {example.kind for n_pass in range(8) for example in maker.make(n_pass)}
    assert kinds == set(KINDS) - {left_out}


def test_a_translated_question_is_asked_in_its_language() -> None:
    asked = QUESTIONS[0]
    translations = {asked.id: ("en", "Who built it?")}
    maker = a_maker({"found": 1.0}, of=[asked], translations=translations, translated=1.0, headings=1.0, named=1.0)
    for example in (example for n_pass in range(20) for example in maker.make(n_pass)):
        assert re.fullmatch(r"[^\u4e00-\u9fff]*Who built it\?[^\u4e00-\u9fff]*", example.question)


def test_a_window_of_a_long_paragraph_is_cut_at_sentences_around_the_answer() -> None:
    far = "这是一句离答案很远的话，说的是别的事情。" * 40
    context = f"{far}桥长640米。{far}"
    long = Question("long", "桥长多少？", context, "long", (("640米", context.index("640米")),), "", "")
    windows = [example.text for example in make("found", of=[long], whole=1.0)]
    assert all("桥长" in text and 300 < len(text) <= 420 and text[0] in "这桥" and text[-1] == "。" for text in windows)
    unbroken = context.replace("。", "，")
    endless = Question("endless", "桥长多少？", unbroken, "endless", long.answers, "", "")
    assert make("found", of=[endless]) == []


def test_other_notations_of_digits_keep_length_and_spans() -> None:
    text = "2003年建了7个桥墩，耗资640万元。"
    example = Example("2003年建了几个桥墩？", "2003年总结", text, ((7, 9),), "found")
    seen = set()
    for seed in range(400):
        varied = vary(example, Random(seed))
        assert varied.spans == example.spans
        for field in ("question", "heading", "text"):
            assert len(getattr(varied, field)) == len(getattr(example, field))
            assert plain(getattr(varied, field)) == plain(getattr(example, field))
            seen.add(getattr(varied, field))
    assert {"２００３年建了７个桥墩，耗资６４０万元。", "二〇〇三年建了七个桥墩，耗资640万元。"} <= seen
    assert {"二〇〇三年总结", "二〇〇三年建了几个桥墩？", "２００３年建了几个桥墩？"} <= seen
