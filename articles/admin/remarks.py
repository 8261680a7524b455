"""What colleagues say at the passages of an article: the page beside the text, and what the form tells of it."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from articles.admin.base import CLOSED
from articles.models import Article, Remark, Revision
from articles.models.remarks import MAX_OPEN
from articles.passages import Passage, passages, place_of
from newsroom.admin_site import keep
from newsroom.forms import PlainTextField
from newsroom.verbs import Refused

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite, ModelAdmin
else:
    ModelAdmin = object

MAX_TEXT = 2000
KINDS = {
    "headline": gettext_lazy("Headline"),
    "standfirst": gettext_lazy("Standfirst"),
    "paragraph": gettext_lazy("Paragraph"),
    "heading": gettext_lazy("Heading"),
    "figure": gettext_lazy("Picture"),
    "quote": gettext_lazy("Quotation"),
    "list": gettext_lazy("List"),
    "table": gettext_lazy("Table"),
    "code": gettext_lazy("Preformatted text"),
    "rule": gettext_lazy("Rule"),
}
# So many resolved ones are shown, the latest first; the others stay in the database.
MAX_RESOLVED = 100
# Each passage of a text has a form of its own up to this number; in a longer one a link opens it.
MAX_FORMS = 300


class RemarkForm(forms.Form):
    """A remark at a passage, or an answer to one."""

    text = PlainTextField(
        label=gettext_lazy("Remark"),
        max_length=MAX_TEXT,
        widget=forms.Textarea({"rows": 3}),
        error_messages={
            "required": gettext_lazy("Write something first."),
            "max_length": gettext_lazy(
                "Shorten the text to %(limit_value)d characters; it has %(show_value)d."
            ),
        },
    )
    block = forms.CharField(required=False, max_length=16)
    answers = forms.ModelChoiceField(Remark.objects.none(), required=False)

    def __init__(self, data: Any, *, article: Article) -> None:
        super().__init__(data, auto_id="id_sent_%s")
        self.fields["answers"].queryset = article.remarks.beginnings()

    @property
    def at(self) -> str:
        """Where it was written: the block, "" for the whole article, or the number of the remark that it answers."""
        return str(self["answers"].value() or self["block"].value() or "")

    @property
    def wrong(self) -> list[str]:
        """Everything that is wrong with it, a sentence each."""
        return [str(error) for errors in self.errors.values() for error in errors]


@dataclass
class Thread:
    """A remark and what was answered."""

    remark: Remark
    replies: list[Remark]


@dataclass
class Place:
    """A passage with what is said at it; without one, the whole article or what is no longer in the text."""

    key: str
    label: str
    passage: Passage | None = None
    open: list[Thread] = field(default_factory=list)
    resolved: list[Thread] = field(default_factory=list)

    @property
    def may_be_said(self) -> bool:
        """Return whether a remark can be made here."""
        return self.passage is not None or not self.key


GONE = "gone"


def places(article: Article, newest: Revision | None) -> list[Place]:
    """Return the passages of the newest text in reading order, each with its remarks; three queries.

    The whole article stands first. What was said at a passage that is gone stands last.
    """
    found = passages(newest) if newest else []
    rows = {"": Place("", _("The whole article"))}
    rows |= {passage.key: Place(passage.key, str(KINDS[passage.kind]), passage) for passage in found}
    gone = Place(GONE, _("No longer in the text"))
    for thread in threads(article):
        key = thread.remark.block
        place = rows[""] if not key else rows.get(place_of(key, thread.remark.quote, found) or GONE, gone)
        (place.resolved if thread.remark.resolved_at else place.open).append(thread)
    return [*rows.values(), *([gone] if gone.open or gone.resolved else [])]


def threads(article: Article) -> list[Thread]:
    """Return the remarks at an article with their answers, the oldest first."""
    beginnings = article.remarks.beginnings().select_related("created_by", "resolved_by")
    resolved = beginnings.exclude(resolved_at=None).order_by("-resolved_at", "-pk")[:MAX_RESOLVED]
    remarks = sorted([*beginnings.filter(resolved_at=None)[:MAX_OPEN], *resolved], key=lambda row: row.pk)
    replies: defaultdict[int, list[Remark]] = defaultdict(list)
    for reply in Remark.objects.filter(answers__in=remarks).select_related("created_by").order_by("pk"):
        replies[reply.answers_id].append(reply)
    return [Thread(remark, replies[remark.pk]) for remark in remarks]


def has_place(at: str, rows: list[Place]) -> bool:
    """Return whether a form written at a passage, or at a remark, can be shown there."""
    written_at = {row.key for row in rows if row.may_be_said}
    answered = {str(thread.remark.pk) for row in rows for thread in row.open}
    return at in written_at | answered


class RemarkPages(ModelAdmin):
    """The pages of `ArticleAdmin` where colleagues speak about passages."""

    admin_site: "AdminSite"

    def remark_urls(self) -> list[URLPattern]:
        """Return the addresses of these pages."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/remarks/", wrap(self.remarks_view), name="articles_article_remarks"),
            path(
                "<int:pk>/remarks/<int:remark>/resolve/",
                wrap(self.resolve_view),
                {"is_open": False},
                name="articles_article_resolve",
            ),
            path(
                "<int:pk>/remarks/<int:remark>/reopen/",
                wrap(self.resolve_view),
                {"is_open": True},
                name="articles_article_reopen",
            ),
        ]

    def remarks_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what colleagues say at the passages of the newest text, and take what somebody says or answers."""
        article = self.article_to_edit(request, pk)
        if isinstance(article, HttpResponse):
            return article
        form = RemarkForm(request.POST if request.method == "POST" else None, article=article)
        if form.is_bound and form.is_valid():
            try:
                remark = article.remark(by=request.user, **form.cleaned_data)
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                return HttpResponseRedirect(remark.get_absolute_url())
        around = self.surroundings(request, article)
        rows = places(article, around["newest"])
        if form.is_bound and not has_place(form.at, rows):
            # It was said at a passage that is gone, or in answer to what is resolved: nothing of it is lost.
            form.data = form.data.copy()
            form.data["block"] = form.data["answers"] = ""
        context = {
            **self.admin_site.each_context(request),
            **around,
            "title": _("Remarks"),
            "subtitle": str(article),
            "places": rows,
            "open_number": sum(len(row.open) for row in rows),
            "form": form,
            "at": form.at if form.is_bound else None,
            "wanted": request.GET.get("at", ""),
            "has_forms": len(rows) <= MAX_FORMS,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/articles/article/remarks.html", context)

    def article_to_edit(self, request: HttpRequest, pk: int) -> Article | HttpResponse:
        """Return the article that this user may edit; to somebody who may no longer, what he sent, kept.

        Raises Http404 for what he may not see, PermissionDenied for what he may not edit.
        """
        try:
            article = self.article(request, pk)
            if not article.is_editable_by(request.user):
                raise PermissionDenied
        except (Http404, PermissionDenied):
            if (fields := self.written_before(request, pk)) is None:
                raise
            return keep(request, fields, refused=CLOSED)
        return article

    @method_decorator(require_POST)
    def resolve_view(self, request: HttpRequest, pk: int, remark: int, is_open: bool) -> HttpResponse:
        """Resolve a remark, or open it again."""
        article = self.article(request, pk)
        if not article.is_editable_by(request.user):
            raise PermissionDenied
        found = get_object_or_404(article.remarks.beginnings(), pk=remark)
        try:
            if is_open:
                found.reopen(by=request.user)
            else:
                found.resolve(by=request.user)
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("The remark is open again.") if is_open else _("Resolved."))
        return HttpResponseRedirect(found.get_absolute_url())
