"""The commands as a user runs them: what they print, where, and with which exit code."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import chdir, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.cli import main
from crawler.store import database
from crawler.web import tapes
from crawler.web.recording import Recording
from tests.graphs import graph

ROOT = Path(__file__).parent.parent.parent
SAMPLE = ROOT / "examples" / "harbour-fire.txt"
SAMPLE_HTML = ROOT / "examples" / "harbour-fire.html"
CASSETTES = ROOT / "cassettes" / "harbour-fire"


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def crawler(*arguments, cwd=".", stdin=""):
    """Run a command as its entry point does: argv, streams and exit code, in this process."""
    argv, streams = sys.argv, (sys.stdin, sys.stdout, sys.stderr)
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    sys.argv = ["crawler", *map(str, arguments)]
    sys.stdin, sys.stdout, sys.stderr = io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8"), out, err
    try:
        with chdir(cwd), pytest.raises(SystemExit) as end:
            main()
    finally:
        sys.argv, (sys.stdin, sys.stdout, sys.stderr) = argv, streams
    return Done(end.value.code or 0, *(_text(stream) for stream in (out, err)))


def _text(stream):
    stream.flush()
    return stream.buffer.getvalue().decode()


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """A database of the sample's run."""
    path = tmp_path_factory.mktemp("crawled") / "provenance.db"
    done = crawler("run", SAMPLE, SAMPLE_HTML, "--replay", CASSETTES, "--db", path, "--depth", 2)
    assert done.returncode == 0, done.stderr
    return path


def rows(path, sql):
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return db.execute(sql).fetchall()


def test_the_first_run_says_what_it_found_and_what_to_try_next(tmp_path):
    done = crawler("run", "--config", ROOT / "config.toml", "--db", tmp_path / "p.db")
    assert done.returncode == 0
    assert "tweet_link" in done.stdout
    assert "read_more" in done.stdout
    assert "17 new citations" in done.stderr
    assert "crawler trace" in done.stderr


def test_a_second_run_says_that_there_is_nothing_to_do_and_changes_nothing(crawled):
    before = crawled.read_bytes()
    done = crawler("run", SAMPLE, SAMPLE_HTML, "--replay", CASSETTES, "--db", crawled, "--depth", 2)
    assert (done.returncode, done.stdout) == (0, "")
    assert "Nothing to do" in done.stderr
    assert crawled.read_bytes() == before


def test_the_sample_is_recorded_whole(crawled):
    assert rows(crawled, "SELECT kind, count(*), count(cited_id) FROM citations GROUP BY kind ORDER BY kind") == [
        ("link", 6, 5),
        ("read_more", 4, 3),
        ("tweet", 3, 3),
        ("tweet_link", 3, 3),
        ("tweet_media", 1, 1),
    ]
    assert rows(crawled, "SELECT outcome, count(*) FROM resolutions GROUP BY outcome ORDER BY outcome") == [
        ("arrived", 5),
        ("gone", 1),
        ("loop", 1),
    ]
    assert rows(crawled, "SELECT via FROM hops WHERE via = 'meta_refresh'") == [("meta_refresh",)]
    assert rows(crawled, "SELECT matched_by, match_score FROM citations WHERE matched_by IS NOT NULL") == [("title_exact", 0.9)]
    assert rows(crawled, "PRAGMA foreign_key_check") == []


def test_a_report_in_json_is_all_there_is_on_stdout(tmp_path):
    done = crawler("run", SAMPLE, "--replay", CASSETTES, "--db", tmp_path / "p.db", "--json")
    report = json.loads(done.stdout)
    assert report["new_citations"] > 0
    assert report["status"] == "done"


def test_no_progress_is_shown_in_a_pipe(tmp_path):
    done = crawler("run", SAMPLE, "--replay", CASSETTES, "--db", tmp_path / "p.db")
    assert "\x1b" not in done.stdout + done.stderr
    assert "\r" not in done.stdout + done.stderr


def test_an_article_can_be_piped_in(tmp_path):
    done = crawler("run", "-", "--replay", CASSETTES, "--db", tmp_path / "p.db", stdin=SAMPLE.read_text("utf-8"))
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path / "p.db", "SELECT count(*) FROM citations WHERE citing_id = 1") == [(7,)]


