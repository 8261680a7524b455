"""Who gets what at every address: the URL conf and the admin's registry × roles × GET and POST, against a table.

The table, tests/permissions.txt, is read and judged by people: a new address, a new role or another answer fails until
it stands there. `PERMISSIONS_TO=FILE make test ARGS=tests/test_permission_matrix.py` writes what the site does
now to FILE, to be compared with the table and, line by line, to be meant.

A POST carries no fields, so it changes as little as it can; each is undone. What an answer is called:

    200        the page, or for POST a form that says what is missing: this person may
    on         sent on to another page: done, or shown elsewhere
    login      sent to the login
    away       sent back to the admin's index: for this person there is no such thing
    403 404 …  refused, and how
"""

import os
import pathlib
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admindocs.views import simplify_regex
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLResolver
from django.utils import timezone

from articles.models import (
    Article,
    Attachment,
    Author,
    FrontSlot,
    MissedAddress,
    MistakeReport,
    Note,
    Page,
    PageText,
    Path,
    Photo,
    Rendition,
    Section,
    Series,
    SeriesText,
    Sitting,
    Source,
    Task,
    User,
)
from articles.models.article_queries import SITEMAP_PART
from articles.redirects import add_redirect
from comments.links import confirm_url, unsubscribe_url, write_url
from comments.models import Ban, Commenter, Rule, Step
from newsroom.mail import send_later
from newsroom.models import LogEntry, Mail, Site
from tests import base
from tests.comments.base import approved, waiting

TABLE = pathlib.Path(__file__).with_name("permissions.txt")
ROLES = ("anonymous", "journalist", "translator", "editor", "chief", "moderator", "superuser")
METHODS = ("GET", "POST")

Sample = tuple[str, Any]  # what the table calls it, and the value in the address


