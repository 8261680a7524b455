"""Two hundred readers at the moment of a purge, before a real server: one render, and nobody waits much longer."""

import http.client
import os
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings

from newsroom.pages.files import FileStore
from tests.newsroom.test_background import eventually
from tests.newsroom.test_server import Server, free_port
from tests.pages.counting import RENDER, TEXT
from tests.pages.test_hunt import started

READERS = 200
# What nobody may wait beyond the render, in seconds.
BEYOND = 0.25

pytestmark = pytest.mark.only_sqlite


@pytest.mark.later
def test_two_hundred_readers_at_the_moment_of_a_purge_cost_one_render(
    store: FileStore, tmp_path: Path, db: None
) -> None:
    port, renders = free_port(), tmp_path / "renders"
    environ = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "newsroom.settings",
        "VAR_DIR": str(tmp_path),
        "PAGES_DIR": str(settings.PAGES_DIR),
        "COUNT_RENDERS_IN": str(renders),
    }
    options = ["--config", "python:tests.pages.gunicorn_plain", "--bind", f"127.0.0.1:{port}"]
    command = [sys.executable, "-m", "gunicorn", *options, "tests.pages.counting:application"]
    with started(command, environ, tmp_path / "log") as process:
        server = Server(process, port, tmp_path / "log")
        eventually(server.answers, 60)
        server.ask("/en/")
        for _time in range(3):
            renders.write_bytes(b"")
            waited = wait_at_once(port, store)
            assert renders.read_bytes() == b"."
            if max(waited) < RENDER + BEYOND:
                break  # the machine does other things too: the best of three counts
        assert max(waited) < RENDER + BEYOND


def wait_at_once(port: int, store: FileStore) -> list[float]:
    """Have all readers ask at the moment of a purge; return how long each waited for his answer."""
    waited: list[float] = []
    ready, lock = threading.Barrier(READERS + 1), threading.Lock()

    def read() -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            connection.connect()
            ready.wait()
            began = time.monotonic()
            connection.request("GET", "/en/")
            assert connection.getresponse().read() == TEXT
            with lock:
                waited.append(time.monotonic() - began)

    threads = [threading.Thread(target=read) for _number in range(READERS)]
    for thread in threads:
        thread.start()
    fence = store.fence(["front-en"])
    ready.wait()
    time.sleep(0.01)
    fence.free()
    for thread in threads:
        thread.join()
    assert len(waited) == READERS
    return waited
