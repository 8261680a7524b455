"""Readers report comments: nothing is hidden, nothing typed is lost, nobody floods."""

import re
from datetime import timedelta
from unittest import mock

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from articles.models import Article, User
from comments.jobs import forget_addresses
from comments.models import Comment, Report, address_digest
from comments.models.reports import MOST_REPORTS, REPORTS_WITHIN
from newsroom.models import LogEntry
from newsroom.verbs import Refused
from tests import base
from tests.comments.base import approved, assert_true, removed, waiting
from tests.comments.test_commenting import kept_text, title

pytestmark = pytest.mark.django_db

GOOD = {"reason": "insult", "text": "It calls the pilot names.", "email": "ines@mail.example"}


@pytest.fixture
def article() -> Article:
    return base.published()


@pytest.fixture
def comment(article: Article) -> Comment:
    return approved(article)


@pytest.fixture
def client() -> Client:
    """Return a client that checks tokens as a real site does."""
    return Client(enforce_csrf_checks=True)


def send(client: Client, comment: Comment, fields: dict | None = None, **headers: str):
    return client.post(f"/comments/{comment.pk}/report/", GOOD if fields is None else fields, headers=headers)


@pytest.mark.postgresql_later
def test_each_shown_comment_leads_to_a_form_that_quotes_it(client, article, comment):
    address = f"/comments/{comment.pk}/report/"
    assert f'href="{address}"' in client.get(article.path).content.decode()
    response = client.get(address)
    page = response.content.decode()
    assert comment.text in page
    assert f'action="{address}"' in page
    assert page.count('type="radio"') == len(Report.Reason)
    assert response["Content-Language"] == "en"
    assert not response.cookies


def test_a_report_is_stored_and_hides_nothing(client, article, comment):
    with base.purged_keys() as purged:
        response = send(client, comment)
    assert (response.status_code, response["Location"]) == (303, f"/comments/{comment.pk}/report/?sent")
    assert "Your report has arrived." in client.get(response["Location"]).content.decode()
    report = Report.objects.get()
    assert (report.comment, report.reason, report.text, report.email) == (comment, *GOOD.values())
    assert report.address_digest == address_digest("127.0.0.1")
    assert purged == set()
    comment.refresh_from_db()
    assert (comment.open_reports, comment.version, comment.shown) == (1, 2, True)
    assert assert_true(article) == 1
    entry = LogEntry.objects.get(verb="report.make")
    assert entry.details == {"comment": comment.pk, "article": article.pk}


@pytest.mark.parametrize(
    ("one", "again", "another"),
    [
        ("127.0.0.1", "127.0.0.1", "192.0.2.9"),
        ("2001:db8:1:2::1", "2001:db8:1:2:a:b:c:d", "2001:db8:1:3::1"),
    ],
)
def test_twice_from_one_address_is_once_and_from_another_is_two(comment, one, again, another):
    for address in (one, again, another):
        assert send(Client(REMOTE_ADDR=address), comment).status_code == 303
    comment.refresh_from_db()
    assert (Report.objects.count(), comment.open_reports) == (2, 2)


def test_once_it_was_closed_the_same_reader_may_report_again(client, comment):
    send(client, comment)
    Report.objects.update(closed_at=timezone.now())
    Comment.objects.update(open_reports=0)
    send(client, comment)
    comment.refresh_from_db()
    assert (Report.objects.count(), comment.open_reports) == (2, 1)


def test_too_many_from_one_address_come_back_later_with_everything_typed(client, article):
    comments = [approved(article) for _number in range(MOST_REPORTS + 1)]
    now = timezone.now()
    with base.at(now):
        assert {send(client, comment).status_code for comment in comments[:-1]} == {303}
    with base.at(now + timedelta(minutes=20)):
        response = send(client, comments[-1])
        assert (response.status_code, response["Retry-After"]) == (429, "2400")
        assert title(response).startswith("Error")
        assert kept_text(response) == GOOD["text"]
        assert 'value="ines@mail.example"' in response.content.decode()
        assert re.search(r'<input[^>]*value="insult"[^>]* checked', response.content.decode())
        # One that is there already is not one more.
        assert send(client, comments[0]).status_code == 303
        assert send(Client(REMOTE_ADDR="192.0.2.9"), comments[-1]).status_code == 303
    with base.at(now + REPORTS_WITHIN + timedelta(seconds=1)):
        assert send(client, comments[-1]).status_code == 303


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"reason": ""}, "reason", "Choose what is wrong"),
        ({"reason": "boring"}, "reason", "Choose what is wrong"),
        ({"reason": "\0"}, "reason", "Choose what is wrong"),
        ({"text": "é" * 1001}, "text", "Shorten the text to 1000 characters; it has 1001."),
        ({"email": "ines"}, "email", "Write the e-mail like"),
    ],
)
def test_a_mistake_comes_back_with_its_reason_and_everything_typed(client, comment, fields, field, reason):
    response = send(client, comment, GOOD | fields)
    page = response.content.decode()
    assert response.status_code == 422
    assert title(response).startswith("Error")
    assert f'<a href="#your-{field}">{reason}' in page
    assert f'id="your-{field}"' in page
    assert kept_text(response) == (GOOD | fields)["text"]
    assert not Report.objects.exists()


