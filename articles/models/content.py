"""What an editor can change in an article: the columns that articles and their revisions share."""

from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.fields import RichTextField
from articles.html import first_words
from articles.models.photos import Photo
from articles.models.taxonomy import Section, Series
from articles.slugs import MAX_LENGTH


class Provenance(models.TextChoices):
    """How a text came into its language."""

    ORIGINAL = "original", _("original")
    TRANSLATED = "translated", _("translated by a person")
    MACHINE = "machine", _("translated by a machine")
    MACHINE_REVIEWED = "machine-reviewed", _("translated by a machine, reviewed by a person")
    IMPORTED = "imported", _("imported, origin unknown")


class Content(models.Model):
    """What an editor can change in an article and what a revision keeps, relations aside."""

    kicker = models.CharField(
        _("kicker"), max_length=60, blank=True, help_text=_("A word or two above the headline.")
    )
    headline = models.CharField(_("headline"), max_length=200)
    standfirst = models.TextField(
        _("standfirst"),
        max_length=1000,
        blank=True,
        validators=[MaxLengthValidator(1000)],
        help_text=_("Two or three sentences below the headline."),
    )
    body = RichTextField(_("text"), blank=True)
    slug = models.SlugField(
        _("slug"),
        max_length=MAX_LENGTH,
        allow_unicode=True,
        blank=True,
        help_text=_("The last part of the address; made from the headline if empty."),
    )
    section = models.ForeignKey(
        Section, models.PROTECT, null=True, blank=True, verbose_name=_("section"), related_name="+"
    )
    series = models.ForeignKey(
        Series, models.PROTECT, null=True, blank=True, verbose_name=_("series"), related_name="+"
    )
    dateline = models.CharField(
        _("dateline"), max_length=80, blank=True, help_text=_("The place that the text comes from.")
    )
    photo = models.ForeignKey(
        Photo, models.PROTECT, null=True, blank=True, verbose_name=_("lead photo"), related_name="+"
    )
    provenance = models.CharField(
        _("provenance"), max_length=20, choices=Provenance, default=Provenance.ORIGINAL
    )
    translated_from = models.ForeignKey(
        "articles.Revision",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("translated from"),
        related_name="+",
        help_text=_("The very revision that this text was made from."),
    )
    reviewed_by = models.CharField(
        _("reviewed by"),
        max_length=100,
        blank=True,
        help_text=_("Who checked the machine's translation, by name."),
    )
    republished_from = models.CharField(
        _("republished from"), max_length=120, blank=True, help_text=_("The name of the first publisher.")
    )
    canonical_url = models.URLField(
        _("original address"),
        max_length=500,
        blank=True,
        help_text=_("Where the text first stood; search engines are sent there."),
    )
    search_title = models.CharField(_("title for search engines"), max_length=120, blank=True)
    search_description = models.CharField(_("description for search engines"), max_length=300, blank=True)
    social_photo = models.ForeignKey(
        Photo,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("picture for social networks"),
        related_name="+",
        help_text=_("Stands on the card where somebody shares the article; the lead photo if empty."),
    )
    noindex = models.BooleanField(_("keep out of search engines"), default=False)

    class Meta:
        abstract = True

    @property
    def title_elsewhere(self) -> str:
        """What search engines and other sites call it."""
        return self.search_title or self.headline

    @property
    def description_elsewhere(self) -> str:
        """What search engines and other sites say of it."""
        return self.search_description or self.standfirst or first_words(self.body)


CONTENT_FIELDS = tuple(field.name for field in Content._meta.fields)
