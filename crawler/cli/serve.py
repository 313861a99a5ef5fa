"""crawler serve: the database in a browser."""

from __future__ import annotations

import contextlib
import ipaddress
import signal
import socket
import tempfile
from pathlib import Path

import click

from crawler.cli.output import say
from crawler.cli.wiring import config_option, database_option, database_path


@click.command()
@config_option()
@database_option()
@click.option("--host", default="127.0.0.1", show_default=True, metavar="H", help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8001, show_default=True, metavar="N", help="Port; 0 is any free one."
)
@click.option("--open", "open_browser", is_flag=True, help="Open it in the browser.")
def serve(config_file: Path | None, db: Path | None, host: str, port: int, *, open_browser: bool) -> None:
    """Look at the database in a browser: tables, full text, canned queries, the graph. Until Ctrl-C.

    What is served is a copy as of now, so a run may go on meanwhile. On any address but this machine's own, only the questions
    that have a name can be asked. It needs Datasette: pip install "link-provenance-crawler[serve]".

    \b
    Example:
      crawler serve --open
    """  # noqa: D301
    try:
        from datasette.cli import cli as datasette  # noqa: PLC0415
    except ImportError:
        raise click.ClickException('this needs Datasette: pip install "link-provenance-crawler[serve]"') from None
    from crawler.clock import SystemClock  # noqa: PLC0415
    from crawler.publish import bundle  # noqa: PLC0415

    path, port = database_path(db, config_file), _free(host, port)
    # Told to end, the server finishes what it is at and raises the signal once more; then the folder goes.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt, click.Abort), tempfile.TemporaryDirectory(prefix="crawler-serve-") as folder:
        say(f"Copying {path} …")
        bundle.write(path, Path(folder), now=SystemClock().now(), public=not _is_loopback(host))
        say("Serving it as it is now. Press Ctrl-C to end.")
        arguments = ["serve", folder, "--host", host, "--port", str(port), *(["--open"] if open_browser else [])]
        datasette.main(arguments, standalone_mode=False)


def _free(host: str, port: int) -> int:
    """Return a port that can be listened on. Asked beforehand, so that nobody waits for a copy that can't be served."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
            return int(tried.getsockname()[1])
    except OSError as error:
        raise click.ClickException(f"{host}:{port} can't be listened on: {error.strerror}; --port names another") from None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
