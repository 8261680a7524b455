"""Commenting: what a reader sends, what comes back, and that nothing he wrote is lost."""

import re
from datetime import timedelta
from html import escape, unescape
from unittest import mock

import pytest
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError
from django.test import Client

from articles.models import Article, User
from comments import views
from comments.judging import TooMany
from comments.models import Comment, address_digest
from newsroom.models import LogEntry, Site
from tests import base
from tests.comments.base import approved, assert_true, removed, waiting

pytestmark = pytest.mark.django_db

GOOD = {"name": "Rosa", "email": "", "text": "The six o’clock ferry was full."}


@pytest.fixture
def article() -> Article:
    return base.published()


@pytest.fixture
def client() -> Client:
    """Return a client that checks tokens as a real site does."""
    return Client(enforce_csrf_checks=True)


def send(client: Client, address: str, fields: dict | None = None, **headers: str):
    return client.post(address, GOOD if fields is None else fields, headers=headers)


def kept_text(response) -> str:
    """Return what stands in the text area of a page."""
    area = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", response.content.decode(), re.DOTALL)
    return unescape(area[1])


def title(response) -> str:
    return re.search(r"<title>([^<]*)</title>", response.content.decode())[1]


def test_a_comment_is_stored_and_leads_to_its_private_page(client, article):
    response = send(client, f"{article.path}comments/", GOOD | {"email": "rosa@mail.example"})
    comment = Comment.objects.get()
    assert (response.status_code, response["Location"]) == (303, comment.own_url())
    assert (comment.name, comment.email, comment.text) == ("Rosa", "rosa@mail.example", GOOD["text"])
    assert (comment.state, comment.language, comment.parent, comment.user) == ("waiting", "en", None, None)
    assert comment.address_digest == address_digest("127.0.0.1")
    assert assert_true(article) == 0


def test_the_private_page_says_state_since_when_and_why(client, article):
    response = client.get(send(client, f"{article.path}comments/")["Location"])
    page = response.content.decode()
    assert response.status_code == 200
    assert "Your comment is waiting" in page
    assert "A moderator reads each first comment before it is shown." in page
    assert GOOD["text"] in page
    assert f'value="http://testserver{Comment.objects.get().own_url()}"' in page
    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]
    assert not response.cookies


def test_the_private_page_follows_what_becomes_of_the_comment(client, article, moderator):
    comment = waiting(article)

    def heading() -> str:
        page = client.get(comment.own_url()).content.decode()
        assert "secret of the desk" not in page
        return re.search(r"<h1[^>]*>([^<]*)</h1>", page)[1]

    assert heading() == "Your comment is waiting"
    comment.approve(by=moderator)
    assert heading() == "Your comment is shown"
    comment.remove(by=moderator, reason="secret of the desk")
    assert heading() == "Your comment was removed"
    comment.mark_spam(by=moderator, reason="secret of the desk")
    assert heading() == "Your comment is not shown"
    comment.reject(by=moderator, reason="secret of the desk")
    assert heading() == "Your comment is not shown"


def test_the_private_page_of_a_comment_hidden_by_another_says_so(client, article):
    top = approved(article)
    reply = approved(article, top)
    top.mark_spam(by=None)
    page = client.get(reply.own_url()).content.decode()
    assert "a comment that it answers is not shown" in page


def test_the_private_page_tells_nothing_of_an_article_that_went_away(client, article, chief):
    comment = approved(article)
    article.unpublish(by=chief)
    page = client.get(comment.own_url()).content.decode()
    assert article.headline not in page
    assert "not available at present" in page
    assert comment.text in page


@pytest.mark.parametrize("token", ["x", "a:b:c", "%00", "é", ":" * 50])
def test_a_made_up_private_address_is_not_found(client, token):
    assert client.get(f"/comments/own/{token}/").status_code == 404


def test_a_reply_is_stored_below_what_it_answers(client, article):
    top = approved(article)
    page = client.get(f"{article.path}comments/reply/{top.pk}/").content.decode()
    assert top.text in page
    assert f'action="{article.path}comments/reply/{top.pk}/"' in page
    response = send(client, f"{article.path}comments/reply/{top.pk}/")
    assert response.status_code == 303
    assert Comment.objects.get(name="Rosa", text=GOOD["text"]).parent == top


@pytest.mark.postgresql_later
def test_a_reply_to_what_has_gone_comes_back_and_can_be_sent_as_a_comment(client, article):
    for top in (removed(article), waiting(article), approved(base.published(headline="Elsewhere"))):
        response = send(client, f"{article.path}comments/reply/{top.pk}/")
        assert response.status_code == 422
        assert "no longer there" in response.content.decode()
        assert kept_text(response) == GOOD["text"]
        assert f'action="{article.path}comments/"' in response.content.decode()
    assert not Comment.objects.filter(text=GOOD["text"]).exists()


