"""Promise 2 over every address of the site: what readers may not see is told nowhere, and its photos are gone.

The addresses come from the URL conf, by way of the permission table: a new one cannot be forgotten.
"""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from articles.models import Article, FrontSlot
from articles.models.articles import SITEMAP_PART
from tests import base
from tests.articles import readers
from tests.articles.test_machines import HIDDEN, SECRET, live
from tests.test_permission_matrix import World, addresses

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]


def public_addresses(world: World, article: Article) -> dict[str, str]:
    """Return every address that is not the admin's, and those that hold or ask for the article itself."""
    found = {
        called: address
        for called, address in addresses(world).items()
        if not address.startswith(reverse("admin:index"))
    }
    path = article.path or "/en/2025/07/11/secret/"
    own = {
        name: f"{path}{name}"
        for name in ("", "changes/", "mistake/", "comments/", "comments/2/", "comments.xml")
    }
    asked = {
        "search": "/en/search/?q=Harbour",
        "search of it": "/en/search/?q=secretly",
        "search by author": "/en/search/?q=Harbour&author=nora-feld",
        "older": f"/en/?before={world.live.pk}",
        "older than it": f"/en/?before={article.pk}",
        "sitemap": f"/sitemap-{(article.pk - 1) // SITEMAP_PART + 1}.xml",
        "old address": "/old-address-of-it.html",
        "missing": "/en/nothing/here/",
    }
    return found | own | asked


def make(world: World, how: Any) -> tuple[Article, Any]:
    """Make an article in a state, with everything that could betray it; return it and its photo."""
    photo = readers.photo()
    article = how(
        section=world.section,
        tags=[world.tag],
        bylines=[(world.author, "author")],
        series=world.series,
        photo=photo,
        body=f"<p>Harbour.</p>{readers.figure(photo)}",
    )
    if not article.withdrawn_at:
        article.place_on_front(by=None, kind=FrontSlot.Kind.LEAD)
    return article, photo


def told(client: Client, how: Any) -> tuple[set[str], list[int]]:
    """Return the addresses that tell of such an article, and what its photo's files answer."""
    world = World("anonymous")
    article, photo = make(world, how)
    telling = set()
    for called, address in public_addresses(world, article).items():
        response = client.get(address)
        assert response.status_code < 500, address
        text = body_of(response) + response.headers.get("Location", "")
        # What somebody asks for stands in the answer.
        text = text.replace(address, "").replace("secretly&quot;", "")
        if SECRET in text or "/secret/" in text:
            telling.add(called)
    files = [photo.file.url, *(row.file.url for row in photo.renditions.all())]
    return telling, [status_of(client, file) for file in files]


def body_of(response: Any) -> str:
    """Return what was answered; close the files of one that streams (closing it itself would close the database)."""
    body = b"".join(response).decode(errors="replace")
    if response.streaming:
        for close in response._resource_closers:
            close()
    return body


def status_of(client: Client, file: str) -> int:
    response = client.get(file)
    body_of(response)
    return response.status_code


@pytest.mark.parametrize("how", HIDDEN, ids=lambda how: how.__name__)
def test_no_address_tells_of_what_readers_may_not_see(client: Client, how: Any) -> None:
    telling, files = told(client, how)
    assert telling == set()
    # What is live with another text keeps its photo.
    assert set(files) == ({200} if how.__name__ == "newer_draft" else {404})


def test_a_live_article_is_told_where_it_belongs(client: Client) -> None:
    """Shows that the test above looks where it should."""
    telling, files = told(client, live)
    assert set(files) == {200}
    assert telling >= {
        *("/<en>/", "/<en>/<politics>/", "/<en>/tag/<ferries>/", "/<en>/author/<nora-feld>/"),
        *("/<en>/series/<the-harbour-files>/", "/<en>/archive/<year>/<month>/", "/<en>/corrections/"),
        *("/<en>/discussed/", "/<en>/feed.xml", "/<en>/feed.json", "/news-sitemap.xml"),
        *("", "changes/", "mistake/", "comments.xml", "search", "search of it", "sitemap", "missing"),
    }


def test_a_photo_of_a_withdrawn_article_stays_while_another_shows_it(client: Client) -> None:
    photo = readers.photo()
    article, other = base.published(photo=photo), base.published(photo=photo)
    article.withdraw(by=None, reason="x")
    assert status_of(client, photo.file.url) == 200
    other.withdraw(by=None, reason="x")
    assert status_of(client, photo.file.url) == 404
