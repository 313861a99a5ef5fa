"""crawler export: the graph for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.naming import as_of_option, names_of_piece
from crawler.cli.output import say, write_lines, written
from crawler.cli.query import answered
from crawler.cli.wiring import config_option, database_option, database_path

if TYPE_CHECKING:
    from typing import IO

    from crawler.store.database import Database
    from crawler.store.exports import Export, Selection

FORMATS = ("jsonl", "csv", "graphml", "gexf", "dot", "prov-json")


@click.command()
@click.argument("values", metavar="[PARAMETER=VALUE]...", nargs=-1)
@config_option()
@database_option()
@as_of_option()
@click.option("--format", "form", type=click.Choice(FORMATS), required=True, help="What to write.")
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="F", help="A file in place of standard output.")
@click.option("--run", type=int, metavar="ID", help="Only what this run saw: pages it read, links it followed.")
@click.option("--site", metavar="S", help="Only citations from or to this site.")
@click.option("--piece", metavar="PIECE", help="Only what this piece cites, and what that cites in turn; see `crawler trace`.")
@click.option(
    "--depth", type=click.IntRange(min=1), default=10, show_default=True, metavar="N", help="Citations deep, with --piece."
)
@click.option(
    "--query", metavar="NAME|SQL", help="Only the citations, or those of the pieces, that a query's rows name by their ids."
)
def export(
    values: tuple[str, ...],
    config_file: Path | None,
    db: Path | None,
    when: str | None,
    form: str,
    output: Path | None,
    run: int | None,
    site: str | None,
    piece: str | None,
    depth: int,
    query: str | None,
) -> None:
    """Write the graph for other programs: all of it, or the citations for which everything named holds.

    jsonl and csv have one row a citation, with the columns of the view provenance. graphml, gexf and dot have pieces as nodes and
    citations as edges. prov-json is W3C PROV. A query's rows name citations by a column citation_id, or pieces by columns such as
    piece_id, citing_id or cited_id; its values are given as PARAMETER=VALUE.

    \b
    Example:
      crawler export --format csv --output citations.csv
      crawler export --format gexf --piece article.txt --depth 2 -o story.gexf
      crawler export --format jsonl --query "SELECT citation_id FROM provenance WHERE outcome = 'gone'"
    """  # noqa: D301
    from crawler.store import database, exports  # noqa: PLC0415

    if values and not query:
        raise click.UsageError(f"{values[0]} is a value of a query; name one with --query")
    with database.reading(database_path(db, config_file)) as opened:
        selection = selected(opened, when=when, run=run, site=site, piece=piece, depth=depth, query=query, values=values)
        with exports.exporting(opened, selection) as chosen, written(output) as out:
            if not chosen.count():
                say("no citation is chosen; the export is empty")
            write(form, chosen, out)


def selected(
    db: Database,
    *,
    when: str | None = None,
    run: int | None = None,
    site: str | None = None,
    piece: str | None = None,
    depth: int = 10,
    query: str | None = None,
    values: tuple[str, ...] = (),
) -> Selection:
    """Return what the options of a command mean; where they name a moment, db answers as of then."""
    from crawler.store.as_of import look_back, run_of  # noqa: PLC0415
    from crawler.store.exports import Selection, named  # noqa: PLC0415
    from crawler.store.trace import find_piece, find_site  # noqa: PLC0415

    if when and run is not None:
        raise click.UsageError("--run and --as-of exclude each other: what a run saw is told as of its end")
    if when:
        look_back(db, run_of(db, when))
    ids = named(answered(db, query, values)) if query else {}
    site = find_site(db, site) if site is not None else None
    piece_id = find_piece(db, names_of_piece(piece)) if piece is not None else None
    return Selection(run, site, piece_id, depth, **ids)


def write(form: str, chosen: Export, out: IO[bytes]) -> None:
    """Write an export in one of FORMATS."""
    from crawler.publish import networks, prov, tables  # noqa: PLC0415

    match form:
        case "graphml":
            networks.graphml(chosen, out)
        case "gexf":
            networks.gexf(chosen, out)
        case "dot":
            write_lines(out, networks.dot(chosen))
        case "prov-json":
            write_lines(out, prov.prov_json(chosen))
        case _:
            answer = chosen.answer("rows")
            write_lines(out, (tables.comma_separated if form == "csv" else tables.jsonl)(answer.columns, answer.rows))
