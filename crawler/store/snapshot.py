"""A copy of the database to be looked at: consistent, in one file, with full text and readable names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from crawler.errors import DatabaseError
from crawler.store import backups, database
from crawler.store.database import sqlite3

# Labels of foreign keys have to be columns.
NAME_PIECES = "UPDATE pieces SET name = (SELECT name FROM piece_names WHERE piece_id = pieces.id)"


def take(
    path: Path, target: Path, *, full_text: Mapping[str, Iterable[str]], indexes: Mapping[str, Iterable[str]]
) -> Mapping[str, int]:
    """Copy the database at path to target, a file that isn't there yet; return how many rows each table has.

    The original stays as it is. The copy is as of one moment, whatever a run writes meanwhile, holds what the -wal file holds
    too, and is brought up to date where an earlier crawler wrote the original. It has a full-text index over the columns that
    `full_text` names by table, an index on each column of `indexes`, and the column `name` in `pieces`.
    """
    backups.copy(path, target)
    copy = database.open_for_writing(target)
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
        copy.conn.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
    except sqlite3.Error as error:
        raise DatabaseError(f"the copy of {path} at {target} can't be completed: {error}; see to the free space") from error
    finally:
        copy.close()
    return counts
