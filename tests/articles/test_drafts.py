"""Draft links: a draft for somebody outside, signed, for a while, until it is revoked; and nothing but that draft."""

import logging
import re
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from articles.jobs import forget_draft_links
from articles.models import Article, DraftLink, Photo, User
from articles.models.drafts import MAX_WORKING
from newsroom.logs import LineFormatter
from newsroom.models import LogEntry, Site
from newsroom.verbs import Refused
from tests import base
from tests.articles import readers
from tests.articles.admin import fields_of, page, send, text_of
from tests.comments.base import approved
from tests.test_nothing_leaks import body_of

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)


def shared(article: Article | None = None, **fields: Any) -> DraftLink:
    """Return a link to a draft for a week."""
    return (article or base.draft()).share_draft(by=None, **{"expires_at": timezone.now() + WEEK, **fields})


def read(link: DraftLink, status: int = 200) -> str:
    """Return the page behind a link, as somebody without an account gets it."""
    response = Client().get(link.get_absolute_url())
    assert response.status_code == status
    return text_of(response)


def is_closed(address: str, **headers: str) -> bool:
    """Return whether an address answers with the one calm page that tells nothing."""
    response = Client().get(address, headers=headers)
    known = Client().get("/preview/x/", headers=headers)
    assert response.headers["Cache-Control"] == "no-store"
    return (response.status_code, response.content) == (404, known.content)


# What somebody outside is shown


def test_a_link_shows_the_draft_as_readers_would_see_it_and_says_that_it_is_one(client: Client) -> None:
    article = base.draft(headline="Who owns the springs", bylines=[(base.author(), "author")])
    article.set_desk(by=None, embargo_until=timezone.now() + timedelta(days=2))
    text = read(shared(article, for_whom="Dr. Keller"))
    for words in ("Who owns the springs", "The first ferry left", "Nora Feld", "Draft, not published."):
        assert words in text
    assert "This link works until" in text
    assert "Embargo until" in text
    assert "Dr. Keller" not in text
    # What belongs to what is published.
    for words in (
        "story__part--share",
        "mistake/",
        "comments-title",
        "<form",
        "Published",
        'rel="canonical',
        "og:",
        "ld+json",
        'hreflang="x-default',
        "comments.xml",
        "print-address",
    ):
        assert words not in text, words


def test_the_page_speaks_the_language_of_the_article() -> None:
    response = Client().get(
        shared(base.draft(language="fr")).get_absolute_url(), headers={"accept-language": "de"}
    )
    assert '<html lang="fr"' in text_of(response)
    assert response.headers["Content-Language"] == "fr"


def test_no_embargo_is_told_that_is_none_or_over() -> None:
    article = base.draft()
    assert "Embargo" not in read(shared(article))
    Article.objects.filter(pk=article.pk).update(embargo_until=timezone.now() - timedelta(seconds=1))
    assert "Embargo" not in read(shared(article))


def test_nobody_keeps_the_page_lists_it_or_gets_a_cookie() -> None:
    client = Client()
    client.cookies["session"] = "odd"
    for address in (shared().get_absolute_url(), "/preview/x/"):
        response = client.get(address)
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert "ETag" not in response.headers
        assert not response.cookies
        assert re.search(r'<meta name="robots" content="noindex', text_of(response))


def test_head_answers_like_get_and_counts_nothing() -> None:
    link = shared()
    head = Client().head(link.get_absolute_url())
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Cache-Control"] == "no-store"
    link.refresh_from_db()
    assert link.opened_count == 0
    assert Client().post(link.get_absolute_url()).status_code == 405


