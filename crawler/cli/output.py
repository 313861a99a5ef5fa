"""What a person sees: messages, tables, times. Text from the web can't steer the terminal here."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from crawler.errors import OutputError
from crawler.publish.inert import plain as plain  # noqa: PLC0414 - for the commands

if TYPE_CHECKING:
    from rich.console import RenderableType

UNFOLDED = 100_000  # characters; no line of ours is so long


def say(message: str) -> None:
    """Print a line for a person."""
    print(plain(message), file=sys.stderr)  # noqa: T201 - the one place that does


def in_utf8(name: str) -> str:
    """Return what may name a file as text that can be kept: bytes of its name that are no UTF-8 as their escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows as a table on stdout."""
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for header in headers:
        drawn.add_column(header, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text("" if cell is None else plain(str(cell))) for cell in row))
    draw(drawn)


def draw(drawing: RenderableType) -> None:
    """Print a table or a tree on stdout: folded to the screen on a terminal, else as wide as it is."""
    from rich.console import Console  # noqa: PLC0415

    if sys.stdout.isatty():
        Console(highlight=False, markup=False, emoji=False).print(drawing)
        return
    console = Console(width=UNFOLDED, highlight=False, markup=False, emoji=False)
    with console.capture() as capture:
        console.print(drawing)
    sys.stdout.writelines(line.rstrip() + "\n" for line in capture.get().splitlines())


@contextmanager
def written(path: Path | None) -> Iterator[IO[bytes]]:
    """Give what to write a command's data to: standard output, or a file that is there once it is whole, and not before."""
    if path is None:
        try:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            # Whoever read our output has seen enough. Python would complain once more when it flushes at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        return
    try:
        if path.exists() and not path.is_file():  # a pipe, a device
            with path.open("wb") as out:
                yield out
            return
        part = path.with_name(f"{path.name}.part")
        try:
            with part.open("wb") as out:
                yield out
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{error.filename or path}: {error.strerror}; --output names another file") from error


def write_lines(out: IO[bytes], lines: Iterable[str]) -> None:
    """Write lines as UTF-8, whatever the terminal's locale."""
    out.writelines(line.encode() for line in lines)
