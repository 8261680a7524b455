"""The site's settings: one form, no list."""

import hashlib
from io import BytesIO
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf.locale import LANG_INFO
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from articles.admin.taxonomy import PerLanguageAdmin, PerLanguageInline, language_choices
from articles.images import BadPicture, read_picture
from articles.models import Article
from newsroom.colours import LIGHT_PAPER, contrast, readable_on
from newsroom.dates import own_name
from newsroom.models import Site, SiteText, validate_colour

# WCAG 2.2, 1.4.3: what text needs on what it stands on.
LEAST_CONTRAST = 4.5
LOGO_SIZE = (1200, 400)
ICON_SIDE = 512
LEAST_ICON_SIDE = 48


def as_png(upload: UploadedFile, size: tuple[int, int], name: str) -> ContentFile:
    """Return an uploaded picture decoded, made no larger than `size` and encoded anew.

    Its name is a digest of its content: another picture has another address. Raises ValidationError.
    """
    try:
        image = read_picture(upload).image
    except BadPicture as error:
        raise forms.ValidationError(str(error)) from error
    image.thumbnail(size)
    buffer = BytesIO()
    image.save(buffer, "png", optimize=True)
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()[:24]
    return ContentFile(buffer.getvalue(), name=f"{name}-{digest}.png")


