"""Photos, their words per language, and the renditions made from them."""

import uuid
from datetime import datetime
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsroom import clock
from newsroom.models import LANGUAGE_CODE_LENGTH, Site


class PhotoQuerySet(models.QuerySet["Photo"]):
    """Questions on photos."""

    def usable(self, at: datetime | None = None) -> Self:
        """Return the photos whose rights have not ended."""
        return self.filter(Q(rights_end=None) | Q(rights_end__gt=at or clock.now()))

    def to_encode(self, at: datetime | None = None) -> Self:
        """Return the photos of which files are to be made now, who waits longest first."""
        return self.filter(encode_at__lte=at or timezone.now()).order_by("encode_at", "pk")

    def of_file(self, name: str) -> Self:
        """Return the photo whose master or rendition a file is (none or one)."""
        return self.filter(Q(file=name) | Q(pk__in=Rendition.objects.filter(file=name).values("photo")))


class Photo(models.Model):
    """An original picture: the re-encoded master, who made it, and how it may be used."""

    class Origin(models.TextChoices):
        CAMERA = "camera", _("a photograph or drawing by a person")
        ALTERED = "altered", _("altered with AI")
        MADE = "made", _("made with AI")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Its name is a keyed digest of content and focal point: nobody guesses it, a replaced photo has another.
    file = models.FileField(_("file"), upload_to="photos/", max_length=200)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the uploaded bytes, hex.")
    original_name = models.CharField(_("original name"), max_length=200, blank=True)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    focal_x = models.FloatField(
        _("focal point, from the left"), default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    focal_y = models.FloatField(
        _("focal point, from the top"), default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    credit = models.CharField(_("credit"), max_length=200, blank=True, help_text=_("Stands below the photo."))
    usage_terms = models.CharField(
        _("usage terms"), max_length=500, blank=True, help_text=_("For the newsroom only.")
    )
    rights_end = models.DateTimeField(_("end of rights"), null=True, blank=True)
    origin = models.CharField(_("how it was made"), max_length=10, choices=Origin, default=Origin.CAMERA)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)
    # When the background process has to make what the photo still lacks (crops, WebP, AVIF); null: nothing.
    encode_at = models.DateTimeField(null=True, blank=True, default=timezone.now, editable=False)
    encode_tries = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(focal_x__range=(0, 1), focal_y__range=(0, 1)), name="focal_point_in_photo"
            )
        ]
        indexes = [
            models.Index(fields=["file"], name="photo_by_file"),
            models.Index(
                fields=["encode_at"], name="photo_to_encode", condition=models.Q(encode_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.original_name or f"{_('photo')} {self.pk}"

    @property
    def focal(self) -> tuple[float, float]:
        """What must stay in sight when the photo is cut: from the left, from the top."""
        return self.focal_x, self.focal_y

    @property
    def editor_address(self) -> str:
        """The address by which a body names this photo; it answers staff only."""
        return f"/admin/articles/photo/{self.uid}/file/"

    def is_usable(self) -> bool:
        """Return whether the rights have not ended; the same rule as `Photo.objects.usable()`."""
        return self.rights_end is None or self.rights_end > clock.now()

    def is_public(self) -> bool:
        """Return whether readers may see this: with a visible article, at an author, in a page of the house."""
        return bool(self.public_keys())

    def public_keys(self) -> list[str]:
        """Return the page keys of what lets readers see this, one thing that does being enough; none if they may not.

        As long as the rights last and nothing of these keys is purged, readers may.
        """
        if not self.is_usable():
            return []
        # What changes least comes first. Pages are few: their texts may be searched.
        texts = apps.get_model("articles", "PageText").objects.filter(body__contains=self.editor_address)
        site = Site.current()
        visible = self.articles.visible().filter(language__in=site.languages).defer("body")
        shown = self.authors.first() or visible.order_by("pk").first()
        if shown is None and (text := texts.select_related("page").first()):
            shown = text.page
        return [*site.page_keys(), *self.page_keys(), *shown.page_keys()] if shown else []

    def text_in(self, language: str) -> "PhotoText | None":
        """Return this photo's words in a language, None if nobody wrote any; prefetch `texts`."""
        return next((text for text in self.texts.all() if text.language == language), None)

    def page_keys(self) -> list[str]:
        """Return the keys of the pages that show this photo."""
        return [f"photo-{self.pk}"]


class PhotoText(models.Model):
    """A photo's alternative text and caption in one language."""

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=LANGUAGE_CODE_LENGTH)
    alt = models.CharField(
        _("alternative text"),
        max_length=300,
        blank=True,
        help_text=_("What somebody who cannot see the photo needs to know. Not the caption again."),
    )
    decorative = models.BooleanField(
        _("decorative"), default=False, help_text=_("The photo says nothing that the text does not: no text.")
    )
    caption = models.CharField(_("caption"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("words")
        verbose_name_plural = _("words per language")
        constraints = [
            models.UniqueConstraint(fields=["photo", "language"], name="photo_text_per_language"),
            models.CheckConstraint(
                condition=models.Q(decorative=False) | models.Q(alt=""), name="decorative_photo_has_no_alt"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.language}: {self.alt or self.caption}"

    def clean(self) -> None:
        """Ask for an alternative text, or for the word that none is needed (WCAG 2.2, 1.1.1)."""
        super().clean()
        if self.decorative and self.alt:
            raise ValidationError(
                {"alt": _("A decorative photo has no alternative text: empty it or untick.")}
            )
        if not self.decorative and not self.alt:
            raise ValidationError({"alt": _("Describe the photo, or tick “decorative”.")})


class RenditionQuerySet(models.QuerySet["Rendition"]):
    """Questions on renditions."""

    def with_photo(self, language: str) -> Self:
        """Return renditions with their photo and its `alt` and `caption` in a language, None without words there."""
        words = FilteredRelation("photo__texts", condition=Q(photo__texts__language=language))
        return (
            self.select_related("photo")
            .annotate(words=words)
            .annotate(alt=F("words__alt"), caption=F("words__caption"))
        )

    def for_cards(self) -> Self:
        """Return what cards show of photos: their 3:2 crop; of those that have none yet, the whole."""
        cropped = Rendition.objects.filter(
            photo=OuterRef("photo"), crop=Rendition.Crop.CLASSIC, format=Rendition.Format.JPEG
        )
        return self.filter(Q(crop=Rendition.Crop.CLASSIC) | Q(~Exists(cropped), crop=Rendition.Crop.WHOLE))


class Rendition(models.Model):
    """A size and format made from a photo."""

    class Format(models.TextChoices):
        JPEG = "jpeg", "JPEG"
        PNG = "png", "PNG"
        WEBP = "webp", "WebP"
        AVIF = "avif", "AVIF"

    class Crop(models.TextChoices):
        """What is cut, around the focal point; its value is the ratio of width to height."""

        WHOLE = "", _("whole")
        WIDE = "16:9", "16:9"
        CLASSIC = "3:2", "3:2"

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="renditions")
    crop = models.CharField(max_length=5, choices=Crop, default=Crop.WHOLE, blank=True)
    format = models.CharField(max_length=4, choices=Format)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    file = models.FileField(upload_to="photos/", max_length=200)

    objects = RenditionQuerySet.as_manager()

    class Meta:
        ordering = ["width"]
        constraints = [
            models.UniqueConstraint(
                fields=["photo", "crop", "format", "width"], name="rendition_once_per_size"
            )
        ]
        indexes = [models.Index(fields=["file"], name="rendition_by_file")]

    def __str__(self) -> str:
        return f"{self.width}×{self.height} {self.format}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a rendition is made once and not changed."""
        if not self._state.adding:
            raise TypeError("A rendition is not changed; make another.")
        super().save(*args, **kwargs)


class ArticlePhoto(models.Model):
    """A photo that an article shows: as its lead, in its text, to other sites; as readers see it."""

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="article_photos")
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="article_photos")

    class Meta:
        verbose_name = _("article")
        constraints = [models.UniqueConstraint(fields=["article", "photo"], name="photo_once_per_article")]

    def __str__(self) -> str:
        return str(self.article)
