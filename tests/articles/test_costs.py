"""Promise 10: each kind of page costs a fixed number of queries, however many articles there are."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.models import Article
from tests.articles.readers import crowd, newspaper

pytestmark = pytest.mark.django_db
MOST, MOST_OF_AN_ARTICLE = 8, 12


def costs(client: Client, addresses: dict[str, str]) -> dict[str, int]:
    """Return how many queries each page takes."""
    found = {}
    for kind, address in addresses.items():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(address)
        found[kind] = len(queries)
    return found


@pytest.mark.long
def test_every_kind_of_page_costs_the_same_with_ten_and_a_thousand_articles(
    client: Client, full_length: bool
) -> None:
    addresses = newspaper("de")
    addresses["feed"], addresses["json"] = "/de/feed.xml", "/de/feed.json"
    addresses["sitemaps"], addresses["news"] = "/sitemap.xml", "/news-sitemap.xml"
    article = Article.objects.get(path=addresses["article"])
    few = costs(client, addresses)
    crowd(article, 1000 if full_length else 100)
    assert costs(client, addresses) == few
    over = {
        kind: number
        for kind, number in few.items()
        if number > (MOST_OF_AN_ARTICLE if kind in ("article",) else MOST)
    }
    assert over == {}
