"""Readers: whatever a document does to its reader, the run goes on."""

from __future__ import annotations

import asyncio
import time

import pytest

from crawler.core.model import Document, Limits, Page, Unread
from crawler.reading import Readers
from tests.webs import story

pytestmark = pytest.mark.anyio

PLAIN = Document(story("A story").encode(), "text/html", "https://a.example/")
# Nested lists take the parser quadratic time: this many, longer than anybody waits.
SLOW = Document(b"<ul><li>" * 200_000, "text/html", "https://b.example/")
# A tree of so many elements is larger than the reader may grow.
HUGE = Document(b"<p><a href=x>y</a>" * 1_500_000, "text/html", "https://c.example/")


@pytest.fixture
async def readers():
    made = Readers(Limits(read_seconds=1.5, read_bytes=400_000_000), count=2)
    yield made
    await made.aclose()


async def test_a_page_is_read(readers):
    page = await readers.read(PLAIN)
    assert isinstance(page, Page)
    assert page.article.title == "A story"


@pytest.mark.parametrize(
    ("bomb", "limits", "reasons"),
    [
        (SLOW, Limits(read_seconds=1.0), ("longer",)),
        (HUGE, Limits(read_seconds=20.0, read_bytes=250_000_000), ("memory", "died")),
    ],
    ids=["slow", "huge"],
)
async def test_a_bomb_is_unread_with_its_reason_and_the_next_page_is_read(bomb, limits, reasons):
    readers = Readers(limits, count=1)
    try:
        unread = await readers.read(bomb)
        assert isinstance(unread, Unread)
        assert any(reason in unread.reason for reason in reasons), unread.reason
        assert isinstance(await readers.read(PLAIN), Page)
    finally:
        await readers.aclose()


async def test_a_reader_that_is_killed_costs_one_document(readers):
    await readers.read(PLAIN)
    reader = readers._idle.get_nowait()
    readers._idle.put_nowait(reader)
    reader.kill()
    await asyncio.sleep(0.1)
    assert isinstance(await readers.read(PLAIN), Page | Unread)
    assert isinstance(await readers.read(PLAIN), Page)


async def test_the_loop_goes_on_while_a_bomb_is_read(readers):
    reading = asyncio.create_task(readers.read(SLOW))
    longest = 0.0
    while not reading.done():
        before = time.monotonic()
        await asyncio.sleep(0.01)
        longest = max(longest, time.monotonic() - before)
    assert longest < 1


async def test_more_documents_than_readers_take_turns(readers):
    pages = await asyncio.gather(*(readers.read(PLAIN) for _ in range(20)))
    assert all(isinstance(page, Page) for page in pages)
