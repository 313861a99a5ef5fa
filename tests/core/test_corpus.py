"""The reader against real articles with answers made by hand, where they are at hand beside this repository."""

import importlib.util
import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import pytest

from crawler.core.documents import read
from crawler.core.model import Document, Page

SHARED = Path(__file__).parents[3] / "shared"
GOLD = SHARED / "corpus/gold.jsonl"
SCORER = SHARED / "tools/score_extract.py"

pytestmark = pytest.mark.skipif(not (GOLD.exists() and SCORER.exists()), reason="the articles and their answers are not here")

LEAST_F1 = {"tweet": 0.99, "tco": 0.99, "media": 0.99, "read_more": 0.95, "link": 0.98}
LEAST_ATTRIBUTION = 0.99


def test_the_reader_finds_what_a_person_found():
    spec = importlib.util.spec_from_file_location("score_extract", SCORER)
    assert spec is not None
    assert spec.loader is not None
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    hit, miss, extra = Counter(), Counter(), Counter()
    right = found = 0
    for row in map(json.loads, GOLD.read_text("utf-8").splitlines()):
        if "file" not in row:
            continue
        page = read(Document((GOLD.parent / row["file"]).read_bytes(), None, None))
        assert isinstance(page, Page)
        record = {
            "tweets": [asdict(tweet) for tweet in page.tweets],
            "citations": [asdict(citation) for citation in page.citations],
        }
        gold, said, pardon = scorer.gold_items(row), scorer.said_items(record), scorer.forgiven(row)
        for measure in scorer.MEASURES:
            if measure == "link" and row["kind"] != "html":
                continue
            hit[measure] += len(gold[measure] & said[measure])
            miss[measure] += len(gold[measure] - said[measure])
            extra[measure] += len(said[measure] - gold[measure] - pardon.get(measure, set()))
        attributed = scorer.attribution(row, record)
        right, found = right + attributed[0], found + attributed[1]
    scores = {measure: 2 * hit[measure] / (2 * hit[measure] + miss[measure] + extra[measure]) for measure in scorer.MEASURES}
    assert all(scores[measure] >= least for measure, least in LEAST_F1.items()), scores
    assert right >= LEAST_ATTRIBUTION * found


def test_every_article_is_read_and_every_href_stands_in_it():
    for path in sorted((GOLD.parent / "articles-text").iterdir()):
        page = read(Document(path.read_bytes(), None, None))
        assert isinstance(page, Page)
        text = path.read_text("utf-8")
        assert all(citation.href in text for citation in page.citations if citation.href), path.name
