"""What a piece of work costs the process it runs in: time, processor time of its own and of its children, memory."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024  # getrusage's unit


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one piece of work, and how many requests it made."""

    requests: int
    seconds: float
    cpu_seconds: float
    children_cpu_seconds: float  # of those that have ended
    peak_mb: float  # of the whole process so far, imports included


def cost_of(work: Callable[[], int]) -> Cost:
    """Do the work, which returns how many requests it made, and say what it cost."""
    started, own, children = time.perf_counter(), _cpu(resource.RUSAGE_SELF), _cpu(resource.RUSAGE_CHILDREN)
    requests = work()
    return Cost(
        requests,
        time.perf_counter() - started,
        _cpu(resource.RUSAGE_SELF) - own,
        _cpu(resource.RUSAGE_CHILDREN) - children,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * MAXRSS_BYTES / 1e6,
    )


def cost_of_children(work: Callable[[], int]) -> Cost:
    """Do work that another program does as a child of this process, and say what it cost: all of it is the child's."""
    started, before = time.perf_counter(), _cpu(resource.RUSAGE_CHILDREN)
    requests = work()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * MAXRSS_BYTES / 1e6
    return Cost(requests, time.perf_counter() - started, _cpu(resource.RUSAGE_CHILDREN) - before, 0.0, peak)


def _cpu(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime
