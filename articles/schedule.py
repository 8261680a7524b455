"""What comes out by itself: what is due, what is late and why."""

from datetime import datetime
from typing import NamedTuple

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from articles.models import Article, Revision
from articles.models.articles import ArticleQuerySet
from newsroom import clock
from newsroom.models import Lease
from newsroom.verbs import Refused
from newsroom.work import LEASE_NAME

# How many of each kind are told of.
MAX_LISTED = 200


class Due(NamedTuple):
    """Something that comes out at a time: an article, or another text of one that is live."""

    article: Article
    revision: Revision
    at: datetime
    is_update: bool
    why: str = ""  # why it has not come out although its time is over


def schedule(articles: ArticleQuerySet | None = None) -> list[Due]:
    """Return what of these articles comes out by itself, what is due first; what is late says why.

    An article that is published for the first time is never late: readers see it from its time on, whoever is down.
    """
    found = Article.objects.all() if articles is None else articles
    first = found.in_state(Article.State.SCHEDULED).select_related("live_revision").defer("body")
    rows = [
        Due(article, article.live_revision, article.published_at, False)
        for article in first.order_by("published_at")[:MAX_LISTED]
        if article.live_revision and article.published_at
    ]
    rows += [
        Due(article, article.pending_revision, article.pending_at, True, _why(article))
        for article in found.pending()[:MAX_LISTED]
        if article.pending_revision and article.pending_at
    ]
    return sorted(rows, key=lambda due: (due.at, due.article.pk))


def _why(article: Article) -> str:
    """Return why the changes of an article have not come out yet, "" if their time has not come."""
    if article.pending_at is None or article.pending_at > clock.now():
        return ""
    try:
        article.check_embargo(article.pending_at)
        article.check_publishable(article.pending_revision)
    except Refused as refused:
        return str(refused)
    if not Lease.objects.filter(name=LEASE_NAME, until__gt=Now()).exists():
        return _(
            "The background process is not running (manage.py work). "
            "The next page that anybody asks for brings them out."
        )
    return _("They come out in this moment.")
