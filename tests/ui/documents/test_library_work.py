"""Work on the library that waits, is stopped, breaks or is killed; and how the page follows it."""

import asyncio
import threading
from types import SimpleNamespace

import gradio as gr
import pytest

from rag.index.plan import UPLOADS
from rag.index.sqlite import Store
from tests.support.ui.library import ROADS, SCHOOLS, Lender, add, became, listed, sent, texts
from ui.documents.background_work import run_in_background
from ui.documents.file_steps import FileStep
from ui.documents.library import Library
from ui.documents.tab import DocumentsTab
from ui.settings import load_page_config


@pytest.fixture
def config(tmp_path):
    return load_page_config({"YOUJU_HOME": str(tmp_path / "home")})


@pytest.fixture
def library(config):
    return Library(config, Lender(), logins=True, admins=frozenset({"root"}))


@pytest.fixture
def drop(tmp_path):
    return sent(tmp_path)


def test_a_second_upload_waits_for_the_file_before_it_and_says_so(library, drop):
    entered, go = threading.Event(), threading.Event()
    files, others = drop(**{"roads.txt": ROADS}), []

    def hold(step):
        if step.stage == "embedding":
            entered.set()
            go.wait(30)

    first = threading.Thread(target=library.add, args=("ann", files), kwargs={"tell": hold})
    first.start()
    assert entered.wait(30)
    path = files[0][1].with_name("other")
    path.write_text(SCHOOLS, encoding="utf-8")

    def heard(step):
        others.append((step.stage, listed(library, "bob")))
        if step.stage == "waiting":
            go.set()

    library.add("bob", [("schools.txt", path)], tell=heard)
    first.join(30)
    assert [stage for stage, _ in others][:3] == ["checking", "waiting", "reading"]
    assert others[-1] == ("added", ["schools.txt"])
    assert listed(library, "ann") == ["roads.txt"]


@pytest.mark.parametrize("stage", ["checking", "embedding"])
def test_what_was_indexed_before_a_stop_stays_and_the_rest_is_told_as_stopped(library, config, drop, stage):
    stopped, steps = threading.Event(), []

    def tell(step):
        steps.append(step)
        if step.number == 2 and step.stage == stage:
            stopped.set()

    long = "".join(f"\n\n一、第{n}节\n{n}号路长{n}公里，" + "沿线绿化良好，" * 12 + "。" for n in range(99))
    big = "海州市2031年道路名录" + long[:3000]
    files = drop(**{"roads.txt": ROADS, "big.txt": big, "schools.txt": SCHOOLS})
    library.add("ann", files, tell=tell, stopped=stopped.is_set)
    last = {step.number: step.stage for step in steps}
    assert last == {1: "added", 2: "stopped", 3: "stopped"}
    assert texts(config) == {"roads.txt": ROADS}
    assert became(library, "ann", drop(**{"schools.txt": SCHOOLS})) == [("added", "")]


def test_a_stopped_rebuild_leaves_the_old_index(library, config, drop):
    add(library, "ann", drop(**{"roads.txt": ROADS, "schools.txt": SCHOOLS}))
    with Store.open(config.index, readonly=True) as store:
        before = store.state
    steps = []
    library.rebuild("root", tell=steps.append, stopped=lambda: bool(steps) and steps[-1].stage == "embedding")
    assert steps[-1].stage == "stopped"
    with Store.open(config.index, readonly=True) as store:
        assert store.state == before


def test_an_index_that_another_process_writes_is_told_without_its_folder(library, config, drop):
    with Store.open(config.index, create=True):
        (step,) = add(library, "ann", drop(**{"roads.txt": ROADS}))
    assert (step.stage, step.reason, step.detail) == ("failed", "locked", "")
    assert became(library, "ann", drop(**{"roads.txt": ROADS})) == [("added", "")]


def test_an_upload_that_is_gone_is_told(library, tmp_path):
    assert became(library, "ann", [("roads.txt", tmp_path / "nowhere")]) == [("failed", "gone")]


def test_what_a_killed_process_left_behind_is_cleared(config):
    left = config.workspace / UPLOADS / "abc" / "secret.txt"
    left.parent.mkdir(parents=True)
    left.write_text(ROADS, encoding="utf-8")
    Library(config, Lender(), logins=True)
    assert not left.exists()


def test_a_closed_library_takes_no_more(library, drop):
    library.close()
    assert became(library, "ann", drop(**{"roads.txt": ROADS})) == [("stopped", "")]


# How the page follows


async def followed(work, stop=None):
    return [steps async for steps in run_in_background(work, stop or threading.Event())]


def test_the_steps_of_all_files_are_followed_to_their_ends_in_their_order(library, drop):
    files = drop(**{"roads.txt": ROADS, "page.xyz": "x", "schools.txt": SCHOOLS})
    shown = asyncio.run(followed(lambda tell, stopped: library.add("ann", files, tell=tell, stopped=stopped)))
    assert [(step.name, step.stage) for step in shown[-1]] == [
        *(("roads.txt", "added"), ("page.xyz", "failed"), ("schools.txt", "added")),
    ]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_work_that_breaks_down_leaves_no_file_under_way():
    def work(tell, stopped):
        tell(FileStep(1, "a.txt", "added"))
        tell(FileStep(2, "b.txt", "embedding", 1, 2))
        raise ZeroDivisionError

    last = asyncio.run(followed(work))[-1]
    assert [(step.name, step.stage, step.reason) for step in last] == [
        *(("a.txt", "added", ""), ("b.txt", "failed", "other")),
    ]


def test_leaving_the_page_stops_the_work_at_its_next_step():
    ended = threading.Event()

    def work(tell, stopped):
        tell(FileStep(1, "a.txt", "embedding", 1, 2))
        while not stopped():
            ended.wait(0.01)
        ended.set()

    async def leave():
        steps = run_in_background(work, threading.Event())
        await anext(steps)
        await steps.aclose()

    asyncio.run(leave())
    assert ended.wait(30)


@pytest.mark.filterwarnings("ignore:The value passed into gr.Dropdown")  # an empty choice of several
def test_files_that_come_with_the_news_of_the_last_ones_end_are_taken(library, tmp_path):
    roads, schools = tmp_path / "roads.txt", tmp_path / "schools.txt"
    roads.write_text(ROADS, encoding="utf-8")
    schools.write_text(SCHOOLS, encoding="utf-8")
    request = SimpleNamespace(session_hash="s1", user="ann")

    async def add_twice():
        with gr.Blocks(analytics_enabled=False):
            tab = DocumentsTab(library, owner_of=lambda request: request.user, lang="en")
        async for shown in tab.add([str(roads)], request):
            if shown.get(tab.changed):  # the page may be dropped upon again
                async for _ in tab.add([str(schools)], request):
                    pass

    asyncio.run(add_twice())
    assert listed(library, "ann") == ["roads.txt", "schools.txt"]
