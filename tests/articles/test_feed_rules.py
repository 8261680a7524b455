"""Every feed of the site holds every rule of its format, whatever stands in it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.utils import timezone

from articles.models import Article, Series, SeriesText
from comments.models import Comment
from newsroom.models import Site, SiteText
from tests import base
from tests.articles import feed_rules, readers
from tests.articles.feed_rules import JSON_RULES, RSS_RULES, Feed

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]

HOSTILE = "\x0b\x1f]]> <script>alert(1)</script> & &amp; 👩‍🚀 \ufffe مرحبا \u202e"
LONG = ("السفن & «الميناء» " * 20)[:200]
RSS = {
    "site": "/ar/feed.xml",
    "section": "/ar/السياسة/feed.xml",
    "tag": "/ar/tag/سفن/feed.xml",
    "author": "/ar/author/nora/feed.xml",
    "series": "/ar/series/files/feed.xml",
    "corrections": "/ar/corrections/feed.xml",
}


def hostile_world() -> Article:
    """Publish what formats stumble over, in Arabic; return an article with comments."""
    site = Site(name=f"The Post {HOSTILE}"[:80], languages=["ar", "en"])
    site.icon.save("icon.png", ContentFile(b"x"), save=False)
    site.save()
    SiteText.objects.create(site=site, language="ar", description=HOSTILE)
    section = base.section({"ar": "السياسة"})
    tag = base.tag("سفن", "ar")
    writer, other = base.author(f"Feld, Nora {HOSTILE}", ("ar",)), base.author("A, B & C", ("en",))
    writer.texts.update(slug="nora")
    series = Series.objects.create()
    SeriesText.objects.create(series=series, language="ar", name="Files", slug="files", description=HOSTILE)
    shared: dict[str, Any] = {
        "language": "ar",
        "section": section,
        "series": series,
        "tags": [tag, base.tag(f"T {HOSTILE}", "ar")],
        "bylines": [(writer, "author"), (other, "author"), (writer, "translator")],
    }
    for n, headline in enumerate([LONG, f"Hostile {HOSTILE}", "plain"]):
        article = base.published(
            headline=headline,
            standfirst=HOSTILE if n else "",
            photo=readers.photo() if n else None,
            at=timezone.now() - timedelta(hours=3 - n),
            **shared,
        )
        article.add_note(by=None, kind="correction", text=f"{HOSTILE}\n\nhttps://example.org/?a=1&b=2")
    article.save_revision(by=None, headline="plain & changed")
    article.publish(by=None)
    for name in (HOSTILE, "B, C & D", "مرحبا"):
        text = f"{HOSTILE}\n\nhttps://example.org/?a=1&b=2 \"'\n<a href=javascript:x>"
        Comment.post(article=article, name=name[:60], text=text).approve(by=None)
    return article


def empty_world() -> Article:
    """Publish nothing but an article without comments, and one correction fewer."""
    Site(name="The Post", languages=["ar", "en"]).save()
    return base.published(language="ar", section=base.section({"ar": "السياسة"}))


@pytest.fixture(scope="module")
def feeds(django_db_setup: None, django_db_blocker: Any) -> dict[str, Feed]:
    """Return every feed of the hostile world by its address, read once for all rules; the world itself is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        article, client = hostile_world(), Client()
        addresses = (*RSS.values(), f"{article.path}comments.xml", "/ar/feed.json")
        answers = {address: client.get(address) for address in addresses}
        transaction.set_rollback(True)
    assert {answer.status_code for answer in answers.values()} == {200}
    return {address: Feed(answer) for address, answer in answers.items()}


@pytest.mark.parametrize("rule", RSS_RULES, ids=lambda rule: rule.__name__)
def test_rss(feeds: dict[str, Feed], rule: Callable[[Feed], None]) -> None:
    rss = {address: feed for address, feed in feeds.items() if address.endswith(".xml")}
    assert len(rss) == len(RSS) + 1
    for address, feed in rss.items():
        assert len(feed.entries) == 3, address
        rule(feed)


@pytest.mark.parametrize("rule", JSON_RULES, ids=lambda rule: rule.__name__)
def test_json_feed(feeds: dict[str, Feed], rule: Callable[[Feed], None]) -> None:
    assert len(feeds["/ar/feed.json"].items) == 3
    rule(feeds["/ar/feed.json"])


def test_feeds_without_items_hold_the_rules_too(client: Client) -> None:
    article = empty_world()
    comments = Feed(client.get(f"{article.path}comments.xml"))
    article.withdraw(by=None, reason="x")
    addresses = (RSS[name] for name in ("site", "section", "corrections"))

    for feed in (comments, *(Feed(client.get(address)) for address in addresses)):
        assert feed.entries == []
        for rule in RSS_RULES:
            rule(feed)
    feed = Feed(client.get("/ar/feed.json"))
    assert feed.items == []
    for rule in JSON_RULES:
        rule(feed)


def test_rules_notice_what_is_wrong() -> None:
    """A check that nothing can fail would hold for everything: each fails on one of these."""
    rss = (
        '<rss version="0.91"><channel><title/><title/><link>/en/</link><language>English</language>'
        "<lastBuildDate>2025-07-11</lastBuildDate><odd/><item><title> </title><link>x</link><link>y</link>"
        "<comments>#c</comments><guid>1</guid><pubDate>tomorrow</pubDate><author>Nora</author>"
        '<x:creator xmlns:x="http://purl.org/dc/elements/1.1/"> </x:creator><category/>'
        '<enclosure url="a.mp3"/><description/><slash:comments xmlns:slash="http://purl.org/rss/1.0/modules/slash/">'
        "-1</slash:comments></item><item><guid>1</guid><pubDate>Fri, 11 Jul 2999 12:00:00 +0000</pubDate>"
        '<description>&lt;b&gt; a &amp; b &lt;a href="/x"&gt;</description></item>'
        '<item><pubDate>Fri, 11 Jul 2025 12:00:00 +0000</pubDate></item><o:x xmlns:o="urn:o">1</o:x>'
        "</channel><channel/></rss>"
    )
    rss = rss.replace("<odd/>", "<odd>\ud7ff</odd>")
    for rule in RSS_RULES:
        if rule is not feed_rules.rss_holds_no_control_characters:  # no XML that can be read holds any
            assert fails(rule, rss.encode(), "text/xml"), rule.__name__
    data = (
        '{"version": "1", "next_url": "x", "feed_url": "x", "language": "English", "author": {}, "odd": 1,'
        ' "authors": [{}], "expired": 1, "hubs": [{"type": ""}], "_1": 1, "title": "\\u0001", "items": ['
        '{"id": 1, "content_text": "", "language": "", "date_published": "2025", "date_modified": "2024",'
        ' "tags": "a", "attachments": [{"url": "", "mime_type": ""}], "_newsroom": {"comment_count": "1"}},'
        '{"date_published": "2026"}]}'
    )
    for rule in JSON_RULES:
        body = b"[]" if rule is feed_rules.json_is_an_object_in_utf_8 else data.encode()
        assert fails(rule, body, "text/json"), rule.__name__


def fails(rule: Callable[[Feed], None], body: bytes, content_type: str) -> bool:
    """Return whether a rule finds something wrong."""
    feed = Feed.__new__(Feed)
    feed.body, feed.content_type, feed.address = body, content_type, "http://testserver/en/feed"
    try:
        rule(feed)
    except (AssertionError, ValueError, KeyError):
        return True
    return False
