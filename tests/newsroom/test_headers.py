"""What every answer tells browsers, and what operators ask."""

from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from django.utils.translation import trans_real

from comments.models import Comment
from newsroom.models import Site
from tests import base

STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
    "base-uri": "'none'",
}


def policy(response: object) -> dict[str, str]:
    """Return a response's Content-Security-Policy, directive by directive."""
    parts = response.headers["Content-Security-Policy"].split(";")
    return dict(part.strip().partition(" ")[::2] for part in parts if part.strip())


@pytest.fixture
def pages(db: None) -> list[str]:
    article = base.published()
    return ["/en/", article.path, f"{article.path}comments/", "/en/nothing-here/", "/nothing", "/healthz"]


def test_every_public_page_has_the_strict_policy(client: Client, pages: list[str]) -> None:
    for path in pages:
        response = client.get(path)
        assert response.status_code < 500, path
        for directive, value in STRICT.items():
            assert policy(response)[directive] == value, path
        assert "unsafe" not in response.headers["Content-Security-Policy"], path


def test_every_answer_has_the_other_headers(client: Client, pages: list[str]) -> None:
    for path in [*pages, "/admin/login/"]:
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "same-origin", path
        assert headers["X-Frame-Options"] == "DENY", path
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", path
        assert "Server" not in headers


def test_public_pages_set_no_cookie(client: Client, pages: list[str]) -> None:
    for path in pages:
        assert not client.get(path).cookies, path


def test_nobody_shows_a_public_page_or_an_error_later_without_asking(
    client: Client, pages: list[str]
) -> None:
    gone = base.published(headline="Another day")
    gone.withdraw(by=None, reason="wrong")
    mistake = client.post(f"{pages[1]}comments/", {})
    moved = client.get(f"{pages[1].rstrip('/')}")
    feed = client.get("/en/feed.xml")
    broken = Client(raise_request_exception=False)
    with mock.patch("articles.views.Site.of", side_effect=RuntimeError):
        error = broken.get("/en/")
    statuses = []
    for response in (
        *map(client.get, ["/en/", pages[1], gone.path, "/en/x/y/"]),
        mistake,
        moved,
        feed,
        error,
    ):
        statuses.append(response.status_code)
        assert response.headers["Cache-Control"] == "no-cache", response
    assert statuses == [200, 200, 410, 404, 422, 301, 200, 500]
    assert client.get("/en/", headers={"Host": "evil.example"}).headers["Cache-Control"] == "no-cache"


def test_what_says_itself_how_long_it_keeps_is_left_alone(client: Client, db: None) -> None:
    assert client.get("/accent-a3122a.css").headers["Cache-Control"] == "public, max-age=86400"
    assert "no-store" in client.get("/").headers["Cache-Control"]


def test_a_feed_names_no_day_of_its_last_change(client: Client, pages: list[str]) -> None:
    # The number of comments changes without the articles, and who asked by date would be told of no change.
    response = client.get("/en/feed.xml")
    assert "Last-Modified" not in response.headers
    assert "slash:comments" in response.content.decode()


@pytest.mark.postgresql_later
@pytest.mark.django_db
def test_invented_languages_load_nothing(client: Client) -> None:
    client.get("/en/")
    catalogues = set(trans_real._translations)
    for number in range(50):
        for address in (f"/xq-{number:04}/", f"/xq-{number:04}/2025/07/11/x/comments/", f"/q{number:02}/"):
            response = client.get(address)
            assert (response.status_code, response.headers["Content-Language"]) == (404, "en")
            client.post(address, {"text": "x"})
    assert set(trans_real._translations) == catalogues


@pytest.mark.django_db
def test_a_plain_error_page_says_the_language_that_it_speaks(client: Client) -> None:
    Site(languages=["ar", "de"]).save()
    broken = Client(raise_request_exception=False)
    for language, spoken in (("ar", "en"), ("de", "de")):
        with mock.patch("articles.views.front.candidates", side_effect=RuntimeError):
            response = broken.get(f"/{language}/")
        assert response.status_code == 500
        assert response.headers["Content-Language"] == spoken
        assert f'<html lang="{spoken}" dir="ltr">' in response.content.decode()


NO_PICTURES = ["page.html", "drawing.svg", "words.txt", "picture.jpg.html", "jpg", ".env", ".jpg"]


@pytest.fixture
def uploads(settings: Any, tmp_path: Path) -> Path:
    """Put one picture into the folder of uploads, and beside it what nobody shall get."""
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "media-old").mkdir()
    (tmp_path / "media").mkdir()
    for name in (
        "secret.jpg",
        "media-old/secret.jpg",
        "media/logo.jpg",
        *(f"media/{n}" for n in NO_PICTURES),
    ):
        (tmp_path / name).write_bytes(b"content")
    (tmp_path / "media/folder.jpg").mkdir()
    return tmp_path


