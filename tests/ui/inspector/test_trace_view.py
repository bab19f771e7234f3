"""The look inside as HTML: what is shown, where it leads, and that nothing in it runs."""

import re
from dataclasses import fields, is_dataclass, replace
from enum import StrEnum

import pytest

from rag.config import load_config
from rag.errors import ModelError
from rag.index.ingest import index_paths
from rag.pipeline import Pipeline
from rag.schema.answers import Problem, Withheld
from rag.trace.collect import trace
from rag.trace.wording import FEATURE_WORDS, WORDING
from tests.support.fakes import HashingEncoder, QuotingGenerator, ScriptedGenerator, ScriptedReader
from tests.support.hostile import HOSTILE
from tests.support.scoring import IN_SCOPE
from tests.support.ui.rendering import Outline
from ui.inspector.view import render_trace
from ui.inspector.words import WORDS, problem_words
from ui.text.words import LANGUAGES

TEXT = (
    "海州市2031年教育工作总结\n\n一、学校建设\n2031年，海州市新建学校12所，改扩建学校30所。\n\n"
    "二、教师队伍\n全市招聘教师1068名，其中乡村教师400名。\n"
)
SAID = "2031年，海州市新建学校12所，改扩建学校30所。"
ASKED = "海州市2031年新建学校多少所？"
TWO = "海州市2031年新建学校多少所，招聘教师多少名？"


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    where = tmp_path_factory.mktemp("trace")
    (where / "schools.txt").write_text(TEXT, encoding="utf-8")
    config = load_config({"YOUJU_HOME": str(where / "home")})
    index_paths(config, [where / "schools.txt"], encoder=HashingEncoder())
    return config


ABSENT = ScriptedReader()


def absent():
    raise ModelError("There is no reader for this encoder.")


@pytest.fixture(scope="module")
def traced(config):
    """Traces a question over the index, with stand-ins for the models and other settings where they are told."""

    def make(question=TWO, *, generator=None, reader=None, **settings):
        pipeline = Pipeline.open(
            config.replace(**settings),
            encoder=HashingEncoder,
            generator=lambda: generator or QuotingGenerator(),
            reader=absent if reader is ABSENT else lambda: reader or ScriptedReader({"12所": 3.0, "1068名": 2.9}),
            scorer=IN_SCOPE,
        )
        return trace(pipeline, question)

    return make


def part(html, name):
    """One part of the page, from its summary to the next one's."""
    return html.split(f'data-part="{name}"')[1].split('class="yj-trace-part"')[0]


def text_of(html):
    return re.sub(r"<[^>]*>", "", html)


def attributes(html, name):
    return [attrs[name] for _, attrs in Outline(html).tags if name in attrs]


# What is shown


@pytest.mark.parametrize(("lang", "titles"), [("en", "The question"), ("zh", "问题")])
def test_the_parts_stand_in_the_order_of_the_way(traced, lang, titles):
    html = render_trace(traced(), lang=lang)
    order = ["question", "passages", "evidence", "reader", "prompt", "decision", "answer", "timings"]
    assert attributes(html, "data-part") == order
    assert f"<summary>{titles}</summary>" in html


def test_a_language_says_nothing_in_the_other_one(traced):
    html = render_trace(traced(ASKED), lang="en")
    own = text_of(re.sub(r'<(pre|q|p|th|button)[^>]*dir="auto"[^>]*>.*?</\1>', "", html, flags=re.DOTALL))
    own = own.replace(ASKED, "")  # in the caption of what was read
    assert set(re.findall(r"[\u4e00-\u9fff]+", own)) == {"海州市"}