def test_a_folder_stands_for_its_articles(tmp_path):
    done = crawler("run", ROOT / "examples", "--replay", CASSETTES, "--db", tmp_path / "p.db")
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path / "p.db", "SELECT count(*) FROM frontier WHERE depth = 0") == [(2,)]


def test_a_missing_recording_is_our_fault_and_no_dead_link(tmp_path):
    text = tmp_path / "article.txt"
    text.write_text("A headline that is long enough\nSee https://never-recorded.example/story for more of it.\n")
    done = crawler("run", text, "--replay", CASSETTES, "--db", tmp_path / "p.db")
    assert done.returncode == 1
    assert "https://never-recorded.example/story" in done.stderr
    assert rows(tmp_path / "p.db", "SELECT count(*) FROM resolutions") == [(0,)]
    assert rows(tmp_path / "p.db", "SELECT due_at IS NOT NULL FROM frontier WHERE depth = 1") == [(1,)]


def test_extract_prints_the_record_of_each_input_in_order():
    done = crawler("extract", SAMPLE, SAMPLE_HTML)
    text, html = map(json.loads, done.stdout.splitlines())
    assert text["source"] == str(SAMPLE)
    assert [tweet["handle"] for tweet in text["tweets"]] == ["harbourpost", "coastline_news"]
    assert text["tweets"][1]["media"] == ["pic.twitter.com/Qe7TbN3uWa"]
    assert html["article"]["canonical_url"] == "https://www.harbourpost.example/2026/03/harbour-fire-inquiry"
    assert set(html["citations"][0]) == {
        "position",
        "kind",
        "href",
        "url",
        "text",
        "label",
        "tweet",
        "confidence",
        "context",
        "alternatives",
        "dated_at",
    }
    assert set(html["tweets"][0]) == {
        "status_id", "url", "handle", "author", "text", "date_text", "claimed_on", "posted_at", "links", "media", "form",
    }  # fmt: skip
    assert set(html["article"]) == {"url", "canonical_url", "title", "byline", "published_at", "language", "site_name"}


def test_a_mark_of_the_users_own_is_a_read_more(tmp_path):
    (tmp_path / "config.toml").write_text('labels = ["Zum Nachhören"]\n', "utf-8")
    (tmp_path / "a.txt").write_text(
        "Ein Titel aus Wörtern\nEin Satz.\nZum Nachhören: Das Gespräch mit dem Hafenmeister\n", "utf-8"
    )
    record = json.loads(crawler("extract", "a.txt", cwd=tmp_path).stdout)
    assert [(c["kind"], c["label"], c["text"]) for c in record["citations"]] == [
        ("read_more", "Zum Nachhören", "Das Gespräch mit dem Hafenmeister")
    ]


def test_extract_goes_on_when_one_input_is_no_article(tmp_path):
    (tmp_path / "film.txt").write_bytes(b"\x00\x01\x02" * 100)
    done = crawler("extract", tmp_path / "film.txt", SAMPLE)
    assert done.returncode == 1
    assert "binary" in done.stderr
    assert len(done.stdout.splitlines()) == 1


def test_extract_reads_a_url():
    done = crawler("extract", "https://t.co/Hb4rWq7TzK", "--replay", CASSETTES)
    record = json.loads(done.stdout)
    assert record["source"] == "https://t.co/Hb4rWq7TzK"
    assert record["article"]["url"].startswith("https://www.harbourpost.example/")


def test_resolve_follows_links_from_standard_input():
    links = "https://t.co/Hb4rWq7TzK\nhttps://short.example/fire-log\n"
    done = crawler("resolve", "-", "--json", "--replay", CASSETTES, stdin=links)
    first, second = map(json.loads, done.stdout.splitlines())
    assert [hop["status"] for hop in first["hops"]] == [301, 302, 200]
    assert (first["outcome"], second["outcome"], second["final_url"]) == ("arrived", "loop", None)


