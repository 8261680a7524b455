"""The front page in the admin: the places that articles have, and the banner of breaking news."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import DateTimeField, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.base import VerbAdmin, without_maxlength
from articles.admin.forms import SiteDateTimeField
from articles.models import Article, FrontSlot
from articles.templatetags.desk import when
from newsroom.banner import ARRANGE, set_banner
from newsroom.dates import own_name
from newsroom.models import Banner, Site, SiteText


@admin.register(FrontSlot)
class FrontSlotAdmin(VerbAdmin):
    """Places on the front pages: moved and taken away here, given at the article."""

    verb_name = "front_slot"
    list_display = ("title", "kind", "position", "language", "since", "until", "stands")
    list_filter = ("kind",)
    list_select_related = ("article",)
    ordering = ("-pk",)
    sortable_by = ()
    actions = None
    fields = ("article", "kind", "position", "starts_at", "ends_at")
    readonly_fields = ("article",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the places of the articles that this user may arrange."""
        arranged = Article.objects.filter(request.user.reach_of(ARRANGE))
        return super().get_queryset(request).filter(article__in=arranged).defer("article__body")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the places to whoever arranges a front page."""
        return request.user.has_perm(ARRANGE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A place is given at the article."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: FrontSlot | None = None) -> bool:
        """Let whoever arranges that front page change and take away."""
        return request.user.may(ARRANGE, obj.article if obj else None)

    has_change_permission = has_delete_permission = has_view_permission

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Ask for times as everywhere: in one field, on the clocks that its label names."""
        if isinstance(db_field, DateTimeField):
            return SiteDateTimeField(
                zone=Site.of(request).zone,
                label=capfirst(db_field.verbose_name),
                required=not db_field.blank,
                help_text=db_field.help_text,
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=gettext_lazy("headline"))
    def title(self, slot: FrontSlot) -> SafeString:
        """Return the headline in its language."""
        return format_html('<span lang="{}">{}</span>', slot.article.language, slot.article)

    @admin.display(description=gettext_lazy("language"))
    def language(self, slot: FrontSlot) -> str:
        """Return which front page it is."""
        return slot.article.language

    @admin.display(description=gettext_lazy("from"))
    def since(self, slot: FrontSlot) -> str:
        """Return when it begins, on the site's clocks."""
        return when(slot.starts_at) or "–"

    @admin.display(description=gettext_lazy("until"))
    def until(self, slot: FrontSlot) -> str:
        """Return when it ends, on the site's clocks."""
        return when(slot.ends_at) or "–"

    @admin.display(description=gettext_lazy("readers see it"))
    def stands(self, slot: FrontSlot) -> str:
        """Return whether it stands there now."""
        return _("yes") if slot.is_open() and slot.article.is_visible() else _("no")


class BannerForm(forms.Form):
    """One language's banner."""

    banner = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=160,
        required=False,
        help_text=gettext_lazy("One sentence. Empty: no banner."),
    )
    banner_address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        required=False,
        validators=Banner._meta.get_field("banner_address").validators,
        help_text=Banner._meta.get_field("banner_address").help_text,
    )

    def __init__(self, data: Any, *, site: Site, words: SiteText) -> None:
        names = ("banner", "banner_address", "banner_from", "banner_until")
        super().__init__(data, initial={name: getattr(words, name) for name in names})
        zone = site.zone
        self.fields["banner_from"] = SiteDateTimeField(
            zone=zone, label=gettext_lazy("From"), required=False, help_text=gettext_lazy("Empty: at once.")
        )
        self.fields["banner_until"] = SiteDateTimeField(
            zone=zone,
            label=gettext_lazy("Until"),
            required=False,
            help_text=gettext_lazy("It goes by itself then."),
        )
        self.fields["banner"].widget.attrs["lang"] = words.language
        without_maxlength(self.fields.values())

    def clean(self) -> dict[str, Any]:
        """Ask for an end, behind the beginning."""
        data = super().clean()
        begins, ends = data.get("banner_from"), data.get("banner_until")
        if data.get("banner") and "banner_until" in data and not ends:
            self.add_error("banner_until", _("Say until when the banner stands."))
        if begins and ends and ends <= begins:
            self.add_error("banner_until", _("It would end before it begins."))
        return data


@admin.register(Banner)
class BannerAdmin(VerbAdmin):
    """Breaking news: one banner per language, set on one small page."""

    verb_name = "banner"

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the banner to whoever arranges a front page."""
        return request.user.has_perm(ARRANGE)

    def has_view_permission(self, request: HttpRequest, obj: Banner | None = None) -> bool:
        """Let whoever arranges a front page set its banner."""
        return self.has_module_permission(request)

    has_change_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Every language has one."""
        return False

    has_delete_permission = has_add_permission  # type: ignore[assignment]

    def _languages(self, request: HttpRequest) -> list[str]:
        return list(request.user.languages_with(ARRANGE, Site.of(request).languages))

    def get_urls(self) -> list[URLPattern]:
        """Give each language one page."""
        language = path(
            "<slug:language>/", self.admin_site.admin_view(self.banner_view), name="newsroom_banner_language"
        )
        changelist = [url for url in super().get_urls() if url.name == "newsroom_banner_changelist"]
        return [*changelist, language]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """Go to the banner of the first language that this user may set."""
        if not (languages := self._languages(request)):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:newsroom_banner_language", args=[languages[0]]))

    def banner_view(self, request: HttpRequest, language: str) -> HttpResponse:
        """Show the banner of a language, and set it."""
        if language not in self._languages(request):
            raise PermissionDenied
        site = Site.of(request)
        words = site.text_in(language)
        form = BannerForm(request.POST or None, site=site, words=words)
        take_away = "_take_away" in request.POST
        if take_away or (form.is_bound and form.is_valid()):
            given = {} if take_away else form.cleaned_data
            set_banner(
                site,
                language,
                by=request.user,
                text=given.get("banner", ""),
                address=given.get("banner_address", ""),
                begins=given.get("banner_from"),
                ends=given.get("banner_until"),
            )
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": capfirst(self.opts.verbose_name_plural),
            "opts": self.opts,
            "form": form,
            "words": words,
            "language": language,
            "languages": [(code, own_name(code)) for code in self._languages(request)],
        }
        return TemplateResponse(request, "admin/newsroom/banner/banner.html", context)
