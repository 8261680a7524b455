"""Draft links with the page cache on: nothing of them is ever stored, so that a revoked one is closed at once."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries
from django.utils import timezone

from articles.models import DraftLink
from newsroom.pages.cache import PageCache
from newsroom.pages.files import FileStore
from tests import base
from tests.articles import readers
from tests.pages.base import ask, cached, clock_at, files_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql_later]


@pytest.fixture
def cache(store: FileStore) -> Iterator[PageCache]:
    # As the test client does: the connection is the test's own.
    request_started.disconnect(reset_queries)
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    try:
        yield cached(get_wsgi_application(), store)
    finally:
        request_started.connect(reset_queries)
        request_started.connect(close_old_connections)
        request_finished.connect(close_old_connections)


@pytest.fixture
def addresses() -> tuple[DraftLink, list[str]]:
    photo = readers.photo()
    article = base.draft(photo=photo)
    link = article.share_draft(by=None, expires_at=timezone.now() + timedelta(hours=2))
    return link, [link.get_absolute_url(), f"{link.get_absolute_url()}{photo.uid}/"]


def statuses(cache: PageCache, addresses: list[str]) -> list[str]:
    return [ask(cache, address).status[:3] for address in addresses for _time in range(2)]


def test_nothing_of_a_draft_is_stored(
    cache: PageCache, store: FileStore, addresses: tuple[DraftLink, list[str]]
) -> None:
    link, asked = addresses
    # A page that is stored, so that there is something to look into.
    ask(cache, "/en/")
    assert store.index.numbers()["pages"] == 1
    before = files_of(store)
    assert statuses(cache, asked) == ["200"] * 4
    link.article.publish(by=None)
    assert statuses(cache, asked[:1]) == ["302"] * 2
    assert store.index.numbers()["pages"] <= 1
    assert files_of(store) <= before


def test_the_headers_alone_would_keep_it_from_being_stored(
    cache: PageCache, store: FileStore, addresses: tuple[DraftLink, list[str]], settings: object
) -> None:
    """Two safeguards: the address, and what the answer says of itself."""
    settings.PAGES_NEVER_STORED = "/never/"  # type: ignore[attr-defined]
    assert statuses(cache, addresses[1]) == ["200"] * 4
    assert store.index.numbers()["pages"] == 0


def test_a_link_that_was_revoked_or_ran_out_is_closed_at_once(
    cache: PageCache, addresses: tuple[DraftLink, list[str]]
) -> None:
    link, asked = addresses
    assert statuses(cache, asked) == ["200"] * 4
    with clock_at(link.expires_at.timestamp()):
        assert statuses(cache, asked) == ["404"] * 4
    assert statuses(cache, asked) == ["200"] * 4
    link.revoke(by=None)
    assert statuses(cache, asked) == ["404"] * 4
