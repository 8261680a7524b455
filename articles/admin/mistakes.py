"""Mistakes that readers report, in the admin: read, answered or closed."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.base import VerbAdmin
from articles.admin.verbs import AddNote
from articles.admin.verbs.notes import with_tasks
from articles.models import Article, MistakeReport, User
from articles.templatetags.desk import when
from newsroom.forms import PlainTextField
from newsroom.verbs import Refused

MAX_ANSWER = 3000
MAX_CORRECTION = 5000


class AnswerForm(forms.Form):
    """What readers are told at the article, and what the one who wrote is answered."""

    text = PlainTextField(
        label=gettext_lazy("Correction"),
        required=False,
        max_length=MAX_CORRECTION,
        widget=forms.Textarea({"rows": 6}),
        help_text=gettext_lazy(
            "So it stands at the article. These are the reader’s words: make them the newsroom’s own."
        ),
    )
    answer = PlainTextField(
        label=gettext_lazy("Answer"),
        required=False,
        max_length=MAX_ANSWER,
        widget=forms.Textarea({"rows": 6}),
    )

    def __init__(self, data: Any, *, report: MistakeReport) -> None:
        super().__init__(data, initial={"text": report.text})
        for field in self.fields.values():
            field.widget.attrs["lang"] = report.language

    def clean_text(self) -> str:
        """Ask for the words where a correction is to be published."""
        if "_correct" in self.data and not self.cleaned_data["text"]:
            raise ValidationError(_("Write the correction, or close the report without one."))
        return self.cleaned_data["text"]

    def clean_answer(self) -> str:
        """Ask for the words where an answer is to be sent."""
        if "_answer" in self.data and not self.cleaned_data["answer"]:
            raise ValidationError(_("Write the answer, or close the report without one."))
        return self.cleaned_data["answer"]


@admin.register(MistakeReport)
class MistakeReportAdmin(VerbAdmin):
    """Reports, the newest first; each is settled by an answer or without one."""

    verb_name = "mistake"
    list_display = ("beginning", "headline", "language", "state", "sent")
    list_filter = ("state", "language")
    list_select_related = ("article",)
    ordering = ("-pk",)
    sortable_by = ()
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the reports at articles that this user looks after."""
        return within_reach(super().get_queryset(request), request.user).defer("article__body")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Readers report."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: MistakeReport | None = None) -> bool:
        """A report is settled, not deleted."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """Show a report, and settle it."""
        report = self.get_object(request, object_id)
        if report is None:
            raise Http404
        if not self.has_change_permission(request, report):
            raise PermissionDenied
        may_correct = AddNote.is_allowed(request.user, report.article)
        form = AnswerForm(request.POST if request.method == "POST" else None, report=report)
        if "_correct" in request.POST and not may_correct:
            raise PermissionDenied
        if form.is_bound and form.is_valid():
            try:
                done = self._settle(request, report, form.cleaned_data)
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, done)
                return HttpResponseRedirect(reverse("admin:articles_mistakereport_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Reported mistake"),
            "opts": self.opts,
            "report": report,
            "article": report.article,
            "form": form,
            "is_open": report.state == MistakeReport.State.OPEN,
            "may_correct": may_correct,
            "is_visible": report.article.is_visible(),
        }
        return TemplateResponse(request, "admin/articles/mistakereport/report.html", context)

    @staticmethod
    def _settle(request: HttpRequest, report: MistakeReport, data: dict[str, Any]) -> str:
        """Do what the pressed button says, and say what was done."""
        if "_correct" in request.POST:
            note = report.correct(by=request.user, text=data["text"], answer=data["answer"])
            done = _("The correction stands at the article, and the report is closed.")
            return with_tasks(done, note.tasks.all(), request.user)
        answer = data["answer"] if "_answer" in request.POST else ""
        mailed = report.settle(by=request.user, answer=answer)
        return _("The answer is on its way.") if mailed else _("Closed.")

    @admin.display(description=gettext_lazy("what is wrong"))
    def beginning(self, report: MistakeReport) -> SafeString:
        """Return how the report begins."""
        return format_html('<span lang="{}">{}</span>', report.language, report.text[:120])

    @admin.display(description=gettext_lazy("article"))
    def headline(self, report: MistakeReport) -> SafeString:
        """Return the headline in its language."""
        return format_html('<span lang="{}">{}</span>', report.language, report.article)

    @admin.display(description=gettext_lazy("sent"))
    def sent(self, report: MistakeReport) -> str:
        """Return when it came, on the site's clocks."""
        return when(report.created_at)


def within_reach(reports: QuerySet, user: User) -> QuerySet:
    """Return the reports at articles that a user settles them at: from the reports on, which are few."""
    reach = Article.objects.filter(user.reach_of("articles.change_mistakereport"))
    return reports.filter(Exists(reach.filter(pk=OuterRef("article"))))
