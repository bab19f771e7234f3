"""The assembled server, sent what no page of ours sends: forged ids, names, addresses, clicks, states and files."""

import http.client
import itertools
import json
import re
import uuid
from pathlib import Path
from urllib.parse import quote, urlencode, urljoin, urlsplit

import pytest

from tests.support.audited import audited
from tests.support.hostile import ACTS, FILE_PATHS, HOSTILE, NAMES, NEXT, ORDERS, SOURCES, TOKENS, TYPED
from tests.support.serving import PASSWORD, Visitor, users_file
from tests.support.small_home import ANSWERED, QUOTE, small_pipeline
from tests.support.watched import server
from ui.serving.server import private_folder
from ui.web.guard import CONTENT_POLICY

JSON = {"content-type": "application/json"}
SECRET = "the key of the house"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    (folder / "secret.txt").write_text(SECRET, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def pipeline(home):
    return small_pipeline(home, max_file_bytes=20_000, max_upload_files=4)


@pytest.fixture(scope="module")
def url(pipeline):
    with server(pipeline) as running:
        yield running.url


@pytest.fixture(scope="module")
def tab(url):
    with Visitor(url) as tab:
        yield tab.open()


@pytest.fixture
def visitor(tab):
    """A tab of one and the same browser, with a session of its own."""
    tab.session = uuid.uuid4().hex
    return tab


@pytest.fixture(autouse=True)
def _nothing_leaks(home, tmp_path_factory):
    """Nothing outside is opened or called, whatever a test sends."""
    with audited() as audit:
        yield
    assert not {"/etc/passwd", str(home / "secret.txt")} & audit.read
    assert audit.called == set()
    assert audit.written_outside(tmp_path_factory.getbasetemp(), private_folder()) == []


def events_of(visitor, name):
    """Ids of all events of a name; several parts may share one handler."""
    config = visitor.http.get(f"{visitor.page}config").json()
    return [each["id"] for each in config["dependencies"] if re.fullmatch(rf"{name}(?:_\d+)?", each["api_name"] or "")]


def send(visitor, event, data, **more):
    """Send an event; its outcome, or None where it is not taken."""
    body = {"data": data, "fn_index": event, "session_hash": visitor.session, **more}
    content = json.dumps(body).encode()  # half a character is sent as JSON can say it
    answer = visitor.http.post(f"{visitor.page}gradio_api/queue/join", content=content, headers=JSON)
    assert answer.status_code in (200, 400, 403, 404, 422), answer.text
    return list(visitor.messages())[-1] if answer.status_code == 200 else None


def goes_on(url):
    """Somebody else is answered as if nothing had been."""
    with Visitor(url) as other:
        other.open()
        asked = send(other, other.functions["ask"], [ANSWERED, None, [], [], [], "answer"])
        assert asked["success"], asked
        assert other.http.get("healthz").json()["status"] == "ok"


def raw(url, method, path, **headers):
    """A request whose path is sent as it is."""
    at = urlsplit(url)
    connection = http.client.HTTPConnection(at.hostname, at.port, timeout=30)
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer, body


def harmless(answer):
    """No error of ours, no header that was sent in, no place elsewhere to go to."""
    assert answer.status_code < 500, answer.text
    assert "a" not in {name for cookie in answer.headers.get_list("set-cookie") for name in [cookie.split("=")[0]]}
    assert not any("\r" in value or "\n" in value for value in answer.headers.values())
    assert not urlsplit(answer.headers.get("location", "").replace("\\", "/")).netloc
    assert answer.headers["content-security-policy"] == CONTENT_POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert SECRET not in answer.text
    assert "root:" not in answer.text
    return answer.status_code


# Addresses


@pytest.mark.parametrize("path", FILE_PATHS)
def test_a_forged_file_address_is_not_found(visitor, url, path):
    cookie = "; ".join(f"{name}={value}" for name, value in visitor.http.cookies.items())
    for shape in (path, quote(path), quote(path, safe="")):
        for route in ("file=", "file/", "proxy=", "stream/"):
            sent = shape.replace(" ", "%20")
            answer, body = raw(url, "GET", f"/zh/gradio_api/{route}{sent}", Cookie=cookie)
            assert answer.status in (307, 404), (answer.status, route)
            assert "evil.example" not in answer.headers.get("location", "")
            assert "root:" not in body


@pytest.mark.parametrize("name", ["secret.txt", "home/index", "home/workspace", "home/workspace/history.sqlite"])
def test_no_file_of_the_server_has_an_address(visitor, home, name):
    for path in (home / name, Path(__file__)):
        assert visitor.http.get(f"zh/gradio_api/file={path}").status_code == 404


@pytest.mark.parametrize("path", FILE_PATHS)
def test_nothing_is_served_from_beside_the_assets(url, path):
    for folder in ("/zh/assets/", "/zh/static/", "/zh/svelte/", "/zh/", "/", "/lang/"):
        answer, body = raw(url, "GET", folder + path.replace(" ", "%20").lstrip("/"))
        assert answer.status < 500
        assert "root:" not in body


@pytest.mark.parametrize("params", SOURCES, ids=lambda params: urlencode(params)[:40])
def test_a_forged_place_is_told_without_a_path(visitor, home, params):
    for asked in (params, params | {"picture": "1"}, params | {"picture": "../../etc/passwd"}):
        answer = visitor.http.get("source", params=asked)
        assert harmless(answer) in (400, 404)
        assert list(answer.json()) == ["error"]
        assert str(home) not in answer.text


def test_a_language_is_one_of_two(visitor):
    for lang in TYPED:
        shown = visitor.http.get("source", params={"document": "schools.txt", "start": 0, "end": 5, "lang": lang})
        assert (harmless(shown), shown.json()["title"]) == (200, "海州市2031年教育工作总结"), lang
        assert harmless(visitor.http.get(f"lang/{quote(lang, safe='')}")) == 404, lang


@pytest.mark.parametrize("wanted", NEXT)
def test_a_referer_or_a_query_leads_nowhere_else(visitor, url, wanted):
    clean = wanted.replace("\r", "%0d").replace("\n", "%0a")
    for referer in (clean, f"{url}zh/?c={clean}", f"http://[{clean}"):
        answer = visitor.http.get("lang/en", headers={"referer": referer})
        assert harmless(answer) == 303
        assert urlsplit(urljoin(url, answer.headers["location"])).netloc == urlsplit(url).netloc
        assert answer.headers["location"].startswith(("/en/", "/login"))
    del visitor.http.cookies["youju_lang"]
    first = visitor.http.get("", params={"c": wanted, "next": wanted})
    assert (harmless(first), first.headers["location"][:4]) == (303, "/zh/")


# Who


@pytest.mark.parametrize("wanted", NEXT)
def test_a_login_leads_to_our_pages_alone(logged, wanted):
    with Visitor(logged) as tab:
        page = tab.http.get("login", params={"next": wanted})
        assert harmless(page) == 200
        assert page.text.count("<script") == 0
        sent = tab.http.post("login", data={"name": "an", "password": PASSWORD, "next": wanted})
        assert harmless(sent) == 303
        assert re.fullmatch(r"/(?:(?:zh|en)/?)?(?:\?[\w.~%&=+-]*)?", sent.headers["location"])


@pytest.fixture(scope="module")
def logged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logged")
    with server(small_pipeline(folder), auth=users_file(folder, "an")) as running:
        yield running.url


@pytest.mark.parametrize("token", TOKENS)
def test_a_forged_session_is_nobodys(logged, token):
    header = f"youju_session={token}; youju_browser={token}".encode()
    with Visitor(logged, headers={"cookie": header}) as tab:
        closed = ("zh/config", "en/gradio_api/info", "source", "export", "zh/gradio_api/file=/etc/passwd")
        assert {harmless(tab.http.get(path)) for path in closed} == {401}
        assert harmless(tab.http.get("zh/")) == 303
        assert harmless(tab.http.post("zh/gradio_api/queue/join", json={})) == 401
        assert harmless(tab.http.get("v1/models", headers={"authorization": f"Bearer {quote(token)}x"})) == 401


@pytest.mark.parametrize("token", TOKENS)
def test_a_forged_browser_gets_an_identity_of_its_own(url, token):
    if token == "a" * 43:
        return  # has the shape of one; whoever guesses 256 bits is that browser
    with Visitor(url, headers={"cookie": f"youju_browser={token}".encode()}) as tab:
        given = re.match(r"youju_browser=([\w-]{43});", tab.http.get("zh/").headers["set-cookie"])
        assert given[1] != token


@pytest.fixture(scope="module")
def guessed(tmp_path_factory):
    """A server of its own: failed logins slow down whoever comes from the same address."""
    folder = tmp_path_factory.mktemp("guessed")
    with server(small_pipeline(folder), auth=users_file(folder, "an")) as running:
        yield running.url


def test_a_hostile_user_name_comes_back_as_text(guessed):
    ours = r"<(?!/?(?:!doctype|html|head|meta|title|link|body|main|h1|p|form|input|label|button|a)\b)"
    with Visitor(guessed) as tab:
        for name in TYPED:
            page = tab.http.post("login", data={"name": name, "password": "", "next": "/"})
            assert harmless(page) in (401, 413, 429), name
            assert not re.search(ours, page.text), name
            assert len(re.findall(r"\son\w+=|javascript:", re.sub(r'value="[^"<>]*"', "", page.text))) == 0, name


# Conversations


def test_a_forged_conversation_is_not_there(visitor):
    for identity, lang in itertools.product([*TOKENS, *FILE_PATHS, *TYPED[:20]], ["zh", "en", "<b>"]):
        answer = visitor.http.get("export", params={"conversation": identity, "lang": lang})
        assert harmless(answer) == 404
        assert answer.text in ("没有这个对话。", "There is no such conversation.")


def test_titles_break_neither_the_export_nor_its_headers(url, visitor):
    event = visitor.functions["ask"]
    assert send(visitor, event, [ANSWERED, None, [], [], [], "answer"])["success"]
    listed = send(visitor, visitor.functions["list_past"], [None, ""])["output"]["data"][0]
    identity = re.search(r'data-yj-act="open" data-yj-number="([^"]+)"', listed)[1]
    for title in HOSTILE[::2]:
        act = {"act": "rename", "number": identity, "text": title}
        assert send(visitor, visitor.functions["act_on_past"], [None, ""], event_data=act)["success"]
        answer = visitor.http.get("export", params={"conversation": identity})
        assert harmless(answer) == 200
        assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
        assert re.fullmatch(r"attachment; filename\*=UTF-8''[\w.~%-]+\.md", answer.headers["content-disposition"])
        assert re.search(r"(?<!\\)<|\]\((?!\\)", answer.text.split("\n\n")[0]) is None
        with Visitor(url) as other:
            assert other.open().http.get("export", params={"conversation": identity}).status_code == 404


# Events


@pytest.mark.parametrize("name", ["act", "act_on_past", "take_away"])
def test_forged_clicks_do_nothing(url, visitor, name):
    values = {"act": [None, [], [], [], "answer"], "act_on_past": [None, ""], "take_away": [[], [], []]}[name]
    for act in ACTS:
        for event in events_of(visitor, name):
            outcome = send(visitor, event, values, event_data=act)
            assert outcome is None or outcome["msg"] == "process_completed", act
    goes_on(url)


@pytest.mark.parametrize("state", [{"identity": "x"}, {"__class__": "Exchange"}, [1], "x", {"past": [{"number": 1}]}])
def test_a_state_cannot_be_sent_in(visitor, state):
    assert send(visitor, visitor.functions["ask"], [ANSWERED, state, [], [], [], "answer"])["success"]
    act = {"act": "retry", "number": "1"}
    outcome = send(visitor, events_of(visitor, "act")[0], [state, [], [], [], "answer"], event_data=act)
    assert outcome["success"]
    assert QUOTE in str(outcome) or "新建学校12所" in str(outcome)


@pytest.mark.parametrize("event", [-1, 10**9, "ask", None, 1.5, [0], {"a": 1}, "../../x"], ids=str)
def test_an_unknown_event_is_refused(url, visitor, event):
    body = {"data": [], "fn_index": event, "session_hash": visitor.session}
    for route in ("queue/join", "run/predict", "component_server", "cancel", "run/__class__"):
        assert harmless(visitor.http.post(f"zh/gradio_api/{route}", json=body)) in (400, 404, 422), route
    goes_on(url)


@pytest.mark.parametrize("text", [*TYPED[::7], *ORDERS], ids=lambda text: ascii(text)[:30])
def test_forged_values_of_every_field_break_nothing(visitor, text):
    asked = send(visitor, visitor.functions["ask"], [text, None, [text], [text], [text], text])
    assert asked["msg"] == "process_completed"  # what is no choice is refused by the field
    looked = send(visitor, visitor.functions["look"], [text, text, [text], text, text])
    assert looked["msg"] == "process_completed"
    for name in ("stop", "resume", "delete"):
        for event in events_of(visitor, name):
            assert send(visitor, event, [text, {}])["msg"] == "process_completed"


# Uploads


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:30])
def test_an_upload_lies_in_its_folder_whatever_its_name(visitor, name):
    quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = f'--b\r\nContent-Disposition: form-data; name="files"; filename="{quoted}"\r\n\r\n'
    headers = {"content-type": "multipart/form-data; boundary=b"}
    sent = visitor.http.post("zh/gradio_api/upload", content=head.encode() + b"x\r\n--b--\r\n", headers=headers)
    assert harmless(sent) in (200, 400, 422)
    for path in sent.json() if sent.status_code == 200 else []:
        assert Path(path).resolve().is_relative_to(private_folder())
        assert Path(path).read_bytes() == b"x"
        fetched = visitor.http.get(f"zh/gradio_api/file={quote(path)}")
        assert harmless(fetched) in (200, 404)  # a percent sign in a name is read twice on the way


@pytest.mark.parametrize("name", ["x.html", "x.svg", "x.xhtml", "x.xml", "x.js", "x.htm"])
def test_an_uploaded_page_is_saved_and_never_shown(visitor, name):
    content = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    path = visitor.http.post("zh/gradio_api/upload", files={"files": (name, content)}).json()[0]
    answer = visitor.http.get(f"zh/gradio_api/file={path}")
    assert harmless(answer) == 200
    assert answer.headers["content-disposition"].startswith("attachment")
