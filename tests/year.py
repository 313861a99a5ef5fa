"""Look at a web that changes, again and again, and see after each run that the database says what was there to be seen.

Run as `python -m tests.year RUNS [SEED]`: so many scheduled runs, from an hour to three days apart, of the real crawl with the real
client over a simulated web (tests/simulated_web.py). What is expected is kept apart from the database, in a ledger that follows
what the README says of the schedule. Prints the figures; fails at the first run after which the two differ.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from crawler.core.model import CitationKind, Health, ReadAs, Source
from crawler.core.settings import Interval, Limits
from crawler.crawl import crawl
from crawler.store import backups, checks, database, records, runs
from crawler.store.as_of import look_back
from crawler.store.questions import views
from crawler.web.circuits import Circuits
from crawler.web.client import Client
from crawler.web.politeness import Manners
from tests.fakes import FakeClock
from tests.simulated_web import FEED, HOME, Pointer, Story, Web, Wire
from tests.webs import read_here

GAPS = (1, 1, 1, 2, 3, 6, 12, 24, 48, 72)  # hours between two runs
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
LOOKS = (6 * HOUR, DAY, 3 * DAY, WEEK, 4 * WEEK)  # at an article, one after the other; then as at a link
LINK_LOOKS = 4 * WEEK
PUNCTUAL = 0.95
LONGEST_RUN = timedelta(minutes=12)
MOMENT = timedelta(milliseconds=1)  # to which times are stored
STRIKES = (DAY, 3 * DAY)
FIRST_RETURN, RETURN_FACTOR, TRANSIENT_VISITS = HOUR, 6, 3
TRANSIENT = {"unreachable", "try_later"}
MANNERS = Manners(offline_hosts=4)
FOLLOWED = {CitationKind.LINK, CitationKind.READ_MORE, CitationKind.TWEET_LINK}
CHECKED_EVERY = 25  # runs
# A match is weighed anew when another title comes, and what it was before is not kept.
MATCHED = "SELECT cited_id, matched_by, match_score, id FROM citations WHERE kind = 'read_more' AND url IS NULL"
MATCH_AS_TOLD = "UPDATE citations SET cited_id = ?, matched_by = ?, match_score = ? WHERE id = ?"
# What is told of the past, but for what stands on a page as it was read last, and for when tasks are due.
TOLD = {
    "pieces": "SELECT key, url, kind, title, site, language, state, text_sha256, first_run_id FROM pieces",
    "citations": """
