from pathlib import Path

import pytest

from crawler.core.model import CitationKind, Page, PieceKind
from crawler.core.page import read_page

EMBEDS = (Path(__file__).parents[1] / "pages/embeds.html").read_text("utf-8")
STATUS = "1256500000000000001"
PROSE = (
    "<p>" + "The harbour took its first ships on Saturday, two days after the storm had closed it to all of them. " * 3 + "</p>"
)


def page_with(markup: str) -> Page:
    return read_page(
        f"<html><body><nav><a href='/'>Home</a></nav><article>{PROSE}{markup}{PROSE}{PROSE}</article></body></html>",
        "https://quay.example/a/b",
    )


def test_a_page_is_read_in_its_order():
    page = read_page(EMBEDS, "https://quay.example/2020/05/harbour")
    assert [(citation.kind, citation.href) for citation in page.citations] == [
        (CitationKind.LINK, "/port"),
        (CitationKind.TWEET, f"https://twitter.com/portoffice/status/{STATUS}?ref_src=twsrc%5Etfw"),
        (CitationKind.TWEET_LINK, "https://t.co/AAAAAAAAA1"),
        (CitationKind.TWEET_LINK, "https://t.co/AAAAAAAAA2"),
        (CitationKind.TWEET_MEDIA, "pic.twitter.com/AAAAAAAAA2"),
        (CitationKind.TWEET, None),
        (CitationKind.READ_MORE, "/2020/05/storm"),
        (CitationKind.LINK, "https://insurer.example/report"),
        (CitationKind.EMBED, "https://www.youtube.com/embed/aaaaaaaaaaa"),
    ]
    assert [citation.position for citation in page.citations] == list(range(9))
    assert page.citations[0].url == "https://quay.example/port"
    assert page.citations[6].label == "Read more"


def test_a_page_says_of_itself_what_it_is():
    page = read_page(EMBEDS, "https://quay.example/2020/05/harbour")
    article = page.article
    assert page.kind is PieceKind.ARTICLE
    assert article.title == "Harbour reopens after the storm"
    assert article.byline == "Ada Quill"
    assert article.published_at == "2020-05-02T07:30:00Z"
    assert article.canonical_url == "https://quay.example/2020/05/harbour?utm_source=none"
    assert (article.language, article.site_name) == ("en", "The Quay Gazette")


@pytest.mark.parametrize(
    ("markup", "form", "handle"),
    [
        (f'<blockquote class="twitter-tweet"><p>Hi</p>&mdash; P (@port) <a href="https://x.com/port/status/{STATUS}">May 2, 2020</a></blockquote>', "blockquote", "port"),
        (f'<blockquote class="twitter-video"><p>Hi</p>&mdash; P (@port) <a href="https://twitter.com/port/statuses/{STATUS}">May 2, 2020</a></blockquote>', "blockquote", "port"),
        (f'<blockquote data-x="1" class="twitter-tweet cmplazyload" data-cmp-hide="1"><a href="https://twitter.com/port/status/{STATUS}"></a></blockquote>', "blockquote", "port"),
        (f'<blockquote data-tweetid="{STATUS}"><a href="https://twitter.com/port/status/{STATUS}"></a></blockquote>', "blockquote", "port"),
        (f'<blockquote data-twitter="twitter-tweet"><a href="https://twitter.com/X/status/{STATUS}"></a></blockquote>', "blockquote", None),
        (f'<blockquote><p>Hi</p>— P (@port) <a href="https://twitter.com/port/status/{STATUS}">&nbsp;</a></blockquote>', "blockquote", "port"),
        (f'<amp-twitter data-tweetid="https://twitter.com/port/status/{STATUS}"></amp-twitter>', "amp-twitter", None),
        (f'<iframe src="https://platform.twitter.com/embed/Tweet.html?id={STATUS}"></iframe>', "iframe", None),
        (f'<iframe data-src="https://platform.x.com/embed/Tweet.html?dnt=1&amp;id={STATUS}"></iframe>', "iframe", None),
        (f'<iframe src="./saved_files/Tweet.html" data-tweet-id="{STATUS}"></iframe>', "iframe", None),
        (f'<iframe src="https://frames.example/media?url=https%3A%2F%2Ftwitter.com%2Fport%2Fstatus%2F{STATUS}"></iframe>', "iframe", "port"),
        (f'<div class="twitter-tweet twitter-tweet-rendered"><iframe data-tweet-id="{STATUS}"></iframe></div>', "iframe", None),
        (f'<div data-tweet-id="{STATUS}"></div>', "widget", None),
        (f'<figure class="wp-block-embed is-provider-twitter"><div>https://twitter.com/port/status/{STATUS}</div></figure>', "oembed", "port"),
        (f'<p>https://twitter.com/port/status/{STATUS}</p>', "address", "port"),
        (f'<p>Hi</p> — P (@port) <a href="https://twitter.com/port/status/{STATUS}?ref_src=twsrc%205Etfw">May 2, 2020</a>', "tail", "port"),
        (f'<script>var s = {{"html": "<blockquote class=\\"twitter-tweet\\"><a href=\\"https:\\/\\/twitter.com\\/port\\/status\\/{STATUS}\\">x<\\/a><\\/blockquote>"}}</script>', "script", "port"),
    ],
)  # fmt: skip
def test_a_tweet_is_known_in_every_frame(markup, form, handle):
    (tweet,) = page_with(markup).tweets
    assert (tweet.status_id, tweet.form, tweet.handle) == (STATUS, form, handle)


