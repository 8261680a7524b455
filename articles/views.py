"""Pages that readers browse. Each says which page keys it carries, and when it changes by itself."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import wraps
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotFound,
    HttpResponsePermanentRedirect,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.encoding import iri_to_uri
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_safe

from articles import front, redirects, structured_data
from articles.house import house_pages
from articles.links import Links, links_of, versions_and_links
from articles.models import (
    Article,
    Attachment,
    AuthorText,
    FrontSlot,
    PageText,
    Photo,
    SectionText,
    SeriesText,
    TagText,
)
from articles.models.articles import ArticleQuerySet
from articles.models.taxonomy import ThingText
from articles.photos import FOLDER
from articles.pictures import photos_of, render_body
from articles.reading_time import reading_minutes
from articles.sharing import share_links
from newsroom import clock, pages
from newsroom.addresses import absolute
from newsroom.colours import accent_stylesheet
from newsroom.languages import spoken
from newsroom.models import Site
from newsroom.views import media

PER_PAGE = 24
DISCUSSED_WITHIN = timedelta(days=30)
RELATED = 4
LARGEST_ID = 2**63 - 1

View = Callable[..., HttpResponse]


@dataclass
class Listing:
    """A page of a list: its articles, its own address, and that of the page that follows."""

    articles: list[Article]
    address: str
    older: str
    is_first: bool


def in_language(view: View) -> View:
    """Give a view the site, and answer 404 for a language in which it does not publish."""

    @require_safe
    @wraps(view)
    def wrapped(request: HttpRequest, language: str, **kwargs: Any) -> HttpResponse:
        site = Site.of(request)
        if language not in site.languages:
            raise Http404
        # The banner comes and goes by itself, on every page of the language.
        pages.show(request, *site.page_keys(), until=site.text_in(language).banner_changes_at())
        return view(request, site, language, **kwargs)

    return wrapped


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Send a reader to the front page of his language. Depends on the browser, so it is never stored."""
    response = redirect("articles:front", language=preferred_language(request))
    add_never_cache_headers(response)
    patch_vary_headers(response, ["Accept-Language"])
    return response


@in_language
def front_page(request: HttpRequest, site: Site, language: str) -> HttpResponse:
    """Show the front page; with `?before=` the articles of this language that are older."""
    visible = Article.objects.visible().in_language(language)
    due = Article.objects.in_language(language).next_due()
    pages.show(request, f"front-{language}", until=due)
    alternates = {code: f"/{code}/" for code in site.languages}
    if "before" in request.GET:
        listing = listing_of(request, visible)
        show_items(request, listing.articles)
        context = {"listing": listing, "alternates": {}}
        return render(request, "articles/older.html", {"language": language, **context})
    sections = list(SectionText.objects.filter(language=language).order_by("section__position", "section_id"))
    slots = list(FrontSlot.objects.not_over(language)[: front.MAX_SLOTS])
    for slot in slots:
        pages.show(request, until=slot.changes_at())
    articles = list(front.candidates(visible, sections, slots).for_listing())
    sheet = front.arrange(articles, sections, slots)
    # The date in the masthead, and with it what "today" means.
    pages.show(request, until=next_midnight(site.zone))
    show_items(request, articles)
    pages.show(request, *(f"section-{text.section_id}" for text in sections))
    context = {"front": sheet, "now": clock.now(), "alternates": alternates}
    return render(request, "articles/front.html", {"language": language, **context})


@in_language
def section(request: HttpRequest, site: Site, language: str, slug: str) -> HttpResponse:
    """Show the articles of a section."""
    text = get_object_or_404(SectionText.objects.select_related("section"), language=language, slug=slug)
    articles = Article.objects.in_section(text.section)
    others = text.section.texts.filter(language__in=site.languages)
    return list_page(request, "articles/section.html", text, text.section, articles, others)


@in_language
def tag(request: HttpRequest, site: Site, language: str, slug: str) -> HttpResponse:
    """Show the articles that carry a tag; a tag of drafts alone is no page."""
    text = get_object_or_404(TagText.objects.select_related("tag"), language=language, slug=slug)
    articles = Article.objects.with_tag(text.tag)
    seen = Article.objects.visible().in_language(OuterRef("language")).with_tag(text.tag)
    others = text.tag.texts.filter(Exists(seen), language__in=site.languages)
    return list_page(request, "articles/tag.html", text, text.tag, articles, others)


