"""The moderators' queue: what it lists, who may, what each button does, what it refuses."""

import re
from html import unescape
from unittest import mock
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles.models import Article, User
from comments import queue_urls, search
from comments.models import Action, Comment
from comments.queue import listing
from tests import base
from tests.comments.base import approved, assert_true, row, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]

QUEUE = "/admin/comments/queue/"
SAME_WORDS = "Cheap watches and bags are sold by my cousin near the harbour every single day."


@pytest.fixture
def article() -> Article:
    return base.published()


@pytest.fixture
def desk(moderator: User, login) -> Client:
    return login(moderator)


def press(client: Client, comment: Comment, action: str, **fields: str):
    seen = {"seen": str(comment.version), "reports": str(comment.open_reports)}
    return client.post(f"{QUEUE}{comment.pk}/{action}/", seen | {"list": "state=waiting"} | fields)


def listed(client: Client, query: str = "") -> list[int]:
    page = client.get(QUEUE + query)
    assert page.status_code == 200
    return [int(pk) for pk in re.findall(r'name="chosen" value="(\d+):', page.content.decode())]


def tabs(client: Client, query: str = "") -> dict[str, int]:
    page = client.get(QUEUE + query).content.decode()
    found = re.findall(r">(\w+) <span class=\"queue__number\">([\d,]+)</span>", page)
    return {name: int(number.replace(",", "")) for name, number in found}


def opened(client: Client, query: str = "") -> int:
    """Return which comment of the list is open."""
    page = client.get(QUEUE + query).content.decode()
    return int(re.search(r'<article class="card" id="comment-(\d+)"', page)[1])


def said(client: Client, address: str) -> str:
    """Return the messages at an address."""
    page = client.get(address).content.decode()
    return unescape(re.sub(r"<[^>]*>", "", page[page.index('class="messagelist"') :].partition("</ul>")[0]))


# What is listed


def test_what_waits_is_listed_oldest_first_with_all_one_needs(desk, article):
    top = approved(article, name="Ines", text="When does the next one leave?")
    first = waiting(article, top, name="Rosa", email="rosa@mail.example", text="At six.\n\nI think.")
    second = waiting(article)
    assert listed(desk) == [first.pk, second.pk]
    page = desk.get(QUEUE).content.decode()
    card = page[page.index(f'id="comment-{first.pk}"') : page.index("</article>")]
    for piece in (
        "<bdi>Rosa</bdi>",
        "rosa@mail.example",
        "<p>At six.</p><p>I think.</p>",
        f'<a href="{article.path}" data-key="o" aria-keyshortcuts="o">Harbour reopens after the storm</a>',
        "a reply, 1 level down",
        "<strong>Waits because of</strong>",
        "in reply to <bdi>Ines</bdi> (approved)",
        "When does the next one leave?",
        "First-timer: nobody confirmed the e-mail address of this comment",
    ):
        assert piece in card


def test_numbers_are_true_and_lead_to_their_lists(desk, article):
    for state, number in (("waiting", 3), ("approved", 2), ("rejected", 1), ("spam", 4), ("removed", 1)):
        for _comment in range(number):
            row(article, state)
    assert tabs(desk) == {"Waiting": 3, "Reported": 0, "Spam": 4, "All": 11}
    for state, number in (("waiting", 3), ("approved", 2), ("rejected", 1), ("spam", 4), ("all", 11)):
        assert len(listed(desk, f"?state={state}")) == number
    page = desk.get(QUEUE + "?state=rejected").content.decode()
    assert '<option value="rejected" selected>Rejected (1)</option>' in page
    assert tabs(desk, "?state=rejected")["All"] == 11


def test_numbers_are_true_however_many_there_are(desk, article):
    Comment.objects.bulk_create(
        Comment(article=article, state="waiting", text="x", name="x", language="en")
        for _comment in range(1201)
    )
    assert tabs(desk)["Waiting"] == 1201


