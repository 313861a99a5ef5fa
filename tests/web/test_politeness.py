"""How long a server asks us to wait."""

import json
from datetime import UTC, datetime

import pytest

from crawler.web.politeness import MAX_HOSTS, Manners, Turns, retry_after
from tests.fakes import FakeClock

NOW = datetime(2016, 10, 25, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 5 ", 5),
        ("1.5", 1.5),
        ("999999999999999999999", 1e21),
        ("Tue, 25 Oct 2016 18:01:00 GMT", 60),
        ("Tuesday, 25-Oct-16 18:01:00 GMT", 60),
        ("Tue Oct 25 18:01:00 2016", 60),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        *dict.fromkeys(
            [
                "-1",
                "1e9",
                "nan",
                "inf",
                "",
                "soon",
                "0x10",
                "5\0",
                "\u0665",
                "5, 10",
                "31 Dec 99999 00:00:00 GMT",
                "x" * 9999,
                None,
            ]
        ).items(),
    ],
)
def test_retry_after_is_read_where_it_says_anything(value, seconds):
    assert retry_after(value, NOW) == seconds


def test_no_hostile_retry_after_breaks_it(hostile):
    for line in (hostile / "retry" / "own-retry-after.jsonl").read_text().splitlines():
        seconds = retry_after(json.loads(line)["value"], NOW)
        assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    ("manners", "sent", "product"),
    [
        (Manners(user_agent="bot/1.0", contact="https://bot.example"), "bot/1.0 (+https://bot.example)", "bot"),
        (Manners(user_agent="bot"), "bot", "bot"),
    ],
)
def test_we_say_who_we_are(manners, sent, product):
    assert (manners.sent_user_agent, manners.product) == (sent, product)


@pytest.mark.anyio
async def test_hosts_are_forgotten_when_there_are_too_many_of_them():
    clock = FakeClock()
    turns = Turns(clock)
    for number in range(MAX_HOSTS + 100):
        async with turns.turn(f"h{number}.example", 1.0):
            pass
        clock.elapsed += 2
    assert len(turns._hosts) == MAX_HOSTS
