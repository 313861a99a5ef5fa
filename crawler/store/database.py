"""Opening the database: pragmas, migrations, views; the lock that makes a run the only one; reading without writing."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache, partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from sqlite_utils import Database as Database  # noqa: PLC0414 - for the types of the layers above
from sqlite_utils import Migrations

# The copy that sqlite-utils took: two SQLite libraries in one process lose the file locks.
from sqlite_utils.utils import sqlite3 as sqlite3  # type: ignore[attr-defined] # noqa: PLC0414 - for the store's other modules

from crawler.errors import DatabaseError, RunLocked

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

STORE = files("crawler.store")
MAGIC = b"SQLite format 3\0"
BUSY_SECONDS = 10
CACHE_KB = 16_000  # of pages: indexes of a large database are looked up all over
CHECKPOINT_PAGES = 8_000  # of the log, 32 MB: each page that changed is written to the database once a checkpoint

# The WAL-reset bug: with a second connection that checkpoints, these may lose or damage rows (fixed in 3.51.3 and its backports).
WAL_SOUND_SINCE = (3, 51, 3)
WAL_SOUND_BACKPORTS = {(3, 44): 6, (3, 50): 7}

migrations = Migrations("crawler")


def statements(script: str) -> Iterator[str]:
    """Yield the statements of a script one by one (executescript would commit the transaction it is called in)."""
    statement = ""
    for line in script.splitlines(keepends=True):
        if not statement and (not line.strip() or line.startswith("--")):
            continue
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement.strip().removesuffix(";")
            statement = ""


def _migration_files() -> list[Traversable]:
    return sorted((file for file in (STORE / "migrations").iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)


def _register(file: Traversable, version: int) -> None:
    @migrations(name=file.name.removesuffix(".sql"))
    def run(db: Database) -> None:
        for statement in statements(file.read_text("utf-8")):
            db.conn.execute(statement)
        db.conn.execute(f"PRAGMA user_version = {version}")


SCHEMA_VERSION = len(_migration_files())
"""PRAGMA user_version of a database that this crawler writes: the number of its migrations."""

for _version, _file in enumerate(_migration_files(), start=1):
    _register(_file, _version)


def open_for_writing(path: Path) -> Database:
    """Open the database at path, made or brought up to date as needed. The caller holds the lock.

    Raises DatabaseError, with the file untouched, where it is no database of ours or one of a later crawler.
    """
    _must_be_a_database(path)
    try:
        with _open(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as db:
            _must_not_be_newer(db, path)
            # WAL: readers go on while a run writes. NORMAL: a killed process loses nothing, a power cut at most the last commits.
            db.conn.execute("PRAGMA journal_mode = WAL")
            db.conn.execute("PRAGMA synchronous = NORMAL")
            db.conn.execute("PRAGMA foreign_keys = ON")
            db.conn.execute(f"PRAGMA cache_size = -{CACHE_KB}")
            db.conn.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
            if migrations.pending(db):
                migrations.apply(db)
            _renew_views(db)
            return db
    except sqlite3.Error as error:
        raise DatabaseError(f"{path}: {error}; check the file's permissions and free space, or name another with --db") from error


def open_for_reading(path: Path) -> Database:
    """Open the database at path so that nothing can be written to it, on read-only media too."""
    _must_be_a_database(path)
    if not path.exists():
        raise DatabaseError(f"{path}: there is no such database; `crawler run` makes it, --db names another")
    try:
        with _open(_connected_to_read(path)) as db:
            _must_not_be_newer(db, path)
            if not db.conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'citations'").fetchone():
                raise DatabaseError(f"{path} is a SQLite database, but not one of a crawl; --db names another")
            if _changed_views(db):  # written by an earlier crawler, and not to be written to now
                make_temporary_views(db)
            db.conn.execute("PRAGMA query_only = ON")
            # What another program wrote may be no UTF-8; the rest of it is worth having.
            db.conn.text_factory = partial(str, encoding="utf-8", errors="replace")
            db.conn.set_authorizer(_deny_other_files)
            return db
    except sqlite3.Error as error:
        raise DatabaseError(f"{path}: {error}") from error


def _connected_to_read(path: Path) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode=ro"
    with (
        suppress(sqlite3.OperationalError),
        _open(sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)) as db,
    ):
        db.conn.execute("SELECT 1 FROM sqlite_master")
        return db.conn
    # A WAL database in a folder we can't write to has no place for its -shm file; without a -wal nothing is missed.
    return sqlite3.connect(f"{uri}&immutable=1", uri=True, isolation_level=None)


@contextmanager
def _open(connection: sqlite3.Connection) -> Iterator[Database]:
    """Give the database of a connection for a block, which is closed where the block fails."""
    try:
        yield Database(connection)
    except BaseException:
        connection.close()
        raise


@contextmanager
def reading(path: Path) -> Iterator[Database]:
    """Open the database at path for the questions of one block; what is damaged in it is a DatabaseError."""
    db = open_for_reading(path)
    try:
        yield db
    except sqlite3.Error as error:
        raise DatabaseError(f"{path}: {error}; `crawler check` says what to do") from error
    finally:
        db.close()


@contextmanager
def transaction(db: Database) -> Iterator[None]:
    """Commit all of the block or nothing. IMMEDIATE: a plain BEGIN fails at its first write when another connection wrote.

    Raises DatabaseError where the database, and not what is written to it, is at fault: no space, no permission, damage.
    """
    try:
        db.conn.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if db.conn.in_transaction:  # a full disk has ended it already
                db.conn.execute("ROLLBACK")
            raise
        db.conn.execute("COMMIT")
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError):
        raise
    except sqlite3.Error as error:
        raise DatabaseError(
            f"the database can't be written: {error}; what was finished is kept: see to its permissions and the free space, "
            "and start again"
        ) from error


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the database at path for one run. The kernel lets go when the process ends, however it ends."""
    _must_be_a_database(path)  # before a file is made beside it
    side = path.with_name(path.name + ".lock")
    try:
        handle = os.open(side, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise DatabaseError(f"{side}: {error.strerror}; the database needs a folder that can be written to") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 32).decode("ascii", "replace").strip() or "unknown"
            raise RunLocked(f"another run (process {holder}) is at work on {path}; wait for it, or name another --db") from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


