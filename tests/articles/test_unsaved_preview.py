"""The preview beside the form: what stands in it now, as readers would see it; nothing of it is saved."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.editor import ARTICLE_PATH
from articles.models import Article, Source, Tag, User
from tests import base
from tests.articles import readers
from tests.articles.admin import change, fields_of, page, send, text_of
from tests.articles.test_admin_article_form import BAD_INPUT
from tests.articles.test_admin_preview import main_part

pytestmark = pytest.mark.django_db

ADD = "/admin/articles/article/add/"


def address(article: Article | None) -> str:
    return f"/admin/articles/article/{article.pk if article else 'add'}/preview/unsaved/"


def look(client: Client, article: Article | None, **changes: Any) -> HttpResponse:
    """Open the form, change some fields and look at it; field names have "-" where Python has "__"."""
    data = fields_of(client.get(change(article) if article else ADD))
    data.update({name.replace("__", "-"): value for name, value in changes.items()})
    return client.post(address(article), data)


def bar(response: HttpResponse) -> str:
    found = re.search(r"<aside class=\"preview-bar.*?</aside>", text_of(response), re.DOTALL)
    assert found
    return found[0]


def rows() -> dict[str, int]:
    """Return how many rows every table has."""
    return {
        model._meta.db_table: model._base_manager.count()
        for model in apps.get_models(include_auto_created=True)
    }


@pytest.fixture
def article(journalist: User) -> Article:
    return base.draft(by=journalist)


@pytest.fixture
def jana(journalist: User, login: Callable) -> Client:
    return login(journalist)


def full(photo: Any) -> dict[str, str]:
    """Return something for every part of the form."""
    return {
        "kicker": "Storm",
        "headline": "Typed a moment ago",
        "standfirst": "Nobody has saved it.",
        "body": "<p>Typed <b>now</b>.</p>",
        "dateline": "Portside",
        "tags": "Ferries, Never seen before",
        "photo": str(photo.pk),
        "byline__0__author": "Nora Feld",
        "byline__0__role": "photographer",
        "source__0__name": "A source not there yet",
        "source__0__url": "https://example.org/report",
        "source__0__is_public": "on",
        "source__1__name": "A source for nobody",
    }


@pytest.mark.postgresql_later
@pytest.mark.parametrize("is_new", [False, True])
def test_it_shows_what_stands_in_the_form_and_saves_nothing(
    article: Article, jana: Client, is_new: bool
) -> None:
    base.author()
    base.tag("Ferries")
    photo = readers.photo()
    shown_at = None if is_new else article
    opened = fields_of(jana.get(ADD if is_new else change(article)))
    changes = {name.replace("__", "-"): value for name, value in full(photo).items()}
    before = rows(), Article.objects.values().get()
    with CaptureQueriesContext(connection) as queries:
        response = jana.post(address(shown_at), opened | changes)
    assert response.status_code == 200
    text = main_part(response)
    for words in ("Storm", "Typed a moment ago", "Nobody has saved it.", "Portside", "Photos by"):
        assert words in text
    assert "<p>Typed <strong>now</strong>.</p>" in text
    assert re.search(r'<a href="/en/tag/ferries/" rel="tag">Ferries</a>', text)
    assert "<li>Never seen before</li>" in text
    assert '<a href="/en/author/nora-feld/">Nora Feld</a>' in text
    assert '<a href="https://example.org/report">A source not there yet</a>' in text
    assert "A source for nobody" not in text
    assert f"/admin/articles/photo/{photo.uid}/file/" in text
    assert "/media/photos/" not in text
    assert "cannot be saved" not in bar(response)
    # Not a row more or less, not a field changed, and nothing tried.
    assert (rows(), Article.objects.values().get()) == before
    writing = re.compile(r"\s*(INSERT|UPDATE|DELETE|SAVEPOINT)", re.IGNORECASE)
    assert [query["sql"] for query in queries if writing.match(query["sql"])] == []


@pytest.mark.postgresql_later
def test_what_is_saved_looks_the_same_then(article: Article, jana: Client, editor: User) -> None:
    base.author()
    base.tag("Ferries")
    other = base.published(headline="Harbour open")
    hidden = base.draft(headline="A draft")
    gone = base.published(headline="Gone again")
    gone.unpublish(by=None)
    changes = full(readers.photo()) | {
        "body": f'<p>See <a href="{other.path}">that</a> and <a href="{ARTICLE_PATH.format(uid=hidden.uid)}">this</a>.'
        f' Once <a href="{gone.path}">there</a>.</p><script>alert(1)</script><p onclick="x()">End.</p>',
        "tags": "Ferries",
        "source__0__url": "",
        "source__0__name": "Port authority",
    }
    Source.objects.create(name="Port authority")
    with base.at(timezone.now()):
        unsaved = look(jana, article, **changes)
        assert send(jana, change(article), **changes).status_code == 302
        saved = jana.get(page(article, "preview"))
    assert main_part(unsaved) == main_part(saved)
    assert f'href="{other.path}"' in main_part(unsaved)
    assert gone.path not in text_of(unsaved)
    assert "Once there." in main_part(unsaved)
    assert "A draft" not in text_of(unsaved)
    assert str(hidden.uid) not in text_of(unsaved)
    assert "alert" not in text_of(unsaved)
    assert "onclick" not in text_of(unsaved)


@pytest.mark.postgresql_later
def test_the_live_article_stays_as_it_is(editor: User, login: Callable) -> None:
    article = base.published(by=editor, tags=[base.tag("Old tag")])
    response = look(login(editor), article, headline="To come", tags="New tag")
    assert "To come" in main_part(response)
    assert "Old tag" not in main_part(response)
    assert "Harbour reopens" in text_of(Client().get(article.path))
    assert not Tag.objects.filter(name="New tag").exists()


@pytest.mark.later
@pytest.mark.postgresql_later
def test_whatever_is_wrong_is_shown_as_far_as_possible_and_listed(article: Article, jana: Client) -> None:
    opened = fields_of(jana.get(change(article)))
    for field, value, _why in BAD_INPUT:
        response = jana.post(address(article), opened | {field: value})
        assert response.status_code == 200, field
        # The number of the revision is nothing that anybody typed.
        assert ("It cannot be saved like this:" in bar(response)) is (field != "base"), (field, value)


@pytest.mark.postgresql_later
def test_a_text_that_is_too_long_is_shown_with_the_reason(article: Article, jana: Client) -> None:
    response = look(jana, article, headline="Long " * 50, kicker="x" * 61, tags="Ferries, ???")
    assert "Long Long Long" in main_part(response)
    assert "x" * 61 in main_part(response)
    assert "Ferries" in main_part(response)
    told = bar(response)
    assert re.search(r"<strong>Headline:</strong> .*at most 200 characters", told)
    assert re.search(r"<strong>Kicker:</strong> .*at most 60 characters", told)
    assert "is no tag" in told


@pytest.mark.postgresql_later
def test_wrong_rows_are_shown_by_their_words_and_listed(article: Article, jana: Client) -> None:
    response = look(
        jana,
        article,
        byline__0__author="Nobody Known",
        source__0__name="Harbour office",
        source__0__url="javascript:alert(1)",
        source__0__is_public="on",
        canonical_url="javascript:alert(1)",
        republished_from="The Other Paper",
    )
    text = main_part(response)
    for words in ("Nobody Known", "Harbour office", "The Other Paper"):
        assert words in text
    assert "javascript:" not in text
    told = bar(response)
    assert "There is no author" in told
    assert "Enter a valid URL" in told


@pytest.mark.postgresql_later
@pytest.mark.parametrize("is_new", [False, True])
def test_a_form_without_fields_and_a_forged_one_are_no_error_of_ours(
    article: Article, jana: Client, is_new: bool
) -> None:
    where = address(None if is_new else article)
    assert jana.post(where).status_code == 200
    forged = {
        "headline": "a\0b",
        "body": "<p>" * 3_000 + "\0",
        "tags": '"' + "x" * 140_000,
        "section": "999999999999999999999",
        "photo": "x",
        "translated_from": "-1",
        "provenance": "?",
        "language": "xx",
        "base": "9" * 40,
        "byline-TOTAL_FORMS": "1000000",
        "byline-INITIAL_FORMS": "x",
        "byline-0-author": "\0",
        "byline-0-position": "x",
        "source-TOTAL_FORMS": "-5",
    }
    assert jana.post(where, forged).status_code == 200


@pytest.mark.postgresql_later
def test_a_colleagues_save_meanwhile_does_not_matter(article: Article, jana: Client, editor: User) -> None:
    opened = fields_of(jana.get(change(article)))
    article.save_revision(by=editor, headline="By emil")
    response = jana.post(address(article), opened | {"headline": "By jana"})
    assert "By jana" in main_part(response)
    assert "cannot be saved" not in bar(response)


def test_it_costs_no_more_than_a_page_of_the_desk(article: Article, jana: Client) -> None:
    base.author()
    opened = fields_of(jana.get(change(article)))
    with CaptureQueriesContext(connection) as queries:
        jana.post(address(article), opened)
    assert len(queries) <= 45


# Who may, and what is said to those who may not


@pytest.mark.postgresql_later
@pytest.mark.parametrize("is_new", [False, True])
def test_it_is_for_whoever_may_send_the_form(
    article: Article, login: Callable, moderator: User, editor: User, is_new: bool
) -> None:
    other = base.person("otto", "Journalist")
    where = address(None if is_new else article)
    assert login(editor).post(where).status_code == 200
    assert login(other).post(where).status_code == (200 if is_new else 404)
    assert login(moderator).post(where).status_code == (403 if is_new else 404)
    live = base.published(by=editor)
    refused = login(other).post(address(live), {"headline": "Typed"})
    assert refused.status_code == 403
    assert "You may not change this article any more." in text_of(refused)
    assert "Nothing that you wrote is lost" in text_of(refused)
    assert "Typed" not in text_of(refused)
    for client in (login(editor), Client()):
        assert client.get(where).status_code == 405


@pytest.mark.postgresql_later
def test_a_session_that_ended_is_told_shortly_in_the_frame(article: Article) -> None:
    response = Client().post(address(article), {"headline": "Typed"})
    assert response.status_code == 403
    assert "Your session has ended" in text_of(response)
    assert article.headline not in text_of(response)
    assert "Save now" not in text_of(response)
    check_headers(response)


@pytest.mark.postgresql_later
def test_an_old_token_is_told_shortly_in_the_frame(article: Article, journalist: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(journalist)
    client.get(change(article))
    for token in ({}, {"csrfmiddlewaretoken": "x" * 32}):
        response = client.post(address(article), {"headline": "Typed", **token})
        assert response.status_code == 403
        assert "You have logged in anew" in text_of(response)
        assert "Typed" not in text_of(response)
        check_headers(response)
    right = {"headline": "Typed", "csrfmiddlewaretoken": client.cookies["csrf"].value}
    assert client.post(address(article), right).status_code == 200
    # A form of another site gets Django's refusal, and stands in no frame.
    response = client.post(address(article), {}, headers={"sec-fetch-site": "cross-site"})
    assert response.status_code == 403
    assert response.headers["X-Frame-Options"] == "DENY"


def check_headers(response: HttpResponse) -> None:
    policy = response.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self';" in policy + ";"
    assert "unsafe" not in policy
    assert "frame-src" not in policy
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.postgresql_later
def test_only_this_answer_stands_in_a_frame_and_only_the_form_holds_one(
    article: Article, jana: Client
) -> None:
    response = look(jana, article)
    check_headers(response)
    text = text_of(response)
    assert re.search(r'<meta name="robots" content="noindex', text)
    assert "<script" not in text
    form = jana.get(change(article))
    assert "frame-src 'self'" in form.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in form.headers["Content-Security-Policy"]
    for other in ("/admin/", page(article, "preview"), page(article, "publish"), "/en/"):
        headers = jana.get(other).headers
        assert "frame-src" not in headers["Content-Security-Policy"], other
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], other
        assert headers["X-Frame-Options"] == "DENY", other


@pytest.mark.postgresql_later
def test_links_lead_nowhere_in_a_frame_and_somewhere_in_a_window(article: Article, jana: Client) -> None:
    assert '<base target="_blank">' in text_of(look(jana, article, framed="1"))
    assert "<base" not in text_of(look(jana, article))


@pytest.mark.postgresql_later
def test_the_button_needs_no_script(article: Article, jana: Client) -> None:
    for opened, where in ((change(article), address(article)), (ADD, address(None))):
        text = text_of(jana.get(opened))
        button = re.search(r'<button [^>]*formtarget="preview"[^>]*>', text)
        assert button
        assert f'formaction="{where}"' in button[0]
        without = re.sub(r"<template.*?</template>", "", text, flags=re.DOTALL)
        assert "<iframe" not in without


# What it says of an embargo


@pytest.mark.postgresql_later
def test_every_preview_tells_of_an_embargo_with_its_zone(article: Article, jana: Client) -> None:
    article.share_draft(by=None, expires_at=timezone.now() + timedelta(days=7))
    link = article.draft_links.get().get_absolute_url()
    seen = [
        lambda: bar(look(jana, article)),
        lambda: bar(jana.get(page(article, "preview"))),
        lambda: bar(Client().get(link)),
    ]
    for one in seen:
        assert "Embargo" not in one()
    article.set_desk(by=None, embargo_until=timezone.now() + timedelta(hours=30))
    for one in seen:
        assert re.search(r"Embargo until .*\d\d:\d\d UTC(</time>)?\.", one())
    Article.objects.update(embargo_until=timezone.now())
    for one in seen:
        assert "Embargo" not in one()
