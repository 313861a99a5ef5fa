"""crawler verify: the evidence of a run read back, and compared with what the database says."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.output import plain, say
from crawler.cli.wiring import config_option, database_option
from crawler.errors import QueryError

if TYPE_CHECKING:
    from crawler.store.database import Database

EXIT_DIFFERENT = 2


@click.command()
@config_option()
@database_option()
@click.option("--run", "run_id", type=int, metavar="ID", help="The run to verify; default: the last that kept evidence.")
@click.option(
    "--evidence", "folder", type=click.Path(path_type=Path), metavar="DIR", help="Its WARC files; default: [evidence] folder."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a difference.")
def verify(config_file: Path | None, db: Path | None, run_id: int | None, folder: Path | None, *, as_json: bool) -> int:
    """Derive a run's hops, pieces and citations again from its evidence, and compare. No network is used.

    Exit code 0: the database says what the evidence says. 2: it does not, and each difference is a line on standard output.

    \b
    Example:
      crawler verify --run 12
    """  # noqa: D301
    import asyncio  # noqa: PLC0415

    from crawler.config import load  # noqa: PLC0415
    from crawler.store import database  # noqa: PLC0415

    config = load(config_file)
    with database.reading(db or config.path(config.database)) as opened:
        run_id = _run_of(opened) if run_id is None else run_id
        place = folder or config.path(config.evidence.folder)
        return asyncio.run(_verify(opened, run_id, place, config_file, as_json=as_json))


async def _verify(db: Database, run_id: int, folder: Path, config_file: Path | None, *, as_json: bool) -> int:
    from crawler.config import load  # noqa: PLC0415
    from crawler.reading.readers import Readers  # noqa: PLC0415
    from crawler.store import runs  # noqa: PLC0415
    from crawler.verify import Verified, verify  # noqa: PLC0415

    # What the run was told counts, not what the configuration says today.
    then = runs.settings(db, run_id)
    config = load(config_file)
    readers = Readers(then.limits, config.readers, then.labels)
    verified, differences = Verified(), 0
    try:
        async for difference in verify(db, run_id, folder, then, readers.read, verified):
            differences += 1
            click.echo(json.dumps(asdict(difference), ensure_ascii=False) if as_json else plain(str(difference)))
    finally:
        await readers.aclose()
    counts = f"{verified.chains} chains of {verified.hops} hops, {verified.captures} captures, {verified.citations} citations"
    said = f"{differences} differences" if differences else "equal"
    say(f"run {run_id}: {counts} derived again: {said}; {verified.records} records looked over, all of the files they stand in")
    if verified.unkept:
        say(f"{verified.unkept} hops can't be derived: we were stopped, or our own time ran out, before there was an answer")
    return EXIT_DIFFERENT if differences else 0


def _run_of(db: Database) -> int:
    from crawler.store import evidence  # noqa: PLC0415

    if (run_id := evidence.last_run(db)) is None:
        raise QueryError("no run has kept evidence: turn [evidence] on in config.toml")
    return run_id
