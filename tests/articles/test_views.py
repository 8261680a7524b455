"""What holds for every page of readers: language, headers, no cookie, no script, nothing foreign."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client

from articles.models import Page, PageText
from newsroom.models import Site, SiteText
from tests import base
from tests.articles import readers

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]


@pytest.fixture
def addresses() -> list[str]:
    """Return the address of one page of each kind, on a site with something of everything."""
    site = Site(name="The Post", languages=["en", "de", "fr"])
    site.save()
    SiteText.objects.create(
        site=site,
        language="en",
        tagline="All of it",
        main_menu="Politics | /en/politics/",
        foot_menu="X | /en/page/imprint/",
    )
    page = Page.objects.create(purpose="imprint")
    PageText.objects.create(page=page, language="en", name="Imprint", body="<p>1 Quay Street</p>")
    photo = readers.photo()
    article = base.published(
        photo=photo,
        body=f"<p>x</p>{readers.figure(photo)}",
        tags=[base.tag("Rail")],
        bylines=[(base.author(), "author")],
    )
    gone = base.published(headline="Gone")
    gone.withdraw(by=None, reason="x")
    return [
        "/en/",
        "/en/politics/",
        "/en/tag/rail/",
        "/en/author/nora-feld/",
        "/en/page/imprint/",
        article.path,
        f"/en/?before={article.pk}",
        "/en/feed.xml",
        "/accent-a3122a.css",
        gone.path,
        "/en/nothing/",
        "/",
    ]


def test_page_sets_no_cookie_whatever_cookies_come(addresses):
    for address in addresses:
        response = Client().get(address, headers={"Cookie": "session=x; csrf=y; django_language=fr"})

        assert not response.cookies, address
        assert "cookie" not in response.headers.get("Vary", "").lower(), address


def test_logged_in_reader_gets_the_same_page(client, addresses, chief):
    staff = Client()
    staff.force_login(chief)

    for address in addresses:
        assert staff.get(address).content == client.get(address).content, address


def test_page_depends_on_no_header_of_a_stranger(client, addresses):
    odd = {
        "Accept-Language": "fr",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "Referer": "https://evil.example/",
    }

    for address in addresses[:-2]:
        assert client.get(address, headers=odd).content == client.get(address).content, address


def test_page_runs_no_script_and_asks_nobody_else(client, addresses):
    for address in addresses[:7]:
        page = client.get(address).text

        assert set(re.findall(r"<script([^>]*)>", page)) <= {' type="application/ld+json"'}, address
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page), address
        # What a browser fetches by itself; a link is followed by a reader, or not.
        for found in re.findall(r'<(?!a\s)[a-z]+\b[^>]*\s(?:src|srcset|href|action)="([^"]+)"', page):
            assert urlsplit(found).hostname in (None, "testserver"), (address, found)


def test_policy_lets_nothing_inline_run(client, addresses):
    for address in addresses:
        policy = client.get(address).headers["Content-Security-Policy"]

        assert "unsafe" not in policy, address
        assert "default-src 'none'" in policy, address


def test_page_answers_get_and_head_only(client, addresses):
    for address in addresses[:7]:
        assert client.post(address).status_code == 405, address
        assert client.head(address).status_code == 200, address


@pytest.mark.parametrize(
    ("language", "direction"), [("en", "ltr"), ("de", "ltr"), ("fr", "ltr"), ("ar", "rtl"), ("pt-br", "ltr")]
)
def test_page_says_its_language_and_direction(client, language, direction):
    Site(languages=[language]).save()

    response = client.get(f"/{language}/")

    assert f'<html lang="{language}" dir="{direction}">' in response.text
    assert response.headers["Content-Language"] == language


@pytest.mark.parametrize("language", ["it", "xx", "EN", "e", "english"])
def test_language_that_the_site_does_not_publish_in_is_not_found(client, language):
    Site(languages=["en", "de"]).save()

    assert client.get(f"/{language}/").status_code == 404


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("", "de"),
        ("fr", "fr"),
        ("fr-CH,en;q=0.8", "fr"),
        ("it,en;q=0.8", "en"),
        ("it", "de"),
        ("en;q=0.2,fr;q=0.9", "fr"),
        ("*", "de"),
        ("x" * 2000, "de"),
        ("en\x00", "de"),
    ],
)
def test_first_address_leads_to_the_readers_language(client, wanted, language):
    Site(languages=["de", "en", "fr"]).save()

    response = client.get("/", headers={"Accept-Language": wanted})

    assert response.status_code == 302
    assert response.headers["Location"] == f"/{language}/"
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["Vary"] == "Accept-Language"


def test_page_speaks_the_language_of_its_address(client):
    Site(languages=["en", "de", "fr"]).save()

    for language, words in {"en": "Skip to content", "de": "Zum Inhalt", "fr": "Aller au contenu"}.items():
        assert words in client.get(f"/{language}/", headers={"Accept-Language": "en"}).text


def test_accent_of_the_site_comes_by_its_own_stylesheet(client):
    site = Site(colour="#1A4FD0")
    site.save()

    assert '<link rel="stylesheet" href="/accent-1a4fd0.css">' in client.get("/en/").text

    site.colour = Site._meta.get_field("colour").default
    site.save()

    assert "accent-" not in client.get("/en/").text


@pytest.mark.parametrize("colour", ["zzzzzz", "a3122", "a3122aa", "A3122A", "a3122a%0a"])
def test_what_is_no_colour_has_no_stylesheet(client, colour):
    assert client.get(f"/accent-{colour}.css").status_code == 404
