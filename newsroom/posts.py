"""What readers send by forms without a session: how much of it is read, and where they are led then."""

from django.http import HttpRequest, HttpResponseRedirect, UnreadablePostError

# Bytes; several times what the longest comment needs, percent-encoded. A larger body is not read at all.
MAX_BODY = 500_000
# Bytes of such a body that are received and thrown away, so that the browser listens to the answer.
MAX_DRAINED = 10_000_000


class SeeOther(HttpResponseRedirect):
    """What follows a POST that was carried out: go and GET this (RFC 9110, 15.4.4)."""

    status_code = 303


def is_too_large(request: HttpRequest) -> bool:
    """Return whether a POST has a body that is not even read; call it before anything looks at `request.POST`.

    What is read is read as UTF-8 whatever is declared: what is not comes out as replacement characters, never as an
    error.
    """
    request.encoding = "utf-8"
    if content_length(request) <= MAX_BODY:
        return False
    drain(request)
    return True


def content_length(request: HttpRequest) -> int:
    """Return how many bytes a request says that its body has; 0 if it does not say it in a number."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def drain(request: HttpRequest) -> None:
    """Receive a body and throw it away: a browser that is still sending when we hang up shows no answer."""
    try:
        for _chunk in range(MAX_DRAINED // 65_536):
            if not request.read(65_536):
                return
    except UnreadablePostError:
        pass
