"""What belongs to no app: health, uploaded files, errors."""

from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.db import DatabaseError, connection
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils._os import safe_join
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

# Everything that an upload of ours can become; whatever else lies under MEDIA_ROOT is not served.
MEDIA_TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".avif": "image/avif"}


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that this process answers."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether pages can be made: 503 while the database does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM newsroom_site LIMIT 1")
    except DatabaseError:
        return HttpResponse("database not ready\n", status=503, content_type="text/plain; charset=utf-8")
    return HttpResponse("ready\n", content_type="text/plain; charset=utf-8")


@require_safe
def media(request: HttpRequest, path: str) -> FileResponse:
    """Serve an uploaded file; its name is a digest of its content, so it never changes."""
    content_type = MEDIA_TYPES.get(PurePosixPath(path).suffix)
    if content_type is None or "\0" in path:
        raise Http404
    try:
        file = open(safe_join(settings.MEDIA_ROOT, path), "rb")  # noqa: SIM115  (FileResponse closes it)
    except (OSError, ValueError, SuspiciousFileOperation) as error:
        raise Http404 from error
    response = FileResponse(file, content_type=content_type)
    # Its name stands in its address.
    del response.headers["Content-Disposition"]
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400 in the reader's language."""
    return plain(request, "400.html", 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403 in the reader's language."""
    return plain(request, "403.html", 403)


def server_error(request: HttpRequest, *args: Any) -> HttpResponse:
    """Answer 500 without touching the database, which may be the reason."""
    return plain(None, "500.html", 500)


def plain(request: HttpRequest | None, template: str, status: int, **context: Any) -> HttpResponse:
    """Answer with a page that asks nothing of the database, and say which language it speaks."""
    response = render(request, template, context, status=status)
    response.headers["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
    return response
