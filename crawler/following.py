"""Following one URL: fetched hop after hop, until core.redirects says stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from crawler.clock import Clock
from crawler.core import urls
from crawler.core.following import landing
from crawler.core.model import Exchange, Failure, Hop, Landing, Outcome, Resolution, Seen, Url, Via
from crawler.core.redirects import NOT_MODIFIED, Follow, Pointing, Stop, next_step, read_hop
from crawler.core.settings import Limits
from crawler.fetching import Fetch
from crawler.web.cookies import Jar
from crawler.web.politeness import retry_after

if TYPE_CHECKING:
    from crawler.store.records import Rest  # whoever has no database follows without one


async def follow(
    url: Url,
    fetch: Fetch,
    limits: Limits,
    clock: Clock,
    recall: Callable[[Url], Rest | None] = lambda _: None,
    seen_at: Callable[[Url], Seen | None] = lambda _: None,
) -> tuple[Resolution, Exchange | Failure | None]:
    """Fetch hop after hop until core.redirects says stop; return the chain and its last answer.

    Where recall knows how a chain goes on from a URL, that is not fetched again, and there is no answer to return. Where seen_at
    knows what was there before, it is asked whether that has changed; if not, the answer is a 304, and the chain has arrived.
    The cookies that its answers set live for this chain: a URL asked for again with others is no loop.
    """
    started_at, started = clock.now(), clock.monotonic()
    chain = _Chain(limits.chain_seconds)
    said: Landing | None = None  # what the last page says of itself
    at = url
    via: Via | None = None
    while True:
        cookie = chain.jar.header(at)
        if not cookie and (rest := recall(at)) and len(chain.hops) + len(rest.hops) <= limits.max_hops:
            chain.hops += (replace(rest.hops[0], via=via), *rest.hops[1:])
            answer, end, said = None, Stop(rest.outcome, rest.detail), rest.said
            break
        seen = None if cookie else seen_at(at)
        answer = await (partial(fetch, seen=seen) if seen else fetch)(at, max(0.0, chain.seconds), cookie)
        pointing = chain.add(answer, at, via, cookie)
        if seen and isinstance(answer, Exchange) and answer.status == NOT_MODIFIED:
            end, said = Stop(Outcome.ARRIVED, None), seen.said
            break
        match next_step(chain.hops, answer, pointing, limits, chain.has_asked):
            case Follow(at, via):
                continue
            case Stop() as end:
                break
    return Resolution(
        url,
        tuple(chain.hops),
        end.outcome,
        end.detail,
        started_at,
        elapsed_ms=round((clock.monotonic() - started) * 1000),
        landing=_landing(chain.hops, answer, said) if end.outcome is Outcome.ARRIVED else None,
        retry_after=_stay_away(answer) if end.outcome is Outcome.TRY_LATER else None,
    ), answer


class _Chain:
    """The hops of one chain so far, the cookies that it has, and what is left of its time."""

    __slots__ = ("_asked", "hops", "jar", "seconds")

    def __init__(self, seconds: float) -> None:
        self.hops: list[Hop] = []
        self.jar = Jar()
        self.seconds = seconds  # waiting for its turns at busy hosts doesn't count
        self._asked: set[tuple[Url, str]] = set()  # what was asked for, and with which cookies

    def add(self, answer: Exchange | Failure, at: Url, via: Via | None, cookie: str) -> Pointing:
        """Add the hop that answer makes, asked for at a URL with these cookies; return where it points on to."""
        self.seconds -= (answer.elapsed_ms + (answer.robots_ms if isinstance(answer, Exchange) else 0)) / 1000
        hop, pointing = read_hop(answer, via)
        self.hops.append(hop)
        self._asked.add((urls.without_fragment(at), cookie))
        if isinstance(answer, Exchange):
            self.jar = self.jar.after(answer.url, answer.headers, answer.fetched_at)
        return pointing

    def has_asked(self, target: Url) -> bool:
        """Whether a URL, without its fragment, was asked for as it would be now."""
        return (target, self.jar.header(target)) in self._asked


def _landing(hops: list[Hop], answer: Exchange | Failure | None, said: Landing | None) -> Landing | None:
    """Return what a chain arrived at; said is what its last page is known to say of itself."""
    return landing.of_chain(hops) or said or (landing.of_page(answer) if isinstance(answer, Exchange) else None)


def _stay_away(answer: Exchange | Failure | None) -> float | None:
    """Return the seconds that the last answer asks us to stay away."""
    return retry_after(answer.header("retry-after"), answer.fetched_at) if isinstance(answer, Exchange) else None
