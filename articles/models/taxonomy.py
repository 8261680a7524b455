"""Sections, tags, authors and static pages: one row per thing, its words per language in a row beside it."""

from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, FilteredRelation, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from taggit.models import ItemBase, TagBase

from articles.fields import RichTextField, sanitise
from articles.models.paths import Path
from articles.slugs import MAX_LENGTH, slug_for, validate_segment
from newsroom.commenting import Commentable
from newsroom.models import LANGUAGE_CODE_LENGTH


class ThingQuerySet(models.QuerySet):
    """Questions on things that have their words per language."""

    def in_language(self, language: str) -> Self:
        """Return the things that have words in a language, with all their words."""
        return self.filter(texts__language=language).prefetch_related("texts")

    def with_slug(self, language: str, slug: str) -> Self:
        """Return the thing of a slug in a language (none or one), with all its words."""
        return self.filter(texts__language=language, texts__slug=slug).prefetch_related("texts")


class Thing(models.Model):
    """One thing with words per language; `texts` are its rows of words."""

    kind = ""  # first part of its page keys
    texts: Any

    objects = ThingQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        text = next(iter(self.texts.all()), None) if self.pk else None
        return text.name if text else f"{self._meta.verbose_name} {self.pk}"

    def text_in(self, language: str) -> Any:
        """Return this thing's words in a language, None if it has none there; prefetch `texts`."""
        return next((text for text in self.texts.all() if text.language == language), None)

    def name_in(self, language: str) -> str:
        """Return this thing's name in a language, any other name if it has none there."""
        text = self.text_in(language)
        return text.name if text else str(self)

    def get_absolute_url(self, language: str) -> str | None:
        """Return the address of this thing in a language, None if it has no words there."""
        text = self.text_in(language)
        return text.get_absolute_url() if text else None

    def page_keys(self) -> list[str]:
        """Return the keys of the pages that show this thing's words."""
        return [f"{self.kind}-{self.pk}"]

    def list_key(self, language: str) -> str:
        """Return the key of this thing's list in a language."""
        return f"{self.kind}-{self.pk}-{language}"


class ThingText(models.Model):
    """A thing's words in one language."""

    prefix = ""  # path between language and slug, "tag/"

    language = models.CharField(_("language"), max_length=LANGUAGE_CODE_LENGTH)
    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(
        _("slug"),
        max_length=MAX_LENGTH,
        allow_unicode=True,
        blank=True,
        help_text=_("The last part of the address; made from the name if empty."),
    )
    description = models.CharField(_("description"), max_length=500, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a missing slug is made from the name."""
        self.slug = self.slug or slug_for(self.name, self.language)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse a name that no address can be made from."""
        super().clean()
        self.slug = self.slug or slug_for(self.name or "", self.language)
        if not self.slug:
            raise ValidationError({"slug": _("No address can be made from this name: give a slug.")})

    def get_absolute_url(self) -> str:
        """Return the path of this thing in this language."""
        return f"/{self.language}/{self.prefix}{self.slug}/"


def text_constraints(thing: str) -> list[models.UniqueConstraint]:
    """Return the constraints of a table of words: one row per language, each slug once per language."""
    return [
        models.UniqueConstraint(fields=[thing, "language"], name=f"{thing}_text_per_language"),
        models.UniqueConstraint(
            fields=["language", "slug"],
            name=f"{thing}_slug_per_language",
            violation_error_message=_("This slug is taken in this language: choose another."),
        ),
    ]


class Section(Commentable, Thing):
    """A part of the paper: World, Politics, Culture."""

    kind = "section"

    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["position", "pk"]


class SectionText(ThingText):
    """A section's words in one language."""

    section = models.ForeignKey(Section, models.CASCADE, related_name="texts")

    class Meta:
        verbose_name = _("words")
        verbose_name_plural = _("words per language")
        constraints = text_constraints("section")

    def clean(self) -> None:
        """Refuse slugs that stand in the way of other addresses."""
        super().clean()
        validate_segment(self.slug)


class Tag(Thing, TagBase):
    """A subject that articles share; `name` and `slug` of django-taggit serve as its international name."""

    kind = "tag"

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def named(cls, name: str, language: str) -> Self:
        """Return the tag of a name in a language; make it, or its words in that language, if there are none."""
        name = " ".join(name.split())
        slug = slug_for(name, language)
        if not slug:
            raise ValidationError(_("“%(name)s” is no tag: it has no letters."), params={"name": name})
        tag = cls.objects.filter(texts__language=language, texts__slug=slug).first()
        if tag is None:
            tag = cls.objects.filter(name__iexact=name).first() or cls.objects.create(name=name)
            TagText.objects.get_or_create(tag=tag, language=language, defaults={"name": name, "slug": slug})
        return tag


class TagText(ThingText):
    """A tag's words in one language."""

    prefix = "tag/"

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="texts")

    class Meta:
        verbose_name = _("words")
        verbose_name_plural = _("words per language")
        constraints = text_constraints("tag")


