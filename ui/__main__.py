"""`python -m ui`: the chat page on this machine, shared with nobody."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import sys
import threading
import webbrowser
from typing import TYPE_CHECKING, NamedTuple

from rag.config import load_config
from rag.errors import ConfigError, RagError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import gradio as gr

    from ui.desk import Desk, Pipeline

FIRST_PORT = 7860  # Gradio's habit, so that old bookmarks work
N_PORTS = 100


class Running(NamedTuple):
    """A page that is being served."""

    url: str
    page: gr.Blocks
    desk: Desk

    def close(self) -> None:
        """Stop answering, then stop serving."""
        self.desk.close()
        self.page.close(verbose=False)


def launch(pipeline: Pipeline, *, host: str = "127.0.0.1", port: int | None = None, open_browser: bool = True) -> None:
    """Serve the page until interrupted (Ctrl+C, or a termination signal).

    Args:
        pipeline: What answers.
        host: Address to listen on; anything but 127.0.0.1 lets other machines in.
        port: Port to listen on; None takes the first free one from 7860.
        open_browser: Whether to show the page in the browser, where there is one.

    Raises:
        ConfigError: The address cannot be listened on.
    """
    running = start(pipeline, host=host, port=port)
    running.desk.warm_up()
    _say(f"有据 youju: {running.url}   (Ctrl+C 结束 ends it)")
    if host not in ("127.0.0.1", "localhost", "::1"):
        _say(f"注意：监听 {host}，其他机器也能访问。 Note: other machines can reach this page.")
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


def start(pipeline: Pipeline, *, host: str = "127.0.0.1", port: int | None = None) -> Running:
    """Serve the page in the background.

    Raises:
        ConfigError: The address cannot be listened on.
    """
    port = _free_port(host, port)
    _bypass_proxy(host)
    from ui.app import create_app, launch_options  # noqa: PLC0415 - Gradio takes seconds; a taken port is told first
    from ui.desk import Desk  # noqa: PLC0415

    async def serve() -> Running:
        desk = Desk(pipeline)
        page = create_app(pipeline, desk=desk)
        try:
            _, url, _ = page.launch(server_name=host, server_port=port, prevent_thread_lock=True, **launch_options())
        except OSError as error:
            raise ConfigError(f"The page could not start on {host}:{port} ({error}). Pass another --port.") from error
        return Running(url, page, desk)

    # In an event loop, although nothing waits: without one Gradio makes one for each of its locks, and closes none.
    return asyncio.run(serve())


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: Arguments; the process's own by default.

    Returns:
        The exit code: 0, that of the error's branch, or 130 where it was interrupted before the page was up.
    """
    parser = argparse.ArgumentParser(prog="python -m ui", description="The youju chat page in your browser.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, help=f"port to listen on (default: the first free one from {FIRST_PORT})")
    parser.add_argument("--index", help="folder of the index (default: youju's own)")
    parser.add_argument("--no-browser", action="store_true", help="do not open the browser")
    options = parser.parse_args(argv)
    try:
        config = load_config(index=options.index)
        from rag.pipeline import Pipeline as Answering  # noqa: PLC0415 - loads the models' libraries; --help need not

        pipeline = Answering.open(config)
        launch(pipeline, host=options.host, port=options.port, open_browser=not options.no_browser)
    except RagError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except KeyboardInterrupt:  # while the index was being opened
        return 130
    return 0


def _free_port(host: str, port: int | None) -> int:
    if port is not None and not 0 < port < 65536:
        raise ConfigError(f"Port is {port}; expected a number from 1 to 65535.")
    wanted = range(FIRST_PORT, FIRST_PORT + N_PORTS) if port is None else [port]
    reason: OSError | None = None
    for candidate in wanted:
        try:
            family = socket.getaddrinfo(host, candidate, type=socket.SOCK_STREAM)[0][0]
            socket.create_server((host, candidate), family=family).close()
        except OSError as error:
            reason = error
        else:
            return candidate
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
    """Keep Gradio's look at its own page from going through the proxy that the environment may name."""
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