def test_resolve_shows_a_table():
    done = crawler("resolve", "https://t.co/9mXcPd2LsV", "--replay", CASSETTES)
    assert "https://coastline.example/port/north-quay-fire" in done.stdout


def test_trace_shows_the_tree_with_its_circles(crawled):
    done = crawler("trace", SAMPLE, "--db", crawled)
    assert done.returncode == 0
    for said in (
        "301 https://t.co/Hb4rWq7TzK",
        "302 https://hrbr.example/2k1",
        "via meta_refresh",
        "matched by its title",
        "its link is lost",
    ):
        assert said in done.stdout


@pytest.mark.parametrize(
    "name", ["1", "three dead in port ansgar", "https://t.co/Hb4rWq7TzK", "HTTPS://coastline.example/port/north-quay-fire#top"]
)
def test_a_piece_may_be_named_in_many_ways(crawled, name):
    assert crawler("trace", name, "--db", crawled).returncode == 0


def test_trace_is_there_in_json(crawled):
    tree = json.loads(crawler("trace", SAMPLE, "--db", crawled, "--json").stdout)
    assert [citation["kind"] for citation in tree["citations"]][:3] == ["tweet", "tweet_link", "tweet"]
    assert [hop["status"] for hop in tree["citations"][1]["hops"]] == [301, 302, 200]


def test_trace_asks_back_when_a_name_means_several(crawled):
    done = crawler("trace", "fire", "--db", crawled)
    assert done.returncode == 2
    assert "several pieces" in done.stderr


def test_query_alone_lists_the_questions():
    done = crawler("query")
    assert "most-cited" in done.stdout
    assert "dead-links" in done.stdout


@pytest.mark.parametrize(
    "name",
    [
        "chains",
        "citations",
        "dead-links",
        "most-cited",
        "runs",
        "tweets",
        "unmatched-titles",
        "cites piece=1",
        "cited-by piece=2",
    ],
)
def test_every_canned_query_answers(crawled, name):
    done = crawler("query", *name.split(), "--db", crawled, "--json")
    assert done.returncode == 0, done.stderr
    assert all(json.loads(line) for line in done.stdout.splitlines())


def test_query_takes_sql_and_prints_csv(crawled):
    done = crawler("query", "SELECT 'x' AS a, 1 AS b UNION ALL SELECT '=1+1', -2", "--db", crawled, "--csv")
    assert list(csv.reader(io.StringIO(done.stdout))) == [["a", "b"], ["x", "1"], ["'=1+1", "-2"]], "no cell is a formula"


@pytest.mark.parametrize(
    "sql", ["DELETE FROM runs", "DROP TABLE runs", "CREATE TABLE x (y)", "PRAGMA user_version = 7", "ATTACH 'x' AS y"]
)
def test_query_writes_nothing(crawled, tmp_path, sql):
    before = crawled.read_bytes()
    assert crawler("query", sql, "--db", crawled, cwd=tmp_path).returncode == 2
    assert crawled.read_bytes() == before
    assert list(tmp_path.iterdir()) == []


def test_what_a_page_says_does_not_steer_the_terminal(crawled):
    done = crawler("query", "SELECT char(27) || '[2J' || char(155) || '31m' || char(8238) AS title", "--db", crawled)
    assert "\\u001b[2J\\u009b31m\\u202e" in done.stdout


def test_check_finds_nothing_wrong_with_the_sample(crawled):
    done = crawler("check", "--config", ROOT / "config.toml", "--db", crawled)
    assert done.returncode == 0
    assert "WRONG" not in done.stdout
    assert "16 exchanges" in done.stdout


def test_check_says_what_is_wrong(tmp_path, crawled):
    broken = tmp_path / "broken.db"
    content = bytearray(crawled.read_bytes())
    content[8192:16384] = b"\x5a" * 8192
    broken.write_bytes(content)
    (tmp_path / "config.toml").write_text(
        'replay = "nowhere"\n[tls]\nca_file = "lost.pem"\n[[sources]]\nname = "a"\nfile = "lost.txt"\n'
    )
    done = crawler("check", "--db", broken, cwd=tmp_path)
    assert done.returncode == 2
    assert "lost.txt" in done.stdout
    assert "nowhere" in done.stdout
    assert "tls.ca_file" in done.stdout
    assert done.stdout.count("WRONG") >= 4


