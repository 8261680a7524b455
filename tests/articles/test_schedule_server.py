"""Changes that come by themselves, from a real server with its page cache: at their second, at once after a fall."""

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from articles.models import Article
from newsroom.models import LogEntry
from tests import base
from tests.comments.test_durability import server
from tests.newsroom.test_background import eventually
from tests.other_processes import environment

__all__ = ["environment"]

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db(transaction=True)

OLD, NEW = b"Harbour open", b"Harbour closed"


@pytest.fixture(autouse=True)
def pages_of_the_server(tmp_path: Path, settings: Any) -> None:
    """Let what this process does purge the pages of the server."""
    settings.PAGES_STORE = "newsroom.pages.files.FileStore"
    settings.PAGES_DIR = tmp_path / "pages"


def waiting(seconds: float) -> tuple[Article, datetime]:
    """Return a live article whose text changes by itself, and when."""
    article = base.published(headline=OLD.decode())
    article.save_revision(by=None, headline=NEW.decode())
    at = timezone.now() + timedelta(seconds=seconds)
    article.publish(by=None, at=at)
    connection.close()
    return article, at


def read(port: int, path: str) -> bytes:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as talk:
        talk.request("GET", path)
        return talk.getresponse().read()


@contextmanager
def working(environment: dict[str, str], number: int) -> Iterator[None]:
    """Run background processes meanwhile."""
    command = [sys.executable, str(ROOT / "manage.py"), "work"]
    started = [
        subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
        for _number in range(number)
    ]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def carried_out(article: Article) -> int:
    """Return how often the article's changes went out; the first two are its publication and its schedule."""
    return LogEntry.objects.filter(verb="article.publish", object_id=article.pk).count() - 2


@pytest.mark.postgresql_later
def test_changes_come_at_their_second_and_once_whoever_carries_them_out(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with server(environment, tmp_path) as (port, _group), working(environment, 2):
        read(port, "/en/")
        article, at = waiting(2.5)
        seen: dict[str, datetime] = {}
        while len(seen) < 2 and timezone.now() < at + timedelta(seconds=20):
            for path in ("/en/", article.path):
                began = timezone.now()
                page = read(port, path)
                if NEW not in page:
                    assert OLD in page
                    assert began < at, "nobody who asks afterwards sees the old text"
                elif path not in seen:
                    seen[path] = timezone.now()
        assert all(at <= moment for moment in seen.values())
        assert max(seen.values()) < at + timedelta(seconds=1)
    assert carried_out(article) == 1


def test_the_background_process_alone_brings_them_out(environment: dict[str, str]) -> None:
    article, at = waiting(0.5)
    with working(environment, 2):
        eventually(lambda: carried_out(article) == 1, 30)
        time.sleep(0.5)
    assert carried_out(article) == 1
    assert Article.objects.get(pk=article.pk).updated_at == at


@pytest.mark.postgresql_later
def test_what_fell_due_while_the_server_was_down_is_there_with_the_first_answer(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """Within two seconds, once it is up; a machine that does other things too gets three tries for that."""
    took: list[float] = []
    while len(took) < 3 and not (took and min(took) < 2):
        with server(environment, tmp_path) as (port, _group):
            read(port, "/en/")
            article, at = waiting(4)
            for path in ("/en/", article.path):
                assert OLD in read(port, path)
                assert OLD in read(port, path)
            assert timezone.now() < at
        # Killed; its pages lie in the store.
        eventually(lambda at=at: timezone.now() > at, 20)
        assert carried_out(article) == 0
        with server(environment, tmp_path) as (port, _group):
            read(port, "/healthz")
            began = time.monotonic()
            for path in ("/en/", article.path):
                page = read(port, path)
                assert NEW in page
                assert OLD not in page
            took.append(time.monotonic() - began)
        assert carried_out(article) == 1
        article.unpublish(by=None)
    assert min(took) < 2
