"""What Gradio's own routes let through: tried on a page with uploads, downloads and an event that tells its owner."""

import asyncio
import contextlib
import socket
from pathlib import Path

import gradio as gr
import pytest

from tests.support.serving import Visitor, some_pipeline
from ui.__main__ import _serve
from ui.accounts.identity import Identity, owner_of
from ui.scheduling.desk import Desk
from ui.serving.gradio_gate import MAX_BODY_BYTES
from ui.serving.mcp_tools import create_tools
from ui.serving.server import Limits, create_server, page_options, private_folder

SECRET = Path(__file__).resolve()
MISSING = {"detail": "Not Found"}


def tell_owner(request: gr.Request):
    return owner_of(request)


def read(file):
    return Path(file).read_text(encoding="utf-8")


def offer(text):
    path = private_folder() / "made here.txt"
    path.write_text(text, encoding="utf-8")
    return str(path)


def some_page():
    with gr.Blocks(analytics_enabled=False) as page:
        box, file, text = gr.Textbox(), gr.File(), gr.Textbox()
        box.submit(tell_owner, None, text)
        file.upload(read, file, text)
        box.change(offer, box, file)
    return page


def some_server():
    folder, desk = private_folder(), Desk(some_pipeline())
    pages = {"zh": some_page(), "en": some_page()}
    limits = Limits(max_file_bytes=2000, max_upload_files=3)
    looks = page_options([], "() => {}")
    return create_server(
        pages=pages,
        tools=create_tools(desk, some_pipeline()),
        routes=[],
        identity=Identity(),
        options=looks,
        limits=limits,
        folder=folder,
    )


@pytest.fixture(scope="module")
def url():
    async def make():
        return some_server()

    listening = socket.create_server(("127.0.0.1", 0))
    app = asyncio.run(make())
    server, thread = _serve(app, listening)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    app.state.hang_up.close()
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture
def visitors(url):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Visitor(url)).open() for _ in range(2)]


def result(visitor):
    return list(visitor.messages())[-1]["output"]["data"][0]


def ask_who(visitor):
    visitor.join("tell_owner").raise_for_status()
    return result(visitor)


def upload(visitor, text="geheim", name="a.txt"):
    sent = visitor.http.post("zh/gradio_api/upload", files={"files": (name, text.encode())})
    return sent.raise_for_status().json()[0]


def value(path, **more):
    return {"path": path, "meta": {"_type": "gradio.FileData"}, **more}


# Who


def test_an_event_in_the_queue_knows_its_owner(visitors):
    one, other = map(ask_who, visitors)
    assert one.startswith("browser-")
    assert one != other


def test_an_event_without_the_queue_knows_its_owner(visitors):
    one = visitors[0]
    body = {"data": [], "fn_index": one.functions["tell_owner"], "session_hash": one.session}
    answer = one.http.post("zh/gradio_api/run/predict", json=body)
    assert answer.json()["data"][0].startswith("browser-")


def test_an_event_without_a_cookie_is_refused(visitors):
    one = visitors[0]
    one.http.cookies.clear()
    assert one.join("tell_owner").status_code == 401


def test_both_pages_are_one_owners(url, visitors):
    one = visitors[0]
    with Visitor(url, "en/", cookies=dict(one.http.cookies)) as other:
        assert ask_who(other.open()) == ask_who(one)


# Sessions


def test_a_session_is_its_owners_alone_on_either_page(url, visitors):
    one, other = visitors
    one.join("tell_owner").raise_for_status()
    assert other.join("tell_owner", session=one.session).status_code == 403
    for page in ("zh/", "en/"):
        where = f"{page}gradio_api"
        watching = other.http.get(f"{where}/queue/data", params={"session_hash": one.session})
        beating = other.http.get(f"{where}/heartbeat/{one.session}")
        ending = other.http.post(
            f"{where}/cancel", json={"session_hash": one.session, "fn_index": 0, "event_id": "x" * 8}
        )
        assert [watching.status_code, beating.status_code, ending.status_code] == [404, 404, 403]
    assert result(one).startswith("browser-")


@pytest.mark.parametrize("session", ["", "x", "a/b/c/d", "../../x", "a" * 65, "a b c d e", "é" * 8, None, 5, ["a"]])
def test_a_malformed_session_is_refused(visitors, session):
    body = {"data": [], "fn_index": 0, "session_hash": session}
    assert visitors[0].http.post("zh/gradio_api/queue/join", json=body).status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"[" * 100_000, b"\xff"])
def test_a_malformed_event_is_refused(visitors, body):
    assert visitors[0].http.post("zh/gradio_api/queue/join", content=body).status_code == 400


def test_a_huge_event_is_refused(visitors):
    answer = visitors[0].http.post("zh/gradio_api/queue/join", content=b'"' + b"x" * MAX_BODY_BYTES + b'"')
    assert (answer.status_code, answer.json()) == (413, {"detail": "The request is too large."})


# Files