@pytest.mark.postgresql_later
def test_a_link_shows_no_draft_but_its_own() -> None:
    section, tag = base.section(), base.tag("Ferries")
    article = base.draft(section=section, tags=[tag])
    words = {"section": section, "tags": [tag]}
    Article.start(
        by=None, language="de", story=article.story, headline="Geheimer Hafen", body="<p>Geheim</p>"
    )
    base.draft(headline="Another secret draft", **words)
    base.published(headline="A secret schedule", at=timezone.now() + timedelta(days=1), **words)
    live = base.published(headline="Open to all", **words)
    live.save_revision(by=None, headline="A secret change")
    text = read(shared(article))
    assert "Open to all" in text
    assert "ecret" not in text
    assert "Geheim" not in text


def test_a_translation_does_not_name_the_draft_it_was_made_from() -> None:
    article = base.draft(headline="Secret original")
    german = article.add_version("de", by=None)
    german.save_revision(by=None, headline="Der Hafen", standfirst="Ab Montag.", body="<p>Um sechs.</p>")
    assert "Secret" not in read(shared(german))


def test_a_link_follows_the_newest_revision_unless_it_was_made_for_one() -> None:
    article = base.draft(headline="First words", tags=[base.tag("Firsts")])
    newest, fixed = shared(article), shared(article, revision=article.newest_revision())
    article.save_revision(
        by=None,
        headline="Second secret",
        kicker="Secret kicker",
        standfirst="Secret standfirst",
        body="<p>Secret body</p>",
        dateline="Secret town",
        search_title="Secret title",
        search_description="Secret description",
        slug="secret",
        section=base.section({"en": "Secret section"}),
        tags=[base.tag("Secret tag")],
        bylines=[(base.author("Secret author"), "author")],
        photo=readers.photo({"en": ("Secret alt", "Secret caption")}),
    )
    assert "Second secret" in read(newest)
    text = read(fixed)
    assert "First words" in text
    assert "Firsts" in text
    assert "ecret" not in text
    photo = Photo.objects.get()
    assert is_closed(f"{fixed.get_absolute_url()}{photo.uid}/")


@pytest.mark.postgresql_later
def test_what_readers_said_and_saw_before_it_was_unpublished_is_not_there() -> None:
    article = base.published()
    approved(article, text="A remark")
    article.save_revision(by=None, headline="Second words")
    article.publish(by=None)
    article.unpublish(by=None)
    text = read(shared(article))
    assert "Second words" in text
    for words in ("comment-count", "A remark", "what changed", "Updated"):
        assert words not in text


# Until when


def test_a_link_works_to_the_second_and_no_longer() -> None:
    link = shared()
    with base.at(link.expires_at - timedelta(seconds=1)):
        assert "Draft, not published." in read(link)
    with base.at(link.expires_at):
        assert is_closed(link.get_absolute_url())
        assert not DraftLink.objects.working().exists()


def test_a_revoked_link_is_closed_at_once(editor: User) -> None:
    link = shared()
    read(link)
    link.revoke(by=editor)
    assert is_closed(link.get_absolute_url())


@pytest.mark.postgresql_later
@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_whatever_closed_it_the_page_is_the_same(language: str) -> None:
    links = {name: shared() for name in ("expired", "revoked", "discarded", "withdrawn", "story withdrawn")}
    DraftLink.objects.filter(pk=links["expired"].pk).update(expires_at=timezone.now())
    links["revoked"].revoke(by=None)
    links["discarded"].article.discard(by=None)
    for name, withdraw in (("withdrawn", Article.withdraw), ("story withdrawn", None)):
        article = links[name].article
        article.publish(by=None)
        (withdraw or (lambda a, **k: a.story.withdraw(**k)))(article, by=None, reason="x")
    for name, link in links.items():
        assert is_closed(link.get_absolute_url(), accept_language=language), name
        assert is_closed(f"{link.get_absolute_url()}{link.uid}/", accept_language=language), name


@pytest.mark.postgresql_later
def test_a_version_that_was_never_out_is_closed_with_its_withdrawn_story() -> None:
    german = base.published().add_version("de", by=None)
    link = shared(german)
    read(link)
    german.story.withdraw(by=None, reason="x")
    assert is_closed(link.get_absolute_url())
    with pytest.raises(Refused):
        shared(german)


