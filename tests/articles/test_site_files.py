"""Small files at fixed addresses: robots.txt, the web manifest, icons."""

import re
from urllib.robotparser import RobotFileParser

import pytest
from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from django.test import Client, override_settings
from PIL import Image

from newsroom.models import Site, SiteText
from tests import base

pytestmark = pytest.mark.django_db

ICONS = ["/favicon.ico", "/apple-touch-icon.png", "/apple-touch-icon-precomposed.png"]


@pytest.fixture(autouse=True)
def site() -> Site:
    row = Site(name="The Post", languages=["en", "ar"], colour="#004488")
    row.save()
    return row


def give_icon(site: Site) -> str:
    """Give the site an icon and return its address."""
    site.icon.save("icon.png", ContentFile(b"x"))
    return site.icon.url


def robots(client: Client) -> RobotFileParser:
    """Return robots.txt as a robot reads it."""
    response = client.get("/robots.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    parser = RobotFileParser()
    parser.parse(response.text.splitlines())
    return parser


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/articles/article/1/change/", "/preview/token/", "/comments/own/token/"]
)
def test_robots_keep_out_of_what_is_for_one_person(client: Client, path: str) -> None:
    assert not robots(client).can_fetch("Googlebot", path)


@pytest.mark.parametrize("path", ["/", "/en/", "/en/2025/07/11/a/", "/comments/1/", "/media/photos/a.jpg"])
def test_robots_may_read_what_readers_read(client: Client, path: str) -> None:
    assert robots(client).can_fetch("Googlebot", path)


def test_robots_keep_out_of_search_results(client: Client) -> None:
    # The parser of the standard library knows no wildcards (RFC 9309, 2.2.3).
    assert "Disallow: /*/search/" in client.get("/robots.txt").text.splitlines()


@override_settings(BASE_URL="https://post.example")
def test_robots_are_told_of_the_sitemaps_at_our_address(client: Client) -> None:
    assert robots(client).site_maps() == [
        "https://post.example/sitemap.xml",
        "https://post.example/news-sitemap.xml",
    ]


def test_manifest_says_what_the_site_is_called_in_the_language(client: Client, site: Site) -> None:
    SiteText.objects.create(site=site, language="ar", name="البريد", description="أخبار")

    response = client.get("/ar/manifest.webmanifest")
    data = response.json()

    assert response.headers["Content-Type"] == "application/manifest+json; charset=utf-8"
    assert (data["name"], data["short_name"], data["description"]) == ("البريد", "البريد", "أخبار")
    assert (data["lang"], data["dir"], data["start_url"]) == ("ar", "rtl", "/ar/")
    assert data["display"] == "browser"
    assert data["theme_color"] == "#004488"
    assert re.fullmatch("#[0-9a-f]{6}", data["background_color"])
    assert client.get("/en/manifest.webmanifest").json()["dir"] == "ltr"
    assert client.get("/it/manifest.webmanifest").status_code == 404


def test_icons_of_the_house_are_what_the_manifest_says(client: Client) -> None:
    drawn, picture = client.get("/en/manifest.webmanifest").json()["icons"]

    assert (drawn["type"], drawn["sizes"]) == ("image/svg+xml", "any")
    with Image.open(finders.find(picture["src"].removeprefix("/static/"))) as image:
        assert f"{image.width}x{image.height}" == picture["sizes"]
        assert Image.MIME[image.format] == picture["type"]


def test_manifest_has_the_icon_of_the_site(client: Client, site: Site) -> None:
    address = give_icon(site)

    assert client.get("/en/manifest.webmanifest").json()["icons"] == [{"src": address, "type": "image/png"}]


@pytest.mark.parametrize("address", ICONS)
def test_browsers_find_an_icon_without_being_told(client: Client, site: Site, address: str) -> None:
    house = client.get(address)
    own = give_icon(site)

    assert (house.status_code, house.headers["Location"]) == (302, "/static/img/icon.png")
    assert client.get(address).headers["Location"] == own
    assert base.page_keys(house) == {"site"}


def test_pages_lead_to_manifest_icon_and_json_feed(client: Client, site: Site) -> None:
    page = client.get("/en/").text
    own = give_icon(site)
    after = client.get("/en/").text

    assert '<link rel="manifest" href="/en/manifest.webmanifest">' in page
    assert '<link rel="apple-touch-icon" href="/static/img/icon.png">' in page
    assert (
        '<link rel="alternate" type="application/feed+json" title="The Post" href="/en/feed.json">'
    ) in page
    assert f'<link rel="apple-touch-icon" href="{own}">' in after


@pytest.mark.parametrize("address", ["/robots.txt", "/en/manifest.webmanifest"])
def test_files_change_with_the_site_and_are_sent_again_then_only(
    client: Client, site: Site, address: str
) -> None:
    response = client.get(address)
    known = {"If-None-Match": response.headers["ETag"]}

    assert client.get(address, headers=known).status_code == 304
    assert base.page_keys(response) == {"site"}
    with override_settings(BASE_URL="https://post.example"):
        site.name = "Another"
        site.save()
        assert client.get(address, headers=known).status_code == 200


def test_files_answer_get_and_head_only(client: Client) -> None:
    for address in ("/robots.txt", "/en/manifest.webmanifest", *ICONS):
        assert client.post(address).status_code == 405
        assert client.head(address).status_code in (200, 302)
