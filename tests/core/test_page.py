import base64
import json
import re
from pathlib import Path

import pytest

from crawler.core.model import CitationKind, Page, PieceKind
from crawler.core.page import read_page

PAGES = Path(__file__).parents[1] / "pages"
EMBEDS = (PAGES / "embeds.html").read_text("utf-8")
STATUS = "1256500000000000001"
PROSE = (
    "<p>" + "The harbour took its first ships on Saturday, two days after the storm had closed it to all of them. " * 3 + "</p>"
)


def samples(name: str) -> list[tuple[list[str], str]]:
    """Return the samples of a file: what the comment above each says of it, split at its bars, and the markup."""
    pieces = re.split(r"<!-- (.*) -->\n", (PAGES / name).read_text("utf-8"))
    return [(said.split(" | "), markup) for said, markup in zip(pieces[1::2], pieces[2::2], strict=True)]


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


def test_bytes_are_read_as_the_text_they_are():
    assert read_page(EMBEDS.encode(), "https://quay.example/a") == read_page(EMBEDS, "https://quay.example/a")


def test_words_for_screen_readers_are_none_of_a_links_text_but_what_they_link_to_is():
    link = '<a href="/port">the port<span class="u-visually-hidden"> (opens in new tab)</span></a>'
    hidden = '<span style="display:none"><a href="/dock">the old dock</a></span>'
    page = page_with(
        f"<p>All of this was said by those who run {link} and {hidden} when it was over, to all who asked for it.</p>"
    )
    assert [(link.href, link.text) for link in page.citations] == [("/port", "the port"), ("/dock", "the old dock")]


def test_a_player_above_the_story_is_its_lead_and_those_around_it_are_not():
    player = "<iframe src='https://www.youtube.com/embed/{}'></iframe>".format
    menu = f"<nav><a href=/>Home</a>{player('in-menu')}</nav>"
    side = f"<div class=side>{player('beside')}<ul><li><a href=/1>Something else</a></li></ul></div>"
    story = (
        f"<div class=page><div class=hero>{player('lead')}</div><div class=body>{PROSE * 3}{player('in-it')}</div>{side}</div>"
    )
    page = read_page(f"<html><body>{menu}{story}{player('below')}</body></html>", "https://quay.example/a/b")
    assert [citation.href for citation in page.citations] == [f"https://www.youtube.com/embed/{n}" for n in ("lead", "in-it")]


LOST = "<p><b>READ MORE: Storm closes the “old” port</b></p>"


@pytest.mark.parametrize(
    ("around", "candidates"),
    [
        ("<aside class=related><a href='/storm#top'>Storm Closes The Old Port</a></aside>", ("https://quay.example/storm",)),
        ("<nav><a href=/storm>Storm closes the old port (VIDEO)</a> <a href=/storm?utm_source=x>Storm closes the old port</a></nav>",
         ("https://quay.example/storm",)),
        ("<footer><a href=/1>Storm closes the old port</a><a href=/2>Storm closes the old port</a></footer>",
         ("https://quay.example/1", "https://quay.example/2")),
        ("<footer><a href=/storm>Storm closes</a><a href=/a/b>Storm closes the old port</a></footer>", ()),
        ("<a href='javascript:void(0)'>Storm closes the old port</a><a href=mailto:a@quay.example>Storm closes the old port</a>", ()),
    ],
)  # fmt: skip
def test_what_a_page_links_to_by_a_title_that_lost_its_link_is_a_candidate(around, candidates):
    html = f"<html><body><article>{PROSE}{LOST}{PROSE}</article>{around}</body></html>"
    (reference,) = read_page(html, "https://quay.example/a/b").citations
    assert (reference.kind, reference.href, reference.url) == (CitationKind.READ_MORE, None, None)
    assert reference.alternatives == candidates


