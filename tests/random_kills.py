"""Kill `crawler run` at random instants, N times in all, and see that nothing it had finished is lost and nothing is there twice.

Run as `python -m tests.random_kills N FOLDER [SEED]`. Every run is the command itself, in a process of its own, over the sample's
cassettes and with evidence kept; it is killed with SIGKILL after a random time, counted from its start or from when it has recorded
a random number of visits. Just before, what its database holds is read from outside: all of that has to be there afterwards. Where a
run comes to its end, its graph is compared with an unharmed run's, and the next one starts anew. Prints the figures; exits 1 at the
first fault.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from crawler.store import database
from tests.commands import end, has_ended, kill, start
from tests.graphs import graph

ROOT = Path(__file__).parent.parent
CONFIG = f"""
replay = "{ROOT / "cassettes" / "harbour-fire"}"
depth = 2
readers = 1
[evidence]
enabled = true
[[sources]]
name = "flat"
file = "{ROOT / "examples" / "harbour-fire.txt"}"
[[sources]]
name = "page"
file = "{ROOT / "examples" / "harbour-fire.html"}"
"""
# What is only ever added, as far as it never changes.
KEPT = {
    "runs": "SELECT id, started_at FROM runs",
    "pieces": "SELECT id, key, first_run_id FROM pieces",
    "tweets": "SELECT piece_id, status_id FROM tweets",
    "citations": "SELECT id, citing_id, kind, href, url, text, label, first_run_id FROM citations",
    "resolutions": "SELECT * FROM resolutions",
    "hops": "SELECT * FROM hops",
    "attempts": "SELECT * FROM attempts",
    "captures": "SELECT * FROM captures",
    "warc_records": "SELECT * FROM warc_records",
    "frontier": "SELECT id, url FROM frontier",
}
TWICE = """
SELECT citing_id, kind, position, href, text, label, count(*) FROM citations WHERE gone_run_id IS NULL
GROUP BY 1, 2, 3, 4, 5, 6 HAVING count(*) > 1
"""
EVIDENCE = "SELECT file, max(offset) FROM warc_records GROUP BY file"
VISITS = "SELECT ifnull(sum(visit_count), 0) FROM runs"
FROM_THE_START = 0.3  # of the kills are counted from there; most of that time goes to starting readers
MOST_VISITS = 3  # recorded, after which a kill is; they come in twos and threes
MOMENT = 0.02  # seconds after that, at most
Row = tuple[object, ...]


def main(kills: int, folder: Path, seed: int = 1) -> int:
    """Kill so many runs; return 1 where one left anything wrong behind."""
    lot = random.Random(seed)
    work, path = folder / "killed", folder / "killed" / "provenance.db"
    began = time.monotonic()
    expected = _unharmed(folder / "unharmed")
    longest = time.monotonic() - began
    killed, ends, kept = 0, 0, Counter[str]()
    _begin_anew(work)
    while True:
        process = start(work, "run")
        if killed < kills:
            if lot.random() < FROM_THE_START:
                time.sleep(lot.uniform(0, longest))
            else:
                _await_visits(path, process, lot.randint(1, MOST_VISITS))
                time.sleep(lot.uniform(0, MOMENT))
            before = _rows(path)
            was_killed = kill(process)
        else:  # the last one may come to its end
            before, was_killed = _rows(path), end(process) != 0
        wrong = _wrong(work, before)
        if was_killed:
            killed += 1
            kept.update({name: len(rows) for name, rows in before.items()})
        else:
            ends += 1
            wrong += _differences(path, expected)
        if wrong:
            sys.stdout.write(f"after {killed} kills (seed {seed}), in {work}:\n" + "\n".join(wrong) + "\n")
            return 1
        if not was_killed:
            if killed >= kills:
                break
            _begin_anew(work)
    sys.stdout.write(
        f"{killed} kills in {time.monotonic() - began:.0f} s; {ends} runs came to their end, to the graph of an unharmed run; "
        f"{kept.total()} rows committed before a kill were all there after it "
        f"({', '.join(f'{count} {name}' for name, count in kept.most_common())})\n"
    )
    return 0


def _unharmed(folder: Path) -> dict[str, list[Row]]:
    _begin_anew(folder)
    if code := end(start(folder, "run")):
        raise RuntimeError(f"a run that nobody harmed ended with {code}: {(folder / 'said.txt').read_text('utf-8')}")
    with database.reading(folder / "provenance.db") as db:
        return graph(db)


def _begin_anew(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(CONFIG, "utf-8")


def _await_visits(path: Path, process: int, more: int) -> None:
    """Return when so many more visits are recorded, or the process has ended."""
    wanted = more + _visits(path)
    while _visits(path) < wanted and not has_ended(process):
        time.sleep(MOMENT / 10)


def _visits(path: Path) -> int:
    if not path.exists():
        return 0
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10)) as db:
        has_schema = db.execute("PRAGMA user_version").fetchone()[0] == database.SCHEMA_VERSION
        return int(db.execute(VISITS).fetchone()[0]) if has_schema else 0


def _rows(path: Path) -> dict[str, set[Row]]:
    """Return what is committed, as seen from outside in one transaction; nothing where there is no schema yet."""
    if not path.exists():
        return {}
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10, isolation_level=None)) as db:
        db.execute("BEGIN")
        if db.execute("PRAGMA user_version").fetchone()[0] < database.SCHEMA_VERSION:
            return {}
        return {name: set(db.execute(sql)) for name, sql in KEPT.items()}


def _wrong(folder: Path, before: dict[str, set[Row]]) -> list[str]:
    """Return what is wrong after a kill: damage, what was there and is not, what is there twice, evidence that is missing."""
    path = folder / "provenance.db"
    if not path.exists():
        return []
    now = _rows(path)
    wrong = [f"lost of {name}: {sorted(rows - now[name], key=repr)}" for name, rows in before.items() if rows - now[name]]
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)) as db:
        wrong += [line for (line,) in db.execute("PRAGMA integrity_check") if line != "ok"]
        wrong += [f"foreign key: {row}" for row in db.execute("PRAGMA foreign_key_check")]
        if now:
            wrong += [f"twice: {row}" for row in db.execute(TWICE)]
            sizes = {file.name.removesuffix(".open"): file.stat().st_size for file in folder.glob("evidence/*")}
            wrong += [f"evidence: {row}" for row in db.execute(EVIDENCE) if sizes.get(row[0], 0) <= row[1]]
    return wrong


def _differences(path: Path, expected: dict[str, list[Row]]) -> list[str]:
    with database.reading(path) as db:
        found = graph(db)
    return [f"{name}: {found[name]}, not {rows}" for name, rows in expected.items() if found[name] != rows]


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2]).resolve(), *map(int, sys.argv[3:])))
