"""Reading untrusted documents where they can do no harm: in a process of their own, bounded in memory and time.

A page of 70 kB can take an HTML parser to gigabytes, and a smaller one can crash it. Whatever happens to the reader, the
run gets an Unread with the reason, and the next document a fresh reader.
"""

from __future__ import annotations

import asyncio
import math
import resource
import signal
import sys
from dataclasses import dataclass
from typing import BinaryIO

import msgspec

from crawler.core.model import Document, Limits, Page, Unread
from crawler.errors import ReaderFault

LENGTH_BYTES = 4
SPARE_SECONDS = 2  # by which a reader outlives its deadline, if the run that would stop it was killed


@dataclass(frozen=True, slots=True)
class _Reply:
    page: Page | None = None
    unread: str | None = None
    fault: str | None = None


class Readers:
    """A few reader processes, each started when first needed."""

    def __init__(self, limits: Limits, count: int) -> None:
        self._limits = limits
        self._idle: asyncio.LifoQueue[asyncio.subprocess.Process | None] = asyncio.LifoQueue()
        for _ in range(count):
            self._idle.put_nowait(None)
        self._decoder = msgspec.msgpack.Decoder(_Reply)

    async def read(self, document: Document) -> Page | Unread:
        """Return what a document says, or why it can't be read. Raises ReaderFault where that is our mistake."""
        reader = await self._idle.get()
        try:
            if reader is None or reader.returncode is not None:
                reader = await self._start()
            async with asyncio.timeout(self._limits.read_seconds):
                reply = self._decoder.decode(await _ask(reader, msgspec.msgpack.encode(document)))
        except TimeoutError:
            return Unread(f"reading took longer than limits.read_seconds ({self._limits.read_seconds:g})")
        except (asyncio.IncompleteReadError, OSError):
            return Unread("the reader died of it")
        else:
            idle, reader = reader, None
            self._idle.put_nowait(idle)
            if reply.fault:
                raise ReaderFault(f"our reader made a mistake ({reply.fault}); please report it, with the document")
            return reply.page or Unread(reply.unread or "no reason given")
        finally:
            if reader is not None:
                await _end(reader)
                self._idle.put_nowait(None)

    async def _start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "crawler.reading",
            str(self._limits.read_bytes),
            str(math.ceil(self._limits.read_seconds) + SPARE_SECONDS),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # the terminal's Ctrl-C is for the run, which lets its readers finish
        )

    async def aclose(self) -> None:
        """Stop every reader."""
        while not self._idle.empty():
            if (reader := self._idle.get_nowait()) is not None:
                await _end(reader)


async def _ask(reader: asyncio.subprocess.Process, message: bytes) -> bytes:
    if reader.stdin is None or reader.stdout is None:
        raise RuntimeError("a reader is started with pipes")
    reader.stdin.write(len(message).to_bytes(LENGTH_BYTES) + message)
    await reader.stdin.drain()
    length = int.from_bytes(await reader.stdout.readexactly(LENGTH_BYTES))
    return await reader.stdout.readexactly(length)


async def _end(reader: asyncio.subprocess.Process) -> None:
    if reader.returncode is None:
        reader.kill()
    await reader.communicate()


def _serve(requests: BinaryIO, replies: BinaryIO, memory_bytes: int, seconds: int) -> None:
    """Read document after document until the pipe is closed."""
    from selectolax.lexbor import SelectolaxError  # noqa: PLC0415 - only the reader needs the HTML parser

    from crawler.core import documents  # noqa: PLC0415

    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    decoder = msgspec.msgpack.Decoder(Document)
    while length := requests.read(LENGTH_BYTES):
        document = decoder.decode(requests.read(int.from_bytes(length)))
        signal.alarm(seconds)
        try:
            read = documents.read(document)
        except (MemoryError, SelectolaxError):  # the second is how the parser says that it got no memory
            answer = _Reply(unread="reading took more memory than limits.read_bytes")
        except Exception as error:  # noqa: BLE001 - told to the run, which counts it as a fault of ours
            answer = _Reply(fault=f"{type(error).__name__}: {error}")
        else:
            answer = _Reply(unread=read.reason) if isinstance(read, Unread) else _Reply(page=read)
        reply = msgspec.msgpack.encode(answer)
        signal.alarm(0)
        replies.write(len(reply).to_bytes(LENGTH_BYTES) + reply)
        replies.flush()


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer, int(sys.argv[1]), int(sys.argv[2]))
