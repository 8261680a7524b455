"""Sitemaps: what search engines are told, what they are not, and at what cost."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import sitemaps
from articles.models import Article, Page, PageText, Section, SectionText, Story
from articles.models.article_queries import SITEMAP_PART
from newsroom import pages
from newsroom.models import Site
from tests import base
from tests.articles import readers

pytestmark = pytest.mark.django_db

NAMES = {"s": sitemaps.SITEMAP, "x": sitemaps.XHTML, "n": sitemaps.NEWS}
HERE = "http://testserver"


@pytest.fixture(autouse=True)
def site() -> Site:
    row = Site(name="The Post & Co", languages=["en", "de", "fr"])
    row.save()
    return row


def part_of(article: Article, later: int = 0) -> str:
    """Return the address of the part of the sitemap that an article belongs to, or of so many parts later."""
    return f"/sitemap-{(article.pk - 1) // SITEMAP_PART + 1 + later}.xml"


def last_id_of_part(article: Article) -> int:
    """Return the last id of the part that an article belongs to."""
    return ((article.pk - 1) // SITEMAP_PART + 1) * SITEMAP_PART


def read(client: Client, address: str) -> Element:
    """Return the root of a sitemap."""
    response = client.get(address)
    assert response.status_code == 200, address
    assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
    return ElementTree.fromstring(response.content)


def locations(root: Element) -> list[str]:
    """Return the paths in a sitemap."""
    found = [element.text or "" for element in root.findall("*/s:loc", NAMES)]
    assert all(address.startswith(f"{HERE}/") for address in found)
    return [address.removeprefix(HERE) for address in found]


def last_changes(root: Element) -> dict[str, str | None]:
    """Return the paths in a sitemap with their `lastmod`."""
    return dict(zip(locations(root), (row.findtext("s:lastmod", None, NAMES) for row in root), strict=True))


def alternates(root: Element, path: str) -> dict[str | None, str]:
    """Return the versions that a sitemap gives for a page."""
    (row,) = (row for row in root if row.findtext("s:loc", None, NAMES) == f"{HERE}{path}")
    links = row.findall("x:link", NAMES)
    assert {link.get("rel") for link in links} <= {"alternate"}
    return {link.get("hreflang"): (link.get("href") or "").removeprefix(HERE) for link in links}


def seconds(moment: datetime | None) -> str:
    """Return a time as sitemaps have it."""
    assert moment
    return moment.isoformat(timespec="seconds")


def far_away(like: Article, pk: int, **fields: Any) -> Article:
    """Store an article like one under a certain id."""
    row = Article.objects.get(pk=like.pk)
    row.pk, row.uid, row.story, row.path = pk, uuid4(), Story.objects.create(), f"/en/2025/01/01/n-{pk}/"
    for name, value in fields.items():
        setattr(row, name, value)
    row._state.adding = True
    row.save(force_insert=True)
    return row


# Articles


def test_article_stands_in_its_part_with_its_last_change(client: Client) -> None:
    article = base.published(at=timezone.now() - timedelta(1))
    published = seconds(article.published_at)
    before = last_changes(read(client, part_of(article)))
    article.save_revision(by=None, body="<p>Another text</p>")
    article.publish(by=None)

    after = last_changes(read(client, part_of(article)))

    assert before == {article.path: published}
    assert after == {article.path: seconds(article.updated_at)}


def test_articles_that_search_engines_are_not_to_find_here_are_left_out(client: Client) -> None:
    article = base.published()
    base.published(headline="Not for search engines", noindex=True)
    base.published(headline="Taken over", canonical_url="https://bote.example/a")
    base.published(headline="Italian", language="it")

    assert locations(read(client, part_of(article))) == [article.path]


def test_versions_of_a_story_name_each_other_and_the_first_language_for_all_others(client: Client) -> None:
    english = base.published()
    french = base.published(language="fr", story=english.story)
    base.draft(language="de", story=english.story)
    expected = {"en": english.path, "fr": french.path, "x-default": english.path}

    root = read(client, part_of(english))

    assert alternates(root, english.path) == alternates(root, french.path) == expected


def test_story_without_the_first_language_has_no_default(client: Client) -> None:
    german = base.published(language="de")
    french = base.published(language="fr", story=german.story)

    found = alternates(read(client, part_of(german)), french.path)

    assert found == {"de": german.path, "fr": french.path}


def test_version_that_search_engines_are_not_to_find_is_no_alternate(client: Client) -> None:
    english = base.published()
    base.published(language="fr", story=english.story, noindex=True)

    assert alternates(read(client, part_of(english)), english.path) == {}


def test_alternates_reach_into_other_parts(client: Client) -> None:
    english = base.published()
    french = far_away(english, english.pk + SITEMAP_PART, language="fr", path="/fr/2025/01/01/le-port/")
    Article.objects.filter(pk=french.pk).update(story=english.story)

    root = read(client, part_of(english))

    assert part_of(french) != part_of(english)
    assert french.path not in locations(root)
    assert alternates(root, english.path)["fr"] == french.path
    assert alternates(read(client, part_of(french)), french.path)["en"] == english.path


def test_address_in_another_script_is_encoded(client: Client, site: Site) -> None:
    site.languages = ["ar"]
    site.save()
    article = base.published(
        language="ar", headline="السفن & <الميناء>", section=base.section({"ar": "السياسة"})
    )

    (address,) = locations(read(client, part_of(article)))

    assert address.isascii()
    assert client.get(address).status_code == 200


# Parts


def test_article_of_a_later_id_stands_in_a_later_part(client: Client) -> None:
    first = base.published()
    last = last_id_of_part(first)
    last_of_first = far_away(first, last)
    first_of_third = far_away(first, last + SITEMAP_PART + 1)

    assert locations(read(client, part_of(first))) == [first.path, last_of_first.path]
    assert locations(read(client, part_of(first, later=2))) == [first_of_third.path]
    assert client.get(part_of(first, later=1)).status_code == 404


def test_index_lists_the_parts_that_have_something_and_when_they_changed(client: Client) -> None:
    earlier = timezone.now() - timedelta(days=3)
    newest = base.published()
    last = last_id_of_part(newest)
    far_away(newest, last, published_at=earlier)
    far_away(newest, last + SITEMAP_PART + 1, published_at=earlier - timedelta(1), updated_at=earlier)
    far_away(newest, last + 2 * SITEMAP_PART + 1, noindex=True)
    far_away(newest, last + 3 * SITEMAP_PART + 1, published_at=timezone.now() + timedelta(1))

    changed = last_changes(read(client, "/sitemap.xml"))

    assert changed == {
        "/sitemap-pages.xml": seconds(newest.published_at),
        part_of(newest): seconds(newest.published_at),
        part_of(newest, later=2): seconds(earlier),
    }
    for address in changed:
        assert client.get(address).status_code == 200


def test_index_asks_in_steps_for_very_many_parts(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "PARTS_AT_ONCE", 2)
    article = base.published()
    for later in (1, 4):
        far_away(article, article.pk + later * SITEMAP_PART)

    assert locations(read(client, "/sitemap.xml"))[1:] == [part_of(article, later) for later in (0, 1, 4)]


def test_index_without_articles_has_the_pages_of_the_house(client: Client) -> None:
    assert locations(read(client, "/sitemap.xml")) == ["/sitemap-pages.xml"]


def test_part_holds_both_limits_of_the_protocol() -> None:
    """50 000 addresses and 50 MB, with three languages in a script that takes six characters a letter."""
    address = 100 + 6 * 100
    assert SITEMAP_PART <= 50_000
    assert SITEMAP_PART * (address + 4 * (address + 60)) < 50_000_000


@pytest.mark.parametrize("number", ["0", "01", "-1", "x", "9999999999999999999"])
def test_what_is_no_part_is_not_found(client: Client, number: str) -> None:
    assert client.get(f"/sitemap-{number}.xml").status_code == 404


@pytest.mark.only_sqlite
@pytest.mark.parametrize("address", ["/sitemap.xml", "/sitemap-1.xml"])
def test_no_part_is_found_by_reading_all_articles(client: Client, address: str) -> None:
    article = base.published()
    base.published(language="fr", story=article.story)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    plans = []
    for query in queries.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql'].replace('%', '%%')}")
            plans += [step for *_numbers, step in cursor.fetchall()]

    found = [plan for plan in plans if re.search(r"article_in_sitemap \(<expr>=\?\)", plan)]
    assert len(found) == 1, plans
    # Nowhere does a condition that most articles fulfil begin the search.
    assert not [plan for plan in plans if "article_by_date" in plan], plans


# Pages of the house


def test_front_pages_sections_and_pages_name_their_versions(client: Client) -> None:
    article = base.published(language="fr")
    german = base.published(language="de")
    empty = base.section({"en": "Empty", "fr": "Vide"})
    page = Page.objects.create()
    imprint = PageText.objects.create(page=page, language="en", name="Imprint", body="<p>x</p>")
    PageText.objects.create(page=page, language="it", name="Colofone", body="<p>x</p>")

    root = read(client, "/sitemap-pages.xml")
    fronts = {"en": "/en/", "de": "/de/", "fr": "/fr/", "x-default": "/en/"}
    sections = {"de": "/de/politik/", "fr": "/fr/politique/"}

    assert last_changes(root) == {
        "/en/": None,
        "/de/": seconds(german.published_at),
        "/fr/": seconds(article.published_at),
        "/fr/politique/": seconds(article.published_at),
        "/de/politik/": seconds(german.published_at),
        "/en/page/imprint/": seconds(imprint.updated_at),
    }
    assert empty.texts.exists()
    for path in ("/en/", "/de/", "/fr/"):
        assert alternates(root, path) == fronts
    for path in sections.values():
        assert alternates(root, path) == sections
    assert alternates(root, "/en/page/imprint/") == {}
    for path in locations(root):
        assert client.get(path).status_code == 200


def test_section_of_hidden_articles_alone_is_left_out(client: Client) -> None:
    base.published(at=timezone.now() + timedelta(hours=1))
    withdrawn = base.published(headline="Withdrawn", section=base.section({"en": "Culture"}))
    withdrawn.withdraw(by=None, reason="x")

    assert locations(read(client, "/sitemap-pages.xml")) == ["/en/", "/de/", "/fr/"]


def test_pages_of_the_house_carry_the_keys_of_what_they_list(client: Client) -> None:
    article = base.published()
    page = Page.objects.create()
    PageText.objects.create(page=page, language="en", name="Imprint", body="<p>x</p>")
    without_articles = base.section({"en": "Empty"})

    keys = base.page_keys(client.get("/sitemap-pages.xml"))

    assert {
        *("site", "sitemap", "front-en", "front-fr", f"page-{page.pk}"),
        *(f"section-{article.section_id}", f"section-{without_articles.pk}"),
    } <= keys


# News


def test_news_are_those_of_two_days_newest_first(client: Client) -> None:
    now = timezone.now()
    older = base.published(headline="Yesterday & today", at=now - timedelta(hours=47))
    newer = base.published(headline="Heute \x0bfrüh", language="de", at=now - timedelta(hours=1))
    base.published(headline="Too old", at=now - timedelta(hours=49))
    base.published(headline="Not for search engines", noindex=True)
    base.published(headline="Taken over", canonical_url="https://bote.example/a")

    root = read(client, "/news-sitemap.xml")

    assert locations(root) == [newer.path, older.path]
    found = [
        [
            row.findtext(f"n:news/{name}", None, NAMES)
            for name in ("n:publication/n:name", "n:publication/n:language", "n:publication_date", "n:title")
        ]
        for row in root
    ]
    assert found == [
        ["The Post & Co", "de", seconds(newer.published_at), "Heute früh"],
        ["The Post & Co", "en", seconds(older.published_at), "Yesterday & today"],
    ]


def test_news_are_a_thousand_at_most_the_newest(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sitemaps.NEWS_ITEMS == 1000
    monkeypatch.setattr(sitemaps, "NEWS_ITEMS", 3)
    article = base.published()
    rows = readers.crowd(article, 5)

    found = locations(read(client, "/news-sitemap.xml"))

    assert found == [article.path, rows[0].path, rows[1].path]


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "en"), ("pt-br", "pt"), ("zh-cn", "zh-cn"), ("zh-tw", "zh-tw"), ("gsw", "gsw")],
)
def test_language_of_news_is_one_that_google_knows(language: str, expected: str) -> None:
    assert sitemaps.news_language(language) == expected


def test_news_change_by_themselves_when_the_oldest_is_two_days_old(client: Client) -> None:
    first = base.published(at=timezone.now() - timedelta(hours=47))
    base.published(headline="Another", at=timezone.now() - timedelta(hours=2))
    base.published(headline="Later", at=timezone.now() + timedelta(hours=5))

    response = client.get("/news-sitemap.xml")

    assert first.published_at
    assert pages.shown(response.wsgi_request).until == first.published_at + timedelta(days=2)


# All of them


def all_sitemaps(article: Article) -> list[str]:
    return ["/sitemap.xml", "/sitemap-pages.xml", part_of(article), "/news-sitemap.xml"]


def test_sitemaps_change_by_themselves_when_a_schedule_falls_due(client: Client) -> None:
    article = base.published()
    due = timezone.now() + timedelta(hours=1)
    base.published(headline="Later", language="fr", at=due)

    for address in all_sitemaps(article):
        assert pages.shown(client.get(address).wsgi_request).until == due, address


def test_what_changes_an_article_purges_the_sitemaps(client: Client) -> None:
    article = base.published()
    other = base.published(headline="Another", language="fr")
    for act in (
        lambda: article.unpublish(by=None),
        lambda: article.publish(by=None),
        lambda: article.withdraw(by=None, reason="x"),
        lambda: article.reinstate(by=None),
        # The two become versions of one story.
        lambda: other.join(article.story, by=None),
    ):
        keys = [base.page_keys(client.get(address)) for address in all_sitemaps(other)]
        with base.purged_keys() as purged:
            act()
        assert all(carried & purged for carried in keys)


def test_sitemaps_are_sent_again_once_something_in_them_has_changed(client: Client) -> None:
    article = base.published(at=timezone.now() - timedelta(hours=1))
    for age, address in zip((40, 30, 20, 10), all_sitemaps(article), strict=True):
        known = {"If-None-Match": client.get(address).headers["ETag"]}
        assert client.get(address, headers=known).status_code == 304
        article = base.published(headline=f"For {address}", at=timezone.now() - timedelta(minutes=age))
        assert client.get(address, headers=known).status_code == 200


def test_sitemaps_answer_get_and_head_only(client: Client) -> None:
    for address in all_sitemaps(base.published()):
        assert client.post(address).status_code == 405
        assert client.head(address).status_code == 200


def test_sitemaps_cost_the_same_however_many_articles_there_are(client: Client) -> None:
    article = base.published()
    base.published(language="fr", story=article.story)
    counts = []
    for size in (10, 200):
        readers.crowd(article, size)
        for number in range(size // 10):
            section = Section.objects.create()
            SectionText.objects.create(section=section, language="en", name=f"Section {size} {number}")
        for address in all_sitemaps(article):
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            counts.append(len(queries))

    assert counts[:4] == counts[4:]
    assert max(counts) <= 8
