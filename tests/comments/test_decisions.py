"""Decisions: the state, who may, the row that tells it, calling twice, and the counter after each."""

from collections.abc import Callable
from itertools import product

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from articles.models import User
from comments.models import TRANSITIONS, Comment, Decision
from newsroom.models import LogEntry
from newsroom.verbs import Refused
from tests import base
from tests.comments.base import approved, assert_true, is_shown, removed, row, waiting

pytestmark = pytest.mark.django_db

DECISIONS: dict[str, Callable[[Comment, User | None], bool]] = {
    "approve": lambda comment, by: comment.approve(by=by),
    "reject": lambda comment, by: comment.reject(by=by, reason="insult"),
    "spam": lambda comment, by: comment.mark_spam(by=by),
    "remove": lambda comment, by: comment.remove(by=by, reason="insult"),
    "restore": lambda comment, by: comment.restore(by=by),
}


def test_approving_shows_counts_and_purges(moderator: User):
    article = base.published()
    comment = waiting(article)
    with base.purged_keys() as purged:
        assert comment.approve(by=moderator)
    assert comment.shown
    assert assert_true(article) == 1
    assert purged == {f"article-{article.pk}", "discussed-en"}
    decision = comment.decisions.last()
    assert (decision.action, decision.state, decision.by) == ("approve", "approved", moderator)
    entry = LogEntry.objects.get(verb="comment.approve")
    assert (entry.object_id, entry.by_id) == (comment.pk, moderator.pk)
    assert entry.details == {"article": article.pk, "changed": 1}


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_made_twice_changes_everything_once(name, moderator: User):
    article = base.published()
    comment = {"remove": approved, "restore": removed}.get(name, waiting)(article)
    before = assert_true(article)
    assert DECISIONS[name](comment, moderator)
    once = assert_true(article)
    assert abs(once - before) == (name in ("approve", "remove", "restore"))
    rows, entries = Decision.objects.count(), LogEntry.objects.count()
    with base.purged_keys() as purged:
        assert not DECISIONS[name](comment, moderator)
        assert not DECISIONS[name](Comment.objects.get(pk=comment.pk), moderator)
    assert assert_true(article) == once
    assert (Decision.objects.count(), LogEntry.objects.count()) == (rows, entries)
    assert purged == set()


@pytest.mark.parametrize(("state", "name"), list(product(Comment.State.values, DECISIONS)))
def test_each_decision_leads_from_the_states_that_allow_it_and_from_no_other(state, name):
    article = base.published()
    comment = row(article, state)
    target, allowed = TRANSITIONS[Decision.Action(name)]
    if state == target:
        assert DECISIONS[name](comment, None) is False
    elif state in allowed:
        assert DECISIONS[name](comment, None) is True
        assert comment.state == target
    else:
        with pytest.raises(Refused):
            DECISIONS[name](comment, None)
        comment.refresh_from_db()
        assert comment.state == state
        assert comment.decisions.count() == 0


@pytest.mark.parametrize(("above", "state"), list(product(Comment.State.values, repeat=2)))
def test_a_decision_in_a_thread_of_any_shape_leaves_flags_and_number_true(above, state):
    """Every state below every state, with every state below it; the pure table stands in test_threads.py."""
    article = base.published()
    for name, (target, allowed) in TRANSITIONS.items():
        if state not in allowed:
            continue
        comment = row(article, state, row(article, above))
        for reply in ("approved", "removed", "rejected"):
            below = row(article, reply, comment)
            row(article, "approved", row(article, "removed", below))
        Comment.recount(article)
        before = assert_true(article)
        with base.purged_keys() as purged:
            DECISIONS[name.value](comment, None)
        assert comment.state == target
        assert bool(purged) == (assert_true(article) != before)


@pytest.mark.parametrize(("top", "between"), list(product(Comment.State.values, ["approved", "removed"])))
def test_what_hides_hides_a_reply_also_from_beyond_approved_and_removed_ones(top, between):
    article = base.published()
    reply = row(article, "waiting", row(article, between, row(article, "removed", row(article, top))))
    Comment.recount(article)
    assert reply.approve(by=None)
    assert reply.shown == is_shown(reply) == (top in ("approved", "removed"))
    assert_true(article)


def test_what_hides_hides_all_below_and_what_is_removed_does_not():
    article = base.published()
    top = approved(article)
    reply = approved(article, top)
    approved(article, reply)
    reply.remove(by=None, reason="insult")
    assert assert_true(article) == 2
    top.mark_spam(by=None)
    assert assert_true(article) == 0
    reply.restore(by=None)
    assert assert_true(article) == 0
    top.approve(by=None)
    assert assert_true(article) == 3


def test_a_decision_on_a_long_thread_costs_a_query_per_level_and_batch(django_assert_max_num_queries):
    article = base.published()
    top = row(article, "approved")
    Comment.objects.bulk_create(
        Comment(article=article, parent=top, state="approved", shown=True, text="x", name="x", language="en")
        for _reply in range(1200)
    )
    Comment.recount(article)
    assert assert_true(article) == 1201
    with django_assert_max_num_queries(24):
        top.mark_spam(by=None)
    assert assert_true(article) == 0


def test_a_comment_decided_on_meanwhile_is_refused_and_says_by_whom(moderator: User, editor: User):
    comment = approved(base.published())
    seen = comment.version
    moderator.first_name, moderator.last_name = "Mira", "Holm"
    moderator.save()
    comment.remove(by=moderator, reason="insult")
    with pytest.raises(Refused, match=r"removed.*Mira Holm"):
        comment.mark_spam(by=editor, seen=seen)
    assert comment.mark_spam(by=editor, seen=comment.version)


def test_a_row_in_memory_is_not_believed():
    article = base.published()
    comment = waiting(article)
    stale = Comment.objects.get(pk=comment.pk)
    comment.approve(by=None)
    stale.mark_spam(by=None)
    assert assert_true(article) == 0
    with pytest.raises(Refused):
        comment.remove(by=None, reason="too late")


def test_only_who_may_decide_here_decides(journalist: User, translator: User):
    comment = waiting(base.published())
    german_only = base.person("gerd", "Moderator", languages=["de"])
    for user in (journalist, translator, german_only):
        for decide in DECISIONS.values():
            with pytest.raises(PermissionDenied):
                decide(comment, user)
    assert comment.decisions.count() == 1
    assert waiting(base.published(language="de", headline="Der Hafen ist wieder offen")).approve(
        by=german_only
    )


def test_a_reason_is_one_bounded_line(moderator: User):
    article = base.published()
    comment = waiting(article)
    with pytest.raises(ValidationError):
        comment.reject(by=moderator, reason="x" * 501)
    assert Comment.objects.get(pk=comment.pk).state == "waiting"
    comment = Comment.objects.get(pk=comment.pk)
    comment.reject(by=moderator, reason="Insults\n\0 a person.")
    assert comment.decisions.last().reason == "Insults a person."


def test_a_decision_is_never_overwritten():
    decision = waiting(base.published()).decisions.get()
    decision.reason = "something else"
    with pytest.raises(TypeError):
        decision.save()