@in_language
def author(request: HttpRequest, site: Site, language: str, slug: str) -> HttpResponse:
    """Show what somebody wrote; an author of drafts alone has no page."""
    text = get_object_or_404(AuthorText.objects.select_related("author"), language=language, slug=slug)
    articles = Article.objects.by_author(text.author)
    seen = Article.objects.visible().in_language(OuterRef("language")).by_author(text.author)
    others = text.author.texts.filter(Exists(seen), language__in=site.languages)
    return list_page(request, "articles/author.html", text, text.author, articles, others)


@in_language
def series(request: HttpRequest, site: Site, language: str, slug: str) -> HttpResponse:
    """Show the articles of a series; one of drafts alone is no page."""
    text = get_object_or_404(SeriesText.objects.select_related("series"), language=language, slug=slug)
    articles = Article.objects.in_series(text.series)
    seen = Article.objects.visible().in_language(OuterRef("language")).in_series(text.series)
    others = text.series.texts.filter(Exists(seen), language__in=site.languages)
    return list_page(request, "articles/series.html", text, text.series, articles, others)


@in_language
def discussed(request: HttpRequest, site: Site, language: str) -> HttpResponse:
    """Show what readers have said most about in the last days."""
    tonight = next_midnight(site.zone)
    articles = Article.objects.in_language(language)
    found = articles.visible().most_discussed(since=tonight - DISCUSSED_WITHIN)
    listing = Listing(list(found.for_listing()[:PER_PAGE]), request.path, older="", is_first=True)
    show_items(request, listing.articles)
    due = min(filter(None, (articles.next_due(), tonight)))
    pages.show(request, f"front-{language}", f"discussed-{language}", until=due)
    alternates = {code: reverse("articles:discussed", args=[code]) for code in site.languages}
    context = {"listing": listing, "days": DISCUSSED_WITHIN.days, "alternates": alternates}
    return render(request, "articles/discussed.html", {"language": language, **context})


@in_language
def static_page(request: HttpRequest, site: Site, language: str, slug: str) -> HttpResponse:
    """Show a page of the house: imprint, privacy, ethics."""
    text = get_object_or_404(PageText.objects.select_related("page"), language=language, slug=slug)
    photos = photos_of(text.body, language)
    others = text.page.texts.filter(language__in=site.languages)
    links = links_of(text.body, site.languages)
    show_links(request, links)
    show_photos(request, [shown.photo for shown in photos.values()])
    pages.show(request, *text.page.page_keys())
    context = {
        "text": text,
        "body": render_body(text.body, photos, links, language),
        "alternates": addresses(others),
    }
    return render(request, "articles/page.html", {"language": language, **context})


@in_language
def article(request: HttpRequest, site: Site, language: str, **date_and_slug: str) -> HttpResponse:
    """Show an article; an old address of it leads to the present one, a withdrawn one answers 410."""
    path = request.path_info
    found = (
        Article.objects.visible().in_language(language).for_presentation().filter(paths__path=path).first()
    )
    if found is None:
        return withdrawn(request, language, path)
    pages.show(request, *found.page_keys())
    if found.path != path:
        return HttpResponsePermanentRedirect(found.path)
    return render(request, "articles/article.html", article_context(request, site, found))


def withdrawn(request: HttpRequest, language: str, path: str) -> HttpResponse:
    """Answer 410 with a neutral notice where an article was taken back. Raises Http404 for all else."""
    found = get_object_or_404(Article.objects.exclude(withdrawn_at=None), paths__path=path, language=language)
    if not found.has_been_visible():
        raise Http404
    return taken_back(request, found)


def taken_back(request: HttpRequest, article: Article) -> HttpResponse:
    """Answer 410 for a withdrawn article, in its language wherever it was asked for."""
    site = Site.of(request)
    banner = site.text_in(article.language).banner_changes_at()
    pages.show(request, *site.page_keys(), *article.page_keys(), until=banner)
    with translation.override(spoken(article.language)):
        response = render(request, "410.html", {"language": article.language}, status=410)
    response.headers["Content-Language"] = article.language
    return response


