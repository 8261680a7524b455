"""Where an article stands, in words and by the name of a colour."""

from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from babel import dates
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from articles.models import Article
from newsroom.dates import format_time, locale_of, zone_name


class Standing(NamedTuple):
    """An article's state as a person reads it; `colour` is the last part of a class in admin.css."""

    colour: str
    words: str


def standing(article: Article, zone: tzinfo, *, newer_draft: bool | None = None) -> Standing:
    """Say where an article stands.

    `newer_draft` tells whether editors are ahead of readers; without it, that costs a query.
    """

    def newer() -> bool:
        return article.has_newer_draft() if newer_draft is None else newer_draft

    match article.state:
        case Article.State.WITHDRAWN:
            return Standing("withdrawn", _("Withdrawn"))
        case Article.State.UNPUBLISHED:
            return Standing("unpublished", _("Unpublished"))
        case Article.State.SCHEDULED:
            due = max(filter(None, (article.published_at, article.embargo_until)))
            words = _("Scheduled for %(time)s, with newer draft") if newer() else _("Scheduled for %(time)s")
            return Standing("scheduled", words % {"time": short_time(due, zone)})
        case Article.State.LIVE if article.pending_at:
            words = _("Live, changes go out %(time)s") % {"time": short_time(article.pending_at, zone)}
            return Standing("newer", words)
        case Article.State.LIVE:
            return Standing("newer", _("Live with newer draft")) if newer() else Standing("live", _("Live"))
        case _ if article.stage == Article.Stage.READY:
            return Standing("ready", _("Ready"))
        case _:
            return Standing("draft", _("Draft"))


def due_words(due_at: datetime | None, zone: tzinfo) -> str | SafeString:
    """Return until when something is to be done; what is late says so, in words and colour."""
    if due_at is None:
        return ""
    time = short_time(due_at, zone)
    if due_at > timezone.now():
        return time
    return format_html('<span class="late">{}</span>', _("late: %(time)s") % {"time": time})


def due_sentence(due_at: datetime | None, zone: tzinfo) -> str | SafeString:
    """Return the same where no heading says what the time is: "due Thu 06:00 CEST"."""
    words = due_words(due_at, zone)
    return _("due %(time)s") % {"time": words} if due_at and due_at > timezone.now() else words


def embargo_words(article: Article, zone: tzinfo) -> str:
    """Return until when nothing publishes an article, "" without an embargo or once it is over."""
    until = article.embargo_until
    return short_time(until, zone) if until and until > timezone.now() else ""


def short_time(moment: datetime, zone: tzinfo) -> str:
    """Return a time as short as it stays clear: "Thu 06:00 CEST" within a week, with its date beyond."""
    language = (get_language() or "en").lower()
    local = moment.astimezone(zone)
    pattern = "EEE"
    if abs(moment - timezone.now()) > timedelta(days=6):
        pattern = "yMMMd" if local.year != timezone.now().astimezone(zone).year else "MMMEd"
    locale = locale_of(language)
    day = (
        dates.format_skeleton(pattern, local, locale=locale)
        if len(pattern) > 3
        else dates.format_date(local, pattern, locale=locale)
    )
    return f"{day} {format_time(moment, language, zone)} {zone_name(moment, language, zone)}"
