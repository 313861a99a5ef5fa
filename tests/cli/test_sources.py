"""Sources on the command line and in config.toml, of every sort, from files and from a real server on loopback."""

from __future__ import annotations

import gzip
import json
import os
import shlex
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from crawler.store import database
from tests.cli.test_commands import crawler
from tests.core.test_lists import rss, urlset
from tests.webs import story


class Paper(BaseHTTPRequestHandler):
    """A paper with a feed, a packed sitemap behind an index, a feed that is none, and stories."""

    def do_GET(self):
        here = f"http://127.0.0.1:{self.server.server_port}"
        pages = {
            "/feed": ("application/rss+xml", rss(f"<title>One</title><link>{here}/1</link>")),
            "/index.xml": ("text/xml", urlset(f"{here}/map.xml.gz", tag="sitemap", root="sitemapindex")),
            "/map.xml.gz": ("application/x-gzip", gzip.compress(urlset(f"{here}/2").encode())),
            "/news": (
                "application/rss+xml",
                rss(f"<title>Storm closes the old port</title><link>{here}/3</link>", f"<link>{here}/2</link>"),
            ),
            "/no-feed": ("text/html", "<html><title>Closed</title><p>We are closed."),
            "/1": ("text/html", story("One")),
            "/2": ("text/html", story("Two")),
            "/3": ("text/html", story("Three")),
        }
        self.server.asked.append(self.path)
        media_type, body = pages.get(self.path, ("text/html", ""))
        content = body if isinstance(body, bytes) else body.encode()
        self.send_response(200 if content else 404)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def paper(tmp_path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Paper)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_port}"
    (tmp_path / "links.txt").write_text(f"# mine\n{here}/3\n")
    (tmp_path / "config.toml").write_text(f"""
[guard]
allow = ["127.0.0.0/8"]
ports = [{server.server_port}]
[manners]
seconds_between = 0.0
[[sources]]
name = "the feed"
feed = "{here}/feed"
every = "15m"
[[sources]]
name = "the sitemap"
sitemap = "{here}/index.xml"
[[sources]]
name = "links"
urls = "links.txt"
[[sources]]
name = "closed"
feed = "{here}/no-feed"
[[sources]]
name = "two stories"
urls = ["{here}/1", "{here}/2"]
""")
    yield here, server.asked
    server.shutdown()
    server.server_close()


CITED = "SELECT c.kind, c.url, c.text, p.key FROM citations AS c JOIN pieces AS p ON p.id = c.cited_id ORDER BY c.url"


def titles(folder):
    with closing(database.open_for_reading(folder / "provenance.db")) as db:
        return {title for (title,) in db.conn.execute("SELECT title FROM pieces WHERE kind = 'article'")}


def test_every_source_of_the_configuration_is_read_and_a_bad_one_named(paper, tmp_path):
    here, asked = paper
    done = crawler("run", "--json", cwd=tmp_path)
    assert (done.returncode, titles(tmp_path)) == (0, {"One", "Two", "Three"})
    assert f"crawler: source {here}/no-feed: not a feed: no RSS, Atom or JSON Feed in it" in done.stderr
    assert [url for url, _ in json.loads(done.stdout)["bad_sources"]] == [f"{here}/no-feed"]
    asked.clear()
    done = crawler("run", cwd=tmp_path)
    assert (done.returncode, asked) == (0, [])
    assert "Nothing to do" in done.stderr


def test_a_feed_that_is_there_for_candidates_gives_a_flattened_article_its_lost_link(paper, tmp_path):
    here, asked = paper
    (tmp_path / "flat.txt").write_text("A headline of words\n\nShips came in.\n\nREAD MORE: Storm closes the old port\n")
    table = f'[[sources]]\nname = "titles"\nfeed = "{here}/news"\ncandidates = true\n'
    (tmp_path / "config.toml").write_text((tmp_path / "config.toml").read_text() + table)
    assert crawler("run", "flat.txt", "titles", "--depth", "1", cwd=tmp_path).returncode == 0
    with closing(database.open_for_reading(tmp_path / "provenance.db")) as db:
        matched = (
            "SELECT p.title, c.matched_by FROM citations AS c JOIN pieces AS p ON p.id = c.cited_id WHERE c.kind = 'read_more'"
        )
        assert db.conn.execute(matched).fetchall() == [("Three", "link_text")]
    assert {"/news", "/3"} <= set(asked)
    assert "/2" not in asked


def test_sources_are_taken_by_their_names(paper, tmp_path):
    _, asked = paper
    assert crawler("run", "the sitemap", "links", cwd=tmp_path).returncode == 0
    assert titles(tmp_path) == {"Two", "Three"}
    assert "/feed" not in asked


def test_what_is_named_on_the_command_line_tells_by_itself_what_it_is(paper, tmp_path):
    here, _ = paper
    (tmp_path / "feed.xml").write_text(rss(f"<link>{here}/1</link>"))
    (tmp_path / "map.xml.gz").write_bytes(gzip.compress(urlset(f"{here}/2").encode()))
    assert crawler("run", "feed.xml", "map.xml.gz", "-", cwd=tmp_path, stdin=f"{here}/3\n").returncode == 0
    assert titles(tmp_path) == {"One", "Two", "Three"}


