import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from rag.schema.answers import Answer, AnswerSentence, Citation, Timings
from rag.schema.search import Evidence
from rag.text.markers import whole_markers
from ui.chat.exchange_view import render_exchange
from ui.exchange import Exchange
from ui.text.escape import escape, mark_spans

TITLE, HEADING = "某市2019年总结", ("一、回顾", "（一）条件")
FIRST = Evidence(1, "全市新增学位4.07万个。", "a.txt", TITLE, "某市", (2019,), HEADING, 100, 112, 1.0)
SECOND = replace(
    FIRST, number=2, text="录取率90.21%。", heading=("一、回顾", "（二）质量"), start=200, end=209, score=3.0
)
THIRD = replace(FIRST, number=3, text="下降67%。", start=300, end=306, score=2.0)
FOURTH = replace(FIRST, number=4, text="取缔47台。", start=400, end=406, score=0.5)
CITED = Citation(1, "a.txt", TITLE, ("一、回顾", "（二）质量"), 200, 209, "录取率90.21%。")

HOSTILE = "<script>\"'&lt;</mark></a><b onclick=x>&amp;[1]"


OPEN = "打开原文"  # below every card


def rendered(exchange, lang="zh"):
    """An exchange without the buttons below it, which test_actions has."""
    return re.sub(r'<div class="yj-actions".*?</div>', "", render_exchange(exchange, lang), flags=re.DOTALL)


def answer(**changes):
    question, sentences = "录取率是多少？", (AnswerSentence("录取率是90.21%。", (1,)),)
    whole = Answer(
        question=question,
        query=question,
        sentences=sentences,
        citations=(CITED,),
        abstained=False,
        evidence=(FIRST, SECOND),
    )
    return replace(whole, **{"timings": Timings(0.1, 1.0, 3.2), **changes})


def done(**changes):
    given = answer(**changes)
    return rendered(
        Exchange(2, given.question, "done", seconds=3.2, query=given.query, evidence=given.evidence, answer=given)
    )


def shown(stage, *, spans=((3, 9),), confidence=0.93, quoted=None, **changes):
    """An exchange with a quotation of the second sentence, whose own number is 1."""
    sentence = AnswerSentence("录取率90.21%。", (1,), spans=spans)
    given = quoted or answer(sentences=(sentence,), confidence=confidence)
    return rendered(Exchange(2, "问", stage, evidence=(FIRST, SECOND), quoted=given, **changes))


def links_and_ids(html):
    tags = Outline(html).tags
    return [attrs["href"] for _, attrs in tags if "href" in attrs], [attrs["id"] for _, attrs in tags if "id" in attrs]


