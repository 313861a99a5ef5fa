"""What a person sees: messages, tables, times. Text from the web can't steer the terminal here."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType

UNFOLDED = 100_000  # characters; no line of ours is so long

# C0 and C1 controls, line and paragraph separators, bidirectional overrides, zero-width and lone surrogates: what could move the
# cursor, colour the screen, or make a URL read as another. Tab and newline are folded to spaces before.
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def plain(text: str) -> str:
    """Return text on one line, with every character that is an order to a terminal shown as its escape."""
    return UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", " ".join(text.split(" ")).replace("\n", " ").replace("\t", " "))


def say(message: str) -> None:
    """Print a line for a person."""
    print(plain(message), file=sys.stderr)  # noqa: T201 - the one place that does


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
