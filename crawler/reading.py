"""Reading untrusted documents where they can do no harm: in a process of their own, bounded in memory and time.

A page of 70 kB can take an HTML parser to gigabytes, and a smaller one can crash it. Whatever happens to the reader, the
document is then taken a second time, by a fresh one and without a parser, and its page says what that left out.
"""

from __future__ import annotations

import asyncio
import resource
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from crawler.core.bounds import bounded, nothing_of, sayable
from crawler.core.model import Document, Page, ReadAs, Unread
from crawler.core.settings import Limits
from crawler.errors import ReaderFault

if TYPE_CHECKING:
    from crawler.core.marks import Marks

LENGTH_BYTES = 4
PORTION = 65_536  # bytes sent at once: what a pipe takes
SMALL = 16_384  # bytes; what is no longer goes to a reader together with others that come at about the same time
MOST_TOGETHER = 16
COMPANY_SECONDS = 0.005  # that a small document waits for others
MOST_REPLY = 16_000_000  # bytes of a page; more than so many citations of a reasonable length can make
START_SECONDS = 60  # a machine at the end of its strength still starts a process in that time
LIST_PATIENCE = 10  # times as long as a page a list may take: feeds of 10,000 entries are known, and named by the user
# Times as long as a reader a scan may take; it tries to be done in a third of that. Both, and their starts, take 5 s by default.
SCAN_PATIENCE = 1.5
# A reader's alarm counts processor time, so that a busy machine cuts no page short; by the clock it may take this much longer.
CLOCK_FACTOR, SPARE_SECONDS = 4, 1


@dataclass(frozen=True, slots=True)
class _Question:
    """What a reader is told before it is sent a document's bytes."""

    length: int
    media_type: str | None
    url: str | None
    truncated: bool
    failure: str | None  # of an earlier reader; then this one is to read without a parser
    read_as: ReadAs
    entry_limit: int


@dataclass(frozen=True, slots=True)
class _Reply:
    page: Page | None = None
    unread: str | None = None
    failure: str | None = None  # the document was too much
    fault: str | None = None  # a mistake of ours


class _LostError(Exception):
    """A document was too much for its reader; the message says in which way."""


