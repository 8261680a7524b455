"""Feeds per language: RSS 2.0 (https://www.rssboard.org/rss-specification) of the site, a section, a tag, an author, a
series, of corrections; JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/) of the site.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid5

from django.contrib.syndication.views import Feed
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Rss201rev2Feed, rfc2822_date
from django.utils.html import escape, linebreaks
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page

from articles.models import (
    Article,
    AuthorText,
    Byline,
    Note,
    Role,
    SectionText,
    SeriesText,
    TaggedArticle,
    TagText,
)
from articles.models.articles import ArticleQuerySet
from articles.pictures import picture_of
from articles.views import in_language, show_items
from newsroom import pages
from newsroom.addresses import absolute
from newsroom.models import Site
from newsroom.xml import xml_text

ITEMS = 30
JSON_FEED = "https://jsonfeed.org/version/1.1"


@dataclass
class Channel:
    """One feed: what it is called, the page that it belongs to, what is in it."""

    title: str
    path: str
    description: str
    language: str
    items: list[Any] = field(default_factory=list)
    file: str = "feed.xml"  # the feed's own address, below the page's


@dataclass(kw_only=True)
class ArticleChannel(Channel):
    """A feed of articles."""

    articles: ArticleQuerySet  # all of them, so that the next schedule is known; readers get the visible ones
    keys: list[str]


ChannelMaker = Callable[..., ArticleChannel]


def whole_site(site: Site, language: str) -> ArticleChannel:
    """Return the feed of everything in a language."""
    return ArticleChannel(
        title=site.name_in(language),
        path=f"/{language}/",
        description=_description(site, language),
        language=language,
        articles=Article.objects.in_language(language),
        keys=[f"front-{language}"],
    )


def section(site: Site, language: str, slug: str) -> ArticleChannel:
    """Return the feed of a section."""
    text = get_object_or_404(SectionText.objects.select_related("section"), language=language, slug=slug)
    return _of_thing(site, text, text.section, Article.objects.in_section(text.section))


def tag(site: Site, language: str, slug: str) -> ArticleChannel:
    """Return the feed of a tag."""
    text = get_object_or_404(TagText.objects.select_related("tag"), language=language, slug=slug)
    return _of_thing(site, text, text.tag, Article.objects.with_tag(text.tag))


def author(site: Site, language: str, slug: str) -> ArticleChannel:
    """Return the feed of an author."""
    text = get_object_or_404(AuthorText.objects.select_related("author"), language=language, slug=slug)
    return _of_thing(site, text, text.author, Article.objects.by_author(text.author))


def series(site: Site, language: str, slug: str) -> ArticleChannel:
    """Return the feed of a series."""
    text = get_object_or_404(SeriesText.objects.select_related("series"), language=language, slug=slug)
    return _of_thing(site, text, text.series, Article.objects.in_series(text.series))


def _of_thing(site: Site, text: Any, thing: Any, articles: ArticleQuerySet) -> ArticleChannel:
    articles = articles.in_language(text.language)
    if not isinstance(text, SectionText):
        # A tag or an author of drafts alone is told to nobody.
        get_object_or_404(articles.visible().values("pk")[:1])
    return ArticleChannel(
        title=f"{text.name} — {site.name_in(text.language)}",
        path=text.get_absolute_url(),
        description=text.description or text.name,
        language=text.language,
        articles=articles,
        keys=[*thing.page_keys(), thing.list_key(text.language)],
    )


def _description(site: Site, language: str) -> str:
    texts = site.text_in(language)
    return texts.description or texts.tagline or site.name_in(language)


class NewsFeed(Rss201rev2Feed):
    """RSS 2.0 with the number of comments (http://purl.org/rss/1.0/modules/slash/)."""

    def rss_attributes(self) -> dict[str, str]:
        """Name the namespace of `slash` beside those that Django names."""
        return {**super().rss_attributes(), "xmlns:slash": "http://purl.org/rss/1.0/modules/slash/"}

    def add_root_elements(self, handler: Any) -> None:
        """Say what the channel is.

        Django says the interface's language, which the site's pages need not have; nothing of the type of its own
        address (RSS profile, atom:link); and of an empty feed that it was made this very second, so that it would
        never be the same as before.
        """
        for name in ("title", "link", "description"):
            handler.addQuickElement(name, self.feed[name])
        own = {"rel": "self", "href": self.feed["feed_url"], "type": "application/rss+xml"}
        handler.addQuickElement("atom:link", None, own)
        handler.addQuickElement("language", self.feed["own_language"])
        if self.items:
            handler.addQuickElement("lastBuildDate", rfc2822_date(self.latest_post_date()))

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        """Add the number of shown comments, where there can be any."""
        super().add_item_elements(handler, item)
        if item.get("comment_count") is not None:
            handler.addQuickElement("slash:comments", str(item["comment_count"]))


class ChannelFeed(Feed):
    """What all feeds share: the words of their channel, and what tells whether anything has changed.

    That is an ETag made from the whole answer: the number of comments in it changes without any date.
    """

    feed_type = NewsFeed
    item_guid_is_permalink = False

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the feed, with 304 if the reader has it already."""
        return conditional_page(self.view)(request, **kwargs)

    def view(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Answer with the feed in a language that the site publishes in."""
        return in_language(self.answer)(request, **kwargs)

    def answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the feed."""
        response = super().__call__(request, *args, **kwargs)
        # Django takes it from the items; the number of comments in the feed changes without them.
        del response.headers["Last-Modified"]
        return response

    def title(self, channel: Channel) -> str:
        """Return the channel's name."""
        return xml_text(channel.title)

    def link(self, channel: Channel) -> str:
        """Return the page that the feed belongs to."""
        return absolute(channel.path)

    def feed_url(self, channel: Channel) -> str:
        """Return the feed's own address."""
        return absolute(f"{channel.path}{channel.file}")

    def description(self, channel: Channel) -> str:
        """Return what the channel is about."""
        return xml_text(channel.description)

    def feed_extra_kwargs(self, channel: Channel) -> dict[str, Any]:
        """Return the language that the items are written in."""
        return {"own_language": channel.language}

    def items(self, channel: Channel) -> list[Any]:
        """Return what is in the channel, newest first."""
        return channel.items


class ArticleFeed(ChannelFeed):
    """The newest articles of a channel."""

    def __init__(self, channel: ChannelMaker) -> None:
        self.channel = channel

    def get_object(self, request: HttpRequest, site: Site, language: str, **slug: str) -> Channel:
        """Return the channel; declare the keys of the page."""
        channel = self.channel(site, language, **slug)
        fill(request, channel, channel.articles.visible().with_section().defer("body"))
        return channel

    def item_title(self, item: Article) -> str:
        """Return the headline."""
        return xml_text(item.headline)

    def item_description(self, item: Article) -> str:
        """Return the standfirst as HTML, which is what readers take it for."""
        return escape(xml_text(item.standfirst))

    def item_link(self, item: Article) -> str:
        """Return the article's address."""
        return absolute(item.path)

    def item_guid(self, item: Article) -> str:
        """Return the permanent name of the article, which outlives its address."""
        return item.uid.urn

    def item_author_name(self, item: Article) -> str | None:
        """Return the names of the authors (dc:creator)."""
        return xml_text(", ".join(byline.name for byline in authors(item))) or None

    def item_pubdate(self, item: Article) -> datetime:
        """Return when readers first got it."""
        return item.published_at

    def item_updateddate(self, item: Article) -> datetime:
        """Return when readers last got another text."""
        return item.updated_at or item.published_at

    def item_categories(self, item: Article) -> list[str]:
        """Return the section."""
        return [xml_text(item.section_name)] if item.section_name else []

    def item_comments(self, item: Article) -> str:
        """Return where the comments stand."""
        return absolute(f"{item.path}#comments")

    def item_extra_kwargs(self, item: Article) -> dict[str, Any]:
        """Return the number of shown comments."""
        return {"comment_count": item.comment_count}


class CorrectionFeed(ChannelFeed):
    """The newest corrections of articles in a language."""

    def get_object(self, request: HttpRequest, site: Site, language: str) -> Channel:
        """Return the channel; declare the keys of the page."""
        channel = Channel(
            title=f"{_('Corrections')} — {site.name_in(language)}",
            path=reverse("articles:corrections", args=[language]),
            description=_("What we got wrong, and when we put it right."),
            language=language,
            items=list(Note.objects.corrections(language)[:ITEMS]),
        )
        # The front page's key: an article that comes back brings its corrections with it.
        due = Article.objects.in_language(language).next_due()
        pages.show(request, f"corrections-{language}", f"front-{language}", until=due)
        for note in channel.items:
            pages.show(request, *note.article.page_keys())
        return channel

    def item_title(self, item: Note) -> str:
        """Return the headline of the article that was corrected."""
        return xml_text(item.article.headline)

    def item_description(self, item: Note) -> str:
        """Return the correction as HTML, its paragraphs kept."""
        return linebreaks(xml_text(item.text), autoescape=True)

    def item_link(self, item: Note) -> str:
        """Return where the correction stands in the article."""
        return absolute(f"{item.article.path}#note-{item.pk}")

    def item_guid(self, item: Note) -> str:
        """Return a permanent name: made from the article's, which outlives its address."""
        return uuid5(item.article.uid, f"note-{item.pk}").urn

    def item_pubdate(self, item: Note) -> datetime:
        """Return when the correction was made."""
        return item.created_at


@conditional_page
@in_language
def json_feed(request: HttpRequest, site: Site, language: str) -> HttpResponse:
    """Answer with the newest articles of a language as JSON Feed 1.1."""
    channel = whole_site(site, language)
    tagged = Prefetch("tagged", TaggedArticle.objects.with_words())
    fill(request, channel, channel.articles.visible().for_listing().prefetch_related(tagged))
    show_items(request, channel.items)
    for item in channel.items:
        pages.show(request, *(f"tag-{tagged.tag_id}" for tagged in item.tagged.all()))
    data = {
        "version": JSON_FEED,
        "title": xml_text(channel.title),
        "home_page_url": absolute(channel.path),
        "feed_url": absolute(f"{channel.path}feed.json"),
        "description": xml_text(channel.description),
        "language": language,
        "items": [json_item(item) for item in channel.items],
    }
    if site.icon:
        data |= {"icon": absolute(site.icon.url), "favicon": absolute(site.icon.url)}
    response = JsonResponse(data, json_dumps_params={"ensure_ascii": False})
    response.headers["Content-Type"] = "application/feed+json; charset=utf-8"
    return response


def json_item(article: Article) -> dict[str, Any]:
    """Return an article as an item of a JSON Feed: the standfirst and no more, as in RSS."""
    item: dict[str, Any] = {
        "id": article.uid.urn,
        "url": absolute(article.path),
        "title": xml_text(article.headline),
        "content_text": xml_text(article.standfirst) or xml_text(article.headline),
        "date_published": article.published_at.isoformat(),
        "date_modified": (article.updated_at or article.published_at).isoformat(),
        "language": article.language,
        # A key of our own begins with an underscore (JSON Feed 1.1, Extensions).
        "_newsroom": {"comment_count": article.comment_count},
    }
    if people := [json_author(byline, article.language) for byline in authors(article)]:
        item["authors"] = people
    names = [article.section_name, *(tagged.name for tagged in article.tagged.all())]
    if tags := list(dict.fromkeys(xml_text(name) for name in names if name)):
        item["tags"] = tags
    if article.photo and article.photo.is_usable() and (files := article.photo.renditions.all()):
        item["image"] = absolute(picture_of(article.photo, files).src)
    return item


def json_author(byline: Byline, language: str) -> dict[str, str]:
    """Return an author as a JSON Feed names one."""
    person = {"name": xml_text(byline.name)}
    if byline.slug:
        person["url"] = absolute(f"/{language}/author/{byline.slug}/")
    return person


def fill(request: HttpRequest, channel: ArticleChannel, articles: ArticleQuerySet) -> None:
    """Put the newest of these articles into a channel; declare the keys of the page."""
    bylines = Prefetch("bylines", Byline.objects.with_words())
    channel.items = list(articles.newest_first().prefetch_related(bylines)[:ITEMS])
    pages.show(request, *channel.keys, until=channel.articles.next_due())
    for item in channel.items:
        pages.show(request, *item.page_keys(), f"section-{item.section_id}")
        pages.show(request, *(f"author-{byline.author_id}" for byline in item.bylines.all()))


def authors(article: Article) -> Iterable[Byline]:
    """Return the bylines of those who wrote an article."""
    return [byline for byline in article.bylines.all() if byline.role == Role.AUTHOR]
