"""The document list and the progress of uploads as HTML, without Gradio."""

import re
from dataclasses import replace

import pytest

from rag.documents.load import known_suffixes
from rag.errors import (
    CorpusIndexError,
    DiskFullError,
    DocumentEncodingError,
    DocumentFormatError,
    DocumentNotFoundError,
    IndexLockedError,
    IndexReadOnlyError,
    ModelError,
    PassageTooLongError,
)
from tests.support.hostile import HOSTILE
from tests.support.ui.rendering import Outline
from ui.documents.file_steps import OVER, FileStep, reason_of
from ui.documents.rows import DocumentRow
from ui.documents.view import (
    _KINDS,
    _WORDS,
    _kinds,
    render_confirmation,
    render_documents,
    render_note,
    render_rules,
    render_steps,
)
from ui.settings import load_page_config
from ui.text.escape import shown_text
from ui.text.words import LANGUAGES

ROW = DocumentRow(
    source="roads.txt",
    titles=("海州市2031年交通工作总结",),
    places=("海州",),
    years=(2030, 2031),
    date="2032-03-04",
    n_passages=1234,
    n_chars=56789,
    added_at="2032-05-06T07:08:09+00:00",
    notes=(),
    own=True,
    removable=True,
)
STEP = FileStep(2, "roads.txt", "embedding", 64, 200)
STAGES = ("waiting", "checking", "reading", "embedding", "storing", *sorted(OVER))
REASONS = (
    *("kind", "name", "size", "too_many", "twice", "gone", "name_taken", "name_alike", "name_shared", "name_exists"),
    *("format", "encoding", "passage", "locked", "read_only", "disk", "other", "not_yours", "nothing"),
)


def cells(html):
    """What stands in the table's cells, by their labels."""
    outline = Outline(html)
    return [attrs["data-label"] for tag, attrs in outline.tags if tag == "td"]


def test_a_row_tells_everything_that_is_known_of_a_document():
    html = render_documents([ROW], "en")
    for text in ("roads.txt", "海州市2031年交通工作总结", ">海州<", ">2030, 2031<", ">2032-03-04<"):
        assert text in html
    for text in (">1,234<", ">56,789<", ">2032-05-06 07:08<", '<span class="yj-documents-own">yours</span>'):
        assert text in html
    assert "<caption>Documents: 1, passages: 1,234</caption>" in html


def test_the_table_has_headed_rows_and_columns_and_each_cell_its_label_for_narrow_screens():
    outline = Outline(render_documents([ROW, replace(ROW, source="b.txt", own=False)], "zh"))
    scopes = [attrs["scope"] for tag, attrs in outline.tags if tag == "th"]
    assert scopes == ["col"] * 8 + ["row", "row"]
    assert cells(render_documents([ROW], "zh")) == [
        "标题",
        "地区",
        "年份",
        "发布日期",
        "段数",
        "字数",
        "收录时间（UTC）",
    ]
    roles = {tag: attrs.get("role") for tag, attrs in outline.tags}
    assert (roles["table"], roles["tr"], roles["td"]) == ("table", "row", "cell")


def test_what_is_not_known_is_a_dash_and_never_guessed():
    bare = replace(ROW, titles=(), places=(), years=(), date="", own=False)
    assert render_documents([bare], "en").count(">—<") == 4


def test_many_years_are_a_range_and_many_titles_are_folded():
    many = replace(ROW, years=(2028, 2029, 2030, 2031), titles=("一", "二", "三", "四", "五"))
    html = render_documents([many], "en")
    assert ">2028–2031<" in html
    assert "一<br>二<br>三<details><summary>2 more</summary>四<br>五</details>" in html


def test_without_documents_the_list_says_how_to_begin():
    assert "No documents yet. Drop files above" in render_documents([], "en")
    assert "还没有资料" in render_documents([], "zh")


def test_the_rules_name_the_limits_in_force_and_who_will_see_the_file(tmp_path):
    config = load_page_config({"YOUJU_HOME": str(tmp_path)}, max_file_bytes=2_500_000, max_upload_files=7)
    assert "each up to 2.5 MB, at most 7 at once. What you upload can be searched and seen by you alone." in (
        render_rules(config, "en", private=True)
    )
    assert "可以添加：Word、WPS 文字和 RTF 文档，" in render_rules(config, "zh", private=False)
    assert "ZIP archives of these; each up to" in render_rules(config, "en", private=False)
    assert f"</summary>{' '.join(known_suffixes())}</details>" in render_rules(config, "en", private=False)
    assert "Everyone who can open this page" in render_rules(config, "en", private=False)


def test_every_ending_that_is_read_has_its_kind_in_words():
    assert set(known_suffixes()) == set(" ".join(_KINDS.values()).split())
    assert len(_kinds("zh")) == len(_kinds("en")) == len(_KINDS)


def test_an_ending_that_another_package_brings_speaks_for_itself(monkeypatch):
    monkeypatch.setattr("ui.documents.view.known_suffixes", lambda: (".pdf", ".xyz"))
    assert _kinds("en") == ["PDF", ".xyz"]


