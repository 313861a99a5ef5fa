"""The database: made, migrated, opened, locked."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crawler.core.model import CitationKind, Outcome, PieceKind, Via
from crawler.core.standing import BARRED, SAY_NOTHING
from crawler.errors import DatabaseError, QueryError, RunLocked
from crawler.store import database
from crawler.store.as_of import look_back
from crawler.store.questions import ask, questions
from tests.facts import facts_at


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "provenance.db"
    database.open_for_writing(path).close()
    return path


def schema(db):
    return dict(db.conn.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '\\_%' ESCAPE '\\'"))


def test_every_table_is_strict_with_an_integer_primary_key(path):
    with database.reading(path) as db:
        tables = [name for name in db.table_names() if not name.startswith("_")]
        assert tables
        for name in tables:
            assert db.table(name).schema.endswith("STRICT"), name
            assert len(db.table(name).pks) == 1, name
            assert {column.name: column.type for column in db.table(name).columns}[db.table(name).pks[0]] == "INTEGER", name


CONTRACT = {
    "runs": "id started_at finished_at status command config_json crawler_version",
    "pieces": """id key url kind title byline site published_at language canonical_url state text_sha256 first_seen_at last_seen_at
        first_run_id last_run_id""",
    "tweets": "piece_id status_id handle author text date_text claimed_on posted_at",
    "citations": """id citing_id cited_id kind position href url text label context tweet_id confidence resolution_id matched_by
        match_score first_run_id last_run_id gone_run_id""",
    "resolutions": "id run_id url outcome detail final_url furthest_url hop_count started_at elapsed_ms",
    "hops": "id resolution_id position url status via location fetched_at elapsed_ms",
    "attempts": "id hop_id number status error waited_ms wait_reason started_at",
    "mementos": "id piece_id memento_url memento_datetime found_at",
}


@pytest.mark.parametrize("table", CONTRACT)
def test_the_published_columns_are_there(path, table):
    with database.reading(path) as db:
        assert set(CONTRACT[table].split()) <= set(db.table(table).columns_dict)


@pytest.mark.parametrize(
    ("table", "column", "values"),
    [
        ("citations", "kind", CitationKind),
        ("pieces", "kind", PieceKind),
        ("resolutions", "outcome", Outcome),
        ("pieces", "state", ["cited", *Outcome]),
        ("hops", "via", Via),
    ],
)
def test_each_check_lists_what_python_lists(path, table, column, values):
    with database.reading(path) as db:
        sql = schema(db)[table]
    listed = sql.split(f"CHECK ({column} IN (")[1].split("))")[0]
    assert {value.strip().strip("'") for value in listed.split(",")} == set(values)


@pytest.mark.parametrize("values", [sorted(map(str, BARRED)), [f"'{outcome}'" for outcome in sorted(SAY_NOTHING)]])
def test_the_past_is_judged_by_the_same_words_as_the_present(values):
    lists = re.findall(r"IN \(([^)]*)\)", (database.STORE / "as_of.sql").read_text("utf-8"))
    assert values in [sorted(listed.split(", ")) for listed in lists]


def test_every_foreign_key_is_enforced(path):
    with closing(database.open_for_writing(path)) as db, pytest.raises(sqlite3.IntegrityError):
        db.conn.execute("INSERT INTO resolutions VALUES (1, 99, 'u', 'gone', NULL, NULL, 'u', 0, 't', 0, NULL, NULL, NULL, 0)")


def test_opening_again_changes_nothing(path):
    before = path.read_bytes()
    database.open_for_writing(path).close()
    assert path.read_bytes() == before


def test_a_view_that_has_changed_is_renewed_and_a_users_own_is_kept(path):
    with closing(sqlite3.connect(path)) as db:
        db.executescript("DROP VIEW stuck; CREATE VIEW stuck AS SELECT 1 AS old; CREATE VIEW mine AS SELECT 2 AS x;")
    with closing(database.open_for_writing(path)) as db:
        assert [column.name for column in db.view("stuck").columns] == ["id", "url", "depth", "due_at", "claims"]
        assert db.conn.execute("SELECT * FROM mine").fetchall() == [(2,)]


def test_a_database_with_an_earlier_crawlers_views_is_read_with_todays_and_left_as_it_is(path):
    with closing(sqlite3.connect(path)) as db:
        db.executescript("DROP VIEW piece_names; DROP VIEW stuck; CREATE VIEW stuck AS SELECT 1 AS old;")
    before = path.read_bytes()
    with database.reading(path) as db:
        assert db.conn.execute("SELECT * FROM stuck").fetchall() == []
        assert db.conn.execute("SELECT * FROM provenance").fetchall() == []
        look_back(db, 1)
        assert db.conn.execute("SELECT * FROM provenance").fetchall() == []
    assert path.read_bytes() == before


def test_a_question_that_an_earlier_schema_cant_answer_says_what_to_do(path):
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE citation_counts")
        db.execute("PRAGMA user_version = 1")
    with database.reading(path) as db, pytest.raises(QueryError, match="the next run brings it up to date"):
        ask(db, "SELECT * FROM most_cited", {})


def test_every_view_answers(path):
    with database.reading(path) as db:
        for view in db.view_names():
            assert db.conn.execute(f"SELECT * FROM {view}").fetchall() == []


def test_every_question_has_a_title_a_sentence_and_an_answer(path):
    with database.reading(path) as db:
        for question in questions().values():
            assert question.title
            assert question.sentence
            values = {parameter.name: "1" for parameter in question.parameters}
            assert list(ask(db, question.sql, values).rows) == []


def test_a_migration_that_fails_leaves_the_schema_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "p.db"
    statements = [*database.statements((database.STORE / "migrations" / "0001_initial.sql").read_text("utf-8"))]
    for broken in (1, len(statements) // 2, len(statements)):
        monkeypatch.setattr(database, "statements", lambda _, n=broken: iter([*statements[:n], "BROKEN"]))
        with pytest.raises(DatabaseError):
            database.open_for_writing(path)
        monkeypatch.undo()
        with closing(sqlite3.connect(path)) as db:
            assert (
                db.execute(
                    "SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'idx%'"
                ).fetchall()
                == []
            )
            assert db.execute("PRAGMA user_version").fetchone() == (0,)
    database.open_for_writing(path).close()


def test_a_run_killed_between_two_migrations_leaves_the_version_that_it_came_to(tmp_path, monkeypatch):
    path = tmp_path / "p.db"
    third = (database.STORE / "migrations" / "0003_sources.sql").read_text("utf-8")
    statements = database.statements
    monkeypatch.setattr(database, "statements", lambda script: iter(["BROKEN"]) if script == third else statements(script))
    with pytest.raises(DatabaseError):
        database.open_for_writing(path)
    monkeypatch.undo()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (2,)
    with closing(database.open_for_writing(path)) as opened:
        assert opened.conn.execute("PRAGMA user_version").fetchone() == (database.SCHEMA_VERSION,)


@pytest.mark.parametrize(
    "content", [b"not a database at all", b"PK\x03\x04" + bytes(100), b"SQLite format 3\x00" + b"\x07" * 200]
)
def test_what_is_no_database_is_left_as_it_is(tmp_path, content):
    path = tmp_path / "p.db"
    path.write_bytes(content)
    for use in (database.open_for_writing, database.open_for_reading):
        with pytest.raises(DatabaseError, match=r"p\.db"):
            use(path)
    assert path.read_bytes() == content


def test_a_database_of_a_later_crawler_is_refused(path):
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {database.SCHEMA_VERSION + 1}")
    for use in (database.open_for_writing, database.open_for_reading):
        with pytest.raises(DatabaseError, match="update the crawler"):
            use(path)


def test_a_database_is_read_in_a_folder_that_nothing_can_be_written_to(path):
    path.chmod(0o444)
    path.parent.chmod(0o555)
    try:
        with database.reading(path) as db:
            assert db.conn.execute("SELECT count(*) FROM runs").fetchone() == (0,)
    finally:
        path.parent.chmod(0o755)


def test_the_lock_is_held_by_one(path):
    with database.lock(path), pytest.raises(RunLocked), database.lock(path):
        pass
    with database.lock(path):
        pass


def _fill(db):
    run = "INSERT INTO runs (started_at, status, command, config_json, crawler_version) VALUES ('', 'done', hex(zeroblob(2000)), '', '')"
    with database.transaction(db):
        for _ in range(1000):
            db.conn.execute(run)


def test_a_full_disk_is_a_word_and_no_damage(path):
    with closing(database.open_for_writing(path)) as db:
        (pages,) = db.conn.execute("PRAGMA page_count").fetchone()
        db.conn.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(DatabaseError, match="full"):
            _fill(db)
        assert db.conn.execute("SELECT count(*) FROM runs").fetchone() == (0,)
        assert db.conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize(
    ("version", "sound"),
    [((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 50, 6), False), ((3, 50, 7), True), ((3, 51, 2), False),
     ((3, 51, 3), True), ((3, 53, 0), True)],
)  # fmt: skip
def test_which_sqlite_keeps_a_wal_database_whole(version, sound):
    assert database.wal_is_sound(version) is sound


PARAMETERS = ("url", "last_hop_before", "key", "piece", "resolution", "run", "site", "first", "last", "most", "slow_ms")


def plan(db, sql):
    return " ".join(row[3] for row in db.conn.execute(f"EXPLAIN QUERY PLAN {sql}", dict.fromkeys(PARAMETERS, 1)))


def test_nothing_on_the_way_of_a_visit_scans_a_table(path):
    from crawler.store import citations, frontier, matches, records  # noqa: PLC0415

    statements = [
        records.REST_OF_CHAIN, citations.CITED.replace("?", "'[]'"), citations.KNOWN_END, citations.LAST_PASSED_TO, citations.POINT_FOLLOWED, citations.POINT_PASSED,
        citations.POINT_WAITING, *(sql.replace("?", "1") for sql in (matches.ALIKE, matches.SOUGHT_BY_START, matches.OPEN_ON_SITE, matches.STARTS_OF_LINKS)), *(sql.replace("?", "1") for sql in (matches.BY_START, matches.BY_LINK_TEXT, matches.OF_ONE_TIME)),
        *matches.OFFERS_OF_PIECE,
        citations.LIVE.replace("?", "1"), frontier.CITED_BY.replace("?", "1"), frontier.CLAIM.replace("?", "1"),
    ]  # fmt: skip
    with database.reading(path) as db:
        for statement in statements:
            scanned = re.findall(r"SCAN (?!rest\b|json_each\b|CONSTANT\b|\(subquery)\S+", plan(db, statement))
            assert scanned == [], (statement, plan(db, statement))


def test_neither_the_end_of_a_run_nor_a_chain_that_is_verified_takes_longer_for_what_earlier_runs_left(path):
    from crawler.store import recorded, runs  # noqa: PLC0415

    by_ids = (runs.OUTCOMES, runs.CITATIONS, runs.FAILURES, runs.HOSTS, runs.READ)
    with database.reading(path) as db:
        for statement in (*(sql.replace("?", "1") for sql in by_ids), recorded.HOPS, recorded.CAPTURES):
            assert "SCAN" not in plan(db, statement), (statement, plan(db, statement))
        assert "SCAN f USING INDEX frontier_read_as" in plan(db, runs.BAD_SOURCES), "the lists, and not every task"


def test_the_shipped_files_are_part_of_the_package():
    assert (Path(str(database.STORE)) / "views.sql").is_file()


LOST_BEFORE = {
    # what was followed, what came of it -> what is to be looked up
    "a link that is gone": (("http://a.example/a", "gone", (404, "http://a.example/a")), None, ["http://a.example/a"]),
    "by way of a short link": (
        ("http://sh.rt/1", "gone", (301, "http://sh.rt/1"), (410, "http://a.example/b#part")), None, ["http://a.example/b"]
    ),
    "a home page in its place": (
        ("http://sh.rt/2", "arrived", (301, "http://sh.rt/2"), (302, "http://a.example/c"), (200, "http://a.example/")),
        "home",
        ["http://a.example/c"],
    ),
    "a page that says so": (("http://a.example/d", "arrived", (200, "http://a.example/d")), "soft_404", ["http://a.example/d"]),
    "it is there": (("http://a.example/e", "arrived", (200, "http://a.example/e")), None, []),
    "it is slow": (("http://a.example/f", "timeout", (None, "http://a.example/f")), None, []),
    "a copy itself": (
        ("https://web.archive.org/web/2016/http://a.example/g", "gone", (404, "https://web.archive.org/web/2016/http://a.example/g")),
        None,
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("followed", "landing", "lost"), LOST_BEFORE.values(), ids=LOST_BEFORE)
def test_what_was_lost_before_look_ups_were_kept_is_open_to_be_looked_up(path, followed, landing, lost):
    with facts_at(path) as facts:
        facts.begin_run("2016-10-25")
        facts.follow(*followed, landing=landing)
        facts.db.execute("DROP TABLE memento_lookups")
        for statement in database.statements((database.STORE / "migrations" / "0008_lookups.sql").read_text("utf-8")):
            facts.db.execute(statement)
        asked = "SELECT url FROM memento_lookups WHERE cited_url = ? AND answer IS NULL AND due_at IS NOT NULL"
        assert [url for (url,) in facts.ask(asked, followed[0])] == lost


def test_what_a_copy_is_known_of_is_not_looked_up_again(path):
    with facts_at(path) as facts:
        facts.begin_run("2016-10-25")
        facts.follow("http://a.example/a", "gone", (404, "http://a.example/a"))
        facts.memento(facts.piece("a"), "http://a.example/a", "https://archive.example/a")
        facts.db.execute("DROP TABLE memento_lookups")
        for statement in database.statements((database.STORE / "migrations" / "0008_lookups.sql").read_text("utf-8")):
            facts.db.execute(statement)
        assert facts.ask("SELECT answer, due_at FROM memento_lookups") == [("found", None)]
