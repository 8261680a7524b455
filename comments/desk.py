"""What waits for the moderators."""

from collections.abc import Iterator
from typing import cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from articles.models import User
from comments.flood_page import name_of
from comments.models import Comment
from comments.models.rules import MANAGE
from newsroom.desk import Line, Sheet, first
from newsroom.models import Site


def sheets(request: HttpRequest) -> Iterator[Sheet]:
    """Yield what waits for this user: comments, the oldest first."""
    user = cast("User", request.user)
    if not user.has_perm("comments.decide_comment"):
        return
    waiting = Comment.objects.decidable_by(user).waiting()
    number, rows = first(waiting.select_related("article").defer("article__body"))
    lines = [
        Line(
            Truncator(comment.text).chars(80),
            reverse("queue:comment", args=[comment.pk]),
            comment.article.language,
            comment.name,
            comment.created_at,
        )
        for comment in rows
    ]
    yield from _flood(request)
    yield Sheet(
        _("Comments that wait"),
        reverse("queue:list"),
        number,
        _("No comment waits for a decision."),
        lines,
    )


def _flood(request: HttpRequest) -> Iterator[Sheet]:
    """Yield the flood switch of the whole site while it is on; it was read with the site, and costs no query."""
    site = Site.of(request)
    if not site.flood_at(timezone.now()) or not request.user.has_perm(MANAGE):
        return
    what = Line(
        capfirst(name_of(site)),
        reverse("flood:switch"),
        beside=site.get_flood_mode_display(),
        at=site.flood_until,
    )
    yield Sheet(_("Flood switches that are on"), reverse("flood:switch"), 1, "", [what], True)
