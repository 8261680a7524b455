"""Verbs: one transaction, one log row, keys purged before the commit."""

import pytest
from django.db import transaction

from newsroom import pages
from newsroom.models import LogEntry, Site
from newsroom.verbs import verb
from tests import base

pytestmark = pytest.mark.django_db


def test_a_verb_writes_one_log_row_with_who_and_what(editor):
    site = Site.current()
    site.save()
    with verb("site.change", by=editor, on=site, field="name"):
        pass
    entry = LogEntry.objects.get(verb="site.change")
    assert (entry.by_id, entry.object_type, entry.object_id) == (editor.pk, "newsroom.site", 1)
    assert entry.details == {"field": "name"}


def test_a_verb_that_finds_nothing_to_do_logs_and_purges_nothing():
    with base.purged_keys() as purged, verb("site.change", by=None) as act:
        act.purge("site")
        act.nothing()
    assert not purged
    assert not LogEntry.objects.exists()


def test_a_verb_that_raises_leaves_no_row():
    with pytest.raises(RuntimeError), verb("site.change", by=None):
        raise RuntimeError
    assert not LogEntry.objects.exists()


def test_the_log_only_grows():
    with verb("site.change", by=None):
        pass
    entry = LogEntry.objects.get()
    for forbidden in (entry.save, entry.delete, LogEntry.objects.all().delete):
        with pytest.raises(TypeError):
            forbidden()
    with pytest.raises(TypeError):
        LogEntry.objects.update(verb="other")


@pytest.mark.django_db(transaction=True)
def test_keys_are_fenced_before_the_commit_and_freed_after_it(monkeypatch):
    events = []

    class Store:
        def fence(self, keys, about=None):
            self.keys = tuple(keys)
            events.append(("fence", self.keys, transaction.get_connection().in_atomic_block))
            return self

        def free(self):
            events.append(("free", self.keys, transaction.get_connection().in_atomic_block))

    monkeypatch.setattr(pages, "store", Store)
    with verb("site.change", by=None) as act:
        act.purge("b", "a", "a")
    assert events == [("fence", ("a", "b"), True), ("free", ("a", "b"), False)]


@pytest.mark.django_db(transaction=True)
def test_a_key_cannot_be_purged_outside_of_a_transaction():
    with pytest.raises(transaction.TransactionManagementError):
        pages.purge(["a"])
    pages.purge([])
