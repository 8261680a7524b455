"""The rules of RSS 2.0 and of JSON Feed 1.1, each a check of that name that raises AssertionError if a feed breaks it.

RSS: https://www.rssboard.org/rss-specification and, where it narrows that down, https://www.rssboard.org/rss-profile.
JSON Feed: https://www.jsonfeed.org/version/1.1/.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

ATOM_LINK = "{http://www.w3.org/2005/Atom}link"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
SLASH_COMMENTS = "{http://purl.org/rss/1.0/modules/slash/}comments"

OF_CHANNEL = {
    *("title", "link", "description", "language", "copyright", "managingEditor", "webMaster", "pubDate"),
    *("lastBuildDate", "category", "generator", "docs", "cloud", "ttl", "image", "rating", "textInput"),
    *("skipHours", "skipDays", "item"),
}
OF_ITEM = {
    *("title", "link", "description", "author", "category", "comments", "enclosure", "guid", "pubDate"),
    "source",
}
DATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4}"
    r" [0-9]{2}:[0-9]{2}:[0-9]{2} (GMT|[+-][0-9]{4})"
)
RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-zA-Z0-9]{2,8})*")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
URN_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Feed:
    """An answer, taken apart."""

    def __init__(self, response: Any) -> None:
        self.content_type = response.headers["Content-Type"]
        self.body: bytes = response.content
        self.address = "http://testserver" + response.wsgi_request.get_full_path()

    @property
    def root(self) -> Element:
        return ElementTree.fromstring(self.body)

    @property
    def channel(self) -> Element:
        channel = self.root.find("channel")
        assert channel is not None
        return channel

    @property
    def entries(self) -> list[Element]:
        return self.channel.findall("item")

    @property
    def data(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def items(self) -> list[dict[str, Any]]:
        return self.data["items"]


def is_address(text: Any) -> bool:
    """Return whether a text is a whole web address in ASCII (RFC 3986)."""
    if not isinstance(text, str) or not re.fullmatch(r"[!#-;=?-\[\]_a-z~]+", text):
        return False
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


# RSS 2.0: the document


def rss_is_well_formed_xml_in_utf_8(feed: Feed) -> None:
    assert feed.body.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    feed.body.decode("utf-8")
    ElementTree.fromstring(feed.body)


def rss_is_served_as_rss(feed: Feed) -> None:
    assert feed.content_type == "application/rss+xml; charset=utf-8"


def rss_root_is_rss_of_version_2_0(feed: Feed) -> None:
    assert (feed.root.tag, feed.root.attrib) == ("rss", {"version": "2.0"})


def rss_has_one_channel_and_nothing_beside_it(feed: Feed) -> None:
    assert [child.tag for child in feed.root] == ["channel"]


def rss_own_elements_have_no_namespace_and_others_have_one(feed: Feed) -> None:
    """Elements beyond the specification are in a namespace; its own are in none."""
    assert {child.tag for child in feed.channel if "}" not in child.tag} <= OF_CHANNEL
    for item in feed.entries:
        assert {child.tag for child in item if "}" not in child.tag} <= OF_ITEM


def rss_extensions_are_those_that_readers_know(feed: Feed) -> None:
    known = {ATOM_LINK, CREATOR, SLASH_COMMENTS}
    assert {element.tag for element in feed.root.iter() if "}" in element.tag} <= known


def rss_holds_no_control_characters(feed: Feed) -> None:
    for element in feed.root.iter():
        assert not CONTROL.search(element.text or "")


# RSS 2.0: the channel


def rss_channel_has_title_link_and_description(feed: Feed) -> None:
    for name in ("title", "link", "description"):
        assert (feed.channel.findtext(name) or "").strip(), name


def rss_channel_has_each_element_once_but_items_and_categories(feed: Feed) -> None:
    counts = Counter(child.tag for child in feed.channel)
    assert {tag for tag, count in counts.items() if count > 1} <= {"item", "category"}


def rss_channel_link_is_an_address(feed: Feed) -> None:
    assert is_address(feed.channel.findtext("link"))


def rss_channel_language_is_a_language_code(feed: Feed) -> None:
    assert LANGUAGE.fullmatch(feed.channel.findtext("language") or "")


def rss_channel_language_is_that_of_the_address(feed: Feed) -> None:
    assert feed.channel.findtext("language") == urlsplit(feed.address).path.split("/")[1]


def rss_channel_dates_are_rfc_822_with_four_digits_of_year(feed: Feed) -> None:
    for name in ("pubDate", "lastBuildDate"):
        if (date := feed.channel.findtext(name)) is not None:
            assert DATE.fullmatch(date)
            parsedate_to_datetime(date)


def rss_channel_names_its_own_address(feed: Feed) -> None:
    """RSS profile, atom:link: rel, href and type; the address is the one that it was got from."""
    link = feed.channel.find(ATOM_LINK)
    assert link is not None
    assert link.attrib == {"rel": "self", "href": feed.address, "type": "application/rss+xml"}


def rss_channel_items_come_last_and_newest_first(feed: Feed) -> None:
    tags = [child.tag for child in feed.channel]
    assert "item" not in tags or set(tags[tags.index("item") :]) == {"item"}
    dates = [parsedate_to_datetime(item.findtext("pubDate") or "") for item in feed.entries]
    assert dates == sorted(dates, reverse=True)


# RSS 2.0: items


def rss_item_has_title_or_description(feed: Feed) -> None:
    for item in feed.entries:
        assert (item.findtext("title") or "").strip() or (item.findtext("description") or "").strip()


def rss_item_has_each_element_once_but_categories(feed: Feed) -> None:
    for item in feed.entries:
        counts = Counter(child.tag for child in item)
        assert {tag for tag, count in counts.items() if count > 1} <= {"category"}


def rss_item_link_is_an_address(feed: Feed) -> None:
    for item in feed.entries:
        assert is_address(item.findtext("link"))


def rss_item_comments_is_an_address(feed: Feed) -> None:
    for item in feed.entries:
        assert (comments := item.findtext("comments")) is None or is_address(comments)


def rss_item_guid_is_unique(feed: Feed) -> None:
    guids = [item.findtext("guid") for item in feed.entries]
    assert all(guids)
    assert len(set(guids)) == len(guids)


def rss_item_guid_that_is_a_permalink_is_an_address(feed: Feed) -> None:
    """`isPermaLink` is true unless it is said to be false."""
    for item in feed.entries:
        guid = item.find("guid")
        assert guid is not None
        if guid.get("isPermaLink", "true") == "true":
            assert is_address(guid.text)
        else:
            assert guid.get("isPermaLink") == "false"
            assert URN_UUID.fullmatch(guid.text or "")


def rss_item_pub_date_is_rfc_822_with_four_digits_of_year(feed: Feed) -> None:
    for item in feed.entries:
        assert DATE.fullmatch(item.findtext("pubDate") or "")
        parsedate_to_datetime(item.findtext("pubDate") or "")


def rss_item_pub_date_is_not_in_the_future(feed: Feed) -> None:
    for item in feed.entries:
        published = parsedate_to_datetime(item.findtext("pubDate") or "")
        assert published <= datetime.now(UTC) + timedelta(seconds=1)


def rss_item_author_is_an_e_mail_address(feed: Feed) -> None:
    """Names without one stand in dc:creator."""
    for item in feed.entries:
        assert (author := item.findtext("author")) is None or "@" in author


def rss_item_creator_is_not_empty(feed: Feed) -> None:
    for item in feed.entries:
        assert (creator := item.findtext(CREATOR)) is None or creator.strip()


def rss_item_category_is_not_empty(feed: Feed) -> None:
    for item in feed.entries:
        assert all((category.text or "").strip() for category in item.findall("category"))


def rss_item_enclosure_has_url_length_and_type(feed: Feed) -> None:
    for item in feed.entries:
        for enclosure in item.findall("enclosure"):
            assert is_address(enclosure.get("url"))
            assert (enclosure.get("length") or "").isdigit()
            assert "/" in (enclosure.get("type") or "")


def rss_item_description_is_html_without_anything_that_runs(feed: Feed) -> None:
    """It is HTML for readers: text is escaped once more, and nothing but plain paragraphs and links is markup."""
    for item in feed.entries:
        html = item.findtext("description") or ""
        for tag in re.findall(r"<[^>]*>", html):
            link = r'<a href="https?://[^"<>]+" rel="nofollow ugc noopener" dir="ltr">'
            assert re.fullmatch(rf"</?p>|<br>|</a>|{link}", tag), tag
        assert not re.search(r"&(?!(amp|lt|gt|quot|#x?[0-9a-f]+);)", html), html


def rss_item_description_has_whole_addresses_only(feed: Feed) -> None:
    """Profile, description: relative addresses mean something else in each reader."""
    for item in feed.entries:
        for address in re.findall(r'(?:href|src)="([^"]*)"', item.findtext("description") or ""):
            assert address.startswith(("http://", "https://"))


def rss_item_number_of_comments_is_a_whole_number(feed: Feed) -> None:
    for item in feed.entries:
        assert (number := item.findtext(SLASH_COMMENTS)) is None or re.fullmatch("[0-9]+", number)


# JSON Feed 1.1: the document


def json_is_an_object_in_utf_8(feed: Feed) -> None:
    assert isinstance(json.loads(feed.body.decode("utf-8")), dict)


def json_is_served_as_json_feed(feed: Feed) -> None:
    assert feed.content_type.partition(";")[0] == "application/feed+json"


def json_keys_are_those_of_the_specification_or_extensions(feed: Feed) -> None:
    of_feed = {
        *("version", "title", "home_page_url", "feed_url", "description", "user_comment", "next_url", "icon"),
        *("favicon", "authors", "language", "expired", "hubs", "items"),
    }
    of_item = {
        *("id", "url", "external_url", "title", "content_html", "content_text", "summary", "image"),
        *("banner_image", "date_published", "date_modified", "authors", "tags", "language", "attachments"),
    }
    assert {key for key in feed.data if key[0] != "_"} <= of_feed
    for item in feed.items:
        assert {key for key in item if key[0] != "_"} <= of_item


def json_says_nothing_by_null_or_nothing(feed: Feed) -> None:
    """What is not known is left out; a reader need not guess what an empty text means."""
    for owner in (feed.data, *feed.items):
        empty = {key for key, value in owner.items() if value in (None, "", {}, [])}
        assert empty <= {"items"}


def json_holds_no_control_characters(feed: Feed) -> None:
    assert not [text for text in _texts(feed.data) if CONTROL.search(text)]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def json_has_version_title_and_items(feed: Feed) -> None:
    assert feed.data["version"] == "https://jsonfeed.org/version/1.1"
    assert isinstance(feed.data["title"], str)
    assert feed.data["title"]
    assert isinstance(feed.data["items"], list)


def json_addresses_are_whole(feed: Feed) -> None:
    keys = {
        *("home_page_url", "feed_url", "next_url", "icon", "favicon", "url", "external_url", "image"),
        "banner_image",
    }
    people = [person for owner in (feed.data, *feed.items) for person in owner.get("authors", [])]
    for owner in (feed.data, *feed.items, *people):
        for key in keys & set(owner):
            assert is_address(owner[key]), (key, owner[key])


def json_names_its_home_page_and_its_own_address(feed: Feed) -> None:
    assert feed.data["feed_url"] == feed.address
    assert feed.data["home_page_url"]


def json_next_address_is_another_one(feed: Feed) -> None:
    assert feed.data.get("next_url") != feed.data["feed_url"]


def json_language_is_a_language_code(feed: Feed) -> None:
    for owner in (feed.data, *feed.items):
        assert LANGUAGE.fullmatch(owner["language"])


def json_has_authors_and_no_author(feed: Feed) -> None:
    """1.1 has `authors`, a list; `author` is of version 1."""
    assert not [owner for owner in (feed.data, *feed.items) if "author" in owner]


def json_authors_have_name_address_or_picture(feed: Feed) -> None:
    for owner in (feed.data, *feed.items):
        for person in owner.get("authors", []):
            assert set(person) <= {"name", "url", "avatar"}
            assert person
            assert all(isinstance(value, str) and value for value in person.values())


def json_expired_is_true_or_false(feed: Feed) -> None:
    assert isinstance(feed.data.get("expired", False), bool)


def json_hubs_have_type_and_address(feed: Feed) -> None:
    for hub in feed.data.get("hubs", []):
        assert hub["type"]
        assert is_address(hub["url"])


# JSON Feed 1.1: items


def json_item_id_is_a_text_and_unique(feed: Feed) -> None:
    ids = [item["id"] for item in feed.items]
    assert all(isinstance(name, str) and name for name in ids)
    assert len(set(ids)) == len(ids)


def json_item_has_content_as_text_or_html(feed: Feed) -> None:
    for item in feed.items:
        assert item.get("content_text", "").strip() or item.get("content_html", "").strip()


def json_item_dates_are_rfc_3339(feed: Feed) -> None:
    for item in feed.items:
        for name in ("date_published", "date_modified"):
            assert RFC_3339.fullmatch(item[name])
            assert datetime.fromisoformat(item[name]) <= datetime.now(UTC)


def json_item_is_not_modified_before_it_was_published(feed: Feed) -> None:
    for item in feed.items:
        modified, published = (
            datetime.fromisoformat(item[f"date_{name}"]) for name in ("modified", "published")
        )
        assert modified >= published


def json_items_are_newest_first(feed: Feed) -> None:
    dates = [datetime.fromisoformat(item["date_published"]) for item in feed.items]
    assert dates == sorted(dates, reverse=True)


def json_item_tags_are_texts(feed: Feed) -> None:
    for item in feed.items:
        tags = item.get("tags", [])
        assert isinstance(tags, list)
        assert all(isinstance(tag, str) and tag for tag in tags)
        assert len(set(tags)) == len(tags)


def json_item_attachments_have_address_and_type(feed: Feed) -> None:
    for item in feed.items:
        for attachment in item.get("attachments", []):
            assert is_address(attachment["url"])
            assert "/" in attachment["mime_type"]


# JSON Feed 1.1: extensions


def json_extensions_are_objects_below_an_underscore_and_a_letter(feed: Feed) -> None:
    for owner in (feed.data, *feed.items):
        for key in owner:
            if key[0] == "_":
                assert re.fullmatch(r"_[a-zA-Z][^.]*", key)
                assert isinstance(owner[key], dict)


def json_extension_counts_the_comments(feed: Feed) -> None:
    for item in feed.items:
        assert isinstance(item["_newsroom"]["comment_count"], int)


Rule = Callable[[Feed], None]
RSS_RULES: list[Rule] = [rule for name, rule in sorted(globals().items()) if name.startswith("rss_")]
JSON_RULES: list[Rule] = [rule for name, rule in sorted(globals().items()) if name.startswith("json_")]
