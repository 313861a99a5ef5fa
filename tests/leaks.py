"""Follow chains that end well and chains that break in every phase, and count what is left open.

Run as `python -m tests.leaks CHAINS`. One chain in ten is given up on its way. Prints what came out and the open files and
tasks before and after; exits 1 if a chain ended otherwise than it must, or anything is left.
"""

from __future__ import annotations

import asyncio
import gc
import random
import socket
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from crawler.core.model import Outcome, Url
from crawler.core.settings import Limits
from crawler.following import follow
from crawler.web.client import Client
from crawler.web.faults import UnknownHost
from crawler.web.politeness import Manners
from tests.fakes import FakeClock
from tests.standin import (
    BABBLING,
    CLOSING,
    HUSHED,
    REFUSING,
    RESETTING,
    SILENT,
    Answer,
    Drip,
    Flood,
    Raw,
    Script,
    Standin,
    certificate_for,
    page,
    to,
)

LIMITS = Limits(max_attempts=1, hop_seconds=3.0, body_bytes=100_000)
CONNECT_SECONDS = 1.5
AT_A_TIME = 64
HOSTS = 40  # of each kind of chain, so that they don't wait for each other's turns

HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = HTML + b"Transfer-Encoding: chunked\r\n\r\n"
PIECE = page("the piece")


@dataclass(frozen=True)
class Kind:
    """How a chain's second host answers, and how the chain must end."""

    answer: Script | list[Script]
    outcome: Outcome
    address: str | Exception | None = None  # None: as every host's
    scheme: str = "http"
    then: Script | list[Script] | None = None  # of a third URL, at the same host, over the connection that is kept
    stays_silent: bool = field(default=False)  # the name service doesn't answer


