"""RSS 2.0."""

from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from articles.feeds import ITEMS
from comments.models import Comment
from newsroom import pages
from newsroom.models import Site, SiteText
from tests import base
from tests.articles import readers

pytestmark = pytest.mark.django_db

SLASH = "{http://purl.org/rss/1.0/modules/slash/}comments"
ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = ["/en/feed.xml", "/en/politics/feed.xml", "/en/tag/rail/feed.xml", "/en/author/nora-feld/feed.xml"]


@pytest.fixture(autouse=True)
def site() -> Site:
    row = Site(name="The Post", languages=["en", "de", "fr"])
    row.save()
    return row


def channel(response: Any) -> Any:
    """Return the channel of a feed."""
    return ElementTree.fromstring(response.content).find("channel")


@pytest.mark.parametrize("address", FEEDS)
def test_feed_holds_its_articles(client, address):
    article = base.published(
        headline="Rail & harbour", tags=[base.tag("Rail")], bylines=[(base.author(), "author")]
    )
    base.published(
        headline="Other", section=base.section({"en": "Culture"}), at=timezone.now() - timedelta(1)
    )

    response = client.get(address)
    item = channel(response).find("item")

    assert response.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert item.findtext("title") == "Rail & harbour"
    assert item.findtext("link") == f"http://testserver{article.path}"
    assert item.find("guid").attrib == {"isPermaLink": "false"}
    assert item.findtext("guid") == f"urn:uuid:{article.uid}"
    assert item.findtext("description") == article.standfirst
    assert item.findtext("category") == "Politics"
    assert item.findtext("comments") == f"http://testserver{article.path}#comments"
    assert item.findtext("{http://purl.org/dc/elements/1.1/}creator") == "Nora Feld"
    assert parsedate_to_datetime(item.findtext("pubDate")) == article.published_at.replace(microsecond=0)
    if address != "/en/feed.xml":
        assert "Other" not in response.text


def test_feed_says_what_it_is(client, site):
    SiteText.objects.create(site=site, language="de", name="Die Post", description="Nachrichten")

    found = channel(client.get("/de/feed.xml"))

    assert found.findtext("title") == "Die Post"
    assert found.findtext("link") == "http://testserver/de/"
    assert found.findtext("description") == "Nachrichten"
    assert found.findtext("language") == "de"
    assert found.find(f"{ATOM}link").attrib["href"] == "http://testserver/de/feed.xml"


def test_number_of_comments_is_that_of_the_article(client):
    article = base.published()
    for name in ("Rosa", "Karl"):
        Comment.post(article=article, name=name, text="Good.").approve(by=None)
    Comment.post(article=article, name="Waits", text="Good.")

    assert channel(client.get("/en/feed.xml")).find("item").findtext(SLASH) == "2"


def test_guid_outlives_the_address(client):
    article = base.published()
    before = channel(client.get("/en/feed.xml")).find("item").findtext("guid")
    article.save_revision(by=None, slug="another")
    article.publish(by=None)

    after = channel(client.get("/en/feed.xml")).find("item")

    assert after.findtext("guid") == before
    assert after.findtext("link").endswith("/another/")


def test_markup_in_a_standfirst_is_text_for_readers_too(client):
    base.published(standfirst="a <b> & c")

    assert channel(client.get("/en/feed.xml")).find("item").findtext("description") == "a &lt;b&gt; &amp; c"


def test_characters_that_xml_cannot_hold_are_left_out(client):
    base.published(headline="One\x0btwo\ufffe", slug="x", standfirst="\x1fThree")

    item = channel(client.get("/en/feed.xml")).find("item")

    assert (item.findtext("title"), item.findtext("description")) == ("Onetwo", "Three")


def test_feed_holds_the_newest_only(client):
    readers.crowd(base.published(), ITEMS + 3)

    assert len(channel(client.get("/en/feed.xml")).findall("item")) == ITEMS


def test_hidden_articles_are_in_no_feed(client):
    base.published(headline="Later", at=timezone.now() + timedelta(hours=1))
    base.published(headline="Withdrawn").withdraw(by=None, reason="x")
    base.draft(headline="Draft")

    assert channel(client.get("/en/feed.xml")).findall("item") == []


def test_feed_carries_its_keys_and_the_next_schedule(client):
    article = base.published()
    due = timezone.now() + timedelta(hours=1)
    base.published(headline="Later", at=due)

    response = client.get("/en/politics/feed.xml")

    assert {"site", f"article-{article.pk}", f"section-{article.section_id}-en"} <= base.page_keys(response)
    assert pages.shown(response.wsgi_request).until == due


@pytest.mark.parametrize("address", FEEDS)
def test_feed_carries_the_keys_of_its_items(client, address):
    tag, author = base.tag("Rail"), base.author()
    article = base.published(tags=[tag], bylines=[(author, "author")])
    lists = dict(zip(FEEDS, (None, article.section, tag, author), strict=True))

    keys = base.page_keys(client.get(address))

    own = {*lists[address].page_keys(), lists[address].list_key("en")} if lists[address] else {"front-en"}
    items = {f"article-{article.pk}", f"section-{article.section_id}", f"author-{author.pk}"}
    assert keys == {"site", *own, *items}


@pytest.mark.parametrize("address", ["/it/feed.xml", "/en/nothing/feed.xml", "/en/tag/nothing/feed.xml"])
def test_feed_of_nothing_is_not_found(client, address):
    assert client.get(address).status_code == 404


def test_feed_answers_get_and_head_only(client):
    assert client.post("/en/feed.xml").status_code == 405
    assert client.head("/en/feed.xml").status_code == 200


@pytest.mark.parametrize("address", FEEDS)
def test_feed_costs_eight_queries_at_most(client, django_assert_max_num_queries, address):
    article = base.published(tags=[base.tag("Rail")], bylines=[(base.author(), "author")])
    readers.crowd(article, 60)

    with django_assert_max_num_queries(8):
        client.get(address)
