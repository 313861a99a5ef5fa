"""What a page says, its server, a link or a name: printed by every command, and an order to nobody."""

from __future__ import annotations

import asyncio
import csv
import io
import unicodedata
from html import escape

import pytest

from crawler.clock import SystemClock
from crawler.core.model import Url
from crawler.core.settings import Limits
from crawler.web.cassettes import RecordTransport
from crawler.web.client import Client
from crawler.web.politeness import Manners
from tests.cli.test_commands import crawler
from tests.standin import Answer, Raw, Standin

ORDERS = (
    "\x1b[2J\x1b[H", "\x1b]0;pwned\x07", "\x1b]8;;http://evil/\x1b\\click\x1b]8;;\x1b\\", "\x1b]52;c;ZXZpbA==\x07", "\x9b31m", "\x9d0;x\x9c",
    "a\rb", "a\x08b", "\u202emoc.elpmaxe\u202c", "\u2066x\u2069", "\u200b", "\ufeff", "\x7f", "[red]x[/red]", "[link=http://evil/]x[/link]",
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>',
)  # fmt: skip
FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "＝1+1", "\t=1")
WORDS = " ".join(ORDERS)
HOST = "http://a.example"
START, STORY, GONE, BROKEN = (Url(f"{HOST}/{name}") for name in ("start", "story", "gone", "broken"))
# Our list, not the program's: controls but for the end of a line, and what changes the order or the look of others.
FORBIDDEN_CATEGORIES = {"Cc", "Cs"}
FORBIDDEN = set("\u200b\u200e\u200f\u061c\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def hostile_page(*links):
    paragraphs = "".join(
        f'<p>It was said before, in <a href="{link}">{escape(formula)} {escape(WORDS)}</a> that we read with care and quote {escape(WORDS)}.</p>'
        for link, formula in zip(links, FORMULAS, strict=False)
    )
    head = f'<title>{escape(FORMULAS[0] + WORDS)}</title><meta name="author" content="{escape(FORMULAS[3] + WORDS)}">'
    head += f'<meta property="og:site_name" content="{escape(FORMULAS[1] + WORDS)}"><meta property="og:type" content="article">'
    tweet = (
        f'<blockquote class="twitter-tweet"><p>{escape(FORMULAS[0])} {escape(WORDS)}</p>&mdash; {escape(FORMULAS[2] + WORDS)} (@harbourpost) '
        '<a href="https://twitter.com/harbourpost/status/1109876543210987654">March 16, 2026</a></blockquote>'
    )
    return Answer(body=f"<!doctype html>{head}<article><h1>{escape(WORDS)}</h1>{paragraphs}{tweet}</article>".encode())


WEB = {
    START: Raw(b"HTTP/1.1 302 \x9b31m\r\nLocation: /story?\xc2\x9b31m\xe2\x80\xae=\r\nContent-Length: 0\r\n\r\n", "keep"),
    f"{STORY}?%C2%9B31m%E2%80%AE=": hostile_page(f"{GONE}?\u202e\x9b", BROKEN, f"{STORY}?=1+1", "javascript:alert(1)"),
    f"{STORY}?=1+1": hostile_page(),
    f"{GONE}?%E2%80%AE%C2%9B": Raw(b"HTTP/1.1 404 \x9b2J\r\nContent-Length: 0\r\n\r\n", "keep"),
    BROKEN: Raw(b"\x1b]0;pwned\x07\x9b2J\r\n\r\n"),
}


async def record(folder):
    async with Standin(WEB) as web:
        manners = Manners(seconds_between=0.0)
        client = Client(
            RecordTransport(web.engine(), folder), clock=SystemClock(), limits=Limits(max_attempts=1), manners=manners
        )
        for url in WEB:
            await client.fetch(Url(url))
        await client.aclose()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a recording of the hostile web, and a database of its crawl."""
    folder = tmp_path_factory.mktemp("hostile")
    asyncio.run(record(folder / "tapes"))
    (folder / "story.html").write_bytes(hostile_page(GONE, BROKEN).body)
    (folder / "config.toml").write_text(
        f'replay = "tapes"\n[[sources]]\nname = "{"".join(map(_in_toml, WORDS))}"\nfile = "lost\\u001b[2J"\n'
    )
    done = crawler("run", START, "--depth", "2", "--replay", "tapes", "--db", "of.db", cwd=folder)
    must_be_inert(done.stdout + done.stderr)
    assert done.returncode == 0, done.stderr
    return folder


def _in_toml(character):
    return f"\\u{ord(character):04x}" if unicodedata.category(character)[0] in "CZ" or character in '"\\' else character


def must_be_inert(text):
    orders = {
        character
        for character in text
        if (unicodedata.category(character) in FORBIDDEN_CATEGORIES and character != "\n") or character in FORBIDDEN
    }
    assert orders == set()


TABLES = ("pieces", "citations", "tweets", "resolutions", "hops", "attempts", "captures")
COMMANDS = {
    "resolve": ["resolve", START, BROKEN, "--replay", "tapes"],
    "resolve --json": ["resolve", START, BROKEN, "--replay", "tapes", "--json"],
    "extract": ["extract", "story.html"],
    "trace": ["trace", START, "--db", "of.db"],
    "trace --json": ["trace", START, "--db", "of.db", "--json"],
    "trace of what nobody knows": ["trace", f"nobody {WORDS}", "--db", "of.db"],
    "check": ["check", "--db", "of.db"],
    "run --json": ["run", START, "--replay", "tapes", "--db", "another.db", "--json"],
    "run of a missing source": ["run", f"lost {WORDS.replace('/', '')}", "--db", "another.db"],
    **{f"query {table} {form}": ["query", f"SELECT * FROM {table}", "--db", "of.db", *form] for table in TABLES for form in ((), ("--json",))},
    **{f"export {form}": ["export", "--format", form, "--db", "of.db"] for form in ("jsonl", "graphml", "gexf", "dot", "prov-json")},
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_printed_steers_no_terminal(place, name):
    done = crawler(*COMMANDS[name], cwd=place)
    must_be_inert(done.stdout.replace("\t", " ") if name.startswith("export") else done.stdout)
    must_be_inert(done.stderr)
    assert done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("table", TABLES)
def test_no_cell_of_csv_is_a_formula(place, table):
    done = crawler("query", f"SELECT * FROM {table}", "--db", "of.db", "--csv", cwd=place)
    cells = [cell for row in csv.reader(io.StringIO(done.stdout)) for cell in row]
    assert cells
    assert [
        cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝")) and not cell.lstrip("-").isdigit()
    ] == []
    for cell in cells:
        must_be_inert(cell)


def test_the_words_are_kept_as_they_were_said(place):
    done = crawler("query", "SELECT title, byline FROM pieces WHERE title IS NOT NULL", "--db", "of.db", "--json", cwd=place)
    assert "\\u001b" in done.stdout
    assert "<script>" in done.stdout
