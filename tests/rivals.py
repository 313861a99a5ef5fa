"""Start two runs on one database at once, N times: one works, the other is told so and exits 3.

Run as `python -m tests.rivals N FOLDER`. Both are the command itself, in processes of their own. The server that they ask lies in
this process, and answers nobody before one of the two has ended: so nothing depends on how fast either of them is. Every other
time the one at work is then killed, and a third run has to find no lock. Prints the figures; exits 1 at the first fault.
"""

from __future__ import annotations

import selectors
import shutil
import socket
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

from tests.commands import end, has_ended, kill, start
from tests.webs import story

CONFIG = '[guard]\nallow = ["127.0.0.0/8"]\nports = [{port}]\n[manners]\nseconds_between = 0.0\nobey_robots = false\n'
PATIENCE = 60  # seconds, before something hangs
LOCKED = 3


class Server:
    """A server that waits with its answers until it is let."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ)
        self._waiting: list[socket.socket] = []
        self.port = self._socket.getsockname()[1]

    @property
    def is_asked(self) -> bool:
        """Whether somebody waits for an answer."""
        return bool(self._waiting)

    def wait(self, *, is_answering: bool) -> None:
        """Take who comes for a moment, and answer all who came if it is time to."""
        for _ in self._selector.select(0.02):
            self._waiting.append(self._socket.accept()[0])
        while is_answering and self._waiting:
            with self._waiting.pop() as connection:
                connection.recv(65536)
                body = story("A story that both of them are after").encode()
                head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                connection.sendall(head.encode() + body)

    def forget(self) -> None:
        """Hang up on all who wait."""
        while self._waiting:
            self._waiting.pop().close()


def main(times: int, folder: Path) -> int:
    """Let two runs meet so many times; return 1 where that went wrong."""
    began = time.monotonic()
    server = Server()
    kills = 0
    for n in range(times):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(CONFIG.format(port=server.port), "utf-8")
        ends = _meet(server, folder, is_killed=n % 2 == 1)
        kills += n % 2
        with closing(sqlite3.connect(folder / "provenance.db")) as db:
            statuses = [status for (status,) in db.execute("SELECT status FROM runs ORDER BY id")]
            stories = db.execute("SELECT count(*) FROM captures").fetchone()[0]
        if (ends, statuses, stories) != ([LOCKED, 0], ["killed", "done"] if n % 2 else ["done"], 1):
            sys.stdout.write(f"time {n + 1}: exit codes {ends}, runs {statuses}, {stories} captures\n")
            sys.stdout.write((folder / "said.txt").read_text("utf-8"))
            return 1
    sys.stdout.write(
        f"{times} times two runs at once in {time.monotonic() - began:.0f} s: each time one worked and the other exited 3; "
        f"after {kills} kills of the one at work no lock was left\n"
    )
    return 0


def _meet(server: Server, folder: Path, *, is_killed: bool) -> list[int]:
    """Start two runs; return the exit codes of the one that ended first, and of the one that has done the work."""
    url = f"http://127.0.0.1:{server.port}/story"
    both = [start(folder, "run", url) for _ in range(2)]
    _serve(server, both, is_answering=False)
    first, other = both if has_ended(both[0]) else both[::-1]
    codes = [end(first)]
    if is_killed:
        _serve(server, [other], is_answering=False, until_asked=True)
        kill(other)
        server.forget()
        other = start(folder, "run", url)
    _serve(server, [other], is_answering=True)
    return [*codes, end(other)]


def _serve(server: Server, processes: list[int], *, is_answering: bool, until_asked: bool = False) -> None:
    """Serve until one of the processes has ended, or has asked for something."""
    late = time.monotonic() + PATIENCE
    while not any(map(has_ended, processes)) and not (until_asked and server.is_asked):
        server.wait(is_answering=is_answering)
        if time.monotonic() > late:
            for process in processes:
                kill(process)
            raise RuntimeError("a run hangs")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2]).resolve()))
