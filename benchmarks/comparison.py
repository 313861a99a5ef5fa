"""What others return of the same pages, and how fast: trafilatura, newspaper4k, goose3, each in its own words.

They are installed from the package index into an environment of their own, kept between runs in a cache folder. Each page is
read by all of them in one run. None has a field for most of what is counted here: a status id, a short link or a title
counts for it wherever it stands in what it returned.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from pages import generated
from report import print_machine, print_table

HERE = Path(__file__).parent
PEERS = {"trafilatura": "trafilatura", "newspaper4k": "newspaper4k", "goose3": "goose3"}
READ = HERE / "peers_read.py"
MEASURES = ("tweet", "tco", "media", "read_more", "link")


@dataclass(frozen=True, slots=True)
class Answers:
    """What one reader returned of all pages, and its processor time."""

    name: str
    pages: list[dict[str, Any]]

    @property
    def seconds(self) -> float:
        """Of processor time, for all pages."""
        return sum(page["seconds"] for page in self.pages)

    @property
    def speed(self) -> float:
        """Pages a second of one core."""
        return len(self.pages) / self.seconds


def environment(folder: Path) -> Path:
    """Return the Python of the peers' environment, made if it isn't there."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
    needed = [*PEERS.values(), "lxml_html_clean"]
    subprocess.run(["uv", "pip", "install", "--quiet", "--python", str(python), *needed], check=True)
    return python


def answers(name: str, python: Path | str, files: list[Path], rounds: int) -> Answers:
    done = subprocess.run(
        [str(python), str(READ), name, str(rounds)],
        input="".join(f"{file.absolute()}\n" for file in files),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(HERE.parent)} if name == "ours" else None,
    )
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr}")
    return Answers(name, [json.loads(line) for line in done.stdout.splitlines()])


def scorer_at(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("scorer", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path}: not a scorer of extract records")
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    return scorer


def said_by(scorer: ModuleType, page: dict[str, Any], wanted: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return what a reader found, in the scorer's terms."""
    if "record" in page:
        return scorer.said_items(page["record"])
    found, words = page["found"], scorer.fold(page["words"])
    return {
        "tweet": {f"id:{status_id}" for status_id in found["tweets"]},
        "tco": set(map(scorer.short_link, found["tco"])),
        "media": set(found["media"]),
        "read_more": {title for title in wanted["read_more"] if title in words},
        "link": set(found["links"]),
    }


def print_returned(all_answers: list[Answers]) -> None:
    ours = all_answers[0]
    rows = []
    for reader in all_answers:
        if reader is ours:
            records = [page["record"] for page in reader.pages]
            tweets = [tweet for record in records for tweet in record["tweets"]]
            citations = [citation for record in records for citation in record["citations"]]
            typed = f"{sum(bool(tweet['status_id'] or tweet['handle']) for tweet in tweets):,} with id, handle or day"
            links = {citation["url"] for citation in citations if citation["url"]}
            counts = (
                sum("t.co/" in link.lower() for link in links),
                sum(citation["kind"] == "tweet_media" for citation in citations),
                f"{sum(citation['kind'] == 'read_more' for citation in citations):,} typed",
                sum(citation["kind"] == "link" for citation in citations),
            )
        else:
            found = [page.get("found", {"tweets": (), "tco": (), "media": (), "links": ()}) for page in reader.pages]
            typed = f"none; {sum(len(page['tweets']) for page in found):,} ids in its words"
            counts = (
                sum(len(page["tco"]) for page in found),
                sum(len(page["media"]) for page in found),
                "none typed",
                sum(len(page["links"]) for page in found),
            )
        rows.append((reader.name, reader.speed, f"{ours.speed / reader.speed:.1f}", typed, *counts))
    titles = (
        "reader",
        "pages/s",
        "ours is so many times as fast",
        "tweet records",
        "t.co",
        "pic.twitter.com",
        "READ MORE",
        "links",
    )
    print_table(titles, rows)


def print_recall(scorer: ModuleType, golden: list[dict[str, Any]], all_answers: list[Answers]) -> None:
    rows = []
    for reader in all_answers:
        hit, wanted = dict.fromkeys(MEASURES, 0), dict.fromkeys(MEASURES, 0)
        for row, page in zip(golden, reader.pages, strict=True):
            gold = scorer.gold_items(row)
            said = said_by(scorer, page, gold)
            for measure in MEASURES:
                if measure != "link" or row["kind"] == "html":
                    hit[measure] += len(gold[measure] & said[measure])
                    wanted[measure] += len(gold[measure])
        rows.append((reader.name, *(f"{hit[measure] / max(wanted[measure], 1):.3f}" for measure in MEASURES)))
    print_table(("recall", "tweets", "t.co", "pic.twitter.com", "READ MORE titles", "story's links"), rows)


def written(folder: Path, count: int) -> list[Path]:
    """Return generated pages, written into folder."""
    files = []
    for sample in generated(count):
        files.append(folder / f"{sample.name.replace(' ', '-')}.html")
        files[-1].write_bytes(sample.times(1))
    return files


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, metavar="FOLDER", action="append", default=[], help="HTML and text files to read")
    parser.add_argument("--gold", type=Path, metavar="F", help="answers made by hand, with the names of their pages beside them")
    parser.add_argument("--scorer", type=Path, metavar="F", help="the program whose functions read those answers")
    parser.add_argument("--count", type=int, default=4, help="generated pages of each sort")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--peer", choices=PEERS, action="append", help="only this one; again for another")
    parser.add_argument("--no-peers", action="store_true", help="ours alone, which needs no package index")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "link-provenance-crawler" / "peers"
    parser.add_argument("--environment", type=Path, default=cache, metavar="FOLDER", help="where the peers are installed")
    options = parser.parse_args()
    if (options.gold is None) != (options.scorer is None):
        parser.error("--gold and --scorer go together")
    print_machine()
    names = [] if options.no_peers else options.peer or list(PEERS)
    peers = environment(options.environment) if names else None

    def all_of(files: list[Path]) -> list[Answers]:
        return [
            answers("ours", sys.executable, files, options.rounds),
            *(answers(name, peers or "", files, options.rounds) for name in names),
        ]

    with tempfile.TemporaryDirectory() as folder:
        files = written(Path(folder), options.count)
        for pages in options.pages:
            files += sorted(file for file in pages.iterdir() if file.suffix in (".html", ".htm", ".txt"))
        print_returned(all_of(files))
    if options.gold:
        golden = [row for row in map(json.loads, options.gold.read_text("utf-8").splitlines()) if "file" in row]
        compared = all_of([options.gold.parent / row["file"] for row in golden])
        print_returned(compared)
        print_recall(scorer_at(options.scorer), golden, compared)


if __name__ == "__main__":
    main()
