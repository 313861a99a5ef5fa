"""Pieces and moments as a person names them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click


def as_of_option() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """--as-of RUN|DAY."""
    return click.option("--as-of", "when", metavar="RUN|DAY", help="What was known at the end of that run or day (YYYY-MM-DD).")


def names_of_piece(said: str) -> Iterator[str]:
    """Yield what a person may have meant: what they wrote, the file of that name, the URL in its standard form."""
    from crawler.core import keys, urls  # noqa: PLC0415

    yield said
    if "://" not in said and _is_there(Path(said)):
        yield Path(said).resolve().as_uri()
    if url := urls.parse(said):
        yield url
        yield keys.key(url)
    elif (escaped := quote(said)) != said:
        yield escaped  # as a part of a URL has it


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a title that is longer than a file's name can be, a folder that may not be entered
        return False
