"""The documents tab in a real Chromium, on the whole page with logins, over a real small index."""

import re
import threading
from pathlib import Path

import pytest

from rag.index.ingest import index_paths
from rag.pipeline import Pipeline
from tests.support.fakes import HashingEncoder, QuotingGenerator, QuotingReader
from tests.support.pages import NARROW, answered, ask, bare, marked, select_tab, until, wait_for_stage
from tests.support.pdf_files import pdf_of
from tests.support.scoring import IN_SCOPE
from tests.support.serving import served, users_file
from ui.documents.library import Library
from ui.settings import load_page_config

pytestmark = pytest.mark.browser

ROADS = "海州市2031年交通工作总结\n\n一、道路\n2031年，海州市新修公路86公里。\n\n二、桥梁\n新建桥梁12座。\n"
SCHOOLS = "云岭县2030年教育工作总结\n\n一、学校\n新建学校3所。\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
LIMIT = 20_000  # bytes a file


class HeldEncoder(HashingEncoder):
    """Waits before it embeds, while it is told to."""

    def __init__(self):
        super().__init__()
        self.go = threading.Event()
        self.go.set()

    def encode(self, texts):
        assert self.go.wait(30)
        return super().encode(texts)


class Home:
    """A home whose documents come by the page, and a look at what is there."""

    def __init__(self, folder, *, limit=LIMIT):
        self.config = load_page_config({"YOUJU_HOME": str(folder)}, max_file_bytes=limit, max_upload_files=4)
        self.pipeline = Pipeline.open(
            self.config,
            encoder=HeldEncoder,
            generator=QuotingGenerator,
            reader=QuotingReader,
            scorer=IN_SCOPE,
            create=True,
        )
        self.library = Library(self.config, self.pipeline, logins=True, admins=frozenset({"root"}))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return Home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def url(home, tmp_path_factory):
    users = users_file(tmp_path_factory.mktemp("auth"), "ann", "bob", "root", admin="root")
    with served(home.pipeline, config=home.config, auth=users) as running:
        yield running.url


@pytest.fixture
def open_tab(open_page, home):
    """Opens the tab as a user; no document is left behind."""

    def open_one(user, **options):
        page = open_page("en/", person=open_page.person(user, **options))
        show(page)
        return page

    yield open_one
    home.pipeline.encoder.go.set()
    home.library.remove("root", [row.source for row in home.library.documents("root")])


def show(page):
    select_tab(page, "Documents")
    page.wait_for_selector("#yj-documents-list p, #yj-documents-list table")


@pytest.fixture
def files(tmp_path):
    def make(**contents):
        for name, content in contents.items():
            path = tmp_path / "docs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return [str(tmp_path / "docs" / name) for name in contents]

    return make


def upload(page, paths):
    page.locator("#yj-documents-drop input[type=file]").set_input_files(paths)


def stages(page):
    return [item.get_attribute("data-stage") for item in page.locator(".yj-upload-file").all()]


def listed(page):
    return [text.split("\n")[0].strip() for text in page.locator(".yj-documents tbody th").all_inner_texts()]


def idle(page):
    page.wait_for_selector("#yj-documents-stop", state="hidden")
    page.wait_for_selector("#yj-documents-drop", state="visible")


def test_a_new_text_is_in_the_list_with_its_passages_and_answers_a_question(open_tab, home, files):
    page = open_tab("ann")
    assert page.locator("#yj-documents-list p").inner_text().startswith("No documents yet.")
    upload(page, files(**{"roads.txt": ROADS}))
    page.wait_for_selector(".yj-upload-file[data-stage=added]")
    idle(page)
    (row,) = home.library.documents("ann")
    assert page.locator(".yj-upload-file").inner_text().split() == f"roads.txt Added, {row.n_passages} passages".split()
    assert listed(page) == ["roads.txt yours"]
    cells = page.locator(".yj-documents tbody td").all_inner_texts()
    assert cells[:5] == ["海州市2031年交通工作总结", "海州市", "2031", "—", str(row.n_passages)]
    answer = home.pipeline.ask("海州市2031年新修公路多少公里？", hidden=home.library.hidden("ann"))
    assert answer.text == "2031年，海州市新修公路86公里。[1]"


