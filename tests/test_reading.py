"""Readers: whatever a document does to its reader, it has its record and the run goes on."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from crawler.core.model import Document, Page, ReadAs, Unread
from crawler.core.settings import Limits
from crawler.reading.reader import PORTION
from crawler.reading.readers import Readers
from tests.webs import story

pytestmark = pytest.mark.anyio

PLAIN = Document(story("A story").encode(), "text/html", "https://a.example/")
TWEET = (
    '<blockquote class="twitter-tweet"><p>Words of a tweet <a href="https://t.co/Hb4rWq7TzK">https://t.co/Hb4rWq7TzK</a></p>'
    '&mdash; Harbour Post (@harbourpost) <a href="https://twitter.com/harbourpost/status/1109876543210987654">March 16, 2026</a></blockquote>'
)
# Nested lists take the parser quadratic time: this many, longer than anybody waits.
SLOW = Document(
    f"<title>Nested lists of the harbour</title>{TWEET}{'<ul><li>' * 200_000}".encode(), "text/html", "https://b.example/"
)
# A tree of so many elements is larger than the reader may grow.
HUGE = Document(f"{TWEET}{'<p><a href=x>y</a>' * 250_000}".encode(), "text/html", "https://c.example/")


@pytest.fixture
async def readers():
    made = Readers(Limits(read_seconds=1.5, read_bytes=400_000_000), count=2)
    yield made
    await made.aclose()


def idle_reader(readers):
    """Return one that waits for a document, and leave it there."""
    reader = readers._idle.get_nowait()
    readers._idle.put_nowait(reader)
    return reader


async def test_a_page_is_read_whole(readers):
    page = await readers.read(PLAIN)
    assert isinstance(page, Page)
    assert page.article.title == "A story"
    assert page.cut is None


@pytest.mark.parametrize(
    ("bomb", "limits", "reasons"),
    [
        (SLOW, Limits(read_seconds=0.6), ("limits.read_seconds (0.6)",)),
        (HUGE, Limits(read_seconds=20.0, read_bytes=160_000_000), ("limits.read_bytes", "died")),
    ],
    ids=["slow", "huge"],
)
async def test_what_is_too_much_for_the_parser_is_read_without_one_and_the_next_page_with_it(bomb, limits, reasons):
    readers = Readers(limits, count=1)
    try:
        page = await readers.read(bomb)
        assert isinstance(page, Page)
        assert page.cut.startswith("what only its markup tells: ")
        assert any(reason in page.cut for reason in reasons), page.cut
        (tweet,) = page.tweets
        assert (tweet.handle, tweet.status_id, tweet.links) == (
            "harbourpost",
            "1109876543210987654",
            ("https://t.co/Hb4rWq7TzK",),
        )
        assert (await readers.read(PLAIN)).cut is None
    finally:
        await readers.aclose()


async def test_a_reader_that_is_killed_costs_no_document(readers):
    await readers.read(PLAIN)
    idle_reader(readers).process.kill()
    await asyncio.sleep(0.1)
    assert (await readers.read(PLAIN)).article.title == "A story"


async def test_a_parser_that_crashes_leaves_a_page_that_says_so():
    readers = Readers(Limits(read_seconds=20), count=1)
    try:
        await readers.read(PLAIN)
        pid = idle_reader(readers).process.pid
        reading = asyncio.create_task(readers.read(SLOW))
        await asyncio.sleep(0.3)
        os.kill(pid, signal.SIGSEGV)
        page = await reading
    finally:
        await readers.aclose()
    assert page.cut == f"what only its markup tells: the reader died of it ({-signal.SIGSEGV})"
    assert page.article.title == "Nested lists of the harbour"


async def test_what_no_reader_can_take_has_an_empty_page_with_the_reasons():
    readers = Readers(Limits(read_seconds=0.001), count=1)
    try:
        page = await readers.read(SLOW)
    finally:
        await readers.aclose()
    assert page.article.url == SLOW.url
    assert page.citations == ()
    assert page.cut.startswith("all of it: reading took longer than limits.read_seconds (0.001); without a parser, ")


async def test_a_document_is_read_up_to_the_limit_of_bodies():
    readers = Readers(Limits(body_bytes=60), count=1)
    try:
        page = await readers.read(
            Document(b"A headline of four words\nA tweet https://t.co/Hb4rWq7TzK and more " + b"x" * 1000, None, None)
        )
    finally:
        await readers.aclose()
    assert [citation.href for citation in page.citations] == ["https://t.co/Hb4rWq7TzK"]
    assert page.cut == "all past limits.body_bytes"


async def test_the_loop_goes_on_while_a_bomb_is_read(readers):
    reading = asyncio.create_task(readers.read(SLOW))
    turns = 0
    while not reading.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert turns > 10


async def test_more_documents_than_readers_take_turns(readers):
    pages = await asyncio.gather(*(readers.read(PLAIN) for _ in range(20)))
    assert all(isinstance(page, Page) for page in pages)


async def test_documents_that_lose_their_reader_together_are_read_one_by_one():
    readers = Readers(Limits(), count=1)
    try:
        await readers.read(PLAIN)
        first = idle_reader(readers).process
        first.send_signal(signal.SIGSTOP)
        reading = [asyncio.create_task(readers.read(PLAIN)) for _ in range(3)]
        await asyncio.sleep(0.05)
        first.kill()
        pages = await asyncio.gather(*reading)
        assert idle_reader(readers).process.pid != first.pid
    finally:
        await readers.aclose()
    assert [(page.article.title, page.cut) for page in pages] == [("A story", None)] * 3


async def test_of_documents_read_together_each_has_its_own_page(readers):
    said = [Document(story(f"Story {number}").encode(), "text/html", f"https://{number}.example/") for number in range(40)]
    said[7] = Document(b"", "text/html", None)
    pages = await asyncio.gather(*map(readers.read, said))
    assert pages.pop(7) == Unread("empty")
    assert [page.article.title for page in pages] == [f"Story {number}" for number in range(40) if number != 7]


async def test_a_long_document_is_held_once(readers):
    """What waits to be written to a reader is a portion, not the document once more."""
    await readers.read(PLAIN)
    reader = idle_reader(readers).process
    reading = asyncio.create_task(readers.read(Document(b"Some words of a long text.\n" * 300_000, None, None)))
    most = 0
    while not reading.done():
        most = max(most, reader.stdin.transport.get_write_buffer_size())
        await asyncio.sleep(0)
    assert most <= 4 * PORTION
    assert not isinstance(await reading, Unread)


async def test_a_list_that_is_too_much_is_unread_and_its_reader_replaced():
    feed = "<rss><channel><item>" + "<a>" * 200_000  # its reader takes time by the square of that
    readers = Readers(Limits(read_seconds=0.1), 1)
    try:
        page = await readers.read(Document(feed.encode(), None, None, read_as=ReadAs.FEED))
        assert isinstance(page, Unread)
        assert "took longer" in page.reason
        small = Document(
            b"<rss><channel><item><link>https://a.example/1</link></item></channel></rss>", None, None, read_as=ReadAs.FEED
        )
        page = await readers.read(small)
        assert [citation.url for citation in page.citations] == ["https://a.example/1"]
    finally:
        await readers.aclose()
