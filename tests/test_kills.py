"""Killed at any point and started again, a crawl leaves the same graph."""

from __future__ import annotations

import subprocess
import sys

import pytest


# Every fetch; every twelfth statement (all of them: `python -m tests.kills statements 1 FOLDER`).
@pytest.mark.parametrize(("mode", "step", "at_least"), [("fetches", 1, 6), ("statements", 12, 16)])
def test_a_crawl_killed_at_any_point_completes_to_the_same_graph(tmp_path, mode, step, at_least):
    done = subprocess.run(
        [sys.executable, "-m", "tests.kills", mode, str(step), tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.split()[0]) >= at_least


@pytest.mark.parametrize(
    ("soak", "said"),
    [(("random_kills", "3"), "3 kills"), (("rivals", "2"), "2 times")],  # in full: `python -m tests.random_kills 500 FOLDER`, …
)
def test_no_run_harms_another_or_what_it_left(tmp_path, soak, said):
    module, times = soak
    done = subprocess.run(
        [sys.executable, "-m", f"tests.{module}", times, tmp_path / "work"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(said)