class Readers:
    """A few reader processes, each started when first needed."""

    def __init__(self, limits: Limits, count: int, labels: tuple[str, ...] = ()) -> None:
        self._limits = limits
        self._labels = labels
        self._idle: asyncio.LifoQueue[asyncio.subprocess.Process | None] = asyncio.LifoQueue()
        for _ in range(count):
            self._idle.put_nowait(None)
        self._decoder = msgspec.msgpack.Decoder(list[_Reply])
        self._company: list[tuple[Document, asyncio.Future[Page | Unread]]] = []  # waits for more small documents
        self._departure: asyncio.TimerHandle | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    async def read(self, document: Document) -> Page | Unread:
        """Return what a document says, or why it is no text. Raises ReaderFault where a mistake of ours prevents that.

        What was too much for a reader has a page all the same, and its `cut` says what is missing.
        """
        document = _within(document, self._limits.body_bytes)
        if len(document.content) > SMALL or document.read_as is not ReadAs.PAGE:
            return await self._read_alone(document)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Page | Unread] = loop.create_future()
        self._company.append((document, answer))
        if len(self._company) >= MOST_TOGETHER:
            self._depart()
        elif self._departure is None:
            self._departure = loop.call_later(COMPANY_SECONDS, self._depart)
        return await answer

    def _depart(self) -> None:
        """Send the small documents that wait to a reader, together: handing one over takes longer than reading it."""
        if self._departure:
            self._departure.cancel()
        company, self._company, self._departure = self._company, [], None
        task = asyncio.create_task(self._read_together(company))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _read_together(self, company: list[tuple[Document, asyncio.Future[Page | Unread]]]) -> None:
        try:
            pages: list[Page | Unread] = await self._ask([document for document, _ in company], None)
        except (_LostError, ReaderFault):  # by one of them: each has its own reader's time, and its own end
            for document, answer in company:
                try:
                    _tell(answer, await self._read_alone(document))
                except ReaderFault as fault:
                    _tell(answer, fault)
        else:
            for (_, answer), page in zip(company, pages, strict=True):
                _tell(answer, page)

    async def _read_alone(self, document: Document) -> Page | Unread:
        try:
            return (await self._ask([document], None))[0]
        except _LostError as failure:
            if document.read_as is not ReadAs.PAGE:
                return Unread(str(failure))
            try:
                return (await self._ask([document], str(failure)))[0]
            except _LostError as last:
                return nothing_of(document, f"{failure}; without a parser, {last}")

    async def _ask(self, documents: list[Document], failure: str | None) -> list[Page | Unread]:
        reader = await self._idle.get()
        fit: asyncio.subprocess.Process | None = None  # to read another document
        try:
            if reader is None or reader.returncode is not None:
                reader = await self._start()
            replies = await self._replies(reader, documents, failure)
            fit = None if any(reply.failure for reply in replies) else reader
        finally:
            self._idle.put_nowait(fit)
            if reader is not None and fit is None:
                await _end(reader)
        pages: list[Page | Unread] = []
        for reply in replies:
            if reply.failure:
                raise _LostError(reply.failure)
            if reply.fault:
                raise ReaderFault(f"our reader made a mistake ({reply.fault}); please report it, with the document")
            pages.append(reply.page or Unread(reply.unread or "no reason given"))
        return pages

    async def _replies(self, reader: asyncio.subprocess.Process, documents: list[Document], failure: str | None) -> list[_Reply]:
        try:
            patience = sum(_patience(document, failure) for document in documents)
            async with asyncio.timeout(patience * self._limits.read_seconds * CLOCK_FACTOR + SPARE_SECONDS):
                return self._decoder.decode(await _exchange(reader, documents, failure))
        except TimeoutError:
            raise _LostError(self._too_slow(documents)) from None
        except (asyncio.IncompleteReadError, OSError):
            status = await reader.wait()
            too_slow = self._too_slow(documents)
            raise _LostError(too_slow if status == -signal.SIGPROF else f"the reader died of it ({status})") from None

    def _too_slow(self, documents: list[Document]) -> str:
        times = "" if documents[0].read_as is ReadAs.PAGE else f"{LIST_PATIENCE} times "
        return f"reading took longer than {times}limits.read_seconds ({self._limits.read_seconds:g})"

    async def _start(self) -> asyncio.subprocess.Process:
        reader = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "crawler.reading",
            str(self._limits.read_bytes),
            str(self._limits.read_seconds),
            msgspec.json.encode(self._labels).decode(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # the terminal's Ctrl-C is for the run, which lets its readers finish
        )
        try:
            # Only a reader that is ready has a document's time begin: starting takes longer where many start at once.
            async with asyncio.timeout(START_SECONDS):
                await _answer(reader)
        except (TimeoutError, asyncio.IncompleteReadError):
            await _end(reader)
            raise ReaderFault("a process to read documents in could not be started") from None
        except BaseException:
            await _end(reader)
            raise
        return reader

    async def aclose(self) -> None:
        """Stop every reader, whatever it reads."""
        if self._departure:
            self._departure.cancel()
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        while not self._idle.empty():
            if (reader := self._idle.get_nowait()) is not None:
                await _end(reader)


def _patience(document: Document, failure: str | None) -> float:
    if document.read_as is not ReadAs.PAGE:
        return LIST_PATIENCE
    return 1 if failure is None else SCAN_PATIENCE


def _within(document: Document, most: int) -> Document:
    if len(document.content) <= most:
        return document
    return replace(document, content=document.content[:most], truncated=True)


def _tell(answer: asyncio.Future[Page | Unread], result: Page | Unread | ReaderFault) -> None:
    if answer.done():  # whoever asked has gone
        return
    if isinstance(result, ReaderFault):
        answer.set_exception(result)
    else:
        answer.set_result(result)


