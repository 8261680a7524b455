"""Who made a text and what it relies on: bylines and sources."""

from typing import TYPE_CHECKING, Any, Self

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import F, FilteredRelation, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from articles.models.taxonomy import Author, AuthorText
from newsroom.verbs import verb

if TYPE_CHECKING:
    from articles.models.accounts import User


class Role(models.TextChoices):
    """What somebody did for an article, as the byline says it."""

    AUTHOR = "author", pgettext_lazy("role in a byline", "author")
    TRANSLATOR = "translator", pgettext_lazy("role in a byline", "translator")
    PHOTOGRAPHER = "photographer", pgettext_lazy("role in a byline", "photographer")


class BylineQuerySet(models.QuerySet["Byline"]):
    """Questions on bylines."""

    def with_words(self) -> Self:
        """Return bylines with the author's `name` and `slug` in the article's language.

        An author without words there has a name from another language and no slug.
        """
        elsewhere = AuthorText.objects.filter(author=models.OuterRef("author")).order_by("pk")
        return self.annotate(
            words=FilteredRelation(
                "author__texts", condition=Q(author__texts__language=F("article__language"))
            )
        ).annotate(
            name=Coalesce(F("words__name"), models.Subquery(elsewhere.values("name")[:1])),
            slug=F("words__slug"),
        )


class Byline(models.Model):
    """An author at an article in a role, as readers see it."""

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="bylines")
    author = models.ForeignKey(Author, models.PROTECT, related_name="bylines")
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.AUTHOR)
    position = models.PositiveSmallIntegerField(default=0)

    objects = BylineQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["article", "author", "role"], name="byline_once_per_role")
        ]

    def __str__(self) -> str:
        return f"{self.author} ({self.get_role_display()})"


class Source(models.Model):
    """A person, agency or document that texts rely on."""

    class Kind(models.TextChoices):
        PERSON = "person", _("person")
        AGENCY = "agency", _("agency")
        DOCUMENT = "document", _("document")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.DOCUMENT)
    name = models.CharField(_("name"), max_length=200)
    url = models.URLField(_("address"), max_length=500, blank=True)
    remarks = models.TextField(
        _("remarks"),
        max_length=2000,
        blank=True,
        help_text=_("For the newsroom only; readers never see them."),
    )

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def add(cls, *, by: "User | None", **fields: Any) -> Self:
        """Add a source. Raises ValidationError for fields that are not right, PermissionDenied if `by` may not."""
        if by is not None and not by.may("articles.add_source"):
            raise PermissionDenied
        with verb("source.add", by=by) as act:
            act.on = source = cls(**fields)
            source.full_clean()
            source.save()
        return source

    def page_keys(self) -> list[str]:
        """Return the keys of the pages that name this source."""
        return [f"source-{self.pk}"]


class ArticleSource(models.Model):
    """A source of an article; readers are told of the public ones only."""

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="article_sources")
    source = models.ForeignKey(Source, models.PROTECT, related_name="article_sources")
    is_public = models.BooleanField(_("public"), default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["article", "source"], name="source_once_per_article")]

    def __str__(self) -> str:
        return str(self.source)
