"""Whom there is no use in asking just now, over a network that is there for some."""

import httpx
import pytest

from crawler.core.model import Exchange, Failure, Outcome, Url
from crawler.core.settings import Limits
from crawler.web import faults
from crawler.web.cassettes import RecordTransport, ReplayTransport
from crawler.web.circuits import PROBE_SECONDS, Circuits
from crawler.web.client import Client
from crawler.web.politeness import MAX_HOSTS, Manners
from tests.fakes import FakeClock
from tests.standin import Answer, Raw, Standin, page

pytestmark = pytest.mark.anyio

MANNERS = Manners(obey_robots=False, circuit_failures=3, circuit_seconds=60, offline_hosts=4, seconds_between=0.0)
LIMITS = Limits(max_attempts=1)


class Line(httpx.AsyncBaseTransport):
    """A network on which hosts are cut off."""

    def __init__(self, inner, *cut, error=None):
        self.inner = inner
        self.cut = set(cut)
        self.error = error or httpx.ConnectError("connection refused")
        self.dialled = []

    async def handle_async_request(self, request):
        self.dialled.append(request.url.host)
        if {request.url.host, request.url.netloc.decode(), "*"} & self.cut:
            raise self.error
        return await self.inner.handle_async_request(request)


class Asked:
    def __init__(self, table, *cut, manners=MANNERS, limits=LIMITS, error=None, round_it=lambda transport: transport):
        self.web, self.clock = Standin(table), FakeClock()
        self.rest = cut, manners, limits, error, round_it

    async def __aenter__(self):
        await self.web.__aenter__()
        cut, manners, limits, error, round_it = self.rest
        self.engine = self.web.engine()
        self.line = Line(self.engine, *cut, error=error)
        circuits = round_it(Circuits(self.line, clock=self.clock, manners=manners))
        self.client = Client(circuits, clock=self.clock, limits=limits, manners=manners)
        return self

    async def __aexit__(self, *_):
        await self.engine.aclose()
        await self.web.__aexit__()

    async def fetch(self, url):
        return await self.client.fetch(Url(url))


async def test_a_host_that_cannot_be_connected_to_is_given_up_for_a_while():
    async with Asked({"http://b.example/": page("B")}, "a.example") as asked:
        answers = [await asked.fetch(f"http://a.example/{number}") for number in range(6)]
        assert [answer.outcome for answer in answers] == [Outcome.UNREACHABLE] * 6
        assert [len(answer.attempts) for answer in answers] == [1, 1, 1, 0, 0, 0]
        assert "circuit open" in answers[-1].detail
        assert isinstance(await asked.fetch("http://b.example/"), Exchange), "no other host is meant"
        assert asked.line.dialled.count("a.example") == 3


async def test_a_port_that_is_shut_says_nothing_of_the_others():
    async with Asked({"http://a.example/": page("A")}, "a.example:8080") as asked:
        outcomes = [(await asked.fetch(f"http://a.example:8080/{number}")).detail for number in range(5)]
        assert "circuit open" in outcomes[-1]
        assert isinstance(await asked.fetch("http://a.example/"), Exchange)


async def test_after_its_pause_one_request_tells_whether_a_host_is_back():
    async with Asked({"http://a.example/": page("A")}, "a.example") as asked:
        for _ in range(4):
            await asked.fetch("http://a.example/")
        asked.clock.elapsed += 61
        assert len((await asked.fetch("http://a.example/")).attempts) == 1, "the probe"
        assert len((await asked.fetch("http://a.example/")).attempts) == 0, "and it is given up again"
        asked.line.cut.clear()
        asked.clock.elapsed += 61
        for _ in range(4):
            assert isinstance(await asked.fetch("http://a.example/"), Exchange)


async def test_given_up_visits_are_not_paced():
    manners = Manners(obey_robots=False, circuit_failures=1, seconds_between=5.0)
    async with Asked({}, "a.example", manners=manners) as asked:
        for number in range(5):
            await asked.fetch(f"http://a.example/{number}")
        assert asked.clock.slept == [5.0]


async def test_attempts_end_when_the_circuit_opens():
    async with Asked({}, "a.example", limits=Limits(max_attempts=9)) as asked:
        answer = await asked.fetch("http://a.example/")
        assert (len(answer.attempts), answer.outcome) == (3, Outcome.UNREACHABLE)


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (Answer(500), None),
        (Raw(b"", "reset"), None),
        (Raw(b"ICY\r\n\r\n"), None),
        (page("never"), faults.Refused("by our guard")),
        (page("never"), faults.TlsError("a bad certificate")),
    ],
)
async def test_whatever_a_host_answers_it_is_there(script, error):
    cut = ["a.example"] if error else []
    async with Asked({f"http://a.example/{number}": script for number in range(6)}, *cut, error=error) as asked:
        for number in range(6):
            answer = await asked.fetch(f"http://a.example/{number}")
            assert len(answer.attempts) == 1


