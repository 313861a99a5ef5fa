"""What the commands share: options, and the parts put together."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from crawler.clock import Clock
    from crawler.config import Config
    from crawler.core.model import Document, Url
    from crawler.reading.readers import Readers
    from crawler.sources.files import Shelf
    from crawler.web.client import Client
    from crawler.web.evidence import Evidence

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def config_option() -> Decorator:
    """--config F."""
    return click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path),
        envvar="CRAWLER_CONFIG",
        metavar="F",
        help="Configuration; default ./config.toml.",
    )


def database_option() -> Decorator:
    """--db F."""
    return click.option(
        "--db",
        type=click.Path(path_type=Path),
        envvar="CRAWLER_DATABASE",
        metavar="F",
        help="Database; default from the configuration.",
    )


def cassette_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--record DIR and --replay DIR."""
    record = click.option(
        "--record", type=click.Path(path_type=Path), metavar="DIR", help="Record every exchange into cassettes."
    )
    replay = click.option(
        "--replay", type=click.Path(path_type=Path), metavar="DIR", help="Replay cassettes; no network is used."
    )
    return record(replay(command))


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a crawl, ready to work."""

    client: Client
    readers: Readers
    clock: Clock
    shelf: Shelf
    evidence: Evidence | None  # kept of a run, once it begins

    def open_document(self, url: Url) -> Document:
        """Return the document that a source's URL names, kept as evidence where that is wanted."""
        from crawler.core.model import Url  # noqa: PLC0415

        document = self.shelf.open(url)
        return self.evidence.keep_document(Url(document.url or url), document) if self.evidence else document


def configured(config_file: Path | None, record: Path | None, replay: Path | None) -> Config:
    """Return the configuration, with what the command line says in place of what the file says."""
    from crawler.config import load  # noqa: PLC0415
    from crawler.web import warcs  # noqa: PLC0415

    if record and replay and not warcs.files(replay):
        raise click.UsageError("--record and --replay go together only where what is replayed is evidence (WARC)")
    config = load(config_file)
    if record or replay:
        # Paths of the command line start from where we are, those of the file from its folder.
        config = replace(
            config, record=str(record.absolute()) if record else None, replay=str(replay.absolute()) if replay else None
        )
    return config


def database_path(db: Path | None, config_file: Path | None) -> Path:
    """Return the path of the database that a command works on."""
    from crawler.config import load  # noqa: PLC0415

    if db:
        return db
    config = load(config_file)
    return config.path(config.database)


@asynccontextmanager
async def wired(config: Config) -> AsyncIterator[Parts]:
    """Put the parts together: live, recording or replaying."""
    from crawler.clock import ReplayClock, SystemClock  # noqa: PLC0415
    from crawler.reading.readers import Readers  # noqa: PLC0415
    from crawler.sources.files import Shelf  # noqa: PLC0415
    from crawler.web.cassettes import RecordTransport, ReplayTransport  # noqa: PLC0415
    from crawler.web.circuits import Circuits  # noqa: PLC0415
    from crawler.web.client import Client  # noqa: PLC0415
    from crawler.web.engine import Engine  # noqa: PLC0415
    from crawler.web.evidence import Evidence, EvidenceTransport  # noqa: PLC0415
    from crawler.web.tls import trusting_also  # noqa: PLC0415

    clock: Clock = SystemClock()
    if config.replay:
        clock = ReplayClock()
        transport: Any = ReplayTransport(config.path(config.replay))
    else:
        trusted = trusting_also(config.path(config.tls.ca_file)) if config.tls.ca_file else None
        engine = Engine(config.guard, ssl_context=trusted, connect_seconds=config.limits.connect_seconds)
        transport = Circuits(engine, clock=clock, manners=config.manners)
    if config.record:
        transport = RecordTransport(transport, config.path(config.record))
    evidence = None
    if config.evidence.enabled:
        evidence = Evidence(config.path(config.evidence.folder), clock, config.evidence.rotate_bytes)
        transport = EvidenceTransport(transport, evidence, clock)
    client = Client(transport, clock=clock, limits=config.limits, manners=config.manners)
    readers = Readers(config.limits, config.readers, config.labels)
    try:
        yield Parts(client, readers, clock, Shelf(sys.stdin.buffer, config.limits.body_bytes), evidence)
    finally:
        await readers.aclose()
        await client.aclose()
        if evidence:
            evidence.close()
