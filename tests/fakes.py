"""Fakes that do one thing each."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta


class FakeClock:
    """Time passes only when somebody sleeps, and then at once."""

    def __init__(self, start: datetime = datetime(2016, 10, 25, 18, 0, tzinfo=UTC)) -> None:
        self.start = start
        self.elapsed = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        awake_at = self.elapsed + seconds
        await asyncio.sleep(0)  # two who sleep side by side sleep the same time, not one after the other
        self.elapsed = max(self.elapsed, awake_at)
