import re
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from rag.errors import ConfigError, IndexCorruptError
from tests.support.fakes import ListedDocument, ScriptedPipeline
from tests.support.serving import PASSWORD, Visitor, served, some_pipeline, users_file
from ui.__main__ import Serving, main, open_to_all, start
from ui.accounts.identity import OWNER
from ui.scheduling.desk import Desk
from ui.serving.health import DRAWN_AT_ONCE, health_route, source_route
from ui.settings import load_page_config
from ui.web.guard import GuardMiddleware, PrefixMiddleware, base_url, root_of, route_of


@pytest.fixture(scope="module")
def url():
    with served() as running:
        yield running.url


@pytest.fixture
def http(url):
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        yield client


# The right page


@pytest.mark.parametrize(
    ("headers", "page"),
    [
        ({"accept-language": "en-US,en;q=0.9"}, "/en/"),
        ({"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"}, "/zh/"),
        ({"accept-language": "fr"}, "/zh/"),
        ({"accept-language": "en", "cookie": "youju_lang=zh"}, "/zh/"),
        ({"accept-language": "en", "cookie": "youju_lang=../evil"}, "/en/"),
    ],
)
def test_the_first_page_is_in_the_language_chosen_or_read(http, headers, page):
    answer = http.get("/", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, page)


def test_what_was_asked_for_is_kept_on_the_way(http):
    assert http.get("/?c=12").headers["location"] == "/zh/?c=12"


def test_choosing_a_language_lasts(http):
    answer = http.get("/lang/en", headers={"referer": str(http.base_url.join("/zh/?c=12"))})
    assert answer.headers["location"] == "/en/?c=12"
    assert http.get("/").headers["location"] == "/en/"


@pytest.mark.parametrize("page", ["zh", "en"])
def test_a_page_is_served_whole_with_its_policy(http, page):
    answer = http.get(f"/{page}/")
    policy = answer.headers["content-security-policy"].split("; ")
    assert {"default-src 'self'", "connect-src 'self'", "frame-ancestors 'self'"} <= set(policy)
    assert answer.headers["referrer-policy"] == "same-origin"
    assets = re.findall(r'(?:src|href)="\./(assets/[^"]+)"', answer.text)
    assert assets
    assert {http.get(f"/{page}/{asset}").status_code for asset in assets} == {200}
    assert f'"root":"http://{http.base_url.netloc.decode()}/{page}"' in answer.text.replace(" ", "")


def test_nothing_is_shared_recorded_or_fetched(http):
    http.get("/zh/")
    config = http.get("/zh/config").json()
    wanted = {"analytics_enabled": False, "run_history": False, "footer_links": [], "stylesheets": [], "pwa": False}
    assert {name: config[name] for name in wanted} == wanted


def test_the_pages_have_an_icon_of_their_own(http):
    icon = http.get("/favicon.ico")
    assert (icon.headers["content-type"], icon.text[:4]) == ("image/svg+xml", "<svg")