def test_words_are_looked_for_in_the_newest_and_an_email_in_all(desk, article, monkeypatch):
    monkeypatch.setattr(search, "NEWEST", 2)
    old = waiting(article, name="Rosa", email="rosa@mail.example")
    newer = [waiting(article, name="Rosa"), waiting(article, name="Rosa")]
    assert listed(desk, "?words=rosa") == [comment.pk for comment in newer]
    for spelling in ("rosa@mail.example", "Rosa@\uff4dail.example"):
        assert listed(desk, f"?words={quote(spelling)}") == [old.pk]
    assert listed(desk, "?words=rosa@mail") == []
    assert "newest 5,000 comments" in desk.get(f"{QUEUE}?words=rosa").content.decode()


def test_no_page_for_moderators_or_readers_of_a_comment_loads_bodies_of_articles(desk, article):
    comment = approved(article)
    for address in (
        QUEUE + "?state=all",
        f"{QUEUE}{comment.pk}/",
        "/admin/comments/comment/",
        comment.get_absolute_url(),
        comment.own_url(),
        f"{article.path}comments/reply/{comment.pk}/",
    ):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert desk.get(address).status_code in (200, 302)
        assert not [query for query in queries if '"articles_article"."body"' in query["sql"]], address


def test_decided_ones_are_listed_newest_first(desk, article):
    first, second = row(article, "spam"), row(article, "spam")
    assert listed(desk, "?state=spam") == [second.pk, first.pk]


def test_the_list_is_filtered_by_language_and_words(desk, article):
    german = base.published(language="de", headline="Der Hafen ist offen")
    here, there = waiting(article, name="Rosa"), waiting(german, name="Ines", text="Ein langer Satz.")
    mailed = waiting(article, name="Jon", email="jon@mail.example")
    assert listed(desk, "?language=de") == [there.pk]
    assert listed(desk, "?words=rosa") == [here.pk]
    assert listed(desk, "?words=langer") == [there.pk]
    assert listed(desk, "?words=jon@mail") == [mailed.pk]
    assert listed(desk, "?words=100%25") == []
    assert tabs(desk, "?language=de")["Waiting"] == 1


@pytest.mark.parametrize(
    "query",
    [
        "?state=x&language=xx&after=x",
        "?after=-1",
        "?after=99999999999999999999999999",
        "?after=²",
        "?words=%00%ff%00",
        "?words=" + "x" * 3000,
        "?state=waiting&state=spam&words=a&words=b",
        "?article__headline=x&order=pk",
        "?chosen=x%20-1%2099999999999999999999&reason=%3Cb%3E%00&at=9223372036854775807",
    ],
)
def test_an_odd_address_is_answered_calmly(desk, article, query):
    waiting(article)
    assert desk.get(QUEUE + query).status_code == 200


def test_the_list_goes_on_page_by_page_without_counting_from_the_start(desk, article):
    comments = [waiting(article).pk for _number in range(listing.PER_PAGE * 2 + 1)]
    seen, query = [], ""
    for _page in range(3):
        seen += listed(desk, query)
        following = re.search(
            r'<a href="(\?[^"]*after=\d+)">More</a>', desk.get(QUEUE + query).content.decode()
        )
        query = unescape(following[1]) if following else ""
    assert seen == comments
    assert not query


def test_the_queue_costs_few_queries_however_many_wait(desk, article, django_assert_max_num_queries):
    top = approved(article)
    for _number in range(listing.PER_PAGE):
        waiting(article, top)
    with django_assert_max_num_queries(20):
        assert len(listed(desk)) == listing.PER_PAGE


def test_an_empty_queue_says_what_will_be_here(desk):
    assert "Nothing waits." in desk.get(QUEUE).content.decode()


# Who may


def test_only_moderators_and_who_else_may_decide_get_in(
    login, chief, editor, moderator, journalist, translator
):
    comment = waiting(base.published())
    for user in (chief, editor, moderator):
        assert login(user).get(QUEUE).status_code == 200
        assert login(user).get(f"{QUEUE}{comment.pk}/").status_code == 200
    for user in (journalist, translator):
        assert login(user).get(QUEUE).status_code == 403
    assert Client().get(QUEUE)["Location"].startswith("/admin/login/")


def test_every_address_of_the_queue_asks_for_the_permission(login, journalist):
    comment = waiting(base.published())
    assert queue_urls.urlpatterns
    outsider, stranger = login(journalist), Client()
    for pattern in queue_urls.urlpatterns:
        arguments = [comment.pk] if "pk" in pattern.pattern.converters else []
        address = reverse(f"queue:{pattern.name}", args=arguments)
        assert address.startswith("/admin/comments/")
        assert outsider.get(address).status_code == 403, address
        assert outsider.post(address).status_code == 403, address
        assert stranger.get(address).status_code == 302, address
    comment.refresh_from_db()
    assert comment.state == "waiting"


