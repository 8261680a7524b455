"""Hashed network addresses are forgotten when their time is over."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comments.jobs import forget_addresses
from comments.models import Comment
from comments.models.forgetting import BATCH
from newsroom.models import LogEntry
from newsroom.work import Worker
from tests import base
from tests.comments.base import row, waiting

pytestmark = pytest.mark.django_db


def test_an_address_is_forgotten_when_its_time_is_over_and_not_before():
    article = base.published()
    old, new = waiting(article, address="192.0.2.1"), waiting(article, address="192.0.2.1")
    Comment.objects.filter(pk=old.pk).update(address_expires_at=timezone.now() - timedelta(seconds=1))
    assert forget_addresses() == 1
    old.refresh_from_db()
    new.refresh_from_db()
    # The fingerprint was made with the address: whoever holds the key could try them all.
    assert (old.address_digest, old.address_expires_at, old.fingerprint) == ("", None, "")
    assert new.address_digest
    assert new.fingerprint
    assert LogEntry.objects.get(verb="comment.forget-addresses").details == {"comments": 1}


def test_the_background_process_forgets_them():
    comment = waiting(base.published(), address="192.0.2.1")
    Comment.objects.update(address_expires_at=timezone.now() - timedelta(seconds=1))
    Worker("anna").step(0)
    comment.refresh_from_db()
    assert comment.address_digest == ""


def test_nothing_to_forget_is_no_row_in_the_log():
    waiting(base.published(), address="192.0.2.1")
    assert forget_addresses() == 0
    assert not LogEntry.objects.filter(verb="comment.forget-addresses").exists()


def test_many_are_forgotten_batch_by_batch():
    article = base.published()
    row(article, "approved")
    Comment.objects.bulk_create(
        Comment(
            article=article,
            text="x",
            name="x",
            language="en",
            address_digest="d",
            address_expires_at=timezone.now() - timedelta(days=1),
        )
        for _comment in range(BATCH + 3)
    )
    assert forget_addresses() == BATCH + 3
    assert not Comment.objects.exclude(address_digest="").exists()
