"""A web of redirects on loopback addresses, served by a process of its own from canned bytes.

The rest of a chain stands in its URL, so every host can answer every path: http://127.0.0.2:P/17/5.9 points on to
http://127.0.0.5:P/17/9, that to http://127.0.0.9:P/17/, and there is a page: an article, or with --small next to nothing.
With --tls it is https, by a certificate for all of these addresses that an authority of its own has signed.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
SMALL_PAGE = "<!doctype html><title>Piece {0}</title><p>Nothing is cited here."


@dataclass(frozen=True, slots=True)
class Web:
    """Where the server is, as a script's options say it."""

    port: int
    ca: str | None = None  # whom to trust; None: it is plain HTTP

    @property
    def options(self) -> list[str]:
        """What names this web to a script."""
        return ["--port", str(self.port), *(("--ca", self.ca) if self.ca else ())]

    @classmethod
    def of(cls, options: argparse.Namespace) -> Web:
        """Return the web that a script's options name."""
        return cls(options.port, options.ca)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what every side of resolution.py is told."""
    parser.add_argument("--links", type=int, required=True)
    parser.add_argument("--port", type=int, required=True, help="of a running server.py")
    parser.add_argument("--ca", help="the certificate of its authority, if it speaks TLS")
    parser.add_argument("--workers", type=int, required=True)


def links(count: int, web: Web) -> Iterator[str]:
    """Yield so many short links, the same in every run; each begins a chain of its own, of one to four hops."""
    chance = random.Random(SEED)
    for number in range(count):
        first, *rest = chance.choices(HOSTS, k=chance.randint(1, MOST_HOPS))
        yield f"http{'s' if web.ca else ''}://127.0.0.{first}:{web.port}/{number}/{'.'.join(map(str, rest))}"


@contextmanager
def serving(*, tls: bool = False, small: bool = False) -> Iterator[Web]:
    """Run the server in a process of its own for the length of the block; give where it is."""
    with tempfile.TemporaryDirectory() as folder:
        ca = _certify(Path(folder)) if tls else None
        command = [sys.executable, str(Path(__file__)), *(("--small",) if small else ()), *(("--tls", folder) if tls else ())]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            try:
                yield Web(int(process.stdout.readline()), ca)
            finally:
                process.kill()


def _certify(folder: Path) -> str:
    """Make an authority and a certificate for the hosts; return the path of the authority's own."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    (folder / "names").write_text("subjectAltName=" + ",".join(f"IP:127.0.0.{host}" for host in HOSTS))
    authority = ("-addext", "keyUsage=critical,keyCertSign")  # RFC 5280 §4.2.1.3, which Python 3.13 insists upon
    openssl("req", "-x509", *key, "-days", "2", "-subj", "/CN=benchmark", *authority, "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", *key, "-subj", "/CN=127.0.0.2", "-keyout", "server.key", "-out", "server.csr")
    signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names")
    openssl("x509", "-req", "-in", "server.csr", *signing, "-out", "server.pem")
    return str(folder / "ca.pem")


class _Answering(asyncio.Protocol):
    """Answers each request as soon as its head is here; none has a body."""

    def __init__(self, start: bytes, page: str) -> None:
        self._start = start
        self._page = page
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *requests, self._unread = (self._unread + data).split(b"\r\n\r\n")
        for request in requests:
            answer = self._answer(request.split(b" ", 2)[1])
            self._transport.write(answer)  # type: ignore[attr-defined]

    def _answer(self, target: bytes) -> bytes:
        if target == b"/robots.txt":
            return _ok(b"text/plain", ROBOTS)
        _, number, chain = target.split(b"/")
        if not chain:
            return _ok(b"text/html; charset=utf-8", self._page.format(number.decode()).encode())
        host, _, rest = chain.partition(b".")
        onward = self._start % (host, number, rest)
        return b"HTTP/1.1 301 Moved\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % onward


def _ok(media_type: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (media_type, len(body), body)


async def _serve(page: str, tls: Path | None) -> None:
    loop = asyncio.get_running_loop()
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls / "server.pem", tls / "server.key")
    first = socket.create_server((f"127.0.0.{HOSTS[0]}", 0))
    port = first.getsockname()[1]
    start = f"http{'s' if tls else ''}://127.0.0.%b:{port}/%b/%b".encode()
    doors = [first, *(socket.create_server((f"127.0.0.{host}", port)) for host in HOSTS[1:])]
    for door in doors:
        await loop.create_server(lambda: _Answering(start, page), sock=door, ssl=context)
    print(port, flush=True)
    await loop.create_future()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="let the pages cite nothing")
    parser.add_argument("--tls", type=Path, metavar="FOLDER", help="speak https by the server.pem and server.key in there")
    options = parser.parse_args()
    asyncio.run(_serve(SMALL_PAGE if options.small else PAGE, options.tls))


if __name__ == "__main__":
    main()
