"""Asking the database: canned queries, views, any SQL, and nothing that writes.

A canned query is a file of queries/, named as it is asked for, whose head says in this form what it is:

    -- Its title
    -- The question it answers, in a sentence?
    -- :name type: what the value is                (one line a parameter, in their order)
    -- :name type = default: what the value is      (one that may be left out)

The types are those of TYPES. In `Question.sql` each parameter is cast to its type and an empty or missing value replaced by the
default, so that a caller binds the texts it was given: the command line, or a form in a browser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from sqlite_utils import Database

from crawler.errors import QueryError
from crawler.store.as_of import run_of
from crawler.store.database import SCHEMA_VERSION, STORE, sqlite3, statements
from crawler.store.trace import find_piece, find_site

TYPES = {"piece": "INTEGER", "run": "INTEGER", "integer": "INTEGER", "site": "TEXT", "text": "TEXT"}
"""What a parameter may be, and what SQLite takes it for: the ids of a piece and of a run, a registrable domain."""

PIECE_COLUMNS = ("piece_id", "citing_id", "cited_id", "origin_id", "from_piece_id", "to_piece_id")
"""Columns of an answer that hold ids of pieces."""

PARAMETER_LINE = re.compile(rf"-- :(\w+) ({'|'.join(TYPES)})(?: = (\w+))?: (.+)")
VIEW = re.compile(r"((?:^--.*\n)+)CREATE VIEW (\w+)", re.MULTILINE)
STEPS = 50_000  # of SQLite's machine between two looks at the clock: some milliseconds


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that a question needs."""

    name: str
    type: str  # one of TYPES
    sentence: str
    default: str | None  # None: it must be given


@dataclass(frozen=True, slots=True)
class Question:
    """A canned query or a view: its name on the command line, its title, the sentence it answers, its SQL and its parameters."""

    name: str
    title: str
    sentence: str
    sql: str
    parameters: tuple[Parameter, ...] = ()

    @property
    def usage(self) -> str:
        """Its parameters as they are written on the command line: … for a value that must be given, else the default."""
        return " ".join(f"{one.name}={'…' if one.default is None else one.default}" for one in self.parameters)


@dataclass(frozen=True, slots=True)
class Answer:
    """Column names, and the rows as they are asked for."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[object, ...]]


@cache
def questions() -> Mapping[str, Question]:
    """Return the canned queries by name."""
    files = (file for file in (STORE / "queries").iterdir() if file.name.endswith(".sql"))
    found = (_question(file.name.removesuffix(".sql"), file.read_text("utf-8")) for file in files)
    return {question.name: question for question in sorted(found, key=lambda question: question.name)}


@cache
def views() -> Mapping[str, Question]:
    """Return the views by name, each as the question it answers."""
    found = {}
    for comment, name in VIEW.findall((STORE / "views.sql").read_text("utf-8")):
        sentence = " ".join(line.removeprefix("--").strip() for line in comment.splitlines())
        found[name] = Question(name, name.replace("_", " ").capitalize(), sentence, f"SELECT * FROM {name}")  # noqa: S608 - ours
    return found


def bind(
    db: Database, question: Question, given: Mapping[str, str], names_of_piece: Callable[[str], Iterator[str]]
) -> dict[str, str]:
    """Return the values of a question's parameters as its SQL takes them: ids for what pieces and runs are called.

    Raises QueryError where one is missing, unknown or can't be meant.
    """
    if unknown := [name for name in given if name not in {one.name for one in question.parameters}]:
        raise QueryError(f"the query {question.name} knows no {' '.join(unknown)}; it takes {question.usage or 'no values'}")
    if missing := [one.name for one in question.parameters if one.default is None and not given.get(one.name)]:
        raise QueryError(f"the query {question.name} needs {' '.join(f'{name}=…' for name in missing)}")
    bound = {one.name: given.get(one.name) or one.default or "" for one in question.parameters}
    for one in question.parameters:
        value = bound[one.name]
        match one.type:
            case "piece":
                bound[one.name] = str(find_piece(db, names_of_piece(value)))
            case "site":
                bound[one.name] = find_site(db, value)
            case "run":
                bound[one.name] = str(run_of(db, value))
            case "integer" if not value.isdecimal():
                raise QueryError(f"{one.name}={value} should be a whole number: {one.sentence}")
    return bound


def ask(db: Database, sql: str, values: Mapping[str, str], is_over: Callable[[], bool] = lambda: False) -> Answer:
    """Return what a statement answers.

    Raises QueryError where it is no statement that can be read, and where is_over says that it has taken long enough.
    """
    watch = _Watch(is_over, is_older=db.conn.execute("PRAGMA user_version").fetchone()[0] < SCHEMA_VERSION)
    db.conn.set_progress_handler(watch, STEPS)
    try:
        cursor = db.conn.execute(sql, values)
    except sqlite3.Error as error:
        raise watch.fault(error) from error
    if cursor.description is None:
        raise QueryError("the query asks nothing; it should be a SELECT")
    return Answer(tuple(column[0] for column in cursor.description), _rows(cursor, watch))


class _Watch:
    """Looks at the clock while SQLite works, which ends the same way when a Ctrl-C comes meanwhile, and swallows that."""

    def __init__(self, is_over: Callable[[], bool], *, is_older: bool) -> None:
        self._is_over = is_over
        self._is_older = is_older  # the database has not the latest schema
        self._is_ended = False

    def __call__(self) -> bool:
        self._is_ended = self._is_over()
        return self._is_ended

    def fault(self, error: sqlite3.Error) -> BaseException:
        if str(error) == "interrupted":
            if not self._is_ended:
                return KeyboardInterrupt()
            return QueryError("the query took too long and was ended; ask for less of it, or give it more --seconds")
        advice = "; the database is of an earlier crawler, the next run brings it up to date" if self._is_older else ""
        return QueryError(f"the query can't be answered: {error}{advice}")


def _rows(cursor: sqlite3.Cursor, watch: _Watch) -> Iterator[tuple[object, ...]]:
    try:
        # Not `yield from`: left half read, that closes the cursor, and by then the database may be closed.
        for row in cursor:  # noqa: UP028
            yield row
    except sqlite3.Error as error:
        raise watch.fault(error) from error


def _question(name: str, text: str) -> Question:
    title, sentence, *rest = text.splitlines()
    lines = [found for line in rest if (found := PARAMETER_LINE.fullmatch(line))]
    parameters = tuple(Parameter(found[1], found[2], found[4], found[3]) for found in lines)
    (statement,) = statements(text + ";")
    for parameter in parameters:
        statement = re.sub(rf"(?<![:\w]):{parameter.name}\b", _typed(parameter), statement)
    return Question(name, title.removeprefix("-- "), sentence.removeprefix("-- "), statement.rstrip(), parameters)


def _typed(parameter: Parameter) -> str:
    value = f":{parameter.name}"
    if parameter.default is not None:
        value = f"coalesce(nullif({value}, ''), '{parameter.default}')"
    return f"CAST({value} AS {TYPES[parameter.type]})"
