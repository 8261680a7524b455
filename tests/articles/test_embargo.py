"""An embargo: nothing publishes an article before it ends, on whatever way and by whomever."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from articles import jobs
from articles.models import Article, User
from articles.schedule import schedule
from newsroom.verbs import Refused
from tests import base
from tests.articles.admin import page, send, text_of
from tests.articles.test_pending import fresh, soon, waiting

pytestmark = pytest.mark.django_db

LIST = "/admin/articles/article/"


def end() -> datetime:
    """Return when the embargo ends: in two hours."""
    return soon(2 * 3600).replace(second=0, microsecond=0)


def embargoed(**content: object) -> Article:
    article = base.draft(**content)
    article.set_desk(by=None, embargo_until=end())
    return article


def nothing_is_out(article: Article) -> bool:
    row = fresh(article)
    state = (row.published_at, row.pending_at, row.path, row.live_revision_id)
    return state == (None, None, "", None) and not Article.objects.visible().exists()


@pytest.mark.parametrize("role", ["Editor", "Chief", "superuser", "nobody"])
def test_no_role_publishes_or_schedules_before_it_ends(role: str) -> None:
    people = {
        "superuser": lambda: User.objects.create_superuser("root", password="correct horse battery"),
        "nobody": lambda: None,
    }
    by = people.get(role, lambda: base.person("me", role))()
    article = embargoed()
    for moment in (None, soon(-3600), soon(), end() - timedelta(seconds=1)):
        with pytest.raises(Refused, match="embargo"):
            article.publish(by=by, at=moment)
        assert nothing_is_out(article)
    article.publish(by=by, at=end())
    with base.at(end() - timedelta(seconds=1)):
        assert not Article.objects.visible().exists()
    with base.at(end() + timedelta(minutes=1)):
        assert Article.objects.visible().get() == article


def test_the_page_of_publishing_refuses_and_keeps_the_time_that_was_given(
    editor: User, login: Callable
) -> None:
    article, client = embargoed(by=editor), login(editor)
    early = f"{end() - timedelta(minutes=1):%Y-%m-%dT%H:%M}"
    for changes in ({}, {"at": early}):
        response = send(client, page(article, "publish"), **changes)
        assert "nothing publishes this article before it ends" in text_of(response)
        assert changes.get("at", "") in text_of(response)
        assert nothing_is_out(article)


def test_several_at_once_leave_it_out_and_say_why(editor: User, login: Callable) -> None:
    article = embargoed(by=editor, headline="Not before Thursday")
    chosen = {"action": "publish_selected", "_selected_action": [article.pk], "confirmed": "yes"}
    response = login(editor).post(LIST, chosen, follow=True)
    assert "Not before Thursday: There is an embargo" in text_of(response)
    assert "1 article: done." not in text_of(response)
    assert nothing_is_out(article)


def test_a_schedule_and_an_embargo_are_never_the_wrong_way_round() -> None:
    article = base.draft()
    article.publish(by=None, at=soon())
    with pytest.raises(Refused, match="scheduled before"):
        article.set_desk(by=None, embargo_until=end())
    assert fresh(article).embargo_until is None


def test_no_change_of_the_text_is_scheduled_before_it_ends() -> None:
    article = base.published(at=soon(-3600))
    article.save_revision(by=None, headline="Not before Thursday")
    Article.objects.update(embargo_until=end())
    for moment in (soon(), end() - timedelta(seconds=1)):
        with pytest.raises(Refused, match="embargo"):
            fresh(article).publish(by=None, at=moment)
        assert fresh(article).pending_at is None
    fresh(article).publish(by=None, at=end() + timedelta(minutes=1))
    assert fresh(article).pending_at == end() + timedelta(minutes=1)


@pytest.mark.parametrize("way", ["the background process", "a reader"])
def test_what_is_due_waits_for_its_end(way: str, caplog: pytest.LogCaptureFixture) -> None:
    article = waiting(at=soon())
    due, until = fresh(article).pending_at, end()
    assert due
    Article.objects.update(embargo_until=until)

    def carried_out() -> None:
        if way == "a reader":
            Client().get("/en/")
        else:
            jobs.publish_due()

    with caplog.at_level(logging.WARNING), base.at(due + timedelta(seconds=1)):
        carried_out()
        assert fresh(article).headline == "Harbour open"
        assert not Article.objects.visible().exists()
        (row,) = schedule(Article.objects.all())
        assert "embargo" in row.why
    assert "There is an embargo" in caplog.text
    with pytest.raises(Refused, match="embargo"), base.at(due + timedelta(seconds=1)):
        fresh(article).publish_due()


def test_a_link_to_the_draft_shows_it_and_publishes_nothing() -> None:
    article = embargoed(headline="Not before Thursday")
    link = article.share_draft(by=None, expires_at=timezone.now() + timedelta(days=7)).get_absolute_url()
    assert "Not before Thursday" in text_of(Client().get(link))
    assert nothing_is_out(article)
    article.publish(by=None, at=end())
    # Scheduled at the end of the embargo: until then the link is the only way.
    assert Client().get(link).status_code == 200
    assert Client().get(fresh(article).path).status_code == 404
    with base.at(end() + timedelta(seconds=1)):
        assert Client().get(link).headers["Location"] == fresh(article).path
        assert Client().get(fresh(article).path).status_code == 200