def test_check_misses_evidence_and_names_what_is_stuck(tmp_path):
    (tmp_path / "config.toml").write_text("[evidence]\nenabled = true\n")
    assert crawler("run", SAMPLE, "--replay", CASSETTES, cwd=tmp_path).returncode == 0
    whole = crawler("check", cwd=tmp_path)
    assert whole.returncode == 0
    assert "evidence: 6 records in 1 files" in whole.stdout
    with closing(sqlite3.connect(tmp_path / "provenance.db")) as db:
        db.execute("UPDATE frontier SET claims = 3, due_at = '2026-01-01T00:00:00.000Z' WHERE id = 1")
        db.commit()
    stuck = crawler("check", cwd=tmp_path)
    assert stuck.returncode == 0
    assert "harbour-fire.txt was claimed 3 times and never settled" in stuck.stdout
    assert "crawler resolve" in stuck.stdout
    (kept,) = (tmp_path / "evidence").iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    cut = crawler("check", cwd=tmp_path)
    assert cut.returncode == 2
    assert "ends before the last of the records" in cut.stdout
    kept.unlink()
    lost = crawler("check", cwd=tmp_path)
    assert lost.returncode == 2
    assert f"{kept.name} is missing" in lost.stdout
    assert "evidence.folder" in lost.stdout


def test_check_names_a_chain_that_is_not_whole(tmp_path, crawled):
    torn = tmp_path / "torn.db"
    torn.write_bytes(crawled.read_bytes())
    with closing(sqlite3.connect(torn)) as db:
        db.execute("DELETE FROM attempts WHERE hop_id = 1")
        db.execute("DELETE FROM hops WHERE id = 1")
        db.commit()
    done = crawler("check", "--db", torn)
    assert done.returncode == 2
    assert "1 resolutions that lack a hop; these are written together" in done.stdout


MISTAKES = {
    "a missing source": (["run", "lost.txt"], "there is no such file"),
    "a bad URL": (["run", "gopher://x.example/"], "not a URL that can be fetched"),
    "an empty source": (["run", "empty.txt"], "empty"),
    "a binary source": (["run", "image.txt"], "binary"),
    "a source without permission": (["run", "secret.txt"], "Permission denied"),
    "no source at all": (["run"], "name a SOURCE"),
    "an unknown key": (["run", "--config", "unknown.toml"], "`limits.max_hobs`; did you mean `max_hops`?"),
    "a value of the wrong type": (["run", "--config", "type.toml"], "`depth`"),
    "a limit that is not a number": (["run", "--config", "nan.toml"], "`limits.chain_seconds` is nan"),
    "a configuration that is no TOML": (["run", "--config", "text.toml"], "text.toml"),
    "a missing configuration": (["run", "--config", "lost.toml"], "there is no such file"),
    "a database that is none": (["run", "a.txt", "--db", "a.txt"], "not a SQLite database"),
    "another program's database": (["query", "runs", "--db", "other.db"], "not one of a crawl"),
    "a database of a later crawler": (["run", "a.txt", "--db", "newer.db"], "update the crawler"),
    "a database in no folder": (["run", "a.txt", "--db", "no/where.db"], "folder"),
    "a missing database": (["query", "runs", "--db", "lost.db"], "there is no such database"),
    "no cassettes": (["run", "a.txt", "--replay", "lost"], "lost"),
    "recording a replay": (["run", "a.txt", "--replay", "x", "--record", "y"], "only where what is replayed is evidence"),
    "an unknown query": (["query", "most-sited", "--db", "ours.db"], "did you mean most-cited?"),
    "a query without its value": (["query", "cites", "--db", "ours.db"], "piece=…"),
    "a query that is no SQL": (["query", "SELEKT 1", "--db", "ours.db"], "can't be answered"),
    "an unknown piece": (["trace", "nobody knows this", "--db", "ours.db"], "no piece is known"),
    "words too long for a file's name": (["extract", "words " * 100], "a source is a file"),
    "a title too long for a file's name": (["trace", "words " * 100, "--db", "ours.db"], "no piece is known"),
    "a database whose name is too long": (["query", "runs", "--db", "words " * 100], "--db names another"),
    "a link that is none": (["resolve", "not a link"], "not a URL that can be followed"),
    "an unknown option": (["run", "--dept", "3"], "--dept"),
}


