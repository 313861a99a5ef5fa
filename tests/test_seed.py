"""The article that started it all, over its reconstructed web, two citations deep."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.cli.naming import names_of_piece
from crawler.store import database
from crawler.store.questions import ask, bind, questions, views
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


# The pieces by short names, so that rows can be read.
SHORT = {
    "60 civilians killed, 200 injured as US-led coalition strikes Mosul residential areas – Russian MoD": "mosul",
    "US-led coalition strike killed dozens of civilian mourners 30km from Kirkuk – Russian MoD": "daquq",
    "48 women & children flee rebel-held Aleppo as Damascus, Moscow cease airstrikes": "aleppo",
    "Turkey may launch ground op against Kurds in Iraq if feels threatened – minister": "turkey",
    "@RT_com: US-led coalition strike killed dozens of civilian mourners 30km from Kirkuk – Russian MoDhttps://t.co/54iN2oPcLX": "tweet 1",
    "@RT_com: 48 women & children flee rebel-held Aleppo as Damascus, Moscow cease airstrikeshttps://t.co/E74gcXhrGPpic.twitter.com/UVu3aa4tJ1": "tweet 2",
    "pic.twitter.com/UVu3aa4tJ1": "picture",
}
IN_A_CIRCLE = {"aleppo → turkey → aleppo", "turkey → aleppo → turkey"}
EVERY_EDGE = {
    ("mosul", "tweet", "tweet 1"), ("mosul", "tweet_link", "daquq"), ("mosul", "tweet", "tweet 2"), ("mosul", "tweet_link", "aleppo"),
    ("mosul", "tweet_media", "picture"), ("mosul", "read_more", "turkey"), ("aleppo", "link", "daquq"),
    ("aleppo", "read_more", "turkey"), ("turkey", "read_more", "aleppo"),
}  # fmt: skip
VIEWS = {
    "SELECT a.name, e.kind, b.name FROM edges AS e, piece_names AS a, piece_names AS b WHERE a.piece_id = citing_id AND b.piece_id = cited_id": EVERY_EDGE,
    "SELECT citing, kind, cited FROM provenance": EVERY_EDGE,
    "SELECT citing, tweet_handle, tweet_claimed_on, outcome FROM provenance WHERE kind = 'tweet_link'": {
        ("mosul", "RT_com", "2016-10-23", "arrived"), ("mosul", "RT_com", "2016-10-25", "arrived"),
    },
    "SELECT position, status, hop_url FROM redirect_chains WHERE url = 'https://t.co/E74gcXhrGP'": {
        (0, 301, "https://t.co/E74gcXhrGP"), (1, 302, "https://on.rt.com/7t2k"), (2, 200, ALEPPO),
    },
    "SELECT DISTINCT host FROM hop_addresses": {("t.co",), ("on.rt.com",), ("rt.com",)},
    "SELECT url, state FROM link_checks WHERE url LIKE 'https://t.co/%'": {("https://t.co/54iN2oPcLX", "alive"), ("https://t.co/E74gcXhrGP", "alive")},
    "SELECT DISTINCT piece, state, strikes, checks, history, memento_url FROM link_rot": {
        (piece, "alive", 0, 1, "run 1: alive", None) for piece in ("daquq", "aleppo", "turkey")
    },
    "SELECT DISTINCT title FROM readings": {("mosul",), ("daquq",), ("aleppo",), ("turkey",)},
    "SELECT site, citing, cited FROM self_citations": {
        ("rt.com", "aleppo", "daquq"), ("rt.com", "aleppo", "turkey"), ("rt.com", "turkey", "aleppo"),
    },
    "SELECT * FROM self_citation_share": {("rt.com", 3, 3, 1.0)},
    "SELECT * FROM site_graph": {("rt.com", "rt.com", 3, 2)},
    "SELECT length FROM circles": {(2,)},
    "SELECT name FROM path_ends JOIN piece_names USING (piece_id)": {("daquq",), ("picture",)},
    "SELECT piece, origin, origin_kind, depth FROM origins": {
        ("mosul", "daquq", "page", 1), ("aleppo", "daquq", "page", 1), ("turkey", "daquq", "page", 2),
    },
    "SELECT origin, pieces, sites, farthest, cited_by FROM single_source": {("daquq", 3, 1, 2, 4)},
    "SELECT cited, citing_pieces, citations FROM most_cited": {
        ("daquq", 2, 2), ("aleppo", 2, 2), ("turkey", 2, 2), ("tweet 1", 1, 1), ("tweet 2", 1, 1), ("picture", 1, 1),
    },
    "SELECT citing, cited, lag_days, is_later FROM citation_lag": {
        ("aleppo", "daquq", 2.74, 0), ("turkey", "aleppo", 0.19, 0), ("aleppo", "turkey", -0.19, 1),
    },
    "SELECT url FROM frontier_states WHERE depth < 2 AND state IN ('done', 'waiting')": {
        (ARTICLE.resolve().as_uri(),), ("https://t.co/54iN2oPcLX",), ("https://t.co/E74gcXhrGP",),
    },
    **{f"SELECT * FROM {view}": set() for view in ("late_edits", "retargeted_links", "claimed_time_conflicts", "unmatched_titles", "stuck")},
}  # fmt: skip


def shortened(row):
    return tuple(SHORT.get(cell, cell) if isinstance(cell, str) else cell for cell in row)


@pytest.mark.parametrize("sql", VIEWS)
def test_every_view_answers_rightly(seed, sql):
    answered = [shortened(row) for row in rows(seed, sql)]
    assert set(answered) == VIEWS[sql]
    assert len(answered) == len(VIEWS[sql])


def test_no_view_is_left_out():
    asked = " ".join(VIEWS)
    assert [view for view in views() if f" {view}" not in asked] == []


QUERIES = {
    # the words on the command line -> the columns looked at, and what they say
    f"ancestors piece={TURKEY}": (("piece", "depth"), {("aleppo", 1), ("daquq", 2)}),
    f"ancestors piece={TURKEY} depth=1": (("piece", "depth"), {("aleppo", 1)}),
    f"descendants piece={DAQUQ}": (("piece", "depth"), {("mosul", 1), ("aleppo", 1), ("turkey", 2)}),
    f"path from={TURKEY} to={DAQUQ}": (
        ("step", "piece", "cites_by"), {(0, "turkey", "read_more"), (1, "aleppo", "link"), (2, "daquq", None)},
    ),
    f"origins-of piece={TURKEY}": (("origin", "depth"), {("daquq", 2)}),
    f"circles-of piece={TURKEY}": (("length",), {(2,)}),
    "site-cites site=rt.com": (("citing", "cited"), {("aleppo", "daquq"), ("aleppo", "turkey"), ("turkey", "aleppo")}),
    "site-cited-by site=rt.com": (
        ("citing", "cited"),
        {("mosul", "daquq"), ("mosul", "aleppo"), ("mosul", "turkey"), ("aleppo", "daquq"), ("aleppo", "turkey"), ("turkey", "aleppo")},
    ),
    f"cites piece={ALEPPO}": (("kind", "cited"), {("link", "daquq"), ("read_more", "turkey")}),
    f"cited-by piece={TURKEY}": (("citing", "label", "matched_by"), {("mosul", "READ MORE", "title_exact"), ("aleppo", "READ MORE", None)}),
    "most-cited": (("cited", "citing_pieces"), {row[:2] for row in VIEWS["SELECT cited, citing_pieces, citations FROM most_cited"]}),
    "citations": (("citing", "kind", "cited"), EVERY_EDGE),
    "tweets": (("citing", "handle", "claimed_on", "links"), {("mosul", "RT_com", "2016-10-23", "daquq"), ("mosul", "RT_com", "2016-10-25", "aleppo")}),
    "runs": (("id", "status", "visit_count", "new_citation_count"), {(1, "done", 5, 9)}),
    "changes from=1 to=1": (("change",), set()),
    "dead-links": (("url",), set()),
    "loops": (("url",), set()),
    "unmatched-titles": (("title",), set()),
}  # fmt: skip


def answers(seed, words, columns):
    name, *values = words.split()
    with database.reading(seed) as db:
        question = questions()[name]
        asked = ask(db, question.sql, bind(db, question, dict(value.split("=") for value in values), names_of_piece))
        places = [asked.columns.index(column) for column in columns]
        return [shortened(tuple(row[place] for place in places)) for row in asked.rows]


@pytest.mark.parametrize("words", QUERIES, ids=lambda words: words.split("https")[0])
def test_every_query_answers_rightly(seed, words):
    columns, expected = QUERIES[words]
    answered = answers(seed, words, columns)
    assert set(answered) == expected
    assert len(answered) == len(expected)


def test_the_timeline_of_the_story_is_in_order(seed):
    told = answers(seed, f"timeline piece={ARTICLE}", ("at", "what", "piece"))
    assert told[:5] == [
        ("2016-10-22T15:31:00Z", "published", "daquq"),
        ("2016-10-23", "posted, by its printed date", "tweet 1"),
        ("2016-10-25", "posted, by its printed date", "tweet 2"),
        ("2016-10-25T09:12:00Z", "published", "aleppo"),
        ("2016-10-25T13:40:00Z", "published", "turkey"),
    ]
    assert {(what, piece) for _, what, piece in told[5:]} == {("first seen", piece) for piece in SHORT.values()}


def test_the_circle_is_drawn_whole(seed):
    ((circle,),) = rows(seed, "SELECT circle FROM circles")
    for title, name in SHORT.items():
        circle = circle.replace(title, name)
    assert circle in IN_A_CIRCLE


def test_the_chains_are_all_there(seed):
    assert len(answers(seed, "chains", ("hop_url",))) == len(rows(seed, "SELECT * FROM hops"))


def test_no_query_is_left_out():
    asked = {*(words.split()[0] for words in QUERIES), "timeline", "chains"}
    assert asked == set(questions())


def test_as_of_its_one_run_every_answer_is_todays(seed):
    now, then = (crawler("query", "provenance", "--db", seed, "--json", *more).stdout for more in ((), ("--as-of", 1)))
    assert len(now.splitlines()) == 9
    assert sorted(now.splitlines()) == sorted(then.splitlines())


def test_the_trace_upward_shows_who_cites_what_and_the_circle(seed):
    tree = json.loads(crawler("trace", TURKEY, "--up", "--db", seed, "--json").stdout)
    citing = {shortened((citation["citing"]["title"],))[0]: citation for citation in tree["citations"]}
    assert set(citing) == {"mosul", "aleppo"}
    assert citing["mosul"]["matched_by"] == "title_exact"
    above = {shortened((one["citing"]["title"],))[0]: one["citing"]["seen"] for one in citing["aleppo"]["citing"]["citations"]}
    assert above == {"mosul": None, "turkey": "circle"}
    drawn = crawler("trace", TURKEY, "--up", "--db", seed).stdout
    assert "↺ a circle" in drawn
    assert "301 https://t.co/E74gcXhrGP" in drawn