def test_an_upload_is_served_as_a_picture_that_does_nothing(client: Client, uploads: Path) -> None:
    response = client.get("/media/logo.jpg")
    assert (response.status_code, response.getvalue()) == (200, b"content")
    assert response.headers["Content-Type"] == "image/jpeg"
    assert policy(response) == {"default-src": "'none'", "sandbox": ""}
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.post("/media/logo.jpg").status_code == 405


@pytest.mark.parametrize("path", [*NO_PICTURES, "folder.jpg", "LOGO.JPG", "none.jpg"])
def test_nothing_but_pictures_is_served(client: Client, db: None, uploads: Path, path: str) -> None:
    assert client.get(f"/media/{path}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        *("../secret.jpg", "%2e%2e/secret.jpg", "folder.jpg/../../secret.jpg", "../media-old/secret.jpg"),
        *("photos/../../secret.jpg", "./../secret.jpg", "..%2fsecret.jpg", "/{folder}/secret.jpg"),
        *("a%00.jpg", "../secret.jpg%00.jpg", "x" * 5000 + ".jpg", "é.jpg"),
    ],
)
def test_no_address_of_an_upload_leads_out_of_their_folder(
    client: Client, db: None, uploads: Path, path: str
) -> None:
    assert client.get(f"/media/{path}".format(folder=uploads)).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        *("//evil.example", "//evil.example/en", "///evil.example/en", "//evil.example/2025/07/11/x"),
        *("/\\evil.example/en", "/\t/evil.example", "//evil.example\\@testserver/en", "//evil.example/%2f.."),
        *("/en//evil.example", "//admin//evil.example", "/admin//evil.example"),
    ],
)
def test_no_address_of_ours_leads_to_another_site(client: Client, db: None, path: str) -> None:
    response = client.get("/", PATH_INFO=path)
    # As browsers read it, to whom "\\" is "/" and a tab is nothing.
    target = response.headers.get("Location", "").replace("\\", "/").replace("\t", "")
    assert urlsplit(urljoin("http://testserver/", target)).hostname == "testserver"


@pytest.mark.django_db
def test_login_page_is_kept_by_nobody_and_runs_nothing_inline(client: Client) -> None:
    response = client.get("/admin/login/")
    assert "no-store" in response.headers["Cache-Control"]
    assert policy(response)["script-src"] == "'self'"


@pytest.mark.django_db
def test_foreign_host_is_refused(client: Client) -> None:
    assert client.get("/en/", HTTP_HOST="evil.example").status_code == 400
    assert client.get("/en/", HTTP_X_FORWARDED_HOST="evil.example").status_code == 200


def test_a_server_error_is_calm_and_safe(client: Client, db: None) -> None:
    client.raise_request_exception = False
    with mock.patch("newsroom.views.connection.cursor", side_effect=RuntimeError("secret detail")):
        response = client.get("/readyz")
    assert response.status_code == 500
    assert b"secret detail" not in response.content
    assert policy(response)["default-src"] == "'none'"


def test_healthz_answers_without_a_database(client: Client) -> None:
    with mock.patch.object(connection, "cursor", side_effect=OperationalError):
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_readyz_says_when_the_database_is_gone(client: Client) -> None:
    assert client.get("/readyz").status_code == 200
    with mock.patch("newsroom.views.connection.cursor", side_effect=OperationalError("gone")):
        response = client.get("/readyz")
    assert response.status_code == 503
    assert b"gone" not in response.content


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.django_db
def test_operators_ask_by_get_only(client: Client, path: str) -> None:
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405


def test_forms_of_a_public_page_are_bounded() -> None:
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE <= 5_000_000
    assert settings.DATA_UPLOAD_MAX_NUMBER_FIELDS <= 5_000


def test_what_anybody_may_read_is_compressed_and_nothing_else(client, editor, login):
    article = base.published(body=f"<p>{'The first ferry left at six. ' * 40}</p>")
    gzip = {"HTTP_ACCEPT_ENCODING": "gzip"}
    for address in ("/en/", article.path, "/en/feed.xml", "/en/feed.json", "/en/nothing/here/"):
        packed = client.get(address, **gzip)
        assert packed.headers["Content-Encoding"] == "gzip", address
        assert len(packed.content) < len(client.get(address).content), address
        assert "Content-Encoding" not in client.get(address).headers, address
    own = Comment.post(article=article, name="Reader", text="x").own_url()
    for somebody, address in ((client, own), (login(editor), "/admin/articles/article/")):
        assert "Content-Encoding" not in somebody.get(address, **gzip).headers, address
