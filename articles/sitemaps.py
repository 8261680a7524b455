"""Sitemaps for search engines (https://www.sitemaps.org/protocol.html), and one of the news of two days.

Django's own sitemaps count rows and page by OFFSET: the last part of a large archive would cost as much as all before
it. Here a part is a range of ids.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from django.db.models import F, Max, OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import conditional_page, require_safe

from articles.models import Article, PageText, SectionText
from articles.models.article_queries import LAST_CHANGED, SITEMAP_PART
from newsroom import clock, pages
from newsroom.addresses import absolute
from newsroom.models import Site
from newsroom.xml import xml_text

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"

# Google's rules for news sitemaps: what was published in the last two days, a thousand at most.
NEWS_DAYS = timedelta(days=2)
NEWS_ITEMS = 1000
# Parts asked for in one query; databases bound how much one may return.
PARTS_AT_ONCE = 500


@conditional_page
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the sitemaps that have something in them, each with the time of its latest change."""
    site = show(request)
    parts = list(changed_parts(site))
    pages_changed = PageText.objects.filter(language__in=site.languages).aggregate(at=Max("updated_at"))["at"]
    changed = [at for at in (pages_changed, *(at for _number, at in parts)) if at]
    entries = [(reverse("articles:sitemap-pages"), max(changed, default=None))]
    entries += [(reverse("articles:sitemap-part", args=[number]), at) for number, at in parts]
    rows = (f"<sitemap>{_location(path)}{_last_changed(at)}</sitemap>" for path, at in entries)
    return _xml("sitemapindex", rows)


@conditional_page
@require_safe
def part(request: HttpRequest, number: str) -> HttpResponse:
    """List the articles of a range of ids, each with its versions in other languages."""
    site = show(request)
    articles = Article.objects.for_search_engines(site.languages).in_sitemap_part(int(number))
    rows = (
        articles.with_versions_for_search_engines(site.languages)
        .order_by("pk")
        .values_list("path", LAST_CHANGED, "version__language", "version__path")
    )
    changed: dict[str, datetime] = {}
    versions: dict[str, dict[str, str]] = defaultdict(dict)
    for path, at, language, other in rows:
        changed[path] = at
        versions[path][language] = other
    if not changed:
        raise Http404
    return _urls(
        _url(path, at, site.with_default(versions[path]) if len(versions[path]) > 1 else {})
        for path, at in changed.items()
    )


@conditional_page
@require_safe
def house(request: HttpRequest) -> HttpResponse:
    """List front pages, sections in which there is something to read, and the pages of the house."""
    site = show(request)
    newest = Article.objects.visible().in_language(OuterRef("language")).newest_first()
    sections = list(
        SectionText.objects.filter(language__in=site.languages)
        .annotate(changed=Subquery(newest.filter(section=OuterRef("section")).values("published_at")[:1]))
        .order_by("section__position", "section", "pk")
    )
    texts = list(
        PageText.objects.filter(language__in=site.languages)
        .annotate(changed=F("updated_at"))
        .defer("body")
        .order_by("page", "pk")
    )
    pages.show(
        request,
        # A section without any words yet gets some: the front page shows it too.
        *(f"front-{language}" for language in site.languages),
        *(f"section-{text.section_id}" for text in sections),
        *(f"page-{text.page_id}" for text in texts),
    )
    fronts = {language: f"/{language}/" for language in site.languages}
    latest: dict[str, datetime] = {}
    for text in sections:
        if text.changed:
            latest[text.language] = max(text.changed, latest.get(text.language, text.changed))
    things: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for text in sections:
        if text.changed:
            things["section", text.section_id].append(text)
    for words in texts:
        things["page", words.page_id].append(words)
    entries = [
        _url(path, latest.get(language), site.with_default(fronts)) for language, path in fronts.items()
    ]
    for versions in things.values():
        addresses = {text.language: text.get_absolute_url() for text in versions}
        alternates = site.with_default(addresses) if len(addresses) > 1 else {}
        entries += [_url(text.get_absolute_url(), text.changed, alternates) for text in versions]
    return _urls(entries)


