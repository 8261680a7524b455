"""What the page cache keeps, and what each act purged: to look at, and nothing else."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from articles.admin.deeds import thing_of, with_names
from newsroom import pages
from newsroom.admin_site import sees_pages
from newsroom.models import LogEntry
from newsroom.pages.index import PurgeAct

log = logging.getLogger("newsroom.pages")

# How many acts the list has, and how many pages of each; an act's own page has all that are remembered.
LISTED = 50
PAGES_LISTED = 20
MEGABYTE = 1_000_000

NO_ANSWER = gettext_lazy(
    "The stored pages cannot be looked up now. Until they can, changes may be refused. "
    "Whoever runs the site finds the reason in its log."
)


@dataclass(frozen=True)
class Page:
    """A page that was purged."""

    address: str
    fresh_at: datetime | None


class Told:
    """An act as people read it."""

    def __init__(self, act: PurgeAct, entry: LogEntry | None, most: int) -> None:
        self.id, self.entry, self.keys = act.id, entry, act.keys
        self.at = moment(act.fenced_at)
        self.number = act.pages
        self.pages = [Page(without_host(page.address), moment(page.fresh_at)) for page in act.purged[:most]]
        self.more = act.pages - len(self.pages)
        self.fresh = sum(page.fresh_at is not None for page in act.purged)
        # The first thousandth counts too: nothing is fenced for no time.
        self.milliseconds = (
            None if act.freed_at is None else max(1, round(1000 * (act.freed_at - act.fenced_at)))
        )

    @property
    def thing(self) -> str | SafeString:
        """What was changed."""
        return thing_of(self.entry) if self.entry else ""

    @property
    def deed(self) -> str:
        """What was done."""
        return self.entry.deed if self.entry else _("purged by a command")


@require_safe
def latest(request: HttpRequest) -> HttpResponse:
    """Show how much the store holds, and what the latest acts purged."""
    if not sees_pages(request.user):
        raise PermissionDenied
    context: dict[str, Any] = {"title": _("Page cache"), "listed": LISTED}
    try:
        ledger = pages.store().ledger
        if ledger is not None:
            numbers, acts = ledger.numbers(), ledger.acts(LISTED)
            context |= {
                "numbers": numbers,
                "oldest": moment(numbers["oldest"]),
                "fenced": [(key, moment(at)) for key, at in numbers["fenced"]],
                "taken": numbers["bytes"] / MEGABYTE,
                "bound": settings.PAGES_MAX_BYTES / MEGABYTE,
                "acts": told(acts, PAGES_LISTED),
            }
    except pages.UNREADABLE as error:
        context["trouble"] = trouble(error)
    return answer(request, "admin/pages.html", context)


@require_safe
def act(request: HttpRequest, act: str) -> HttpResponse:
    """Show what one act purged: to whoever may see them all, and to whoever did it."""
    context: dict[str, Any] = {"title": _("What was purged")}
    try:
        ledger = pages.store().ledger
        found = ledger.act(act) if ledger else None
    except pages.UNREADABLE as error:
        return answer(request, "admin/pages_act.html", {**context, "trouble": trouble(error)})
    if found is None:
        raise Http404
    [one] = told([found])
    if not sees_pages(request.user) and not (one.entry and one.entry.by_id == request.user.pk):
        raise PermissionDenied
    return answer(request, "admin/pages_act.html", {**context, "act": one, "is_whole": True})


def told(acts: list[PurgeAct], most: int | None = None) -> list[Told]:
    """Return acts with what the log says of them, in two queries; `most` pages of each."""
    entries = LogEntry.objects.in_bulk({act.about for act in acts if act.about})
    with_names(list(entries.values()))
    return [Told(act, entries.get(act.about), most) for act in acts]


def answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Answer with a page of the admin."""
    around = {**admin.site.each_context(request), "sees_pages": sees_pages(request.user)}
    return TemplateResponse(request, template, {**around, **context})


def trouble(error: Exception) -> str:
    """Write down why the store cannot be asked, and return what people are told of it."""
    log.error("The page cache cannot be asked: %s", error)
    return NO_ANSWER


def moment(seconds: float | None) -> datetime | None:
    """Return a time of the store as Python has it."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def without_host(address: str) -> str:
    """Return the address of a page as people know it: the site's own host left out."""
    host = urlsplit(settings.BASE_URL).hostname or ""
    return address.removeprefix(host) if address.startswith(f"{host}/") else address
