"""How a link stands after what came of it, one following after the other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.core.model import Health, Hop, Landing, Outcome, Resolution, Standing, Url
from crawler.core.settings import Interval, Schedule
from crawler.core.standing import doubted, judged

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
URL = Url("https://a.example/story")
OUTCOMES = {
    "ok": (Outcome.ARRIVED, 200, None),
    "same": (Outcome.ARRIVED, 304, None),
    "long": (Outcome.TOO_LARGE, 200, None),
    "404": (Outcome.GONE, 404, None),
    "410": (Outcome.GONE, 410, None),
    "500": (Outcome.HTTP_ERROR, 500, None),
    "403": (Outcome.HTTP_ERROR, 403, None),
    "soft": (Outcome.ARRIVED, 200, Landing.SOFT_404),
    "home": (Outcome.ARRIVED, 200, Landing.HOME),
    "login": (Outcome.ARRIVED, 200, Landing.LOGIN),
    "down": (Outcome.UNREACHABLE, None, None),
    "slow": (Outcome.TIMEOUT, None, None),
    "tls": (Outcome.TLS_ERROR, None, None),
    "loop": (Outcome.LOOP, 302, None),
    "robots": (Outcome.DISALLOWED, None, None),
    "later": (Outcome.TRY_LATER, 503, None),
    "us": (Outcome.INTERRUPTED, None, None),
}


def following(name):
    outcome, status, landing = OUTCOMES[name]
    return Resolution(URL, (Hop(URL, status, None, None, NOON, 1),), outcome, None, NOON, 1, landing)


@pytest.mark.parametrize(
    ("came", "health", "strikes"),
    [
        ("ok", "alive", 0),
        ("same", "alive", 0),
        ("long", "alive", 0),
        ("404", "flaky", 1),
        ("404 404", "flaky", 2),
        ("404 404 404", "gone", 3),
        ("ok 404 404 404", "gone", 3),
        ("410", "gone", 1),
        ("404 410", "gone", 2),
        ("404 ok", "flaky", 0),
        ("404 404 ok", "flaky", 0),
        ("404 ok 404 ok 404 ok", "flaky", 0),
        ("404 ok ok", "alive", 0),
        ("404 ok 404", "flaky", 1),
        ("404 ok 404 404", "flaky", 2),
        ("404 404 404 ok", "flaky", 0),
        ("404 404 404 404", "gone", 4),
        ("404 404 404 ok 404", "flaky", 1),
        ("410 404", "gone", 2),
        ("404 500 soft", "gone", 3),
        ("home soft home", "gone", 3),
        ("down down down", "gone", 3),
        ("slow tls loop", "gone", 3),
        ("403 403 403 403", None, 0),
        ("login robots later us", None, 0),
        ("ok 403 robots", "alive", 0),
        ("404 403 404 us 404", "gone", 3),
    ],
)
def test_three_strikes_make_a_link_gone_and_one_answer_brings_it_back(came, health, strikes):
    standing = Standing()
    for name in came.split():
        standing = judged(standing, following(name), Schedule())
    assert standing == Standing(Health(health) if health else None, strikes)


def test_the_schedule_says_how_many_strikes_there_are():
    once, five = Schedule(strikes=()), Schedule(strikes=(Interval("1d"),) * 4)
    assert judged(Standing(), following("404"), once).health is Health.GONE
    assert judged(Standing(Health.FLAKY, 3), following("404"), five).health is Health.FLAKY
    assert judged(Standing(Health.FLAKY, 4), following("404"), five).health is Health.GONE


@pytest.mark.parametrize(
    ("before", "came", "after"),
    [
        (Standing(), "down", Standing(Health.FLAKY)),
        (Standing(Health.ALIVE), "slow", Standing(Health.FLAKY)),
        (Standing(Health.FLAKY, 2), "down", Standing(Health.FLAKY, 2)),
        (Standing(Health.GONE, 3), "down", Standing(Health.GONE, 3)),
        (Standing(Health.ALIVE), "later", Standing(Health.ALIVE)),
    ],
)
def test_a_failure_that_is_soon_tried_again_is_no_strike(before, came, after):
    assert doubted(before, following(came)) == after
    if after == Standing(Health.FLAKY):
        assert judged(after, following("ok"), Schedule()) == Standing(Health.ALIVE), "nothing of it stays where it answers then"
