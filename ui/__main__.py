"""`python -m ui`: the chat page on this machine, shared with nobody."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import ConfigError, RagError
from ui.serving.address import Serving

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from ui.scheduling.desk import Desk, Pipeline
    from ui.settings import PageConfig

FIRST_PORT = 7860  # Gradio's habit, so that old bookmarks work
N_PORTS = 100
LOOPBACK = ("127.0.0.1", "localhost", "::1")
ROOT_PATH = re.compile(r"(?:https?://[A-Za-z0-9.:\[\]-]+)?(?:/(?!\.+(?:/|$))[A-Za-z0-9._~-]+)*/?")
NO_DOCUMENTS = (
    "还没有资料：请在网页的“资料”里添加，或另开一个终端运行 youju index --sample 试用样例。 "
    "There are no documents yet: add some on the page, or try the sample in another terminal: youju index --sample"
)
STOP_SECONDS = 5  # a server that has been told to stop is not waited for any longer


@dataclass(frozen=True, slots=True)
class Running:
    """A page that is being served.

    Attributes:
        url: Its address.
        desk: Where its questions are answered.
    """

    url: str
    desk: Desk
    _app: FastAPI
    _server: uvicorn.Server
    _thread: threading.Thread

    def close(self) -> None:
        """Stop answering, then stop serving."""
        for close in self._app.state.closing:
            close()
        self.desk.close()
        self._app.state.hang_up.close()
        self._server.should_exit = True
        self._thread.join(STOP_SECONDS)


def launch(
    pipeline: Pipeline, serving: Serving | None = None, *, config: PageConfig | None = None, open_browser: bool = True
) -> None:
    """Serve the page until interrupted (Ctrl+C, or a termination signal).

    Args:
        pipeline: What answers.
        serving: Where and for whom; on this machine alone by default.
        config: The settings; by default those in force.
        open_browser: Whether to show the page in the browser, where there is one.

    Raises:
        ConfigError: The address cannot be listened on, or the password file not be used.
    """
    serving = serving or Serving()
    running = start(pipeline, serving, config=config)
    running.desk.warm_up()
    _say(f"有据 youju: {running.url}   (Ctrl+C 结束 ends it)")
    if warning := open_to_all(serving):
        _say(warning)
    if open_browser and _has_screen():
        webbrowser.open(running.url)
    ended = threading.Event()
    with contextlib.suppress(ValueError):  # not the main thread: whoever started us handles signals
        signal.signal(signal.SIGTERM, lambda *_: ended.set())
    try:
        ended.wait()
    except KeyboardInterrupt:
        _say("")
    finally:
        running.close()


def start(pipeline: Pipeline, serving: Serving | None = None, *, config: PageConfig | None = None) -> Running:
    """Serve the page in the background.

    Raises:
        ConfigError: The address cannot be listened on, or the password file not be used.
    """
    serving, config = serving or Serving(), config or _settings()
    _check_root(serving.root_path)
    listening = _listen(serving.host, serving.port)
    try:
        _bypass_proxy(serving.host)
        from ui.assemble import assemble  # noqa: PLC0415 - Gradio takes seconds; a taken port is told first

        # In an event loop, though nothing waits: without one Gradio makes one for each of its locks, and closes none.
        app, desk = asyncio.run(_in_loop(assemble, pipeline, config, serving))
        server, thread = _serve(app, listening)
    except BaseException:
        listening.close()
        raise
    return Running(_url(serving, listening), desk, app, server, thread)


def open_to_all(serving: Serving) -> str:
    """What to say where others can come in and nobody is asked for a password; else nothing."""
    if serving.host in LOOPBACK or serving.auth:
        return ""
    return (
        f"注意：监听 {serving.host} 且没有登录，能连到本机的人都能提问、查看和更改资料；加 --auth 启用登录。 "
        "Note: whoever can reach this machine can ask, read and change the documents; --auth asks for a login."
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: Arguments; the process's own by default.

    Returns:
        The exit code: 0, that of the error's branch, or 130 where it was interrupted before the page was up.
    """
    options = _parser().parse_args(argv)
    try:
        config = _settings(index=options.index)
        auth = options.auth and Path(options.auth) if options.auth != "" else config.workspace / "users"
        serving = Serving(options.host, options.port, auth, options.root_path, tuple(options.allow_host))
        from rag.pipeline import Pipeline as Answering  # noqa: PLC0415 - loads the models' libraries; --help need not

        pipeline = Answering.open(config, create=True)
        if not pipeline.documents():
            _say(NO_DOCUMENTS)
        if config.generator_host:
            _say(
                f"问题和为它找到的句子会发送到 {config.generator_host} 上的模型。 "
                f"Questions and their evidence are sent to the model on {config.generator_host}."
            )
        launch(pipeline, serving, config=config, open_browser=not options.no_browser)
    except RagError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except KeyboardInterrupt:  # while the index was being opened
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="youju chat", description="The youju chat page in your browser.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, help=f"port to listen on (default: the first free one from {FIRST_PORT})")
    parser.add_argument("--index", help="folder of the index (default: youju's own)")
    parser.add_argument(
        "--auth",
        nargs="?",
        const="",
        metavar="FILE",
        help="ask for a login; the password file is made by: youju users add NAME (default: youju's own)",
    )
    parser.add_argument(
        "--root-path",
        default="",
        metavar="PATH",
        help="where the page stands behind a proxy: a prefix like /youju, passed on or taken off, or the whole address",
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name that this server is called by, besides this machine's own (repeatable; no need with --auth)",
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open the browser")
    return parser


async def _in_loop(assemble: Any, *arguments: object) -> tuple[FastAPI, Desk]:  # noqa: ANN401
    made: tuple[FastAPI, Desk] = assemble(*arguments)
    return made


def _serve(app: FastAPI, listening: socket.socket) -> tuple[uvicorn.Server, threading.Thread]:
    import uvicorn  # noqa: PLC0415

    settings = uvicorn.Config(
        app,
        log_level="warning",
        lifespan="on",
        ws="none",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS - 1,
    )
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="server", daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
        if not thread.is_alive():
            raise ConfigError("The page could not start; the lines above say why.")
    return server, thread


def _settings(**given: Any) -> PageConfig:  # noqa: ANN401 - typed per field
    from ui.settings import load_page_config  # noqa: PLC0415 - loads pydantic; --help need not

    return load_page_config(**given)


def _check_root(root_path: str) -> None:
    if not ROOT_PATH.fullmatch(root_path):
        raise ConfigError(
            f"The root path is {root_path!r}; "
            "expected a prefix like /youju, or an address like https://example.org/youju."
        )


def _url(serving: Serving, listening: socket.socket) -> str:
    if "://" in serving.root_path:
        return serving.root_path.rstrip("/") + "/"
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(serving.host, serving.host)  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}/"


