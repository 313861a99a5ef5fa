"""A web that changes: a paper with a feed, pages of others that it cites, short links between them; drawn from a seed.

It publishes, edits, moves, deletes and restores; short links change their target; hosts go down, and so does our own network.
Between two changes everything stands still, so whoever knows the web knows what each request is answered.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime

import httpx

from crawler.core.model import CitationKind, Url

PAPER, OTHERS, SHORTENERS = "news.example", tuple(f"paper-{n}.example" for n in range(4)), ("t.co", "sho.example")
FEED, HOME = Url(f"https://{PAPER}/feed.xml"), Url(f"https://{PAPER}/")
LISTED = 12  # entries of the feed
NOT_THERE = (
    "<!doctype html><html><head><title>Page not found</title></head><body><p>Nothing is here, and nothing was.</p></body></html>"
)

Pointer = tuple[str, str | None, str | None]
"""What the database says of a citation: kind, url, text."""


@dataclass(frozen=True, slots=True)
class Tweet:
    """An embedded tweet with one short link."""

    status_id: int
    link: str

    @property
    def url(self) -> str:
        """The address of its page."""
        return f"https://twitter.com/portoffice/status/{self.status_id}"

    @property
    def html(self) -> str:
        """How it is embedded."""
        return (
            f'<blockquote class="twitter-tweet"><p>Seen from the quay <a href="{self.link}">{self.link}</a></p>'
            f'&mdash; Port (@portoffice) <a href="{self.url}">May 2, 2020</a></blockquote>'
        )

    @property
    def pointers(self) -> tuple[Pointer, ...]:
        """The embed itself, and the link in it."""
        return (
            (CitationKind.TWEET, self.url, f"Seen from the quay {self.link}"),
            (CitationKind.TWEET_LINK, self.link, self.link),
        )


@dataclass(frozen=True, slots=True)
class Link:
    """A link in the story's text."""

    url: str
    text: str

    @property
    def html(self) -> str:
        """Its paragraph."""
        return f'<p>It was said before, in <a href="{self.url}">{self.text}</a> that we read with care and quote.</p>'

    @property
    def pointers(self) -> tuple[Pointer, ...]:
        """The link."""
        return ((CitationKind.LINK, self.url, self.text),)


@dataclass(frozen=True, slots=True)
class ReadMore:
    """A reference to another story, with its link or without."""

    url: str | None
    title: str

    @property
    def html(self) -> str:
        """Its paragraph."""
        title = f'<a href="{self.url}">{self.title}</a>' if self.url else self.title
        return f"<p>READ MORE: {title}</p>"

    @property
    def pointers(self) -> tuple[Pointer, ...]:
        """The reference."""
        return ((CitationKind.READ_MORE, self.url, self.title),)


@dataclass(frozen=True, slots=True)
class Story:
    """A page as it stands now."""

    title: str
    version: int
    cites: tuple[Tweet | Link | ReadMore, ...]

    @property
    def html(self) -> str:
        """The page."""
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{self.title}</title>'
            f'<meta property="og:title" content="{self.title}"><meta property="og:type" content="article"></head><body><article>'
            f"<h1>{self.title}</h1><p>This is version {self.version} of what was known at the time of writing, in words enough to be "
            f"a story.</p>{''.join(cited.html for cited in self.cites)}"
            "<p>And so it ends, with a sentence that is long enough to be one of a story.</p></article></body></html>"
        )

    @property
    def pointers(self) -> tuple[Pointer, ...]:
        """What it cites."""
        return tuple(pointer for cited in self.cites for pointer in cited.pointers)


