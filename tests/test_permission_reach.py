"""How far a role that is limited to languages and sections reaches: every page of an article, forged fields, actions.

The table of test_permission_matrix.py says what each role gets; here stands where it ends. The addresses come from the
URL conf and the actions from the admin's registry, so that new ones are asked too.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection, models, transaction
from django.http import HttpResponse, HttpResponseNotFound
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import CONTENT_FIELDS, Article, Grant, Revision, Section, User
from tests import base
from tests.articles.admin import change, fields_of
from tests.test_permission_matrix import answer, routes

pytestmark = [pytest.mark.django_db, pytest.mark.only_sqlite, pytest.mark.usefixtures("bare_not_found")]

LIST = "/admin/articles/article/"
# Roles that edit others' articles, and one that does not.
ROLES = ("Editor", "Chief", "Journalist")
LIMITS = ("language", "section", "both")


def not_found(request: Any, exception: Exception) -> HttpResponse:
    return HttpResponseNotFound()


@pytest.fixture
def bare_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer 404 without a page: thousands of answers are asked for their status here, and none is read."""
    monkeypatch.setattr("newsroom.urls.handler404", not_found)


class Places:
    """Articles in two languages and three places, live and as drafts, by somebody else."""

    def __init__(self) -> None:
        self.politics, self.weather = base.section(), base.section({"en": "Weather", "de": "Wetter"})
        self.writer = base.person("otto", "Journalist")
        self.articles: list[Article] = []
        for language in ("de", "en"):
            for section in (self.politics, self.weather, None):
                self.articles.append(self.add(language, section, live=False))
                if section:
                    self.articles.append(self.add(language, section, live=True))

    def add(self, language: str, section: Section | None, *, live: bool) -> Article:
        words = {"language": language, "section": section, "headline": f"{language} {section} {live}"}
        article = base.published(**words) if live else base.draft(**words)
        Article.objects.filter(pk=article.pk).update(created_by=self.writer)
        article.refresh_from_db()
        if live:
            article.save_revision(by=None, kicker="Newer")
        return article

    def person(self, name: str, role: str, limit: str = "") -> User:
        user = base.person(name, role, languages=["de"] if limit in ("language", "both") else None)
        if limit in ("section", "both"):
            Grant.objects.get(user=user).sections.add(self.politics)
        return user

    def covers(self, limit: str, article: Article) -> bool:
        in_language = article.language == "de" or limit == "section"
        return in_language and (article.section == self.politics or limit == "language")


def pages_of(article: Article) -> Iterator[str]:
    """Yield every address of the admin that is about one article."""
    for route, name in routes():
        if not route.startswith("admin/articles/article/") or not re.search(
            "<int:pk>|<path:object_id>", route
        ):
            continue
        if name:
            values = {"pk": article.pk, "object_id": article.pk, "number": 1, "language": "de", "link": 1}
            names = re.findall(r"<(?:\w+:)?(\w+)>", route)
            yield reverse(name, kwargs={part: values.get(part, 1) for part in names})
        else:
            yield f"{LIST}{article.pk}/"


def everything(article: Article, other: Article, address: str) -> dict[str, Any]:
    """Return the fields of all pages of an article at once, each with something that would do at an address."""
    # The number of a place on the front page; of a note elsewhere.
    kind = "1" if address.endswith("/place/") else "correction"
    later = f"{timezone.now() + timedelta(days=2):%Y-%m-%dT%H:%M}"
    return {
        **{"reason": "Because.", "scope": "story", "kind": kind, "text": "Not so.", "author": "Ada"},
        **{"stage": "copy-desk", "at": "", "revision": article.newest_revision().number, "confirmed": "yes"},
        **{"comments_mode": "closed", "initial-comments_mode": "", "position": "0", "starts_at": ""},
        **{"embargo_until": later, "initial-embargo_until": "", "ends_at": later, "target": other.pk},
        **{"for_whom": "Ada", "expires_at": later, "base": article.newest_revision().number, "_save": "1"},
        **{"headline": "Forged", "body": "<p>Forged.</p>", "provenance": "original", "passage": "ferry"},
        "section": article.section_id or "",
        **{f"{name}-TOTAL_FORMS": "0" for name in ("byline", "source")},
        **{f"{name}-INITIAL_FORMS": "0" for name in ("byline", "source")},
    }


def rows() -> dict[str, list[dict[str, Any]]]:
    """Return all that is stored, but what follows from it (log, search) and who was there."""
    passing = ("Sitting", "LogEntry", "Upcoming", "SearchRow", "SearchDocument", "User")
    return {
        model._meta.label: list(model.objects.order_by("pk").values())
        for label in ("articles", "comments", "newsroom")
        for model in apps.get_app_config(label).get_models()
        if model.__name__ not in passing
    }


def changes(client: Client, address: str, data: dict[str, Any], before: dict[str, Any]) -> bool:
    """Return whether a POST to an address changes anything of the rows; it is undone."""
    with transaction.atomic():
        written = connection.connection.total_changes
        client.post(address, data)
        # SQLite's own count spares reading everything after each of many that wrote nothing.
        changed = connection.connection.total_changes != written and rows() != before
        transaction.set_rollback(True)
    return changed


@pytest.mark.long
def test_what_is_out_of_reach_is_not_found_and_never_changed(
    login: Callable[[User], Client], full_length: bool
) -> None:
    places = Places()
    every = [(role, limit) for role in ROLES for limit in LIMITS]
    for number, (role, limit) in enumerate(every if full_length else [("Editor", "both")]):
        client = login(places.person(f"me{number}", role, limit))
        for article in places.articles if full_length else places.articles[2:9:3]:
            if places.covers(limit, article) and role != "Journalist":
                continue
            live, before = article.is_visible(), rows()
            for address in pages_of(article):
                if live and "/version/" in address:
                    continue  # who may read it may begin its version in a language of his own
                # Django's own address of a row leads to its form, which is not found then.
                if not live and address != f"{LIST}{article.pk}/":
                    found = {method: answer(client, method, address) for method in ("GET", "POST")}
                    assert set(found.values()) <= {"404", "405"}, (role, limit, address, found)
                data = everything(article, places.articles[0], address)
                assert not changes(client, address, data, before), (role, limit, address)


