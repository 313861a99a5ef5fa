"""The readers of a run: which document goes to which, alone or in company, and what becomes of one that its reader died of."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from crawler.core.bounds import nothing_of
from crawler.core.model import Document, Page, ReadAs, Unread
from crawler.core.settings import Limits
from crawler.errors import ReaderFault
from crawler.reading.reader import LostError, Reader

SMALL = 16_384  # bytes; what is no longer goes to a reader together with others that come at about the same time
MOST_TOGETHER = 16
COMPANY_SECONDS = 0.005  # that a small document waits for others


class Readers:
    """A few reader processes, each started when first needed."""

    def __init__(self, limits: Limits, count: int, labels: tuple[str, ...] = ()) -> None:
        self._limits = limits
        self._labels = labels
        self._idle: asyncio.LifoQueue[Reader | None] = asyncio.LifoQueue()
        for _ in range(count):
            self._idle.put_nowait(None)
        self._company: list[tuple[Document, asyncio.Future[Page | Unread]]] = []  # waits for more small documents
        self._departure: asyncio.TimerHandle | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    async def read(self, document: Document) -> Page | Unread:
        """Return what a document says, or why it is no text. Raises ReaderFault where a mistake of ours prevents that.

        What was too much for a reader has a page all the same, and its `cut` says what is missing; a list has none.
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

    async def aclose(self) -> None:
        """Stop every reader, whatever it reads."""
        if self._departure:
            self._departure.cancel()
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        while not self._idle.empty():
            if (reader := self._idle.get_nowait()) is not None:
                await reader.end()

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
            pages = await self._ask([document for document, _ in company], None)
        except (LostError, ReaderFault):  # by one of them: each has its own reader's time, and its own end
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
        except LostError as failure:
            if document.read_as is not ReadAs.PAGE:
                return Unread(str(failure))
            try:
                return (await self._ask([document], str(failure)))[0]
            except LostError as last:
                return nothing_of(document, f"{failure}; without a parser, {last}")

    async def _ask(self, documents: list[Document], failure: str | None) -> list[Page | Unread]:
        """Return what an idle reader says of documents; one that failed at one of them gets a successor when it is needed."""
        reader = await self._idle.get()
        fit: Reader | None = None  # to read another document
        try:
            if reader is None or not reader.is_alive:
                reader = await Reader.started(self._limits, self._labels)
            replies = await reader.ask(documents, failure)
            fit = None if any(reply.failure for reply in replies) else reader
        finally:
            self._idle.put_nowait(fit)
            if reader is not None and fit is None:
                await reader.end()
        pages: list[Page | Unread] = []
        for reply in replies:
            if reply.failure:
                raise LostError(reply.failure)
            if reply.fault:
                raise ReaderFault(f"our reader made a mistake ({reply.fault}); please report it, with the document")
            pages.append(reply.page or Unread(reply.unread or "no reason given"))
        return pages


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
