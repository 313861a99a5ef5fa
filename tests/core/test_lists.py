"""Feeds, sitemaps and lists of URLs: told by how they begin, and read however they are written."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from crawler.core import documents, lists
from crawler.core.model import Document, Page, ReadAs, Unread

AT = "https://www.a.example/dir/feed"


def read(content, *, media_type=None, url=AT, read_as=None, limit=10_000, truncated=False):
    document = Document(content if isinstance(content, bytes) else content.encode(), media_type, url, truncated)
    return documents.read(replace(document, read_as=read_as or lists.told(document), entry_limit=limit))


def entries(page):
    assert isinstance(page, Page), page
    return [(citation.url, citation.text, citation.dated_at) for citation in page.citations]


def rss(*items, channel="<title>The A</title>", before='<?xml version="1.0"?>'):
    return f'{before}<rss version="2.0"><channel>{channel}{"".join(f"<item>{item}</item>" for item in items)}</channel></rss>'


def urlset(*locations, tag="url", root="urlset"):
    return (
        f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        + "".join(f"<{tag}><loc>{location}</loc></{tag}>" for location in locations)
        + f"</{root}>"
    )


NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
  xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" xmlns:video="http://www.google.com/schemas/sitemap-video/1.1">
<url><loc>
  https://www.a.example/1 </loc><news:news><news:publication><news:name>The A</news:name></news:publication>
  <news:publication_date>2026-03-18T12:00:00+02:00</news:publication_date><news:title>It&apos;s <![CDATA[a < story]]></news:title></news:news>
  <image:image><image:loc>https://www.a.example/i.png</image:loc><image:title>A picture</image:title></image:image>
  <video:video><video:title>A film</video:title></video:video></url>
</urlset>"""