# How far an answer came when it broke; and what it would go on with, so that it never ends.
PHASES: dict[str, tuple[bytes, bytes, Outcome]] = {
    "the request": (b"", b"x" * 9000, Outcome.HTTP_ERROR),
    "the status line": (b"HTTP/1.1 200 ", b"x" * 9000, Outcome.HTTP_ERROR),
    "the head": (HTML, b"X-More: " + b"x" * 9000 + b"\r\n", Outcome.HTTP_ERROR),
    "the body": (HTML + b"Content-Length: 99999999\r\n\r\nab", b"x" * 65_536, Outcome.TOO_LARGE),
    "a body without length": (HTML + b"\r\nab", b"x" * 65_536, Outcome.TOO_LARGE),
    "a chunk": (CHUNKED + b"2\r\nab\r\n10000\r\nab", b"x" * 65_536, Outcome.HTTP_ERROR),
    "the chunks": (CHUNKED + b"2\r\nab\r\n", b"1000\r\n" + b"x" * 4096 + b"\r\n", Outcome.TOO_LARGE),
    "the trailer": (CHUNKED + b"2\r\nab\r\n0\r\n", b"X-More: " + b"x" * 9000 + b"\r\n", Outcome.HTTP_ERROR),
}
KINDS: dict[str, Kind] = {
    **{f"{end} in {phase}": Kind(Raw(begun, end), Outcome.UNREACHABLE) for phase, (begun, *_) in PHASES.items() for end in ("close", "half", "reset")},
    **{f"silence in {phase}": Kind(Raw(begun, "hang"), Outcome.TIMEOUT) for phase, (begun, *_) in PHASES.items()},
    **{f"a byte a second in {phase}": Kind(Drip(begun, more[:1], 0.9), Outcome.TIMEOUT) for phase, (begun, more, _) in PHASES.items()},
    **{f"no end to {phase}": Kind(Flood(begun, more), outcome) for phase, (begun, more, outcome) in PHASES.items()},
    # What comes without a length ends where the connection does (RFC 9112 §6.3), unless that is reset.
    "close in a body without length": Kind(Raw(HTML + b"\r\nab"), Outcome.ARRIVED),
    "half in a body without length": Kind(Raw(HTML + b"\r\nab", "half"), Outcome.ARRIVED),
    "a byte a second in the request": Kind(Drip(b"", b"H", 0.9), Outcome.TIMEOUT),
    "no chunk": Kind(Raw(CHUNKED + b"zz\r\nab\r\n"), Outcome.HTTP_ERROR),
    "a chunk without end": Kind(Raw(CHUNKED + b"2\r\nabcd\r\n0\r\n\r\n"), Outcome.HTTP_ERROR),
    "gzip that is none": Kind(Answer(headers={"Content-Encoding": "gzip"}, body=b"\x1f\x8b" + b"x" * 99), Outcome.HTTP_ERROR),
    "an endless redirect": Kind(Flood(b"HTTP/1.1 302 Found\r\nLocation: /z\r\n\r\n", b"x" * 65_536), Outcome.ARRIVED, then=PIECE),
    "an endless error": Kind(Flood(b"HTTP/1.1 404 Not Found\r\n\r\n", b"x" * 65_536), Outcome.GONE),
    # The name service, the dial, the handshake.
    "no such name": Kind(PIECE, Outcome.UNREACHABLE, UnknownHost("no such name")),
    "a silent name service": Kind(PIECE, Outcome.TIMEOUT, stays_silent=True),
    "nobody listens": Kind(PIECE, Outcome.UNREACHABLE, REFUSING),
    "nobody takes the connection": Kind(PIECE, Outcome.TIMEOUT, SILENT),
    "an inner address": Kind(PIECE, Outcome.REFUSED, "10.0.0.1"),
    "a handshake without an answer": Kind(PIECE, Outcome.TIMEOUT, HUSHED, "https"),
    "a handshake answered in HTTP": Kind(PIECE, Outcome.TLS_ERROR, BABBLING, "https"),
    "a handshake that is reset": Kind(PIECE, Outcome.UNREACHABLE, RESETTING, "https"),
    "a handshake that is closed": Kind(PIECE, Outcome.UNREACHABLE, CLOSING, "https"),
    "a certificate of another": Kind(PIECE, Outcome.TLS_ERROR, None, "https"),
    # The second question on one connection.
    "closed between two": Kind(Raw(to("/z").encoded()), Outcome.ARRIVED, then=PIECE),
    "closed at the second": Kind(to("/z"), Outcome.UNREACHABLE, then=Raw(b"")),
    "reset at the second": Kind(to("/z"), Outcome.UNREACHABLE, then=Raw(b"", "reset")),
    "silent at the second": Kind(to("/z"), Outcome.TIMEOUT, then=Raw(b"", "hang")),
    "rubbish at the second": Kind(to("/z"), Outcome.HTTP_ERROR, then=Raw(b"rubbish\r\n\r\n")),
    "two answers to the first": Kind(Raw(to("/z").encoded() + page("poison").encoded(), "keep"), Outcome.ARRIVED, then=PIECE),
    **{f"all well {number}": Kind(PIECE, Outcome.ARRIVED, then=None) for number in range(20)},
    **{f"two hops at one host {number}": Kind(to("/z"), Outcome.ARRIVED, then=PIECE) for number in range(20)},
}  # fmt: skip


def host(kind: int, number: int) -> str:
    return f"k{kind}-{number % HOSTS}.example"


def web_of_kinds() -> tuple[dict[str, Script | list[Script]], dict[str, list[list[str] | Exception]]]:
    """Return what every host answers, and the addresses of those that have another one."""
    table: dict[str, Script | list[Script]] = {}
    names: dict[str, list[list[str] | Exception]] = {}
    for index, kind in enumerate(KINDS.values()):
        for number in range(HOSTS):
            at = host(index, number)
            table[f"http://start-{at}/"] = to(f"{kind.scheme}://{at}/y")
            table[f"{kind.scheme}://{at}/y"] = kind.answer
            if kind.then:
                table[f"{kind.scheme}://{at}/z"] = kind.then
            if kind.address:
                names[at] = [kind.address if isinstance(kind.address, Exception) else [kind.address]]
    return table, names


