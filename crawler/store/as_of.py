"""What was known at the end of an earlier run, or on a day: the same tables and views, cut at that run."""

from __future__ import annotations

import re
from datetime import date, timedelta

from sqlite_utils import Database

from crawler.errors import QueryError
from crawler.store.database import STORE, make_temporary_views, statements

DAY = re.compile(r"\d{4}-\d\d-\d\d")
BY_ID = "SELECT id FROM runs WHERE id = ?"
BEGUN_BEFORE = "SELECT max(id) FROM runs WHERE started_at < ?"
KNOWN = "SELECT min(id), max(id), min(started_at) FROM runs"


def run_of(db: Database, when: str) -> int:
    """Return the run that a person means: its id, or the last that had begun by the end of a day (YYYY-MM-DD, UTC).

    Raises QueryError where there is none.
    """
    if when.isdecimal():
        row = db.conn.execute(BY_ID, (int(when),)).fetchone()
    else:
        row = db.conn.execute(BEGUN_BEFORE, (str(_day(when) + timedelta(days=1)),)).fetchone()
    if row is None or row[0] is None:
        first, last, begun = db.conn.execute(KNOWN).fetchone()
        lacking = f"there is no run {when}" if when.isdecimal() else f"no run had begun by the end of {when}"
        known = f"the first is {first}, of {begun}, the last {last}" if first else "there is none yet"
        raise QueryError(f"{lacking}: {known}; `crawler query runs` lists them")
    return int(row[0])


def look_back(db: Database, run_id: int) -> None:
    """Let every question that is asked through this connection from now on be answered as of the end of a run."""
    db.conn.execute("PRAGMA query_only = OFF")  # the temporary schema is written to, the file can't be
    for statement in statements((STORE / "as_of.sql").read_text("utf-8")):
        db.conn.execute(statement.replace(":as_of", str(run_id)))
    make_temporary_views(db)
    db.conn.execute("PRAGMA query_only = ON")


def _day(when: str) -> date:
    try:
        if DAY.fullmatch(when):
            return date.fromisoformat(when)
    except ValueError:
        pass
    raise QueryError(f"{when!r} is neither the id of a run nor a day (YYYY-MM-DD)")
