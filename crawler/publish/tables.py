"""Rows as text for other programs: JSON Lines and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from crawler.publish import inert


def jsonl(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield a line a row: a JSON object of all its columns."""
    for row in rows:
        yield inert.json(dict(zip(columns, row, strict=True))) + "\n"


def comma_separated(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield CSV (RFC 4180), a line a row below one of column names, in which no cell is a formula."""
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    writer.writerow(columns)
    for row in rows:
        yield line.getvalue()
        line.seek(0)
        line.truncate()
        writer.writerow([inert.cell(value) for value in row])
    yield line.getvalue()
