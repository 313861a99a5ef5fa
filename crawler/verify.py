"""A run's chains, pieces and citations, as they are derived anew from its evidence, compared with what the database says.

A difference says that the evidence, the database or the crawler has changed since.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from crawler.core.model import READABLE, Outcome, Page, Unread, Visit
from crawler.crawl import Read
from crawler.deriving import Derived, Witness, file_of, visit_of_chain, visit_of_document
from crawler.store import recorded
from crawler.store.database import Database
from crawler.store.recorded import Place, StoredCapture, StoredChain, StoredHop
from crawler.store.runs import Settings
from crawler.web import warcs
from crawler.web.again import NOTHING_KEPT
from crawler.web.faults import OUT_OF_TIME


@dataclass(frozen=True, slots=True)
class Difference:
    """What the evidence does not bear out, or what of the evidence is no more as it was written."""

    record: str | None  # file, offset and id of the record it follows from; None: the evidence has nothing on it
    what: str  # "resolution 3 of https://…: outcome"
    stored: str | None  # in the database
    derived: str | None  # from the evidence

    def __str__(self) -> str:
        """Return it as a sentence."""
        found = f"{self.what} is {self.stored!r} in the database, and {self.derived!r} by the evidence"
        if self.derived is None and self.stored is None:
            found = self.what
        return f"{found} (record {self.record})" if self.record else found


@dataclass(slots=True)
class Verified:
    """How much was compared."""

    records: int = 0
    chains: int = 0
    hops: int = 0
    captures: int = 0
    citations: int = 0
    unkept: int = 0  # hops that can't be derived: we were stopped, or our own time ran out, before there was an answer


Pointer = tuple[str, str | None, str | None, str | None, str | None]
"""Kind, href, text, label and URL of a citation."""

Pages = dict[int, list[tuple[StoredCapture, Page]]]
"""What was read of each piece."""


async def verify(
    db: Database, run_id: int, folder: Path, told: Settings, read: Read, verified: Verified
) -> AsyncIterator[Difference]:
    """Yield what differs between a run's evidence in folder and what the database says of it; count in verified what is compared.

    told is what the run was told.
    """
    pages: Pages = defaultdict(list)
    witness = Witness(folder, told)
    try:
        for difference in _of_records(folder, recorded.files(db, run_id), verified):
            yield difference
        for chain in recorded.chains(db, run_id):
            derived = await visit_of_chain(chain, witness, told.limits, read)
            for difference in (*_of_chain(chain, derived, verified), *_of_capture(chain.capture, derived.visit, pages, verified)):
                yield difference
        for capture in recorded.documents(db, run_id):
            visit = await visit_of_document(capture, witness, read)
            for difference in _of_capture(capture, visit, pages, verified):
                yield difference
        for piece_id, read_pages in pages.items():
            for difference in _of_citations(db, run_id, piece_id, read_pages, verified):
                yield difference
    finally:
        await witness.aclose()


def _of_records(folder: Path, names: Iterable[str], verified: Verified) -> Iterator[Difference]:
    """Yield the records that are not as they were written."""
    for name in names:
        path = file_of(folder, name)
        if path is None:
            yield Difference(name, f"{name} is missing in {folder}", None, None)
            continue
        for record in warcs.read(path):
            verified.records += 1
            if isinstance(record, warcs.Damaged):
                yield Difference(f"{name}:{record.offset}", f"a record {record.reason}", None, None)
            elif record.damage:
                named = f"{name}:{record.offset} {record.record_id}"
                yield Difference(named, f"a record is not as it was written: {record.damage}", None, None)


def _of_chain(chain: StoredChain, derived: Derived, verified: Verified) -> Iterator[Difference]:
    verified.chains += 1
    verified.hops += len(chain.hops)
    resolution = derived.visit.resolution
    assert resolution is not None  # noqa: S101 - it was followed
    end = _named(chain.hops[-1].place) if chain.hops else None
    for position, hop in enumerate(chain.hops):
        found = resolution.hops[position] if position < len(resolution.hops) else None
        where = f"hop {position} of {chain.url}"
        # What a hop points on with is said by its own record, that it is there by the one before.
        cause = _named(chain.hops[max(0, position - 1)].place)
        if found is None:
            yield Difference(cause, where, hop.url, "not there")
            return
        yield from _unlike(cause, where, {"url": (hop.url, found.url), "via": (hop.via, found.via)})
        if hop is derived.unkept:
            yield from _of_unkept(chain, hop, where, verified)
            return
        own = {"status": (hop.status, found.status), "location": (hop.location, found.location)}
        yield from _unlike(_named(hop.place), where, own)
    for further in resolution.hops[len(chain.hops) :]:
        yield Difference(end, f"a further hop of {chain.url}", "not there", further.url)
    stands = f"the resolution of {chain.url}"
    yield from _unlike(
        end,
        stands,
        {
            "outcome": (chain.outcome, resolution.outcome),
            "detail": (chain.detail, resolution.detail),
            "final_url": (chain.final_url, resolution.final_url),
            "furthest_url": (chain.furthest_url, resolution.furthest_url),
            "landing": (chain.landing, resolution.landing),
        },
    )
    if resolution.outcome in READABLE and not chain.is_captured:
        yield Difference(end, f"what was captured at {resolution.furthest_url}", "not there", "captured")


def _of_unkept(chain: StoredChain, hop: StoredHop, where: str, verified: Verified) -> Iterator[Difference]:
    """Count a hop that left no evidence where it may have left none, for it was we who ended it; else yield that it lacks."""
    is_ours = chain.outcome == Outcome.INTERRUPTED or (chain.outcome == Outcome.TIMEOUT and chain.detail == OUT_OF_TIME.detail)
    if is_ours and hop is chain.hops[-1] and hop.status is None:
        verified.unkept += 1
    else:
        yield Difference(None, where, str(hop.status or chain.outcome), NOTHING_KEPT)


def _of_capture(stored: StoredCapture | None, visit: Visit, pages: Pages, verified: Verified) -> Iterator[Difference]:
    if stored is None or stored.is_unchanged:
        return
    verified.captures += 1
    place, where = _named(stored.place) if stored.place else None, f"what was captured at {stored.url}"
    if visit.capture is None:
        reason = visit.page.reason if isinstance(visit.page, Unread) else "nothing"
        yield Difference(place, where, stored.content_sha256 or "captured", reason)
        return
    page = visit.page if isinstance(visit.page, Page) else None
    if visit.own_page:
        pages[stored.piece_id].append((stored, visit.own_page))
    unread = visit.page.reason if isinstance(visit.page, Unread) else page.cut if page else None
    yield from _unlike(
        place,
        where,
        {
            "length": (stored.length, visit.capture.length),
            "content_sha256": (stored.content_sha256, visit.capture.content_sha256),
            "text_sha256": (stored.text_sha256, page.text_sha256 if page else None),
            "unread_reason": (stored.unread_reason, unread),
        },
    )


def _of_citations(
    db: Database, run_id: int, piece_id: int, read_pages: list[tuple[StoredCapture, Page]], verified: Verified
) -> Iterator[Difference]:
    """Compare what the pages of a piece cite with what the database says it cited in that run."""
    verified.citations += sum(len(page.citations) for _, page in read_pages)
    capture = read_pages[0][0]
    place, piece = (_named(capture.place) if capture.place else None), recorded.name(db, piece_id)
    stored = recorded.cited(db, run_id, piece_id)
    known: Counter[Pointer] = Counter((one.kind, one.href, one.text, one.label, one.url) for one in stored)
    # Two addresses of a piece may show the same pointer, which the database has once.
    derived: Counter[Pointer] = Counter()
    for _, page in read_pages:
        derived |= Counter((one.kind.value, one.href, one.text, one.label, one.url) for one in page.citations)
    for pointer in derived - known:
        yield Difference(place, f"a citation of {piece}", "not there", _said(pointer))
    of_run: Counter[Pointer] = Counter((one.kind, one.href, one.text, one.label, one.url) for one in stored if one.is_of_run)
    for pointer in of_run - derived:
        yield Difference(place, f"a citation of {piece}", _said(pointer), "not there")


def _unlike(place: str | None, where: str, values: Mapping[str, tuple[object, object]]) -> Iterator[Difference]:
    for column, (stored, derived) in values.items():
        if stored != derived:
            yield Difference(
                place, f"{column} of {where}", None if stored is None else str(stored), None if derived is None else str(derived)
            )


def _said(pointer: Pointer) -> str:
    kind, href, text, label, url = pointer
    return " ".join(part for part in (kind, label, repr(text) if text else None, url or href) if part)


def _named(place: Place | None) -> str | None:
    return f"{place.file}:{place.offset} {place.record_id}" if place else None
