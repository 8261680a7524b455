"""`manage.py pages`, and `manage.py migrate`, which empties the store."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from articles import warm
from articles.models import Article
from newsroom import pages
from newsroom.models import Site
from newsroom.pages.address import Address
from newsroom.pages.files import FileStore
from tests import base
from tests.pages.base import address, keep

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql_later]


def told(*arguments: str, command: str = "pages") -> str:
    """Return what the command says."""
    out = io.StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def refused(*arguments: str, command: str = "pages") -> str:
    """Return the one line with which the command ends."""
    with pytest.raises(CommandError) as error:
        told(*arguments, command=command)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.fixture
def article(store: FileStore) -> Article:
    """Return an article of a site of two languages."""
    Site(languages=["en", "de"]).save()
    return base.published()


@pytest.fixture
def no_folder(settings: Any, tmp_path: Path) -> None:
    """Name a folder that cannot be made."""
    (tmp_path / "file").write_text("A file.")
    settings.PAGES_STORE = "newsroom.pages.files.FileStore"
    settings.PAGES_DIR = tmp_path / "file" / "pages"


def test_status_tells_where_pages_lie_and_what_was_purged(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = told("status")
    assert f"Folder: {store.folder}\nRelease: {store.release} (the one that serves)\nPages: 0\n" in said
    assert "Oldest: none\nFenced: nothing\nPurged last: nothing\n" in said
    article = base.published()
    keep(store, keys=[f"article-{article.pk}"])
    article.unpublish(by=None)
    fence = store.fence(["a", "b", "c", "d", "front-en"])
    said = told("status")
    assert "Fenced: a for 0." in said
    assert "by a command: a, b, c and 2 more; 0 pages, 0 stored anew; goes on\n" in said
    assert f"article.unpublish articles.article {article.pk}: article-{article.pk}, " in said
    assert "; 1 page, 0 stored anew; " in said
    fence.free()
    (store.folder / "current").unlink()
    assert f"Release: {store.release} (none serves yet)" in told("status")
    (store.folder / "current").symlink_to("b" * 16)
    assert f"Release: {store.release} (but {'b' * 16} serves)" in told("status")


def test_purge_removes_what_carries_a_key(store: FileStore) -> None:
    for path, key in (("/en/", "front-en"), ("/de/", "front-de"), ("/fr/", "front-fr"), ("/x/", "x")):
        keep(store, address(path), keys=[key])
    assert told("purge", "front-en", "front-de") == "2 pages purged.\n"
    assert [bool(store.find(address(path))) for path in ("/en/", "/de/", "/fr/")] == [False, False, True]
    # It is free again.
    keep(store)
    assert store.find(address())
    assert told("purge", "front-fr", "nothing") == "1 page purged.\n"
    assert told("purge", "front-fr", "nothing") == "No stored page carries front-fr or nothing.\n"
    assert told("purge", "--all") == "All pages are purged.\n"
    assert store.find(address()) is store.find(address("/x/")) is None
    assert refused("purge") == refused("purge", "--all", "x") == "Name the keys to be purged, or say --all."


def test_warm_stores_what_readers_ask_for_first(store: FileStore, article: Article) -> None:
    said = told("warm")
    stored = store.index.numbers()["pages"]
    assert said.startswith(f"{stored} pages stored, 0 there already")
    for path in ("/en/", "/de/feed.xml", "/en/politics/", "/robots.txt", "/news-sitemap.xml", article.path):
        assert store.find(Address("testserver", path)), path
    assert "failed" not in said
    assert told("warm").startswith(f"0 pages stored, {stored} there already")
    told("purge", "front-de")
    keep(store, address("/de/elsewhere/"), keys=["front-de"])
    assert told("warm").endswith(" s.\n")
    assert store.find(address("/de/"))


def test_warm_keeps_to_the_newest_articles_and_to_what_readers_may_see(article: Article) -> None:
    newest = base.published(headline="Harbour closes again")
    base.draft(headline="A draft")
    assert {newest.path, article.path} <= set(warm.addresses(2))
    few = list(warm.addresses(1))
    assert newest.path in few
    assert article.path not in few
    assert len(few) == len(set(few)) == len(list(warm.addresses(0))) + 1


def test_warm_asks_by_https_as_the_proxy_does(store: FileStore, article: Article, settings: Any) -> None:
    settings.BASE_URL = "https://news.example"
    settings.ALLOWED_HOSTS = ["news.example"]
    settings.SECURE_SSL_REDIRECT = True
    for header in (("HTTP_X_FORWARDED_PROTO", "https"), None):
        settings.SECURE_PROXY_SSL_HEADER = header
        store.discard()
        assert "pages stored, 0 there already" in told("warm", "--articles", "0")
        assert store.find(Address("news.example", "/en/"))


def test_warm_says_what_could_not_be_stored(
    store: FileStore, article: Article, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refused("warm", "--articles", "-1") == "--articles takes a number, 0 or more."
    with monkeypatch.context() as patch:
        patch.setattr(warm, "addresses", lambda articles: ["/en/nothing/here/"])
        assert refused("warm") == "Nothing could be stored of 1 page: the log tells why."
        patch.setattr(warm, "addresses", lambda articles: ["/en/", "/admin/", "/en/nothing/here/"])
        assert "1 page stored, 0 there already, 2 not to be stored now, in " in told("warm")
        patch.setattr("articles.views.Site.of", lambda request: 1 / 0)
        patch.setattr(warm, "addresses", lambda articles: ["/en/", "/de/"])
        assert "0 pages stored, 1 there already, 1 failed (the log tells why), in " in told("warm")
    settings.BASE_URL = "https://another.example"
    assert "https://another.example is not among ALLOWED_HOSTS" in refused("warm")


def test_without_a_store_there_is_nothing_to_do() -> None:
    kept = "No pages are kept here: PAGES_STORE is newsroom.pages.NullStore.\n"
    assert told("status") == told("purge", "site") == told("purge", "--all") == kept
    assert refused("warm") == "Nothing can be stored: PAGES_STORE is newsroom.pages.NullStore."


def test_what_cannot_be_used_is_one_line(no_folder: None) -> None:
    for arguments in (["status"], ["purge", "x"], ["purge", "--all"], ["warm"]):
        assert refused(*arguments).startswith("The page cache cannot be used: ")


def test_migrate_empties_the_store(store: FileStore) -> None:
    keep(store)
    for only_told in ("--plan", "--check"):
        told(only_told, command="migrate")
    assert store.find(address())
    told("--verbosity", "0", command="migrate")
    assert store.find(address()) is None
    assert pages.store() is store


def test_migrate_says_that_old_pages_are_left(no_folder: None) -> None:
    assert "manage.py pages purge --all" in refused("--verbosity", "0", command="migrate")
