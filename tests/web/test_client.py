"""Attempts, waits and manners of one hop, against loopback servers and a clock that only sleepers move."""

import asyncio
from typing import Self

import httpx
import pytest

from crawler.core.model import Exchange, Failure, Outcome, Seen, Url
from crawler.core.settings import Limits
from crawler.errors import ConfigError
from crawler.web.client import Client
from crawler.web.politeness import Manners
from tests.fakes import FakeClock
from tests.standin import Answer, Raw, Standin, page, to

pytestmark = pytest.mark.anyio

URL = Url("http://a.example/x")
MANNERS = Manners(user_agent="test-crawler/1.0", contact="https://crawler.example/about", obey_robots=False)


class Asked:
    """A client on a stand-in web, and the clock it waits by."""

    def __init__(self, table, limits=None, manners=MANNERS) -> None:
        self.web = Standin(table)
        self.clock = FakeClock()
        self.limits = limits or Limits()
        self.manners = manners

    async def __aenter__(self) -> Self:
        await self.web.__aenter__()
        self.client = Client(self.web.engine(), clock=self.clock, limits=self.limits, manners=self.manners)
        return self

    async def __aexit__(self, *_) -> None:
        await self.client.aclose()
        await self.web.__aexit__()

    async def fetch(self, url=URL):
        return await self.client.fetch(Url(url))


def later(status=503, **headers):
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_what_may_pass_is_tried_again(status):
    async with Asked({URL: [Answer(status), page("at last")]}) as asked:
        answer = await asked.fetch()
        assert isinstance(answer, Exchange)
        assert answer.status == 200
        assert [attempt.status for attempt in answer.attempts] == [status, 200]
        assert [attempt.number for attempt in answer.attempts] == [1, 2]


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410, 451, 501])
async def test_what_will_not_pass_is_asked_once(status):
    async with Asked({URL: Answer(status, {"Location": "/y"})}) as asked:
        answer = await asked.fetch()
        assert len(answer.attempts) == len(asked.web.requests) == 1


