"""What to do after a visit: when to come back, and where to go from there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from crawler.core import keys, urls
from crawler.core.model import (
    LISTS,
    TRANSIENT,
    Citation,
    CitationKind,
    Health,
    Outcome,
    Page,
    Plan,
    ReadAs,
    Standing,
    Task,
    Url,
    Visit,
)
from crawler.core.settings import Limits, Schedule
from crawler.core.standing import doubted, judged

FIRST_RETURN = timedelta(hours=1)
LATEST_RETURN = timedelta(days=30)  # whatever a server asks for
RETURN_FACTOR = 6  # an hour, six hours, a day and a half


def plan(visit: Visit, limits: Limits, schedule: Schedule, now: datetime) -> Plan:
    """Return when to visit again, and the tasks that the page's citations make."""
    again = _again(visit, limits, schedule, now)
    page = visit.own_page
    if page is None:
        return again
    if page.read_as is not ReadAs.PAGE:
        known = _known_as(page.read_as) if visit.task.read_as is ReadAs.ANY else None
        return replace(again, due_at=None, onward=listed(visit.task, page), read_as=known)
    pointers = ((citation.kind, url) for citation in page.citations for url in pointed_at(citation))
    return replace(again, onward=onward(visit.task, pointers, limits))


def pointed_at(citation: Citation) -> tuple[str | None, ...]:
    """Return the URL of a citation; of a title that lost its link, those it may have had."""
    return (citation.url,) if citation.url else citation.alternatives


def listed(task: Task, page: Page) -> tuple[Task, ...]:
    """Return the tasks of a list's entries: as far from the source as the list is, for to be listed is not to be cited.

    Where its entries are but candidates for titles, they are no tasks; other lists that it names are.
    """
    if task.reach < 0 and page.read_as is not ReadAs.SITEMAP_INDEX:
        return ()
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
        if url and kind is CitationKind.LISTED and task.reach >= 0:
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
    if kind is CitationKind.TWEET or keys.TWEET_PAGE.match(url):
        return limits.follow_tweets
    if kind is CitationKind.TWEET_MEDIA or keys.MEDIA_PAGE.match(url):
        return limits.follow_media
    return True


def _known_as(read_as: ReadAs) -> ReadAs:
    return ReadAs.SITEMAP_INDEX if read_as is ReadAs.SITEMAP else read_as  # it may be an index one day


def _again(visit: Visit, limits: Limits, schedule: Schedule, now: datetime) -> Plan:
    """Return the plan without what the page says.

    What fails in passing is soon tried again, a few times. What then is not there is looked at again before it counts as gone,
    and all else when its turn has come: an article at falling intervals, what is cited at its own.
    """
    task, resolution = visit.task, visit.resolution
    if resolution is None:  # a file: it is due when it has changed
        return Plan(None, 0, ())
    if resolution.outcome is Outcome.INTERRUPTED:  # by us: it says nothing of the piece
        return Plan(now, task.visits, (), looks=task.looks, standing=task.standing, is_final=False)
    visits = task.visits + 1
    if resolution.outcome in TRANSIENT and visits < limits.max_visits:
        pause = max(FIRST_RETURN * RETURN_FACTOR**task.visits, _bounded(resolution.retry_after or 0.0))
        return Plan(now + pause, visits, (), looks=task.looks, standing=doubted(task.standing, resolution), is_final=False)
    standing = judged(task.standing, resolution, schedule)
    if task.read_as in LISTS:  # a source: the run that names it makes it due, or the index that lists it
        return Plan(None, 0, (), standing=standing)
    wait, looks = _turn(task, standing, schedule)
    return Plan(None if wait is None else now + wait, 0, (), looks=looks, standing=standing)


def _turn(task: Task, standing: Standing, schedule: Schedule) -> tuple[timedelta | None, int]:
    """Return how long to wait for the next look, and the looks that make its turn."""
    if standing.strikes and standing.health is not Health.GONE:
        return schedule.strikes[standing.strikes - 1], task.looks
    turns = schedule.articles if task.depth == 0 else ()
    if task.looks < len(turns):
        return turns[task.looks], task.looks + 1
    if not schedule.links:
        return None, task.looks
    return schedule.links[min(task.looks - len(turns), len(schedule.links) - 1)], task.looks + 1


def _bounded(seconds: float) -> timedelta:
    return timedelta(seconds=min(seconds, LATEST_RETURN.total_seconds()))
