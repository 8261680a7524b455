"""What comes by itself and needs somebody to carry it out: another text for an article that readers see.

What is published for the first time at a time needs nobody: its row says when readers may see it. A live article's
text has to be copied, and whoever comes first does that: the background process within a second, or the first request
that renders a page after it. A stored page that shows anything of such an article ends at that time.
"""

import logging
import re
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from articles.models import Article
from newsroom import clock, pages
from newsroom.models import Site
from newsroom.verbs import Refused

log = logging.getLogger("articles.due")

# What tells the state of the server and no more, what is signed (the database is asked for nothing before the signature
# is right), and uploads that belong to no article.
NOT_ASKED = re.compile(
    r"/(?:healthz$|readyz$|preview/|media/(?!photos/|files/)|comments/(?:own|as|confirm|unsubscribe)/)"
)


def carry_out() -> int:
    """Publish the changes that are due, the first one first; return how many that were.

    What cannot be published is logged and stays due; the admin's page of schedules says why.
    """
    done = 0
    for article in Article.objects.pending().filter(pending_at__lte=clock.now()):
        try:
            done += article.publish_due()
        except Refused as refused:
            log.warning("Article %s: the changes that are due cannot be published: %s", article.pk, refused)
    return done


class DueMiddleware:
    """Carry out what is due before a page is made; let a page end when something on it changes by itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as things stand now."""
        # What is sent is acted upon, and shows nothing.
        if request.method not in ("GET", "HEAD") or NOT_ASKED.match(request.path_info):
            return self.get_response(request)
        changes = self._changes(request)
        response = self.get_response(request)
        if changes is None:
            pages.show(request, until=clock.now())  # it may be of before: nobody else gets it
            return response
        shown = pages.shown(request)
        for at, keys in changes:
            # One that is due and could not be carried out ends at once: the page is not stored.
            if not shown.keys.isdisjoint(keys):
                pages.show(request, until=at)
        return response

    def _changes(self, request: HttpRequest) -> Sequence[tuple[datetime, list[str]]] | None:
        """Return what changes when, once what is due has been carried out; None if that is not known."""
        try:
            changes = Site.of(request).changes
            if any(at <= clock.now() for at, _keys in changes):
                carry_out()
                changes = Site.of(request, again=True).changes
        except DatabaseError as error:
            # The view meets it too, and knows what to say.
            log.warning("What is due could not be carried out: %s", error)
            return None
        return changes