@pytest.mark.postgresql_later
def test_in_a_language_that_the_site_does_not_publish_in_nobody_is_led_to_nothing() -> None:
    link = shared(base.draft(headline="In preparation"))
    base.published(headline="No longer open")
    assert "No longer open" in read(link)
    Site.objects.update_or_create(defaults={"name": "Post", "languages": ["fr"]})
    assert "No longer open" not in read(link)
    link.article.publish(by=None)
    assert "In preparation" in read(link)


@pytest.mark.postgresql_later
def test_once_everybody_may_read_it_the_link_leads_there_and_back_again() -> None:
    link = shared()
    article = link.article
    article.publish(by=None, at=timezone.now() + timedelta(hours=1))
    read(link)
    with base.at(timezone.now() + timedelta(hours=1)):
        response = Client().get(link.get_absolute_url())
        assert (response.status_code, response.headers["Location"]) == (302, article.path)
        assert response.headers["Cache-Control"] == "no-store"
    article.unpublish(by=None)
    article.publish(by=None)
    article.save_revision(by=None, headline="Not yet for anybody")
    assert Client().get(link.get_absolute_url()).status_code == 302
    article.unpublish(by=None)
    assert "Not yet for anybody" in read(link)


# Tokens


def junk(link: DraftLink, other: DraftLink) -> list[str]:
    uid, signature = link.token.split(":")
    return [
        *(
            "x",
            ":",
            "::",
            " ",
            "%00",
            "%0a",
            "%0d%0aX: y",
            "%ff%fe",
            "%F0%9F%97%9E",
            "%ED%A0%80",
            "%",
            "%%%",
            "%2e%2e",
        ),
        *(
            uid,
            f"{uid}:",
            f":{signature}",
            f"{uid}:{signature[:-1]}",
            f"{uid}:{signature}A",
            f"{uid}%00:{signature}",
        ),
        *(f"{uid}:{signature.swapcase()}", f"{uid.upper()}:{signature}", f"{other.uid.hex}:{signature}"),
        *(
            f"{uid}:{other.token.split(':')[1]}",
            str(link.pk),
            str(link.uid),
            f"{link.token}%20",
            f"%20{link.token}",
        ),
        # Signed by us for something else, or for nobody.
        signing.Signer(salt="comments.own").sign(link.uid.hex),
        signing.Signer().sign(link.uid.hex),
        *("x" * 1_000_000, "%C3%BC" * 10_000, "a:" * 1000, f"{link.token}{'x' * 200}"),
    ]


@pytest.mark.postgresql_later
def test_no_token_but_a_true_one_opens_anything_or_breaks_anything() -> None:
    link, other = shared(), shared()
    for token in junk(link, other):
        response = Client().get(f"/preview/{token}/")
        assert response.status_code == 404, token[:100]
        assert "Draft, not published." not in text_of(response)
        assert Client().head(f"/preview/{token}/").status_code == 404, token[:100]
        assert Client().get(f"/preview/{token}/{link.uid}/").status_code == 404, token[:100]


@pytest.mark.parametrize("token", ["\ud800", "é", "x" * 1_000_000])
def test_what_no_address_of_ours_holds_is_no_token(token: str) -> None:
    unsign = mock.patch.object(signing.Signer, "unsign", side_effect=AssertionError("hashed"))
    with unsign, pytest.raises(DraftLink.DoesNotExist):
        DraftLink.by_token(token)


def test_a_stranger_does_not_reach_the_database(django_assert_num_queries: Callable) -> None:
    link, other = shared(), shared()
    uid = link.uid.hex
    for token in ("x", f"{uid}:{other.token.split(':')[1]}", f"{uid}:{'A' * 43}", "x" * 100_000):
        with django_assert_num_queries(0):
            Client().get(f"/preview/{token}/")


