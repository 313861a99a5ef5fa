"""crawler run: one crawl run."""

from __future__ import annotations

import json
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.output import plain, say, table
from crawler.cli.wiring import Parts, cassette_options, config_option, configured, database_option, wired
from crawler.errors import ConfigError, CrawlerError

if TYPE_CHECKING:
    import asyncio

    from rich.status import Status

    from crawler.config import Config, SourceTable
    from crawler.core.model import Source, Task, Visit
    from crawler.store.runs import Report

EXIT_SOME_FAILED, EXIT_FAULT, EXIT_INTERRUPTED = 1, 2, 130
NEXT = (
    ("crawler trace {source}", "the tree of what it cites, hop by hop"),
    ("crawler query citations", "who cites what; `crawler query` alone lists the other questions"),
    ("crawler query most-cited", "which pieces are cited most"),
)


@click.command()
@click.argument("sources", metavar="[SOURCE]...", nargs=-1)
@config_option()
@database_option()
@click.option("--depth", type=click.IntRange(min=0), metavar="N", help="Citations away from a source to fetch and read.")
@cassette_options
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Visit at most N URLs.")
@click.option("--progress/--no-progress", default=None, help="Show progress; default: on a terminal.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def run(
    sources: tuple[str, ...],
    config_file: Path | None,
    db: Path | None,
    depth: int | None,
    record: Path | None,
    replay: Path | None,
    limit: int | None,
    *,
    progress: bool | None,
    as_json: bool,
) -> int:
    """Crawl: read each SOURCE (URL, file, folder, - for standard input), follow what it cites, record who cites what.

    Without a SOURCE, those of the configuration. Kill it at any moment and start it again: nothing is lost, nothing twice.

    \b
    Example:
      crawler run article.txt https://example.org/story --depth 2 --db provenance.db
    """  # noqa: D301
    config = configured(config_file, record, replay)
    if not sources and not config.sources:
        raise ConfigError("nothing to start from: name a SOURCE, or write [[sources]] into config.toml")
    shown = progress if progress is not None else sys.stderr.isatty()
    import asyncio  # noqa: PLC0415

    return asyncio.run(_run(_Order(sources, config, db, depth, limit, is_shown=shown, as_json=as_json)))


@dataclass(frozen=True, slots=True)
class _Order:
    """What was asked for on the command line."""

    names: tuple[str, ...]
    config: Config
    db: Path | None
    depth: int | None
    limit: int | None
    is_shown: bool
    as_json: bool

    @property
    def path(self) -> Path:
        return self.db or self.config.path(self.config.database)


async def _run(order: _Order) -> int:
    import asyncio  # noqa: PLC0415

    from crawler.store import database  # noqa: PLC0415

    stop = asyncio.Event()
    async with wired(order.config) as parts:
        starts, faults = _starts(order, parts)
        if order.names and faults:
            return EXIT_FAULT
        with database.lock(order.path):
            report = await _crawl(order, parts, starts, stop)
    if report is None:
        _say_nothing_to_do(order)
        return EXIT_SOME_FAILED if faults else 0
    _print_report(report, order)
    if stop.is_set():
        say(f"crawler: interrupted; everything finished so far is kept in {order.path}, start again to go on")
        return EXIT_INTERRUPTED
    return EXIT_SOME_FAILED if faults or report.faults or report.status == "interrupted" else 0


def _starts(order: _Order, parts: Parts) -> tuple[list[tuple[Source, int]], int]:
    """Return where to start and how far to go from each; say which can't be started from, and how many they are."""
    named = [(name, order.depth) for name in order.names]
    if not named:
        named = [
            (_name_of(source, order.config), source.depth if order.depth is None else order.depth)
            for source in order.config.sources
        ]
    starts: list[tuple[Source, int]] = []
    faults = 0
    for name, depth in named:
        try:
            starts += [(source, order.config.depth if depth is None else depth) for source in parts.shelf.take(name)]
        except CrawlerError as error:
            say(f"crawler: {error}")
            faults += 1
    return starts, faults


