"""Archived copies of what is lost, asked of one web archive by the Memento protocol (RFC 7089)."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from crawler.core import copies, urls
from crawler.core.model import ArchivedCopy, Exchange, Failure, NoCopy, Url
from crawler.core.redirects import REDIRECTS
from crawler.errors import ConfigError
from crawler.web.dates import http_date

MAX_STEPS = 3  # from the TimeGate to a memento; archives put an address right first
_WHOLE_STAMP = re.compile(r"\d{14}")

Ask = Callable[[Url], Awaitable[Exchange | Failure]]


@dataclass(frozen=True, slots=True)
class Mementos:
    """Whether and where archived copies are looked for. Field names are those of config.toml's [mementos]."""

    enabled: bool = False
    endpoint: str = "https://web.archive.org"  # its TimeGate is at /web/<time>/<URL>, its index at /cdx/search/cdx
    lookups_per_run: int = 200  # the rest waits for the next run; archives take few requests a minute

    def __post_init__(self) -> None:
        url = urls.parse(self.endpoint)
        if url is None or not urls.is_web(url):
            raise ConfigError(f"mementos.endpoint is {self.endpoint!r}; it has to be the address of an archive, https://…")
        if self.lookups_per_run < 1:
            raise ConfigError(f"mementos.lookups_per_run is {self.lookups_per_run}; it has to be 1 or more")


async def closest(url: Url, when: datetime | None, endpoint: str, ask: Ask) -> ArchivedCopy | NoCopy:
    """Return the copy of url whose time is closest to when, or the latest; or that the archive has none, or doesn't say.

    The TimeGate is asked; where it gives no answer one can read, the archive's index.
    """
    root = endpoint.rstrip("/")
    wanted = when.astimezone(UTC).strftime(copies.STAMP) if when else ""
    at = urls.parse(f"{root}/web/{wanted}/{url}" if when else f"{root}/web/{url}")
    for _ in range(MAX_STEPS):
        answer = await ask(at) if at else None
        if not isinstance(answer, Exchange):
            break
        if answer.status == 404:
            return NoCopy.NONE
        # RFC 7089 §2.1.1: what bears Memento-Datetime is a memento itself, be it one of a redirect.
        if (stated := answer.header("memento-datetime")) and answer.status < 400:
            return ArchivedCopy(url, answer.url, _stated(stated))
        location = answer.header("location") if answer.status in REDIRECTS else None
        at = urls.parse(location, answer.url) if location else None
        # §4.2.1: a TimeGate redirects to the memento, whose address holds its time. With the time that was asked for it may be
        # the TimeGate under another address.
        if at and (copy := copies.memento(at)) and _WHOLE_STAMP.fullmatch(copy.stamp) and copy.stamp != wanted:
            return ArchivedCopy(url, at, copies.moment(copy.stamp))
    return await _from_index(url, wanted, root, ask)


async def _from_index(url: Url, wanted: str, root: str, ask: Ask) -> ArchivedCopy | NoCopy:
    chosen = f"closest={wanted}&sort=closest&limit=1" if wanted else "limit=-1"
    query = f"url={quote(url, safe='')}&{chosen}&filter=statuscode:200&fl=timestamp,original&output=json"
    index = urls.parse(f"{root}/cdx/search/cdx?{query}")
    answer = await ask(index) if index else None
    if not isinstance(answer, Exchange) or answer.status != 200:
        return NoCopy.NO_ANSWER
    with suppress(ValueError, TypeError, RecursionError):
        rows = json.loads(answer.content)
        if rows == []:
            return NoCopy.NONE
        _, (stamp, original) = rows
        if _WHOLE_STAMP.fullmatch(stamp) and (at := urls.parse(f"{root}/web/{stamp}/{original}")):
            return ArchivedCopy(url, at, copies.moment(stamp))
    return NoCopy.NO_ANSWER


def _stated(value: str) -> datetime | None:
    then = http_date(value)
    with suppress(OverflowError):
        return then.astimezone(UTC) if then else None
    return None
