"""Stretches of a text, in order and apart from one another, and which of them an offset stands in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Spans:
    """Half-open stretches, sorted by their beginnings."""

    spans: list[tuple[int, int]]
    _starts: list[int] = field(init=False, repr=False)

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        self.spans = sorted(spans)
        self._starts = [start for start, _ in self.spans]

    def around(self, offset: int) -> tuple[int, int] | None:
        """Return the one that offset stands in, or None."""
        index = bisect_right(self._starts, offset) - 1
        return self.spans[index] if index >= 0 and offset < self.spans[index][1] else None

    def holds(self, offset: int) -> bool:
        """Whether offset stands in one of them."""
        index = bisect_right(self._starts, offset) - 1
        return index >= 0 and offset < self.spans[index][1]
