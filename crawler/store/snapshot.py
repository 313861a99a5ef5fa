"""A copy of the database to be looked at: consistent, in one file, with full text and readable names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from sqlite_utils import Database

from crawler.errors import DatabaseError
from crawler.store import backups
from crawler.store.database import sqlite3

# What a person would call a piece; labels of foreign keys are columns, so it has to be one.
NAME_PIECES = """
UPDATE pieces SET name = coalesce(
  title, (SELECT coalesce('@' || handle || ': ', '') || text FROM tweets WHERE tweets.piece_id = pieces.id), url)
"""


def take(
    path: Path, target: Path, *, full_text: Mapping[str, Iterable[str]], indexes: Mapping[str, Iterable[str]]
) -> Mapping[str, int]:
    """Copy the database at path to target, a file that isn't there yet; return how many rows each table has.

    The original stays as it is. The copy is as of one moment, whatever a run writes meanwhile, and holds what the -wal file holds
    too. It has a full-text index over the columns that `full_text` names by table, an index on each column of `indexes`, and the
    column `name` in `pieces`.
    """
    backups.copy(path, target)
    copy = Database(sqlite3.connect(target, isolation_level=None))
    try:
        # Should the copy be lost it is made anew: nothing here has to outlive a power cut.
        copy.conn.execute("PRAGMA synchronous = OFF")
        copy.conn.execute("BEGIN")
        copy.conn.execute("ALTER TABLE pieces ADD COLUMN name TEXT")
        copy.conn.execute(NAME_PIECES)
        for table, columns in full_text.items():
            copy.table(table).enable_fts(columns, tokenize="unicode61 remove_diacritics 2")
        for table, columns in indexes.items():
            for column in columns:
                copy.table(table).create_index([column], if_not_exists=True)
        counts = {table: copy.table(table).count for table in copy.table_names()}
        copy.conn.execute("COMMIT")
        copy.conn.execute("ANALYZE")
    except sqlite3.Error as error:
        raise DatabaseError(f"the copy of {path} at {target} can't be completed: {error}; see to the free space") from error
    finally:
        copy.close()
    return counts
