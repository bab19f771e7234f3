"""A page with the source panel alone, over sample documents, served as the real one would."""

import threading
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

import ui
from rag.documents.chunk import chunk_document
from rag.documents.load import load_document
from rag.documents.page_image import render
from rag.documents.view import document_view
from rag.errors import DocumentNotFoundError, FileChangedError
from tests.support.formats.scan_files import pdf_with_layers
from tests.support.sample_source import REPORT, TWO_PARTS, sample_document, sentences_of
from ui.sources.document_view import source_payload
from ui.sources.page_view import page_payload
from ui.sources.panel import render_source_panel
from ui.text.escape import escape

UI = Path(ui.__file__).parent
PDF_LINES = [
    ["Harbour of Haizhou, report of 2031", "One. Works", *(f"Quay {number} was mended." for number in range(2, 14))],
    ["Two. Bridges", "In 2031 the town built 12 bridges.", *(f"Road {number} was mended." for number in range(2, 18))],
]
FILLER = "".join(f"\n第{number}批工程按期完工，沿线群众出行更加方便，满意度继续提高。" for number in range(400))
LONG = REPORT.replace("\r\n二、2032", f"{FILLER}\r\n二、2032")
HUGE = "海州市2031年工程台账\n一、清单\n" + "".join(f"第{number}号工程在海州市完成。\n" for number in range(12_000))
PDF = pdf_with_layers(PDF_LINES)
PDF_TEXT = "\n\f".join("\n".join(lines) for lines in PDF_LINES)
DOCUMENTS = {"harbour.pdf": PDF_TEXT, "report.txt": LONG, "parts.txt": TWO_PARTS, "huge.txt": HUGE}


def span_of(source, words):
    start = DOCUMENTS[source].index(words)
    return source, start, start + len(words)


def sentence(words):
    """The span and the quote of the sentence of the report that holds the words."""
    start, end, quote = next(one for one in sentences_of(LONG) if words in one[2])
    return ("report.txt", start, end), quote


CUT, CUT_QUOTE = sentence("惠及群众十二万人")
LAST, LAST_QUOTE = sentence("新建码头两座")
BRIDGES = span_of("parts.txt", "新建桥梁12座，完成投资三亿元。")
FAR = span_of("huge.txt", "第9000号工程在海州市完成。")
BUILT = span_of("harbour.pdf", "In 2031 the town built 12 bridges.")
GONE = ("gone.txt", 0, 5)


def _attributes(span):
    return f'data-yj-source="{escape(span[0])}" data-yj-start="{span[1]}" data-yj-end="{span[2]}"'


def _turn(number, spans):
    links = "".join(
        f'句子{n}。<a class="yj-marker" href="#t{number}-s{n}" {_attributes(span)}>[{n}]</a>'
        for n, span in reversed(list(enumerate(spans, start=1)))
    )
    cards = "".join(
        f'<li class="yj-card" id="t{number}-s{n}" tabindex="-1" {_attributes(span)}><p class="yj-path">'
        f'<span class="yj-number">[{n}]</span> {span[0]}</p></li>'
        for n, span in enumerate(spans, start=1)
    )
    return (
        f'<article class="yj-turn" id="t{number}"><h2 class="yj-question">问题{number}？</h2><div class="yj-body">'
        f'<section class="yj-answer"><div class="yj-text">{links}</div></section>'
        f'<aside class="yj-sources"><h3>来源</h3><ol>{cards}</ol></aside></div></article>'
    )


def _page(request):
    lang = "en" if "/en/" in request.url.path else "zh"
    dark = ' class="dark"' if request.query_params.get("__theme") == "dark" else ""
    css = "".join((UI / f"style/{name}.css").read_text(encoding="utf-8") for name in ("page", "frame", "source"))
    panel = render_source_panel(lang)
    if "late" in request.query_params:  # as Gradio draws it: after the page's script has run
        draw = "document.querySelector('main').append(document.querySelector('template').content)"
        panel = f"<template>{panel}</template><script>setTimeout(() => {draw}, 200)</script>"
    scripts = ((UI / f"script/{name}.js").read_text(encoding="utf-8") for name in ("source", "source_page"))
    started = "".join(f"<script>({script})()</script>" for script in scripts)
    return HTMLResponse(
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>有据</title>'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        f"<style>{css} body {{ margin: 0; font-family: sans-serif }} main {{ padding: 1rem; box-sizing: border-box }}"
        f"</style></head>"
        f'<body{dark} style="width: 100%; margin: 0; padding: 0; display: flex; flex-direction: column">'
        '<gradio-app style="display: flex; flex-direction: column">'  # as Gradio's
        f"<div class='gradio-container'><main>"
        f"{_turn(1, [CUT, LAST, BRIDGES])}{_turn(2, [FAR, GONE])}{_turn(3, [BUILT])}"
        "<div id='yj-question'><textarea aria-label='问题'></textarea></div><button id='yj-stop' hidden>停止</button>"
        f"</main></div></gradio-app>{panel}{started}</body></html>"
    )


def _pdf_document():
    with TemporaryDirectory() as folder:
        path = Path(folder) / "harbour.pdf"
        path.write_bytes(PDF)
        document = load_document(path, max_bytes=len(PDF))
    assert document.text == PDF_TEXT
    return document


class SourcePage:
    """The server, what it was asked for, and gates that hold its answers back by document."""

    def __init__(self):
        self.asked = []
        self.gates = {}
        self.is_changed = False
        self._views = {}

    def view_of(self, source):
        if source not in DOCUMENTS:
            raise DocumentNotFoundError(source)
        if source not in self._views:
            document = _pdf_document() if source == "harbour.pdf" else sample_document(DOCUMENTS[source], source)
            self._views[source] = document_view(document, chunk_document(document, passage_chars=80).parts)
        return self._views[source]

    def image_of(self, source, page):
        if self.is_changed:
            raise FileChangedError(source)
        return render(PDF, page, name=source, width=1_200)

    def source(self, request):
        self.asked.append(dict(request.query_params))
        if gate := self.gates.get(request.query_params.get("document")):
            gate.wait(timeout=30)
        if "picture" in request.query_params:
            status, sent = page_payload(self.view_of, self.image_of, request.query_params)
        else:
            status, sent = source_payload(self.view_of, request.query_params)
        return JSONResponse(sent, status_code=status)

    @contextmanager
    def serving(self):
        """Serve below a root path, as behind a proxy, until the block ends."""
        routes = [Route(f"/root/{lang}/", _page) for lang in ("zh", "en")] + [Route("/root/source", self.source)]
        server = uvicorn.Server(
            uvicorn.Config(Starlette(routes=routes), host="127.0.0.1", port=0, log_level="error", lifespan="off")
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/root"
        server.should_exit = True
        thread.join(timeout=10)