def test_a_logged_out_moderators_decision_does_nothing():
    comment = waiting(base.published())
    press(Client(), comment, "approve")
    comment.refresh_from_db()
    assert comment.state == "waiting"


def test_decisions_need_a_token(moderator):
    comment = waiting(base.published())
    client = Client(enforce_csrf_checks=True)
    client.force_login(moderator)
    assert press(client, comment, "approve").status_code == 403
    comment.refresh_from_db()
    assert comment.state == "waiting"


def test_decisions_are_made_by_post_only(desk):
    comment = waiting(base.published())
    for action in ("approve", "reject", "spam", "remove", "restore", "reply"):
        assert desk.get(f"{QUEUE}{comment.pk}/{action}/").status_code == 405
    assert desk.post(QUEUE).status_code == 405


def test_a_role_reaches_its_languages_and_sections_only(login, article):
    german = base.published(language="de", headline="Der Hafen ist offen")
    here, there = waiting(article), waiting(german)
    gerd = base.person("gerd", "Moderator", languages=["de"])
    client = login(gerd)
    assert listed(client) == [there.pk]
    assert tabs(client)["Waiting"] == 1
    assert client.get(f"{QUEUE}{here.pk}/").status_code == 404
    for action in ("approve", "spam", "reply"):
        assert press(client, here, action, text="x").status_code == 404
    other = base.section({"en": "Sport", "de": "Sport", "fr": "Sport"})
    gerd.grants.get().sections.set([other])
    assert listed(login(gerd)) == []
    assert press(login(gerd), there, "approve").status_code == 404
    assert set(Comment.objects.values_list("state", flat=True)) == {"waiting"}


def test_a_permission_of_ones_own_is_enough(login):
    comment = waiting(base.published())
    helper = User.objects.create_user(username="hana", password="correct horse battery", is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="decide_comment"))
    assert press(login(helper), comment, "approve").status_code == 302


# What the buttons do


def test_each_button_decides_tells_and_leads_back(desk, moderator, article):
    steps = [
        ("approve", "approved", 1),
        ("remove", "removed", 0),
        ("restore", "approved", 1),
        ("spam", "spam", 0),
    ]
    comment = waiting(article)
    following = waiting(article)
    for action, state, number in [*steps, ("reject", "rejected", 0)]:
        comment.refresh_from_db()
        response = press(desk, comment, action, reason="off topic", following=str(following.pk))
        assert response.status_code == 302
        assert response["Location"] == f"{QUEUE}?state=waiting&at={following.pk}"
        page = desk.get(response["Location"]).content.decode()
        assert "Rosa" in page[page.index('class="done"') :]
        assert opened(desk, f"?state=waiting&at={following.pk}") == following.pk
        comment.refresh_from_db()
        assert comment.state == state
        assert assert_true(article) == number
        last = comment.decisions.last()
        assert last.by == moderator
        assert last.reason == ("off topic" if action in ("remove", "spam", "reject") else "")


def test_only_buttons_that_lead_somewhere_are_shown(desk, article):
    buttons = {
        "waiting": {"approve", "reject", "spam"},
        "approved": {"remove", "spam", "reply"},
        "rejected": {"approve", "spam"},
        "spam": {"approve", "reject"},
        "removed": {"restore", "spam"},
    }
    for state, expected in buttons.items():
        page = desk.get(f"{QUEUE}{row(article, state).pk}/").content.decode()
        assert set(re.findall(rf'action="{QUEUE}\d+/(\w+)/"', page)) == expected, state


def test_what_its_writer_deleted_has_no_button_that_would_show_it_again(desk, article):
    comment = approved(article)
    comment.take_back(seen=comment.version)
    assert comment.possible_decisions() == [Action.SPAM]
    for expected in ({"spam"}, {"reject"}, {"spam"}):
        page = desk.get(f"{QUEUE}{comment.pk}/").content.decode()
        assert set(re.findall(rf'action="{QUEUE}\d+/(\w+)/"', page)) == expected
        press(desk, comment, *expected, reason="off topic")
        comment.refresh_from_db()