async def test_a_broken_connection_is_tried_again_and_a_broken_answer_is_not():
    async with Asked(
        {URL: [Raw(b"", "reset"), Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"), page("at last")]}
    ) as asked:
        answer = await asked.fetch()
        assert isinstance(answer, Exchange)
        assert [attempt.status for attempt in answer.attempts] == [None, None, 200]
        assert answer.attempts[0].error
    async with Asked({URL: [Raw(b"ICY 200 OK\r\n\r\n"), page("never")]}) as asked:
        answer = await asked.fetch()
        assert isinstance(answer, Failure)
        assert (answer.outcome, len(answer.attempts)) == (Outcome.HTTP_ERROR, 1)


async def test_attempts_end_and_the_last_answer_stands():
    async with Asked({URL: Answer(503)}, Limits(max_attempts=4)) as asked:
        answer = await asked.fetch()
        assert isinstance(answer, Exchange)
        assert (answer.status, len(answer.attempts)) == (503, 4)


async def test_backoff_doubles_and_is_recorded():
    manners = Manners(obey_robots=False, backoff_seconds=4.0)
    async with Asked({URL: Answer(500)}, Limits(max_attempts=4), manners) as asked:
        answer = await asked.fetch()
        waits = [attempt.waited_ms / 1000 for attempt in answer.attempts]
        assert waits[0] == 0
        assert 4 <= waits[1] <= 8
        assert 8 <= waits[2] <= 12
        assert 16 <= waits[3] <= 20
        assert [attempt.wait_reason for attempt in answer.attempts] == [None, "backoff", "backoff", "backoff"]
        assert asked.clock.slept == pytest.approx(waits[1:], abs=0.001)
        assert answer.elapsed_ms == pytest.approx(1000 * sum(waits), abs=2)


@pytest.mark.parametrize("value", ["7", " 7 ", "Tue, 25 Oct 2016 18:00:07 GMT"])
async def test_retry_after_is_waited_for(value):
    async with Asked({URL: [later(429, Retry_After=value), page("at last")]}) as asked:
        answer = await asked.fetch()
        assert answer.attempts[1].waited_ms == 7000
        assert answer.attempts[1].wait_reason == "retry_after"


@pytest.mark.parametrize("value", ["61", "31536000", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
async def test_a_server_that_asks_for_too_much_time_is_left_alone(value):
    async with Asked({URL: [later(503, Retry_After=value), page("never")]}) as asked:
        answer = await asked.fetch()
        assert isinstance(answer, Exchange)
        assert (answer.status, len(answer.attempts), asked.clock.slept) == (503, 1, [])


@pytest.mark.parametrize("value", ["0", "-1", "soon", "", "1e9", "nan", "Thu, 01 Jan 1970 00:00:00 GMT"])
async def test_a_retry_after_that_says_nothing_leaves_the_backoff(value):
    async with Asked({URL: [later(503, Retry_After=value), page("at last")]}) as asked:
        answer = await asked.fetch()
        assert answer.attempts[1].wait_reason == "backoff"
        assert 1000 <= answer.attempts[1].waited_ms <= 2000


async def test_a_retry_that_comes_too_soon_still_keeps_the_pace():
    manners = Manners(obey_robots=False, seconds_between=5.0)
    async with Asked({URL: [later(503, Retry_After="1"), page("at last")]}, manners=manners) as asked:
        assert (await asked.fetch()).attempts[1].waited_ms == 5000


async def test_one_request_is_in_flight_a_host_and_hosts_do_not_wait_for_each_other():
    flying, most = set(), []

    def slow(name):
        async def act(_reader, writer):
            flying.add(name)
            most.append(frozenset(flying))
            await asyncio.sleep(0.05)
            flying.discard(name)
            writer.write(page("slow").encoded())
            await writer.drain()

        return act

    urls = [f"http://{host}.example/{number}" for host in "ab" for number in range(3)]
    async with Asked({url: slow(url) for url in urls}) as asked:
        answers = await asyncio.gather(*(asked.fetch(url) for url in urls))
    assert all(isinstance(answer, Exchange) for answer in answers)
    assert max(len({url for url in together if "//a." in url}) for together in most) == 1
    assert max(map(len, most)) == 2


async def test_the_next_request_to_a_host_waits_and_says_so():
    async with Asked({URL: page("one")}) as asked:
        await asked.fetch()
        other = await asked.fetch("http://b.example/")
        again = await asked.fetch()
        assert other.attempts[0].waited_ms == 0
        assert other.attempts[0].wait_reason is None
        assert (again.attempts[0].waited_ms, again.attempts[0].wait_reason) == (1000, "pace")


async def test_only_the_four_headers_and_what_http_needs_go_out():
    async with Asked({URL: [Answer(200, {"Set-Cookie": "id=1"}), page("two")]}) as asked:
        await asked.fetch("http://user:secret@a.example/x#part")
        answer = await asked.fetch("http://user:secret@a.example/x#part")
        for request in asked.web.requests:
            assert request.url == URL
            assert dict(request.headers) == {
                "Host": "a.example",
                "User-Agent": "test-crawler/1.0 (+https://crawler.example/about)",
                "Accept": MANNERS.accept,
                "Accept-Language": MANNERS.accept_language,
                "Accept-Encoding": "gzip, deflate",
            }
        assert answer.url == "http://a.example/x#part"


@pytest.mark.parametrize(
    "target", ["/%zz", "/?u=http%3A%2F%2Fb%2F&x=%7e~", "/a//b/;c=d?x=[1]|2", "/%E2%80%A6", "/?q=a+b%20c&q=", "/!*'()"]
)
async def test_a_url_goes_out_as_it_is(target):
    async with Asked({}) as asked:
        await asked.fetch(f"http://a.example{target}")
        assert asked.web.asked() == [f"http://a.example{target}"]


@pytest.mark.parametrize("scheme", ["file:///etc/passwd", "ftp://a.example/", "javascript:x", "data:text/html,x"])
async def test_other_schemes_are_refused(scheme):
    async with Asked({}) as asked:
        answer = await asked.fetch(scheme)
        assert isinstance(answer, Failure)
        assert (answer.outcome, answer.attempts) == (Outcome.REFUSED, ())


async def test_a_url_longer_than_the_library_takes_is_a_bad_one():
    async with Asked({}) as asked:
        answer = await asked.fetch("http://a.example/" + "x" * 70_000)
        assert isinstance(answer, Failure)
        assert answer.outcome is Outcome.BAD_LOCATION


async def test_the_clock_and_the_record_agree():
    async with Asked({URL: to("/y")}) as asked:
        answer = await asked.fetch()
        assert isinstance(answer, Exchange)
        assert answer.fetched_at == answer.attempts[-1].started_at == asked.clock.start
        assert answer.headers[0] == ("content-type", "text/html; charset=utf-8")


async def test_a_fault_of_ours_is_no_outcome():
    class Broken(httpx.AsyncBaseTransport):
        async def handle_async_request(self, _request):
            raise TypeError("a bug")

    client = Client(Broken(), clock=FakeClock(), limits=Limits(), manners=MANNERS)
    with pytest.raises(TypeError, match="a bug"):
        await client.fetch(URL)


async def test_a_header_that_would_break_the_request_is_a_fault_of_the_configuration():
    for wrong in ({"user_agent": "a\r\nX: 1"}, {"contact": "café"}):
        with pytest.raises(ConfigError, match="printable ASCII"):
            Manners(**wrong)


@pytest.mark.parametrize("status", [429, 503])
async def test_a_retry_after_holds_for_the_host_and_not_only_for_the_url_it_was_answered_to(status):
    other = "http://a.example/y"
    table = {URL: later(status, Retry_After="30"), other: page("Y"), "http://b.example/": page("B")}
    async with Asked(table, Limits(max_attempts=1)) as asked:
        await asked.fetch()
        elsewhere = await asked.fetch("http://b.example/")
        first, second = await asked.fetch(other), await asked.fetch(other)
        assert elsewhere.attempts[0].waited_ms == 0
        assert (first.attempts[0].waited_ms, first.attempts[0].wait_reason) == (30_000, "retry_after")
        assert (second.attempts[0].waited_ms, second.attempts[0].wait_reason) == (1000, "pace")


async def test_an_answer_that_was_under_way_does_not_cancel_a_retry_after():
    """Of two ports of one host, which take turns."""
    async with Asked(
        {URL: later(503, Retry_After="30"), "http://a.example:8080/": page("8080")}, Limits(max_attempts=1)
    ) as asked:
        _, second, third = await asyncio.gather(asked.fetch(), asked.fetch("http://a.example:8080/"), asked.fetch())
        assert second.attempts[0].wait_reason == "retry_after"
        assert second.attempts[0].waited_ms >= 30_000
        assert third.attempts[0].waited_ms >= 30_000


async def test_shorteners_are_asked_faster_than_sites():
    async with Asked({f"http://t.co/{number}": to("http://b.example/") for number in range(3)}) as asked:
        waits = [(await asked.fetch(f"http://t.co/{number}")).attempts[0].waited_ms for number in range(3)]
    assert waits == [0, 250, 250]


async def test_a_host_that_only_sends_elsewhere_is_a_shortener_until_it_serves_something():
    table = {f"http://sho.example/{number}": to("http://b.example/") for number in range(9)} | {"http://sho.example/5": page("5")}
    async with Asked(table) as asked:
        waits = [(await asked.fetch(f"http://sho.example/{number}")).attempts[0].waited_ms for number in range(9)]
    assert waits == [0, 1000, 1000, 1000, 250, 250, 250, 1000, 1000]


async def test_a_host_that_sends_on_to_itself_is_no_shortener():
    async with Asked({f"http://a.example/{number}": to("/") for number in range(9)}) as asked:
        waits = [(await asked.fetch(f"http://a.example/{number}")).attempts[0].waited_ms for number in range(9)]
    assert set(waits[1:]) == {1000}


async def test_what_was_seen_before_is_named_so_that_the_server_may_say_it_has_not_changed():
    table = {URL: [Answer(200, {"ETag": 'W/"1"', "Last-Modified": "Wed, 18 Mar 2026 12:00:00 GMT"}, b"<p>one"), Answer(304)]}
    async with Asked(table) as asked:
        first = await asked.client.fetch(URL)
        seen = Seen(first.header("etag"), first.header("last-modified"))
        answer = await asked.client.fetch(URL, seen=seen)
        heads = [dict(request.headers) for request in asked.web.requests]
    assert (answer.status, answer.content) == (304, b"")
    assert "If-None-Match" not in heads[0]
    assert heads[1]["If-None-Match"] == 'W/"1"'
    assert heads[1]["If-Modified-Since"] == "Wed, 18 Mar 2026 12:00:00 GMT"


@pytest.mark.parametrize("name", ["sitemap.xml.gz", "feed.rss.gz?page=2"])
@pytest.mark.parametrize("media_type", ["application/gzip", "application/octet-stream"])
async def test_a_packed_list_is_read_whatever_type_it_has(name, media_type):
    url = Url(f"http://a.example/{name}")
    async with Asked({url: Answer(200, {"Content-Type": media_type}, b"packed")}) as asked:
        assert (await asked.client.fetch(url)).content == b"packed"
    other = Url("http://a.example/backup.tar.gz")
    async with Asked({other: Answer(200, {"Content-Type": media_type}, b"packed")}) as asked:
        assert (await asked.client.fetch(other)).content == b""
