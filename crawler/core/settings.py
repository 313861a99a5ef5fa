"""What a run is told: how far it goes, and how soon it comes back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a run goes. Field names are those of config.toml's [limits]."""

    max_hops: int = 20  # hops of one chain
    max_attempts: int = 3  # requests of one hop
    max_visits: int = 3  # visits of one URL whose outcome is transient, each later than the last
    max_claims: int = 25  # claims of one URL that never settled it (it may be what kills the process)
    hop_seconds: float = 20.0  # one attempt, from connect to the last byte read
    connect_seconds: float = 10.0  # of these, for a host to take a connection, TLS included; shared by its addresses
    chain_seconds: float = 90.0  # a whole chain, waits included
    grace_seconds: float = 5.0  # what is in flight, once the run is told to stop
    body_bytes: int = 10_000_000  # decoded body of one answer
    read_seconds: float = 1.5  # processor time to read one document; where it is too little, as much again without a parser
    read_bytes: int = 1_000_000_000  # memory of the process that reads it
    follow_tweets: bool = False  # fetch the tweet pages too
    follow_media: bool = False  # fetch pic.twitter.com too


class Interval(timedelta):
    """A length of time, as people write it: "90m", "6h", "1d", "2w"."""

    def __new__(cls, said: str) -> Self:
        """Read it. Raises ValueError where it can't be meant."""
        found = _INTERVAL.fullmatch(said) if isinstance(said, str) else None
        if found is None:
            raise ValueError(f'{said!r} is no length of time: a number with m, h, d or w behind it is, as in "6h"')
        return super().__new__(cls, minutes=int(found[1]) * _MINUTES[found[2]])


_INTERVAL = re.compile(r"([1-9][0-9]{0,5}) ?([mhdw])")
_MINUTES = {"m": 1, "h": 60, "d": 1440, "w": 10_080}


@dataclass(frozen=True, slots=True)
class Schedule:
    """How soon things are looked at again. Field names are those of config.toml's [schedule]."""

    lists: Interval = field(default=Interval("1h"))  # a feed, sitemap or list, where its source has no `every`
    # An article that a source names or lists, after each look at it; none: as links
    articles: tuple[Interval, ...] = tuple(map(Interval, ("6h", "1d", "3d", "1w", "4w")))

    links: tuple[Interval, ...] = (Interval("4w"),)  # what articles cite, and articles after that; the last again and again
    strikes: tuple[Interval, ...] = (Interval("1d"), Interval("3d"))  # what is not there, before it counts as gone

    @property
    def soonest(self) -> timedelta:
        """The shortest time after which an article is looked at again."""
        return min(self.articles, default=self.lists)
