"""Fences and the transactions that they stand for: committed, rolled back, killed."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from newsroom import pages
from newsroom.models import LogEntry
from newsroom.pages import transactions
from newsroom.pages.files import FileStore
from newsroom.pages.store import Kept
from newsroom.verbs import verb
from tests.newsroom.test_background import eventually
from tests.pages.base import address, keep

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_verb_fences_its_keys_until_it_has_committed(store: FileStore) -> None:
    keep(store)
    with verb("site.change", by=None) as act:
        act.purge("front-en")
        assert store.find(address())
        transaction.on_commit(lambda: seen.append(keep(store)))
        seen: list[Kept] = []
    # The other callback came first, before the fence was freed.
    assert seen == [Kept.FENCED]
    assert keep(store) is Kept.STORED
    [told] = store.index.acts(1)
    assert told.about == LogEntry.objects.get().pk
    assert told.freed_at
    assert told.keys == ["front-en"]


def test_what_is_rolled_back_is_not_fenced_any_more(store: FileStore, another: FileStore) -> None:
    with pytest.raises(ZeroDivisionError), verb("site.change", by=None) as act:  # noqa: PT012
        act.purge("front-en")
        pages.purge(["front-en"])
        assert keep(another) is Kept.FENCED
        raise ZeroDivisionError
    assert stored_soon(another)


def test_a_savepoint_that_is_rolled_back_takes_its_fence_along(store: FileStore, another: FileStore) -> None:
    with transaction.atomic():
        pages.purge(["front-de"])
        with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012
            pages.purge(["front-en"])
            raise ZeroDivisionError
        assert keep(another, keys=["front-de"]) is Kept.FENCED
    assert stored_soon(another)
    assert stored_soon(another, "front-de")


def test_a_connection_that_is_closed_meanwhile_lets_its_fence_go(
    store: FileStore, another: FileStore
) -> None:
    with pytest.raises(Exception, match=r"closed|terminat"), transaction.atomic():  # noqa: PT012
        pages.purge(["front-en"])
        connection.close()
        list(LogEntry.objects.all())
    assert stored_soon(another)


def stored_soon(store: FileStore, key: str = "front-en") -> bool:
    """Return whether a page can be stored, at the second try if the first took down what was left over."""
    return Kept.STORED in (keep(store, keys=[key]), keep(store, keys=[key]))


# Who is killed

FENCING = """
import django, sys, time
django.setup()
from django.db import connection, transaction
from newsroom import pages
from newsroom.models import Site
with transaction.atomic():
    Site.objects.update(name="Another")
    pages.purge(["front-en"])
    print("fenced", flush=True)
    {then}
"""


@contextmanager
def fencing(environment: dict[str, str], then: str) -> Iterator[subprocess.Popen[str]]:
    """Start a process that fences in a transaction, and wait until it does."""
    environ = {**os.environ, **environment, "PAGES_DIR": str(settings.PAGES_DIR)}
    environ["PAGES_STORE"] = "newsroom.pages.files.FileStore"
    code = FENCING.format(then=then)
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, env=environ, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "fenced\n"
            yield process
        finally:
            process.kill()


def test_the_fence_of_a_killed_process_is_taken_down(store: FileStore, environment: dict[str, str]) -> None:
    keep(store)
    with fencing(environment, "time.sleep(60)") as process:
        assert store.find(address()) is None
        assert keep(store) is keep(store) is Kept.FENCED
        process.send_signal(signal.SIGKILL)
        process.wait()
        eventually(lambda: stored_soon(store))


@pytest.mark.only_sqlite
def test_what_a_killed_process_may_have_committed_is_decided_before_its_fence_falls(store: FileStore) -> None:
    """Else SQLite could bring it back later: from a log that nobody has read to its end, into stored pages."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
        before = other.execute("PRAGMA user_version").fetchone()
        assert transactions.is_over("")
        assert other.execute("PRAGMA user_version").fetchone() != before
    with transaction.atomic():
        assert not transactions.is_over("")


@pytest.mark.only_sqlite
def test_no_reader_waits_for_whoever_writes_just_now(store: FileStore) -> None:
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert not transactions.is_over("")
        assert time.monotonic() - began < 2
        other.execute("ROLLBACK")
    assert transactions.is_over("")


def test_a_stopped_process_fences_on(store: FileStore, environment: dict[str, str]) -> None:
    with fencing(environment, "time.sleep(60)") as process:
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.05)
        assert keep(store) is keep(store) is Kept.FENCED


@pytest.mark.only_postgresql
def test_the_fence_of_a_killed_process_stands_as_long_as_the_server_goes_on(
    store: FileStore, environment: dict[str, str]
) -> None:
    """As a COMMIT would that the server carries out when its client is dead already."""
    with fencing(environment, "connection.cursor().execute('SELECT pg_sleep(1.5)')") as process:
        time.sleep(0.2)  # the server sleeps by now
        process.send_signal(signal.SIGKILL)
        process.wait()
        began = time.monotonic()
        assert keep(store) is keep(store) is Kept.FENCED
        eventually(lambda: stored_soon(store))
        assert time.monotonic() - began > 0.5


@pytest.mark.only_postgresql
def test_a_transaction_is_over_once_the_server_says_so() -> None:
    with transaction.atomic():
        name = transactions.token()
        assert not transactions.is_over(name)
    assert transactions.is_over(name)
    assert transactions.is_over("99999999999999"), "of another database"


@pytest.mark.only_postgresql
def test_a_transaction_that_nobody_can_ask_about_is_not_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction.atomic():
        name = transactions.token()

    def fail() -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", fail)
        assert not transactions.is_over(name)
