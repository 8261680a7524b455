"""What all admin classes of the newsroom share: verbs for every change, bounded lists, the newsroom's own log."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.models import User
from newsroom import pages
from newsroom.admin_site import sees_pages
from newsroom.models import LogEntry
from newsroom.pages.index import PurgeAct
from newsroom.verbs import Act, verb

# A list counts and pages this far and no further: counting a whole table costs as much as it is long.
MAX_LISTED = 2_000
# How many entries of the log stand at a thing, and how many uses of it are counted before it is deleted.
MAX_HISTORY = 200
MAX_USES = 100

# What a verb did to a thing, by its whole name or by what follows the dot; any other verb is told by its name.
DEEDS = {
    "add": gettext_lazy("added"),
    "approve": gettext_lazy("approved"),
    "banner.set": gettext_lazy("breaking news set"),
    "change": gettext_lazy("changed"),
    "comment.post": gettext_lazy("sent"),
    "comment.recount": gettext_lazy("comments counted anew"),
    "delete": gettext_lazy("deleted"),
    "desk": gettext_lazy("settings changed"),
    "discard": gettext_lazy("draft deleted"),
    "front.place": gettext_lazy("put on the front page"),
    "join": gettext_lazy("joined to another story"),
    "mistake.report": gettext_lazy("reported"),
    "mistake.settle": gettext_lazy("settled"),
    "note": gettext_lazy("note added"),
    "password": gettext_lazy("password changed"),
    "photo.renditions": gettext_lazy("small formats made"),
    "photo.replace": gettext_lazy("picture replaced"),
    "publish": gettext_lazy("published"),
    "reinstate": gettext_lazy("reinstated"),
    "reject": gettext_lazy("rejected"),
    "remove": gettext_lazy("removed"),
    "restore": gettext_lazy("restored"),
    "retry": gettext_lazy("tried again"),
    "save": gettext_lazy("saved"),
    "spam": gettext_lazy("marked as spam"),
    "stage": gettext_lazy("stage changed"),
    "start": gettext_lazy("begun"),
    "unpublish": gettext_lazy("unpublished"),
    "withdraw": gettext_lazy("withdrawn"),
}

# What a page with the editor needs beyond the site's policy; no other page gets it.
EDITOR_POLICY = {"script-src-attr": ["'unsafe-inline'"], "style-src": ["'unsafe-inline'"]}


class BoundedPaginator(Paginator):
    """Pages of the first rows of a list."""

    @cached_property
    def count(self) -> int:
        """The number of rows, as far as they are listed."""
        return self.object_list.order_by().values("pk")[:MAX_LISTED].count()


class ListAdmin(admin.ModelAdmin):
    """A list that costs the same however long the table is."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 50
    view_on_site = False

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """Show the list under the name of what it lists."""
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})


def without_maxlength(fields: Iterable[forms.Field]) -> None:
    """Leave `maxlength` out: browsers cut a longer text without a word, we say so and keep it."""
    for field in fields:
        field.widget.attrs.pop("maxlength", None)


