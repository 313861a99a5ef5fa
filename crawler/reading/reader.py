"""One reader as the run has it: a process that is handed documents, gives back pages, and may die of any of them."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import Self

import msgspec

from crawler.core.model import Document, ReadAs
from crawler.core.settings import Limits
from crawler.errors import ReaderFault
from crawler.reading.messages import LENGTH_BYTES, LIST_PATIENCE, Question, Reply, framed, patience

PORTION = 65_536  # bytes sent at once: what a pipe takes
START_SECONDS = 60  # a machine at the end of its strength still starts a process in that time
# A reader's alarm counts processor time, so that a busy machine cuts no page short; by the clock it may take this much longer.
CLOCK_FACTOR, SPARE_SECONDS = 4, 1

_REPLIES = msgspec.msgpack.Decoder(list[Reply])


class LostError(Exception):
    """A document was too much for its reader; the message says in which way."""


class Reader:
    """A process that reads documents, some at a time, each with limits.read_seconds."""

    def __init__(self, process: asyncio.subprocess.Process, read_seconds: float) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("a reader is started with pipes")
        self.process = process
        self._questions, self._replies = process.stdin, process.stdout
        self._read_seconds = read_seconds

    @classmethod
    async def started(cls, limits: Limits, labels: tuple[str, ...]) -> Self:
        """Return a reader that waits for documents. Raises ReaderFault where none can be started."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "crawler.reading.process",
            str(limits.read_bytes),
            str(limits.read_seconds),
            msgspec.json.encode(labels).decode(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # the terminal's Ctrl-C is for the run, which lets its readers finish
        )
        reader = cls(process, limits.read_seconds)
        try:
            # Only a reader that is ready has a document's time begin: starting takes longer where many start at once.
            async with asyncio.timeout(START_SECONDS):
                await reader._answer()
        except (TimeoutError, asyncio.IncompleteReadError):
            await reader.end()
            raise ReaderFault("a process to read documents in could not be started") from None
        except BaseException:
            await reader.end()
            raise
        return reader

    @property
    def is_alive(self) -> bool:
        """Whether it may be handed another document."""
        return self.process.returncode is None

    async def ask(self, documents: list[Document], failure: str | None) -> list[Reply]:
        """Return the replies to documents; failure is what an earlier reader failed by.

        Raises LostError where one of them is too much.
        """
        seconds = sum(patience(document.read_as, failure) for document in documents) * self._read_seconds
        try:
            async with asyncio.timeout(seconds * CLOCK_FACTOR + SPARE_SECONDS):
                await self._send(documents, failure)
                return _REPLIES.decode(await self._answer())
        except TimeoutError:
            raise LostError(self._too_slow(documents)) from None
        except (asyncio.IncompleteReadError, OSError):
            status = await self.process.wait()
            reason = self._too_slow(documents) if status == -signal.SIGPROF else f"the reader died of it ({status})"
            raise LostError(reason) from None

    async def end(self) -> None:
        """Stop it, whatever it reads."""
        if self.is_alive:
            self.process.kill()
        await self.process.communicate()

    async def _send(self, documents: list[Document], failure: str | None) -> None:
        """Send documents, in portions so that no second copy of a long one is held on its way."""
        questions = [
            Question(len(d.content), d.media_type, d.url, d.truncated, failure, d.read_as, d.entry_limit) for d in documents
        ]
        *small, last = (memoryview(document.content) for document in documents)
        self._questions.write(b"".join((framed(msgspec.msgpack.encode(questions)), *small, last[:PORTION])))
        for start in range(PORTION, len(last), PORTION):
            await self._questions.drain()
            self._questions.write(last[start : start + PORTION])

    async def _answer(self) -> bytes:
        length = int.from_bytes(await self._replies.readexactly(LENGTH_BYTES))
        return await self._replies.readexactly(length)

    def _too_slow(self, documents: list[Document]) -> str:
        times = "" if documents[0].read_as is ReadAs.PAGE else f"{LIST_PATIENCE} times "
        return f"reading took longer than {times}limits.read_seconds ({self._read_seconds:g})"
