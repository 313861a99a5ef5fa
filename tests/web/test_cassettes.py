"""Recording and replaying: the same answers, the same failures, and a miss that is nobody's dead link."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
import zlib
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
import vcr
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.model import Exchange, Failure, Outcome, Url
from crawler.core.settings import Limits
from crawler.errors import CassetteError, CassetteMiss
from crawler.web import tapes
from crawler.web.cassettes import RecordTransport, ReplayTransport
from crawler.web.client import Client
from crawler.web.politeness import Manners
from crawler.web.recording import ERROR_HEADER, Recording
from crawler.web.redaction import redacted
from tests.fakes import FakeClock
from tests.standin import Answer, Raw, Standin, page, to

pytestmark = pytest.mark.anyio

RUDE = Manners(seconds_between=0.0, obey_robots=False)
LIMITS = Limits(max_attempts=2, hop_seconds=0.3, body_bytes=50_000)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"

STORY = {
    "http://a.example/": page("A", "http://b.example/"),
    "http://a.example/moved": to("/café?x=%zz"),
    "http://a.example/latin": Raw(b"HTTP/1.1 302 Found\r\nLocation: /caf\xe9\r\nContent-Length: 0\r\n\r\n", "keep"),
    "http://a.example/bad": to("javascript:x", 302),
    "http://a.example/twice": Answer(301, {"Location": ["/1", "/2"]}),
    "http://a.example/gone": Answer(410),
    "http://a.example/gzip": Answer(headers={"Content-Encoding": "gzip"}, body=zlib.compress(b"<p>packed", wbits=31)),
    "http://a.example/long": Answer(body=b"x" * 200_000),
    "http://a.example/bomb": Answer(headers={"Content-Encoding": "gzip"}, body=zlib.compress(b"\0" * 9_000_000, wbits=31)),
    "http://a.example/pdf": Answer(headers={"Content-Type": "application/pdf"}, body=b"%PDF" + b"\xff" * 90_000),
    "http://a.example/busy": [Answer(503, {"Retry-After": "3"}), page("at last")],
    "http://a.example/latin1": Answer(headers={"Content-Type": "text/html; charset=latin-1"}, body=b"<p>caf\xe9"),
    "http://a.example/chunks": Raw(OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", "keep"),
    "http://a.example/silent": Raw(b"", "hang"),
    "http://a.example/half": Raw(OK + b"Content-Length: 9\r\n\r\nab", "hang"),
    "http://a.example/reset": Raw(b"", "reset"),
    "http://a.example/short": Raw(OK + b"Content-Length: 9\r\n\r\nab"),
    "http://a.example/slow-redirect": Raw(b"HTTP/1.1 301 M\r\nLocation: /x\r\nContent-Length: 9\r\n\r\na", "hang"),
    "http://a.example/nonsense": Raw(b"ICY\r\n\r\n"),
    "http://b.example:8080/": page("B"),
    "http://b.example:22/": page("never"),
    "http://127.0.0.1/": page("never"),
}


async def tell(transport, urls=tuple(STORY)):
    """Fetch the whole story; return what each URL gave, times left out."""
    client = Client(transport, clock=FakeClock(), limits=LIMITS, manners=RUDE)
    answers = [await client.fetch(Url(url)) for url in urls]
    await client.aclose()
    return [plain(answer) for answer in answers]


def plain(answer):
    attempts = [(attempt.number, attempt.status, bool(attempt.error)) for attempt in answer.attempts]
    if isinstance(answer, Failure):
        return answer.url, answer.outcome, attempts
    return answer.url, answer.status, answer.headers, answer.content, answer.truncated, attempts


async def recorded(folder, table=None, urls=None):
    async with Standin(table or STORY) as web:
        return await tell(RecordTransport(web.engine(), folder), urls or tuple(table or STORY))


async def test_what_is_replayed_is_what_was_recorded(tmp_path):
    first = await recorded(tmp_path)
    again = await tell(ReplayTransport(tmp_path))
    assert again == first
    outcomes = {entry[1] for entry in first}
    assert {Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.HTTP_ERROR, Outcome.REFUSED, 200, 301, 302, 410} <= outcomes
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "127.0.0.1.yaml",
        "a.example.yaml",
        "b.example_22.yaml",
        "b.example_8080.yaml",
    ]


async def test_a_cassette_can_be_read_by_its_owner_only(tmp_path):
    await recorded(tmp_path, {"http://a.example/": page("A")})
    assert stat.S_IMODE((tmp_path / "a.example.yaml").stat().st_mode) == 0o600


async def test_the_nth_request_gets_the_nth_answer_and_the_last_one_repeats(tmp_path):
    url = "http://a.example/"
    await recorded(tmp_path, {url: [page("1"), page("2"), page("3")]}, [url] * 3)
    told = await tell(ReplayTransport(tmp_path), [url] * 5)
    assert [b"<title>%d" % number in entry[3] for number, entry in zip([1, 2, 3, 3, 3], told, strict=True)] == [True] * 5


async def test_a_missing_recording_is_not_a_dead_link(tmp_path):
    await recorded(tmp_path, {"http://a.example/": page("A")})
    replay = ReplayTransport(tmp_path)
    client = Client(replay, clock=FakeClock(), limits=LIMITS, manners=Manners())
    for url in ("http://a.example/other", "http://c.example/"):
        with pytest.raises(CassetteMiss, match=f"{url} was not recorded.*--record"):
            await client.fetch(Url(url))
    assert not issubclass(CassetteMiss, httpx.HTTPError)


async def test_a_host_recorded_without_robots_has_none(tmp_path):
    await recorded(tmp_path, {"http://a.example/": page("A")})
    client = Client(ReplayTransport(tmp_path), clock=FakeClock(), limits=LIMITS, manners=Manners())
    assert isinstance(await client.fetch(Url("http://a.example/")), Exchange)


async def test_a_page_that_was_cut_on_recording_is_not_taken_for_whole(tmp_path):
    url = Url("http://a.example/long")
    await recorded(tmp_path, {url: STORY[url]})
    client = Client(ReplayTransport(tmp_path), clock=FakeClock(), limits=Limits(body_bytes=10_000_000), manners=RUDE)
    with pytest.raises(CassetteMiss, match="not recorded to its end"):
        await client.fetch(url)


@pytest.mark.parametrize(
    ("limits", "seconds"), [(Limits(), 0.05), (Limits(), 0.0), (Limits(hop_seconds=0.05, max_attempts=1), 9.0)]
)
async def test_a_time_that_ran_out_is_recorded_as_what_it_was(tmp_path, limits, seconds):
    url = Url("http://a.example/silent")

    async def told(transport):
        client = Client(transport, clock=FakeClock(), limits=limits, manners=RUDE)
        answer = await client.fetch(url, seconds)
        await client.aclose()
        assert isinstance(answer, Failure)
        assert answer.outcome is Outcome.TIMEOUT
        return answer.detail, [attempt.error for attempt in answer.attempts]

    async with Standin(STORY) as web:
        live = await told(RecordTransport(web.engine(), tmp_path))
    if seconds:  # without any, nothing is asked, live or in a replay
        assert await told(ReplayTransport(tmp_path)) == live


async def test_a_request_that_we_stopped_ourselves_is_not_recorded_as_anything(tmp_path):
    url = Url("http://a.example/silent")
    async with Standin(STORY) as web:
        client = Client(RecordTransport(web.engine(), tmp_path), clock=FakeClock(), limits=Limits(), manners=RUDE)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.fetch(url)
        await client.aclose()
    assert list(tmp_path.iterdir()) == []


SECRETS = {
    "Set-Cookie": "id=hush-1; Path=/",
    "X-Api-Key": "hush-2",
    "Authorization": "Bearer hush-3",
    "X-CSRF-Token": "hush-4",
    "WWW-Authenticate": 'Basic realm="hush-5"',
    "Location": "http://user:hush-6@b.example/?access_token=hush-7&id=1#token=hush-8",
    "Refresh": "0;url=/?session_id=hush-9",
    "Link": "</x?api_key=hush-10>; rel=canonical",
}


async def test_secrets_are_left_out(tmp_path):
    url = Url("http://user:hush-11@a.example/?key=hush-12&client_secret=hush-13&page=2")
    async with Standin({"http://a.example/?key=hush-12&client_secret=hush-13&page=2": Answer(301, SECRETS)}) as web:
        first = await tell(RecordTransport(web.engine(), tmp_path), [url])
    text = (tmp_path / "a.example.yaml").read_text()
    assert "hush" not in text
    assert "page=2" in text
    assert "b.example/?access_token=removed-" in text
    again = await tell(ReplayTransport(tmp_path), [url])
    assert again[0][:2] == first[0][:2] == ("http://a.example/?key=hush-12&client_secret=hush-13&page=2", 301)


def one_more(url="http://a.example/", body=b"<p>one"):
    return tapes.dump(
        Recording("GET", url, 200, "OK", (("Content-Type", "text/html"),), body), datetime(2016, 10, 25, tzinfo=UTC)
    )


@given(st.binary() | st.text().map(str.encode), st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"])))
def test_every_body_and_header_comes_back_as_it_was(body, value):
    recording = Recording("GET", "http://a.example/x", 200, "OK", (("X-A", "1"), ("X-B", redacted(value))), body)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.example.yaml"
        path.write_bytes(tapes.HEAD + tapes.dump(recording, datetime.now(UTC)))
        assert tapes.load(path) == [recording]


@pytest.mark.parametrize("body", [b"<p>" + b"text\n" * 20, b"\xff\x00\x80" * 60])
def test_a_torn_last_item_is_passed_over_wherever_it_is_torn_and_cut_off_before_more(tmp_path, body):
    path = tmp_path / "a.example.yaml"
    whole, last = tapes.HEAD + one_more(), one_more("http://a.example/2", body)
    for length in range(1, len(last)):
        path.write_bytes(whole + last[:length])
        kept = [recording.url for recording in tapes.load(path)]
        assert kept == ["http://a.example/", "http://a.example/2"][: len(kept)]
        assert len(kept) == 1 + (length >= len(last) - 1)
        if length % 7 == 0:
            tapes.mend(path)
            with path.open("ab") as tape:
                tape.write(one_more("http://a.example/3"))
            assert [recording.url for recording in tapes.load(path)] == [*kept, "http://a.example/3"]
    for length in range(len(tapes.HEAD)):
        path.write_bytes(tapes.HEAD[:length])
        assert tapes.load(path) == []


async def test_a_recording_goes_on_where_a_killed_one_stopped(tmp_path):
    (tmp_path / "a.example.yaml").write_bytes(tapes.HEAD + one_more() + one_more("http://a.example/2")[:150])
    await recorded(tmp_path, {"http://a.example/3": page("3")})
    told = await tell(ReplayTransport(tmp_path), ["http://a.example/", "http://a.example/3"])
    assert [entry[1] for entry in told] == [200, 200]


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from crawler.clock import SystemClock
from crawler.core.settings import Limits
from crawler.web.cassettes import RecordTransport
from crawler.web.client import Client
from crawler.web.politeness import Manners
from tests.standin import Standin, page

async def main():
    urls = [f"http://a.example/{number}" for number in range(1000)]
    async with Standin(dict.fromkeys(urls, page("one"))) as web:
        client = Client(RecordTransport(web.engine(), Path(sys.argv[1])), clock=SystemClock(), limits=Limits(),
                        manners=Manners(seconds_between=0, obey_robots=False))
        for number, url in enumerate(urls):
            await client.fetch(url)
            print(number, flush=True)

asyncio.run(main())
"""


