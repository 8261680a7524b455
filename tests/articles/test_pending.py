"""Another text for a live article, at a time: readers get it at its second, whoever carries it out, and once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from articles import due, jobs
from articles.models import Article, Revision
from articles.schedule import schedule
from newsroom.models import Lease, LogEntry, Site, Upcoming
from newsroom.verbs import Refused
from newsroom.work import take_lease
from tests import base
from tests.articles import readers
from tests.articles.test_publish_at_once import at_once

pytestmark = pytest.mark.django_db


def soon(seconds: float = 3600) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)


def waiting(at: datetime | None = None, **content: Any) -> Article:
    """Return a live article with changes that go out at a time."""
    article = base.published(headline="Harbour open", at=timezone.now() - timedelta(days=1))
    article.save_revision(by=None, **{"headline": "Harbour closed", **content})
    article.publish(by=None, at=at or soon())
    return article


def fresh(article: Article) -> Article:
    return Article.objects.get(pk=article.pk)


def told(article: Article) -> dict[str, Any]:
    """Return what readers and editors find in an article's rows."""
    row = fresh(article)
    dates = {
        name: getattr(row, name)
        for name in ("published_at", "first_published_at", "updated_at", "pending_at", "headline", "path")
    }
    revisions = list(row.revisions.order_by("number").values_list("number", "published_at"))
    return {**dates, "live": row.live_revision.number, "revisions": revisions}


def test_readers_keep_the_live_text_until_its_time_and_get_the_other_one_at_its_second(
    client: Client,
) -> None:
    at = soon()
    article = waiting(at)
    with base.at(at - timedelta(microseconds=1)):
        assert b"Harbour open" in client.get(article.path).content
    with base.at(at):
        answer = client.get(article.path)
    assert b"Harbour closed" in answer.content
    assert b"Harbour open" not in answer.content
    row = fresh(article)
    assert (row.updated_at, row.pending_at, row.pending_revision) == (at, None, None)
    assert row.published_at == article.published_at


@pytest.mark.parametrize("path", ["/en/", "/en/feed.xml", "/en/search/?q=harbour", "/admin/", "/nowhere/"])
def test_the_first_who_asks_for_any_page_brings_it_out(client: Client, path: str) -> None:
    at = soon()
    article = waiting(at)
    with base.at(at):
        assert client.get(path).status_code < 500
    assert fresh(article).headline == "Harbour closed"


def test_it_is_the_same_whoever_carries_it_out_and_however_late(client: Client) -> None:
    at = soon()

    def by_request() -> object:
        return client.get("/en/")

    found = []
    for carry_out, late in (
        (by_request, 0),
        (jobs.publish_due, 0),
        (by_request, 9000),
        (jobs.publish_due, 9000),
    ):
        article = waiting(at)
        published_at = article.published_at
        with base.at(at + timedelta(seconds=late)):
            carry_out()
        rows = told(article)
        assert rows.pop("published_at") == rows.pop("first_published_at") == published_at
        (first, _at), second = rows.pop("revisions")
        found.append((rows.pop("path").rpartition("harbour")[0], first, second, rows))
    assert found == [found[0]] * 4
    assert found[0][2] == (2, at)


def test_a_new_slug_comes_with_the_text(client: Client) -> None:
    at = soon()
    article = waiting(at, slug="closed")
    old = article.path
    assert client.get(old).status_code == 200
    with base.at(at):
        assert client.get(old).status_code == 301
        assert fresh(article).path.endswith("/closed/")


def test_a_schedule_can_be_changed_and_cancelled(client: Client) -> None:
    article, later = waiting(soon(60)), soon(7200)
    article.publish(by=None, at=later)
    with base.at(soon(120)):
        assert jobs.publish_due() == 0
    assert fresh(article).pending_at == later
    article.cancel_pending(by=None)
    article.cancel_pending(by=None)
    assert LogEntry.objects.filter(verb="article.cancel").count() == 1
    with base.at(soon(9000)):
        assert jobs.publish_due() == 0
        assert b"Harbour open" in client.get(article.path).content
    assert Upcoming.objects.get().changes == []


