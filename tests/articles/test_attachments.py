"""Documents: what is taken, how readers get them, and that they are gone with the text that links them."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from articles.attachments import BadDocument, add_attachment, delete_attachment, is_in_use, read_document
from articles.html import attachment_uids
from articles.models import Article, ArticleAttachment, Attachment, Page, PageText, User
from newsroom.models import LogEntry, Site
from newsroom.verbs import Refused
from tests import base

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def document(title: str = "Tide tables", content: bytes = PDF, name: str = "Tides 2025.pdf") -> Attachment:
    """Return a document of the library, made if need be."""
    return add_attachment(read_document(io.BytesIO(content), name), by=None, title=title)[0]


def link_to(row: Attachment, words: str = "the tables") -> str:
    """Return a link to a document as a body holds it."""
    return f'<a href="/admin/articles/attachment/{row.uid}/file/">{words}</a>'


def got(response: Any) -> bytes:
    """Return what was answered, and close its file."""
    body = b"".join(response)
    if response.streaming:
        for close in response._resource_closers:
            close()
    return body


def status(client: Client, address: str, **headers: str) -> int:
    """Return the status of an answer, and close its file."""
    response = client.get(address, headers=headers)
    got(response)
    return response.status_code


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def site() -> Site:
    row = Site(name="The Post", languages=["en", "de"])
    row.save()
    return row


# What is taken


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"x" * 1000])
def test_a_pdf_is_known_by_its_bytes(before: bytes) -> None:
    assert read_document(io.BytesIO(before + PDF), "x.pdf").size == len(before + PDF)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"<html>%PDF", b"x" * 1024 + PDF, b"%PDX-1.7"])
def test_nothing_else_is_taken(content: bytes) -> None:
    with pytest.raises(BadDocument, match="no PDF"):
        read_document(io.BytesIO(content), "x.pdf")


def test_what_is_too_large_is_refused_while_it_is_read(settings: Any) -> None:
    settings.DOCUMENT_MAX_BYTES = 2_000_000
    file = io.BytesIO(PDF + b"x" * 5_000_000)
    with pytest.raises(BadDocument, match="at most 2 MB"):
        read_document(file, "x.pdf")
    assert file.tell() < 4_000_000


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Tides 2025.pdf", "tides-2025.pdf"),
        ("C:\\Users\\Ida\\Übersicht (neu).PDF", "ubersicht-neu.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ('a"b\r\nSet-Cookie: x.pdf', "ab-set-cookie-x.pdf"),
        (".pdf", "document.pdf"),
        ("x" * 500 + ".pdf", "x" * 80 + ".pdf"),
        ("evil.pdf.html", "evilpdfhtml.pdf"),
    ],
)
def test_names_are_safe_everywhere(given: str, kept: str) -> None:
    assert read_document(io.BytesIO(PDF), given).name == kept


def test_the_same_bytes_are_one_document_and_lie_where_nobody_guesses(media: Path) -> None:
    first = document()
    assert document("Other", name="other.pdf") == first
    assert Attachment.objects.count() == LogEntry.objects.filter(verb="attachment.add").count() == 1
    (file,) = media.rglob("*.pdf")
    assert file.read_bytes() == PDF
    assert str(file.relative_to(media)) == first.path
    assert str(first.uid) not in first.path
    assert first.digest[:20] not in first.path
    assert LogEntry.objects.get(verb="attachment.add").details == {"digest": first.digest}


def test_a_document_that_cannot_be_saved_leaves_no_file(media: Path) -> None:
    with pytest.raises(ValidationError):
        document("x" * 300)
    assert not list(media.rglob("*.pdf"))


# Readers


@pytest.mark.postgresql_later
def test_readers_get_it_as_a_download_and_nothing_else(client: Client, site: Site) -> None:
    row = document()
    article = base.published(body=f"<p>See {link_to(row)}.</p>")
    address = row.get_absolute_url()
    page = client.get(article.path).text
    size = len(PDF)
    assert f'See <a href="{address}">the tables</a> <span class="file">(PDF, {size}\xa0bytes)</span>.' in page
    assert "/admin/" not in page
    response = client.get(address)
    assert got(response) == PDF
    headers = response.headers
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"] == 'attachment; filename="tides-2025.pdf"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Cache-Control"] == "no-cache"
    assert base.page_keys(response) == set()
    again = client.get(address, headers={"If-None-Match": headers["ETag"]})
    assert again.status_code == 304
    for wrong in (
        address.replace("tides", "waves"),
        address.replace(str(row.uid), str(article.uid)),
        f"/media/{row.path}",
    ):
        assert client.get(wrong).status_code == 404


@pytest.mark.postgresql_later
def test_what_it_is_is_said_in_the_language_of_the_page(client: Client, site: Site) -> None:
    row = document(content=PDF + b"x" * 1_300_000)
    article = base.published(language="de", headline="Gezeiten", body=f"<p>{link_to(row)}</p>")
    assert "(PDF, 1,2\xa0MB)" in client.get(article.path).text


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    "hide",
    [
        lambda row: row.withdraw(by=None, reason="x"),
        lambda row: row.unpublish(by=None),
        lambda row: Article.objects.filter(pk=row.pk).update(published_at=timezone.now() + timedelta(days=1)),
        lambda row: Article.objects.filter(pk=row.pk).update(language="ar"),
        lambda row: (row.save_revision(by=None, body="<p>No more.</p>"), row.publish(by=None)),
    ],
    ids=["withdrawn", "unpublished", "scheduled", "in no language of the site", "taken out of the text"],
)
def test_it_is_gone_with_the_text_that_links_it(
    client: Client, site: Site, hide: Callable[[Article], object]
) -> None:
    row = document()
    first, second = (base.published(headline=f"Number {n}", body=f"<p>{link_to(row)}</p>") for n in range(2))
    known = {"If-None-Match": f'"{row.digest}"'}
    hide(first)
    assert status(client, row.get_absolute_url()) == 200
    assert status(client, row.get_absolute_url(), **known) == 304
    hide(second)
    assert status(client, row.get_absolute_url()) == 404
    assert status(client, row.get_absolute_url(), **known) == 404


@pytest.mark.postgresql_later
def test_a_draft_shows_nobody_its_document(
    client: Client, site: Site, login: Callable[[User], Client], journalist: User
) -> None:
    row = document()
    article = base.published(body="<p>x</p>")
    article.save_revision(by=None, body=f"<p>{link_to(row)}</p>")
    assert status(client, row.get_absolute_url()) == 404
    draft = base.draft(by=journalist, headline="Draft", body=f"<p>{link_to(row)}</p>")
    assert status(client, row.get_absolute_url()) == 404
    # The columns of a draft mirror it; the row is there, and readers may not see the article.
    assert ArticleAttachment.objects.get().article == draft
    address = draft.share_draft(by=None, expires_at=timezone.now() + timedelta(days=1)).get_absolute_url()
    assert f'<a href="{address}{row.uid}/">the tables</a>' in client.get(address).text
    response = client.get(f"{address}{row.uid}/")
    assert got(response) == PDF
    assert response.headers["Cache-Control"] == "no-store"
    assert client.get(f"{address}{document(content=PDF + b'y').uid}/").status_code == 404
    shown = login(journalist).get(f"/admin/articles/article/{draft.pk}/preview/").text
    assert f'<a href="{row.editor_address}">the tables</a>' in shown


def test_a_page_of_the_house_may_link_one(client: Client, site: Site) -> None:
    row = document()
    text = PageText(page=Page.objects.create(), language="en", name="Imprint", body=f"<p>{link_to(row)}</p>")
    text.save()
    assert row.get_absolute_url() in client.get("/en/page/imprint/").text
    assert status(client, row.get_absolute_url()) == 200
    text.page.delete()
    assert status(client, row.get_absolute_url()) == 404


def test_a_link_to_nothing_leaves_its_words(client: Client, site: Site) -> None:
    article = base.published(
        body='<p>See <a href="/admin/articles/attachment/'
        + "0" * 8
        + "-"
        + "0000-" * 3
        + "0" * 12
        + '/file/">it</a>.</p>'
    )
    assert "<p>See it.</p>" in client.get(article.path).text


# The library


@pytest.fixture
def desk(login: Callable[[User], Client], editor: User, site: Site) -> Client:
    return login(editor)


def upload(content: bytes = PDF, name: str = "Tides 2025.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


ADD = "/admin/articles/attachment/add/"


def test_a_document_is_uploaded_with_a_title_or_its_name(desk: Client, editor: User) -> None:
    assert desk.post(ADD, {"upload": upload(), "title": ""}).status_code == 302
    row = Attachment.objects.get()
    assert (row.title, row.name, row.uploaded_by) == ("Tides 2025", "tides-2025.pdf", editor)
    assert LogEntry.objects.get(verb="attachment.add").by_id == editor.pk
    again = desk.post(ADD, {"upload": upload(), "title": "Mine"})
    assert again.status_code == 200
    assert f'<a href="/admin/articles/attachment/{row.pk}/change/">Tides 2025</a>' in again.text
    assert 'value="Mine"' in again.text


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    ("file", "why"),
    [
        (upload(b"<html>"), "This is no PDF"),
        (upload(name="x.html"), "File extension “html” is not allowed"),
        (None, "This field is required"),
    ],
)
def test_what_is_wrong_is_said_and_the_title_kept(desk: Client, file: Any, why: str, media: Path) -> None:
    response = desk.post(ADD, {"title": "Mine", **({"upload": file} if file else {})})
    assert response.status_code == 200
    assert why in response.text
    assert 'value="Mine"' in response.text
    assert not list(media.rglob("*.pdf"))


def test_its_page_says_where_it_is_used_and_it_goes_only_when_unused(desk: Client, media: Path) -> None:
    row = document()
    article = base.draft(headline="Low tide", body=f"<p>{link_to(row)}</p>")
    page = desk.get(f"/admin/articles/attachment/{row.pk}/change/").text
    assert "Low tide" in page
    assert row.editor_address in page
    delete = f"/admin/articles/attachment/{row.pk}/delete/"
    assert "Yes, I’m sure" not in desk.get(delete).text
    assert desk.post(delete, {"post": "yes"}).status_code in (200, 403)
    article.save_revision(by=None, body="<p>x</p>")
    # An older revision links it still, and can be restored.
    assert is_in_use(row)
    with pytest.raises(Refused):
        delete_attachment(row, by=None)
    article.discard(by=None)
    assert desk.post(delete, {"post": "yes"}).status_code == 302
    assert not Attachment.objects.exists()


def test_deleting_takes_the_file_along(
    media: Path, django_capture_on_commit_callbacks: Callable, journalist: User
) -> None:
    row = document()
    with pytest.raises(PermissionDenied):
        delete_attachment(row, by=journalist)
    with django_capture_on_commit_callbacks(execute=True):
        delete_attachment(row, by=None)
        delete_attachment(row, by=None)
    assert not list(media.rglob("*.pdf"))
    assert LogEntry.objects.filter(verb="attachment.delete").count() == 1


def test_who_may_not_add_may_not(login: Callable[[User], Client], moderator: User, site: Site) -> None:
    assert login(moderator).post(ADD, {"upload": upload()}).status_code == 403
    with pytest.raises(PermissionDenied):
        add_attachment(read_document(upload(), "x.pdf"), by=moderator, title="x")


def test_the_editor_finds_documents(desk: Client) -> None:
    row, other = document(), document("Ferry times", PDF + b"x", "ferries.pdf")

    def found(query: str) -> list[str]:
        return [
            one["title"]
            for one in desk.get("/admin/articles/attachment/choose/", {"q": query}).json()["rows"]
        ]

    assert found("") == [other.title, row.title]
    assert found("tables tide") == found("2025") == found(row.editor_address) == [row.title]
    assert found("nothing\0") == []
    (one,) = desk.get("/admin/articles/attachment/choose/", {"q": "ferry"}).json()["rows"]
    assert one["address"] == other.editor_address
    assert one["about"].startswith("ferries.pdf · ")


def test_staff_get_it_from_the_library_as_a_download_too(
    desk: Client, login: Callable, moderator: User
) -> None:
    row = document()
    response = desk.get(row.editor_address)
    assert got(response) == PDF
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert "no-store" in response.headers["Cache-Control"]
    assert login(moderator).get(row.editor_address).status_code == 403


def test_documents_of_a_text_are_known() -> None:
    row = document()
    assert attachment_uids(f'<p>{link_to(row)}{link_to(row)}<a href="/x">y</a></p>') == [row.uid]


def test_a_document_comes_and_goes_with_a_change_that_was_scheduled(client: Client) -> None:
    old, new = document(), document("New tables", PDF + b"2", "New.pdf")
    article = base.published(body=f"<p>{link_to(old)}</p>")
    article.save_revision(by=None, body=f"<p>{link_to(new)}</p>")
    at = timezone.now() + timedelta(hours=1)
    article.publish(by=None, at=at)
    assert status(client, old.get_absolute_url()) == 200
    assert status(client, new.get_absolute_url()) == 404
    # Nobody has asked for a page since, and no background process runs.
    with base.at(at):
        assert status(client, new.get_absolute_url()) == 200
        assert status(client, old.get_absolute_url()) == 404
