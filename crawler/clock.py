"""Time as an argument: whoever needs the hour or a pause is handed a clock."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What time it is, how long something took, and waiting."""

    def now(self) -> datetime:
        """Return the time in UTC, for the record."""

    def monotonic(self) -> float:
        """Return seconds that never run backwards, for durations."""

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the machine's steady clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Let others work for so long."""
        await asyncio.sleep(seconds)


class ReplayClock(SystemClock):
    """The machine's clock for a replay, in which no server is there to be waited for."""

    async def sleep(self, seconds: float) -> None:  # noqa: ARG002 - the wait is recorded, not waited
        """Let others work, but not for long."""
        await asyncio.sleep(0)
