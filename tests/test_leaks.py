"""Whatever a server does wrong, and in whichever phase: the chain has its outcome in time, and nothing stays open."""

from __future__ import annotations

import subprocess
import sys

from tests.leaks import KINDS


# In a process of its own, for it counts files and tasks. Ten thousand chains: `python -m tests.leaks 10000`.
def test_chains_that_break_in_every_phase_end_in_time_and_leave_nothing_open():
    chains = 2 * len(KINDS)
    done = subprocess.run(
        [sys.executable, "-m", "tests.leaks", str(chains)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"{chains} chains ")