class VerbAdmin(ListAdmin):
    """A model of which each change is a verb: one row in the log, the pages that show it purged."""

    # The verbs are named after it: "section.add", "section.change", "section.delete".
    verb_name = ""

    def page_keys(self, obj: models.Model) -> Iterable[str]:
        """Return the keys of the pages that show this thing."""
        return obj.page_keys() if hasattr(obj, "page_keys") else ()

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Return a form whose fields take too much and say so."""
        form = super().get_form(request, *args, **kwargs)
        without_maxlength(form.base_fields.values())
        return form

    def save_related(self, request: HttpRequest, form: Any, formsets: list, change: bool) -> None:
        """Save what hangs on the row (the row itself was saved in this transaction) as one verb."""
        with self.verb(request, "change" if change else "add", form.instance) as act:
            super().save_related(request, form, formsets, change)
            if change and not form.has_changed() and not any(formset.has_changed() for formset in formsets):
                act.nothing()

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        """Delete the row as a verb."""
        with self.verb(request, "delete", obj):
            # By query: the row in memory keeps its id, which the log names.
            type(obj)._default_manager.filter(pk=obj.pk).delete()

    @contextmanager
    def verb(self, request: HttpRequest, name: str, obj: models.Model) -> Iterator[Act]:
        """Run a verb on a row; the pages that showed it before or would show it now are purged."""
        with verb(f"{self.verb_name}.{name}", by=request.user, on=obj) as act:
            act.purge(*self.page_keys(obj))
            yield act
            act.purge(*self.page_keys(obj))

    def get_deleted_objects(self, objs: Iterable[models.Model], request: HttpRequest) -> tuple:
        """Say what still uses the things, by number: the list could be long and name others' drafts."""
        protected = [use for obj in objs for use in uses_of(obj)]
        if protected:
            return [], {}, set(), protected
        return super().get_deleted_objects(objs, request)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        """Show what the log says of this thing."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        entries = with_names(list(LogEntry.objects.about(obj)[:MAX_HISTORY]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of %(thing)s") % {"thing": obj},
            "opts": self.opts,
            "object": obj,
            "entries": with_acts(entries, request.user),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/history.html", context)

    # Django's own log would hold names and headlines; what happened stands in the newsroom's.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Leave Django's log empty."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Leave Django's log empty."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """Leave Django's log empty."""


def uses_of(obj: models.Model) -> list[str]:
    """Return what keeps a row from being deleted, one line per kind of use."""
    lines = []
    for relation in obj._meta.get_fields(include_hidden=True):
        if getattr(relation, "on_delete", None) is not models.PROTECT:
            continue
        model = relation.related_model
        count = (
            model._base_manager.filter(**{relation.field.name: obj.pk}).values("pk")[: MAX_USES + 1].count()
        )
        if count:
            number = _("more than %(number)s") % {"number": MAX_USES} if count > MAX_USES else count
            words = {"things": capfirst(model._meta.verbose_name_plural), "number": number}
            lines.append(_("%(things)s: %(number)s") % words)
    return lines


def with_names(entries: list[LogEntry]) -> list[LogEntry]:
    """Give log entries what was done as `deed`, and the name of who acted as `by`, in one query."""
    people = User.objects.in_bulk({entry.by_id for entry in entries if entry.by_id})
    for entry in entries:
        entry.deed = DEEDS.get(entry.verb) or DEEDS.get(entry.verb.partition(".")[2], entry.verb)
        entry.by = people.get(entry.by_id) or (_("somebody") if entry.by_id else _("the system"))
    return entries


def with_acts(entries: list[LogEntry], user: User) -> list[LogEntry]:
    """Give log entries, as `acts`, what they purged, where that is remembered and this user may see it."""
    sees_all = sees_pages(user)
    open_to_user = [entry.pk for entry in entries if sees_all or entry.by_id == user.pk]
    acts: dict[int, list[PurgeAct]] = {}
    with suppress(*pages.UNREADABLE):
        ledger = pages.store().ledger
        for act in ledger.acts_about(open_to_user) if ledger else ():
            if act.pages:
                acts.setdefault(act.about, []).append(act)
    for entry in entries:
        entry.acts = acts.get(entry.pk, [])
    return entries


def thing_of(entry: LogEntry) -> str | SafeString:
    """Return what a log entry speaks of, a link where it has a page; "" if it speaks of nothing."""
    if not entry.object_type:
        return ""
    try:
        kind = apps.get_model(entry.object_type)._meta.verbose_name
    except LookupError:  # of a release that had such things
        kind = entry.object_type.partition(".")[2]
    name = f"{capfirst(kind)} {entry.object_id or ''}".strip()
    try:
        address = reverse(f"admin:{entry.object_type.replace('.', '_')}_change", args=[entry.object_id])
    except NoReverseMatch:
        return name
    return format_html('<a href="{}">{}</a>', address, name)
