import re
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from tests.support.serving import PASSWORD, users_file
from ui.accounts import password_file as auth
from ui.accounts.login_page import login_routes
from ui.accounts.password_file import Users, add_user, remove_user
from ui.accounts.sessions import SESSION_SECONDS, Logins
from ui.accounts.throttle import Throttle
from ui.web.guard import GuardMiddleware, PolicyMiddleware, PrefixMiddleware
from ui.web.languages import language_routes, safe_page


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def file(tmp_path):
    return users_file(tmp_path, "an", "bo")


@pytest.fixture
def logins(file, clock):
    return Logins(Users(file), clock=clock)


def client(logins, *, root_path="", **options):
    middleware = [
        Middleware(PolicyMiddleware),
        Middleware(PrefixMiddleware, root_path=root_path),
        Middleware(GuardMiddleware),
    ]
    app = Starlette(routes=[*language_routes(), *login_routes(logins)], middleware=middleware)
    return TestClient(app, follow_redirects=False, **options)


def enter(http, name="an", password=PASSWORD, next_page="/zh/", **options):
    return http.post("/login", data={"name": name, "password": password, "next": next_page}, **options)


# Logging in


def test_the_right_password_opens_a_session_and_leads_on(logins):
    answer = enter(client(logins), next_page="/en/?c=1")
    token = answer.cookies["youju_session"]
    assert (answer.status_code, answer.headers["location"]) == (303, "/en/?c=1")
    assert re.fullmatch(
        rf"youju_session={token}; HttpOnly; Max-Age={SESSION_SECONDS}; Path=/; SameSite=lax",
        answer.headers["set-cookie"],
    )
    assert logins.user_of(token).name == "an"


def test_over_https_the_session_stays_there(logins):
    answer = enter(client(logins, base_url="https://testserver", root_path="/youju"))
    assert answer.headers["set-cookie"].endswith("; Path=/youju; SameSite=lax; Secure")
    assert answer.headers["location"] == "/youju/zh/"


@pytest.mark.parametrize(("name", "password"), [("an", "wrong pass"), ("nobody", PASSWORD), ("", ""), ("an\r\nx", "é")])
def test_a_wrong_name_or_password_is_told_alike_and_opens_nothing(logins, name, password):
    answer = enter(client(logins, headers={"accept-language": "en"}), name, password)
    assert answer.status_code == 401
    assert '<p class="yj-login-problem" role="alert">The name or the password is wrong.</p>' in answer.text
    assert "set-cookie" not in answer.headers


def test_an_unknown_name_is_hashed_for_like_a_known_one(file, monkeypatch):
    compared = []
    monkeypatch.setattr(
        auth, "verify_password", lambda password, hashed: (compared.append(hashed.split("$")[:4]), None)
    )
    users = Users(file)
    users.check("an", "x")
    users.check("nobody", "x")
    assert compared == [["", "argon2id", "v=19", "m=65536,t=3,p=4"]] * 2


def test_a_session_ends_with_its_time_its_logout_its_password_and_its_user(logins, file, clock):
    http = client(logins)
    tokens = [enter(http, name).cookies["youju_session"] for name in ("an", "an", "bo")]
    assert [logins.user_of(token).name for token in tokens] == ["an", "an", "bo"]
    http.cookies.clear()
    left = http.post("/logout", headers={"cookie": f"youju_session={tokens[0]}"})
    assert (left.status_code, left.headers["location"]) == (303, "/login")
    assert "Max-Age=0" in left.headers["set-cookie"]
    assert [getattr(logins.user_of(token), "name", None) for token in tokens] == [None, "an", "bo"]
    add_user(file, "an", "another password")
    assert [getattr(logins.user_of(token), "name", None) for token in tokens] == [None, None, "bo"]
    clock.now += SESSION_SECONDS + 1
    assert logins.user_of(tokens[2]) is None
    again = enter(http, "bo").cookies["youju_session"]
    remove_user(file, "bo")
    assert logins.user_of(again) is None


def test_a_forged_session_is_nobody(logins):
    assert [logins.user_of(token) for token in ("", "x", "a" * 43, "\ud800", "é")] == [None] * 5


def test_no_session_can_be_read_from_memory(logins):
    token = logins.log_in("an", PASSWORD, address="192.0.2.1")
    assert token not in repr(vars(logins))


def test_guessing_is_slowed_down_by_name_and_then_also_the_right_password_waits(logins, clock):
    http = client(logins)
    assert [enter(http, password="wrong guess").status_code for _ in range(4)] == [401, 401, 401, 429]
    refused = enter(http)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    clock.now += 1.5
    assert enter(http).status_code == 303
    assert enter(http, "bo").status_code == 303