def test_a_tweet_that_stands_on_a_page_twice_comes_once_and_whole():
    page = page_with(
        f'<div class="twitter-tweet-rendered"><iframe data-tweet-id="{STATUS}"></iframe></div>'
        f'<blockquote class="twitter-tweet"><p>Hi</p>— P (@port) <a href="https://twitter.com/port/status/{STATUS}">May 2, 2020</a></blockquote>'
    )
    (tweet,) = page.tweets
    assert (tweet.status_id, tweet.handle, tweet.author, tweet.text, tweet.date_text) == (
        STATUS,
        "port",
        "P",
        "Hi",
        "May 2, 2020",
    )


def test_an_archives_prefix_hides_neither_tweet_nor_short_link():
    page = page_with(
        '<blockquote class="twitter-tweet"><p><a href="https://web.archive.org/web/2020/https://t.co/AAAAAAAAA1">pic.twitter.com/AAAAAAAAA1</a></p>'
        f'— P (@port) <a href="https://web.archive.org/web/2020/https://twitter.com/port/status/{STATUS}">May 2, 2020</a></blockquote>'
    )
    (tweet,) = page.tweets
    assert (tweet.status_id, tweet.links, tweet.media) == (STATUS, ("https://t.co/AAAAAAAAA1",), ("pic.twitter.com/AAAAAAAAA1",))


def test_tags_and_names_within_a_tweet_are_no_citations():
    page = page_with(
        '<blockquote class="twitter-tweet"><p><a href="https://twitter.com/hashtag/port?src=hash">#port</a> <a href="https://twitter.com/ann">@ann</a></p>'
        f'— P (@port) <a href="https://twitter.com/port/status/{STATUS}">May 2, 2020</a></blockquote>'
    )
    assert [citation.kind for citation in page.citations] == [CitationKind.TWEET]


def test_a_tweet_mentioned_in_a_sentence_is_a_link():
    page = page_with(
        f'<p>The port <a href="https://twitter.com/port/status/{STATUS}">tweeted</a> that its first ship had come in at last.</p>'
    )
    assert not page.tweets
    assert [citation.kind for citation in page.citations] == [CitationKind.LINK]


def test_a_tweet_among_the_comments_is_none_of_the_page():
    page = page_with(
        f'<div class="comments"><blockquote class="twitter-tweet"><a href="https://twitter.com/port/status/{STATUS}"></a></blockquote></div>'
    )
    assert not page.tweets


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ('<p><strong>Read more:</strong> <a href="/s">Storm closes port</a></p>', [("Read more", "Storm closes port", "/s")]),
        ('<p><a href="/s"><strong>READ MORE: Storm closes port</strong></a></p>', [("READ MORE", "Storm closes port", "/s")]),
        ('<p><a>READ MORE: Storm closes port</a></p>', [("READ MORE", "Storm closes port", None)]),
        ('<aside><a href="/s"><span>Read more</span><div>Storm closes port</div></a></aside>', [("Read more", "Storm closes port", "/s")]),
        ('<p>All left by noon that day. <a href="/s">(RELATED: Storm closes port)</a></p>', [("RELATED", "Storm closes port", "/s")]),
        ('<p>All left by noon. (See also: <a href="/s">Storm closes port</a>)</p>', [("See also", "Storm closes port", "/s")]),
        ('<a class="card" href="/s"><span>Also on quay.example</span> <span>Storm closes port</span></a>', [("Also on quay.example", "Storm closes port", "/s")]),
        ('<div><p>Czytaj także:</p></div><div><a href="/s">Sztorm zamyka port</a></div>', [("Czytaj także", "Sztorm zamyka port", "/s")]),
        ('<p><b>Leia mais:</b></p><p><a href="/s">Tempestade fecha porto</a></p><p><a href="/t">Porto reabre hoje cedo</a></p>', [("Leia mais", "Tempestade fecha porto", "/s"), ("Leia mais", "Porto reabre hoje cedo", "/t")]),
        ('<h3>Lesen Sie auch</h3><ul><li><a href="/s">Sturm schließt Hafen</a></li><li><a href="/t">Hafen wieder offen</a></li></ul><p><a href="/u">Ein Link für sich allein</a></p>', [("Lesen Sie auch", "Sturm schließt Hafen", "/s"), ("Lesen Sie auch", "Hafen wieder offen", "/t")]),
    ],
)  # fmt: skip
def test_a_reference_is_read_from_its_mark_and_its_link(markup, found):
    references = [citation for citation in page_with(markup).citations if citation.kind is CitationKind.READ_MORE]
    assert [(citation.label, citation.text, citation.href) for citation in references] == found