def test_what_was_left_out_of_a_file_stays_with_it_in_the_list():
    html = render_documents([replace(ROW, notes=("A sheet is hidden: 附.", "<b>"))], "en")
    assert "<summary>Notes on reading (2)</summary>" in html
    told = '<li dir="auto">A sheet is hidden: 附.</li><li dir="auto">&lt;b&gt;</li>'
    assert f'<ul class="yj-documents-left-out" lang="en">{told}</ul>' in html
    assert "<details>" not in render_documents([ROW], "en")


# Progress


def test_each_file_shows_its_stage_and_how_far_it_is():
    html = render_steps([replace(STEP, number=1, stage="added", total=9), STEP], "en", n_files=3)
    assert "Added, 9 passages" in html
    assert "Indexing: 64 of 200 passages" in html
    assert '<progress max="200" value="64" aria-label="roads.txt"></progress>' in html
    assert '<p class="yj-upload-tally" role="status">1 of 3 files done, 0 not added</p>' in html
    assert html.count("role=") == 1  # figures that change all the time are not read out


def test_a_failure_is_counted_and_says_why_with_the_loaders_own_words():
    failed = FileStep(1, "a.txt", "failed", reason="format", detail="a.txt is a PNG picture, not text.")
    html = render_steps([failed], "zh", n_files=1)
    assert "1 / 1 个文件已处理，1 个未收录" in html
    assert "读不出文字" in html
    assert '<span class="yj-upload-said" lang="en" dir="auto">a.txt is a PNG picture, not text.</span>' in html


def test_what_was_left_out_of_a_file_is_told_as_soon_as_it_is_added():
    added = FileStep(1, "a.xlsx", "added", total=3, notes=("Pictures were left out: 2.",))
    html = render_steps([added], "zh", n_files=1)
    assert '<ul class="yj-documents-left-out" lang="en"><li dir="auto">Pictures were left out: 2.</li></ul>' in html


def test_a_limit_or_another_name_stands_in_the_sentence_that_speaks_of_it():
    assert "the limit is 50 MB" in render_steps(
        [FileStep(1, "a.txt", "failed", reason="size", detail="50 MB")], "en", n_files=1
    )
    assert "nearly the same name: B.txt." in render_steps(
        [FileStep(1, "b.txt", "failed", reason="name_alike", detail="B.txt")], "en", n_files=1
    )


def test_a_name_that_had_to_change_is_told():
    html = render_steps([replace(STEP, name="CON.txt", source="_CON.txt", stage="added")], "en", n_files=1)
    assert "CON.txt" in html
    assert "added as _CON.txt" in html


def test_a_rebuild_has_a_name_and_speaks_for_itself():
    html = render_steps([FileStep(1, "", "waiting")], "en")
    assert ">Re-indexing<" in html
    assert 'role="status">Another upload is being worked on' in html


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_stage_and_every_reason_has_its_words(lang):
    stages = [render_steps([replace(STEP, stage=stage)], lang) for stage in STAGES]
    reasons = [render_steps([replace(STEP, stage="failed", reason=reason)], lang) for reason in REASONS]
    assert len(set(stages)) == len(STAGES)
    assert len(set(reasons)) == len(REASONS)
    assert "{" not in "".join(stages + reasons)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DocumentEncodingError, "encoding"),
        (PassageTooLongError, "passage"),
        (DocumentFormatError, "format"),
        (DocumentNotFoundError, "format"),
        (IndexLockedError, "locked"),
        (IndexReadOnlyError, "read_only"),
        (DiskFullError, "disk"),
        (CorpusIndexError, "other"),
        (ModelError, "other"),
    ],
)
def test_an_error_has_the_words_of_its_kind(error, reason):
    assert reason_of(error("x")) == reason


def test_words_stand_in_both_languages_with_the_same_fields():
    keys = _WORDS.keys()
    fields = {key: [set(re.findall(r"{\w+}", _WORDS.say(key, lang))) for lang in LANGUAGES] for key in keys}
    assert {key for key, (zh, en) in fields.items() if zh != en} == set()


# Hostile names


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: ascii(text)[:40])
def test_hostile_text_stays_text(hostile):
    row = replace(ROW, source=hostile, titles=(hostile,) * 5, places=(hostile,), date=hostile, added_at=hostile)
    row = replace(row, notes=(hostile,))
    steps = [
        FileStep(4, "d.txt", "added", total=1, notes=(hostile,)),
        FileStep(1, hostile, "embedding", 1, 2, source="b.txt"),
        FileStep(2, hostile, "failed", source=hostile, reason="format", detail=hostile),
        FileStep(3, "c.txt", "failed", reason="name_alike", detail=hostile),
    ]
    shown = (
        render_documents([row], "zh")
        + render_steps(steps, "en", n_files=3)
        + render_confirmation([hostile], "en")
        + render_note(hostile)
    )
    outline = Outline(shown)
    ours = "table caption thead tbody tr th td span details summary br section p ol ul li progress div".split()
    names = "class role scope dir data-label data-stage aria-label max value lang".split()
    assert {tag for tag, _ in outline.tags} <= set(ours)
    assert {name for _, attrs in outline.tags for name in attrs} <= set(names)
    assert not set(shown) & set("\x00\r\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ud800")
    shown.encode("utf-8")


def test_a_name_in_a_plain_list_is_shown_as_it_is_without_what_is_not_seen():
    assert shown_text("<b>&amp;\u202egnp.txt") == "<b>&amp;gnp.txt"
