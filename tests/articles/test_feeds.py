"""RSS 2.0 and JSON Feed: what stands in them. That they hold the rules of their formats: test_feed_rules.py."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from unittest import mock
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.feeds import ITEMS
from articles.models import Article, Note
from comments.models import Comment
from newsroom import pages
from newsroom.models import Site, SiteText
from tests import base
from tests.articles import readers

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]

SLASH = "{http://purl.org/rss/1.0/modules/slash/}comments"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
ATOM = "{http://www.w3.org/2005/Atom}"
ALL = "/en/feed.xml"
CORRECTIONS = "/en/corrections/feed.xml"
FEEDS = [ALL, "/en/politics/feed.xml", "/en/tag/rail/feed.xml", "/en/author/nora-feld/feed.xml"]


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


def test_feed_speaks_the_language_of_its_articles_where_the_interface_does_not(client, site):
    site.languages = ["it", "en"]
    site.save()

    assert channel(client.get("/it/feed.xml")).findtext("language") == "it"


@pytest.mark.parametrize("address", [*FEEDS, "/en/feed.json"])
def test_feed_is_sent_again_once_something_in_it_has_changed(client, address):
    article = base.published(tags=[base.tag("Rail")], bylines=[(base.author(), "author")])
    first = client.get(address)
    known = {"If-None-Match": first.headers["ETag"]}

    again = client.get(address, headers=known)
    # Changes neither the article nor any date.
    Comment.post(article=article, name="Rosa", text="Good.").approve(by=None)
    after = client.get(address, headers=known)

    assert (first.status_code, again.status_code, after.status_code) == (200, 304, 200)
    assert again.content == b""
    assert again.headers["ETag"] == first.headers["ETag"] != after.headers["ETag"]
    assert "Last-Modified" not in first.headers


def test_empty_feed_stays_the_same(client):
    tag = client.get(ALL).headers["ETag"]

    with mock.patch("django.utils.feedgenerator.datetime") as clock:
        clock.datetime.now.return_value = datetime(2031, 1, 1, tzinfo=UTC)
        assert client.get(ALL, headers={"If-None-Match": tag}).status_code == 304


def test_author_without_words_in_the_language_is_named_in_feeds_without_an_address(client):
    base.published(bylines=[(base.author("Ida Lund", ("de",)), "author"), (base.author(), "translator")])

    assert client.get("/en/feed.json").json()["items"][0]["authors"] == [{"name": "Ida Lund"}]
    assert channel(client.get(ALL)).find("item").findtext(CREATOR) == "Ida Lund"


# JSON Feed


def test_json_feed_holds_its_articles(client, site):
    SiteText.objects.create(site=site, language="en", description="News")
    article = base.published(
        tags=[base.tag("Rail"), base.tag("Politics")],
        bylines=[(base.author(), "author")],
        photo=readers.photo(),
    )
    base.published(language="de", headline="Hafen")

    data = client.get("/en/feed.json").json()

    assert (data["title"], data["description"], data["language"]) == ("The Post", "News", "en")
    assert data["home_page_url"] == "http://testserver/en/"
    (item,) = data["items"]
    picture = item.pop("image")
    assert picture.startswith("http://testserver/media/photos/")
    assert picture.endswith("-960.jpg")
    assert item == {
        "id": f"urn:uuid:{article.uid}",
        "url": f"http://testserver{article.path}",
        "title": article.headline,
        "content_text": article.standfirst,
        "date_published": article.published_at.isoformat(),
        "date_modified": article.published_at.isoformat(),
        "language": "en",
        "_newsroom": {"comment_count": 0},
        "authors": [{"name": "Nora Feld", "url": "http://testserver/en/author/nora-feld/"}],
        "tags": ["Politics", "Rail"],
    }


def test_json_feed_counts_comments_and_says_when_the_text_changed(client):
    article = base.published(at=timezone.now() - timedelta(1), standfirst="")
    article.save_revision(by=None, body="<p>Another text</p>")
    article.publish(by=None)
    Comment.post(article=article, name="Rosa", text="Good.").approve(by=None)

    (item,) = client.get("/en/feed.json").json()["items"]

    assert item["_newsroom"] == {"comment_count": 1}
    assert item["date_modified"] == article.updated_at.isoformat() > item["date_published"]
    assert item["content_text"] == article.headline


def test_json_feed_shows_no_photo_whose_rights_have_ended_and_changes_when_they_do(client):
    photo = readers.photo()
    end = photo.rights_end = timezone.now() + timedelta(hours=1)
    photo.save()
    base.published(photo=photo)
    response = client.get("/en/feed.json")
    photo.rights_end = timezone.now()
    photo.save()

    assert "image" in response.json()["items"][0]
    assert pages.shown(response.wsgi_request).until == end
    assert f"photo-{photo.pk}" in base.page_keys(response)
    assert "image" not in client.get("/en/feed.json").json()["items"][0]


def test_json_feed_carries_its_keys_and_the_next_schedule(client):
    tag, author = base.tag("Rail"), base.author()
    article = base.published(tags=[tag], bylines=[(author, "author")])
    due = timezone.now() + timedelta(hours=1)
    base.published(headline="Later", at=due)

    response = client.get("/en/feed.json")

    assert {
        *("site", "front-en", f"article-{article.pk}", f"section-{article.section_id}"),
        *(f"tag-{tag.pk}", f"author-{author.pk}"),
    } <= base.page_keys(response)
    assert pages.shown(response.wsgi_request).until == due


# Corrections


def correct(article: Article, text: str = "It was Tuesday.", **note: Any) -> Any:
    return article.add_note(by=None, kind="correction", text=text, **note)


def test_corrections_are_those_of_visible_articles_in_the_language(client):
    article = base.published(headline="Rail & harbour")
    older = correct(article, "First\n\nand <second> part", at=timezone.now() - timedelta(hours=2))
    newer = correct(article)
    article.add_note(by=None, kind="update", text="Not a correction")
    correct(base.published(language="de", headline="Hafen"), "Es war Dienstag.")

    found = channel(client.get(CORRECTIONS))
    first, second = found.findall("item")

    assert found.findtext("title") == "Corrections — The Post"
    assert found.findtext("link") == "http://testserver/en/corrections/"
    assert [item.findtext("link") for item in (first, second)] == [
        f"http://testserver{article.path}#note-{note.pk}" for note in (newer, older)
    ]
    assert first.findtext("title") == "Rail & harbour"
    assert second.findtext("description") == "<p>First</p>\n\n<p>and &lt;second&gt; part</p>"
    assert first.findtext("guid") != second.findtext("guid")


def test_name_of_a_correction_outlives_the_address_of_its_article(client):
    article = base.published()
    correct(article)
    before = channel(client.get(CORRECTIONS)).find("item").findtext("guid")
    article.save_revision(by=None, slug="another")
    article.publish(by=None)

    assert channel(client.get(CORRECTIONS)).find("item").findtext("guid") == before


@pytest.mark.parametrize("address", [CORRECTIONS, "/en/corrections/"])
def test_corrections_are_purged_by_a_new_one_and_by_what_hides_and_shows_an_article(client, address):
    article = base.published()
    correct(article)
    keys = base.page_keys(client.get(address))
    with base.purged_keys() as added:
        correct(article)
    with base.purged_keys() as hidden:
        article.withdraw(by=None, reason="x")
    keys_without = base.page_keys(client.get(address))
    with base.purged_keys() as shown:
        article.reinstate(by=None)

    assert f"article-{article.pk}" in keys
    assert "corrections-en" in keys & added
    assert keys & hidden
    assert keys_without & shown


def test_corrections_change_by_themselves_when_an_article_comes_back(client):
    article = base.published()
    correct(article)
    article.unpublish(by=None)
    due = timezone.now() + timedelta(hours=1)
    article.publish(by=None, at=due)

    response = client.get(CORRECTIONS)

    assert channel(response).findall("item") == []
    assert pages.shown(response.wsgi_request).until == due


@pytest.mark.parametrize(
    "address",
    [ALL, CORRECTIONS, "/en/feed.json", *(pytest.param(feed, marks=pytest.mark.later) for feed in FEEDS[1:])],
)
def test_feed_costs_the_same_however_many_articles_there_are(client, address):
    article = base.published(
        tags=[base.tag("Rail")], bylines=[(base.author(), "author")], photo=readers.photo()
    )
    correct(article)
    counts = []
    for size in (10, 200):
        for row in readers.crowd(article, size):
            Note.objects.create(article=row, kind="correction", text="x")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 8


def test_page_of_corrections_leads_to_their_feed(client):
    page = client.get("/en/corrections/").text

    assert (
        '<link rel="alternate" type="application/rss+xml" title="Corrections — The Post" '
        f'href="{CORRECTIONS}">'
    ) in page
