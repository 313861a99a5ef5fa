"""What holds for the whole suite: no connection leaves this machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from crawler.store import database
from tests.net import refuse_the_network

sys.addaudithook(refuse_the_network)

# How long an example takes says how busy the machine is.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

pytest_plugins = ["tests.publish.stories"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def hostile() -> Path:
    """The folder of hostile inputs, where there is one."""
    folder = Path(__file__).parent.parent.parent / "shared" / "corpus-hostile"
    if not folder.is_dir():
        pytest.skip("the hostile inputs are not here")
    return folder


@pytest.fixture
def db(tmp_path: Path) -> Iterator[database.Database]:
    """A database of its own."""
    opened = database.open_for_writing(tmp_path / "provenance.db")
    yield opened
    opened.close()