async def _crawl(order: _Order, parts: Parts, starts: list[tuple[Source, int]], stop: asyncio.Event) -> Report | None:
    """Make one run and return what came of it; None where nothing was due."""
    from crawler.crawl import crawl  # noqa: PLC0415
    from crawler.store import database, records, runs  # noqa: PLC0415

    db = database.open_for_writing(order.path)
    try:
        run = records.begin_run(db, starts, order.config.limits, *_describe_run(order.config), parts.clock.now())
        if run is None:
            return None
        status = "failed"
        try:
            with _stopped_by_signals(stop), _watched(is_shown=order.is_shown) as watcher:
                offline = await crawl(
                    run,
                    fetch=parts.client.fetch,
                    read=parts.readers.read,
                    open_document=parts.shelf.open,
                    clock=parts.clock,
                    stop=stop,
                    watcher=watcher,
                    workers=order.config.workers,
                    max_visits=order.limit,
                    archive=order.config.mementos.endpoint if order.config.mementos.enabled else None,
                )
            status = "interrupted" if offline else "done"
            if offline:
                say(f"crawler: {offline}; what is left stays due, run again when it is back")
        finally:
            runs.end_run(run, "interrupted" if stop.is_set() else status, parts.clock.now())
        return runs.report(run)
    finally:
        db.close()


def _name_of(source: SourceTable, config: Config) -> str:
    return source.url or str(config.path(source.file or ""))


def _describe_run(config: Config) -> tuple[str, str, str]:
    from importlib.metadata import version  # noqa: PLC0415

    import msgspec  # noqa: PLC0415

    config_json = msgspec.json.encode(config, enc_hook=str).decode()
    return " ".join(sys.argv[1:]), config_json, version("link-provenance-crawler")


@contextmanager
def _stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    """Let SIGINT and SIGTERM end the run in good order; a second one ends it at once."""
    import asyncio  # noqa: PLC0415

    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        say("crawler: stopping; what is in flight may finish (press again to stop at once)")
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


class _Quiet:
    """Tells of faults only."""

    def visited(self, visit: Visit) -> None:
        """Say nothing: all went well."""

    def failed(self, task: Task, error: Exception) -> None:
        """Say what went wrong, in a word for a fault we know and by its type for one we don't."""
        reason = str(error) if isinstance(error, CrawlerError) else f"{type(error).__name__}: {error}"
        say(f"crawler: {task.url} could not be visited: {reason}")


class _OnTerminal(_Quiet):
    """Shows how far the run is, on one line."""

    def __init__(self, status: Status) -> None:
        self._status = status
        self._visits = 0

    def visited(self, visit: Visit) -> None:
        """Count, and name the last URL."""
        self._visits += 1
        outcome = visit.resolution.outcome if visit.resolution else "read"
        self._status.update(f"{self._visits} visited · {outcome} {plain(visit.task.url)}")


@contextmanager
def _watched(*, is_shown: bool) -> Iterator[_Quiet]:
    if not is_shown:
        yield _Quiet()
        return
    from rich.console import Console  # noqa: PLC0415

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    with console.status("starting") as status:
        yield _OnTerminal(status)


def _say_nothing_to_do(order: _Order) -> None:
    if order.as_json:
        click.echo(json.dumps({"status": "nothing to do", "database": str(order.path)}))
    say(f"Nothing to do: everything named is in {order.path} and nothing is due. `crawler query` asks it.")


def _print_report(report: Report, order: _Order) -> None:
    if order.as_json:
        import msgspec  # noqa: PLC0415

        click.echo(msgspec.json.encode(report))
        return
    table(("citations", "found", "led to a piece"), report.citations)
    table(("followed to", "links"), report.outcomes)
    say(
        f"{report.visits} visits, {report.requests} requests: {report.new_pieces} new pieces, "
        f"{report.new_citations} new citations, {report.gone_citations} gone, {report.faults} faults. All in {order.path}."
    )
    source = order.names[0] if order.names else _name_of(order.config.sources[0], order.config)
    named = f" --db {shlex.quote(str(order.db))}" if order.db else ""
    say("Next:")
    for command, purpose in NEXT:
        say(f"  {command.format(source=shlex.quote(source))}{named}   # {purpose}")
