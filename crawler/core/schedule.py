"""What to do after a visit: when to come back, and where to go from there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from crawler.core import urls
from crawler.core.model import TRANSIENT, CitationKind, Limits, Outcome, Page, Plan, ReadAs, Task, Url, Visit

FIRST_RETURN = timedelta(hours=1)
LATEST_RETURN = timedelta(days=30)  # whatever a server asks for
RETURN_FACTOR = 6  # an hour, six hours, a day and a half


def plan(visit: Visit, limits: Limits, now: datetime) -> Plan:
    """Return when to visit again, and the tasks that the page's citations make."""
    due_at, visits = _again(visit, limits, now)
    if not isinstance(visit.page, Page):
        return Plan(due_at, visits, ())
    page = visit.page
    if page.read_as is not ReadAs.PAGE:
        known = _known_as(page.read_as) if visit.task.read_as is ReadAs.ANY else None
        return Plan(due_at, visits, listed(visit.task, page), known)
    pointers = ((citation.kind, citation.url) for citation in page.citations)
    return Plan(due_at, visits, onward(visit.task, pointers, limits))


def listed(task: Task, page: Page) -> tuple[Task, ...]:
    """Return the tasks of a list's entries: as far from the source as the list is, for to be listed is not to be cited."""
    read_as = ReadAs.SITEMAP if page.read_as is ReadAs.SITEMAP_INDEX else ReadAs.PAGE
    return tuple(
        Task(urls.without_fragment(entry.url), task.depth, task.reach, 0, read_as, task.entry_limit, entry.dated_at)
        for entry in page.citations
        if entry.url
    )


def onward(task: Task, pointers: Iterable[tuple[CitationKind, str | None]], limits: Limits) -> tuple[Task, ...]:
    """Return the tasks of what a task's piece cites, each URL once, in the order cited; none where its reach ends.

    What it lists is as far from the source as itself.
    """
    onward: dict[Url, Task] = {}
    for kind, url in pointers:
        if url and kind is CitationKind.LISTED:
            target = urls.without_fragment(url)
            onward.setdefault(target, Task(target, task.depth, task.reach))
        elif url and task.reach > 0 and is_followed(kind, url, limits):
            target = urls.without_fragment(url)
            onward.setdefault(target, Task(target, task.depth + 1, task.reach - 1))
    return tuple(onward.values())


def is_followed(kind: CitationKind, url: str, limits: Limits) -> bool:
    """Whether a citation's URL is fetched. Tweets and their media are known by their URL, and fetched only if configured."""
    if not urls.is_web(url):
        return False
    if kind is CitationKind.TWEET or urls.TWEET_PAGE.match(url):
        return limits.follow_tweets
    if kind is CitationKind.TWEET_MEDIA or urls.MEDIA_PAGE.match(url):
        return limits.follow_media
    return True


def _known_as(read_as: ReadAs) -> ReadAs:
    return ReadAs.SITEMAP_INDEX if read_as is ReadAs.SITEMAP else read_as  # it may be an index one day


def _again(visit: Visit, limits: Limits, now: datetime) -> tuple[datetime | None, int]:
    outcome = visit.resolution.outcome if visit.resolution else Outcome.ARRIVED
    if outcome is Outcome.INTERRUPTED:  # by us: it says nothing of the piece
        return now, visit.task.visits
    if outcome not in TRANSIENT:
        return None, 0
    visits = visit.task.visits + 1
    if visits >= limits.max_visits:
        return None, visits
    asked = (visit.resolution.retry_after if visit.resolution else None) or 0.0
    return now + max(FIRST_RETURN * RETURN_FACTOR**visit.task.visits, _bounded(asked)), visits


def _bounded(seconds: float) -> timedelta:
    return timedelta(seconds=min(seconds, LATEST_RETURN.total_seconds()))
