"""What readers' pages may depend on: their address, never a cookie; how long they may be kept; what they speak."""

import re
from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from newsroom import pages
from newsroom.languages import spoken
from newsroom.pages.cache import KEEPING, is_storable

_TEXT = re.compile(r"text/|application/(?:[a-z-]+\+)?(?:xml|json)\b|image/svg\+xml")
_FIRST_SEGMENT = re.compile(r"/([a-z]{2,3}(?:-[a-z0-9]{2,8})?)/")


class CompressMiddleware(GZipMiddleware):
    """Send what readers get as text compressed, where nothing in front of the site does.

    What is for one person only is left as it is: it may hold a secret beside words of somebody else's choice, whose
    compressed length tells (BREACH). Pictures are compressed already, static files by WhiteNoise, and what the page
    cache keeps it compresses itself, once.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress text that anybody may be given."""
        is_text = _TEXT.match(response.headers.get("Content-Type", ""))
        if response.streaming or not is_text or "no-store" in response.headers.get("Cache-Control", ""):
            return response
        is_kept = KEEPING in request.environ
        if is_kept and is_storable(pages.shown(request), response.status_code, response.items()):
            return response
        return super().process_response(request, response)


class NoCookiesMiddleware:
    """Drop the cookies that come to public addresses: their pages are the same for everybody.

    Even a cookie that means nothing would make Django answer with one (an unknown session is deleted, an odd CSRF
    token replaced), and with `Vary: Cookie`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as if the browser had sent no cookie, everywhere but in the admin."""
        if not request.path_info.startswith(reverse("admin:index")):
            request.META.pop("HTTP_COOKIE", None)
        return self.get_response(request)


class AskAgainMiddleware:
    """Let no browser and no cache between show a public page, or an error, without asking whether it still holds.

    Without a word on it they may guess how long a page keeps, and show an article that was withdrawn since. What the
    admin answers is for one person: nobody keeps it, errors included.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Say how an answer may be kept, unless the view said something else, as media and accent do."""
        response = self.get_response(request)
        in_admin = request.path_info.startswith(reverse("admin:index"))
        response.headers.setdefault("Cache-Control", "no-store, private" if in_admin else "no-cache")
        return response


class LanguageMiddleware:
    """Activate the language of the address (`/fr/…`); elsewhere the one that the browser asks for.

    Only languages that the interface has are activated: Django keeps a catalogue for ever for each code, and
    strangers can invent millions. A page in another language that the site publishes in speaks the default one where
    the interface speaks, and its templates say the page's own language and direction.

    Readers' pages never depend on a cookie or a header, so a stored page is right for everybody; only addresses
    without a language (the admin, errors, a comment's own page) follow Accept-Language.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the right language and say which it was."""
        match = _FIRST_SEGMENT.match(request.path_info)
        language = spoken(match[1]) if match else translation.get_language_from_request(request)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
            if hasattr(response, "render") and not response.is_rendered:
                response.render()
        if match:
            # The view has asked for the site if it made a page in one of its languages.
            site = getattr(request, "newsroom_site", None)
            is_published = site and match[1] in site.languages
            response.headers.setdefault("Content-Language", match[1] if is_published else language)
        elif "Content-Language" not in response.headers and is_page(response):
            response.headers["Content-Language"] = language
            patch_vary_headers(response, ["Accept-Language"])
        return response


class PolicyMiddleware(CSPMiddleware):
    """Send the Content-Security-Policy, each time in the same order: a stored page has one, and nginx has it too."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Send the policy, its directives in order of the alphabet."""
        response = super().process_response(request, response)
        if policy := response.headers.get(HEADER):
            response.headers[HEADER] = "; ".join(sorted(policy.split("; ")))
        return response


def is_page(response: HttpResponseBase) -> bool:
    """Return whether an answer is something to read: not a redirect, nor a file that speaks no language."""
    is_html = response.headers.get("Content-Type", "").startswith("text/html")
    return is_html and not 300 <= response.status_code < 400