def test_a_list_in_a_file_is_read_again_when_it_has_changed(paper, tmp_path):
    here, asked = paper
    crawler("run", "links", cwd=tmp_path)
    asked.clear()
    (tmp_path / "links.txt").write_text(f"{here}/3\n{here}/1\n")
    crawler("run", "links", cwd=tmp_path)
    assert "/3" not in asked
    assert titles(tmp_path) == {"One", "Three"}


def test_a_file_that_is_not_what_it_is_said_to_be_is_a_fault_of_the_users(tmp_path):
    (tmp_path / "config.toml").write_text('[[sources]]\nname = "a"\nsitemap = "a.xml"\n')
    (tmp_path / "a.xml").write_text('<!DOCTYPE urlset [<!ENTITY a "b">]><urlset><url><loc>&a;</loc></url></urlset>')
    done = crawler("run", cwd=tmp_path)
    assert done.returncode == 1
    assert "document type (DTD), which is refused" in done.stderr


def test_recorded_and_replayed_a_feed_gives_the_same_citations(paper, tmp_path):
    here, asked = paper
    crawler("run", "the feed", "the sitemap", "--record", "tape", "--db", "live.db", cwd=tmp_path)
    asked.clear()
    done = crawler("run", "the feed", "the sitemap", "--replay", "tape", "--db", "replayed.db", cwd=tmp_path)
    assert (done.returncode, asked) == (0, []), done.stderr
    rows = []
    for name in ("live.db", "replayed.db"):
        with closing(database.open_for_reading(tmp_path / name)) as db:
            rows.append(db.conn.execute(CITED).fetchall())
    assert rows[0] == rows[1]
    assert [url for _, url, _, _ in rows[0]] == [f"{here}/1", f"{here}/2", f"{here}/map.xml.gz"]


TWEET = "Crews still at workhttps://t.co/9mXcPd2LsV\n— Coastline (@coastline_news) March 15, 2026\n"


@pytest.fixture
def folder(tmp_path):
    """Three files, of which the one in the middle is empty."""
    inside = tmp_path / "articles"
    inside.mkdir()
    for name, text in (("a.txt", f"First\n{TWEET}"), ("b.txt", " \n"), ("c.txt", f"Third\n{TWEET}")):
        (inside / name).write_text(text)
    return inside


def test_one_file_of_a_folder_that_cannot_be_read_keeps_no_other_from_a_run(tmp_path, folder):
    done = crawler("run", folder, "--db", tmp_path / "p.db", "--depth", 0)
    assert done.returncode == 1
    assert "b.txt: empty" in done.stderr
    with closing(database.open_for_reading(tmp_path / "p.db")) as db:
        assert [row["url"][-5:] for row in db.query("SELECT url FROM pieces WHERE url LIKE 'file:%' ORDER BY url")] == [
            "a.txt",
            "c.txt",
        ]


def test_one_file_of_a_folder_that_cannot_be_read_keeps_no_other_from_extract(folder):
    done = crawler("extract", folder)
    assert done.returncode == 1
    assert "b.txt: empty" in done.stderr
    assert [json.loads(line)["source"][-5:] for line in done.stdout.splitlines()] == ["a.txt", "c.txt"]


def test_a_folder_of_which_no_file_can_be_read_is_no_source(tmp_path, folder):
    for file in folder.iterdir():
        file.write_text("")
    done = crawler("run", folder, "--db", tmp_path / "p.db")
    assert done.returncode == 2
    assert "none of its files can be read" in done.stderr
    assert not (tmp_path / "p.db").exists()


def test_an_empty_name_is_no_name_of_the_folder_we_are_in(folder):
    for command in ("run", "extract"):
        done = crawler(command, "", cwd=folder)
        assert done.returncode == 2, command
        assert "an empty name" in done.stderr


def test_a_file_whose_name_is_no_utf_8_is_read(tmp_path):
    named = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    with open(named, "w") as file:  # noqa: PTH123 - a Path holds no bytes
        file.write(f"First\n{TWEET}")
    path = os.fsdecode(named)
    done = crawler("run", path, "--db", tmp_path / "p.db", "--depth", 0)
    assert done.returncode == 0, done.stderr
    done = crawler("extract", path)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["tweets"]) == 1


@pytest.mark.parametrize("command", [("extract",), ("run", "--db", "p.db", "--depth", "0", "--json")])
def test_a_pipe_is_read_once_and_whole(tmp_path, command):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    long = f"First\n{'All quiet at the quay. ' * 400}\n{TWEET}"
    threading.Thread(target=pipe.write_text, args=(long,), daemon=True).start()
    done = crawler(*command, pipe, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert len(said["tweets"]) == 1 if command[0] == "extract" else said["new_citations"] == 2


@pytest.mark.parametrize("source", ["articles", "-", "articles/c.txt"])
def test_the_trace_that_is_proposed_after_a_run_can_be_asked_for(tmp_path, folder, source):
    (tmp_path / "mine.toml").write_text('database = "mine.db"')
    done = crawler("run", "--config", "mine.toml", "--depth", 0, source, cwd=tmp_path, stdin=f"First\n{TWEET}")
    (proposed,) = (line.partition("#")[0] for line in done.stderr.splitlines() if "crawler trace" in line)
    assert folder.is_dir()
    traced = crawler(*shlex.split(proposed)[1:], cwd=tmp_path)
    assert traced.returncode == 0, traced.stderr
    assert "Crews still at work" in traced.stdout
