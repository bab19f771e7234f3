"""Everything that one server holds, made and put together: pages, tools, API, logins.

The place to add a part; each part is made elsewhere.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rag.schema.search import Hidden
from ui.accounts.identity import Identity, owner_of
from ui.accounts.password_file import Users
from ui.accounts.sessions import Logins
from ui.batch.jobs import BatchJobs
from ui.conversations.conversation import Conversations
from ui.conversations.history import History
from ui.documents.library import Library
from ui.page import create_app
from ui.scheduling.desk import Desk
from ui.services import Services
from ui.serving.export_route import export_route
from ui.serving.health import health_route, source_route
from ui.serving.mcp_tools import create_tools
from ui.serving.openai.routes import openai_routes
from ui.serving.server import Limits, create_server, page_options, private_folder
from ui.settings import PageConfig
from ui.sources.document_view import source_payload
from ui.sources.page_view import page_payload
from ui.text.words import LANGUAGES, Lang

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import FastAPI

    from ui.serving.address import Serving

__all__ = ["assemble"]

HERE = Path(__file__).parent
SCOPED = ("page", "documents", "batch", "trace")
WHOLE = ("frame", "source")  # they style what is outside of Gradio's container too


def assemble(pipeline: Any, config: PageConfig, serving: Serving) -> tuple[FastAPI, Desk]:  # noqa: ANN401 - see below
    """Make all parts of a server.

    Args:
        pipeline: What answers and searches: :class:`rag.pipeline.Pipeline`, as the protocols of the parts name it.
        config: The settings.
        serving: Where and for whom it will be served.

    Raises:
        ConfigError: The password file cannot be used.
        RagError: The documents or the example questions cannot be read.
    """
    identity = Identity(Logins(Users(serving.auth)) if serving.auth else None)
    folder = private_folder()  # before any part of Gradio's is made: they ask for it then
    desk = Desk(pipeline)
    library = Library(config, pipeline, logins=bool(serving.auth), admins=_Admins(identity))
    hidden_of = _hidden_of(library)
    conversations = Conversations(History(config.workspace), index_version=lambda: str(pipeline.index_state))
    batches = BatchJobs(
        config.workspace,
        desk,
        max_questions=config.max_batch_questions,
        max_bytes=config.max_file_bytes,
        hidden_of=hidden_of,
    )
    services = Services(
        *(pipeline, desk, conversations, library, batches, owner_of, hidden_of, bool(serving.auth)),
        generator_host=config.generator_host,
    )
    pages: dict[Lang, gr.Blocks] = {lang: create_app(services, lang) for lang in LANGUAGES}

    def source(params: Mapping[str, str], owner: str) -> tuple[int, dict[str, str]]:
        return source_payload(partial(pipeline.document_view, hidden=hidden_of(owner)), params)

    def picture(params: Mapping[str, str], owner: str) -> tuple[int, dict[str, str]]:
        hidden = hidden_of(owner)
        image_of = partial(pipeline.page_image, hidden=hidden)
        return page_payload(partial(pipeline.document_view, hidden=hidden), image_of, params)

    app = create_server(
        pages=pages,
        tools=create_tools(desk, pipeline, hidden_of=hidden_of),
        routes=[
            health_route(pipeline.documents, desk),
            source_route(source, picture),
            export_route(conversations),
            *openai_routes(desk, hidden_of=hidden_of),
        ],
        identity=identity,
        options=page_options(_styles(*SCOPED), _script(), _styles(*WHOLE)),
        # One byte and one file too many come in, so that the page can say by name which and why (script/documents.js).
        limits=Limits(serving.root_path, _names(serving), config.max_file_bytes + 1, config.max_upload_files + 1),
        folder=folder,
    )
    app.state.closing = [batches.close, library.close]
    return app, desk


class _Admins:
    """Who is an admin at the moment: the password file may change."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def __contains__(self, owner: object) -> bool:
        return isinstance(owner, str) and self._identity.is_admin(owner)


def _hidden_of(library: Library) -> Callable[[str], Hidden]:
    """For each owner what is hidden, to be looked up whenever the index is opened; nothing without logins."""
    return (lambda owner: partial(library.hidden, owner)) if library.logins else (lambda _: frozenset())


def _styles(*names: str) -> list[Path]:
    return [HERE / "style" / f"{name}.css" for name in names]


def _script() -> str:
    """The script of the pages: its files in one function."""
    scripts = ",\n".join(path.read_text(encoding="utf-8").strip() for path in sorted((HERE / "script").glob("*.js")))
    return f"() => {{ for (const start of [\n{scripts}\n]) start(); }}"


def _names(serving: Serving) -> frozenset[str] | None:
    """Names that the server may be called by: without logins, only those that are known to be its own."""
    if serving.auth:
        return None
    own, public = socket.gethostname().lower(), urlsplit(serving.root_path).hostname or ""
    return frozenset({own, f"{own}.local", public, serving.host.lower(), *map(str.lower, serving.names)})
