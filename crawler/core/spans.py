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

    def holds(self, offset: int) -> bool:
        """Whether offset stands in one of them."""
        index = bisect_right(self._starts, offset) - 1
        return index >= 0 and offset < self.spans[index][1]