def test_the_same_comment_sent_twice_is_one(client, article):
    first, second = (send(client, f"{article.path}comments/") for _time in range(2))
    assert first["Location"] == second["Location"]
    assert Comment.objects.count() == 1


def test_two_readers_who_write_merci_are_two(article):
    for address in ("192.0.2.1", "192.0.2.2"):
        reader = Client(REMOTE_ADDR=address)
        assert (
            send(reader, f"{article.path}comments/", {"name": "Rosa", "text": "Merci !"}).status_code == 303
        )
    assert Comment.objects.count() == 2


# What is refused comes back


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"name": ""}, "name", "Give a name"),
        ({"name": " \u200b\u3164 "}, "name", "Give a name"),
        ({"name": "x" * 61}, "name", "Shorten the name to 60 characters; it has 61."),
        ({"email": "rosa"}, "email", "Write the e-mail like"),
        ({"email": '"a\\\x01"@example.org'}, "email", "Write the e-mail like"),
        ({"email": "rosa@ma\u202eil.example"}, "email", "Write the e-mail like"),
        (
            {"email": '"rosa"@mail.example'},
            "email",
            "Write the e-mail like name@example.org: no quotation marks",
        ),
        ({"email": "r" * 250 + "@mail.example"}, "email", "Shorten the e-mail to 254"),
        ({"text": ""}, "text", "Write a comment."),
        ({"text": "\u2800\n\xa0"}, "text", "Write a comment."),
        ({"text": "é" * 5001}, "text", "Shorten the comment to 5000 characters; it has 5001."),
    ],
)
def test_a_mistake_comes_back_with_its_reason_and_everything_typed(client, article, fields, field, reason):
    sent = GOOD | {"email": "rosa@mail.example"} | fields
    response = send(client, f"{article.path}comments/", sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert title(response).startswith("Error")
    assert f'<a href="#your-{field}">{reason}' in page
    assert re.search(rf'aria-describedby="[^"]*your-{field}_error', page)
    assert kept_text(response) == sent["text"]
    assert f'value="{sent["name"]}"' in page or not sent["name"].strip()
    assert f'value="{escape(sent["email"])}"' in page
    assert not Comment.objects.exists()


def test_what_only_the_model_refuses_comes_back_all_the_same(client, article):
    with mock.patch.object(Comment, "post", side_effect=ValidationError({"email": ["Not like that."]})):
        response = send(client, f"{article.path}comments/")
    assert response.status_code == 422
    assert "Not like that." in response.content.decode()
    assert kept_text(response) == GOOD["text"]


def test_an_empty_body_is_a_mistake_like_any_other(client, article):
    assert send(client, f"{article.path}comments/", {}).status_code == 422


def test_comments_closed_meanwhile_give_the_text_back(client, article, editor):
    article.set_desk(by=editor, embargo_until=None, comments_mode="closed")
    response = send(client, f"{article.path}comments/")
    assert response.status_code == 422
    assert title(response).startswith("Error")
    assert "Comments are closed here." in response.content.decode()
    assert kept_text(response) == GOOD["text"]


def test_a_reply_form_says_when_comments_are_closed(client, article, editor):
    top = approved(article)
    article.set_desk(by=editor, embargo_until=None, comments_mode="closed")
    page = client.get(f"{article.path}comments/reply/{top.pk}/").content.decode()
    assert "Comments are closed." in page
    assert "<form" not in page


def test_an_article_that_went_away_gives_the_text_back_and_tells_nothing(client, article, chief):
    secret = base.draft(headline="Secret plans")
    secret.publish(by=None, at=base.NOON.replace(year=2999))
    article.unpublish(by=chief)
    pages = set()
    for path in (article.path, secret.path, "/en/2025/07/11/never-was/"):
        response = send(client, f"{path}comments/")
        assert response.status_code == 404
        assert title(response).startswith("Error")
        assert kept_text(response) == GOOD["text"]
        pages.add(response.content.decode())
    assert len(pages) == 1
    assert "Secret plans" not in pages.pop()


def test_a_withdrawn_article_gives_the_text_back_with_410(client, article, chief):
    article.withdraw(by=chief, reason="wrong")
    response = send(client, f"{article.path}comments/")
    assert response.status_code == 410
    assert kept_text(response) == GOOD["text"]


def test_a_comment_sent_to_an_old_path_is_taken(client, article, editor):
    top, old = approved(article), article.path
    article.save_revision(by=None, slug="harbour-open")
    article.publish(by=editor)
    assert send(client, f"{old}comments/").status_code == 303
    assert send(client, f"{old}comments/reply/{top.pk}/").status_code == 303
    assert Comment.objects.filter(article=article, text=GOOD["text"]).count() == 2


def test_who_copies_a_shown_comment_is_led_to_it_and_not_to_its_private_page(client, article):
    assert send(client, f"{article.path}comments/").status_code == 303
    comment = Comment.objects.get()
    comment.approve(by=None)
    # What was cut off and is sent again at once leads its writer to his page.
    assert send(client, f"{article.path}comments/")["Location"] == comment.own_url()
    with base.at(comment.created_at + timedelta(seconds=31)):
        response = send(client, f"{article.path}comments/")
    assert (response.status_code, response["Location"]) == (303, comment.get_absolute_url())
    assert "/own/" not in response["Location"]
    assert Comment.objects.count() == 1


@pytest.mark.parametrize(
    "error", [OperationalError("database is locked"), InterfaceError("connection is closed")]
)
def test_a_database_that_is_away_gives_the_text_back_with_503(client, article, error):
    with mock.patch.object(Comment, "post", side_effect=error):
        response = send(client, f"{article.path}comments/")
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert title(response).startswith("Error")
    assert kept_text(response) == GOOD["text"]


def test_the_page_for_a_database_that_is_away_asks_the_database_nothing(
    client, article, django_assert_num_queries
):
    with mock.patch("comments.views.take", side_effect=OperationalError), django_assert_num_queries(0):
        assert send(client, f"{article.path}comments/").status_code == 503


# Preview, and what else the form has


def test_a_preview_shows_the_comment_and_stores_nothing(client, article):
    sent = GOOD | {"email": "rosa@mail.example", "text": "<b>One</b>\n\nhttps://example.org/", "preview": "1"}
    response = send(client, f"{article.path}comments/", sent)
    page = response.content.decode()
    assert response.status_code == 200
    assert title(response).startswith("Preview:")
    assert '<section class="comment-preview" tabindex="-1" autofocus' in page
    assert "<p>&lt;b&gt;One&lt;/b&gt;</p>" in page
    assert '<a href="https://example.org/" rel="nofollow ugc noopener"' in page
    assert kept_text(response) == sent["text"]
    assert 'value="Rosa"' in page
    assert 'value="rosa@mail.example"' in page
    assert not Comment.objects.exists()
    assert not LogEntry.objects.filter(verb__startswith="comment").exists()


def test_a_preview_of_a_reply_stays_below_what_it_answers(client, article):
    top = approved(article)
    response = send(client, f"{article.path}comments/reply/{top.pk}/", GOOD | {"preview": "1"})
    assert top.text in response.content.decode()
    assert f'action="{article.path}comments/reply/{top.pk}/"' in response.content.decode()
    assert Comment.objects.count() == 1


def test_a_preview_with_a_mistake_or_where_comments_are_closed_says_so(client, article, editor):
    response = send(client, f"{article.path}comments/", GOOD | {"name": "", "preview": "1"})
    assert response.status_code == 422
    article.set_desk(by=editor, embargo_until=None, comments_mode="closed")
    response = send(client, f"{article.path}comments/", GOOD | {"preview": "1"})
    assert response.status_code == 422
    assert "Comments are closed here." in response.content.decode()
    elsewhere = send(
        client, f"{article.path}comments/", GOOD | {"preview": "1"}, Origin="https://evil.example"
    )
    assert elsewhere.status_code == 403
    assert not Comment.objects.exists()


def test_the_first_button_sends_so_that_the_enter_key_does(client, article):
    page = client.get(article.path).content.decode()
    buttons = re.findall(r"<button[^>]*>", page.partition('class="comment-form"')[2])
    assert ["preview" in button for button in buttons] == [False, True]


@pytest.mark.postgresql_later
def test_a_field_that_only_programs_fill_in_gives_them_away(client, article):
    page = client.get(article.path).content.decode()
    trap = re.search(r'<div class="comment-form__subject" aria-hidden="true">.*?</div>', page, re.DOTALL)[0]
    assert 'name="subject"' in trap
    assert 'tabindex="-1"' in trap
    assert 'autocomplete="off"' in trap
    for subject in ("", "Great offer"):
        with mock.patch.object(Comment, "post", wraps=Comment.post) as post:
            send(client, f"{article.path}comments/", GOOD | {"subject": subject, "text": f"x{subject}"})
        assert post.call_args.kwargs["is_trapped"] is bool(subject)


@pytest.mark.postgresql_later
def test_where_an_address_is_required_label_and_error_say_so(client, article):
    Site.objects.update_or_create(pk=1, defaults={"comments_need_email": True})
    top = approved(article)
    for address in (article.path, f"{article.path}comments/reply/{top.pk}/"):
        page = client.get(address).content.decode()
        assert "E-mail (required)" in page
        assert "E-mail (optional)" not in page
    response = send(client, f"{article.path}comments/")
    assert response.status_code == 422
    assert (
        '<a href="#your-email">Give an e-mail address; this site asks for one.' in response.content.decode()
    )
    assert kept_text(response) == GOOD["text"]
    assert send(client, f"{article.path}comments/", GOOD | {"email": "a@b.example"}).status_code == 303


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    ("mode", "sentence"),
    [
        ("open", "Your comment is shown at once."),
        ("first", "A moderator reads each first comment before it is shown."),
        ("all", "A moderator reads every comment before it is shown."),
    ],
)
def test_the_form_says_what_happens_next(client, article, mode, sentence):
    Site.objects.update_or_create(pk=1, defaults={"comments_mode": mode})
    assert sentence in client.get(article.path).content.decode()


