"""Many at once, in several processes: nothing is lost or doubled, and the number is true at every pause.

Then, one lock at a time, who waits for whom on PostgreSQL. On SQLite every writer waits for every other.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import Count, F
from django.test import Client
from django.utils import timezone

from articles.models import Article, Story
from comments import judging
from comments.models import Ban, Comment, Report, Rule
from comments.models.reports import MOST_REPORTS
from newsroom.models import LogEntry, Mail, Site
from newsroom.verbs import Refused
from tests import base
from tests.comments.base import assert_true, numbers_for_a_reader, row, waiting

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_number_and_threads_stay_true_while_many_post_and_decide_at_once(environment, full_length):
    processes, threads, turns, seconds = (4, 4, 20, 3.0) if full_length else (2, 4, 2, 0.7)
    articles = [base.published(headline=headline) for headline in ("Harbour", "Ferry")]
    connection.close()
    with ExitStack() as stack:
        crowd = [
            stack.enter_context(
                subprocess.Popen(
                    [
                        *(sys.executable, "-m", "tests.comments.churn", str(number), str(threads)),
                        *(str(article.pk) for article in articles),
                    ],
                    cwd=ROOT,
                    env={**os.environ, **environment},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for number in range(processes)
        ]
        happened: Counter[str] = Counter()
        acknowledged: set[int] = set()
        for _turn in range(turns):
            for process in crowd:
                process.stdin.write(f"{seconds}\n")
                process.stdin.flush()
            for process in crowd:
                told = json.loads(process.stdout.readline())
                happened.update(told["happened"])
                acknowledged.update(told["acknowledged"])
            assert_nothing_went_wrong(articles, acknowledged, happened)
    assert happened["acts"] > happened["refused"] > 0


def assert_nothing_went_wrong(
    articles: list[Article], acknowledged: set[int], happened: Counter[str]
) -> None:
    """Compare what is stored with what was acknowledged, and every number that there is."""
    errors = set(happened) - {"acts", "refused"}
    assert not errors, "\n".join(errors)
    assert set(Comment.objects.values_list("pk", flat=True)) == acknowledged
    doubled = (
        Comment.objects.exclude(fingerprint="")
        .order_by()
        .values("article", "fingerprint")
        .annotate(rows=Count("pk"))
    )
    assert not doubled.filter(rows__gt=1).exists()
    # Each decision raises the version by one: none was made on what another had just decided.
    assert not Comment.objects.annotate(rows=Count("decisions")).exclude(rows=F("version")).exists()
    for article in articles:
        number = assert_true(article)
        assert numbers_for_a_reader(Client(), article) == (f"Comments ({number:,})", number)


# Who waits for whom


@contextmanager
def uncommitted(act: Callable[[], object]) -> Iterator[None]:
    """Do something in a connection of its own, whose transaction goes on until the end of the block."""
    begun, enough = Event(), Event()

    def run() -> None:
        try:
            with transaction.atomic():
                act()
                begun.set()
                enough.wait(60)
        finally:
            begun.set()
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run)
        try:
            begun.wait(60)
            yield
        finally:
            enough.set()
        running.result()


@pytest.fixture
def impatient(transactional_db: None) -> Iterator[None]:
    """Have whoever would wait for a lock give up soon, as `waits` expects."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '500ms'")
    yield
    connection.close()


waits = pytest.raises(OperationalError, match="lock timeout")


@pytest.mark.only_postgresql
def test_a_recount_waits_for_whoever_decides_at_the_article(impatient):
    comment = waiting(base.published())
    with uncommitted(lambda: comment.approve(by=None)), waits:
        Comment.recount(comment.article)


@pytest.mark.only_postgresql
def test_a_comment_below_a_locked_article_is_inserted_at_once_and_only_its_verb_waits(impatient):
    """Else whoever inserts first and then asks for the lock deadlocks with the next who does the same."""
    article = base.published()
    with uncommitted(lambda: Article.objects.lock().get()):
        row(article, "waiting")
        with waits:
            waiting(article)


@pytest.mark.only_postgresql
def test_an_article_is_locked_without_what_is_read_along_with_it(impatient):
    base.published()
    with uncommitted(lambda: Article.objects.select_related("story").lock().get()), transaction.atomic():
        assert Story.objects.select_for_update().get()


@pytest.fixture
def expired(transactional_db: None) -> list[Comment]:
    """Return two comments whose addresses are to be forgotten, the first one first."""
    article = base.published()
    comments = [waiting(article, address="192.0.2.1") for _number in range(2)]
    for days, comment in zip((2, 1), comments, strict=True):
        Comment.objects.filter(pk=comment.pk).update(address_expires_at=timezone.now() - timedelta(days=days))
    return comments


@pytest.mark.only_postgresql
def test_two_who_forget_addresses_never_take_the_same_comment(impatient, expired, monkeypatch):
    monkeypatch.setattr("comments.models.forgetting.BATCH", 1)
    with uncommitted(Comment.objects.forget_addresses):
        assert Comment.objects.forget_addresses() == 1
        assert Comment.objects.forget_addresses() == 0
        assert Comment.objects.exclude(address_digest="").get() == expired[0]
    assert not Comment.objects.exclude(address_digest="").exists()


