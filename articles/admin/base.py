"""What all admin classes of the newsroom share: verbs for every change, and bounded lists."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.deeds import with_acts, with_names
from newsroom.models import LogEntry
from newsroom.verbs import Act, verb

# A list counts and pages this far and no further: counting a whole table costs as much as it is long.
MAX_LISTED = 2_000
# How many entries of the log stand at a thing, and how many uses of it are counted before it is deleted.
MAX_HISTORY = 200
MAX_USES = 100


# What somebody is told whose article went out of his reach while he wrote.
CLOSED = gettext_lazy(
    "You may not change this article any more: it was moved, or your role has changed. Nothing was saved, and all that "
    "you wrote is still on this page. Copy what you need, or have the article given back to you and press “Save now”."
)

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
        """Show the list under the name of what it lists.

        SQLite refuses to look for a number that no row can have: it is led to the list as any other odd address is.
        """
        title = capfirst(self.opts.verbose_name_plural)
        try:
            return super().changelist_view(request, {"title": title, **(extra_context or {})})
        except OverflowError:
            return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")


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
