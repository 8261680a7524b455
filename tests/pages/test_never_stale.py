"""Promise 3 over every address and every act: what is still stored after an act is what would be rendered now.

All pages are stored; then something is done; then each page that the act left in the store is compared with a new
render. A key that a page does not declare, or that a verb does not name, shows here.
"""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries
from django.test import Client
from django.utils import timezone

from articles.models import Article, FrontSlot, MistakeReport, Note, Source
from articles.models.article_queries import SITEMAP_PART
from articles.photos import add_renditions
from articles.redirects import add_redirect, remove_redirect
from comments.flood import set_flood
from comments.models import Report
from newsroom.banner import set_banner
from newsroom.pages.address import Address
from newsroom.pages.files import FileStore
from newsroom.pages.stored import StoredPage
from tests import base
from tests.articles import readers
from tests.articles.admin import send
from tests.articles.test_links import link
from tests.comments.base import approved, waiting
from tests.pages.base import HOST, ask, cached, clock_at
from tests.test_nothing_leaks import public_addresses
from tests.test_permission_matrix import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql_later]


class Paper(World):
    """A small paper in which everything hangs together, and its stored pages."""

    # What no paper as it is made keeps: searches, forms, what is not there. Learnt from the first one.
    unstored: ClassVar[set[tuple[str, str]]] = set()

    def __init__(self, store: FileStore, desk: Client) -> None:
        super().__init__("superuser")
        self.store, self.desk = store, desk
        self.django = get_wsgi_application()
        self.cache = cached(self.django, store)
        self.picture = readers.photo()
        self.public = Source.objects.create(name="Harbour master")
        words: dict[str, Any] = {"section": self.section, "tags": [self.tag], "series": self.series}
        self.main = base.published(
            headline="Harbour opens at dawn",
            bylines=[(self.author, "author")],
            photo=self.picture,
            sources=[(self.public, True)],
            body=f"<p>Harbour.</p>{readers.figure(self.picture)}",
            **words,
        )
        self.other = base.published(headline="Quay is closed", **words)
        self.german = base.published(language="de", headline="Hafen offen", story=self.main.story, **words)
        self.past = base.withdrawn(headline="Never so", **words)
        self.ready = base.draft(headline="Ready to go", story=self.other.story, language="fr", **words)
        # It has nothing in common with the others but that it links them.
        self.linking = base.published(
            headline="Far away",
            section=base.section({"en": "Letters"}),
            body="".join(f"<p>{link(row)}</p>" for row in (self.main, self.other, self.past, self.ready)),
        )
        self.note = self.main.add_note(by=None, kind=Note.Kind.CORRECTION, text="Two boats, not three.")
        self.first = approved(self.main)
        self.unseen = waiting(self.main)
        self.lead = self.main.place_on_front(by=None, kind=FrontSlot.Kind.LEAD)
        self.moved = add_redirect("/old.html", self.main.path, by=None)

    def addresses(self) -> set[tuple[str, str]]:
        """Return path and query of every public page."""
        found = set(public_addresses(self, self.main).values())
        for article in Article.objects.exclude(path=None).exclude(path=""):
            found |= {
                f"{article.path}{name}"
                for name in ("", "changes/", "mistake/", "comments.xml", "comments/2/")
            }
            found |= {f"/sitemap-{(article.pk - 1) // SITEMAP_PART + 1}.xml", f"/{article.language}/"}
        for language in ("en", "de", "fr"):
            found |= {
                f"/{language}/{name}"
                for name in ("", "feed.xml", "feed.json", "archive/", "corrections/", "corrections/feed.xml")
            }
            found |= {f"/{language}/discussed/", f"/{language}/manifest.webmanifest"}
            for thing in (self.section, self.author, self.tag, self.series):
                for text in thing.texts.filter(language=language):
                    found |= {text.get_absolute_url(), f"{text.get_absolute_url()}feed.xml"}
            found.add(f"/{language}/archive/{timezone.now():%Y/%m}/")
        found |= {"/sitemap.xml", "/sitemap-pages.xml", "/news-sitemap.xml", "/robots.txt", "/old.html"}
        found.add(f"/en/?before={self.main.pk}")
        return {tuple(address.partition("?")[::2]) for address in found}  # type: ignore[misc]

    def stored(self, path: str, query: str) -> StoredPage | None:
        """Return what is stored for an address."""
        return self.store.find(Address(HOST, path.encode().decode("latin-1"), query))

    def store_new(self) -> int:
        """Have every page of a new paper stored, without rendering again what no other one kept; return how many."""
        asked = self.addresses() - self.unstored
        for path, query in asked:
            ask(self.cache, path, query)
        self.unstored.update(address for address in asked if self.stored(*address) is None)
        return self.store.index.numbers()["pages"]

    def store_all(self) -> int:
        """Have every page stored; return how many could be."""
        for path, query in self.addresses():
            ask(self.cache, path, query)
        return self.store.index.numbers()["pages"]

    def stale(self) -> list[str]:
        """Return the addresses whose stored page is not what would be rendered now."""
        found = []
        for path, query in sorted(self.addresses()):
            page = self.stored(path, query)
            if page is None:
                continue
            now = ask(self.django, path, query)
            if (page.status, page.body) != (now.status, now.body):
                found.append(f"{path}?{query} {now.status}")
        return found