def test_a_recording_that_is_killed_keeps_what_it_had(tmp_path):
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            if int(line) == 20:
                os.kill(process.pid, signal.SIGKILL)
                break
    kept = tapes.load(tmp_path / "a.example.yaml")
    assert [recording.url for recording in kept[:21]] == [f"http://a.example/{number}" for number in range(21)]
    assert all(b"<title>one" in recording.body for recording in kept)


async def test_vcrpy_loads_what_we_write(tmp_path):
    await recorded(tmp_path)
    requests, responses = vcr.persisters.filesystem.FilesystemPersister.load_cassette(
        tmp_path / "a.example.yaml", vcr.serializers.yamlserializer
    )
    by_url = {request.uri: response for request, response in zip(requests, responses, strict=True)}
    assert by_url["http://a.example/gone"]["status"]["code"] == 410
    assert by_url["http://a.example/latin1"]["body"]["string"] == b"<p>caf\xe9"
    with vcr.VCR(record_mode=vcr.mode.NONE, match_on=["method", "uri"]).use_cassette(str(tmp_path / "a.example.yaml")):
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get("http://a.example/gzip")
            assert answer.content == b"<p>packed"


async def test_we_read_what_vcrpy_writes(tmp_path):
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            Answer(headers={"Content-Encoding": "gzip", "X-A": ["1", "2"]}, body=zlib.compress(b"<p>packed", wbits=31)).encoded()
        )
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with vcr.VCR().use_cassette(str(tmp_path / f"127.0.0.1_{port}.yaml")):
            async with httpx.AsyncClient(trust_env=False) as client:
                await client.get(f"http://127.0.0.1:{port}/x")
    told = await tell(ReplayTransport(tmp_path), [f"http://127.0.0.1:{port}/x"])
    assert told[0][1] == 200
    assert told[0][3] == b"<p>packed"


