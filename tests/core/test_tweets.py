from datetime import UTC, date, datetime

import pytest

from crawler.core.tails import find_tails
from crawler.core.tweets import find_spans, from_span, posted_at


@pytest.mark.parametrize(
    ("status_id", "moment"),
    [
        ("1256500000000000001", datetime(2020, 5, 2, 8, 25, 19, 298000, tzinfo=UTC)),
        ("29700859247", None),  # the last days of counted ids
        ("20", None),
        ("9223372036854775808", None),  # past 63 bits
        ("99999999999999999999", None),
        ("", None),
        ("12a", None),
        ("１２５６５０００００００００００００１", None),  # digits of another script are no id
    ],
)
def test_an_id_tells_its_time_where_it_encodes_one(status_id, moment):
    assert posted_at(status_id) == moment


@pytest.mark.parametrize(
    ("text", "author", "handle", "date_text"),
    [
        ("Words\n— Port (@portoffice) May 2, 2020", "Port", "portoffice", "May 2, 2020"),
        ("Words– Port (@portoffice) May 2, 2020", "Port", "portoffice", "May 2, 2020"),
        ("Words - Port (@portoffice) May 2, 2020", "Port", "portoffice", "May 2, 2020"),
        ("Words? Port (@portoffice) May 2, 2020", "Port", "portoffice", "May 2, 2020"),
        ("Words  Port, Jr. (@portoffice) May 2, 2020Next", "Port, Jr.", "portoffice", "May 2, 2020"),
        ("Words\n\x97 Port (@portoffice) 24 октября 2016 г. Next", "Port", "portoffice", "24 октября 2016 г."),
        (
            '"Cheers!" – Ann Lee http://t.co/AAAAAAAAA1 — Port News (@portnews) May 2, 2020',
            "Port News",
            "portnews",
            "May 2, 2020",
        ),
        ("Words\n— Port – the Office (@portoffice) 2. Mai 2020", "Port – the Office", "portoffice", "2. Mai 2020"),
        ("Words — 港(みなと) / P (@minato) 2020年5月2日", "港(みなと) / P", "minato", "2020年5月2日"),
        ("Words\n— Port (@portoffice)", "Port", "portoffice", None),
        ("Words https://t.co/AAAAAAAAA1 — Port (@portoffice)\n", "Port", "portoffice", None),
        ("“Words pic.twitter.com/AAAAAAAAA1”— Port (@portoffice)", "Port", "portoffice", None),
        ("[“Words” — Port (@portoffice), May 2, 2020]", "Port", "portoffice", "May 2, 2020"),
        ("“Words” — Port (@portoffice),\nMay 2, 2020", "Port", "portoffice", "May 2, 2020"),
        ("Words\n— Port (@portoffice) 8:15 AM - 2 May 2020", "Port", "portoffice", "2 May 2020"),
        ("Words\n— Port (@portoffice) 20:15 · 2. Mai 2020", "Port", "portoffice", "2. Mai 2020"),
        ("Words — Port (@portoffice) · May 2, 2020", "Port", "portoffice", "May 2, 2020"),
        ("Words &mdash; Port (@portoffice) May 2, 2020", "Port", "portoffice", "May 2, 2020"),
        ("Words&#8212; Port (@portoffice) May 2, 2020", "Port", "portoffice", "May 2, 2020"),
        ("Words \u00e2\u20ac\u201d Port (@portoffice) May 2, 2020", "Port", "portoffice", "May 2, 2020"),
        ("Words — Port (@port\\_office) May 2, 2020", "Port", "port_office", "May 2, 2020"),
        ("Words — बंदरगाह (@portoffice) 2 मई 2020", "बंदरगाह", "portoffice", "2 मई 2020"),
    ],
)
def test_an_authors_line_is_read_whatever_its_dash_and_language(text, author, handle, date_text):
    (tail,) = find_tails(text)
    assert (tail.author, tail.handle, tail.date_text) == (author, handle, date_text)


@pytest.mark.parametrize(
    "text",
    [
        "The account of Ann Lee (@annlee), the mayor, was new.",
        "A photo posted by Port (@portoffice) on Jan 7, 2015 at 3:02pm PST",
        "Фото опубликовано DC Wine (@dcwine)Янв 20 2017 в 9:08 PST",
        "Ein Beitrag geteilt von Port (@portoffice) amNov 1, 2019 um 10:11 PDT",
        "Posted by the port on Tuesday, November 8, 2016",
        "“We wait,” the pilots said — Ann Lee (@annlee)",
        "Seen at https://t.co/AAAAAAAAA1 — Ann Lee (@annlee), the mayor, was angry.",
        "The account of Ann Lee (@annlee), May 2, 2020",
        "mail me — or write to ann@port.example May 2, 2020",
    ],
)
def test_other_lines_with_handles_are_no_authors_lines(text):
    assert find_tails(text) == []


def test_several_tweets_on_one_line_keep_their_own_links():
    text = "One http://t.co/AAAAAAAAA1— Ann (@ann) May 2, 2020 Two pic.twitter.com/AAAAAAAAA2— Bob (@bob) May 3, 2020Next"
    first, second = [from_span(text, span) for span in find_spans(text)]
    assert (first.handle, first.links, first.media, first.text) == (
        "ann",
        ("http://t.co/AAAAAAAAA1",),
        (),
        "One http://t.co/AAAAAAAAA1",
    )
    assert (second.handle, second.links, second.media) == ("bob", (), ("pic.twitter.com/AAAAAAAAA2",))
    assert second.claimed_on == date(2020, 5, 3)


def test_a_link_that_is_not_short_belongs_to_its_tweet_too():
    text = "Look http://quay.example/a, then https://t.co/AAAAAAAAA1\n— Ann (@ann) May 2, 2020"
    (span,) = find_spans(text)
    assert from_span(text, span).links == ("http://quay.example/a", "https://t.co/AAAAAAAAA1")


def test_the_address_that_markdown_keeps_of_a_tweets_day_is_the_tweets():
    text = (
        "Look https://t.co/AAAAAAAAA1\n\n— Ann (@ann) [May 2, 2020](https://twitter.com/ann/status/1256500000000000001?s=20) Next"
    )
    (span,) = find_spans(text)
    tweet = from_span(text, span)
    assert (tweet.status_id, tweet.url) == ("1256500000000000001", "https://twitter.com/ann/status/1256500000000000001?s=20")
    assert (tweet.posted_at, tweet.claimed_on) == (datetime(2020, 5, 2, 8, 25, 19, 298000, tzinfo=UTC), date(2020, 5, 2))
    assert text[span.tail.end :] == " Next"


def test_a_tweet_on_a_storys_line_begins_behind_a_link_that_the_next_words_stand_close_to():
    story = "The port was closed for two days, its pilots said. " * 8
    tweet = "All quiet https://t.co/AAAAAAAAA2 here"
    text = f"{story}Ships wait https://t.co/AAAAAAAAA1{tweet}— Ann (@ann) May 2, 2020"
    (span,) = find_spans(text)
    assert from_span(text, span).text == tweet
    assert [text[link.start : link.end] for link in span.links] == ["https://t.co/AAAAAAAAA2"]
