"""Whatever is done in whatever order, flags and number follow the rule (Hypothesis)."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from comments.models import Comment
from newsroom.verbs import Refused
from tests import base
from tests.comments.base import assert_true, waiting

WHICH = st.integers(0, 1000)


class Thread(RuleBasedStateMachine):
    """An article's thread, and everything that can be done to it; each run is rolled back."""

    def __init__(self) -> None:
        super().__init__()
        self.run = transaction.atomic()
        self.run.__enter__()
        self.article = base.published()
        self.comments: list[Comment] = []

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.run.__exit__(None, None, None)

    def some(self, which: int) -> Comment:
        return Comment.objects.get(pk=self.comments[which % len(self.comments)].pk)

    @rule()
    def begin(self):
        self.comments.append(waiting(self.article))

    @precondition(lambda self: self.comments)
    @rule(which=WHICH, latest=st.booleans())
    def reply(self, which, latest):
        parent = self.some(-1 if latest else which)
        try:
            self.comments.append(waiting(self.article, parent))
        except Refused:
            assert not parent.shown

    @precondition(lambda self: self.comments)
    @rule(
        which=WHICH,
        action=st.sampled_from(["approve", "approve", "reject", "mark_spam", "remove", "restore"]),
        stale=st.booleans(),
    )
    def decide(self, which, action, stale):
        comment = self.some(which)
        reason = {"reason": "off topic"} if action in ("reject", "remove") else {}
        seen = comment.version - 1 if stale else comment.version
        try:
            changed = getattr(comment, action)(by=None, seen=seen, **reason)
        except Refused:
            return
        assert not (changed and stale)
        assert getattr(comment, action)(by=None, **reason) is False

    @precondition(lambda self: self.comments)
    @rule()
    def recount(self):
        assert Comment.recount(self.article) is None

    @invariant()
    def follows_the_rule(self):
        assert_true(self.article)
        assert Comment.objects.count() == len(self.comments)
        paging = Comment.objects.pages_of(self.article)
        pages = [*paging.pages, *(page for rest in paging.continued.values() for page in rest)]
        placed = [entry.pk for page in pages for entry in page if entry.shown]
        assert sorted(placed) == sorted(Comment.objects.shown().values_list("pk", flat=True))


@pytest.mark.long
@pytest.mark.django_db
def test_any_order_leaves_flags_and_number_true(full_length):
    run_state_machine_as_test(
        Thread,
        settings=settings(
            max_examples=300 if full_length else 5,
            stateful_step_count=40 if full_length else 20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
