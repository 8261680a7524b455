"""The addresses of articles, current and old."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.editor import ARTICLE_PATH
from articles.html import Link, hrefs, replace_links
from newsroom import clock
from newsroom.addresses import own
from newsroom.models import validate_address

if TYPE_CHECKING:
    from articles.models.articles import Article


# Of so many addresses in one text it is asked whether an article has them.
MAX_ASKED = 500


class PathManager(models.Manager["Path"]):
    """Paths are claimed, never written by hand."""

    def claim(self, stem: str, slug: str, article: "Article") -> str:
        """Give an article the first free path of `stem/slug/`, `stem/slug-2/`, … and return it."""
        return next(path for path in candidates(stem, slug) if self._take(path, article))

    def _take(self, path: str, article: "Article") -> bool:
        row, _created = self.get_or_create(path=path, defaults={"article": article})
        if row.article_id != article.pk:
            return False
        # What was led here before there was anything follows the article from now on: no chains.
        self.filter(is_given=True, target=path).update(article=article, target="")
        return True

    def foresee(self, stem: str, slug: str, article: "Article | None" = None) -> str:
        """Return the path that `claim` would give now, to an article that is not there yet if None; claims nothing."""
        taken = self.exclude(article=article) if article else self.all()
        return next(path for path in candidates(stem, slug) if not taken.filter(path=path).exists())

    def uids(self, paths: Iterable[str]) -> dict[str, UUID]:
        """Return the uid of each article that readers know, or knew, by one of these paths. One query.

        Of a schedule nobody learns by trying addresses.
        """
        known = Q(article__first_published_at__lte=clock.now())
        rows = self.filter(known, path__in=list(paths)[:MAX_ASKED])
        return dict(rows.values_list("path", "article__uid"))

    def lasting_links(self, body: str) -> str:
        """Return a sanitised body whose links to articles of this site name them by their uid, not by address.

        So they follow every change of slug. What no article has, or had, stays as it is. One query, at most.
        """
        asked = {
            href: address for href in hrefs(body) if (address := own(href)) and _may_be_article(address[0])
        }
        if not asked:
            return body
        uids = self.uids(dict.fromkeys(path for path, _fragment in asked.values()))

        def change(href: str) -> Link:
            path, fragment = asked.get(href, ("", ""))
            if uid := uids.get(path):
                return Link(ARTICLE_PATH.format(uid=uid) + (f"#{fragment}" if fragment else ""))
            return Link(href)

        return replace_links(body, change) if uids else body


def stem_of(language: str, moment: datetime, zone: ZoneInfo) -> str:
    """Return what stands before the slug in the path of an article that is first published at a moment."""
    return f"/{language}/{moment.astimezone(zone):%Y/%m/%d}/"


def candidates(stem: str, slug: str) -> Iterator[str]:
    """Yield the paths that an article with this slug may get, the one that is wanted first."""
    yield f"{stem}{slug}/"
    for number in count(2):
        yield f"{stem}{slug}-{number}/"


def _may_be_article(path: str) -> bool:
    return not path.startswith(("/admin/", "/static/", "/media/")) and "\0" not in path


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
