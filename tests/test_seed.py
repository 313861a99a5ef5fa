"""The article that started it all, over its reconstructed web, two citations deep."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_commands import crawler, rows

SEED = Path(__file__).parent.parent.parent / "shared" / "corpus" / "seed"
ARTICLE = SEED / "mosul-2016-10-25.txt"

pytestmark = pytest.mark.skipif(not ARTICLE.is_file(), reason="the seed article is not here")

DAQUQ = "https://www.rt.com/news/363762-daquq-coalition-killed-civilians/"
ALEPPO = "https://www.rt.com/news/364010-aleppo-women-children-corridor/"
TURKEY = "https://www.rt.com/news/364050-turkey-ground-operation-iraq/"
ROWS = """
SELECT citing.key, c.position, c.kind, c.url, cited.key, c.matched_by FROM citations AS c JOIN pieces AS citing ON citing.id = c.citing_id
LEFT JOIN pieces AS cited ON cited.id = c.cited_id ORDER BY c.citing_id, c.position
"""


@pytest.fixture(scope="module")
def seed(tmp_path_factory):
    path = tmp_path_factory.mktemp("seed") / "provenance.db"
    done = crawler("run", ARTICLE, "--replay", SEED / "cassette", "--db", path, "--depth", 2)
    assert done.returncode == 0, done.stderr
    return path


def test_all_nine_citations_are_there_and_lead_where_they_should(seed):
    article = ARTICLE.resolve().as_uri()
    tweets = [key for (key,) in rows(seed, "SELECT key FROM pieces WHERE kind = 'tweet' ORDER BY id")]
    assert sorted(rows(seed, ROWS), key=repr) == sorted(
        [
            (article, 0, "tweet", None, tweets[0], None),
            (article, 1, "tweet_link", "https://t.co/54iN2oPcLX", DAQUQ, None),
            (article, 2, "tweet", None, tweets[1], None),
            (article, 3, "tweet_link", "https://t.co/E74gcXhrGP", ALEPPO, None),
            (article, 4, "tweet_media", "pic.twitter.com/UVu3aa4tJ1", "https://pic.twitter.com/UVu3aa4tJ1", None),
            (article, 5, "read_more", None, TURKEY, "title_exact"),
            (ALEPPO, 0, "link", DAQUQ, DAQUQ, None),
            (ALEPPO, 1, "read_more", TURKEY, TURKEY, None),
            (TURKEY, 0, "read_more", ALEPPO, ALEPPO, None),
        ],
        key=repr,
    )


def test_the_first_link_takes_four_hops(seed):
    chain = rows(
        seed,
        "SELECT h.url, h.status, h.via FROM hops AS h JOIN resolutions AS r ON r.id = h.resolution_id "
        "WHERE r.url = 'https://t.co/54iN2oPcLX' ORDER BY h.position",
    )
    tracked = "?utm_source=twitter&utm_medium=social"
    assert chain == [
        ("https://t.co/54iN2oPcLX", 301, None),
        ("https://on.rt.com/7sxa", 302, "location"),
        (DAQUQ.removesuffix("/") + tracked, 301, "location"),
        (DAQUQ + tracked, 200, "location"),
    ]


def test_the_tweets_say_what_the_article_prints(seed):
    assert rows(seed, "SELECT handle, author, date_text, claimed_on FROM tweets ORDER BY claimed_on") == [
        ("RT_com", "RT", "October 23, 2016", "2016-10-23"),
        ("RT_com", "RT", "October 25, 2016", "2016-10-25"),
    ]


def test_run_again_it_finds_nothing_to_do(seed):
    before = seed.read_bytes()
    done = crawler("run", ARTICLE, "--replay", SEED / "cassette", "--db", seed, "--depth", 2)
    assert done.returncode == 0
    assert "Nothing to do" in done.stderr
    assert seed.read_bytes() == before


def test_the_trace_shows_the_circle(seed):
    tree = json.loads(crawler("trace", ARTICLE, "--db", seed, "--json").stdout)
    assert [citation["kind"] for citation in tree["citations"]] == [
        "tweet",
        "tweet_link",
        "tweet",
        "tweet_link",
        "tweet_media",
        "read_more",
    ]
    assert "matched by its title" in crawler("trace", ARTICLE, "--db", seed).stdout
