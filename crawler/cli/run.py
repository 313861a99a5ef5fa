"""crawler run: one crawl run."""

from __future__ import annotations

import json
import shlex
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.output import in_utf8, say, table
from crawler.cli.watching import LOGS, Quiet, watched
from crawler.cli.wiring import Parts, cassette_options, config_option, configured, database_option, wired
from crawler.errors import ConfigError, CrawlerError, RunLocked

if TYPE_CHECKING:
    import asyncio

    from crawler.config import Config, SourceTable
    from crawler.core.model import Collection, Source
    from crawler.store.runs import Report

TITLES_ONLY = -1  # how far to go from a list whose entries are not even visited
EXIT_SOME_FAILED, EXIT_FAULT, EXIT_LOCKED, EXIT_INTERRUPTED = 1, 2, 3, 130
TRACE = ("crawler trace {}", "the tree of what it cites, hop by hop")
NEXT = (
    ("crawler query citations", "who cites what; `crawler query` alone lists the other questions"),
    ("crawler query most-cited", "which pieces are cited most"),
)


@click.command()
@click.argument("sources", metavar="[SOURCE]...", nargs=-1)
@config_option()
@database_option()
@click.option(
    "--depth",
    type=click.IntRange(min=0),
    metavar="N",
    help="Citations away from a source to fetch and read; default from the configuration.",
)
@cassette_options
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Visit at most N URLs.")
@click.option("--progress/--no-progress", default=None, help="Show progress; default: on a terminal.")
@click.option(
    "--log", type=click.Choice(LOGS), default="text", help="What goes to standard error: words, or one JSON object an event."
)
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
    log: str,
    as_json: bool,
) -> int:
    """Crawl: read each SOURCE, follow what it cites, record who cites what.

    A SOURCE is a URL, a file, a folder, - for standard input, or the name of one in the configuration: an article, a feed (RSS,
    Atom, JSON Feed), a sitemap or an index of them, a list of URLs, a WARC file. Which of these is told by how it begins.
    Without a SOURCE, all those of the configuration that are due. Kill it at any moment and start it again: nothing is lost,
    nothing twice.

    \b
    Example:
      crawler run article.txt https://example.org/story --depth 2 --db provenance.db
      crawler run https://example.org/feed.xml "harbour post"   # a feed, and a source of config.toml by its name
    """  # noqa: D301
    config = configured(config_file, record, replay)
    if not sources and not config.sources:
        raise ConfigError("nothing to start from: name a SOURCE, or write [[sources]] into config.toml")
    shown = progress if progress is not None else sys.stderr.isatty()
    elsewhere = bool(db or config_file)
    order = _Order(sources, config, db, depth, limit, log, is_shown=shown, is_elsewhere=elsewhere, as_json=as_json)
    import asyncio  # noqa: PLC0415

    return asyncio.run(_run(order))


@dataclass(frozen=True, slots=True)
class _Order:
    """What was asked for on the command line."""

    names: tuple[str, ...]
    config: Config
    db: Path | None
    depth: int | None
    limit: int | None
    log: str
    is_shown: bool
    is_elsewhere: bool  # than where a command looks that is told nothing
    as_json: bool

    @property
    def path(self) -> Path:
        return self.db or self.config.path(self.config.database)


async def _run(order: _Order) -> int:
    import asyncio  # noqa: PLC0415

    from crawler.store import database  # noqa: PLC0415

    stop = asyncio.Event()
    async with wired(order.config) as parts:
        with watched(parts.clock, order.log, is_shown=order.is_shown) as watcher:
            starts, faults = _starts(order, parts, watcher)
            if order.names and faults:
                return EXIT_FAULT
            try:
                with database.lock(order.path):
                    report = await _crawl(order, parts, starts, stop, watcher)
            except CrawlerError as error:  # said here, for a log has a form of its own
                watcher.told("failed", str(error))
                return EXIT_LOCKED if isinstance(error, RunLocked) else EXIT_FAULT
            for damage in parts.shelf.damage:
                watcher.told("source", damage)
            faults += len(parts.shelf.damage)
            if stop.is_set():
                watcher.told(
                    "interrupted", f"interrupted; everything finished so far is kept in {order.path}, start again to go on"
                )
    if report is None:
        _say_nothing_to_do(order, watcher)
        return EXIT_SOME_FAILED if faults else 0
    _print_report(report, order, starts)
    if stop.is_set():
        return EXIT_INTERRUPTED
    return EXIT_SOME_FAILED if faults or report.faults or report.status == "interrupted" else 0


def _starts(order: _Order, parts: Parts, watcher: Quiet) -> tuple[list[tuple[Source | Collection, int]], int]:
    """Return where to start and how far to go from each; say which can't be started from, and how many they are."""
    starts: list[tuple[Source | Collection, int]] = []
    faults = 0
    for named in _named(order):
        depth = order.depth if order.depth is not None else order.config.depth if named.depth is None else named.depth
        reach = TITLES_ONLY if named.candidates else depth
        for place in named.places:
            try:
                found = [_as_said(source, named) for source in parts.shelf.take(place)]
            except CrawlerError as error:
                watcher.told("source", str(error))
                faults += 1
            else:
                starts += [(source, reach) for source in found]
    return starts, faults


