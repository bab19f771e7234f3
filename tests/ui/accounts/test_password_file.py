import json
import logging
import re
import stat
import threading
from pathlib import Path

import pytest

from rag.errors import ConfigError
from tests.support.serving import KNOWN, PASSWORD, users_file
from ui.accounts import password_file as auth
from ui.accounts.hashing import check_hash, hash_password, verify_password
from ui.accounts.password_file import Users, add_user, make_key, remove_user

GOOD = {"name": "an", "admin": False, "password": KNOWN, "key": ""}


@pytest.fixture
def file(tmp_path):
    return users_file(tmp_path, "an", "bo")


# Written by youju 0.1 (commit 4ce702e): "an" with "correct horse"; "bo", an admin with a key, with "battery staple".
BEFORE = Path(__file__).parents[2] / "from_before" / "users"
KEY_OF_BO = "youju-2mE6J-rxwGSFtp2RZYS67_ffQQYd7j9FBv5Yw0Zu620"
SCRYPT = json.loads(BEFORE.read_text(encoding="utf-8").splitlines()[0])["password"]


def test_a_password_is_stored_as_rfc_9106_asks_and_no_two_hashes_are_alike():
    assert KNOWN.split("$")[:4] == ["", "argon2id", "v=19", "m=65536,t=3,p=4"]
    assert hash_password(PASSWORD) != KNOWN
    assert PASSWORD not in KNOWN


def test_a_password_is_itself_and_nothing_else():
    assert verify_password(PASSWORD, KNOWN) == (True, None)
    assert verify_password(PASSWORD + "x", KNOWN) == (False, None)
    long = hash_password("长" * 200)
    assert (verify_password("长" * 200, long)[0], verify_password("长" * 201, long)[0]) == (True, False)


def test_a_password_file_of_before_lets_everybody_in_and_is_renewed_at_their_login(tmp_path, caplog):
    file = tmp_path / "users"
    file.write_bytes(BEFORE.read_bytes())
    users = Users(file)
    assert users.of_key(KEY_OF_BO).name == "bo"
    assert (users.check("an", "wrong horse"), users.check("bo", PASSWORD)) == (None, None)
    assert file.read_bytes() == BEFORE.read_bytes(), "a wrong password changes nothing"
    an, bo = users.check("an", PASSWORD), users.check("bo", "battery staple")
    assert [(user.name, user.admin) for user in (an, bo)] == [("an", False), ("bo", True)]
    assert all(user.password.startswith("$argon2id$") for user in Users(file).listed())
    assert users.of_key(KEY_OF_BO) == bo
    assert (users.find("an"), users.check("an", PASSWORD)) == (an, an)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_old_password_holds_where_the_file_cannot_be_renewed(tmp_path, monkeypatch, caplog):
    file = tmp_path / "users"
    file.write_bytes(BEFORE.read_bytes())
    users = Users(file)
    file.with_name("users.lock").mkdir()
    assert users.check("an", PASSWORD).name == "an"
    assert "The password of an keeps its old hash: The password file" in caplog.text
    assert file.read_bytes() == BEFORE.read_bytes()


def test_only_the_owner_of_the_file_can_read_it(tmp_path):
    file = tmp_path / "new" / "users"
    assert add_user(file, "an", PASSWORD)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    make_key(file, "an")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not [path for path in file.parent.iterdir() if path.name.endswith(".tmp")]


def test_a_key_is_shown_once_and_replaces_the_one_before(file):
    first, second = make_key(file, "an"), make_key(file, "an")
    users = Users(file)
    assert re.fullmatch(r"youju-[\w-]{43}", second)
    assert second not in file.read_text(encoding="utf-8")
    assert users.of_key(second).name == "an"
    assert [users.of_key(key) for key in (first, "", "youju-")] == [None] * 3


def test_another_password_keeps_the_key(file):
    key = make_key(file, "an")
    assert not add_user(file, "an", "another password", admin=True)
    users = Users(file)
    assert users.of_key(key).admin
    assert users.check("an", "another password").name == "an"
    assert users.check("an", PASSWORD) is None


def test_who_is_removed_is_out_while_the_server_runs(file):
    users, key = Users(file), make_key(file, "an")
    assert users.of_key(key).name == "an"
    remove_user(file, "an")
    assert (users.find("an"), users.of_key(key), users.check("an", PASSWORD)) == (None, None, None)


def test_a_file_that_breaks_while_the_server_runs_leaves_the_users_as_they_were(file, caplog):
    users = Users(file)
    file.write_text("{", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert users.find("an").name == "an"
    assert "line 1 is no user" in caplog.text
    assert "Until then the users before hold" in caplog.text


@pytest.mark.parametrize(
    "line",
    [
        "an:secret",
        "[]",
        '"an"',
        "{}",
        "[" * 100_000,
        json.dumps(GOOD | {"name": 5}),
        json.dumps(GOOD | {"name": "An"}),
        json.dumps(GOOD | {"name": "a\r\nb"}),
        json.dumps(GOOD | {"name": "browser-1"}),
        json.dumps(GOOD | {"admin": "yes"}),
        json.dumps(GOOD | {"extra": 1}),
        json.dumps(GOOD | {"key": "x"}),
        json.dumps(GOOD | {"password": "secret"}),
        json.dumps(GOOD | {"password": "scrypt$131072$8$1$!$!"}),
        json.dumps(GOOD | {"password": "$argon2id$v=19$m=65536"}),
        json.dumps(GOOD | {"password": KNOWN.replace("m=65536", "m=65536000")}),
        json.dumps(GOOD | {"password": KNOWN.replace("t=3", "t=300000")}),
        json.dumps(GOOD | {"password": KNOWN.replace("p=4", "p=400")}),
        json.dumps(GOOD | {"password": SCRYPT.replace("131072", "1000")}),
        json.dumps(GOOD | {"password": SCRYPT.replace("131072", "1073741824")}),
        json.dumps(GOOD | {"password": SCRYPT.replace("131072", "0")}),
    ],
)
def test_a_malformed_line_is_told_by_its_number(file, line):
    with file.open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")
    with pytest.raises(ConfigError, match=r"users, line 3 is no user: .+ Remove the line and add the user again\."):
        Users(file)


def test_a_key_of_null_is_none(file):
    file.write_text(json.dumps(GOOD | {"key": None}), encoding="utf-8")
    assert Users(file).find("an").key == ""


def test_a_second_line_of_a_user_is_told(file):
    file.write_text(f"{json.dumps(GOOD)}\n\n{json.dumps(GOOD)}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="line 3 names an a second time"):
        Users(file)


def test_a_file_that_cannot_be_read_or_written_is_told(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot be read: No such file.* Make one: youju users add NAME --file"):
        Users(tmp_path / "none")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="it is no UTF-8 text"):
        Users(tmp_path / "binary")
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be written"):
        add_user(tmp_path / "file" / "users", "an", PASSWORD)


def test_users_added_at_the_same_time_are_all_there(file, monkeypatch):
    monkeypatch.setattr(auth, "hash_password", lambda _: KNOWN)
    names = [f"user{number}" for number in range(12)]
    threads = [threading.Thread(target=add_user, args=(file, name, PASSWORD)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {user.name for user in Users(file).listed()} == {"an", "bo", *names}


def test_hashes_that_would_fill_the_memory_are_refused():
    with pytest.raises(ValueError, match="scrypt cannot be run with n=131072, r=80, p=1"):
        check_hash(SCRYPT.replace("$8$", "$80$"))
