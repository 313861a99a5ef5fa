"""The benchmarks run and print their tables. How fast anything is, no test says: machines differ, and are busy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
SMALL = {
    "extraction": (("extraction.py", "--count", "1", "--rounds", "1"), ("times the parse", "live blog 0", "4 to 8")),
    "store": (("store.py", "--lost", "20", "--visits", "12", "--rounds", "1"), ("bare executemany", "last / first", "namesakes")),
    "resolution": (
        ("resolution.py", "--links", "6", "--workers", "4", "--rounds", "1"),
        ("plain aiohttp loop", "follow only / plain"),
    ),
    "graph": (
        ("graph.py", "--pieces", "300", "--citations", "1500"),
        ("300 pieces, 1,500 citations", "circles up to length 4", "self-citation share"),
    ),
    "comparison": (
        ("comparison.py", "--count", "1", "--rounds", "1", "--no-peers"),
        ("ours", "READ MORE", "with id, handle or day"),
    ),
    "hostile": (("hostile.py", "--only", "names"), ("tag names.html", "0 of them too much")),
    "linearity": (
        ("linearity.py", "--length", "1000", "--units", "5", "--only", "scan a", "--slowest", "9"),
        ("scan a page", "attack units"),
    ),
    "resolution over TLS": (
        ("resolution.py", "--links", "6", "--workers", "4", "--rounds", "1", "--tls", "--small"),
        ("plain aiohttp loop", "follow only / plain"),
    ),
}


@pytest.mark.parametrize("name", SMALL)
def test_a_benchmark_prints_its_tables(name):
    (script, *options), expected = SMALL[name]
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / script), *options], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    for words in expected:
        assert words in done.stdout