async def _exchange(reader: asyncio.subprocess.Process, documents: list[Document], failure: str | None) -> bytes:
    """Send documents, in portions so that no second copy of a long one is held on its way; return the answer."""
    if reader.stdin is None:
        raise RuntimeError("a reader is started with pipes")
    questions = [
        _Question(len(d.content), d.media_type, d.url, d.truncated, failure, d.read_as, d.entry_limit) for d in documents
    ]
    message = msgspec.msgpack.encode(questions)
    *small, last = (memoryview(document.content) for document in documents)
    reader.stdin.write(b"".join((len(message).to_bytes(LENGTH_BYTES), message, *small, last[:PORTION])))
    for start in range(PORTION, len(last), PORTION):
        await reader.stdin.drain()
        reader.stdin.write(last[start : start + PORTION])
    return await _answer(reader)


async def _answer(reader: asyncio.subprocess.Process) -> bytes:
    if reader.stdout is None:
        raise RuntimeError("a reader is started with pipes")
    length = int.from_bytes(await reader.stdout.readexactly(LENGTH_BYTES))
    return await reader.stdout.readexactly(length)


async def _end(reader: asyncio.subprocess.Process) -> None:
    if reader.returncode is None:
        reader.kill()
    await reader.communicate()


def _serve(questions: BinaryIO, replies: BinaryIO, memory_bytes: int, seconds: float, labels: tuple[str, ...]) -> None:
    """Read document after document until the pipe is closed."""
    from crawler.core import documents  # noqa: F401, PLC0415 - only a reader needs the HTML parser, and before it is ready
    from crawler.core.marks import marks_with  # noqa: PLC0415

    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    decoder = msgspec.msgpack.Decoder(list[_Question])
    marks = marks_with(labels)
    message = b""  # says that this reader is ready
    while True:
        replies.write(len(message).to_bytes(LENGTH_BYTES) + message)
        replies.flush()
        if not (length := questions.read(LENGTH_BYTES)):
            return
        asked = decoder.decode(questions.read(int.from_bytes(length)))
        held = [
            Document(questions.read(one.length), one.media_type, one.url, one.truncated, one.read_as, one.entry_limit)
            for one in asked
        ]
        answers = [_timed(one.failure, document, marks, seconds) for one, document in zip(asked, held, strict=True)]
        message = msgspec.msgpack.encode([msgspec.Raw(answer) for answer in answers])


def _timed(failure: str | None, document: Document, marks: Marks, seconds: float) -> bytes:
    """Return the reply to a document; its alarm ends the process, wherever that is."""
    # A scan looks at the time by itself, and has its alarm for the worst case.
    signal.setitimer(signal.ITIMER_PROF, _patience(document, failure) * seconds)
    reply = _encoded(_read(document, marks, failure, _late_in(seconds / 2)))
    if len(reply) > MOST_REPLY:
        reply = _encoded(_Reply(failure=f"its record would take more than {MOST_REPLY:,} bytes"))
    signal.setitimer(signal.ITIMER_PROF, 0)
    return reply


def _encoded(reply: _Reply) -> bytes:
    try:
        return msgspec.msgpack.encode(reply)
    except UnicodeEncodeError:
        return msgspec.msgpack.encode(sayable(reply))


def _late_in(seconds: float) -> Callable[[], bool]:
    end = time.process_time() + seconds
    return lambda: time.process_time() > end


def _read(document: Document, marks: Marks, failure: str | None, is_late: Callable[[], bool]) -> _Reply:
    from selectolax.lexbor import SelectolaxError  # noqa: PLC0415

    from crawler.core import documents  # noqa: PLC0415

    try:
        page = documents.read(document, marks) if failure is None else documents.read_without_parser(document, failure, is_late)
    except (MemoryError, SelectolaxError):  # the second is how the parser says that it got no memory
        return _Reply(failure="reading took more memory than limits.read_bytes")
    except Exception as error:  # noqa: BLE001 - told to the run, which counts it as a fault of ours
        return _Reply(fault=f"{type(error).__name__}: {error}")
    if isinstance(page, Unread):
        return _Reply(unread=page.reason)
    # A list is bounded by its source's own limit.
    return _Reply(page=page if page.read_as is not ReadAs.PAGE else bounded(page, truncated=document.truncated))


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer, int(sys.argv[1]), float(sys.argv[2]), tuple(msgspec.json.decode(sys.argv[3])))