@pytest.mark.parametrize("action", ["reject", "remove"])
def test_a_decision_that_takes_away_asks_for_a_reason(desk, article, action):
    comment = waiting(article) if action == "reject" else approved(article)
    response = press(desk, comment, action, reason=" \u200b")
    page = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error" in page
    assert "Give a reason; your colleagues will read it." in page
    response = press(desk, comment, action, reason="é" * 501)
    assert response.status_code == 422
    assert "é" * 501 in response.content.decode()
    assert comment.decisions.filter(action=action).count() == 0


@pytest.mark.parametrize("seen", ["", "0", "-1", "x", "99999999999", "²"])
def test_a_decision_without_the_version_that_was_seen_is_refused(desk, article, seen):
    comment = waiting(article)
    assert press(desk, comment, "approve", seen=seen).status_code == 422
    comment.refresh_from_db()
    assert comment.state == "waiting"


def test_a_comment_decided_on_meanwhile_is_refused_and_says_by_whom(desk, editor, article):
    comment = waiting(article)
    seen = comment.version
    editor.first_name = "Emil"
    editor.save()
    comment.mark_spam(by=editor)
    response = press(desk, comment, "approve", seen=str(seen))
    assert response["Location"] == f"{QUEUE}{comment.pk}/?list=state%3Dwaiting"
    assert "marked as spam meanwhile by Emil" in said(desk, response["Location"])
    comment.refresh_from_db()
    assert comment.state == "spam"


def test_a_refused_decision_keeps_the_place_in_the_list(desk, article):
    comment, following = waiting(article), waiting(article)
    fields = {"list": "state=waiting&words=ferry", "following": str(following.pk)}
    place = f"{QUEUE}?state=waiting&words=ferry&at={following.pk}"
    refused = press(desk, comment, "reject", reason="", **fields)
    moved = press(desk, comment, "approve", seen="9", **fields)
    assert (refused.status_code, moved.status_code) == (422, 302)
    for page in (refused, desk.get(moved["Location"])):
        html = unescape(page.content.decode())
        assert f'<a href="{place}">To the list</a>' in html
        assert '<input type="hidden" name="list" value="state=waiting&words=ferry">' in html
        assert f'<input type="hidden" name="following" value="{following.pk}">' in html


def test_to_the_list_leads_to_the_state_of_the_comment_for_who_came_from_no_list(desk, article):
    page = desk.get(f"{QUEUE}{approved(article).pk}/").content.decode()
    assert f'<a href="{QUEUE}?state=approved">To the list</a>' in page


def test_who_looks_again_comes_back_to_the_list(desk, article):
    comment, following = waiting(article), waiting(article)
    press(desk, comment, "approve", following=str(following.pk))
    page = desk.get(QUEUE).content.decode()
    again = unescape(re.search(r'<p role="status"><a href="([^"]+)"><bdi>Rosa</bdi></a>: approved', page)[1])
    assert f'<a href="{QUEUE}?state=waiting">To the list</a>' in desk.get(again).content.decode()


@pytest.mark.parametrize(
    "query", ["?list=//evil.example/", "?list=%00%ff&following=²", "?following=5", "?list=" + "a=1%26" * 900]
)
def test_a_made_up_place_leads_nowhere_else(desk, article, query):
    page = desk.get(f"{QUEUE}{waiting(article).pk}/{query}")
    assert page.status_code == 200
    assert re.search(rf'<a href="{re.escape(QUEUE)}\?state=waiting">To the list</a>', page.content.decode())


def test_each_comment_names_the_one_to_go_on_at_and_the_last_one_the_one_before(desk, article):
    def named(pk: int) -> set[int]:
        page = desk.get(f"{QUEUE}?state=waiting&at={pk}").content.decode()
        decide = page[page.index('class="decide"') :].partition("</form>")[0]
        return {int(pk) for pk in re.findall(r'"following" value="(\d+)"', decide)}

    first = waiting(article)
    assert named(first.pk) == set()
    second = waiting(article)
    assert named(first.pk) == {second.pk}
    assert named(second.pk) == {first.pk}
    rest = [waiting(article).pk for _number in range(listing.PER_PAGE - 1)]
    # What follows on the next page moves up when the last one is decided on.
    assert named(rest[-2]) == {rest[-1]}


