"""Commands as processes of their own that start at once: forked from this one, which has imported everything already."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

# What the commands import when they are run.
import crawler.crawl
import crawler.reading.readers
import crawler.store.evidence
import crawler.web.cassettes
import crawler.web.circuits
import crawler.web.engine
import crawler.web.evidence
import crawler.web.warcs  # noqa: F401
from crawler import cli


def start(folder: Path, *arguments: str) -> int:
    """Run the command line in a folder; return the process's id. What it says goes to the folder's `said.txt`."""
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        os.chdir(folder)
        said = os.open("said.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(said, 1)
        os.dup2(said, 2)
        sys.argv = ["crawler", *arguments]
        cli.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    finally:
        os._exit(code)


def end(process: int) -> int:
    """Return the exit code of a process once it ends; that of one that was killed is the signal's number, negative."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def kill(process: int) -> bool:
    """Kill a process with SIGKILL; return whether that is what it died of."""
    os.kill(process, signal.SIGKILL)
    return end(process) == -signal.SIGKILL


def has_ended(process: int) -> bool:
    """Whether a process is no longer at work."""
    return os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
