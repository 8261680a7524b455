"""The server as it is shipped: a real gunicorn with its own configuration, asked over the network."""

import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.core import signing
from django.db import connection

from tests.newsroom.test_background import eventually, is_alive

ROOT = settings.BASE_DIR
TOKEN = signing.dumps("0198c7d2-1b7e-7c55-9f3e-111111111111", salt="x")


@dataclass
class Server:
    """A running gunicorn, its port and its log."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def ask(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of one answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(
                "GET", path, headers={name.replace("_", "-"): v for name, v in headers.items()}
            )
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def says(self, text: str) -> int:
        """Return how often the log says something."""
        return self.log.read_text(encoding="utf-8", errors="replace").count(text)

    def answers(self) -> bool:
        """Return whether the server answers at all."""
        try:
            return self.ask("/healthz")[0] == 200
        except OSError:
            return False

    def children(self) -> list[int]:
        """Return the ids of the processes that the master started."""
        listing = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True
        )
        return [int(pid) for pid in listing.stdout.split()]


def free_port() -> int:
    """Return a port of loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path, db: None) -> Iterator[Server]:
    port = free_port()
    environ = {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "VAR_DIR": str(tmp_path / "var"),
        "DEBUG": "0",
        "SECRET_KEY": "",
        "DATABASE_URL": f"sqlite:///{tmp_path}/site.sqlite3",
    }
    # A copy of the tests' own database, which is migrated already.
    with (
        closing(sqlite3.connect(connection.settings_dict["NAME"])) as ours,
        closing(sqlite3.connect(tmp_path / "site.sqlite3")) as its,
    ):
        ours.backup(its)
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn"], env=environ, cwd=ROOT, stdout=out, stderr=out
        )
    server = Server(process, port, log)
    try:
        eventually(server.answers, 60)
        yield server
    finally:
        process.terminate()
        process.wait(60)


@pytest.mark.only_sqlite
def test_the_server_from_start_to_end(server: Server) -> None:
    """One start, many questions: starting costs seconds."""
    status, headers, body = server.ask("/readyz")
    assert (status, body) == (200, b"ready\n")
    assert "no-store" in headers["Cache-Control"]

    # The log tells what was asked, and neither tokens nor mail addresses nor query strings.
    server.ask(f"/comments/own/{TOKEN}/?mail=nora@example.org")
    eventually(lambda: server.says("/comments/own/"))
    assert server.says("[signed]")
    assert not server.says(TOKEN.rsplit(":", 1)[1])
    assert not server.says("example.org")

    # What a stranger writes into the headers of proxies changes nothing.
    plain = server.ask("/en/")
    forged = server.ask(
        "/en/",
        X_Forwarded_Proto="https",
        X_Forwarded_Host="evil.example",
        X_Forwarded_For="1.2.3.4",
        Script_Name="/x",
    )
    assert plain[0] == forged[0] == 200
    assert plain[2] == forged[2]
    assert b"evil.example" not in forged[2]
    assert server.ask("/en/", Host="evil.example")[0] == 400

    # Oversize requests are refused by the server, without an error of ours.
    assert server.ask("/" + "a" * 5000)[0] in {400, 414}
    assert server.ask("/healthz", X_Long="a" * 9000)[0] in {400, 431}
    assert not server.says("ERROR")

    # The background process comes back after a kill, with the lease that it had.
    eventually(lambda: server.says("newsroom.work Working."))
    started = eventually(
        lambda: re.search(r"Background process started \(pid: (\d+)\)", server.log.read_text())
    )
    background = int(started[1])
    held = {os.readlink(path) for path in Path(f"/proc/{background}/fd").glob("*")}
    listening = {os.readlink(path) for path in Path(f"/proc/{server.process.pid}/fd").glob("*")}
    assert not {name for name in held & listening if name.startswith("socket:")}, "it would keep the port"
    os.kill(background, signal.SIGKILL)
    eventually(lambda: server.says("newsroom.work Working.") == 2, 60)
    assert not server.says("Another process works")

    # Even a master that is killed leaves nobody behind.
    children = server.children()
    assert len(children) >= 3
    server.process.kill()
    eventually(lambda: not any(is_alive(pid) for pid in children), 60)


@pytest.mark.later
@pytest.mark.only_sqlite
def test_the_server_stops_cleanly(server: Server) -> None:
    eventually(lambda: server.says("newsroom.work Working."), 60)
    children = server.children()
    server.ask("/the-last-one/")
    server.process.terminate()
    assert server.process.wait(60) == 0
    eventually(lambda: not any(is_alive(pid) for pid in children))
    assert server.says("/the-last-one/") == 1
    assert not server.says("Traceback")


@pytest.mark.later
@pytest.mark.only_sqlite
def test_a_setting_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "SECRET_KEY": "short", "DEBUG": "0"},
    )
    assert answer.returncode == 3
    assert "Newsroom cannot start. SECRET_KEY is an example or too short" in answer.stderr
    assert "Traceback" not in answer.stderr