def test_each_comment_is_marked_with_its_own_language(client, article):
    Site.objects.update_or_create(pk=1, defaults={"languages": ["en", "ru", "ar"]})
    send(client, f"{article.path}comments/", GOOD | {"text": "Паром опять опоздал."})
    comment = Comment.objects.get()
    assert comment.language == "ru"
    comment.approve(by=None)
    page = client.get(article.path).content.decode()
    assert '<div class="comment__text" lang="ru" dir="auto">' in page


@pytest.mark.postgresql_later
def test_whom_a_reply_answers_and_how_deep_is_said_in_words(client, article):
    top = approved(article, name="Ines")
    approved(article, approved(article, top, name="Tom"))
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", client.get(article.path).content.decode()))
    assert re.search(r"in reply to Ines ?, level 2", words)
    assert re.search(r"in reply to Tom ?, level 3", words)
    assert "Reply to Tom" in words


def test_a_limit_answers_429_says_when_and_keeps_the_text(client, article):
    with mock.patch.object(Comment, "post", side_effect=TooMany("Wait a minute.", 60)):
        response = send(client, f"{article.path}comments/", GOOD | {"email": "rosa@mail.example"})
    assert (response.status_code, response["Retry-After"]) == (429, "60")
    assert title(response).startswith("Error")
    assert "Wait a minute." in response.content.decode()
    assert kept_text(response) == GOOD["text"]
    assert 'value="rosa@mail.example"' in response.content.decode()


