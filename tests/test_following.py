"""Chains, followed through the real client over a web on loopback."""

from itertools import pairwise

import pytest

from crawler.clock import SystemClock
from crawler.core.model import Attempt, Exchange, Outcome, Url, Via
from crawler.core.settings import Limits
from crawler.following import follow
from crawler.web.cassettes import RecordTransport, ReplayTransport
from crawler.web.client import Client
from crawler.web.politeness import Manners
from tests.fakes import FakeClock
from tests.runs import A, Clock
from tests.standin import Answer, Raw, Standin, page, to

pytestmark = pytest.mark.anyio

LIMITS = Limits(max_attempts=1, hop_seconds=0.4)
T_CO = Answer(
    body=b'<head><noscript><META http-equiv="refresh" content="0;URL=http://on.example/7sxa"></noscript><title>x</title></head>'
    b'<script>window.opener = null; location.replace("http:\\/\\/on.example\\/7sxa")</script>'
)


async def chain(table, start, limits=LIMITS, manners=None):
    clock = FakeClock()
    async with Standin(table) as web:
        client = Client(web.engine(), clock=clock, limits=limits, manners=manners or Manners(obey_robots=False))
        resolution, answer = await follow(Url(start), client.fetch, limits, clock)
        await client.aclose()
        return resolution, answer, web


def line(start, hops, last):
    """Return a table of so many redirects in a row, and the URLs they pass."""
    urls = [start, *(f"http://h{number}.example/" for number in range(hops))]
    return {**{here: to(there) for here, there in pairwise(urls)}, urls[-1]: last}, urls


START = "http://t.example/x"
PAGE = page("the piece")

ENDS = {
    "arrived": (PAGE, Outcome.ARRIVED),
    "gone": (Answer(404), Outcome.GONE),
    "error": (Answer(500), Outcome.HTTP_ERROR),
    "busy": (Answer(429), Outcome.TRY_LATER),
    "silent": (Raw(b"", "hang"), Outcome.TIMEOUT),
    "reset": (Raw(b"", "reset"), Outcome.UNREACHABLE),
    "inner": (to("http://127.0.0.1/admin"), Outcome.REFUSED),
    "metadata": (to("http://169.254.169.254/latest/meta-data/"), Outcome.REFUSED),
    "no tls": (to("https://plain.example/"), Outcome.TIMEOUT),
    "nonsense": (Raw(b"ICY\r\n\r\n"), Outcome.HTTP_ERROR),
    "mailto": (to("mailto:a@b.example"), Outcome.BAD_LOCATION),
    "nowhere": (Answer(302), Outcome.BAD_LOCATION),
    "back": (to(START), Outcome.LOOP),
    "itself": (to("?"), Outcome.TOO_MANY_HOPS),
    "too large": (Answer(body=b"x" * 2000), Outcome.TOO_LARGE),
}


@pytest.mark.parametrize("name", ENDS)
async def test_the_chain_is_kept_however_it_ends(name):
    last, outcome = ENDS[name]
    table, urls = line(START, 3, last)
    if name == "itself":
        table |= {f"{urls[-1]}{'?' * bool(number)}{'x' * number}": to("?" + "x" * (number + 1)) for number in range(30)}
    resolution, _, _ = await chain(table, START, Limits(max_attempts=1, hop_seconds=0.2, max_hops=9, body_bytes=1000))
    assert resolution.outcome is outcome, resolution.detail
    assert [hop.url for hop in resolution.hops[:4]] == urls
    assert [hop.via for hop in resolution.hops[:4]] == [None, *[Via.LOCATION] * 3]
    assert [hop.status for hop in resolution.hops[:3]] == [301] * 3
    assert (resolution.final_url is not None) is (outcome is Outcome.ARRIVED)
    assert resolution.url == START
    if outcome is not Outcome.ARRIVED:
        assert resolution.detail


@pytest.mark.parametrize(("redirects", "outcome"), [(1, Outcome.ARRIVED), (19, Outcome.ARRIVED), (20, Outcome.TOO_MANY_HOPS)])
async def test_a_chain_may_have_twenty_hops(redirects, outcome):
    table, urls = line(START, redirects, PAGE)
    resolution, _, web = await chain(table, START)
    assert resolution.outcome is outcome
    assert web.asked() == urls[:20]


async def test_every_kind_of_pointer_is_followed():
    table = {
        "http://t.example/x": to("http://b.example/", 308),
        "http://b.example/": T_CO,
        "http://on.example/7sxa": Answer(200, {"Refresh": "0;url=/next"}, b"<p>moving"),
        "http://on.example/next": Answer(body=b"<script>location.href = '/last'</script>"),
        "http://on.example/last": PAGE,
    }
    resolution, answer, _ = await chain(table, START)
    assert resolution.final_url == "http://on.example/last"
    assert [hop.via for hop in resolution.hops] == [None, Via.LOCATION, Via.META_REFRESH, Via.REFRESH_HEADER, Via.SCRIPT]
    assert [hop.location for hop in resolution.hops] == ["http://b.example/", "http://on.example/7sxa", "/next", "/last", None]
    assert b"the piece" in answer.content


