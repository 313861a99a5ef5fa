"""Bodies undone within bounds."""

import tracemalloc
import zlib

import httpx
import pytest

from crawler.web import bodies

pytestmark = pytest.mark.anyio

TEXT = b"<p>a page of some length, " * 400
GZIP = zlib.compress(TEXT, wbits=31)


async def read(body, *encodings, cap=1_000_000, size=1000):
    async def chunks():
        for start in range(0, len(body), size):
            yield body[start : start + size]

    layers = bodies.layers(encodings)
    assert layers is not None
    return await bodies.read(chunks(), layers, cap)


def gzip(data):
    return zlib.compress(data, wbits=31)


def raw_deflate(data):
    return zlib.compress(data, wbits=-15)


@pytest.mark.parametrize("size", [1, 7, 1000, 1_000_000])
@pytest.mark.parametrize(
    ("body", "encodings"),
    [
        (TEXT, ()),
        (TEXT, ("identity",)),
        (GZIP, ("gzip",)),
        (GZIP, ("x-gzip",)),
        (GZIP, ("GZip, identity",)),
        (GZIP[: len(GZIP)] + gzip(b""), ("gzip",)),
        (gzip(TEXT[:999]) + gzip(TEXT[999:]), ("gzip",)),
        (GZIP + b"GARBAGE", ("gzip",)),
        (zlib.compress(TEXT), ("deflate",)),
        (raw_deflate(TEXT), ("deflate",)),
        (gzip(GZIP), ("gzip", "gzip")),
        (gzip(zlib.compress(TEXT)), ("deflate, gzip",)),
        (TEXT, ("gzip",)),  # labelled, and not packed
    ],
)
async def test_a_body_comes_out_whole_however_it_is_packed_and_cut(body, encodings, size):
    assert await read(body, *encodings, size=size) == (TEXT, False)


@pytest.mark.parametrize(
    "encodings", [("br",), ("zstd",), ("rot13",), ("gzip", "br"), ("gzip",) * 3, ("gzip, gzip, gzip, gzip",)]
)
async def test_other_codings_and_more_than_two_layers_are_not_undone(encodings):
    assert bodies.layers(encodings) is None


@pytest.mark.parametrize("body", [GZIP[:-20], GZIP[:40], GZIP[:-8] + b"\0" * 8, GZIP[:40] + b"\0" * 500])
async def test_a_packed_body_that_breaks_off_or_is_damaged_is_no_body(body):
    with pytest.raises(httpx.DecodingError):
        await read(body, "gzip")


@pytest.mark.parametrize(
    ("body", "encodings"),
    [
        (gzip(b"\0" * 200_000_000), ("gzip",)),
        (gzip(gzip(b"\0" * 200_000_000)), ("gzip", "gzip")),
        (gzip(gzip(b"") * 400_000), ("gzip", "gzip")),  # nothing but empty members
        (gzip(b"") * 100_000, ("gzip",)),
    ],
    ids=["gzip", "gzip in gzip", "empty members within", "empty members"],
)
async def test_a_bomb_costs_no_more_than_the_cap(body, encodings):
    tracemalloc.start()
    content, _ = await read(body, *encodings, size=65_536)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(content) <= 1_000_000
    assert peak < 8_000_000


async def test_of_very_many_members_a_thousand_are_undone():
    content, _ = await read(gzip(b"x") * 2 * bodies.MAX_MEMBERS, "gzip")
    assert content == b"x" * bodies.MAX_MEMBERS


@pytest.mark.parametrize(("length", "truncated"), [(99, False), (100, False), (101, True)])
async def test_the_cap_is_exact(length, truncated):
    content, was_truncated = await read(gzip(b"x" * length), "gzip", cap=100)
    assert (len(content), was_truncated) == (min(length, 100), truncated)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/html",
        "TEXT/Plain; charset=x",
        "application/xhtml+xml",
        "application/rss+xml",
        "application/xml",
        "application/json",
        "application/ld+json",
    ],
)
def test_text_may_be_read(content_type):
    assert bodies.is_worth_reading(content_type)


@pytest.mark.parametrize("content_type", ["image/png", "application/pdf", "video/mp4", "application/octet-stream", "font/woff2"])
def test_what_is_no_text_is_left_where_it_is(content_type):
    assert not bodies.is_worth_reading(content_type)
