"""Hostile and broken servers, met through the real engine and its guard."""

import asyncio
import errno
import gc
import os
import random
import zlib
from collections import Counter
from pathlib import Path

import httpx
import pytest

from crawler.core.model import Exchange, Failure, Outcome, Url
from crawler.core.settings import Limits
from crawler.web.circuits import Circuits
from crawler.web.client import Client
from crawler.web.engine import MAX_KEPT, Engine, dial_tcp
from crawler.web.guard import Guard
from crawler.web.politeness import Manners
from tests.fakes import FakeClock
from tests.standin import Answer, Drip, Flood, Raw, Standin, certificate_for, page

pytestmark = pytest.mark.anyio

URL = Url("http://a.example/x")
ONE_TRY = Limits(max_attempts=1, hop_seconds=0.4, body_bytes=100_000)
RUDE = Manners(seconds_between=0.0, obey_robots=False)


def answering(web, limits=ONE_TRY, manners=RUDE):
    return Client(web.engine(), clock=FakeClock(), limits=limits, manners=manners)


async def ask(engine, url, target=None, headers=()):
    request = httpx.Request("GET", url, headers=headers, extensions={"target": target} if target else {})
    response = await engine.handle_async_request(request)
    try:
        return b"".join([piece async for piece in response.stream])
    finally:
        await response.aclose()


async def fetch(script, limits=ONE_TRY):
    async with Standin({URL: script}) as web:
        client = answering(web, limits)
        answer = await client.fetch(URL)
        await client.aclose()
        return answer, web


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

