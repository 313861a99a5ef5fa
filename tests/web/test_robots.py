"""What a host's robots.txt is taken to say."""

import asyncio
import zlib

import pytest

from crawler.core.model import Exchange, Failure, Outcome, Url
from crawler.core.settings import Limits
from crawler.web.client import Client
from crawler.web.politeness import Manners
from tests.fakes import FakeClock
from tests.standin import Answer, Raw, Standin, page, to

pytestmark = pytest.mark.anyio

ROBOTS = "http://a.example/robots.txt"
OPEN, SHUT = Url("http://a.example/open"), Url("http://a.example/shut/x")
LIMITS = Limits(max_attempts=1, hop_seconds=0.3)
MANNERS = Manners(user_agent="ProvenanceBot/2.0", seconds_between=1.0)


def rules(body, **headers):
    return Answer(200, {"Content-Type": "text/plain", **headers}, body)


async def fetched(robots, *urls, manners=MANNERS, limits=LIMITS, table=None):
    async with Standin({OPEN: page("open"), SHUT: page("shut"), ROBOTS: robots, **(table or {})}) as web:
        client = Client(web.engine(), clock=FakeClock(), limits=limits, manners=manners)
        answers = [await client.fetch(Url(url)) for url in urls]
        await client.aclose()
        return answers, web


DISALLOW = b"User-agent: *\nDisallow: /shut\n"

READINGS = {
    "plain": (DISALLOW, True),
    "byte order mark": (b"\xef\xbb\xbf" + DISALLOW, True),
    "CR line ends": (DISALLOW.replace(b"\n", b"\r"), True),
    "NUL": (b"\0\n" + DISALLOW, True),
    "not UTF-8": (b"# caf\xe9\n" + DISALLOW, True),
    "for us": (b"User-agent: provenancebot\nDisallow: /shut\nUser-agent: *\nDisallow:\n", True),
    "for another": (b"User-agent: OtherBot\nDisallow: /\n", False),
    "for us, with a version": (b"User-agent: ProvenanceBot/1.0 (news)\nDisallow: /shut\nUser-agent: *\nDisallow:\n", True),
    "for one whose name ours begins with": (b"User-agent: Provenance\nDisallow: /\n", False),
    "for all but one whose name ours begins with": (b"User-agent: Prov\nDisallow:\n\nUser-agent: *\nDisallow: /shut\n", True),
    "for one whose name begins with ours": (b"User-agent: ProvenanceBot-News\nDisallow: /\n", False),
    "for others and us": (b"User-agent: OtherBot\nUser-agent:PROVENANCEBOT # you\nDisallow: /shut\n", True),
    "for a name with an asterisk": (b"User-agent: *Bot\nDisallow: /\n", False),
    "for nobody": (b"User-agent:\nDisallow: /\n", False),
    "longest match": (b"User-agent: *\nDisallow: /\nAllow: /shut\nAllow: /open\n", False),
    "wildcards": (b"User-agent: *\nDisallow: /*/x$\n", True),
    "two groups": (b"User-agent: *\nDisallow: /a\n\nUser-agent: *\nDisallow: /shut\n", True),
    "UTF-16": (DISALLOW.decode().encode("utf-16"), False),
    "a page": (b"<!doctype html><pre>\nUser-agent: *\nDisallow: /shut\n", False),
    "nothing": (b"", False),
}


@pytest.mark.parametrize("name", READINGS)
async def test_rules_are_read_as_the_standard_says(name):
    body, is_shut = READINGS[name]
    (opened, shut), _ = await fetched(rules(body), OPEN, SHUT)
    assert isinstance(opened, Exchange)
    assert isinstance(shut, Failure if is_shut else Exchange)


async def test_a_disallowed_url_is_not_asked_for_and_the_file_is_named():
    (shut,), web = await fetched(rules(DISALLOW), SHUT)
    assert isinstance(shut, Failure)
    assert (shut.outcome, shut.attempts) == (Outcome.DISALLOWED, ())
    assert ROBOTS in shut.detail
    assert web.asked() == []


STATUSES = {
    **dict.fromkeys((200, 204, 304, 401, 403, 404, 410)),
    **dict.fromkeys((429, 500, 503), Outcome.TRY_LATER),
}


@pytest.mark.parametrize("status", STATUSES)
async def test_a_file_that_is_not_there_allows_and_a_server_that_is_ill_does_not(status):
    (answer,), web = await fetched(Answer(status), OPEN)
    if STATUSES[status]:
        assert isinstance(answer, Failure)
        assert answer.outcome is STATUSES[status]
        assert ROBOTS in answer.detail
        assert web.asked() == []
    else:
        assert isinstance(answer, Exchange)


@pytest.mark.parametrize(
    "robots", [Raw(b"", "hang"), Raw(b"", "reset"), Raw(b"ICY\r\n\r\n"), to("https://a.example:444/robots.txt")]
)
async def test_robots_that_are_not_to_be_had_mean_not_now(robots):
    (answer,), web = await fetched(robots, OPEN)
    assert isinstance(answer, Failure)
    assert answer.outcome is Outcome.TRY_LATER
    assert web.asked() == []


async def test_a_host_that_is_not_there_is_called_unreachable_itself():
    async with Standin({}) as web:

        async def nowhere(_host, _port):
            return []

        web.resolve = nowhere
        client = Client(web.engine(), clock=FakeClock(), limits=LIMITS, manners=MANNERS)
        first, second = await client.fetch(OPEN), await client.fetch(OPEN)
        await client.aclose()
    assert isinstance(first, Failure)
    assert isinstance(second, Failure)
    assert first.outcome is second.outcome is Outcome.UNREACHABLE
    assert len(first.attempts) == 1
    assert second.attempts == ()  # nothing was asked: the answer was known


