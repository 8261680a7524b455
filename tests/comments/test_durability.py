"""What was acknowledged survives kill -9 of the whole server."""

import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from urllib.parse import urlencode

import pytest
from django.db import connection

from articles.models import Article
from comments.models import Comment
from tests import base
from tests.comments.base import assert_true

ROOT = Path(__file__).resolve().parents[2]
# Seconds; only a machine with too much to do comes near.
PATIENCE = 300


@contextmanager
def server(environment: dict[str, str], folder: Path) -> Iterator[tuple[int, int]]:
    """Run gunicorn on a free port; give the port and the process group, and kill what is left of it."""
    plain = folder / "gunicorn.conf.py"
    plain.write_text("")  # no background process: this is about the web server alone
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "newsroom.wsgi",
        "--config",
        str(plain),
        "--bind",
        "127.0.0.1:0",
    ]
    process = subprocess.Popen(
        [*command, "--workers", "2", "--threads", "2", "--timeout", str(PATIENCE)],
        cwd=ROOT,
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        port = next(
            int(found[1]) for line in process.stderr if (found := re.search(r"Listening at: .*:(\d+)", line))
        )
        yield port, process.pid
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stderr.close()


def ask(port: int, method: str, address: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
    """Return status and Location of an answer. Raises OSError or HTTPException if the connection is cut."""
    conversation = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
        conversation.request(method, address, urlencode(fields) if fields else None, headers)
        response = conversation.getresponse()
        response.read()
        return response.status, response.getheader("Location", "")
    finally:
        conversation.close()


def write(port: int, article: Article, name: str, enough: Event) -> tuple[dict[str, str], str]:
    """Post until the connection is cut; return what was acknowledged with its address, and the text that was not."""
    acknowledged: dict[str, str] = {}
    while True:
        text = f"Comment {len(acknowledged) + 1} of {name}."
        try:
            status, location = ask(port, "POST", f"{article.path}comments/", {"name": name, "text": text})
        except (OSError, http.client.HTTPException):
            return acknowledged, text
        assert status == 303
        acknowledged[text] = location
        if len(acknowledged) == 5:
            enough.set()


@pytest.mark.django_db(transaction=True)
def test_what_was_acknowledged_survives_kill_9_and_what_was_cut_is_sent_again_as_one(environment, tmp_path):
    article = base.published()
    connection.close()
    names = ("Rosa", "Ines", "Jon")
    enough = Event()
    with server(environment, tmp_path) as (port, group), ThreadPoolExecutor(len(names)) as pool:
        runs = {name: pool.submit(write, port, article, name, enough) for name in names}
        assert enough.wait(PATIENCE)
        os.killpg(group, signal.SIGKILL)
        told = {name: run.result() for name, run in runs.items()}
    with server(environment, tmp_path) as (port, _group):
        for name, (acknowledged, cut) in told.items():
            for location in acknowledged.values():
                assert ask(port, "GET", location)[0] == 200
            # Whether it was stored before the answer was cut or not: sent again it is one comment.
            again = [
                ask(port, "POST", f"{article.path}comments/", {"name": name, "text": cut}) for _time in "12"
            ]
            assert {status for status, _location in again} == {303}
            assert len({location for _status, location in again}) == 1
            stored = list(Comment.objects.filter(name=name).values_list("text", flat=True))
            assert sorted(stored) == sorted([*acknowledged, cut])
    assert assert_true(article) == 0
