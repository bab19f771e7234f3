"""The server round the pages: one app with both pages, the tools and the other routes, each behind its guards.

From outside to inside a request passes: the policy for browsers, the proxy's prefix, the guard of hosts and origins,
who is asking, and for Gradio's own routes a gate. Does not listen: see :mod:`ui.__main__`.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.routing import Route

from ui.accounts.identity import Identity, IdentityMiddleware
from ui.accounts.login_page import login_routes
from ui.serving.gradio_gate import Belongings, GateMiddleware, ToolsGateMiddleware
from ui.text.words import Lang
from ui.web.guard import GuardMiddleware, HangUp, PolicyMiddleware, PrefixMiddleware
from ui.web.languages import language_routes

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

__all__ = ["Limits", "create_server", "page_options", "private_folder"]

# System fonts: Gradio's own default would do, but it has no Chinese ones; nothing is fetched.
FONTS = ("system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "sans-serif")
# A quotation mark on the page's seal.
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#a4281c"/>'
    '<path d="M8 9h6v7q0 6-6 7v-3q3-1 3-4H8zm10 0h6v7q0 6-6 7v-3q3-1 3-4h-3z" fill="#fff"/></svg>'
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the server takes.

    Attributes:
        root_path: Where it stands behind a proxy: a prefix like ``/youju``, or the whole public address.
        hosts: Names it may be called by; None for any.
        max_file_bytes: Size of one uploaded file.
        max_upload_files: Files of one upload.
    """

    root_path: str = ""
    hosts: frozenset[str] | None = None
    max_file_bytes: int = 50_000_000
    max_upload_files: int = 100


def create_server(
    *,
    pages: Mapping[Lang, gr.Blocks],
    tools: gr.Blocks,
    routes: Sequence[BaseRoute],
    identity: Identity,
    options: Mapping[str, Any],
    limits: Limits,
    folder: Path,
) -> FastAPI:
    """Put the server together.

    Args:
        pages: The page in each language.
        tools: What is offered to assistants, at ``/tools/gradio_api/mcp/``.
        routes: The other routes, e.g. of the API.
        identity: Tells who is asking.
        options: The looks of the pages: see :func:`page_options`.
        limits: What the server takes.
        folder: Where Gradio keeps uploads: see :func:`private_folder`.

    Returns:
        The app; its ``state.hang_up`` ends the streams that are open.
    """
    hang_up = HangUp()
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        middleware=[
            Middleware(PolicyMiddleware),
            Middleware(PrefixMiddleware, root_path=limits.root_path),
            Middleware(GuardMiddleware, hosts=limits.hosts),
            Middleware(IdentityMiddleware, identity=identity),
            Middleware(hang_up.middleware),
            Middleware(CORSMiddleware),  # allows nobody; without it Gradio allows everybody
        ],
    )
    app.state.hang_up = hang_up
    own = login_routes(identity.logins) if identity.logins else []
    app.router.routes.extend([*language_routes(), *own, *routes, Route("/favicon.ico", _icon, methods=["GET"])])
    belongings = Belongings(folder)
    max_upload = limits.max_file_bytes * limits.max_upload_files
    for lang, page in pages.items():
        gate = Middleware(GateMiddleware, belongings=belongings, events=page.fns, max_upload_bytes=max_upload)
        _mount(app, page, f"/{lang}", gate, limits, **options)
    _mount(app, tools, "/tools", Middleware(ToolsGateMiddleware), limits, mcp_server=True)
    if tools.mcp_server_obj is None:
        raise RuntimeError(f"The tools cannot be offered: {tools.mcp_error}")
    return app


def page_options(css_paths: Sequence[Path], js: str, whole: Sequence[Path] = ()) -> dict[str, Any]:
    """The looks of a page, for :func:`create_server`.

    Args:
        css_paths: Style sheets, in the order in which they apply.
        js: One function expression, run when the page is there.
        whole: Style sheets that are not confined to Gradio's container.
    """
    theme = gr.themes.Base(
        primary_hue=gr.themes.colors.teal, neutral_hue=gr.themes.colors.gray, font=FONTS, font_mono=("monospace",)
    )
    # Gradio's own grey and green are too light to read; `.dark` gives these colours their other values.
    own = {"body_text_color_subdued": "var(--yj-quiet)", "button_primary_background_fill": "var(--yj-accent)"}
    own |= {"button_primary_text_color": "var(--yj-ground)"}
    own |= {"button_primary_background_fill_hover": "var(--yj-accent)"}
    theme.set(**own, **{f"{name}_dark": value for name, value in own.items()})
    styles = "\n".join(path.read_text(encoding="utf-8") for path in whole)
    return {"theme": theme, "css_paths": list(css_paths), "js": js, "head": f"<style>\n{styles}\n</style>"}


@lru_cache(maxsize=1)
def private_folder() -> Path:
    """The folder where Gradio keeps uploads and downloads of this process, readable by this user alone.

    Gradio's own lies in the folder for temporary files, the same for all its programs and for all users. It is removed
    at the end, unless it was chosen from outside.
    """
    chosen = os.environ.get("GRADIO_TEMP_DIR")
    folder = Path(chosen or tempfile.mkdtemp(prefix="youju-")).resolve()
    if not chosen:
        os.environ["GRADIO_TEMP_DIR"] = str(folder)  # the only way to tell Gradio
        atexit.register(shutil.rmtree, folder, ignore_errors=True)  # what is kept lies in the workspace
    return folder


async def _icon(_: Request) -> Response:
    return Response(ICON, media_type="image/svg+xml", headers={"cache-control": "max-age=86400"})


def _mount(app: FastAPI, blocks: gr.Blocks, path: str, gate: Middleware, limits: Limits, **options: Any) -> None:  # noqa: ANN401
    gr.mount_gradio_app(
        app,
        blocks,
        path,
        app_kwargs={"middleware": [gate]},
        footer_links=[],
        run_history=False,  # else Gradio keeps questions and answers in the browser
        allowed_paths=[],
        show_error=False,
        max_file_size=limits.max_file_bytes,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        **{"mcp_server": False, **options},
    )
