"""What holds for the whole suite: no connection leaves this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.net import refuse_the_network

sys.addaudithook(refuse_the_network)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def hostile() -> Path:
    """The folder of hostile inputs, where there is one."""
    folder = os.environ.get("CRAWLER_HOSTILE_CORPUS")
    if not folder or not Path(folder).is_dir():
        pytest.skip("CRAWLER_HOSTILE_CORPUS names no folder of hostile inputs")
    return Path(folder)