def test_the_e_mail_of_a_report_is_stored_in_its_one_spelling(client, comment):
    send(client, comment, GOOD | {"email": "Ines@\uff4dail.example"})
    assert Report.objects.get().email == "ines@mail.example"


def test_words_and_address_are_optional_and_staff_can_be_reported(client, article, moderator: User):
    answer = Comment.post(article=article, name="Mira", text="From the newsroom.", by=moderator)
    assert send(client, answer, {"reason": "other"}).status_code == 303
    assert Report.objects.get().comment == answer


def test_what_readers_do_not_see_cannot_be_reported(client, article, comment):
    hidden = approved(article, top := approved(article))
    top.mark_spam(by=None)
    for unseen in (waiting(article), removed(article), hidden):
        assert client.get(f"/comments/{unseen.pk}/report/").status_code == 404
        assert send(client, unseen).status_code == 404
        with pytest.raises(Refused):
            Report.make(comment=unseen, reason="spam")
    assert client.get("/comments/999999999999999999/report/").status_code == 404
    assert not Report.objects.exists()


def test_an_article_that_went_away_answers_as_elsewhere(client, article, comment, chief):
    article.unpublish(by=chief)
    assert send(client, comment).status_code == 404
    article.refresh_from_db()
    article.publish(by=chief)
    article.withdraw(by=chief, reason="wrong")
    for response in (client.get(f"/comments/{comment.pk}/report/"), send(client, comment)):
        assert response.status_code == 410
        assert comment.text not in response.content.decode()
    assert not Report.objects.exists()


def test_forms_of_other_sites_are_refused(client, comment):
    response = send(client, comment, Origin="https://evil.example")
    assert response.status_code == 403
    assert kept_text(response) == GOOD["text"]
    assert not Report.objects.exists()


def test_hostile_words_are_words_and_a_megabyte_is_not_read(client, comment):
    assert send(client, comment, GOOD | {"text": "x" * 1_000_000}).status_code == 413
    body = b"reason=hate&text=%3Cb%3E%00%ED%A0%80%FF&email="
    response = client.generic(
        "POST", f"/comments/{comment.pk}/report/", body, "application/x-www-form-urlencoded"
    )
    assert response.status_code == 303
    assert Report.objects.get().text.startswith("<b>")
    assert "\0" not in Report.objects.get().text


def test_the_hashed_address_of_a_report_is_forgotten(client, comment):
    send(client, comment)
    assert forget_addresses() == 0
    Report.objects.update(address_expires_at=timezone.now() - timedelta(seconds=1))
    assert forget_addresses() == 1
    report = Report.objects.get()
    assert (report.address_digest, report.address_expires_at) == ("", None)
    assert LogEntry.objects.get(verb="report.forget-addresses").details == {"reports": 1}


def test_the_e_mail_of_a_report_is_forgotten_thirty_days_after_it_was_closed(client, comment, moderator):
    send(client, comment)
    comment.refresh_from_db()
    comment.keep(by=moderator)
    report = Report.objects.get()
    Report.objects.update(address_digest="", address_expires_at=None)
    Comment.objects.update(address_expires_at=None)
    with base.at(report.closed_at + timedelta(days=30) - timedelta(seconds=1)):
        assert forget_addresses() == 0
    with base.at(report.closed_at + timedelta(days=30)):
        assert forget_addresses() == 1
        assert forget_addresses() == 0
    report.refresh_from_db()
    assert (report.email, report.text) == ("", GOOD["text"])
    assert LogEntry.objects.get(verb="report.forget-emails").details == {"reports": 1}


def test_the_e_mail_of_an_open_report_stays(client, comment):
    send(client, comment)
    with base.at(timezone.now() + timedelta(days=400)):
        forget_addresses()
    assert Report.objects.get().email == GOOD["email"]


def test_moderators_see_the_e_mail_of_a_report_and_can_write_to_it(client, comment, moderator, login):
    send(client, comment)
    page = login(moderator).get(f"/admin/comments/queue/{comment.pk}/").content.decode()
    assert f'<a href="mailto:{GOOD["email"]}" dir="ltr">{GOOD["email"]}</a>' in page
    assert GOOD["email"] not in client.get(f"/comments/{comment.pk}/report/").content.decode()


def test_a_database_that_is_away_says_nothing_of_a_comment_and_keeps_the_words(client, comment):
    with mock.patch.object(Report, "make", side_effect=OperationalError):
        response = send(client, comment)
    assert (response.status_code, kept_text(response)) == (503, GOOD["text"])
    assert title(response) == "Error: Nothing was stored"
    assert "Your comment" not in response.content.decode()
