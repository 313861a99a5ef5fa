"""crawler check: configuration, database and cassettes looked over; what is wrong, and what to do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.output import plain
from crawler.cli.wiring import config_option, database_option
from crawler.errors import CrawlerError

if TYPE_CHECKING:
    from crawler.config import Config
    from crawler.store.database import Database

GOOD, NOTE, BAD = "ok", "note", "WRONG"
MOST_NAMED = 5
FIND_EVIDENCE = "put it back from a backup, or name the folder it is in as evidence.folder"
Finding = tuple[str, str]


@click.command()
@config_option()
@database_option()
def check(config_file: Path | None, db: Path | None) -> int:
    """Look over the configuration, the database and the cassettes; exit 2 if something is wrong.

    \b
    Example:
      crawler check --db provenance.db
    """  # noqa: D301
    wrong = 0
    for verdict, message in _findings(config_file, db):
        wrong += verdict == BAD
        sys.stdout.write(f"{verdict:5}  {plain(message)}\n")
    return 2 if wrong else 0


def _findings(config_file: Path | None, db: Path | None) -> Iterator[Finding]:
    from crawler.config import Config, load  # noqa: PLC0415

    try:
        config = load(config_file)
    except CrawlerError as error:
        yield BAD, str(error)
        config = Config()
    else:
        yield GOOD, f"configuration: {len(config.sources)} sources, depth {config.depth}"
        yield from _sources(config)
        yield from _cassettes(config)
        yield from _authorities(config)
    yield from _database(db or config.path(config.database), config)


def _sources(config: Config) -> Iterator[Finding]:
    for source in config.sources:
        for place in source.places:
            if "://" not in place and not config.path(place).exists():
                yield BAD, f"source {source.name}: {config.path(place)} is missing; mend its place"
    if not config.replay and not config.manners.contact:
        yield NOTE, "manners.contact is empty: a crawler on the live web should say whom to write to"


def _cassettes(config: Config) -> Iterator[Finding]:
    from crawler.web import tapes  # noqa: PLC0415
    from crawler.web.cassettes import ReplayTransport  # noqa: PLC0415

    if not config.replay:
        return
    folder = config.path(config.replay)
    try:
        ReplayTransport(folder)
        exchanges = sum(len(tapes.load(tape)) for tape in sorted(folder.glob("*.yaml")))
    except CrawlerError as error:
        yield BAD, str(error)
    else:
        yield GOOD, f"cassettes: {exchanges} exchanges in {folder}"


def _authorities(config: Config) -> Iterator[Finding]:
    from crawler.web.tls import trusting_also  # noqa: PLC0415

    if not config.tls.ca_file:
        return
    try:
        trusting_also(config.path(config.tls.ca_file))
    except CrawlerError as error:
        yield BAD, str(error)


def _database(path: Path, config: Config) -> Iterator[Finding]:
    from crawler.store import checks, database  # noqa: PLC0415

    if not path.exists():
        yield NOTE, f"database: {path} is not there yet; `crawler run` makes it"
        return
    try:
        with database.reading(path) as opened:
            wrongs = list(checks.faults(opened))
            yield from ((BAD, f"database: {wrong}") for wrong in wrongs)
            if not wrongs:
                yield from ((NOTE, f"database: {note}") for note in checks.notes(opened, path))
                yield GOOD, f"database: {checks.summary(opened)}"
                if not database.migrations.pending(opened):
                    yield from _evidence(opened, config)
    except CrawlerError as error:
        yield BAD, str(error)


def _evidence(opened: Database, config: Config) -> Iterator[Finding]:
    from crawler.store import evidence  # noqa: PLC0415
    from crawler.web import warcs  # noqa: PLC0415

    folder = config.path(config.evidence.folder)
    sizes = {path.name.removesuffix(warcs.OPEN): path.stat().st_size for path in warcs.files(folder)}
    kept = list(evidence.kept_files(opened))
    lacking = [(name, records) for name, records, last in kept if sizes.get(name, 0) <= last]
    for name, records in lacking[:MOST_NAMED]:
        fault = "ends before the last of the records" if name in sizes else "is missing, with the records"
        yield BAD, f"evidence: {folder / name} {fault} that the database points at ({records}); {FIND_EVIDENCE}"
    if len(lacking) > MOST_NAMED:
        yield BAD, f"evidence: so it is with {len(lacking) - MOST_NAMED} more files; {FIND_EVIDENCE}"
    if kept and not lacking:
        yield GOOD, f"evidence: {sum(records for _, records, _ in kept)} records in {len(kept)} files of {folder}"
