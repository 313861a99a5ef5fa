"""What a host's robots.txt says to us (RFC 9309), asked once a host and kept in memory."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Protocol

from protego import Protego

from crawler.clock import Clock
from crawler.core import urls
from crawler.core.model import Attempt, Exchange, Failure, Outcome, Url, Via, WarcRecord
from crawler.core.redirects import Follow, next_step, read_hop
from crawler.core.settings import Limits
from crawler.web.faults import Fault
from crawler.web.politeness import MAX_CRAWL_DELAY, retry_after

MAX_BYTES = 500 * 1024  # RFC 9309 §2.5
REDIRECTS_LIMIT = Limits(max_hops=6)  # five redirects: RFC 9309 §2.3.1.2
MAX_ORIGINS = 4096  # kept at a time
KEPT_SECONDS = 24 * 3600.0  # RFC 9309 §2.4
SHUT_SECONDS = 600.0  # before a host that had no answer is asked again, if it doesn't ask for more; no RFC has a number for this


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a URL may be asked for: no outcome means yes."""

    outcome: Outcome | None = None
    detail: str = ""
    crawl_delay: float = 0.0  # seconds
    attempts: tuple[Attempt, ...] = ()  # made just now, where they ended in this verdict
    stay_away: float = 0.0  # seconds that the host asks for
    warc_record: WarcRecord | None = None  # where the answer is kept that it follows from
    elapsed_ms: int = 0  # spent just now on asking, its waits included


ALLOWED = Verdict()

_GROUP = re.compile(r"\s*+user[- ]?agent\s*+:?\s*+([^\s/#]*+)", re.IGNORECASE)


class Hop(Protocol):
    """One hop of the client, in its host's turn; with it, what kept the answer away."""

    async def __call__(self, url: Url, *, seconds: float, body_bytes: int) -> tuple[Exchange | Failure, Fault | None]:
        """Ask for url in so many seconds, and read so much of its body."""


