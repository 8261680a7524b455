"""Mistakes that readers report, in the admin: read, answered or closed."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.base import VerbAdmin
from articles.models import Article, MistakeReport
from articles.templatetags.desk import when
from newsroom.forms import PlainTextField
from newsroom.verbs import Refused

MAX_ANSWER = 3000


class AnswerForm(forms.Form):
    """What the reader is answered."""

    answer = PlainTextField(
        label=gettext_lazy("Answer"),
        required=False,
        max_length=MAX_ANSWER,
        widget=forms.Textarea({"rows": 6}),
    )

    def __init__(self, data: Any, *, language: str) -> None:
        super().__init__(data)
        self.fields["answer"].widget.attrs["lang"] = language

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
        reach = Article.objects.filter(request.user.reach_of("articles.change_mistakereport"))
        return super().get_queryset(request).filter(article__in=reach).defer("article__body")

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
        form = AnswerForm(request.POST if request.method == "POST" else None, language=report.language)
        if form.is_bound and form.is_valid():
            answer = form.cleaned_data["answer"] if "_answer" in request.POST else ""
            try:
                mailed = report.settle(by=request.user, answer=answer)
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, _("The answer is on its way.") if mailed else _("Closed."))
                return HttpResponseRedirect(reverse("admin:articles_mistakereport_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Reported mistake"),
            "opts": self.opts,
            "report": report,
            "article": report.article,
            "form": form,
            "is_open": report.state == MistakeReport.State.OPEN,
        }
        return TemplateResponse(request, "admin/articles/mistakereport/report.html", context)

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
