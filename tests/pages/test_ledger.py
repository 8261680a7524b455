"""What people see of the page cache: the ledger in the admin, and the line after an act."""

import re
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import transaction
from django.test import Client

from articles.admin.base import with_names
from articles.models import Article, User
from newsroom import pages
from newsroom.admin_site import tell_of
from newsroom.models import LogEntry
from newsroom.pages.files import FileStore
from tests import base
from tests.articles.admin import text_of
from tests.comments.base import waiting
from tests.pages.base import address, keep

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql_later]

LIST = "/admin/pages/"


def page(number: int, store: FileStore) -> str:
    """Return the address of the ledger's page on the act of this number, the newest being 0."""
    return f"{LIST}{store.index.acts(100)[number].id}/"


def plain(response: Any) -> str:
    """Return the words of a page, one space between them."""
    words = re.sub(r"<[^>]*>", "", text_of(response).split('<div id="content"')[1])
    return " ".join(words.split())


@pytest.fixture
def article(store: FileStore) -> Article:
    return base.published()


def test_the_ledger_tells_what_an_act_purged_and_when_it_was_fresh_again(
    store: FileStore, article: Article, chief: User, login: Callable
) -> None:
    for path in ("/en/", "/en/feed.xml"):
        keep(store, address(path), keys=[f"article-{article.pk}"])
    keep(store, address("/de/"), keys=["front-de"])
    article.withdraw(by=chief, reason="Wrong.")
    keep(store, keys=[f"article-{article.pk}"])
    client = login(chief)
    for shown in (plain(client.get(LIST)), plain(client.get(page(0, store)))):
        assert f"Article {article.pk}: withdrawn" in shown
        assert "· clara" in shown
        assert f"article-{article.pk}" in shown
        assert re.search(r"It took \d+ milliseconds?, during which", shown)
        assert re.search(r"/en/ stored anew at \d\d:\d\d:\d\d /en/feed.xml not stored since", shown)
        assert "/de/" not in shown
    assert "2 pages purged, 1 stored anew" in plain(client.get(LIST))
    assert re.search(
        r"Pages ready ?2 .* MB Oldest page ?\d+ .* Being changed now nothing", plain(client.get(LIST))
    )


def test_what_is_being_changed_now_is_said(store: FileStore, chief: User, login: Callable) -> None:
    fence = store.fence(["front-en"])
    client = login(chief)
    assert "Being changed now front-en since" in plain(client.get(LIST))
    assert "It goes on" in plain(client.get(page(0, store)))
    fence.free()
    shown = plain(client.get(LIST))
    assert "Being changed now nothing" in shown
    assert "Purged by a command" in shown
    assert "No stored page carried them." in shown


def test_long_lists_are_bounded(
    store: FileStore, chief: User, login: Callable, django_assert_max_num_queries: Callable
) -> None:
    for number in range(205):
        keep(store, address(f"/en/{number}/"), keys=["site"])
    entry = LogEntry.objects.create(verb="site.change", object_type="newsroom.site", object_id=1)
    for number in range(60):
        keys = [f"key-{number}", "site"] if number else ["site", *map(str, range(30))]
        store.fence(keys, entry.pk).free()
    client = login(chief)
    with django_assert_max_num_queries(12):
        listed = plain(client.get(LIST))
    assert listed.count("millisecond") == 50
    assert "The latest 50 acts stand here." in listed
    assert listed.count("Site 1: changed") == 50
    whole = plain(client.get(page(59, store)))
    assert "All 31 keys" in whole
    assert whole.count("not stored since") == 200
    assert "5 more pages were purged" in whole


def test_who_may_see_it(store: FileStore, login: Callable) -> None:
    keep(store, keys=["front-en"])
    editor, chief = base.person("emil", "Editor"), base.person("clara", "Chief")
    base.published().unpublish(by=editor)
    for name, role, listed, one in (
        ("jana", "Journalist", 403, 403),
        ("mira", "Moderator", 403, 403),
        ("dora", "Editor", 403, 403),
    ):
        client = login(base.person(name, role))
        assert (client.get(LIST).status_code, client.get(page(0, store)).status_code) == (listed, one)
        assert LIST not in text_of(client.get("/admin/"))
    # Who did it sees it.
    assert login(editor).get(page(0, store)).status_code == 200
    assert login(editor).get(LIST).status_code == 403
    assert login(chief).get(page(0, store)).status_code == 200
    assert f'href="{LIST}"' in text_of(login(chief).get("/admin/"))
    assert login(chief).get(f"{LIST}{'0' * 32}/").status_code == 404
    assert login(chief).post(LIST).status_code == 405
    assert Client().get(LIST).headers["Location"].startswith("/admin/login/")