def test_where_metadata_is_silent_a_page_says_it_by_its_marks():
    marked = (
        "<title>The Quay Gazette</title><svg><title>Close</title></svg><h1>Harbour reopens</h1><time datetime='2020-05-03'>3 May</time>"
        "<span itemprop='author name'>Ada Quill</span><time itemprop='dateCreated datePublished' datetime='2020-05-02'>2 May</time>"
    )
    article = read_page(f"<body>{marked}{PROSE}</body>", None).article
    assert (article.title, article.byline, article.published_at) == ("Harbour reopens", "Ada Quill", "2020-05-02")


@pytest.mark.parametrize(("said", "markup"), samples("frames.html"))
def test_a_tweet_is_known_in_every_frame(said, markup):
    (tweet,) = page_with(markup).tweets
    assert (tweet.status_id, [tweet.form, tweet.handle or "-"]) == (STATUS, said)


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


def test_a_saved_frame_says_what_the_widget_drew_in_it():
    drawn = (
        f"<a href='https://twitter.com/port'>Port Office</a> <span>@port</span><div>All ships are in <a href='https://t.co/AAAAAAAAA1'>a.example</a></div>"
        f"<a href='https://twitter.com/port/status/{STATUS}?ref_src=x'>7:30 AM · May 2, 2020</a>"
    )
    (tweet,) = page_with(f'<iframe data-tweet-id="{STATUS}" srcdoc="{drawn}"></iframe>').tweets
    assert (tweet.status_id, tweet.handle, tweet.author, tweet.text) == (
        STATUS,
        "port",
        "Port Office",
        "All ships are in a.example",
    )
    assert (tweet.date_text, tweet.links, tweet.form) == ("May 2, 2020", ("https://t.co/AAAAAAAAA1",), "iframe")


def test_a_newsletters_data_holds_the_short_links_that_its_card_hides():
    data = {
        "url": f"https://x.com/port/status/{STATUS}",
        "full_text": "All in https://t.co/AAAAAAAAA1",
        "username": "port",
        "name": "P",
    }
    card = f"<div class='twitter-embed' data-attrs='{json.dumps(data)}'><a href='{data['url']}'><p>P @port</p>All in a.example…</a></div>"
    (tweet,) = page_with(card).tweets
    assert (tweet.handle, tweet.author, tweet.links) == ("port", "P", ("https://t.co/AAAAAAAAA1",))


def test_a_tweet_in_a_template_of_the_story_comes_beside_others_and_one_outside_it_does_not():
    tweet = "<blockquote class='twitter-tweet'><a href='https://twitter.com/port/status/{}'>x</a></blockquote>".format
    story = f"<article>{PROSE}{tweet(STATUS)}{PROSE}<template>{tweet('1256500000000000002')}</template></article>"
    page = read_page(f"<html><body>{story}<template>{tweet('1256500000000000003')}</template></body></html>", None)
    assert [tweet.status_id for tweet in page.tweets] == [STATUS, "1256500000000000002"]


def test_a_card_in_a_box_beside_the_story_is_no_tweet_of_it():
    card = (
        "<div class='twitter-card'><b>Port Office</b> <a href='https://twitter.com/port'>@port</a><p>All ships are in again</p>"
        f"<a href='https://twitter.com/port/status/{STATUS}'>May 2, 2020</a></div>"
    )
    assert not page_with(f"<div class='sidebar'><h3>We say</h3>{card}</div>").tweets
    assert [tweet.handle for tweet in page_with(card).tweets] == ["port"]


def test_what_a_frame_says_of_a_story_that_follows_is_none_of_the_page():
    tweet = "<blockquote class='twitter-tweet'><a href='https://twitter.com/port/status/{}'>x</a></blockquote>".format
    lead = f"<article><h2>In pictures</h2>{tweet('1256500000000000002')}</article>"
    following = f"<article><h1>Bakery to close</h1>{PROSE}{tweet('1256500000000000003')}</article>"
    story = f"<article><h1>Storm</h1>{PROSE * 4}{tweet(STATUS)}</article>"
    page = read_page(f"<html><body><div>{lead}{story}</div>{following}</body></html>", None)
    assert sorted(tweet.status_id for tweet in page.tweets) == [STATUS, "1256500000000000002"]


