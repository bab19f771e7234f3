"""The chat: question box, answers, scope, examples and earlier conversations, tied to the desk and the history.

HTML comes from :mod:`ui.chat.exchange_view`, answers through :mod:`ui.scheduling.desk`. What the browser sends is
untrusted: an act is one of a few words, a number is looked up, an id belongs to who asks.
"""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from ui.chat.exchange_view import render_exchange
from ui.chat.in_flight import InFlightQuestions
from ui.chat.scope_choices import choices_of, chosen_scope
from ui.chat.scope_fields import Chosen, ScopeRow
from ui.components.base import AT_ONCE, QUIET, Updates, html_place
from ui.components.clicks import parse_click
from ui.components.header import render_corpus
from ui.conversations.conversation import Conversation
from ui.conversations.list_view import render_past
from ui.scheduling.ask import stream_exchange
from ui.settings import MAX_SEARCH_CHARS, MAX_TITLE_CHARS
from ui.text.templates import render
from ui.text.words import Words

if TYPE_CHECKING:
    from rag.schema.messages import Mode
    from ui.conversations.panel import PastPanel
    from ui.exchange import Exchange
    from ui.services import Services
    from ui.text.words import Lang

__all__ = ["ChatTab"]

N_EXAMPLES = 4
ID_IN_ADDRESS = "() => [new URLSearchParams(window.location.search).get('c') || '']"
_WORDS = Words(
    question=("问题", "Question"),
    placeholder=(
        "输入问题（Enter 发送，Shift+Enter 换行）",
        "Ask a question (Enter sends, Shift+Enter breaks the line)",
    ),
    send=("发送", "Send"),
    stop=("停止", "Stop"),
    examples=("试试", "Try"),
    editing=(
        "正在修改第 {n} 个问题：发送后替换它和之后的内容",
        "Editing question {n}: sending replaces it and what follows",
    ),
)


