"""Which language a page speaks."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

_FIRST_SEGMENT = re.compile(r"/([a-z]{2,3}(?:-[a-z0-9]{2,8})?)/")


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
