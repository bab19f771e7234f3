"""A made-up official document as a web page gives it: furniture around it, pages cut inside its sentences."""

from rag.documents.chunk import chunk_document
from rag.documents.view import DocumentView, document_view
from rag.schema.documents import Document

NAVIGATION = "首页 > 政务公开 > 工作总结\r\n【打印本页】 【关闭窗口】\r\n"
FOOTER = "主办单位:海州市人民政府办公室 技术支持:信息中心\r\n海ICP备00000000号 版权所有"
REPORT = (
    NAVIGATION
    + "海州市交通局2031年工作总结\r\n\r\n\r\n\r\n"
    + "一、2031年工作情况\r\n"
    + "2031年，全市交通系统狠抓落实，完成了全年的任务。\r\n\r\n1、"
    + "（一）公路建设。\u3000\u3000海州市新修公路86公里，完成投资四\r\n\r\n2、亿三千万元，惠及群\r\n\r\n3、"
    + "众十二万人，其中新 建 桥 梁 十 二 座，维修旧路二百四十公里。全年没有发生重大事故；群众满意度\r\n\r\n"
    + "4、达到百分之九十六，比上年提高三个百分点。\r\n"
    + "（二）公交线路。全市开通线路三十一条，推进新时代spliced.com“公交优先”行动，新增车辆200辆。\r\n"
    + "二、2032年工作打算\r\n"
    + "新建码头两座，改造车站五个，力争年内全部完工并投入使用，方便沿海各县的群众出行。\r\n"
    + FOOTER
)
TWO_PARTS = (
    "各县交通工作总结范文\n\n沿海各县交通工作总结(一)\n一、道路\n新修公路86公里，完成投资四亿元。\n"
    "沿海各县交通工作总结(二)\n一、桥梁\n新建桥梁12座，完成投资三亿元。\n"
)


def sample_document(text: str = REPORT, source: str = "report.txt") -> Document:
    return Document(source, text, "0" * 64, len(text))


def view_of_text(text: str = REPORT, source: str = "report.txt") -> DocumentView:
    """A document as the index would show it."""
    document = sample_document(text, source)
    return document_view(document, chunk_document(document, passage_chars=80).parts)


def sentences_of(text: str = REPORT) -> list[tuple[int, int, str]]:
    """What can be cited of a document: raw spans with their quotes."""
    passages = chunk_document(sample_document(text), passage_chars=80).passages
    return [(s.start, s.end, s.text) for passage in passages for s in passage.sentences]
