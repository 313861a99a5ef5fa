"""The process in which documents are read, one after the other: python -m crawler.reading.process."""

from __future__ import annotations

import resource
import signal
import sys
import time
from collections.abc import Callable
from typing import BinaryIO

import msgspec
from selectolax.lexbor import SelectolaxError

from crawler.core import documents
from crawler.core.bounds import bounded, sayable
from crawler.core.marks import Marks, marks_with
from crawler.core.model import Document, ReadAs, Unread
from crawler.reading.messages import LENGTH_BYTES, Question, Reply, framed, patience

MOST_REPLY = 16_000_000  # bytes of a page; more than so many citations of a reasonable length can make


def serve(questions: BinaryIO, replies: BinaryIO, *, memory_bytes: int, seconds: float, labels: tuple[str, ...]) -> None:
    """Read document after document until the pipe is closed."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    decoder = msgspec.msgpack.Decoder(list[Question])
    marks = marks_with(labels)
    message = b""  # says that this reader is ready
    while True:
        replies.write(framed(message))
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
    signal.setitimer(signal.ITIMER_PROF, patience(document.read_as, failure) * seconds)
    reply = _encoded(_read(document, marks, failure, _late_in(seconds / 2)))
    if len(reply) > MOST_REPLY:
        reply = _encoded(Reply(failure=f"its record would take more than {MOST_REPLY:,} bytes"))
    signal.setitimer(signal.ITIMER_PROF, 0)
    return reply


def _encoded(reply: Reply) -> bytes:
    try:
        return msgspec.msgpack.encode(reply)
    except UnicodeEncodeError:
        return msgspec.msgpack.encode(sayable(reply))


def _late_in(seconds: float) -> Callable[[], bool]:
    end = time.process_time() + seconds
    return lambda: time.process_time() > end


def _read(document: Document, marks: Marks, failure: str | None, is_late: Callable[[], bool]) -> Reply:
    try:
        page = documents.read(document, marks) if failure is None else documents.read_without_parser(document, failure, is_late)
    except (MemoryError, SelectolaxError):  # the second is how the parser says that it got no memory
        return Reply(failure="reading took more memory than limits.read_bytes")
    except Exception as error:  # noqa: BLE001 - told to the run, which counts it as a fault of ours
        return Reply(fault=f"{type(error).__name__}: {error}")
    if isinstance(page, Unread):
        return Reply(unread=page.reason)
    # A list is bounded by its source's own limit.
    return Reply(page=page if page.read_as is not ReadAs.PAGE else bounded(page, truncated=document.truncated))


if __name__ == "__main__":
    serve(
        sys.stdin.buffer,
        sys.stdout.buffer,
        memory_bytes=int(sys.argv[1]),
        seconds=float(sys.argv[2]),
        labels=tuple(msgspec.json.decode(sys.argv[3])),
    )