def test_a_signed_name_of_no_row_is_closed() -> None:
    assert is_closed(DraftLink().get_absolute_url())


@pytest.mark.postgresql_later
def test_token_of_one_article_says_nothing_of_another() -> None:
    link, other = shared(base.draft(headline="One")), shared(base.draft(headline="Two"))
    assert "Two" not in read(link)
    assert "One" not in read(other)
    assert link.token != other.token
    assert shared(link.article).token != link.token


# Photos


@pytest.mark.postgresql_later
def test_photos_of_a_draft_are_seen_by_whoever_holds_the_link_and_by_nobody_else() -> None:
    lead, inline, other = readers.photo(), readers.photo(), readers.photo()
    article = base.draft(photo=lead, body=f"<p>Harbour.</p>{readers.figure(inline)}")
    base.draft(photo=other)
    link = shared(article)
    text = read(link)
    for photo in (lead, inline):
        address = f"{link.get_absolute_url()}{photo.uid}/"
        assert f'src="{address}"' in text
        response = Client().get(address)
        assert (response.status_code, response.headers["Content-Type"]) == (200, "image/jpeg")
        assert response.headers["Cache-Control"] == "no-store"
        assert body_of(response)
        for file in (photo.file.url, *(row.file.url for row in photo.renditions.all())):
            assert Client().get(file).status_code == 404
    assert "/media/photos/" not in text
    assert is_closed(f"{link.get_absolute_url()}{other.uid}/")
    link.revoke(by=None)
    assert is_closed(f"{link.get_absolute_url()}{lead.uid}/")


def test_a_photo_whose_rights_have_ended_is_not_served_to_anybody() -> None:
    photo = readers.photo()
    link = shared(base.draft(photo=photo))
    Photo.objects.filter(pk=photo.pk).update(rights_end=timezone.now())
    assert is_closed(f"{link.get_absolute_url()}{photo.uid}/")


@pytest.mark.postgresql_later
def test_staff_see_the_photos_of_a_draft_in_its_preview(journalist: User, login: Callable) -> None:
    photo = readers.photo()
    article = base.draft(by=journalist, photo=photo)
    client = login(journalist)
    address = re.search(r'<img[^>]* src="([^"]+)"', text_of(client.get(page(article, "preview"))))
    assert address
    response = client.get(address[1])
    assert response.status_code == 200
    body_of(response)


@pytest.mark.postgresql_later
def test_staff_are_told_of_an_embargo_in_the_preview(editor: User, login: Callable) -> None:
    article = base.draft(by=editor)
    client = login(editor)
    assert "Embargo until" not in text_of(client.get(page(article, "preview")))
    article.set_desk(by=None, embargo_until=timezone.now() + timedelta(days=2))
    assert "Embargo until" in text_of(client.get(page(article, "preview")))


# Openings


def test_openings_are_counted_with_one_write_in_a_minute() -> None:
    link = shared()
    began = timezone.now()
    for seconds, number in ((0, 1), (59, 1), (60, 2), (61, 2), (200, 3)):
        with base.at(began + timedelta(seconds=seconds)):
            read(link)
            link.refresh_from_db()
            assert link.opened_count == number, seconds
    assert link.last_opened_at == began + timedelta(seconds=200)
    assert not LogEntry.objects.filter(verb__contains="open").exists()


def test_of_two_at_the_same_time_one_is_counted_and_the_next_writes_nothing(
    django_assert_num_queries: Callable,
) -> None:
    link = shared()
    twin = DraftLink.objects.get(pk=link.pk)
    link.note_opening()
    twin.note_opening()
    link.refresh_from_db()
    assert link.opened_count == 1
    with django_assert_num_queries(0):
        link.note_opening()


def test_who_opens_it_while_nothing_can_be_written_reads_all_the_same() -> None:
    link = shared()
    with mock.patch.object(DraftLink, "note_opening", side_effect=OperationalError("read-only")):
        assert "Draft, not published." in read(link)


