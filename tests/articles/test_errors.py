"""Pages for what is not there, not allowed or broken."""

from datetime import timedelta

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone, translation

from newsroom.models import Site
from tests import base
from tests.articles import readers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site() -> Site:
    row = Site(name="The Post", languages=["en", "de"])
    row.save()
    return row


def test_missing_page_offers_the_latest_three_that_readers_may_see(client):
    readers.many(4)
    base.draft(headline="Secret draft")
    base.published(headline="Secret schedule", at=timezone.now() + timedelta(hours=1))
    base.withdrawn(headline="Secret withdrawal")
    base.published(headline="Geheim", language="de")

    response = client.get("/en/nothing/here/")

    assert response.status_code == 404
    assert [f"Story number {n}<" in response.text for n in range(4)] == [True, True, True, False]
    assert "Secret" not in response.text
    assert "Geheim" not in response.text
    assert '<a href="/en/">' in response.text


@pytest.mark.parametrize(
    ("address", "language"),
    [("/de/nichts/", "de"), ("/fr/rien/", "en"), ("/nothing.html", "en"), ("/wp-login.php", "en")],
)
def test_missing_page_speaks_a_language_of_the_site(client, address, language):
    response = client.get(address)

    assert response.status_code == 404
    assert f'<html lang="{language}"' in response.text
    assert response.headers["Content-Language"] == language


def test_missing_page_follows_the_browser_where_the_address_has_no_language(client):
    response = client.get("/nothing.html", headers={"Accept-Language": "de"})

    assert '<html lang="de"' in response.text


def test_missing_page_does_not_repeat_the_address(client):
    assert "alert(1)" not in client.get("/en/<script>alert(1)</script>/").text


@pytest.mark.parametrize("template", ["400.html", "403.html", "500.html"])
@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_plain_pages_need_neither_request_nor_database(template, language):
    with translation.override(language), connection.execute_wrapper(_no_query):
        page = render_to_string(template)

    assert f'<html lang="{language}"' in page
    assert '<a href="/">' in page


def _no_query(*args: object) -> None:
    raise AssertionError("a query")


def test_broken_page_says_so_without_details(monkeypatch):
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the reason")

    monkeypatch.setattr("articles.front.arrange", broken)
    base.published()

    response = Client(raise_request_exception=False).get("/en/")

    assert response.status_code == 500
    assert "on our side" in response.text
    assert "the reason" not in response.text
    assert "unsafe" not in response.headers["Content-Security-Policy"]
