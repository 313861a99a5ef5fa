"""What holds for any input, however odd."""

from __future__ import annotations

import string

import ada_url
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crawler.core import copies, keys, tracking, urls
from crawler.core.charsets import decode
from crawler.core.documents import read
from crawler.core.following.wrappers import unwrap
from crawler.core.model import Document, Page, Unread
from crawler.core.page import read_page
from crawler.core.text import read_text

quick = settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

# Pieces that readers look for, put together anyhow.
WORDS = [
    "https://t.co/54iN2oPcLX",
    "pic.twitter.com/UVu3aa4tJ1",
    "http://t.co/abcdefg",
    "https://t.co/54iN2…",
    "https://a.example/x_(y)",
    "https://",
    "://t.co/",
    "http://[",
    "pic.twitter.com/",
    "https://twitter.com/ann/status/788330364183543808",
    "\nhttps://x.com/i/status/12345\n",
    "— Ann (@ann) October 18, 2016",
    " — ",
    "(@ann)",
    "(@",
    "October 18, 2016",
    "18.10.2016",
    "31 février 2016",
    "READ MORE: A title that is long enough",
    "Lesen Sie auch:",
    "(READ MORE:",
    "LIRE AUSSI",
    "\n",
    "\r\n",
    "\u2028",
    "\u200b",
    "\u202e",
    "\xa0",
    "\ufeff",
    "\ufffd",
    "\0",
    "\ud83d",
    "é",
    "ｈ",
    "🎈",
    ". ",
    "…",
    "“",
    "(",
    ")",
]
TAGS = [
    "<p>",
    "</p>",
    "<blockquote class='twitter-tweet'>",
    "</blockquote>",
    "<a href='https://t.co/54iN2oPcLX'>",
    '<a href="https://twitter.com/ann/status/788330364183543808?ref_src=x">',
    "<a href='/x?a=1&amp;b=2'>",
    "<a href='//[b'>",
    "<a href=>",
    "<a href='\ud83d'>",
    "</a>",
    "<iframe src='https://platform.twitter.com/embed/Tweet.html?id=788330364183543808'>",
    "<iframe src='https://www.youtube.com/embed/abc'></iframe>",
    "<iframe src='//['>",
    "<article>",
    "<div class='read-more'>",
    "</div>",
    "<!--",
    "-->",
    "<script type='application/ld+json'>",
    '{"@type":"NewsArticle","headline":"\\ud83d","datePublished":["x"],"mainEntityOfPage":{"@id":4}}',
    "<script>",
    "</script>",
    "<template>",
    "<base href='https://b.example/'>",
    "<base href='http://['>",
    "<link rel=canonical href='http://['>",
    "<meta property='og:url' content='https://me:pw@a.example/'>",
    "<meta http-equiv=refresh content='0;url=/x'>",
    "<title>",
    "<table>",
    "<svg>",
    "<p",
    "&",
    "&#xD83D;",
    "&lt;blockquote class=&quot;twitter-tweet",
]


def anyhow(parts: list[str]) -> st.SearchStrategy[str]:
    return st.lists(st.one_of(st.sampled_from(parts), st.text(max_size=12)), max_size=25).map("".join)


texts = anyhow(WORDS)
htmls = anyhow(WORDS + TAGS + TAGS)
bases = st.sampled_from([None, "https://www.a.example/news/1", "http://["])


def hold_together(page: Page) -> None:
    """Positions count from 0 in order, and a citation that belongs to a tweet names one that is there."""
    assert [citation.position for citation in page.citations] == list(range(len(page.citations)))
    assert all(citation.tweet is None or 0 <= citation.tweet < len(page.tweets) for citation in page.citations)
    assert all(0 <= citation.confidence <= 1 for citation in page.citations)


@quick
@given(st.binary(max_size=300) | htmls.map(lambda text: text.encode("utf-8", "surrogatepass")), bases)
def test_reading_never_raises_whatever_the_bytes(content, url):
    for media_type in (None, "text/html", "text/html; charset=utf-16", "text/plain; charset=nonsense", "application/json"):
        page = read(Document(content, media_type, url))
        assert isinstance(page, Page | Unread)
        if isinstance(page, Page):
            hold_together(page)


@quick
@given(texts, bases)
@example("https://t.co/54iN2oPcLXhttps://t.co/54iN2oPcLXpic.twitter.com/UVu3aa4tJ1— Ann (@ann) October 18, 2016", None)
def test_whatever_is_taken_out_of_a_text_stands_in_it(text, url):
    page = read_text(text, url)
    hold_together(page)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    assert all(citation.href in text for citation in page.citations if citation.href is not None)
    assert all(tweet.url in text for tweet in page.tweets if tweet.url is not None)
    assert all(printed in text for tweet in page.tweets for printed in tweet.media)


