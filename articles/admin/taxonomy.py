"""Sections, tags, authors, static pages and sources: one row per thing, its words per language below it."""

from collections.abc import Iterable
from typing import Any

from csp.decorators import csp_update
from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from taggit.admin import TagAdmin as _TaggitAdmin  # noqa: F401  (registers what is unregistered below)
from taggit.models import Tag as TaggitTag

from articles.admin.base import EDITOR_POLICY, VerbAdmin, without_maxlength
from articles.admin.forms import PhotoSelect, http_address
from articles.models import (
    Author,
    AuthorText,
    Page,
    PageText,
    Section,
    SectionText,
    Series,
    SeriesText,
    Source,
    Tag,
    TagText,
    User,
)
from newsroom.commenting import Mode
from newsroom.dates import own_name
from newsroom.models import Site

MAX_LANGUAGES = 60


def language_choices(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return language codes with their own names, as a select shows them."""
    return [(code, own_name(code)) for code in codes]


class PerLanguageInline(admin.TabularInline):
    """What a row has in each language: a row for every language of the site, the missing ones empty."""

    extra = 0
    view_on_site = False

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Offer the site's languages, and those that are there already."""
        codes = [*Site.of(request).languages, *(text.language for text in _texts(obj))]
        kwargs = {"extra": len(missing_languages(request, obj)), "max_num": MAX_LANGUAGES, **kwargs}
        formset = super().get_formset(request, obj, **kwargs)
        fields = formset.form.base_fields
        without_maxlength(fields.values())
        if "description" in fields:
            fields["description"].widget = forms.Textarea({"rows": 3})
        if "language" in formset.form.base_fields:
            formset.form.base_fields["language"] = forms.ChoiceField(
                label=gettext_lazy("Language"), choices=language_choices(dict.fromkeys(codes))
            )
        # In a table Django names the columns and no field.
        for field in fields.values():
            field.widget.attrs["aria-label"] = field.label
        return formset

    # The words belong to the thing: whoever may write it may write them.

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show the words to whoever may see the thing."""
        return self._thing_admin.has_view_or_change_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let whoever may write the thing write its words."""
        admin_of_thing = self._thing_admin
        return (
            admin_of_thing.has_change_permission(request, obj)
            if obj
            else admin_of_thing.has_add_permission(request)
        )

    has_change_permission = has_add_permission
    has_delete_permission = has_add_permission

    @property
    def _thing_admin(self) -> admin.ModelAdmin:
        return self.admin_site.get_model_admin(self.parent_model)


class PerLanguageAdmin(VerbAdmin):
    """A row with others per language below it."""

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """Write the missing languages into the empty rows; one in which nothing else is written is passed over."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, PerLanguageInline):
            kwargs["initial"] = [{"language": code} for code in missing_languages(request, obj)]
        return kwargs


def missing_languages(request: HttpRequest, obj: Any) -> list[str]:
    """Return the site's languages in which a thing has no words yet."""
    there = {text.language for text in _texts(obj)}
    return [code for code in Site.of(request).languages if code not in there]


def _texts(obj: Any) -> list[Any]:
    return list(obj.texts.all()) if obj and obj.pk else []


class WordsFormSet(BaseInlineFormSet):
    """A thing's words: at least in one language."""

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        """Name the tick that deletes a row, too."""
        super().add_fields(form, index)
        if delete := form.fields.get("DELETE"):
            delete.widget.attrs["aria-label"] = _("Delete")

    def clean(self) -> None:
        """Refuse a thing without any name."""
        super().clean()
        if any(self.errors):
            return
        kept = [form for form in self.forms if not self._should_delete_form(form)]
        if not any(form.cleaned_data.get("name") for form in kept):
            raise ValidationError(_("Give it a name in one language at least."))


class WordsInline(PerLanguageInline):
    """A thing's words."""

    formset = WordsFormSet
    fields = ("language", "name", "slug", "description")


class ThingAdmin(PerLanguageAdmin):
    """A thing with words per language."""

    list_display = ("name", "languages")
    search_help_text = gettext_lazy("The name in any language.")
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """Fetch the words with the things: names and languages come from them."""
        return super().get_queryset(request).prefetch_related("texts")

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet, search_term: str
    ) -> tuple[models.QuerySet, bool]:
        """Find a thing by the beginning of a name."""
        term = search_term.replace("\0", "").strip()[:100]
        if not term:
            return queryset, False
        words = self.model._meta.get_field("texts").related_model
        named = words.objects.filter(name__icontains=term).values(self.model._meta.model_name)
        return queryset.filter(pk__in=named), False

    @admin.display(description=gettext_lazy("name"))
    def name(self, thing: Any) -> str:
        """Return the first name that there is."""
        return str(thing)

    @admin.display(description=gettext_lazy("languages"))
    def languages(self, thing: Any) -> str:
        """Return the languages in which the thing has words."""
        return " · ".join(text.language for text in thing.texts.all())