@lru_cache(64)  # of one answer come a hop, its attempts, a capture and what it says: with the same time
def utc_text(time: datetime) -> str:
    """Return a time as it stands in every table: ISO 8601, UTC, milliseconds."""
    if time.tzinfo is UTC:
        return time.isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wal_is_sound(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> bool:
    """Whether this SQLite keeps a WAL database whole while a second connection checkpoints."""
    backport = WAL_SOUND_BACKPORTS.get(version[:2])
    return version >= WAL_SOUND_SINCE or (backport is not None and version[2] >= backport)


def _deny_other_files(action: int, *_: str | None) -> int:
    # ATTACH makes the file it names, however read-only the connection is.
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK


def _must_be_a_database(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(len(MAGIC))
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise DatabaseError(f"{path}: there is no folder {path.parent}; make it, or name another --db") from None
        return
    except OSError as error:
        raise DatabaseError(f"{path}: {error.strerror}; --db names another") from error
    if start and start != MAGIC:
        raise DatabaseError(f"{path} is not a SQLite database; it was left as it is, --db names another")


def _must_not_be_newer(db: Database, path: Path) -> None:
    version = db.conn.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise DatabaseError(
            f"{path} was written by a later crawler (schema {version}, this one knows {SCHEMA_VERSION}); update the crawler"
        )


def make_temporary_views(db: Database) -> None:
    """Make all views anew in the connection's temporary schema, where they come before those of the file."""
    for statement in statements((STORE / "views.sql").read_text("utf-8")):
        db.conn.execute(statement.replace("CREATE VIEW", "CREATE TEMP VIEW IF NOT EXISTS", 1))


def _renew_views(db: Database) -> None:
    changed = _changed_views(db)
    if not changed:
        return
    with transaction(db):
        for name, statement in changed.items():
            db.conn.execute(f"DROP VIEW IF EXISTS {name}")
            db.conn.execute(statement)


def _changed_views(db: Database) -> dict[str, str]:
    present = dict(db.conn.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view'"))
    wanted = {statement.split(maxsplit=3)[2]: statement for statement in statements((STORE / "views.sql").read_text("utf-8"))}
    return {name: statement for name, statement in wanted.items() if present.get(name) != statement}
