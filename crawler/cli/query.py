"""crawler query: ask the database, by a query's name or in SQL."""

from __future__ import annotations

import csv
import difflib
import io
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.output import table
from crawler.cli.wiring import config_option, database_option, database_path

if TYPE_CHECKING:
    from crawler.store.questions import Answer, Question

# A spreadsheet takes a cell that begins so for a formula (the full-width forms too).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


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
    from crawler.store import database  # noqa: PLC0415
    from crawler.store.questions import ask, questions  # noqa: PLC0415

    canned = questions()
    if question is None:
        names = ((one.name, " ".join(f"{value}=…" for value in one.parameters), one.sentence) for one in canned.values())
        table(("name", "values", "question"), names)
        return
    sql = canned[question].sql if question in canned else _must_be_sql(question, canned)
    given = _given(values, canned.get(question))
    with database.reading(database_path(db, config_file)) as opened:
        answer = ask(opened, sql, given)
        match form:
            case "csv":
                _print_csv(answer)
            case "json":
                _print_json(answer)
            case _:
                table(answer.columns, answer.rows)


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


def _print_csv(answer: Answer) -> None:
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    writer.writerow(answer.columns)
    for row in answer.rows:
        writer.writerow([_inert(cell) for cell in row])
        sys.stdout.write(line.getvalue())
        line.seek(0)
        line.truncate()
    sys.stdout.write(line.getvalue())


def _inert(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe makes it text. Numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def _print_json(answer: Answer) -> None:
    import msgspec  # noqa: PLC0415

    for row in answer.rows:
        sys.stdout.buffer.write(msgspec.json.encode(dict(zip(answer.columns, row, strict=True))) + b"\n")
