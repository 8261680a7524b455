"""The photo library: upload, words per language, the editor's chooser, and the address by which bodies name photos."""

import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import FileExtensionValidator
from django.db import IntegrityError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.forms.formsets import all_valid
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from articles.admin.forms import SiteDateTimeField
from articles.admin.taxonomy import PerLanguageAdmin, PerLanguageInline
from articles.images import MAX_BYTES, MAX_PIXELS, BadPicture
from articles.models import Article, AuthorText, PageText, Photo, PhotoText, User
from articles.photos import (
    Outdated,
    Upload,
    add_photo,
    articles_with,
    delete_photo,
    exchange,
    files_removed_on_failure,
    fill_captions,
    find_photo,
    is_in_use,
    may_change,
    place,
    read_again,
    read_upload,
    replace_photo,
    words_in_file,
)
from articles.templatetags.desk import when
from newsroom.models import Site
from newsroom.verbs import Refused

EXTENSIONS = ("jpg", "jpeg", "jpe", "jfif", "png", "webp", "avif")
TYPES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "avif": "image/avif"}
# What the editor shows; a choice in the library asks for less.
EDITOR_WIDTH = 960
CHOICES = 24
MAX_QUERY = 100
FOCAL = ("focal_x", "focal_y")
# Of several files none is begun after so many seconds: proxies wait for an answer for a minute.
SEVERAL_SECONDS = 20.0
SHOWN_USES = 50


class SeveralFiles(forms.FileInput):
    """An input that takes several files."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return the last; the admin takes them all by itself."""
        return files.get(name)


class PictureField(forms.FileField):
    """A picture; the browser offers to choose several where the admin takes them."""

    def __init__(self, *, several: bool = False, **kwargs: Any) -> None:
        kwargs["widget"] = (SeveralFiles if several else forms.FileInput)(
            {"accept": ",".join(TYPES.values())}
        )
        super().__init__(validators=[FileExtensionValidator(EXTENSIONS)], **kwargs)