CASES = {
    "RSS": (
        rss("<title>One &amp;amp; two</title><link>https://b.example/1</link><pubDate>Wed, 18 Mar 2026 12:00:00 +0200</pubDate>"),
        ReadAs.FEED,
        [("https://b.example/1", "One & two", "2026-03-18T10:00:00Z")],
    ),
    "RSS with a byte order mark, blanks before the declaration, CDATA and HTML in a title": (
        "\ufeff\n " + rss("<title><![CDATA[A <b>bold</b>\n one]]></title><link>https://b.example/1</link>"),
        ReadAs.FEED,
        [("https://b.example/1", "A bold one", None)],
    ),
    "RSS with relative links": (
        rss("<link>/x?a=1&amp;b=2</link>", "<link>y</link>"),
        ReadAs.FEED,
        [("https://www.a.example/x?a=1&b=2", None, None), ("https://www.a.example/dir/y", None, None)],
    ),
    "RSS with bare ampersands": (
        rss("<title>Q & A</title><link>https://b.example/?a=1&b=2</link>"),
        ReadAs.FEED,
        [("https://b.example/?a=1&b=2", "Q & A", None)],
    ),
    "RSS whose entries have a guid for a link": (
        rss("<title>One</title><guid>https://b.example/1</guid>", '<title>Two</title><guid isPermaLink="false">7</guid>'),
        ReadAs.FEED,
        [("https://b.example/1", "One", None), (None, "Two", None)],
    ),
    "RSS that has an entry twice": (
        rss(*["<title>One</title><link>https://b.example/1</link><guid>1</guid>"] * 3),
        ReadAs.FEED,
        [("https://b.example/1", "One", None)],
    ),
    "RSS from the future, and from no day at all": (
        rss(
            "<link>https://b.example/1</link><pubDate>Fri, 01 Jan 2100 00:00:00 GMT</pubDate>",
            "<link>https://b.example/2</link><pubDate>soon</pubDate>",
        ),
        ReadAs.FEED,
        [("https://b.example/1", None, "2100-01-01T00:00:00Z"), ("https://b.example/2", None, None)],
    ),
    "RSS that breaks off": (
        rss("<title>One</title><link>https://b.example/1</link>", "<title>Two")[:-30],
        ReadAs.FEED,
        [("https://b.example/1", "One", None)],
    ),
    "RSS 1.0": (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><title>A</title>'
        "</channel><item><title>One</title><link>https://b.example/1</link></item></rdf:RDF>",
        ReadAs.FEED,
        [("https://b.example/1", "One", None)],
    ),
    "Atom": (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://b.example/x/"><title>A</title><entry><title type="text">a &lt; b'
        '</title><link rel="self" href="s"/><link href="1"/><published>2026-03-17T10:00:00Z</published>'
        "<updated>2026-03-18T10:00:00Z</updated></entry></feed>",
        ReadAs.FEED,
        [("https://b.example/x/1", "a < b", "2026-03-18T10:00:00Z")],
    ),
    "Atom without its namespace": (
        '<feed><entry><title>One</title><link href="https://b.example/1"/></entry></feed>',
        ReadAs.FEED,
        [("https://b.example/1", "One", None)],
    ),
    "Atom behind a comment and a document type": (
        '<?xml version="1.0"?><!-- a > b --><!DOCTYPE feed [<!ENTITY x "y">]><feed xmlns="http://www.w3.org/2005/Atom"><entry>'
        '<link href="https://b.example/1"/></entry></feed>',
        ReadAs.FEED,
        [("https://b.example/1", None, None)],
    ),
    "JSON Feed": (
        '{"version": "https://jsonfeed.org/version/1.1", "title": "A", "items": [7, {"id": "1", "url": "/1", "title": "One", '
        '"date_published": "2026-03-18T10:00:00+01:00"}, {"external_url": "https://b.example/2"}]}',
        ReadAs.FEED,
        [("https://www.a.example/1", "One", "2026-03-18T09:00:00Z"), ("https://b.example/2", None, None)],
    ),
    "a feed whose links are none of the web's": (
        rss(*(f"<link>{link}</link>" for link in ("javascript:alert(1)", "file:///etc/passwd", "data:,x", "//127.0.0.1/"))),
        ReadAs.FEED,
        [(None, None, None), (None, None, None), (None, None, None), ("https://127.0.0.1/", None, None)],
    ),
    "a news sitemap": (NEWS, ReadAs.SITEMAP_INDEX, [("https://www.a.example/1", "It's a < story", "2026-03-18T10:00:00Z")]),
    "a sitemap in a gzip file": (gzip.compress(NEWS.encode()), ReadAs.SITEMAP_INDEX, [("https://www.a.example/1", "It's a < story", "2026-03-18T10:00:00Z")]),
    "a sitemap in UTF-16": (NEWS.replace("UTF-8", "UTF-16").encode("utf-16"), ReadAs.SITEMAP_INDEX, [("https://www.a.example/1", "It's a < story", "2026-03-18T10:00:00Z")]),
    "a sitemap with a prefix on every name": (
        '<s:urlset xmlns:s="x"><s:url><s:loc>https://a.example/1</s:loc><s:lastmod>2026-03-18</s:lastmod></s:url></s:urlset>',
        ReadAs.SITEMAP_INDEX,
        [("https://a.example/1", None, "2026-03-18")],
    ),
    "a sitemap with prefixes that nobody declared": (
        "<urlset><url><loc>https://a.example/1</loc><news:news><news:title>One</news:title></news:news></url></urlset>",
        ReadAs.SITEMAP_INDEX,
        [("https://a.example/1", "One", None)],
    ),
    "a sitemap with a bare ampersand": (
        urlset("https://a.example/?a=1&b=2", "https://a.example/?a=1&amp;b=3", "<![CDATA[https://a.example/4]]>"),
        ReadAs.SITEMAP_INDEX,
        [("https://a.example/?a=1&b=2", None, None), ("https://a.example/?a=1&b=3", None, None), ("https://a.example/4", None, None)],
    ),
    "a sitemap that lists other sites": (
        urlset("https://a.example/1", "https://b.example/1", "http://127.0.0.1/", "https://amp.a.example/1"),
        ReadAs.SITEMAP_INDEX,
        [("https://a.example/1", None, None), ("https://amp.a.example/1", None, None)],
    ),
    "an index of sitemaps": (
        urlset("https://a.example/s1.xml.gz", "s2.xml", tag="sitemap", root="sitemapindex"),
        ReadAs.SITEMAP_INDEX,
        [("https://a.example/s1.xml.gz", None, None), ("https://www.a.example/dir/s2.xml", None, None)],
    ),
    "URLs, one a line": (
        "\ufeff# mine\r\nhttps://a.example/1,2\r\n\r\n  HTTP://B.example/2  \r\nhttps://a.example/1,2\r\n",
        ReadAs.URLS,
        [("https://a.example/1,2", None, None), ("http://b.example/2", None, None)],
    ),
    "URLs in a column of a table": (
        'id,"Link",Title,Date\n1,https://a.example/1,"One, two",2026-03-18\n2,none,Two,\n',
        ReadAs.URLS,
        [("https://a.example/1", "One, two", "2026-03-18")],
    ),
    "URLs between tabs": ("id\turl\n1\thttps://a.example/1\n", ReadAs.URLS, [("https://a.example/1", None, None)]),
}  # fmt: skip


@pytest.mark.parametrize(("content", "read_as", "listed"), CASES.values(), ids=CASES)
def test_a_list_is_told_by_how_it_begins_and_read(content, read_as, listed):
    document = Document(content if isinstance(content, bytes) else content.encode(), None, AT)
    assert lists.told(document) is read_as
    assert entries(read(content)) == listed


@pytest.mark.parametrize(
    "content",
    [
        "<!doctype html><title>An article</title><p>Its RSS is at /feed.",
        "A headline\nThe text, with https://a.example/1 in it.\n",
        '{"version": "1.0", "items": []}',
        "<svg xmlns='http://www.w3.org/2000/svg'></svg>",
        "%PDF-1.7",
        "",
        "Title, text and url\nThat is a sentence.\n",
    ],
)
def test_what_is_no_list_is_a_page(content):
    assert lists.told(Document(content.encode(), None, None)) is ReadAs.PAGE


