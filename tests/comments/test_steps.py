"""Decisions on many in one step, and the way back: the same state as by single ones, true numbers, bounded queries."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.models import Article, User
from comments.models import TRANSITIONS, Action, Comment, Decision, Report, State, Step
from newsroom.models import LogEntry
from newsroom.verbs import Refused
from tests import base
from tests.comments.base import approved, assert_true, row, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]

DECIDING = list(TRANSITIONS)


def every() -> dict[int, tuple[str, bool, str, int]]:
    """Return what a step may change of all comments."""
    rows = Comment.objects.values_list("pk", "state", "shown", "held_for", "open_reports")
    return {pk: tuple(rest) for pk, *rest in rows}


def thread(article: Article, shape: list[tuple[int, str]]) -> list[Comment]:
    """Store comments, each below an earlier one or none (-1), each in a state."""
    made: list[Comment] = []
    for above, state in shape:
        made.append(row(article, state, made[above % (len(made) + 1) - 1] if made and above >= 0 else None))
    Comment.recount(article)
    return made


SHAPES = st.lists(st.tuples(st.integers(-1, 8), st.sampled_from(State.values)), min_size=1, max_size=9)


@pytest.mark.long
def test_many_at_once_become_what_single_decisions_make_of_them(full_length):
    @settings(max_examples=400 if full_length else 25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(SHAPES, st.sampled_from(DECIDING), st.integers(1, 511))
    def check(shape, action, chosen):
        with transaction.atomic():
            article = base.published()
            comments = thread(article, shape)
            some = [comment for number, comment in enumerate(comments) if chosen >> number & 1]
            before = every()
            point = transaction.savepoint()
            for comment in some:
                try:
                    comment._decide(action, by=None, reason="x")
                except Refused:
                    continue
            singly, number = every(), assert_true(article)
            transaction.savepoint_rollback(point)
            step = Comment.decide_all(some, action, by=None, reason="x")
            assert every() == singly
            assert assert_true(article) == number
            assert len(step.moved) + step.already + len(step.left_out) == len(some)
            if step.moved:
                step.undo(by=None)
                assert every() == before
                assert_true(article)
            transaction.set_rollback(True)

    check()


def test_a_step_is_one_row_one_entry_in_the_log_and_each_key_once(moderator):
    articles = [base.published(headline=f"Harbour {number}") for number in range(3)]
    comments = [waiting(article) for article in articles for _comment in range(2)]
    kept = approved(articles[0])
    purges = []
    with base.purged_keys() as purged:
        from newsroom import pages

        store = pages.store()
        fence = store.fence
        store.fence = lambda keys, about=None: purges.append(sorted(keys)) or fence(keys, about)
        step = Comment.decide_all([*comments, kept], Action.APPROVE, by=moderator)
    assert purged == {"discussed-en", *(f"article-{article.pk}" for article in articles)}
    assert len(purges) == 1
    assert step.number == 6
    assert step.already == 1
    assert step.decisions.count() == 6
    entry = LogEntry.objects.get(verb="comment.approve", by_id=moderator.pk)
    assert (entry.object_type, entry.object_id) == ("comments.step", step.pk)
    assert entry.details["comments"] == [comment.pk for comment in comments]
    assert [assert_true(article) for article in articles] == [3, 2, 2]
    decision = step.decisions.first()
    assert (decision.was, decision.state, decision.held_for, decision.version) == (
        "waiting",
        "approved",
        "first-timer",
        2,
    )
    assert decision.waited is not None


def test_rejecting_what_waits_purges_nothing(moderator):
    comments = [waiting(base.published()) for _comment in range(2)]
    with base.purged_keys() as purged:
        Comment.decide_all(comments, Action.REJECT, by=moderator, reason="spam")
    assert purged == set()


def test_what_changed_meanwhile_or_cannot_go_is_left_out_and_told(moderator, editor):
    article = base.published()
    first, second, third = (waiting(article, name=name) for name in ("Ada", "Bo", "Cy"))
    gone = row(article, "removed")
    seen = {comment.pk: comment.version for comment in (first, second, gone)}
    editor.first_name = "Emil"
    editor.save()
    second.mark_spam(by=editor)
    step = Comment.decide_all([first, second, third, gone], Action.APPROVE, by=moderator, seen=seen)
    assert step.moved == [first.pk]
    told = {left.pk: left.why for left in step.left_out}
    assert "marked as spam meanwhile by Emil" in told[second.pk]
    assert "meanwhile" in told[third.pk]  # nobody said which version he saw
    assert "is removed" in told[gone.pk]


def test_a_step_that_changes_nothing_is_not_stored(moderator):
    comment = approved(base.published())
    step = Comment.decide_all([comment], Action.APPROVE, by=moderator)
    assert step.pk is None
    assert Comment.decide_all([], Action.APPROVE, by=moderator).pk is None
    assert not Step.objects.filter(by=moderator).exists()


def test_nobody_decides_beyond_his_languages(db):
    here, there = waiting(base.published()), waiting(base.published(language="de"))
    gerd = base.person("gerd", "Moderator", languages=["de"])
    with pytest.raises(PermissionDenied):
        Comment.decide_all([here, there], Action.APPROVE, by=gerd)
    assert set(Comment.objects.values_list("state", flat=True)) == {"waiting"}


def test_a_reason_that_is_too_long_changes_nothing(moderator):
    comment = waiting(base.published())
    with pytest.raises(ValidationError):
        Comment.decide_all([comment], Action.REJECT, by=moderator, reason="x" * 501)
    comment.refresh_from_db()
    assert comment.state == "waiting"


def queries_of(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


@pytest.mark.parametrize("action", [Action.REJECT, Action.APPROVE])
def test_a_step_costs_as_many_queries_for_1000_as_for_10_but_for_the_batches(moderator, action):
    def fill(number: int) -> list[Comment]:
        articles = [base.published(headline=f"Harbour {n}") for n in range(3)]
        return Comment.objects.bulk_create(
            Comment(article=articles[n % 3], state="waiting", text="x", name="x", language="en", size=1)
            for n in range(number)
        )

    few, many = fill(10), fill(1000)
    moderator.may("comments.decide_comment", few[0].article)
    ten = queries_of(lambda: Comment.decide_all(few, action, by=moderator, reason="x"))
    thousand = queries_of(lambda: Comment.decide_all(many, action, by=moderator, reason="x"))
    # Batches of 500 rows, and what one INSERT of SQLite holds.
    inserts = -(
        -1000 // connection.ops.bulk_batch_size(Decision._meta.local_concrete_fields[1:], [None] * 1000)
    )
    assert thousand - ten <= inserts + 6
    assert ten <= 16


# The way back


def test_an_undone_step_gives_back_state_rule_and_number(moderator):
    article = base.published()
    top = approved(article)
    held = waiting(article, top)
    answer = approved(article, top)
    before = every()
    step = Comment.decide_all([top, held], Action.SPAM, by=moderator)
    assert assert_true(article) == 0
    undone = step.undo(by=moderator)
    assert undone.undone_at is not None
    assert every() == before
    assert assert_true(article) == 2
    assert held.decisions.last().action == "undo"
    answer.refresh_from_db()
    assert answer.shown


def test_a_step_undone_twice_changes_nothing_the_second_time(moderator):
    comment = waiting(base.published())
    step = Comment.decide_all([comment], Action.SPAM, by=moderator)
    step.undo(by=moderator)
    comment.refresh_from_db()
    version, rows, entries = comment.version, Decision.objects.count(), LogEntry.objects.count()
    again = Step.objects.get().undo(by=moderator)
    assert (again.moved, again.left_out) == ([], [])
    comment.refresh_from_db()
    assert (comment.version, Decision.objects.count(), LogEntry.objects.count()) == (version, rows, entries)


def test_what_changed_after_a_step_is_left_out_of_its_undo_and_told(moderator, editor):
    article = base.published()
    first, second = waiting(article), waiting(article)
    step = Comment.decide_all([first, second], Action.APPROVE, by=moderator)
    second.remove(by=editor, reason="insult")
    step.undo(by=moderator)
    assert step.moved == [first.pk]
    assert "removed meanwhile by emil" in step.left_out[0].why
    second.refresh_from_db()
    assert second.state == "removed"
    assert assert_true(article) == 0


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0), (2, 0, 1), (0, 2, 1)])
def test_steps_are_undone_in_any_order_as_far_as_nobody_decided_later(moderator, order):
    article = base.published()
    top = approved(article)
    reply, lower = waiting(article, top), approved(article, top)
    before = every()
    steps = [
        Comment.decide_all([top], Action.REMOVE, by=moderator, reason="x"),
        Comment.decide_all([reply], Action.APPROVE, by=moderator),
        Comment.decide_all([lower], Action.SPAM, by=moderator),
    ]
    for number in order:
        steps[number].undo(by=moderator)
        assert_true(article)
    assert every() == before


def test_a_step_is_undone_by_who_did_it_or_who_may_decide_there(db, moderator, journalist):
    comment = waiting(base.published())
    step = Comment.decide_all([comment], Action.SPAM, by=moderator)
    gerd = base.person("gerd", "Moderator", languages=["de"])
    for stranger in (gerd, journalist):
        with pytest.raises(PermissionDenied):
            step.undo(by=stranger)
    assert step.undo(by=base.person("ida", "Moderator")).moved == [comment.pk]


def test_whoever_may_no_longer_decide_there_takes_nothing_back_of_his_own(db):
    ida = base.person("ida", "Moderator")
    comment = waiting(base.published())
    step = Comment.decide_all([comment], Action.SPAM, by=ida)
    grant = ida.grants.get()
    grant.languages = ["de"]
    grant.save()
    with pytest.raises(PermissionDenied):
        step.undo(by=User.objects.get(pk=ida.pk))


def test_somebody_else_undoes_a_step_only_if_he_reaches_all_of_it(db, moderator):
    here, there = waiting(base.published()), waiting(base.published(language="de"))
    step = Comment.decide_all([here, there], Action.SPAM, by=moderator)
    with pytest.raises(Refused, match="ask whoever did it"):
        step.undo(by=base.person("gerd", "Moderator", languages=["de"]))
    assert {Comment.objects.get(pk=one.pk).state for one in (here, there)} == {State.SPAM}
    assert step.undo(by=moderator).moved == [here.pk, there.pk]


# Reports


def reported(article: Article, *digests: str) -> Comment:
    comment = approved(article)
    for digest in digests:
        Report.objects.create(comment=comment, reason="insult", address_digest=digest)
    Comment.objects.filter(pk=comment.pk).update(open_reports=len(digests))
    comment.refresh_from_db()
    return comment


@pytest.mark.parametrize("action", [Action.REMOVE, Action.SPAM, Action.KEEP])
def test_any_decision_closes_the_reports_and_its_undo_opens_them_again(moderator, action):
    comment = reported(base.published(), "a", "b")
    earlier = Report.objects.create(comment=comment, reason="spam", closed_at=comment.created_at)
    before = every()
    step = Comment.decide_all([comment], action, by=moderator, reason="x")
    comment.refresh_from_db()
    assert comment.open_reports == 0
    assert set(comment.reports.exclude(pk=earlier.pk).values_list("closed_at", "closed_by")) == {
        (step.at, moderator.pk)
    }
    step.undo(by=moderator)
    assert every() == before
    assert comment.reports.filter(closed_at=None).count() == 2


def test_keeping_changes_nothing_but_the_reports(moderator):
    article = base.published()
    comment = reported(article, "a")
    with base.purged_keys() as purged:
        assert comment.keep(by=moderator, seen=comment.version)
    assert (comment.state, comment.shown, assert_true(article)) == ("approved", True, 1)
    assert purged == set()
    assert comment.keep(by=moderator) is False


def test_a_report_sent_anew_stays_the_one_that_is_open(moderator):
    comment = reported(base.published(), "a", "b")
    step = Comment.decide_all([comment], Action.KEEP, by=moderator)
    again = Report.objects.create(comment=comment, reason="spam", address_digest="a")
    Comment.objects.filter(pk=comment.pk).update(open_reports=1)
    step.undo(by=moderator)
    comment.refresh_from_db()
    assert comment.open_reports == comment.reports.filter(closed_at=None).count() == 2
    assert again in comment.reports.filter(closed_at=None)


# Two at once


@pytest.mark.django_db(transaction=True)
def test_two_moderators_at_once_each_decide_what_the_other_left(db):
    people = [base.person(name, "Moderator") for name in ("ida", "mo")]
    articles = [base.published(headline=f"Harbour {number}") for number in range(3)]
    comments = [waiting(article) for article in articles for _comment in range(4)]
    seen = {comment.pk: comment.version for comment in comments}
    start = Barrier(2)

    def work(user: User, action: Action, mine: list[Comment]) -> Step:
        try:
            start.wait()
            return Comment.decide_all(mine, action, by=user, reason="x", seen=seen)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        runs = [
            pool.submit(work, people[0], Action.APPROVE, comments),
            pool.submit(work, people[1], Action.REJECT, comments[::-1]),
        ]
        steps = [run.result() for run in runs]
    assert sorted(len(step.moved) for step in steps) == [0, 12]
    assert sorted(len(step.left_out) for step in steps) == [0, 12]
    for article in articles:
        assert_true(article)
    done = next(step for step in steps if step.moved)
    start = Barrier(2)

    def take_back(user: User) -> Step:
        try:
            start.wait()
            return Step.objects.get(pk=done.pk).undo(by=user)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        undone = [run.result() for run in [pool.submit(take_back, user) for user in people]]
    assert sorted(len(step.moved) for step in undone) == [0, 12]
    assert not Comment.objects.exclude(state="waiting").exists()


# What is usual


def test_the_usual_wait_is_the_median_of_the_last_decisions_of_people(moderator, monkeypatch):
    article = base.published()
    comments = [waiting(article) for _comment in range(5)]
    for comment in comments[:4]:
        comment.approve(by=moderator)
    waiting(article).approve(by=None)
    assert Decision.objects.usual_wait() is None
    step = Comment.decide_all(comments[4:], Action.REJECT, by=moderator, reason="x")
    for decision, seconds in zip(Decision.objects.exclude(waited=None), (60, 600, 30, 90, 3000), strict=True):
        Decision.objects.filter(pk=decision.pk).update(waited=seconds)
    assert Decision.objects.usual_wait() == 90
    step.undo(by=moderator)
    assert Decision.objects.usual_wait() is None


@pytest.mark.django_db
def test_what_was_decided_on_in_one_go_does_not_say_what_is_usual():
    comment = waiting(base.published())

    def decided(waited: int, days: int) -> Decision:
        at = timezone.now() - timedelta(days=days)
        return Decision(comment=comment, action="approve", state="approved", waited=waited, at=at)

    Decision.objects.bulk_create(decided(3600, days) for days in (4, 3, 2, 1) for _number in range(3))
    Decision.objects.bulk_create(decided(5, 0) for _number in range(200))
    assert Decision.objects.usual_wait() == 3600


@pytest.mark.parametrize(("state", "action"), list(product(State.values, DECIDING)))
def test_each_state_and_decision_is_undone_to_where_it_was(state, action):
    article = base.published()
    comment = row(article, state, row(article, "approved"))
    row(article, "approved", comment)
    Comment.recount(article)
    before = every()
    step = Comment.decide_all([comment], action, by=None, reason="x")
    if step.moved:
        step.undo(by=None)
    assert every() == before
    assert_true(article)
