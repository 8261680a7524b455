"""What was typed is kept when the session has ended or the token is an old one."""

from collections.abc import Callable

import pytest
from django.test import Client

from articles.models import Article, User
from tests import base
from tests.articles.admin import change, fields_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]
LOGIN = {"username": "jana", "password": "correct horse battery"}


@pytest.fixture
def written(journalist: User, login: Callable) -> tuple[Article, dict]:
    """A draft, and its form with a headline that is not saved yet."""
    article = base.draft(by=journalist)
    return article, fields_of(login(journalist).get(change(article))) | {
        "headline": 'Typed <b>with</b> "care" & time',
        "body": "<p>A long text</p>\r\n<p>in two paragraphs.</p>",
    }


def test_form_sent_after_the_session_ended_comes_back_whole(written: tuple[Article, dict]) -> None:
    article, form = written
    client = Client()

    response = client.post(change(article), form)

    assert response.status_code == 403
    assert "Your session has ended" in text_of(response)
    assert "no-store" in response.headers["Cache-Control"]
    kept = fields_of(response)
    for name, value in form.items():
        assert kept[name].replace("\r", "") == str(value).replace("\r", ""), name
    assert "<b>with</b>" not in text_of(response)
    assert article.newest_revision().number == 1

    client.post("/admin/login/", LOGIN)
    client.post(change(article), kept)
    assert article.newest_revision().headline == form["headline"]


def test_form_with_an_old_token_comes_back_whole(written: tuple[Article, dict]) -> None:
    article, form = written
    client = Client(enforce_csrf_checks=True)
    client.force_login(article.created_by)
    token = "x" * 64

    response = client.post(change(article), form | {"csrfmiddlewaretoken": token})

    assert response.status_code == 403
    assert "You have logged in anew" in text_of(response)
    assert fields_of(response)["headline"] == form["headline"]
    assert article.newest_revision().number == 1
    fresh = client.cookies["csrf"].value
    again = client.post(change(article), fields_of(response) | {"csrfmiddlewaretoken": fresh})
    assert again.status_code == 302
    assert article.newest_revision().headline == form["headline"]


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}],
)
def test_form_of_another_site_gets_a_plain_refusal(written: tuple[Article, dict], headers: dict) -> None:
    article, form = written
    client = Client(enforce_csrf_checks=True)
    client.force_login(article.created_by)
    response = client.post(change(article), form, headers=headers)
    assert response.status_code == 403
    assert "Typed" not in text_of(response)
    assert article.newest_revision().number == 1


def test_passwords_are_never_kept(chief: User) -> None:
    for client in (Client(), Client(enforce_csrf_checks=True)):
        response = client.post(
            f"/admin/articles/user/{chief.pk}/password/", {"password1": "a secret of mine", "x": "y"}
        )
        assert response.status_code in (302, 403)
        assert "a secret of mine" not in text_of(response)


def test_reading_without_a_session_leads_to_the_login(db: None) -> None:
    response = Client().get("/admin/articles/article/add/")
    assert response.headers["Location"] == "/admin/login/?next=/admin/articles/article/add/"


def test_logging_out_twice_is_no_error(journalist: User, login: Callable) -> None:
    client = login(journalist)
    assert client.post("/admin/logout/").status_code == 200
    assert client.post("/admin/logout/").status_code == 302


def test_refusals_outside_the_admin_are_djangos(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post("/en/", {"text": "Typed with care and time."})
    assert "Typed with care" not in text_of(response)


def test_a_login_from_a_second_tab_leads_on_and_an_old_login_form_is_given_anew(editor: User) -> None:
    client = Client(enforce_csrf_checks=True)
    fields = {"username": "emil", "password": "correct horse battery", "csrfmiddlewaretoken": "x" * 64}
    again = client.post("/admin/login/?next=/admin/articles/article/", fields, follow=True)
    assert again.status_code == 200
    assert "Please log in again." in again.content.decode()
    client.force_login(editor)
    on = client.post("/admin/login/", fields)
    assert on.headers["Location"] == "/admin/login/"
    assert client.get("/admin/login/").headers["Location"] == "/admin/"
    password = client.post("/admin/password_change/", {"old_password": "x", "csrfmiddlewaretoken": "y" * 64})
    assert password.headers["Location"] == "/admin/password_change/"


def test_a_login_for_another_site_leads_to_the_desk(editor: User) -> None:
    fields = {"username": "emil", "password": "correct horse battery", "next": "//evil.example"}
    assert Client().post("/admin/login/", fields).headers["Location"] == "/admin/"


def test_no_answer_of_the_admin_is_kept_by_anybody(journalist: User, login: object) -> None:
    client = login(journalist)
    for address, status in (
        ("/admin/", 200),
        ("/admin/articles/user/", 403),
        ("/admin/articles/article/9999/change/", 404),
        ("/admin/nothing-here/", 404),
        ("/admin/comments/queue/", 403),
    ):
        response = client.get(address)
        assert response.status_code == status, address
        assert "no-store" in response.headers["Cache-Control"], address
    refused = client.get("/admin/articles/user/").content.decode()
    assert "ask a chief" in refused
    assert 'href="/admin/"' in refused
