"""A run's visits made again from its evidence, without a network: as in a crawl (following.follow, crawl.read_end)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from crawler.clock import ReplayClock
from crawler.core import urls
from crawler.core.following import landing
from crawler.core.model import Document, Exchange, Failure, Outcome, ReadAs, Seen, Task, Unread, Url, Visit
from crawler.core.redirects import NOT_MODIFIED
from crawler.core.settings import Limits
from crawler.crawl import Read, read_at_hand, read_end
from crawler.errors import SourceError
from crawler.following import follow
from crawler.store.recorded import Place, StoredCapture, StoredChain, StoredHop
from crawler.store.runs import Settings
from crawler.web import warcs
from crawler.web.again import NOTHING_KEPT, Again
from crawler.web.recording import ERROR_HEADER, Recording
from crawler.web.redaction import redacted


@dataclass(frozen=True, slots=True)
class Derived:
    """The visit that the evidence of a chain makes."""

    visit: Visit
    unkept: StoredHop | None  # where the evidence ends


async def visit_of_chain(chain: StoredChain, witness: Witness, limits: Limits, read: Read) -> Derived:
    """Return the visit that the evidence of a stored chain makes."""
    retold = _Retold(chain, witness)
    seen_before: dict[Url, Seen | None] = {}
    if (last := chain.hops[-1] if chain.hops else None) and last.status == NOT_MODIFIED and last.place:
        seen_before[Url(last.url)] = await witness.seen(Url(last.url), last.place)
    task = Task(Url(chain.url), 0, 0, read_as=ReadAs(chain.read_as), entry_limit=chain.entry_limit)
    resolution, answer = await follow(task.url, retold.fetch, limits, ReplayClock(), seen_at=seen_before.get)
    # Without a capture of its own, its piece was read already, or was none.
    if chain.capture is None or chain.capture.is_unchanged:
        return Derived(Visit(task, resolution, None, None), retold.unkept)
    return Derived(await read_end(task, resolution, answer, read, ReplayClock()), retold.unkept)


async def visit_of_document(capture: StoredCapture, witness: Witness, read: Read) -> Visit:
    """Return the visit that the evidence of a document at hand makes; without a capture where there is none of it to be read."""
    task = Task(Url(capture.url), 0, 0, read_as=ReadAs(capture.read_as), entry_limit=capture.entry_limit)
    if capture.place is None:
        return Visit(task, None, None, Unread(NOTHING_KEPT))
    content = witness.payload(capture.place)
    if isinstance(content, warcs.Damaged):
        return Visit(task, None, None, Unread(content.reason))
    # A document longer than limits.body_bytes is kept, and was read, up to there.
    truncated = bool(capture.unread_reason)
    # A page out of an archive had an address and a time of its own.
    url, captured_at = (task.url, capture.captured_at) if urls.is_web(task.url) else (None, None)
    document = Document(content, capture.media_type, url, truncated, captured_at=captured_at)
    try:
        return await read_at_hand(task, document, read, ReplayClock())
    except SourceError as error:
        return Visit(task, None, None, Unread(str(error)))


class Witness:
    """Answers for each hop and capture with the record that is kept of it in a folder; told is what the run was told."""

    def __init__(self, folder: Path, told: Settings) -> None:
        self._folder = folder
        self._again = Again(told.limits, told.manners.user_agent)

    async def exchange(self, url: Url, place: Place | None, seen: Seen | None) -> Exchange | Failure | None:
        """Return what came, as a client reads it, or what kept us from asking; None where that can't be derived."""
        if place is None:
            return await self._again.unasked(url)
        if place.url != redacted(urls.without_fragment(url)):
            return await self._again.refused(url, self._recording(place))
        return await self._again.fetch(url, self._recording(place), seen)

    async def seen(self, url: Url, place: Place) -> Seen | None:
        """Return what was known of url where it was asked whether that had changed, and had not."""
        kept = self._kept(place.file, place.offset)
        if isinstance(kept, warcs.Damaged) or not kept.is_not_modified:
            return None
        if place.payload_file is None or place.payload_offset is None:
            return Seen(None, None)
        before = self._kept(place.payload_file, place.payload_offset)
        page = None if isinstance(before, warcs.Damaged) else await self._again.fetch(url, before.recording, None)
        return Seen(None, None, landing.of_page(page) if isinstance(page, Exchange) else None)

    def payload(self, place: Place) -> bytes | warcs.Damaged:
        """Return what a record holds; that of a revisit is in the record it refers to."""
        if place.payload_file is None or place.payload_offset is None:
            kept = self._kept(place.file, place.offset)
        else:
            kept = self._kept(place.payload_file, place.payload_offset)
        return kept if isinstance(kept, warcs.Damaged) else kept.recording.body

    async def aclose(self) -> None:
        """Close the client."""
        await self._again.aclose()

    def _recording(self, place: Place) -> Recording:
        """Return what a record says came; one that can't be read is an answer that broke off."""
        kept = self._kept(place.file, place.offset)
        if isinstance(kept, warcs.Damaged):
            return Recording("GET", "", 0, "", ((ERROR_HEADER, "RemoteProtocolError"), (ERROR_HEADER, kept.reason)), b"")
        if place.payload_file is None:
            return kept.recording
        body = self.payload(place)
        return replace(kept.recording, body=b"" if isinstance(body, warcs.Damaged) else body)

    def _kept(self, file: str, offset: int) -> warcs.Kept | warcs.Damaged:
        path = file_of(self._folder, file)
        if path is None:
            return warcs.Damaged(file, offset, "its file is missing")
        found = warcs.read_at(path, offset).records
        return found[0] if found else warcs.Damaged(file, offset, "its file ends before it")


def file_of(folder: Path, name: str) -> Path | None:
    """Return where a file of evidence is; one that a killed run left open has its name still to get."""
    return next((path for path in (folder / name, folder / (name + warcs.OPEN)) if path.exists()), None)


class _Retold:
    """A stored chain, whose hops answer again as their evidence has it."""

    def __init__(self, chain: StoredChain, witness: Witness) -> None:
        self.unkept: StoredHop | None = None
        self._left = list(chain.hops)
        self._witness = witness

    async def fetch(self, url: Url, seconds: float, cookie: str, seen: Seen | None = None) -> Exchange | Failure:  # noqa: ARG002 - as Fetch asks
        hop = self._left.pop(0) if self._left and self._left[0].url == url else None
        if came := await self._witness.exchange(url, hop.place if hop else None, seen):
            return came
        self.unkept = hop
        return Failure(url, Outcome.INTERRUPTED, NOTHING_KEPT, (), ReplayClock().now(), 0)
