"""The batch tab: drop a question file, watch it being answered, stop, continue, download, see its scores.

What happens lies in :mod:`ui.batch.jobs`, what is shown in :mod:`ui.batch.view`; here the parts are laid out and tied
to it. Whoever asks is told by ``owner_of``; an id that comes from the browser is looked up among that owner's batches
only.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal

import gradio as gr

from rag.errors import RagError
from rag.schema.messages import Mode
from ui.batch.downloads import Downloads
from ui.batch.jobs import BatchJobs, JobInfo
from ui.batch.question_upload import RefusedError
from ui.batch.view import describe, render_answers, render_message, render_progress, render_scores
from ui.components.base import AT_ONCE, QUIET, ChooseOne, Updates, html_place
from ui.text.words import Lang, Words

__all__ = ["BatchTab"]

N_SHOWN = 20  # answers shown on the page
TICK_SECONDS, IDLE_SECONDS = 1.0, 5.0  # never not at all: a look of before a start may be answered after it
SCRIPT = Path(__file__).parents[1] / "script" / "batch.js"
_WORDS = Words(
    drop=("题集：csv、tsv、xlsx、jsonl 或 txt（一行一题）", "Questions: csv, tsv, xlsx, jsonl or txt (one a line)"),
    mode=("怎样回答", "How to answer"),
    answer=("生成回答，逐句注明出处", "Answers, every sentence cited"),
    quotes=("只摘原文，不用生成模型，快得多", "Quotes only, without the generator, much faster"),
    start=("开始", "Start"),
    jobs=("我的批次", "My batches"),
    stop=("停止", "Stop"),
    resume=("继续", "Continue"),
    retry=("重答出错的题", "Ask the failed ones again"),
    xlsx=("下载 xlsx", "Download xlsx"),
    jsonl=("下载 jsonl", "Download jsonl"),
    delete=("删除", "Delete"),
    sure=("确定删除", "Delete it for good"),
    keep=("不删除", "Keep it"),
    no_file=("请先放入题集文件。", "Drop a file of questions first."),
    internal=("程序内部出错（{kind}），详情见终端。", "An internal error ({kind}); see the terminal."),
)


class BatchTab:
    """The parts of the tab, top to bottom, and what happens to them."""

    def __init__(self, jobs: BatchJobs, *, owner_of: Callable[[gr.Request], str], lang: Lang) -> None:
        """Lay out the parts in the current Blocks context.

        Args:
            jobs: The batches of the server.
            owner_of: Names the user that a request comes from.
            lang: Language of the page.
        """
        self._batches, self._owner_of, self._lang = jobs, owner_of, lang
        say = partial(_WORDS.say, lang=lang)
        with gr.Row(elem_id="yj-batch-new", equal_height=False):
            self._file = gr.File(label=say("drop"), type="filepath", height=150, elem_id="yj-batch-file", scale=3)
            with gr.Column(elem_id="yj-batch-how", scale=2, min_width=260):
                modes = [(say("answer"), "answer"), (say("quotes"), "quotes")]
                self._mode = gr.Radio(modes, value="answer", label=say("mode"), elem_id="yj-batch-mode")
                self._start = gr.Button(say("start"), variant="primary", elem_id="yj-batch-start")
        self._message = html_place("yj-batch-message-part")
        self._list = ChooseOne([], label=say("jobs"), elem_id="yj-batch-jobs", visible=False)
        self._progress = html_place("yj-batch-progress-part")
        with gr.Row(elem_id="yj-batch-actions", visible=False) as self._actions:
            self._stop = gr.Button(say("stop"), elem_id="yj-batch-stop", variant="stop")
            self._resume = gr.Button(say("resume"), elem_id="yj-batch-resume")
            self._xlsx = gr.Button(say("xlsx"), elem_id="yj-batch-xlsx")
            self._jsonl = gr.Button(say("jsonl"), elem_id="yj-batch-jsonl")
            self._delete = gr.Button(say("delete"), elem_id="yj-batch-delete")
            self._sure = gr.Button(say("sure"), elem_id="yj-batch-sure", variant="stop", visible=False)
            self._keep = gr.Button(say("keep"), elem_id="yj-batch-keep", visible=False)
        self._scores = html_place("yj-batch-scores-part")
        self._answers = html_place("yj-batch-answers-part")
        self._made = gr.DownloadButton(visible="hidden", elem_id="yj-batch-made")
        self._shown = gr.State({})  # of each part, what it shows: what has not changed is not sent again
        self._timer = gr.Timer(TICK_SECONDS)  # the first tick fills the list
        self._downloads = Downloads(Path(self._made.GRADIO_CACHE))

    @property
    def parts(self) -> list[Any]:
        """What :meth:`refresh` changes."""
        shown = [self._message, self._list, self._progress, self._actions, self._scores, self._answers]
        buttons = [self._stop, self._resume, self._xlsx, self._jsonl, self._delete, self._sure, self._keep]
        return [*shown, *buttons, self._file, self._timer, self._shown]

    def connect(self) -> None:
        """Tie the parts to what they do."""
        slow: dict[str, Any] = {"concurrency_limit": None, **QUIET}
        seen, parts = [self._list, self._shown], self.parts
        self._timer.tick(self.refresh, seen, parts, **AT_ONCE)
        self._list.input(self.refresh, seen, parts, **AT_ONCE)
        self._start.click(self.start, [self._file, self._mode, *seen], parts, **slow)
        self._stop.click(self.stop, seen, parts, **AT_ONCE)
        self._resume.click(self.resume, seen, parts, **AT_ONCE)
        self._sure.click(self.delete, seen, parts, **AT_ONCE)
        asked, made = [self._delete, self._sure, self._keep], [self._made, self._message]
        self._delete.click(lambda: _swap(asked, sure=True), None, asked, **AT_ONCE)
        self._keep.click(lambda: _swap(asked, sure=False), None, asked, **AT_ONCE)
        script = SCRIPT.read_text(encoding="utf-8")
        for event in (
            self._xlsx.click(self.make_xlsx, [self._list], made, **slow),
            self._jsonl.click(self.make_jsonl, [self._list], made, **slow),
        ):
            event.success(None, [self._made], None, js=script, api_visibility="private")

    def start(
        self, file: str | None, mode: Mode, selected: str | None, shown: dict[str, Any], request: gr.Request
    ) -> Updates:
        """Put what was dropped in line, and show it."""
        if not file:
            return self._refreshed(selected, shown, request, message=_WORDS.say("no_file", self._lang))
        path = Path(file)
        try:
            selected = self._batches.start(self._owner_of(request), path, path.name, mode)
        except RagError as error:
            return self._refreshed(selected, shown, request, message=self._why(error)) | {self._file: None}
        return self._refreshed(selected, shown, request) | {self._file: None}

    def stop(self, selected: str | None, shown: dict[str, Any], request: gr.Request) -> Updates:
        """Stop the batch that is selected."""
        return self._after(self._batches.stop, selected, shown, request)

    def resume(self, selected: str | None, shown: dict[str, Any], request: gr.Request) -> Updates:
        """Continue it, or ask again what failed."""
        return self._after(self._batches.resume, selected, shown, request)

    def delete(self, selected: str | None, shown: dict[str, Any], request: gr.Request) -> Updates:
        """Remove it with what was made of it."""

        def remove(owner: str, job_id: str) -> None:
            self._batches.delete(owner, job_id)
            self._downloads.withdraw(job_id)

        return self._after(remove, selected, shown, request)

    def make_xlsx(self, selected: str | None, request: gr.Request) -> Updates:
        """Make a workbook of the answers; the browser then saves it."""
        return self._made_of("xlsx", selected or "", self._owner_of(request))

    def make_jsonl(self, selected: str | None, request: gr.Request) -> Updates:
        """Make a file of a record a line, likewise."""
        return self._made_of("jsonl", selected or "", self._owner_of(request))

    def refresh(self, selected: str | None, shown: dict[str, Any], request: gr.Request) -> Updates:
        """Show how the owner's batches stand, and the selected one in full."""
        return self._refreshed(selected, shown, request, message=None)

    def _after(
        self, act: Callable[[str, str], None], selected: str | None, shown: dict[str, Any], request: gr.Request
    ) -> Updates:
        message = ""
        try:
            act(self._owner_of(request), selected or "")
        except RagError as error:
            message = self._why(error)
        return self._refreshed(selected, shown, request, message=message)

    def _made_of(self, kind: Literal["xlsx", "jsonl"], job_id: str, owner: str) -> Updates:
        try:
            made = self._batches.file(owner, job_id, kind, lang=self._lang)
            name = next((info.name for info in self._batches.jobs(owner) if info.id == job_id), "")
            offered = self._downloads.offer(made, name=name.rpartition(".")[0] or name, key=job_id)
        except RagError as error:
            return {self._made: None, self._message: render_message(self._why(error))}
        except OSError as error:
            failed = _WORDS.say("internal", self._lang, kind=type(error).__name__)
            return {self._made: None, self._message: render_message(failed)}
        return {self._made: str(offered), self._message: ""}

    def _refreshed(
        self, selected: str | None, shown: dict[str, Any], request: gr.Request, *, message: str | None = ""
    ) -> Updates:
        """What differs from what is shown; a message of None leaves the one that stands there."""
        owner = self._owner_of(request)
        infos = self._batches.jobs(owner)
        info = next((each for each in infos if each.id == selected), infos[0] if infos else None)
        values: dict[str, Any] = {
            "list": ([(describe(each, self._lang), each.id) for each in infos], info.id if info else None),
            "active": any(each.active for each in infos),
            "progress": render_progress(info, self._lang) if info else "",
            "buttons": _buttons(info),
        }
        values |= self._results(owner, info)
        updates = self._updates({name: value for name, value in values.items() if shown.get(name) != value})
        if message is not None:
            updates[self._message] = render_message(message)
        return updates | {self._shown: values}

    def _results(self, owner: str, info: JobInfo | None) -> dict[str, Any]:
        """The first answers, and the scores once nothing more is to come."""
        if info is None:
            return {"answers": "", "scores": ""}
        try:
            records = self._batches.answers(owner, info.id, N_SHOWN)
            sheet = None if info.active else self._batches.scores(owner, info.id)
        except RagError as error:
            return {"answers": "", "scores": render_message(self._why(error))}
        scores = render_scores(sheet, self._lang) if sheet else ""
        # Below the list stands how many more there are; while they come that would redraw all of it with each of them.
        n_done = len(records) if info.active else info.n_done
        return {"answers": render_answers(records, n_done, self._lang), "scores": scores}

    def _updates(self, changed: dict[str, Any]) -> Updates:
        updates: Updates = {}
        if "list" in changed:
            choices, value = changed["list"]
            updates[self._list] = gr.Radio(choices=choices, value=value, visible=bool(choices))
        if "active" in changed:
            updates[self._timer] = gr.Timer(TICK_SECONDS if changed["active"] else IDLE_SECONDS)
        if "buttons" in changed:
            job_id, can_stop, can_resume, retry, has_answers = changed["buttons"]
            updates[self._actions] = gr.Row(visible=bool(job_id))
            updates[self._stop] = gr.Button(visible=can_stop)
            label = _WORDS.say("retry" if retry else "resume", self._lang)
            updates[self._resume] = gr.Button(label, visible=can_resume)
            updates |= {button: gr.Button(visible=has_answers) for button in (self._xlsx, self._jsonl)}
            updates |= _swap([self._delete, self._sure, self._keep], sure=False)
        for name, part in (("progress", self._progress), ("answers", self._answers), ("scores", self._scores)):
            if name in changed:
                updates[part] = changed[name]
        return updates

    def _why(self, error: RagError) -> str:
        return error.say(self._lang) if isinstance(error, RefusedError) else str(error)


def _swap(buttons: list[Any], *, sure: bool) -> Updates:
    """Ask whether it is to be deleted, or take the question back."""
    delete, *answers = buttons
    return {delete: gr.Button(visible=not sure)} | {button: gr.Button(visible=sure) for button in answers}


def _buttons(info: JobInfo | None) -> tuple[str, bool, bool, bool, bool]:
    """Of which batch the buttons are, and whether it can be stopped, continued, asked again, downloaded."""
    if info is None:
        return ("", False, False, False, False)
    left = info.n_done < info.n_questions
    retry = not info.active and not left and info.n_errors > 0
    can_resume = not info.active and (left or retry)
    return (info.id, info.state in ("waiting", "running"), can_resume, retry, info.n_done > 0)
