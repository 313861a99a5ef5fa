"""crawler query: ask the database, by a query's name or in SQL."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.naming import as_of_option, names_of_piece
from crawler.cli.output import table, write_lines, written
from crawler.cli.wiring import config_option, database_option, database_path

if TYPE_CHECKING:
    from crawler.store.database import Database
    from crawler.store.questions import Answer

SECONDS = 60.0


@click.command()
@click.argument("question", metavar="[NAME|SQL]", required=False)
@click.argument("values", metavar="[PARAMETER=VALUE]...", nargs=-1)
@config_option()
@database_option()
@as_of_option()
@click.option(
    "--seconds", type=click.FloatRange(min=0), default=SECONDS, show_default=True, metavar="N", help="End it then; 0: never."
)
@click.option("--csv", "form", flag_value="csv", help="Comma-separated values.")
@click.option("--json", "form", flag_value="json", help="One JSON object a row.")
def query(
    question: str | None,
    values: tuple[str, ...],
    config_file: Path | None,
    db: Path | None,
    when: str | None,
    seconds: float,
    form: str | None,
) -> None:
    """Run a canned query, a view or any SQL; nothing can be written. Alone: list the names.

    A piece is given by its id, URL, file or title.

    \b
    Example:
      crawler query most-cited
      crawler query ancestors piece=article.txt depth=3 --json
      crawler query link_rot --as-of 2026-03-18
      crawler query "SELECT outcome, count(*) FROM resolutions GROUP BY outcome" --csv
    """  # noqa: D301
    from crawler.publish import tables  # noqa: PLC0415
    from crawler.store import database  # noqa: PLC0415
    from crawler.store.as_of import look_back, run_of  # noqa: PLC0415
    from crawler.store.questions import questions, views  # noqa: PLC0415

    if question is None:
        named = (*questions().values(), *views().values())
        table(("name", "values", "question"), ((one.name, one.usage, one.sentence) for one in named))
        return
    with database.reading(database_path(db, config_file)) as opened:
        if when:
            look_back(opened, run_of(opened, when))
        answer = answered(opened, question, values, seconds)
        if form is None:
            table(answer.columns, answer.rows)
            return
        with written(None) as out:
            write_lines(out, (tables.comma_separated if form == "csv" else tables.jsonl)(answer.columns, answer.rows))


def answered(db: Database, question: str, values: tuple[str, ...], seconds: float = SECONDS) -> Answer:
    """Return the answer to a canned query, a view or any SQL, with values as the command line gives them: PARAMETER=VALUE."""
    from crawler.store.questions import ask, bind, questions, views  # noqa: PLC0415

    named = {**questions(), **views()}
    given = dict(value.partition("=")[::2] for value in values)
    if asked := named.get(question):
        return ask(db, asked.sql, bind(db, asked, given, names_of_piece), _deadline(seconds))
    return ask(db, _must_be_sql(question, named), given, _deadline(seconds))


def _must_be_sql(question: str, named: Iterable[str]) -> str:
    if len(question.split()) == 1:
        close = difflib.get_close_matches(question, named, n=1)
        advice = f"did you mean {close[0]}?" if close else "`crawler query` lists them"
        raise click.UsageError(f"there is no query named {question}; {advice}")
    return question


def _deadline(seconds: float) -> Callable[[], bool]:
    from crawler.clock import SystemClock  # noqa: PLC0415

    clock = SystemClock()
    end = clock.monotonic() + (seconds or float("inf"))
    return lambda: clock.monotonic() > end
