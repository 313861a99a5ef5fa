"""crawler backup: a copy of the database that can be trusted."""

from __future__ import annotations

from pathlib import Path

import click

from crawler.cli.output import say
from crawler.cli.wiring import config_option, database_option, database_path


@click.command()
@click.argument("target", metavar="FILE|FOLDER", type=click.Path(path_type=Path))
@config_option()
@database_option()
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help="Keep the N latest backups in FOLDER, remove older ones.")
def backup(target: Path, config_file: Path | None, db: Path | None, keep: int | None) -> None:
    """Copy the database, whole and as of one moment, while a run may be at work. The copy is looked over before it gets its name.

    In a FOLDER it is named after the database and the time. Its path goes to standard output.

    \b
    Example:
      crawler backup /var/backups/provenance --keep 14
    """  # noqa: D301
    from crawler.clock import SystemClock  # noqa: PLC0415
    from crawler.store import backups  # noqa: PLC0415

    path = database_path(db, config_file)
    if keep and not target.is_dir():
        raise click.UsageError(f"--keep goes with a folder of backups, and {target} is none")
    file = backups.named(path, target, SystemClock().now()) if target.is_dir() else target
    backups.back_up(path, file)
    click.echo(str(file))
    for gone in backups.prune(path, target, keep) if keep else ():
        say(f"removed {gone}, older than the {keep} latest")