@dataclass
class Web:
    """What there is, and what was asked of it."""

    lot: random.Random
    stories: dict[str, Story] = field(default_factory=dict)
    fates: dict[str, int | str] = field(
        default_factory=dict
    )  # what an address answers in place of its story: a status, "-> URL", "soft"
    listed: list[tuple[str, datetime]] = field(
        default_factory=list
    )  # the paper's own, the latest first, and when each was changed
    down: set[str] = field(default_factory=set)  # hosts that take no connection
    ill: set[str] = field(default_factory=set)  # hosts that answer 503 to everything
    is_offline: bool = False
    asked: list[tuple[str, int | None]] = field(default_factory=list)  # URL and status, without robots.txt
    named: set[str] = field(default_factory=set)  # stories that a READ MORE without link means: they keep their title and place
    moved: set[str] = field(default_factory=set)  # addresses that bore one story, sooner or later: a title means none of them
    made: int = 0

    def answer(self, url: str) -> tuple[int, str, str]:
        """Return what stands at url: status, Location, body."""
        fate = self.fates.get(url)
        if isinstance(fate, int):
            return fate, "", ""
        if fate == "soft":
            return 200, "", NOT_THERE
        if fate:
            return 301, fate.removeprefix("-> "), ""
        if url == FEED:
            return 200, "", self.feed
        if url == HOME:
            return 200, "", Story("The News of the Harbour", 1, ()).html
        return (200, "", self.stories[url].html) if url in self.stories else (404, "", "")

    @property
    def feed(self) -> str:
        """The paper's feed."""
        items = "".join(
            f"<item><title>{self.stories[url].title}</title><link>{url}</link><pubDate>{format_datetime(at)}</pubDate></item>"
            for url, at in self.listed
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>The News of the Harbour</title>{items}</channel></rss>'

    def host_fails(self, url: str) -> bool:
        """Whether no request for url reaches its page."""
        host = httpx.URL(url).host
        return self.is_offline or host in self.down or host in self.ill

    def pass_time(self, now: datetime) -> None:
        """Let happen what happens between two looks."""
        chance = self.lot.random
        self.is_offline = chance() < 0.03
        self.down = {host for host in (PAPER, *OTHERS, *SHORTENERS) if chance() < (0.7 if host in self.down else 0.015)}
        while len(self.down) > 2:
            self.down.pop()
        self.ill = {host for host in (PAPER, *OTHERS) if chance() < (0.5 if host in self.ill else 0.01)} - self.down
        while len(self.stories) < 4 or chance() < 0.4:
            self._publish(now)
        for change, share in (
            (self._edit, 0.5),
            (self._lose, 0.3),
            (self._restore, 0.2),
            (self._move, 0.1),
            (self._retarget, 0.2),
        ):
            if chance() < share:
                change(now)

    def _publish(self, now: datetime) -> None:
        self.made += 1
        url = f"https://{PAPER}/stories/{self.made}"
        self.stories[url] = Story(f"Story {self.made} of the harbour and the ships in it", 1, tuple(self._citations()))
        self.listed = [(url, now.replace(microsecond=0)), *self.listed][:LISTED]

    def _citations(self) -> Iterator[Tweet | Link | ReadMore]:
        for _ in range(self.lot.randint(0, 3)):
            yield self._citation()

    def _citation(self) -> Tweet | Link | ReadMore:
        own = [url for url in self.stories if httpx.URL(url).host == PAPER]
        match self.lot.choice(("tweet", "link", "link", "short", "read", "lost")):
            case "tweet":
                self.made += 1
                return Tweet(1256500000000000001 + self.made, self._short("t.co"))
            case "short":
                return Link(self._short("sho.example"), f"piece {self.made}")
            case "read" if own:
                url = self.lot.choice(own)
                return ReadMore(url, self.stories[url].title)
            case "lost" if steady := [url for url in own if self._is_steady(url)]:
                url = self.lot.choice(steady)
                self.named.add(url)
                return ReadMore(None, self.stories[url].title)
            case _:
                return Link(self._piece(), f"piece {self.made}")

    def _is_steady(self, url: str) -> bool:
        """Whether a title means this story and no other."""
        return url not in self.fates and url not in self.moved

    def _piece(self) -> str:
        """Return the address of another's piece, new or not."""
        known = [url for url in self.stories if httpx.URL(url).host != PAPER]
        if known and (len(known) > 25 or self.lot.random() < 0.4):
            return self.lot.choice(known)
        self.made += 1
        url = f"https://{self.lot.choice(OTHERS)}/pieces/{self.made}"
        self.stories[url] = Story(f"What piece {self.made} is about, told by others", 1, ())
        return url

    def _short(self, host: str) -> str:
        self.made += 1
        url = f"https://{host}/a{self.made:09}"
        self.fates[url] = f"-> {self._piece()}"
        return url

    def _edit(self, now: datetime) -> None:
        url = self.lot.choice(list(self.stories))
        story, cites = self.stories[url], list(self.stories[url].cites)
        if cites and self.lot.random() < 0.5:
            cites.pop(self.lot.randrange(len(cites)))
        if httpx.URL(url).host == PAPER and self.lot.random() < 0.7:
            cites.insert(self.lot.randint(0, len(cites)), self._citation())
        title = (
            story.title
            if url in self.named or self.lot.random() < 0.6
            else f"{story.title.partition(':')[0]}: as of {now:%d %B %H:%M}"
        )
        self.stories[url] = Story(title, story.version + 1, tuple(dict.fromkeys(cites)))
        self.listed = [(at, now.replace(microsecond=0) if at == url else then) for at, then in self.listed]

    def _lose(self, _: datetime) -> None:
        here = [url for url in self.stories if url not in self.fates and url not in self.named]
        if here:
            url = self.lot.choice(here)
            home = [f"-> {HOME}"] if httpx.URL(url).host == PAPER else []
            self.fates[url] = self.lot.choice([404, 404, 410, "soft", 500, 403, *home])

    def _restore(self, _: datetime) -> None:
        if lost := [url for url in self.stories if url in self.fates]:
            del self.fates[self.lot.choice(lost)]

    def _move(self, _: datetime) -> None:
        if here := [url for url in self.stories if url not in self.fates and url not in self.named]:
            url = self.lot.choice(here)
            self.made += 1
            there = f"https://{httpx.URL(url).host}/moved/{self.made}"
            self.stories[there] = replace(self.stories[url])
            self.fates[url] = f"-> {there}"
            self.moved |= {url, there}

    def _retarget(self, _: datetime) -> None:
        if shorts := [url for url in self.fates if httpx.URL(url).host in SHORTENERS]:
            self.fates[self.lot.choice(shorts)] = f"-> {self._piece()}"


class Wire(httpx.AsyncBaseTransport):
    """The simulated web as a transport: ETags, 304s, robots.txt, and connections that fail."""

    def __init__(self, web: Web) -> None:
        self._web = web

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the web stands now."""
        web, url = self._web, str(request.url.copy_with(raw_path=request.extensions["target"]))
        host, is_robots = request.url.host, url.endswith("/robots.txt")
        if web.is_offline or host in web.down:
            if not is_robots:
                web.asked.append((url, None))
            raise httpx.ConnectError("nobody is there")
        if host in web.ill:
            return httpx.Response(503, stream=httpx.ByteStream(b""))
        if is_robots:
            return httpx.Response(404, stream=httpx.ByteStream(b""))
        status, location, body = web.answer(url)
        tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:16]}"'
        headers = {"location": location} if location else {}
        if status == 200:
            headers |= {"etag": tag, "content-type": "application/rss+xml" if url == FEED else "text/html; charset=utf-8"}
            if request.headers.get("if-none-match") == tag:
                status, body = 304, ""
        web.asked.append((url, status))
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body.encode()))