def article_context(
    request: HttpRequest,
    site: Site,
    article: Article,
    file_address: Callable[[Photo | Attachment], str] | None = None,
) -> dict[str, Any]:
    """Return what the page of an article shows, and declare its keys.

    `file_address` tells where its own photos and documents are for whoever looks at what readers may not see yet.
    """
    language = article.language
    # With their photos among the page's own: one query for all.
    related = list(
        Article.objects.visible().related_to(article).for_listing().prefetch_related(None)[:RELATED]
    )
    own = (article.photo_id, article.social_photo_id)
    photos = photos_of(article.body, language, [*own, *(other.photo_id for other in related)])
    by_pk = {shown.photo.pk: shown for shown in photos.values()}
    if file_address:
        photos = {uid: shown.at(file_address(shown.photo)) for uid, shown in photos.items()}
    lead = next((shown for shown in photos.values() if shown.photo.pk == article.photo_id), None)
    # Where its rights have ended the lead photo stands in.
    social = by_pk.get(article.social_photo_id or 0) or lead
    siblings, links = versions_and_links(article, site.languages, file_address or Attachment.get_absolute_url)
    versions = sorted((s for s in siblings if s.is_visible()), key=lambda s: site.languages.index(s.language))
    due = [sibling.published_at for sibling in siblings if sibling.state == Article.State.SCHEDULED]
    if article.next_due:
        due.append(article.next_due)
    made_from = article.translated_from.article if article.translated_from else None
    original = made_from if made_from and made_from.pk != article.pk and made_from.is_visible() else None
    if made_from and made_from.state == Article.State.SCHEDULED:
        due.append(made_from.published_at)
    show_links(request, links)
    show_photos(request, [shown.photo for shown in photos.values()])
    show_items(request, related)
    if article.series_id:
        pages.show(request, f"series-{article.series_id}", f"series-{article.series_id}-{language}")
    pages.show(
        request,
        article.story.page_key,
        f"section-{article.section_id}",
        *(f"author-{byline.author_id}" for byline in article.bylines.all()),
        *(f"tag-{tagged.tag_id}" for tagged in article.tagged.all()),
        # What else is published under its subjects or in its section may be related to it.
        *(f"tag-{tagged.tag_id}-{language}" for tagged in article.tagged.all()),
        f"section-{article.section_id}-{language}",
        *(key for source in article.public_sources() for key in source.page_keys()),
        # Also while it is not visible: the page will name it once it is.
        *(made_from.page_keys() if made_from else ()),
        until=min(due, default=None),
    )
    return {
        "language": language,
        "article": article,
        "minutes": reading_minutes(article.body),
        "share_links": share_links(article.headline, absolute(article.path)),
        "related": related,
        "card_pictures": {pk: shown.card for pk, shown in by_pk.items()},
        "lead": lead,
        "social": social,
        "body": render_body(article.body, photos, links, language),
        "description": article.description_elsewhere,
        "original": original,
        "versions": versions,
        "alternates": addresses([article, *versions]),
        "structured_data": structured_data.news_article(
            article,
            site=site,
            image=social.wide.src if social else "",
            house=house_pages(request, language),
            translated_from=original.path if original else "",
        ),
        "breadcrumbs": structured_data.breadcrumbs(article, site=site),
    }


def list_page(
    request: HttpRequest,
    template: str,
    text: ThingText,
    thing: Any,
    articles: ArticleQuerySet,
    others: QuerySet,
) -> HttpResponse:
    """Show a page of the list of a thing: section, tag, author.

    `articles` are those of the thing in all languages, `others` its words in the languages that have a page.
    Raises Http404 for a tag or an author of whom readers can see nothing.
    """
    listing = listing_of(request, articles.visible().in_language(text.language))
    show_items(request, listing.articles)
    if not listing.articles and not isinstance(text, SectionText):
        raise Http404
    pages.show(
        request,
        *thing.page_keys(),
        # The first article in another language brings a link to that page, the last one takes it away.
        *(thing.list_key(language) for language in Site.of(request).languages),
        until=articles.next_due(),
    )
    alternates = addresses(others) if listing.is_first else {}
    context = {"text": text, "listing": listing, "alternates": alternates}
    return render(request, template, {"language": text.language, **context})


