"""Revisions: every saved state of an article."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from articles.fields import MAX_LENGTH
from articles.models.content import CONTENT_FIELDS, Content
from articles.models.credits import Source
from articles.models.paths import Path
from articles.models.taxonomy import Author, Tag
from newsroom import clock
from newsroom.verbs import Refused

if TYPE_CHECKING:
    from articles.models.accounts import User
    from articles.models.articles import Article

# All that a revision holds: the columns that it shares with the article, and the relations.
HELD = (*CONTENT_FIELDS, "bylines", "tags", "sources")


class StaleRevision(Refused):
    """Somebody saved a newer revision than the one an edit began from."""

    def __init__(self, newest: "Revision") -> None:
        super().__init__(
            format_lazy(
                _("{who} saved revision {number} of this article meanwhile. Nothing was overwritten."),
                who=newest.created_by or _("Somebody"),
                number=newest.number,
            )
        )
        self.newest = newest


class RevisionQuerySet(models.QuerySet["Revision"]):
    """Questions on revisions."""

    def published(self) -> Self:
        """Return the revisions that readers have got and may look back at, the newest first."""
        return self.filter(published_at__lte=clock.now(), is_public=True).order_by("-published_at", "-number")

    def kept_out(self) -> Self:
        """Return the revisions that readers have got and that a chief keeps out of what they may look back at."""
        return self.filter(published_at__lte=clock.now(), is_public=False)


class Revision(Content):
    """One saved state of everything that an editor can change in an article; never changed afterwards.

    A chief's expunction is the one exception (`articles.models.expunctions.take_out`).

    `blocks` holds the keys of the body's blocks, in order; `bylines`, `tags` and `sources` hold ids.
    """

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    blocks = models.JSONField(default=list)
    bylines = models.JSONField(default=list)
    tags = models.JSONField(default=list)
    sources = models.JSONField(default=list)
    # When readers first got it; null if they never did. In the future: scheduled.
    published_at = models.DateTimeField(null=True, blank=True)
    # A chief can keep a revision out of what readers are shown of the history.
    is_public = models.BooleanField(default=True)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="revision_number_once")]

    def __str__(self) -> str:
        return f"{self.article_id}/{self.number}"

    @property
    def language(self) -> str:
        """The language of the article."""
        return self.article.language

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the revision; refuse to change one."""
        if not self._state.adding:
            raise TypeError("A revision is never changed.")
        super().save(*args, **kwargs)

    def check_hideable(self, article: "Article") -> None:
        """Raise Refused if the article's public history cannot do without this revision."""
        if self.published_at is None or self.published_at > clock.now():
            raise Refused(_("Readers never got this revision: it stands in no history."))
        if article.live_revision_id == self.pk and article.is_visible():
            # To leave the last step out and show where it led would only make the history untrue.
            raise Refused(
                _(
                    "Readers see this revision at the article: publish another text first, then keep this one out."
                )
            )

    def save_anew(self, *, by: "User | None", at: datetime) -> "Revision":
        """Save what this, the newest revision, holds as another one; return that one."""
        another = Revision.objects.get(pk=self.pk)
        another.pk, another._state.adding = None, True
        another.number, another.created_by, another.created_at = self.number + 1, by, at
        another.published_at, another.is_public = None, True
        another.save()
        return another

    def take_lasting_links(self) -> None:
        """Let the links to articles of this site name them by their uid; the body is sanitised already."""
        body = Path.objects.lasting_links(self.body)
        # Such an address may be longer than what was written; a text at its limit is kept as it is.
        if len(body) <= MAX_LENGTH:
            self.body = body

    def copy_field(self, name: str, content: Content) -> None:
        """Take over one field of content from an article or another revision."""
        attname = self._meta.get_field(name).attname
        setattr(self, attname, getattr(content, attname))

    def same_as(self, other: "Revision") -> bool:
        """Return whether the two hold the same content, relations included."""
        return not self.differing(other)

    def differing(self, other: "Revision", names: Iterable[str] = HELD) -> list[str]:
        """Return which of the named parts the two hold differently."""
        attnames = {name: self._meta.get_field(name).attname for name in names}
        return [name for name, at in attnames.items() if getattr(self, at) != getattr(other, at)]

    def content(self) -> dict[str, Any]:
        """Return everything that this revision holds as `save_revision` takes it."""
        return {
            **{name: getattr(self, name) for name in CONTENT_FIELDS},
            "bylines": self.byline_pairs(),
            "tags": self.tag_list(),
            "sources": self.source_pairs(),
        }

    def byline_pairs(self) -> list[tuple[Author, str]]:
        """Return the authors with their roles, in order; those deleted since are left out."""
        authors = Author.objects.in_bulk([row["author"] for row in self.bylines])
        return [(authors[row["author"]], row["role"]) for row in self.bylines if row["author"] in authors]

    def tag_list(self) -> list[Tag]:
        """Return the tags, in order; those deleted since are left out."""
        tags = Tag.objects.in_bulk(self.tags)
        return [tags[pk] for pk in self.tags if pk in tags]

    def source_pairs(self) -> list[tuple[Source, bool]]:
        """Return the sources, each with whether readers are told; those deleted since are left out."""
        sources = Source.objects.in_bulk([row["source"] for row in self.sources])
        return [(sources[row["source"]], row["public"]) for row in self.sources if row["source"] in sources]