def test_hits_are_told_with_both_ranks_and_what_became_of_them(traced):
    told = traced(ASKED)
    rows = part(render_trace(told, lang="en"), "passages").split("<tr ")[1:]
    assert len(rows) == len(told.looked) == 3
    for row, one in zip(rows, told.looked, strict=True):
        assert f'<th scope="row">{one.hit.rank}</th>' in row
        assert f"<td>{one.hit.score:.4f}</td>" in row
        assert f"#{one.hit.dense_rank}, {one.hit.dense_score:.3f}" in row
        assert "read as " in row
    assert "tokens read" in render_trace(told, lang="en")


def test_where_several_wordings_were_searched_a_hit_tells_by_which_it_was_found(traced):
    told = traced(TWO)
    html = part(render_trace(told, lang="en"), "passages")
    for one in told.looked:
        assert f"<small>found by “{one.hit.wording}”</small>" in html


def test_what_did_not_fit_is_told_with_its_cost(traced):
    told = traced(reader=ABSENT, evidence_tokens=70)
    (left, *_) = [one.choice for one in told.looked if one.choice.outcome == "over_budget"]
    html = render_trace(told, lang="zh")
    assert f"未入选：需 {left.n_tokens} 词元，只剩 {left.left_tokens}" in html
    assert 'data-read="false"' in html


def test_each_sentence_of_the_evidence_leads_to_its_place_and_says_why_it_is_read(traced):
    told = traced("概括海州市2031年教师队伍的主要内容。")
    html = part(render_trace(told, lang="en"), "evidence")
    places = zip(attributes(html, "data-yj-start"), attributes(html, "data-yj-end"), strict=True)
    assert [TEXT[int(start) : int(end)] for start, end in places] == [e.text for e in told.found.evidence]
    assert set(attributes(html, "data-yj-source")) == {"schools.txt"}
    row = next(row for row in html.split("<tr>") if "招聘教师" in row)
    assert "the question names its section, whose passages come first<br>ranks 1" in row


def test_the_likeliest_span_is_marked_in_its_sentence_with_its_probability_and_what_made_it(traced):
    html = part(render_trace(traced(ASKED, reader=ScriptedReader({"12所": 3.0})), lang="en"), "reader")
    assert f"Read as “{ASKED}”: probability 0.953, shown from 0.300" in html
    assert "新建学校<mark>12所</mark>，" in html
    first, *rest = html.split("<tr>")[2:]
    assert re.findall(r"<td>([^<]*)</td>", first)[:2] == ["0.953", "3.00"]
    assert "same place<br>same year" in " ".join(first.split()).replace(" <br>", "<br>").replace("<br> ", "<br>")
    assert "<div>reader's score +3.00 <small>0.30 × 10.00</small></div>" in first
    assert any("<td>no span</td>" in row for row in rest)


def test_of_a_sentence_elsewhere_it_is_told_what_that_took_from_it(traced):
    html = part(render_trace(traced("临川县2031年新建学校多少所？"), lang="zh"), "reader")
    first = html.split("<tr>")[2]
    assert "其他地点" in first
    assert "<div>其他地点 -16.00 <small>1.00 × -16.00</small></div>" in first


def test_without_a_place_or_year_in_the_question_the_relation_is_not_known(traced):
    html = part(render_trace(traced("新建学校多少所？"), lang="en"), "reader")
    assert "not known" in html.split("<tr>")[2]


def test_the_prompt_the_reply_and_each_check_are_shown(traced):
    reply = "2031年，海州市新建学校13所。海州市新建学校12所。"
    html = part(render_trace(traced(generator=ScriptedGenerator([reply])), lang="zh"), "prompt")
    assert f"【问题】{TWO}</pre>" in html
    assert f'<pre dir="auto">{reply}</pre>' in html
    wrong, right = html.split("<tr>")[2:]
    assert "不予显示：数字不在所引原文中: 13" in wrong
    assert "有依据" in right


def test_a_refusing_reply_is_told_to_be_one(traced):
    html = render_trace(traced(generator=ScriptedGenerator(["资料中没有提到。"])), lang="en")
    assert "The reply says that the evidence lacks the answer." in html


