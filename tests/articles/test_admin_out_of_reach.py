"""Whose article goes out of his reach while he writes loses nothing that he wrote."""

from collections.abc import Callable

import pytest
from django.test import Client

from articles.models import Grant, User
from tests import base

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]

WRITTEN = "<p>Three boats lay in the harbour that night, and nobody had counted them.</p>"


@pytest.fixture
def writer() -> User:
    return base.person("wanda", "Journalist")


@pytest.mark.parametrize("live", [False, True])
def test_what_was_written_stays_on_the_page(login: Callable[..., Client], writer: User, live: bool) -> None:
    desk = login(writer)
    article = base.draft(by=writer)
    if live:
        article.publish(by=None)
    address = f"/admin/articles/article/{article.pk}/change/"
    Grant.objects.filter(user=writer).update(languages=["fr"])
    answer = desk.post(address, {"base": "1", "headline": "Boats", "body": WRITTEN})
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "nobody had counted them" in page
    assert "You may not change this article any more" in page
    assert article.newest_revision().number == 1
    # Given back, the same form is saved.
    Grant.objects.filter(user=writer).update(languages=[])
    assert desk.post(address, {"base": "1", "headline": "Boats", "body": WRITTEN}).status_code != 403


def test_a_stranger_learns_nothing(login: Callable[..., Client], writer: User) -> None:
    desk = login(writer)
    article = base.draft(by=base.person("otto", "Journalist"))
    for pk in (article.pk, 10**9, 10**30):
        answer = desk.post(
            f"/admin/articles/article/{pk}/change/", {"base": "1", "headline": "x", "body": WRITTEN}
        )
        assert answer.status_code == 404