async def test_one_answer_closes_what_was_about_to_open():
    async with Asked({"http://a.example/": page("A")}) as asked:
        for cut in (True, True, False, True, True):
            asked.line.cut = {"a.example"} if cut else set()
            await asked.fetch("http://a.example/")
        asked.line.cut.clear()
        assert isinstance(await asked.fetch("http://a.example/"), Exchange)


@pytest.mark.parametrize("status", [429, 503])
async def test_a_host_that_asks_for_more_time_than_we_wait_is_left_alone_whoever_it_told(status):
    table = {"http://a.example/1": Answer(status, {"Retry-After": "3600"}), "http://a.example/2": page("2")}
    async with Asked(table) as asked:
        assert (await asked.fetch("http://a.example/1")).status == status
        answer = await asked.fetch("http://a.example/2")
        assert isinstance(answer, Failure)
        assert (answer.outcome, answer.attempts) == (Outcome.TRY_LATER, ())
        assert "asked to be left alone" in answer.detail
        asked.clock.elapsed += 3601
        assert isinstance(await asked.fetch("http://a.example/2"), Exchange)


async def test_a_host_that_asked_to_be_left_alone_is_so_however_many_others_are_met():
    class Answering(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            return httpx.Response(429 if request.url.host == "busy.example" else 200, headers={"Retry-After": "3600"})

    circuits = Circuits(Answering(), clock=FakeClock(), manners=MANNERS)
    busy = httpx.Request("GET", "http://busy.example/")
    await circuits.handle_async_request(busy)
    for number in range(MAX_HOSTS + 1):
        await circuits.handle_async_request(httpx.Request("GET", f"http://h{number}.example/"))
    with pytest.raises(faults.LeftAlone):
        await circuits.handle_async_request(busy)
    assert len(circuits._hosts) <= MAX_HOSTS + 1


async def test_our_own_network_down_says_nothing_of_any_host():
    table = {f"http://h{number}.example/": page("H") for number in range(9)}
    async with Asked(table, "*") as asked:
        answers = [await asked.fetch(url) for url in table]
        assert [answer.outcome for answer in answers] == [Outcome.UNREACHABLE] * 4 + [Outcome.INTERRUPTED] * 5
        assert "our own network seems to be down" in answers[-1].detail
        assert len(asked.line.dialled) == 4
        asked.clock.elapsed += PROBE_SECONDS
        outcomes = [(await asked.fetch(url)).outcome for url in table]
        assert outcomes == [Outcome.INTERRUPTED] * 9
        assert len(asked.line.dialled) == 5, "one is asked, to see"
        asked.line.cut.clear()
        asked.clock.elapsed += PROBE_SECONDS
        assert all([isinstance(await asked.fetch(url), Exchange) for url in table])


@pytest.mark.parametrize("error", [faults.UnknownHost("no such name"), faults.Refused("by our guard"), faults.TlsError("bad")])
async def test_a_network_that_gives_answers_is_not_down(error):
    table = {f"http://h{number}.example/": page("H") for number in range(9)}
    async with Asked(table, "*", error=error) as asked:
        assert Outcome.INTERRUPTED not in [(await asked.fetch(url)).outcome for url in table]


async def test_hosts_that_answer_in_between_show_that_our_network_is_up():
    table = {"http://up.example/": page("up")} | {f"http://h{number}.example/": page("never") for number in range(9)}
    async with Asked(table, *(f"h{number}.example" for number in range(9))) as asked:
        for number in range(9):
            assert (await asked.fetch(f"http://h{number}.example/")).outcome is Outcome.UNREACHABLE
            if number % 3 == 2:
                await asked.fetch("http://up.example/")


async def test_what_was_not_asked_is_recorded_and_not_asked_in_a_replay(tmp_path):
    urls = [f"http://a.example/{number}" for number in range(5)]

    def plain(answers):
        return [(answer.outcome, answer.detail, len(answer.attempts)) for answer in answers]

    async with Asked({}, "a.example", round_it=lambda transport: RecordTransport(transport, tmp_path)) as asked:
        first = plain([await asked.fetch(url) for url in urls])
    client = Client(ReplayTransport(tmp_path), clock=FakeClock(), limits=LIMITS, manners=MANNERS)
    assert plain([await client.fetch(Url(url)) for url in urls]) == first
    assert first[-1][2] == 0