def test_an_upload_is_read_and_fetched_by_its_owner_alone(visitors):
    one, other = visitors
    path = upload(one)
    one.join("read", value(path)).raise_for_status()
    assert result(one) == "geheim"
    assert one.http.get(f"zh/gradio_api/file={path}").text == "geheim"
    assert other.http.get(f"zh/gradio_api/file={path}").json() == MISSING
    assert other.http.get(f"en/gradio_api/file={path}").status_code == 404
    assert other.join("read", value(path)).status_code == 403


def test_a_download_is_fetched_by_whom_it_was_made_for_alone(visitors):
    one, other = visitors
    one.join("offer", "bericht").raise_for_status()
    offered = result(one)
    assert one.http.get(offered["url"]).text == "bericht"
    assert other.http.get(offered["url"]).json() == MISSING


def test_the_same_upload_of_two_is_both_theirs(visitors):
    assert upload(visitors[0]) == upload(visitors[1])
    assert [each.http.get(f"zh/gradio_api/file={upload(each)}").text for each in visitors] == ["geheim"] * 2


FORGED = [
    str(SECRET),
    "/etc/passwd",
    "../../../../etc/passwd",
    f"{SECRET.parent}/../pyproject.toml",
    "file:///etc/passwd",
    "http://127.0.0.1:1/x",
    "https://example.org/x",
    "//example.org/x",
    "C:\\Windows\\win.ini",
    "/proc/self/environ",
    "%2Fetc%2Fpasswd",
    "..%2f..%2fetc%2fpasswd",
    "/etc/passwd%00.txt",
]


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_file_is_neither_fetched_nor_read(visitors, forged):
    one = visitors[0]
    for route in ("file=", "file/", "proxy="):
        assert one.http.get(f"zh/gradio_api/{route}{forged}").status_code == 404, route
    for event in (value(forged), {"path": forged}, [value(forged)], {"a": {"b": [value(forged)]}}):
        assert one.join("read", event).status_code == 403, event
    own = upload(one)
    one.join("read", value(own, url="https://example.org/x")).raise_for_status()
    assert result(one) == "geheim"  # the address that came with it was not looked at


def test_an_upload_stays_where_uploads_are_whatever_its_name(visitors):
    http = visitors[0].http
    assert http.post("zh/gradio_api/upload", files={"files": ("..", b"x")}).status_code == 400
    for name in ("../../up.txt", "/etc/up.txt", "a\\..\\b.txt", "x" * 300 + ".txt", "\u202egnp.exe"):
        path = Path(upload(visitors[0], name=name))
        assert path.is_file()
        assert path.resolve().is_relative_to(private_folder())
        assert path.parent.parent == private_folder()


def test_uploads_have_a_largest_size_each_and_together(visitors):
    http = visitors[0].http
    assert http.post("zh/gradio_api/upload", files={"files": ("a", b"x" * 2001)}).status_code == 413
    many = [("files", (f"{number}", b"x" * 1900)) for number in range(4)]
    answer = http.post("zh/gradio_api/upload", files=many)
    assert (answer.status_code, answer.json()) == (413, {"detail": "The upload is too large."})

    def unmeasured():
        for _ in range(10):
            yield b"x" * 1000

    sent = {"content": unmeasured(), "headers": {"content-type": "multipart/form-data; boundary=b"}}
    assert http.post("zh/gradio_api/upload", **sent).status_code >= 400


def test_uploads_lie_where_no_other_user_of_the_machine_can_look():
    assert private_folder().stat().st_mode & 0o077 == 0


# Everything else


@pytest.mark.parametrize(
    "route",
    [
        *("runs", "openapi.json", "deep_link?session_hash=abcdefgh", "custom_component/a/client/component/x"),
        *("call/tell_owner/abc", "dev/reload", "token", "vibe-code", "profiling/traces", "stream/a/b/1/playlist.m3u8"),
        "queue/status",
    ],
)
def test_what_no_page_of_ours_needs_is_closed(visitors, route):
    http = visitors[0].http
    assert http.get(f"zh/gradio_api/{route}").json() == MISSING


@pytest.mark.parametrize(
    "route",
    ["call/tell_owner", "call/v2/tell_owner", "api/tell_owner", "vibe-edit", "undo-vibe-edit", "process_recording"],
)
def test_what_no_page_of_ours_calls_is_closed(visitors, route):
    answer = visitors[0].http.post(f"zh/gradio_api/{route}", json={"data": [], "session_hash": "abcdefgh"})
    assert answer.json() == MISSING


def test_saved_states_are_not_loaded_by_a_link(visitors):
    assert visitors[0].http.get("zh/?deep_link=../../x").json() == MISSING
    assert visitors[0].http.get("zh/config?deep_link=x").json() == MISSING


def test_the_login_and_the_dashboard_of_gradio_are_closed(visitors):
    http = visitors[0].http
    assert [http.get(f"zh/{path}").status_code for path in ("monitoring", "manifest.json", "pwa_icon")] == [404] * 3
    assert http.post("zh/login", data={"username": "a", "password": "b"}).status_code == 404