# Where a form comes from


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://testserver"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    ],
)
def test_a_form_from_our_own_pages_is_taken(client, article, headers):
    assert send(client, f"{article.path}comments/", **headers).status_code == 303


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://other.testserver"},
    ],
)
def test_a_form_from_elsewhere_is_refused_and_can_be_sent_from_here(client, article, headers):
    response = send(client, f"{article.path}comments/", **headers)
    assert response.status_code == 403
    assert title(response).startswith("Error")
    assert "came from another site" in response.content.decode()
    assert kept_text(response) == GOOD["text"]
    assert not Comment.objects.exists()


def test_who_is_logged_in_comments_as_a_reader_all_the_same(article, moderator: User, login):
    mira = login(moderator)
    response = send(mira, f"{article.path}comments/")
    comment = Comment.objects.get()
    assert (comment.state, comment.user) == ("waiting", None)
    assert LogEntry.objects.get(verb="comment.post").by_id is None
    page = mira.get(response["Location"])
    assert "mira" not in page.content.decode()
    assert not page.cookies


def test_a_comment_is_a_readers_even_if_the_request_knows_who_is_logged_in(article, moderator: User, rf):
    address = f"{article.path}comments/"
    request = rf.post(address, GOOD)
    request.user = moderator  # what the site leaves out by dropping the cookie
    assert views.thread(request, article.path[1:]).status_code == 303
    comment = Comment.objects.get()
    assert (comment.state, comment.user) == ("waiting", None)


# What a stranger can send


NASTY = [
    "nul \0 and \x07 bell \x1b[31m",
    "\u202eright to left override\u2066\u2067",
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f" * 100,
    "👩‍👩‍👧‍👦🏴\U000e0067\U000e0062\U000e007f",
    "\ufeff\u2028\u2029\u0085\ufffe\uffff\U0010ffff.",
    "<script>alert(1)</script><svg onload=alert(1)>",
    "{{ settings.SECRET_KEY }}{% debug %}${7*7}",
    "'; DROP TABLE comments_comment; --",
    "=cmd|' /C calc'!A0",
    "line\r\nSet-Cookie: a=b\r\n\r\n<html>",
    "https://" + "a" * 4000,
    "\n" * 4000 + "end",
]