# Verbs


@pytest.mark.parametrize(
    ("away", "works"),
    [
        (timedelta(hours=1), True),
        (timedelta(days=30), True),
        (timedelta(hours=1) - timedelta(seconds=1), False),
        (timedelta(days=30, seconds=1), False),
        (-timedelta(days=1), False),
    ],
)
def test_a_link_is_made_for_an_hour_at_least_and_for_30_days_at_most(away: timedelta, works: bool) -> None:
    with base.at(base.NOON):
        if works:
            assert shared(expires_at=base.NOON + away).is_working()
            return
        with pytest.raises(Refused, match="hour at least"):
            shared(expires_at=base.NOON + away)
    assert not DraftLink.objects.exists()


def test_what_readers_see_or_was_withdrawn_is_not_shared() -> None:
    for make in (base.published, base.withdrawn, base.withdrawn_with_its_story):
        with pytest.raises(Refused):
            shared(make())


def test_a_link_shows_a_revision_of_its_own_article_only() -> None:
    with pytest.raises(Refused):
        shared(base.draft(), revision=base.draft().newest_revision())


def test_so_many_links_work_at_one_article_and_no_more() -> None:
    article = base.draft()
    first = shared(article)
    for _number in range(MAX_WORKING - 1):
        shared(article)
    with pytest.raises(Refused):
        shared(article)
    first.revoke(by=None)
    shared(article)


def test_for_whom_is_bounded() -> None:
    with pytest.raises(ValidationError):
        shared(for_whom="x" * 101)


@pytest.mark.postgresql_later
def test_making_and_revoking_is_logged_without_the_token_and_without_a_name(editor: User) -> None:
    article = base.draft()
    link = article.share_draft(by=editor, expires_at=timezone.now() + WEEK, for_whom="Dr. Keller")
    link.revoke(by=editor)
    link.revoke(by=editor)
    rows = list(LogEntry.objects.about(article).filter(verb__endswith="share").values())
    assert [(row["verb"], row["by_id"]) for row in rows] == [
        ("article.unshare", editor.pk),
        ("article.share", editor.pk),
    ]
    for secret in (link.uid.hex, str(link.uid), link.token, "Keller"):
        assert secret not in str(rows)


@pytest.mark.postgresql_later
def test_no_line_of_a_log_holds_a_token() -> None:
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(LineFormatter().format(record))

    link, kept = shared(), Kept()
    with ExitStack() as stack:
        stack.enter_context(
            mock.patch.object(DraftLink, "note_opening", side_effect=OperationalError(link.token))
        )
        for name in ("django.request", "articles.drafts"):
            logger = logging.getLogger(name)
            stack.enter_context(mock.patch.object(logger, "level", logging.DEBUG))
            logger.addHandler(kept)
            stack.callback(logger.removeHandler, kept)
            logger.manager._clear_cache()  # type: ignore[attr-defined]
        read(link)
        link.revoke(by=None)
        read(link, 404)
        Client().get(link.get_absolute_url().replace(":", "%3A"))
        Client().post(link.get_absolute_url())
    logging.getLogger("django.request").manager._clear_cache()  # type: ignore[attr-defined]
    assert len(lines) >= 4
    assert link.token.split(":")[1] not in "\n".join(lines)


def test_a_link_is_forgotten_90_days_after_it_worked_last() -> None:
    now = timezone.now()
    expired, revoked, working = shared(), shared(), shared()
    with base.at(now + timedelta(days=1)):
        revoked.revoke(by=None)
    with base.at(now + timedelta(days=90)):
        assert forget_draft_links() == 0
    with base.at(now + timedelta(days=92)):
        assert forget_draft_links() == 1
    assert set(DraftLink.objects.all()) == {expired, working}
    with base.at(now + timedelta(days=98)):
        assert forget_draft_links() == 2


# The staff's page


