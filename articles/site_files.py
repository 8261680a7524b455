"""Small files at fixed addresses: what robots may read, what a browser calls the site, its icon."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import conditional_page, require_safe

from articles.views import in_language
from newsroom import dates, pages
from newsroom.addresses import absolute
from newsroom.colours import LIGHT_PAPER
from newsroom.models import Site

# Nothing there is for search engines: staff, signed addresses, lists made by a question.
NOT_FOR_ROBOTS = (
    *("/admin/", "/preview/", "/*/search/"),
    *("/comments/own/", "/comments/as/", "/comments/confirm/", "/comments/unsubscribe/"),
)


@conditional_page
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Tell robots what they may read, and where the sitemaps are (RFC 9309)."""
    pages.show(request, *Site.of(request).page_keys())
    sitemaps = (reverse("articles:sitemap"), reverse("articles:news-sitemap"))
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS),
        "",
        *(f"Sitemap: {absolute(path)}" for path in sitemaps),
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@conditional_page
@in_language
def manifest(request: HttpRequest, site: Site, language: str) -> HttpResponse:
    """Tell browsers what the site is called and looks like (https://www.w3.org/TR/appmanifest/)."""
    name = site.name_in(language)
    data = {
        "name": name,
        "short_name": name,
        "description": site.text_in(language).description,
        "lang": language,
        "dir": dates.direction(language),
        "id": f"/{language}/",
        "start_url": f"/{language}/",
        "scope": "/",
        # The site's own pages in a browser's own window: it promises nothing without a network.
        "display": "browser",
        "theme_color": site.colour,
        "background_color": LIGHT_PAPER,
        "icons": icons(site),
    }
    response = JsonResponse(data, json_dumps_params={"ensure_ascii": False})
    response.headers["Content-Type"] = "application/manifest+json; charset=utf-8"
    return response


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead to the icon where browsers look for one without being told."""
    site = Site.of(request)
    pages.show(request, *site.page_keys())
    return redirect(site.icon.url if site.icon else static("img/icon.png"))


def icons(site: Site) -> list[dict[str, Any]]:
    """Return the site's icons: its own, else the house's, drawn and as a picture."""
    if site.icon:
        # No size: an icon may be smaller than we ask for, and only the file knows.
        return [{"src": site.icon.url, "type": "image/png"}]
    return [
        {"src": static("img/icon.svg"), "type": "image/svg+xml", "sizes": "any"},
        {"src": static("img/icon.png"), "type": "image/png", "sizes": "512x512"},
    ]
