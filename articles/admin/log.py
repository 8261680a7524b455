"""The log of every act, to read only."""

import json
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from articles.admin.base import ListAdmin
from articles.admin.deeds import thing_of, with_names
from articles.templatetags.desk import when
from newsroom.models import LogEntry

MAX_QUERY = 100
# A verb is looked for in this many of the newest entries.
NEWEST = 50_000


class LogList(ChangeList):
    """The log, with the names of those who acted in one query."""

    def get_results(self, request: HttpRequest) -> None:
        """Add the names."""
        super().get_results(request)
        self.result_list = with_names(list(self.result_list))


@admin.register(LogEntry)
class LogEntryAdmin(ListAdmin):
    """What was done, by whom, to what."""

    list_display = ("time", "verb", "by", "thing", "told")
    list_display_links = None
    search_fields = ("verb",)
    search_help_text = gettext_lazy("A verb such as article.publish, or a thing and its number: article 42.")
    ordering = ("-pk",)
    sortable_by = ()
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody writes into the log by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: LogEntry | None = None) -> bool:
        """Nobody changes the log."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LogEntry | None = None) -> bool:
        """Nobody deletes from the log."""
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Use our list."""
        return LogList

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple:
        """Find a verb by its beginning among the newest entries, or a thing by kind and number."""
        words = search_term.replace("\0", "")[:MAX_QUERY].split()
        if len(words) > 1 and words[-1].isascii() and words[-1].isdigit():
            kinds = _labels(" ".join(words[:-1]).lower())
            return queryset.filter(object_type__in=kinds, object_id=words[-1]), False
        if not words:
            return queryset, False
        newest = LogEntry.objects.aggregate(last=Max("pk"))["last"] or 0
        return queryset.filter(pk__gt=newest - NEWEST, verb__startswith=words[0]), False

    @admin.display(description=gettext_lazy("when"))
    def time(self, entry: LogEntry) -> str:
        """Return the time on the site's clocks."""
        return when(entry.at)

    @admin.display(description=gettext_lazy("who"))
    def by(self, entry: LogEntry) -> str:
        """Return the name of who acted."""
        return str(entry.by)

    @admin.display(description=gettext_lazy("what"))
    def thing(self, entry: LogEntry) -> str | SafeString:
        """Return the thing, a link where it has a page."""
        return thing_of(entry) or "–"

    @admin.display(description=gettext_lazy("details"))
    def told(self, entry: LogEntry) -> str:
        """Return the details as they stand."""
        return json.dumps(entry.details, ensure_ascii=False) if entry.details else ""


def _labels(kind: str) -> list[str]:
    """Return the labels of what is called so, in the interface's language or by its model."""
    every = [model._meta for model in apps.get_models()]
    return [meta.label_lower for meta in every if kind in (meta.model_name, str(meta.verbose_name).lower())]