@pytest.mark.parametrize(
    "item",
    [
        "!!python/object/apply:os.system ['true']",
        "!!python/object/new:os.system ['true']",
        "!!python/name:os.system",
        "!!python/module:os",
        "!<tag:yaml.org,2002:python/object:x.Y> {}",
    ],
)
async def test_a_cassette_runs_nothing(tmp_path, item):
    (tmp_path / "a.example.yaml").write_text(f"version: 1\ninteractions:\n- request: {item}\n")
    with pytest.raises(CassetteError, match=r"a\.example\.yaml"):
        await tell(ReplayTransport(tmp_path), ["http://a.example/"])


@pytest.mark.parametrize(
    "content", ["nonsense", "- 1", "interactions: 3", "interactions:\n- 3\n- 4\n", "a: [b", "[" * 5000, "\0"]
)
async def test_what_is_no_cassette_is_said_to_be_none(tmp_path, content):
    (tmp_path / "a.example.yaml").write_text(content)
    with pytest.raises(CassetteError, match=r"a\.example\.yaml"):
        await tell(ReplayTransport(tmp_path), ["http://a.example/"])


async def test_a_failure_of_an_unknown_kind_is_our_fault(tmp_path):
    item = Recording("GET", "http://a.example/", 0, "", ((ERROR_HEADER, "NoSuchError"), (ERROR_HEADER, "x")), b"")
    (tmp_path / "a.example.yaml").write_bytes(tapes.HEAD + tapes.dump(item, datetime.now(UTC)))
    with pytest.raises(CassetteError, match="NoSuchError"):
        await tell(ReplayTransport(tmp_path), ["http://a.example/"])