def test_dropped_files_are_taken_too_each_with_its_own_outcome_in_words(open_tab, files):
    page = open_tab("ann")
    page.evaluate(
        """async (texts) => {
          const carried = new DataTransfer();
          for (const [name, text] of texts) carried.items.add(new File([text], name, { type: "text/plain" }));
          const area = document.querySelector("#yj-documents-drop .upload-container, #yj-documents-drop button");
          area.dispatchEvent(new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
        }""",
        [["roads.txt", ROADS], ["tool.exe", "<script>alert(1)</script>"], ["<img src=x onerror=alert(1)>.txt", ""]],
    )
    page.wait_for_function("document.querySelectorAll('.yj-upload-file').length === 3")
    idle(page)
    assert stages(page) == ["added", "failed", "failed"]
    program, empty = page.locator(".yj-upload-why").all_inner_texts()
    assert program == "Files of this kind (.exe) cannot be read; what can be added is said above"
    assert empty == "No text can be read from it"
    assert page.locator(".yj-upload-said").inner_text().endswith(".txt is empty. Nothing was indexed from it.")
    assert page.locator(".yj-upload-tally").inner_text() == "3 of 3 files done, 2 not added"
    assert listed(page) == ["roads.txt yours"]


def test_mislabelled_and_too_large_files_are_told_by_name_and_the_others_are_added(open_tab, files):
    page = open_tab("ann")
    upload(page, files(**{"picture.txt": PNG, "big.txt": "大" * 80_000, "schools.txt": SCHOOLS}))
    page.wait_for_function("document.querySelectorAll('.yj-upload-file').length === 3")
    idle(page)
    assert stages(page) == ["failed", "failed", "added"]
    assert page.locator(".yj-upload-said").inner_text().startswith("picture.txt is a PNG picture, not text.")
    assert page.locator(".yj-upload-why").all_inner_texts()[1] == "The file is too large; the limit is 0.02 MB"


def choose(page, folder):
    page.locator("#yj-documents-entry input[webkitdirectory]").set_input_files(folder)


