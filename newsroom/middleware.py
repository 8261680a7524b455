"""What readers' pages may depend on: their address, never a cookie; and which language a page speaks."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation

_FIRST_SEGMENT = re.compile(r"/([a-z]{2,3}(?:-[a-z0-9]{2,8})?)/")


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


class LanguageMiddleware:
    """Activate the language of the address (`/fr/…`); elsewhere the one that the browser asks for.

    Readers' pages never depend on a cookie or a header, so a stored page is right for everybody; only addresses
    without a language (the admin, errors, a comment's own page) follow Accept-Language.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the right language and say which it was."""
        match = _FIRST_SEGMENT.match(request.path_info)
        language = match[1] if match else translation.get_language_from_request(request)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
            if hasattr(response, "render") and not response.is_rendered:
                response.render()
        response.headers.setdefault("Content-Language", language)
        return response
