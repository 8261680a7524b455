"""The addresses of articles, current and old."""

from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsroom.models import validate_address

if TYPE_CHECKING:
    from articles.models.articles import Article


class PathManager(models.Manager["Path"]):
    """Paths are claimed, never written by hand."""

    def claim(self, stem: str, slug: str, article: "Article") -> str:
        """Give an article the first free path of `stem/slug/`, `stem/slug-2/`, … and return it."""
        number = 1
        while True:
            path = f"{stem}{slug}/" if number == 1 else f"{stem}{slug}-{number}/"
            row, _created = self.get_or_create(path=path, defaults={"article": article})
            if row.article_id == article.pk:
                # What was led here before there was anything follows the article from now on: no chains.
                self.filter(is_given=True, target=path).update(article=article, target="")
                return path
            number += 1


class Path(models.Model):
    """An address that leads somewhere, each once on the whole site.

    It leads to an article, whose current address it is or an old one; or, where an editor says so, to a target.
    """

    path = models.CharField(_("old address"), max_length=300, unique=True)
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="paths", null=True)
    target = models.CharField(_("leads to"), max_length=500, blank=True, validators=[validate_address])
    # An editor let it lead there; others come from a change of slug.
    is_given = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now)

    objects = PathManager()

    class Meta:
        verbose_name = _("redirect")
        verbose_name_plural = _("redirects")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["-id"], name="path_given", condition=models.Q(is_given=True))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(article=None) ^ models.Q(target=""), name="path_leads_to_one_thing"
            )
        ]

    def __str__(self) -> str:
        return self.path


class MissedAddress(models.Model):
    """An address that readers asked for and that is not there, and how often; a bounded number of them is kept."""

    path = models.CharField(_("address"), max_length=300, unique=True)
    count = models.PositiveIntegerField(_("times"), default=1)
    last_at = models.DateTimeField(_("last"), default=timezone.now)

    class Meta:
        verbose_name = _("missed address")
        verbose_name_plural = _("missed addresses")
        ordering = ["-count", "-last_at"]
        indexes = [models.Index(fields=["-count", "-last_at"], name="missed_most")]

    def __str__(self) -> str:
        return self.path
