"""Bodies, read and decoded up to a cap: what a server sends decides nothing about our memory.

Only gzip and deflate are asked for and undone. httpx's own decoders hand a bomb over in one piece (809 bytes of
brotli make 1 GiB), so the raw stream is read and each step of decoding bounded.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import AsyncIterable, Iterable, Iterator
from contextlib import suppress

import httpx

from crawler.core import gzipped, sniffing

ACCEPT_ENCODING = "gzip, deflate"
PAGE_WANTED = "page_wanted"  # request extension: whether the body is read for its content; set when the head is known
MAX_LAYERS = 2
MAX_MEMBERS = 1000  # of one gzip body; a bomb may be made of empty ones
PIECE = 65_536  # bytes decoded in one step

# A sitemap may be a gzip file, whatever type a server gives those (sitemaps.org).
PACKED = re.compile(r"\.(?:xml|rss|atom|json|txt|csv)\.gz(?:$|[?#])", re.IGNORECASE)

_CHUNK = re.compile(rb"(?:\r?\n)?([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")

ZLIB, RAW = 15, -15  # zlib's wbits


class Arriving(httpx.AsyncByteStream):
    """A body of which one may ask whether all of it has come."""

    @property
    def is_here(self) -> bool:
        """Whether there is nothing left to wait for: its connection can be used again, read or not."""
        raise NotImplementedError


def is_worth_reading(content_type: str | None, path: str = "") -> bool:
    """Whether a body may hold text or links, by its type (text, HTML, XML, JSON, none), or by its path: a gzip file of those."""
    if PACKED.search(path):
        return True
    essence = sniffing.essence_of(content_type)
    kind, _, subtype = essence.partition("/")
    return not essence or kind == "text" or subtype.endswith(("xml", "json")) or subtype == "javascript"


def layers(content_encodings: Iterable[str]) -> tuple[str, ...] | None:
    """Return the encodings to undo, outermost first, or None where one is unknown to us or there are too many."""
    names = [name.strip().lower().removeprefix("x-") for value in content_encodings for name in value.split(",")]
    names = [name for name in reversed(names) if name and name != "identity"]
    return tuple(names) if len(names) <= MAX_LAYERS and all(name in ("gzip", "deflate") for name in names) else None


async def read(chunks: AsyncIterable[bytes], encodings: tuple[str, ...], cap: int) -> tuple[bytes, bool]:
    """Return the decoded body, and whether it went on past cap bytes (decoded or as sent) and was cut there.

    Raises httpx.DecodingError where the body isn't what its encodings say, or breaks off inside them.
    """
    decoders = [_Inflate(name, cap) for name in encodings]
    content = bytearray()
    sent = 0
    async for chunk in chunks:
        sent += len(chunk)
        for piece in _through(decoders, chunk):
            content += piece
            if len(content) > cap:
                break
        if len(content) > cap or sent > cap or any(decoder.is_over for decoder in decoders):
            del content[cap:]
            return bytes(content), True
    if any(decoder.is_open for decoder in decoders):
        raise httpx.DecodingError("the compressed body breaks off")
    return bytes(content), False


def decoded(content: bytes, encodings: tuple[str, ...], cap: int) -> tuple[bytes, bool]:
    """Return a body that is at hand, decoded as far as it can be, and whether it goes on past cap bytes and was cut there."""
    decoders = [_Inflate(name, cap) for name in encodings]
    body = bytearray()
    with suppress(httpx.DecodingError):  # what was kept of it may break off, or be decoded already
        for start in range(0, len(content), PIECE):
            for piece in _through(decoders, content[start : start + PIECE]):
                body += piece
            if len(body) > cap or any(decoder.is_over for decoder in decoders):
                break
    return bytes(body[:cap]), len(body) > cap


def unchunked(content: bytes) -> bytes:
    """Return what chunks hold (RFC 9112 §7.1); what is in none, though its head says so, as it is."""
    found = bytearray()
    at = 0
    while head := _CHUNK.match(content, at):
        size = int(head[1], 16)
        found += content[head.end() : head.end() + size]
        at = head.end() + size
        if not size:
            break
    return bytes(found) if at else content


def _through(decoders: list[_Inflate], chunk: bytes) -> Iterator[bytes]:
    if not decoders:
        yield chunk
        return
    for piece in decoders[0].feed(chunk):
        yield from _through(decoders[1:], piece)


class _Inflate:
    """One layer of gzip or deflate, undone in pieces of bounded size, up to cap bytes."""

    def __init__(self, name: str, cap: int) -> None:
        self._is_gzip = name == "gzip"
        self._left = cap
        self._members = 0
        self._head = b""  # too little yet to tell what begins
        self._decoder: zlib._Decompress | None = None
        self._is_plain = False  # labelled as compressed, and not: taken as it is
        self._is_done = False

    @property
    def is_over(self) -> bool:
        return self._left < 0

    @property
    def is_open(self) -> bool:
        return self._decoder is not None

    def feed(self, data: bytes) -> Iterator[bytes]:
        data, self._head = self._head + data, b""
        is_full = False  # more may come out though nothing more goes in
        while (data or is_full) and not self._is_done and not self.is_over:
            if self._is_plain:
                yield data
                return
            if self._decoder is None:
                if len(data) < len(gzipped.MAGIC):
                    self._head = data
                    return
                self._begin(data)
                continue
            try:
                piece = self._decoder.decompress(data, PIECE)
            except zlib.error as error:
                raise httpx.DecodingError(f"the body isn't the compressed one it says: {error}") from error
            data, is_full = self._decoder.unconsumed_tail, len(piece) == PIECE
            if self._decoder.eof:
                data, is_full = self._decoder.unused_data, False
                self._decoder = None
                self._is_done = not self._is_gzip or self._members >= MAX_MEMBERS
            self._left -= len(piece)
            yield piece

    def _begin(self, data: bytes) -> None:
        self._members += 1
        if not self._is_gzip:
            # RFC 9110 §8.4.1.2 means the zlib format (RFC 1950 §2.2); some servers send the bare stream.
            is_zlib = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._decoder = zlib.decompressobj(ZLIB if is_zlib else RAW)
        elif data.startswith(gzipped.MAGIC):
            self._decoder = zlib.decompressobj(gzipped.WBITS)
        else:
            self._is_plain = self._members == 1
            self._is_done = not self._is_plain  # what trails the last member is none of the page
