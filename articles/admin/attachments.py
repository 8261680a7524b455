"""The library of documents: upload, where each is linked, the editor's choice, and the address that texts link."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import FileExtensionValidator
from django.db import IntegrityError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from articles.admin.base import VerbAdmin
from articles.attachments import (
    BadDocument,
    Document,
    articles_with,
    delete_attachment,
    find_attachment,
    handed_over,
    is_in_use,
    place,
    read_document,
)
from articles.editor import ATTACHMENT_HREF
from articles.models import Article, Attachment, PageText, User
from articles.photos import files_removed_on_failure
from articles.templatetags.desk import when
from newsroom.verbs import Refused

CHOICES = 12
MAX_QUERY = 500
SHOWN_USES = 50


class AttachmentForm(forms.ModelForm):
    """A document's title; the file itself is given once."""

    upload = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput({"accept": "application/pdf,.pdf"}),
        validators=[FileExtensionValidator(["pdf"])],
    )
    # What became of the file of this request.
    read: Document | None = None

    class Meta:
        model = Attachment
        fields = ("title",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        help_text = _("For the newsroom, to find it by; readers see the words of the link.")
        if self.instance.pk:
            self.fields.pop("upload", None)
        else:
            self.fields["title"].required = False
            help_text += " " + _("Empty: the name of the file.")
            self.fields["upload"].help_text = _(
                "A PDF, up to %(limit)s MB. Readers can only download it, and only while an article that they may "
                "read links it. What the file tells of its author and its past stays in it."
            ) % {"limit": settings.DOCUMENT_MAX_BYTES // 1_000_000}
        # Who may only look at it has no field.
        if "title" in self.fields:
            self.fields["title"].help_text = help_text

    def clean_upload(self) -> Any:
        """Say what is wrong with the file, or where it stands already."""
        file = self.cleaned_data["upload"]
        try:
            self.read = read_document(file, file.name)
        except BadDocument as error:
            raise ValidationError(str(error)) from error
        if known := find_attachment(self.read):
            address = reverse("admin:articles_attachment_change", args=[known.pk])
            link = format_html('<a href="{}">{}</a>', address, known)
            raise ValidationError(format_html("{} {}", _("This file is in the library already:"), link))
        return file

    def clean(self) -> dict[str, Any]:
        """Name a document without a title by its file."""
        data = super().clean()
        if self.read and not data.get("title") and "title" not in self.errors:
            data["title"] = self.cleaned_data["upload"].name[:-4][:200]
        return data


@admin.register(Attachment)
class AttachmentAdmin(VerbAdmin):
    """The library of documents."""

    verb_name = "attachment"
    form = AttachmentForm
    list_display = ("title", "size_", "uploaded_by", "uploaded")
    list_select_related = ("uploaded_by",)
    search_fields = ("title",)
    search_help_text = gettext_lazy("Words of the title or of the name of the file.")
    sortable_by = ()
    readonly_fields = ("file_",)

    class Media:
        css = {"all": ["css/admin-photos.css"]}

    def get_fields(self, request: HttpRequest, obj: Attachment | None = None) -> tuple[str, ...]:
        """Begin with the file: to be chosen, or to be had."""
        return ("file_", "title") if obj else ("upload", "title")

    def get_form(self, request: HttpRequest, obj: Attachment | None = None, **kwargs: Any) -> Any:
        """Ask for the file of a new one."""
        kwargs["fields"] = ("title",) if obj else ("upload", "title")
        return super().get_form(request, obj, **kwargs)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Find documents by title and name."""
        return found(queryset, search_term), False

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        """Leave no file behind where the row could not be saved."""
        if request.method != "POST":
            return super().changeform_view(request, object_id, *args, **kwargs)
        changeform_view = super().changeform_view

        def save() -> Any:
            with files_removed_on_failure() as request.document_files:
                return changeform_view(request, object_id, *args, **kwargs)

        try:
            return save()
        except IntegrityError:
            # Save was pressed twice and the same file came twice at once: this time the form finds the first.
            return save()

    def save_model(self, request: HttpRequest, obj: Attachment, form: AttachmentForm, change: bool) -> None:
        """Store the file of a new document with its row."""
        if change:
            obj.save(update_fields=["title"])
        else:
            obj.uploaded_by = request.user
            place(form.read, obj, request.document_files)

    # What links it

    def render_change_form(
        self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show below a document where it is linked."""
        if attachment := kwargs.get("obj"):
            context["uses"] = self.uses(request.user, attachment)
        return super().render_change_form(request, context, *args, **kwargs)

    def uses(self, user: User, attachment: Attachment) -> dict[str, Any]:
        """Return what links a document: articles that a user may read, how many others, and pages."""
        ids = articles_with(attachment)
        readable = Article.objects.filter(pk__in=ids).readable_by(user)
        named = list(readable.select_related("section").defer("body").order_by("-pk")[:SHOWN_USES])
        pages = PageText.objects.filter(body__contains=attachment.editor_address)
        names = list(pages.values_list("name", flat=True)[:SHOWN_USES])
        return {
            "articles": named,
            "others": len(ids) - len(named),
            "names": dict.fromkeys(names),
            "is_none": not ids and not names,
        }

    # Deletion: never while something links it

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple:
        """Say that a text links the document."""
        deleted, counts, _missing, protected = super().get_deleted_objects(objs, request)
        if any(is_in_use(attachment) for attachment in objs):
            protected = [*protected, _("The text of an article, of an older revision or of a page")]
        return deleted, counts, set(), protected

    def delete_model(self, request: HttpRequest, obj: Attachment) -> None:
        """Delete the document with its file."""
        try:
            delete_attachment(obj, by=request.user)
        except Refused as refused:
            raise PermissionDenied from refused

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Delete several, each as a verb."""
        for attachment in queryset:
            self.delete_model(request, attachment)

    # Columns

    @admin.display(description=gettext_lazy("size"))
    def size_(self, attachment: Attachment) -> str:
        """Return the size of its file."""
        return filesizeformat(attachment.size)

    @admin.display(description=gettext_lazy("uploaded"))
    def uploaded(self, attachment: Attachment) -> str:
        """Return when it came, on the site's clocks."""
        return when(attachment.uploaded_at)

    @admin.display(description=gettext_lazy("file"))
    def file_(self, attachment: Attachment) -> str:
        """Let staff have the file."""
        return format_html(
            '<a href="{}">{}</a> ({})',
            attachment.editor_address,
            attachment.name,
            filesizeformat(attachment.size),
        )

    # Addresses of the editor

    def get_urls(self) -> list[URLPattern]:
        """Add the file of a document and the editor's choice of documents."""
        wrap = self.admin_site.admin_view
        return [
            path("choose/", wrap(require_safe(self.choose_view)), name="articles_attachment_choose"),
            path("<uuid:uid>/file/", wrap(require_safe(self.file_view)), name="articles_attachment_file"),
            *super().get_urls(),
        ]

    def file_view(self, request: HttpRequest, uid: UUID) -> HttpResponseBase:
        """Hand a document to whoever may see the library."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        response = handed_over(request, get_object_or_404(Attachment, uid=uid))
        response.headers["Cache-Control"] = "no-store"
        return response

    def choose_view(self, request: HttpRequest) -> HttpResponse:
        """List documents for the editor, newest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = found(Attachment.objects.all(), request.GET.get("q", "")).order_by("-pk")[:CHOICES]
        documents = [
            {
                "address": row.editor_address,
                "title": row.title,
                "about": f"{row.name} · {filesizeformat(row.size)} · {when(row.uploaded_at)}",
                "is_open": True,
            }
            for row in rows
        ]
        response = JsonResponse({"rows": documents})
        response.headers["Cache-Control"] = "no-store"
        return response


def found(documents: QuerySet, query: str) -> QuerySet:
    """Return the documents of which title or name hold every word of a query, or that it names by its address."""
    query = query.replace("\0", "")[:MAX_QUERY]
    if named := ATTACHMENT_HREF.fullmatch(query):
        return documents.filter(uid=named[1])
    for word in query.split():
        documents = documents.filter(Q(title__icontains=word) | Q(name__icontains=word))
    return documents
