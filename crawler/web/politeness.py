"""Manners: who we say we are, whose turn it is at a host, and how long to wait before asking again."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from crawler.clock import Clock
from crawler.core import urls
from crawler.core.model import Exchange
from crawler.core.redirects import REDIRECTS
from crawler.errors import ConfigError
from crawler.web.dates import http_date

# RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4, RFC 9110 §15.6: what may go better in a moment.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})

BUSY = frozenset({429, 503})  # what Retry-After comes with (RFC 6585 §4, RFC 9110 §10.2.3)

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
    robots_exempt: tuple[str, ...] = ()  # hosts whose robots.txt is not asked, by an agreement with them
    shortener_seconds_between: float = 0.25  # seconds_between at a host that does nothing but redirect elsewhere
    circuit_failures: int = 5  # connections in a row that fail, after which a host is given up for a while; 0: it never is
    circuit_seconds: float = 300.0  # for so long
    offline_hosts: int = 10  # in a row that can't be connected to, after which it must be our own network; 0: it never is

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


# Hosts that do nothing but send on: made for many requests, and their answers are small. The rest show themselves.
_SHORTENERS = """
t.co bit.ly j.mp goo.gl ow.ly buff.ly dlvr.it ift.tt tinyurl.com is.gd trib.al fb.me lnkd.in youtu.be wp.me amzn.to tmblr.co
nyti.ms wapo.st reut.rs bbc.in cnn.it gu.com apne.ws on.rt.com flip.it spr.ly hubs.ly
"""
SHORTENERS = frozenset(_SHORTENERS.split())
SENT_ON = 3  # times and nothing else: a host that is one too


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    next_at: float = 0.0  # on the clock's monotonic scale
    held_until: float = 0.0  # as the host asked for
    asking: int = 0  # in turn or waiting for it
    sent_on: int = 0  # answers that led to another host, before one that did not
    has_served: bool = False  # one did not


class Turn:
    """A host's turn: how long it took to come, and what it leaves behind. The host's pause begins when it is over."""

    __slots__ = ("_between", "_clock", "_host", "hold", "is_used", "reason", "waited")

    def __init__(self, host: _Host, clock: Clock, seconds_between: float) -> None:
        self.waited = 0.0  # seconds
        self.reason = "pace"  # or "retry_after"
        self.hold = 0.0  # seconds that the host asks to be left alone for
        self.is_used = True  # something was asked: the host may rest
        self._host = host
        self._clock = clock
        self._between = seconds_between

    async def __aenter__(self) -> Self:
        host, asked = self._host, self._clock.monotonic()
        host.asking += 1
        try:
            await host.lock.acquire()
        except BaseException:
            host.asking -= 1
            raise
        now = self._clock.monotonic()
        pause = max(0.0, host.next_at - now, host.held_until - now)
        self.waited = now - asked + pause
        if pause:
            if host.held_until > max(now, host.next_at):
                self.reason = "retry_after"
            try:
                await self._clock.sleep(pause)
            except BaseException:
                self._leave()
                raise
        return self

    async def __aexit__(self, *_: object) -> None:
        now = self._clock.monotonic()
        if self.is_used:
            self._host.next_at = now + self._between
        if self.hold:
            self._host.held_until = max(self._host.held_until, now + self.hold)
        self._leave()

    def _leave(self) -> None:
        self._host.lock.release()
        self._host.asking -= 1


class Turns:
    """One request in flight a host, and a pause between two. What a host asks for holds whoever it told, and for its time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hosts: OrderedDict[str, _Host] = OrderedDict()

    def turn(self, host: str, seconds_between: float) -> Turn:
        """Return the next turn at a host; entering it waits for the host to be free and rested."""
        return Turn(self._entry(host), self._clock, seconds_between)

    def note(self, host: str, answer: Exchange) -> None:
        """Take note of an answer of host: whether it leads to another one."""
        entry = self._entry(host)
        if entry.has_served:
            return
        location = answer.header("location") if answer.status in REDIRECTS else None
        if location and urls.host(urls.parse(location, answer.url) or "") not in (None, host):
            entry.sent_on += 1
        else:
            entry.has_served = True

    def is_shortener(self, host: str) -> bool:
        """Whether host does nothing but send on, as far as it is known."""
        entry = self._hosts.get(host)
        return host in SHORTENERS or (entry is not None and entry.sent_on >= SENT_ON and not entry.has_served)

    def _entry(self, host: str) -> _Host:
        entry = self._hosts.setdefault(host, _Host())
        self._hosts.move_to_end(host)
        if len(self._hosts) > MAX_HOSTS:
            oldest, rested = next(iter(self._hosts.items()))
            if not rested.asking and max(rested.next_at, rested.held_until) < self._clock.monotonic():
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
    then = http_date(value)
    try:
        return max(0.0, (then - now).total_seconds()) if then else None
    except OverflowError:
        return None
