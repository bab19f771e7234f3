"""The documents tab: drop files, watch them being indexed, see the list, take documents out, re-index.

Lays out the parts and ties them to :mod:`ui.documents.library`; what is shown is rendered by :mod:`ui.documents.view`.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from rag.errors import CorpusIndexError
from ui.components.base import AT_ONCE, QUIET, html_place
from ui.documents.background_work import Work, run_in_background
from ui.documents.file_steps import ReportStep, ShouldStop
from ui.documents.library import Library
from ui.documents.view import (
    document_words,
    render_confirmation,
    render_documents,
    render_note,
    render_rules,
    render_steps,
)
from ui.text.escape import shown_text
from ui.text.words import Lang

__all__ = ["DocumentsTab"]


class DocumentsTab:
    """The parts of the tab, made in the Blocks that are being laid out.

    Attributes:
        outputs: What :meth:`refresh` brings up to date.
        changed: A state that changes with every change of the documents made here, for whoever shows them too.
    """

    def __init__(self, library: Library, *, owner_of: Callable[[gr.Request], str], lang: Lang) -> None:
        self._library = library
        self._owner_of = owner_of
        self._lang = lang
        self._stops: dict[str, threading.Event] = {}  # of the sessions that add or re-index
        say = partial(document_words, lang=lang)
        html_place(value=render_rules(library.config, lang, private=library.logins))
        with gr.Column(elem_id="yj-documents-entry") as self._entry:
            self._drop = gr.File(
                file_count="multiple", label=say("label_drop"), height=150, elem_id="yj-documents-drop"
            )
            self._folder = gr.UploadButton(
                say("label_folder"), file_count="directory", size="sm", elem_id="yj-documents-folder"
            )
        self._stop = gr.Button(say("label_stop"), variant="stop", size="sm", visible=False, elem_id="yj-documents-stop")
        self._progress = html_place("yj-documents-progress")
        self._list = html_place("yj-documents-list")
        with gr.Row(equal_height=False, elem_id="yj-documents-tools") as self._tools:
            self._chosen = gr.Dropdown(
                [], label=say("label_chosen"), multiselect=True, elem_id="yj-documents-chosen", scale=6
            )
            self._remove = gr.Button(say("label_remove"), scale=0, min_width=110, elem_id="yj-documents-remove")
            self._rebuild = gr.Button(
                say("label_rebuild"), scale=0, min_width=150, visible=False, elem_id="yj-documents-rebuild"
            )
        with gr.Column(visible=False) as self._asked:
            self._question = html_place()
            with gr.Row():
                self._confirm = gr.Button(say("label_confirm"), variant="stop", elem_id="yj-documents-confirm")
                self._cancel = gr.Button(say("label_cancel"), elem_id="yj-documents-cancel")
        self.changed = gr.State("")
        self.outputs: list[Any] = [self._list, self._chosen, self._remove, self._rebuild]

    def connect(self) -> None:
        """Tie the parts to what they do."""
        running = [*self.outputs, self._entry, self._drop, self._folder, self._tools, self._asked]
        running += [self._stop, self._progress, self.changed]
        # The library keeps the line; Gradio's own, of one per event, would hide who waits for what.
        long: dict[str, Any] = {"outputs": running, "concurrency_limit": None, **QUIET}
        self._drop.upload(self.add, self._drop, **long)
        self._folder.upload(self.add, self._folder, **long)
        self._rebuild.click(self.rebuild, None, **long)
        self._stop.click(self.stop, **AT_ONCE)
        asking = [self._asked, self._question]
        self._remove.click(self.ask_to_remove, self._chosen, asking, **AT_ONCE)
        self._cancel.click(lambda: gr.Column(visible=False), None, self._asked, **AT_ONCE)
        self._confirm.click(self.remove, self._chosen, **long)

    def refresh(self, request: gr.Request) -> list[Any]:
        """The list as it is now, in the order of :attr:`outputs`; for the load of the page and the tab's selection."""
        fresh = self._fresh(self._owner_of(request))
        return [fresh[part] for part in self.outputs]

    async def add(self, files: list[str] | None, request: gr.Request) -> AsyncIterator[dict[Any, Any]]:
        """Bring files into the index, and show how far each is."""
        if not files:
            return
        named = [(Path(file).name, Path(file)) for file in files]
        owner = self._owner_of(request)

        def work(tell: ReportStep, stopped: ShouldStop) -> None:
            self._library.add(owner, named, tell=tell, stopped=stopped)

        async for shown in self._run(work, request, n_files=len(named)):
            yield shown

    async def rebuild(self, request: gr.Request) -> AsyncIterator[dict[Any, Any]]:
        """Make the index anew, and show how far it is."""
        owner = self._owner_of(request)

        def work(tell: ReportStep, stopped: ShouldStop) -> None:
            self._library.rebuild(owner, tell=tell, stopped=stopped)

        async for shown in self._run(work, request, n_files=0):
            yield shown

    def stop(self, request: gr.Request) -> None:
        """Stop what this page does; what is done stays. Also to be called when the page is closed."""
        if stop := self._stops.get(str(request.session_hash)):
            stop.set()

    def ask_to_remove(self, chosen: list[str]) -> tuple[Any, Any]:
        """Show what is about to be removed."""
        return gr.Column(visible=bool(chosen)), render_confirmation(chosen or [], self._lang)

    async def remove(self, chosen: list[str], request: gr.Request) -> dict[Any, Any]:
        """Take the chosen documents out; waits while a file is being indexed."""
        owner, say = self._owner_of(request), partial(document_words, lang=self._lang)
        try:
            gone = await asyncio.to_thread(self._library.remove, owner, chosen or [])
        except CorpusIndexError:
            note = say("not_now")
        else:
            left = len(set(chosen or [])) - len(gone)
            note = say("removed", n=len(gone)) + (say("not_removed", n=left) if left else "")
        shown = {self._progress: render_note(note), self._asked: gr.Column(visible=False)}
        return shown | {self.changed: uuid.uuid4().hex} | self._fresh(owner)

    async def _run(self, work: Work, request: gr.Request, *, n_files: int) -> AsyncIterator[dict[Any, Any]]:
        session, stop = str(request.session_hash), threading.Event()
        if session in self._stops:  # the page does not offer it: two at once would show in one place
            return
        self._stops[session] = stop
        n_over = 0
        try:
            yield self._busy(True) | {self._progress: ""}
            async for steps in run_in_background(work, stop):
                shown: dict[Any, Any] = {self._progress: render_steps(steps, self._lang, n_files=n_files)}
                if sum(step.over for step in steps) != n_over:
                    n_over = sum(step.over for step in steps)
                    shown |= self._fresh(self._owner_of(request))
                yield shown
            del self._stops[session]  # before the page offers the next one: its files may come with the news
            yield self._busy(False) | {self.changed: uuid.uuid4().hex}
        finally:
            if self._stops.get(session) is stop:
                del self._stops[session]

    def _busy(self, busy: bool) -> dict[Any, Any]:
        """What can be used while documents are being changed; the drop area is emptied for the next ones."""
        return {
            self._entry: gr.Column(visible=not busy),
            self._tools: gr.Row(visible=not busy),
            self._asked: gr.Column(visible=False),
            self._stop: gr.Button(visible=busy),
            self._drop: None,
            self._folder: None,
        }

    def _fresh(self, owner: str) -> dict[Any, Any]:
        try:
            rows = self._library.documents(owner)
        except CorpusIndexError:
            note = render_note(document_words("no_list", self._lang))
            return {self._list: note, self._chosen: gr.skip(), self._remove: gr.skip(), self._rebuild: gr.skip()}
        choices = [(shown_text(row.source), row.source) for row in rows if row.removable]
        return {
            self._list: render_documents(rows, self._lang),
            self._chosen: gr.Dropdown(choices=choices, value=[], visible=bool(choices)),
            self._remove: gr.Button(visible=bool(choices)),
            self._rebuild: gr.Button(visible=bool(rows) and self._library.may_rebuild(owner)),
        }