def time_zones() -> list[Any]:
    """Return the zones of the tz database by continent."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for zone in sorted(available_timezones()):
        area, _slash, city = zone.partition("/")
        if city and area not in ("Etc", "SystemV", "posix", "right"):
            groups.setdefault(area, []).append((zone, city.replace("_", " ")))
    return [("UTC", "UTC"), *groups.items()]


class SiteForm(forms.ModelForm):
    """The site's settings."""

    default_language = forms.ChoiceField(
        label=gettext_lazy("First language"),
        help_text=gettext_lazy("For readers whose browsers ask for none of yours."),
    )
    more_languages = forms.MultipleChoiceField(
        label=gettext_lazy("Further languages"),
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "languages"}),
        help_text=gettext_lazy(
            "Each gets its own front page, sections and feeds. Buttons and dates are translated into "
            "English, German and French; in other languages they are English."
        ),
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy(
            "Readers see dates in this zone, and addresses are made from it. Old addresses stay."
        ),
    )

    class Meta:
        model = Site
        fields = (
            "name",
            "publisher",
            "contact_email",
            "contact_address",
            "colour",
            "logo",
            "icon",
            "time_zone",
            "comments_mode",
            "comments_close_after",
            "comments_need_email",
        )
        widgets = {
            "colour": forms.TextInput({"type": "color"}),
            "contact_address": forms.Textarea({"rows": 3}),
        }
        help_texts = {
            "colour": gettext_lazy("Kickers and links; dark enough to be read on paper."),
            "logo": gettext_lazy("JPEG, PNG, WebP or AVIF. It stands where the name would; empty: the name."),
            "icon": gettext_lazy("Square, at least 48 pixels wide. Browsers show it beside the title."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "default_language" not in self.fields:
            return  # only shown, not edited
        codes = dict.fromkeys([*self.instance.languages, *sorted(map(str.lower, LANG_INFO), key=own_name)])
        choices = language_choices(code for code in codes if "fallback" not in LANG_INFO.get(code, {}))
        self.fields["default_language"].choices = choices
        self.fields["more_languages"].choices = choices
        self.fields["time_zone"].choices = time_zones()
        self.initial["default_language"] = self.instance.languages[0]
        self.initial["more_languages"] = self.instance.languages[1:]

    def clean_colour(self) -> str:
        """Refuse a colour that cannot be read on paper."""
        colour = self.cleaned_data["colour"].lower()
        validate_colour(colour)
        ratio = contrast(colour, LIGHT_PAPER)
        if ratio < LEAST_CONTRAST:
            raise forms.ValidationError(
                _(
                    "Text in this colour is hard to read on paper: its contrast is %(ratio)s:1, and it takes "
                    "%(least)s:1. %(better)s would do."
                )
                % {
                    "ratio": number_format(ratio, 1),
                    "least": number_format(LEAST_CONTRAST, 1),
                    "better": readable_on(LIGHT_PAPER, colour),
                }
            )
        return colour

    def clean_logo(self) -> Any:
        """Decode an uploaded logo and encode it anew."""
        logo = self.cleaned_data["logo"]
        return as_png(logo, LOGO_SIZE, "logo") if isinstance(logo, UploadedFile) else logo

    def clean_icon(self) -> Any:
        """Decode an uploaded icon and encode it anew; refuse one that is not square."""
        icon = self.cleaned_data["icon"]
        if not isinstance(icon, UploadedFile):
            return icon
        try:
            width, height = read_picture(icon).image.size
        except BadPicture as error:
            raise forms.ValidationError(str(error)) from error
        if width != height or width < LEAST_ICON_SIDE:
            raise forms.ValidationError(
                _(
                    "This picture is %(width)s × %(height)s pixels. An icon is square, at least %(least)s wide."
                )
                % {"width": width, "height": height, "least": LEAST_ICON_SIDE}
            )
        icon.seek(0)
        return as_png(icon, (ICON_SIDE, ICON_SIDE), "icon")

    def clean(self) -> dict[str, Any]:
        """Put the languages in order, the first one first; refuse to drop one that readers read."""
        data = super().clean()
        if "default_language" not in data or "more_languages" not in data:
            return data
        before = self.instance.languages
        wanted = dict.fromkeys([data["default_language"], *data["more_languages"]])
        if "default_language" in self.changed_data and "more_languages" not in self.changed_data:
            # Another first language, nothing else said: the former one stays among the further ones.
            wanted[before[0]] = None
        kept = [code for code in before if code in wanted and code != data["default_language"]]
        new = [code for code in wanted if code not in before and code != data["default_language"]]
        for code in before:
            if code in wanted:
                continue
            out = Article.objects.filter(language=code, published_at__isnull=False, withdrawn_at=None)
            if number := out.values("pk")[:1001].count():
                words = {"number": min(number, 1000), "language": own_name(code)}
                many = _(
                    "More than %(number)s articles in %(language)s are published or scheduled: "
                    "unpublish them first."
                )
                few = ngettext(
                    "%(number)s article in %(language)s is published or scheduled: unpublish it first.",
                    "%(number)s articles in %(language)s are published or scheduled: unpublish them first.",
                    number,
                )
                self.add_error("more_languages", (many if number > 1000 else few) % words)
        if not self.errors:
            self.instance.languages = [data["default_language"], *kept, *new]
        return data


class SiteTextInline(PerLanguageInline):
    """The site's words and menus in each language."""

    model = SiteText
    template = "admin/edit_inline/stacked.html"
    fields = ("language", "name", "tagline", "description", "main_menu", "foot_menu")
    formfield_overrides = {models.TextField: {"widget": forms.Textarea({"rows": 4})}}


@admin.register(Site)
class SiteAdmin(PerLanguageAdmin):
    """The one site."""

    verb_name = "site"
    form = SiteForm
    fieldsets = (
        (None, {"fields": ("name", "publisher", "contact_email", "contact_address")}),
        (gettext_lazy("Languages and time"), {"fields": ("default_language", "more_languages", "time_zone")}),
        (
            gettext_lazy("Comments"),
            {"fields": ("comments_mode", "comments_close_after", "comments_need_email")},
        ),
        (gettext_lazy("Look"), {"fields": ("colour", "logo", "icon")}),
    )
    inlines = (SiteTextInline,)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Site | None:
        """Return the settings, the defaults before anybody has set them."""
        return Site.current() if object_id == "1" else None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one site."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Site | None = None) -> bool:
        """There is always one site."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """Go straight to the form."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:newsroom_site_change", args=[1]))

    def response_post_save_change(self, request: HttpRequest, obj: Site) -> HttpResponse:
        """Stay at the form: there is no list to go back to."""
        return HttpResponseRedirect(reverse("admin:newsroom_site_change", args=[1]))

    def save_model(self, request: HttpRequest, obj: Site, form: Any, change: bool) -> None:
        """Save, and let the rest of this request see what was saved."""
        super().save_model(request, obj, form, change)
        request.newsroom_site = obj
