"""What the head of a page tells search engines and other sites."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from articles.models import Page, PageText, SectionText
from articles.views import PER_PAGE
from newsroom.models import Site
from tests import base
from tests.articles import readers

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]


@pytest.fixture(autouse=True)
def site() -> Site:
    row = Site(name="The Post", languages=["fr", "en", "pt-br"])
    row.save()
    return row


def metas(page: str) -> dict[str, str]:
    """Return name or property of each meta element, and what it says; each stands once."""
    found = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', page)
    assert len(dict(found)) == len(found)
    return dict(found)


def links(page: str, rel: str) -> list[str]:
    """Return the addresses of links of a kind."""
    return re.findall(rf'<link rel="{rel}"[^>]* href="([^"]+)">', page)


def hreflang(page: str) -> dict[str, str]:
    """Return the versions of a page by language."""
    return dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', page))


def json_ld(page: str) -> list[dict[str, Any]]:
    """Return the JSON-LD objects of a page."""
    return [
        json.loads(block) for block in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    ]


def test_article_shows_its_photo_to_other_sites_with_size_and_words(client: Client) -> None:
    words = {"en": ('A "quay" at dusk', ""), "fr": ("", "")}
    article = base.published(photo=readers.photo(words))

    found = metas(client.get(article.path).text)

    assert found["og:image"].startswith("http://testserver/media/photos/")
    assert (found["og:image:width"], found["og:image:height"]) == ("960", "720")
    assert found["og:image:alt"] == escape('A "quay" at dusk')
    assert found["twitter:card"] == "summary_large_image"
    assert found["article:section"] == "Politics"


def test_article_without_a_photo_shows_none(client: Client) -> None:
    found = metas(client.get(base.published().path).text)

    assert not [name for name in found if name.startswith("og:image")]
    assert found["twitter:card"] == "summary"


def test_decorative_photo_has_no_words(client: Client) -> None:
    found = metas(client.get(base.published(photo=readers.photo({"en": ("", "")})).path).text)

    assert "og:image" in found
    assert "og:image:alt" not in found


def test_open_graph_names_languages_with_a_territory(client: Client) -> None:
    french = base.published(language="fr")
    brazilian = base.published(
        language="pt-br", story=french.story, section=base.section({"pt-br": "Política"})
    )

    assert metas(client.get(french.path).text)["og:locale"] == "fr_FR"
    page = client.get(brazilian.path).text
    assert metas(page)["og:locale"] == "pt_BR"
    assert metas(page)["og:locale:alternate"] == "fr_FR"


def test_way_from_the_front_page_to_the_article_is_told(client: Client) -> None:
    article = base.published(headline='Rail </script> "harbour"')

    _news, way = json_ld(client.get(article.path).text)

    assert way == {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": 1, "name": "The Post", "item": "http://testserver/en/"},
            {
                "@type": "ListItem",
                "position": 2,
                "name": "Politics",
                "item": "http://testserver/en/politics/",
            },
            {
                "@type": "ListItem",
                "position": 3,
                "name": 'Rail </script> "harbour"',
                "item": f"http://testserver{article.path}",
            },
        ],
    }


def test_way_has_no_section_that_has_no_page_in_the_language(client: Client) -> None:
    article = base.published()
    SectionText.objects.filter(language="en").delete()

    _news, way = json_ld(client.get(article.path).text)

    assert [step["position"] for step in way["itemListElement"]] == [1, 2]


def test_readers_of_other_languages_are_sent_to_the_first_language(client: Client) -> None:
    english = base.published()
    alone = hreflang(client.get(english.path).text)
    french = base.published(language="fr", story=english.story)
    expected = {
        "fr": f"http://testserver{french.path}",
        "en": f"http://testserver{english.path}",
        "x-default": f"http://testserver{french.path}",
    }

    assert alone == {"en": f"http://testserver{english.path}"}
    assert hreflang(client.get(english.path).text) == hreflang(client.get(french.path).text) == expected
    assert list(hreflang(client.get(english.path).text)) == ["fr", "en", "x-default"]
    assert hreflang(client.get("/en/").text)["x-default"] == "http://testserver/fr/"


@pytest.mark.parametrize(
    "address",
    [
        "/en/",
        "/en/politics/",
        "/en/tag/rail/",
        "/en/author/nora-feld/",
        "/en/page/imprint/",
        "/en/corrections/",
    ],
)
def test_pages_beside_articles_tell_what_they_are(client: Client, address: str) -> None:
    base.published(tags=[base.tag("Rail")], bylines=[(base.author(), "author")])
    page = Page.objects.create()
    PageText.objects.create(page=page, language="en", name="Imprint", body="<p>x</p>")

    page_text = client.get(f"{address}?utm_source=x").text
    found = metas(page_text)

    assert links(page_text, "canonical") == [f"http://testserver{address}"]
    assert found["robots"] == "max-image-preview:large"
    assert (found["og:type"], found["og:site_name"]) == ("website", "The Post")
    assert found["og:url"] == f"http://testserver{address}"
    assert found["og:locale"] == "en_GB"
    assert found["og:title"] in page_text.partition("</title>")[0]
    assert found["twitter:card"] == "summary"


@pytest.mark.parametrize("address", ["/en/", "/en/politics/", "/en/tag/rail/", "/en/author/nora-feld/"])
def test_later_page_of_a_list_is_its_own_canonical_and_has_no_versions(client: Client, address: str) -> None:
    article = base.published(
        tags=[base.tag("Rail")], bylines=[(base.author(), "author")], at=timezone.now() - timedelta(1)
    )
    readers.crowd(article, PER_PAGE + 5)

    page = client.get(f"{address}?before={article.pk}&utm_source=x").text

    assert links(page, "canonical") == [f"http://testserver{address}?before={article.pk}"]
    assert hreflang(page) == {}


def test_article_kept_out_of_search_engines_says_so_and_only_so(client: Client) -> None:
    assert metas(client.get(base.published(noindex=True).path).text)["robots"] == "noindex"
    assert metas(client.get(base.published(headline="x").path).text)["robots"] == "max-image-preview:large"
