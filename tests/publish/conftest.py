"""A real browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tarfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

AXE = "axe-core@4"


@pytest.fixture(scope="module")
def chromium():
    """Chromium without a window. It ends with its module: Playwright's loop can't run beside another one."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("Debian's chromium is not installed")

    with sync_playwright() as playwright:
        # Root has no sandbox. No name is resolved, so that nothing can leave this machine unseen.
        arguments = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """Open an address in a window of its own, of which nothing may be complained about in the end."""
    with watched(chromium) as open_page:
        yield open_page


@contextmanager
def watched(chromium):
    """Yield what opens pages; then assert that no error was logged, no dialog shown, and nothing asked of another machine."""
    contexts, faults = [], []

    def open_page(url, scheme="light", width=1360, height=850):
        context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": height}, reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: (faults.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: faults.append(request.url) if _leaves(request.url) else None)
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def _leaves(url):
    parts = urlsplit(url)
    return parts.scheme not in ("data", "blob", "file") and parts.hostname != "127.0.0.1"


@pytest.fixture(scope="session")
def axe():
    """The source of axe-core, which looks for what keeps people out; fetched once."""
    folder = Path(sys.prefix) / "axe-core"
    source = folder / "package" / "axe.min.js"
    with folder.with_suffix(".lock").open("w") as lock:  # the suite's processes fetch it once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not source.is_file():
            if shutil.which("npm") is None:
                pytest.skip("npm is not installed, which would fetch axe-core")
            folder.mkdir(exist_ok=True)
            command = ["npm", "pack", "--silent", "--pack-destination", folder, AXE]
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=os.environ)
            if done.returncode:
                pytest.skip(f"axe-core can't be fetched: {done.stderr.strip().splitlines()[-1:]}")
            with tarfile.open(folder / done.stdout.strip()) as archive:
                archive.extractall(folder, filter="data")
    return source.read_text("utf-8")


@pytest.fixture
def barriers(axe):
    """What returns that which keeps people out of a page: the rule broken, and by which elements."""

    def find(page):
        page.evaluate(f"{axe}; undefined")
        found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        assert len(found["passes"]) > 10, "it looked"
        return [
            (one["id"], [node["html"] for node in one["nodes"]])
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]

    return find
