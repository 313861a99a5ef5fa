"""Addresses that are connected to, and those that are not, decided before any socket."""

import json
import socket

import pytest

from crawler.core import urls
from crawler.core.model import Exchange, Failure, Outcome, Url
from crawler.core.settings import Limits
from crawler.errors import ConfigError
from crawler.web.client import Client
from crawler.web.engine import Engine
from crawler.web.faults import UnknownHost
from crawler.web.guard import Guard, Resolver
from crawler.web.politeness import Manners
from tests.fakes import FakeClock
from tests.standin import Standin, page

pytestmark = pytest.mark.anyio

PUBLIC = "93.184.216.34"
RUDE = Manners(seconds_between=0.0, obey_robots=False)


class Dialled:
    """A network that only writes down what was dialled."""

    def __init__(self) -> None:
        self.addresses = []

    async def __call__(self, address, port):
        self.addresses.append((address, port))
        raise ConnectionRefusedError("nobody there")


class Names:
    """A name service that answers by a list, one entry a lookup, the last one repeated."""

    def __init__(self, *answers) -> None:
        self.answers = answers
        self.asked = 0

    async def __call__(self, _host, _port) -> list[str]:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return list(answer)


async def outcome_of(url, names=None, guard=None, attempts=1):
    network = Dialled()
    engine = Engine(guard or Guard(), resolve=names or Names([PUBLIC]), dial=network)
    client = Client(engine, clock=FakeClock(), limits=Limits(max_attempts=attempts), manners=RUDE)
    answer = await client.fetch(Url(url))
    await client.aclose()
    assert isinstance(answer, Failure)
    return answer.outcome, [address for address, _ in network.addresses]


PRIVATE = """
0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 169.254.169.254 169.254.170.2 172.16.0.1
172.31.255.254 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1
239.255.255.250 240.0.0.1 255.255.255.255 168.63.129.16
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1 64:ff9b::a00:1 64:ff9b::7f00:1 64:ff9b:1::1 100::1
2001::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2001:470::5efe:7f00:1 2001:470::200:5efe:a00:1 2002:7f00:1:: 3fff::1
5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1
"""

INNER = """
127.0.0.1 2130706433 0x7f.1 017700000001 127.1 0 [::1] [::ffff:7f00:1] ①②⑦.0.0.1 %31%32%37.0.0.1 १२७.०.०.१ 127.0.0.1..
127.0.0.1,good.example localhost LOCALHOST. foo.localhost printer.local metadata.google.internal metadata.goog intranet
db.svc 1.0.0.127.in-addr.arpa
"""

