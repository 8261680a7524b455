"""The admin opens on the day's work: each number is that of the list that it leads to, and of this user's reach."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from articles.models import Article, MistakeReport, Task
from newsroom import desk
from tests import base
from tests.articles.test_pending import soon, waiting
from tests.comments.base import waiting as waiting_comment

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]

Login = Callable[..., Client]


def sheets(client: Client) -> dict[str, tuple[int, str]]:
    """Return the sheets of the page: title -> number, address."""
    page = client.get("/admin/").content.decode()
    found = re.findall(
        r'<a href="([^"]+)"><span class="sheets__number">(?:over )?([\d,]+)</span> ([^<]+)</a>', page
    )
    return {
        unescape(title): (int(number.replace(",", "")), unescape(address)) for address, number, title in found
    }


def listed(client: Client, address: str) -> int:
    """Return how many rows a list in the admin has."""
    page = client.get(address)
    assert page.status_code == 200
    return page.content.count(b'<th class="field-')


def at_the_desk() -> None:
    """Leave some of everything."""
    for stage in (Article.Stage.COPY_DESK, Article.Stage.COPY_DESK, Article.Stage.READY):
        base.draft(headline=f"At {stage}").set_stage(stage, by=None)
    base.draft(headline="Kommt", language="de")
    base.draft(headline="Comes out").publish(by=None, at=soon(60))
    waiting(soon(120))
    live = base.published()
    MistakeReport.send(live, text="It was Tuesday.")
    for _number in range(3):
        waiting_comment(live)


def test_each_number_is_that_of_its_list(login: Login) -> None:
    chief = base.person("clara", "Chief")
    client = login(chief)
    at_the_desk()
    base.draft(headline="Mine", by=chief)
    found = sheets(client)
    numbers = {title: number for title, (number, _address) in found.items()}
    assert numbers == {
        "Comes out by itself": 2,
        "Assigned to me": 0,
        "My drafts": 1,
        "At the copy desk": 2,
        "Ready to publish": 1,
        "Mistakes that readers report": 1,
        "Comments that wait": 3,
    }
    for title in ("My drafts", "At the copy desk", "Ready to publish", "Mistakes that readers report"):
        number, address = found[title]
        assert listed(client, address) == number, title
    for title in ("Comes out by itself", "Comments that wait"):
        assert client.get(found[title][1]).status_code == 200


def test_what_is_late_comes_first_and_says_so(login: Login) -> None:
    client = login(base.person("clara", "Chief"))
    article = waiting(soon(60))
    # Its time was set back behind the verbs' back, and nothing announces it.
    Article.objects.filter(pk=article.pk).update(pending_at=timezone.now() - timedelta(hours=1))
    assert next(iter(sheets(client))) == "Late"
    page = client.get("/admin/articles/article/schedule/").content.decode()
    assert "background process is not running" in page


@pytest.mark.parametrize(
    ("role", "titles"),
    [
        ("Journalist", ["Comes out by itself", "Assigned to me", "My drafts"]),
        ("Moderator", ["Comments that wait"]),
    ],
)
def test_everybody_finds_his_own_work_and_nothing_of_others(
    login: Login, role: str, titles: list[str]
) -> None:
    client = login(base.person("wanda", role))
    at_the_desk()
    found = sheets(client)
    assert list(found) == titles
    page = client.get("/admin/").content.decode()
    assert "At copy-desk" not in page
    if role == "Journalist":
        assert {number for number, _address in found.values()} == {0}
        assert "You have no drafts." in page


def test_ones_own_work_stands_on_the_desk_and_what_is_late_comes_first(login: Login) -> None:
    chief, nora = base.person("clara", "Chief"), base.person("nora", "Journalist")
    client = login(chief)
    now = timezone.now()
    late, other = base.draft(headline="Late one", by=nora), base.draft(headline="Another", by=chief)
    for article in (late, other):
        article.assign(by=chief, assignee=chief, due_at=now + timedelta(hours=1))
    out = base.published(headline="Out already")
    out.assign(by=chief, assignee=chief)
    out_again = base.published(headline="Out, with changes")
    out_again.save_revision(by=chief, standfirst="More is known.")
    out_again.assign(by=chief, assignee=chief)
    mine = Task.make(by=chief, article=out, kind="review", assignee=chief)
    Task.make(by=chief, article=out, kind="correct")
    late.remark(by=base.person("emil", "Editor"), text="Is it so?")
    late.remark(by=chief, text="My own")
    found = sheets(client)
    numbers = {title: number for title, (number, _address) in found.items()}
    assert numbers["Assigned to me"] == 3
    assert (numbers["My tasks"], numbers["Tasks nobody has"], numbers["Remarks for me"]) == (1, 1, 1)
    for title in ("Assigned to me", "My tasks", "Tasks nobody has"):
        assert listed(client, found[title][1]) == numbers[title], title
    assert client.get(found["Remarks for me"][1]).status_code == 200
    assert next(iter(found)) == "Comes out by itself"
    with base.at(now + timedelta(hours=2)):
        found = sheets(client)
        assert next(iter(found)) == "Assigned to me"
    mine.close(by=chief)
    assert "My tasks" not in sheets(client)


def test_numbers_end_where_the_lists_do(login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "MOST", 1)
    client = login(base.person("clara", "Chief"))
    at_the_desk()
    assert sheets(client)["Comments that wait"][0] == 2
    assert "over" in client.get("/admin/").content.decode()


def test_a_comment_that_is_cut_says_so(login: Login) -> None:
    waiting_comment(base.published(), text=f"{'Late again. ' * 10}And then it sank.")
    page = login(base.person("mira", "Moderator")).get("/admin/").content.decode()
    assert re.search(r">Late again\. [^<]{50,}…</a>", page)
    assert "sank" not in page


def test_it_costs_the_same_however_much_there_is(login: Login, django_assert_max_num_queries: Any) -> None:
    client = login(base.person("clara", "Chief"))
    for _time in range(3):
        at_the_desk()
        with django_assert_max_num_queries(30) as queries:
            client.get("/admin/")
    assert len(queries) <= 30
