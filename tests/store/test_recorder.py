"""Visits written down together, and each as if alone."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from crawler.core.model import Attempt, Hop, Outcome, Resolution, Source, Task, Url, Visit
from crawler.core.schedule import plan
from crawler.core.settings import Limits, Schedule
from crawler.store import database, frontier, records
from crawler.store.recorder import Recorder
from crawler.store.records import Entry
from tests.fakes import FakeClock

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
LINKS = [Url(f"https://sho.example/{number}") for number in range(5)]


@pytest.fixture
def run(tmp_path):
    db = database.open_for_writing(tmp_path / "provenance.db")
    yield records.begin_run(db, [(Source(link), 0) for link in LINKS], Limits(), "test", "{}", "0", NOON)
    db.close()


def entry(link, detail=None):
    hop = Hop(link, 410, None, None, NOON, 4, (Attempt(1, 410, None, 0, None, NOON),))
    visit = Visit(Task(link, 0, 0), Resolution(link, (hop,), Outcome.GONE, detail, NOON, 5), None, None)
    return Entry(visit, plan(visit, Limits(), Schedule(), NOON))


def recorded(run):
    return [url for (url,) in run.db.conn.execute("SELECT url FROM resolutions ORDER BY url")]


def traced(run):
    statements = []
    run.db.conn.set_trace_callback(statements.append)
    return statements


async def test_visits_that_end_together_are_one_transaction(run):
    recorder, statements = Recorder(run, FakeClock(), most=4), traced(run)
    await asyncio.gather(*(recorder.record(entry(link)) for link in LINKS[:4]))
    assert statements.count("COMMIT") == 1
    assert recorded(run) == LINKS[:4]
    assert run.db.conn.execute("SELECT visit_count, request_count, new_piece_count FROM runs").fetchone() == (4, 4, 4)


async def test_a_visit_waits_for_no_company(run):
    await Recorder(run, FakeClock(), most=50).record(entry(LINKS[0]))
    assert recorded(run) == LINKS[:1]


async def test_one_that_cannot_be_recorded_costs_the_others_nothing(run):
    recorder = Recorder(run, FakeClock(), most=3)
    at_fault = entry(LINKS[1], detail="\ud800")  # SQLite takes no lone surrogate
    made = [recorder.record(one) for one in (entry(LINKS[0]), at_fault, entry(LINKS[2]))]
    results = await asyncio.gather(*made, return_exceptions=True)
    assert [type(result) for result in results] == [type(None), UnicodeEncodeError, type(None)]
    assert recorded(run) == [LINKS[0], LINKS[2]]
    assert run.db.conn.execute("SELECT visit_count FROM runs").fetchone() == (2,)


async def test_what_is_let_go_of_was_never_made(run):
    recorder = Recorder(run, FakeClock(), most=50)
    waiting = asyncio.create_task(recorder.record(entry(LINKS[0])))
    await asyncio.sleep(0)
    recorder.close()
    waiting.cancel()
    assert recorded(run) == []


async def test_a_chain_is_known_once_it_is_recorded(run):
    assert LINKS[0] not in run.passed
    assert records.rest_of_chain(run, LINKS[0]) is None
    await Recorder(run, FakeClock(), most=1).record(entry(LINKS[0]))
    assert LINKS[0] in run.passed
    assert records.rest_of_chain(run, LINKS[0]).outcome is Outcome.GONE
    assert sum(f"https://other.example/{number}" in run.passed for number in range(1000)) < 5


async def test_tasks_are_leased_in_the_order_they_are_due(run):
    assert [task.url for task in frontier.claim(run, 3, NOON)] == LINKS[:3]
    assert [task.url for task in frontier.claim(run, 3, NOON)] == LINKS[3:]
    assert frontier.claim(run, 3, NOON) == []
