"""A server over a scripted pipeline, and visitors of it, for the files that test what is served."""

import contextlib
import json
import ssl
import tempfile
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from gradio_client.utils import apply_diff
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from rag.schema.answers import Answer, AnswerSentence, Citation, Delta, Timings
from rag.schema.documents import Passage
from rag.schema.search import Evidence, Hit, Retrieved
from tests.support.fakes import ListedDocument, ScriptedPipeline
from ui.__main__ import Serving, start
from ui.accounts import hashing
from ui.accounts.hashing import hash_password
from ui.settings import load_page_config

EVIDENCE = (Evidence(1, "录取率90.21%。", "年报 a.txt", "总结", "", (), ("一、升学",), 50, 59, 1.0),)
CITED = (Citation(1, "年报 a.txt", "总结", ("一、升学",), 50, 59, "录取率90.21%。"),)
PASSWORD = "correct horse"
KNOWN = hash_password(PASSWORD)
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # to load them for every client takes longer than a request


@pytest.fixture(scope="module", autouse=True)
def quick_passwords():
    """Passwords hashed at the least cost, where a test is about something else than logging in."""
    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1), hashing._Scrypt()))
    with pytest.MonkeyPatch.context() as patch:
        hashing.unknown_hash.cache_clear()
        patch.setattr(hashing, "_HASHERS", quick)
        yield
    hashing.unknown_hash.cache_clear()


def answered(question, text="录取率是90.21%。", markers=(1,)):
    sentences = (AnswerSentence(text, markers),)
    return Answer(
        question=question,
        query=question,
        sentences=sentences,
        citations=CITED,
        abstained=False,
        evidence=EVIDENCE,
        timings=Timings(0.1, 0.2, 0.3),
    )


def script(question, text="录取率是90.21%。"):
    return [Retrieved(question, EVIDENCE, 0.1), Delta(text[:3]), answered(question, text)]


class SearchedPipeline(ScriptedPipeline):
    """Finds one passage, whatever is searched."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.searched = []

    def search(self, query, *, top_k=None, hidden=frozenset()):
        self.searched.append((query, top_k, hidden))
        passage = Passage(1, "a.txt", "总结", "海州市", (2031,), ("一、升学",), 0, 0, "录取率90.21%。", 50, 59, ())
        return [Hit(passage, 0.5, 1, dense_score=0.9, dense_rank=1)]


def some_pipeline(**scripts):
    scripts = {"问": script("问"), **scripts}
    return SearchedPipeline(scripts, examples=["例一？"], documents=[ListedDocument("a.txt", ("总结",), 7)])


@contextlib.contextmanager
def served(pipeline=None, *, config=None, **serving):
    """A server in the background, with a workspace of its own.

    It is started in a thread of its own: one that a Playwright lives in has an event loop already.
    """
    with tempfile.TemporaryDirectory() as home, ThreadPoolExecutor(1) as beside:
        config = config or load_page_config({"YOUJU_HOME": home})
        running = beside.submit(start, pipeline or some_pipeline(), Serving(**serving), config=config).result()
        try:
            yield running
        finally:
            running.close()


def users_file(folder, *names, admin=""):
    """A password file; every user's password is ``PASSWORD``, hashed once since that takes its time."""
    file = folder / "users"
    records = [{"name": name, "admin": name == admin, "password": KNOWN, "key": ""} for name in names]
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return file


class Visitor:
    """A tab of a browser, as far as the server can tell."""

    def __init__(self, url, page="zh/", **options):
        self.http = httpx.Client(base_url=url, timeout=30, trust_env=False, verify=NO_CERTIFICATES, **options)
        self.page = page
        self.session = uuid.uuid4().hex

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.http.close()

    def log_in(self, name, password=PASSWORD):
        return self.http.post("login", data={"name": name, "password": password, "next": "/zh/"})

    def open(self):
        """Open the page; its functions are known then."""
        self.http.get(self.page).raise_for_status()
        config = self.http.get(f"{self.page}config").raise_for_status().json()
        self.functions = {item["api_name"]: item["id"] for item in config["dependencies"]}
        names = {item["id"]: item["props"].get("elem_id") or item["id"] for item in config["components"]}
        self.outputs = {item["api_name"]: [names[part] for part in item["outputs"]] for item in config["dependencies"]}
        return self

    def body(self, name, *values, session=None, **event):
        """What a browser sends to have a handler run."""
        body = {"data": [*values], "fn_index": self.functions[name], "session_hash": session or self.session}
        return body | ({"event_data": event} if event else {})

    def join(self, name, *values, session=None, **event):
        body = self.body(name, *values, session=session, **event)
        return self.http.post(f"{self.page}gradio_api/queue/join", json=body)

    def ask(self, question, *, sources=(), years=(), places=(), mode="answer"):
        """Ask, and return what that left on the page: the text of each part that has any, by its id."""
        return self.call("ask", question, None, [*sources], [*years], [*places], mode)

    def press(self, act, number):
        """Press a button of an exchange on the page."""
        return self.call("act", None, [], [], [], "answer", act=act, number=str(number), text="")

    def call(self, name, *values, **event):
        """Run a handler of the queue to its end."""
        self.join(name, *values, **event).raise_for_status()
        shown, sent = {}, None
        for message in self.messages():
            if message["msg"] not in ("process_generating", "process_completed"):
                continue
            assert message["success"], message
            data = message["output"]["data"]
            if message["msg"] == "process_generating" and sent is not None:  # only what differs comes again
                data = [apply_diff(*pair) for pair in zip(sent, data, strict=True)]
            sent = data
            shown |= self._texts(name, sent)
        return shown

    def post(self, name, *values, **event):
        """Run a handler that does not queue; what it left, part by part."""
        answer = self.http.post(f"{self.page}gradio_api/run/predict", json=self.body(name, *values, **event))
        return dict(zip(self.outputs[name], answer.raise_for_status().json()["data"], strict=False))

    def _texts(self, name, data):
        """What is not text is an order how to show it."""
        pairs = zip(self.outputs[name], data, strict=False)
        return {part: value for part, value in pairs if isinstance(value, str)}

    def messages(self, session=None):
        """What the queue says, until it has no more to say."""
        where = f"{self.page}gradio_api/queue/data"
        with self.http.stream("GET", where, params={"session_hash": session or self.session}) as lines:
            assert lines.status_code == 200
            for line in lines.iter_lines():
                if line.startswith("data:"):
                    message = json.loads(line[5:])
                    yield message
                    if message["msg"] == "process_completed":
                        return
