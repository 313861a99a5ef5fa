"""Copies of the database that can be trusted: as of one moment, in one file, looked over before they are given their name."""

from __future__ import annotations

import os
import re
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from crawler.errors import DatabaseError
from crawler.store import database
from crawler.store.database import sqlite3

_TIME = re.compile(r"\d{8}T\d{6}Z")


def named(path: Path, folder: Path, now: datetime) -> Path:
    """Return where a backup of the database at path goes in folder: its name, with the time in UTC, sorts by age."""
    return folder / f"{path.stem}-{now:%Y%m%dT%H%M%SZ}{path.suffix}"


def back_up(path: Path, target: Path) -> None:
    """Copy the database at path to target, a run at work or not. Target is there whole, or not at all.

    Raises DatabaseError where target is there already, where there is no room, or where the copy is not sound.
    """
    if target.exists():
        raise DatabaseError(f"{target} is there already; name another file, or a folder to put one more backup into")
    if not target.parent.is_dir():
        raise DatabaseError(f"there is no folder {target.parent} to put a backup into; make it, or name another")
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    try:
        copy(path, partial)
        _must_be_sound(partial)
        _sync(partial)
        os.link(partial, target)  # unlike a rename, never over a file that came meanwhile
        _sync(target.parent)
    except OSError as error:
        raise DatabaseError(f"{target} can't be written: {error.strerror}") from error
    finally:
        with suppress(OSError):  # of a folder that can't be written to; what is wrong has been said
            partial.unlink(missing_ok=True)


def copy(path: Path, target: Path) -> None:
    """Copy the database at path, with what its -wal file holds, to target, a file that isn't there yet."""
    source = database.open_for_reading(path)
    try:
        source.conn.set_authorizer(None)  # it denies ATTACH, by which VACUUM INTO works
        source.conn.execute("PRAGMA query_only = OFF")  # the file is opened read-only all the same
        source.conn.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise DatabaseError(
            f"{path} can't be copied to {target}: {error}; "
            f"see to {target.parent}'s permissions and free space, and to what `crawler check` says"
        ) from error
    finally:
        source.close()


def prune(path: Path, folder: Path, keep: int) -> list[Path]:
    """Remove the backups of the database at path in folder but for the latest; return which. Other files are left alone."""
    before, after = f"{path.stem}-", path.suffix
    backups = sorted(
        file
        for file in folder.glob("*")
        if file.name.startswith(before)
        and file.name.endswith(after)
        and _TIME.fullmatch(file.name[len(before) : -len(after) or None])
    )
    gone = backups[:-keep]
    for file in gone:
        file.unlink(missing_ok=True)
    return gone


def _must_be_sound(path: Path) -> None:
    # A backup that is found to be damaged on the day it is needed is none: damage in the original shows here.
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as opened:
        try:
            said = opened.execute("PRAGMA integrity_check(1)").fetchone()[0]
        except sqlite3.Error as error:
            said = str(error)
    if said != "ok":
        raise DatabaseError(f"the copy is damaged, and so may be the database: {said}; `crawler check` says what to do")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