@conditional_page
@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """List the articles of the last two days (https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap)."""
    site = show(request)
    now = clock.now()
    recent = Article.objects.for_search_engines(site.languages).filter(published_at__gt=now - NEWS_DAYS)
    articles = list(recent.newest_first().only("headline", "language", "path", "published_at")[:NEWS_ITEMS])
    names = {language: site.name_in(language) for language in site.languages}
    published = [article.published_at for article in articles if article.published_at]
    if published:
        # The oldest leaves the list by itself.
        pages.show(request, until=min(published) + NEWS_DAYS)
    return _xml(
        "urlset",
        (
            f"<url>{_location(article.path)}<news:news><news:publication>"
            f"<news:name>{_text(names[article.language])}</news:name>"
            f"<news:language>{news_language(article.language)}</news:language></news:publication>"
            f"<news:publication_date>{_time(article.published_at)}</news:publication_date>"
            f"<news:title>{_text(article.headline)}</news:title></news:news></url>"
            for article in articles
        ),
        news=NEWS,
    )


def changed_parts(site: Site) -> Iterable[tuple[int, datetime]]:
    """Yield the parts in which there is something, and when each last changed.

    For each part one step into the index, however many articles there are.
    """
    last = Article.objects.order_by("-pk").values_list("pk", flat=True).first()
    if last is None:
        return
    newest = Article.objects.for_search_engines(site.languages).order_by(LAST_CHANGED.desc())
    parts = range(1, (last - 1) // SITEMAP_PART + 2)
    for start in range(0, len(parts), PARTS_AT_ONCE):
        numbers = parts[start : start + PARTS_AT_ONCE]
        columns = [
            Subquery(newest.in_sitemap_part(number).values_list(LAST_CHANGED)[:1]) for number in numbers
        ]
        # Any one row, for the columns to stand in.
        row = Article.objects.filter(pk=last).values_list(*columns).get()
        yield from ((number, at) for number, at in zip(numbers, row, strict=True) if at)


def show(request: HttpRequest) -> Site:
    """Declare what every sitemap depends on, and return the site."""
    site = Site.of(request)
    pages.show(request, *site.page_keys(), "sitemap", until=Article.objects.next_due())
    return site


def news_language(language: str) -> str:
    """Return a language as Google News wants it: ISO 639, but for Chinese, whose two scripts it tells apart."""
    return language if language in ("zh-cn", "zh-tw") else language.partition("-")[0]


def _urls(entries: Iterable[str]) -> HttpResponse:
    return _xml("urlset", entries, xhtml=XHTML)


def _url(path: str, changed: datetime | None, alternates: dict[str, str]) -> str:
    """Return a page with its versions in all languages, its own included."""
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang={quoteattr(language)} href={quoteattr(absolute(other))}/>'
        for language, other in alternates.items()
    )
    return f"<url>{_location(path)}{_last_changed(changed)}{links}</url>"


def _location(path: str) -> str:
    return f"<loc>{_text(absolute(path))}</loc>"


def _last_changed(moment: datetime | None) -> str:
    return f"<lastmod>{_time(moment)}</lastmod>" if moment else ""


def _time(moment: datetime | None) -> str:
    """Return a time as W3C Datetime has it."""
    return moment.isoformat(timespec="seconds") if moment else ""


def _text(text: str) -> str:
    return escape(xml_text(text))


def _xml(root: str, rows: Iterable[str], **namespaces: str) -> HttpResponse:
    names = "".join(f' xmlns:{prefix}="{address}"' for prefix, address in namespaces.items())
    body = "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<{root} xmlns="{SITEMAP}"{names}>',
            *rows,
            f"</{root}>\n",
        ]
    )
    response = HttpResponse(body, content_type="application/xml; charset=utf-8")
    # It is no page that anybody should find by a search.
    response.headers["X-Robots-Tag"] = "noindex"
    return response
