"""Whoever looks on while a run is at work: a person at a terminal, a log, or nobody."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from crawler.cli.output import plain, say
from crawler.errors import CrawlerError

if TYPE_CHECKING:
    from rich.status import Status

    from crawler.clock import Clock
    from crawler.core.model import Task, Visit
    from crawler.store.runs import Report

LOGS = ("text", "json")


class Quiet:
    """Tells of faults, and of sources that gave nothing or not all."""

    def told(self, event: str, message: str, **facts: object) -> None:  # noqa: ARG002 - a person reads the message alone
        """Say what the run has to say of itself."""
        say(f"crawler: {message}")

    def visited(self, visit: Visit) -> None:
        """Say what is wrong with a source, or missing from it; of all else nothing."""
        if visit.task.read_as != "page" and (reason := _wrong_with(visit) or self._missing_from(visit)):
            self.told("source", f"source {visit.task.url}: {reason}", url=visit.task.url, reason=reason)

    def _missing_from(self, visit: Visit) -> str | None:
        # Of a list that is cut at each look a person is told; whoever reads the mails of cron finds it in the report.
        return _cut_of(visit) if sys.stderr.isatty() else None

    def failed(self, task: Task, error: Exception) -> None:
        """Say what went wrong, in a word for a fault we know and by its type for one we don't."""
        reason = str(error) if isinstance(error, CrawlerError) else f"{type(error).__name__}: {error}"
        self.told("fault", f"{task.url} could not be visited: {reason}", url=task.url, reason=reason)

    def ended(self, report: Report) -> None:
        """Say nothing: the report is printed."""

    def idle(self, reason: str) -> None:
        """Say that there was no run to make."""
        say(f"Nothing to do: {reason}. `crawler query` asks it.")


class OnTerminal(Quiet):
    """Shows how far the run is, on one line."""

    def __init__(self, status: Status) -> None:
        self._status = status
        self._visits = 0

    def visited(self, visit: Visit) -> None:
        """Count, and name the last URL."""
        super().visited(visit)
        self._visits += 1
        outcome = visit.resolution.outcome if visit.resolution else "read"
        self._status.update(f"{self._visits} visited · {outcome} {plain(visit.task.url)}")


class JsonLog(Quiet):
    """Writes one JSON object an event to standard error, each with its time (`at`), `event` and what is to be known of it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def told(self, event: str, message: str, **facts: object) -> None:
        """Write an event."""
        at = self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        # What a page says is escaped by JSON, and all that is not ASCII: nothing of it steers a terminal.
        print(json.dumps({"at": at, "event": event, "message": message, **facts}), file=sys.stderr, flush=True)  # noqa: T201

    def visited(self, visit: Visit) -> None:
        """Write down each visit."""
        super().visited(visit)
        resolution, page = visit.resolution, visit.page
        outcome = resolution.outcome if resolution else "read"
        facts: dict[str, object] = {"url": visit.task.url, "depth": visit.task.depth, "outcome": outcome}
        if resolution:
            facts |= {
                "detail": resolution.detail,
                "furthest_url": resolution.furthest_url,
                "landing": resolution.landing,
                "statuses": [hop.status for hop in resolution.hops],
                "requests": sum(len(hop.attempts) for hop in resolution.hops),
                "elapsed_ms": resolution.elapsed_ms,
            }
        if page:
            facts["citations"] = len(getattr(page, "citations", ()))
        self.told("visited", f"{outcome} {visit.task.url}", **facts)

    def _missing_from(self, visit: Visit) -> str | None:
        return _cut_of(visit)

    def ended(self, report: Report) -> None:
        """Write down what came of the run."""
        self.told("ended", f"run {report.run} is {report.status}", **asdict(report))

    def idle(self, reason: str) -> None:
        """Write down that there was no run to make."""
        self.told("idle", f"nothing to do: {reason}")


@contextmanager
def watched(clock: Clock, log: str, *, is_shown: bool) -> Iterator[Quiet]:
    """Give the run its watcher: one of LOGS, with progress where that is shown."""
    if log == "json":
        yield JsonLog(clock)
    elif is_shown:
        from rich.console import Console  # noqa: PLC0415

        console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        with console.status("starting") as status:
            yield OnTerminal(status)
    else:
        yield Quiet()


def _wrong_with(visit: Visit) -> str | None:
    from crawler.core.model import READABLE, Unread  # noqa: PLC0415

    if visit.resolution and visit.resolution.outcome not in READABLE:
        detail = f" ({visit.resolution.detail})" if visit.resolution.detail else ""
        return f"{visit.resolution.outcome}{detail} at {visit.resolution.furthest_url}"
    return visit.page.reason if isinstance(visit.page, Unread) else None


def _cut_of(visit: Visit) -> str | None:
    cut = getattr(visit.page, "cut", None)
    return f"not all of it was taken: {cut}" if cut else None
