"""After each of many runs over a web that changes, the database says what there was to be seen."""

from __future__ import annotations

import pytest

from tests.year import Differs, Year

pytestmark = pytest.mark.anyio


# In full: `python -m tests.year 500 SEED`.
async def test_the_database_says_what_a_changing_web_showed_it(tmp_path):
    year = Year(tmp_path / "year.db", seed=5)
    try:
        await year.live(40)
    finally:
        year.db.close()
    assert year.figures.runs == 40
    assert year.figures.visits > 150
    assert year.figures.unchanged > 50


@pytest.mark.parametrize(
    ("forged", "said"),
    [
        (
            "UPDATE citations SET gone_run_id = 1 WHERE id = (SELECT max(id) FROM citations WHERE gone_run_id IS NULL)",
            "cites Counter",
        ),
        ("UPDATE pieces SET state = 'gone' WHERE state = 'arrived'", r"is \['gone'"),
        ("UPDATE frontier SET due_at = '2026-01-05T00:00:00.000Z' WHERE url LIKE '%/stories/1'", "was visited, and due"),
        ("UPDATE citations SET cited_id = citing_id WHERE kind = 'link'", "leads to"),
    ],
)
async def test_a_database_that_says_something_else_is_told_from_one_that_is_right(tmp_path, forged, said):
    year = Year(tmp_path / "year.db", seed=5)
    try:
        await year.live(12)
        year.db.conn.execute(forged)
        with pytest.raises(Differs, match=said):
            await year.live(3)
    finally:
        year.db.close()