def test_the_decision_is_told_with_its_reason(traced):
    html = part(render_trace(traced(), lang="en"), "decision")
    why = "the generator's text leaves out, or changes, what the quotation says"  # our own words need no escape
    assert f"<li>the quotation is shown, because {why}</li>" in html


def test_small_talk_has_a_question_a_decision_and_an_answer(traced):
    html = render_trace(traced("你好！"), lang="zh")
    assert attributes(html, "data-part") == ["question", "decision", "answer", "timings"]
    assert "寒暄，不检索" in html


# For every reader


def test_tables_have_captions_and_headers_with_scopes(traced):
    html = render_trace(traced(), lang="zh")
    tables = re.findall(r"<table>.*?</table>", html, re.DOTALL)
    assert len(tables) == 6
    for table in tables:
        assert re.search("<caption[^>]*>[^<]+</caption>", table)
        heads = re.findall(r"<th[ >][^>]*", table)
        assert heads
        assert all('scope="col"' in head or 'scope="row"' in head for head in heads)
        columns = len(re.findall(r'<th scope="col">', table))
        for row in re.findall(r"<tr[ >].*?</tr>", table.split("<tbody>")[1], re.DOTALL):
            assert len(re.findall(r"<t[hd][ >]", row)) == columns
    assert html.count('role="region" tabindex="0" aria-label="') == len(tables)


def test_every_tag_is_closed(traced):
    html = render_trace(traced(), lang="en")
    for tag in ("details", "summary", "table", "tr", "td", "th", "button", "p", "pre", "dl", "div", "article"):
        assert len(re.findall(rf"<{tag}[ >]", html)) == html.count(f"</{tag}>"), tag


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_has_words(traced, lang):
    for code in WORDING:
        assert WORDS.say(code, lang)
    for name in FEATURE_WORDS:
        assert WORDS.say(f"feature_{name}", lang)
    for what, _ in traced().moments:
        assert WORDS.say(f"step_{what}", lang)


def test_a_reason_for_withholding_is_told_with_its_figures():
    assert problem_words(Withheld(Problem.YEAR, ("2029", "2030")), "zh") == "年份与所引原文不符: 2029、2030"
    assert problem_words(Withheld(Problem.NOTHING_CITED), "en") == "nothing cited"


# Hostile text


def poisoned(value, poison):
    """The same with every text in it replaced; codes and numbers stay."""
    if isinstance(value, StrEnum):
        return value
    if isinstance(value, str):
        kept = {"system", "user", "assistant", "answer", "quotes", "asked", "other", ""}
        return value if value in kept else poison
    if isinstance(value, tuple):
        return tuple(poisoned(item, poison) for item in value)
    if is_dataclass(value):
        changed = {each.name: poisoned(getattr(value, each.name), poison) for each in fields(value)}
        return replace(value, **changed)
    return value


@pytest.fixture(scope="module")
def untouched(traced):
    return traced(generator=ScriptedGenerator(["2031年，海州市新建学校13所。海州市新建学校12所。"]))


@pytest.mark.parametrize("poison", HOSTILE)
def test_hostile_text_is_shown_and_does_nothing(untouched, poison):
    html = render_trace(poisoned(untouched, poison), lang="en")
    harmless = render_trace(poisoned(untouched, "某"), lang="en")

    def bones(page):
        kept = {"class", "data-part", "scope", "role", "tabindex", "type", "dir", "open", "data-read"}
        return [
            (tag, sorted(attrs), {k: v for k, v in attrs.items() if k in kept}) for tag, attrs in Outline(page).tags
        ]

    without_marks = [bone for bone in bones(html) if bone[0] != "mark"]
    assert without_marks == [bone for bone in bones(harmless) if bone[0] != "mark"]
    assert {tag for tag, _ in Outline(html).tags} <= {tag for tag, _ in Outline(harmless).tags} | {"mark"}