@dataclass(slots=True)
class _Rules:
    """What is known of one origin."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    until: float = float("-inf")  # on the clock's monotonic scale
    parsed: Protego | None = None  # None: there are no rules
    warc_record: WarcRecord | None = None  # where they are kept
    shut: Verdict | None = None  # no answer was to be had
    is_read: bool = False  # there was one, whatever it said


class Robots:
    """The robots.txt files met so far. One may take so many seconds, its redirects included."""

    def __init__(self, hop: Hop, *, clock: Clock, product: str, seconds: float) -> None:
        self._hop = hop
        self._clock = clock
        self._product = product
        self._seconds = seconds
        self._origins: OrderedDict[str, _Rules] = OrderedDict()

    async def ask(self, url: Url) -> Verdict:
        """Say whether url may be fetched, asking its host first if that has not been done."""
        robots_url = Url(url[: url.index("/", len("https://"))] + "/robots.txt")
        rules, elapsed_ms = self._rules(robots_url), 0
        if rules.until < self._clock.monotonic():
            async with rules.lock:
                if rules.until < self._clock.monotonic():
                    verdict = await self._learn(rules, robots_url)
                    if verdict.outcome:
                        return verdict
                    elapsed_ms = verdict.elapsed_ms
        if rules.shut:
            return rules.shut
        if rules.parsed is None:
            return Verdict(elapsed_ms=elapsed_ms) if elapsed_ms else ALLOWED
        if not rules.parsed.can_fetch(urls.without_fragment(url), self._product):
            return Verdict(Outcome.DISALLOWED, f"by {robots_url}", warc_record=rules.warc_record)
        delay = _bounded(rules.parsed.crawl_delay(self._product))
        return Verdict(crawl_delay=delay, elapsed_ms=elapsed_ms) if delay or elapsed_ms else ALLOWED

    def _rules(self, robots_url: Url) -> _Rules:
        rules = self._origins.setdefault(robots_url, _Rules())
        self._origins.move_to_end(robots_url)
        if len(self._origins) > MAX_ORIGINS:
            oldest = next(iter(self._origins))
            if not self._origins[oldest].lock.locked():
                del self._origins[oldest]
        return rules

    async def _learn(self, rules: _Rules, robots_url: Url) -> Verdict:
        """Ask for the file and keep what it says.

        Where it is not to be had, everything is disallowed (RFC 9309 §2.3.1.4), but for who has an older copy (§2.4).
        """
        answer, verdict = await self._fetch(robots_url)
        is_stale = verdict.outcome is not None and rules.is_read
        if not is_stale:
            rules.shut = replace(verdict, attempts=()) if verdict.outcome else None
            rules.parsed = _parsed(answer, self._product) if answer else None
            rules.warc_record = answer.warc_record if answer else None
            rules.is_read = verdict.outcome is None
        if verdict.outcome is not Outcome.INTERRUPTED:
            seconds = max(SHUT_SECONDS, min(verdict.stay_away, KEPT_SECONDS)) if verdict.outcome else KEPT_SECONDS
            rules.until = self._clock.monotonic() + seconds
        return Verdict(elapsed_ms=verdict.elapsed_ms) if is_stale else verdict

    async def _fetch(self, robots_url: Url) -> tuple[Exchange | None, Verdict]:
        """Return the file, or None where the host has none; and a verdict where it would not say."""
        url, hops, elapsed_ms = robots_url, [], 0
        while True:
            left = max(0.0, self._seconds - elapsed_ms / 1000)
            answer, fault = await self._hop(url, seconds=left, body_bytes=MAX_BYTES)
            hop, pointing = read_hop(answer, None)
            hops.append(hop)
            elapsed_ms += hop.elapsed_ms
            if isinstance(answer, Failure):
                # Where no connection was made to the host itself, its pages would fare the same: let them say so.
                is_ours = answer.outcome is Outcome.INTERRUPTED
                outcome = answer.outcome if is_ours or (fault and fault.at_connect and url == robots_url) else Outcome.TRY_LATER
                detail = f"{robots_url} is not to be had: {answer.detail}"
                return None, Verdict(
                    outcome, detail, attempts=answer.attempts, warc_record=answer.warc_record, elapsed_ms=elapsed_ms
                )
            # RFC 9309 §2.3.1.4: a server that is ill disallows everything. 429 is one that is ill with us.
            if answer.status >= 500 or answer.status == 429:
                detail = f"{robots_url} is not to be had: status {answer.status}"
                stay_away = retry_after(answer.header("retry-after"), answer.fetched_at) or 0.0
                verdict = Verdict(Outcome.TRY_LATER, detail, attempts=answer.attempts, stay_away=stay_away)
                return None, replace(verdict, warc_record=answer.warc_record, elapsed_ms=elapsed_ms)
            match next_step(hops, answer, pointing, REDIRECTS_LIMIT):
                case Follow(onward, Via.LOCATION):
                    url = onward
                case _:
                    # §2.3.1.3: what can't be found, 4xx and redirects without end alike, allows everything.
                    return (answer if 200 <= answer.status < 300 else None), Verdict(elapsed_ms=elapsed_ms)


def _parsed(answer: Exchange, product: str) -> Protego | None:
    """Return the rules in a file for that product, or None where it is no such file: a login page, a home page, UTF-16."""
    content = answer.content
    content_type = (answer.header("content-type") or "").lower()
    if (
        "html" in content_type
        or content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"
        or content.startswith((b"\xff\xfe", b"\xfe\xff"))
    ):
        return None
    if answer.truncated:  # a rule cut in two would be another rule
        content = content.rpartition(b"\n")[0]
    # The byte order mark must go: the parser would not know the first line by it.
    return Protego.parse("\n".join(_named(line, product) for line in content.decode("utf-8-sig", "replace").splitlines()))


def _named(line: str, product: str) -> str:
    """Return a line, where it says for whom a group is: for all, for that product by its whole name, or for another.

    The parser would have "link" mean "link-…" too, and would not know "name/1.0" (RFC 9309 §2.2.1).
    """
    found = _GROUP.match(line)
    if found is None or found[1] == "*":
        return line
    return f"user-agent: {product}" if found[1].lower() == product.lower() else f"user-agent: not-{product}"


def _bounded(crawl_delay: float | None) -> float:
    return min(crawl_delay, MAX_CRAWL_DELAY) if crawl_delay and crawl_delay > 0 else 0.0