@pytest.mark.parametrize(
    "table",
    [
        {"http://t.example/x": to("http://b.example/"), "http://b.example/": to("http://t.example/x")},
        {"http://t.example/x": to("#top")},
        {"http://t.example/x": to("http://www.t.example/x"), "http://www.t.example/x": to("http://t.example/x")},
    ],
)
async def test_a_loop_is_seen_at_once(table):
    resolution, _, web = await chain(table, START)
    assert resolution.outcome is Outcome.LOOP
    assert len(web.asked()) == len(table)


def gate(cookie, *, url=START, then=PAGE, status=302):
    """Return a page that shows itself only to who brings a cookie, and gives it to who doesn't."""

    async def act(reader, writer):
        head = act.web.requests[-1].head.decode()
        answer = then if f"\r\nCookie: {cookie}" in head else Answer(status, {"Location": url, "Set-Cookie": f"{cookie}; Path=/"})
        writer.write(answer.encoded())
        await writer.drain()

    return act


async def gated(table, transport_of=lambda web: web.engine(), start=START):
    clock = FakeClock()
    async with Standin(table) as web:
        for script in table.values():
            if callable(script):
                script.web = web
        client = Client(transport_of(web), clock=clock, limits=LIMITS, manners=Manners(obey_robots=False))
        resolution, _ = await follow(Url(start), client.fetch, LIMITS, clock)
        await client.aclose()
        return resolution, web


async def test_a_page_that_asks_for_its_cookie_back_gets_it():
    resolution, web = await gated({START: gate("wall=1")})
    assert resolution.outcome is Outcome.ARRIVED
    assert [hop.url for hop in resolution.hops] == [START, START]
    assert [dict(request.headers).get("Cookie") for request in web.requests] == [None, "wall=1"]
    assert "wall" not in repr(resolution)


async def test_a_chain_that_comes_back_with_a_cookie_is_no_circle():
    other = "http://login.t.example/check"
    table = {START: gate("wall=1", url=other), other: to(START)}
    resolution, web = await gated(table)
    assert resolution.outcome is Outcome.ARRIVED
    assert [hop.url for hop in resolution.hops] == [START, other, START]
    assert [dict(request.headers).get("Cookie") for request in web.requests] == [None, None, "wall=1"]


async def test_a_page_that_keeps_giving_the_same_cookie_is_a_circle():
    itself = Answer(302, {"Location": START, "Set-Cookie": "wall=1"})
    resolution, web = await gated({START: itself})
    assert resolution.outcome is Outcome.LOOP
    assert [dict(request.headers).get("Cookie") for request in web.requests] == [None, "wall=1"]


async def test_a_page_that_keeps_giving_new_cookies_ends_with_the_hops_allowed():
    table = {START: [Answer(302, {"Location": START, "Set-Cookie": f"n={number}"}) for number in range(30)]}
    resolution, web = await gated(table)
    assert resolution.outcome is Outcome.TOO_MANY_HOPS
    assert len(web.requests) == LIMITS.max_hops


async def test_a_chain_begins_without_the_cookies_of_the_one_before():
    clock = FakeClock()
    script = gate("wall=1")
    async with Standin({START: script}) as web:
        script.web = web
        client = Client(web.engine(), clock=clock, limits=LIMITS, manners=Manners(obey_robots=False))
        for _ in range(2):
            resolution, _ = await follow(Url(START), client.fetch, LIMITS, clock)
            assert resolution.outcome is Outcome.ARRIVED
        await client.aclose()
    assert [dict(request.headers).get("Cookie") for request in web.requests] == [None, "wall=1"] * 2


async def test_a_recorded_chain_with_cookies_replays_without_their_values(tmp_path):
    table = {START: gate("wall=a-secret-of-theirs")}
    first, _ = await gated(table, lambda web: RecordTransport(web.engine(), tmp_path))
    again, _ = await gated({}, lambda _: ReplayTransport(tmp_path))
    assert [hop.status for hop in again.hops] == [hop.status for hop in first.hops] == [302, 200]
    assert again.outcome is first.outcome is Outcome.ARRIVED
    tape = (tmp_path / "t.example.yaml").read_text()
    assert "a-secret" not in tape
    assert "wall" not in tape


async def test_letters_case_makes_another_url():
    resolution, _, _ = await chain({"http://t.example/x": to("/X"), "http://t.example/X": PAGE}, START)
    assert resolution.final_url == "http://t.example/X"