def _listen(host: str, port: int | None) -> socket.socket:
    """Listen on a port, so that nobody else can take it until the server is there."""
    if port is not None and not 0 < port < 65536:
        raise ConfigError(f"Port is {port}; expected a number from 1 to 65535.")
    wanted = range(FIRST_PORT, FIRST_PORT + N_PORTS) if port is None else [port]
    reason: OSError | None = None
    for candidate in wanted:
        try:
            family = socket.getaddrinfo(host, candidate, type=socket.SOCK_STREAM)[0][0]
            return socket.create_server((host, candidate), family=family, backlog=128)
        except OSError as error:
            reason = error
    ports = f"{wanted[0]}" if port is not None else f"{wanted[0]} to {wanted[-1]}"
    raise ConfigError(
        f"Cannot listen on {host}, port {ports}: {_why(reason)}. "
        "Another program may hold it: pass a free one with --port, or an address of this machine with --host."
    )


def _why(error: OSError | None) -> str:
    """Say in the system's own words why, without what Python adds to them."""
    if error is None or error.errno is None or isinstance(error, socket.gaierror):
        return str(error and error.strerror)
    return os.strerror(error.errno)


def _bypass_proxy(host: str) -> None:
    """Keep what looks at this page from this process from going through the proxy that the environment may name."""
    for name in ("NO_PROXY", "no_proxy"):
        listed = [entry for entry in os.environ.get(name, "").split(",") if entry]
        os.environ[name] = ",".join(dict.fromkeys([*listed, "127.0.0.1", "localhost", host]))


def _has_screen() -> bool:
    """Whether a browser would get a window; without one Python may start a text browser in this terminal."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
