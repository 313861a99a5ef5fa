"""Pages to read: generated ones of realistic sizes, the same in every run, and those of a folder."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SEED = 2016
HANDLES = ("harbourpost", "coastline_news", "quay_reporter", "cityhall_pa")


@dataclass(frozen=True, slots=True)
class Sample:
    """A page in three parts, so that a longer one can be made of it."""

    name: str
    head: bytes
    body: bytes  # what stands inside the body element
    foot: bytes

    def times(self, count: int) -> bytes:
        """Return the page with its body so many times over."""
        return self.head + count * self.body + self.foot


def generated(count: int) -> Iterator[Sample]:
    """Yield so many pages of each sort: a story, a live blog, a front page."""
    for number in range(count):
        write = _Writer(number)
        yield write.page("story", write.navigation(120), write.story(12, tweets=2), write.navigation(80), write.script(60_000))
        yield write.page("live blog", write.navigation(120), write.story(40, tweets=15), write.script(90_000))
        yield write.page("front page", write.navigation(120), write.teasers(120), write.script(120_000))


def of_folder(folder: Path) -> Iterator[Sample]:
    """Yield the HTML files of a folder."""
    for path in sorted(folder.glob("*.htm*")):
        content = path.read_bytes()
        lowered = content.lower()  # of bytes: every offset stays
        start = max(lowered.find(b">", lowered.find(b"<body")) + 1, 0)
        end = lowered.rfind(b"</body")
        end = len(content) if end < start else end
        yield Sample(path.name, content[:start], content[start:end], content[end:])


class _Writer:
    """Writes a page's parts."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._chance = random.Random(SEED + number)
        letters = "etaoinshrdlu"
        self._words = ["".join(self._chance.choices(letters, k=self._chance.randint(2, 9))) for _ in range(800)]

    def page(self, sort: str, *parts: str) -> Sample:
        title = self._sentence(8)
        about = {"@type": "NewsArticle", "headline": title, "datePublished": "2026-03-18T07:30:00Z"}
        head = (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} – Harbour Post</title>'
            f'<link rel="canonical" href="https://www.harbourpost.example/2026/{self._slug()}">'
            f'<meta property="og:type" content="article"><meta property="og:title" content="{title}">'
            f'<script type="application/ld+json">{json.dumps(about)}</script></head><body>'
        )
        return Sample(f"{sort} {self._number}", head.encode(), "".join(parts).encode(), b"</body></html>")

    def story(self, paragraphs: int, tweets: int) -> str:
        blocks = [f"<p>{self._prose()}</p>" for _ in range(paragraphs)]
        blocks += [self._tweet() for _ in range(tweets)]
        blocks += [f'<p><strong>READ MORE: <a href="/{self._slug()}">{self._sentence(9)}</a></strong></p>' for _ in range(2)]
        self._chance.shuffle(blocks)
        return f"<main><article><h1>{self._sentence(8)}</h1>{''.join(blocks)}</article></main>"

    def navigation(self, links: int) -> str:
        items = (f'<li class="menu-item"><a href="/{self._slug()}">{self._sentence(2)}</a></li>' for _ in range(links))
        return f'<nav class="menu"><ul>{"".join(items)}</ul></nav>'

    def teasers(self, count: int) -> str:
        return "".join(
            f'<div class="teaser"><a href="/{self._slug()}"><img src="/{self._slug()}.jpg" alt="">'
            f"<h3>{self._sentence(9)}</h3></a><p>{self._sentence(18)}.</p></div>"
            for _ in range(count)
        )

    def script(self, characters: int) -> str:
        state = json.dumps([self._sentence(12) for _ in range(characters // 80)])
        return f"<script>window.__STATE__ = {state};</script>"

    def _prose(self) -> str:
        link = f'<a href="https://www.{self._word()}.example/{self._slug()}">{self._sentence(4)}</a>'
        return f"{self._sentence(20)}, {link}, {self._sentence(15)}. {self._sentence(15)}."

    def _tweet(self) -> str:
        handle = self._chance.choice(HANDLES)
        short = "https://t.co/" + "".join(self._chance.choices("abcdefghijkABCDEFGHIJK0123456789", k=10))
        status = self._chance.randrange(2**60, 2**61)
        return (
            f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">{self._sentence(16)} <a href="{short}">{short}</a></p>'
            f'&mdash; {handle.title()} (@{handle}) <a href="https://twitter.com/{handle}/status/{status}">March 16, 2026</a>'
            '</blockquote><script async src="https://platform.twitter.com/widgets.js" charset="utf-8"></script>'
        )

    def _word(self) -> str:
        return self._chance.choice(self._words)

    def _sentence(self, words: int) -> str:
        return " ".join(self._chance.choices(self._words, k=words)).capitalize()

    def _slug(self) -> str:
        return "-".join(self._chance.choices(self._words, k=6))