OPEN = """
8.8.8.8 1.1.1.1 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1 169.253.255.255 172.15.255.255
172.32.0.1 192.0.1.1 198.17.255.255 198.20.0.1 223.255.255.254
2001:470::1 2001:4860:4860::8888 2400:cb00::1 2606:4700::1111 64:ff9b::808:808
"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_an_address_that_is_not_public_is_refused(address):
    assert Guard().refusal_of_address(address)


@pytest.mark.parametrize("address", OPEN.split())
def test_a_public_address_is_let_through(address):
    assert Guard().refusal_of_address(address) is None


@pytest.mark.parametrize("host", INNER.split())
async def test_no_spelling_of_an_inner_host_gets_anywhere(host):
    url = urls.parse(f"http://{host}/")
    assert url
    assert await outcome_of(url) == (Outcome.REFUSED, [])


@pytest.mark.parametrize("port", [0, 1, 22, 25, 81, 3306, 6379, 65535])
async def test_ports_that_are_not_the_webs_are_refused(port):
    assert await outcome_of(f"http://a.example:{port}/") == (Outcome.REFUSED, [])


async def test_every_address_of_a_name_must_pass():
    for answer in ([PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC], ["2606:4700::1111", "::1"]):
        assert await outcome_of("http://a.example/", Names(answer)) == (Outcome.REFUSED, [])


async def test_a_name_that_changes_its_address_is_checked_each_time_and_the_checked_one_dialled():
    names = Names([PUBLIC], ["127.0.0.1"])
    outcome, dialled = await outcome_of("http://a.example/", names, attempts=3)
    assert (outcome, dialled, names.asked) == (Outcome.REFUSED, [PUBLIC], 2)


async def test_of_a_thousand_addresses_a_few_are_tried():
    addresses = [f"93.184.{number // 250}.{number % 250 + 1}" for number in range(1000)]
    assert await outcome_of("http://a.example/", Names(addresses)) == (Outcome.UNREACHABLE, addresses[:4])


async def test_a_name_without_addresses_is_unreachable():
    assert await outcome_of("http://a.example/", Names([])) == (Outcome.UNREACHABLE, [])


async def test_what_the_configuration_opens_is_open_and_no_more():
    guard = Guard(allow=("127.0.0.0/8", "10.1.0.0/16"), ports=(80, 8000))
    assert await outcome_of("http://127.0.0.1:8000/", guard=guard) == (Outcome.UNREACHABLE, ["127.0.0.1"])
    assert await outcome_of("http://wiki.internal/", Names(["10.1.2.3"]), guard) == (Outcome.UNREACHABLE, ["10.1.2.3"])
    assert await outcome_of("http://wiki.internal/", Names(["10.2.2.3"]), guard) == (Outcome.REFUSED, [])
    assert await outcome_of("http://127.0.0.1:8080/", guard=guard) == (Outcome.REFUSED, [])


def test_a_network_that_is_none_is_a_fault_of_the_configuration():
    with pytest.raises(ConfigError, match=r"guard\.allow"):
        Guard(allow=("10.1.0.0/8", "home"))


async def test_the_guard_stands_on_every_hop():
    async with Standin({"http://a.example/": page("one")}) as web:
        engine = Engine(Guard(), resolve=Names([PUBLIC], ["169.254.169.254"]), dial=web.dial)
        client = Client(engine, clock=FakeClock(), limits=Limits(), manners=RUDE)
        first, second = await client.fetch(Url("http://a.example/")), await client.fetch(Url("http://b.example/"))
        await client.aclose()
        assert isinstance(first, Exchange)
        assert isinstance(second, Failure)
        assert (second.outcome, web.connections) == (Outcome.REFUSED, 1)


async def test_a_refused_host_is_not_asked_for_its_robots_either():
    network = Dialled()
    client = Client(Engine(Guard(), dial=network), clock=FakeClock(), limits=Limits(), manners=Manners())
    answer = await client.fetch(Url("http://169.254.169.254/latest/meta-data/"))
    await client.aclose()
    assert isinstance(answer, Failure)
    assert (answer.outcome, network.addresses) == (Outcome.REFUSED, [])


async def test_an_unknown_name_is_not_asked_for_again():
    async def unknown(host, _port):
        raise UnknownHost(f"{host}: Name or service not known")

    client = Client(Engine(Guard(), resolve=unknown, dial=Dialled()), clock=FakeClock(), limits=Limits(), manners=RUDE)
    answer = await client.fetch(Url("http://nowhere.example/"))
    await client.aclose()
    assert isinstance(answer, Failure)
    assert (answer.outcome, len(answer.attempts)) == (Outcome.UNREACHABLE, 1)


async def test_the_systems_resolver_answers_from_its_own_threads():
    resolver = Resolver()
    assert await resolver("127.0.0.1", 80) == ["127.0.0.1"]
    with pytest.raises(UnknownHost):
        await resolver("a" * 64 + ".example", 80)
    resolver.close()


def test_an_address_of_this_machine_is_refused_even_if_it_is_public():
    own = "127.0.0.1"  # what can be bound to is ours; here there is no public one to try with
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind((own, 0))
    assert Guard(allow=()).refusal_of_address(own)


async def test_no_vector_of_the_corpus_gets_in(hostile):
    wrong = []
    for line in (hostile / "ssrf" / "own-vectors.jsonl").read_text().splitlines():
        case = json.loads(line)
        url = urls.parse(case["url"])
        if url is None:
            assert case["expect"] != "allow"
            continue
        outcome, dialled = await outcome_of(url)
        expected = case["expect"]
        if (
            (expected == "deny" and (outcome is not Outcome.REFUSED or dialled))
            or (expected == "never-target" and case["target"] in dialled)
            or (expected == "allow" and not dialled)
        ):
            wrong.append((case["url"], expected, outcome, dialled))
    assert wrong == []


@pytest.mark.parametrize("name", ["payloadsallthethings.txt", "ssrf-req-filter-blocked.txt"])
async def test_no_vector_of_others_gets_in(hostile, name):
    for line in (hostile / "ssrf" / name).read_text().splitlines():
        url = urls.parse(line.strip())
        if url and urls.is_web(url) and not line.startswith("#"):
            _, dialled = await outcome_of(url, Names(["127.0.0.1"]))
            assert dialled == [], line


async def test_no_answer_of_a_name_server_gets_in(hostile):
    for line in (hostile / "ssrf" / "own-dns-answers.jsonl").read_text().splitlines():
        case = json.loads(line)
        answers = [answer for answer in case.get("answers") or [[]] if isinstance(answer, list)] or [[]]
        if case["name"] == "own-interface":
            continue
        outcome, dialled = await outcome_of(f"http://{case['host']}/", Names(*answers), attempts=3)
        assert case.get("target") not in dialled, case
        if case["expect"] == "deny":
            assert (outcome, dialled) == (Outcome.REFUSED, []), case
        if case["expect"] == "unreachable":
            assert outcome is Outcome.UNREACHABLE, case
        if case["expect"].startswith("allow"):
            assert 1 <= len(set(dialled)) <= 4, case["name"]