def listing_of(request: HttpRequest, visible: ArticleQuerySet) -> Listing:
    """Return the page of a list that `?before=<article id>` asks for. Raises Http404 if that is not in the list."""
    page = visible.newest_first().for_listing()
    before = request.GET.get("before")
    if before is not None:
        if (pk := id_of(before)) is None:
            raise Http404
        page = page.before(get_object_or_404(visible.only("published_at"), pk=pk))
    articles = list(page[: PER_PAGE + 1])
    more = len(articles) > PER_PAGE
    articles = articles[:PER_PAGE]
    return Listing(
        articles,
        address=request.path if before is None else f"{request.path}?before={int(before)}",
        older=f"?before={articles[-1].pk}" if more else "",
        is_first=before is None,
    )


def id_of(text: str) -> int | None:
    """Return the id that stands in an address, None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and int(text[:20]) <= LARGEST_ID else None


@require_safe
def photo_file(request: HttpRequest, path: str) -> HttpResponse:
    """Serve a file of a photo that readers may see; gone once no visible article shows it, or its rights end."""
    name = f"{FOLDER}/{path}"
    photo = Photo.objects.of_file(name).first()
    keys = photo.public_keys() if photo else []
    if not keys:
        raise Http404
    pages.show(request, *keys, until=photo.rights_end, file=Path(settings.MEDIA_ROOT, name))
    return media(request, name)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404 in the reader's language, with a way on: the latest three; lead on where the address is an old one."""
    if pages.is_asked_again(request):
        return HttpResponseNotFound()
    site = Site.of(request)
    if request.method in ("GET", "HEAD"):
        if (answer := led_on(request)) is not None:
            return answer
        redirects.missed.add(request.path_info)
    first_segment = request.path_info.split("/")[1] if "/" in request.path_info else ""
    language = first_segment if first_segment in site.languages else preferred_language(request)
    latest = Article.objects.visible().in_language(language).newest_first().for_listing()[:3]
    with translation.override(spoken(language)):
        response = render(request, "404.html", {"language": language, "latest": latest}, status=404)
    response.headers["Content-Language"] = language
    return response


def led_on(request: HttpRequest) -> HttpResponse | None:
    """Return what an old address answers: the way to its article or target, 410 for what was withdrawn, or None."""
    if "\0" in request.path_info or len(request.path_info) > redirects.MAX_PATH:
        return None
    row = redirects.find(request.path_info, request.META.get("QUERY_STRING", ""))
    if row is None:
        return None
    if row.article is None:
        pages.show(request, redirects.PAGE_KEY)
        return HttpResponsePermanentRedirect(iri_to_uri(row.target))
    pages.show(request, redirects.PAGE_KEY, *row.article.page_keys())
    if row.article.is_visible():
        return HttpResponsePermanentRedirect(iri_to_uri(row.article.path))
    if row.article.withdrawn_at and row.article.has_been_visible():
        return taken_back(request, row.article)
    return None


@require_safe
def accent(request: HttpRequest, colour: str) -> HttpResponse:
    """Give a site's accent colour to its pages; the address names the colour, so nothing here goes stale."""
    if f"#{colour}" != Site.of(request).colour.lower():
        raise Http404
    response = HttpResponse(accent_stylesheet(f"#{colour}"), content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def preferred_language(request: HttpRequest) -> str:
    """Return the first of the browser's languages that the site publishes in, else the site's default."""
    site = Site.of(request)
    for wanted, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        for language in (wanted, wanted.partition("-")[0]):
            if language in site.languages:
                return language
    return site.default_language


def addresses(things: Iterable[Any]) -> dict[str, str]:
    """Return the paths of what has one, by language."""
    return {thing.language: thing.get_absolute_url() for thing in things}


def show_items(request: HttpRequest, articles: Iterable[Article]) -> None:
    """Declare the page keys of what list items show: article, section, photo."""
    for item in articles:
        pages.show(request, *item.page_keys(), f"section-{item.section_id}")
        if item.photo:
            show_photos(request, [item.photo])


def show_links(request: HttpRequest, links: Links) -> None:
    """Declare the page keys of the articles that a text links; the page changes by itself when the next one comes."""
    pages.show(request, *links.keys, until=links.until)


def show_photos(request: HttpRequest, photos: Iterable[Photo]) -> None:
    """Declare the page keys of photos; the page changes by itself when the rights of one end."""
    for photo in photos:
        pages.show(request, *photo.page_keys(), until=photo.rights_end if photo.is_usable() else None)


def next_midnight(zone: ZoneInfo) -> datetime:
    """Return when the next day begins in a time zone."""
    tomorrow = clock.now().astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone)