class SectionWords(WordsInline):
    """A section's words."""

    model = SectionText


class SectionForm(forms.ModelForm):
    """A part of the paper, and what it says of comments where the site says otherwise."""

    class Meta:
        model = Section
        fields = ("position", "comments_mode", "comments_close_after")
        labels = {
            "comments_mode": gettext_lazy("Comments"),
            "comments_close_after": gettext_lazy("Comments close after"),
        }
        help_texts = {
            "comments_mode": gettext_lazy("An article may say otherwise."),
            "comments_close_after": gettext_lazy("Days after publication. Empty: as the site says."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if mode := self.fields.get("comments_mode"):
            mode.choices = [("", _("As the site says")), *Mode.choices]


@admin.register(Section)
class SectionAdmin(ThingAdmin):
    """The parts of the paper."""

    verb_name = "section"
    form = SectionForm
    list_display = ("name", "languages", "position")
    search_fields = ("texts__name",)
    inlines = (SectionWords,)

    def page_keys(self, obj: Section) -> list[str]:
        """Name what shows the section, and the front pages, where it has or gets a part of its own."""
        return [*obj.page_keys(), *(f"front-{text.language}" for text in obj.texts.order_by("pk"))]


# The tags app brings a list of its own, which we do not use.
admin.site.unregister(TaggitTag)


class TagWords(WordsInline):
    """A tag's words."""

    model = TagText


@admin.register(Tag)
class TagAdmin(ThingAdmin):
    """The subjects that articles share."""

    verb_name = "tag"
    search_fields = ("name",)
    fields = ("name",)
    inlines = (TagWords,)


class AuthorWords(WordsInline):
    """An author's words; the description is the biography."""

    model = AuthorText


@admin.register(Author)
class AuthorAdmin(ThingAdmin):
    """The names over articles."""

    verb_name = "author"
    search_fields = ("texts__name",)
    fields = ("user", "photo")
    inlines = (AuthorWords,)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer as user whoever works here."""
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(is_staff=True).order_by("username")
            kwargs["help_text"] = _("Whose name it is; articles that this person begins carry it at once.")
        if db_field.name == "photo":
            kwargs["widget"] = PhotoSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class SeriesWords(WordsInline):
    """A series' words."""

    model = SeriesText


@admin.register(Series)
class SeriesAdmin(ThingAdmin):
    """The articles that belong together over weeks."""

    verb_name = "series"
    search_fields = ("texts__name",)
    inlines = (SeriesWords,)


class PageWords(WordsInline):
    """A static page's words and text."""

    model = PageText
    template = "admin/edit_inline/stacked.html"
    fields = ("language", "name", "slug", "description", "body")


@admin.register(Page)
class PageAdmin(ThingAdmin):
    """Imprint, privacy, rules: the pages of the house."""

    verb_name = "page"
    list_display = ("name", "purpose", "languages")
    search_fields = ("texts__name",)
    inlines = (PageWords,)

    def page_keys(self, obj: Page) -> list[str]:
        """Name the page itself and every other: forms and feet of pages link here by purpose."""
        return [*obj.page_keys(), "site"]

    @method_decorator(csp_update(EDITOR_POLICY))
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show and save the page; its editor needs more than the site's policy."""
        return super().changeform_view(request, *args, **kwargs)


class SourceForm(forms.ModelForm):
    """A source, with an address that browsers may be sent to."""

    url = forms.URLField(
        label=gettext_lazy("Address"),
        required=False,
        max_length=500,
        assume_scheme="https",
        validators=[http_address],
    )

    class Meta:
        model = Source
        fields = ("kind", "name", "url", "remarks")


@admin.register(Source)
class SourceAdmin(VerbAdmin):
    """What texts rely on."""

    verb_name = "source"
    form = SourceForm
    list_display = ("name", "kind", "url")
    list_filter = ("kind",)
    search_fields = ("name", "url")
    sortable_by = ()