FAILURES = {
    "silent": (Raw(b"", "hang"), Outcome.TIMEOUT),
    "half a head": (Raw(OK, "hang"), Outcome.TIMEOUT),
    "half a body": (Raw(OK + b"Content-Length: 10\r\n\r\nab", "hang"), Outcome.TIMEOUT),
    "a head by drops": (Drip(OK + b"X-Slow: "), Outcome.TIMEOUT),
    "a body by drops": (Drip(OK + b"Content-Length: 1000000\r\n\r\n"), Outcome.TIMEOUT),
    "100 Continue for ever": (Drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), Outcome.TIMEOUT),
    "closed at once": (Raw(b""), Outcome.UNREACHABLE),
    "reset at once": (Raw(b"", "reset"), Outcome.UNREACHABLE),
    "closed in the body": (Raw(OK + b"Content-Length: 10\r\n\r\nab"), Outcome.UNREACHABLE),
    "closed in the chunks": (Raw(CHUNKED + b"2\r\nab\r\n"), Outcome.UNREACHABLE),
    "reset in the body": (Raw(OK + b"Content-Length: 10\r\n\r\nab", "reset"), Outcome.UNREACHABLE),
    "a bad chunk size": (Raw(CHUNKED + b"zz\r\nab\r\n0\r\n\r\n"), Outcome.HTTP_ERROR),
    "not HTTP": (Raw(b"ICY 200 OK\r\n\r\n"), Outcome.HTTP_ERROR),
    "no colon": (Raw(b"HTTP/1.1 200 OK\r\ngarbage\r\n\r\nok"), Outcome.HTTP_ERROR),
    "two lengths": (Raw(OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok"), Outcome.HTTP_ERROR),
    "headers for ever": (Flood(OK, b"X-More: " + b"x" * 1000 + b"\r\n"), Outcome.HTTP_ERROR),
    "100 Continue in a flood": (Flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), Outcome.HTTP_ERROR),
    "a chunk's extension for ever": (Flood(CHUNKED + b"2;", b"x" * 1000), Outcome.HTTP_ERROR),
    "a trailer for ever": (Flood(CHUNKED + b"0\r\n", b"X-More: " + b"x" * 1000 + b"\r\n"), Outcome.HTTP_ERROR),
    "gzip that breaks off": (
        Answer(headers={"Content-Encoding": "gzip"}, body=zlib.compress(b"x" * 9999, wbits=31)[:-12]),
        Outcome.HTTP_ERROR,
    ),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_what_a_server_does_wrong_has_its_outcome(name):
    script, outcome = FAILURES[name]
    answer, _ = await fetch(script)
    assert isinstance(answer, Failure)
    assert answer.outcome is outcome, answer.detail
    assert answer.detail
    assert answer.attempts[0].error == answer.detail


@pytest.mark.parametrize(
    "script",
    [
        Flood(OK + b"\r\n", b"x" * 65536),
        Flood(CHUNKED, b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        Answer(body=b"x" * 100_001),
        Answer(headers={"Content-Encoding": "gzip"}, body=zlib.compress(b"\0" * 50_000_000, wbits=31)),
        Answer(headers={"Content-Encoding": "deflate"}, body=zlib.compress(b"\0" * 50_000_000)),
        Answer(
            headers={"Content-Encoding": "gzip, gzip"},
            body=zlib.compress(zlib.compress(b"\0" * 50_000_000, wbits=31), wbits=31),
        ),
    ],
    ids=["endless", "endless chunks", "one byte more", "gzip bomb", "deflate bomb", "gzip in gzip"],
)
async def test_a_body_is_cut_at_the_cap(script):
    answer, _ = await fetch(script)
    assert isinstance(answer, Exchange)
    assert answer.truncated
    assert len(answer.content) == ONE_TRY.body_bytes


async def test_a_body_of_just_the_cap_is_whole():
    answer, _ = await fetch(Answer(body=b"x" * 100_000))
    assert isinstance(answer, Exchange)
    assert not answer.truncated
    assert len(answer.content) == 100_000


async def test_an_endless_redirect_body_costs_nothing():
    script = Flood(b"HTTP/1.1 302 Found\r\nLocation: /y\r\n\r\n", b"x" * 65536)
    answer, _ = await fetch(script)
    assert isinstance(answer, Exchange)
    assert (answer.status, answer.header("location"), answer.content) == (302, "/y", b"")


@pytest.mark.parametrize("status", [301, 404])
async def test_a_body_nobody_reads_may_be_slow_or_break_off(status):
    head = b"HTTP/1.1 %d X\r\nLocation: /y\r\nContent-Length: 100\r\n\r\n" % status
    for script in (Drip(head), Raw(head + b"ab"), Raw(head + b"ab", "reset")):
        answer, _ = await fetch(script, Limits(max_attempts=1, hop_seconds=5))
        assert isinstance(answer, Exchange)
        assert answer.status == status


async def test_what_is_no_text_is_not_read():
    answer, _ = await fetch(Answer(headers={"Content-Type": "application/pdf"}, body=b"%PDF-" + b"x" * 50_000))
    assert isinstance(answer, Exchange)
    assert (answer.status, answer.content, answer.truncated) == (200, b"", False)


async def test_a_coding_we_did_not_ask_for_comes_as_no_content():
    answer, _ = await fetch(Answer(headers={"Content-Encoding": "br"}, body=b"\x0b\x02\x80ok\x03"))
    assert isinstance(answer, Exchange)
    assert (answer.status, answer.header("content-encoding"), answer.content) == (200, "br", b"")


@pytest.mark.parametrize(
    ("location", "read"),
    [(b"/caf\xc3\xa9", "/café"), (b"/caf\xe9", "/caf%E9"), (b"http://xn--/", "http://xn--/"), (b"javascript:x", None)],
)
async def test_a_redirect_survives_whatever_its_location_holds(location, read):
    answer, _ = await fetch(Raw(b"HTTP/1.1 301 Moved\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"))
    assert isinstance(answer, Exchange)
    assert answer.status == 301
    assert answer.header("location") == (read or location.decode())


async def test_an_answer_that_nobody_asked_for_is_never_used():
    double = Answer(body=b"asked").encoded() + Answer(body=b"poison").encoded()
    async with Standin({URL: Raw(double, "keep"), "http://a.example/y": Answer(body=b"honest")}) as web:
        client = answering(web)
        for _ in range(30):
            first, second = await client.fetch(URL), await client.fetch(Url("http://a.example/y"))
            assert isinstance(first, Exchange)
            assert isinstance(second, Exchange)
            assert (first.content, second.content) == (b"asked", b"honest")
        await client.aclose()


async def test_a_connection_is_used_again():
    async with Standin({URL: page("one")}) as web:
        client = answering(web)
        for _ in range(10):
            await client.fetch(URL)
        await client.aclose()
        assert web.connections == 1


async def test_kept_connections_are_bounded_and_the_one_kept_longest_goes_first():
    urls = [Url(f"http://h{number}.example/") for number in range(100)]
    async with Standin(dict.fromkeys(urls, page("one"))) as web:
        client = answering(web)
        for url in urls:
            await client.fetch(url)
        for url in (*urls[-MAX_KEPT:], urls[0]):
            await client.fetch(url)
        assert web.connections == 101
        await client.aclose()


async def test_one_host_gets_two_connections_at_a_time_and_no_more():
    asked = Counter()

    async def slow(_reader, writer):
        asked["now"] += 1
        asked["most"] = max(asked["most"], asked["now"])
        await asyncio.sleep(0.01)
        asked["now"] -= 1
        writer.write(Answer(body=b"ok").encoded())

    async with Standin({URL: slow}) as web:
        engine = web.engine()
        bodies = await asyncio.gather(*(ask(engine, URL) for _ in range(20)))
        assert (set(bodies), asked["most"]) == ({b"ok"}, 2)
        await engine.aclose()


async def test_cancelled_fetches_leave_nothing_behind():
    async with Standin({URL: Raw(OK, "hang"), "http://a.example/y": page("one")}) as web:
        client = answering(web, Limits(max_attempts=1, hop_seconds=5))
        for _ in range(20):
            task = asyncio.create_task(client.fetch(URL))
            await asyncio.sleep(0.005)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert isinstance(await client.fetch(Url("http://a.example/y")), Exchange)
        await client.aclose()


async def test_a_certificate_is_checked(tmp_path):
    certificate = certificate_for(["good.example"], tmp_path)
    if certificate is None:
        pytest.skip("no openssl here to make a certificate with")
    table = {"https://good.example/": page("one"), "https://other.example/": page("two")}
    async with Standin(table, certificate=certificate) as web:
        client = answering(web)
        good, other = await client.fetch(Url("https://good.example/")), await client.fetch(Url("https://other.example/"))
        assert isinstance(good, Exchange)
        assert isinstance(other, Failure)
        assert other.outcome is Outcome.TLS_ERROR
        assert len(other.attempts) == 1
        await client.aclose()


async def test_an_authority_nobody_knows_is_a_tls_error(tmp_path):
    certificate = certificate_for(["good.example"], tmp_path)
    if certificate is None:
        pytest.skip("no openssl here to make a certificate with")
    async with Standin({}, certificate=certificate) as web:
        trusting_the_usual = Engine(Guard(), resolve=web.resolve, dial=web.dial)
        client = Client(trusting_the_usual, clock=FakeClock(), limits=ONE_TRY, manners=RUDE)
        answer = await client.fetch(Url("https://good.example/"))
        assert isinstance(answer, Failure)
        assert answer.outcome is Outcome.TLS_ERROR
        await client.aclose()


async def test_a_server_that_speaks_no_tls_is_a_tls_error():
    async def serve(_reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with Standin({}) as web, await asyncio.start_server(serve, "127.0.0.1", 0) as plain:
        web.ports[True] = plain.sockets[0].getsockname()[1]
        client = answering(web)
        answer = await client.fetch(Url("https://good.example/"))
        assert isinstance(answer, Failure)
        assert answer.outcome is Outcome.TLS_ERROR
        await client.aclose()


async def test_a_handshake_that_is_given_up_leaves_no_connection_open():
    async with Standin({}) as web:
        web.ports[True] = web.ports[False]  # which waits for a request in vain
        client = answering(web)
        answer = await client.fetch(Url("https://good.example/"))
        assert isinstance(answer, Failure)
        assert answer.outcome is Outcome.TIMEOUT
        await client.aclose()
        gc.collect()  # an open socket would warn, and warnings are errors


async def test_a_connection_that_is_closed_in_the_handshake_is_told_of_in_words():
    async def serve(reader, writer):
        await reader.read(65_536)  # what is left unread would make it a reset
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)

    async def dial(_address, _port):
        return await dial_tcp(*server.sockets[0].getsockname())

    engine = Engine(Guard(), resolve=Standin({}).resolve, dial=dial)
    with pytest.raises(httpx.ConnectError, match=r"^93\.184\.216\.34: closed before it was ready$"):
        await engine.handle_async_request(httpx.Request("GET", "https://a.example/"))
    await engine.aclose()
    server.close()


async def test_closing_does_not_wait_for_a_handshake_under_way():
    async with Standin({}) as web:
        web.ports[True] = web.ports[False]  # which waits for a request in vain
        client = answering(web)
        fetch = asyncio.create_task(client.fetch(Url("https://good.example/")))
        await asyncio.sleep(0.05)
        await client.aclose()
        assert isinstance(await fetch, Failure)


async def test_no_raw_answer_of_the_corpus_goes_uncaught(hostile):
    files = sorted((hostile / "http-responses" / "own-raw").glob("*.http"))
    table = {f"http://a.example/{number}": Raw(file.read_bytes()) for number, file in enumerate(files)}
    async with Standin(table) as web:
        client = answering(web)
        for url, file in zip(table, files, strict=True):
            answer = await client.fetch(Url(url))
            if isinstance(answer, Failure):
                assert answer.outcome in {Outcome.HTTP_ERROR, Outcome.UNREACHABLE}, file.name
            else:
                assert answer.status >= 100
        await client.aclose()


async def test_no_packed_body_of_the_corpus_goes_uncaught(hostile):
    for file in sorted((hostile / "compression" / "scrapy").iterdir()):
        for coding in ("gzip", "deflate", "gzip, deflate", "br"):
            answer, _ = await fetch(Answer(headers={"Content-Encoding": coding}, body=file.read_bytes()))
            assert isinstance(answer, Failure) or len(answer.content) <= ONE_TRY.body_bytes


TARGETS = [
    b"/?u=http%3A%2F%2Fa.example%2Fx%20y", b"/%zz?%", b"/a/../b/./c//d", b"/%7e~%2e%2E/", b'/?q=a+b&&=;|{}^`\\"<>', b"*", b"/a:b@c!$'()[]",
]  # fmt: skip


async def test_a_target_goes_out_byte_for_byte():
    async with Standin({}) as web:
        engine = web.engine()
        for target in TARGETS:
            await ask(engine, "http://a.example/", target, [("Host", "a.example")])
        assert [request.head.split(b" ")[1] for request in web.requests] == TARGETS
        await engine.aclose()


async def test_our_headers_go_out_in_their_order_and_no_others(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    sent = [("Host", "a.example"), ("User-Agent", "x/1"), ("aCCept", "*/*"), ("X-Twice", "1"), ("X-Twice", "2")]
    async with Standin(
        {URL: Answer(headers={"Set-Cookie": "a=b", "Alt-Svc": 'h2=":1"', "Strict-Transport-Security": "max-age=9"})}
    ) as web:
        engine = web.engine()
        for _ in range(3):
            await ask(engine, URL, headers=sent)
        lines = "\r\n".join(["GET /x HTTP/1.1", *(f"{name}: {value}" for name, value in sent), "", ""])
        assert [request.head.decode() for request in web.requests] == [lines] * 3
        await engine.aclose()


@pytest.mark.parametrize("target", [b"/a b", b"/a\r\nX: y", b"/caf\xc3\xa9", b"/\x00"])
async def test_no_target_smuggles_anything_in(target):
    async with Standin({}) as web:
        engine = web.engine()
        with pytest.raises(httpx.LocalProtocolError):
            await ask(engine, URL, target)
        assert web.connections == 0
        await engine.aclose()


async def test_headers_come_as_they_were_sent():
    head = b"HTTP/1.1 200 Fine \xe9\r\nX-b: 1\r\nX-A:2  \r\nX-b: \xc3\xa9\xe9\t|\r\nX-Empty:\r\nContent-Length: 0\r\n\r\n"
    async with Standin({URL: Raw(head, "keep")}) as web:
        engine = web.engine()
        response = await engine.handle_async_request(httpx.Request("GET", URL))
        await response.aclose()
        assert response.headers.raw == [
            (b"X-b", b"1"), (b"X-A", b"2"), (b"X-b", b"\xc3\xa9\xe9\t|"), (b"X-Empty", b""), (b"Content-Length", b"0")
        ]  # fmt: skip
        assert response.extensions["reason_phrase"] == b"Fine \xe9"
        await engine.aclose()


async def test_a_server_is_kept_waiting_while_nobody_reads():
    sent = 0

    async def endless(_reader, writer):
        nonlocal sent
        writer.write(OK + b"\r\n")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()
            sent += 65_536

    async with Standin({URL: endless}) as web:
        engine = web.engine()
        response = await engine.handle_async_request(httpx.Request("GET", URL))
        await asyncio.sleep(0.3)
        before = sent
        await asyncio.sleep(0.1)
        assert sent == before  # as much as the sockets between us hold
        pieces = response.stream.__aiter__()
        for _ in range(500):
            await anext(pieces)
        assert sent > before
        await response.aclose()
        await engine.aclose()


async def test_a_kept_connection_that_the_server_closes_costs_no_attempt():
    async def once(_reader, writer):
        writer.write(Answer(body=b"ok").encoded())
        await writer.drain()
        await _reader.readuntil(b"\r\n\r\n")  # takes the second request, and hangs up

    async with Standin({URL: once}) as web:
        client = answering(web)
        for _ in range(3):
            answer = await client.fetch(URL)
            assert isinstance(answer, Exchange), answer
        assert web.connections == 3
        await client.aclose()


async def test_a_want_of_files_is_waited_out():
    async with Standin({URL: page("one")}) as web:
        dialled = 0

        async def dial(address, port):
            nonlocal dialled
            dialled += 1
            if dialled < 3:
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            return await web.dial(address, port)

        client = Client(Engine(Guard(), resolve=web.resolve, dial=dial), clock=FakeClock(), limits=ONE_TRY, manners=RUDE)
        assert isinstance(await client.fetch(URL), Exchange)
        assert dialled == 3
        await client.aclose()


async def test_an_address_that_is_silent_leaves_time_for_the_next():
    async with Standin({URL: page("one")}) as web:

        async def resolve(_host, _port):
            return ["93.184.216.1", "93.184.216.34"]

        async def dial(address, port):
            if address == "93.184.216.1":
                await asyncio.sleep(3600)
            return await web.dial(address, port)

        engine = Engine(Guard(), resolve=resolve, dial=dial, connect_seconds=0.2)
        client = Client(engine, clock=FakeClock(), limits=Limits(max_attempts=1), manners=RUDE)
        assert isinstance(await client.fetch(URL), Exchange)
        await client.aclose()


async def test_a_host_that_takes_no_connection_in_its_time_could_not_be_connected_to():
    async def silent(_address, _port):
        await asyncio.sleep(3600)

    async with Standin({}) as web:
        engine = Engine(Guard(), resolve=web.resolve, dial=silent, connect_seconds=0.05)
        clock, manners = FakeClock(), Manners(seconds_between=0.0, obey_robots=False, circuit_failures=2)
        limits = Limits(max_attempts=1)
        client = Client(Circuits(engine, clock=clock, manners=manners), clock=clock, limits=limits, manners=manners)
        answers = [await client.fetch(URL) for _ in range(3)]
        await client.aclose()
    assert [answer.outcome for answer in answers] == [Outcome.TIMEOUT, Outcome.TIMEOUT, Outcome.UNREACHABLE]
    assert [len(answer.attempts) for answer in answers] == [1, 1, 0], "the third is not even tried"


def what_is_open():
    return len(list(Path("/proc/self/fd").iterdir())), len(asyncio.all_tasks())


async def test_chains_left_anywhere_leave_no_file_and_no_task_behind():
    chance = random.Random(2016)
    scripts = [
        Raw(OK, "hang"),
        Raw(b"", "reset"),
        Raw(OK + b"Content-Length: 9\r\n\r\nab"),
        Flood(OK + b"\r\n", b"x" * 65_536),
        page("one"),
    ]
    table = {f"http://h{number}.example/": scripts[number % len(scripts)] for number in range(20)}
    before = what_is_open()
    async with Standin(table) as web:
        client = answering(web, Limits(max_attempts=1, hop_seconds=0.02, body_bytes=100_000))
        for _ in range(300):
            fetched = [asyncio.create_task(client.fetch(Url(url))) for url in chance.sample(list(table), 5)]
            await asyncio.sleep(chance.random() * 0.01)
            for each in fetched:
                each.cancel()
            await asyncio.gather(*fetched, return_exceptions=True)
        await client.aclose()
    async with asyncio.timeout(5):  # the stand-in closes its ends, too
        # What earlier tests left may be closed meanwhile: what counts is that nothing was added.
        while any(now > then for now, then in zip(what_is_open(), before, strict=True)):
            await asyncio.sleep(0.01)
