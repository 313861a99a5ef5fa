"""What the views and the canned queries should answer, worked out without SQL: paths and circles by networkx, the rest row by row.

Run as `python -m tests.oracle COUNT [SEED]`: so many graphs drawn by lot, of several runs, with circles, citations of oneself, lists,
pieces without a site, citations that went and came back; each of them asked every question. Fails at the first that differs.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import networkx as nx

from crawler.store.questions import ask, bind, questions
from tests.facts import Facts, facts_at

SITES = ("x.example", "y.example", "z.example")
DATES = (None, "2016-09-01", "2016-09-20T10:00:00Z", "2016-10-02T01:00:00+02:00", "2016-10-01", "soon")
KINDS = ("link", "link", "link", "read_more", "tweet_link", "tweet_media", "embed", "listed")
URLS = (*(f"http://t.co/{number}" for number in range(5)), "http://x.example/2016/long-enough-path", "http://y.example/q?x=1")
ENDS = (
    "http://x.example/2016/long-enough-path", "http://www.x.example/2016/long-enough-path/", "http://y.example/q?x=2",
    "http://y.example/other", "http://m.z.example/2016/long-enough-path",
)  # fmt: skip
STATUSES = {
    "arrived": (200,), "too_large": (200,), "gone": (404, 410), "http_error": (403, 500, 429), "try_later": (503,), "loop": (301,),
    "timeout": (None,), "unreachable": (None,), "disallowed": (None,), "interrupted": (None,),
}  # fmt: skip
BARRED = {401, 402, 403, 406, 407, 409, 423, 429, 451, 503}

Row = tuple[object, ...]


class Differs(AssertionError):  # noqa: N818 - it says what is the matter
    """The database answers otherwise."""


def draw(facts: Facts, lot: random.Random) -> None:
    """Write down a graph drawn by lot."""
    facts.begin_run("2016-10-01")
    articles = {f"p{number}": (lot.choice(DATES), lot.choice(SITES)) for number in range(lot.randrange(2, 8))}
    ids = [facts.piece(name, date, site=site) for name, (date, site) in articles.items()]
    ids += [tweet(facts, lot, f"t{number}") for number in range(lot.randrange(3))]
    for column in ("title", "site"):
        facts.db.execute(f"UPDATE pieces SET {column} = NULL WHERE id = ?", (lot.choice(ids),))
    for _ in range(lot.randrange(2, 3 * len(ids))):
        cite(facts, lot, ids)
    for run in range(lot.randrange(4)):
        if run:
            facts.begin_run(f"2016-10-{1 + 3 * run:02}")
            for name in lot.sample(sorted(articles), lot.randrange(len(articles) + 1)):
                facts.piece(name, site=articles[name][1])
            edit(facts, lot, ids)
        for url in URLS:
            if lot.random() < 0.6:
                follow(facts, lot, url, ids)
    for url in lot.sample((*URLS, *ENDS), 2):
        facts.memento(lot.choice(ids), url, f"http://archive.example/{lot.randrange(3)}{url}")


def tweet(facts: Facts, lot: random.Random, name: str) -> int:
    posted_at = lot.choice((None, "2016-09-03T23:00:00.000Z", "2016-09-05T01:00:00.000Z"))
    return facts.tweet(name, claimed_on=lot.choice((None, "2016-09-03", "2016-09-30")), posted_at=posted_at)


def edit(facts: Facts, lot: random.Random, ids: list[int]) -> None:
    """Add citations, take one out, and perhaps put it back."""
    for _ in range(lot.randrange(4)):
        cite(facts, lot, ids)
    before = facts.ask("SELECT id, citing_id, cited_id, kind, url, tweet_id FROM citations WHERE first_run_id < ?", facts.run)
    citation, *pointer = lot.choice(before)
    facts.db.execute("UPDATE citations SET gone_run_id = ? WHERE id = ? AND gone_run_id IS NULL", (facts.run, citation))
    if lot.random() < 0.5:
        facts.cite(*pointer)


def cite(facts: Facts, lot: random.Random, ids: list[int]) -> None:
    """Write down a citation drawn by lot."""
    citing, kind, tweets = lot.choice(ids), lot.choice(KINDS), [id_ for (id_,) in facts.ask("SELECT piece_id FROM tweets")]
    if tweets and lot.random() < 0.15:
        facts.cite(citing, lot.choice(tweets), "tweet")
    else:
        tweet = lot.choice(tweets) if tweets and kind == "tweet_link" else None
        citation = facts.cite(citing, lot.choice((*ids, None)), kind, lot.choice((None, None, *URLS)), tweet)
        if lot.random() < 0.3:
            facts.db.execute("UPDATE citations SET text = 'A title' WHERE id = ?", (citation,))


def follow(facts: Facts, lot: random.Random, url: str, ids: list[int]) -> None:
    """Write down a following drawn by lot."""
    outcome = lot.choice((*STATUSES, "arrived", "arrived", "arrived"))
    hops = [(lot.choice((301, 302, 308)), url)] if lot.random() < 0.6 else []
    end = (lot.choice(STATUSES[outcome]), lot.choice(ENDS) if hops else url)
    piece = lot.choice((*ids, None)) if outcome in ("arrived", "too_large") else None
    landing = lot.choice((None, None, None, "soft_404", "home", "login")) if outcome == "arrived" else None
    facts.follow(url, outcome, *hops, end, piece=piece, landing=landing)


class Known:
    """All rows of a database, and the answers that follow from them."""

    def __init__(self, facts: Facts) -> None:
        rows = {name: list(facts.db.query(f"SELECT * FROM {name} ORDER BY rowid")) for name in facts.db.table_names()}
        self.citations, self.resolutions, self.captures = rows["citations"], rows["resolutions"], rows["captures"]
        self.mementos, self.hops = rows["mementos"], defaultdict(list)
        self.pieces = {row["id"]: row for row in rows["pieces"]}
        self.tweets = {row["piece_id"]: row for row in rows["tweets"]}
        self.resolution = {row["id"]: row for row in self.resolutions}
        self.runs = [row["id"] for row in rows["runs"]]
        for hop in rows["hops"]:
            self.hops[hop["resolution_id"]].append(hop)
        self.standing = [citation for citation in self.citations if citation["gone_run_id"] is None]
        self.edges = [
            citation
            for citation in self.standing
            if citation["cited_id"] not in (None, citation["citing_id"]) and citation["kind"] != "listed"
        ]
        self.graph = self._graph(self.edges)
        self.way = self._graph([edge for edge in self.edges if edge["kind"] != "tweet_media"])

    def _graph(self, edges: Iterable[dict]) -> nx.DiGraph:
        graph = nx.DiGraph((edge["citing_id"], edge["cited_id"]) for edge in edges)
        graph.add_nodes_from(self.pieces)
        return graph

    def site(self, id_: int | None) -> str | None:
        return self.pieces[id_]["site"] if id_ is not None else None

    def name(self, id_: int | None) -> str | None:
        if id_ is None:
            return None
        piece, tweet = self.pieces[id_], self.tweets.get(id_)
        return piece["title"] or (f"@{tweet['handle']}: {tweet['text']}" if tweet else piece["url"])

    def copy(self, resolution_id: int | None) -> str | None:
        """The copy of the furthest hop that has one, the latest."""
        for hop in reversed(self.hops[resolution_id]):
            for memento in reversed(self.mementos):
                if memento["url"] == hop["url"]:
                    return memento["memento_url"]
        return None

    def provenance(self) -> Iterator[Row]:
        for row in self.citations:
            resolution, id_ = self.resolution.get(row["resolution_id"], {}), row["resolution_id"]
            chain = " → ".join(hop["url"] for hop in self.hops[id_]) or None
            cited, citing = row["cited_id"], row["citing_id"]
            yield (
                row["id"], self.name(citing), self.site(citing), chain, resolution.get("outcome"), cited, self.name(cited),
                self.site(cited), self.tweets.get(row["tweet_id"], {}).get("handle"), row["gone_run_id"], self.copy(id_),
            )  # fmt: skip

    def found(self, resolution: dict) -> str:
        outcome, landing, hops = resolution["outcome"], resolution["landing"], self.hops[resolution["id"]]
        if landing in ("home", "soft_404"):
            return "home_page" if landing == "home" else landing
        if landing or outcome in ("disallowed", "try_later") or (outcome == "http_error" and hops[-1]["status"] in BARRED):
            return "blocked"
        if outcome not in ("arrived", "too_large"):
            return "failed"
        before = self._arrivals(resolution["url"])
        if before and resolution["piece_id"] not in (None, before[0]["piece_id"]):
            return "moved"
        (host, path), *earlier = (_place(hop["url"]) for hop in reversed(hops))
        permanent = [place for place, hop in zip(reversed(earlier), hops, strict=False) if hop["status"] in (301, 308)]
        moved = any((was == host and at != path) or (was != host and at == path and len(path) > 12) for was, at in permanent)
        return "moved" if moved else "alive"

    def _arrivals(self, url: str) -> list[dict]:
        return [
            row
            for row in self.resolutions
            if row["url"] == url and row["outcome"] == "arrived" and row["landing"] is None and row["piece_id"] is not None
        ]

    def checks(self) -> Iterator[tuple[dict, str, str]]:
        """Yield each following with what it found and how the link stood."""
        for row in self.resolutions:
            if row["outcome"] != "interrupted":
                found = self.found(row)
                is_flaky = found == "failed" or (row["health"] == "flaky" and found in ("alive", "moved"))
                yield row, found, "gone" if row["health"] == "gone" else "flaky" if is_flaky else found

    def link_rot(self) -> Iterator[Row]:
        by_url = defaultdict(list)
        for check in self.checks():
            by_url[check[0]["url"]].append(check)
        for url, checks in by_url.items():
            of_url = {row["id"] for row in self.resolutions if row["url"] == url}
            citations = [row for row in self.citations if row["resolution_id"] in of_url]
            citing = {row["citing_id"] for row in citations if row["gone_run_id"] is None}
            if citing:
                cited = [row["cited_id"] for row in citations if row["cited_id"] is not None]
                piece = [row["piece_id"] for row in self._arrivals(url)][-1:] or [max(cited, default=None)]
                alive = [row["started_at"] for row, found, _ in checks if found in ("alive", "moved")]
                history = ", ".join(f"run {row['run_id']}: {state}" for row, _, state in checks)
                last, _, state = checks[-1]
                yield url, state, *piece, len(checks), max(alive, default=None), history, len(citing), self.copy(last["id"])

    def circles(self, most: int) -> Iterator[list[int]]:
        for circle in nx.simple_cycles(self.graph, length_bound=most):
            start = circle.index(min(circle))
            yield circle[start:] + circle[:start]

    def origins(self) -> Iterator[tuple[int, int, int]]:
        stations = {row["tweet_id"] for row in self.standing if row["kind"] == "tweet_link" and row["cited_id"] is not None}
        for piece in self.pieces:
            for end, depth in nx.single_source_shortest_path_length(self.way, piece, cutoff=6).items():
                if depth and not self.way.out_degree(end) and end not in stations:
                    yield piece, end, depth

    def single_source(self) -> Iterator[Row]:
        ends, led = defaultdict(list), defaultdict(list)
        for piece, end, depth in self.origins():
            ends[piece].append((end, depth))
        for piece, ((end, depth), *others) in ends.items():
            if not others:
                led[end].append((piece, depth))
        for end, pieces in led.items():
            if len(pieces) > 1:
                sites = {self.site(piece) for piece, _ in pieces} - {None}
                cited_by = sum(self.graph.in_degree(piece) for piece, _ in pieces)
                yield end, len(pieces), len(sites), max(depth for _, depth in pieces), cited_by

    def between_sites(self) -> dict[tuple[str, str], list[int]]:
        citing = defaultdict(list)
        for edge in self.edges:
            if self.site(edge["citing_id"]) and self.site(edge["cited_id"]):
                citing[self.site(edge["citing_id"]), self.site(edge["cited_id"])].append(edge["citing_id"])
        return citing

    def share(self) -> Iterator[Row]:
        count: Counter[str] = Counter()
        own: Counter[str] = Counter()
        for (citing, cited), pieces in self.between_sites().items():
            count[citing] += len(pieces)
            own[citing] += len(pieces) * (citing == cited)
        yield from ((site, number, own[site], round(own[site] / number, 4)) for site, number in count.items())

    def lags(self) -> Iterator[Row]:
        for edge in self.edges:
            tweet = self.tweets.get(edge["cited_id"], {})
            citing_at = self.pieces[edge["citing_id"]]["published_at"]
            cited_at = self.pieces[edge["cited_id"]]["published_at"] or tweet.get("posted_at") or tweet.get("claimed_on")
            if _days(citing_at) is not None and _days(cited_at) is not None:
                lag = _days(citing_at) - _days(cited_at)
                yield edge["id"], round(lag, 2), int(-lag > ((len(cited_at) == 10) != (len(citing_at) == 10)))

    def edits(self) -> Iterator[Row]:
        for row in self.citations:
            for change, run in (("added", row["first_run_id"]), ("removed", row["gone_run_id"])):
                before = [read for read in self.readings(row["citing_id"]) if run and read["run_id"] < run]
                after = [read for read in self.readings(row["citing_id"]) if read["run_id"] == run]
                if before and after:
                    yield row["id"], change, run, before[-1]["captured_at"], after[0]["captured_at"]

    def readings(self, piece: int) -> list[dict]:
        return [row for row in self.captures if row["piece_id"] == piece]

    def retargeted(self) -> Iterator[Row]:
        arrived = [row for row in self.resolutions if row["outcome"] == "arrived" and row["piece_id"] is not None]
        for row in arrived:
            before = [other for other in arrived if other["url"] == row["url"] and other["id"] < row["id"]][-1:]
            if before and before[0]["piece_id"] != row["piece_id"]:
                both = zip(self.hops[row["id"]], self.hops[before[0]["id"]], strict=False)
                same = [hop["url"] for hop, was in both if hop["url"] == was["url"]]
                yield row["url"], before[0]["piece_id"], row["piece_id"], (same or [None])[-1]

    def reach(self, graph: nx.DiGraph, piece: int, depth: int) -> Iterator[Row]:
        return ((id_, far) for id_, far in nx.single_source_shortest_path_length(graph, piece, cutoff=depth).items() if far)


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc.removeprefix("www.").removeprefix("m."), parts.path.rstrip("/")


def _days(time: str | None) -> float | None:
    try:
        read = datetime.fromisoformat(time or "")
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() / 86400


def _written(circle: list[int]) -> str:
    return json.dumps(circle, separators=(",", ":"))


ANSWERS: dict[str, Callable[[Known], Iterable[Row]]] = {
    "SELECT citation_id FROM edges": lambda known: ((edge["id"],) for edge in known.edges),
    "SELECT piece_id, name FROM piece_names": lambda known: ((piece, known.name(piece)) for piece in known.pieces),
    """SELECT citation_id, citing, citing_site, chain, outcome, cited_id, cited, cited_site, tweet_handle, gone_run_id, memento_url
    FROM provenance""": Known.provenance,
    "SELECT resolution_id, found, state FROM link_checks": lambda known: (
        (row["id"], found, state) for row, found, state in known.checks()
    ),
    "SELECT url, state, piece_id, checks, last_alive_at, history, citing_pieces, memento_url FROM link_rot": Known.link_rot,
    "SELECT * FROM self_citation_share": Known.share,
    "SELECT * FROM site_graph": lambda known: (
        (*sites, len(citing), len(set(citing))) for sites, citing in known.between_sites().items()
    ),
    "SELECT citation_id FROM self_citations": lambda known: (
        (edge["id"],) for edge in known.edges if known.site(edge["citing_id"]) == known.site(edge["cited_id"]) is not None
    ),
    "SELECT piece_id, circle, piece_ids FROM circles": lambda known: (
        (circle[0], " → ".join(known.name(piece) for piece in (*circle, circle[0])), _written(circle))
        for circle in known.circles(4)
    ),
    "SELECT piece_id, origin_id, depth FROM origins": Known.origins,
    "SELECT origin_id, pieces, sites, farthest, cited_by FROM single_source": Known.single_source,
    "SELECT piece_id, citing_pieces, citations FROM most_cited": lambda known: (
        (piece, known.graph.in_degree(piece), sum(edge["cited_id"] == piece for edge in known.edges))
        for piece in known.pieces
        if known.graph.in_degree(piece)
    ),
    "SELECT citation_id, lag_days, is_later FROM citation_lag": Known.lags,
    "SELECT citation_id, change, run_id, seen_before_at, seen_after_at FROM late_edits": Known.edits,
    "SELECT url, from_piece_id, to_piece_id, turned_at FROM retargeted_links": Known.retargeted,
    "SELECT citation_id FROM unmatched_titles": lambda known: (
        (row["id"],)
        for row in known.standing
        if row["kind"] == "read_more" and row["url"] is None and row["text"] and row["cited_id"] is None
    ),
}
"""What the views answer."""


def check(facts: Facts, lot: random.Random) -> None:
    """Ask every question, those of pieces of some drawn by lot. Raises Differs at the first that is answered otherwise."""
    known = Known(facts)
    for sql, expected in ANSWERS.items():
        _same(sql, facts.db.execute(sql), expected(known))
    for name, values, columns, expected in _asked(known, lot):
        answer = ask(facts.db, questions()[name].sql, bind(facts.db, questions()[name], values, lambda said: iter([said])))
        places = [answer.columns.index(column) for column in columns.split()]
        _same(f"{name} {values}", (tuple(row[place] for place in places) for row in answer.rows), expected)
    for start, end in (lot.sample(sorted(known.pieces), 2) for _ in range(4)):
        _compare_path(facts, known, start, end)


def _asked(known: Known, lot: random.Random) -> Iterator[tuple[str, dict[str, str], str, Iterable[Row]]]:
    """Yield a question, the values it is asked with, columns, and what should stand in them."""
    standing, pieces = known.standing, known.pieces
    for piece in lot.sample(sorted(pieces), 2):
        of_piece, depth = {"piece": str(piece)}, lot.choice((1, 2, 6))
        so_far = of_piece | {"depth": str(depth)}
        yield "ancestors", so_far, "piece_id depth", known.reach(known.graph, piece, depth)
        yield "descendants", so_far, "piece_id depth", known.reach(known.graph.reverse(), piece, depth)
        circles = (
            circle[circle.index(piece) :] + circle[: circle.index(piece)] for circle in known.circles(5) if piece in circle
        )
        yield "circles-of", of_piece | {"length": "5"}, "piece_ids", ((_written(circle),) for circle in circles)
        origins = ((end, far) for start, end, far in known.origins() if start == piece)
        yield "origins-of", of_piece, "origin_id depth", origins
        cites = ((row["cited_id"], row["kind"], row["url"]) for row in standing if row["citing_id"] == piece)
        yield "cites", of_piece, "cited_id kind url", cites
        yield (
            "cited-by",
            of_piece,
            "citing_id kind",
            ((row["citing_id"], row["kind"]) for row in standing if row["cited_id"] == piece),
        )
    for site in sorted({piece["site"] for piece in pieces.values() if piece["site"]}):
        for name, end in (("site-cites", "citing_id"), ("site-cited-by", "cited_id")):
            of_site = ((row["citing_id"], row["cited_id"], row["kind"]) for row in standing if known.site(row[end]) == site)
            yield name, {"site": site}, "citing_id cited_id kind", of_site
    followed = [(row, known.resolution[row["resolution_id"]]) for row in standing if row["resolution_id"]]
    dead = ((row["id"],) for row, found in followed if found["outcome"] != "arrived" or found["landing"])
    yield "dead-links", {}, "citation_id", dead
    yield "loops", {}, "citing_id url", ((row["citing_id"], row["url"]) for row, found in followed if found["outcome"] == "loop")
    yield "citations", {}, "citation_id", ((row["id"],) for row in standing)
    tweets = [row for row in standing if row["kind"] == "tweet"]
    yield "tweets", {}, "citing text", ((known.name(row["citing_id"]), known.tweets[row["cited_id"]]["text"]) for row in tweets)
    if len(known.runs) > 1:
        start = known.runs[-2]
        yield "changes", {"from": str(start), "to": str(start + 1)}, "change piece_id", _changes(known, start, start + 1)


def _changes(known: Known, start: int, end: int) -> Iterator[Row]:
    for row in known.citations:
        if start < row["first_run_id"] <= end:
            was_read = any(read["run_id"] < row["first_run_id"] for read in known.readings(row["citing_id"]))
            yield "citation added" if was_read else "citation found", row["citing_id"]
        if row["gone_run_id"] and start < row["gone_run_id"] <= end:
            yield "citation removed", row["citing_id"]
    before = {row["url"]: (row["piece_id"], state) for row, _, state in known.checks() if row["run_id"] <= start}
    after = {row["url"]: (row["piece_id"], state) for row, _, state in known.checks() if start < row["run_id"] <= end}
    for url in before.keys() & after.keys():
        (was, stood), (is_, stands) = before[url], after[url]
        if stood != stands or (None not in (was, is_) and was != is_):
            yield f"link {stands}" if stood != stands else "link retargeted", is_


def _compare_path(facts: Facts, known: Known, start: int, end: int) -> None:
    values = {"from": str(start), "to": str(end), "depth": "6"}
    path = [piece for _, piece, *_ in ask(facts.db, questions()["path"].sql, values).rows]
    shortest = list(nx.all_shortest_paths(known.graph, start, end)) if nx.has_path(known.graph, start, end) else []
    possible = [way for way in shortest if len(way) <= 7] or [[]]
    if path not in possible:
        raise Differs(f"from {start} to {end}: {path}, not one of {possible}")


def _same(asked: str, answered: Iterable[Row], expected: Iterable[Row]) -> None:
    told, known = Counter(map(tuple, answered)), Counter(expected)
    if told != known:
        raise Differs(f"{asked}: told and not known {list(told - known)}, known and not told {list(known - told)}")


def main(count: int, seed: int = 0) -> int:
    """Draw so many graphs and ask."""
    for number in range(seed, seed + count):
        with tempfile.TemporaryDirectory() as folder, facts_at(Path(folder, "p.db")) as facts:
            lot = random.Random(number)
            draw(facts, lot)
            check(facts, lot)
    print(f"{count} graphs: all answers are right")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