@quick
@given(htmls, bases)
def test_whatever_an_html_page_holds_is_read(html, url):
    hold_together(read_page(html, url))


plain = st.text(string.ascii_letters + string.digits + "/._-?=%~", max_size=12)


@quick
@given(st.lists(plain, min_size=1, max_size=5), st.sampled_from(["'", '"']))
def test_the_links_of_a_story_stand_in_their_page(addresses, quote):
    links = (
        f"<p>{'Prose goes on and on, and ends in a link to ' * 4}<a href={quote}https://a.example/{a}{quote}>it</a>."
        for a in addresses
    )
    html = f"<html><body><article>{''.join(links)}</article></body></html>"
    page = read_page(html, "https://b.example/")
    hold_together(page)
    assert len(page.citations) == len(addresses)
    assert all(citation.href in html for citation in page.citations)


@quick
@given(st.binary(max_size=100), st.sampled_from([None, "text/html; charset=koi8-r", "text/html; charset=\0", "x;;charset==="]))
def test_any_bytes_are_some_text(content, media_type):
    assert isinstance(decode(content, media_type), str)


# Addresses, put together of what makes them hard to compare.
SCHEMES = ["https://", "http://", "HTTP://", "https:", "https:///", "ftp://", "//", "mailto:", "data:text/html,", ""]
HOSTS = [
    "a.example",
    "A.Example.",
    "a..",
    "x.com",
    "twitter.com",
    "mobile.twitter.com:443",
    "pic.twitter.com",
    "t.co",
    "me:pw@a.example",
    "web.archive.org",
    "web.archive.org.",
    "archive.is",
    "arquivo.pt",
    "b.cdn.ampproject.org",
    "b.cdn.ampproject.org.",
    "bücher.example",
    "xn--",
    "[::1]:80",
    "0x7f.1",
    "www.google.com",
    "l.facebook.com",
    "href.li",
    "disq.us",
    "webcache.googleusercontent.com",
]
PARTS = [
    "/",
    "//",
    "/.",
    "/..",
    "/%2e%2E",
    "%2F",
    "%2%65",
    "%",
    "%%34",
    "%25",
    "%7e",
    "%E9",
    "é",
    "/x",
    "X",
    ";",
    "?",
    "&",
    "=",
    "a=1",
    "utm_source=x",
    "UTM%5fsource",
    "amp;fbclid",
    "#",
    "#!/",
    "#!/ann/status/12",
    "#:~:text=x",
    "/status/12",
    "/i/web",
    "/ann",
    "/web/",
    "/20160102030405/",
    "/20160102030405if_/",
    "/2016.01.02-030405/",
    "/wayback",
    "/o/AbC/",
    "/c/s/",
    "/v/",
    "url?q=",
    "l.php?u=",
    "search?q=cache:",
    "url=",
    "https://",
    "http%3A%2F%2F",
    "https%253A%252F%252F",
    "{",
    "|",
    "[",
    '"',
    "\\",
    " ",
    "\t",
    "\n",
    "\0",
    "\ud83d",
    "+",
    ":qnJkHaE2t-JzGMwbcMFBa9oQ2bQ",
    *HOSTS,
]
addresses = st.builds(
    lambda scheme, host, parts: scheme + host + "".join(parts),
    st.sampled_from(SCHEMES),
    st.sampled_from(HOSTS) | st.text(max_size=8),
    st.lists(st.sampled_from(PARTS) | st.text(max_size=4), max_size=12),
)
often = settings(quick, max_examples=300)


@often
@given(addresses)
def test_a_key_of_a_key_is_that_key(url):
    assert keys.key(keys.key(url)) == keys.key(url)


@often
@given(addresses, st.sampled_from([None, "https://a.example/x/y?z#f", "mailto:a@b.example"]))
def test_an_address_read_twice_is_read_as_once(href, base):
    url = urls.parse(href, base)
    if url is not None:
        assert urls.parse(url) == url
        assert keys.key(url) == keys.key(keys.key(url))
        assert url.isascii()


LABELS = ["a", "b-", "x", "xn--a", "0x1", "1", "www", "co", "com", "-a", "a--b", "exa-mple", "9a", "xn--e1afmkfd", "A", "é"]
PATHS = ["a", "B-c", "..", ".", ".a", "a..", "%2e", "%2E%2e", "~x", "a+b", "a=b&c", "@", ":80", " ", "x.html", "", "é", "\\"]


