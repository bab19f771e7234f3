"""Hostile input in the whole page, in a real Chromium: nothing of it runs, leads away or breaks what comes after it."""

import tempfile

import pytest

from rag.schema.answers import Answer, AnswerSentence, Citation, Delta
from rag.schema.search import Evidence, Retrieved
from tests.support.audited import audited
from tests.support.fakes import ListedDocument, ScriptedPipeline
from tests.support.hostile import (
    CALLS,
    CODED,
    FRAMES,
    HANDLERS,
    LINKS,
    NAMES,
    ORDERS,
    SCRIPTS,
    TEMPLATES,
    TYPED,
    UNSEEN,
)
from tests.support.pages import until
from tests.support.pdf_files import pdf_of
from tests.support.serving import served
from tests.support.small_home import ANSWERED, SCHOOLS, small_pipeline
from tests.support.watched import ask, drop_questions, server, show_tab, watching
from ui.serving.server import private_folder
from ui.text.escape import escape

pytestmark = pytest.mark.browser

THINGS = ["桥梁", "码头", "公园", "医院", "水库", "公路", "车站", "广场"]
KINDS = [[text for text in kind if text in TYPED and "\0" not in text]  # a file with NUL in it is no text
         for kind in (SCRIPTS, HANDLERS, LINKS, CALLS, FRAMES, CODED, TEMPLATES, UNSEEN)]  # fmt: skip
MOST_CHARS = 400  # of a question: the encoder's limit is one of tokens
FILES = [
    "<script>alert(1)<\\script>",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "![x](evil.example)",
    "\"><iframe src='evil.example'>",
    "&lt;b&gt;",
    "${alert(1)}{{7*7}}",
    "\u202egnp.exe",
]
PDF = f"{FILES[1]}.pdf"
COMPONENTS = (
    "#yj-earlier, #yj-latest, #yj-past, #yj-corpus, #yj-chips, #yj-source, #yj-trace, [id^=yj-batch], [id^=yj-doc]"
)


def flat(text):
    return " ".join(text.split())


def report(thing, kind):
    """A document whose title, headings and sentences are attacks."""
    attacks = [flat(text) for text in kind]
    lines = [f"{attacks[0]}海州市2031年{thing}建设总结", "", f"一、{attacks[1]}"]
    for number, attack in enumerate(attacks, start=20):
        lines += [f"海州市2031年新建{thing}{number}座{attack}。", f"（{number}）{attack}", f"{attack}"]
    return "\n".join(lines) + "\n"


