"""The API as OpenAI's own client sees it, over a scripted pipeline."""

import contextlib
import json
import threading
import time
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import openai
import pytest

from rag.errors import GenerationError, IndexMissingError, QuestionError
from rag.schema.answers import Answer, AnswerSentence, Delta
from rag.schema.documents import Location
from rag.schema.messages import Turn
from tests.support.serving import CITED, answered, served, some_pipeline, users_file
from ui.accounts.password_file import make_key
from ui.serving.openai.reply import annotations_of, count_roughly
from ui.serving.openai.request import MAX_BODY_BYTES

SAID = "录取率是90.21%。[1]"


def client_of(url, key="none", **options):
    http = httpx_client()
    return openai.OpenAI(base_url=f"{url}v1", api_key=key, max_retries=0, http_client=http, **options)


def httpx_client():
    """The client's own kind, without the proxies of the environment."""
    return openai.DefaultHttpxClient(trust_env=False, timeout=120)


@pytest.fixture(scope="module")
def pipeline():
    return some_pipeline()


@pytest.fixture(scope="module")
def url(pipeline):
    with served(pipeline) as running:
        yield running.url


@pytest.fixture
def client(url):
    with client_of(url) as client:
        yield client


def user(text):
    return {"role": "user", "content": text}


def complete(client, *messages, model="youju", **options):
    return client.chat.completions.create(model=model, messages=list(messages) or [user("问")], **options)


def test_two_models_are_offered(client):
    assert [model.id for model in client.models.list()] == ["youju", "youju-quotes"]
    assert client.models.retrieve("youju-quotes").owned_by == "youju"


def test_an_answer_comes_whole_with_its_citation(client, url):
    completion = complete(client)
    choice = completion.choices[0]
    assert (completion.model, choice.finish_reason, choice.message.role) == ("youju", "stop", "assistant")
    assert choice.message.content == SAID
    (annotation,) = choice.message.annotations
    cited = annotation.url_citation
    assert (annotation.type, cited.title, cited.quote) == ("url_citation", "总结 › 一、升学", "录取率90.21%。")
    assert SAID[cited.start_index : cited.end_index] == "[1]"
    place = urlsplit(cited.url)
    assert f"{place.scheme}://{place.netloc}{place.path}" == f"{url}source"
    assert parse_qs(place.query) == {"document": ["年报 a.txt"], "start": ["50"], "end": ["59"]}
    usage = completion.usage
    assert usage.completion_tokens == count_roughly(SAID)
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


def test_a_stream_says_the_checked_text_and_nothing_else(client, pipeline):
    checked = "核对过的文字。" * 12
    pipeline.scripts["流"] = [Delta("未核对的文字"), answered("流", checked)]
    chunks = list(complete(client, user("流"), stream=True, stream_options={"include_usage": True}))
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert deltas[0].role == "assistant"
    assert "".join(delta.content or "" for delta in deltas) == f"{checked}[1]"
    assert sum(bool(delta.content) for delta in deltas) == 4
    (annotation,) = [each for delta in deltas for each in getattr(delta, "annotations", None) or []]
    start, end = annotation["url_citation"]["start_index"], annotation["url_citation"]["end_index"]
    assert f"{checked}[1]"[start:end] == "[1]"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-2:] == [None, "stop"]
    assert (chunks[-1].choices, chunks[-1].usage.completion_tokens) == ([], count_roughly(f"{checked}[1]"))
    assert len({chunk.id for chunk in chunks}) == 1


def test_usage_comes_with_a_stream_only_where_it_was_asked_for(client):
    assert {chunk.usage for chunk in complete(client, stream=True)} == {None}


def test_a_stream_keeps_the_line_alive_and_is_ended_as_agreed(url, pipeline):
    gate = threading.Event()
    pipeline.scripts["慢"] = [gate, answered("慢")]
    body = {"model": "youju", "messages": [user("慢")], "stream": True}
    said = []
    with httpx.stream("POST", f"{url}v1/chat/completions", json=body, trust_env=False, timeout=30) as lines:
        assert lines.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert lines.headers["x-accel-buffering"] == "no"
        for line in lines.iter_lines():
            said.append(line)
            if line == ": working":
                gate.set()
    assert ": working" in said
    assert [line for line in said if line][-1] == "data: [DONE]"


def test_a_refusal_is_a_message_like_any_other(client):
    message = complete(client, user("谁知道？")).choices[0].message
    assert (message.content, message.annotations, message.refusal) == ("资料中没有提到。", [], None)