def test_one_address_cannot_try_one_password_on_many_names(logins, clock, monkeypatch):
    monkeypatch.setattr(logins.users, "check", lambda *_: None)
    http = client(logins)
    assert [enter(http, f"user{number}").status_code for number in range(11)] == [401] * 10 + [429]
    elsewhere = client(logins, client=("192.0.2.9", 1))
    assert enter(elsewhere, "user11").status_code == 401


def test_each_failure_doubles_the_wait_up_to_a_limit(clock):
    throttle, waits = Throttle(n_free=2, most_seconds=60, clock=clock), []
    for _ in range(9):
        assert throttle.begin("an") == 0
        wait = throttle.begin("an") if waits else 0.0
        waits.append(wait)
        clock.now += wait + 0.01
    assert waits == [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    throttle.succeed("an")
    assert [throttle.begin("an"), throttle.begin("an")] == [0, 0]


def test_tries_that_come_at_once_are_counted_at_once(clock):
    throttle = Throttle(n_free=3, most_seconds=60, clock=clock)
    assert [throttle.begin("an") > 0 for _ in range(6)] == [False, False, False, True, True, True]


# The page, and what may not leave by it


def test_the_page_asks_in_the_browsers_language_and_needs_no_script(logins):
    http = client(logins)
    chinese = http.get("/login", headers={"accept-language": "zh-CN"})
    english = http.get("/login", headers={"accept-language": "en"})
    assert '<html lang="zh-CN">' in chinese.text
    assert '<label for="password">密码</label>' in chinese.text
    assert '<label for="password">Password</label>' in english.text
    assert "<script" not in chinese.text + english.text
    assert "default-src 'self'" in chinese.headers["content-security-policy"]


def test_the_style_has_the_pages_colours_by_day_and_by_night(logins):
    style = client(logins).get("/login.css").text
    day, night = style.split("@media (prefers-color-scheme: dark)")
    assert "--yj-ground: #ffffff" in day
    assert "--yj-ground: #16181b" in night.split("body {")[0]
    assert ".yj-login-box" in night


@pytest.mark.parametrize(
    "evil",
    [
        *("https://evil.example/", "//evil.example", "/\\evil.example", "/zh/../../x", "javascript:alert(1)", "/login"),
        *("/zh/\r\nSet-Cookie: a=b", "/zh//evil.example", "/zh/?a=<script>", "/zh@evil.example", "%2F%2Fevil", "\x00"),
    ],
)
def test_a_login_leads_nowhere_but_to_our_pages(logins, evil):
    answer = enter(client(logins), next_page=evil)
    assert answer.headers["location"] == "/"
    assert answer.headers.get_list("set-cookie")[0].startswith("youju_session=")
    assert len(answer.headers.get_list("set-cookie")) == 1
    assert safe_page(evil) == "/"
    shown = client(logins).get("/login", params={"next": evil}).text
    assert '<input type="hidden" name="next" value="/">' in shown


def test_what_was_typed_comes_back_as_text(logins):
    answer = enter(client(logins), '"><script>alert(1)</script>')
    assert 'value="&quot;&gt;&lt;script&gt;' in answer.text
    assert "<script" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}],
)
def test_another_sites_form_neither_logs_in_nor_out(logins, headers):
    http = client(logins)
    assert enter(http, headers=headers).status_code == 403
    assert http.post("/logout", headers=headers).status_code == 403
    assert enter(http, headers={"origin": "http://testserver", "sec-fetch-site": "same-origin"}).status_code == 303


def test_a_link_cannot_log_out(logins):
    assert client(logins).get("/logout").status_code == 405


def test_a_large_form_is_not_read(logins):
    assert enter(client(logins), "a" * 5000).status_code == 413


@pytest.mark.parametrize(
    ("referer", "expected"),
    [
        ("http://testserver/youju/zh/?c=1", "/youju/en/?c=1"),
        ("http://testserver/youju/login?next=%2Fzh%2F", "/youju/login?next=%2Fzh%2F"),
        ("https://evil.example/zh/?c=1", "/youju/en/?c=1"),
        ("//evil.example", "/youju/en/"),
        ("http://[", "/youju/en/"),
        ("http://testserver/youju/zh/?a=\r\nSet-Cookie: b", "/youju/en/"),
        ("", "/youju/en/"),
    ],
)
def test_another_language_leads_back_to_the_same_page(logins, referer, expected):
    http = client(logins, root_path="/youju")
    answer = http.get("/youju/lang/en", headers={"referer": referer.encode()})
    target = answer.headers["location"]
    assert (answer.status_code, target) == (303, expected)
    assert not urlsplit(target).netloc
    assert answer.cookies["youju_lang"] == "en"


def test_there_are_two_languages(logins):
    assert client(logins).get("/lang/fr").status_code == 404
