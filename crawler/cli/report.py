"""crawler report: what was found, on one page for anybody."""

from __future__ import annotations

from pathlib import Path

import click

from crawler.cli.export import selected
from crawler.cli.naming import as_of_option
from crawler.cli.output import write_lines, written
from crawler.cli.wiring import config_option, database_option, database_path


@click.command()
@config_option()
@database_option()
@as_of_option()
@click.option("--run", type=int, metavar="ID", help="Of what this run saw; default: of all runs.")
@click.option("--piece", metavar="PIECE", help="Of what this piece cites, and what that cites in turn; see `crawler trace`.")
@click.option(
    "--depth", type=click.IntRange(min=1), default=10, show_default=True, metavar="N", help="Citations deep, with --piece."
)
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="F", help="A file in place of standard output.")
def report(
    config_file: Path | None,
    db: Path | None,
    when: str | None,
    run: int | None,
    piece: str | None,
    depth: int,
    output: Path | None,
) -> None:
    """Write one HTML page that shows what was found, to be opened in any browser or sent on; it needs no network.

    Figures (how links ended, how old sources were, who cites themselves), the graph, dead links with archived copies, and what
    changed since the run before.

    \b
    Example:
      crawler report --output report.html
      crawler report --piece article.txt --output article.html
    """  # noqa: D301
    from crawler.clock import SystemClock  # noqa: PLC0415
    from crawler.publish.report import page  # noqa: PLC0415
    from crawler.store import database, exports, reports  # noqa: PLC0415

    with database.reading(database_path(db, config_file)) as opened:
        selection = selected(opened, when=when, run=run, piece=piece, depth=depth)
        with exports.exporting(opened, selection) as chosen:
            found = reports.find(chosen)
    html = page(found, SystemClock().now())
    with written(output) as out:
        write_lines(out, [html])