def test_quotes_are_a_model_of_their_own(client, pipeline):
    assert complete(client, model="youju-quotes").model == "youju-quotes"
    assert pipeline.modes[-1] == "quotes"


def test_earlier_messages_are_the_history_and_the_systems_are_not(client, pipeline):
    parts = [{"type": "text", "text": "问"}, {"type": "text", "text": "完"}]
    complete(
        client,
        {"role": "system", "content": "Ignore the documents."},
        user("一"),
        {"role": "assistant", "content": "是甲。[1][2]是乙。[10]"},
        {"role": "developer", "content": "Say yes."},
        {"role": "assistant", "content": None},
        user(parts),
    )
    assert pipeline.asked[-1] == ("问\n完", (Turn("user", "一"), Turn("assistant", "是甲。是乙。")))


def test_what_steers_a_model_is_accepted_and_changes_nothing(client):
    options = {"temperature": 2, "top_p": 0.1, "max_tokens": 1, "seed": 7, "stop": ["。"], "n": 1, "user": "x"}
    tools = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    assert complete(client, tools=tools, **options).choices[0].message.content == SAID


@pytest.mark.parametrize(
    ("messages", "says", "param"),
    [
        ([], "'messages' must be a list with a message at least.", "messages"),
        ([{"role": "system", "content": "x"}], "The last message must be the user's", "messages"),
        ([user("一"), {"role": "assistant", "content": "二"}], "The last message must be the user's", "messages"),
        ([{"role": "tool", "content": "x"}], "The role 'tool' is not known here.", "messages[0].role"),
        ([user([{"type": "image_url", "image_url": {"url": "x"}}])], "'image_url' are not read", "messages[0].content"),
        ([user([{"type": "text", "text": 5}])], "are not read, only text", "messages[0].content"),
        ([user(5)], "must be text or a list of parts", "messages[0].content"),
        (["x"], "The role 'None' is not known", "messages[0].role"),
        ([user("一")] * 201, "There are 201 messages; the limit is 200.", "messages"),
    ],
)
def test_messages_that_cannot_be_answered_are_told(client, messages, says, param):
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="youju", messages=messages)
    assert says in caught.value.message
    assert (caught.value.param, caught.value.type) == (param, "invalid_request_error")


def test_another_model_does_not_exist(client):
    with pytest.raises(openai.NotFoundError) as caught:
        complete(client, model="gpt-4o")
    assert caught.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4o")


def test_several_answers_are_not_given(client):
    with pytest.raises(openai.BadRequestError, match="documents give one answer"):
        complete(client, n=2)


def test_what_is_not_there_is_told_in_the_same_form(client):
    with pytest.raises(openai.NotFoundError, match="There is no POST /v1/embeddings here"):
        client.embeddings.create(model="youju", input="x")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 100_000, b'{"messages": []}', b"\xff\xfe"])
def test_a_malformed_body_is_told(url, body):
    answer = httpx.post(f"{url}v1/chat/completions", content=body, trust_env=False)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_huge_body_is_refused(url):
    answer = httpx.post(f"{url}v1/chat/completions", content=b" " * (MAX_BODY_BYTES + 1), trust_env=False)
    assert (answer.status_code, answer.json()["error"]["message"]) == (413, "The body is larger than 1,000,000 bytes.")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (QuestionError("The question is empty."), openai.BadRequestError, "The question is empty."),
        (IndexMissingError("Nothing was indexed."), openai.InternalServerError, "Nothing was indexed."),
        (GenerationError("Out of memory."), openai.InternalServerError, "Out of memory."),
        (ValueError("secret /home/x"), openai.InternalServerError, "An internal error (ValueError)"),
    ],
)
def test_an_error_keeps_its_words_and_has_the_right_status(client, pipeline, stream, error, kind, says):
    pipeline.scripts["坏"] = [error]
    with pytest.raises(kind) as caught:
        list(complete(client, user("坏"), stream=stream))
    assert says in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_error_in_the_midst_of_a_stream_is_told_in_it(client, pipeline):
    pipeline.scripts["迟"] = [0.6, GenerationError("Out of memory.")]
    with pytest.raises(openai.APIError, match=r"Out of memory\."):
        list(complete(client, user("迟"), stream=True))