@pytest.mark.only_postgresql
def test_an_address_is_forgotten_later_where_somebody_decides(impatient, expired):
    with uncommitted(lambda: expired[0].approve(by=None)):
        assert Comment.objects.forget_addresses() == 1
    assert Comment.objects.forget_addresses() == 1


@pytest.mark.only_postgresql
def test_a_reply_does_not_wait_while_the_address_above_it_is_forgotten(impatient, expired):
    with uncommitted(Comment.objects.forget_addresses):
        row(expired[0].article, "waiting", expired[0])


@pytest.mark.django_db(transaction=True)
def test_two_comments_at_once_ask_to_confirm_their_address_once(transactional_db):
    articles = [base.published(headline=f"Harbour {number}") for number in range(4)]
    both = Barrier(4)

    def send(article: Article) -> None:
        try:
            both.wait(60)
            waiting(article, email="rosa@mail.example")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, articles))
    assert Comment.objects.count() == 4
    assert Mail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_reports_from_one_address_at_many_articles_at_once_keep_to_the_limit(transactional_db):
    number = MOST_REPORTS + 6
    comments = [row(base.published(headline=f"Harbour {nth}"), "approved") for nth in range(number)]
    every = Barrier(number)

    def report(comment: Comment) -> bool:
        try:
            every.wait(60)
            return Report.make(comment=comment, reason="spam", address="192.0.2.1").pk is not None
        except judging.TooMany:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        assert sum(pool.map(report, comments)) == MOST_REPORTS


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["duplicate", "like"])
def test_the_same_words_at_many_articles_at_once_are_shown_once(transactional_db, kind):
    Rule.objects.all().delete()
    Rule.add(by=None, kind=kind, minutes=60)
    Site(comments_mode="open").save()
    articles = [base.published(headline=f"Harbour {number}") for number in range(8)]
    every = Barrier(8)
    words = "Cheap watches and bags are sold by my cousin near the harbour every single day of the year."

    def send(article: Article) -> str:
        try:
            every.wait(60)
            return waiting(article, text=words, address=f"192.0.2.{article.pk % 250}").state
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(send, articles)) == {"waiting": 7, "approved": 1}


@pytest.mark.only_postgresql
def test_whoever_sends_other_words_does_not_wait_for_who_sends_some(impatient):
    Rule.objects.all().delete()
    Rule.add(by=None, kind="like", minutes=60)
    articles = [base.published(headline=f"Harbour {number}") for number in range(2)]
    words = "Cheap watches and bags are sold by my cousin near the harbour every single day of the year."
    with uncommitted(lambda: waiting(articles[0], text=words)):
        waiting(articles[1], text="Whoever wants to cross by the night boat has to be there an hour early.")
        with waits:
            waiting(articles[1], text=words)


@pytest.mark.only_postgresql
def test_whoever_bans_waits_for_whoever_bans_the_same_person_and_for_nobody_else(impatient):
    def ban(email: str) -> Ban:
        return Ban.impose(by=None, reason="spam", email=email)

    with uncommitted(lambda: ban("rosa@mail.example")):
        ban("ines@mail.example")
        with waits:
            ban("rosa@mail.example")


@pytest.mark.django_db(transaction=True)
def test_who_is_banned_by_many_at_once_is_banned_once(transactional_db):
    comment = waiting(base.published(), email="rosa@mail.example", address="192.0.2.1")
    every = Barrier(4)

    def ban(what: str) -> int:
        try:
            every.wait(60)
            return Ban.impose(by=None, reason="spam", comment=comment, what=what).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        banned = list(pool.map(ban, ["email", "email", "network", "network"]))
    assert banned[0] == banned[1]
    assert banned[2] == banned[3]
    assert [ban.what for ban in Ban.objects.order_by("email")] == ["network", "email"]
    # Whoever comes second finds it done already.
    assert LogEntry.objects.filter(verb="ban.impose").count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["edit", "take_back"])
def test_a_writer_and_a_moderator_at_once_leave_a_true_number(transactional_db, act):
    article = base.published()
    top = waiting(article)
    row(article, "approved", top)
    both = Barrier(2)

    def run(do: Callable[[Comment], object]) -> str:
        comment = Comment.objects.get(pk=top.pk)
        try:
            both.wait(60)
            do(comment)
            return "done"
        except Refused:
            return "refused"
        finally:
            connection.close()

    writers = {
        "edit": lambda comment: comment.edit(text="Changed meanwhile.", seen=1),
        "take_back": lambda comment: comment.take_back(seen=1),
    }
    with ThreadPoolExecutor(2) as pool:
        happened = list(pool.map(run, [writers[act], lambda comment: comment.approve(by=None, seen=1)]))
    # Both looked at the same version: one of them is told.
    assert sorted(happened) == ["done", "refused"]
    top.refresh_from_db()
    expected = {
        "done": {"edit": ("waiting", 0), "take_back": ("removed", 1)}[act],
        "refused": ("approved", 2),
    }
    assert (top.state, assert_true(article)) == expected[happened[0]]
    assert top.version == top.decisions.count()


@pytest.mark.only_postgresql
def test_a_writer_waits_for_whoever_decides_at_the_article(impatient):
    comment = waiting(base.published())
    for do in (lambda: comment.edit(text="x", seen=1), lambda: comment.take_back(seen=1), comment.confirm):
        with uncommitted(lambda: Comment.objects.get().approve(by=None)), waits:
            do()
        Comment.objects.get().mark_spam(by=None)