@settings(quick, max_examples=400)
@given(
    st.sampled_from(["https://", "http://", "HTTPS://", "https:/", "ftp://"]),
    st.lists(st.sampled_from(LABELS), min_size=1, max_size=4),
    st.lists(st.sampled_from(PATHS), max_size=4),
    st.sampled_from(["", "?", "?a=b&c=%2e/..", "?'", "#", "#top", ":443/"]),
)
def test_an_address_is_read_as_the_parser_reads_it_be_it_plain_or_not(scheme, labels, path, rest):
    href = scheme + ".".join(labels) + "/" * bool(path) + "/".join(path) + rest
    try:
        parsed = ada_url.normalize_url(href)
    except ValueError:
        parsed = None
    assert urls.parse(href) == parsed
    parts = ada_url.URL(parsed) if parsed else None
    is_web = parts is not None and parts.protocol in ("http:", "https:") and not parts.username and bool(parts.hostname)
    assert urls.is_web(parsed or "") == is_web


@often
@given(addresses)
def test_a_url_consists_of_what_its_getters_say(url):
    parts = urls.split(url)
    if parts is None:
        assert urls.parse(url) is None
    else:
        got = ada_url.URL(urls.parse(url))
        assert parts._replace(userinfo="") == (got.protocol, "", got.hostname, got.port, got.pathname, got.search, got.hash)
        assert bool(parts.userinfo) == bool(got.username or got.password)


@often
@given(addresses)
def test_what_is_of_the_web_has_a_host_and_no_credentials(url):
    if urls.is_web(url):
        assert urls.host(url)
        assert (
            "@" not in url.removeprefix("https://").removeprefix("http://").partition("/")[0].partition("?")[0].partition("#")[0]
        )
        assert urls.is_web(urls.parse(url) or "")
        assert urls.site(url)


@often
@given(addresses)
def test_unwrapping_comes_to_an_end_on_the_web(url):
    layers = 0
    while (target := unwrap(url)) is not None:
        assert urls.parse(target) == target
        assert urls.is_web(target)
        url, layers = target, layers + 1
        assert layers < 100


@often
@given(addresses)
def test_the_original_of_a_copy_is_of_the_web(url):
    if copy := copies.memento(url):
        assert urls.is_web(copy.original)
        moment = copies.moment(copy.stamp)
        assert moment is None or moment.tzinfo is not None


@quick
@given(
    st.lists(
        st.sampled_from(["https://www.google.com/url?q=", "https://l.facebook.com/l.php?u=", "https://href.li/?"]), max_size=40
    )
)
def test_as_many_layers_come_off_as_were_put_on(wrappers):
    url = "https://a.example/x?b=1#c"
    for wrapper in wrappers:
        url = wrapper + (
            url if wrapper.endswith("/?") else url.replace("%", "%25").replace("&", "%26").replace("#", "%23").replace("+", "%2B")
        )
    if len(url) > 16_000:
        return
    for _ in wrappers:
        url = unwrap(url)
    assert url == "https://a.example/x?b=1#c"


slugs = st.text(string.ascii_letters + string.digits, min_size=10, max_size=10)


@quick
@given(slugs, st.integers(0, 9))
@pytest.mark.parametrize(
    "begins", ["https://t.co/", "pic.twitter.com/", "https://bit.ly/", "https://archive.is/", "https://youtu.be/"]
)
def test_slugs_that_differ_by_a_letters_case_have_two_keys(begins, slug, index):
    other = slug[:index] + slug[index].swapcase() + slug[index + 1 :]
    assert (keys.key(begins + slug) == keys.key(begins + other)) is (slug == other)
    assert slug in keys.key(begins + slug)


NAMES = sorted(tracking.TRACKING_PARAMETERS) + [prefix + "x" for prefix in tracking.TRACKING_PREFIXES]
others = st.text(string.ascii_letters + string.digits + "_-.", min_size=1, max_size=8).filter(
    lambda name: name.lower() not in tracking.TRACKING_PARAMETERS and not name.lower().startswith(tracking.TRACKING_PREFIXES)
)


@quick
@given(
    st.lists(st.tuples(others, others), max_size=4), st.lists(st.tuples(st.sampled_from(NAMES), others), max_size=4), st.randoms()
)
def test_the_listed_parameters_and_no_others_are_left_out(kept, left_out, chance):
    pairs = [f"{name}={value}" for name, value in kept]
    mixed = list(pairs)
    for name, value in left_out:
        written = "".join(chance.choice([letter.upper(), letter, f"%{ord(letter):02x}"]) for letter in name)
        mixed.insert(chance.randint(0, len(mixed)), f"{written}={value}")
    assert keys.key("https://a.example/x?" + "&".join(mixed)) == "https://a.example/x" + ("?" + "&".join(pairs) if pairs else "")