def test_a_comment_that_is_not_on_the_page_of_the_list_opens_the_first_one(desk, article):
    first = waiting(article)
    for at in ("0", "x", "99999", str(approved(article).pk)):
        assert opened(desk, f"?at={at}") == first.pk
    assert "no longer in this list" in said(desk, f"{QUEUE}?at=99999")


def test_an_address_opens_its_comment_wherever_that_stands_in_the_list(desk, article):
    """A colleague may send it, or a step taken back lead to it; nobody decides on another one unawares."""
    copies = [waiting(article, text=SAME_WORDS, address=f"192.0.2.{number}") for number in (1, 2)]
    comments = [waiting(article).pk for _number in range(listing.PER_PAGE + 3)]
    assert Comment.objects.get(pk=copies[1].pk).alike_id == copies[0].pk
    for at, stands_for_it in ((comments[-1], comments[-1]), (copies[1].pk, copies[0].pk)):
        page = desk.get(f"{QUEUE}?state=waiting&at={at}", follow=True).content.decode()
        assert int(re.search(r'<article class="card" id="comment-(\d+)"', page)[1]) == stands_for_it
        assert "no longer in this list" not in page


def test_what_its_writer_changed_meanwhile_is_said_and_not_what_the_rules_said_of_it(desk, article):
    comment = waiting(article)
    seen = comment.version
    comment.edit(text="The ferry was early.", seen=seen)
    response = press(desk, comment, "approve", seen=str(seen))
    assert "was changed by the writer meanwhile: look at it again" in said(desk, response["Location"])
    comment.refresh_from_db()
    assert comment.state == "waiting"


def test_a_name_turns_no_direction_but_its_own(desk, article):
    comment = waiting(article, name="שלום")
    press(desk, comment, "approve")
    assert "<bdi>שלום</bdi></a>: approved." in desk.get(QUEUE).content.decode()
    assert "&rsaquo; <bdi>שלום</bdi>" in desk.get(f"{QUEUE}{comment.pk}/").content.decode()
    assert "<bdi>שלום</bdi></td>" in desk.get("/admin/comments/comment/").content.decode()


def test_a_button_pressed_twice_decides_once_and_says_so(desk, article):
    comment = waiting(article)
    assert press(desk, comment, "approve").status_code == 302
    press(desk, comment, "approve")
    assert "1 comment was already approved." in said(desk, QUEUE)
    assert assert_true(article) == 1
    assert comment.decisions.filter(action="approve").count() == 1


def test_a_decision_from_the_page_of_a_comment_stays_there(desk, article):
    comment = waiting(article)
    response = desk.post(f"{QUEUE}{comment.pk}/approve/", {"seen": comment.version})
    assert response["Location"] == f"{QUEUE}{comment.pk}/"


@pytest.mark.parametrize(
    ("fields", "location"),
    [
        ({"list": "//evil.example/"}, QUEUE + "?state=waiting"),
        (
            {"list": "state=spam&language=de&words=a%26b&after=5"},
            QUEUE + "?state=spam&language=de&words=a%26b&after=5",
        ),
        ({"list": "https://evil.example", "following": "//evil.example"}, QUEUE + "?state=waiting"),
        ({"list": "x=1" + "&a=1" * 3000, "following": "9\r\nX: y"}, QUEUE + "?state=waiting"),
    ],
)
def test_a_decision_leads_nowhere_else(desk, article, fields, location):
    assert press(desk, waiting(article), "approve", **fields)["Location"] == location


def test_a_decision_purges_the_pages_of_the_article(desk, article):
    comment = waiting(article)
    with base.purged_keys() as purged:
        press(desk, comment, "approve")
    assert purged == {f"article-{article.pk}", "discussed-en"}
    assert purged & base.page_keys(desk.get(article.path))


# Replies