def hostile_pdf():
    """A file whose page says attacks, and whose own actions would run, open and fetch."""
    action = (
        b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> /AA << /O << /S /URI /URI (http://evil.example) >> >>"
    )
    attacks = [flat(kind[0]) for kind in KINDS]
    # Of attacks alone a page is no writing, and left out where nothing recognizes it.
    prose = ["The lighthouses of the county were built by the harbour office within the year."] * 9
    lines = ["海州市2031年灯塔建设总结", "海州市2031年新建灯塔20座。", *attacks, *prose]
    return pdf_of([lines]).replace(b"/Type /Catalog", b"/Type /Catalog " + action)


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    documents = {f"{name}.txt": report(*about) for name, *about in zip(FILES, THINGS, KINDS, strict=True)}
    folder = tmp_path_factory.mktemp("home")
    with server(small_pipeline(folder, documents | {"schools.txt": SCHOOLS, PDF: hostile_pdf()})) as running:
        yield running.url


@pytest.fixture
def page(chromium, url, tmp_path_factory, tmp_path, monkeypatch):
    """A page at whose end nothing has run, nothing has left, no other file was touched, and questions are answered."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # a workbook is written there first
    with audited() as audit, watching(chromium, url) as watch:
        page = watch.open()
        yield page
        watch.check()
        last = watch.open("en/")
        ask(last, ANSWERED)
        assert last.locator("#t1 .yj-text a.yj-marker").count()
    assert audit.called == set()
    assert audit.written_outside(tmp_path_factory.getbasetemp(), private_folder()) == []
    assert "/etc/passwd" not in audit.read


def seen(text):
    """What a reader of the page sees of a text."""
    parts = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'", "&amp;": "&"}
    shown = escape(text)
    for code, sign in parts.items():
        shown = shown.replace(code, sign)
    return flat(shown)


def missing(page, texts):
    """Texts that a reader does not see in the document that is open."""
    told = flat(page.locator(".yj-source-text").inner_text())
    return [text for text in texts if seen(text) not in told]


def own_markup(page):
    """Elements that could only have come from text: the picture of a page is ours, in its pane and with its bytes."""
    return page.evaluate(
        "(parts) => [...document.querySelectorAll(parts)].flatMap((part) => [...part.querySelectorAll("
        "'script, style, link, b, body, form:not(.yj-user), video, marquee, [style*=url], [popover], object, "
        'img:not(.yj-page-pane .yj-page-image[src^="data:image/"])\')])'
        ".map((element) => element.outerHTML)",
        COMPONENTS,
    )


@pytest.mark.parametrize(("file", "thing", "kind"), list(zip(FILES, THINGS, KINDS, strict=True)), ids=THINGS)
def test_a_document_does_nothing_but_show(page, file, thing, kind):
    ask(page, f"海州市2031年新建{thing}多少座？")
    page.locator("#t1 .yj-open").first.click()
    page.wait_for_selector("#yj-source:not([aria-busy]) #yj-source-mark", state="attached")
    raw = page.locator("#yj-source [data-do=raw]")
    if raw.get_attribute("aria-pressed") != "true":  # what was removed when the document was cleaned shows too
        raw.click()
    page.locator("#yj-source [data-do=outline]").click()
    page.wait_for_selector("#yj-source.raw:not(.outlined):not([aria-busy])")
    until(lambda: missing(page, kind) == [])
    assert seen(f"{file}.txt") in flat(page.locator(".yj-source-head").inner_text())
    assert own_markup(page) == []


def test_a_page_of_a_hostile_pdf_file_is_one_picture_of_ours(page):
    ask(page, "海州市2031年新建灯塔多少座？")
    page.locator("#t1 .yj-open").first.click()
    page.wait_for_selector("#yj-source .yj-page-pane:not([aria-busy])")
    pictures = page.locator("#yj-source img")
    assert pictures.count() == 1
    assert pictures.get_attribute("src").startswith("data:image/png;base64,iVBORw0KGgo")
    assert page.locator("#yj-source [style]").count() == 0
    assert own_markup(page) == []


@pytest.mark.parametrize("kind", [*KINDS, ORDERS], ids=[*THINGS, "orders"])
def test_questions_titles_and_comments_do_nothing_but_show(page, kind):
    attacks = [text for at, text in enumerate(kind) if len("".join(kind[: at + 1])) < MOST_CHARS]
    ask(page, "\n".join(attacks))
    shown = flat(page.locator("#t1 .yj-question").inner_text())
    assert [text for text in attacks if seen(text) not in shown] == []
    page.reload()
    page.wait_for_selector("#t1[data-stage=done]")
    ask(page, ANSWERED, 2)
    page.locator("#t2 [data-yj-act=down]").click()
    page.locator("#t2 .yj-comment input").fill(" ".join(attacks))
    page.locator("#t2 [data-yj-act=comment]").click()
    page.wait_for_function("document.querySelector('#t2 .yj-comment input')?.value.length > 0")
    page.locator("#yj-history button").first.click()
    for attack in attacks[:5]:
        page.locator(".yj-past summary").first.click()
        page.locator(".yj-past-menu input").first.fill(flat(attack) or "x")
        page.locator("[data-yj-act=rename]").first.click()
        title = seen(flat(attack)[:80])
        page.wait_for_selector(".yj-past details[open]", state="detached")  # the list was drawn anew
        assert page.locator(".yj-past-open").first.inner_text().strip() == (title or "…")
    page.locator("#yj-search input, #yj-search textarea").first.fill(attacks[0][:100])
    page.wait_for_timeout(300)
    assert own_markup(page) == []


def test_model_output_does_nothing_but_show_while_it_streams_and_when_it_is_checked(chromium):
    attacks = [text for text in TYPED if len(text) < 400]
    found = tuple(
        Evidence(number, text, text, text, text, (), (text, "b"), number * 1000, number * 1000 + 9, 1.0)
        for number, text in enumerate(attacks, start=1)
    )
    cited = tuple(Citation.of(item.number, item) for item in found)
    said = tuple(AnswerSentence(item.text, (item.number,), spans=((0, 3),)) for item in found)
    whole = Answer(
        question="问", query="\n".join(attacks), sentences=said, citations=cited, abstained=False, evidence=found
    )
    refused = Answer(
        question="拒", query="拒", sentences=(), citations=(), abstained=True, reason="\n".join(attacks), evidence=found
    )
    pieces = [piece for text in attacks for piece in (Delta(text[:3]), Delta(text[3:] + "\n"))]
    scripts = {"问": [Retrieved("问", found, 0.1), *pieces, 0.5, whole], "拒": [Retrieved("拒", found, 0.1), refused]}
    listed = [ListedDocument(text, (text, "b"), 1) for text in attacks]
    with served(ScriptedPipeline(scripts, examples=attacks[:4], documents=listed)) as running:  # noqa: SIM117
        with watching(chromium, running.url) as watch:
            page = watch.open()
            assert flat(page.locator("#yj-examples button").first.inner_text()) == seen(attacks[0])
            page.locator("#yj-scope button").first.click()
            page.locator("#yj-sources input").click()
            page.locator("#yj-sources [role=option]").first.click()
            page.wait_for_selector(".yj-chip")
            page.keyboard.press("Escape")
            page.locator(".yj-chip button").first.click()
            page.wait_for_selector(".yj-chip", state="detached")
            ask(page, "问", stage="writing")
            page.wait_for_function("document.querySelectorAll('#t1 .yj-card').length > 50")
            assert own_markup(page) == []
            page.wait_for_selector('#t1[data-stage="done"]')
            told = flat(page.locator("#t1 .yj-text").inner_text())
            assert [text for text in attacks if seen(text) not in told] == []
            ask(page, "拒", 2)
            assert seen(attacks[0]) in flat(page.locator("#t2 .yj-abstained").inner_text())
            assert own_markup(page) == []


def test_batch_names_cells_and_scores_do_nothing_but_show(page):
    show_tab(page, "批量")
    attacks = [flat(text) for text in TYPED if len(text) < MOST_CHARS and "\0" not in text]
    quoted = ['"' + text.replace('"', '""') + '"' for text in attacks]
    rows = [f"{text},{text},{text}" for text in quoted]
    drop_questions(page, "<img src=x onerror=alert(1)>.csv", "\n".join(["问题,标准答案,类型", *rows]))
    page.wait_for_selector('.yj-batch-progress[data-state="done"]', timeout=120_000)
    page.wait_for_selector(".yj-batch-scores")
    assert page.locator(".yj-batch-progress h3").inner_text().startswith("img src=x onerror=alert(1).csv")
    shown = [flat(text) for text in page.locator(".yj-batch-answers .yj-batch-question").all_text_contents()]
    assert shown == [seen(text) for text in attacks[: len(shown)]]
    assert own_markup(page) == []
    with page.expect_download() as saved:
        page.locator("#yj-batch-xlsx").click()
    assert not set(saved.value.suggested_filename) & set('<>"/\\')
    drop_questions(page, "坏\u202e<b>.csv", "<img src=x onerror=alert(1)>,b\n1,2\n")
    page.wait_for_selector(".yj-batch-message")
    assert "<img src=x onerror=alert(1)>" in page.locator(".yj-batch-message").inner_text()


def test_the_look_inside_does_nothing_but_show(page):
    show_tab(page, "检视")
    for thing in THINGS:
        page.locator("#yj-trace-question textarea").fill(f"海州市2031年新建{thing}多少座？{TYPED[1]}")
        page.locator("#yj-trace-look").click()
        page.wait_for_function("(thing) => document.querySelector('#yj-trace')?.textContent.includes(thing)", arg=thing)
        page.wait_for_selector('#yj-trace [aria-busy="false"]')
        page.locator("#yj-trace details").evaluate_all("(all) => { for (const each of all) each.open = true; }")
        assert own_markup(page) == []


def test_names_of_uploads_do_nothing_but_show(page):
    show_tab(page, "资料")
    page.wait_for_selector(".yj-documents tbody tr")
    files = [
        {"name": name.replace("/", ":"), "mimeType": "text/plain", "buffer": f"白沙港{number}号码头。".encode()}
        for number, name in enumerate(NAMES)
        if "\0" not in name
    ]
    page.locator("#yj-documents-drop input[type=file]").set_input_files(files)
    page.wait_for_function(
        "(n) => document.querySelectorAll('.yj-upload-file:is([data-stage=added],[data-stage=failed])').length === n",
        arg=len(files),
    )
    assert own_markup(page) == []
    page.locator("#yj-documents-chosen input").fill("-rf.txt")  # one of these, not a document of the other tests
    page.locator("#yj-documents-chosen [role=option]", has_text="-rf.txt").first.click()
    page.keyboard.press("Escape")
    page.locator("#yj-documents-remove").click()
    page.locator("#yj-documents-confirm").click()
    page.wait_for_selector(".yj-documents-note")
    assert own_markup(page) == []


def test_addresses_do_nothing_but_lead_to_the_page(chromium, url):
    with watching(chromium, url) as watch:
        for attack in ["</script><script>alert(1)</script>", "javascript:alert(1)"]:
            for address in (f"zh/?c={attack}", f"zh/?__theme={attack}", f"zh/?view={attack}", f"zh/#{attack}"):
                page = watch.open(address)
                assert page.url.startswith(f"{url}zh/")
                assert own_markup(page) == []
                page.close()
        page = watch.open("zh/?c=x")
        ask(page, ANSWERED)