@pytest.mark.postgresql_later
def test_a_writer_makes_a_link_and_finds_it_on_the_page(journalist: User, login: Callable) -> None:
    article = base.draft(by=journalist)
    client = login(journalist)
    assert f'href="{page(article, "share")}"' in text_of(client.get(page(article, "change")))
    response = send(client, page(article, "share"), follow=True, for_whom="Dr. Keller")
    link = article.draft_links.get()
    assert abs(link.expires_at - timezone.now() - WEEK) < timedelta(minutes=2)
    assert (link.for_whom, link.created_by, link.revision) == ("Dr. Keller", journalist, None)
    text = text_of(response)
    assert link.get_absolute_url() in text
    assert "Dr. Keller" in text
    assert "Not opened yet." in text
    read(link)
    assert "Opened 1 time" in text_of(client.get(page(article, "share")))


@pytest.mark.postgresql_later
def test_a_link_to_one_revision_is_made(editor: User, login: Callable) -> None:
    article = base.draft()
    article.save_revision(by=None, headline="Other words")
    client = login(editor)
    send(client, page(article, "share"), revision="1")
    assert article.draft_links.get().revision.number == 1
    response = send(client, page(article, "share"), revision="7")
    assert "Select a valid choice" in text_of(response)


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    ("until", "told"),
    [
        ("", "Say until when the link works."),
        ("2025-07-11T12:00", "an hour at least"),
        ("2099-01-01T12:00", "an hour at least"),
        ("0026-01-01T12:00", "Check the year"),
        ("soon", "Enter a valid date/time."),
    ],
)
def test_a_time_that_cannot_be_is_told_and_nothing_typed_is_lost(
    editor: User, login: Callable, until: str, told: str
) -> None:
    article = base.draft()
    response = send(login(editor), page(article, "share"), for_whom="Dr. Keller", expires_at=until)
    assert response.status_code == 200
    assert told in text_of(response)
    assert fields_of(response)["for_whom"] == "Dr. Keller"
    assert not DraftLink.objects.exists()


def test_a_name_that_is_too_long_is_told(editor: User, login: Callable) -> None:
    response = send(login(editor), page(base.draft(), "share"), for_whom="x" * 101)
    assert "it has 101" in text_of(response)


@pytest.mark.postgresql_later
def test_the_link_is_revoked_with_a_button(editor: User, login: Callable) -> None:
    link = shared()
    client = login(editor)
    address = page(link.article, f"share/{link.pk}/revoke")
    assert f'action="{address}"' in text_of(client.get(page(link.article, "share")))
    assert client.get(address).status_code == 405
    text = text_of(client.post(address, follow=True))
    assert "Revoked" in text
    assert link.token not in text
    assert is_closed(link.get_absolute_url())
    assert client.post(address).status_code == 302


def test_a_link_is_revoked_at_its_own_article_only(journalist: User, login: Callable) -> None:
    mine, link = base.draft(by=journalist), shared()
    client = login(journalist)
    assert client.post(page(mine, f"share/{link.pk}/revoke")).status_code == 404
    assert client.post(page(link.article, f"share/{link.pk}/revoke")).status_code == 404
    link.refresh_from_db()
    assert link.revoked_at is None


def test_who_may_read_but_not_edit_sees_no_link(journalist: User, login: Callable) -> None:
    link = shared()
    link.article.publish(by=None)
    assert login(journalist).get(page(link.article, "share")).status_code == 403
    assert login(journalist).post(page(link.article, f"share/{link.pk}/revoke")).status_code == 403


@pytest.mark.postgresql_later
def test_an_old_tab_says_that_everybody_can_read_it(editor: User, login: Callable) -> None:
    link = shared()
    client = login(editor)
    data = fields_of(client.get(page(link.article, "share")))
    link.article.publish(by=None)
    response = client.post(page(link.article, "share"), data)
    assert "pass its own address on" in text_of(response)
    assert "Leads to the article" in text_of(response)
    assert DraftLink.objects.count() == 1