class Outline(HTMLParser):
    """Tags with their attributes, and all text, as a browser would see them."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(str(html))  # HTML of ours would escape what a parser puts in front of it
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return "".join(self.texts)


def test_a_cited_answer_is_rendered_whole(golden):
    golden("answer.html", done().replace("><", ">\n<") + "\n")


def test_every_link_leads_to_a_card_that_exists_once():
    two = (AnswerSentence("甲。", (1, 2)), AnswerSentence("乙。", (2,)))
    tags = Outline(done(sentences=two, citations=(CITED, replace(CITED, marker=2, start=100, end=112)))).tags
    assert [attrs["href"] for tag, attrs in tags if tag == "a"] == ["#t2-s1", "#t2-s2", "#t2-s2"]
    assert [attrs["id"] for _, attrs in tags if "id" in attrs] == ["t2", "t2-s1", "t2-s2"]


def test_a_marker_without_citation_is_dropped():
    html = done(sentences=(AnswerSentence("甲。", (1, 7)),))
    assert "[1]</a>" in html
    assert "7" not in Outline(html).text.replace("90.21", "").replace("4.07", "")


def test_sentences_are_joined_as_the_answer_joins_them():
    english = (AnswerSentence("It is 90.", (1,)), AnswerSentence("Yes.", ()))
    html = done(sentences=english)
    assert "It is 90.[1] Yes." in Outline(html).text
    assert answer(sentences=english).text == "It is 90.[1] Yes."
    chinese = (AnswerSentence("是90。", (1,)), AnswerSentence("对。", ()))
    assert "是90。[1]对。" in Outline(done(sentences=chinese)).text


def test_notes_stand_under_the_answer():
    html = done(notes=("有1句未显示。",))
    assert '<p class="yj-note" dir="auto">有1句未显示。</p>' in html


def test_an_abstention_says_so_and_shows_the_three_closest_first():
    html = done(sentences=(), citations=(), abstained=True, reason="没有写。", evidence=(FIRST, SECOND, THIRD, FOURTH))
    text = Outline(html).text
    assert '<p class="yj-abstained-title">资料中没有找到依据</p><p dir="auto">没有写。</p>' in html
    order = [text.index(item.text) for item in (SECOND, THIRD, FIRST, FOURTH)]
    assert order == sorted(order)
    assert text.index("另有 1 句") < text.index(FOURTH.text)
    assert text.index("另有 1 句") > text.index(FIRST.text)
    assert "最接近的原文" in text
    assert "<a " not in html


def test_an_abstention_without_evidence_has_no_sources():
    html = done(sentences=(), citations=(), abstained=True, reason="没有写。", evidence=())
    assert "<aside" not in html


def test_an_error_is_shown_instead_of_an_answer():
    html = rendered(Exchange(1, "问？", "failed", error="内存不足 <b>。"))
    assert '<div class="yj-error" role="alert" dir="auto">内存不足 &lt;b&gt;。</div>' in html
    assert "没有完成" in html
    assert "yj-text" not in html


def test_an_answer_that_carries_an_error_shows_it():
    assert "模型停了" in Outline(done(error="模型停了", sentences=(), citations=())).text


def test_sources_are_shown_before_the_first_token():
    html = rendered(Exchange(1, "问？", "reading", seconds=0.4, evidence=(FIRST, SECOND)))
    assert [attrs["id"] for tag, attrs in Outline(html).tags if tag == "li"] == ["t1-s1", "t1-s2"]
    assert "正在阅读 2 句原文" in html
    assert "yj-text" not in html


def test_the_english_page_speaks_english():
    text = Outline(rendered(Exchange(1, "q?", "reading", evidence=(FIRST,)), "en")).text
    assert text.startswith("q?Reading what was found (1) 0.0 sSources[1] ")
    assert "Not in the documents" in rendered(Exchange(1, "q?", "done", answer=answer(abstained=True)), "en")
    assert "in line" in rendered(Exchange(1, "q?", "done", seconds=3.2, waited_seconds=5.0), "en")


@pytest.mark.parametrize(
    ("exchange", "words"),
    [
        (Exchange(1, "问", "waiting", n_ahead=3, waited_seconds=1.5), "排队中，前面还有 3 个问题 1.5 s"),
        (
            Exchange(1, "问", "waiting", n_ahead=3, waited_seconds=1.5, expected_seconds=31.6),
            "排队中，前面还有 3 个问题，约 32 秒后轮到 1.5 s",
        ),
        (Exchange(1, "问", "waiting", waited_seconds=2.0), "正在载入模型 2.0 s"),
        (Exchange(1, "问", "searching", seconds=0.3), "正在检索 0.3 s"),
        (Exchange(1, "问", "writing", seconds=2.0), "正在作答 2.0 s"),
        (Exchange(1, "问", "stopped", seconds=1.2), "已停止，用时 1.2 秒"),
        (
            Exchange(1, "问", "done", seconds=3.2, waited_seconds=5.0),
            "用时 3.2 秒（排队 5.0 秒）",
        ),
    ],
)
def test_the_stage_is_told_with_its_time(exchange, words):
    assert Outline(rendered(exchange)).text == f"问{words}"


def test_only_an_exchange_under_way_has_a_clock():
    assert 'data-elapsed="0.30"' in rendered(Exchange(1, "问", "searching", seconds=0.3))
    assert "data-elapsed" not in done()


def test_the_standalone_question_is_shown_when_it_differs():
    html = done(query="某市2019年录取率是多少？")
    assert '<p class="yj-query">按此检索 <q dir="auto">某市2019年录取率是多少？</q></p>' in html
    assert "yj-query" not in done()


def test_stopped_text_is_marked_as_unchecked():
    html = rendered(Exchange(1, "问", "stopped", streamed="录取率是9"))
    assert "录取率是9" in html
    assert "以上文字未经核对" in html


@pytest.mark.parametrize(
    ("streamed", "shown"),
    [
        *(("是5。[", "是5。"), ("是5。[1", "是5。"), ("是5。[123", "是5。"), ("是5。[1]", "是5。[1]")),
        *(("是5。[1][", "是5。[1]"), ("[甲", "[甲"), ("", "")),
    ],
)
def test_half_a_marker_is_held_back(streamed, shown):
    assert whole_markers(streamed) == shown


def test_a_streamed_marker_links_only_to_a_shown_source():
    html = rendered(Exchange(1, "问", "writing", streamed="甲[2]乙[9]丙[2019]", evidence=(FIRST, SECOND)))
    assert [attrs["href"] for tag, attrs in Outline(html).tags if tag == "a"] == ["#t1-s2"]
    assert "甲[2]乙[9]丙[2019]" in Outline(html).text


def test_a_quotation_is_shown_with_its_span_its_place_and_how_sure_it_is_above_the_text(golden):
    golden("quotation.html", shown("writing", streamed="是9").replace("><", ">\n<") + "\n")
    assert "yj-quoted" in shown("reading")
    assert '是9</div><p class="yj-note">摘录以下的文字未经核对' in shown("stopped", streamed="是9")


def test_while_streaming_a_quotation_is_numbered_like_the_card_of_its_sentence():
    html = shown("writing", streamed="新增4.07万个。[1]")
    assert links_and_ids(html) == (["#t2-s2", "#t2-s1"], ["t2", "t2-s1", "t2-s2"])


def test_neighbours_from_one_place_name_it_once():
    two = tuple(AnswerSentence(text, (1,)) for text in ("甲。", "乙。"))
    html = shown("reading", quoted=answer(sentences=two))
    assert html.partition("<aside")[0].count('class="yj-file"') == 1


def test_the_checked_answer_takes_the_place_of_the_quotation():
    assert "yj-quoted" not in shown("done", answer=answer())
    assert "yj-quoted" not in shown("reading", quoted=answer(abstained=True))


def test_a_failure_does_not_take_the_quotation_away():
    html = shown("failed", error="内存不足。")
    assert html.index("内存不足。") < html.index("yj-quoted")


def test_beside_an_abstention_the_quotation_stays_as_what_comes_closest():
    html = shown("done", answer=answer(sentences=(), citations=(), abstained=True, reason="没有写。", confidence=0.93))
    assert "没有写。原文中最接近的内容 可信度 93%" in Outline(html).text
    assert links_and_ids(html) == (["#t2-s1"], ["t2", "t2-s1"])
    assert Outline(html).text.endswith(
        f"{CITED.quote}a.txt{OPEN}某市2019年总结 › 一、回顾 › （一）条件{FIRST.text}a.txt{OPEN}"
    )
    assert html.count("可信度") == 1


def test_what_a_kept_quotation_cites_is_never_folded_away():
    four = tuple(replace(CITED, marker=n, start=100 * n, end=100 * n + 9) for n in range(1, 5))
    refused = answer(sentences=(), citations=(), abstained=True, evidence=(replace(FIRST, start=900, end=912),))
    folded = shown("done", quoted=answer(citations=four), answer=refused).partition("<details>")[2]
    assert Outline(folded).text == f"另有 1 句{TITLE} › 一、回顾 › （一）条件{FIRST.text}a.txt{OPEN}"


@pytest.mark.parametrize(("start", "links"), [(200, ["#t2-s7"]), (500, [])])
def test_beside_an_abstention_that_cites_the_quotation_links_to_the_same_sentence_or_nowhere(start, links):
    cited = replace(CITED, marker=7, start=start, end=start + 9)
    html = shown("done", answer=answer(sentences=(), citations=(cited,), abstained=True))
    assert links_and_ids(html) == (links, ["t2", "t2-s7"])


def test_an_answer_by_quotation_marks_its_spans_and_says_how_sure_it_is():
    marked = AnswerSentence("录取率90.21%。", (1,), spans=((3, 9),))
    html = done(sentences=(marked,), confidence=0.456)
    assert "<span>录取率<mark>90.21%</mark>。</span>" in html
    assert "用时 3.2 秒 可信度 46%录取率" in Outline(html).text


def test_nothing_is_called_certain_and_no_confidence_is_told_where_nobody_read():
    assert "可信度 99%" in Outline(shown("reading", confidence=0.9999)).text
    assert "可信度" not in done() + shown("reading", confidence=None)


def test_spans_count_in_the_text_before_it_is_escaped_and_stay_inside_it():
    assert mark_spans("a<b>c", []) == "a&lt;b&gt;c"
    assert mark_spans("a<b>c", [(-5, 1), (4, 99)]) == "<mark>a</mark>&lt;b&gt;<mark>c</mark>"
    assert mark_spans("a<b>c", [(2, 3), (0, 2), (2, 2), (4, 3), (7, 9), (-3, -1)]) == "<mark>a&lt;b</mark>&gt;c"


def test_hostile_text_stays_text_wherever_a_span_cuts_it():
    for at in range(len(HOSTILE)):
        outline = Outline(mark_spans(HOSTILE, [(at, at + 3)]))
        assert (outline.tags, outline.text) == ([("mark", {})], HOSTILE)
    evil = replace(CITED, source=HOSTILE, title=HOSTILE, heading=(HOSTILE, "b"), quote=HOSTILE)
    said = AnswerSentence(HOSTILE, (1,), spans=((1, 9), (20, 30)))
    outline = Outline(shown("reading", quoted=answer(sentences=(said,), citations=(evil,))))
    assert not {"script", "b"} & {tag for tag, _ in outline.tags}
    assert outline.text.count(HOSTILE) == 3  # the sentence, its title, its file


def test_a_heading_that_repeats_the_title_is_shown_once():
    html = done(citations=(replace(CITED, heading=("某市2019年总结", "一、回顾")),))
    assert "</span> 某市2019年总结 › 一、回顾</p>" in html


def test_line_breaks_of_all_kinds_become_plain_ones():
    assert escape("a\r\nb\rc\u2028d\u2029e\x85f\ng") == "a\nb\nc\nd\ne\nf\ng"


def test_hidden_and_reordering_characters_are_dropped():
    assert escape("a\u202egnp.\u2066exe\u2069\x00\x1b[31m\u200f\ufeff\U000e0041b") == "agnp.exe[31mb"


def test_half_characters_are_replaced():
    assert escape("a\ud800b") == "a\ufffdb"


def test_what_scripts_need_is_kept():
    assert escape("👩\u200d🏫\tनमस्\u200dते") == "👩\u200d🏫\tनमस्\u200dते"


def test_very_long_text_is_cut_with_its_length():
    assert escape("字" * 100_000) == "字" * 20_000 + "… (100,000 字 characters)"
    marked = f"<mark>字</mark>{'字' * 19_999}… (100,000 字 characters)"
    assert mark_spans("字" * 100_000, [(0, 1), (50_000, 60_000)]) == marked
