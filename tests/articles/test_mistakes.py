"""A reader reports a mistake; the newsroom reads it and answers."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from articles.models import Article, MistakeReport, User
from articles.models.mistakes import MAX_OPEN
from newsroom.mail import send_due
from newsroom.models import LogEntry, Mail, Site
from newsroom.verbs import Refused
from tests import base
from tests.articles.admin import send, text_of

pytestmark = pytest.mark.django_db
WRONG = "It was Wednesday, not Tuesday.\n\nI was <b>there</b>."
GIVEN = {"text": WRONG, "name": "Ida Brandt", "email": "ida@example.org"}


@pytest.fixture
def article(journalist: User) -> Article:
    return base.published(by=journalist, headline="Ferries leave on Tuesday")


def report(article: Article, **given: str) -> MistakeReport:
    return MistakeReport.send(article, **GIVEN | given)


@pytest.mark.postgresql_later
def test_a_reader_reports_without_script_or_account(client: Client, article: Article) -> None:
    address = f"{article.path}mistake/"
    assert f'href="{address}"' in client.get(article.path).content.decode()
    assert f'action="{address}"' in client.get(address).content.decode()
    response = client.post(address, GIVEN)
    assert (response.status_code, response.headers["Location"]) == (303, f"{address}?sent")
    assert "Your report has arrived." in client.get(f"{address}?sent").content.decode()
    row = MistakeReport.objects.get()
    assert (row.text, row.name, row.email, row.language) == (WRONG, "Ida Brandt", "ida@example.org", "en")
    assert row.revision == article.live_revision
    entry = LogEntry.objects.get(verb="mistake.report")
    assert "Wednesday" not in str(entry.details)
    assert not response.cookies


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"text": " \u2800 "}, "Say what is wrong."),
        ({"text": "x" * 3001}, "Shorten the text to 3000 characters; it has 3001."),
        ({"name": "n" * 81}, "Shorten the name to 80 characters; it has 81."),
        ({"email": "nobody"}, "Write the e-mail like name@example.org"),
        ({"email": '"a\x00b"@example.org'}, "Write the e-mail like name@example.org"),
    ],
)
def test_what_is_refused_comes_back_whole_with_the_reason(
    client: Client, article: Article, given: dict, reason: str
) -> None:
    response = client.post(f"{article.path}mistake/", GIVEN | given)
    page = response.content.decode()
    assert response.status_code == 422
    assert reason in page
    assert "Ida Brandt" in page or "name" in given
    assert not MistakeReport.objects.exists()


def test_the_same_report_twice_is_one_and_another_day_is_another(article: Article) -> None:
    first = report(article)
    assert report(article) == first
    assert report(article, name="Somebody else") != first
    with base.at(timezone.now() + timedelta(minutes=11)):
        assert report(article) != first
    assert LogEntry.objects.filter(verb="mistake.report").count() == 3


def test_a_form_of_another_site_is_refused_and_nothing_lost(client: Client, article: Article) -> None:
    response = client.post(f"{article.path}mistake/", GIVEN, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert "It was Wednesday" in response.content.decode()
    assert not MistakeReport.objects.exists()


def test_what_readers_cannot_see_takes_no_report(client: Client, article: Article) -> None:
    article.unpublish(by=None)
    response = client.post(f"{article.path}mistake/", GIVEN)
    assert response.status_code == 404
    assert "It was Wednesday" in response.content.decode()
    assert client.get(f"{article.path}mistake/").status_code == 404
    with pytest.raises(Refused):
        report(article)


def test_a_flood_ends(article: Article) -> None:
    MistakeReport.objects.bulk_create(
        MistakeReport(article=article, text="x", language="en", fingerprint=str(n)) for n in range(MAX_OPEN)
    )
    with pytest.raises(Refused, match="Many have written"):
        report(article)


def test_a_body_that_is_too_large_is_not_read(client: Client, article: Article) -> None:
    response = client.post(f"{article.path}mistake/", GIVEN | {"text": "x" * 600_000})
    assert response.status_code == 413


def test_an_editor_answers_and_the_address_is_forgotten(
    editor: User, login: Callable, article: Article
) -> None:
    row, desk = report(article), login(editor)
    address = f"/admin/articles/mistakereport/{row.pk}/change/"
    assert "I was &lt;b&gt;there&lt;/b&gt;." in text_of(desk.get(address))
    assert "It was Wednesday" in text_of(desk.get("/admin/articles/mistakereport/"))
    refused = send(desk, address, _answer="yes")
    assert "Write the answer" in text_of(refused)
    done = send(desk, address, follow=True, answer="You are right.\n\nThank you.", _answer="yes")
    assert "The answer is on its way." in text_of(done)
    row.refresh_from_db()
    assert (row.state, row.email, row.fingerprint, row.closed_by) == ("answered", "", "", editor)
    assert send_due() == 1
    sent = mail.outbox[0]
    assert sent.to == ["ida@example.org"]
    assert "> It was Wednesday, not Tuesday.\n> \n> I was <b>there</b>." in sent.body
    assert "You are right.\n\nThank you." in sent.body
    assert article.path in sent.body
    again = desk.post(address, {"answer": "Twice", "_answer": "yes"})
    assert "Somebody has closed this report meanwhile." in text_of(again)
    assert not Mail.objects.exists()


def test_closing_without_an_answer_mails_nobody(editor: User, article: Article) -> None:
    row = report(article)
    assert row.settle(by=editor) is False
    assert (row.state, row.email) == ("closed", "")
    assert not Mail.objects.exists()
    with pytest.raises(Refused):
        row.settle(by=editor)


@pytest.mark.postgresql_later
def test_who_may_not_edit_there_reads_and_settles_nothing(
    journalist: User, login: Callable, article: Article
) -> None:
    row = report(article)
    with pytest.raises(PermissionDenied):
        row.settle(by=journalist)
    assert login(journalist).get("/admin/articles/mistakereport/").status_code == 403
    french = login(base.person("dora", "Editor", languages=["fr"]))
    assert french.get(f"/admin/articles/mistakereport/{row.pk}/change/").status_code == 404
    assert "It was Wednesday" not in text_of(french.get("/admin/articles/mistakereport/"))


def test_without_a_mail_server_nobody_is_asked_for_an_address(
    client: Client, article: Article, settings: object
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert 'name="email"' not in client.get(f"{article.path}mistake/").content.decode()
    assert client.post(f"{article.path}mistake/", {"text": WRONG}).status_code == 303


def test_a_headline_cannot_forge_a_header_of_the_mail(editor: User, article: Article) -> None:
    row = report(article)
    Article.objects.filter(pk=article.pk).update(headline="x\r\nBcc: all@example.org")
    row.refresh_from_db()
    row.settle(by=editor, answer="Thank you.")
    assert send_due() == 1
    assert mail.outbox[0].recipients() == ["ida@example.org"]


@pytest.mark.postgresql_later
def test_a_page_in_a_language_without_catalogue_speaks_one_language(client: Client) -> None:
    Site(languages=["ar", "en"]).save()
    article = base.published(language="ar", headline="Le port")
    pages = [client.get(f"{article.path}{rest}").content.decode() for rest in ("", "mistake/", "changes/")]
    pages += [client.get(address).content.decode() for address in ("/ar/search/", "/ar/nothing/")]
    article.withdraw(by=None, reason="x")
    pages.append(client.get(article.path).content.decode())
    for page in pages:
        assert ">Search<" in page
        assert "ابحث" not in page
