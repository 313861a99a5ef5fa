"""The guard, counted where it counts: at sockets on loopback that nobody may connect to.

Every address but one is dialled as it is. What would leave this machine is no fault of the web's (tests.net) and ends the test.
"""

import asyncio
import json
from collections import Counter
from contextlib import asynccontextmanager
from functools import partial

import ada_url
import pytest

from crawler.core import urls
from crawler.core.model import Outcome, Url
from crawler.core.settings import Limits
from crawler.following import follow
from crawler.web.client import Client
from crawler.web.engine import Engine, dial_tcp
from crawler.web.guard import Guard
from crawler.web.politeness import Manners
from tests.fakes import FakeClock
from tests.standin import PUBLIC, Raw, Standin
from tests.web.test_guard import INNER, Names

pytestmark = pytest.mark.anyio

LIMITS = Limits(max_attempts=1)
ENDS = {Outcome.REFUSED, Outcome.BAD_LOCATION, Outcome.UNREACHABLE, Outcome.GONE, Outcome.LOOP}
START = "http://start.example/{}"


class Trap:
    """Sockets on all addresses of this machine, and how often they were connected to."""

    def __init__(self):
        self.accepted = Counter()
        self.port = 0

    @asynccontextmanager
    async def open(self):
        def accept(host, _reader, writer):
            self.accepted[host] += 1
            writer.close()

        async with await asyncio.start_server(partial(accept, "IPv4"), "0.0.0.0", 0) as four:
            self.port = four.sockets[0].getsockname()[1]
            async with await asyncio.start_server(partial(accept, "IPv6"), "::1", self.port):
                yield self

    def aimed(self, url):
        """Return url with the trap's port, where it has none of its own."""
        parts = ada_url.URL(url)
        if parts.protocol == "http:" and not parts.port:
            parts.port = str(self.port)
        return Url(parts.href)

    def client(self, web, resolve, guard=None):
        async def dial(address, port):
            return await (web.dial(address, port) if address == PUBLIC else dial_tcp(address, port))

        guard = guard or Guard(ports=(80, 443, 8080, 8443, self.port))
        manners = Manners(seconds_between=0.0, obey_robots=False, robots_exempt=())
        return Client(Engine(guard, resolve=resolve, dial=dial), clock=FakeClock(), limits=LIMITS, manners=manners)


def vectors(hostile):
    for line in (hostile / "ssrf" / "own-vectors.jsonl").read_text().splitlines():
        case = json.loads(line)
        if case["expect"] in ("deny", "never-target"):
            yield case["url"]
    for name in ("payloadsallthethings.txt", "ssrf-req-filter-blocked.txt"):
        yield from (line.strip() for line in (hostile / "ssrf" / name).read_text().splitlines() if not line.startswith("#"))
    yield from (f"http://{host}/" for host in INNER.split())


async def test_the_trap_shuts_on_who_is_let_in():
    async with Trap().open() as trap, Standin({}) as web:
        guard = Guard(allow=("127.0.0.0/8", "::1"), ports=(trap.port,))
        client = trap.client(web, Names([PUBLIC]), guard)
        for url in ("http://127.1/", "http://127.9.9.9/", "http://[::1]/"):
            await client.fetch(trap.aimed(url))
        await client.aclose()
    assert trap.accepted == {"IPv4": 2, "IPv6": 1}


async def test_no_spelling_is_connected_to_though_every_name_were_one_of_ours(hostile):
    async with Trap().open() as trap, Standin({}) as web:
        client = trap.client(web, Names(["127.0.0.1", "::1"]))
        asked = [trap.aimed(url) for vector in vectors(hostile) if (url := urls.parse(vector))]
        outcomes = Counter([(await client.fetch(url)).outcome for url in asked])
        await client.aclose()
    assert len(asked) > 1500
    assert set(outcomes) <= {Outcome.REFUSED, Outcome.BAD_LOCATION}
    assert trap.accepted == {}


async def test_no_redirect_leads_in(hostile):
    async with Trap().open() as trap:
        sent = {trap.aimed(url) if (url := urls.parse(vector)) else vector for vector in vectors(hostile)}
        table = {
            START.format(number): Raw(
                b"HTTP/1.1 302 Found\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % vector.encode(), "keep"
            )
            for number, vector in enumerate(sent)
        }

        async def resolve(host, _port):
            return [PUBLIC] if host == "start.example" else ["127.0.0.1"]

        async with Standin(table) as web:
            client = trap.client(web, resolve)
            outcomes = Counter([(await follow(Url(url), client.fetch, LIMITS, FakeClock()))[0].outcome for url in table])
            await client.aclose()
    assert set(outcomes) <= ENDS
    assert outcomes[Outcome.REFUSED] > 500
    assert trap.accepted == {}


async def test_no_name_that_changes_its_address_leads_in(hostile):
    async with Trap().open() as trap, Standin({}) as web:
        for line in (hostile / "ssrf" / "own-dns-answers.jsonl").read_text().splitlines():
            case = json.loads(line)
            answers = [answer for answer in case.get("answers") or [] if isinstance(answer, list)]
            if not answers or any(is_elsewhere(address) for answer in answers for address in answer):
                continue
            # Each answer is closed after, so that each fetch looks the name up again, as far as the engine does.
            web.table = {f"http://{case['host']}:{trap.port}/": Raw(b"HTTP/1.0 200 OK\r\n\r\n")}
            client = trap.client(web, Names(*answers))
            for _ in range(5):
                await client.fetch(Url(f"http://{case['host']}:{trap.port}/"))
            await client.aclose()
    assert len(web.requests) > 50, "some were asked while their address was public"
    assert trap.accepted == {}


def is_elsewhere(address):
    return address != PUBLIC and Guard().refusal_of_address(address) is None
