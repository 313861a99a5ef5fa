from pathlib import Path

import pytest

from crawler.core.charsets import decode
from crawler.core.documents import read
from crawler.core.model import CitationKind, Document, Page, Unread

SEED = Path(__file__).parents[3] / "shared/corpus/seed/mosul-2016-10-25.txt"


def page_of(content: bytes, media_type: str | None = None, url: str | None = None) -> Page:
    page = read(Document(content, media_type, url))
    assert isinstance(page, Page)
    return page


@pytest.mark.skipif(not SEED.exists(), reason="the seed article is not here")
def test_the_seed_article_gives_six_citations_in_its_own_order():
    page = page_of(SEED.read_bytes())
    assert [(citation.position, citation.kind, citation.href, citation.tweet) for citation in page.citations] == [
        (0, CitationKind.TWEET, None, 0),
        (1, CitationKind.TWEET_LINK, "https://t.co/54iN2oPcLX", 0),
        (2, CitationKind.TWEET, None, 1),
        (3, CitationKind.TWEET_LINK, "https://t.co/E74gcXhrGP", 1),
        (4, CitationKind.TWEET_MEDIA, "pic.twitter.com/UVu3aa4tJ1", 1),
        (5, CitationKind.READ_MORE, None, None),
    ]
    assert [(tweet.handle, tweet.date_text) for tweet in page.tweets] == [
        ("RT_com", "October 23, 2016"),
        ("RT_com", "October 25, 2016"),
    ]
    assert page.article.title
    assert page.article.title.startswith("60 civilians killed, 200 injured")
    assert page.citations[5].text == "Turkey may launch ground op against Kurds in Iraq if feels threatened – minister"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"", None),
        (b"   \n", None),
        (b"%PDF-1.7 ...", None),
        (b"%PDF-1.7 ...", "text/html"),
        (b"\x89PNG\r\n\x1a\n....", None),
        (b"PK\x03\x04....", "application/octet-stream"),
        (b"abc\x00\x01\x02def", "text/plain"),
        (b"\xff\xd8\xff\xe0....", None),
        (b"{}", "application/json"),
        (b"....ftypisom....", None),
    ],
)
def test_what_is_no_text_is_unread_with_a_reason(content, media_type):
    unread = read(Document(content, media_type, None))
    assert isinstance(unread, Unread)
    assert unread.reason


@pytest.mark.parametrize(
    "content",
    [
        b"<p>Words with\0 a NUL \0 or two</p>",
        b"A text of many words, and somewhere in it \0 a stray NUL that is no reason to call it a program.\n" * 5,
        "<p>Words of a page</p>".encode("utf-16-le"),
        "<p>Words of a page</p>".encode("utf-16-le")[:-1],
        b"<p>caf\xff\xfe\xc3( \xf0\x28\x8c\x28</p>",
    ],
)
@pytest.mark.parametrize("media_type", [None, "text/html", "text/html; charset=utf-8", "text/plain"])
def test_a_damaged_text_is_a_text_all_the_same(content, media_type):
    assert isinstance(read(Document(content, media_type, None)), Page)


@pytest.mark.parametrize(
    ("content", "media_type", "text"),
    [
        (b"\xef\xbb\xbfcaf\xc3\xa9", "text/html; charset=iso-8859-1", "café"),  # the mark outranks the header
        ("Привет".encode("cp1251"), "text/html; charset=windows-1251", "Привет"),
        (b'<meta charset="windows-1251">' + "Привет".encode("cp1251"), None, '<meta charset="windows-1251">Привет'),
        ("日本".encode("shift_jis"), "text/html; charset=sjis", "日本"),
        ("café".encode(), None, "café"),
        (b"caf\xe9 \x97 Name", None, "café — Name"),
        ("café".encode(), "text/html; charset=utf-99", "café"),
        ("café".encode(), "text/html; charset=rot13", "café"),
        ("café".encode(), "text/html; charset=base64", "café"),
        (b'<meta charset="utf-16">' + "é".encode(), None, '<meta charset="utf-16">é'),
        (b"\xff\xfea\x00b\x00", None, "ab"),
        (b"\xff\xfea\x00b", None, "a\ufffd"),  # UTF-16 without its end
        ("a few words".encode("utf-16-le"), None, "a few words"),  # … and without its mark
        ("a few words".encode("utf-16-be"), None, "a few words"),
        (b"+ADw-script+AD4-", "text/html; charset=utf-7", "+ADw-script+AD4-"),
        (b"caf\x82", "text/html; charset=cp437", "caf\u201a"),  # no browser knows it
    ],
)
def test_bytes_become_text_by_mark_header_meta_and_then_a_guess(content, media_type, text):
    assert decode(content, media_type) == text
