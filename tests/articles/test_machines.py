"""What no reader sees, no machine is told: every address for machines, every state of an article."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from articles.models import Article, Series, SeriesText
from articles.models.article_queries import SITEMAP_PART
from newsroom.models import Site
from tests import base
from tests.articles import readers
from tests.comments.base import approved

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]

SECRET = "Harbour secretly sold"
PATHS = {
    "site": "/en/feed.xml",
    "section": "/en/politics/feed.xml",
    "tag": "/en/tag/rail/feed.xml",
    "author": "/en/author/nora-feld/feed.xml",
    "series": "/en/series/files/feed.xml",
    "json": "/en/feed.json",
    "corrections": "/en/corrections/feed.xml",
    "index": "/sitemap.xml",
    "house": "/sitemap-pages.xml",
    "news": "/news-sitemap.xml",
}


def shown(**content: Any) -> Article:
    """Publish the article with a comment and a correction."""
    article = base.published(headline=SECRET, slug="secret", **content)
    approved(article, text=SECRET)
    article.add_note(by=None, kind="correction", text=SECRET)
    return article


def live(**content: Any) -> Article:
    return shown(**content)


def draft(**content: Any) -> Article:
    return base.draft(headline=SECRET, slug="secret", **content)


def scheduled(**content: Any) -> Article:
    return base.published(
        headline=SECRET, slug="secret", at=timezone.now() + timedelta(seconds=30), **content
    )


def embargoed(**content: Any) -> Article:
    """Live but for the embargo, which no verb allows: a row from elsewhere."""
    article = shown(**content)
    Article.objects.filter(pk=article.pk).update(embargo_until=timezone.now() + timedelta(hours=1))
    return article


def withdrawn(**content: Any) -> Article:
    article = shown(**content)
    article.withdraw(by=None, reason="x")
    return article


def unpublished(**content: Any) -> Article:
    article = shown(**content)
    article.unpublish(by=None)
    return article


def unpublished_and_scheduled(**content: Any) -> Article:
    article = unpublished(**content)
    article.publish(by=None, at=timezone.now() + timedelta(hours=1))
    return article


def newer_draft(**content: Any) -> Article:
    """Publish something else, and write the secret into a newer revision."""
    article = base.published(headline="Open", slug="open", **content)
    article.save_revision(by=None, headline=SECRET, slug="secret")
    return article


def in_a_language_not_published_in(**content: Any) -> Article:
    article = shown(**content)
    Site.objects.update(languages=["fr"])
    return article


HIDDEN = (
    *(draft, scheduled, embargoed, withdrawn, unpublished, unpublished_and_scheduled, newer_draft),
    in_a_language_not_published_in,
)


def told(client: Client, make: Callable[..., Article]) -> set[str]:
    """Return the addresses whose answers tell of an article, made beside another one that readers see."""
    Site(name="The Post", languages=["fr", "en"]).save()
    series = Series.objects.create()
    SeriesText.objects.create(series=series, language="en", name="Files", slug="files")
    common: dict[str, Any] = {
        "tags": [base.tag("Rail")],
        "bylines": [(base.author(), "author")],
        "series": series,
        "photo": readers.photo(),
    }
    other = base.published(headline="Le port", language="fr", **common)
    article = make(story=other.story, **common)
    part = f"/sitemap-{(article.pk - 1) // SITEMAP_PART + 1}.xml"
    paths = PATHS | {
        "part": part,
        "comments": f"{article.path or '/en/2025/07/11/secret/'}comments.xml",
        # The page of the version in another language, with hreflang and Open Graph.
        "version": other.path,
    }
    bodies = {name: client.get(path).content.decode() for name, path in paths.items()}
    return {name for name, body in bodies.items() if SECRET in body or "/secret/" in body}


@pytest.mark.parametrize("make", HIDDEN, ids=lambda make: make.__name__)
def test_hidden_article_is_told_to_no_machine(client: Client, make: Callable[..., Article]) -> None:
    assert told(client, make) == set()


def test_live_article_is_told_to_all_of_them(client: Client) -> None:
    assert told(client, live) == {*PATHS, "part", "comments", "version"} - {"index", "house"}
