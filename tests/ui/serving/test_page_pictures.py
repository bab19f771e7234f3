"""The page of a citation as a picture, from the assembled server: for whoever may read the document."""

import pytest

from rag.index.plan import UPLOADS
from tests.support.pdf_files import pdf_of
from tests.support.serving import Visitor, quick_passwords, users_file
from tests.support.small_home import small_pipeline
from tests.support.watched import server
from ui.accounts.owners import owner_folder

__all__ = ["quick_passwords"]

LINE = "2031年，平湖县新建学校31所。"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    theirs = f"{UPLOADS}/{owner_folder('bo')}/theirs.pdf"
    texts = ["平湖县2031年教育工作总结", "一、学校建设", LINE]
    documents = {"schools.pdf": pdf_of([texts]), theirs: pdf_of([["临川县2030年工作总结", LINE]])}
    pipeline = small_pipeline(folder, documents)
    with server(pipeline, auth=users_file(folder, "an", "bo")) as running:
        yield running, pipeline, folder


def asked(home, name, document):
    running, pipeline, _ = home
    start = pipeline.document_text(document).index(LINE)
    place = {"document": document, "start": start, "end": start + len(LINE), "picture": "1"}
    with Visitor(running.url) as visitor:
        visitor.log_in(name)
        return visitor.http.get("source", params=place)


def test_who_may_read_the_document_sees_its_page(home):
    answer = asked(home, "an", "schools.pdf")
    assert answer.status_code == 200
    assert 'src="data:image/png;base64,iVBORw0KGgo' in answer.json()["html"]
    assert answer.json()["html"].count("<rect") == 1


def test_who_may_not_read_it_is_told_what_is_told_of_one_that_is_not_there(home):
    answer = asked(home, "an", "theirs.pdf")
    assert (answer.status_code, answer.json()) == (404, {"error": "资料库里没有这份资料，可能已被移除。"})


def test_of_what_was_uploaded_no_file_is_kept_and_that_is_said(home):
    answer = asked(home, "bo", "theirs.pdf")
    assert (answer.status_code, answer.json()["html"].count("上传的")) == (200, 1)


def test_who_is_not_logged_in_gets_nothing(home):
    answer = asked(home, "nobody", "schools.pdf")
    assert answer.status_code == 401
    assert "base64" not in answer.text


def test_of_a_file_that_has_changed_no_path_is_told(home):
    folder = home[2]
    kept = (folder / "originals" / "schools.pdf").read_bytes()
    (folder / "originals" / "schools.pdf").write_bytes(pdf_of([["另一份", LINE]]))
    try:
        home[1]._images._kept.clear()
        answer = asked(home, "an", "schools.pdf")
    finally:
        (folder / "originals" / "schools.pdf").write_bytes(kept)
    assert "改动过" in answer.json()["html"]
    assert str(folder) not in answer.text
