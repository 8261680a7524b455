"""Writers of SQLite stand in line: in the order in which they came, and without whoever dies."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from newsroom.models import Site
from tests.newsroom.test_background import eventually
from tests.other_processes import environment

__all__ = ["environment"]

LOCKS = Path("/proc/locks")
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.only_sqlite,
    pytest.mark.skipif(not LOCKS.exists(), reason="This system does not tell who waits for a lock"),
]


@pytest.fixture(autouse=True)
def _own_connection() -> Iterator[None]:
    yield
    connection.close()


def waiting_in_line() -> int:
    """Return how many wait for the lock of the queue; the kernel lists them (proc(5), /proc/locks)."""
    inode = os.stat(f"{connection.settings_dict['NAME']}.queue").st_ino
    return sum("->" in line and f":{inode} " in line for line in LOCKS.read_text().splitlines())


def test_processes_write_in_the_order_in_which_they_came(environment: dict[str, str], tmp_path: Path) -> None:
    wrote = tmp_path / "wrote"
    code = (
        "import django, sys; django.setup()\n"
        "from django.db import transaction\n"
        "with transaction.atomic(), open(sys.argv[1], 'a') as wrote:\n"
        "    wrote.write(sys.argv[2])"
    )
    started = []
    with transaction.atomic():
        for number in range(3):
            command = [sys.executable, "-c", code, str(wrote), str(number)]
            started.append(subprocess.Popen(command, env={**os.environ, **environment}))
            eventually(lambda waiting=number + 1: waiting_in_line() == waiting, 60)
    for process in started:
        assert process.wait(60) == 0
    assert wrote.read_text() == "012"


def test_threads_write_one_after_the_other_and_none_is_forgotten() -> None:
    inside: list[int] = []

    def write(number: int) -> int:
        with transaction.atomic():
            inside.append(number)
            assert inside == [number]
            inside.remove(number)
        connection.close()
        return number

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(write, range(80))) == list(range(80))


def test_who_finds_no_place_in_line_is_told_so_and_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many files are open: the place of this process's writers is free again at once."""
    open_file = os.open

    def no_descriptor(path: Any, *rest: Any, **named: Any) -> int:
        if str(path).endswith(".queue"):
            raise OSError(errno.EMFILE, "Too many open files")
        return open_file(path, *rest, **named)

    def write() -> bool:
        with transaction.atomic():
            Site(name="Written").save()
        connection.close()
        return True

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", no_descriptor)
        with pytest.raises(OperationalError, match="Too many open files"), transaction.atomic():
            pass
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(write).result(10)
    assert write()


def test_inner_blocks_stand_in_no_line_and_a_rollback_leaves_it() -> None:
    with transaction.atomic(), transaction.atomic():
        Site(name="Kept").save()
    with suppress(ZeroDivisionError), transaction.atomic():
        Site(name="Not kept").save()
        raise ZeroDivisionError

    def write() -> None:
        with transaction.atomic():
            assert Site.current().name == "Kept"
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(write).result(30)


def test_whoever_is_killed_gives_his_place_on(environment: dict[str, str]) -> None:
    code = (
        "import django, sys; django.setup()\n"
        "from django.db import transaction\n"
        "with transaction.atomic():\n"
        "    print('begun', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "begun\n"
        with ThreadPoolExecutor(1) as pool:
            run = pool.submit(_write)
            eventually(lambda: waiting_in_line() == 1, 30)
            other.send_signal(signal.SIGKILL)
            run.result(30)


def _write() -> None:
    with transaction.atomic():
        Site(name="The Post").save()
    connection.close()


def test_who_stood_in_line_for_too_long_is_refused_and_holds_nobody_up() -> None:
    begun, enough = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            begun.set()
            enough.wait(30)
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        holding = pool.submit(hold)
        begun.wait(30)
        waiting = pool.submit(_impatient)
        with pytest.raises(OperationalError, match="locked"):
            waiting.result(30)
        assert not holding.done(), "whoever waits is refused also where the one before him hangs"
        enough.set()
        holding.result(30)
    _write()


def _impatient() -> None:
    connection.settings_dict = {
        **connection.settings_dict,
        "OPTIONS": {**connection.settings_dict["OPTIONS"], "timeout": 0.01},
    }
    try:
        with transaction.atomic():
            raise AssertionError("not reached")
    finally:
        connection.close()