@pytest.mark.parametrize(
    ("content", "read_as", "said"),
    [
        ("<html><p>Sorry, we are closed", ReadAs.FEED, "not a feed"),
        ("{]", ReadAs.FEED, "not a feed"),
        ('{"items": 7}', ReadAs.FEED, "not a feed"),
        ("[" * 200_000, ReadAs.FEED, "not a feed"),
        ("", ReadAs.FEED, "empty"),
        ("<html><p>Sorry, we are closed", ReadAs.SITEMAP_INDEX, "not a sitemap"),
        ("<html><p>Sorry, we are closed", ReadAs.URLS, "not a list"),
        ('<!DOCTYPE urlset [<!ENTITY a "b">]>' + urlset("https://a.example/&a;"), ReadAs.SITEMAP_INDEX, "DTD"),
        (('<!DOCTYPE urlset [<!ENTITY a "b">]>' + urlset("https://a.example/&a;")).encode("utf-16"), ReadAs.SITEMAP_INDEX, "DTD"),
        (urlset("https://a.example/s.xml", tag="sitemap", root="sitemapindex"), ReadAs.SITEMAP, "not gone into"),
        (b"\x1f\x8b\x08\x00broken", ReadAs.SITEMAP_INDEX, "not a sitemap"),
    ],
)
def test_what_is_not_the_list_it_is_said_to_be_says_so(content, read_as, said):
    page = read(content, read_as=read_as)
    assert isinstance(page, Unread)
    assert said in page.reason


def test_a_wrong_charset_in_the_header_gives_way_to_none_of_the_words():
    item = "<title>Тихий порт</title><link>https://b.example/1</link>"
    content = rss(item, before='<?xml version="1.0" encoding="windows-1251"?>').encode("cp1251")
    assert entries(read(content)) == [("https://b.example/1", "Тихий порт", None)]
    assert entries(read(content, media_type="text/xml; charset=utf-8")) == [("https://b.example/1", "Тихий порт", None)]
    news = NEWS.replace("UTF-8", "windows-1251").replace("a < story", "порт").encode("cp1251")
    assert entries(read(news))[0][1] == "It's порт"


def test_of_a_list_that_is_too_long_the_latest_are_taken_in_its_order():
    items = [f"<url><loc>https://a.example/{n}</loc><lastmod>2026-03-{n:02}</lastmod></url>" for n in (3, 9, 1, 8, 2)]
    page = read(f"<urlset>{''.join(items)}<url><loc>https://a.example/x</loc></url></urlset>", limit=2)
    assert [citation.url for citation in page.citations] == ["https://a.example/9", "https://a.example/8"]
    assert [citation.position for citation in page.citations] == [0, 1]
    assert page.cut == "entries past the limit of 2: 4"


def test_a_feed_of_50_000_entries_gives_as_many_as_asked_for_and_says_how_many_are_left():
    page = read(rss(*(f"<title>T{n}</title><link>https://b.example/{n}</link>" for n in range(50_000))), limit=500)
    assert [citation.url for citation in page.citations] == [f"https://b.example/{n}" for n in range(500)]
    assert page.cut == "entries past the first 500: 49,500"
    assert page.article.title == "The A"


def test_a_sitemap_of_50_000_entries_is_read_whole():
    page = read(urlset(*(f"https://a.example/{n}" for n in range(50_000))), limit=50_000)
    assert len(page.citations) == 50_000
    assert page.cut is None


def test_a_truncated_list_gives_what_came_and_says_so():
    content = urlset(*(f"https://a.example/{n}" for n in range(1000))).encode()[:20_000]
    page = read(content, truncated=True)
    assert len(page.citations) > 300
    assert page.cut == "all past limits.body_bytes"


def test_a_gzip_bomb_is_read_up_to_its_cap():
    bomb = gzip.compress(urlset("https://a.example/1").encode()[:-9] + b" " * 70_000_000, 1)
    page = read(bomb)
    assert entries(page) == [("https://a.example/1", None, None)]


def test_a_list_says_of_itself_what_it_is():
    page = read(rss("<link>https://b.example/1</link>", channel="<title>The A</title><language>de</language>"))
    assert (page.article.title, page.article.language, page.article.url, page.kind) == ("The A", "de", AT, "document")


def test_hostile_xml_is_read_or_refused_and_opens_nothing(hostile):
    read_at_all = 0
    for path in sorted((hostile / "xml").rglob("*.xml")):
        for read_as in (ReadAs.FEED, ReadAs.SITEMAP_INDEX):
            page = read(path.read_bytes(), read_as=read_as)
            assert isinstance(page, Page | Unread), path
            assert len(repr(page)) < 3_000_000, path
            assert "root:" not in repr(page), path
            read_at_all += isinstance(page, Page)
    assert read_at_all > 10


@pytest.mark.parametrize("name", ["/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:9/feed"])
def test_what_reads_like_a_name_is_not_opened(name):
    """feedparser opens what looks like a path or an address, where it is handed over as text."""
    assert isinstance(read(name, read_as=ReadAs.FEED), Unread)