def test_nasty_words_are_stored_and_shown_as_words(client, article, moderator, login):
    for number, nasty in enumerate(NASTY):
        words = {"name": f"{nasty[:50]} {number}", "text": f"{nasty} {number}"}
        assert send(client, f"{article.path}comments/", words).status_code == 303, nasty
    comments = list(Comment.objects.all())
    assert len(comments) == len(NASTY)
    for comment in comments:
        assert not set("\0\x07\x1b\ufffe\uffff\U0010ffff") & set(comment.name + comment.text)
        comment.approve(by=None)
    desk = login(moderator)
    pages = [
        (client, article.path),
        (desk, "/admin/comments/queue/?state=all"),
        (desk, "/admin/comments/comment/"),
    ]
    for comment in comments:
        pages += [
            (client, comment.own_url()),
            (client, f"{article.path}comments/reply/{comment.pk}/"),
            (desk, f"/admin/comments/comment/{comment.pk}/change/"),
        ]
    for reader, address in pages:
        response = reader.get(address)
        page = response.content.decode()
        assert response.status_code == 200, address
        assert "<script>alert" not in page, address
        assert "<svg onload" not in page, address
        assert "$49" not in page, address
        assert "Set-Cookie: a=b" not in str(response.headers), address


FORM = "application/x-www-form-urlencoded"
PART = b'--x\r\nContent-Disposition: form-data; name="text"'


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (FORM, b"name=Rosa&text=caf%E9+%FF%FE%00"),
        (FORM, b"name=Rosa&text=%ED%A0%80"),
        (f"{FORM}; charset=latin-1", b"name=Rosa&text=caf%E9"),
        (f"{FORM}; charset=nonsense", b"name=Rosa&text=hello"),
        ("multipart/form-data; boundary=x", b"no parts at all"),
        ("multipart/form-data", b"no boundary"),
        (
            "multipart/form-data; boundary=x; charset=unicode_escape",
            PART + b"\r\n\r\n\\ud800\r\n--x--",
        ),
        (
            "multipart/form-data; boundary=x",
            PART + b'; filename="a.txt"\r\n\r\nfile\r\n--x--',
        ),
        ("application/json", b'{"name": "Rosa"}'),
        ("text/plain", b"name=Rosa"),
        ("", b"name=Rosa"),
        (FORM, b"&".join(b"a=1" for _field in range(3000))),
        (FORM, b"name=Rosa&name=Ines&text=one&text=two&text=three"),
        (FORM, b"name[]=Rosa&text[a]=b&state=approved&shown=1&by=1&user=1"),
    ],
)
def test_no_body_however_odd_breaks_anything(client, article, content_type, body):
    response = client.generic("POST", f"{article.path}comments/", body, content_type)
    assert response.status_code in (303, 400, 422)
    assert not Comment.objects.shown().exists()
    for comment in Comment.objects.all():
        assert client.get(comment.own_url()).status_code == 200


def test_of_a_field_sent_twice_the_last_counts(client, article):
    client.generic(
        "POST",
        f"{article.path}comments/",
        b"name=Rosa&name=Ines&text=one&text=two",
        FORM,
    )
    comment = Comment.objects.get()
    assert (comment.name, comment.text) == ("Ines", "two")


def test_a_megabyte_is_refused_in_words_and_not_parsed(client, article):
    response = send(client, f"{article.path}comments/", GOOD | {"text": "x" * 1_000_000})
    assert response.status_code == 413
    assert title(response).startswith("Error")
    assert "at most 5000 characters" in response.content.decode()
    assert not Comment.objects.exists()


def test_a_long_text_below_the_limit_of_bodies_comes_back_whole(client, article):
    text = "漢" * 40_000
    response = send(client, f"{article.path}comments/", GOOD | {"text": text})
    assert response.status_code == 422
    assert kept_text(response) == text


@pytest.mark.parametrize("length", ["x", "-5", "", "9" * 5000])
def test_a_length_that_is_none_breaks_nothing(client, article, length):
    response = client.post(f"{article.path}comments/", GOOD, CONTENT_LENGTH=length)
    assert response.status_code in (303, 400, 413, 422)


def test_the_address_behind_a_proxy_is_the_trusted_one(article, settings):
    settings.PROXY_HOPS = 1
    reader = Client(REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "198.51.100.9, 192.0.2.7"})
    send(reader, f"{article.path}comments/")
    assert Comment.objects.get().address_digest == address_digest("192.0.2.7")
