"""Reads pages with one reader, in the environment of its own that comparison.py made for it; or with ours.

Paths come on standard input, one a line; out goes one JSON object a page: processor seconds, best of so many rounds, and
what the reader returned of the page. A peer's words are searched for what it has no field for, so that nothing it kept is
held against it.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import warnings
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

ADDRESS = "https://www.harbourpost.example/2026/03/fire"
STATUS = re.compile(r"(?:twitter|x)\.com/(?:\w{1,15}|i(?:/web)?)/status(?:es)?/(\d{5,20})", re.ASCII)
SHORT_LINK = re.compile(r"https?://t\.co/[A-Za-z0-9]{7,10}")
MEDIA = re.compile(r"pic\.(?:twitter|x)\.com/[A-Za-z0-9]{10}")
HREF = re.compile(r"(?:target|href)=\"([^\"]*)\"")

Reader = Callable[[bytes, bool], str]


def crawler() -> Callable[[bytes, bool], bytes]:
    import msgspec  # noqa: PLC0415

    from crawler.core import documents  # noqa: PLC0415
    from crawler.core.model import Document  # noqa: PLC0415

    def read(content: bytes, is_html: bool) -> bytes:  # noqa: FBT001
        page: Any = documents.read(Document(content, "text/html" if is_html else "text/plain", ADDRESS))
        return msgspec.json.encode({"tweets": page.tweets, "citations": page.citations})

    return read


def trafilatura() -> Reader:
    from trafilatura import extract  # noqa: PLC0415

    return lambda content, _: extract(content, url=ADDRESS, output_format="xml", include_links=True, include_comments=False) or ""


def newspaper() -> Reader:
    from newspaper import Article  # noqa: PLC0415

    def read(content: bytes, _: bool) -> str:  # noqa: FBT001
        article = Article(ADDRESS, fetch_images=False)
        article.download(input_html=content.decode("utf-8", "replace"))
        article.parse()
        return f"{article.title}\n{article.text}\n{article.article_html}"

    return read


def goose() -> Reader:
    from goose3 import Goose  # noqa: PLC0415

    extractor = Goose({"enable_image_fetching": False})

    def read(content: bytes, _: bool) -> str:  # noqa: FBT001
        article = extractor.extract(raw_html=content.decode("utf-8", "replace"))
        return "\n".join((article.title or "", article.cleaned_text or "", *article.tweets, *article.links))

    return read


READERS: dict[str, Callable[[], Any]] = {"ours": crawler, "trafilatura": trafilatura, "newspaper4k": newspaper, "goose3": goose}


def as_page(text: str) -> bytes:
    """Return a flattened article as the page a peer can read."""
    lines = "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())
    return f'<!doctype html><html><head><meta charset="utf-8"></head><body><article>{lines}</article></body></html>'.encode()


def returned(said: bytes | str) -> dict[str, Any]:
    """Return a reader's answer in one form: ours as it is, a peer's by what its words hold."""
    if isinstance(said, bytes):
        return {"record": json.loads(said)}
    found = {
        "tweets": sorted(set(STATUS.findall(said))),
        "tco": sorted(set(SHORT_LINK.findall(said))),
        "media": sorted(set(MEDIA.findall(said))),
        "links": sorted(set(HREF.findall(said))),
    }
    return {"words": said, "found": found}


def main() -> None:
    name, rounds = sys.argv[1], int(sys.argv[2])
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    read = READERS[name]()
    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        is_html = path.suffix.startswith(".htm")
        content = path.read_bytes()
        if name != "ours" and not is_html:
            content = as_page(content.decode("utf-8", "replace"))
        spent, said = [], ""
        for _ in range(rounds):
            started = time.process_time()
            try:
                said = read(content, is_html)
            except Exception:  # noqa: BLE001 - a page that a reader can't take is one it returns nothing of
                said = ""
            spent.append(time.process_time() - started)
        print(json.dumps({"seconds": min(spent), **returned(said)}), flush=True)


if __name__ == "__main__":
    main()