def test_after_an_act_a_line_says_how_many_pages_were_purged(
    store: FileStore, article: Article, editor: User, login: Callable
) -> None:
    client = login(editor)
    keep(store, keys=[f"article-{article.pk}"])
    form = f"/admin/articles/article/{article.pk}/unpublish/"
    told = text_of(client.post(form, follow=True))
    assert f'1 page was purged. <a href="{page(0, store)}">What was purged' in told
    # Nothing stored showed it this time.
    article.refresh_from_db()
    article.publish(by=None)
    assert "purged." not in text_of(client.post(form, follow=True))


def test_a_moderator_is_told_in_the_queue(
    store: FileStore, article: Article, moderator: User, login: Callable
) -> None:
    comment = waiting(article)
    keep(store, keys=[f"article-{article.pk}"])
    keep(store, address("/en/feed.xml"), keys=[f"article-{article.pk}"])
    client = login(moderator)
    decide = f"/admin/comments/queue/{comment.pk}/"
    told = text_of(client.post(f"{decide}approve/", {"seen": comment.version}, follow=True))
    assert "2 pages were purged." in told
    assert f"Comment {comment.pk}: approved" in plain(client.get(page(0, store)))


def test_several_acts_at_once_get_one_line(store: FileStore, chief: User, editor: User, rf: Any) -> None:
    for user, end in ((chief, f'<a href="{LIST}">'), (editor, "purged.")):
        request = rf.post("/admin/")
        request.user = user
        request._messages = CookieStorage(request)
        tell_of([pages.Purge("a" * 32, 2), pages.Purge("b" * 32, 3)], request)
        [message] = [str(message) for message in get_messages(request)]
        assert message.startswith("5 pages were purged.")
        assert end in message[message.index("purged.") :]
        assert ("<a" in message) is (user is chief)


def test_only_what_is_committed_inside_the_block_is_noted(store: FileStore) -> None:
    for path in ("/en/", "/de/"):
        keep(store, address(path), keys=[path])
    with pages.noting() as noted:
        with transaction.atomic():
            pages.purge(["/en/"])
            transaction.set_rollback(True)
        assert noted == []
        with transaction.atomic():
            pages.purge(["/de/"])
            assert noted == []
        assert [purge.pages for purge in noted] == [1]
    keep(store, address("/de/"), keys=["/de/"])
    with transaction.atomic():
        pages.purge(["/de/"])
    assert len(noted) == 1


def test_history_leads_to_what_was_purged(
    store: FileStore, article: Article, editor: User, login: Callable
) -> None:
    keep(store, keys=[f"article-{article.pk}"])
    comment = waiting(article)
    comment.approve(by=editor)
    for user, is_there in ((editor, True), (base.person("dora", "Editor"), False)):
        shown = text_of(login(user).get(f"/admin/comments/comment/{comment.pk}/history/"))
        assert "approved" in shown
        assert (f'<a href="{page(0, store)}">1 page purged</a>' in shown) is is_there


def test_nothing_yet_and_no_store_are_said_calmly(
    store: FileStore, settings: Any, chief: User, login: Callable
) -> None:
    client = login(chief)
    assert "Nothing has been purged yet." in plain(client.get(LIST))
    settings.PAGES_STORE = "newsroom.pages.NullStore"
    assert "This site keeps no pages ready" in plain(client.get(LIST))
    assert client.get(f"{LIST}{'0' * 32}/").status_code == 404


@pytest.mark.parametrize("how", ["no index", "no folder"])
def test_a_store_that_cannot_be_read_is_said_and_is_no_error(
    store: FileStore, settings: Any, chief: User, login: Callable, article: Article, how: str, tmp_path: Any
) -> None:
    client = login(chief)
    history = f"/admin/articles/section/{article.section_id}/history/"
    for where in (LIST, page(0, store), history):
        assert client.get(where).status_code == 200
    if how == "no index":
        for name in ("index.sqlite3", "index.sqlite3-wal", "index.sqlite3-shm"):
            (store.folder / name).unlink(missing_ok=True)
        (store.folder / "index.sqlite3").write_bytes(b"This is no database." * 100)
    else:
        shutil.rmtree(store.folder)
        (tmp_path / "elsewhere").write_text("A file.")
        settings.PAGES_DIR = tmp_path / "elsewhere" / "pages"
    for where in (LIST, f"{LIST}{'0' * 32}/"):
        assert "The stored pages cannot be looked up now." in plain(client.get(where))
    assert client.get(history).status_code == 200


def test_every_verb_has_words() -> None:
    names = set()
    for app in ("articles", "comments", "newsroom"):
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            names |= set(re.findall(r"\bverb\(\s*\"([\w.-]+)\"", path.read_text(encoding="utf-8")))
    assert "article.publish" in names
    told = with_names([LogEntry(verb=name) for name in names])
    # They show on no page.
    wordless = {entry.verb for entry in told if entry.deed == entry.verb}
    assert wordless == {"comment.forget-addresses", "report.forget-addresses", "report.forget-emails"}