def what_is_open() -> tuple[int, int]:
    """Return how many files this process has open, and how many tasks."""
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir())), len(asyncio.all_tasks())


def still_open(sockets: list[socket.socket]) -> int:
    return sum(sock.fileno() != -1 for sock in sockets)


async def follow_many(chains: int, seed: int = 2016) -> tuple[Counter[Outcome], list[str]]:
    """Follow so many chains, AT_A_TIME; return how they ended, and what was wrong with those that ended otherwise."""
    chance = random.Random(seed)
    order = [(index, number) for number in range(1 + chains // len(KINDS)) for index in range(len(KINDS))][:chains]
    chance.shuffle(order)
    kinds = list(KINDS.items())
    silent = {host(index, number) for index, kind in enumerate(KINDS.values()) if kind.stays_silent for number in range(HOSTS)}
    ended: Counter[Outcome] = Counter()
    wrong: list[str] = []
    table, names = web_of_kinds()
    with tempfile.TemporaryDirectory() as folder:
        certificate = certificate_for(["stranger.example"], Path(folder))
        async with Standin(table, certificate=certificate, names=names) as web:
            resolve = web.resolve

            async def resolve_or_not(name: str, port: int) -> list[str]:
                if name in silent:
                    await asyncio.sleep(3600)
                return await resolve(name, port)

            dialled: list[socket.socket] = []

            async def dial(address: str, port: int) -> socket.socket:
                dialled.append(await dial_into_web(address, port))
                return dialled[-1]

            dial_into_web, web.dial = web.dial, dial  # type: ignore[method-assign]
            web.resolve = resolve_or_not  # type: ignore[method-assign]
            clock = FakeClock()
            engine = web.engine(connect_seconds=CONNECT_SECONDS)
            client = Client(engine, clock=clock, limits=LIMITS, manners=Manners(seconds_between=0.0, obey_robots=False))

            async def work() -> None:
                while order:
                    index, number = order.pop()
                    name, kind = kinds[index]
                    chain = asyncio.ensure_future(
                        follow(Url(f"http://start-{host(index, number)}/"), client.fetch, LIMITS, clock)
                    )
                    if chance.random() < 0.1:
                        await asyncio.sleep(chance.random() * 0.02)
                        chain.cancel()
                        await asyncio.wait([chain])
                        continue
                    resolution, _ = await chain
                    ended[resolution.outcome] += 1
                    if resolution.outcome is not kind.outcome:
                        wrong.append(f"{name}: {resolution.outcome}, not {kind.outcome}: {resolution.detail}")

            await asyncio.gather(*(work() for _ in range(AT_A_TIME)))
            # Our ends alone, while the other ends are still there: what we forget would be closed with them.
            await asyncio.sleep(0)
            if (left := still_open(dialled)) > (kept := len(engine._kept)):
                wrong.append(f"{left} connections open, where {kept} are kept")
            await client.aclose()
            if left := still_open(dialled):
                wrong.append(f"{left} connections of {len(dialled)} left open")
    return ended, wrong


async def leaks(chains: int) -> int:
    """Follow chains and report; return how much was wrong."""
    before, started = what_is_open(), time.monotonic()
    ended, wrong = await follow_many(chains)
    seconds = time.monotonic() - started
    for _ in range(500):  # the stand-in closes its ends, too
        after = what_is_open()
        if after <= before:
            break
        await asyncio.sleep(0.02)
    left = sum(max(0, now - then) for now, then in zip(after, before, strict=True))
    print(
        f"{chains} chains in {seconds:.0f} s, {len(KINDS)} kinds: "
        + ", ".join(f"{count} {outcome}" for outcome, count in ended.most_common())
    )
    print(f"open files {before[0]} before and {after[0]} after, tasks {before[1]} and {after[1]}")
    for line in wrong:
        print(f"WRONG {line}")
    return left + len(wrong)


if __name__ == "__main__":
    sys.exit(1 if asyncio.run(leaks(int(sys.argv[1]))) else 0)
