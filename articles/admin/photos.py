"""The photo library: upload, words per language, the editor's chooser, and the address by which bodies name photos."""

from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import FileExtensionValidator
from django.db import IntegrityError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from articles.admin.forms import SiteDateTimeField
from articles.admin.taxonomy import PerLanguageAdmin, PerLanguageInline
from articles.images import MAX_BYTES, MAX_PIXELS, BadPicture
from articles.models import Photo, PhotoText
from articles.photos import (
    Upload,
    delete_photo,
    files_removed_on_failure,
    find_photo,
    is_in_use,
    place,
    read_upload,
)
from articles.templatetags.desk import when
from newsroom.models import Site

EXTENSIONS = ("jpg", "jpeg", "jpe", "jfif", "png", "webp", "avif")
TYPES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "avif": "image/avif"}
# What the editor shows; a choice in the library asks for less.
EDITOR_WIDTH = 960
CHOICES = 24
MAX_QUERY = 100


class PhotoForm(forms.ModelForm):
    """A photo's facts; the picture itself is given once."""

    upload = forms.FileField(
        label=gettext_lazy("Picture"),
        validators=[FileExtensionValidator(EXTENSIONS)],
        widget=forms.FileInput(attrs={"accept": ",".join(TYPES.values())}),
    )
    # What became of the file of this request; the admin reads it before the transaction begins.
    read: Upload | BadPicture | None = None
    zone: ZoneInfo = ZoneInfo("UTC")

    class Meta:
        model = Photo
        fields = ("credit", "origin", "usage_terms", "rights_end", "focal_x", "focal_y")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["upload"]
        else:
            self.fields["upload"].help_text = _(
                "JPEG, PNG, WebP or AVIF, up to %(bytes)s MB and %(pixels)s million pixels. "
                "Its position and other data in the file are not kept."
            ) % {"bytes": MAX_BYTES // 1_000_000, "pixels": MAX_PIXELS["JPEG"] // 1_000_000}
        if "rights_end" in self.fields:
            label = self.fields["rights_end"].label
            self.fields["rights_end"] = SiteDateTimeField(zone=self.zone, label=label, required=False)
        for name in ("focal_x", "focal_y"):
            if name in self.fields:
                self.fields[name].widget = forms.NumberInput(attrs={"min": 0, "max": 1, "step": 0.05})

    def clean_upload(self) -> Any:
        """Say what is wrong with the picture, or where it stands already."""
        if isinstance(self.read, BadPicture):
            raise ValidationError(str(self.read))
        if self.read and (known := find_photo(self.read)):
            address = reverse("admin:articles_photo_change", args=[known.pk])
            raise ValidationError(
                format_html(
                    '{} <a href="{}">{}</a>', _("This picture is in the library already:"), address, known
                )
            )
        return self.cleaned_data["upload"]


class PhotoWords(PerLanguageInline):
    """A photo's alternative text and caption in each language."""

    model = PhotoText
    # Rows of a table would have no labels of their own.
    template = "admin/edit_inline/stacked.html"
    fields = ("language", "alt", "decorative", "caption")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Give sentences room for a sentence."""
        if db_field.name in ("alt", "caption"):
            kwargs["widget"] = forms.Textarea(attrs={"rows": 3, "cols": 40})
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(Photo)
class PhotoAdmin(PerLanguageAdmin):
    """The photo library."""

    verb_name = "photo"
    form = PhotoForm
    inlines = (PhotoWords,)
    list_display = ("thumbnail", "name", "credit", "size", "languages", "uploaded")
    list_display_links = ("name",)
    list_filter = ("origin",)
    search_fields = ("original_name",)
    search_help_text = gettext_lazy("Words of the name, the credit, a caption or an alternative text.")
    sortable_by = ()

    class Media:
        css = {"all": ["css/admin-photos.css"]}

    def has_change_permission(self, request: HttpRequest, obj: Photo | None = None) -> bool:
        """Let whoever uploaded a photo mend its words until readers see them."""
        if super().has_change_permission(request, obj):
            return True
        may_upload = request.user.has_perm("articles.add_photo")
        return may_upload and (obj is None or (obj.uploaded_by_id == request.user.pk and not obj.is_public()))

    # Lists and forms

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Fetch the words with the photos."""
        return super().get_queryset(request).prefetch_related("texts")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Find photos by what is written about them, here and in the choice of an article's photo."""
        return found(queryset, search_term), False

    def get_fieldsets(self, request: HttpRequest, obj: Photo | None = None) -> Any:
        """Begin with the picture: to be chosen, or to be looked at."""
        return [
            (None, {"fields": ("preview", "credit", "origin") if obj else ("upload", "credit", "origin")}),
            (_("Use"), {"fields": ("usage_terms", "rights_end")}),
            (
                _("Focal point"),
                {
                    "fields": (("focal_x", "focal_y"),),
                    "description": _(
                        "What must stay in sight when the photo is cut: 0 is left or top, 1 right or bottom."
                    ),
                },
            ),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Photo | None = None) -> tuple[str, ...]:
        """Show the picture, which does not change."""
        return ("preview",) if obj else ()

    def get_form(self, request: HttpRequest, obj: Photo | None = None, **kwargs: Any) -> Any:
        """Hand the form what was read of the file."""
        if obj is None:
            kwargs["fields"] = ("upload", *PhotoForm.Meta.fields)
        form = super().get_form(request, obj, **kwargs)
        form.read = getattr(request, "photo_read", None)
        form.zone = Site.of(request).zone
        return form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        """Read the picture before the transaction begins: it takes a second, in which nobody else could write."""
        upload = request.FILES.get("upload") if request.method == "POST" else None
        if object_id is not None or upload is None or not self.has_add_permission(request):
            return super().changeform_view(request, object_id, *args, **kwargs)
        try:
            request.photo_read = read_upload(upload)
        except BadPicture as error:
            request.photo_read = error
        save = partial(super().changeform_view, request, object_id, *args, **kwargs)
        try:
            with files_removed_on_failure() as request.photo_files:
                return save()
        except IntegrityError:
            # Save was pressed twice and the same picture came twice at once: this time the form finds the first.
            with files_removed_on_failure() as request.photo_files:
                return save()

    def save_model(self, request: HttpRequest, obj: Photo, form: PhotoForm, change: bool) -> None:
        """Store the files of a new photo with its row."""
        if change:
            super().save_model(request, obj, form, change)
            return
        obj.uploaded_by = request.user
        obj.original_name = form.cleaned_data["upload"].name
        place(form.read, obj, request.photo_files)

    # Deletion: never while something shows the photo

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple:
        """Name the texts that show the photo, beside what the database protects."""
        deleted, counts, _missing, protected = super().get_deleted_objects(objs, request)
        if any(is_in_use(photo) for photo in objs):
            protected = [*protected, _("The text of an article, of an older revision or of a page")]
        # Its words and files go with it; they need no permission of their own.
        return deleted, counts, set(), protected

    def delete_model(self, request: HttpRequest, obj: Photo) -> None:
        """Delete the photo with its files."""
        delete_photo(obj, by=request.user)

    # Columns

    @admin.display(description=gettext_lazy("photo"))
    def thumbnail(self, photo: Photo) -> str:
        """Show it small; the name beside it says what it is."""
        return format_html(
            '<img class="photo-thumbnail" src="{}?width=320" alt="" width="96" height="{}" loading="lazy">',
            photo.editor_address,
            max(1, round(96 * photo.height / photo.width)),
        )

    @admin.display(description=gettext_lazy("name"))
    def name(self, photo: Photo) -> str:
        """Return its name on the computer from which it came."""
        return str(photo)

    @admin.display(description=gettext_lazy("uploaded"))
    def uploaded(self, photo: Photo) -> str:
        """Return when it came, on the site's clocks."""
        return when(photo.created_at)

    @admin.display(description=gettext_lazy("size"))
    def size(self, photo: Photo) -> str:
        """Return its size in pixels."""
        return f"{photo.width} × {photo.height}"

    @admin.display(description=gettext_lazy("described in"))
    def languages(self, photo: Photo) -> str:
        """Return the languages in which it has words."""
        return " · ".join(text.language for text in photo.texts.all())

    @admin.display(description=gettext_lazy("picture"))
    def preview(self, photo: Photo) -> str:
        """Show it as large as the form allows."""
        return format_html(
            '<img class="photo-preview" src="{}" alt="{}" width="{}" height="{}">',
            photo.editor_address,
            photo,
            photo.width,
            photo.height,
        )

    # Addresses of the editor

    def get_urls(self) -> list[URLPattern]:
        """Add the file of a photo and the editor's choice of photos."""
        wrap = self.admin_site.admin_view
        return [
            path("choose/", wrap(require_safe(self.choose_view)), name="articles_photo_choose"),
            path("<uuid:uid>/file/", wrap(require_safe(self.file_view)), name="articles_photo_file"),
            *super().get_urls(),
        ]

    def file_view(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Serve a photo to whoever may see the library, as wide as asked for or a little wider."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        photo = get_object_or_404(Photo, uid=uid)
        asked = request.GET.get("width", "")
        width = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else EDITOR_WIDTH
        usual = photo.renditions.filter(crop="", format="jpeg").order_by("width")
        rendition = usual.filter(width__gte=width).first() or usual.last()
        file, kind = (rendition.file, rendition.format) if rendition else (photo.file, "")
        try:
            opened = file.storage.open(file.name)
        except OSError as error:
            raise Http404 from error
        kind = kind or ("png" if file.name.endswith(".png") else "jpeg")
        response = FileResponse(opened, content_type=TYPES[kind])
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response.headers["Cache-Control"] = "no-store"
        return response

    def choose_view(self, request: HttpRequest) -> HttpResponse:
        """List photos for the editor, newest first, with their words in the language of the article."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        language = request.GET.get("language") or Site.of(request).default_language
        query, before = request.GET.get("q", ""), request.GET.get("before", "")
        photos = found(Photo.objects.prefetch_related("texts"), query).order_by("-pk")
        if before.isascii() and before.isdigit() and len(before) < 19:
            photos = photos.filter(pk__lt=int(before))
        rows = list(photos[: CHOICES + 1])
        for photo in rows:
            photo.words = photo.text_in(language)
            photo.ended = photo.rights_end is not None and photo.rights_end <= timezone.now()
        context = {
            "photos": rows[:CHOICES],
            "query": query,
            "older": rows[CHOICES - 1].pk if len(rows) > CHOICES else None,
        }
        response = render(request, "admin/articles/photo/_choices.html", context)
        response.headers["Cache-Control"] = "no-store"
        return response


def found(photos: QuerySet, query: str) -> QuerySet:
    """Return the photos of which the name, the credit or words in any language hold every word of a query."""
    for word in query.replace("\0", "")[:MAX_QUERY].split():
        words = PhotoText.objects.filter(
            Q(alt__icontains=word) | Q(caption__icontains=word), photo=OuterRef("pk")
        )
        photos = photos.filter(Q(original_name__icontains=word) | Q(credit__icontains=word) | Exists(words))
    return photos
