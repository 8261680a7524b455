"""Tasks in the admin: a list of what is to be done, and a page for each."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from articles.admin.article_list import LanguageFilter
from articles.admin.base import VerbAdmin
from articles.admin.states import due_words
from articles.admin.verbs.assigning import AssignForm, assigned_words
from articles.models import Article, Task
from articles.templatetags.desk import when
from newsroom.dates import own_name
from newsroom.models import Site
from newsroom.verbs import Refused


class DoneFilter(admin.SimpleListFilter):
    """Open tasks, unless somebody asks for those that are done."""

    title = gettext_lazy("state")
    parameter_name = "done"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer what is done, and both."""
        return [("1", _("done")), ("all", _("open and done"))]

    def choices(self, changelist: Any) -> Any:
        """Call what stands there without a choice by its name."""
        for number, choice in enumerate(super().choices(changelist)):
            yield {**choice, "display": _("open")} if number == 0 else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Keep those."""
        match self.value():
            case "1":
                return queryset.filter(closed_at__isnull=False)
            case "all":
                return queryset
        return queryset.open()


class WhoseFilter(admin.SimpleListFilter):
    """Tasks of one's own, or of nobody."""

    title = gettext_lazy("for whom")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer one's own first."""
        return [("mine", pgettext("tasks", "mine")), ("nobody", _("nobody’s"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Keep those."""
        match self.value():
            case "mine":
                return queryset.filter(assignee=request.user)
            case "nobody":
                return queryset.filter(assignee=None)
        return queryset


class TaskLanguageFilter(LanguageFilter):
    """Tasks at articles of one language."""

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Keep those."""
        known = self.value() in dict(self.lookup_choices)
        return queryset.filter(article__language=self.value()) if known else queryset


@admin.register(Task)
class TaskAdmin(VerbAdmin):
    """Tasks at articles that the user may edit, the newest first; each is closed, opened again and assigned."""

    verb_name = "task"
    list_display = ("what", "headline", "origin", "for_whom", "due", "made")
    list_display_links = ("what",)
    list_filter = (WhoseFilter, DoneFilter, "kind", TaskLanguageFilter)
    ordering = ("-pk",)
    empty_value_display = ""
    sortable_by = ()
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the tasks at articles that this user may edit, with what the list shows."""
        rows = super().get_queryset(request).at_articles_of(request.user)
        return rows.select_related("article", "source", "note", "assignee", "closed_by", "created_by").defer(
            "article__body", "source__body"
        )

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the list to whoever edits articles."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Task | None = None) -> bool:
        """Let whoever edits the article see what is to be done at it."""
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Task | None = None) -> bool:
        """Let whoever edits the article do what is to be done at it."""
        if obj is None:
            return request.user.has_perm("articles.change_article") or request.user.has_perm(
                "articles.edit_others"
            )
        return obj.article.is_editable_by(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Tasks are made at the article."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Task | None = None) -> bool:
        """A task is closed, not deleted."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """Show a task; close it, open it again, give it to somebody."""
        task = self.get_object(request, object_id)
        if task is None:
            raise Http404
        if not self.has_change_permission(request, task):
            raise PermissionDenied
        site = Site.of(request)
        form = AssignForm(
            request.POST if request.method == "POST" and "_assign" in request.POST else None,
            user=request.user,
            thing=task,
            article=task.article,
            site=site,
        )
        if request.method == "POST" and (not form.is_bound or form.is_valid()):
            try:
                done = self.run(request, task, form)
            except Refused as refused:
                if not form.is_bound:
                    messages.error(request, str(refused))
                    return HttpResponseRedirect(request.path)
                form.add_error(None, str(refused))
            else:
                messages.success(request, done)
                return HttpResponseRedirect(
                    request.path if task.closed_at is None else reverse("admin:articles_task_changelist")
                )
        readable = Article.objects.readable_by(request.user)
        context = {
            **self.admin_site.each_context(request),
            "title": capfirst(task.get_kind_display()),
            "opts": self.opts,
            "task": task,
            "origin": self.origin(task),
            "source": task.source if task.source_id and readable.filter(pk=task.source_id).exists() else None,
            "assigned": assigned_words(task, site),
            "form": form,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/articles/task/task.html", context)

    def run(self, request: HttpRequest, task: Task, form: AssignForm) -> str:
        """Call the verb that was asked for, and return what was done."""
        if "_close" in request.POST:
            task.close(by=request.user)
            return _("Done.")
        if "_reopen" in request.POST:
            task.reopen(by=request.user)
            return _("The task is open again.")
        if not form.is_bound:
            raise Refused(_("Nothing was asked for: press one of the buttons."))
        task.assign(by=request.user, **form.wishes())
        return f"{assigned_words(task, Site.of(request)) or _('Assigned to nobody')}."

    @admin.display(description=gettext_lazy("what"))
    def what(self, task: Task) -> SafeString:
        """Return what is to be done, and how its text begins."""
        words = " ".join(task.text.split())
        beginning = f"{words[:80]}…" if len(words) > 80 else words
        kind = capfirst(task.get_kind_display())
        return format_html("{}: {}", kind, beginning) if beginning else format_html("{}", kind)

    @admin.display(description=gettext_lazy("article"))
    def headline(self, task: Task) -> SafeString:
        """Return where, in its language."""
        return format_html(
            '<a href="{}" lang="{}" dir="auto">{}</a> <span class="quiet">{}</span>',
            reverse("admin:articles_article_change", args=[task.article_id]),
            task.article.language,
            task.article,
            task.article.language,
        )

    @admin.display(description=gettext_lazy("from what"))
    def origin(self, task: Task) -> str:
        """Return what it comes from: a note, a withdrawal, another version."""
        what = ""
        if task.note_id:
            what = task.note.get_kind_display()
        elif task.withdrawal_id:
            what = _("withdrawn")
        language = own_name(task.source.language) if task.source_id else ""
        return ": ".join(filter(None, (language, what)))

    @admin.display(description=gettext_lazy("for whom"))
    def for_whom(self, task: Task) -> str:
        """Return who does it."""
        return task.assignee.shown_name if task.assignee else ""

    @admin.display(description=gettext_lazy("due"))
    def due(self, task: Task) -> str | SafeString:
        """Return until when; what is late says so, and what is done when it was."""
        if task.closed_at:
            who = task.closed_by.shown_name if task.closed_by else _("the system")
            return _("done by %(who)s, %(time)s") % {"who": who, "time": when(task.closed_at)}
        return due_words(task.due_at, timezone.get_current_timezone())

    @admin.display(description=gettext_lazy("made"))
    def made(self, task: Task) -> str:
        """Return when it was made."""
        return when(task.created_at)
