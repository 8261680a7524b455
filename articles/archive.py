"""The archive: what was published in a month, and which months there are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from articles.models import Article
from articles.models.articles import ArticleQuerySet
from articles.views import in_language, listing_of, show_items
from newsroom import pages
from newsroom.dates import format_month, month_names
from newsroom.models import Site


@dataclass(frozen=True, order=True)
class Month:
    """A month of the calendar."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: datetime, zone: ZoneInfo) -> "Month":
        """Return the month of a moment on the clocks of a zone."""
        local = moment.astimezone(zone)
        return cls(local.year, local.month)

    def begins(self, zone: ZoneInfo) -> datetime:
        """Return its first moment in a zone."""
        return datetime(self.year, self.number, 1, tzinfo=zone)

    def next(self) -> "Month":
        """Return the month after it."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    def address(self, language: str) -> str:
        """Return the path of its page."""
        return reverse("articles:month", args=[language, f"{self.year:04}", f"{self.number:02}"])


@dataclass(frozen=True)
class Link:
    """A month as a page links to it."""

    name: str
    address: str


def months(first: Month, last: Month) -> Iterator[Month]:
    """Yield all months from the first to the last."""
    month = first
    while month <= last:
        yield month
        month = month.next()


def _visible(request: HttpRequest, language: str) -> ArticleQuerySet:
    """Return what readers may see; the page changes with each publication, also one that comes by itself."""
    pages.show(request, f"front-{language}", until=Article.objects.in_language(language).next_due())
    return Article.objects.visible().in_language(language)


@in_language
def month(request: HttpRequest, site: Site, language: str, year: str, number: str) -> HttpResponse:
    """Show the articles of a month of the site's calendar, the newest first."""
    if not 1 <= int(year) <= 9998 or not 1 <= int(number) <= 12:
        raise Http404
    here, zone = Month(int(year), int(number)), site.zone
    visible = _visible(request, language)
    begins, ends = here.begins(zone), here.next().begins(zone)
    listing = listing_of(request, visible.filter(published_at__gte=begins, published_at__lt=ends))
    earlier = visible.filter(published_at__lt=begins).newest_first().values_list("published_at", flat=True)
    later = (
        visible.filter(published_at__gte=ends).order_by("published_at").values_list("published_at", flat=True)
    )
    neighbours = [Month.of(found, zone) if found else None for found in (earlier.first(), later.first())]
    if not listing.articles and listing.is_first and None in neighbours:
        raise Http404
    show_items(request, listing.articles)

    def link(found: Month | None) -> Link | None:
        return (
            Link(format_month(found.begins(zone), language, zone), found.address(language)) if found else None
        )

    context = {
        "listing": listing,
        "title": format_month(begins, language, zone),
        "earlier": link(neighbours[0]),
        "later": link(neighbours[1]),
    }
    return render(request, "articles/month.html", {"language": language, **context})


@in_language
def archive(request: HttpRequest, site: Site, language: str) -> HttpResponse:
    """Show the months from the first article to the newest, by year, the newest first."""
    dates = _visible(request, language).order_by("published_at").values_list("published_at", flat=True)
    first, last = dates.first(), dates.last()
    names = month_names(language)
    years: dict[int, list[Link]] = {}
    if first and last:
        for found in months(Month.of(first, site.zone), Month.of(last, site.zone)):
            years.setdefault(found.year, []).append(Link(names[found.number], found.address(language)))
    context: dict[str, Any] = {
        "years": sorted(years.items(), reverse=True),
        "alternates": {code: reverse("articles:archive", args=[code]) for code in site.languages},
    }
    return render(request, "articles/archive.html", {"language": language, **context})