@pytest.fixture(scope="module")
def mistaken(tmp_path_factory, crawled):
    """A folder with something wrong for everyone."""
    folder = tmp_path_factory.mktemp("mistaken")
    (folder / "a.txt").write_text("A headline\nand a sentence with nothing cited.\n")
    (folder / "empty.txt").write_text(" \n")
    (folder / "image.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (folder / "secret.txt").write_text("x")
    (folder / "secret.txt").chmod(0)
    (folder / "unknown.toml").write_text("[limits]\nmax_hobs = 3\n")
    (folder / "type.toml").write_text('depth = "far"\n')
    (folder / "nan.toml").write_text("[limits]\nchain_seconds = nan\n")
    (folder / "text.toml").write_text("this is no toml\n")
    (folder / "ours.db").write_bytes(crawled.read_bytes())
    for name, script in {"other.db": "CREATE TABLE x (y)", "newer.db": "PRAGMA user_version = 9999"}.items():
        with closing(sqlite3.connect(folder / name)) as db:
            db.execute(script)
    return folder


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_ends_in_a_word_that_says_what_to_do(mistaken, mistake):
    arguments, said = MISTAKES[mistake]
    if mistake == "a source without permission" and os.geteuid() == 0:
        pytest.skip("root may read everything")
    before = {file.name: file.read_bytes() for file in mistaken.iterdir() if os.access(file, os.R_OK)}
    done = crawler(*arguments, cwd=mistaken)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert {name: (mistaken / name).read_bytes() for name in before} == before, "nothing was touched"


@pytest.mark.parametrize("room", [250_000, 750_000])
def test_a_disk_that_is_full_ends_a_run_with_a_word_and_the_next_one_goes_on(tmp_path, crawled, room):
    """The kernel lets no file of the process grow past a size: to SQLite that is a disk without room."""
    run = ["run", SAMPLE, SAMPLE_HTML, "--replay", CASSETTES, "--db", tmp_path / "p.db", "--depth", "2"]
    cramped = subprocess.run(
        [sys.executable, "-c", f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))\n"
         "from crawler.cli import main; main()", *run],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert cramped.returncode == 2, cramped.stderr
    assert "free space" in cramped.stderr
    assert "Traceback" not in cramped.stderr
    assert rows(tmp_path / "p.db", "PRAGMA integrity_check") == [("ok",)]
    done = crawler(*run)
    assert done.returncode == 0, done.stderr
    with database.reading(tmp_path / "p.db") as after, database.reading(crawled) as unharmed:
        assert graph(after) == graph(unharmed)


