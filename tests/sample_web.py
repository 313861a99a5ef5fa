"""The web that the sample article points into, and the recording of its cassettes.

`python -m tests.sample_web cassettes/harbour-fire` crawls the sample over this stand-in on loopback and records every exchange.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from crawler.clock import SystemClock
from crawler.core.model import Source
from crawler.core.settings import Limits
from crawler.crawl import crawl
from crawler.sources.files import Shelf
from crawler.store import database, records
from crawler.web.cassettes import RecordTransport
from crawler.web.client import Client
from crawler.web.politeness import Manners
from tests.standin import Answer, Standin, Table, certificate_for, hosts_of, to
from tests.webs import read_here

EXAMPLES = Path(__file__).parent.parent / "examples"
SAMPLES = (EXAMPLES / "harbour-fire.txt", EXAMPLES / "harbour-fire.html")
DEPTH = 2  # one further than config.toml goes, so that --depth 2 can be tried on it


def article(title: str, site: str, path: str, published: str, *paragraphs: str) -> Answer:
    """Return a news page as a newspaper's system would make it."""
    body = "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    host = "www.harbourpost.example" if site == "Harbour Post" else "coastline.example"
    return Answer(
        body=f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title} – {site}</title>
<link rel="canonical" href="https://{host}{path}">
<meta property="og:type" content="article">
<meta property="og:title" content="{title}">
<meta property="og:site_name" content="{site}">
<meta property="article:published_time" content="{published}">
</head>
<body>
<nav><a href="/">Home</a> <a href="/port/">Port</a></nav>
<main><article>
<h1>{title}</h1>
{body}
</article></main>
<footer><a href="/imprint">Imprint</a></footer>
</body>
</html>
""".encode()
    )


PERMIT = "/2026/03/warehouse-permit"
EXITS = "/2025/02/blocked-exits"
INQUIRY = "/2026/03/harbour-fire-inquiry"
QUAY = "/port/north-quay-fire"

WEB: Table = {
    "https://t.co/robots.txt": Answer(200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow:\n"),
    "https://t.co/Hb4rWq7TzK": to("https://hrbr.example/2k1"),
    # As t.co answers a browser: a page with a refresh, and a script for those who don't heed it.
    "https://t.co/9mXcPd2LsV": Answer(
        body=b'<head><noscript><META http-equiv="refresh" content="0;URL=https://coastline.example/port/north-quay-fire">'
        b"</noscript><title>https://coastline.example/port/north-quay-fire</title></head><script>window.opener = null; "
        b'location.replace("https:\\/\\/coastline.example\\/port\\/north-quay-fire")</script>'
    ),
    "https://hrbr.example/2k1": to(f"https://www.harbourpost.example{PERMIT}?utm_source=twitter&utm_medium=social", 302),
    "https://www.harbourpost.example/robots.txt": Answer(
        200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /subscribe\n"
    ),
    f"https://www.harbourpost.example{PERMIT}?utm_source=twitter&utm_medium=social": (
        permit := article(
            "City hall approved the warehouse’s permit in nine days, documents show",
            "Harbour Post",
            PERMIT,
            "2026-03-16T08:30:00+01:00",
            "The permit for the warehouse that burned down on Sunday took nine days, a fifth of the usual time, papers seen by this "
            "newspaper show.",
            f'The inspectors had <a href="{EXITS}">warned of blocked exits</a> thirteen months before.',
            '<strong>READ MORE: <a href="https://coastline.example/port/north-quay-fire">Crews from four towns still at work at the '
            "north quay</a></strong>",
        )
    ),
    f"https://www.harbourpost.example{PERMIT}": permit,
    f"https://www.harbourpost.example{EXITS}": article(
        "Inspectors warned of blocked exits a year before the fire – report",
        "Harbour Post",
        EXITS,
        "2026-03-17T06:00:00+01:00",
        "Two of the warehouse’s five exits were blocked when inspectors came in February 2025, their report says.",
        f'The permit was given all the same, <a href="{PERMIT}">in nine days</a>.',
    ),
    f"https://www.harbourpost.example{INQUIRY}": article(
        "Harbour fire: the inquiry’s first day",
        "Harbour Post",
        INQUIRY,
        "2026-03-18T07:30:00+01:00",
        "The inquiry into the fire began on Tuesday with the question of who had known what.",
    ),
    f"https://coastline.example{QUAY}": article(
        "Crews from four towns still at work at the north quay",
        "Coastline",
        QUAY,
        "2026-03-15T23:55:00+01:00",
        "Smoke could be seen twenty kilometres away when the roof of the warehouse fell in on Sunday night.",
        f'The permit was given in nine days, <a href="https://www.harbourpost.example{PERMIT}">the Harbour Post has found</a>.',
    ),
    "https://files.portansgar.example/permits/2025-117.pdf": Answer(410, {"Content-Type": "text/plain"}, b"Removed."),
    "https://short.example/fire-log": to("https://short.example/fire-log/", 308),
    "https://short.example/fire-log/": to("https://short.example/fire-log", 308),
}


async def record(folder: Path) -> None:
    """Crawl the samples over the stand-in web, recording into folder."""
    with tempfile.TemporaryDirectory() as scratch:
        certificate = certificate_for(hosts_of(WEB), Path(scratch))
        db = database.open_for_writing(Path(scratch, "provenance.db"))
        shelf = Shelf(sys.stdin.buffer, Limits().body_bytes)
        clock = SystemClock()
        async with Standin(WEB, certificate=certificate) as web:
            client = Client(
                RecordTransport(web.engine(), folder), clock=clock, limits=Limits(), manners=Manners(seconds_between=0.0)
            )
            starts: list[tuple[Source, int]] = [(source, DEPTH) for sample in SAMPLES for source in shelf.take(str(sample))]
            run = records.begin_run(db, starts, Limits(), "record", "{}", "0", clock.now())
            assert run
            await crawl(
                run,
                fetch=client.fetch,
                read=read_here,
                open_document=shelf.open,
                clock=clock,
                stop=asyncio.Event(),
                watcher=_Loud(),
                workers=1,  # one order of the exchanges, so that recording again changes nothing but the dates
            )
            await client.aclose()
        db.close()


class _Loud:
    def visited(self, visit):
        pass

    def failed(self, task, error):
        raise error


if __name__ == "__main__":
    asyncio.run(record(Path(sys.argv[1])))