def test_a_folder_without_cassettes_says_what_to_do(tmp_path):
    with pytest.raises(CassetteError, match=r"no folder .*--record"):
        ReplayTransport(tmp_path / "missing")
    with pytest.raises(CassetteError, match=r"holds no cassettes.*--record"):
        ReplayTransport(tmp_path)
    for story in ("mosul", "aleppo"):
        (tmp_path / story).mkdir()
        (tmp_path / story / "a.example.yaml").write_bytes(tapes.HEAD)
    with pytest.raises(CassetteError, match=r"holds stories.*aleppo.*mosul"):
        ReplayTransport(tmp_path)


def test_a_folder_that_cannot_be_written_is_our_fault(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CassetteError, match="can't record"):
        RecordTransport(httpx.AsyncBaseTransport(), tmp_path / "file")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://example.org/x", "example.org.yaml"),
        ("http://example.org:80/", "example.org.yaml"),
        ("http://127.0.0.1:8080/", "127.0.0.1_8080.yaml"),
        ("http://[::1]:8080/", "[__1]_8080.yaml"),
        ("http://xn--mlut-moa5l.example/", "xn--mlut-moa5l.example.yaml"),
    ],
)
def test_a_host_has_a_file_of_its_name(url, name):
    assert tapes.file_name(url) == name


def test_a_host_name_longer_than_a_file_name_still_has_a_file():
    assert len(tapes.file_name(f"http://{'a' * 300}.example/")) < 200
