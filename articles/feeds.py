"""RSS 2.0 of the site, a section, a tag, an author, per language (https://www.rssboard.org/rss-specification)."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.utils.encoding import iri_to_uri
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.html import escape
from django.utils.xmlutils import SimplerXMLGenerator

from articles.models import Article, AuthorText, Byline, Role, SectionText, SeriesText, TagText
from articles.models.articles import ArticleQuerySet
from articles.views import in_language
from newsroom import pages
from newsroom.models import Site

ITEMS = 30
# What XML 1.0 cannot hold in any form (2.2 Characters).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass
class Channel:
    """One feed: what it is called, where it belongs, what is in it."""

    title: str
    path: str
    description: str
    language: str
    articles: ArticleQuerySet  # all of them, so that the next schedule is known; readers get the visible ones
    keys: list[str]
    items: list[Article] = field(default_factory=list)


ChannelMaker = Callable[..., Channel]


def whole_site(site: Site, language: str) -> Channel:
    """Return the feed of everything in a language."""
    texts = site.text_in(language)
    return Channel(
        title=site.name_in(language),
        path=f"/{language}/",
        description=texts.description or texts.tagline or site.name_in(language),
        language=language,
        articles=Article.objects.in_language(language),
        keys=[f"front-{language}"],
    )


def section(site: Site, language: str, slug: str) -> Channel:
    """Return the feed of a section."""
    text = get_object_or_404(SectionText.objects.select_related("section"), language=language, slug=slug)
    return _of_thing(site, text, text.section, Article.objects.in_section(text.section))


def tag(site: Site, language: str, slug: str) -> Channel:
    """Return the feed of a tag."""
    text = get_object_or_404(TagText.objects.select_related("tag"), language=language, slug=slug)
    return _of_thing(site, text, text.tag, Article.objects.with_tag(text.tag))


def author(site: Site, language: str, slug: str) -> Channel:
    """Return the feed of an author."""
    text = get_object_or_404(AuthorText.objects.select_related("author"), language=language, slug=slug)
    return _of_thing(site, text, text.author, Article.objects.by_author(text.author))


def series(site: Site, language: str, slug: str) -> Channel:
    """Return the feed of a series."""
    text = get_object_or_404(SeriesText.objects.select_related("series"), language=language, slug=slug)
    return _of_thing(site, text, text.series, Article.objects.in_series(text.series))


def _of_thing(site: Site, text: Any, thing: Any, articles: ArticleQuerySet) -> Channel:
    articles = articles.in_language(text.language)
    if not isinstance(text, SectionText):
        # A tag or an author of drafts alone is told to nobody.
        get_object_or_404(articles.visible().values("pk")[:1])
    return Channel(
        title=f"{text.name} — {site.name_in(text.language)}",
        path=text.get_absolute_url(),
        description=text.description or text.name,
        language=text.language,
        articles=articles,
        keys=[*thing.page_keys(), thing.list_key(text.language)],
    )


class NewsFeed(Rss201rev2Feed):
    """RSS 2.0 with the number of comments (http://purl.org/rss/1.0/modules/slash/)."""

    def rss_attributes(self) -> dict[str, str]:
        """Name the namespace of `slash` beside those that Django names."""
        return {**super().rss_attributes(), "xmlns:slash": "http://purl.org/rss/1.0/modules/slash/"}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        """Add the number of shown comments."""
        super().add_item_elements(handler, item)
        handler.addQuickElement("slash:comments", str(item["comment_count"]))


class ArticleFeed(Feed):
    """The newest articles of a channel."""

    feed_type = NewsFeed
    item_guid_is_permalink = False

    def __init__(self, channel: ChannelMaker) -> None:
        self.channel = channel

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer GET and HEAD."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return in_language(self.answer)(request, **kwargs)

    def answer(self, request: HttpRequest, site: Site, language: str, **slug: str) -> HttpResponse:
        """Answer with the feed in a language that the site publishes in."""
        response = super().__call__(request, site=site, language=language, **slug)
        # Django takes it from the articles; the number of comments in the feed changes without them.
        del response.headers["Last-Modified"]
        return response

    def get_object(self, request: HttpRequest, site: Site, language: str, **slug: str) -> Channel:
        """Return the channel; declare the keys of the page."""
        channel = self.channel(site, language, **slug)
        newest = channel.articles.visible().newest_first().with_section().defer("body")
        channel.items = list(
            newest.prefetch_related(Prefetch("bylines", Byline.objects.with_words()))[:ITEMS]
        )
        pages.show(request, *channel.keys, until=channel.articles.next_due())
        for item in channel.items:
            pages.show(request, *item.page_keys(), f"section-{item.section_id}")
            pages.show(request, *(f"author-{byline.author_id}" for byline in item.bylines.all()))
        return channel

    def title(self, channel: Channel) -> str:
        """Return the channel's name."""
        return _xml(channel.title)

    def link(self, channel: Channel) -> str:
        """Return the page that the feed belongs to."""
        return _absolute(channel.path)

    def feed_url(self, channel: Channel) -> str:
        """Return the feed's own address."""
        return _absolute(f"{channel.path}feed.xml")

    def description(self, channel: Channel) -> str:
        """Return what the channel is about."""
        return _xml(channel.description)

    def items(self, channel: Channel) -> list[Article]:
        """Return the newest articles."""
        return channel.items

    def item_title(self, item: Article) -> str:
        """Return the headline."""
        return _xml(item.headline)

    def item_description(self, item: Article) -> str:
        """Return the standfirst as HTML, which is what readers take it for."""
        return escape(_xml(item.standfirst))

    def item_link(self, item: Article) -> str:
        """Return the article's address."""
        return _absolute(item.path)

    def item_guid(self, item: Article) -> str:
        """Return the permanent name of the article, which outlives its address."""
        return f"urn:uuid:{item.uid}"

    def item_author_name(self, item: Article) -> str | None:
        """Return the names of the authors (dc:creator)."""
        return _xml(", ".join(b.name for b in item.bylines.all() if b.role == Role.AUTHOR)) or None

    def item_pubdate(self, item: Article) -> datetime:
        """Return when readers first got it."""
        return item.published_at

    def item_updateddate(self, item: Article) -> datetime:
        """Return when readers last got another text."""
        return item.updated_at or item.published_at

    def item_categories(self, item: Article) -> list[str]:
        """Return the section."""
        return [_xml(item.section_name)] if item.section_name else []

    def item_comments(self, item: Article) -> str:
        """Return where the comments stand."""
        return _absolute(f"{item.path}#comments")

    def item_extra_kwargs(self, item: Article) -> dict[str, Any]:
        """Return the number of shown comments."""
        return {"comment_count": item.comment_count}


def _absolute(path: str) -> str:
    return iri_to_uri(settings.BASE_URL + path)


def _xml(text: str) -> str:
    return _NOT_XML.sub("", text)
