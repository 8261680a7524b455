"""Archive, corrections, most discussed, series, related stories."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from articles.archive import Month, months
from articles.models import Article, Series, SeriesText
from articles.models.article_queries import RELATED_LOOK
from comments.models import Comment
from newsroom.models import Site
from tests import base
from tests.articles.readers import crowd, many, photo

pytestmark = pytest.mark.django_db


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def at(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


# Archive


def test_months_follow_each_other_over_the_new_year() -> None:
    found = list(months(Month(2024, 11), Month(2025, 2)))
    assert found == [Month(2024, 11), Month(2024, 12), Month(2025, 1), Month(2025, 2)]


def test_a_month_holds_what_was_published_in_it_on_the_sites_clocks(client: Client) -> None:
    Site(time_zone="Europe/Zurich").save()
    base.published(headline="Before midnight", at=at(2025, 6, 30, 21))
    base.published(headline="After midnight", at=at(2025, 6, 30, 22))
    base.published(headline="In September", at=at(2025, 9, 1))
    june, july = text(client, "/en/archive/2025/06/"), text(client, "/en/archive/2025/07/")
    assert ("Before midnight" in june, "After midnight" in june) == (True, False)
    assert ("Before midnight" in july, "After midnight" in july) == (False, True)
    assert "<h1>July 2025</h1>" in july
    assert 'href="/en/archive/2025/06/" rel="prev">June 2025' in july
    assert 'href="/en/archive/2025/09/" rel="next">September 2025' in july
    assert "Nothing was published in this month." in text(client, "/en/archive/2025/08/")


def test_the_archive_names_every_month_from_the_first_to_the_last(client: Client) -> None:
    assert "Nothing has been published here yet" in text(client, "/en/archive/")
    base.published(at=at(2024, 11, 2))
    base.published(at=at(2025, 1, 2))
    base.draft()
    page = text(client, "/en/archive/")
    assert [f"/en/archive/{m}/" in page for m in ("2024/10", "2024/11", "2024/12", "2025/01", "2025/02")] == [
        False,
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("month", ["0001/01", "9998/12"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue"])
def test_a_month_at_the_end_of_the_calendar_is_no_error(client: Client, month: str, zone: str) -> None:
    Site(time_zone=zone).save()
    base.published(at=at(2025, 1, 2))
    assert client.get(f"/en/archive/{month}/").status_code == 404


@pytest.mark.parametrize(
    "month", ["2024/13", "2024/00", "0000/01", "9999/12", "2030/01", "1999/01", "2025/1"]
)
def test_a_month_outside_of_the_archive_is_no_page(client: Client, month: str) -> None:
    base.published(at=at(2025, 1, 2))
    assert client.get(f"/en/archive/{month}/").status_code == 404


def test_what_readers_may_not_see_makes_no_month(client: Client) -> None:
    base.published(at=at(2025, 3, 2)).withdraw(by=None, reason="Wrong.")
    assert client.get("/en/archive/2025/03/").status_code == 404
    assert "2025" not in text(client, "/en/archive/").partition("<main")[2].partition("</main>")[0]


# Corrections


def test_corrections_stand_on_one_page_the_newest_first(client: Client) -> None:
    assert "No correction has been needed yet" in text(client, "/en/corrections/")
    article = base.published(headline="Ferries")
    first = article.add_note(by=None, kind="correction", text="It was <b>Tuesday</b>.", at=at(2025, 7, 1))
    article.add_note(by=None, kind="correction", text="It was the mayor.", at=at(2025, 7, 2))
    article.add_note(by=None, kind="update", text="They run again.")
    gone = base.published(headline="Gone")
    gone.add_note(by=None, kind="correction", text="Of what is gone.")
    gone.withdraw(by=None, reason="Wrong.")
    response = client.get("/en/corrections/")
    page = response.content.decode()
    assert "It was &lt;b&gt;Tuesday&lt;/b&gt;." in page
    assert page.index("the mayor") < page.index("Tuesday")
    assert f'href="{article.path}#note-{first.pk}"' in page
    assert "run again" not in page
    assert "what is gone" not in page
    assert base.page_keys(response) >= {"corrections-en", f"article-{article.pk}"}
    assert "the mayor" not in text(client, "/fr/corrections/")


def test_corrections_are_paged_and_cost_the_same(
    client: Client, django_assert_max_num_queries: object
) -> None:
    article = base.published()
    for number in range(30):
        article.add_note(by=None, kind="correction", text=f"Number {number}.")
    with django_assert_max_num_queries(8):
        page = text(client, "/en/corrections/")
    older = page.partition('class="older"><a href="')[2].partition('"')[0]
    more = text(client, f"/en/corrections/{older}")
    assert ("Number 29." in page, "Number 0." in page, "Number 0." in more) == (True, False, True)
    for odd in ("x", "-1", "9" * 30, "0", "%00"):
        assert client.get(f"/en/corrections/?before={odd}").status_code == 404


# Most discussed


def test_most_discussed_is_sorted_by_shown_comments_of_the_last_days(client: Client) -> None:
    assert "Nobody has commented" in text(client, "/en/discussed/")
    quiet, loud, silent = many(3)
    old = base.published(headline="Old", at=timezone.now() - timedelta(days=40))
    for article, number in ((quiet, 1), (loud, 2), (old, 3)):
        for n in range(number):
            Comment.post(article=article, name=f"Reader {n}", text="x").approve(by=None)
    waiting = Comment.post(article=silent, name="Somebody", text="x")
    response = client.get("/en/discussed/")
    page = response.content.decode()
    assert page.index(loud.headline) < page.index(quiet.headline)
    assert silent.headline not in page
    assert "Old" not in page
    with base.purged_keys() as purged:
        waiting.approve(by=None)
    assert purged & base.page_keys(response)
    assert base.page_until(response) <= timezone.now() + timedelta(days=1)


# Series


@pytest.mark.postgresql_later
def test_a_series_is_a_page_a_feed_and_a_line_above_its_articles(client: Client) -> None:
    series = Series.objects.create()
    for language, name in (("en", "The harbour files"), ("fr", "Le dossier du port")):
        SeriesText.objects.create(series=series, language=language, name=name)
    assert client.get("/en/series/the-harbour-files/").status_code == 404
    article = base.published(series=series)
    draft = base.draft(series=series, headline="Not out yet")
    response = client.get("/en/series/the-harbour-files/")
    assert article.headline in response.content.decode()
    assert draft.headline not in response.content.decode()
    assert 'href="/en/series/the-harbour-files/">The harbour files</a>' in text(client, article.path)
    assert article.headline in text(client, "/en/series/the-harbour-files/feed.xml")
    with base.purged_keys() as purged:
        article.unpublish(by=None)
    assert f"series-{series.pk}-en" in purged & base.page_keys(response)
    assert client.get("/en/series/the-harbour-files/feed.xml").status_code == 404


# Related


def related(article: Article) -> list[str]:
    found = Article.objects.for_presentation().get(pk=article.pk)
    return [other.headline for other in Article.objects.visible().related_to(found)]


def test_related_are_the_same_series_then_common_tags_then_the_section() -> None:
    series = Series.objects.create()
    ferry, port = base.tag("Ferry"), base.tag("Port")
    article = base.published(headline="Here", tags=[ferry, port], series=series)
    base.published(headline="Same section")
    base.published(headline="One tag", tags=[ferry])
    base.published(headline="Two tags", tags=[ferry, port])
    base.published(headline="Same series", series=series, section=base.section({"en": "Culture"}))
    base.published(headline="Elsewhere", section=base.section({"en": "Sport"}))
    assert related(article) == ["Same series", "Two tags", "One tag", "Same section"]


@pytest.mark.postgresql_later
def test_drafts_and_schedules_of_a_section_do_not_take_the_room_of_what_is_related() -> None:
    series = Series.objects.create()
    article = base.published(headline="Here", series=series)
    base.published(headline="Same section")
    base.published(headline="Same series", series=series, section=base.section({"en": "Culture"}))
    for number in range(RELATED_LOOK // 2 + 1):
        base.draft(headline="Draft", series=series)
        soon = base.draft(headline="Soon", series=series)
        soon.publish(by=None, at=timezone.now() + timedelta(hours=1 + number))
    assert related(article) == ["Same series", "Same section"]


def test_related_are_never_the_same_story_another_language_or_what_is_not_visible() -> None:
    ferry = base.tag("Ferry")
    article = base.published(headline="Here", tags=[ferry])
    french = article.add_version("fr", by=None)
    french.save_revision(by=None, headline="Ici", body="<p>Le premier bac.</p>")
    french.publish(by=None)
    base.published(headline="Allemand", language="de", tags=[ferry])
    base.draft(headline="Draft", tags=[ferry])
    base.draft(headline="Soon", tags=[ferry]).publish(by=None, at=timezone.now() + timedelta(hours=1))
    base.published(headline="Gone", tags=[ferry]).withdraw(by=None, reason="Wrong.")
    assert related(article) == []
    assert related(base.published(headline="Bare", section=base.section({"en": "Sport"}))) == []


def test_the_page_of_an_article_knows_when_what_is_related_changes(client: Client) -> None:
    ferry = base.tag("Ferry")
    article = base.published(headline="Here", tags=[ferry])
    soon = base.draft(headline="Soon", tags=[ferry])
    soon.publish(by=None, at=timezone.now() + timedelta(hours=1))
    response = client.get(article.path)
    assert base.page_until(response) <= soon.published_at
    with base.purged_keys() as purged:
        base.published(headline="Another", tags=[ferry])
    assert purged & base.page_keys(response)
    assert "Another" in text(client, article.path)


@pytest.mark.parametrize(
    "address", ["/en/archive/", "/en/archive/{month}/", "/en/discussed/", "/en/corrections/"]
)
def test_these_pages_cost_eight_queries_at_most(
    client: Client, django_assert_max_num_queries: object, address: str
) -> None:
    article = base.published(photo=photo(), tags=[base.tag("Ferry")], at=timezone.now())
    article.add_note(by=None, kind="correction", text="x")
    Comment.post(article=article, name="Reader", text="x").approve(by=None)
    address = address.format(month=f"{timezone.now():%Y/%m}")
    for size in (3, 40):
        crowd(article, size)
        with django_assert_max_num_queries(8):
            text(client, address)