def test_a_second_run_at_once_is_told_so(tmp_path):
    locked = subprocess.Popen(
        [sys.executable, "-c", "import sys, time; from pathlib import Path; from crawler.store import database\n"
         "with database.lock(Path('p.db')): print('locked', flush=True); time.sleep(60)"],
        cwd=tmp_path, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert locked.stdout
    assert locked.stdout.readline() == b"locked\n"
    done = crawler("run", SAMPLE, "--replay", CASSETTES, "--db", tmp_path / "p.db")
    assert done.returncode == 3
    assert str(locked.pid) in done.stderr
    locked.kill()
    locked.wait()
    locked.stdout.close()
    assert crawler("run", SAMPLE, "--replay", CASSETTES, "--db", tmp_path / "p.db").returncode == 0, "no stale lock"


@pytest.mark.parametrize(
    ("signals", "grace_seconds"),
    [([signal.SIGTERM], 0.2), ([signal.SIGINT, signal.SIGINT], 30)],
    ids=["in good order", "at once"],
)
def test_a_run_interrupted_by_hand_keeps_what_it_has(tmp_path, signals, grace_seconds):
    """A server that never answers holds the run up; then it is told to stop."""
    server = subprocess.Popen(
        [sys.executable, "-c", "import socket, time\ns = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True)\n"
         "c, _ = s.accept(); print('met', flush=True); time.sleep(60)"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert server.stdout
    port = int(server.stdout.readline())
    (tmp_path / "config.toml").write_text(
        f'[guard]\nallow = ["127.0.0.0/8"]\nports = [{port}]\n[limits]\ngrace_seconds = {grace_seconds}\n'
    )
    (tmp_path / "a.txt").write_text(f"A headline that is long enough\nSee http://127.0.0.1:{port}/story for more of it.\n")
    running = subprocess.Popen(
        [sys.executable, "-m", "crawler", "run", "a.txt"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert server.stdout.readline() == "met\n"
    for number in signals:
        running.send_signal(number)
        time.sleep(0.3)
    _, err = running.communicate(timeout=30)
    server.kill()
    server.wait()
    server.stdout.close()
    assert running.returncode == 130, err
    assert "interrupted" in err
    assert rows(tmp_path / "provenance.db", "SELECT status FROM runs") == [("interrupted",)]
    assert rows(tmp_path / "provenance.db", "SELECT count(*) FROM citations") == [(1,)]
    assert rows(tmp_path / "provenance.db", "SELECT count(*) FROM frontier WHERE due_at IS NOT NULL") == [(1,)]


def test_what_a_link_led_to_in_place_of_the_piece_is_shown_everywhere(tmp_path):
    story, home, lost = "http://paper.example/2016/10/a-story", "http://paper.example/", "http://daily.example/lost"
    pages = [(story, 302, (("Location", "/"),), b""), (home, 200, (), b"<title>The Paper</title>")]
    pages.append((lost, 200, (), b"<title>Seite nicht gefunden | Daily</title>"))
    (tmp_path / "tape").mkdir()
    for url, status, headers, body in pages:
        path = tmp_path / "tape" / tapes.file_name(url)
        recording = tapes.dump(Recording("GET", url, status, "", headers, body), datetime(2026, 3, 18, tzinfo=UTC))
        path.write_bytes((path.read_bytes() if path.exists() else tapes.HEAD) + recording)
    (tmp_path / "a.txt").write_text(f"A headline of some words\nIt was seen {story} and {lost} and {home} by many.\n")

    resolved = crawler("resolve", story, lost, home, "--replay", "tape", "--json", cwd=tmp_path)
    assert [json.loads(line)["landing"] for line in resolved.stdout.splitlines()] == ["home", "soft_404", None]
    assert "arrived: soft_404" in crawler("resolve", lost, "--replay", "tape", cwd=tmp_path).stdout
    done = crawler("run", "a.txt", "--replay", "tape", "--db", "p.db", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    dead = crawler("query", "dead-links", "--db", "p.db", "--json", cwd=tmp_path).stdout.splitlines()
    assert {(row["url"], row["landing"]) for row in map(json.loads, dead)} == {(story, "home"), (lost, "soft_404")}
    told = crawler("trace", "a.txt", "--db", "p.db", cwd=tmp_path).stdout
    assert "led to a home page in place of the piece" in told
    assert "led to a page that says it is not there" in told


def test_the_copy_of_a_lost_piece_is_looked_up_and_shown(tmp_path):
    lost, archive = "http://paper.example/lost", "http://archive.example"
    copy = f"{archive}/web/20161024120000/{lost}"
    (tmp_path / "tape").mkdir()
    for url, status, headers in [(lost, 410, ()), (f"{archive}/web/{lost}", 302, (("Location", copy),))]:
        recording = tapes.dump(Recording("GET", url, status, "", headers, b""), datetime(2026, 3, 18, tzinfo=UTC))
        (tmp_path / "tape" / tapes.file_name(url)).write_bytes(tapes.HEAD + recording)
    (tmp_path / "config.toml").write_text(f'replay = "tape"\n[mementos]\nenabled = true\nendpoint = "{archive}"\n')
    (tmp_path / "a.txt").write_text(f"A headline of some words\nIt was seen {lost} by many.\n")
    done = crawler("run", "a.txt", "--db", "p.db", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"archived copy: {copy}" in crawler("trace", "a.txt", "--db", "p.db", cwd=tmp_path).stdout
    (dead,) = crawler("query", "dead-links", "--db", "p.db", "--json", cwd=tmp_path).stdout.splitlines()
    assert json.loads(dead)["memento_url"] == copy
    assert rows(tmp_path / "p.db", "SELECT memento_datetime FROM mementos") == [("2016-10-24T12:00:00.000Z",)]


def test_a_backup_prints_where_it_is_and_keeps_the_latest(crawled, tmp_path):
    for day in (1, 2):
        (tmp_path / f"{crawled.stem}-2020010{day}T000000Z.db").write_bytes(b"")
    done = crawler("backup", tmp_path, "--db", crawled, "--keep", 2)
    assert done.returncode == 0
    (older,) = [file for file in tmp_path.iterdir() if "-2020" in file.name]
    assert older.name.endswith("20200102T000000Z.db")
    assert crawler("query", "SELECT count(*) FROM citations", "--csv", "--db", done.stdout.strip()).stdout == (
        crawler("query", "SELECT count(*) FROM citations", "--csv", "--db", crawled).stdout
    )
    assert "--keep goes with a folder" in crawler("backup", tmp_path / "one.db", "--db", crawled, "--keep", 2).stderr


def test_a_json_log_is_one_object_an_event_and_nothing_else(tmp_path):
    done = crawler("run", SAMPLE, "--replay", CASSETTES, "--db", tmp_path / "a.db", "--log", "json", "--json")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert {event["event"] for event in events} == {"visited", "ended"}
    assert all(set(event) >= {"at", "event", "message"} for event in events)
    assert {event["outcome"] for event in events if event["event"] == "visited"} >= {"read", "arrived"}
    report = json.loads(done.stdout)
    assert events[-1]["visits"] == report["visits"] == len(events) - 1


def test_a_run_that_is_not_made_is_an_event_of_the_json_log_too(tmp_path):
    command = ("run", SAMPLE, "--replay", CASSETTES, "--db", tmp_path / "a.db", "--log", "json")
    assert crawler(*command).returncode == 0
    with database.lock(tmp_path / "a.db"):
        locked = crawler(*command)
    idle = crawler(*command)
    (tmp_path / "a.db").write_text("no database")
    broken = crawler(*command)
    ends = [(done.returncode, json.loads(done.stderr)["event"]) for done in (locked, idle, broken)]
    assert ends == [(3, "failed"), (0, "idle"), (2, "failed")]


def test_a_page_can_not_write_a_line_of_its_own_into_the_log(tmp_path):
    (tmp_path / "a.txt").write_text("A headline\u2028of words\x1b[31m here\nSee https://t.co/abcdefghij\u202e\n")
    done = crawler("run", "a.txt", "--replay", CASSETTES, "--db", "a.db", "--log", "json", cwd=tmp_path)
    assert done.stderr.isascii()
    assert all(json.loads(line) for line in done.stderr.split("\n") if line)


def test_the_report_says_why_links_failed_and_is_kept_with_its_run(tmp_path):
    done = crawler("run", SAMPLE, SAMPLE_HTML, "--replay", CASSETTES, "--db", tmp_path / "a.db", "--depth", 2, "--json")
    report = json.loads(done.stdout)
    assert [(outcome, count) for outcome, _, count in report["failures"]] == [("gone", 1), ("loop", 1)]
    assert report["bytes"] > 1000
    assert report["seconds"] >= 0
    assert report["changed_pieces"] == 0
    with closing(sqlite3.connect(tmp_path / "a.db")) as db:
        assert json.loads(db.execute("SELECT report_json FROM runs").fetchone()[0]) == report


def test_the_environment_names_the_database_and_the_configuration(crawled, tmp_path, monkeypatch):
    monkeypatch.setenv("CRAWLER_DATABASE", str(crawled))
    monkeypatch.chdir(tmp_path)
    assert crawler("query", "SELECT count(*) FROM runs", "--csv").returncode == 0
    monkeypatch.setenv("CRAWLER_CONFIG", str(tmp_path / "missing.toml"))
    assert "missing.toml" in crawler("check").stdout