def test_nothing_documents_the_server_itself(http):
    http.get("/zh/")
    assert [http.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json", "/tools/")] == [404] * 4


# Well or not


def test_the_server_is_well_and_says_what_it_holds(http):
    answer = http.get("/healthz")
    assert answer.status_code == 200
    assert {name: value for name, value in answer.json().items() if name != "version"} == {
        "status": "ok",
        "index": "ok",
        "documents": 1,
        "passages": 7,
        "generator": "not loaded",
        "answering": False,
        "waiting": 0,
    }
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("error", [IndexCorruptError("/home/x/index is damaged"), OSError("/home/x")])
def test_a_server_without_its_index_is_unavailable_and_tells_no_path(error, caplog):
    def documents():
        raise error

    desk = Desk(ScriptedPipeline())
    answer = TestClient(Starlette(routes=[health_route(documents, desk)])).get("/healthz")
    desk.close()
    assert (answer.status_code, answer.json()["index"], answer.json()["documents"]) == (503, "unreadable", 0)
    assert "/home/x" not in answer.text
    assert "/home/x" in caplog.text


def test_questions_are_counted_while_they_wait():
    gate, pipeline = threading.Event(), some_pipeline()
    pipeline.scripts["长"] = [gate, *pipeline.scripts["问"]]
    desk = Desk(pipeline)
    http = TestClient(Starlette(routes=[health_route(pipeline.documents, desk)]))
    threads = [threading.Thread(target=desk.ask, args=("长",), kwargs={"owner": f"o{n}"}) for n in range(3)]
    for thread in threads:
        thread.start()
    while desk.n_waiting < 2 or not desk.busy:
        pass
    record = http.get("/healthz").json()
    gate.set()
    for thread in threads:
        thread.join()
    assert (record["answering"], record["waiting"]) == (True, 2)
    assert http.get("/healthz").json()["generator"] == "loaded"
    desk.close()


def test_the_index_is_not_read_for_every_look():
    n_read = []
    desk = Desk(ScriptedPipeline())
    http = TestClient(Starlette(routes=[health_route(lambda: n_read.append(1) or [ListedDocument("a")], desk)]))
    assert [http.get("/healthz").json()["documents"] for _ in range(3)] == [1, 1, 1]
    desk.close()
    assert len(n_read) == 1


def test_a_citation_leads_to_what_its_owner_may_see():
    asked = []

    def source(parameters, owner):
        asked.append((parameters, owner))
        return (200, {"text": "原文"}) if owner else (404, {"detail": "no"})

    def picture(parameters, owner):
        asked.append((parameters, owner))
        return 200, {"html": "图"}

    inner = Starlette(routes=[source_route(source, picture)])

    async def app(scope, receive, send):
        await inner({**scope, OWNER: "an"}, receive, send)

    place = {"document": "年报 a.txt", "start": "5", "end": "9"}
    answer = TestClient(app).get("/source", params=place)
    assert (answer.status_code, answer.json()) == (200, {"text": "原文"})
    drawn = TestClient(app).get("/source", params=place | {"picture": "1"})
    assert (drawn.json(), drawn.headers["cache-control"]) == ({"html": "图"}, "no-store")
    assert asked == [(place, "an"), (place | {"picture": "1"}, "an")]


def test_a_page_that_takes_long_to_draw_keeps_no_text_waiting():
    drawing, go_on = threading.Semaphore(0), threading.Event()

    def picture(parameters, owner):
        drawing.release()
        go_on.wait(timeout=30)
        return 200, {"html": "图"}

    app = Starlette(routes=[source_route(lambda *_: (200, {"text": "原文"}), picture)])
    with TestClient(app) as http, ThreadPoolExecutor() as pool:
        slow = [pool.submit(http.get, "/source", params={"picture": "1"}) for _ in range(5)]
        assert [drawing.acquire(timeout=30) for _ in range(DRAWN_AT_ONCE)] == [True, True]
        assert http.get("/source").json() == {"text": "原文"}
        assert not drawing.acquire(blocking=False)  # the others wait their turn
        go_on.set()
        assert [each.result(timeout=30).status_code for each in slow] == [200] * 5


# Behind a proxy


@pytest.mark.parametrize("kept", [True, False], ids=["prefix kept", "prefix stripped"])
def test_behind_a_proxy_the_page_is_at_its_prefix(kept):
    told = {"host": "127.0.0.1:1", "x-forwarded-host": "docs.example", "x-forwarded-proto": "https"}
    with served(root_path="/youju", names=("docs.example",)) as running:
        base = running.url + ("youju/" if kept else "")
        with Visitor(base, headers=told) as tab:
            first = tab.http.get("")
            assert first.headers["location"] == "/youju/zh/"
            assert "; Path=/youju; SameSite=lax; Secure" in first.headers["set-cookie"]
            cookie = first.headers["set-cookie"].split(";")[0]
            tab.http.headers["cookie"] = cookie  # the jar would send it to https alone
            page = tab.http.get("zh/").text
            assert '"root":"https://docs.example/youju/zh"' in page.replace(" ", "")
            assert "90.21%" in tab.open().ask("问")["yj-latest"]


def test_a_whole_address_is_the_pages_own():
    with served(root_path="https://docs.example/youju") as running:
        assert running.url == "https://docs.example/youju/"
        port = running._server.servers[0].sockets[0].getsockname()[1]
        page = httpx.get(f"http://127.0.0.1:{port}/youju/zh/", trust_env=False)
        assert '"root":"https://docs.example/youju/zh"' in page.text.replace(" ", "")


@pytest.mark.parametrize("path", ["youju", "/a b", "/a/../b", "//x", "/a?b", "ftp://x/y", "/a\r\nb"])
def test_an_impossible_prefix_is_told(path):
    with pytest.raises(ConfigError, match="expected a prefix like /youju, or an address like"):
        start(some_pipeline(), Serving(root_path=path))


def test_paths_are_told_apart_from_their_prefix():
    seen = []

    async def app(scope, receive, send):
        seen.append((route_of(scope), root_of(scope), base_url({**scope, "scheme": "http"})))

    prefixed = PrefixMiddleware(app, "/p/")
    for path in ("/p", "/p/", "/p/zh/", "/zh/", "/", "/pp"):
        scope = {"type": "http", "path": path, "headers": [(b"host", b"h:1")]}
        with pytest.raises(StopIteration):
            prefixed(scope, None, None).send(None)
    assert [route for route, _, _ in seen] == ["/", "/", "/zh/", "/zh/", "/", "/pp"]
    assert {(root, base) for _, root, base in seen} == {("/p", "http://h:1/p")}


# Who may not ask


def test_a_name_that_is_not_ours_is_refused_without_logins(http):
    for host in ("evil.example", "evil.example:7860", "127.0.0.1.evil.example", "localhost.evil.example"):
        answer = http.get("/zh/", headers={"host": host})
        assert answer.status_code == 421, host
        assert "--allow-host NAME" in answer.text
    for host in ("localhost:7860", "127.0.0.1", "[::1]:7860", "192.168.1.7", "a.localhost"):
        assert http.get("/healthz", headers={"host": host}).status_code == 200, host


def test_a_name_that_was_told_is_ours():
    with served(names=("Docs.example",)) as running:
        ours = httpx.get(running.url, headers={"host": "docs.example"}, trust_env=False)
        assert ours.status_code == 303


@pytest.mark.parametrize("host", ["a b", "a/b", "a@b", "<x>", "a:port", "é", "", "a,b", "a:123456"])
def test_a_malformed_name_is_refused(host):
    guarded = GuardMiddleware(Starlette())
    http = TestClient(guarded)
    assert http.get("/", headers={"host": host.encode()}).status_code == 400
    assert http.get("/", headers={"x-forwarded-host": "<x> y"}).status_code == 400


def test_another_sites_page_cannot_send_events_or_questions(http):
    http.get("/zh/")
    for path in ("/zh/gradio_api/queue/join", "/zh/gradio_api/upload", "/v1/chat/completions"):
        answer = http.post(path, content=b"{}", headers={"origin": "https://evil.example"})
        assert answer.status_code == 403, path


def test_no_other_site_may_read(http):
    evil = {"origin": "https://evil.example"}
    assert "access-control-allow-origin" not in http.get("/zh/", headers=evil).headers
    asked = http.options("/zh/config", headers=evil | {"access-control-request-method": "POST"})
    assert "access-control-allow-origin" not in asked.headers


def test_with_logins_only_the_login_and_the_health_are_open(tmp_path):
    with served(auth=users_file(tmp_path, "an")) as running, Visitor(running.url) as tab:
        http = tab.http
        assert http.get("/healthz").status_code == 200
        assert http.get("/login").status_code == 200
        assert http.get("/").headers["location"] == "/login?next=%2F"
        assert http.get("/zh/").headers["location"] == "/login?next=%2Fzh%2F"
        closed = ("/zh/config", "/zh/theme.css", "/zh/assets/x.js", "/en/gradio_api/info", "/source", "/v1/models")
        assert {path: http.get(path).status_code for path in closed} == dict.fromkeys(closed, 401)
        assert http.post("/tools/gradio_api/mcp/", json={}).status_code == 401
        assert tab.log_in("an", "wrong pass").status_code == 401
        assert tab.log_in("an", PASSWORD).headers["location"] == "/zh/"
        assert "90.21%" in tab.open().ask("问")["yj-latest"]
        http.post("/logout")
        assert http.get("/zh/config").status_code == 401


# Beginning and end


def test_a_server_that_others_can_reach_without_a_login_is_warned_of(tmp_path):
    assert "--auth asks for a login" in open_to_all(Serving("0.0.0.0"))
    assert "监听 192.168.1.7 且没有登录" in open_to_all(Serving("192.168.1.7"))
    quiet = [Serving(), Serving("localhost"), Serving("::1"), Serving("0.0.0.0", auth=tmp_path / "users")]
    assert [open_to_all(serving) for serving in quiet] == [""] * 4


def test_streams_that_are_open_end_with_the_server():
    beats, ready = [], threading.Event()

    def listen(tab):
        with tab.http.stream("GET", f"zh/gradio_api/heartbeat/{tab.session}") as lines:
            for line in lines.iter_lines():
                beats.append(line)
                ready.set()
        beats.append("the end")

    with served() as running, Visitor(running.url) as tab:
        thread = threading.Thread(target=listen, args=(tab.open(),))
        thread.start()
        assert ready.wait(30)
        running.close()
        thread.join(30)
    assert (beats[0], beats[-1]) == ("data: ALIVE", "the end")
    assert not running._thread.is_alive()


def test_a_missing_password_file_ends_in_words_and_leaves_the_port_free(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("YOUJU_HOME", str(tmp_path))
    with pytest.raises(ConfigError, match=r"The password file .* cannot be read"):
        start(some_pipeline(), Serving(auth=tmp_path / "none"))
    assert main(["--auth"]) != 0
    assert load_page_config().workspace == tmp_path / "workspace"


def test_settings_limit_what_is_taken(tmp_path):
    config = load_page_config({}, max_file_bytes=10, workspace=tmp_path)
    with served(config=config) as running, Visitor(running.url) as tab:
        sent = tab.open().http.post("zh/gradio_api/upload", files={"files": ("a.txt", b"x" * 12)})
    assert sent.status_code == 413