@pytest.mark.parametrize(
    "act",
    [
        lambda article: article.unpublish(by=None),
        lambda article: article.withdraw(by=None, reason="Wrong."),
        lambda article: article.story.withdraw(by=None, reason="Wrong."),
        lambda article: article.publish(by=None),
    ],
    ids=["unpublish", "withdraw", "withdraw the story", "publish now"],
)
def test_what_ends_the_live_text_ends_its_schedule(act: Callable[[Article], object]) -> None:
    article = waiting()
    act(fresh(article))
    row = fresh(article)
    assert (row.pending_at, row.pending_revision) == (None, None)
    assert Upcoming.objects.get().changes == []
    with base.at(soon(9000)):
        assert jobs.publish_due() == 0


@pytest.mark.parametrize(
    "act",
    [
        lambda article: article.publish(by=None, at=soon(7200)),
        lambda article: article.cancel_pending(by=None),
        lambda article: article.withdraw(by=None, reason="Wrong."),
        lambda article: article.story.withdraw(by=None, reason="Wrong."),
        lambda article: article.unpublish(by=None),
    ],
    ids=["schedule another", "cancel", "withdraw", "withdraw the story", "unpublish"],
)
def test_what_is_due_is_out_before_another_act_takes_its_place(act: Callable[[Article], object]) -> None:
    at = soon(60)
    article = waiting(at)
    article.save_revision(by=None, headline="Harbour open again")
    with base.at(at):
        act(fresh(article))
    row = fresh(article)
    assert (row.live_revision.number, row.headline, row.updated_at) == (2, "Harbour closed", at)
    assert LogEntry.objects.filter(verb="article.cancel").count() == 0


def test_what_is_due_and_cannot_go_out_hinders_no_other_act() -> None:
    at = soon(60)
    article = waiting(at)
    Revision.objects.filter(pk=article.pending_revision_id).update(headline="")
    article.save_revision(by=None, headline="Harbour open again")
    with base.at(at):
        fresh(article).publish(by=None)
    assert fresh(article).headline == "Harbour open again"


def test_a_newer_draft_stays_a_draft_when_an_older_one_goes_out() -> None:
    at = soon()
    article = waiting(at)
    article.save_revision(by=None, headline="Harbour, not yet for readers")
    with base.at(at):
        jobs.publish_due()
    row = fresh(article)
    assert row.headline == "Harbour closed"
    assert row.has_newer_draft()


def test_what_readers_see_already_is_not_scheduled() -> None:
    article = base.published()
    with pytest.raises(Refused, match="already"):
        article.publish(by=None, at=soon())


