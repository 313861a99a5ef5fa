"""How a link stands, judged over all that came of following it: one failure makes none dead, and one answer none sound."""

from __future__ import annotations

from dataclasses import replace

from crawler.core.model import READABLE, Health, Landing, Outcome, Resolution, Standing
from crawler.core.settings import Schedule

GONE_FOR_GOOD = 410  # RFC 9110 §15.5.11: the server knows that it was there, and that it will not be again
BARRED = frozenset({401, 402, 403, 406, 407, 409, 423, 429, 451, 503})  # we are kept out, which says nothing of who else is

# Outcomes that are no strike: it was there, or what kept us from it was we, the server's rules, or the hour.
SAY_NOTHING = frozenset({Outcome.INTERRUPTED, Outcome.DISALLOWED, Outcome.REFUSED, Outcome.TRY_LATER, Outcome.TOO_MANY_HOPS})
NOT_THE_PIECE = frozenset({Landing.SOFT_404, Landing.HOME})


def judged(before: Standing, resolution: Resolution, schedule: Schedule) -> Standing:
    """Return how a link stands after one more following of it: gone at the third strike, or at once where the server says so.

    From the first strike to the last it is flaky, and still so when it answers again; alive when it answers once more.
    """
    if _says_nothing(resolution):
        return before
    if _is_there(resolution):
        return Standing(Health.FLAKY if before.strikes else Health.ALIVE)
    strikes = before.strikes + 1
    is_gone = strikes > len(schedule.strikes) or _last_status(resolution) == GONE_FOR_GOOD
    return Standing(Health.GONE if is_gone or before.health is Health.GONE else Health.FLAKY, strikes)


def doubted(before: Standing, resolution: Resolution) -> Standing:
    """Return how a link stands after a failure that may pass and is soon tried again: flaky, but that is no strike yet."""
    if _says_nothing(resolution) or before.health is Health.GONE:
        return before
    return replace(before, health=Health.FLAKY)


def is_strike(resolution: Resolution) -> bool:
    """Whether a following of a link, that is not tried again soon, speaks against what it led to."""
    return not _says_nothing(resolution) and not _is_there(resolution)


def _says_nothing(resolution: Resolution) -> bool:
    if resolution.landing in (Landing.LOGIN, Landing.CONSENT, Landing.PAYWALL) or resolution.outcome in SAY_NOTHING:
        return True
    return resolution.outcome is Outcome.HTTP_ERROR and _last_status(resolution) in BARRED


def _is_there(resolution: Resolution) -> bool:
    return resolution.outcome in READABLE and resolution.landing not in NOT_THE_PIECE


def _last_status(resolution: Resolution) -> int | None:
    return resolution.hops[-1].status if resolution.hops else None
