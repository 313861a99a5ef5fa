"""Asking the database: canned queries, any SQL, and nothing that writes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlite_utils import Database

from crawler.errors import QueryError
from crawler.store.database import STORE, sqlite3

PARAMETER = re.compile(r"(?<![:\w]):([a-z_]\w*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """A canned query: its name on the command line, its title, the sentence it answers, its SQL and the values it needs."""

    name: str
    title: str
    sentence: str
    sql: str

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the values it needs."""
        statement = "\n".join(line for line in self.sql.splitlines() if not line.startswith("--"))
        return tuple(dict.fromkeys(PARAMETER.findall(statement)))


@dataclass(frozen=True, slots=True)
class Answer:
    """Column names, and the rows as they are asked for."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[object, ...]]


def questions() -> dict[str, Question]:
    """Return the canned queries by name."""
    found = {}
    for file in (STORE / "queries").iterdir():
        if file.name.endswith(".sql"):
            name, sql = file.name.removesuffix(".sql"), file.read_text("utf-8")
            title, sentence, *_ = (line.removeprefix("-- ") for line in sql.splitlines())
            found[name] = Question(name, title, sentence, sql)
    return dict(sorted(found.items()))


def ask(db: Database, sql: str, values: Mapping[str, str]) -> Answer:
    """Return what a statement answers. Raises QueryError where it is no statement that can be read."""
    try:
        cursor = db.conn.execute(sql, values)
    except sqlite3.Error as error:
        raise QueryError(f"the query can't be answered: {error}") from error
    if cursor.description is None:
        raise QueryError("the query asks nothing; it should be a SELECT")
    return Answer(tuple(column[0] for column in cursor.description), _rows(cursor))


def _rows(cursor: sqlite3.Cursor) -> Iterator[tuple[object, ...]]:
    try:
        yield from cursor
    except sqlite3.Error as error:
        raise QueryError(f"the query can't be answered: {error}") from error
