"""What the only document that is searched is about: its headings, cited."""

from __future__ import annotations

from rag.answering.about_document import outline
from tests.support.fakes import some_evidence


def test_the_headings_are_named_in_order_and_cited() -> None:
    evidence = some_evidence("新建桥12座。", heading=("一、建设", "（一）桥梁"))
    evidence = some_evidence("修路30公里。", heading=("一、建设", "（二）公路"), after=evidence)
    evidence = some_evidence("招聘教师9名。", heading=("二、教育",), after=evidence)
    told = outline(evidence, language="zh")
    assert told is not None
    (sentence,), citations = told
    assert (sentence.text, sentence.markers) == ("一、建设；二、教育。", (1, 2))
    assert [(c.marker, c.quote) for c in citations] == [(1, "新建桥12座。"), (2, "招聘教师9名。")]


def test_under_one_heading_those_below_it_are_named() -> None:
    evidence = some_evidence("新建桥12座。", heading=("总结", "桥梁"))
    evidence = some_evidence("修路30公里。", heading=("总结", "公路"), after=evidence)
    told = outline(evidence, language="en")
    assert told is not None
    assert told[0][0].text == "桥梁; 公路."


def test_several_documents_or_one_heading_have_no_outline() -> None:
    evidence = some_evidence("新建桥12座。", heading=("一、建设",))
    assert outline(evidence, language="zh") is None
    assert (
        outline(some_evidence("修路。", heading=("二、公路",), source="b.txt", after=evidence), language="zh") is None
    )
    assert outline(some_evidence("修路。", heading=()), language="zh") is None
