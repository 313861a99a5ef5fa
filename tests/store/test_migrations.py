"""A database of every earlier schema is brought up to date with all its rows, and runs go on with it."""

from __future__ import annotations

import asyncio
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlite_utils import Database, Migrations

from crawler.core.model import Source, Url
from crawler.core.settings import Limits
from crawler.crawl import crawl
from crawler.store import checks, database, records, runs
from crawler.store.questions import ask, questions
from tests.fakes import FakeClock
from tests.graphs import graph
from tests.kills import WEB
from tests.runs import Watcher
from tests.webs import FakeWeb, read_here

pytestmark = pytest.mark.anyio

FILES = sorted((database.STORE / "migrations").iterdir(), key=lambda file: file.name)
NEWS = Url("https://one.example/story")
COUNTED_BY_TRIGGERS = {"citation_counts", "site_counts"}


async def look(db, clock=None):
    clock = clock or FakeClock()
    run = records.begin_run(db, [(Source(NEWS), 2)], Limits(), "test", "{}", "0", clock.now())
    rest = {"open_document": None, "clock": clock, "stop": asyncio.Event(), "watcher": Watcher(), "workers": 4}
    await crawl(run, fetch=FakeWeb(dict(WEB)).fetch, read=read_here, **rest)
    runs.end_run(run, "done", clock.now())


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """A database as a run leaves it today."""
    path = tmp_path_factory.mktemp("crawled") / "p.db"
    with closing(database.open_for_writing(path)) as db:
        asyncio.run(look(db))
        db.conn.execute("UPDATE citations SET gone_run_id = 1 WHERE id = 1")
    return path


def made_by_an_earlier_crawler(path, version, crawled):
    """Make a database with the first migrations only, and all the rows that it has a place for."""
    earlier = Migrations("crawler")
    for file in FILES[:version]:

        @earlier(name=file.name.removesuffix(".sql"))
        def apply(db, file=file):
            for statement in database.statements(file.read_text("utf-8")):
                db.conn.execute(statement)

    with closing(Database(path)) as db:
        earlier.apply(db)
        db.conn.execute(f"PRAGMA user_version = {version}")
        db.conn.commit()
        db.conn.execute("ATTACH ? AS today", (str(crawled),))
        for name in tables(db):
            if name not in COUNTED_BY_TRIGGERS:
                columns = ", ".join(db.table(name).columns_dict)
                db.conn.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM today.{name}")
        db.conn.commit()
        return {name: list(db.query(f"SELECT * FROM {name}")) for name in tables(db)}


def tables(db):
    return [name for name in db.table_names() if not name.startswith("_")]


@pytest.mark.parametrize("version", range(1, len(FILES) + 1))
async def test_a_database_of_an_earlier_schema_keeps_every_row_and_goes_on(tmp_path, crawled, version):
    path = tmp_path / "p.db"
    before = made_by_an_earlier_crawler(path, version, crawled)
    assert {"runs", "pieces", "citations", "resolutions", "hops", "captures", "frontier"} <= {
        name for name, rows in before.items() if rows
    }
    with database.reading(path) as db:
        assert db.conn.execute("PRAGMA user_version").fetchone() == (version,), "who only reads changes nothing"
        assert db.conn.execute("SELECT count(*) FROM provenance").fetchone()[0] > 0
        assert list(checks.faults(db)) == []
        assert ("older schema" in " ".join(checks.notes(db, path))) == (version < len(FILES))
        assert checks.summary(db)
    with closing(database.open_for_writing(path)) as db:
        for name, rows in before.items():
            columns = ", ".join(rows[0]) if rows else "*"
            assert list(db.query(f"SELECT {columns} FROM {name}")) == rows, name
        assert db.conn.execute("PRAGMA user_version").fetchone() == (database.SCHEMA_VERSION,)
        for view in db.view_names():
            db.conn.execute(f"SELECT * FROM {view}").fetchall()
        for question in questions().values():
            ask(db, question.sql, {parameter.name: "1" for parameter in question.parameters})
        assert list(checks.faults(db)) == []
        with closing(database.open_for_writing(crawled)) as today:
            assert schema(db) == schema(today)
            assert graph(db) == graph(today)


@pytest.mark.parametrize("version", range(1, len(FILES)))
async def test_a_run_goes_on_with_a_database_of_an_earlier_schema(tmp_path, crawled, version):
    path = tmp_path / "p.db"
    before = made_by_an_earlier_crawler(path, version, crawled)
    with closing(database.open_for_writing(path)) as db:
        db.conn.execute("UPDATE frontier SET due_at = '2017-01-01T00:00:00.000Z'")
        await look(db, FakeClock(datetime(2017, 6, 1, tzinfo=UTC)))
        assert db.conn.execute("SELECT status, fault_count FROM runs ORDER BY id").fetchall() == [("done", 0), ("done", 0)]
        assert db.conn.execute("SELECT count(*) FROM citations").fetchone()[0] == len(before["citations"]) + 1, "one came back"
        assert db.conn.execute("SELECT count(*) FROM resolutions WHERE run_id = 2").fetchone()[0] > 0
        assert list(checks.faults(db)) == []


def schema(db):
    """Return what each table has for columns and indexes; how their SQL is laid out depends on how they came to be."""
    return {
        name: (
            sorted(
                db.conn.execute(f"SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info('{name}')").fetchall()
            ),
            sorted(db.conn.execute(f"SELECT name, \"unique\", partial FROM pragma_index_list('{name}')").fetchall()),
            sorted(db.conn.execute(f'SELECT "from", "table", "to" FROM pragma_foreign_key_list(\'{name}\')').fetchall()),
        )
        for name in tables(db)
    }
