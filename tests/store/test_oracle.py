"""On graphs drawn by lot, every view and every question answers what follows from the rows."""

from __future__ import annotations

import random

import pytest

from tests.facts import facts_at
from tests.oracle import Differs, check, draw


# In full: `python -m tests.oracle 500`.
@pytest.mark.parametrize("seed", range(12))
def test_every_answer_follows_from_the_rows(tmp_path, seed):
    with facts_at(tmp_path / "p.db") as facts:
        lot = random.Random(seed)
        draw(facts, lot)
        check(facts, lot)


def test_a_wrong_answer_is_told(tmp_path):
    with facts_at(tmp_path / "p.db") as facts:
        draw(facts, random.Random(1))
        facts.db.execute("UPDATE citation_counts SET citations = citations + 1")
        with pytest.raises(Differs, match="most_cited"):
            check(facts, random.Random(1))
