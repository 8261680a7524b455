"""Places on the front page: editors give them, they come and go by themselves, the rest fills itself."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from articles.front import LATEST, SECONDS, arrange
from articles.models import Article, FrontSlot, SectionText, User
from newsroom.models import LogEntry
from newsroom.verbs import Refused
from tests import base
from tests.articles.admin import page, send, text_of
from tests.articles.readers import many

pytestmark = pytest.mark.django_db
LEAD, SECOND, PINNED = FrontSlot.Kind.LEAD, FrontSlot.Kind.SECOND, FrontSlot.Kind.PINNED
HOUR = timedelta(hours=1)


def order(client: Client) -> list[int]:
    """Return the ids of the articles of the front page in the order in which they stand."""
    parts = client.get("/en/").content.decode().split('id="article-')[1:]
    return [int(part.partition('"')[0]) for part in parts]


def arranged(articles: list[Article]) -> object:
    texts = list(SectionText.objects.filter(language="en"))
    return arrange(articles, texts, list(FrontSlot.objects.not_over("en")))


def test_lead_seconds_and_pinned_stand_before_what_is_newer(editor: User) -> None:
    articles = many(20)
    articles[15].place_on_front(by=editor, kind=LEAD)
    articles[16].place_on_front(by=editor, kind=SECOND, position=2)
    articles[17].place_on_front(by=editor, kind=SECOND, position=1)
    articles[18].place_on_front(by=editor, kind=PINNED)
    front = arranged(articles)
    assert front.lead == articles[15]
    assert front.seconds == [articles[17], articles[16]]
    assert front.latest == articles[:LATEST]
    assert front.groups[0].articles[0] == articles[18]
    assert front.older == f"?before={articles[LATEST - 1].pk}"


def test_who_finds_no_room_above_is_pinned(editor: User) -> None:
    articles = many(20)
    for number in range(10, 10 + SECONDS + 3):
        articles[number].place_on_front(by=editor, kind=LEAD, position=number)
    front = arranged(articles)
    assert front.lead == articles[10]
    assert front.seconds == articles[11 : 11 + SECONDS]
    assert front.groups[0].articles[:2] == articles[11 + SECONDS : 13 + SECONDS]


def test_a_second_alone_leaves_the_lead_to_the_newest(editor: User) -> None:
    articles = many(4)
    articles[3].place_on_front(by=editor, kind=SECOND)
    front = arranged(articles)
    assert (front.lead, front.seconds) == (articles[0], [articles[3], articles[1]])
    articles[3].place_on_front(by=editor, kind=LEAD)
    assert arranged(articles).lead == articles[3]
    only = arrange([articles[3]], [], list(FrontSlot.objects.filter(kind=SECOND)))
    assert (only.lead, only.seconds) == (articles[3], [])


def test_places_come_and_go_at_their_second(client: Client, editor: User) -> None:
    older, newer = many(2)[::-1]
    now = timezone.now()
    slot = older.place_on_front(by=editor, kind=LEAD, starts_at=now + HOUR, ends_at=now + 2 * HOUR)
    assert order(client) == [newer.pk, older.pk]
    assert base.page_until(client.get("/en/")) <= slot.starts_at
    with base.at(now + HOUR):
        assert order(client) == [older.pk, newer.pk]
        assert base.page_until(client.get("/en/")) <= slot.ends_at
    with base.at(now + 2 * HOUR):
        assert order(client) == [newer.pk, older.pk]


@pytest.mark.parametrize("verb", ["unpublish", "withdraw"])
def test_a_place_shows_nothing_that_readers_may_not_see(client: Client, verb: str) -> None:
    article, other = many(2)
    article.place_on_front(by=None, kind=LEAD)
    getattr(article, verb)(by=None, **({"reason": "Wrong."} if verb == "withdraw" else {}))
    assert order(client) == [other.pk]
    scheduled = base.draft(headline="Not yet")
    scheduled.publish(by=None, at=timezone.now() + HOUR)
    scheduled.place_on_front(by=None, kind=LEAD)
    assert "Not yet" not in client.get("/en/").content.decode()


def test_a_place_is_one_language_s(client: Client) -> None:
    french = base.published(language="fr", headline="Le port rouvre")
    base.published()
    french.place_on_front(by=None, kind=LEAD)
    assert "Le port" not in client.get("/en/").content.decode()


def test_placing_is_logged_purges_its_front_page_and_asks_who_may(editor: User, journalist: User) -> None:
    article = base.published(by=journalist)
    with base.purged_keys() as purged:
        article.place_on_front(by=editor, kind=LEAD)
    assert purged == {"front-en"}
    assert LogEntry.objects.get(verb="front.place").object_id == article.pk
    with pytest.raises(PermissionDenied):
        article.place_on_front(by=journalist, kind=LEAD)
    now = timezone.now()
    with pytest.raises(ValidationError, match="before it begins"):
        article.place_on_front(by=editor, kind=LEAD, starts_at=now + HOUR, ends_at=now)
    article.withdraw(by=None, reason="Wrong.")
    with pytest.raises(Refused):
        article.place_on_front(by=editor, kind=LEAD)
    assert FrontSlot.objects.count() == 1


def test_an_editor_puts_an_article_there_and_takes_it_away(editor: User, login: object) -> None:
    desk, article = login(editor), base.published()
    refused = send(desk, page(article, "place"), ends_at="2020-01-01T10:00")
    assert "It would end before it begins." in text_of(refused)
    done = send(desk, page(article, "place"), follow=True, kind="1")
    assert "On the front page: lead." in text_of(done)
    slot = FrontSlot.objects.get()
    assert "It has this place now or soon: lead." in text_of(desk.get(page(article, "place")))
    listed = text_of(desk.get("/admin/articles/frontslot/"))
    assert str(article) in listed
    with base.purged_keys() as purged:
        send(desk, f"/admin/articles/frontslot/{slot.pk}/change/", kind="3")
    assert purged == {"front-en"}
    with base.purged_keys() as purged:
        desk.post(f"/admin/articles/frontslot/{slot.pk}/delete/", {"post": "yes"})
    assert purged == {"front-en"}
    assert not FrontSlot.objects.exists()


def test_who_edits_one_language_arranges_that_front_page_only(login: object) -> None:
    french = base.published(language="fr", headline="Le port rouvre").place_on_front(by=None, kind=LEAD)
    english = base.published().place_on_front(by=None, kind=LEAD)
    desk = login(base.person("dora", "Editor", languages=["fr"]))
    assert desk.get(f"/admin/articles/frontslot/{french.pk}/change/").status_code == 200
    assert desk.get(f"/admin/articles/frontslot/{english.pk}/change/").status_code == 302
    assert desk.get(page(english.article, "place")).status_code == 403
    assert (
        english.article.headline
        not in text_of(desk.get("/admin/articles/frontslot/")).partition("result_list")[2]
    )