def test_tags_and_names_within_a_tweet_are_no_citations():
    page = page_with(
        '<blockquote class="twitter-tweet"><p><a href="https://twitter.com/hashtag/port?src=hash">#port</a> <a href="https://twitter.com/ann">@ann</a></p>'
        f'— P (@port) <a href="https://twitter.com/port/status/{STATUS}">May 2, 2020</a></blockquote>'
    )
    assert [citation.kind for citation in page.citations] == [CitationKind.TWEET]


def test_a_tweet_that_stands_in_a_script_alone_keeps_author_and_links():
    copy = (
        r"\u003Cblockquote class=\"twitter-tweet\"\u003E\u003Cp\u003EHi \u003Ca href=\"https:\/\/t.co\/AAAAAAAAA1\"\u003Ehttps:\/\/t.co\/AAAAAAAAA1"
        r"\u003C\/a\u003E \ud83d\ude80\u003C\/p\u003E\u2014 P (@port) \u003Ca href=\"https:\/\/twitter.com\/port\/status\/1256500000000000001\"\u003E"
        r"May 2, 2020\u003C\/a\u003E\u003C\/blockquote\u003E and then more"
    )
    (tweet,) = page_with('<script>window.story = {"html": "' + copy + '"}</script>').tweets
    assert (tweet.status_id, tweet.handle, tweet.author, tweet.text) == (STATUS, "port", "P", "Hi https://t.co/AAAAAAAAA1 🚀")
    assert (tweet.date_text, tweet.links, tweet.form) == ("May 2, 2020", ("https://t.co/AAAAAAAAA1",), "script")


def test_a_tweet_that_awaits_consent_comes_beside_those_that_do_not():
    shown = '<blockquote class="twitter-tweet"><p>Hi</p>— P (@port) <a href="https://twitter.com/port/status/1256500000000000002">May 2, 2020</a></blockquote>'
    waiting = shown.replace("0002", "0001")
    script = f'<script type="text/template">{base64.b64encode(waiting.encode()).decode()}</script>'
    assert [tweet.status_id for tweet in page_with(shown + script).tweets] == ["1256500000000000002", STATUS]


def test_a_story_that_scripts_are_to_draw_is_read_from_their_data():
    tweet = f'<blockquote class="twitter-tweet"><p>Hi</p>— P (@port) <a href="https://twitter.com/port/status/{STATUS}">May 2, 2020</a></blockquote>'
    body = f'{PROSE}<p>Pilots <a href="/a">waited outside</a>.</p>{tweet}<p>READ MORE: <a href="/s">Storm closes the port</a></p>'
    data = json.dumps({"props": {"title": "Harbour reopens", "body": body}}).replace("<", "\\u003c")
    page = read_page(f'<html><body><div id="app">Loading</div><script type="application/json">{data}</script></body></html>')
    assert [citation.kind for citation in page.citations] == [CitationKind.LINK, CitationKind.TWEET, CitationKind.READ_MORE]
    assert [tweet.status_id for tweet in page.tweets] == [STATUS]


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


@pytest.mark.parametrize(("said", "markup"), samples("references.html"))
def test_a_reference_is_read_from_its_mark_and_its_link(said, markup):
    references = [citation for citation in page_with(markup).citations if citation.kind is CitationKind.READ_MORE]
    assert [f"{citation.label} / {citation.text} / {citation.href or '-'}" for citation in references] == said