class ChatTab:
    """The parts of the chat, and what happens to them."""

    def __init__(self, services: Services, panel: PastPanel, lang: Lang) -> None:
        """Lay the parts out in the current place of the page; the panel stands elsewhere."""
        self._services = services
        self._panel = panel
        self._lang = lang
        self._under_way = InFlightQuestions()
        self._talk = gr.State(Conversation())
        self._address = gr.Textbox(visible=False)
        self._corpus = html_place("yj-corpus")
        # Two parts, so that while an answer streams only the last exchange is sent and redrawn.
        self._earlier = html_place("yj-earlier", acts=True)
        self._latest = html_place("yj-latest", acts=True)
        with gr.Column(elem_id="yj-examples") as self._examples:
            html_place(value=render("chat/examples.html", _WORDS, lang))
            self._buttons = [gr.Button("", size="sm", visible=False) for _ in range(N_EXAMPLES)]
        with gr.Column(elem_id="yj-asking"):
            self._scope = ScopeRow(lang)
            self._lay_out_composer()
        self._parts = [self._talk, self._earlier, self._latest, self._question, self._examples, self._send, self._stop]
        self._parts += [self._panel.listed, self._notice]

    def _say(self, key: str, **values: object) -> str:
        return _WORDS.say(key, self._lang, **values)

    def _lay_out_composer(self) -> None:
        self._notice = html_place("yj-notice")
        with gr.Row(elem_id="yj-composer", equal_height=False):
            self._question = gr.Textbox(
                label=self._say("question"),
                show_label=False,
                placeholder=self._say("placeholder"),
                lines=1,  # with one line, Enter sends and Shift+Enter breaks the line
                max_lines=6,
                autofocus=True,
                elem_id="yj-question",
                scale=8,
            )
            small: dict[str, Any] = {"scale": 0, "min_width": 88}
            self._send = gr.Button(self._say("send"), variant="primary", elem_id="yj-send", **small)
            self._stop = gr.Button(self._say("stop"), variant="stop", elem_id="yj-stop", visible=False, **small)

    def connect(self, page: gr.Blocks) -> None:
        """Tie the parts to what they do."""
        # The desk keeps the line; Gradio's own, of one per event, could not say who is ahead.
        own_line: dict[str, Any] = {"outputs": self._parts, "concurrency_limit": None, **QUIET}
        page.load(self.open_page, self._address, self._everything(), js=ID_IN_ADDRESS, **AT_ONCE)
        asked = [self._talk, *self._scope.inputs]
        gr.on([self._question.submit, self._send.click], self.ask, [self._question, *asked], **own_line)
        for button in self._buttons:
            button.click(self.ask, [button, *asked], **own_line)
        for part in (self._earlier, self._latest):
            part.click(self.act, asked, **own_line)
        self._stop.click(self.stop_session, **AT_ONCE)
        self._panel.new.click(self.start_anew, None, self._everything(), **AT_ONCE)
        listed = [self._talk, self._panel.search]
        self._panel.search.change(self.list_past, listed, self._panel.listed, **AT_ONCE)
        self._panel.listed.click(self.act_on_past, listed, self._everything(), **AT_ONCE)
        self._scope.connect()
        page.unload(self.stop_session)

    def _everything(self) -> list[Any]:
        return [*self._parts, self._corpus, *self._buttons, *self._scope.fields]

    def open_page(self, identity: str, request: gr.Request) -> Updates:
        """Show what the address names, and what there is to choose from."""
        owner = self._services.owner_of(request)
        talk = self._services.conversations.opened(owner, str(identity or ""))
        shown = self._shown(talk, owner) | self._offered(owner)
        del shown[self._question]  # somebody may be typing there already
        return shown

    def refresh(self, request: gr.Request) -> Updates:
        """Show what there is to choose from, after documents came or went."""
        return self._offered(self._services.owner_of(request))

    @property
    def offers(self) -> list[Any]:
        """The outputs of :meth:`refresh`."""
        return [self._corpus, *self._buttons, *self._scope.fields]

    async def ask(
        self,
        text: str,
        talk: Conversation,
        sources: Chosen,
        years: Chosen,
        places: Chosen,
        mode: str,
        request: gr.Request,
    ) -> AsyncIterator[Updates]:
        """Answer a question: each yield is what changed on the page."""
        owner, session = self._services.owner_of(request), str(request.session_hash)
        if not str(text).strip() or self._under_way.is_wanted(session):
            yield {self._question: gr.skip()}
            return
        before, first = talk.before, True
        how: Mode = "quotes" if mode == "quotes" else "answer"
        growing = stream_exchange(
            self._services.desk,
            session,
            str(text),
            before,
            owner=owner,
            scope=chosen_scope(sources, years, places),
            mode=how,
            hidden=self._services.hidden_of(owner),
            lang=self._lang,
        )
        with self._under_way.asking(session) as mine:
            async for exchange in growing:
                if mine.instead is not None:
                    break
                shown: Updates = {}
                if first:  # what stays the same while the answer streams is sent once
                    shown |= {self._earlier: self._render_all(before, talk), self._question: "", self._notice: ""}
                    shown |= {self._examples: gr.Column(visible=False)} | self._busy(True)
                    first = False
                if exchange.over:
                    # Writing to the disk waits for it, and here everybody's answers pass.
                    talk = await to_thread(self._services.conversations.said, owner, talk, exchange)
                    listed = await to_thread(self._listed, owner, talk)
                    shown |= {self._talk: talk, self._panel.listed: listed} | self._busy(False)
                yield shown | {self._latest: self._render(exchange, talk)}
            if mine.instead is not None and self._under_way.is_latest(session, mine):
                yield self._shown(mine.instead, owner)

    async def act(
        self,
        talk: Conversation,
        sources: Chosen,
        years: Chosen,
        places: Chosen,
        mode: str,
        event: gr.EventData,
        request: gr.Request,
    ) -> AsyncIterator[Updates]:
        """Do what a button of an exchange says: ask again, edit, rate, comment."""
        act = parse_click(event._data)  # noqa: SLF001 - its attributes would raise for what was not sent
        exchange = talk.exchange(act.number)
        if exchange is None or self._under_way.is_wanted(str(request.session_hash)):
            yield {self._notice: gr.skip()}
        elif act.name == "retry":
            again = replace(talk, replaces=exchange.number)
            async for shown in self.ask(exchange.question, again, sources, years, places, mode, request):
                yield shown
        elif act.name == "edit":
            notice = render("chat/editing.html", _WORDS, self._lang, number=exchange.number)
            editing = replace(talk, replaces=exchange.number)
            yield {self._question: exchange.question, self._talk: editing, self._notice: notice}
        elif act.name in ("up", "down", "comment"):
            owner = self._services.owner_of(request)
            rated = self._services.conversations.rated
            talk = await to_thread(rated, owner, talk, exchange.number, act.name, act.text)
            yield {self._talk: talk} | self._exchanges(talk)
        else:
            yield {self._notice: gr.skip()}

    def stop_session(self, request: gr.Request) -> None:
        """Stop what this page asked; also called when its tab is closed."""
        self._services.desk.stop(str(request.session_hash))

    def start_anew(self, request: gr.Request) -> Updates:
        """Begin another conversation and show the examples again."""
        owner = self._services.owner_of(request)
        return self._go_on_to(Conversation(), owner, request) | self._offered(owner)

    def list_past(self, talk: Conversation, words: str, request: gr.Request) -> str:
        """The user's conversations that hold the words searched for."""
        return self._listed(self._services.owner_of(request), talk, str(words)[:MAX_SEARCH_CHARS])

    def act_on_past(self, talk: Conversation, words: str, event: gr.EventData, request: gr.Request) -> Updates:
        """Open, rename or delete one of the user's conversations."""
        owner, conversations = self._services.owner_of(request), self._services.conversations
        act = parse_click(event._data)  # noqa: SLF001
        if act.name == "open":
            return self._go_on_to(conversations.opened(owner, act.target), owner, request)
        if act.name == "rename" and act.text.strip():
            conversations.rename(owner, act.target, act.text.strip()[:MAX_TITLE_CHARS])
        elif act.name == "delete":
            conversations.delete(owner, act.target)
            if act.target == talk.identity:
                return self.start_anew(request)
        return {self._panel.listed: self._listed(owner, talk, str(words)[:MAX_SEARCH_CHARS])}

    def _go_on_to(self, talk: Conversation, owner: str, request: gr.Request) -> Updates:
        """Show another conversation, and give up what is under way in this one."""
        self._under_way.go_on_to(str(request.session_hash), talk)
        self.stop_session(request)
        return self._shown(talk, owner)

    def _shown(self, talk: Conversation, owner: str) -> Updates:
        """A whole conversation."""
        return {
            self._talk: talk,
            self._question: "",
            self._notice: "",
            self._panel.listed: self._listed(owner, talk),
            self._examples: gr.Column(visible=not talk.past),
            **self._exchanges(talk),
            **self._busy(False),
        }

    def _exchanges(self, talk: Conversation) -> Updates:
        last = "".join(self._render(exchange, talk) for exchange in talk.past[-1:])
        return {self._earlier: self._render_all(talk.past[:-1], talk), self._latest: last}

    def _offered(self, owner: str) -> Updates:
        """What there is: its size, examples, and what can be chosen."""
        hidden = self._services.hidden_of(owner)
        documents = self._services.pipeline.documents(hidden=hidden)
        n_passages = sum(info.n_passages for info in documents)
        offered: Updates = {self._corpus: render_corpus(len(documents), n_passages, self._lang)}
        examples = self._services.pipeline.example_questions(N_EXAMPLES, hidden=hidden)
        for button, text in zip(self._buttons, [*examples, *[""] * N_EXAMPLES], strict=False):
            offered[button] = gr.Button(text, visible=bool(text))
        return offered | self._scope.offer(choices_of(documents))

    def _listed(self, owner: str, talk: Conversation, words: str = "") -> str:
        found = self._services.conversations.listed(owner, words)
        return render_past(found, self._lang, current=talk.identity, words=words)

    def _render(self, exchange: Exchange, talk: Conversation) -> str:
        rating = talk.rating(exchange.number)
        return render_exchange(exchange, self._lang, rating=rating, conversation=talk.identity)

    def _render_all(self, exchanges: tuple[Exchange, ...], talk: Conversation) -> str:
        return "".join(self._render(exchange, talk) for exchange in exchanges)

    def _busy(self, busy: bool) -> Updates:
        return {self._send: gr.Button(visible=not busy), self._stop: gr.Button(visible=busy)}