@pytest.fixture
def paper(store: FileStore, login: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> Iterator[Paper]:
    # As the test client does: the connection is the test's own.
    request_started.disconnect(reset_queries)
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    chief = base.person("clara", "Chief")
    try:
        yield Paper(store, login(chief))
    finally:
        request_started.connect(reset_queries)
        request_started.connect(close_old_connections)
        request_finished.connect(close_old_connections)


def soon(seconds: float) -> Any:
    return timezone.now() + timedelta(seconds=seconds)


def admin(kind: str, thing: str, **changes: Any) -> Callable[[Paper], object]:
    """Return an act in the admin: change fields of a thing's form."""

    def act(paper: Paper) -> object:
        row = getattr(paper, thing)
        answer = send(paper.desk, f"/admin/{kind}/{row.pk}/change/", **changes)
        assert answer.status_code == 302, answer.content
        return answer

    return act


def in_turn(*acts: Callable[[Paper], object]) -> Callable[[Paper], object]:
    """Return an act of several."""
    return lambda paper: [act(paper) for act in acts]


def rewrite(paper: Paper, article: str = "main", **content: Any) -> None:
    row = getattr(paper, article)
    row.refresh_from_db()
    row.save_revision(by=None, **content)
    row.publish(by=None)


def rewrite_later(paper: Paper, seconds: float = 3600, **content: Any) -> None:
    paper.main.save_revision(by=None, **content)
    paper.main.publish(by=None, at=soon(seconds))


ACTS: dict[str, Callable[[Paper], object]] = {
    "publish": lambda p: p.ready.publish(by=None),
    "publish in another section": lambda p: base.published(
        headline="Far away", section=base.section({"en": "World"})
    ),
    "schedule": lambda p: p.ready.publish(by=None, at=soon(3600)),
    "schedule later": in_turn(
        lambda p: p.ready.publish(by=None, at=soon(60)), lambda p: p.ready.publish(by=None, at=soon(7200))
    ),
    "new headline": lambda p: rewrite(p, headline="Harbour opens at noon"),
    "new body": lambda p: rewrite(p, body="<p>Harbour, all anew.</p>"),
    "new slug": lambda p: rewrite(p, slug="another-address"),
    "new slug of what is linked": lambda p: rewrite(p, "other", slug="quay-is-shut"),
    "withdraw what is linked": lambda p: p.other.withdraw(by=None, reason="Wrong."),
    "other tags": lambda p: rewrite(p, tags=[base.tag("Storms")]),
    "other authors": lambda p: rewrite(p, bylines=[(base.author("Otto Lang"), "author")]),
    "no authors": lambda p: rewrite(p, bylines=[]),
    "other section": lambda p: rewrite(p, section=base.section({"en": "World", "de": "Welt", "fr": "Monde"})),
    "no series": lambda p: rewrite(p, series=None),
    "no photo": lambda p: rewrite(p, photo=None, body="<p>Harbour.</p>"),
    "a picture for other sites": lambda p: rewrite(p, social_photo=readers.photo()),
    "another title elsewhere": lambda p: rewrite(
        p, search_title="The harbour", search_description="It opens."
    ),
    "words of a picture for other sites": in_turn(
        lambda p: rewrite(p, photo=None, body="<p>Harbour.</p>", social_photo=p.picture),
        lambda p: p.store_all(),
        admin("articles/photo", "picture", texts__0__alt="A quay at night"),
    ),
    "no sources": lambda p: rewrite(p, sources=[]),
    "for search engines elsewhere": lambda p: rewrite(p, noindex=True),
    "revision kept back": lambda p: p.main.save_revision(by=None, headline="Not yet for readers"),
    "changes to come": lambda p: rewrite_later(p, headline="Harbour opens at noon"),
    "changes to come, not": in_turn(
        lambda p: rewrite_later(p, headline="Harbour opens at noon"),
        lambda p: p.store_all(),
        lambda p: p.main.cancel_pending(by=None),
    ),
    "correct": lambda p: p.main.add_note(by=None, kind=Note.Kind.CORRECTION, text="Four boats."),
    "clarify": lambda p: p.main.add_note(by=None, kind=Note.Kind.CLARIFICATION, text="Of wood."),
    "remove a correction": lambda p: p.note.remove(by=None, reason="Three after all."),
    "remove a reply": in_turn(
        lambda p: p.main.add_note(by=None, kind=Note.Kind.REPLY, text="Never.", author="Ida Brandt"),
        lambda p: p.store_all(),
        lambda p: p.main.notes.get(kind=Note.Kind.REPLY).remove(by=None, reason="Asked."),
    ),
    "report becomes a correction": lambda p: MistakeReport.send(p.main, text="Four.").correct(
        by=None, text="Four boats."
    ),
    "expunge": lambda p: p.main.expunge(by=None, passage="at dawn", reason="A court asked."),
    "expunge from a correction": lambda p: p.main.expunge(by=None, passage="Two boats", reason="Asked."),
    "expunge from what was": in_turn(
        lambda p: rewrite(p, body="<p>Quays, all anew.</p>"),
        lambda p: p.store_all(),
        lambda p: p.main.expunge(by=None, passage="Harbour.", reason="A court asked."),
    ),
    "keep a revision out": in_turn(
        lambda p: rewrite(p, body="<p>Harbour, all anew.</p>"),
        lambda p: p.store_all(),
        lambda p: p.main.hide_revision(p.main.revisions.get(number=1), by=None),
    ),
    "show a revision again": in_turn(
        lambda p: rewrite(p, body="<p>Harbour, all anew.</p>"),
        lambda p: p.main.hide_revision(p.main.revisions.get(number=1), by=None),
        lambda p: p.store_all(),
        lambda p: p.main.show_revision(p.main.revisions.get(number=1), by=None),
    ),
    "withdraw": lambda p: p.main.withdraw(by=None, reason="Wrong."),
    "reinstate": lambda p: p.past.reinstate(by=None),
    "withdraw a story": lambda p: p.main.story.withdraw(by=None, reason="Wrong."),
    "reinstate a story": in_turn(
        lambda p: p.main.story.withdraw(by=None, reason="Wrong."),
        lambda p: p.store_all(),
        lambda p: p.main.story.reinstate(by=None),
    ),
    "unpublish": lambda p: p.main.unpublish(by=None),
    "unpublish a translation": lambda p: p.german.unpublish(by=None),
    "unschedule": in_turn(
        lambda p: p.ready.publish(by=None, at=soon(60)),
        lambda p: p.store_all(),
        lambda p: p.ready.unpublish(by=None),
    ),
    "discard": lambda p: p.ready.discard(by=None),
    "join": lambda p: base.published(language="fr", headline="Port ouvert").join(p.main.story, by=None),
    "close comments": lambda p: p.main.set_desk(by=None, comments_mode="closed"),
    "close comments of a section by a flood": lambda p: set_flood(
        p.section, by=None, mode="closed", until=soon(60)
    ),
    "close comments of an article by a flood": lambda p: set_flood(
        p.main, by=None, mode="closed", until=soon(60)
    ),
    "close all comments by a flood, and end it": in_turn(
        lambda p: set_flood(p.site, by=None, mode="closed", until=soon(60)),
        lambda p: p.store_all(),
        lambda p: set_flood(p.site, by=None, mode=""),
    ),
    "place": lambda p: p.other.place_on_front(by=None, kind=FrontSlot.Kind.PINNED, position=1),
    "place for a while": lambda p: p.other.place_on_front(
        by=None, kind=FrontSlot.Kind.LEAD, starts_at=soon(60), ends_at=soon(120)
    ),
    "approve": lambda p: p.unseen.approve(by=None),
    "reject": lambda p: p.unseen.reject(by=None, reason="off topic"),
    "remove": lambda p: p.first.remove(by=None, reason="off topic"),
    "spam": lambda p: p.first.mark_spam(by=None),
    "changed by its writer": lambda p: p.first.edit(text="Another thing.", seen=p.first.version),
    "deleted by its writer": lambda p: p.first.take_back(seen=p.first.version),
    "reported": lambda p: Report.make(comment=p.first, reason="spam"),
    "changed by its writer and shown on": in_turn(
        admin("newsroom/site", "site", comments_mode="open"),
        lambda p: p.store_all(),
        lambda p: p.first.edit(text="Another thing.", seen=p.first.version),
    ),
    "an e-mail is required": admin("newsroom/site", "site", comments_need_email="on"),
    "comment at once": lambda p: approved(p.other),
    "comments by the hundred": lambda p: [approved(p.other) for _number in range(60)],
    "banner": lambda p: set_banner(p.site, "en", by=None, text="Storm tonight", ends=soon(600)),
    "banner to come": lambda p: set_banner(
        p.site, "en", by=None, text="Storm", begins=soon(60), ends=soon(90)
    ),
    "redirect": lambda p: add_redirect("/gone.html", "/en/", by=None),
    "no redirect": lambda p: remove_redirect(p.moved, by=None),
    "renditions": lambda p: add_renditions(p.picture, []),
    "site": admin("newsroom/site", "site", name="The Harbour Post"),
    "languages": admin("newsroom/site", "site", languages="en,de"),
    "words of a section": admin("articles/section", "section", texts__0__name="The harbour"),
    "order of sections": admin("articles/section", "section", position="7"),
    "words of a tag": admin("articles/tag", "tag", texts__0__name="Boats"),
    "words of an author": admin("articles/author", "author", texts__0__name="Nora F."),
    "words of a series": admin("articles/series", "series", texts__0__name="The port files"),
    "words of a page": admin("articles/page", "page", texts__0__name="Who we are"),
    "purpose of a page": admin("articles/page", "page", purpose="imprint"),
    "name of a source": admin("articles/source", "public", name="Port authority"),
    "alt text": admin("articles/photo", "picture", texts__0__alt="A quay at night"),
    "credit": admin("articles/photo", "picture", credit="Otto Lang"),
}


# Some of each kind in `make test`; rendering all pages again after every act takes minutes.
FEW = ("publish", "remove")


def test_what_is_stored_is_what_would_be_rendered(paper: Paper) -> None:
    """Before any act; else what the tests below find stale could have been so from the beginning."""
    assert paper.store_all() > 60
    assert paper.stale() == []


@pytest.mark.long
@pytest.mark.parametrize("name", ACTS if os.environ.get("LONG") else FEW)
def test_after_an_act_no_stored_page_shows_the_state_before(paper: Paper, name: str) -> None:
    assert paper.store_new() > 60
    ACTS[name](paper)
    assert paper.stale() == []


@pytest.mark.later
@pytest.mark.long
def test_no_stored_page_outlives_its_instant(paper: Paper, full_length: bool) -> None:
    """Whatever falls due by itself: a schedule, a place on the front page, a banner, a flood switch, rights of a
    photo, midnight, the last day of comments."""
    set_flood(paper.section, by=None, mode="closed", until=soon(280))
    paper.main.set_desk(by=None, comments_close_after=2)
    paper.ready.publish(by=None, at=soon(300))
    base.published(headline="With no other", at=soon(500), section=base.section({"en": "World"}))
    rewrite_later(paper, 305, headline="Harbour opens at noon", tags=[base.tag("Storms")])
    paper.other.place_on_front(by=None, kind=FrontSlot.Kind.LEAD, starts_at=soon(100), ends_at=soon(200))
    set_banner(paper.site, "en", by=None, text="Storm", begins=soon(150), ends=soon(250))
    paper.picture.rights_end = soon(400)
    paper.picture.save()
    began = timezone.now().timestamp()
    paper.store_all()
    every = (99, 120, 170, 210, 260, 290, 310, 410, 510, 24 * 3600, 3 * 24 * 3600, 40 * 24 * 3600)
    for seconds in every if full_length else (310, 40 * 24 * 3600):
        with clock_at(began + seconds):
            assert paper.stale() == [], seconds
            paper.store_all()


def test_nothing_is_stored_that_is_not_for_everybody(paper: Paper) -> None:
    """Private pages, questions, errors and files never lie in the store."""
    paper.store_all()
    # Nor do lists from a place that readers do not see, of which there would be no end.
    for pk in (paper.draft.pk, paper.scheduled.pk, paper.past.pk, 10**9):
        assert ask(paper.cache, "/en/", f"before={pk}").status.startswith("404")
        assert paper.store.find(Address(HOST, "/en/", f"before={pk}")) is None
    stored = {address for (address,) in paper.store.index.db.execute("SELECT address FROM page")}
    for part in (
        "/admin",
        "/search",
        "/own/",
        "/as/",
        "/confirm/",
        "/unsubscribe/",
        "/media/",
        "/static/",
        "/healthz",
        "/preview",
    ):
        assert not [address for address in stored if part in address], part


def test_an_article_waits_for_no_schedule_that_cannot_be_related_to_it(paper: Paper) -> None:
    """Else each schedule would end the stored pages of a whole language."""

    def until() -> float | None:
        paper.store.discard()
        ask(paper.cache, paper.main.path)
        page = paper.store.find(Address(HOST, paper.main.path))
        assert page
        return page.until

    elsewhere = base.section({"en": "World"})
    base.published(headline="Far away", section=elsewhere, at=soon(100))
    # The paper itself has one scheduled in a day, in this section.
    scheduled = paper.scheduled.published_at.timestamp()
    assert until() == scheduled
    for seconds, fields in ((90, {"tags": [paper.tag]}), (80, {"series": paper.series})):
        related = base.published(headline="Near", at=soon(seconds), **{"section": elsewhere, **fields})
        assert until() == related.published_at.timestamp()