async def test_a_fragment_goes_along_and_is_never_sent():
    resolution, _, web = await chain({"http://t.example/x": to("http://b.example/"), "http://b.example/": PAGE}, f"{START}#part")
    assert resolution.final_url == "http://b.example/#part"
    assert web.asked() == ["http://t.example/x", "http://b.example/"]


async def test_nothing_of_one_host_goes_to_another():
    table = {
        "http://t.example/x": Answer(302, {"Location": "http://u:pw@b.example/", "Set-Cookie": "id=1; Domain=example"}),
        "http://b.example/": PAGE,
    }
    resolution, _, web = await chain(table, START)
    first, second = (dict(request.headers) for request in web.requests)
    assert {name for name, value in second.items() if first.get(name) != value} == {"Host"}
    assert "pw" not in str(resolution)


async def test_a_retried_hop_is_one_hop():
    table = {"http://t.example/x": [Answer(503), to("http://b.example/")], "http://b.example/": PAGE}
    resolution, _, _ = await chain(table, START, Limits(max_hops=2))
    assert resolution.outcome is Outcome.ARRIVED
    assert [len(hop.attempts) for hop in resolution.hops] == [2, 1]


async def test_robots_stop_a_chain_where_they_stand():
    rules = Answer(200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /private")
    table = {"http://t.example/x": to("http://b.example/private"), "http://b.example/robots.txt": rules}
    resolution, _, web = await chain(table, START, manners=Manners())
    assert resolution.outcome is Outcome.DISALLOWED
    assert resolution.furthest_url == "http://b.example/private"
    assert web.asked() == ["http://t.example/x"]


async def test_a_chain_that_takes_too_long_is_cut_and_kept():
    limits = Limits(hop_seconds=30, chain_seconds=0.3)
    table = {"http://t.example/x": to("http://b.example/"), "http://b.example/": Raw(b"", "hang")}
    async with Standin(table) as web:
        client = Client(web.engine(), clock=SystemClock(), limits=limits, manners=Manners(obey_robots=False))
        resolution, _ = await follow(Url(START), client.fetch, limits, SystemClock())
        await client.aclose()
    assert resolution.outcome is Outcome.TIMEOUT
    assert [hop.status for hop in resolution.hops] == [301, None]


def after_four_seconds(answer):
    """Return answers of a server that asks for four seconds first."""
    return [Answer(503, {"Retry-After": "4"}), answer]


IN_TEN_SECONDS = Limits(max_attempts=2, chain_seconds=10)
POLITE = Manners(seconds_between=0.0)


async def test_what_slow_robots_take_is_time_of_the_chain():
    hosts = [f"http://h{number}.example" for number in range(9)]
    table = {f"{here}/": to(f"{there}/") for here, there in pairwise(hosts)}
    table |= {f"{host}/robots.txt": after_four_seconds(Answer(404)) for host in hosts}
    resolution, _, _ = await chain(table, f"{hosts[0]}/", IN_TEN_SECONDS, POLITE)
    assert resolution.outcome is Outcome.TIMEOUT
    assert [hop.status for hop in resolution.hops] == [301, 301, None]


async def test_the_redirects_of_one_robots_file_share_its_time():
    table = {
        f"http://t.example/{name}": after_four_seconds(to(f"/{number}")) for number, name in enumerate(["robots.txt", *range(4)])
    }
    resolution, _, web = await chain(table, START, IN_TEN_SECONDS, POLITE)
    assert resolution.outcome is Outcome.TRY_LATER
    assert "limits.chain_seconds" in resolution.detail
    assert "http://t.example/3" not in web.asked()


async def test_a_recorded_chain_is_the_same_chain(tmp_path):
    table, _ = line(START, 3, T_CO)
    table |= {"http://on.example/7sxa": Answer(410)}
    clock = FakeClock()

    async def told(transport):
        client = Client(transport, clock=clock, limits=LIMITS, manners=Manners())
        resolution, _ = await follow(Url(START), client.fetch, LIMITS, clock)
        await client.aclose()
        return [(hop.url, hop.status, hop.via, hop.location) for hop in resolution.hops], resolution.outcome, resolution.detail

    async with Standin(table) as web:
        first = await told(RecordTransport(web.engine(), tmp_path))
    assert await told(ReplayTransport(tmp_path)) == first
    assert first[1] is Outcome.GONE


async def test_a_chain_has_one_deadline_which_waiting_for_turns_does_not_count_against():
    given = []

    async def fetch(url, seconds, cookie):
        given.append(seconds)
        queued_ms, elapsed_ms = 60_000, 30_000
        attempts = (Attempt(1, 302, None, queued_ms, "pace", Clock().now()),)
        return Exchange(url, 302, (("location", f"{url}x"),), b"", False, attempts, Clock().now(), elapsed_ms)

    await follow(A, fetch, Limits(chain_seconds=90, max_hops=5), Clock())
    assert given == [90, 60, 30, 0, 0]
