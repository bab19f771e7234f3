import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.support.serving import PASSWORD, users_file
from ui.accounts.identity import Identity, IdentityMiddleware, UnknownOwnerError, owner_of
from ui.accounts.password_file import Users, make_key
from ui.accounts.sessions import Logins
from ui.web.cookies import read_cookies
from ui.web.guard import PrefixMiddleware

TOKEN = "A" * 42 + "_"


async def tell(request):
    return JSONResponse({"owner": owner_of(request)})


def client(identity, **options):
    paths = ("/zh/", "/zh/gradio_api/queue/join", "/v1/models", "/tools/x", "/source")
    routes = [Route(path, tell, methods=["GET", "POST"]) for path in paths]
    middleware = [
        Middleware(PrefixMiddleware, root_path=options.pop("root_path", "")),
        Middleware(IdentityMiddleware, identity=identity),
    ]
    app = Starlette(routes=routes, middleware=middleware)
    return TestClient(app, follow_redirects=False, **options)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return users_file(tmp_path_factory.mktemp("users"), "an", "bo", admin="bo")


@pytest.fixture
def logins(file):
    return Logins(Users(file))


# Without logins


def test_a_browser_is_the_same_owner_on_every_visit_and_no_other_browser_is():
    one, other = client(Identity()), client(Identity())
    owners = {one.get("/zh/").json()["owner"] for _ in range(3)}
    assert len(owners) == 1
    assert re.fullmatch(r"browser-[0-9a-f]{32}", *owners)
    assert other.get("/zh/").json()["owner"] not in owners


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites_and_lasts_a_year():
    given = client(Identity()).get("/zh/").headers["set-cookie"]
    assert re.fullmatch(r"youju_browser=[\w-]{43}; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax", given)


def test_the_cookie_is_renewed_with_its_value():
    http = client(Identity(), cookies={"youju_browser": TOKEN})
    assert http.get("/zh/").headers["set-cookie"].startswith(f"youju_browser={TOKEN}; ")


def test_the_cookie_is_secure_and_for_the_prefix_where_the_page_is():
    http = client(Identity(), base_url="https://testserver", root_path="/youju")
    assert http.get("/zh/").headers["set-cookie"].endswith("; Path=/youju; SameSite=lax; Secure")


def test_the_owner_does_not_give_the_cookie_away():
    http = client(Identity(), cookies={"youju_browser": TOKEN})
    owner = http.get("/zh/").json()["owner"]
    forged = client(Identity(), cookies={"youju_browser": owner.removeprefix("browser-")})
    assert TOKEN not in owner
    assert forged.get("/zh/").json()["owner"] != owner


@pytest.mark.parametrize(
    "forged", ["", "x", "a" * 42, "a" * 44, "a" * 42 + "/", "a" * 42 + " ", "../../etc/passwd", "%00" * 15, "é" * 43]
)
def test_a_cookie_that_was_never_given_is_replaced_on_the_page_and_refused_elsewhere(forged):
    cookie = f"youju_browser={forged}".encode()
    http = client(Identity())
    page = http.get("/zh/", headers={"cookie": cookie})
    assert re.match(r"youju_browser=[\w-]{43};", page.headers["set-cookie"])
    assert http.cookies["youju_browser"] != forged
    http.cookies.clear()
    event = http.post("/zh/gradio_api/queue/join", headers={"cookie": cookie})
    assert (event.status_code, "set-cookie" in event.headers) == (401, False)
    assert event.json() == {"detail": "Nobody is known by this request. Allow cookies and reload the page."}


def test_a_malformed_cookie_header_is_no_cookie():
    assert read_cookies('a=1; "; \x00=; =') in ({}, {"a": "1"})
    assert read_cookies("youju_browser=x; youju_browser=y") == {"youju_browser": "y"}


def test_programs_are_known_by_their_address():
    http = client(Identity(), client=("192.0.2.7", 50000))
    assert http.get("/v1/models").json() == {"owner": "address-192.0.2.7"}
    assert http.get("/tools/x").json() == {"owner": "address-192.0.2.7"}


def test_without_logins_everybody_may_change_what_all_share():
    assert Identity().is_admin("browser-1")


# With logins


def test_the_page_leads_to_the_login_and_back(logins):
    answer = client(Identity(logins)).get("/zh/?c=1&d=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fzh%2F%3Fc%3D1%26d%3D2")


def test_behind_a_prefix_the_login_is_behind_it_too(logins):
    answer = client(Identity(logins), root_path="/youju").get("/youju/zh/")
    assert answer.headers["location"] == "/youju/login?next=%2Fzh%2F"


def test_an_event_without_a_session_is_refused(logins):
    http = client(Identity(logins), cookies={"youju_browser": TOKEN, "youju_session": TOKEN})
    answer = http.post("/zh/gradio_api/queue/join")
    assert answer.status_code == 401
    assert answer.json() == {"detail": "Nobody is known by this request. Log in and reload the page."}


def test_a_session_is_its_user(logins):
    token = logins.log_in("an", PASSWORD, address="192.0.2.1")
    http = client(Identity(logins), cookies={"youju_session": token})
    assert http.get("/zh/").json() == {"owner": "an"}
    assert "set-cookie" not in http.get("/zh/").headers


def test_an_administrator_is_who_the_file_says(logins):
    identity = Identity(logins)
    assert [identity.is_admin(name) for name in ("an", "bo", "nobody")] == [False, True, False]


def test_programs_need_a_key_and_a_session_is_none(logins, file):
    key = make_key(file, "an")
    http = client(Identity(logins), cookies={"youju_session": logins.log_in("an", PASSWORD, address="192.0.2.1")})
    assert http.get("/v1/models").status_code == 401
    assert http.get("/v1/models").headers["www-authenticate"] == "Bearer"
    assert http.get("/v1/models").json()["error"]["code"] == "invalid_api_key"
    for header in ("Bearer", "Bearer ", f"Basic {key}", f"Bearer {key}x", key):
        assert http.get("/v1/models", headers={"authorization": header}).status_code == 401, header
    for path in ("/v1/models", "/tools/x"):
        assert http.get(path, headers={"authorization": f"bearer {key}"}).json() == {"owner": "an"}


def test_a_citation_is_shown_to_a_session_and_to_a_key(logins, file):
    key, token = make_key(file, "bo"), logins.log_in("an", PASSWORD, address="192.0.2.1")
    http = client(Identity(logins))
    assert http.get("/source").status_code == 401
    assert http.get("/source", headers={"authorization": f"Bearer {key}"}).json() == {"owner": "bo"}
    http.cookies["youju_session"] = token
    assert http.get("/source").json() == {"owner": "an"}


def test_a_request_that_came_by_no_door_has_no_owner():
    with pytest.raises(UnknownOwnerError):
        owner_of(Request({"type": "http", "headers": [(b"cookie", f"youju_browser={TOKEN}".encode())]}))
