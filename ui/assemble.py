"""Everything that one server holds, made and put together: pages, tools, API, logins.

The place to add a part; each part is made elsewhere.
"""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import gradio as gr

from rag.config import Config
from ui.app import create_app
from ui.auth import Users
from ui.desk import Desk
from ui.health import health_route
from ui.identity import Identity
from ui.login import Logins
from ui.openai_api import openai_routes
from ui.server import Limits, create_server, page_options, private_folder
from ui.tools import create_tools
from ui.words import LANGUAGES, Lang

if TYPE_CHECKING:
    from fastapi import FastAPI

    from ui.__main__ import Serving

__all__ = ["assemble"]

HERE = Path(__file__).parent


def assemble(pipeline: Any, config: Config, serving: Serving) -> tuple[FastAPI, Desk]:  # noqa: ANN401 - see below
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
    pages: dict[Lang, gr.Blocks] = {lang: create_app(pipeline, desk=desk, lang=lang) for lang in LANGUAGES}
    app = create_server(
        pages=pages,
        tools=create_tools(desk, pipeline),
        routes=[health_route(pipeline.documents, desk), *openai_routes(desk)],
        identity=identity,
        options=page_options([HERE / "page.css"], (HERE / "page.js").read_text(encoding="utf-8")),
        limits=Limits(serving.root_path, _names(serving), config.max_file_bytes, config.max_upload_files),
        folder=folder,
    )
    return app, desk


def _names(serving: Serving) -> frozenset[str] | None:
    """Names that the server may be called by: without logins, only those that are known to be its own."""
    if serving.auth:
        return None
    own, public = socket.gethostname().lower(), urlsplit(serving.root_path).hostname or ""
    return frozenset({own, f"{own}.local", public, serving.host.lower(), *map(str.lower, serving.names)})
