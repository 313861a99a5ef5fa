"""crawler query: ask the database, by a query's name or in SQL."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.output import table, write_lines, written
from crawler.cli.wiring import config_option, database_option, database_path

if TYPE_CHECKING:
    from crawler.store.database import Database
    from crawler.store.questions import Answer, Question


@click.command()
@click.argument("question", metavar="[NAME|SQL]", required=False)
@click.argument("values", metavar="[PARAMETER=VALUE]...", nargs=-1)
@config_option()
@database_option()
@click.option("--csv", "form", flag_value="csv", help="Comma-separated values.")
@click.option("--json", "form", flag_value="json", help="One JSON object a row.")
def query(question: str | None, values: tuple[str, ...], config_file: Path | None, db: Path | None, form: str | None) -> None:
    """Run a canned query or any SQL; nothing can be written. Alone: list the names.

    \b
    Example:
      crawler query most-cited
      crawler query cites piece=1 --json
      crawler query "SELECT outcome, count(*) FROM resolutions GROUP BY outcome" --csv
    """  # noqa: D301
    from crawler.publish import tables  # noqa: PLC0415
    from crawler.store import database  # noqa: PLC0415
    from crawler.store.questions import questions  # noqa: PLC0415

    canned = questions()
    if question is None:
        names = ((one.name, " ".join(f"{value}=…" for value in one.parameters), one.sentence) for one in canned.values())
        table(("name", "values", "question"), names)
        return
    with database.reading(database_path(db, config_file)) as opened:
        answer = answered(opened, question, values)
        if form is None:
            table(answer.columns, answer.rows)
            return
        with written(None) as out:
            write_lines(out, (tables.comma_separated if form == "csv" else tables.jsonl)(answer.columns, answer.rows))


def answered(db: Database, question: str, values: tuple[str, ...]) -> Answer:
    """Return the answer to a canned query or any SQL, with values as the command line gives them: PARAMETER=VALUE."""
    from crawler.store.questions import ask, questions  # noqa: PLC0415

    canned = questions()
    sql = canned[question].sql if question in canned else _must_be_sql(question, canned)
    return ask(db, sql, _given(values, canned.get(question)))


def _must_be_sql(question: str, canned: Iterable[str]) -> str:
    if len(question.split()) == 1:
        close = difflib.get_close_matches(question, canned, n=1)
        advice = f"did you mean {close[0]}?" if close else "`crawler query` lists them"
        raise click.UsageError(f"there is no query named {question}; {advice}")
    return question


def _given(values: tuple[str, ...], question: Question | None) -> Mapping[str, str]:
    given = dict(value.partition("=")[::2] for value in values)
    if question and (missing := [name for name in question.parameters if name not in given]):
        raise click.UsageError(f"the query {question.name} needs {' '.join(f'{name}=…' for name in missing)}")
    return given
