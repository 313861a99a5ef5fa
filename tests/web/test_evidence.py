"""Evidence: what came over the wire, as WARC that others read, too."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime

import httpx
import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from crawler.core.model import Exchange, Failure, Outcome, Url
from crawler.core.settings import Limits
from crawler.web import warcs
from crawler.web.client import Client
from crawler.web.evidence import Evidence, EvidenceTransport
from crawler.web.politeness import Manners
from tests.fakes import FakeClock

RUDE = Manners(seconds_between=0.0, backoff_seconds=0.0, obey_robots=False)


class Web(httpx.AsyncBaseTransport):
    """Answers from a table: an answer, or the error there is instead."""

    def __init__(self, table):
        self.table = table

    async def handle_async_request(self, request):
        answer = self.table[
            str(request.url.path if "target" not in request.extensions else request.extensions["target"].decode())
        ]
        if isinstance(answer, Exception):
            raise answer
        status, headers, body = answer
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


PAGE = b"<title>A story</title><p>Words of it."
TABLE = {
    "/moved": (301, [(b"Location", "/päge".encode()), (b"Set-Cookie", b"session=secret")], b""),
    "/page": (200, [(b"Content-Type", b"text/html"), (b"Transfer-Encoding", b"chunked")], PAGE),
    "/latin": (302, [(b"Location", b"/p\xe4ge")], b""),
    "/down": httpx.ConnectError("no route to host"),
}


def kept(folder, paths, known=lambda _url, _digest: None, rotate_bytes=10**9, run_id=7):
    async def ask():
        clock = FakeClock()
        evidence = Evidence(folder, clock, rotate_bytes)
        evidence.begin(run_id, known)
        client = Client(EvidenceTransport(Web(TABLE), evidence, clock), clock=clock, limits=Limits(max_attempts=1), manners=RUDE)
        answers = [await client.fetch(Url(f"https://a.example{path}")) for path in paths]
        evidence.close()
        return answers

    return asyncio.run(ask())


def is_sound(path):
    checker = Checker(type("Options", (), {"inputs": [str(path)], "verbose": False})())
    checker.process_all()
    return checker.exit_value == 0


def test_each_exchange_is_a_response_and_its_request_and_the_answer_knows_where_it_is(tmp_path):
    answers = kept(tmp_path, ["/moved", "/page"])
    (file,) = warcs.files(tmp_path)
    assert re.fullmatch(r"\d{8}T\d{6}Z-run000007-00001\.warc\.gz", file.name)
    assert is_sound(file)
    with file.open("rb") as opened:
        assert [record.rec_type for record in ArchiveIterator(opened)] == [
            "warcinfo",
            "response",
            "request",
            "response",
            "request",
        ]
    for answer in answers:
        (record,) = warcs.read_at(tmp_path / answer.warc_record.file, answer.warc_record.offset).records
        assert (record.record_id, record.url) == (answer.warc_record.record_id, answer.url)
        assert record.recording.status == answer.status
    assert record.recording.body == PAGE


def test_headers_are_kept_as_they_came_and_secrets_are_not(tmp_path):
    kept(tmp_path, ["/moved", "/latin", "/page"])
    moved, latin, page = (record for record in warcs.read(warcs.files(tmp_path)[0]) if record.type == "response")
    assert ("Location", "/päge") in moved.recording.headers
    assert ("Location", "/p%E4ge") in latin.recording.headers
    assert b"secret" not in warcs.files(tmp_path)[0].read_bytes()
    assert "removed-" in dict(moved.recording.headers)["X-Crawler-Cookie"]
    assert "Transfer-Encoding" not in dict(page.recording.headers), "a reader would undo the coding once more"


def test_a_failure_is_kept_as_why_there_is_no_answer(tmp_path):
    (failure,) = kept(tmp_path, ["/down"])
    assert isinstance(failure, Failure)
    assert failure.outcome is Outcome.UNREACHABLE
    (record,) = warcs.read_at(tmp_path / failure.warc_record.file, failure.warc_record.offset).records
    assert (record.type, [value for _, value in record.recording.headers]) == ("metadata", ["ConnectError", "no route to host"])
    assert is_sound(warcs.files(tmp_path)[0])


def test_what_did_not_change_is_a_revisit_of_what_was_kept_before(tmp_path):
    (first,) = kept(tmp_path, ["/page"])
    (again,) = kept(
        tmp_path,
        ["/page"],
        lambda _url, digest: first.warc_record if digest == first.warc_record.payload_digest else None,
        run_id=8,
    )
    assert isinstance(again, Exchange)
    assert (again.content, again.warc_record.type, again.warc_record.refers_to) == (PAGE, "revisit", first.warc_record.record_id)
    (record,) = warcs.read_at(tmp_path / again.warc_record.file, again.warc_record.offset).records
    assert (record.refers_to, record.recording.body, record.recording.status) == (first.warc_record.record_id, b"", 200)
    assert all(is_sound(file) for file in warcs.files(tmp_path))


def test_a_full_file_is_followed_by_the_next(tmp_path):
    kept(tmp_path, ["/page", "/moved", "/latin"], rotate_bytes=1)
    assert len(warcs.files(tmp_path)) == 6
    assert all(is_sound(file) for file in warcs.files(tmp_path))


@pytest.mark.parametrize("torn", [1, 20, 200])
def test_what_a_killed_run_left_torn_is_mended_by_the_next(tmp_path, torn):
    kept(tmp_path, ["/page", "/moved"])
    (file,) = warcs.files(tmp_path)
    left = file.rename(file.with_name(file.name + warcs.OPEN))
    left.write_bytes(left.read_bytes()[:-torn])
    kept(tmp_path, [], run_id=8)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    assert is_sound(file)
    assert [record.type for record in warcs.read(file)] == ["warcinfo", "response", "request", "response"]


def test_one_damaged_record_leaves_the_others_to_be_read(tmp_path):
    answers = kept(tmp_path, ["/page", "/moved", "/latin"])
    (file,) = warcs.files(tmp_path)
    content = bytearray(file.read_bytes())
    content[answers[1].warc_record.offset + 40] ^= 0x10
    file.write_bytes(content)
    records = list(warcs.read(file))
    assert [record.offset for record in records if isinstance(record, warcs.Damaged) or record.damage] == [
        answers[1].warc_record.offset
    ]
    assert {record.offset for record in records} >= {answers[0].warc_record.offset, answers[2].warc_record.offset}


class Slow(httpx.AsyncBaseTransport):
    """Takes five seconds."""

    def __init__(self, clock):
        self.clock = clock

    async def handle_async_request(self, request):
        await self.clock.sleep(5)
        return httpx.Response(200, stream=httpx.ByteStream(PAGE))


@pytest.mark.anyio
async def test_its_date_is_when_the_request_went_out(tmp_path):
    clock = FakeClock()
    evidence = Evidence(tmp_path, clock, 10**9)
    evidence.begin(7, lambda _url, _digest: None)
    client = Client(EvidenceTransport(Slow(clock), evidence, clock), clock=clock, limits=Limits(), manners=RUDE)
    answer = await client.fetch(Url("https://a.example/page"))
    evidence.close()
    assert clock.now() > clock.start
    assert answer.warc_record.recorded_at == clock.start
    with (tmp_path / answer.warc_record.file).open("rb") as file:
        file.seek(answer.warc_record.offset)
        written = next(ArchiveIterator(file)).rec_headers.get_header("WARC-Date")
    assert datetime.fromisoformat(written) == clock.start
