"""The nouns, in the order a crawl meets them: tasks, exchanges, hops, and what a page says.

Times are aware UTC datetimes, durations whole milliseconds, texts never empty: what isn't known is None.
`href` is what a page wrote, `url` what we made of it (WHATWG URL), `key` what we compare by (never fetched).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NewType

Url = NewType("Url", str)
"""An absolute URL, serialised by core.urls (WHATWG URL)."""

MOST_ENTRIES = 10_000
"""Entries taken of one list, where its source has no limit of its own."""


class CitationKind(StrEnum):
    """What sort of pointer a citation is."""

    TWEET = "tweet"  # the embed itself
    TWEET_LINK = "tweet_link"  # a link inside a tweet
    TWEET_MEDIA = "tweet_media"  # pic.twitter.com
    READ_MORE = "read_more"  # READ MORE, Lesen Sie auch, …; its link may be lost
    LINK = "link"  # a link in the story's own text
    EMBED = "embed"  # YouTube, Facebook, Instagram, Telegram, …
    LISTED = "listed"  # an item of a feed, a sitemap, a list


class ReadAs(StrEnum):
    """What a document is to be read as, or turned out to be."""

    PAGE = "page"
    FEED = "feed"  # RSS, Atom, JSON Feed
    SITEMAP = "sitemap"
    SITEMAP_INDEX = "sitemap_index"  # to be read: an index or a sitemap; read: an index
    URLS = "urls"  # a list, one URL a line or in a column
    ANY = "any"  # told by how it begins


LISTS = frozenset(ReadAs) - {ReadAs.PAGE, ReadAs.ANY}


class PieceKind(StrEnum):
    """What sort of thing cites or is cited."""

    ARTICLE = "article"
    TWEET = "tweet"
    MEDIA = "media"
    PAGE = "page"
    DOCUMENT = "document"


class Via(StrEnum):
    """What pointed on to a hop; a chain's first hop has none."""

    LOCATION = "location"  # RFC 9110 §10.2.2
    REFRESH_HEADER = "refresh_header"
    META_REFRESH = "meta_refresh"  # WHATWG HTML, "shared declarative refresh steps"
    SCRIPT = "script"
    INFERRED = "inferred"  # read out of the URL, no request made


class Outcome(StrEnum):
    """How the following of one URL ended."""

    ARRIVED = "arrived"
    HTTP_ERROR = "http_error"  # a final 4xx or 5xx, or an answer that isn't HTTP
    GONE = "gone"  # 404 and 410
    TRY_LATER = "try_later"  # 429 and 503 to the last attempt; robots.txt not to be had just now
    LOOP = "loop"
    TOO_MANY_HOPS = "too_many_hops"
    BAD_LOCATION = "bad_location"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"  # no address, no route, refused, reset
    TLS_ERROR = "tls_error"
    DISALLOWED = "disallowed"  # by robots.txt
    REFUSED = "refused"  # by our own guard
    TOO_LARGE = "too_large"
    INTERRUPTED = "interrupted"


class Landing(StrEnum):
    """What came out of a chain that arrived, where it isn't the piece itself."""

    SOFT_404 = "soft_404"  # a page that says it isn't there, with a status that says it is
    HOME = "home"  # the home page, or the front of the section, in place of a story
    LOGIN = "login"
    CONSENT = "consent"
    PAYWALL = "paywall"


class Health(StrEnum):
    """How a link stands, over all that came of following it."""

    ALIVE = "alive"
    FLAKY = "flaky"  # it failed, not yet so often that it counts as gone; or it did, and has answered but once since
    GONE = "gone"


READABLE = frozenset({Outcome.ARRIVED, Outcome.TOO_LARGE})
"""Outcomes with a document to read: of what is too large, the beginning was fetched, and says what it cites."""

TRANSIENT = frozenset({Outcome.TRY_LATER, Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.INTERRUPTED})
"""Outcomes that say nothing final about the piece: worth another visit."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a run starts: a URL, or a document at hand, known by its digest."""

    url: Url
    content_sha256: str | None = None
    read_as: ReadAs = ReadAs.ANY
    entry_limit: int = MOST_ENTRIES
    every: timedelta | None = None  # how often it is looked at again; None: as [schedule] says of its sort


