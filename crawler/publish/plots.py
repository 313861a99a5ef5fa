"""Plots as inline SVG: bars with their labels and values written out, so that no colour and no hover is needed to read one.

Looks are classes, coloured by the page's style sheet; so the plots are light, dark or on paper as the page is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH = 440  # of the drawing; it is scaled to the page
ROW = 44  # a label above its bar
COLUMN_HEIGHT = 150


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it stands for, what is written at its end, and its parts from the left, each with a class for its look."""

    label: str
    value: str
    parts: tuple[tuple[int, str], ...]

    @property
    def total(self) -> int:
        """The length of all parts."""
        return sum(length for length, _ in self.parts)


def bars(id_: str, title: str, description: str, rows: Sequence[Bar]) -> Markup:
    """Return bars that lie, one below the other, each under its label."""
    longest = max((row.total for row in rows), default=0) or 1
    drawn = []
    for number, row in enumerate(rows):
        y = number * ROW
        drawn.append(
            Markup('<text class="label" x="0" y="{y}">{label}</text><text class="value" x="{x}" y="{y}">{value}</text>').format(
                y=y + 15, x=WIDTH, label=row.label, value=row.value
            )
        )
        drawn.append(Markup('<rect class="track" x="0" y="{}" width="{}" height="14" rx="2"/>').format(y + 22, WIDTH))
        x = 0.0
        for length, look in row.parts:
            width = WIDTH * length / longest
            if length:
                drawn.append(_rect(look, x, y + 22, max(width, 2), 14))
            x += width
    return _svg(id_, title, description, len(rows) * ROW, drawn)


def columns(id_: str, title: str, description: str, rows: Sequence[Bar]) -> Markup:
    """Return bars that stand side by side, each above its label and below its value."""
    highest = max((row.total for row in rows), default=0) or 1
    pitch = WIDTH / max(len(rows), 4)
    drawn = [Markup('<line class="ground" x1="0" y1="{0}" x2="{1}" y2="{0}"/>').format(COLUMN_HEIGHT + 22, WIDTH)]
    for number, row in enumerate(rows):
        x, base = number * pitch, COLUMN_HEIGHT + 22
        for length, look in row.parts:
            height = COLUMN_HEIGHT * length / highest
            drawn.append(_rect(look, x + pitch * 0.15, base - height, pitch * 0.7, height))
            base -= round(height)
        drawn.append(
            Markup('<text class="middle value" x="{x}" y="{y}">{value}</text>').format(
                x=_at(x + pitch / 2), y=base - 6, value=row.value
            )
        )
        drawn.append(
            Markup('<text class="middle" x="{x}" y="{y}">{label}</text>').format(
                x=_at(x + pitch / 2), y=COLUMN_HEIGHT + 42, label=row.label
            )
        )
    return _svg(id_, title, description, COLUMN_HEIGHT + 50, drawn)


def _svg(id_: str, title: str, description: str, height: int, drawn: Sequence[Markup]) -> Markup:
    head = Markup(
        '<svg class="plot" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{id}-title {id}-desc">'
        '<title id="{id}-title">{title}</title><desc id="{id}-desc">{description}</desc>'
    ).format(width=WIDTH, height=height, id=id_, title=title, description=description)
    return head + Markup("").join(drawn) + Markup("</svg>")


def _rect(look: str, x: float, y: float, width: float, height: float) -> Markup:
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>').format(look, *map(_at, (x, y, width, height)))


def _at(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
