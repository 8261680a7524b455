"""Breaking news above every page of a language, until their time is over."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from articles.models import User
from newsroom.banner import set_banner
from newsroom.models import LogEntry, Site
from tests import base
from tests.articles.admin import send, text_of

pytestmark = pytest.mark.django_db
FORM = "/admin/newsroom/banner/en/"
HOUR = timedelta(hours=1)
NEWS = "Bridge closed until Friday"


def put(language: str = "en", **given: object) -> None:
    given = {"text": NEWS, "ends": timezone.now() + HOUR} | given
    set_banner(Site.current(), language, by=None, **given)


def test_it_stands_above_every_page_of_its_language(client: Client) -> None:
    article = base.published(section=base.section())
    put(address="/en/politics/")
    for address in (
        "/en/",
        "/en/politics/",
        article.path,
        f"{article.path}comments/reply/1/",
        "/en/archive/",
    ):
        response = client.get(address)
        if response.status_code == 200:
            assert f'<a href="/en/politics/">{NEWS}</a>' in response.content.decode(), address
    assert NEWS not in client.get("/fr/").content.decode()


def test_it_comes_and_goes_by_itself(client: Client) -> None:
    # At noon: a page that tells the date ends at midnight.
    now = (timezone.now() + timedelta(days=1)).replace(hour=12)
    article = base.published(at=now - HOUR)
    put(begins=now + HOUR, ends=now + 2 * HOUR)
    for address in ("/en/", article.path):
        with base.at(now):
            assert NEWS not in client.get(address).content.decode()
            assert base.page_until(client.get(address)) == now + HOUR
        with base.at(now + HOUR):
            assert NEWS in client.get(address).content.decode()
            assert base.page_until(client.get(address)) <= now + 2 * HOUR
        with base.at(now + 2 * HOUR):
            assert NEWS not in client.get(address).content.decode()


def test_setting_it_purges_every_page_and_twice_is_once() -> None:
    ends = timezone.now() + HOUR
    with base.purged_keys() as purged:
        put(ends=ends)
    assert purged == {"site"}
    with base.purged_keys() as purged:
        put(ends=ends)
    assert purged == set()
    assert LogEntry.objects.filter(verb="banner.set").count() == 1


def test_an_editor_sets_it_and_takes_it_away(editor: User, login: object) -> None:
    desk = login(editor)
    assert desk.get("/admin/newsroom/banner/").headers["Location"] == FORM
    refused = send(desk, FORM, banner=NEWS)
    assert "Say until when the banner stands." in text_of(refused)
    assert NEWS in text_of(refused)
    assert "is no address" in text_of(send(desk, FORM, banner=NEWS, banner_address="javascript:alert(1)"))
    done = send(desk, FORM, follow=True, banner=NEWS, banner_until="2199-01-01T10:00")
    assert "Readers see it now, until" in text_of(done)
    desk.post(FORM, {"_take_away": "yes"})
    assert Site.current().text_in("en").banner == ""
    assert desk.get("/admin/newsroom/banner/xx/").status_code == 403


def test_nobody_else_sets_it(journalist: User, login: object) -> None:
    desk = login(journalist)
    assert desk.get(FORM).status_code == 403
    assert desk.post(FORM, {"banner": NEWS}).status_code == 403
    french = login(base.person("dora", "Editor", languages=["fr"]))
    assert french.post(FORM, {"banner": NEWS}).status_code == 403
    with pytest.raises(PermissionDenied):
        set_banner(Site.current(), "en", by=journalist, text=NEWS, ends=timezone.now() + HOUR)
    assert Site.current().text_in("en").banner == ""
    assert french.get("/admin/newsroom/banner/").headers["Location"] == "/admin/newsroom/banner/fr/"