def test_whoever_may_not_publish_schedules_and_cancels_nothing() -> None:
    article = waiting()
    writer = base.person("wanda", "Journalist")
    for verb in (
        lambda: article.publish(by=writer, at=soon(60)),
        lambda: article.cancel_pending(by=writer),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    assert fresh(article).pending_at == article.pending_at


@pytest.mark.django_db(transaction=True)
def test_two_who_carry_it_out_at_once_publish_once() -> None:
    article = waiting(timezone.now() + timedelta(seconds=0.3))
    with base.at(soon(1)):
        results = at_once(*[lambda: fresh(article).publish_due()] * 4)
    assert sorted(map(str, results)) == ["False", "False", "False", "True"]
    assert LogEntry.objects.filter(verb="article.publish").count() == 3  # published, scheduled, carried out
    assert Revision.objects.filter(article=article, published_at__isnull=False).count() == 2


@pytest.mark.django_db(transaction=True)
def test_schedules_made_at_once_are_all_announced() -> None:
    articles = [base.published(headline=f"Harbour {number}") for number in range(4)]
    for article in articles:
        article.save_revision(by=None, headline="Anew")
    at = soon()
    assert at_once(*[publish_at(article, at) for article in articles]) == [None] * 4
    announced = {key for _at, keys in Site.current().changes for key in keys if key.startswith("article-")}
    assert announced == {f"article-{article.pk}" for article in articles}


def publish_at(article: Article, at: datetime) -> Callable[[], None]:
    return lambda: fresh(article).publish(by=None, at=at)


# Stored pages


def test_every_page_that_will_change_ends_at_that_time_and_no_other_does(client: Client) -> None:
    section, elsewhere = base.section({"en": "Port"}), base.section({"en": "World"})
    new_tag, old_tag = base.tag("Storms"), base.tag("Ships")
    article = base.published(headline="Harbour open", section=section, tags=[old_tag])
    other = base.published(headline="Far away", section=elsewhere, tags=[base.tag("Deserts")])
    base.published(headline="Gale", tags=[new_tag])
    article.save_revision(by=None, headline="Harbour closed", tags=[new_tag])
    at = soon(60)
    article.publish(by=None, at=at)
    pages = [article.path, f"{article.path}changes/", "/en/", "/en/feed.xml", "/sitemap.xml"]
    pages += [row.text_in("en").get_absolute_url() for row in (section, new_tag, old_tag)]
    for page in pages:
        assert base.page_until(client.get(page)) == at, page
    for page in (other.path, elsewhere.text_in("en").get_absolute_url(), "/de/"):
        until = base.page_until(client.get(page))
        assert until is None or until > at, page


def test_a_photo_that_goes_with_the_old_text_ends_at_that_time(client: Client) -> None:
    photo = readers.photo()
    article = base.published(photo=photo)
    article.save_revision(by=None, photo=None)
    at = soon(60)
    article.publish(by=None, at=at)
    file = photo.renditions.first().file.url
    answer = client.get(file)
    assert answer.status_code == 200
    assert base.page_until(answer) == at
    b"".join(answer.streaming_content)
    with base.at(at):
        assert client.get(file).status_code == 404


def test_an_article_that_joins_another_story_meanwhile_is_announced_there() -> None:
    article, other = waiting(), base.published(language="de", headline="Hafen zu")
    article.join(other.story, by=None)
    ((_at, keys),) = Site.current().changes
    assert f"story-{other.story_id}" in keys


def test_a_page_that_may_show_the_old_text_after_its_time_is_not_stored(client: Client) -> None:
    at = soon()
    article = waiting(at)
    with base.at(at), mock.patch.object(Article, "publish_due", side_effect=OperationalError("locked")):
        assert base.page_until(client.get(article.path)) <= at
    with base.at(at), mock.patch.object(Article, "publish_due", side_effect=Refused("No.")):
        assert base.page_until(client.get(article.path)) <= at


def test_a_page_costs_no_query_more_for_what_waits(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    article = waiting()
    for number in range(5):
        waiting(soon(number + 60))
    with django_assert_max_num_queries(12):
        client.get(article.path)
    with django_assert_max_num_queries(8):
        client.get("/en/")


# What people are told


def test_the_schedule_tells_what_comes_and_what_is_late_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    first = base.draft(headline="Comes out first")
    first.publish(by=None, at=soon(60))
    article = waiting(soon(120))
    base.draft(headline="Only a draft")
    assert [(row.article.pk, row.is_update, row.why) for row in schedule()] == [
        (first.pk, False, ""),
        (article.pk, True, ""),
    ]
    with base.at(soon(121)):
        assert "background process" in schedule()[0].why
        take_lease("somebody")
        Lease.objects.update(until=soon(9000))
        assert "in this moment" in schedule()[0].why
        with mock.patch.object(Article, "check_publishable", side_effect=Refused("No section.")):
            assert schedule()[0].why == "No section."
            call_command("schedule")
    told = capsys.readouterr().out
    assert f"changes {article.pk} (en), revision 2: Harbour closed  LATE: No section." in told
    assert due.carry_out() == 0


def test_the_command_says_so_when_nothing_is_scheduled(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("schedule")
    assert capsys.readouterr().out == "Nothing is scheduled.\n"