class TaggedArticleQuerySet(models.QuerySet["TaggedArticle"]):
    """Questions on tags at articles."""

    def with_words(self) -> Self:
        """Return tags at articles with the tag's `name` and `slug` in the article's language, in order of name.

        A tag without words there has its international name and no slug.
        """
        return (
            self.annotate(
                words=FilteredRelation(
                    "tag__texts", condition=Q(tag__texts__language=F("content_object__language"))
                )
            )
            .annotate(name=Coalesce(F("words__name"), F("tag__name")), slug=F("words__slug"))
            .order_by("name")
        )


class TaggedArticle(ItemBase):
    """A tag at an article, as readers see it."""

    content_object = models.ForeignKey("articles.Article", models.CASCADE, related_name="tagged")
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="tagged")

    objects = TaggedArticleQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "content_object"], name="tag_once_per_article")]


class Author(Thing):
    """Somebody whose name stands over articles; need not be a user, and says nothing of a user's login."""

    kind = "author"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("user")
    )
    photo = models.ForeignKey(
        "articles.Photo",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("photo"),
        related_name="authors",
    )

    class Meta:
        verbose_name = _("author")
        verbose_name_plural = _("authors")


class AuthorText(ThingText):
    """An author's words in one language; the description is a short biography."""

    prefix = "author/"

    author = models.ForeignKey(Author, models.CASCADE, related_name="texts")

    class Meta:
        verbose_name = _("words")
        verbose_name_plural = _("words per language")
        constraints = text_constraints("author")


class Series(Thing):
    """Articles that belong together over weeks: an investigation in parts, a column."""

    kind = "series"

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")


class SeriesText(ThingText):
    """A series' words in one language."""

    prefix = "series/"

    series = models.ForeignKey(Series, models.CASCADE, related_name="texts")

    class Meta:
        verbose_name = _("words")
        verbose_name_plural = _("words per language")
        constraints = text_constraints("series")


class Page(Thing):
    """A static page: imprint, privacy, ethics."""

    kind = "page"

    class Purpose(models.TextChoices):
        IMPRINT = "imprint", _("imprint")
        PRIVACY = "privacy", _("privacy")
        COMMENT_RULES = "comment-rules", _("rules for comments")
        ETHICS = "ethics", _("principles and ethics")
        CORRECTIONS = "corrections", _("corrections policy")
        OWNERSHIP = "ownership", _("ownership and funding")
        OTHER = "other", _("other")

    purpose = models.CharField(
        _("purpose"),
        max_length=20,
        choices=Purpose,
        default=Purpose.OTHER,
        help_text=_(
            "Where the site looks for it: the comment form links to the rules, search engines to ethics."
        ),
    )

    class Meta:
        verbose_name = _("static page")
        verbose_name_plural = _("static pages")
        constraints = [
            models.UniqueConstraint(
                fields=["purpose"], condition=~models.Q(purpose="other"), name="one_page_per_purpose"
            )
        ]


class PageText(ThingText):
    """A static page's words in one language; its name is its title."""

    prefix = "page/"

    page = models.ForeignKey(Page, models.CASCADE, related_name="texts")
    body = RichTextField(_("text"))
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("words")
        verbose_name_plural = _("words per language")
        constraints = text_constraints("page")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; links to articles of this site follow their slugs from now on."""
        self.body = Path.objects.lasting_links(sanitise(self.body))
        super().save(*args, **kwargs)