class World:
    """One row of everything; some articles by the person who asks, the others by somebody else."""

    def __init__(self, role: str) -> None:
        self.language = "de" if role == "translator" else "en"
        self.user = self.person(role)
        other = base.person("otto", "Journalist")
        self.site = Site.objects.create(name="Newsroom")
        self.section = base.section()
        self.author = base.author()
        self.tag = base.tag("Ferries")
        self.page = Page.objects.create()
        PageText.objects.create(page=self.page, language="en", name="Imprint", body="<p>Who we are.</p>")
        self.series = Series.objects.create()
        SeriesText.objects.create(series=self.series, language="en", name="The harbour files")
        self.source = Source.objects.create(name="Harbour office")
        self.photo = Photo.objects.create(file="photos/none.jpg", digest="0" * 64, width=800, height=600)
        Rendition.objects.create(photo=self.photo, file="photos/none-800.jpg", width=800, height=600)
        self.document = Attachment.objects.create(
            title="Report", path="files/none.pdf", name="report.pdf", size=1, digest="0" * 64
        )
        words = {"language": self.language, "section": self.section, "tags": [self.tag]}
        self.own = base.draft(**words)
        self.draft = base.draft(headline="Somebody else's draft", **words)
        self.live = base.published(
            headline="Harbour open",
            bylines=[(self.author, "author")],
            series=self.series,
            **words | {"language": "en"},
        )
        self.scheduled = base.published(
            headline="Harbour to open", at=timezone.now() + timedelta(days=1), **words
        )
        self.withdrawn = base.published(headline="Harbour closed", **words)
        self.withdrawn.withdraw(by=None, reason="not so")
        Article.objects.filter(pk=self.own.pk).update(created_by=self.user)
        Article.objects.exclude(pk=self.own.pk).update(created_by=other)
        self.slot = self.live.place_on_front(by=None, kind=FrontSlot.Kind.LEAD)
        self.correction = self.live.add_note(by=None, kind=Note.Kind.CORRECTION, text="Two boats.")
        self.report = MistakeReport.send(self.live, text="Not so.")
        self.redirect = add_redirect("/old-page", "/en/", by=None)
        self.missed = MissedAddress.objects.create(path="/nothing-here")
        self.mail = send_later("reader@example.org", "Subject", "Text")
        self.link = self.draft.share_draft(by=None, expires_at=timezone.now() + timedelta(days=7))
        self.own_link = self.own.share_draft(by=None, expires_at=timezone.now() + timedelta(days=7))
        # One at each of the articles that are asked for.
        self.remarks = [row.remark(by=None, text="Is it so?") for row in (self.own, self.draft, self.live)]
        self.task = Task.make(by=None, article=self.draft, kind=Task.Kind.REVIEW)
        # What somebody typed and did not save; of the one who asks, if there is one.
        typed = {
            "fields": [["headline", "Typed"]],
            "saved_at": timezone.now(),
            "seen_at": None,
            "language": "en",
        }
        self.own_sitting = Sitting.objects.create(user=self.user or other, **typed)
        self.other_sitting = Sitting.objects.create(user=other, **typed)
        self.shown = approved(self.live)
        self.step = Step.objects.get()
        self.waiting = waiting(self.live, email="rosa@mail.example")
        self.commenter = Commenter.objects.get()
        Commenter.objects.update(confirmed_at=timezone.now())
        self.rule = Rule.add(by=None, kind="words", text="casino")
        self.ban = Ban.impose(by=None, reason="Advertising.", network="192.0.2.0/24")
        self.entry = LogEntry.objects.first()

    def person(self, role: str) -> User | None:
        if role == "anonymous":
            return None
        if role == "superuser":
            return User.objects.create_superuser("super", password="correct horse battery")
        return base.person("me", role.capitalize(), languages=["de"] if role == "translator" else None)

    def rows(self) -> dict[type, Any]:
        """Return the row that stands for each model of the admin."""
        return {
            Site: self.site,
            Section: self.section,
            Author: self.author,
            type(self.tag): self.tag,
            Page: self.page,
            Series: self.series,
            Source: self.source,
            FrontSlot: self.slot,
            Path: self.redirect,
            MissedAddress: self.missed,
            MistakeReport: self.report,
            Task: self.task,
            Mail: self.mail,
            Photo: self.photo,
            Attachment: self.document,
            LogEntry: self.entry,
            Group: Group.objects.get(name="Chief"),
            User: User.objects.get(username="otto"),
            type(self.shown): self.waiting,
            Rule: self.rule,
            Ban: self.ban,
        }

    def articles(self) -> list[Sample]:
        return [("own", self.own.pk), ("draft", self.draft.pk), ("live", self.live.pk)]

    def with_path(self) -> list[tuple[str, Article]]:
        return [("live", self.live), ("scheduled", self.scheduled), ("withdrawn", self.withdrawn)]

    def samples(self, route: str) -> list[dict[str, Sample]]:
        """Return what stands in an address of this route: one address for each dictionary."""
        if route.startswith("admin/articles/article/<int:pk>/share/<"):
            # At the live one there is none; the other's is asked for.
            links = [("link", self.own_link.pk), ("link", self.link.pk), ("other", self.link.pk)]
            return [{"pk": row, "link": link} for row, link in zip(self.articles(), links, strict=True)]
        if route.startswith("admin/articles/article/<int:pk>/remarks/<"):
            remarks = [("it", row.pk) for row in self.remarks]
            return [{"pk": row, "remark": said} for row, said in zip(self.articles(), remarks, strict=True)]
        if route.startswith("admin/articles/article/<int:pk>/notes/<"):
            return [{"pk": row, "note": ("note", self.correction.pk)} for row in self.articles()]
        if "<uuid:uid>" in route and re.match("admin/articles/article/(sitting|kept)/", route):
            return [{"uid": ("own", self.own_sitting.uid)}, {"uid": ("other", self.other_sitting.uid)}]
        if route.startswith("admin/articles/article/"):
            if "<uuid:uid>" in route:
                return [{"uid": (row, getattr(self, row).uid)} for row in ("own", "draft", "live")]
            rest = {"number": ("1", 1), "language": ("fr", "fr"), "kind": ("tag", "tag")}
            return [{"pk": row, "object_id": row, **rest} for row in self.articles()]
        if route.startswith("admin/comments/queue/undo/"):
            return [{"pk": ("step", self.step.pk)}]
        if route.startswith("admin/comments/queue/"):
            return [{"pk": ("waiting", self.waiting.pk)}, {"pk": ("shown", self.shown.pk)}]
        if route.startswith("admin/articles/photo/<uuid:uid>/"):
            return [{"uid": ("photo", self.photo.uid)}]
        if route.startswith("admin/articles/attachment/<uuid:uid>/"):
            return [{"uid": ("document", self.document.uid)}]
        if route.startswith("media/files/<"):
            return [{"uid": ("document", self.document.uid), "name": ("name", self.document.name)}]
        if route.startswith("admin/newsroom/banner/<"):
            return [{"language": ("en", "en")}]
        if model := re.match(r"admin/(\w+)/(\w+)/<", route):
            row = next(r for m, r in self.rows().items() if m._meta.label_lower == ".".join(model.groups()))
            return [{"object_id": ("row", row.pk), "id": ("row", row.pk)}]
        if route.startswith("admin/(?P<app_label>") or route.startswith("admin/^(?P<app_label>"):
            return [{"app_label": ("articles", "articles")}]
        if "(?P<path>" in route and "comments" in route:
            rest = {"number": ("2", 2)}
            paths = [(name, article.path[1:]) for name, article in self.with_path()]
            answered = [("shown", self.shown.pk), ("waiting", self.waiting.pk)]
            if "(?P<pk>" in route:
                return [{"path": paths[0], "pk": comment, **rest} for comment in answered]
            return [{"path": path, **rest} for path in paths]
        if mailed := re.match(r"comments/(as|confirm|unsubscribe)/<token>", route):
            address = {
                "as": write_url(self.commenter, self.live, self.shown.pk),
                "confirm": confirm_url(self.commenter, self.waiting),
                "unsubscribe": unsubscribe_url(self.commenter),
            }[mailed[1]]
            return [{"token": ("token", address.split("/")[3])}]
        if route.startswith("^comments/(?P<pk>"):
            return [{"pk": ("shown", self.shown.pk)}, {"pk": ("waiting", self.waiting.pk)}]
        if "archive/(?P<year>" in route:
            month = f"{self.live.published_at:%Y/%m}".split("/")
            return [{"language": ("en", "en"), "year": ("year", month[0]), "number": ("month", month[1])}]
        if "(?P<year>" in route:
            return [
                dict(zip(("language", "year", "month", "day", "slug"), parts, strict=True))
                for name, article in self.with_path()
                for parts in [
                    [
                        (name if n == 4 else "", part)
                        for n, part in enumerate(article.path.strip("/").split("/"))
                    ]
                ]
            ]
        if route.startswith("preview/"):
            # With this one photo no article and no draft has anything to do.
            return [{"token": ("token", self.link.token), "uid": ("photo", self.photo.uid)}]
        slugs = {
            "tag": "ferries",
            "author": "nora-feld",
            "page": "imprint",
            "series": "the-harbour-files",
            "": "politics",
        }
        word = re.search(r"(tag|author|page|series|)/?<words:slug>", route)
        return [
            {
                "language": ("en", "en"),
                "slug": (slug := slugs[word[1]] if word else "", slug),
                "pk": ("shown", self.shown.pk),
                "act": ("forgotten", "0" * 32),
                "token": ("token", self.waiting.token()),
                "colour": ("a3122a", "a3122a"),
                "path": ("file", "photos/none-800.jpg"),
                "number": ("1", (self.live.pk - 1) // SITEMAP_PART + 1),
            }
        ]


def routes(
    resolver: Any = None, prefix: str = "", namespaces: tuple[str, ...] = ()
) -> Iterator[tuple[str, str]]:
    """Yield each route of the URL conf with its full name, "" if it has none."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from routes(pattern, route, inner)
        else:
            yield route, ":".join([*namespaces, pattern.name]) if pattern.name else ""


def addresses(world: World) -> dict[str, str]:
    """Return an address for what the table calls it, for every route."""
    found = {}
    for route, name in routes():
        names = re.findall(r"<(?:\w+:)?(\w+)>", route)
        label = simplify_regex(re.sub(r"<\w+:(\w+)>", r"<\1>", route).replace("[^/\\x00]+", "")).replace(
            "\\", ""
        )
        if not name:  # the admin's two nameless ones
            if route.endswith("(?P<url>.*)$"):
                found["/admin/<anything>"] = "/admin/nothing-here/"
            else:
                for sample in world.samples(route):
                    called, value = sample["object_id"]
                    found[label.replace("<object_id>", f"<{called}>")] = label.replace(
                        "<object_id>", str(value)
                    )
            continue
        for sample in world.samples(route):
            missing = set(names) - set(sample)
            assert not missing, f"{route}: say in World.samples what stands for {', '.join(missing)}"
            called = label
            for part in names:
                called = called.replace(
                    f"<{part}>", f"<{sample[part][0]}>" if sample[part][0] else f"<{part}>"
                )
            found[called] = reverse(name, kwargs={part: sample[part][1] for part in names})
    return found


def answer(client: Client, method: str, address: str) -> str:
    """Return what an address answers, as the table calls it; whatever it did is undone, a logout too."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        response = client.generic(method, address, content_type="application/x-www-form-urlencoded")
        transaction.set_rollback(True)
    client.cookies = cookies
    if response.status_code in (301, 302, 303):
        target = response.headers["Location"]
        if target.startswith(reverse("admin:login")):
            return "login"
        return "away" if target == reverse("admin:index") else "on"
    return str(response.status_code)


def actual(role: str) -> dict[tuple[str, str], str]:
    """Return what each address answers somebody of a role."""
    world = World(role)
    client = Client(raise_request_exception=False)
    if world.user:
        client.force_login(world.user)
    return {
        (called, method): answer(client, method, address)
        for called, address in addresses(world).items()
        for method in METHODS
    }


def table() -> dict[tuple[str, str], dict[str, str]]:
    """Return the table: (address, method) -> role -> answer."""
    lines = [line.split() for line in TABLE.read_text(encoding="utf-8").splitlines() if line[:1] == "/"]
    return {(line[0], line[1]): dict(zip(ROLES, line[2:], strict=True)) for line in lines}


def written(answers: dict[str, dict[tuple[str, str], str]]) -> str:
    """Return the table as text."""
    keys = list(dict.fromkeys(key for by_address in answers.values() for key in by_address))
    width = max(len(address) for address, _ in keys)
    head = f"{'address':<{width}}  {'':<4}  " + "  ".join(f"{role:<10}" for role in ROLES)
    lines = [head.rstrip(), ""]
    for address, method in keys:
        cells = "  ".join(f"{answers[role].get((address, method), '-'):<10}" for role in ROLES)
        lines.append(f"{address:<{width}}  {method:<4}  {cells}".rstrip())
    return "\n".join(lines) + "\n"


@pytest.mark.long
@pytest.mark.only_sqlite  # permissions ask no database for its kind
@pytest.mark.parametrize("role", ROLES if os.environ.get("LONG") else ("anonymous", "moderator"))
def test_every_address_answers_as_the_table_says(role: str, db: None) -> None:
    expected = {key: by_role[role] for key, by_role in table().items()}
    found = actual(role)
    different = [
        f"{method} {address}: {found.get((address, method), 'no such address')}, "
        f"and the table says {expected.get((address, method), 'nothing')}"
        for address, method in dict.fromkeys([*expected, *found])
        if found.get((address, method)) != expected.get((address, method))
    ]
    assert different == []


def test_no_answer_in_the_table_is_an_error() -> None:
    assert {cell for by_role in table().values() for cell in by_role.values()} <= {
        *("200", "on", "login", "away"),
        *("400", "401", "403", "404", "405", "410", "422"),
    }


def test_nobody_without_an_account_gets_into_the_admin() -> None:
    open_to_all = {("/admin/login/", "GET"), ("/admin/login/", "POST"), ("/admin/jsi18n/", "GET")}
    inside = {
        key: by_role["anonymous"]
        for key, by_role in table().items()
        if key[0].startswith("/admin/") and by_role["anonymous"] in ("200", "on") and key not in open_to_all
    }
    assert inside == {("/admin/logout/", "GET"): "405"} or inside == {}


def test_every_model_of_the_admin_is_in_the_table() -> None:
    listed = {address for address, _ in table()}
    for model in admin.site._registry:
        assert f"/admin/{model._meta.app_label}/{model._meta.model_name}/" in listed


if "PERMISSIONS_TO" in os.environ:

    def test_write_what_the_site_does(db: None) -> None:
        answers = {}
        for role in ROLES:
            with transaction.atomic():
                answers[role] = actual(role)
                transaction.set_rollback(True)
        pathlib.Path(os.environ["PERMISSIONS_TO"]).write_text(written(answers), encoding="utf-8")
