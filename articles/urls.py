"""Addresses that readers browse."""

from django.conf import settings
from django.urls import include, path, re_path, register_converter

from articles import (
    archive,
    attachments,
    changes,
    corrections,
    drafts,
    feeds,
    mistakes,
    site_files,
    sitemaps,
    views,
)
from articles.photos import FOLDER
from articles.search.views import search


class LanguageConverter:
    """A language code as addresses have it: fr, pt-br."""

    regex = "[a-z]{2,3}(?:-[a-z0-9]{2,8})?"

    def to_python(self, value: str) -> str:
        """Return it as it is."""
        return value

    def to_url(self, value: str) -> str:
        """Return it as it is."""
        return value


class WordsConverter(LanguageConverter):
    """A slug in any script."""

    regex = r"[-\w]+"


register_converter(LanguageConverter, "language")
register_converter(WordsConverter, "words")

app_name = "articles"

ARTICLE = r"(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/(?P<day>[0-9]{2})/(?P<slug>[-\w]+)/"

# Below /<language>/
in_language = [
    path("", views.front_page, name="front"),
    path("feed.xml", feeds.ArticleFeed(feeds.whole_site), name="feed"),
    path("feed.json", feeds.json_feed, name="json-feed"),
    path("corrections/feed.xml", feeds.CorrectionFeed(), name="corrections-feed"),
    path("manifest.webmanifest", site_files.manifest, name="manifest"),
    path("tag/<words:slug>/", views.tag, name="tag"),
    path("tag/<words:slug>/feed.xml", feeds.ArticleFeed(feeds.tag), name="tag-feed"),
    path("author/<words:slug>/", views.author, name="author"),
    path("author/<words:slug>/feed.xml", feeds.ArticleFeed(feeds.author), name="author-feed"),
    path("archive/", archive.archive, name="archive"),
    re_path(r"^archive/(?P<year>[0-9]{4})/(?P<number>[0-9]{2})/$", archive.month, name="month"),
    path("corrections/", corrections.corrections, name="corrections"),
    path("discussed/", views.discussed, name="discussed"),
    path("series/<words:slug>/", views.series, name="series"),
    path("series/<words:slug>/feed.xml", feeds.ArticleFeed(feeds.series), name="series-feed"),
    path("page/<words:slug>/", views.static_page, name="page"),
    re_path(rf"^{ARTICLE}$", views.article, name="article"),
    re_path(rf"^{ARTICLE}changes/$", changes.changes, name="changes"),
    re_path(rf"^{ARTICLE}mistake/$", mistakes.report, name="mistake"),
    path("search/", search, name="search"),
    path("<words:slug>/", views.section, name="section"),
    path("<words:slug>/feed.xml", feeds.ArticleFeed(feeds.section), name="section-feed"),
]

urlpatterns = [
    path("", views.home, name="home"),
    re_path(rf"^{settings.MEDIA_URL[1:]}{FOLDER}/(?P<path>.+)$", views.photo_file, name="photo-file"),
    path(
        f"{settings.MEDIA_URL[1:]}{attachments.FOLDER}/<uuid:uid>/<str:name>",
        attachments.document,
        name="document",
    ),
    re_path(r"^accent-(?P<colour>[0-9a-f]{6})\.css$", views.accent, name="accent"),
    path("preview/<token>/", drafts.show, name="draft"),
    path("preview/<token>/<uuid:uid>/", drafts.photo, name="draft-photo"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-pages.xml", sitemaps.house, name="sitemap-pages"),
    # No more digits than a database's id has.
    re_path(r"^sitemap-(?P<number>[1-9][0-9]{0,13})\.xml$", sitemaps.part, name="sitemap-part"),
    path("news-sitemap.xml", sitemaps.news, name="news-sitemap"),
    path("robots.txt", site_files.robots, name="robots"),
    path("favicon.ico", site_files.favicon, name="favicon"),
    path("apple-touch-icon.png", site_files.favicon, name="touch-icon"),
    path("apple-touch-icon-precomposed.png", site_files.favicon, name="old-touch-icon"),
    path("<language:language>/", include(in_language)),
]
