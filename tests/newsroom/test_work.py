"""One process works at a time, whatever the clock says and whoever dies; a job that fails stops no other."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from unittest import mock

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.utils import timezone

from newsroom import work
from newsroom.management.commands.work import follow
from newsroom.models import Lease
from newsroom.work import LEASE_FOR, WAIT, Job, Stop, Worker, leave_lease, take_lease


def test_lease_is_taken_once(db: None) -> None:
    assert take_lease("anna")
    assert not take_lease("bert")
    assert take_lease("anna"), "its holder renews it"
    assert Lease.objects.get().holder == "anna"


def test_lease_ends_by_itself(db: None) -> None:
    Lease.objects.create(name="work", holder="anna", until=timezone.now() - timedelta(seconds=1))
    assert take_lease("bert")
    assert not take_lease("anna")


def test_lease_lives_as_long_as_it_says(db: None) -> None:
    take_lease("anna")
    left = Lease.objects.get().until - timezone.now()
    assert LEASE_FOR - timedelta(seconds=5) < left <= LEASE_FOR + timedelta(seconds=5)


def test_lease_from_a_clock_that_was_set_back_is_void(db: None) -> None:
    Lease.objects.create(name="work", holder="anna", until=timezone.now() + timedelta(hours=3))
    assert take_lease("bert")


def test_lease_taken_a_little_later_than_this_question_was_asked_holds(db: None) -> None:
    # On PostgreSQL a statement's time is that of its arrival, and it sees what was committed until it runs.
    Lease.objects.create(name="work", holder="anna", until=timezone.now() + LEASE_FOR + timedelta(seconds=5))
    assert not take_lease("bert")


def test_lease_that_was_left_is_free(db: None) -> None:
    take_lease("anna")
    leave_lease("bert")
    assert not take_lease("bert"), "only its holder gives it back"
    leave_lease("anna")
    assert take_lease("bert")


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_gets_the_lease() -> None:
    start = threading.Barrier(8)
    won = []

    def try_it(name: str) -> None:
        start.wait()
        if take_lease(name):
            won.append(name)
        connection.close()

    for _ in range(5):
        won.clear()
        threads = [threading.Thread(target=try_it, args=(f"process-{n}",)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == 1
        Lease.objects.all().delete()


def test_who_asks_in_the_same_moment_and_comes_second_has_not_got_it(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_lease("anna")
    # What another process has not committed yet is not seen, and is in the way all the same.
    monkeypatch.setattr(QuerySet, "exists", lambda rows: False)
    assert not take_lease("bert")
    assert take_lease("anna"), "and the connection can be used"


def jobs(*pairs: tuple[Callable[[], None], float]) -> list[Job]:
    return [Job(f"job-{n}", run, interval) for n, (run, interval) in enumerate(pairs)]


def test_each_job_runs_at_its_interval(db: None) -> None:
    ran: list[str] = []
    worker = Worker("anna", jobs((lambda: ran.append("often"), 5), (lambda: ran.append("seldom"), 60)))
    assert worker.step(1000) == pytest.approx(5)
    assert ran == ["often", "seldom"], "everything at the start"
    worker.step(1004)
    assert len(ran) == 2
    worker.step(1005)
    worker.step(1010)
    assert ran == ["often", "seldom", "often", "often"]
    assert worker.step(1061) > 0
    assert ran.count("seldom") == 2


def test_the_lease_is_renewed_in_time(db: None) -> None:
    worker = Worker("anna", jobs((lambda: None, 3600)))
    assert worker.step(0) <= LEASE_FOR.total_seconds() / 3


def test_a_job_that_fails_is_logged_and_stops_no_other(db: None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "newsroom.work")
    ran = []

    def fail() -> None:
        raise ValueError("no such thing")

    worker = Worker("anna", jobs((fail, 10), (lambda: ran.append(1), 10)))
    worker.step(0)
    assert ran == [1]
    assert "The job job-0 failed; it comes again in 10 s" in caplog.text
    worker.step(1)
    assert caplog.text.count("failed") == 1, "not in a loop"
    worker.step(10)
    assert caplog.text.count("failed") == 2
    assert ran == [1, 1]


def test_nothing_runs_while_another_process_works(db: None) -> None:
    take_lease("bert")
    ran = []
    worker = Worker("anna", jobs((lambda: ran.append(1), 10)))
    assert worker.step(0) == WAIT
    assert ran == []
    leave_lease("bert")
    worker.step(1)
    assert ran == [1]


def test_who_lost_the_lease_during_a_job_leaves_the_next_one_alone(db: None) -> None:
    ran = []

    def long_job() -> None:
        Lease.objects.update(holder="bert")

    worker = Worker("anna", jobs((long_job, 10), (lambda: ran.append(1), 10)))
    assert worker.step(0) == WAIT
    assert ran == []


def test_a_database_that_is_gone_is_waited_for(db: None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "newsroom.work")
    ran = []
    worker = Worker("anna", jobs((lambda: ran.append(1), 10)))
    with mock.patch.object(work, "take_lease", side_effect=OperationalError("server closed the connection")):
        assert worker.step(0) == WAIT
        assert worker.step(5) == WAIT
    assert caplog.text.count("The database does not answer") == 1, "said once, not at every look"
    worker.step(10)
    assert "The database answers again" in caplog.text
    assert ran == [1]


def test_every_job_of_the_settings_can_be_run() -> None:
    assert [job.interval > 0 for job in work.jobs_of(settings.WORK_JOBS)] == [True] * len(settings.WORK_JOBS)


def test_command_runs_each_job_once_and_leaves(db: None, settings: object) -> None:
    settings.WORK_JOBS = {"newsroom.work.jobs_of": 10}  # any function; it fails for want of an argument
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        call_command("work", "--once")
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert not Lease.objects.exists(), "another process may go on at once"


def test_stop_wakes_everybody_who_waits() -> None:
    stop = Stop()
    assert not stop.wait(0)
    woken = []
    threads = [threading.Thread(target=lambda: woken.append(stop.wait(60))) for _ in range(3)]
    for thread in threads:
        thread.start()
    stop.ask(signal.SIGTERM, None)
    for thread in threads:
        thread.join(10)
    assert woken == [True] * 3
    assert stop.wait(60)


def test_process_stops_when_its_parent_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = Stop()
    killed = []
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    monkeypatch.setattr(os, "_exit", killed.append)
    monkeypatch.setattr(os, "getppid", lambda: 1)
    monkeypatch.setattr("newsroom.management.commands.work.LOOK_EVERY", 0.001)
    follow(4711, stop)
    assert stop.asked
    assert killed == [1], "and ends hard when a job does not let go"
