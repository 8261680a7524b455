"""Promise 2 over every address of the site: what readers may not see is told nowhere, and its photos are gone.

The addresses come from the URL conf, by way of the permission table: a new one cannot be forgotten.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Attachment, FrontSlot
from articles.models.article_queries import SITEMAP_PART
from tests import base
from tests.articles import readers
from tests.articles.test_attachments import document, link_to
from tests.articles.test_links import link
from tests.articles.test_machines import (
    HIDDEN,
    SECRET,
    draft,
    embargoed,
    live,
    scheduled,
    unpublished,
    withdrawn,
)
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


def make(world: World, how: Any) -> tuple[Article, list[str]]:
    """Make an article in a state, with everything that could betray it; return it and the addresses of its files."""
    photo, social, paper = readers.photo(), readers.photo(), document()
    article = how(
        section=world.section,
        tags=[world.tag],
        bylines=[(world.author, "author")],
        series=world.series,
        photo=photo,
        social_photo=social,
        body=f"<p>Harbour.</p>{readers.figure(photo)}<p>{link_to(paper)}</p>",
    )
    # Another one links it.
    base.published(headline="Far away", section=base.section({"en": "World"}), body=f"<p>{link(article)}</p>")
    if not article.withdrawn_at:
        article.place_on_front(by=None, kind=FrontSlot.Kind.LEAD)
    return article, [*files_of(photo), *files_of(social), paper.get_absolute_url()]


def told(client: Client, how: Any) -> tuple[set[str], list[int]]:
    """Return the addresses that tell of such an article, and what its files answer: photos, a document."""
    world = World("anonymous")
    article, files = make(world, how)
    return telling_of(client, world, article), [status_of(client, file) for file in files]


def telling_of(client: Client, world: World, article: Article, *secrets: str) -> set[str]:
    """Return the addresses that tell of an article."""
    telling = set()
    for called, address in public_addresses(world, article).items():
        response = client.get(address)
        assert response.status_code < 500, address
        text = body_of(response) + response.headers.get("Location", "")
        # What somebody asks for stands in the answer.
        text = text.replace(address, "").replace("secretly&quot;", "")
        if any(secret in text for secret in (SECRET, "/secret/", *secrets)):
            telling.add(called)
    return telling


def files_of(photo: Any) -> list[str]:
    """Return the addresses of a photo's files."""
    return [photo.file.url, *(row.file.url for row in photo.renditions.all())]


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


# Machines' addresses are asked about each of them in make test; all the others about these four.
SOON = (draft, scheduled, embargoed, withdrawn)


@pytest.mark.parametrize(
    "how",
    [how if how in SOON else pytest.param(how, marks=pytest.mark.later) for how in HIDDEN],
    ids=lambda how: how.__name__,
)
def test_no_address_tells_of_what_readers_may_not_see(client: Client, how: Any) -> None:
    telling, files = told(client, how)
    assert telling == set()
    # What is live with another text keeps its files.
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


@pytest.mark.parametrize(
    "how",
    [embargoed, *(pytest.param(how, marks=pytest.mark.later) for how in (draft, scheduled, unpublished))],
    ids=lambda how: how.__name__,
)
def test_a_link_to_a_draft_opens_that_draft_and_is_told_nowhere(client: Client, how: Any) -> None:
    world = World("anonymous")
    article, files = make(world, how)
    photo = article.newest_revision().photo
    paper = Attachment.objects.get(title="Tide tables")
    shared = article.share_draft(by=None, expires_at=timezone.now() + timedelta(days=7))
    address = shared.get_absolute_url()
    for _time in range(2):
        assert SECRET in client.get(address).text
        assert status_of(client, f"{address}{photo.uid}/") == 200
        assert status_of(client, f"{address}{paper.uid}/") == 200
        # Among them a link to another draft of its section and its tags.
        assert telling_of(client, world, article, shared.uid.hex, str(shared.uid)) == set()
        assert {status_of(client, file) for file in files} == {404}


def test_a_photo_of_a_withdrawn_article_stays_while_another_shows_it(client: Client) -> None:
    photo = readers.photo()
    article, other = base.published(photo=photo), base.published(photo=photo)
    article.withdraw(by=None, reason="x")
    assert status_of(client, photo.file.url) == 200
    other.withdraw(by=None, reason="x")
    assert status_of(client, photo.file.url) == 404
