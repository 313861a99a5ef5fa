"""A web of redirects on loopback addresses, served by a process of its own from canned bytes.

The rest of a chain stands in its URL, so every host can answer every path: http://127.0.0.2:P/17/5.9 points on to
http://127.0.0.5:P/17/9, that to http://127.0.0.9:P/17/, and there is a page.
"""

from __future__ import annotations

import asyncio
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOSTS = range(2, 22)  # the last byte of their addresses: each is a host with its own connections and its own turn
MOST_HOPS = 4
SEED = 2016

ROBOTS = b"User-agent: *\nDisallow: /private/\n"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Piece {0}</title>
<meta property="og:type" content="article"></head><body><nav><a href="/">Home</a></nav><article><h1>Piece {0}</h1>
<p>The inquiry began on Tuesday with the question of who had known what, as <a href="/before/{0}">this newspaper reported</a>
at the time, and the lawyer of the city said that this was fast, but not unheard of in a port of that size.</p>
<blockquote class="twitter-tweet"><p lang="en" dir="ltr">Documents show
<a href="https://t.co/Hb4rWq7TzK">https://t.co/Hb4rWq7TzK</a></p>&mdash; Harbour Post (@harbourpost)
<a href="https://twitter.com/harbourpost/status/2033463852398728839">March 16, 2026</a></blockquote>
<p><strong>READ MORE: <a href="/more/{0}">Inspectors warned of blocked exits a year before the fire</a></strong></p>
<p>The hearing goes on Wednesday, when the manager of the warehouse is to speak about the log of that night.</p>
</article></body></html>"""


def links(count: int, port: int) -> Iterator[str]:
    """Yield so many short links, the same in every run; each begins a chain of its own, of one to four hops."""
    chance = random.Random(SEED)
    for number in range(count):
        first, *rest = chance.choices(HOSTS, k=chance.randint(1, MOST_HOPS))
        yield f"http://127.0.0.{first}:{port}/{number}/{'.'.join(map(str, rest))}"


@contextmanager
def serving() -> Iterator[int]:
    """Run the server in a process of its own for the length of the block; give its port."""
    with subprocess.Popen([sys.executable, str(Path(__file__))], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


class _Answering(asyncio.Protocol):
    """Answers each request as soon as its head is here; none has a body."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *requests, self._unread = (self._unread + data).split(b"\r\n\r\n")
        for request in requests:
            answer = _answer(request.split(b" ", 2)[1].decode(), self._port)
            self._transport.write(answer)  # type: ignore[attr-defined]


def _answer(target: str, port: int) -> bytes:
    if target == "/robots.txt":
        return _ok(b"text/plain", ROBOTS)
    _, number, chain = target.split("/")
    if not chain:
        return _ok(b"text/html; charset=utf-8", PAGE.format(number).encode())
    host, _, rest = chain.partition(".")
    return f"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.{host}:{port}/{number}/{rest}\r\nContent-Length: 0\r\n\r\n".encode()


def _ok(media_type: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (media_type, len(body), body)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    first = socket.create_server((f"127.0.0.{HOSTS[0]}", 0))
    port = first.getsockname()[1]
    doors = [first, *(socket.create_server((f"127.0.0.{host}", port)) for host in HOSTS[1:])]
    for door in doors:
        await loop.create_server(lambda: _Answering(port), sock=door)
    print(port, flush=True)
    await loop.create_future()


if __name__ == "__main__":
    asyncio.run(_serve())
