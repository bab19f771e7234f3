"""A user's data is deleted whole, and nobody else's: the bytes of all files are searched."""

import json
from pathlib import Path

import pytest

from rag.errors import IndexLockedError
from rag.index.ingest import index_paths
from rag.index.opening import open_store
from rag.index.plan import UPLOADS
from rag.index.sqlite import Store
from tests.rag.cli.test_users_cli import users  # noqa: F401 - a fixture
from tests.support.console import youju  # noqa: F401 - a fixture
from tests.support.fakes import HashingEncoder
from tests.support.ui.exchanges import done
from ui.accounts.owners import owner_folder
from ui.batch.store import Job, JobStore
from ui.conversations.history import History
from ui.purge import purge_user
from ui.settings import load_page_config

SECRET = "鄨瓺qzxkvw"


@pytest.fixture
def config(tmp_path):
    return load_page_config({"YOUJU_HOME": str(tmp_path / "home")})


def fill(config, name: str, secret: str) -> None:
    """A conversation with feedback, a batch and an uploaded document, all of which hold a word."""
    history = History(config.workspace)
    kept = history.begin(name, f"标题{secret}")
    history.save(name, kept, done(question=f"问{secret}？", text=f"答{secret}。"), index_version="i1")
    history.rate(name, kept, 1, "down", f"评{secret}")
    history.save(name, kept, done(question=f"再问{secret}？", text=f"再答{secret}。"))
    history.close()
    jobs = JobStore(config.workspace)
    job_id, draft = jobs.new_folder(name)
    (draft / "questions.txt").write_text(f"{secret}？", encoding="utf-8")
    (draft / "answers.jsonl").write_text(json.dumps({"answer": secret}, ensure_ascii=False), encoding="utf-8")
    jobs.add(name, Job(job_id, f"{secret}.txt", "quotes", "questions.txt", 1.0, 1), draft)
    file = config.workspace / UPLOADS / owner_folder(name) / f"{secret}.txt"
    file.parent.mkdir(parents=True)
    file.write_text(f"{secret}2031年工作总结\n\n一、学校\n{secret}新建学校12所。\n", encoding="utf-8")
    index_paths(config, [file], encoder=HashingEncoder())
    file.unlink()


def standing_in(folder: Path, secret: str) -> set[str]:
    """Files whose bytes or name hold a word, in any encoding that text is kept in."""
    needles = [secret.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")]
    needles.append(ascii(secret)[1:-1].encode())
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {file.name for file in files if secret in file.name or any(n in file.read_bytes() for n in needles)}


def test_everything_of_one_user_goes_and_everything_of_others_stays(config):
    fill(config, "ann", SECRET)
    fill(config, "bob", "乙县保留")
    before = standing_in(config.home, "乙县保留")
    assert standing_in(config.home, SECRET) == {"history.sqlite", "youju.sqlite"} | standing_in(
        config.workspace / "batches", SECRET
    )
    purged = purge_user(config, "ann")
    assert (purged.n_conversations, purged.n_batches, purged.sources) == (1, 1, (f"{SECRET}.txt",))
    assert standing_in(config.home, SECRET) == set()
    assert standing_in(config.home, "乙县保留") == before
    assert [info.source for info in open_store(config).documents()] == ["乙县保留.txt"]
    assert [info.title for info in History(config.workspace).list("bob")] == ["标题乙县保留"]
    assert not purge_user(config, "ann")


def test_of_a_user_of_whom_nothing_is_kept_nothing_is_made(config):
    assert not purge_user(config, "ann")
    assert not config.workspace.exists()
    assert not config.index.exists()


def test_while_the_index_is_written_nothing_is_deleted_and_it_can_be_done_again(config):
    fill(config, "ann", SECRET)
    with Store.open(config.index), pytest.raises(IndexLockedError):
        purge_user(config, "ann")
    assert len(History(config.workspace).list("ann")) == 1
    assert purge_user(config, "ann").n_conversations == 1


def test_the_command_purges_a_user_and_what_a_removed_one_left(users, tmp_path):  # noqa: F811
    config = load_page_config()
    for name in ("ann", "bob"):
        users("add", name, "--stdin", typed="a good password\n")
    fill(config, "ann", SECRET)
    assert users("remove", "ann") == 0
    assert standing_in(config.home, SECRET) != set()
    assert users("remove", "ann", "--purge") == 0
    assert users.out == "Removed: ann, with 1 conversations, 1 batches and 1 documents\n"
    assert standing_in(config.home, SECRET) == set()
    assert users("remove", "ann", "--purge") == 3
    assert users("remove", "bob", "--purge") == 0
    assert users.out == "Removed: bob, with 0 conversations, 0 batches and 0 documents\n"
