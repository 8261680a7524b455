"""Lists: section, tag, author, and what is older."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Section, SectionText
from articles.views import PER_PAGE
from newsroom import pages
from newsroom.models import Site
from tests import base
from tests.articles import readers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site() -> Site:
    row = Site(languages=["en", "de", "fr"])
    row.save()
    return row


@pytest.mark.parametrize("address", ["/en/politics/", "/en/tag/rail/", "/en/author/nora-feld/"])
def test_list_shows_its_articles(client, address):
    wanted = base.published(
        headline="A line reopens", tags=[base.tag("Rail")], bylines=[(base.author(), "author")]
    )
    base.published(headline="Something else", section=base.section({"en": "Culture"}))

    page = client.get(address).text

    assert wanted.headline in page
    assert f'href="{wanted.path}"' in page
    assert "Something else" not in page


@pytest.mark.parametrize("address", ["/en/tag/rail/", "/en/author/nora-feld/"])
def test_tag_or_author_of_drafts_alone_is_no_page(client, address):
    base.draft(tags=[base.tag("Rail")], bylines=[(base.author(), "author")])

    assert client.get(address).status_code == 404
    assert client.get(f"{address}feed.xml").status_code == 404


def test_section_without_articles_says_what_will_be_here(client):
    base.section()

    response = client.get("/en/politics/")

    assert response.status_code == 200
    assert "New stories will stand here" in response.text


@pytest.mark.parametrize(
    "address", ["/en/nothing/", "/en/tag/nothing/", "/en/author/nobody/", "/en/page/nothing/", "/it/"]
)
def test_what_is_not_there_is_not_found(client, address):
    assert client.get(address).status_code == 404


def test_list_goes_on_from_page_to_page_without_gap(client):
    first = base.published(headline="Story number 0", at=timezone.now() - timedelta(minutes=1))
    articles = [first, *readers.crowd(first, 2 * PER_PAGE + 2)]
    address, seen = "?", []

    while address:
        text = client.get(f"/en/politics/{address}").text
        seen += [int(n) for n in re.findall(r">Story number ([0-9]+)<", text)]
        older = re.search(r'href="(\?before=[0-9]+)"', text)
        address = older[1] if older else ""

    assert seen == list(range(len(articles)))


def test_articles_of_the_same_second_are_listed_once_each(client):
    first = base.published(headline="Story number 0", at=timezone.now() - timedelta(hours=1))
    readers.crowd(first, PER_PAGE, apart=timedelta(0))
    page = client.get("/en/politics/").text
    following = client.get("/en/politics/" + re.search(r"\?before=[0-9]+", page)[0]).text

    shown = [n for text in (page, following) for n in re.findall(r">Story number ([0-9]+)<", text)]

    assert sorted(map(int, shown)) == list(range(PER_PAGE + 1))


@pytest.mark.parametrize(
    "before",
    ["abc", "", "0", "-1", "99999999999999999999", "9" * 400, "1e3", "٣", "²", "1 ", "%00", "1&before=x"],
)
@pytest.mark.parametrize("address", ["/en/", "/en/politics/"])
def test_bad_cursor_is_not_found(client, address, before):
    readers.many(2)

    assert client.get(f"{address}?before={before}").status_code == 404


def test_cursor_of_what_readers_cannot_see_is_not_found(client):
    readers.many(2)
    hidden = base.published(headline="Later", at=timezone.now() + timedelta(hours=1))
    elsewhere = base.published(headline="Ailleurs", language="fr")

    for article in (hidden, elsewhere):
        assert client.get(f"/en/politics/?before={article.pk}").status_code == 404


def test_unknown_parameters_change_nothing(client):
    readers.many(2)

    assert client.get("/en/politics/?utm_source=x&page=9").content == client.get("/en/politics/").content


def test_list_carries_its_keys(client):
    tag, author = base.tag("Rail"), base.author()
    article = base.published(tags=[tag], bylines=[(author, "author")])

    for address, thing in (
        ("/en/politics/", article.section),
        ("/en/tag/rail/", tag),
        ("/en/author/nora-feld/", author),
    ):
        keys = base.page_keys(client.get(address))
        assert {"site", *thing.page_keys(), thing.list_key("en"), f"article-{article.pk}"} <= keys
        assert f"section-{article.section_id}" in keys, "its name stands at each article"


def test_older_articles_of_the_front_page_carry_their_keys(client):
    newest, oldest = readers.many(2)

    keys = base.page_keys(client.get(f"/en/?before={newest.pk}"))

    assert {"site", "front-en", f"article-{oldest.pk}", f"section-{oldest.section_id}"} <= keys
    assert f"article-{newest.pk}" not in keys


def test_list_changes_by_itself_when_a_schedule_falls_due(client):
    readers.many(2)
    due = timezone.now() + timedelta(hours=2)
    base.published(headline="Not yet", at=due)

    response = client.get("/en/politics/")

    assert pages.shown(response.wsgi_request).until == due
    assert "Not yet" not in response.text


def test_languages_of_a_section_lead_to_the_same_section(client):
    base.section({"en": "Politics", "de": "Politik"})

    page = client.get("/en/politics/").text

    assert '<link rel="alternate" hreflang="de" href="http://testserver/de/politik/">' in page
    assert '<link rel="alternate" hreflang="en" href="http://testserver/en/politics/">' in page
    assert 'hreflang="fr" href="http' not in page
    assert '<a href="/de/politik/" lang="de" hreflang="de">Deutsch</a>' in page
    assert '<a href="/fr/" lang="fr" hreflang="fr">Français</a>' in page


def test_tag_has_no_alternate_where_it_has_no_articles(client):
    tag = base.tag("Rail")
    tag.texts.create(language="de", name="Bahn")
    base.published(tags=[tag])

    assert "/de/tag/bahn/" not in client.get("/en/tag/rail/").text

    base.published(language="de", tags=[tag])

    assert "/de/tag/bahn/" in client.get("/en/tag/rail/").text


def test_canonical_of_a_later_page_is_its_own(client):
    article = base.published()
    cursor = readers.crowd(article, PER_PAGE)[-2].pk

    page = client.get(f"/en/politics/?before={cursor}&utm_source=x").text

    assert f'<link rel="canonical" href="http://testserver/en/politics/?before={cursor}">' in page


def test_section_in_another_script_has_a_page(client):
    Site.objects.update(languages=["en", "ar"])
    row = Section.objects.create()
    text = SectionText.objects.create(section=row, language="ar", name="ثقافة")
    base.published(language="ar", headline="مكتبة", section=row)

    page = client.get(text.get_absolute_url()).text

    assert '<html lang="ar" dir="rtl">' in page
    assert "مكتبة" in page


@pytest.mark.parametrize("address", ["/en/politics/", "/en/tag/rail/", "/en/author/nora-feld/", "/en/"])
def test_list_costs_eight_queries_at_most_however_long_it_is(client, django_assert_max_num_queries, address):
    tag, author = base.tag("Rail"), base.author()
    article = base.published(tags=[tag], bylines=[(author, "author")], photo=readers.photo())

    for size in (10, 200):
        readers.crowd(article, size)
        with django_assert_max_num_queries(8):
            assert client.get(f"{address}?before={article.pk}").status_code == 200
        with django_assert_max_num_queries(8):
            assert client.get(address).status_code == 200


def asked(client: Client, address: str) -> list[str]:
    """Return what an address asks of the database."""
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return [query["sql"] for query in queries]


@pytest.mark.parametrize(
    "address",
    [
        *("/en/", "/en/politics/", "/en/tag/rail/", "/en/author/nora-feld/", "/en/nothing/here/"),
        "/en/feed.xml",
        *(
            pytest.param(f"/en/{path}/feed.xml", marks=pytest.mark.later)
            for path in ("politics", "tag/rail", "author/nora-feld")
        ),
    ],
)
def test_list_costs_the_same_however_many_photos_and_authors_and_reads_no_body(client, address):
    def publish(first: int, count: int) -> None:
        for number in range(first, first + count):
            bylines = [(nora, "author"), (base.author(f"Author {number}"), "author")]
            base.published(tags=[base.tag("Rail")], bylines=bylines, photo=readers.photo())

    nora = base.author()
    publish(0, 3)
    client.get(address)
    few = asked(client, address)
    publish(3, 9)
    many = asked(client, address)

    assert len(many) == len(few)
    assert not [sql for sql in many if '"articles_article"."body"' in sql]
