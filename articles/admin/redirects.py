"""Redirects in the admin: listed, added, imported from a file; beside them what readers miss."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from articles import redirects
from articles.admin.base import VerbAdmin, without_maxlength
from articles.models import MissedAddress, Path
from articles.templatetags.desk import when
from newsroom.verbs import Refused


class RedirectForm(forms.Form):
    """One address that leads to another."""

    old = forms.CharField(
        label=gettext_lazy("Old address"), help_text=gettext_lazy("A path of this site: /2019/old-page.html")
    )
    new = forms.CharField(
        label=gettext_lazy("Leads to"),
        help_text=gettext_lazy(
            "A path of this site, or https://…. Of an article: whatever its address will be."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        without_maxlength(self.fields.values())


class ImportForm(forms.Form):
    """Many at once, from a file or typed."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy(
            "CSV in UTF-8, a line for each: old address, new address. 5,000 lines at most."
        ),
    )
    lines = forms.CharField(
        label=gettext_lazy("Or type the lines"), required=False, widget=forms.Textarea({"rows": 12})
    )

    def clean(self) -> dict[str, Any]:
        """Take the file's text, or what was typed."""
        data = super().clean()
        file = data.get("file")
        if file:
            try:
                data["lines"] = file.read(redirects.MAX_FILE + 1).decode()
            except UnicodeDecodeError:
                self.add_error(
                    "file", _("This file is not in UTF-8: save it as CSV (UTF-8) and choose it again.")
                )
        elif not data.get("lines"):
            raise ValidationError(_("Choose a file, or type at least one line."))
        return data


@admin.register(Path)
class RedirectAdmin(VerbAdmin):
    """The addresses that editors let lead elsewhere."""

    verb_name = "redirect"
    change_list_template = "admin/articles/path/change_list.html"
    list_display = ("path", "leads_to", "made")
    list_display_links = None
    list_select_related = ("article",)
    search_fields = ("path",)
    search_help_text = gettext_lazy("The beginning of an old address.")
    ordering = ("-pk",)
    sortable_by = ()
    actions = ("remove",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return what editors gave; what comes from slugs follows its article."""
        return super().get_queryset(request).filter(is_given=True).defer("article__body")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple:
        """Find by the beginning, through the index."""
        term = search_term.replace("\0", "").strip()[: redirects.MAX_PATH]
        return (queryset.filter(path__startswith=term) if term else queryset), False

    def has_change_permission(self, request: HttpRequest, obj: Path | None = None) -> bool:
        """Said again, an address leads elsewhere; there is no form to change one."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add the import."""
        wrap = self.admin_site.admin_view
        return [path("import/", wrap(self.import_view), name="articles_path_import"), *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """Add one redirect."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = RedirectForm(request.POST if request.method == "POST" else None, initial=request.GET.dict())
        if form.is_bound and form.is_valid():
            try:
                redirects.add_redirect(form.cleaned_data["old"], form.cleaned_data["new"], by=request.user)
            except ValidationError as error:
                form.add_error(None, error.messages)
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, _("Saved."))
                return HttpResponseRedirect(reverse("admin:articles_path_changelist"))
        return self._page(request, _("Add a redirect"), form)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Add many; what is wrong comes back with its reasons, the rest is taken."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ImportForm(
            request.POST if request.method == "POST" else None,
            request.FILES if request.method == "POST" else None,
        )
        wrong: list[redirects.Wrong] = []
        if form.is_bound and form.is_valid():
            try:
                taken, wrong = redirects.import_redirects(form.cleaned_data["lines"], by=request.user)
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                if taken:
                    done = ngettext("%(n)s redirect saved.", "%(n)s redirects saved.", taken) % {"n": taken}
                    messages.success(request, done)
                if not wrong:
                    return HttpResponseRedirect(reverse("admin:articles_path_changelist"))
                form = ImportForm(initial={"lines": "\n".join(row.line for row in wrong)})
        return self._page(request, _("Import redirects"), form, wrong=wrong)

    def _page(self, request: HttpRequest, title: str, form: forms.Form, **more: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "form": form,
            **more,
        }
        return TemplateResponse(request, "admin/articles/path/form.html", context)

    @admin.action(description=gettext_lazy("Take away"), permissions=["delete"])
    def remove(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Take redirects away, each by the verb."""
        for row in queryset:
            redirects.remove_redirect(row, by=request.user)
        messages.success(request, _("Taken away."))

    def delete_model(self, request: HttpRequest, obj: Path) -> None:
        """Take one away by the verb."""
        redirects.remove_redirect(obj, by=request.user)

    @admin.display(description=gettext_lazy("leads to"))
    def leads_to(self, row: Path) -> SafeString:
        """Return the target, or the article by its headline."""
        if row.article is None:
            return format_html("{}", row.target)
        address = reverse("admin:articles_article_change", args=[row.article_id])
        return format_html('<a href="{}" lang="{}">{}</a>', address, row.article.language, row.article)

    @admin.display(description=gettext_lazy("made"))
    def made(self, row: Path) -> str:
        """Return when it was made, on the site's clocks."""
        return when(row.created_at)


@admin.register(MissedAddress)
class MissedAddressAdmin(VerbAdmin):
    """Addresses that readers asked for in vain, the most missed first."""

    verb_name = "missed_address"
    list_display = ("path", "count", "last", "redirect")
    list_display_links = None
    ordering = ("-count", "-last_at")
    sortable_by = ()
    actions = ("forget",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The way here begins at the redirects."""
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Readers miss them."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: MissedAddress | None = None) -> bool:
        """A count is not changed by hand."""
        return False

    @admin.action(description=gettext_lazy("Forget"), permissions=["delete"])
    def forget(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Take addresses from the list; they come back if readers do."""
        for row in queryset:
            self.delete_model(request, row)

    @admin.display(description=gettext_lazy("last"))
    def last(self, row: MissedAddress) -> str:
        """Return when somebody last asked for it, on the site's clocks."""
        return when(row.last_at)

    @admin.display(description=gettext_lazy("leads to"))
    def redirect(self, row: MissedAddress) -> SafeString:
        """Return the way to a redirect for it."""
        address = f"{reverse('admin:articles_path_add')}?{urlencode({'old': row.path})}"
        return format_html('<a href="{}">{}</a>', address, _("Add a redirect"))