def _named(order: _Order) -> Iterator[SourceTable]:
    """Yield the sources that are asked for: of the configuration, by their names or all of them, or as they stand."""
    from crawler.config import SourceTable  # noqa: PLC0415

    known = [_from_its_folder(source, order.config) for source in order.config.sources]
    if not order.names:
        yield from known
    for name in order.names:
        yield from [source for source in known if source.name == name] or [SourceTable(name, file=name)]


def _from_its_folder(source: SourceTable, config: Config) -> SourceTable:
    """Return a source of the configuration with paths that start from here."""

    def placed(place: str | None) -> str | None:
        return place if place is None or "://" in place else str(config.path(place))

    return replace(
        source,
        file=placed(source.file),
        urls=source.urls if isinstance(source.urls, tuple) else placed(source.urls),
        feed=placed(source.feed),
        sitemap=placed(source.sitemap),
        warc=placed(source.warc),
    )


def _as_said(source: Source | Collection, named: SourceTable) -> Source | Collection:
    from crawler.core.model import Collection  # noqa: PLC0415

    if isinstance(source, Collection):
        return source
    return replace(source, read_as=named.read_as, entry_limit=named.limit, every=named.every)


async def _crawl(
    order: _Order, parts: Parts, starts: list[tuple[Source | Collection, int]], stop: asyncio.Event, watcher: Quiet
) -> Report | None:
    """Make one run and return what came of it; None where nothing was due."""
    from crawler.crawl import crawl  # noqa: PLC0415
    from crawler.store import database, evidence, records, runs  # noqa: PLC0415

    db = database.open_for_writing(order.path)
    try:
        archive = order.config.mementos if order.config.mementos.enabled else None
        run = records.begin_run(
            db,
            starts,
            order.config.limits,
            *_describe_run(order.config),
            parts.clock.now(),
            order.config.schedule,
            most_lookups=archive.lookups_per_run if archive else 0,
        )
        if run is None:
            return None
        if parts.evidence:
            parts.evidence.begin(run.id, partial(evidence.known, db))
        status = "failed"
        try:
            with _stopped_by_signals(stop, watcher):
                offline = await crawl(
                    run,
                    fetch=parts.client.fetch,
                    read=parts.readers.read,
                    open_document=parts.open_document,
                    clock=parts.clock,
                    stop=stop,
                    watcher=watcher,
                    workers=order.config.workers,
                    max_visits=order.limit,
                    archive=archive,
                )
            status = "interrupted" if offline else "done"
            if offline:
                watcher.told("offline", f"{offline}; what is left stays due, run again when it is back")
        finally:
            runs.end_run(run, "interrupted" if stop.is_set() else status, parts.clock.now())
        report = runs.report(run)
        watcher.ended(report)
        return report
    finally:
        db.close()


def _describe_run(config: Config) -> tuple[str, str, str]:
    from importlib.metadata import version  # noqa: PLC0415

    import msgspec  # noqa: PLC0415

    config_json = msgspec.json.encode(config, enc_hook=lambda value: in_utf8(str(value))).decode()
    return in_utf8(" ".join(sys.argv[1:])), config_json, version("link-provenance-crawler")


@contextmanager
def _stopped_by_signals(stop: asyncio.Event, watcher: Quiet) -> Iterator[None]:
    """Let SIGINT and SIGTERM end the run in good order; a second one ends it at once."""
    import asyncio  # noqa: PLC0415

    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        watcher.told("stopping", "stopping; what is in flight may finish (press again to stop at once)")
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _say_nothing_to_do(order: _Order, watcher: Quiet) -> None:
    if order.as_json:
        click.echo(json.dumps({"status": "nothing to do", "database": str(order.path)}))
    watcher.idle(f"everything named is in {order.path} and nothing is due")


def _print_report(report: Report, order: _Order, starts: Sequence[tuple[Source | Collection, int]]) -> None:
    if order.as_json:
        import msgspec  # noqa: PLC0415

        click.echo(msgspec.json.encode(report))
        return
    table(("citations", "found", "led to a piece"), report.citations)
    table(("followed to", "links"), report.outcomes)
    if report.failures:
        table(("not arrived", "because", "links"), report.failures)
    if report.hosts:
        table(("slow or refusing host", "requests", "without an answer", "busy", "mean ms"), report.hosts)
    if order.log == "json":
        return
    say(
        f"{report.visits} visits, {report.requests} requests, {report.bytes:,} bytes in {report.seconds:g} s: "
        f"{report.new_pieces} new pieces, {report.new_citations} new citations, {report.gone_citations} gone, "
        f"{report.changed_pieces} pieces changed, {report.faults} faults. All in {order.path}."
    )
    named = f" --db {shlex.quote(str(order.path))}" if order.is_elsewhere else ""
    traced = _first_piece(starts)
    say("Next:")
    for command, purpose in (TRACE, *NEXT) if traced else NEXT:
        say(f"  {command.format(traced)}{named}   # {purpose}")


def _first_piece(starts: Sequence[tuple[Source | Collection, int]]) -> str | None:
    """Return the first piece that was started from, as `crawler trace` takes it on a command line."""
    from crawler.core.model import Source  # noqa: PLC0415
    from crawler.sources.files import file_of  # noqa: PLC0415

    url = next((source.url for source, _ in starts if isinstance(source, Source)), None)
    path = file_of(url) if url else None
    if path and path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return shlex.quote(str(path or url)) if url else None
