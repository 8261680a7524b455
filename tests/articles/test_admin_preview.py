"""Previews: what readers will see, for the newsroom only."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from articles.models import Provenance, Source, User
from tests import base
from tests.articles.admin import page, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]


def main_part(response: object) -> str:
    text = text_of(response)
    return text[text.index("<main") : text.index("</main>")]


def test_preview_of_what_is_live_is_what_readers_see(editor: User, login: Callable) -> None:
    author, source = base.author(), Source.objects.create(name="Port authority")
    article = base.published(
        by=editor,
        kicker="Storm",
        dateline="Portside",
        bylines=[(author, "author"), (base.author("Otto Brandt"), "photographer")],
        tags=[base.tag("Ferries"), base.tag("Harbour")],
        sources=[(source, True), (Source.objects.create(name="A quiet source"), False)],
        provenance=Provenance.IMPORTED,
    )
    article.add_note(by=None, kind="update", text="The ferry has left.")
    preview = login(editor).get(page(article, "preview"))
    assert main_part(preview) == main_part(Client().get(article.path))
    assert "A quiet source" not in text_of(preview)


def test_preview_shows_a_draft_whole_before_anything_of_it_is_live(journalist: User, login: Callable) -> None:
    article = base.draft(
        by=journalist,
        headline="A headline to come",
        bylines=[(base.author(), "author")],
        tags=[base.tag("Harbour")],
        sources=[(Source.objects.create(name="Port authority"), True)],
    )
    text = text_of(login(journalist).get(page(article, "preview")))
    for words in (
        "A headline to come",
        "Nora Feld",
        "Harbour",
        "Port authority",
        "The first ferry left",
        "Politics",
    ):
        assert words in text
    assert "for the newsroom only" in text
    article.refresh_from_db()
    assert (article.published_at, article.path) == (None, "")


def test_preview_of_a_newer_draft_leaves_what_is_live(editor: User, login: Callable) -> None:
    article = base.published(by=editor, headline="Live", tags=[base.tag("Old tag")])
    article.save_revision(by=editor, headline="To come", tags=[base.tag("New tag")], bylines=[])
    client = login(editor)
    newest, first = (client.get(page(article, "preview") + query) for query in ("", "?revision=1"))
    assert "To come" in main_part(newest)
    assert "New tag" in main_part(newest)
    assert "Old tag" not in main_part(newest)
    assert "Old tag" in main_part(first)
    article.refresh_from_db()
    assert article.headline == "Live"
    assert [row.tag.name for row in article.tagged.all()] == ["Old tag"]


def test_preview_is_neither_stored_nor_indexed(journalist: User, login: Callable) -> None:
    article = base.draft(by=journalist)
    response = login(journalist).get(page(article, "preview"))
    assert "no-store" in response.headers["Cache-Control"]
    assert "noindex" in response.headers["X-Robots-Tag"]
    text = text_of(response)
    assert re.search(r'<meta name="robots" content="noindex', text)
    assert "canonical" not in text
    assert "og:title" not in text
    assert "ld+json" not in text
    assert "unsafe-inline" not in response.headers["Content-Security-Policy"]


def test_preview_speaks_the_language_of_the_article(journalist: User, login: Callable) -> None:
    article = base.draft(by=journalist, language="fr", headline="Le port rouvre")
    response = login(journalist).get(page(article, "preview"))
    assert '<html lang="fr"' in text_of(response)
    assert "for the newsroom only" in text_of(response)


@pytest.mark.parametrize("content", [{"headline": "???"}, {"section": None}, {"body": "", "standfirst": ""}])
def test_preview_of_what_is_not_finished_works(journalist: User, login: Callable, content: dict) -> None:
    article = base.draft(by=journalist, **content)
    assert login(journalist).get(page(article, "preview")).status_code == 200


def test_preview_button_is_a_get_that_saves_nothing(journalist: User, login: Callable) -> None:
    article = base.draft(by=journalist)
    login(journalist).get(page(article, "preview"))
    assert article.revisions.count() == 1
