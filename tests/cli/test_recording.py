"""A crawl of a real server on loopback, recorded, and replayed after the server is gone."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from crawler.store import database
from tests.cli.test_commands import crawler
from tests.graphs import graph
from tests.webs import story


class Paper(BaseHTTPRequestHandler):
    """A short link, a story, one that is gone, and one that hangs up."""

    def do_GET(self):
        here = f"http://127.0.0.1:{self.server.server_port}"
        if self.path == "/short":
            self.send_response(301)
            self.send_header("Location", "/story?utm_source=x")
            self.send_header("Set-Cookie", "session=a-secret-of-theirs")
            self.end_headers()
        elif self.path.startswith("/story"):
            body = story("A story", f"{here}/gone", f"{here}/hangs-up", canonical=f"{here}/story").encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        elif self.path == "/hangs-up":
            self.close_connection = True
        else:
            self.send_error(404)

    def log_message(self, *_):
        pass


@pytest.fixture
def paper():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Paper)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def graph_of(path):
    with database.reading(path) as db:
        return graph(db)


def test_what_is_recorded_replays_to_the_same_graph(paper, tmp_path):
    port = paper.server_port
    (tmp_path / "config.toml").write_text(
        f'depth = 2\n[guard]\nallow = ["127.0.0.0/8"]\nports = [{port}]\n[manners]\nseconds_between = 0.0\nbackoff_seconds = 0.01\n'
    )
    (tmp_path / "a.txt").write_text(f"A headline of some words\nIt was seen http://127.0.0.1:{port}/short by many of them.\n")
    done = crawler("run", "a.txt", "--record", "tape", "--db", "live.db", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    paper.shutdown()
    paper.server_close()
    done = crawler("run", "a.txt", "--replay", "tape", "--db", "replayed.db", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    live, replayed = graph_of(tmp_path / "live.db"), graph_of(tmp_path / "replayed.db")
    assert replayed == live
    assert {outcome for _, outcome, *_ in live["resolutions"]} == {"arrived", "gone", "unreachable"}
    tape = "".join(file.read_text("utf-8") for file in (tmp_path / "tape").iterdir())
    assert "a-secret-of-theirs" not in tape