@dataclass(frozen=True, slots=True)
class Collection:
    """A file of many documents. Which they are is asked only where the file is news, for there may be very many."""

    url: Url
    content_sha256: str
    sources: Callable[[], Iterator[Source]]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a link stands, and how often it was not there since it last was."""

    health: Health | None = None  # None: nothing is known of it
    strikes: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """One URL to visit: so many citations away from its source, with so many still to go from there."""

    url: Url
    depth: int  # 0 is a source itself
    reach: int  # 0: read it, but follow nothing it cites; below 0: a list whose entries are not visited either
    visits: int = 0  # before this one, with a transient outcome, one after the other
    read_as: ReadAs = ReadAs.PAGE
    entry_limit: int = MOST_ENTRIES  # of a list: the entries taken, the latest first
    dated_at: str | None = None  # as the list says that has it as an entry
    is_known: bool = False  # it was visited before, as what it is to be read as
    looks: int = 0  # before this one, at what was there
    standing: Standing = Standing()


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """Where an exchange, or a document at hand, is kept as evidence (ISO 28500)."""

    record_id: str  # WARC-Record-ID
    file: str  # its name, in the folder of evidence
    offset: int  # bytes, to where its gzip member begins
    type: str  # "response", "revisit" (its payload is that of another record), "resource", "metadata" (why there is no answer)
    url: str
    payload_digest: str | None  # "sha256:…"; None: no payload
    recorded_at: datetime
    refers_to: str | None = None  # the id of the record that holds a revisit's payload


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request of a hop."""

    number: int  # 1 is the first
    status: int | None
    error: str | None  # the library's words, where no answer came
    waited_ms: int  # before this attempt
    wait_reason: str | None  # "pace", "backoff", "retry_after"
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Exchange:
    """The answer to the last attempt of a hop, whatever its status."""

    url: Url
    status: int
    headers: tuple[tuple[str, str], ...]  # in the order sent, names in lower case
    content: bytes  # decoded; empty where it was not worth reading
    truncated: bool  # the body went on past the cap
    attempts: tuple[Attempt, ...]
    fetched_at: datetime
    elapsed_ms: int
    warc_record: WarcRecord | None = None  # None: no evidence is kept
    robots_ms: int = 0  # spent before it on the host's robots.txt, for the first who came

    def header(self, name: str) -> str | None:
        """Return the first value of a header, named in lower case."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a URL that was read before, to ask whether it has changed (RFC 9110 §13)."""

    etag: str | None
    last_modified: str | None
    said: Landing | None = None  # what the page said of itself


@dataclass(frozen=True, slots=True)
class Failure:
    """No answer to any attempt of a hop."""

    url: Url
    outcome: Outcome
    detail: str
    attempts: tuple[Attempt, ...]
    fetched_at: datetime
    elapsed_ms: int
    warc_record: WarcRecord | None = None


@dataclass(frozen=True, slots=True)
class Hop:
    """One URL on the way, answered or not (status None)."""

    url: Url
    status: int | None
    via: Via | None
    location: str | None  # what this answer points on with, as sent
    fetched_at: datetime
    elapsed_ms: int
    attempts: tuple[Attempt, ...] = ()  # none: the answer is one this run already had
    warc_record: WarcRecord | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """One following of one URL. The chain is kept whatever its end."""

    url: Url
    hops: tuple[Hop, ...]
    outcome: Outcome
    detail: str | None
    started_at: datetime
    elapsed_ms: int
    landing: Landing | None = None  # where it arrived, in place of the piece; None: the piece itself
    retry_after: float | None = None  # seconds that the last answer asks us to stay away

    @property
    def furthest_url(self) -> Url:
        """The last URL known, however the chain ended."""
        return self.hops[-1].url if self.hops else self.url

    @property
    def final_url(self) -> Url | None:
        """The URL the chain arrived at, or None."""
        return self.furthest_url if self.outcome is Outcome.ARRIVED else None


@dataclass(frozen=True, slots=True)
class Article:
    """What a page says of itself."""

    url: str | None = None  # where it was read
    canonical_url: str | None = None
    title: str | None = None  # without the site's name
    byline: str | None = None
    published_at: str | None = None  # ISO 8601: UTC where the page names a zone, else as printed; may be a day only
    language: str | None = None  # BCP 47
    site_name: str | None = None