def limits() -> str:
    """Return what a picture may be."""
    return _(
        "JPEG, PNG, WebP or AVIF, up to %(bytes)s MB and %(pixels)s million pixels. "
        "Caption, credit and rights in the file are kept; its position and all else are not."
    ) % {"bytes": MAX_BYTES // 1_000_000, "pixels": MAX_PIXELS["JPEG"] // 1_000_000}


def in_library(photo: Photo) -> str:
    """Return the sentence that offers the photo which a picture is already."""
    return format_html(
        '{} <a href="{}">{}</a>',
        _("This picture is in the library already:"),
        reverse("admin:articles_photo_change", args=[photo.pk]),
        photo,
    )


class PhotoForm(forms.ModelForm):
    """A photo's facts; the picture itself is given once."""

    upload = PictureField(label=gettext_lazy("Picture"), several=True)
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
            self.fields["upload"].help_text = " ".join(
                (
                    limits(),
                    _(
                        "Of several files (%(number)s at most) each becomes a photo, with all that you write here."
                    )
                    % {"number": settings.DATA_UPLOAD_MAX_NUMBER_FILES},
                )
            )
        if "rights_end" in self.fields:
            label = self.fields["rights_end"].label
            self.fields["rights_end"] = SiteDateTimeField(zone=self.zone, label=label, required=False)
        for name in FOCAL:
            if name in self.fields:
                self.fields[name].widget = forms.NumberInput(attrs={"min": 0, "max": 1, "step": 0.05})

    @property
    def moves_focal_point(self) -> bool:
        """Whether a stored photo is to be cut anew."""
        return bool(self.instance.pk) and not {*FOCAL}.isdisjoint(self.changed_data)

    def clean(self) -> dict[str, Any]:
        """Refuse another focal point for a picture that cannot be cut anew."""
        cleaned = super().clean()
        if self.moves_focal_point and not self.errors and not isinstance(self.read, Upload):
            self.add_error("focal_x", _("The picture cannot be cut anew: its file is missing or damaged."))
        return cleaned

    def clean_upload(self) -> Any:
        """Say what is wrong with the picture, or where it stands already."""
        if isinstance(self.read, BadPicture):
            raise ValidationError(str(self.read))
        if self.read and (known := find_photo(self.read)):
            raise ValidationError(in_library(known))
        return self.cleaned_data["upload"]


class ReplaceForm(forms.Form):
    """Another picture for a photo."""

    upload = PictureField(label=gettext_lazy("Picture"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["upload"].help_text = limits()


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
        if obj is None:
            return super().has_change_permission(request) or request.user.has_perm("articles.add_photo")
        return may_change(request.user, obj)

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
            (
                None,
                {
                    "fields": ("preview", "in_file", "credit", "origin")
                    if obj
                    else ("upload", "credit", "origin")
                },
            ),
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
        return ("preview", "in_file") if obj else ()

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
        if request.method != "POST":
            return super().changeform_view(request, object_id, *args, **kwargs)
        files = request.FILES.getlist("upload")
        if object_id is None and len(files) > 1 and self.has_add_permission(request):
            if (response := self._add_several(request, files)) is not None:
                return response
            return super().changeform_view(request, object_id, *args, **kwargs)

        def save() -> Any:
            request.photo_read = self._read(request, object_id)
            with files_removed_on_failure() as request.photo_files:
                return changeform_view(request, object_id, *args, **kwargs)

        changeform_view = super().changeform_view
        try:
            return save()
        except (IntegrityError, Outdated):
            # Save was pressed twice and the same picture came twice at once: this time the form finds the first. Or
            # the photo was replaced in this moment.
            return save()

    def _read(self, request: HttpRequest, object_id: str | None) -> Upload | BadPicture | None:
        """Return the upload of a new photo, or a stored one cut around another focal point; None for neither."""
        focal = focal_in(request.POST)
        if object_id is None:
            upload = request.FILES.get("upload")
            if upload is None or not self.has_add_permission(request):
                return None
            return read_or_why(upload, focal or (0.5, 0.5))
        photo = self.get_object(request, unquote(object_id))
        if photo is None or focal in (None, photo.focal) or not self.has_change_permission(request, photo):
            return None
        try:
            return read_again(photo, focal)
        except BadPicture as error:
            return error
        except OSError:
            return None

    def save_model(self, request: HttpRequest, obj: Photo, form: PhotoForm, change: bool) -> None:
        """Store the files of a new photo with its row; new ones for another focal point."""
        if form.moves_focal_point:
            exchange(form.read, obj, request.photo_files)
        elif change:
            # These alone: the file may be replaced meanwhile.
            obj.save(update_fields=[name for name in form.changed_data if name in form._meta.fields])
        else:
            obj.uploaded_by = request.user
            obj.original_name = form.cleaned_data["upload"].name
            place(form.read, obj, request.photo_files)

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """Propose the caption in the file for a language without words; it counts once something else is written."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, PhotoWords) and obj.pk and (told := words_in_file(obj)).description:
            language = told.language.partition("-")[0].lower() or Site.of(request).default_language
            for row in kwargs["initial"]:
                if row["language"] == language:
                    row["caption"] = told.description
        return kwargs

    def save_formset(self, request: HttpRequest, form: PhotoForm, formset: Any, change: bool) -> None:
        """Save the words, with the caption that the file of a new photo brings along."""
        super().save_formset(request, form, formset, change)
        if not change and formset.model is PhotoText:
            fill_captions(form.instance, form.read.metadata)

    def _add_several(self, request: HttpRequest, files: list[UploadedFile]) -> HttpResponse | None:
        """Add a photo for each file, or say by its name why not; None if what was written below is not right."""
        form = self.get_form(request)(request.POST, request.FILES)
        # What is wrong with a file keeps no other from the library.
        form.fields["upload"].required, form.fields["upload"].validators = False, []
        form.is_valid()
        formsets, _inlines = self._create_formsets(request, form.instance, change=False)
        if form.errors or not all_valid(formsets):
            return None
        fields = {name: form.cleaned_data[name] for name in PhotoForm.Meta.fields}
        words = ("alt", "decorative", "caption")
        texts = {
            row.cleaned_data["language"]: {name: row.cleaned_data[name] for name in words}
            for row in formsets[0].forms
            if row.has_changed() and not row.cleaned_data.get("DELETE")
        }
        began, added = time.monotonic(), []
        for file in files:
            if time.monotonic() - began > SEVERAL_SECONDS:
                refused = _("There was no time left for it: send it once more.")
            else:
                photo, refused = self._add_one(request, file, texts, fields)
                added += [photo] if photo else []
            if refused:
                messages.warning(request, format_html("“{}”: {}", file.name, refused))
        if not added:
            return HttpResponseRedirect(request.get_full_path())
        number = len(added)
        done = ngettext("%(number)s photo was added.", "%(number)s photos were added.", number)
        messages.success(request, done % {"number": number})
        if IS_POPUP_VAR in request.POST:
            # The form that opened this takes one.
            return self.response_add(request, added[0])
        return redirect("admin:articles_photo_changelist")

    def _add_one(
        self, request: HttpRequest, file: UploadedFile, texts: dict, fields: dict
    ) -> tuple[Photo | None, str]:
        """Add the photo in one of several files; return it, or why not."""
        try:
            FileExtensionValidator(EXTENSIONS)(file)
            upload = read_upload(file, (fields["focal_x"], fields["focal_y"]))
            photo, is_new = add_photo(upload, by=request.user, texts=texts, original_name=file.name, **fields)
        except BadPicture as error:
            return None, str(error)
        except ValidationError as error:
            return None, " ".join(error.messages)
        return (photo, "") if is_new else (None, in_library(photo))

    # Replacing the picture

    def replace_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for another picture for a photo, and put it in the place of the one that is there."""
        photo = get_object_or_404(Photo, pk=object_id)
        if not self.has_change_permission(request, photo):
            raise PermissionDenied
        form = ReplaceForm(request.POST, request.FILES) if request.method == "POST" else ReplaceForm()
        if form.is_valid():
            file = form.cleaned_data["upload"]
            upload = read_or_why(file, photo.focal)
            if isinstance(upload, BadPicture):
                form.add_error("upload", str(upload))
            elif (known := find_photo(upload)) and known != photo:
                form.add_error("upload", in_library(known))
            else:
                try:
                    replace_photo(photo, upload, by=request.user, original_name=file.name)
                except Refused as refused:
                    form.add_error("upload", str(refused))
                else:
                    messages.success(
                        request, _("The picture was replaced everywhere. Is its focal point still right?")
                    )
                    return redirect("admin:articles_photo_change", photo.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Replace the picture"),
            "subtitle": str(photo),
            "opts": self.opts,
            "photo": photo,
            "form": form,
        }
        return TemplateResponse(request, "admin/articles/photo/replace.html", context)

    # What uses it

    def render_change_form(
        self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show below a photo where it is used."""
        if photo := kwargs.get("obj"):
            context["uses"] = self.uses(request.user, photo)
            context["may_replace"] = self.has_change_permission(request, photo)
        return super().render_change_form(request, context, *args, **kwargs)

    def uses(self, user: User, photo: Photo) -> dict[str, Any]:
        """Return what uses a photo: articles that a user may read, how many others, and authors and pages."""
        ids = articles_with(photo)
        readable = Article.objects.filter(pk__in=ids).readable_by(user)
        named = list(readable.select_related("section").defer("body").order_by("-pk")[:SHOWN_USES])
        names = [
            *AuthorText.objects.filter(author__photo=photo)
            .values_list("name", flat=True)
            .distinct()[:SHOWN_USES],
            *PageText.objects.filter(body__contains=photo.editor_address).values_list("name", flat=True)[
                :SHOWN_USES
            ],
        ]
        return {
            "articles": named,
            "others": len(ids) - len(named),
            "names": dict.fromkeys(names),
            "is_none": not ids and not names,
        }

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

    @admin.display(description=gettext_lazy("in its file"))
    def in_file(self, photo: Photo) -> str:
        """Show the words that came with the picture and stay in its files."""
        told = words_in_file(photo)
        parts = (told.description, told.creator, told.credit, told.rights)
        return format_html_join(" · ", "{}", ((part,) for part in dict.fromkeys(parts) if part)) or "–"

    # Addresses of the editor

    def get_urls(self) -> list[URLPattern]:
        """Add the file of a photo and the editor's choice of photos."""
        wrap = self.admin_site.admin_view
        return [
            path("choose/", wrap(require_safe(self.choose_view)), name="articles_photo_choose"),
            path("<int:object_id>/replace/", wrap(self.replace_view), name="articles_photo_replace"),
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


def focal_in(data: Mapping[str, str]) -> tuple[float, float] | None:
    """Return the focal point that a form sends, None for none; its fields say what is wrong with it."""
    try:
        focal = float(data.get("focal_x", "")), float(data.get("focal_y", ""))
    except ValueError:
        return None
    return focal if all(0 <= value <= 1 for value in focal) else None


def read_or_why(file: UploadedFile, focal: tuple[float, float]) -> Upload | BadPicture:
    """Return what was read of a file, or why it cannot be used."""
    file.seek(0)
    try:
        return read_upload(file, focal)
    except BadPicture as error:
        return error


def found(photos: QuerySet, query: str) -> QuerySet:
    """Return the photos of which the name, the credit or words in any language hold every word of a query."""
    for word in query.replace("\0", "")[:MAX_QUERY].split():
        words = PhotoText.objects.filter(
            Q(alt__icontains=word) | Q(caption__icontains=word), photo=OuterRef("pk")
        )
        photos = photos.filter(Q(original_name__icontains=word) | Q(credit__icontains=word) | Exists(words))
    return photos