@pytest.mark.parametrize(
    "markup",
    [
        '<div class="related"><a href="/x">Ten walks along the quay that you should not miss</a></div>',
        '<ul class="tags"><li><a href="/x">Harbours of the world and their storms</a></li></ul>',
        '<ul><li><a href="/x">A list of nothing but links</a></li><li><a href="/y">Another link in it</a></li></ul>',
        '<p>Follow the port and its crews on <a href="https://twitter.com/port">Twitter</a> and stay with us for more of that.</p>',
        '<p>All of the crews that waited outside wrote to the port <a href="mailto:p@quay.example">by mail</a> and had no answer.</p>',
        '<p>All of the crews that waited outside wrote to the port <a href="#note">as below</a> and they had no answer to it.</p>',
        '<p>All of the crews that waited outside wrote to the port <a>as before</a> and they had no answer to it from anyone.</p>',
    ],
)  # fmt: skip
def test_what_stands_around_a_story_is_no_link_of_it(markup):
    assert [citation.href for citation in page_with(markup).citations if citation.kind is CitationKind.LINK] == []


@pytest.mark.parametrize(
    ("head", "url", "canonical"),
    [
        ('<link rel="CANONICAL nofollow" href="/x">', "https://quay.example/a", "https://quay.example/x"),
        ('<meta property="og:url" content="https://quay.example/x">', None, "https://quay.example/x"),
        ('<link rel="canonical" href="https://quay.example/">', "https://quay.example/a/b", None),
        ('<link rel="canonical" href="">', None, None),
        (
            '<base href="https://other.example/d/"><link rel="canonical" href="x">',
            "https://quay.example/a",
            "https://other.example/d/x",
        ),
        (
            '<noscript><img src="/i"></noscript><link rel="canonical" href="/x">',
            "https://quay.example/a",
            "https://quay.example/x",
        ),
    ],
)
def test_a_canonical_url_is_resolved_and_never_the_sites_root(head, url, canonical):
    assert read_page(f"<html><head>{head}</head><body>{PROSE}</body></html>", url).article.canonical_url == canonical


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<",
        "<p",
        "<html>",
        "<body></html><p>",
        "\x00",
        "<a href>x</a>",
        "<iframe>",
        "<blockquote class=twitter-tweet>",
        "<title>",
    ],
)
def test_no_input_is_too_poor_to_be_read(html):
    assert isinstance(read_page(html, None), Page)


def test_depth_costs_no_stack():
    assert isinstance(read_page("<div><p>" * 3000 + "The harbour took its first ships on Saturday." * 5, None), Page)


@pytest.mark.parametrize(
    ("markup", "href"),
    [
        ('<blockquote class="instagram-media" data-instgrm-permalink="https://www.instagram.com/p/a/">A post shared by P (@port) on May 2, 2020</blockquote>', "https://www.instagram.com/p/a/"),
        ('<div class="fb-post" data-href="https://www.facebook.com/port/posts/1"></div>', "https://www.facebook.com/port/posts/1"),
        ('<iframe src="https://www.facebook.com/plugins/post.php?href=https%3A%2F%2Fwww.facebook.com%2Fport%2Fposts%2F1"></iframe>', "https://www.facebook.com/port/posts/1"),
        ('<script async src="https://telegram.org/js/telegram-widget.js?22" data-telegram-post="port/1"></script>', "https://t.me/port/1"),
        ('<blockquote class="tiktok-embed" cite="https://www.tiktok.com/@port/video/1"></blockquote>', "https://www.tiktok.com/@port/video/1"),
        ('<amp-youtube data-videoid="aaaaaaaaaaa"></amp-youtube>', "https://www.youtube.com/watch?v=aaaaaaaaaaa"),
    ],
)  # fmt: skip
def test_posts_and_players_of_other_platforms_are_embeds(markup, href):
    page = page_with(markup)
    assert [(citation.kind, citation.href) for citation in page.citations] == [(CitationKind.EMBED, href)]
    assert not page.tweets