@pytest.mark.parametrize(("redirects", "is_shut"), [(1, True), (5, True), (6, False)])
async def test_five_redirects_are_followed_to_wherever_and_hold_for_the_first_host(redirects, is_shut):
    urls = [ROBOTS, *(f"http://b{number}.example/rules" for number in range(1, redirects + 1))]
    table = dict(zip(urls, [*map(to, urls[1:]), rules(DISALLOW)], strict=True))
    (shut,), _ = await fetched(table[ROBOTS], SHUT, table=table)
    assert isinstance(shut, Failure if is_shut else Exchange)


async def test_a_huge_file_is_cut_and_no_rule_is_cut_in_two():
    kept = b"Disallow: /open"  # of a rule that goes on, and would shut another page if it did not
    head = DISALLOW + b"#" * (500 * 1024 - len(DISALLOW) - len(kept) - 1) + b"\n"
    huge = head + kept + b"-only-this\n" + b"# more\n" * 100_000
    (opened, shut), _ = await fetched(rules(huge), OPEN, SHUT)
    assert isinstance(opened, Exchange)
    assert isinstance(shut, Failure)


async def test_a_bomb_is_cut_too():
    bomb = rules(zlib.compress(DISALLOW + b"\n" * 50_000_000, wbits=31), **{"Content-Encoding": "gzip"})
    (shut,), _ = await fetched(bomb, SHUT)
    assert isinstance(shut, Failure)


async def test_a_host_is_asked_once_even_by_many_at_a_time():
    async with Standin({OPEN: page("open"), ROBOTS: rules(DISALLOW)}) as web:
        client = Client(web.engine(), clock=FakeClock(), limits=LIMITS, manners=MANNERS)
        await asyncio.gather(*(client.fetch(OPEN) for _ in range(5)))
        await client.fetch(Url("http://b.example/"))
        await client.aclose()
        assert [url for url in web.asked(robots=True) if url.endswith("/robots.txt")] == [ROBOTS, "http://b.example/robots.txt"]


async def test_one_who_gives_up_asking_spoils_nothing_for_the_next():
    async with Standin({OPEN: page("open"), ROBOTS: [Raw(b"", "hang"), rules(DISALLOW)]}) as web:
        client = Client(web.engine(), clock=FakeClock(), limits=Limits(hop_seconds=5), manners=MANNERS)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.fetch(OPEN)
        assert isinstance(await client.fetch(OPEN), Exchange)
        await client.aclose()


async def outcomes_over_time(robots, *seconds):
    """Return what becomes of the open page and of the shut one, so many seconds apart."""
    async with Standin({OPEN: page("open"), SHUT: page("shut"), ROBOTS: robots}) as web:
        clock = FakeClock()
        client = Client(web.engine(), clock=clock, limits=LIMITS, manners=MANNERS)
        came = []
        for later in (0, *seconds):
            clock.elapsed += later
            answers = [await client.fetch(OPEN), await client.fetch(SHUT)]
            came.append(tuple(getattr(answer, "outcome", Outcome.ARRIVED) for answer in answers))
        await client.aclose()
        return came, web.asked(robots=True).count(ROBOTS)


NOT_NOW, AS_IT_SAYS = (Outcome.TRY_LATER, Outcome.TRY_LATER), (Outcome.ARRIVED, Outcome.DISALLOWED)


async def test_while_robots_are_not_to_be_had_nothing_is_asked_for_and_they_are_asked_for_again_after_a_while():
    assert await outcomes_over_time([Answer(503), rules(DISALLOW)], 300, 301) == ([NOT_NOW, NOT_NOW, AS_IT_SAYS], 2)


async def test_a_host_that_asks_for_more_time_is_asked_for_its_robots_when_that_is_over():
    robots = [Answer(503, {"Retry-After": "3000"}), rules(DISALLOW)]
    assert await outcomes_over_time(robots, 1500, 1501) == ([NOT_NOW, NOT_NOW, AS_IT_SAYS], 2)


async def test_robots_that_were_read_hold_on_while_newer_ones_are_not_to_be_had():
    robots = [rules(DISALLOW), Answer(500), Raw(b"ICY\r\n\r\n"), rules(b"")]
    day = 24 * 3600 + 1
    came, asked = await outcomes_over_time(robots, day, 601, 601)
    assert came == [AS_IT_SAYS, AS_IT_SAYS, AS_IT_SAYS, (Outcome.ARRIVED, Outcome.ARRIVED)]
    assert asked == 4


@pytest.mark.parametrize(
    ("delay", "seconds"), [("4", 4), ("2.5", 2.5), ("0.2", 1), ("1e9", 30), ("999999", 30), ("-5", 1), ("nan", 1), ("inf", 1)]
)
async def test_a_crawl_delay_slows_us_down_within_reason(delay, seconds):
    body = f"User-agent: *\nCrawl-delay: {delay}\n".encode()
    (_, second), _ = await fetched(rules(body), OPEN, OPEN)
    assert second.attempts[0].waited_ms == pytest.approx(1000 * seconds) or delay in ("1e9", "inf")


async def test_robots_may_be_left_aside():
    (shut,), web = await fetched(rules(b"User-agent: *\nDisallow: /\n"), SHUT, manners=Manners(obey_robots=False))
    assert isinstance(shut, Exchange)
    assert web.asked(robots=True) == [SHUT]


async def test_no_robots_file_of_the_corpus_goes_uncaught(hostile):
    for file in sorted((hostile / "robots" / "crawler-commons").iterdir()):
        (answer,), _ = await fetched(rules(file.read_bytes()), OPEN)
        assert isinstance(answer, Exchange) or answer.outcome is Outcome.DISALLOWED
