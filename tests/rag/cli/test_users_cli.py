import getpass
import io
import sys

import pytest

from rag.config import load_config
from ui.accounts.password_file import Users


@pytest.fixture
def users(youju, monkeypatch):
    """Runs `youju users` as a user would, with a password on standard input where one is given."""

    def run(*arguments, typed=None):
        monkeypatch.setattr(sys, "argv", [])  # it is handed on there
        monkeypatch.delitem(sys.modules, "ui.users_command", raising=False)  # what was imported is run anew
        monkeypatch.setattr(sys, "stdin", io.StringIO("" if typed is None else typed))
        code = youju("users", *arguments)
        run.out, run.err = youju.out, youju.err
        return code

    return run


def known():
    return Users(load_config().workspace / "users")


def test_a_user_is_added_listed_changed_and_removed(users):
    assert users("add", "an", "--stdin", typed="first password\r\n") == 0
    assert users.out.startswith("Added: an, no administrator, in ")
    assert users("add", "bo", "--admin", "--stdin", typed="second password\n") == 0
    assert known().check("an", "first password").name == "an"
    assert users("key", "bo") == 0
    assert users("list") == 0
    assert users.out == "an\tuser\tno key\nbo\tadministrator\tkey\n"
    assert users("add", "an", "--admin", "--stdin", typed="third password\n") == 0
    assert users.out.startswith("Changed: an, an administrator")
    assert known().check("an", "first password") is None
    assert users("remove", "an") == 0
    assert users.out == "Removed: an\n"
    assert [user.name for user in known().listed()] == ["bo"]


def test_a_key_is_the_only_thing_on_standard_output(users):
    users("add", "an", "--stdin", typed="first password\n")
    assert users("key", "an") == 0
    key = users.out.strip()
    assert users.out == f"{key}\n"
    assert known().of_key(key).name == "an"
    assert "not shown again" in users.err


def test_a_password_is_typed_twice_and_not_shown(users, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    typed = iter(["first password", "first password", "one", "other"])
    monkeypatch.setattr(getpass, "getpass", lambda _: next(typed))
    monkeypatch.setattr(io, "StringIO", Terminal)
    assert users("add", "an") == 0
    assert known().check("an", "first password").name == "an"
    assert users("add", "an") == 3
    assert "The two passwords differ." in users.err


def test_without_a_terminal_standard_input_is_named(users):
    assert users("add", "an") == 3
    assert users.err == "youju: There is no terminal to type a password at. Send it with --stdin.\n"


def test_another_file_can_be_named(users, tmp_path):
    file = tmp_path / "else" / "people"
    assert users("add", "an", "--stdin", "--file", file, typed="first password\n") == 0
    assert users("list", "--file", file) == 0
    assert users.out == "an\tuser\tno key\n"


@pytest.mark.parametrize(
    ("arguments", "typed", "says"),
    [
        (("add", "An", "--stdin"), "first password\n", "The user name is 'An'; expected 1 to 32 of a-z"),
        (("add", "a b", "--stdin"), "first password\n", "The user name is 'a b'"),
        (("add", "../x", "--stdin"), "first password\n", "The user name is '../x'"),
        (("add", "browser-1", "--stdin"), "first password\n", "The user name is 'browser-1'"),
        (("add", "an", "--stdin"), "short\n", "The password has 5 characters; expected 8 to 200."),
        (("add", "an", "--stdin"), "", "The password has 0 characters"),
        (("remove", "an"), "", "cannot be read: No such file or directory. Make one: youju users add NAME"),
        (("list",), "", "cannot be read"),
    ],
)
def test_what_does_not_do_is_told_with_the_code_of_settings(users, arguments, typed, says):
    assert users(*arguments, typed=typed) == 3
    assert says in users.err


def test_an_unknown_user_is_told_with_those_that_are_known(users):
    users("add", "an", "--stdin", typed="first password\n")
    for action in ("remove", "key"):
        assert users(action, "bo") == 3
        assert users.err.endswith("has no user 'bo'. It has: an.\n")


@pytest.mark.parametrize("arguments", [(), ("nonsense",), ("add",), ("add", "an", "secret password"), ("key",)])
def test_wrong_usage_is_code_2_and_a_password_is_no_argument(users, arguments):
    assert users(*arguments) == 2
    assert users.err.startswith("usage: youju users")


def test_it_explains_itself(users):
    assert users("--help") == 0
    assert users.out.startswith("usage: youju users")
    assert users("add", "--help") == 0
    assert "--stdin" in users.out
