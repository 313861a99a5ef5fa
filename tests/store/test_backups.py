"""Backups: whole, as of one moment, never over another file, never of a damaged database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from crawler.errors import DatabaseError
from crawler.store import backups, database


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "provenance.db"
    db = database.open_for_writing(path)
    db.conn.execute(
        "INSERT INTO runs (started_at, status, command, config_json, crawler_version) VALUES ('t', 'running', 'run', '{}', '0')"
    )
    yield path
    db.close()


def runs(path):
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT count(*) FROM runs").fetchone()[0]


def test_a_backup_holds_what_only_the_wal_holds_yet_while_a_run_writes(path, tmp_path):
    assert path.with_name("provenance.db-wal").stat().st_size
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute(
            "INSERT INTO runs (started_at, status, command, config_json, crawler_version) SELECT started_at, status, command, config_json, '1' FROM runs"
        )
        backups.back_up(path, tmp_path / "copy.db")
        writer.execute("COMMIT")
    assert (runs(tmp_path / "copy.db"), runs(path)) == (1, 2)
    assert sorted(file.name for file in tmp_path.glob("copy*")) == ["copy.db"]


def test_a_backup_is_a_database_that_a_run_can_go_on_with(path, tmp_path):
    backups.back_up(path, tmp_path / "copy.db")
    db = database.open_for_writing(tmp_path / "copy.db")
    assert db.conn.execute("PRAGMA user_version").fetchone()[0] == database.SCHEMA_VERSION
    db.close()


def test_a_file_that_is_there_is_never_written_over(path, tmp_path):
    (tmp_path / "precious").write_text("mine")
    with pytest.raises(DatabaseError, match="is there already"):
        backups.back_up(path, tmp_path / "precious")
    assert (tmp_path / "precious").read_text() == "mine"


def test_a_folder_that_is_not_there_is_a_word_and_leaves_nothing(path, tmp_path):
    with pytest.raises(DatabaseError, match="no folder"):
        backups.back_up(path, tmp_path / "nowhere" / "copy.db")


def test_a_damaged_database_gives_no_backup(path, tmp_path):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executemany(
            "INSERT INTO pieces (key, url, state, first_seen_at, last_seen_at, first_run_id, last_run_id) VALUES (?, 'u', 'cited', 't', 't', 1, 1)",
            ((f"key {n}",) for n in range(500)),
        )
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'pieces'").fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    with pytest.raises(DatabaseError, match="crawler check"):
        backups.back_up(path, tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy*"))


def test_the_latest_backups_are_kept_and_nothing_else_is_touched(path, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    days = [backups.named(path, folder, datetime(2026, 11, day, 4, 7, tzinfo=UTC)) for day in range(1, 6)]
    for file in days:
        backups.back_up(path, file)
    others = [folder / name for name in ("provenance-notes.db", "other-20200101T000000Z.db", "provenance-20200101T000000Z.db.gz")]
    for file in others:
        file.write_text("kept")
    assert backups.prune(path, folder, keep=2) == days[:3]
    assert sorted(folder.iterdir()) == sorted([*days[3:], *others])
