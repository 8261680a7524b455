"""The background process: jobs, each at its interval, in one process at a time.

Which one may work is a row in the database, a lease that ends by itself: whoever dies is followed within
`LEASE_FOR`. The clock is the database's own, so that machines need not agree on the time; intervals are counted by a
clock that nobody can set. A job is safe to run twice, as every verb is, for a process that was asleep may come back.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import Any

from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import DateTimeField, ExpressionWrapper, Q, Value
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from newsroom.models import Lease

LEASE_NAME = "work"
LEASE_FOR = timedelta(seconds=30)
# How often the holder says that it is still there, in seconds; three times in the life of a lease.
RENEW_EVERY = 10.0
# How long to wait while another process works, or the database does not answer, in seconds.
WAIT = 5.0

log = logging.getLogger("newsroom.work")


def take_lease(holder: str, name: str = LEASE_NAME) -> bool:
    """Take or renew the lease; return whether `holder` has it now.

    A lease is void once its time is over, and also when it ends twice as late as any lease taken now would: then the
    clock was set back, and nobody would work until it caught up. Not sooner: whoever asks in the same moment may have
    begun to ask a little before the lease was taken.
    """
    now = Now()
    ends = ExpressionWrapper(now + Value(LEASE_FOR), output_field=DateTimeField())
    unheard_of = ExpressionWrapper(now + Value(2 * LEASE_FOR), output_field=DateTimeField())
    free = Q(holder=holder) | Q(until__lte=now) | Q(until__gt=unheard_of)
    if Lease.objects.filter(Q(name=name) & free).update(holder=holder, until=ends):
        return True
    try:
        with transaction.atomic():
            if Lease.objects.filter(name=name).exists():
                return False
            Lease.objects.create(name=name, holder=holder, until=ends)
    except IntegrityError:  # another process was first
        return False
    return True


def leave_lease(holder: str, name: str = LEASE_NAME) -> None:
    """Give the lease back, if `holder` has it, so that another process need not wait for its end."""
    Lease.objects.filter(name=name, holder=holder).delete()


@dataclass
class Job:
    """One thing to do again and again."""

    name: str
    run: Callable[[], Any]
    interval: float
    due: float = 0.0


def jobs_of(setting: dict[str, float]) -> list[Job]:
    """Return the jobs that a setting names: dotted path of a function -> seconds from one run to the next."""
    return [Job(name, import_string(name), interval) for name, interval in setting.items()]


class Stop:
    """A wish to stop, which a signal handler may utter.

    No threading.Event: its lock may be held by the very thread that the signal interrupts.
    """

    def __init__(self) -> None:
        self.asked = False
        self._queue: SimpleQueue[None] = SimpleQueue()

    def ask(self, *args: Any) -> None:
        """Wish it; takes what a signal handler is given."""
        self.asked = True
        self._queue.put(None)

    def wait(self, seconds: float) -> bool:
        """Wait until it is wished, `seconds` at most; return whether it was."""
        if not self.asked:
            with suppress(Empty):
                self._queue.get(timeout=seconds)
                self._queue.put(None)  # for the next one who waits
        return self.asked


class Worker:
    """One process that would work; `step` does what is due, if this process is the one."""

    def __init__(self, holder: str, jobs: list[Job] | None = None) -> None:
        self.holder = holder
        self.jobs = jobs_of(settings.WORK_JOBS) if jobs is None else jobs
        self.holds = False
        self.answers = True
        self._asking = threading.Lock()

    def step(self, now: float) -> float:
        """Run what is due at `now` (seconds of a monotonic clock); return the seconds until the next look.

        Never raises: a job that fails is logged and comes again at its interval; a database that does not answer is
        waited for.
        """
        if not self._may_work():
            return WAIT
        for job in self.jobs:
            if job.due > now:
                continue
            # Asked again before each: the job before may have taken longer than a lease lives.
            if not self._may_work():
                return WAIT
            self._run(job)
            job.due = now + job.interval
        return max(0.1, min([RENEW_EVERY, *(job.due - now for job in self.jobs)]))

    def renew(self) -> None:
        """Say, while a job runs, that this process is still there."""
        if self.holds:
            self._may_work()

    def leave(self) -> None:
        """Let another process go on at once."""
        if self.holds:
            with suppress(DatabaseError):  # without it the lease ends by itself
                leave_lease(self.holder)

    def _may_work(self) -> bool:
        with self._asking:
            return self._ask()

    def _ask(self) -> bool:
        try:
            held, self.holds = self.holds, take_lease(self.holder)
        except DatabaseError as error:
            if self.answers:
                log.error("The database does not answer, waiting for it: %s", str(error).strip())
            self.answers = self.holds = False
            drop_connection()
            return False
        if not self.answers:
            log.info("The database answers again.")
        self.answers = True
        if self.holds != held:
            log.info("Working." if self.holds else "Another process works: waiting.")
        return self.holds

    def _run(self, job: Job) -> None:
        try:
            job.run()
        except Exception:
            log.exception("The job %s failed; it comes again in %g s", job.name, job.interval)
            drop_connection()


def drop_connection() -> None:
    """Have the next query open a new connection: this one may be what does not work."""
    if not connection.in_atomic_block:
        connection.close()


def keep_renewing(worker: Worker, stop: Stop) -> threading.Thread:
    """Start a thread that renews the worker's lease until `stop`, however long a job takes."""

    def renew() -> None:
        while not stop.wait(RENEW_EVERY):
            worker.renew()
        connection.close()

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    return thread
