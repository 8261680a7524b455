"""The list of articles: states, versions, filters, search, and a cost that does not grow."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from articles.admin import base as admin_base
from articles.admin import search
from articles.admin.search import find
from articles.models import Article, User
from comments.models import Comment
from tests import base
from tests.articles.admin import text_of

pytestmark = [
    *(pytest.mark.django_db, pytest.mark.postgresql_later),
    pytest.mark.usefixtures("contexts"),
]
LIST = "/admin/articles/article/"


@pytest.fixture
def desk(editor: User, login: Callable) -> Client:
    return login(editor)


def headlines(response: object) -> list[str]:
    return [article.headline for article in response.context["cl"].result_list]


def test_each_state_is_said_in_words(desk: Client, editor: User) -> None:
    now = timezone.now()
    base.draft()
    base.draft(headline="ready").set_stage("ready", by=None)
    base.published(at=now - timedelta(hours=1))
    base.published(at=now - timedelta(hours=1), headline="newer").save_revision(by=editor, headline="n")
    base.published(at=now + timedelta(hours=1))
    base.published(at=now - timedelta(hours=1)).withdraw(by=None, reason="Wrong.")
    base.published(at=now - timedelta(hours=1)).unpublish(by=None)
    page = text_of(desk.get(LIST))
    for words in (
        "Draft",
        "Ready",
        "Live",
        "Live with newer draft",
        "Scheduled for ",
        "Withdrawn",
        "Unpublished",
    ):
        assert f">{words}" in page


def test_a_stage_stands_at_what_is_in_work_and_not_at_what_is_out(desk: Client, editor: User) -> None:
    article = base.published()
    assert '<td class="field-desk_stage">writing' not in text_of(desk.get(LIST))
    article.save_revision(by=editor, headline="More is known")
    assert '<td class="field-desk_stage">writing' in text_of(desk.get(LIST))


def test_versions_lead_to_their_articles_and_missing_ones_to_their_beginning(
    desk: Client, editor: User
) -> None:
    article = base.draft(by=editor)
    german = article.add_version("de", by=editor)
    page = text_of(desk.get(LIST + "?language=en"))
    assert f'href="/admin/articles/article/{german.pk}/change/"' in page
    assert f'href="/admin/articles/article/{article.pk}/version/fr/"' in page
    assert f"/admin/articles/article/{article.pk}/version/de/" not in page


def test_who_writes_german_only_is_offered_german_only(translator: User, login: Callable) -> None:
    base.published()
    page = text_of(login(translator).get(LIST))
    assert "/version/de/" in page
    assert "/version/fr/" not in page


def test_number_of_comments_is_that_of_the_counter(desk: Client) -> None:
    article = base.published()
    Comment.post(article=article, name="Ida", text="Waiting.")
    Comment.post(article=article, name="Ida", text="Shown.").approve(by=None)
    assert '<td class="field-comments">1</td>' in text_of(desk.get(LIST))


def test_filters(desk: Client) -> None:
    culture = base.section({"en": "Culture", "de": "Kultur"})
    base.draft(headline="A draft", section=culture)
    base.draft(headline="Ein Entwurf", language="de", section=base.section())
    base.published(headline="Live", section=culture).set_stage("ready", by=None)
    assert headlines(desk.get(LIST + "?language=de")) == ["Ein Entwurf"]
    assert headlines(desk.get(LIST + "?state=live")) == ["Live"]
    assert headlines(desk.get(LIST + "?stage=ready")) == ["Live"]
    assert headlines(desk.get(LIST + f"?section={culture.pk}&state=draft")) == ["A draft"]
    assert headlines(desk.get(LIST + "?state=draft&language=de&q=entwurf")) == ["Ein Entwurf"]


ODD_QUERIES = (
    "?language=xx",
    "?state=%00",
    "?stage=1",
    "?section=999",
    "?section=x",
    "?p=0",
    "?p=99999999999999999999",
    "?p=x",
    "?o=1.2.3",
    "?q=%00",
    "?q=" + "x" * 5000,
    "?q=" + "%F0%9F%97%9E",
    "?q=https://[",
    "?q=%23" + "9" * 30,
    "?e=1",
    "?all=",
    "?_facets=1",
    "?created_by__password__startswith=x",
    "?created_by=1",
    "?unknown=1",
)


def test_no_address_of_the_list_fails(desk: Client) -> None:
    base.draft()
    for query in ODD_QUERIES:
        assert desk.get(LIST + query, follow=True).status_code in (200, 400), query


def test_list_costs_the_same_however_many_articles(
    desk: Client, editor: User, django_assert_num_queries: Callable
) -> None:
    base.draft(by=editor).add_version("de", by=editor)
    desk.get(LIST)
    with django_assert_num_queries(15):
        desk.get(LIST)
    for number in range(8):
        section = base.section({"en": f"Section {number}"})
        base.published(by=editor, section=section, headline=f"Number {number}").add_version("fr", by=editor)
    with django_assert_num_queries(15):
        assert len(headlines(desk.get(LIST))) == 18


def test_list_ends_somewhere_and_says_so(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_base, "MAX_LISTED", 3)
    monkeypatch.setattr("articles.admin.articles.MAX_LISTED", 3)
    for number in range(5):
        base.draft(headline=f"Number {number}")
    page = text_of(desk.get(LIST))
    assert "Only the first 3 are listed" in page


# Search


def test_search_finds_words_of_headline_and_slug_in_any_order(editor: User) -> None:
    article = base.draft(headline="Zürich opens its harbour", language="en")
    base.draft(headline="Something else")
    for words in ("harbour", "HARBOUR opens", "zurich", "Zürich harbour", "zurich-opens", f"#{article.pk}"):
        assert list(find(Article.objects.all(), words)) == [article], words
    for words in ("volcano", "harbour volcano", "#0", f"#{10**40}", "!!!", "%", "_"):
        assert not find(Article.objects.all(), words).exists(), words
    assert find(Article.objects.all(), " \0 ").count() == 2


def test_search_finds_an_article_by_present_and_old_address() -> None:
    article = base.published(at=base.NOON, headline="Harbour reopens")
    old = article.path
    article.save_revision(by=None, slug="harbour-open-again")
    article.publish(by=None)
    article.refresh_from_db()
    for address in (old, article.path, f"https://news.example{article.path}", f"{article.path}?before=3"):
        assert list(find(Article.objects.all(), address)) == [article], address
    assert not find(Article.objects.all(), "/en/2025/07/11/nothing/").exists()


def test_beyond_the_newest_the_beginning_of_a_slug_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "NEWEST", 1)
    old = base.draft(headline="Ferry sinks off the pier")
    base.draft(headline="Newest")
    assert list(find(Article.objects.all(), "ferry sinks")) == [old]
    assert not find(Article.objects.all(), "pier").exists()


def test_search_stays_among_what_one_may_read(journalist: User, editor: User) -> None:
    article = base.draft(by=editor, headline="Secret ferry")
    readable = Article.objects.readable_by(journalist)
    for words in ("ferry", "secret-ferry", f"#{article.pk}"):
        assert not find(readable, words).exists()


def test_suggestions_are_in_the_language_of_the_article(journalist: User, login: Callable) -> None:
    base.tag("Harbour")
    base.tag("Hafen", "de")
    base.author("Nora Feld")
    client = login(journalist)

    def names(kind: str, query: str) -> list[str]:
        return client.get(f"/admin/articles/article/suggest/{kind}/?{query}").json()["names"]

    assert names("tags", "q=ha&language=de") == ["Hafen"]
    assert names("tags", "q=HARB&language=en") == ["Harbour"]
    assert names("tags", "q=x%00&language=en%00") == []
    assert names("authors", "q=feld&language=fr") == ["Nora Feld"]
    assert names("sources", "") == []
    assert client.get("/admin/articles/article/suggest/users/?q=j").status_code == 404
    assert client.post("/admin/articles/article/suggest/tags/").status_code == 405
