"""Addresses never die: redirects without chains or loops, from the admin and from files; what readers miss."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from articles import redirects
from articles.models import MissedAddress, Path, User
from articles.redirects import add_redirect, forget_missed, import_redirects, normal, remove_redirect
from newsroom.models import LogEntry
from newsroom.verbs import Refused
from tests import base
from tests.articles.admin import send, text_of

pytestmark = pytest.mark.django_db


def leads(client: Client, address: str) -> tuple[int, str]:
    response = client.get(address)
    return response.status_code, response.headers.get("Location", "")


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("/2019/page.html", "/2019/page.html"),
        (" /news/?id=3#top ", "/news/?id=3"),
        ("/caf%C3%A9/", "/café/"),
        ("http://testserver/old/", "/old/"),
    ],
)
def test_an_old_address_is_kept_as_it_is_looked_for(given: str, path: str, settings: object) -> None:
    settings.BASE_URL = "http://testserver"
    assert normal(given) == path


@pytest.mark.parametrize(
    "given",
    ["", "page", "//evil.example/", "/\\evil", "https://evil.example/x", "/a%00b", "/a%0ab", "/" + "x" * 300],
)
def test_what_is_no_path_of_ours_is_refused(given: str) -> None:
    with pytest.raises(ValidationError):
        normal(given)


def test_old_addresses_of_any_shape_lead_on(client: Client) -> None:
    add_redirect("/2019/07/old-page.html", "https://archive.example/old", by=None)
    add_redirect("/index.php?id=7", "/en/", by=None)
    add_redirect("/caf%C3%A9", "/fr/", by=None)
    assert leads(client, "/2019/07/old-page.html") == (301, "https://archive.example/old")
    assert leads(client, "/2019/07/old-page.html?utm_source=x") == (301, "https://archive.example/old")
    assert leads(client, "/index.php?id=7") == (301, "/en/")
    assert leads(client, "/index.php?id=8")[0] == 404
    assert leads(client, "/caf%C3%A9/") == (301, "/fr/")
    assert client.post("/2019/07/old-page.html").status_code in (404, 405)


def test_a_page_that_is_there_is_never_hidden(client: Client) -> None:
    article = base.published()
    add_redirect("/en/", "/fr/", by=None)
    assert client.get("/en/").status_code == 200
    with pytest.raises(Refused, match="An article has this address"):
        add_redirect(article.path, "/en/", by=None)


def test_there_are_no_chains(client: Client) -> None:
    add_redirect("/b", "/c", by=None)
    add_redirect("/a", "/b", by=None)
    add_redirect("/c", "/d", by=None)
    assert {row.path: row.target for row in Path.objects.all()} == {"/a": "/d", "/b": "/d", "/c": "/d"}


def test_the_place_on_a_page_is_kept_and_a_missing_slash_makes_no_chain(client: Client) -> None:
    article = base.published()
    add_redirect("/one.html", "/en/politics/#latest", by=None)
    assert leads(client, "/one.html") == (301, "/en/politics/#latest")
    add_redirect("/two.html", article.path.rstrip("/"), by=None)
    assert Path.objects.get(path="/two.html").article == article
    add_redirect("/three.html", "/four.html#here", by=None)
    add_redirect("/four.html", "/five.html", by=None)
    assert leads(client, "/three.html") == (301, "/five.html")
    with pytest.raises(Refused, match="lead to itself"):
        add_redirect("/six.html", "/six.html#top", by=None)


def test_there_are_no_loops() -> None:
    add_redirect("/a", "/b", by=None)
    for old, new in (("/b", "/a"), ("/c", "/c")):
        with pytest.raises(Refused, match="lead to itself"):
            add_redirect(old, new, by=None)


def test_what_leads_to_an_article_follows_it(client: Client) -> None:
    article = base.published(at=timezone.now() - timedelta(days=1))
    add_redirect("/old_page", article.path, by=None)
    assert leads(client, "/old_page") == (301, article.path)
    article.save_revision(by=None, slug="another-slug")
    article.publish(by=None)
    assert leads(client, "/old_page") == (301, article.path)
    article.unpublish(by=None)
    assert leads(client, "/old_page")[0] == 404
    article.publish(by=None)
    article.withdraw(by=None, reason="Wrong.")
    assert leads(client, "/old_page")[0] == 410
    assert client.get("/old_page", headers={"Accept-Language": "fr"}).headers["Content-Language"] == "en"


def test_what_led_to_an_address_before_there_was_an_article_follows_it_too(client: Client) -> None:
    day = timezone.now().strftime("%Y/%m/%d")
    add_redirect("/old_page", f"/en/{day}/harbour-reopens-after-the-storm/", by=None)
    article = base.published()
    assert Path.objects.get(path="/old_page").article == article
    assert leads(client, "/old_page") == (301, article.path)


def test_a_draft_is_not_told_by_a_redirect(client: Client) -> None:
    article = base.draft()
    article.publish(by=None, at=timezone.now() + timedelta(hours=1))
    add_redirect("/old_page", article.path, by=None)
    assert leads(client, "/old_page") == (404, "")


def test_redirects_are_verbs(editor: User, journalist: User) -> None:
    with base.purged_keys() as purged:
        row = add_redirect("/a", "/b", by=editor)
        add_redirect("/a", "/b", by=editor)
    assert purged == {"redirects"}
    assert LogEntry.objects.filter(verb="redirect.add").count() == 1
    for verb in (
        lambda: add_redirect("/x", "/y", by=journalist),
        lambda: remove_redirect(row, by=journalist),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    remove_redirect(row, by=editor)
    remove_redirect(row, by=editor)
    assert not Path.objects.exists()
    article = base.published()
    with pytest.raises(Refused):
        remove_redirect(article.paths.get(), by=editor)


def test_a_file_is_taken_line_by_line() -> None:
    text = '\ufeffold,new\n/a,/b\n\n"/c, d",/e\nno path,/x\n/f\n/a,javascript:alert(1)\n/g,/g\n'
    taken, wrong = import_redirects(text, by=None)
    assert taken == 2
    assert [(row.number, row.line) for row in wrong] == [
        (5, "no path,/x"),
        (6, "/f"),
        (7, "/a,javascript:alert(1)"),
        (8, "/g,/g"),
    ]
    assert import_redirects("/s;/t\n/u;/v", by=None)[0] == 2
    assert import_redirects("/s\t/t2", by=None)[0] == 1
    with pytest.raises(Refused, match="too large"):
        import_redirects("/a,/b\n" * 5001, by=None)


@pytest.mark.parametrize(
    "line",
    ["/a,/b\0c", "/a,https://x.example/\x07", "/a\0b,/c", '"' + "x" * 200_000, "/a," + "/b" * 400, '"/a,/b'],
)
def test_a_hostile_line_is_named_and_stores_nothing(line: str) -> None:
    taken, wrong = import_redirects(f"/fine,/en/\n{line}", by=None)
    assert (taken, [row.number for row in wrong]) == (1, [2])
    assert wrong[0].reason
    assert Path.objects.get().path == "/fine"


def test_an_editor_adds_imports_and_takes_away(editor: User, login: Callable) -> None:
    desk = login(editor)
    refused = send(desk, "/admin/articles/path/add/", old="https://evil.example/", new="/en/")
    assert "Write the old address as a path of this site" in text_of(refused)
    done = send(desk, "/admin/articles/path/add/", follow=True, old="/old_page", new="/en/")
    assert "/old_page" in text_of(done)
    file = SimpleUploadedFile("redirects.csv", b"/one,/en/\nwrong\n")
    partly = desk.post("/admin/articles/path/import/", {"file": file})
    assert "1 redirect saved." in text_of(partly)
    assert ">wrong</textarea>" in text_of(partly).replace("\n", "")
    odd = SimpleUploadedFile("redirects.csv", b"/caf\xe9,/en/")
    assert "not in UTF-8" in text_of(desk.post("/admin/articles/path/import/", {"file": odd}))
    assert "Choose a file" in text_of(desk.post("/admin/articles/path/import/", {}))
    row = Path.objects.get(path="/one")
    desk.post("/admin/articles/path/", {"action": "remove", "_selected_action": [row.pk]})
    desk.post(f"/admin/articles/path/{Path.objects.get().pk}/delete/", {"post": "yes"})
    assert not Path.objects.exists()
    assert "/old_page" in text_of(desk.get("/admin/articles/path/add/?old=/old"))


def test_an_articles_own_addresses_are_not_among_the_redirects(editor: User, login: Callable) -> None:
    article = base.published()
    listed = text_of(login(editor).get("/admin/articles/path/"))
    assert article.path not in listed


# Missed addresses


def test_missed_addresses_are_counted_and_written_down_now_and_then(client: Client) -> None:
    for _time in range(3):
        client.get("/nothing/here")
    assert not MissedAddress.objects.exists()
    redirects.missed.write()
    client.get("/nothing/here")
    redirects.missed.write()
    row = MissedAddress.objects.get()
    assert (row.path, row.count) == ("/nothing/here", 4)
    add_redirect("/nothing/here", "/en/", by=None)
    assert not MissedAddress.objects.exists()


@pytest.mark.parametrize(
    "address", ["/comments/own/secret/", "/admin/x", "/preview/t", "/a@b.example", "/" + "x" * 400]
)
def test_what_may_hold_a_secret_is_not_counted(client: Client, address: str) -> None:
    client.get(address)
    redirects.missed.write()
    assert not MissedAddress.objects.exists()


def test_strangers_fill_neither_memory_nor_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redirects, "MAX_MISSED", 5)
    for number in range(20):
        redirects.missed.add(f"/{number % 8}")
    redirects.missed.write()
    assert MissedAddress.objects.count() == 5
    redirects.missed.add("/another")
    redirects.missed.write()
    assert MissedAddress.objects.count() == 5


def test_what_nobody_asks_for_any_more_is_forgotten() -> None:
    now = timezone.now()
    for path, count, days in (("/rare", 1, 8), ("/often", 9, 8), ("/old_page", 9, 91), ("/new", 1, 1)):
        MissedAddress.objects.create(path=path, count=count, last_at=now - timedelta(days=days))
    assert forget_missed() == 2
    assert set(MissedAddress.objects.values_list("path", flat=True)) == {"/often", "/new"}


def test_missed_addresses_stand_beside_the_redirects(editor: User, login: Callable) -> None:
    MissedAddress.objects.create(path="/often/missed?x=1&y=2", count=12)
    desk = login(editor)
    listed = text_of(desk.get("/admin/articles/missedaddress/"))
    assert "/admin/articles/path/add/?old=%2Foften%2Fmissed%3Fx%3D1%26y%3D2" in listed
    assert "Missed addresses" in text_of(desk.get("/admin/articles/path/"))
    row = MissedAddress.objects.get()
    desk.post("/admin/articles/missedaddress/", {"action": "forget", "_selected_action": [row.pk]})
    assert not MissedAddress.objects.exists()
    assert LogEntry.objects.get(verb="missed_address.delete").object_id == row.pk