SELECT id, citing_id, cited_id, kind, url, text, tweet_id, resolution_id, matched_by, first_run_id, last_run_id, gone_run_id
FROM citations
""",
    **{name: view.sql for name, view in views().items() if name not in ("frontier_states", "stuck")},
}

Span = tuple[datetime, datetime]
"""The earliest and the latest that something may have been: a run takes its time, and when it asked is its own business."""


class Differs(AssertionError):  # noqa: N818 - it says what is the matter
    """The database says something else than what was there."""


@dataclass
class Address:
    """What is known of an address that is visited."""

    depth: int
    due: Span | None
    dated_at: datetime | None = None
    visited: Span | None = None
    visits: int = 0  # that failed in passing, one after the other
    looks: int = 0
    strikes: int = 0
    health: str | None = None
    final: str | None = None  # where it was when it was last there itself


@dataclass
class Known:
    """What is known of a piece."""

    state: str
    title: str | None = None
    cites: Counter[Pointer] = field(default_factory=Counter)
    gone: Counter[tuple[Pointer, int]] = field(default_factory=Counter)  # with the run that missed them
    texts: list[str] = field(default_factory=list)  # that it had, as they were read


@dataclass(frozen=True)
class Seen:
    """What one following of an address meets."""

    outcome: str
    status: int | None
    chain: tuple[str, ...]
    landing: str | None = None

    @property
    def end(self) -> str:
        """Where it ends."""
        return self.chain[-1]


@dataclass
class Ledger:
    """All that a faithful crawler knows of the web by now."""

    web: Web
    addresses: dict[str, Address] = field(default_factory=dict)
    pieces: dict[str, Known] = field(default_factory=dict)
    listed_then: list[tuple[str, datetime]] = field(default_factory=list)  # in the feed, when it was read last

    def follow(self, url: str) -> Seen:
        """Return what following url meets while the web stands still."""
        chain = [url]
        while True:
            at = chain[-1]
            if self.web.host_fails(at):
                is_ill = not self.web.is_offline and at.split("/")[2] in self.web.ill
                return Seen("try_later" if is_ill else "unreachable", None, tuple(chain))
            status, location, _ = self.web.answer(at)
            if location:
                chain.append(location)
                continue
            landing = "soft_404" if self.web.fates.get(at) == "soft" else "home" if at == HOME and len(chain) > 1 else None
            outcome = "arrived" if status == 200 else "gone" if status in (404, 410) else "http_error"
            return Seen(outcome, status, tuple(chain), landing)

    def discover(self, url: str, depth: int, at: Span, dated_at: datetime | None = None) -> None:
        """Take note of an address that a page names."""
        known = self.addresses.setdefault(url, Address(depth, at, dated_at))
        if depth < known.depth:
            known.depth = depth
            for kind, cited, _ in self.pieces[known.final].cites if known.final else ():
                if kind in FOLLOWED and cited:
                    self.discover(cited, depth + 1, at)
        if dated_at and dated_at != known.dated_at:
            known.dated_at = dated_at
            if known.visited and not known.visits and (known.due is None or known.due[0] > at[1]):
                known.due = _earlier(
                    known.due, (max(at[0], known.visited[0] + LOOKS[0]), max(at[1], known.visited[1] + LOOKS[0]))
                )
                known.looks = 0

    def visit(self, url: str, run: int, at: Span) -> None:
        """Take note of what a visit of url finds, and when it is to be visited again."""
        address, seen = self.addresses[url], self.follow(url)
        address.visited = at
        if seen.outcome in TRANSIENT and address.visits + 1 < TRANSIENT_VISITS:
            address.due = _after(at, FIRST_RETURN * RETURN_FACTOR**address.visits)
            address.visits += 1
            if seen.outcome == "unreachable" and address.health != Health.GONE:
                address.health = Health.FLAKY
            return
        address.visits = 0
        self._judge(address, seen)
        if url == FEED:
            address.due = None
        elif address.strikes and address.health != Health.GONE:
            address.due = _after(at, STRIKES[address.strikes - 1])
        else:
            turns = LOOKS if address.depth == 0 else ()
            address.due = _after(at, turns[address.looks] if address.looks < len(turns) else LINK_LOOKS)
            address.looks += 1
        self._note_piece(address, seen, run)
        if seen.outcome == "arrived" and seen.landing is None:
            address.final = seen.end
            self._go_on(address, seen.end, at)

    def _judge(self, address: Address, seen: Seen) -> None:
        if seen.outcome == "try_later" or seen.status == 403:
            return
        if seen.outcome == "arrived" and seen.landing is None:
            address.health, address.strikes = Health.FLAKY if address.strikes else Health.ALIVE, 0
            return
        address.strikes += 1
        if address.strikes > len(STRIKES) or seen.status == 410 or address.health == Health.GONE:
            address.health = Health.GONE
        else:
            address.health = Health.FLAKY

    def _note_piece(self, address: Address, seen: Seen, run: int) -> None:
        if seen.outcome == "arrived" and seen.landing != "soft_404":
            self._read(seen.end, run)
        elif seen.outcome in ("gone", "http_error") or seen.landing == "soft_404":
            piece = self.pieces.setdefault(seen.end, Known("http_error"))
            if piece.state != "gone":
                piece.state = "arrived" if seen.landing else "http_error"
        if address.health == Health.GONE and seen.outcome != "try_later" and seen.status != 403:
            way = seen.chain[:-1] if seen.landing == "home" else seen.chain
            if lost := next((at for at in reversed(way) if at in self.pieces), None):
                self.pieces[lost].state = "gone"

    def _read(self, url: str, run: int) -> None:
        piece = self.pieces.setdefault(url, Known("arrived"))
        piece.state = "arrived"
        if url == FEED:
            title, pointers = (
                "The News of the Harbour",
                [(CitationKind.LISTED, at, self.web.stories[at].title) for at, _ in self.web.listed],
            )
        else:
            story = self.web.stories.get(url) or Story("The News of the Harbour", 1, ())
            title, pointers = story.title, list(story.pointers)
        _, _, body = self.web.answer(url)
        if url != FEED and (not piece.texts or piece.texts[-1] != body):
            piece.texts.append(body)
        now = Counter(pointers)
        for pointer in (piece.cites - now).elements():
            piece.gone[pointer, run] += 1
        piece.title, piece.cites = title, now

    def _go_on(self, address: Address, end: str, at: Span) -> None:
        if end == FEED and self.listed_then != self.web.listed:  # what has not changed is not read
            self.listed_then = list(self.web.listed)
            for url, changed_at in self.web.listed:
                self.discover(url, 0, at, changed_at)
        elif end != FEED and address.depth == 0:
            for kind, cited, _ in self.pieces[end].cites:
                if kind in FOLLOWED and cited:
                    self.discover(cited, 1, at)


def _after(at: Span, wait: timedelta) -> Span:
    return at[0] + wait, at[1] + wait


def _earlier(one: Span | None, other: Span) -> Span:
    return other if one is None else (min(one[0], other[0]), min(one[1], other[1]))


class Silent:
    def visited(self, visit):
        pass

    def failed(self, task, error):
        raise error


@dataclass
class Figures:
    """What happened in a year."""

    runs: int = 0
    idle: int = 0
    offline: int = 0
    visits: int = 0
    requests: int = 0
    unchanged: int = 0


class Year:
    """Runs one after the other, each of them checked."""

    def __init__(self, path: Path, seed: int) -> None:
        self.lot = random.Random(seed)
        self.web = Web(random.Random(seed + 1))
        self.ledger = Ledger(self.web)
        self.clock = FakeClock(datetime.fromisoformat("2026-01-05T08:00:00+00:00"))
        self.path = path
        self.db = database.open_for_writing(path)
        self.figures = Figures()
        self.copies: dict[int, Path] = {}  # of the database, by the run after which they were made

    async def live(self, count: int) -> None:
        """Make so many runs. Raises Differs at the first that the database tells otherwise than the ledger."""
        for number in range(count):
            self.web.pass_time(self.clock.now())
            await self._look()
            if number % CHECKED_EVERY == 0 or number == count - 1:
                self._must(list(checks.faults(self.db)) == [], f"it is damaged: {list(checks.faults(self.db))}")
                self._keep_copy()
            self.clock.elapsed += 3600 * self.lot.choice(GAPS)
            while self._is_about_to_be_due():
                self.clock.elapsed += LONGEST_RUN.total_seconds() / 2
        self._compare_with_the_past()

    def _is_about_to_be_due(self) -> bool:
        """Whether something may fall due while a run is under way; then nobody could say what that run ought to do."""
        now = self.clock.now()
        spans = [address.due for address in self.ledger.addresses.values() if address.due]
        feed = self.ledger.addresses[FEED]
        spans += [_after(feed.visited, PUNCTUAL * HOUR)] if feed.visited else []
        return any(span[0] < now + LONGEST_RUN and span[1] > now for span in spans)

    async def _look(self) -> None:
        self.web.asked.clear()
        began = self.clock.now()
        feed = self.ledger.addresses.get(FEED)
        if feed is None:
            self.ledger.addresses[FEED] = Address(0, (began, began))
        elif not feed.visits and feed.visited:
            feed.due = _after(feed.visited, PUNCTUAL * HOUR)
        source = Source(FEED, read_as=ReadAs.FEED, every=Interval("1h"))
        run = records.begin_run(self.db, [(source, 1)], Limits(), "year", "{}", "0", began)
        self.figures.runs += 1
        if run is None:
            self.figures.idle += 1
            late = [url for url, address in self.ledger.addresses.items() if address.due and address.due[1] <= began]
            self._must(not late, f"nothing was visited, and these were due: {late}")
            return
        client = Client(
            Circuits(Wire(self.web), clock=self.clock, manners=MANNERS), clock=self.clock, limits=Limits(), manners=MANNERS
        )
        rest = {"open_document": None, "clock": self.clock, "stop": asyncio.Event(), "watcher": Silent(), "workers": 8}
        offline = await crawl(run, fetch=client.fetch, read=read_here, **rest)
        runs.end_run(run, "interrupted" if offline else "done", self.clock.now())
        self._must(not offline or self.web.is_offline, "our network was up")
        self.figures.offline += offline is not None
        self._compare(run.id, (began, self.clock.now()), offline=offline)

    def _compare(self, run: int, at: Span, *, offline: str | None) -> None:
        visited = self._rows(
            "SELECT url, outcome, landing, final_url, furthest_url FROM resolutions WHERE run_id = ? ORDER BY id", run
        )
        asked_for: Counter[str] = Counter()
        fresh: set[str] = (
            set()
        )  # passed by a chain that was never followed before: it asks for what others ask about conditionally
        done: set[str] = set()
        for url, outcome, landing, final, furthest in visited:
            seen = self.ledger.follow(url)
            asked_for.update(seen.chain)
            self._must(url in self.ledger.addresses, f"{url} was visited, and nothing names it")
            due = self.ledger.addresses[url].due
            fresh.update(seen.chain if self.ledger.addresses[url].visited is None else ())
            if outcome == "interrupted":
                self._must(self.web.is_offline, f"{url} was interrupted")
                self.ledger.addresses[url].due = at
                continue
            self._must(due is not None and due[0] <= at[1] and url not in done, f"{url} was visited, and due {due}")
            done.add(url)
            met = (outcome, landing, final, furthest)
            self._must(
                met == (seen.outcome, seen.landing, seen.end if seen.outcome == "arrived" else None, seen.end),
                f"{url} led to {met}, not to {seen}",
            )
            self.ledger.visit(url, run, at)
        late = [
            url for url, address in self.ledger.addresses.items() if url not in done and address.due and address.due[1] <= at[0]
        ]
        self._must(not late or offline is not None or self.web.is_offline, f"these were due, and not visited: {late}")
        self._compare_requests(run, asked_for, fresh)
        self._compare_pieces(run)
        self._compare_frontier()
        self.figures.visits += len(visited)

    def _compare_requests(self, run: int, asked_for: Counter[str], fresh: set[str]) -> None:
        web = self.web
        for url, times in Counter(url for url, _ in web.asked).items():
            answered = next((status for asked, status in web.asked if asked == url), None)
            # What fails in passing is tried three times.
            most = min(asked_for[url], 1 + (url in fresh)) if answered and answered != 500 else 3 * asked_for[url]
            self._must(times <= most, f"{url} was asked {times} times, and {asked_for[url]} chains came by it")
        self.figures.requests += len(web.asked)
        self.figures.unchanged += sum(status == 304 for _, status in web.asked)
        if not (web.is_offline or web.down or web.ill):
            ((attempts,),) = self._rows(
                "SELECT count(*) FROM attempts AS a JOIN hops AS h ON h.id = a.hop_id JOIN resolutions AS r ON r.id = h.resolution_id "
                "WHERE r.run_id = ?", run
            )  # fmt: skip
            self._must(attempts == len(web.asked), f"{attempts} attempts are written down of {len(web.asked)} requests")

    def _compare_pieces(self, run: int) -> None:
        live: dict[str, Counter[Pointer]] = {}
        gone: dict[str, Counter[tuple[Pointer, int]]] = {}
        for key, kind, url, text, gone_run in self._rows(
            "SELECT p.key, c.kind, c.url, c.text, c.gone_run_id FROM citations AS c JOIN pieces AS p ON p.id = c.citing_id"
        ):
            if gone_run is None:
                live.setdefault(key, Counter())[kind, url, text] += 1
            else:
                gone.setdefault(key, Counter())[(kind, url, text), gone_run] += 1
        rows = {key: rest for key, *rest in self._rows("SELECT key, state, title FROM pieces")}
        texts = dict(self._rows(
            "SELECT p.key, count(DISTINCT c.text_sha256) FROM captures AS c JOIN pieces AS p ON p.id = c.piece_id "
            "LEFT JOIN resolutions AS r ON r.id = c.resolution_id WHERE r.landing IS NOT 'soft_404' GROUP BY 1"
        ))  # fmt: skip
        for key, piece in self.ledger.pieces.items():
            self._same(f"{key} cites", live.pop(key, Counter()), piece.cites)
            self._same(f"{key} cited", gone.pop(key, Counter()), piece.gone)
            self._same(f"{key} is", rows.get(key), [piece.state, piece.title])
            if piece.texts:
                self._same(f"the texts read of {key}", texts.get(key), len(set(piece.texts)))
        self._same("others cite", live, {})
        self._same("others cited", gone, {})
        self._compare_ends(run)

    def _compare_ends(self, run: int) -> None:
        """Compare where citations lead: each to where its link led when it last led to the piece itself."""
        for url, text, citing, cited in self._rows(
            "SELECT c.url, c.text, citing.key, p.key FROM citations AS c JOIN pieces AS citing ON citing.id = c.citing_id LEFT JOIN pieces AS p ON p.id = c.cited_id "
            "LEFT JOIN resolutions AS r ON r.id = c.resolution_id WHERE c.gone_run_id IS NULL AND c.kind IN ('link', 'read_more', 'tweet_link') "
            "AND (r.outcome IS NULL OR r.outcome = 'arrived') AND r.landing IS NULL"
        ):
            if url is not None:
                address = self.ledger.addresses.get(url)
                if address and address.final:
                    self._same(f"{url} leads to", cited, address.final)
            else:
                named = [at for at in self.web.named if self.web.stories[at].title == text]
                # None is taken for what it cites itself.
                if named and citing not in named and (piece := self.ledger.pieces.get(named[0])) and piece.title == text:
                    self._same(f"READ MORE: {text} is", cited, named[0])

    def _compare_frontier(self) -> None:
        rows = {
            url: rest for url, *rest in self._rows("SELECT url, due_at, visits, looks, strikes, health, claims FROM frontier")
        }
        self._same("the frontier", set(rows), set(self.ledger.addresses))
        for url, address in self.ledger.addresses.items():
            due_at, *standing, claims = rows[url]
            self._same(f"{url} stands", standing, [address.visits, address.looks, address.strikes, address.health])
            self._same(f"{url} has been claimed", claims, 0)
            if url != FEED:
                at = datetime.fromisoformat(due_at) if due_at else None
                is_so = (
                    at is None
                    if address.due is None
                    else at is not None and address.due[0] - MOMENT <= at <= address.due[1] + MOMENT
                )
                self._must(is_so, f"{url} is due at {due_at}, not {address.due}")

    def _keep_copy(self) -> None:
        (run_id,) = self._rows("SELECT max(id) FROM runs")[0]
        self.copies[run_id] = self.path.with_name(f"{self.path.stem}-{run_id}.db")
        self.copies[run_id].unlink(missing_ok=True)
        backups.copy(self.path, self.copies[run_id])

    def _compare_with_the_past(self) -> None:
        """See that the database tells of earlier runs what it told after them."""
        for run_id, path in self.copies.items():
            with database.reading(self.path) as now, closing(database.open_for_writing(path)) as then:
                look_back(now, run_id)
                then.conn.executemany(MATCH_AS_TOLD, now.conn.execute(MATCHED).fetchall())
                for name, sql in TOLD.items():
                    told, known = (Counter(db.conn.execute(sql)) for db in (now, then))
                    self._same(f"as of run {run_id}, {name}: told and not known", list(told - known)[:3], [])
                    self._same(f"as of run {run_id}, {name}: known and not told", list(known - told)[:3], [])

    def _rows(self, sql: str, *values: object) -> list[tuple]:
        return self.db.conn.execute(sql, values).fetchall()

    def _same(self, what: str, found: object, expected: object) -> None:
        self._must(found == expected, f"{what} {found}, not {expected}")

    def _must(self, holds: bool, otherwise: str) -> None:  # noqa: FBT001 - what is asserted
        if not holds:
            raise Differs(f"run {self.figures.runs}, {self.clock.now():%d %b %H:%M}: {otherwise}")


def main(count: int, seed: int = 1) -> int:
    """Live through so many runs and print the figures."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        year = Year(Path(folder) / "year.db", seed)
        asyncio.run(year.live(count))
        print(year.figures, f"{year.clock.elapsed / 86400:.0f} days in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
