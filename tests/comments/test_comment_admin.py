"""Comments in the admin: to look at, and nothing else."""

import re

import pytest

from comments import search
from comments.models import Comment
from tests import base
from tests.comments.base import approved, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]

LIST = "/admin/comments/comment/"


def test_moderators_find_a_comment_with_its_decisions(moderator, login):
    comment = waiting(base.published(), name="Rosa", email="rosa@mail.example", address="192.0.2.1")
    comment.reject(by=moderator, reason="off topic")
    page = login(moderator).get(LIST + "?q=rosa").content.decode()
    assert f"{LIST}{comment.pk}/change/" in page
    page = login(moderator).get(f"{LIST}{comment.pk}/change/").content.decode()
    assert "off topic" in page
    assert "first-timer" in page
    assert f"/admin/comments/queue/{comment.pk}/" in page
    assert comment.address_digest not in page


@pytest.mark.parametrize("number", ["9" * 19, "9" * 40, "-" + "9" * 40, "1" * 3000])
def test_a_number_that_no_row_has_is_no_error(moderator, login, number):
    """SQLite takes no number of more than 64 bits."""
    waiting(base.published())
    for field in ("article", "article__id__exact", "id", "parent"):
        response = login(moderator).get(f"{LIST}?{field}={number}", follow=True)
        assert response.status_code in (200, 400), field


def test_nobody_adds_changes_or_deletes_comments_here(chief, moderator, login):
    comment = waiting(base.published())
    for user in (chief, moderator):
        client = login(user)
        assert client.get(f"{LIST}add/").status_code == 403
        assert client.post(f"{LIST}add/", {"text": "x"}).status_code == 403
        assert client.get(f"{LIST}{comment.pk}/delete/").status_code == 403
        assert client.post(f"{LIST}{comment.pk}/delete/", {"post": "yes"}).status_code == 403
        assert (
            client.post(f"{LIST}{comment.pk}/change/", {"text": "x", "state": "approved"}).status_code == 403
        )
        client.post(LIST, {"action": "delete_selected", "_selected_action": [comment.pk], "post": "yes"})
    stored = Comment.objects.get()
    assert (stored.state, stored.text) == ("waiting", comment.text)


def test_journalists_do_not_see_comments_here(journalist, login):
    assert login(journalist).get(LIST).status_code == 403


def test_a_role_looks_as_far_as_it_reaches(login):
    here = waiting(base.published())
    there = waiting(base.published(language="de", headline="Der Hafen ist offen"))
    client = login(base.person("gerd", "Moderator", languages=["de"]))
    page = client.get(LIST).content.decode()
    assert f"{LIST}{there.pk}/change/" in page
    assert f"{LIST}{here.pk}/change/" not in page
    assert client.get(f"{LIST}{here.pk}/change/").status_code == 302


def test_a_list_costs_few_queries(moderator, login, django_assert_max_num_queries):
    article = base.published()
    for _number in range(30):
        approved(article)
    client = login(moderator)
    with django_assert_max_num_queries(15):
        assert client.get(LIST).status_code == 200


def test_the_history_of_a_comment_is_what_the_log_says(moderator, journalist, login):
    comment = waiting(base.published())
    comment.approve(by=moderator)
    page = login(moderator).get(f"{LIST}{comment.pk}/history/").content.decode()
    assert "sent" in page
    assert "approved" in page
    assert login(journalist).get(f"{LIST}{comment.pk}/history/").status_code == 404


@pytest.mark.parametrize("query", ["?o=4", "?_facets=1", "?all=1", "?q=%00", "?q=" + "x" * 3000, "?p=99"])
def test_no_address_of_the_list_costs_more(moderator, login, query, django_assert_max_num_queries):
    waiting(base.published())
    client = login(moderator)
    with django_assert_max_num_queries(15):
        page = client.get(LIST + query).content.decode()
    assert "<h1>Comments</h1>" in page


def test_the_list_is_searched_among_the_newest(moderator, login, monkeypatch):
    monkeypatch.setattr(search, "NEWEST", 1)
    article = base.published()
    old, new = waiting(article, name="Rosa", email="rosa@mail.example"), waiting(article, name="Rosa")
    client = login(moderator)

    def found(words: str) -> list[bool]:
        page = client.get(f"{LIST}?q={words}").content.decode()
        return [f"{LIST}{comment.pk}/change/" in page for comment in (old, new)]

    assert found("rosa") == [False, True]
    assert found("rosa@mail.example") == [True, False]


def test_the_admins_way_to_comments_leads_to_the_queue(moderator, login):
    page = login(moderator).get("/admin/").content.decode()
    assert 'href="/admin/comments/queue/"' in page
    page = login(moderator).get("/admin/comments/queue/").content.decode()
    assert f'href="{LIST}"' in page


def test_what_is_cut_or_never_was_says_so(moderator, login):
    comment = waiting(base.published(), text=f"{'Late again. ' * 10}And then it sank.")
    client = login(moderator)
    page = client.get(f"{LIST}{comment.pk}/change/").content.decode()
    assert re.search(r'Edited:</label>\s*<div class="readonly">–</div>', page)
    listed = client.get(LIST).content.decode()
    assert re.search(r"<bdi>Late again\. [^<]{50,}…</bdi>", listed)
    assert "sank" not in listed