def test_the_newsroom_replies_from_the_queue(desk, moderator, article):
    moderator.first_name, moderator.last_name = "Mira", "Holm"
    moderator.save()
    comment = approved(article)
    response = press(desk, comment, "reply", text="Thank you, we mended it.")
    assert response.status_code == 302
    reply = Comment.objects.get(parent=comment)
    assert (reply.name, reply.text, reply.user, reply.shown) == (
        "Mira Holm",
        "Thank you, we mended it.",
        moderator,
        True,
    )
    assert assert_true(article) == 2
    press(desk, comment, "reply", text="Thank you, we mended it.")
    assert assert_true(article) == 2


def test_a_reply_never_tells_a_login_name(desk, article):
    comment = approved(article)
    press(desk, comment, "reply", text="Thank you.")
    assert Comment.objects.get(parent=comment).name == "Newsroom"


def test_a_very_long_name_breaks_no_reply(desk, moderator, article):
    moderator.first_name = moderator.last_name = "M" * 150
    moderator.save()
    assert press(desk, approved(article), "reply", text="Thank you.").status_code == 302


def test_a_reply_of_somebody_whose_name_draws_nothing_is_the_newsrooms(desk, moderator, article):
    moderator.first_name = "\x01\u200b"
    moderator.save()
    comment = approved(article)
    assert press(desk, comment, "reply", text="Thank you.").status_code == 302
    assert Comment.objects.get(parent=comment).name == "Newsroom"


def test_a_reply_that_only_the_model_refuses_comes_back(desk, article):
    comment = approved(article)
    with mock.patch.object(Comment, "post", side_effect=ValidationError({"text": ["Not like that."]})):
        response = press(desk, comment, "reply", text="Thank you.")
    assert response.status_code == 422
    assert "Not like that." in response.content.decode()
    assert "Thank you." in response.content.decode()


def test_a_reply_that_cannot_be_stored_comes_back(desk, article):
    comment = waiting(article)
    for text in ("", "x" * 5001, "Thank you."):
        response = press(desk, comment, "reply", text=text)
        assert response.status_code == 422
    comment.approve(by=None)
    response = press(desk, comment, "reply", text="x" * 5001)
    assert "x" * 5001 in response.content.decode()
    assert not Comment.objects.filter(parent=comment).exists()


# Nothing in it runs


def test_hostile_words_stay_words_in_queue_admin_and_messages(desk, article):
    hostile = '"><img src=x onerror=alert(1)>'
    top = approved(article, name=hostile, text=hostile)
    comment = waiting(article, top, name=hostile, text=hostile + " https://a.example/'x")
    # No form lets it in.
    Comment.objects.filter(pk=comment.pk).update(email='"<b>"@mail.example')
    for address in (
        QUEUE,
        f"{QUEUE}{comment.pk}/",
        f"{QUEUE}?words=%22%3E%3Cimg+src%3Dx",
        "/admin/comments/comment/",
        f"/admin/comments/comment/{comment.pk}/change/",
    ):
        assert "<img src=x" not in desk.get(address).content.decode(), address
    press(desk, comment, "reject", reason=hostile)
    page = desk.get(f"{QUEUE}{comment.pk}/").content.decode()
    assert "<img src=x" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") >= 4


def test_the_queue_holds_no_script_of_its_own_and_no_style(desk, article):
    waiting(article)
    page = desk.get(QUEUE).content.decode()
    content = page[page.index('class="queue"') :].partition("<footer")[0]
    assert 'class="foot"' in content
    assert not re.search(r"<script|<style| style=| on\w+=", content)


def test_the_title_says_which_comment_is_open_and_the_status_what_was_done(desk, article):
    comment, following = waiting(article), waiting(article, name="Ines " * 12)
    assert "<title>Rosa — Comments | " in desk.get(QUEUE).content.decode()
    assert "<title>Rosa — Comment | " in desk.get(f"{QUEUE}{comment.pk}/").content.decode()
    press(desk, comment, "spam", following=str(following.pk))
    page = desk.get(QUEUE).content.decode()
    title = re.search(r"<title>([^<]*) — Comments", page)[1]
    assert title.startswith("Ines Ines")
    assert len(title) == 40
    statuses = re.findall(r'<(\w+)[^>]* role="status">(.*?)</\1>', page, re.DOTALL)
    assert [unescape(re.sub(r"<[^>]*>", "", text)) for _tag, text in statuses] == ["Rosa: marked as spam."]
    press(desk, following, "spam")
    assert "<title>Comments | " in desk.get(QUEUE).content.decode()
