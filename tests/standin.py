"""A stand-in web: loopback servers that answer for any host name by a scripted table.

    async with Standin({"http://a.example/": Answer(301, {"Location": "http://b.example/"}), …}) as web:
        client = Client(web.engine(), …)

A URL's script is an Answer, a list of them (the nth request gets the nth, the last repeats), or a function that is
handed the connection and may do to it what it likes. What stands in no table is 404. Names resolve to a public
address, if `names` says nothing else, and whatever address is dialled, a loopback server answers: TLS on 443 and 8443,
plain on every other port. A few addresses are bad: see AT_ACCEPT, REFUSING, SILENT.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import struct
import subprocess
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Self

import ada_url

from crawler.web.engine import CONNECT_SECONDS, Engine, dial_tcp
from crawler.web.guard import Guard

PUBLIC = "93.184.216.34"
TLS_PORTS = (443, 8443)
REFUSING = "93.184.216.35"  # nobody listens
SILENT = "93.184.216.36"  # nobody takes the connection
HUSHED, BABBLING, RESETTING, CLOSING = (f"93.184.216.{last}" for last in range(37, 41))


@dataclass(frozen=True)
class Answer:
    """A well-formed answer, its length given."""

    status: int = 200
    headers: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    body: bytes = b""

    def encoded(self) -> bytes:
        try:
            phrase = HTTPStatus(self.status).phrase
        except ValueError:
            phrase = ""
        lines = [f"HTTP/1.1 {self.status} {phrase}"]
        for name, values in {"Content-Type": "text/html; charset=utf-8", **self.headers}.items():
            lines += [f"{name}: {value}" for value in ([values] if isinstance(values, str) else values)]
        if not {name.lower() for name in self.headers} & {"content-length", "transfer-encoding"} and self.status != 204:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + self.body


@dataclass(frozen=True)
class Raw:
    """Bytes as they are; then the connection is closed, closed on our side only, reset, or left hanging."""

    data: bytes
    end: str = "close"  # "close", "half", "reset", "hang", "keep"


# What is said at these addresses, on every port, before anything is asked.
AT_ACCEPT = {
    HUSHED: Raw(b"", "hang"),
    BABBLING: Raw(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    RESETTING: Raw(b"", "reset"),
    CLOSING: Raw(b""),
}


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    url: str
    head: bytes

    @property
    def headers(self) -> list[tuple[str, str]]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines if line)]


@dataclass(frozen=True)
class Gate:
    """A page that shows itself to who brings a cookie."""

    cookie: str
    inside: Answer
    outside: Answer


@dataclass(frozen=True)
class Drip:
    """A head, and then a few bytes at a time for ever."""

    head: bytes
    drop: bytes = b"x"
    seconds: float = 0.05

    async def __call__(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self.head)
        while True:
            writer.write(self.drop)
            await writer.drain()
            await asyncio.sleep(self.seconds)


@dataclass(frozen=True)
class Flood:
    """A head, and then a block for ever, as fast as it is read."""

    head: bytes
    block: bytes

    async def __call__(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self.head)
        while True:
            writer.write(self.block)
            await writer.drain()
            await asyncio.sleep(0)  # drain gives no one else a turn while the sockets have room


Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Script = Answer | Raw | Gate | Act
Table = Mapping[str, Script | Sequence[Script]]
Names = Mapping[str, Sequence[Sequence[str] | Exception]]
"""The addresses of a host, or why there are none: by the nth lookup, the last repeats."""


def page(title: str, *links: str) -> Answer:
    """Return a small article that links on."""
    anchors = "".join(f'<p><a href="{link}">{link}</a></p>' for link in links)
    return Answer(body=f"<!doctype html><title>{title}</title><article><h1>{title}</h1>{anchors}</article>".encode())


def to(location: str, status: int = 301) -> Answer:
    """Return a redirect."""
    return Answer(status, {"Location": location})


class Standin:
    """The web of one test; `requests` are those it got, in their order."""

    def __init__(self, table: Table, *, certificate: Path | None = None, names: Names | None = None) -> None:
        self.table = table
        self.names = names or {}
        self.requests: list[Request] = []
        self.connections = 0
        self.sent = 0  # bytes, by functions that count them
        self._certificate = certificate
        self._met: Counter[str] = Counter()
        self._looked_up: Counter[str] = Counter()
        self.ports: dict[bool, int] = {}
        self._bad_ports: dict[str, int] = {}
        self._idle: list[socket.socket] = []  # that keep the line of SILENT full
        self._servers: list[asyncio.Server] = []
        self._at_work: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self._listen(None)
        if self._certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._certificate)
            await self._listen(context)
        answers = [answer for lookups in self.names.values() for answer in lookups if not isinstance(answer, Exception)]
        for address in {address for answer in answers for address in answer}:
            if address in AT_ACCEPT:
                await self._listen_badly(address)
            if address in (REFUSING, SILENT):
                self._do_not_listen(address)
        return self

    async def __aexit__(self, *_: object) -> None:
        for _ in range(5):  # a server that is closed while it accepts would leave the connection open
            await asyncio.sleep(0)
        for server in self._servers:
            server.close()
        for task in self._at_work:
            task.cancel()
        await asyncio.gather(*self._at_work, return_exceptions=True)
        await asyncio.sleep(0)  # in which their transports close
        for idle in self._idle:
            idle.close()

    async def _listen_badly(self, address: str) -> None:
        async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with self._working():
                await _send(AT_ACCEPT[address], writer)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        self._servers.append(server)
        self._bad_ports[address] = server.sockets[0].getsockname()[1]

    def _do_not_listen(self, address: str) -> None:
        bound = socket.socket()
        self._idle.append(bound)
        bound.bind(("127.0.0.1", 0))
        self._bad_ports[address] = bound.getsockname()[1]
        if address == SILENT:  # the kernel drops what is more than the line holds
            bound.listen(0)
            for _ in range(3):
                waiting = socket.socket()
                self._idle.append(waiting)
                waiting.setblocking(False)
                waiting.connect_ex(bound.getsockname())

    @contextmanager
    def _working(self) -> Iterator[None]:
        task = asyncio.current_task()
        assert task
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError):
            yield

    async def _listen(self, context: ssl.SSLContext | None) -> None:
        scheme = "https" if context else "http"

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with self._working():
                await self._serve(scheme, reader, writer)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        self._servers.append(server)
        self.ports[context is not None] = server.sockets[0].getsockname()[1]

    async def _serve(self, scheme: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while head := await reader.readuntil(b"\r\n\r\n"):
            target = head.split(b" ", 2)[1].decode("latin-1")
            host = next(line[5:].strip() for line in head.decode("latin-1").split("\r\n") if line.lower().startswith("host:"))
            url = f"{scheme}://{host}{target}"
            request = Request(url, head)
            self.requests.append(request)
            script = self._script(url)
            if isinstance(script, Gate):
                is_known = script.cookie in dict(request.headers).get("Cookie", "").split("; ")
                script = script.inside if is_known else script.outside
            if isinstance(script, Answer):
                script = Raw(script.encoded(), "keep")
            if not isinstance(script, Raw):
                await script(reader, writer)
                return
            await _send(script, writer)
            if script.end != "keep":
                return

    def _script(self, url: str) -> Script:
        script = self.table.get(url, Answer(404))
        if isinstance(script, Sequence):
            script = script[min(self._met[url], len(script) - 1)]
        self._met[url] += 1
        return script

    def asked(self, *, robots: bool = False) -> list[str]:
        """Return the URLs asked for."""
        return [request.url for request in self.requests if robots or not request.url.endswith("/robots.txt")]

    async def resolve(self, host: str, _port: int) -> list[str]:
        """Return the addresses of a host: as `names` has them, else the one of every name there is."""
        answers = self.names.get(host, [[PUBLIC]])
        answer = answers[min(self._looked_up[host], len(answers) - 1)]
        self._looked_up[host] += 1
        if isinstance(answer, Exception):
            raise answer
        return list(answer)

    async def dial(self, address: str, port: int) -> socket.socket:
        """Dial a network on which every address is this stand-in's."""
        loopback = self._bad_ports.get(address, self.ports.get(port in TLS_PORTS, self.ports[False]))
        return await dial_tcp("127.0.0.1", loopback)

    def engine(self, guard: Guard | None = None, connect_seconds: float = CONNECT_SECONDS) -> Engine:
        """Return the real engine, guard and all, on that network."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody
        if self._certificate:
            context.load_verify_locations(self._certificate)
        return Engine(
            guard or Guard(), ssl_context=context, resolve=self.resolve, dial=self.dial, connect_seconds=connect_seconds
        )


async def _send(script: Raw, writer: asyncio.StreamWriter) -> None:
    writer.write(script.data)
    await writer.drain()
    if script.end == "half":
        writer.write_eof()
    if script.end in ("hang", "half"):
        await asyncio.sleep(3600)
    if script.end == "reset":  # not closed: with no time to linger, RST is sent
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()


def hosts_of(table: Table) -> list[str]:
    """Return the host names that a table answers for."""
    return sorted({ada_url.URL(url).hostname for url in table})


def certificate_for(hosts: Iterable[str], folder: Path) -> Path | None:
    """Write a self-signed certificate and its key for hosts, in one file; None where there is no openssl to make it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        return None
    path = folder / "certificate.pem"
    names = ",".join(f"DNS:{host}" for host in hosts)
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=stand-in", "-addext", f"subjectAltName={names}", "-keyout", str(folder / "key.pem")]
    made = subprocess.run([*command, "-out", str(folder / "cert.pem")], check=True, capture_output=True)
    assert made.returncode == 0
    path.write_bytes((folder / "cert.pem").read_bytes() + (folder / "key.pem").read_bytes())
    return path
