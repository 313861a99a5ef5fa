"""How a benchmark shows its figures: the machine on one line, then tables that can go into the README as they are."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Iterable, Sequence


def print_machine() -> None:
    """Print what kind of machine the figures are of: without it they say nothing."""
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    print(f"{platform.python_implementation()} {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {system}")


def print_table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a Markdown table: names to the left, figures to the right."""
    cells = [[_shown(value) for value in row] for row in rows]
    widths = [max(len(line[column]) for line in (list(titles), *cells)) for column in range(len(titles))]
    rules = ["-" * widths[0], *(("-" * (width - 1)) + ":" for width in widths[1:])]
    print()
    for line in (list(titles), rules, *cells):
        first, *others = zip(line, widths, strict=True)
        padded = [first[0].ljust(first[1]), *(value.rjust(width) for value, width in others)]
        print(f"| {' | '.join(padded)} |")


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