@pytest.mark.later
@pytest.mark.long
def test_what_is_within_reach_answers_as_for_a_role_without_a_limit(
    login: Callable[[User], Client], full_length: bool
) -> None:
    places = Places()
    every = [(role, limit) for role in ("Editor", "Chief") for limit in LIMITS]
    free = {role: login(places.person(f"free{role}", role)) for role in ("Editor", "Chief")}
    # Whatever an answer does is undone, so each is asked for once and not anew for each limit.
    answer_without_limit = cache(lambda role, method, address: answer(free[role], method, address))
    for number, (role, limit) in enumerate(every if full_length else [("Chief", "both")]):
        limited = login(places.person(f"me{number}", role, limit))
        within = [article for article in places.articles if places.covers(limit, article)]
        for article in within if full_length else within[:1]:
            for address in pages_of(article):
                for method in ("GET", "POST"):
                    expected = answer_without_limit(role, method, address)
                    assert answer(limited, method, address) == expected, (role, limit, address)


def test_the_same_fields_do_change_what_is_within_reach(login: Callable[[User], Client]) -> None:
    # Else the test above could not fail.
    places = Places()
    chief = login(places.person("cleo", "Chief", "both"))
    draft, live = places.articles[:2]
    other, before = places.articles[-1], rows()
    expected = {
        "change",
        "delete",
        "desk",
        "note",
        "place",
        "publish",
        "share",
        "stage",
        "unpublish",
        "withdraw",
    }
    acted = {
        name
        for article in (draft, live)
        for address in pages_of(article)
        if (name := address.rstrip("/").rpartition("/")[2]) in expected
        and changes(chief, address, everything(article, other, address), before)
    }
    assert acted == expected


COLUMNS = sorted(
    {
        name
        for model in apps.get_app_config("articles").get_models()
        for field in model._meta.get_fields()
        for name in (field.name, getattr(field, "attname", field.name))
    }
    - set(CONTENT_FIELDS)
    - {f"{name}_id" for name in CONTENT_FIELDS}
    # Those that the form has by these names.
    - {"tags", "language"}
)


@pytest.mark.parametrize("value", ["1", "2030-01-01 00:00", "on", "live"])
def test_no_column_is_written_because_a_form_names_it(
    login: Callable[[User], Client], journalist: User, editor: User, value: str
) -> None:
    base.published(by=editor, headline="Somebody else's")
    article = base.draft(by=journalist)
    before, story = rows(), article.story_id
    client = login(journalist)
    data = fields_of(client.get(change(article)))
    client.post(
        change(article), {**dict.fromkeys(COLUMNS, value), **data, "headline": "Mine", "slug": "mine"}
    )
    after = rows()
    assert Article.objects.get(pk=article.pk).headline == "Mine"
    for label in before:
        if label == "articles.Revision":
            assert after[label][:-1] == before[label]
            made = Revision.objects.get(pk=after[label][-1]["id"])
            assert (made.article_id, made.number, made.created_by_id) == (article.pk, 2, journalist.pk)
            assert (made.published_at, made.is_public) == (None, True)
        elif label == "articles.Article":
            kept = [{**row, "headline": "", "slug": ""} for row in (*before[label], *after[label])]
            assert kept[: len(kept) // 2] == kept[len(kept) // 2 :]
        else:
            assert after[label] == before[label], label
    assert Article.objects.get(pk=article.pk).story_id == story


def test_no_list_is_a_form_that_saves_rows() -> None:
    assert {
        type(model_admin).__name__
        for model_admin in admin.site._registry.values()
        if model_admin.list_editable
    } == set()


def actions() -> Iterator[tuple[type[models.Model], str]]:
    for model, model_admin in admin.site._registry.items():
        for action, name, _description in model_admin._get_base_actions():
            if action and name != "delete_selected":
                yield model, name


@pytest.mark.parametrize(("model", "name"), list(actions()), ids=lambda part: getattr(part, "__name__", part))
def test_an_action_on_all_rows_reaches_no_further_than_the_role(
    login: Callable[[User], Client], model: type[models.Model], name: str
) -> None:
    places = Places()
    me = login(places.person("me", "Chief", "both"))
    before = {row["id"]: row for row in rows()["articles.Article"]}
    for select_across in ("0", "1"):
        me.post(
            reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"),
            {
                "action": name,
                "_selected_action": list(model.objects.values_list("pk", flat=True)),
                "select_across": select_across,
                "confirmed": "yes",
                "post": "yes",
            },
        )
    changed = {row["id"] for row in rows()["articles.Article"] if row != before[row["id"]]}
    within = {article.pk for article in places.articles if places.covers("both", article)}
    assert changed <= within
    if model is Article:
        assert changed, "this action did nothing: the test shows nothing"


@pytest.mark.parametrize("name", ["delete_selected", "no_such_action", "get_queryset", ""])
def test_what_is_no_action_does_nothing(login: Callable[[User], Client], chief: User, name: str) -> None:
    places = Places()
    before = rows()
    response = login(chief).post(
        LIST, {"action": name, "_selected_action": [places.articles[0].pk], "post": "yes", "confirmed": "yes"}
    )
    assert response.status_code in (200, 302)
    after = rows()
    assert after.keys() == before.keys()
    assert {label for label in after if after[label] != before[label]} == set()
