"""Datasette as users run it: a process of its own on loopback, in either of the versions that the folder is made for.

`python -m tests.publish.serving` makes the environment of the other version beforehand.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
ALPHA = "datasette>=1.0a41"
PATIENCE = 60  # seconds, for a server on a busy machine to be up


class Unavailable(Exception):  # noqa: N818 - a state of the machine
    """There is no such version here, and no way to get it."""


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    text: str


@dataclass(frozen=True)
class Served:
    url: str
    folder: Path

    def get(self, path: str) -> Reply:
        try:
            with urllib.request.urlopen(self.url + path, timeout=PATIENCE) as reply:
                return Reply(reply.status, {name.lower(): value for name, value in reply.headers.items()}, reply.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, {name.lower(): value for name, value in error.headers.items()}, error.read().decode())


def python_with(version: str) -> str:
    """Return the interpreter that has this version of Datasette: ours, or the one of an environment beside it."""
    if version == "0.65":
        return sys.executable
    folder = Path(sys.prefix) / "datasette-1.0"
    marker, wanted = folder / "made-from", hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + ALPHA.encode()).hexdigest()
    python = folder / "bin" / "python"
    with (Path(sys.prefix) / "datasette-1.0.lock").open("w") as lock:  # the suite's processes make it once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (marker.is_file() and marker.read_text() == wanted):
            uv = os.environ.get("UV") or shutil.which("uv")
            if uv is None:
                raise Unavailable("uv is not here, which would fetch Datasette 1.0")
            _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder)
            _run(uv, "pip", "install", "--quiet", "--python", python, "--editable", ROOT, ALPHA)
            marker.write_text(wanted)
    return str(python)


def _run(*command: object) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        raise Unavailable(f"Datasette 1.0 can't be fetched: {done.stderr.strip().splitlines()[-1:]}")


@contextmanager
def served(python: str, db: Path, temporary: Path) -> Iterator[Served]:
    """Serve the database as `crawler serve` does, until the block ends; then it must end as it should."""
    command = [python, "-m", "crawler", "serve", "--db", str(db), "--port", "0"]
    environment = os.environ | {"TMPDIR": str(temporary), "PYTHONWARNINGS": "default"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    watch = threading.Timer(PATIENCE, process.kill)
    watch.start()
    try:
        said = []
        for line in process.stderr:
            said.append(line)
            if up := re.search(r"running on (http://\S+)", line):
                break
        else:
            raise AssertionError("".join(said))
        watch.cancel()
        drain = threading.Thread(target=process.stderr.read, daemon=True)
        drain.start()
        (folder,) = temporary.glob("crawler-serve-*")
        yield Served(up[1], folder)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert not folder.exists()
        drain.join(PATIENCE)
    finally:
        watch.cancel()
        process.kill()
        process.wait()
        process.stderr.close()


ASK = """
import asyncio, json, sys, warnings
from datasette.app import Datasette
from pathlib import Path

async def main():
    answers = []
    for folder, paths in json.load(sys.stdin).items():
        datasette = Datasette([], config_dir=Path(folder))
        await datasette.invoke_startup()
        for path in paths:
            reply = await datasette.client.get(path)
            answers.append([reply.status_code, dict(reply.headers), reply.text])
    print("\\n" + json.dumps(answers))

asyncio.run(main())
"""


def ask(python: str, folders: dict[Path, tuple[str, ...]]) -> Iterator[Reply]:
    """Yield what Datasette answers to these paths over these folders, in one process and without a socket."""
    asked = json.dumps({str(folder): paths for folder, paths in folders.items()})
    done = subprocess.run(
        [python, "-c", ASK], input=asked, capture_output=True, text=True, check=False, timeout=PATIENCE, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return (
        Reply(*answer) for answer in json.loads(done.stdout.splitlines()[-1])
    )  # before it stands what Datasette says of refusals


if __name__ == "__main__":
    print(python_with("1.0"))