def drag(page, folder):
    """Drag from the system's own window: only so a folder comes as one."""
    box = page.locator("#yj-documents-drop").bounding_box()
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    carried = {"items": [], "files": [folder], "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **at, "data": carried})


@pytest.mark.parametrize("bring", [choose, drag])
def test_a_folder_is_taken_with_what_lies_in_it_but_for_hidden_files(open_tab, files, tmp_path, bring):
    files(**{"roads.txt": ROADS, "deep/er/schools.txt": SCHOOLS, "deep/.hidden.txt": ROADS, ".git/log.txt": ROADS})
    page = open_tab("ann")
    bring(page, str(tmp_path / "docs"))
    page.wait_for_function("document.querySelectorAll('.yj-upload-file[data-stage=added]').length === 2")
    idle(page)
    assert len(stages(page)) == 2
    assert sorted(listed(page)) == ["roads.txt yours", "schools.txt yours"]


def test_too_many_files_at_once_are_told(open_tab, files):
    page = open_tab("ann")
    upload(page, files(**{f"{n}.txt": SCHOOLS.replace("3", str(n)) for n in range(9)}))
    page.wait_for_function("document.querySelectorAll('.yj-upload-file').length === 5")
    idle(page)
    assert stages(page) == ["added"] * 4 + ["failed"]
    assert page.locator(".yj-upload-why").inner_text() == "At most 4 files at once; add the others next"


def test_progress_is_shown_by_file_and_a_stop_keeps_what_is_done(open_tab, home, files):
    page = open_tab("ann")
    encoder = home.pipeline.encoder
    encoder.go.clear()
    upload(page, files(**{"roads.txt": ROADS, "schools.txt": SCHOOLS}))
    page.wait_for_selector(".yj-upload-file[data-stage=embedding] progress")
    assert re.fullmatch(
        r"roads.txt\s+Indexing: 0 of \d passages", page.locator(".yj-upload-file").first.inner_text().strip()
    )
    assert page.locator("#yj-documents-drop").is_hidden()
    page.click("#yj-documents-stop button, button#yj-documents-stop")
    page.wait_for_timeout(300)
    encoder.go.set()
    idle(page)
    assert stages(page) == ["stopped", "stopped"]
    assert home.library.documents("ann") == []


def test_documents_are_removed_after_a_question_back(open_tab, home, files):
    page = open_tab("ann")
    upload(page, files(**{"roads.txt": ROADS, "schools.txt": SCHOOLS}))
    page.wait_for_function("document.querySelectorAll('.yj-upload-file[data-stage=added]').length === 2")
    idle(page)
    page.click("#yj-documents-chosen input")
    page.get_by_role("option", name="roads.txt").click()
    page.keyboard.press("Escape")
    page.click("#yj-documents-remove")
    page.wait_for_selector(".yj-documents-confirm")
    assert page.locator(".yj-documents-confirm li").all_inner_texts() == ["roads.txt"]
    assert len(home.library.documents("ann")) == 2
    page.click("#yj-documents-confirm")
    page.wait_for_selector(".yj-documents-note")
    assert page.locator(".yj-documents-note").inner_text() == "Removed documents: 1."
    until(lambda: listed(page) == ["schools.txt yours"])
    assert [row.source for row in home.library.documents("ann")] == ["schools.txt"]


def test_two_users_see_their_own_and_what_is_shared_and_an_admin_may_reindex(open_tab, home, files, tmp_path):
    (shared,) = files(**{"shared.txt": SCHOOLS})
    index_paths(home.config, [Path(shared)], encoder=home.pipeline.encoder)
    ann = open_tab("ann")
    upload(ann, files(**{"roads.txt": ROADS}))
    ann.wait_for_selector(".yj-upload-file[data-stage=added]")
    bob = open_tab("bob")
    assert listed(bob) == ["shared.txt"]
    assert "roads" not in bob.content()
    upload(bob, files(**{"roads.txt": SCHOOLS}))
    bob.wait_for_selector(".yj-upload-file[data-stage=failed]")
    assert bob.locator(".yj-upload-why").inner_text() == "This name is taken. Rename the file and add it again"
    assert bob.locator("#yj-documents-rebuild").is_hidden()
    root = open_tab("root")
    root.click("#yj-documents-rebuild")
    root.wait_for_selector(".yj-upload-file[data-stage=rebuilt]")
    assert "documents: 2" in root.locator(".yj-upload-stage").inner_text()
    select_tab(ann, "Chat")
    show(ann)
    until(lambda: listed(ann) == ["roads.txt yours", "shared.txt"])


def test_on_a_narrow_screen_each_document_is_a_card_and_nothing_is_cut_off(open_tab, files):
    page = open_tab("ann", viewport=NARROW)
    upload(page, files(**{"一份名字很长的资料" * 5 + ".txt": ROADS}))
    page.wait_for_selector(".yj-upload-file[data-stage=added]")
    page.wait_for_selector(".yj-documents tbody tr")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    label = page.evaluate("getComputedStyle(document.querySelector('.yj-documents td'), '::before').content")
    assert label == '"Titles"'


ASKED = "海州市2031年新修公路多少公里？"


def test_a_question_about_what_was_just_uploaded_is_answered_and_checked_in_it(open_tab, files):
    page = open_tab("ann")
    upload(page, files(**{"roads.txt": ROADS}))
    page.wait_for_selector(".yj-upload-file[data-stage=added]")
    idle(page)
    select_tab(page, "Chat")
    page.wait_for_function("document.querySelector('.yj-corpus').textContent.startsWith('Documents: 1 ')")
    answered(page, ASKED)
    assert page.locator("#t1 .yj-text").inner_text() == "2031年，海州市新修公路86公里。[1]"
    page.locator("#t1 .yj-text a.yj-marker").click()
    assert marked(page) == bare("2031年，海州市新修公路86公里。")


def test_what_stands_in_a_pdf_is_cited_and_opened_with_its_page(open_tab, files):
    page = open_tab("ann")
    pages = [
        ["海州市2031年交通工作总结"],
        ["一、道路", "2031年，海州市新修公路86公里。"],
        ["二、桥梁", "新建桥梁12座。"],
    ]
    upload(page, files(**{"roads.pdf": pdf_of(pages), "scan.pdf": pdf_of([[]])}))
    page.wait_for_function("document.querySelectorAll('.yj-upload-file').length === 2")
    idle(page)
    assert stages(page) == ["added", "failed"]
    assert "no page with readable text" in page.locator(".yj-upload-said").inner_text()
    select_tab(page, "Chat")
    answered(page, ASKED)
    assert page.locator("#t1 .yj-card .yj-file").first.inner_text() == "roads.pdf · page 2"
    page.locator("#t1 .yj-text a.yj-marker").click()
    assert marked(page) == bare("2031年，海州市新修公路86公里。")
    assert "page 2 of 3" in page.locator(".yj-source-facts").inner_text()
    assert page.locator(".yj-source-page").all_inner_texts() == ["— 2 —", "— 3 —"]


def test_nobody_else_is_answered_from_an_upload_nor_reads_it(open_tab, open_page, files):
    ann = open_tab("ann")
    upload(ann, files(**{"roads.txt": ROADS}))
    ann.wait_for_selector(".yj-upload-file[data-stage=added]")
    bob = open_tab("bob")
    assert bob.locator("#yj-documents-list p").inner_text().startswith("No documents yet.")
    select_tab(bob, "Chat")
    ask(bob, ASKED)
    wait_for_stage(bob, "done")
    assert bob.locator("#t1 .yj-abstained").count() == 1
    assert "86" not in bob.locator("#t1").inner_text()
    wanted = {"document": "roads.txt", "start": "0", "end": "5"}
    answers = [who.request.get(f"{open_page.url}source", params=wanted) for who in (ann, bob)]
    assert [answer.status for answer in answers] == [200, 404]
    assert "公路" not in answers[1].text()
