"""The comments of one article as RSS 2.0. That the feed holds the rules of RSS: tests/articles/test_feed_rules.py."""

from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles.models import Article
from comments.feeds import ITEMS
from newsroom.models import Site
from tests import base
from tests.comments.base import approved, removed, row, waiting

pytestmark = pytest.mark.django_db

CREATOR = "{http://purl.org/dc/elements/1.1/}creator"


@pytest.fixture
def article() -> Article:
    Site(name="The Post", languages=["en", "de"]).save()
    return base.published(headline="Rail & harbour")


def channel(response: Any) -> Any:
    """Return the channel of a feed."""
    return ElementTree.fromstring(response.content).find("channel")


def names(response: Any) -> list[str]:
    """Return who wrote the comments in a feed."""
    return [item.findtext(CREATOR) for item in channel(response).findall("item")]


def test_feed_holds_the_comments(client, article):
    comment = approved(article, name="Rosa", text="Late & <late>.\n\nAgain.")

    response = client.get(f"{article.path}comments.xml")
    found = channel(response)
    (item,) = found.findall("item")

    assert response.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert found.findtext("title") == "Comments on “Rail & harbour”"
    assert found.findtext("link") == f"http://testserver{article.path}"
    assert item.findtext("title") == "Comment by Rosa"
    assert item.findtext("link") == f"http://testserver/comments/{comment.pk}/"
    assert item.findtext("guid") == f"urn:uuid:{comment.uid}"
    assert item.find("guid").attrib == {"isPermaLink": "false"}
    assert item.findtext(CREATOR) == "Rosa"
    assert item.findtext("description") == "<p>Late &amp; &lt;late&gt;.</p><p>Again.</p>"


def test_feed_holds_what_readers_can_see_newest_first(client, article):
    first = approved(article, name="First")
    approved(article, first, name="Reply")
    waiting(article, name="Waits")
    gone = removed(article, name="Removed")
    approved(base.published(headline="Another"), name="Elsewhere")
    for state in ("rejected", "spam"):
        row(article, state)
    hidden = approved(article, name="Hidden")
    approved(article, hidden, name="Below it")
    hidden.mark_spam(by=None)

    assert names(client.get(f"{article.path}comments.xml")) == ["Reply", "First"]
    assert gone.text not in client.get(f"{article.path}comments.xml").text


def test_feed_holds_the_newest_only(client, article):
    comments = [row(article, "approved") for _number in range(ITEMS + 2)]

    items = channel(client.get(f"{article.path}comments.xml")).findall("item")

    assert [item.findtext("guid") for item in items] == [c.uid.urn for c in reversed(comments[2:])]


def test_feed_is_sent_again_once_a_comment_is_new(client, article):
    approved(article)
    address = f"{article.path}comments.xml"
    known = {"If-None-Match": client.get(address).headers["ETag"]}

    again = client.get(address, headers=known).status_code
    approved(article)

    assert (again, client.get(address, headers=known).status_code) == (304, 200)


def test_each_decision_purges_the_feed(client, article):
    comment = waiting(article)
    keys = base.page_keys(client.get(f"{article.path}comments.xml"))

    for decide in (
        lambda: comment.approve(by=None),
        lambda: comment.remove(by=None, reason="x"),
        lambda: article.withdraw(by=None, reason="x"),
    ):
        with base.purged_keys() as purged:
            decide()
        assert keys & purged
    assert {"site", f"article-{article.pk}"} <= keys


def test_feed_answers_as_the_article_does(client, article):
    approved(article)
    old = f"{article.path}comments.xml"
    article.save_revision(by=None, slug="another")
    article.publish(by=None)

    moved = client.get(old)
    assert (moved.status_code, moved.headers["Location"]) == (301, f"{article.path}comments.xml")
    assert client.post(f"{article.path}comments.xml").status_code == 405
    assert client.head(f"{article.path}comments.xml").status_code == 200
    article.withdraw(by=None, reason="x")
    assert client.get(f"{article.path}comments.xml").status_code == 410
    article.reinstate(by=None)
    article.unpublish(by=None)
    assert client.get(f"{article.path}comments.xml").status_code == 404
    assert client.get("/en/2025/07/11/nothing/comments.xml").status_code == 404


def test_article_leads_to_the_feed(client, article):
    page = client.get(article.path).text

    assert (
        '<link rel="alternate" type="application/rss+xml" title="Comments on “Rail &amp; harbour”" '
        f'href="{article.path}comments.xml">'
    ) in page


def test_feed_costs_the_same_however_many_comments_there_are(client, article):
    counts = []
    for size in (10, 200):
        for _number in range(size):
            row(article, "approved")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{article.path}comments.xml")
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 8
