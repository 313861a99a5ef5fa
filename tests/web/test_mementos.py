"""Archived copies, asked of an archive on loopback that answers as web.archive.org does."""

from datetime import UTC, datetime

import pytest

from crawler.core.model import ArchivedCopy, NoCopy, Url
from crawler.core.settings import Limits
from crawler.errors import ConfigError
from crawler.web.cassettes import RecordTransport, ReplayTransport
from crawler.web.client import Client
from crawler.web.mementos import Mementos, closest
from crawler.web.politeness import Manners
from tests.fakes import FakeClock
from tests.standin import Answer, Raw, Standin, to

pytestmark = pytest.mark.anyio

LOST = Url("http://paper.example/story?id=1")
WHEN = datetime(2016, 10, 25, 18, tzinfo=UTC)
ARCHIVE = "http://archive.example"
GATE = f"{ARCHIVE}/web/20161025180000/{LOST}"
COPY = f"{ARCHIVE}/web/20161024120000/{LOST}"
INDEX = (
    f"{ARCHIVE}/cdx/search/cdx?url=http%3A%2F%2Fpaper.example%2Fstory%3Fid%3D1&closest=20161025180000&sort=closest"
    "&limit=1&filter=statuscode:200&fl=timestamp,original&output=json"
)
A_DAY_BEFORE = datetime(2016, 10, 24, 12, tzinfo=UTC)
FOUND = ArchivedCopy(LOST, Url(COPY), A_DAY_BEFORE)
ROWS = Answer(
    200, {"Content-Type": "application/json"}, b'[["timestamp","original"],["20161024120000","http://paper.example/story?id=1"]]'
)
STATED = {"Memento-Datetime": "Mon, 24 Oct 2016 12:00:00 GMT"}


async def sought(table, transport_of=lambda web: web.engine(), manners=None, when=WHEN):
    clock, limits = FakeClock(), Limits(max_attempts=1, hop_seconds=1)
    async with Standin(table) as web:
        client = Client(transport_of(web), clock=clock, limits=limits, manners=manners or Manners(obey_robots=False))
        copy = await closest(LOST, when, ARCHIVE, client.fetch)
        await client.aclose()
        return copy, web


@pytest.mark.parametrize(
    ("table", "copy"),
    [
        ({GATE: to(COPY, 302)}, FOUND),  # the TimeGate redirects to the memento
        (
            {GATE: to(COPY.replace("/http://", "id_/http://"), 302)},
            ArchivedCopy(LOST, Url(COPY.replace("/http://", "id_/http://")), A_DAY_BEFORE),
        ),
        ({GATE: to(f"/web/20161024120000/{LOST}", 302)}, FOUND),
        ({GATE: Answer(200, STATED, b"<p>the story")}, ArchivedCopy(LOST, Url(GATE), A_DAY_BEFORE)),  # or is one
        (
            {GATE: Answer(301, {"Location": "/web/20161024120000/http://paper.example/new", **STATED})},
            ArchivedCopy(LOST, Url(GATE), A_DAY_BEFORE),
        ),
        ({GATE: to("/web/here"), f"{ARCHIVE}/web/here": to(COPY)}, FOUND),
        ({GATE: Answer(404)}, NoCopy.NONE),
        ({GATE: Answer(404), INDEX: ROWS}, NoCopy.NONE),  # it has none, and says so
        ({GATE: Answer(503), INDEX: ROWS}, FOUND),
        ({GATE: Raw(b"", "reset"), INDEX: ROWS}, FOUND),
        ({GATE: Answer(200, {}, b"<p>what is this"), INDEX: ROWS}, FOUND),
        ({GATE: Answer(404 - 1), INDEX: Answer(403)}, NoCopy.NO_ANSWER),
        ({GATE: Answer(503), INDEX: Answer(200, {"Content-Type": "application/json"}, b"[]")}, NoCopy.NONE),
        ({GATE: Answer(503), INDEX: Answer(200, {"Content-Type": "application/json"}, b'{"a": ' * 9000)}, NoCopy.NO_ANSWER),
        (
            {GATE: Answer(503), INDEX: Answer(200, {"Content-Type": "application/json"}, b'[["a"],["soon","x"]]')},
            NoCopy.NO_ANSWER,
        ),
        ({GATE: to(GATE.replace("archive.", "new.archive.")), GATE.replace("archive.", "new.archive."): to(COPY)}, FOUND),
        ({GATE: to(GATE), INDEX: Answer(404)}, NoCopy.NO_ANSWER),
        ({GATE: Answer(200, {"Memento-Datetime": "soon"})}, ArchivedCopy(LOST, Url(GATE), None)),
        (
            {GATE: to(f"{ARCHIVE}/web/20169999999999/{LOST}")},
            ArchivedCopy(LOST, Url(f"{ARCHIVE}/web/20169999999999/{LOST}"), None),
        ),
    ],
)
async def test_the_copy_closest_to_a_time_is_found_or_not_and_nothing_breaks(table, copy):
    assert (await sought(table))[0] == copy


@pytest.mark.parametrize(
    "table",
    [
        {f"{ARCHIVE}/web/{LOST}": to(COPY, 302)},
        {
            f"{ARCHIVE}/web/{LOST}": Answer(503),
            INDEX.replace("closest=20161025180000&sort=closest&limit=1", "limit=-1"): ROWS,
        },
    ],
)
async def test_where_no_time_is_known_the_latest_is_asked_for(table):
    assert (await sought(table, when=None))[0] == FOUND


async def test_a_lookup_is_recorded_and_replayed(tmp_path):
    first, _ = await sought({GATE: to(COPY, 302)}, lambda web: RecordTransport(web.engine(), tmp_path))
    again, web = await sought({}, lambda _: ReplayTransport(tmp_path))
    assert (first, again, web.requests) == (FOUND, FOUND, [])


@pytest.mark.parametrize(
    ("exempt", "copy"), [((), NoCopy.NO_ANSWER), (("archive.example",), FOUND), (("other.example",), NoCopy.NO_ANSWER)]
)
async def test_an_archive_is_exempt_from_robots_by_the_configuration_only(exempt, copy):
    rules = Answer(200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /\n")
    found, _ = await sought({f"{ARCHIVE}/robots.txt": rules, GATE: to(COPY)}, manners=Manners(robots_exempt=exempt))
    assert found == copy


@pytest.mark.parametrize("endpoint", ["", "web.archive.org", "ftp://archive.example", "file:///x"])
async def test_an_endpoint_that_is_none_is_a_fault_of_the_configuration(endpoint):
    with pytest.raises(ConfigError, match=r"mementos\.endpoint"):
        Mementos(endpoint=endpoint)