def test_who_asks_too_much_at_once_is_told_to_wait():
    gate, pipeline = threading.Event(), some_pipeline()
    pipeline.scripts["长"] = [gate, answered("长")]
    with served(pipeline) as running, client_of(running.url) as client:
        threads = [threading.Thread(target=complete, args=(client, user("长"))) for _ in range(6)]
        for thread in threads:
            thread.start()
        until(lambda: running.desk.n_waiting == 5)
        with pytest.raises(openai.RateLimitError) as caught:
            complete(client)
        gate.set()
        for thread in threads:
            thread.join()
    assert caught.value.response.headers["retry-after"] == "10"
    assert "5 of your own questions are waiting already" in caught.value.message


@pytest.mark.parametrize("stream", [False, True])
def test_a_caller_who_leaves_ends_the_work(url, pipeline, stream):
    pipeline.scripts["久"] = [part for _ in range(2000) for part in (Delta("字"), 0.02)]
    pipeline.yielded.clear()
    pipeline.closed.clear()
    body = {"model": "youju", "messages": [user("久")], "stream": stream}
    with contextlib.suppress(httpx.ReadTimeout):
        where = f"{url}v1/chat/completions"
        with httpx.stream("POST", where, json=body, trust_env=False, timeout=0.5) as lines:
            for _ in lines.iter_lines():
                if pipeline.yielded:
                    break
    until(lambda: pipeline.closed == ["久"])
    assert len(pipeline.yielded) < 1000


def test_with_logins_a_key_is_needed_and_names_its_user(tmp_path):
    file, pipeline = users_file(tmp_path, "an"), some_pipeline()
    key = make_key(file, "an")
    with served(pipeline, auth=file) as running:
        for wrong in ("none", key[:-1], "an"):
            with client_of(running.url, wrong) as client, pytest.raises(openai.AuthenticationError) as caught:
                complete(client)
            assert caught.value.code == "invalid_api_key"
        with client_of(running.url, key) as client:
            assert complete(client).choices[0].message.content == SAID
            assert next(iter(client.models.list())).id == "youju"


def test_markers_are_found_where_they_stand_and_nowhere_else():
    second = CITED[0].__class__(2, "b.txt", "", (), 3, 5, "乙")
    sentences = (
        AnswerSentence("文中有[1]这样的字。", (1, 2)),
        AnswerSentence("It is 5.", (2,)),
        AnswerSentence("没有出处。"),
    )
    answer = Answer(question="问", query="问", sentences=sentences, citations=(*CITED, second), abstained=False)
    found = [each["url_citation"] for each in annotations_of(answer, "http://h")]
    assert [answer.text[each["start_index"] : each["end_index"]] for each in found] == ["[1]", "[2]", "[2]"]
    assert [each["start_index"] for each in found] == [11, 14, 25]
    assert [each["title"] for each in found] == ["总结 › 一、升学", "b.txt", "b.txt"]


def test_an_annotation_tells_where_it_stands_in_the_file_itself():
    cited = replace(CITED[0], source="a.xlsx", location=Location(sheet="学位", cells="B7:C7"))
    answer = Answer(
        question="问", query="问", sentences=(AnswerSentence("是5。", (1,)),), citations=(cited,), abstained=False
    )
    (told,) = [each["url_citation"] for each in annotations_of(answer, "http://h")]
    assert told["file"] == "a.xlsx 学位!B7:C7"
    assert told["location"] == {"sheet": "学位", "cells": "B7:C7"}
    assert "page" not in told
    paged = replace(answer, citations=(replace(cited, location=Location(page=3)),))
    (told,) = [each["url_citation"] for each in annotations_of(paged, "http://h")]
    assert (told["page"], told["location"]) == (3, {"page": 3})


def test_events_have_no_line_breaks_inside(url, pipeline):
    pipeline.scripts["行"] = [answered("行", "一\n\ndata: 二\r\n三\u2028四")]
    body = {"model": "youju", "messages": [user("行")], "stream": True}
    answer = httpx.post(f"{url}v1/chat/completions", json=body, trust_env=False, timeout=30)
    events = [event for event in answer.text.split("\n\n") if event.startswith("data: {")]
    deltas = [json.loads(event[6:])["choices"][0]["delta"].get("content", "") for event in events]
    assert "".join(deltas) == "一\n\ndata: 二\r\n三\u2028四[1]"


def until(condition):
    for _ in range(6000):  # a minute: on a busy machine six callers take more than ten seconds to come in
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("waited in vain")
