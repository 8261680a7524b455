"""The front page."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from articles.front import GROUP, LATEST, SECONDS, TOP, arrange
from articles.models import Article, SectionText
from newsroom import pages
from newsroom.models import Site, SiteText
from tests import base
from tests.articles import readers

pytestmark = pytest.mark.django_db


def newspaper() -> list[Article]:
    """Publish as many articles as a front page holds and a few more, in three sections."""
    articles = []
    for part in "ABC":
        first = base.published(
            headline=f"First of {part}",
            section=base.section({"en": f"Part {part}"}),
            at=timezone.now() - timedelta(minutes=1),
        )
        articles += [first, *readers.crowd(first, TOP + GROUP)]
    return articles


def test_front_page_shows_each_story_once(client):
    newspaper()

    paths = re.findall(r'<h3[^>]*><a href="([^"]+)"', client.get("/en/").text)

    assert len(paths) == TOP + 3 * GROUP
    assert len(set(paths)) == len(paths)


def test_newest_story_leads(client):
    readers.many(3)

    page = client.get("/en/").text

    assert page.index("Story number 0") < page.index("Story number 1") < page.index("Story number 2")


def test_story_with_a_photo_leads_before_a_newer_one_without():
    articles = [Article(pk=n, photo_id=9 if n == 3 else None) for n in (5, 4, 3, 2)]

    front = arrange(articles, [])

    assert front.lead.pk == 3
    assert [article.pk for article in front.seconds] == [5, 4]
    assert [article.pk for article in front.latest] == [2]


def test_groups_hold_what_the_top_does_not():
    texts = [SectionText(section_id=1), SectionText(section_id=2), SectionText(section_id=3)]
    articles = [Article(pk=99 - n, section_id=1 + n % 2) for n in range(TOP + 3 * GROUP)]

    front = arrange(articles, texts)

    assert len(front.seconds) == SECONDS
    assert len(front.latest) == LATEST
    assert [(group.section.section_id, len(group.articles)) for group in front.groups] == [
        (1, GROUP),
        (2, GROUP),
    ]


def test_quiet_section_stands_on_the_front_page_too(client):
    culture = base.section({"en": "Culture"})
    old = base.published(headline="An old play", section=culture, at=timezone.now() - timedelta(days=400))
    readers.crowd(base.published(section=base.section({"en": "Politics"})), TOP)

    assert old.headline in client.get("/en/").text


def test_front_page_speaks_one_language(client):
    base.published(language="en", headline="In English")
    base.published(language="fr", headline="En français", section=base.section({"fr": "Monde"}))

    page = client.get("/fr/").text

    assert "En français" in page
    assert "In English" not in page


def test_older_stories_begin_where_the_top_ends(client):
    first = base.published()
    articles = [first, *readers.crowd(first, TOP)]

    assert f'href="?before={articles[TOP - 1].pk}"' in client.get("/en/").text


def test_empty_front_page_says_what_will_be_here(client):
    response = client.get("/en/")

    assert response.status_code == 200
    assert "The first story will stand here" in response.text


def test_front_page_carries_the_keys_of_what_it_shows(client):
    article, empty = base.published(photo=readers.photo()), base.section({"en": "Culture"})

    keys = base.page_keys(client.get("/en/"))

    assert keys == {
        "site",
        "front-en",
        f"article-{article.pk}",
        f"photo-{article.photo_id}",
        f"section-{article.section_id}",
        f"section-{empty.pk}",
    }


def test_front_page_changes_by_itself_at_midnight(client):
    Site(time_zone="Pacific/Auckland").save()

    until = pages.shown(client.get("/en/").wsgi_request).until

    assert until.astimezone(Site.current().zone).strftime("%H:%M:%S") == "00:00:00"
    assert timedelta(0) < until - timezone.now() <= timedelta(hours=25)


def test_front_page_changes_by_itself_when_a_schedule_falls_due(client):
    base.published()
    due = timezone.now() + timedelta(seconds=20)
    base.published(headline="Not yet", at=due)

    response = client.get("/en/")

    assert pages.shown(response.wsgi_request).until == due
    assert "Not yet" not in response.text


def test_publishing_purges_the_front_page(client):
    base.published()
    keys = base.page_keys(client.get("/en/"))

    with base.purged_keys() as purged:
        base.published(headline="Another")

    assert keys & purged


def test_name_tagline_and_menus_are_those_of_the_language(client):
    site = Site(name="The Post", languages=["en", "de"])
    site.save()
    SiteText.objects.create(
        site=site, language="de", name="Die Post", tagline="Alles von hier", main_menu="Sport | /de/sport/"
    )

    german, english = client.get("/de/").text, client.get("/en/").text

    assert "Die Post" in german
    assert "Alles von hier" in german
    assert '<a href="/de/sport/">Sport</a>' in german
    assert "The Post" in english
    assert "/de/sport/" not in english


def test_front_page_costs_eight_queries_at_most_however_many_there_are(client, django_assert_max_num_queries):
    Site().save()
    article = base.published(photo=readers.photo())

    for size in (10, 200):
        readers.crowd(article, size)
        base.published(headline=f"Part {size}", section=base.section({"en": f"Part {size}"}))
        with django_assert_max_num_queries(8):
            client.get("/en/")