@dataclass(frozen=True, slots=True)
class Tweet:
    """An embedded tweet, as the page shows it."""

    status_id: str | None
    url: str | None
    handle: str | None  # without the @
    author: str | None
    text: str | None  # as printed, links left in
    date_text: str | None  # as printed
    claimed_on: date | None  # the day that date_text names
    posted_at: datetime | None  # from the status id
    links: tuple[str, ...]
    media: tuple[str, ...]  # "pic.twitter.com/…" as printed
    form: str  # "blockquote", "tail", "iframe", …


@dataclass(frozen=True, slots=True)
class Citation:
    """One pointer in one piece, at one position."""

    position: int  # 0 is the first of its piece, in document order
    kind: CitationKind
    href: str | None  # as it stands in the input
    url: str | None  # resolved against the page; pic.twitter.com as printed; None where the link is lost
    text: str | None  # anchor text or title
    label: str | None  # "READ MORE" as printed
    tweet: int | None  # index into the page's tweets
    confidence: float  # 0 to 1: how surely the pointer was cut and typed rightly
    context: str | None  # the sentence or line it stands in
    # Other cuts of a glued link, from the likeliest; of a title whose link is lost, where the page's other links of that title
    # lead. Following them decides.
    alternatives: tuple[str, ...] = ()
    dated_at: str | None = None  # of a list's entry: when it was changed or published, as the list says


@dataclass(frozen=True, slots=True)
class Page:
    """All that reading one document gives."""

    article: Article
    kind: PieceKind
    tweets: tuple[Tweet, ...]
    citations: tuple[Citation, ...]
    text_sha256: str  # of the story's own text, white space folded
    cut: str | None = None  # what of the document was left out in reading, and why; None: nothing
    read_as: ReadAs = ReadAs.PAGE


@dataclass(frozen=True, slots=True)
class Unread:
    """A document that gave no page: not a text, too large, or its reader had to be stopped."""

    reason: str


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes to read, from wherever they came."""

    content: bytes
    media_type: str | None  # essence and parameters of Content-Type, as sent; None for a file
    url: str | None  # its address, which relative links are resolved against; None where there is none
    truncated: bool = False  # it goes on past limits.body_bytes
    read_as: ReadAs = ReadAs.PAGE
    entry_limit: int = MOST_ENTRIES  # where it is a list
    warc_record: WarcRecord | None = None
    captured_at: datetime | None = None  # by somebody else, before; None: now


@dataclass(frozen=True, slots=True)
class Capture:
    """What came, apart from what it says."""

    url: Url
    media_type: str | None
    length: int | None  # bytes, decoded; None: the body was not worth fetching
    content_sha256: str | None
    captured_at: datetime
    etag: str | None = None
    last_modified: str | None = None  # as sent
    not_modified: bool = False  # all but the time is as it was captured last (RFC 9110 §15.4.5)
    warc_record: WarcRecord | None = None


class NoCopy(StrEnum):
    """Why a web archive gave no copy."""

    NONE = "none"  # it says that it has none
    NO_ANSWER = "no_answer"  # it says nothing one can read


@dataclass(frozen=True, slots=True)
class ArchivedCopy:
    """A memento of a piece (RFC 7089)."""

    original: Url
    url: Url  # where the archive has it
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Visit:
    """All that came of one task. A source that is a file has no resolution; a piece this run has read already, no capture."""

    task: Task
    resolution: Resolution | None
    capture: Capture | None
    page: Page | Unread | None

    @property
    def is_of_the_piece(self) -> bool:
        """Whether what came is the piece itself, and not a page that says that it is not there."""
        return self.resolution is None or self.resolution.landing is not Landing.SOFT_404

    @property
    def own_page(self) -> Page | None:
        """What was read of the piece itself: what stands in its place says nothing of its title, nor of what it cites."""
        return self.page if isinstance(self.page, Page) and self.is_of_the_piece else None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done after a visit."""

    due_at: datetime | None  # when to come back; None: nothing left to learn there
    visits: int  # with a transient outcome, one after the other
    onward: tuple[Task, ...]
    read_as: ReadAs | None = None  # from now on, where it was not known before
    looks: int = 0  # at what was there
    standing: Standing = Standing()
    is_final: bool = True  # False: it failed in passing, and will be tried again before it counts
