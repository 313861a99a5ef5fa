"""Reading evidence back: equal, or what differs, by which record."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from crawler.store import database
from crawler.web import warcs
from tests.cli.test_commands import CASSETTES, SAMPLE, SAMPLE_HTML, crawler
from tests.graphs import graph

CONFIG = "[evidence]\nenabled = true\n"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A run whose evidence is kept: its folder."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "config.toml").write_text(CONFIG)
    for sample in (SAMPLE, SAMPLE_HTML):
        shutil.copy(sample, folder)
    done = crawler("run", SAMPLE.name, SAMPLE_HTML.name, "--replay", CASSETTES, "--depth", 2, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def folder(kept, tmp_path):
    """A copy of it, to be tampered with."""
    return Path(shutil.copytree(kept, tmp_path / "kept"))


def differences(folder):
    done = crawler("verify", "--json", cwd=folder)
    assert done.returncode == (2 if done.stdout else 0), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def ask(folder, sql, *values):
    with closing(sqlite3.connect(folder / "provenance.db")) as db:
        found = db.execute(sql, values).fetchall()
        db.commit()
    return found


def test_what_was_kept_bears_out_what_the_database_says(kept):
    done = crawler("verify", cwd=kept)
    assert (done.returncode, done.stdout) == (0, "")
    assert "7 chains of 11 hops, 6 captures, 19 citations derived again: equal" in done.stderr


def test_every_hop_and_capture_points_at_its_record(kept):
    assert ask(kept, "SELECT count(*), count(warc_record_id) FROM captures") == [(6, 6)]
    # One hop repeats an answer that its run had from another chain: it is kept there.
    unkept = "SELECT count(*) FROM hops AS h WHERE warc_record_id IS NULL AND EXISTS (SELECT 1 FROM attempts WHERE hop_id = h.id)"
    assert ask(kept, unkept) == [(0,)]


def rewritten(folder, url, change):
    """Change the payload of the record kept of url, its gzip member made anew: what a forger would do."""
    ((file, offset),) = ask(folder, "SELECT file, offset FROM warc_records WHERE url LIKE ? AND type <> 'revisit'", url)
    path = folder / "evidence" / file
    content = path.read_bytes()
    decompressor = zlib.decompressobj(31)
    record = decompressor.decompress(content[offset:])
    after = decompressor.unused_data
    changed = change(record)
    assert len(changed) == len(record)
    assert changed != record
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    path.write_bytes(content[:offset] + compressor.compress(changed) + compressor.flush() + after)
    return f"{file}:{offset}"


def test_one_byte_of_an_answer_changed_is_told_with_what_it_would_have_changed(folder):
    place = rewritten(folder, "https://t.co/Hb4rWq7TzK", lambda record: record.replace(b"hrbr.example/2k1", b"hrbr.example/2k2"))
    found = differences(folder)
    first = found[0]
    assert first["record"].startswith(place)
    assert "not as it was written" in first["what"]
    hops = [one for one in found if one["record"].startswith(place) and "hop" in one["what"]]
    assert {(one["what"], one["stored"], one["derived"]) for one in hops} >= {
        ("location of hop 0 of https://t.co/Hb4rWq7TzK", "https://hrbr.example/2k1", "https://hrbr.example/2k2"),
        ("url of hop 1 of https://t.co/Hb4rWq7TzK", "https://hrbr.example/2k1", "https://hrbr.example/2k2"),
    }


def test_one_byte_of_a_page_changed_is_told_with_the_citation_it_would_have_changed(folder):
    place = rewritten(folder, "%/harbour-fire.txt", lambda record: record.replace(b"t.co/9mXcPd2LsV", b"t.co/9mXcPd2LsW"))
    found = differences(folder)
    assert found[0]["record"].startswith(place)
    assert any(one["stored"] == "not there" and "9mXcPd2LsW" in one["derived"] for one in found)
    assert any(one["derived"] == "not there" and "9mXcPd2LsV" in one["stored"] for one in found)
    assert any("content_sha256" in one["what"] for one in found)


def test_one_byte_of_the_file_flipped_is_told_by_the_record_it_is_in(folder):
    ((file, offset),) = ask(folder, "SELECT file, offset FROM warc_records WHERE url = 'https://t.co/9mXcPd2LsV'")
    path = folder / "evidence" / file
    content = bytearray(path.read_bytes())
    content[offset + 60] ^= 1
    path.write_bytes(content)
    found = differences(folder)
    assert found[0]["record"].startswith(f"{file}:{offset}")
    chain = "SELECT DISTINCT w.offset FROM hops AS h JOIN warc_records AS w ON w.id = h.warc_record_id WHERE h.resolution_id IN (SELECT resolution_id FROM hops WHERE url = 'https://t.co/9mXcPd2LsV')"
    assert {one["record"].split(" ")[0] for one in found} <= {f"{file}:{at}" for (at,) in ask(folder, chain)}
    assert any(one["what"].startswith("status of hop 0 of https://t.co/9mXcPd2LsV") for one in found)


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("UPDATE hops SET location = 'https://elsewhere.example/' WHERE url = 'https://hrbr.example/2k1'", "location of hop 1"),
        ("UPDATE resolutions SET outcome = 'arrived' WHERE outcome = 'gone'", "outcome of the resolution"),
        ("UPDATE captures SET text_sha256 = 'x' WHERE id = 1", "text_sha256 of what was captured"),
        ("DELETE FROM citations WHERE id = (SELECT max(id) FROM citations)", "a citation of"),
        (
            "UPDATE citations SET href = 'https://planted.example/' WHERE id = (SELECT max(id) FROM citations WHERE kind = 'link')",
            "a citation of",
        ),
    ],
)
def test_a_fact_changed_in_the_database_is_told(folder, sql, what):
    ask(folder, "PRAGMA foreign_keys = OFF")
    ask(folder, sql)
    found = differences(folder)
    assert found
    assert any(one["what"].startswith(what) for one in found), found


def test_evidence_that_is_missing_is_told(folder):
    (file,) = warcs.files(folder / "evidence")
    file.unlink()
    assert differences(folder)[0]["what"].endswith("is missing in evidence")


def test_without_evidence_a_word_says_how_to_keep_it(tmp_path):
    assert crawler("run", SAMPLE, "--replay", CASSETTES, cwd=tmp_path).returncode == 0
    done = crawler("verify", cwd=tmp_path)
    assert done.returncode == 2
    assert "turn [evidence] on" in done.stderr


def graph_of(path):
    with database.reading(path) as db:
        return graph(db)


def test_evidence_replays_to_the_same_graph_and_cassettes_are_made_of_it(kept, tmp_path):
    names = [str(kept / sample.name) for sample in (SAMPLE, SAMPLE_HTML)]
    done = crawler(
        "run", *names, "--replay", kept / "evidence", "--record", "tape", "--depth", 2, "--db", "again.db", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    done = crawler("run", *names, "--replay", "tape", "--depth", 2, "--db", "taped.db", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert graph_of(tmp_path / "again.db") == graph_of(kept / "provenance.db")
    assert graph_of(tmp_path / "taped.db") == graph_of(kept / "provenance.db")
