"""The addresses of articles, current and old."""

from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

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
                return path
            number += 1


class Path(models.Model):
    """An address that leads to an article: its current one or an old one, each once on the whole site."""

    path = models.CharField(max_length=300, unique=True)
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="paths")
    created_at = models.DateTimeField(default=timezone.now)

    objects = PathManager()

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")

    def __str__(self) -> str:
        return self.path
