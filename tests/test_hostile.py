"""Hostile documents: none harms its reader for long, and each has a record that says what was left out."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.core import charsets, documents
from crawler.core.bounds import LONGEST_URL, MOST_CITATIONS, bounded, sayable
from crawler.core.model import Document, Page, Unread
from crawler.core.settings import Limits
from crawler.reading.readers import Readers
from tests.cli.test_commands import ROOT, crawler

LINK = "https://t.co/Hb4rWq7TzK"
TWEET = (
    f'<blockquote class="twitter-tweet"><p>Words of a tweet <a href="{LINK}">{LINK}</a></p>&mdash; Harbour Post (@harbourpost) '
    '<a href="https://twitter.com/harbourpost/status/1109876543210987654">March 16, 2026</a></blockquote>'
)


def each(shape: str, times: int) -> str:
    return "".join(shape.format(number) for number in range(times))


def slug(number: int) -> str:
    return "".join(random.Random(number).choices("abcdefghijkABCDEFGHIJK0123456789", k=10))


NESTED = (
    "div",
    "ul><li",
    "dl><dt",
    "blockquote",
    "template",
    "b",
    "a href=x",
    "svg",
    "math",
    "table><tr><td",
    "font",
    "section",
    "button",
)
BOMBS = {
    **{f"nested <{tag}>": f"<{tag}>" * 30_000 for tag in NESTED},
    "80,000 templates": "<template>" * 80_000,
    "formatting elements that are never closed": "<p>" + each("<font size={}>", 500) + "<p>x" * 5000,
    "formatting elements closed in the wrong order": each("<b i{}>", 2000) + each("<i i{}>", 2000) + "x</b>" * 2000,
    "50,000 options": "<select>" + "<option>x" * 50_000,
    "20,000 attributes": "<a " + each("a{}=1 ", 20_000) + ">",
    "100,000 tag names": each("<x{}>", 100_000),
    "a body named again and again": each("<body a{}=1>", 20_000),
    "an attribute of 1 MB": f"<p>Prose before <a href='https://a.example/{'x' * 1_000_000}'>a link</a> and after it.</p>",
    "a line of 1 MB without a blank": "x" * 1_000_000,
    "a comment that is never closed": "<!--" + "x" * 1_000_000,
    "scripts that are never closed": "<script>" * 100_000,
    "50,000 links": f"<p>{'<a href=https://a.example/b>some words</a> ' * 50_000}</p>",
    "deep JSON-LD": '<script type="application/ld+json">' + '{"@graph":[' * 200_000 + "</script>",
    "JSON-LD of a number with 100,000 digits": '<script type="application/ld+json">' + "9" * 100_000 + "</script>",
    "JSON-LD of many nodes": '<script type="application/ld+json">[' + '{"@type":"NewsArticle"},' * 100_000 + "{}]</script>",
    "NULs": "<p>Words \0 and \0</p>" * 50_000,
    "tweets within tweets": '<blockquote class="twitter-tweet">' * 20_000,
    "frames": "<iframe src=https://platform.twitter.com/embed/Tweet.html?id=1234567890123456789></iframe>" * 20_000,
}  # fmt: skip


@pytest.mark.anyio
async def test_every_bomb_has_its_record_and_the_tweet_before_it_is_in_it():
    readers = Readers(Limits(read_seconds=0.25, read_bytes=300_000_000), count=2)
    try:
        pages = await asyncio.gather(
            *(readers.read(Document(f"<!doctype html>{TWEET}{bomb}".encode(), None, None)) for bomb in BOMBS.values())
        )
    finally:
        await readers.aclose()
    poor = [name for name, page in zip(BOMBS, pages, strict=True) if not isinstance(page, Page) or LINK not in links(page)]
    assert poor == []
    cuts = [page.cut for page in pages if page.cut]
    assert cuts, "some are too much for any parser"
    assert all(cut.startswith(("what only its markup tells: ", "links of more than ")) for cut in cuts)


def links(page: Page) -> set[str | None]:
    return {citation.url for citation in page.citations}


def test_of_a_page_with_too_many_citations_the_first_are_kept():
    text = "".join(
        f"Words of a tweet https://t.co/{slug(number)} — A (@a) March 16, 2026\n" for number in range(MOST_CITATIONS // 2 + 10)
    )
    page = documents.read(Document(text.encode(), None, None))
    assert len(page.citations) == MOST_CITATIONS + 20
    cut = bounded(page, truncated=False)
    assert cut.citations == page.citations[:MOST_CITATIONS]
    assert cut.tweets == page.tweets[: MOST_CITATIONS // 2]
    assert cut.cut == "citations past the first 10,000"


def test_a_link_no_server_would_take_is_left_out_and_its_words_kept():
    prose = "It was said before, in <a href='https://a.example/{}'>a piece</a> that we read with care and quote.".format(
        "x" * LONGEST_URL
    )
    page = documents.read(Document(f"<article><p>{prose}</p></article>".encode(), "text/html", None))
    (citation,) = bounded(page, truncated=True).citations
    assert (citation.href, citation.url, citation.text) == (None, None, "a piece")
    assert bounded(page, truncated=True).cut == "all past limits.body_bytes; links of more than 65,536 characters: 1"


def test_without_a_parser_a_page_gives_its_title_its_tweets_and_their_links():
    more = '<p>Prose &amp; more of it.</p><p><strong>READ MORE: <a href="/x">The title of another story</a></strong></p>'
    hidden = '<a href="https://t.co/abcdefghij">bbc.in</a><a href="https://x.com/other/status/1209876543210987654">see</a>'
    html = f"<html><title>A story &ndash; of two</title><script>'{LINK}0'</script><!-- {LINK}1 -->{TWEET}{more}{hidden}"
    page = documents.read_without_parser(
        Document(html.encode(), "text/html", "https://a.example/"), "it was told to", lambda: False
    )
    assert page.article.title == "A story – of two"
    assert [(tweet.handle, tweet.status_id, tweet.date_text) for tweet in page.tweets] == [
        ("harbourpost", "1109876543210987654", "March 16, 2026"),
        ("other", "1209876543210987654", None),
    ]
    assert [(citation.position, citation.kind, citation.url or citation.text) for citation in page.citations] == [
        (0, "tweet", "https://twitter.com/harbourpost/status/1109876543210987654"),
        (1, "tweet_link", LINK),
        (2, "read_more", "The title of another story"),
        (3, "tweet", "https://x.com/other/status/1209876543210987654"),
        (4, "tweet_link", "https://t.co/abcdefghij"),
    ]
    assert page.cut == "what only its markup tells: it was told to"


def test_a_scan_stops_when_it_is_late_and_says_where():
    text = f"A headline of four words\n{LINK}\n" + "Some words of a long text.\n" * 10_000
    calls = count()
    page = documents.read_without_parser(Document(text.encode(), None, None), "it was told to", lambda: next(calls) > 1)
    assert page.article.title == "A headline of four words"
    assert links(page) == {LINK}
    assert page.cut.startswith("what only shows in the whole text: it was told to; all past the first ")


def test_a_scan_passes_gaps_by_that_readers_of_text_are_slow_at():
    text = f"A headline of words\n{LINK} ? A (@a) May 1, 2016{' ' * 100_000}x\n"
    page = documents.read_without_parser(Document(text.encode(), None, None), "it was told to", lambda: False)
    assert links(page) >= {LINK}


def test_stretches_end_where_no_link_is_torn():
    glued = "".join(f"https://t.co/{slug(number)}" for number in range(8000))
    page = documents.read_without_parser(Document(glued.encode(), None, None), "it was told to", lambda: False)
    assert [citation.url for citation in page.citations] == [f"https://t.co/{slug(number)}" for number in range(8000)]


@pytest.mark.anyio
async def test_half_a_character_that_json_spells_out_is_replaced():
    data = r'{"@type": "NewsArticle", "headline": "A headline \ud83d of words \ud83d\ude00"}'
    readers = Readers(Limits(), count=1)
    try:
        page = await readers.read(
            Document(f'<script type="application/ld+json">{data}</script><p>A page</p>'.encode(), "text/html", None)
        )
    finally:
        await readers.aclose()
    assert page.article.title == "A headline \ufffd of words \U0001f600"


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(["<p>", "</p>", "<!--", "-->", "<script>", "</script>", "<a href=", '"', ">", "<", "&#0;", "&#xD800;", TWEET, LINK]),
            st.sampled_from(["<title>", "READ MORE: ", "— A (@a) March 16, 2026", "pic.twitter.com/", "\0", "\n", "<template>", "<svg>"]),
            st.text(max_size=20),
            st.binary(max_size=20),
        ),
        max_size=30,
    ),
    st.sampled_from([None, "text/html", "text/plain", "text/html; charset=utf-8", "text/html; charset=utf-16", "application/json"]),
)  # fmt: skip
def test_whatever_the_bytes_reading_them_gives_a_page_or_a_reason(parts, media_type):
    content = b"".join(part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass") for part in parts)
    must_be_read(Document(content, media_type, "https://a.example/"))


def must_be_read(document: Document) -> None:
    for result in (documents.read(document), documents.read_without_parser(document, "it was told to", lambda: False)):
        assert isinstance(result, Page | Unread)
        if isinstance(result, Page):
            msgspec.json.encode(sayable(bounded(result, truncated=False)))


def corpus_documents(folder: Path) -> Iterator[bytes]:
    """Yield the hostile documents, and pages that hold each hostile string where a page may hold one."""
    for name in ("html", "xml", "xss", "csv", "crlf", "compression", "json"):
        yield from (file.read_bytes() for file in sorted((folder / name).rglob("*")) if file.is_file())
    for file in sorted((folder / "html").rglob("*.dat")):
        yield from (case.partition(b"\n#")[0] for case in file.read_bytes().split(b"#data\n")[1:])
    for line in (folder / "html/own-bytes.jsonl").read_text().splitlines():
        yield bytes.fromhex(json.loads(line)["hex"])
    for file in sorted((folder / "json").rglob("*.json")):
        data = file.read_bytes()
        yield b'<html><script type="application/ld+json">' + data + b"</script><p>A page</p>"
        article = b'{"@type":"NewsArticle","headline":%s,"author":%s,"datePublished":%s,"@graph":%s}' % (data, data, data, data)
        yield b'<html><script type="application/ld+json">' + article + b"</script><p>A page</p>"
    for said in json.loads((folder / "strings/blns.json").read_text("utf-8")):
        hostile = said.encode("utf-8", "surrogatepass")
        yield b"<html><title>%s</title><p><a href='%s'>%s</a></p>" % (hostile, hostile, hostile) + TWEET.encode().replace(
            b"Words", hostile
        )
        yield b"%s\nA tweet %s https://t.co/%s \xe2\x80\x94 %s (@a) March 16, 2026 READ MORE: %s" % ((hostile,) * 5)


def test_no_document_of_the_corpus_goes_uncaught(hostile):
    for content in corpus_documents(hostile):
        must_be_read(Document(content, "text/html; charset=utf-8", "https://a.example/"))


def test_no_label_of_the_corpus_is_decoded_as_what_no_browser_knows(hostile):
    content = "<p>+ADw-script+AD4- café</p>".encode()
    for line in (hostile / "charset/own-labels.jsonl").read_text().splitlines():
        label = json.loads(line)["label"]
        for document in (
            Document(content, f"text/html; charset={label}", None),
            Document(b"<meta charset='%s'>" % label.encode("utf-8", "replace") + content, None, None),
        ):
            must_be_read(document)
            assert "<script" not in charsets.decode(document.content, document.media_type)


def test_every_file_of_the_corpus_has_its_record_or_its_reason(hostile):
    files = sorted(
        str(file) for name in ("html", "xss", "crlf", "strings") for file in (hostile / name).rglob("*") if file.is_file()
    )
    done = crawler("extract", *files)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(records) + len(done.stderr.splitlines()) == len(files)
    assert all(line.startswith("crawler: ") for line in done.stderr.splitlines())
    named = {record["source"] for record in records}
    assert [record["source"] for record in records] == [file for file in files if file in named], "in the order named"


def test_what_is_piped_in_past_the_limit_is_not_waited_for(tmp_path):
    (tmp_path / "config.toml").write_text("[limits]\nbody_bytes = 100000\n")
    endless = subprocess.Popen(["yes", f"Some words and {LINK}"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    done = subprocess.run(
        [sys.executable, "-m", "crawler", "extract", "-"],
        cwd=tmp_path, stdin=endless.stdout, capture_output=True, timeout=60, check=False, env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert endless.stdout
    endless.stdout.close()
    endless.wait()
    record = json.loads(done.stdout)
    assert record["cut"] == "all past limits.body_bytes"
    assert {citation["url"] for citation in record["citations"]} == {LINK}
