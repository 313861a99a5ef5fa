"""What the documents say is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crawler.cli import cli
from crawler.store.questions import questions, views
from tests.cli.test_commands import CASSETTES, ROOT, SAMPLE, SAMPLE_HTML, crawler

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
QUERIES = [block for block in BLOCKS if block.startswith("$ crawler query")]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    path = tmp_path_factory.mktemp("docs") / "provenance.db"
    assert crawler("run", "--config", ROOT / "config.toml", "--db", path).returncode == 0
    return path


def test_the_trace_in_the_readme_is_what_the_sample_gives(crawled):
    drawn = [
        re.sub(r"file://\S*/examples", "file:///…/examples", re.sub(r"(✓ arrived) [\d-]{10}$", r"\1 2026-03-18", line))
        for line in crawler("trace", SAMPLE, "--db", crawled).stdout.splitlines()
    ]
    shown = [line for line in BLOCKS[0].splitlines() if line != "…"]
    assert len(shown) > 8
    assert [line for line in shown if line not in drawn] == []


@pytest.mark.parametrize("block", QUERIES, ids=range(len(QUERIES)))
def test_the_answers_in_the_readme_are_what_the_sample_gives(crawled, block):
    command, _, answer = block.partition("\n")
    (sql,) = re.fullmatch(r'\$ crawler query "(.*)"', command).groups()
    assert crawler("query", sql, "--db", crawled).stdout.strip("\n") == answer.strip("\n")


def test_the_readme_answers_five_questions_and_names_views_and_queries_that_are_there():
    assert len(QUERIES) == 5
    named = re.search(r"Over them stand views(.*?)and more", README, re.DOTALL)[1]
    assert set(re.findall(r"`(\w+)`", named)) <= set(views())
    assert set(re.findall(r"^    crawler query (\S+)", README, re.MULTILINE)) <= {*questions(), *views()}


def test_every_command_is_in_the_readme_and_shows_an_example():
    for name, command in cli.commands.items():
        assert f"`crawler {name}" in README, name
        assert "Example:" in (command.help or ""), name


def test_every_option_says_what_it_does():
    for name, command in cli.commands.items():
        for option in command.params:
            assert option.param_type_name == "argument" or option.help, (name, option.name)


def test_the_first_two_commands_of_the_readme_are_whole_lines():
    lines = re.findall(r"^    (python3 .*)$", README, re.MULTILINE)
    assert lines == ["python3 -m pip install -q uv && uv run crawler run", "python3 -m pip install -q uv && uv run pytest"]


def test_the_architecture_names_files_that_are_there():
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    for name in re.findall(r"`([a-z_/]+(?:\.py|\.sql|/))`", text):
        assert any((folder / name).exists() for folder in (ROOT, ROOT / "crawler")), name


def test_links_between_the_documents_lead_somewhere():
    for document in ROOT.glob("**/*.md"):
        if any(part.startswith(".") for part in document.relative_to(ROOT).parts):
            continue
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), (document.name, target)


def test_the_cassettes_readme_names_every_story():
    text = (ROOT / "cassettes" / "README.md").read_text("utf-8")
    assert [folder.name for folder in CASSETTES.parent.iterdir() if folder.is_dir() and f"`{folder.name}/`" not in text] == []


def test_questions_are_sentences():
    assert all(question.sentence.endswith(("?", ".")) for question in questions().values())


def test_the_samples_are_there():
    assert SAMPLE.is_file()
    assert SAMPLE_HTML.is_file()
    assert Path(CASSETTES, "t.co.yaml").is_file()