@pytest.mark.parametrize(
    "box",
    [
        '<section><h3>Polecamy</h3><ul><li><a href="/s">Storm closes the port</a></li></ul></section>',
        '<div class="jp-relatedposts"><h3>Related</h3><p><a href="/s">Storm closes the port</a></p></div>',
        '<div class="related"><div>You may also like</div><div><a href="/s">Storm closes the port</a></div></div>',
        '<h4>Top</h4><ul><li><a href="/s">Opinion: Storms are worse than ever</a></li></ul>',
        '<div class="comments"><p>Read more: <a href="/s">Storm closes the port</a></p></div>',
    ],
)
def test_a_box_below_a_story_is_no_reference_of_it(box):
    page = read_page(f"<html><body>{PROSE}{PROSE}<div>{box}</div></body></html>", "https://quay.example/a/b")
    assert not page.citations


def test_a_box_before_the_last_short_sentence_of_a_story_is_its_own():
    box = '<div class="box-related"><div>Læs også:</div><div><a href="/s">Stormen lukker havnen</a></div></div>'
    page = read_page(f"<html><body>{PROSE}{PROSE}{box}<p>The port opens on Monday at eight.</p></body></html>", None)
    assert [citation.kind for citation in page.citations] == [CitationKind.READ_MORE]


def test_a_list_of_paragraphs_below_a_story_is_its_own():
    markup = '<p><b>Read more:</b></p><p><a href="/s">Storm closes the port</a></p><p><a href="/t">The port is open again</a></p>'
    page = read_page(f"<html><body>{PROSE}{PROSE}{markup}</body></html>", "https://quay.example/a/b")
    assert [citation.href for citation in page.citations] == ["/s", "/t"]


def test_a_teasers_button_heads_nothing():
    teasers = '<h3><a href="/s">Storm closes the port</a></h3><a href="/s">Leer más »</a><h3><a href="/t">The port is open again</a></h3>'
    assert not page_with(teasers).citations


def test_a_ticker_above_a_story_is_no_reference_of_it():
    ticker = '<div class="ticker"><span>Trending:</span> <a href="/s">Storm closes the port</a></div>'
    assert not read_page(f"<html><body><div>{ticker}</div>{PROSE}{PROSE}</body></html>", None).citations


SHORT = '<p>The harbour took its first ships on Saturday, <a href="/a">the port</a> says.</p>'


def test_a_page_of_few_words_ends_where_its_article_does():
    footer = '<div class="foot"><p>See also: <a href="/terms">Terms of use</a></p></div>'
    page = read_page(f"<html><body><article>{SHORT}</article>{footer}</body></html>", "https://quay.example/a/b")
    assert [citation.href for citation in page.citations] == ["/a"]


def test_a_page_of_short_lines_alone_is_a_story_for_all_that_its_boxes_are_called():
    lines = 'The port <a href="/a">opened on Saturday</a> at last.<br>Pilots <a href="/b">waited outside</a> for two days.<br>'
    page = read_page(f"<html><body><div class='widget post'>{lines}</div></body></html>", None)
    assert [citation.href for citation in page.citations] == ["/a", "/b"]


def test_a_sentence_that_is_half_a_link_ends_a_story_as_others_do():
    box = '<div class="box-related"><div>Læs også:</div><div><a href="/s">Stormen lukker havnen</a></div></div>'
    last = '<p>The port opens on <a href="/a">Monday at eight</a>.</p>'
    page = read_page(f"<html><body>{PROSE}{PROSE}{box}{last}</body></html>", None)
    assert [citation.kind for citation in page.citations] == [CitationKind.READ_MORE, CitationKind.LINK]


@pytest.mark.parametrize("label", ["और पढ\u093cें", "और प\u095dें", "Xem thêm", "Xem the\u0302m"])
def test_a_mark_is_known_however_its_letters_are_composed(label):
    (citation,) = page_with(f'<p>{label}: <a href="/s">Storm closes the port</a></p>').citations
    assert (citation.kind, citation.label) == (CitationKind.READ_MORE, label)


