"""Who reaches what in the admin: every page in pairs, with and without the role."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from articles.models import Article, User
from tests import base
from tests.articles.admin import change, page, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]
LIST = "/admin/articles/article/"
SECRET = "What the divers found below pier two"


@pytest.fixture
def secret(db: None) -> Article:
    """A draft of a journalist whom nobody here is."""
    article = base.draft(by=base.person("otto", "Journalist"), headline=SECRET)
    article.save_revision(by=article.created_by, standfirst="A second revision.")
    return article


@pytest.fixture
def live(db: None) -> Article:
    """A live article of the same journalist, with a newer draft that readers do not see."""
    article = base.published(by=base.person("petra", "Journalist"), headline="Ferries leave again")
    article.save_revision(by=article.created_by, headline="Ferries leave, captain charged")
    return article


PAGES_OF_AN_ARTICLE = (
    "change",
    "history",
    "compare",
    "compare/?old=1&new=2",
    "preview",
    "preview/?revision=1",
    "revision/1",
    "revision/1/restore",
    "delete",
    "publish",
    "unpublish",
    "withdraw",
    "reinstate",
    "note",
    "stage",
    "desk",
    "join",
    "version/de",
)


def address(article: Article, name: str) -> str:
    path, _mark, query = name.partition("/?")
    return page(article, path) + (f"?{query}" if query else "")


@pytest.mark.parametrize("role", ["Journalist", "Translator", "Moderator"])
def test_anothers_draft_is_not_found(secret: Article, login: Callable, role: str) -> None:
    client = login(base.person("adam", role))
    for name in PAGES_OF_AN_ARTICLE:
        assert client.get(address(secret, name)).status_code == 404, name
        assert client.post(address(secret, name)).status_code == 404, name
    assert Article.objects.get(pk=secret.pk).revisions.count() == 2


def test_editor_of_another_language_does_not_find_it(secret: Article, login: Callable) -> None:
    client = login(base.person("dora", "Editor", languages=["de"]))
    for name in PAGES_OF_AN_ARTICLE:
        assert client.get(address(secret, name)).status_code == 404, name


def test_editor_opens_anothers_draft_and_may_not_withdraw(
    secret: Article, editor: User, login: Callable
) -> None:
    client = login(editor)
    for name in PAGES_OF_AN_ARTICLE:
        expected = 403 if name in ("withdraw", "reinstate") else 200
        assert client.get(address(secret, name)).status_code == expected, name


def test_chief_opens_everything(secret: Article, chief: User, login: Callable) -> None:
    client = login(chief)
    for name in PAGES_OF_AN_ARTICLE:
        assert client.get(address(secret, name)).status_code == 200, name


def test_nobody_enters_without_a_login(secret: Article) -> None:
    for name in PAGES_OF_AN_ARTICLE:
        response = Client().get(address(secret, name))
        assert response.headers["Location"].startswith("/admin/login/"), name


OWN = {
    "history": 200,
    "preview": 200,
    "revision/1": 200,
    "revision/1/restore": 200,
    "delete": 200,
    "stage": 200,
    "join": 200,
    "version/de": 200,
    "publish": 403,
    "unpublish": 403,
    "withdraw": 403,
    "reinstate": 403,
    "note": 403,
    "desk": 403,
}


def test_journalist_at_his_own_draft(journalist: User, login: Callable) -> None:
    article = base.draft(by=journalist)
    client = login(journalist)
    form = text_of(client.get(change(article)))
    for name, status in OWN.items():
        assert client.get(address(article, name)).status_code == status, name
        if status == 403:
            assert client.post(address(article, name)).status_code == 403, name
            assert f"/{name}/" not in form, name


def test_journalist_reads_what_is_live_and_not_its_newer_draft(
    live: Article, journalist: User, login: Callable
) -> None:
    client = login(journalist)
    for name in ("change", "history", "preview", "revision/1"):
        response = client.get(address(live, name))
        assert response.status_code == 200
        assert "captain charged" not in text_of(response)
        assert "newer draft" not in text_of(response)
    listed = text_of(client.get(LIST))
    assert "Ferries leave again" in listed
    assert "newer draft" not in listed
    assert "writing" not in listed.partition("result_list")[2].partition("</table>")[0]
    for name in ("revision/2", "preview/?revision=2", "revision/2/restore"):
        assert client.get(address(live, name)).status_code == 404
    assert client.get(address(live, "revision/1/restore")).status_code == 403
    assert client.post(change(live), {"headline": "Mine", "base": "2"}).status_code == 403
    assert '<form class="sheet"' not in text_of(client.get(change(live)))


def test_withdrawn_article_is_not_found_by_those_who_could_only_read_it(
    live: Article, journalist: User, login: Callable
) -> None:
    live.withdraw(by=None, reason="Wrong.")
    assert login(journalist).get(change(live)).status_code == 404


def test_scheduled_article_of_another_is_not_found(journalist: User, login: Callable) -> None:
    article = base.published(by=None, at=timezone.now() + timedelta(days=1))
    assert login(journalist).get(change(article)).status_code == 404


def test_lists_and_searches_name_no_draft_of_others(
    secret: Article, journalist: User, login: Callable
) -> None:
    client = login(journalist)
    queries = (
        "",
        "?q=divers",
        "?q=what-the-divers",
        "?q=%23{pk}",
        "?state=draft",
        "?stage=writing",
        "?language=en",
    )
    for query in (*queries, "?_popup=1&_to_field=id"):
        response = client.get(LIST + query.format(pk=secret.pk))
        assert SECRET not in text_of(response), query
        assert "0 articles" in text_of(response), query


def test_autocomplete_names_no_draft_of_others(secret: Article, journalist: User, login: Callable) -> None:
    client = login(journalist)
    for model in ("comments.comment", "articles.path", "articles.note"):
        app_label, model_name = model.split(".")
        query = f"?app_label={app_label}&model_name={model_name}&field_name=article&term=divers"
        assert SECRET not in text_of(client.get("/admin/autocomplete/" + query)), model


def test_redirect_of_the_admin_leads_to_no_draft(secret: Article, journalist: User, login: Callable) -> None:
    assert login(journalist).get(f"/admin/articles/article/{secret.pk}/", follow=True).status_code == 404


def test_writer_loses_what_is_another_sections(login: Callable) -> None:
    culture = base.section({"en": "Culture"})
    writer = base.person("sara", "Journalist")
    inside = base.draft(by=writer, section=culture)
    outside = base.draft(by=writer, section=base.section())
    writer.grants.get().sections.add(culture)
    client = login(writer)
    assert client.get(change(inside)).status_code == 200
    assert client.get(change(outside)).status_code == 404


def test_deactivated_person_is_out(journalist: User, login: Callable) -> None:
    client = login(journalist)
    assert client.get("/admin/").status_code == 200
    journalist.is_active = False
    journalist.save()
    assert client.get("/admin/").headers["Location"].startswith("/admin/login/")


def test_article_that_is_not_there_is_not_found(chief: User, login: Callable) -> None:
    client = login(chief)
    for pk in ("0", "999999", "9" * 30, "abc", "1%00", "-1", "1/../2"):
        for name in ("change", "publish", "history", "compare", "delete", "preview"):
            response = client.get(f"/admin/articles/article/{pk}/{name}/", follow=True)
            assert response.status_code == 404, (pk, name)


def test_revision_that_is_not_there_is_not_found(chief: User, login: Callable) -> None:
    article = base.draft()
    client = login(chief)
    for number in ("0", "x", "9" * 9, "9" * 30, "-1", "1e3", "٣", "%00"):
        assert client.get(page(article, "preview") + f"?revision={number}").status_code == 404, number
        assert client.get(page(article, f"revision/{number}"), follow=True).status_code == 404, number


# Journalist, translator, editor, chief, moderator
AREAS = {
    "articles/article/add/": (200, 403, 200, 200, 403),
    "articles/article/suggest/tags/": (200, 200, 200, 200, 403),
    "articles/section/": (200, 200, 200, 200, 403),
    "articles/section/add/": (403, 403, 403, 200, 403),
    "articles/tag/add/": (200, 200, 200, 200, 403),
    "articles/author/add/": (403, 403, 200, 200, 403),
    "articles/page/add/": (403, 403, 200, 200, 403),
    "articles/source/add/": (200, 200, 200, 200, 403),
    "articles/user/": (403, 403, 403, 200, 403),
    "newsroom/site/": (403, 403, 403, 302, 403),
    "newsroom/site/1/change/": (403, 403, 403, 200, 403),
    "newsroom/logentry/": (403, 403, 403, 200, 403),
    "auth/group/": (403, 403, 403, 403, 403),
}
ROLES = ("Journalist", "Translator", "Editor", "Chief", "Moderator")


@pytest.mark.parametrize(("column", "role"), list(enumerate(ROLES)))
def test_each_role_sees_its_parts_of_the_admin(login: Callable, column: int, role: str) -> None:
    client = login(base.person("adam", role))
    found = {area: client.get(f"/admin/{area}").status_code for area in AREAS}
    assert found == {area: expected[column] for area, expected in AREAS.items()}
