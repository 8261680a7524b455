"""What every answer tells browsers, and what operators ask."""

from unittest import mock

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client

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
