"""Manners: who we say we are, whose turn it is at a host, and how long to wait before asking again."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from crawler.clock import Clock
from crawler.errors import ConfigError

# RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4, RFC 9110 §15.6: what may go better in a moment.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})

MAX_HOSTS = 10_000  # remembered at a time
MAX_CRAWL_DELAY = 30.0  # seconds; a larger one would cost every chain through that host its time

_FIELD_VALUE = re.compile(r"[\x20-\x7e]*")
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Manners:
    """How we ask. Field names are those of config.toml's [manners]."""

    user_agent: str = "link-provenance-crawler"  # product, or product/version
    contact: str = ""  # a page or an address where we can be told off
    accept: str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    accept_language: str = "en,*;q=0.5"
    seconds_between: float = 1.0  # from the end of one request to the beginning of the next, at one host
    max_retry_after: float = 60.0  # a server that asks for more is left alone for this run
    backoff_seconds: float = 1.0  # before the second attempt, then twice as long each time
    obey_robots: bool = True

    def __post_init__(self) -> None:
        for name in ("user_agent", "contact", "accept", "accept_language"):
            if not _FIELD_VALUE.fullmatch(getattr(self, name)):
                raise ConfigError(f"manners.{name} goes into a header: write it in printable ASCII, on one line")

    @property
    def product(self) -> str:
        """Return the token that robots.txt may name us by (RFC 9309 §2.2.1)."""
        return re.split(r"[/\s]", self.user_agent, maxsplit=1)[0]

    @property
    def sent_user_agent(self) -> str:
        """Return the User-Agent header: product, and how to reach us (RFC 9110 §10.1.5)."""
        return f"{self.user_agent} (+{self.contact})" if self.contact else self.user_agent


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    next_at: float = 0.0  # on the clock's monotonic scale
    asking: int = 0  # in turn or waiting for it


class Turns:
    """One request in flight a host, and a pause between two."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hosts: OrderedDict[str, _Host] = OrderedDict()

    @asynccontextmanager
    async def turn(self, host: str, seconds_between: float) -> AsyncIterator[float]:
        """Wait for the host to be free and rested; give the seconds waited. Its pause begins when the turn is over."""
        asked = self._clock.monotonic()
        entry = self._entry(host)
        entry.asking += 1
        try:
            async with entry.lock:
                now = self._clock.monotonic()
                pause = max(0.0, entry.next_at - now)
                if pause:
                    await self._clock.sleep(pause)
                try:
                    yield now - asked + pause
                finally:
                    entry.next_at = self._clock.monotonic() + seconds_between
        finally:
            entry.asking -= 1

    def _entry(self, host: str) -> _Host:
        entry = self._hosts.setdefault(host, _Host())
        self._hosts.move_to_end(host)
        if len(self._hosts) > MAX_HOSTS:
            oldest, rested = next(iter(self._hosts.items()))
            if not rested.asking and rested.next_at < self._clock.monotonic():
                del self._hosts[oldest]
        return entry


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, or None where it asks for nothing one can read.

    Seconds or a date (RFC 9110 §10.2.3), never negative; fractions, though no RFC has them, are sent.
    """
    if not value:
        return None
    value = value.strip(" \t")
    if _SECONDS.fullmatch(value):
        return float(value)  # at worst infinite, which is longer than any cap
    if not value.isascii() or not value.isprintable():
        return None
    try:
        then = parsedate_to_datetime(value)
    except (ValueError, OverflowError, TypeError):
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    try:
        return max(0.0, (then - now).total_seconds())
    except OverflowError:
        return None
