"""A stand-in web: loopback servers that answer for any host name by a scripted table.

    async with Standin({"http://a.example/": Answer(301, {"Location": "http://b.example/"}), …}) as web:
        client = Client(web.engine(), …)

A URL's script is an Answer, a list of them (the nth request gets the nth, the last repeats), or a function that is
handed the connection and may do to it what it likes. What stands in no table is 404. Names resolve to a public
address, and whatever address is dialled, a loopback server answers: TLS on 443 and 8443, plain on every other port.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Self

import ada_url

from crawler.web.engine import Engine, dial_tcp
from crawler.web.guard import Guard

PUBLIC = "93.184.216.34"
TLS_PORTS = (443, 8443)


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
    """Bytes as they are; then the connection is closed, reset, or left hanging."""

    data: bytes
    end: str = "close"  # "close", "reset", "hang", "keep"


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    url: str
    head: bytes

    @property
    def headers(self) -> list[tuple[str, str]]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines if line)]


Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Script = Answer | Raw | Act
Table = Mapping[str, Script | Sequence[Script]]


def page(title: str, *links: str) -> Answer:
    """Return a small article that links on."""
    anchors = "".join(f'<p><a href="{link}">{link}</a></p>' for link in links)
    return Answer(body=f"<!doctype html><title>{title}</title><article><h1>{title}</h1>{anchors}</article>".encode())


def to(location: str, status: int = 301) -> Answer:
    """Return a redirect."""
    return Answer(status, {"Location": location})


class Standin:
    """The web of one test; `requests` are those it got, in their order."""

    def __init__(self, table: Table, *, certificate: Path | None = None) -> None:
        self.table = table
        self.requests: list[Request] = []
        self.connections = 0
        self.sent = 0  # bytes, by functions that count them
        self._certificate = certificate
        self._met: Counter[str] = Counter()
        self.ports: dict[bool, int] = {}
        self._servers: list[asyncio.Server] = []
        self._at_work: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self._listen(None)
        if self._certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._certificate)
            await self._listen(context)
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()
        for task in self._at_work:
            task.cancel()
        await asyncio.gather(*self._at_work, return_exceptions=True)

    async def _listen(self, context: ssl.SSLContext | None) -> None:
        scheme = "https" if context else "http"

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)
            with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError):
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
            self.requests.append(Request(url, head))
            script = self._script(url)
            if isinstance(script, Answer):
                script = Raw(script.encoded(), "keep")
            if not isinstance(script, Raw):
                await script(reader, writer)
                return
            writer.write(script.data)
            await writer.drain()
            if script.end == "hang":
                await asyncio.sleep(3600)
            if script.end == "reset":
                writer.transport.abort()
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

    async def resolve(self, _host: str, _port: int) -> list[str]:
        """Return the address of every name there is."""
        return [PUBLIC]

    async def dial(self, _address: str, port: int) -> socket.socket:
        """Dial a network on which every address is this stand-in's."""
        return await dial_tcp("127.0.0.1", self.ports.get(port in TLS_PORTS, self.ports[False]))

    def engine(self, guard: Guard | None = None) -> Engine:
        """Return the real engine, guard and all, on that network."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody
        if self._certificate:
            context.load_verify_locations(self._certificate)
        return Engine(guard or Guard(), ssl_context=context, resolve=self.resolve, dial=self.dial)


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