@pytest.mark.parametrize("heading", ["Sources", "Quellen:", "Références", "Источники", "参考文献"])
def test_a_list_of_sources_is_of_the_story_as_far_as_it_goes(heading):
    sources = '<ul><li><a href="/a">The report</a></li><li><a href="/b">Minutes</a>, June 2020</li></ul>'
    page = page_with(f'<h3>{heading}</h3>{sources}<h3>Elsewhere</h3><ul><li><a href="/c">Ten walks</a></li></ul>')
    assert [(citation.kind, citation.href) for citation in page.citations] == [
        (CitationKind.LINK, "/a"),
        (CitationKind.LINK, "/b"),
    ]


@pytest.mark.parametrize(
    ("href", "said"),
    [("https://tools.example/one", ["https://tools.example/one"]), ("/one", []), ("https://www.quay.example/one", [])],
)
def test_a_heading_that_links_to_another_site_is_a_link_of_what_it_heads(href, said):
    assert [citation.href for citation in page_with(f'<h3>1. <a href="{href}">One</a></h3>').citations] == said


def test_a_footnote_is_a_sentence_before_the_way_back():
    note = '<ol><li id="n1">Port, <a href="/annex.pdf">Annex C</a>, p. 14. <a href="#r1">↩︎</a></li></ol>'
    assert [citation.href for citation in page_with(note).citations] == ["/annex.pdf"]


@pytest.mark.parametrize(
    "card",
    [
        '<figure><a class="kg-bookmark-container" href="/s"><div>Storm closes the port</div><div>All of it.</div></a></figure>',
        '<div><a href="/s" class="markup--anchor markup--mixtapeEmbed-anchor"><b>Storm closes the port</b><br>All of it.</a></div>',
        '<blockquote class="wp-embedded-content"><a href="/s">Storm closes the port</a></blockquote>',
    ],
)
def test_a_card_of_a_page_is_a_link_by_its_title(card):
    (citation,) = page_with(card).citations
    assert (citation.kind, citation.href, citation.text) == (CitationKind.LINK, "/s", "Storm closes the port")


def test_who_is_quoted_is_a_source_however_short_the_line():
    quote = '<blockquote><p>All ships are in.</p><cite>— Ada Quill, <a href="https://radio.example/a">Port Radio</a></cite></blockquote>'
    assert [citation.href for citation in page_with(quote).citations] == ["https://radio.example/a"]


def test_an_account_below_all_prose_is_the_authors():
    bio = '<p>Ada Quill covers the port. <a href="https://twitter.com/adaquill">@adaquill</a></p>'
    assert not read_page(f"<html><body>{PROSE}{PROSE}{bio}</body></html>", "https://quay.example/a/b").citations


def test_a_short_sentence_round_a_link_is_prose():
    page = page_with(
        '<p>Pilots <a href="https://pilots.example/a">waited outside the whole day</a>.</p><p>港湾局は<a href="/b">嵐で閉鎖された</a>。</p>'
        '<p>Others <a href="/c">disagree</a>:</p>'
    )
    assert [citation.href for citation in page.citations] == ["https://pilots.example/a", "/b", "/c"]


@pytest.mark.parametrize("line", ["Source: ", "Via ", "Quelle: ", "Źródło: ", "H/T "])
def test_a_line_that_names_its_source_is_a_link_however_short(line):
    (citation,) = page_with(f'<p>{line}<a href="https://wire.example/a">The Wire</a></p>').citations
    assert (citation.kind, citation.href) == (CitationKind.LINK, "https://wire.example/a")


@pytest.mark.parametrize(("said", "markup"), samples("surroundings.html"))
def test_what_stands_around_a_story_is_no_link_of_it(said, markup):
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


@pytest.mark.parametrize(("said", "markup"), samples("platforms.html"))
def test_posts_and_players_of_other_platforms_are_embeds(said, markup):
    page = page_with(markup)
    assert [(citation.kind, citation.href) for citation in page.citations] == [(CitationKind.EMBED, said[0])]
    assert not page.tweets
