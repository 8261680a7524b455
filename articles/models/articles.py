"""Stories and articles: what readers may see, and the verbs between what is written and what is live."""

import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import (
    ProtectedError,
    Q,
)
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from taggit.managers import TaggableManager

from articles.blocks import assign_keys
from articles.expunction import MARK, Passage
from articles.html import attachment_uids, photo_uids
from articles.models.article_queries import LAST_CHANGED, ArticleQuerySet, SitemapPart
from articles.models.attachments import ArticleAttachment, Attachment
from articles.models.content import CONTENT_FIELDS, Content, Provenance
from articles.models.credits import ArticleSource, Byline, Source
from articles.models.drafts import MAX_WORKING, DraftLink, check_expiry
from articles.models.expunctions import Expunction, Kept, check_passage, kept, take_out
from articles.models.front import FrontSlot
from articles.models.keep import Keep, check_due
from articles.models.notes import Note, Withdrawal
from articles.models.paths import Path, stem_of
from articles.models.photos import ArticlePhoto, Photo
from articles.models.remarks import MAX_ANSWERS, MAX_OPEN, Remark
from articles.models.revisions import Revision, StaleRevision
from articles.models.sittings import Sitting
from articles.models.tasks import Task
from articles.models.taxonomy import Author, Section, Series, Tag, TaggedArticle
from articles.passages import passages
from articles.search import index
from articles.slugs import slug_for
from articles.telling import Word, telling
from newsroom import clock
from newsroom.commenting import Commentable, Commenting, commenting
from newsroom.models import LANGUAGE_CODE_LENGTH, Site, Upcoming
from newsroom.verbs import Act, Refused, verb

if TYPE_CHECKING:
    from articles.models.accounts import User


# The same remark by the same person within this time is one: a press too many.
SAME_WITHIN = timedelta(minutes=10)


class Story(models.Model):
    """One thing that happened, whatever the language; it groups the language versions."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("story")
        verbose_name_plural = _("stories")

    def __str__(self) -> str:
        return f"{_('story')} {self.pk}"

    @property
    def page_key(self) -> str:
        """The key of pages that show which languages this story has."""
        return f"story-{self.pk}"

    def withdraw(self, *, by: "User | None", reason: str) -> None:
        """Take back every version: published ones answer 410, scheduled ones never come out, drafts stay in.

        Raises Refused if nothing of the story has ever been out, PermissionDenied if `by` may not.
        """
        with verb("story.withdraw", by=by, on=self) as act:
            self._lock()
            articles = list(Article.objects.lock().filter(story=self).order_by("pk"))
            if self.withdrawn_at:
                return act.nothing()
            if not any(article.has_been_visible() for article in articles):
                raise Refused(_("No version of this story has been published: there is nothing to withdraw."))
            self.withdrawn_at = timezone.now()
            for article in articles:
                if article.has_been_visible():
                    article.withdraw(by=by, reason=reason, at=self.withdrawn_at)
                else:
                    article.unpublish(by=by)
            self.save(update_fields=["withdrawn_at"])
            act.purge(self.page_key)

    def reinstate(self, *, by: "User | None") -> None:
        """Undo the withdrawal of the whole story. Raises PermissionDenied if `by` may not.

        A version that had been withdrawn by itself before stays so.
        """
        with verb("story.reinstate", by=by, on=self) as act:
            self._lock()
            articles = list(Article.objects.lock().filter(story=self).order_by("pk"))
            if not (since := self.withdrawn_at):
                return act.nothing()
            # Also where each had been withdrawn by itself before, and none comes back.
            for article in articles:
                if article.withdrawn_at:
                    article._check_permission(by, "articles.withdraw_article")
            self.withdrawn_at = None
            self.save(update_fields=["withdrawn_at"])
            for article in articles:
                if article.withdrawn_at == since:
                    article.reinstate(by=by)
            act.purge(self.page_key)

    def _lock(self) -> None:
        """Lock the row and read it anew. Whoever locks a story and articles locks the story first."""
        self.refresh_from_db(from_queryset=Story.objects.select_for_update(no_key=True))


class Article(Commentable, Content):
    """One language version of a story. Columns and relations hold what is live.

    Until the article is published or scheduled for the first time they mirror the newest revision, for the
    admin's lists; from then on only `publish` copies a revision here.
    """

    class Stage(models.TextChoices):
        WRITING = "writing", _("writing")
        COPY_DESK = "copy-desk", _("copy desk")
        READY = "ready", _("ready")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SCHEDULED = "scheduled", _("Scheduled")
        LIVE = "live", _("Live")
        UNPUBLISHED = "unpublished", _("Unpublished")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    story = models.ForeignKey(Story, models.PROTECT, related_name="articles", verbose_name=_("story"))
    language = models.CharField(_("language"), max_length=LANGUAGE_CODE_LENGTH)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    section = models.ForeignKey(
        Section, models.PROTECT, null=True, blank=True, verbose_name=_("section"), related_name="articles"
    )
    series = models.ForeignKey(
        Series, models.PROTECT, null=True, blank=True, verbose_name=_("series"), related_name="articles"
    )
    photo = models.ForeignKey(
        Photo, models.PROTECT, null=True, blank=True, verbose_name=_("lead photo"), related_name="leading"
    )
    live_revision = models.ForeignKey(
        "articles.Revision", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    # Another text for an article that is live, which goes out at its time (`publish_due`).
    pending_revision = models.ForeignKey(
        "articles.Revision", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    pending_at = models.DateTimeField(_("changes go out"), null=True, blank=True, editable=False)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage, default=Stage.WRITING)
    # Who goes on with it, and until when.
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="assigned_articles",
        verbose_name=_("assigned to"),
    )
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    # Null: not published. Future: scheduled. Past: visible.
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    first_published_at = models.DateTimeField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(
        _("updated"), null=True, blank=True, editable=False, help_text="When readers last got another text."
    )
    embargo_until = models.DateTimeField(
        _("embargo until"), null=True, blank=True, help_text=_("Nothing publishes it before.")
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    path = models.CharField(max_length=300, blank=True, editable=False)
    comment_count = models.PositiveIntegerField(_("comments"), default=0, editable=False)

    tags = TaggableManager(through=TaggedArticle, blank=True)
    authors = models.ManyToManyField(Author, through="Byline", related_name="articles")
    sources = models.ManyToManyField("articles.Source", through="ArticleSource", related_name="articles")
    photos = models.ManyToManyField(Photo, through="ArticlePhoto", related_name="articles")

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["story", "language"],
                name="one_article_per_language",
                violation_error_message=_("This story has an article in that language already."),
            ),
            models.UniqueConstraint(fields=["path"], condition=~Q(path=""), name="article_path_unique"),
            models.CheckConstraint(
                condition=Q(published_at=None) | ~Q(path=""), name="published_article_has_path"
            ),
            models.CheckConstraint(
                condition=Q(published_at=None) | Q(live_revision__isnull=False),
                name="published_article_has_revision",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None) | Q(first_published_at__isnull=False),
                name="published_article_was_first_published",
            ),
            models.CheckConstraint(
                condition=Q(pending_at=None, pending_revision=None)
                | Q(pending_at__isnull=False, pending_revision__isnull=False, published_at__isnull=False),
                name="pending_revision_has_time",
            ),
        ]
        indexes = [
            # Without what is not out: SQLite would look for drafts there, taking each time for a rare one.
            models.Index(
                fields=["language", "-published_at", "-id"],
                name="article_by_date",
                condition=Q(published_at__isnull=False),
            ),
            models.Index(
                fields=["section", "language", "-published_at", "-id"],
                name="article_by_section",
                condition=Q(published_at__isnull=False),
            ),
            models.Index(
                fields=["series", "language", "-published_at", "-id"],
                name="article_by_series",
                condition=Q(published_at__isnull=False),
            ),
            models.Index(
                fields=["stage", "-id"],
                name="article_drafts_by_stage",
                condition=Q(published_at=None, first_published_at=None, withdrawn_at=None),
            ),
            models.Index(
                fields=["created_by", "-id"],
                name="article_drafts_by_writer",
                condition=Q(published_at=None, first_published_at=None, withdrawn_at=None),
            ),
            models.Index(fields=["created_by", "-id"], name="article_by_writer"),
            models.Index(fields=["stage", "-id"], name="article_by_stage"),
            models.Index(
                fields=["assignee", "-id"],
                name="article_by_assignee",
                condition=Q(assignee__isnull=False),
            ),
            models.Index(fields=["due_at"], name="article_to_do", condition=Q(due_at__isnull=False)),
            models.Index(fields=["-id"], name="article_not_out", condition=Q(published_at=None)),
            models.Index(
                fields=["flood_until"], name="article_flooded", condition=Q(flood_until__isnull=False)
            ),
            models.Index(fields=["-id"], name="article_withdrawn", condition=Q(withdrawn_at__isnull=False)),
            models.Index(
                fields=["published_at", "embargo_until"],
                name="article_due",
                condition=Q(published_at__isnull=False, withdrawn_at=None),
            ),
            models.Index(
                fields=["pending_at"], name="article_pending", condition=Q(pending_at__isnull=False)
            ),
            models.Index(
                SitemapPart("id"),
                LAST_CHANGED.desc(),
                name="article_in_sitemap",
                condition=Q(published_at__isnull=False, withdrawn_at=None),
            ),
        ]
        permissions = [
            ("edit_others", _("Can edit others' articles, set stages and assign")),
            ("publish_article", _("Can publish, schedule and unpublish articles")),
            ("withdraw_article", _("Can withdraw articles and stories")),
            ("expunge_article", _("Can expunge passages from articles")),
            ("arrange_front", _("Can arrange front pages")),
        ]

    def __str__(self) -> str:
        return self.headline or f"{_('article')} {self.pk}"

    def get_absolute_url(self) -> str:
        """Return the current path; "" for what was never published or scheduled."""
        return self.path

    # Questions

    @property
    def state(self) -> "Article.State":
        """Where the article stands between its writers and its readers."""
        if self.withdrawn_at:
            return self.State.WITHDRAWN
        if self.is_visible():
            return self.State.LIVE
        if self.published_at:
            return self.State.SCHEDULED
        return self.State.UNPUBLISHED if self.first_published_at else self.State.DRAFT

    def is_visible(self, at: datetime | None = None) -> bool:
        """Return whether readers may see this; the same rule as `Article.objects.visible()`."""
        now = at or clock.now()
        return (
            self.published_at is not None
            and self.published_at <= now
            and (self.embargo_until is None or self.embargo_until <= now)
            and self.withdrawn_at is None
        )

    def has_been_visible(self) -> bool:
        """Return whether readers could ever see this."""
        return self.first_published_at is not None and self.first_published_at <= clock.now()

    def mirrors_newest(self) -> bool:
        """Return whether the columns follow the newest revision: nothing is published or scheduled yet."""
        return self.published_at is None and self.first_published_at is None

    def newest_revision(self) -> Revision | None:
        """Return the revision that editors go on from."""
        return self.revisions.order_by("-number").first()

    def stem(self, *, known: bool | None = None) -> str:
        """Return what stands before the slug in a new path of this article.

        If readers know one (`known`, else as it is now), its date stays; else it is that of the schedule, or today.
        """
        if self.has_been_visible() if known is None else known:
            return self.path[: self.path.rstrip("/").rindex("/") + 1]
        return stem_of(self.language, self.first_published_at or timezone.now(), Site.current().zone)

    def path_with(self, slug: str) -> str:
        """Return the path that this article would get if it went out with a slug: at its schedule, or now."""
        if slug == self.slug and self.path:
            return self.path
        return Path.objects.foresee(self.stem(), slug, self)

    def is_editable_by(self, user: "User") -> bool:
        """Return whether this user may change the article; the same rule as `editable_by()`."""
        own = self.created_by_id == user.pk and user.may("articles.change_article", self)
        return own or user.may("articles.edit_others", self)

    def check_assignable(self, person: "User") -> None:
        """Raise Refused for somebody who could not go on with it: assigning gives no access."""
        if not self.is_editable_by(person):
            raise Refused(
                format_lazy(
                    _(
                        "{who} may not edit this article, and assigning gives no access: choose somebody else."
                    ),
                    who=person.shown_name,
                )
            )

    def check_may_assign(self, by: "User | None", before: int | None, assignee: "User | None") -> None:
        """Raise PermissionDenied if `by` may not give it (or a task at it) from whoever has it to somebody, or nobody.

        Who may edit it takes what nobody has and gives back what is his; the rest is for those who edit others'.
        """
        if by is None or by.may("articles.edit_others", self):
            return
        after = assignee.pk if assignee else None
        if not self.is_editable_by(by) or not {before, after} <= {None, by.pk}:
            raise PermissionDenied

    def stages_open_to(self, user: "User") -> list["Article.Stage"]:
        """Return the stages that this user may set: the desk any; who wrote it hands it in, and takes it back."""
        if user.may("articles.edit_others", self):
            return list(self.Stage)
        if self.is_editable_by(user) and self.stage != self.Stage.READY:
            return [self.Stage.WRITING, self.Stage.COPY_DESK]
        return []

    def revisions_readable_by(self, user: "User | None") -> models.QuerySet[Revision]:
        """Return the revisions that this user may read: all where he may edit, else what readers see."""
        if user is None or self.is_editable_by(user):
            return self.revisions.all()
        return self.revisions.filter(pk=self.live_revision_id if self.is_visible() else None)

    def has_newer_draft(self) -> bool:
        """Return whether editors are ahead of what readers see."""
        newest = self.newest_revision()
        return bool(self.live_revision_id and newest and newest.pk != self.live_revision_id)

    def check_embargo(self, at: datetime) -> None:
        """Raise Refused for a time before the embargo ends: nothing is published, or scheduled, for then."""
        if self.embargo_until and at < self.embargo_until:
            raise Refused(_("There is an embargo: nothing publishes this article before it ends."))

    def check_publishable(self, revision: Revision | None) -> None:
        """Raise Refused with everything that keeps a revision from being published."""
        if self.withdrawn_at or self.story.withdrawn_at:
            raise Refused(_("This article is withdrawn: reinstate it first."))
        if revision is None or revision.article_id != self.pk:
            raise Refused(_("There is no revision to publish."))
        missing = [
            name
            for name, value in (
                (_("headline"), revision.headline.strip()),
                (_("slug"), revision.slug),
                (_("section"), revision.section_id),
                (_("text"), revision.body or revision.standfirst),
                (
                    _("reviewed by"),
                    revision.reviewed_by.strip() or revision.provenance != Provenance.MACHINE_REVIEWED,
                ),
            )
            if not value
        ]
        if missing:
            raise Refused(
                format_lazy(_("Before publishing, give: {names}."), names=", ".join(map(str, missing)))
            )
        if revision.provenance != Provenance.ORIGINAL and revision.translated_from_id:
            original = revision.translated_from
            if (
                original.article.language != self.language
                and original.body == revision.body
                and (revision.body or original.headline == revision.headline)
            ):
                raise Refused(_("The text is still that of the other language: translate it first."))

    def commenting(self, site: Site) -> Commenting:
        """Return what becomes of a comment sent now; one query for the section, unless it was fetched."""
        places = [self, *([self.section] if self.section_id else []), site]
        return commenting(places, self.first_published_at, clock.now())

    def takes_comments(self, site: Site) -> bool:
        """Return whether readers may comment now."""
        return self.is_visible() and self.commenting(site).is_open

    def public_sources(self) -> list[Source]:
        """Return the sources that readers are told, in order; fetch with `for_presentation()`."""
        rows = getattr(self, "all_sources", None)
        if rows is None:
            rows = self.article_sources.select_related("source")
        return [row.source for row in rows if row.is_public]

    def public_notes(self) -> list[Note]:
        """Return the notes that readers see, the newest first; fetch with `for_presentation()`."""
        rows = getattr(self, "shown_notes", None)
        return list(self.notes.shown()) if rows is None else rows

    def versions_to_tell(self) -> ArticleQuerySet:
        """Return the other versions of the story, drafts too, that a change here may ask something of."""
        return (
            Article.objects.filter(story=self.story_id, story__withdrawn_at=None, withdrawn_at=None)
            .exclude(pk=self.pk)
            .order_by("language")
        )

    def other_versions(self) -> ArticleQuerySet:
        """Return the visible articles of the story in other languages."""
        return Article.objects.visible().filter(story=self.story_id).exclude(pk=self.pk).order_by("language")

    def page_keys(self) -> list[str]:
        """Return the keys of pages that show anything of this article: its own page, every item in a list."""
        return [f"article-{self.pk}"]

    def comment_keys(self) -> list[str]:
        """Return the keys of pages that a shown comment changes: what shows the number, and what is sorted by it."""
        return [*self.page_keys(), f"discussed-{self.language}"]

    def list_keys(self, *revisions: Revision) -> list[str]:
        """Return the keys of the lists that this article stands in, as the live rows have it, or these revisions."""
        keys = {f"front-{self.language}", f"story-{self.story_id}", "sitemap"}
        if not revisions:
            tags = self.tagged.values_list("tag", flat=True)
            authors = self.bylines.values_list("author", flat=True)
            keys.update(self._keys_of(self, tags, authors))
        for revision in revisions:
            authors = [row["author"] for row in revision.bylines]
            keys.update(self._keys_of(revision, revision.tags, authors))
        return sorted(keys)

    def _keys_of(self, content: Content, tags: Iterable[int], authors: Iterable[int]) -> Iterable[str]:
        if content.section_id:
            yield f"section-{content.section_id}-{self.language}"
        if content.series_id:
            yield f"series-{content.series_id}-{self.language}"
        yield from (f"tag-{pk}-{self.language}" for pk in tags)
        yield from (f"author-{pk}-{self.language}" for pk in authors)

    def pending_keys(self) -> list[str]:
        """Return the keys of the pages that change when the pending revision goes out; fetch with `pending()`."""
        return [*self.page_keys(), *self.list_keys(self.live_revision, self.pending_revision)]

    # Verbs

    @classmethod
    def start(
        cls, *, by: "User | None", language: str, story: Story | None = None, **content: Any
    ) -> "Article":
        """Make an article with its first revision, in a new story unless one is given.

        `content` is what `save_revision` takes. Raises Refused if the story has this language already,
        PermissionDenied if `by` may not write, or not begin a story.
        """
        if by is not None and not by.may("articles.add_article"):
            raise PermissionDenied
        if by is not None and story is None and not by.may("articles.add_story"):
            raise PermissionDenied
        with verb("article.start", by=by, language=language) as act:
            if story is None:
                story = Story.objects.create()
            else:
                story._lock()
            if story.articles.filter(language=language).exists():
                raise Refused(_("This story has an article in that language already."))
            article = cls.objects.create(
                story=story,
                language=language,
                created_by=by,
                headline=content.get("headline", ""),
                section=content.get("section"),
            )
            act.on = article
            act.purge(*article.page_keys())
            article.save_revision(by=by, **content)
        return article

    def save_revision(
        self,
        *,
        by: "User | None",
        base: int | None = None,
        bylines: Iterable[tuple[Author, str]] | None = None,
        tags: Iterable[Tag] | None = None,
        sources: Iterable[tuple[Source, bool]] | None = None,
        **content: Any,
    ) -> Revision:
        """Save what an editor changed as a new revision; what is not given stays as in the newest one.

        `content` names fields of Content; `bylines` are (author, role), `sources` (source, is it public).
        `base` is the number of the revision that the editor began from: if there is a newer one, StaleRevision is
        raised and nothing is saved. A save that changes nothing returns the newest revision. Raises PermissionDenied
        if `by` may not edit this article, ValidationError for content that is not right, such as what is too long.
        """
        if unknown := set(content) - set(CONTENT_FIELDS):
            raise TypeError(f"Not content of an article: {', '.join(sorted(unknown))}")
        self._check_editable(by)
        with verb("article.save", by=by, on=self) as act:
            self._lock()
            newest = self.newest_revision()
            if newest and base is not None and base != newest.number:
                raise StaleRevision(newest)
            revision = Revision(article=self, created_by=by, number=newest.number + 1 if newest else 1)
            for name in CONTENT_FIELDS:
                revision.copy_field(name, newest or Article(language=self.language))
            for name, value in content.items():
                setattr(revision, name, value)
            revision.slug = revision.slug or slug_for(revision.headline, self.language)
            revision.bylines = newest.bylines if newest else []
            revision.tags = newest.tags if newest else []
            revision.sources = newest.sources if newest else []
            if bylines is not None:
                pairs = dict.fromkeys((author.pk, str(role)) for author, role in bylines)
                revision.bylines = [{"author": author, "role": role} for author, role in pairs]
            if tags is not None:
                revision.tags = list(dict.fromkeys(tag.pk for tag in tags))
            if sources is not None:
                told = {source.pk: bool(public) for source, public in sources}
                revision.sources = [{"source": source, "public": public} for source, public in told.items()]
            self._check_editable(by, revision)
            # Sanitises the body, too. Left out is what was made here; a headline may come later.
            made = {"article", "created_by", "blocks", "bylines", "tags", "sources"}
            revision.clean_fields(exclude=made if revision.headline else made | {"headline"})
            revision.take_lasting_links()
            if newest and revision.same_as(newest):
                act.nothing()
                return newest
            revision.blocks = assign_keys(
                revision.body, newest.blocks if newest else [], newest.body if newest else ""
            )
            revision.save()
            act.details["revision"] = revision.number
            if self.mirrors_newest():
                self._copy(revision)
                self.save()
        return revision

    def publish(
        self, *, by: "User | None", at: datetime | None = None, revision: Revision | None = None
    ) -> None:
        """Show a revision (the newest unless given) to readers, at once or at a time.

        A time in the future schedules the first publication or, where readers see the article, the change of its text;
        one in the past dates an import, or the update of one. Whatever was scheduled before is forgotten. What readers
        see already keeps its date, its path and, unless the slug changed, its address. Raises Refused with the reason,
        PermissionDenied if `by` may not publish here.
        """
        self._check_permission(by, "articles.publish_article")
        with verb("article.publish", by=by, on=self) as act:
            self._lock()
            self._catch_up()
            self._publish(act, by, at, revision or self.newest_revision())

    def _publish(self, act: Act, by: "User | None", at: datetime | None, revision: Revision) -> None:
        """Do what `publish` says, within its act; the caller holds the lock."""
        now = timezone.now()
        self.check_publishable(revision)
        # The text may be on its way to another section than the one that readers find it in.
        self._check_permission(by, "articles.publish_article", revision)
        self.check_embargo(at or now)
        was_live = self.published_at is not None and self.published_at <= now
        if was_live and at is not None and at > now:
            return self._publish_later(act, revision, at)
        known, old_slug, was_pending = self.has_been_visible(), self.slug, self.pending_at
        # What comes back after it was unpublished is no news, unless somebody says so by a time.
        first = self.first_published_at if known else None
        published_at = self.published_at if was_live else (at or first or now)
        if (self.live_revision_id, self.published_at, self.pending_at) == (
            revision.pk,
            published_at,
            None,
        ):
            return act.nothing()
        act.purge(*self.page_keys(), *self.list_keys())
        if known and self.live_revision_id != revision.pk:
            self.updated_at = max(at or now, published_at)
        self._forget_schedule()
        self._copy(revision)
        self.live_revision = revision
        self.published_at = published_at
        if not known:
            self.first_published_at = published_at
        self._set_path(known=known, old_slug=old_slug)
        self.save()
        if was_pending:
            self._announce()
        if revision.published_at is None or revision.published_at > now:
            revision.published_at = max(published_at, at or now) if known else published_at
            Revision.objects.filter(pk=revision.pk).update(published_at=revision.published_at)
        self._index()
        act.details.update(revision=revision.number, at=published_at.isoformat())
        act.purge(*self.page_keys(), *self.list_keys())

    def _publish_later(self, act: Act, revision: Revision, at: datetime) -> None:
        """Note that readers get another text at a time; pages that are stored now are to end then."""
        if revision.pk == self.live_revision_id:
            raise Refused(_("Readers see this revision already: there is nothing to schedule."))
        if (self.pending_revision_id, self.pending_at) == (revision.pk, at):
            return act.nothing()
        self.pending_revision, self.pending_at = revision, at
        self.save(update_fields=["pending_revision", "pending_at"])
        self._announce()
        act.details.update(revision=revision.number, pending=at.isoformat())
        act.purge(*self.pending_keys())

    def cancel_pending(self, *, by: "User | None") -> None:
        """Let a change of the text that was scheduled not come.

        Raises PermissionDenied if `by` may not publish here.
        """
        self._check_permission(by, "articles.publish_article")
        with verb("article.cancel", by=by, on=self) as act:
            self._lock()
            self._catch_up()
            if self.pending_at is None:
                return act.nothing()
            act.details["revision"] = self.pending_revision.number
            # Pages that were to end then need not any more.
            act.purge(*self.pending_keys())
            self.pending_revision = self.pending_at = None
            self.save(update_fields=["pending_revision", "pending_at"])
            self._announce()

    def publish_due(self) -> bool:
        """Show readers the pending revision if its time has come; return whether this call did it.

        Whoever comes first does it, a request or the background process; what readers get is dated by the schedule.
        Raises Refused if it can no longer be published.
        """
        with verb("article.publish", by=None, on=self) as act:
            self._lock()
            if not self._is_due():
                act.nothing()
                return False
            self._publish(act, None, self.pending_at, self.pending_revision)
        return True

    def _is_due(self) -> bool:
        """Return whether the time of a pending revision has come."""
        return self.pending_at is not None and self.pending_at <= clock.now()

    def _catch_up(self) -> None:
        """Carry out what fell due before a verb that would take its place; the caller holds the lock.

        Between the time and whoever comes first to carry it out somebody may schedule, cancel or withdraw: the change
        was to be out by then, and a later schedule must not make it wait.
        """
        if self._is_due():
            try:
                self.publish_due()
            except Refused:
                self._lock()

    def unpublish(self, *, by: "User | None") -> None:
        """Take the article from readers without a word (404), or cancel its schedule.

        Raises Refused if it is withdrawn, PermissionDenied if `by` may not publish here.
        """
        self._check_permission(by, "articles.publish_article")
        with verb("article.unpublish", by=by, on=self) as act:
            self._lock()
            self._catch_up()
            if self.published_at is None:
                return act.nothing()
            if self.withdrawn_at:
                raise Refused(_("This article is withdrawn: reinstate it first."))
            act.purge(*self.page_keys(), *self.list_keys())
            was_pending = self.pending_at
            self.published_at = None
            self._forget_schedule()
            if not self.has_been_visible():
                # Nobody has seen it: it is a draft again, and its address is free.
                self.paths.filter(path=self.path).delete()
                self.first_published_at = None
                self.live_revision = None
                self.path = ""
                if newest := self.newest_revision():
                    self._copy(newest)
            self.save()
            if was_pending:
                self._announce()
            self._index()

    def withdraw(self, *, by: "User | None", reason: str, at: datetime | None = None) -> None:
        """Take this version back: its addresses answer 410 with a neutral notice.

        `at` is the moment at which the whole story is withdrawn. Without it the other versions stay, and each gets the
        task to look at it. Raises Refused if readers never saw it, PermissionDenied if `by` may not.
        """
        self._check_permission(by, "articles.withdraw_article")
        with verb("article.withdraw", by=by, on=self) as act:
            self._lock()
            self._catch_up()
            if self.withdrawn_at:
                return act.nothing()
            if not self.has_been_visible():
                raise Refused(_("Readers never saw this article: there is nothing to withdraw."))
            self.withdrawn_at = at or timezone.now()
            was_pending = self.pending_at
            self.pending_revision = self.pending_at = None
            self.save(update_fields=["withdrawn_at", "pending_revision", "pending_at"])
            if was_pending:
                self._announce()
            self._index()
            withdrawal = Withdrawal.objects.create(article=self, reason=reason, by=by)
            if at is None:
                # The others stay: somebody has to look whether they hold what was wrong here.
                self._ask_versions(Task.Kind.REVIEW, by=by, withdrawal=withdrawal)
            act.purge(*self.page_keys(), *self.list_keys())

    def reinstate(self, *, by: "User | None") -> None:
        """Undo a withdrawal. Raises Refused if the whole story is withdrawn, PermissionDenied if `by` may not."""
        self._check_permission(by, "articles.withdraw_article")
        with verb("article.reinstate", by=by, on=self) as act:
            self._lock()
            if self.withdrawn_at is None:
                return act.nothing()
            if Story.objects.filter(pk=self.story_id).exclude(withdrawn_at=None).exists():
                raise Refused(_("The whole story is withdrawn: reinstate the story."))
            self.withdrawn_at = None
            self.save(update_fields=["withdrawn_at"])
            self._index()
            act.purge(*self.page_keys(), *self.list_keys())

    def add_note(
        self, *, by: "User | None", kind: str, text: str, author: str = "", at: datetime | None = None
    ) -> Note:
        """Add a dated public word at this article; `at` dates an import.

        What `Note.ASKS` names becomes a task at each other version of the story that is not withdrawn; not what is
        imported, which comes with its versions' own notes.

        Raises Refused if readers cannot see the article, PermissionDenied if `by` may not add notes here.
        """
        self._check_permission(by, "articles.add_note")
        with verb("article.note", by=by, on=self, kind=str(kind)) as act:
            self._lock()
            if not self.is_visible():
                raise Refused(_("Notes stand at live articles: publish this one first."))
            note = Note(
                article=self,
                kind=kind,
                text=text,
                author=author,
                created_by=by,
                created_at=at or timezone.now(),
            )
            note.full_clean(exclude=["created_by"])
            note.save()
            act.details["note"] = note.pk
            if at is None and (wanted := Note.ASKS.get(note.kind)):
                self._ask_versions(wanted, by=by, note=note)
            act.purge(*note.page_keys())
        return note

    def hide_revision(self, revision: Revision, *, by: "User | None") -> None:
        """Keep what readers once got out of the history that they are shown; the newsroom keeps it.

        Raises Refused for what readers see now, or never got, PermissionDenied if `by` may not expunge here.
        """
        self._set_public(revision, False, by=by)

    def show_revision(self, revision: Revision, *, by: "User | None") -> None:
        """Let readers look back at a revision again. Raises PermissionDenied if `by` may not expunge here."""
        self._set_public(revision, True, by=by)

    def _set_public(self, revision: Revision, wanted: bool, *, by: "User | None") -> None:
        self._check_permission(by, "articles.expunge_article")
        if revision.article_id != self.pk:
            raise Refused(_("That revision belongs to another article."))
        name = "revision.show" if wanted else "revision.hide"
        with verb(name, by=by, on=self, revision=revision.number) as act:
            self._lock()
            revision.refresh_from_db()
            if revision.is_public == wanted:
                return act.nothing()
            if not wanted:
                revision.check_hideable(self)
            # By query: a revision cannot be saved anew, and its text does not change.
            Revision.objects.filter(pk=revision.pk).update(is_public=wanted)
            revision.is_public = wanted
            act.purge(*self.page_keys())

    @sensitive_variables()
    def expunge(self, *, by: "User | None", passage: str, reason: str, replacement: str = "") -> Expunction:
        """Take a passage out of everything that is kept of this article, for good; a mark stands in its place.

        Live text, every revision, notes, remarks, tasks, reports, what was typed and not saved, search: all in one
        transaction. The passage itself is kept nowhere, its digest is. Sent twice it is one. Raises Refused with the
        reason (it stands nowhere, is too short or too long, would empty a headline that readers see), ValidationError
        for a reason that is empty or too long, PermissionDenied if `by` may not expunge here.
        """
        self._check_permission(by, "articles.expunge_article")
        wanted = Passage(passage, replacement)
        check_passage(wanted, reason)
        with verb("article.expunge", by=by, on=self) as act:
            self._lock()
            found = list(kept(self, wanted, lock=True))
            if not found:
                if known := self.expunctions.filter(digest=wanted.digest).first():
                    act.nothing()
                    return known
                raise Refused(_("This passage stands nowhere in this article: check how it is written."))
            expunction = Expunction(article=self, digest=wanted.digest, reason=reason, by=by)
            expunction.full_clean(exclude=["by", "found"])
            self._check_headlines_without(wanted, found)
            act.purge(*self.page_keys(), *self.list_keys(), f"corrections-{self.language}")
            newest = self.newest_revision()
            expunction.found = dict(take_out(found, wanted))
            if any(True for _one in kept(self, wanted)):
                raise Refused(_("What is to stand in its place brings the passage back: choose other words."))
            self.refresh_from_db()
            changed = {one.row.pk for one in found if one.kind == "revision"}
            if newest and newest.pk in changed:
                self._go_on_from(newest.save_anew(by=by, at=expunction.at), newest)
            if self.has_been_visible() and "article" in expunction.found:
                # Readers get another text than before.
                self.updated_at = max(expunction.at, self.published_at or expunction.at)
            self.save()
            expunction.save()
            self._index()
            act.details.update(expunction=expunction.pk, digest=expunction.digest, found=expunction.found)
        return expunction

    def _check_headlines_without(self, passage: Passage, found: Iterable[Kept]) -> None:
        """Raise Refused if nothing would be left of a headline that readers see, or will by themselves."""
        if self.published_at is None or self.withdrawn_at:
            return
        shown = {
            ("article", self.pk),
            ("revision", self.live_revision_id),
            ("revision", self.pending_revision_id),
        }
        for one in found:
            if (one.kind, one.row.pk) in shown and "headline" in one.fields:
                left = one.without(passage)["headline"].replace(MARK, "")
                if not any(char.isalnum() for char in left):
                    raise Refused(
                        _(
                            "Nothing would be left of a headline that readers see: publish another headline first."
                        )
                    )

    def _go_on_from(self, another: Revision, newest: Revision) -> None:
        """Let a copy of the newest revision take its place; the caller saves the columns.

        A form that was opened before the expunction holds the passage still. It has the number of an older revision
        now, so that its save is stale and somebody decides what stands (see `expunged_since`).
        """
        if self.live_revision_id == newest.pk:
            self.live_revision = another
            if self.published_at:
                another.published_at = max(another.created_at, self.published_at)
                Revision.objects.filter(pk=another.pk).update(published_at=another.published_at)
            Revision.objects.filter(pk=newest.pk, published_at__gt=another.created_at).update(
                published_at=None
            )
        if self.pending_revision_id == newest.pk:
            self.pending_revision = another

    def expunged_since(self, revision: Revision) -> bool:
        """Return whether a passage was expunged after a revision was saved.

        What somebody typed upon that revision as it was then may hold the passage, and the revision itself does not
        any more: to a merge, it would be new.
        """
        return self.expunctions.filter(at__gt=revision.created_at).exists()

    def set_stage(self, stage: str, *, by: "User | None") -> None:
        """Hand the article on to a stage. Raises PermissionDenied for a stage that is not open to `by`."""
        with verb("article.stage", by=by, on=self, stage=str(stage)) as act:
            self._lock()
            if by is not None and stage not in self.stages_open_to(by):
                raise PermissionDenied
            if self.stage == stage:
                return act.nothing()
            self.stage = self.Stage(stage)
            self.save(update_fields=["stage"])

    def assign(
        self,
        *,
        by: "User | None",
        assignee: "User | type[Keep] | None" = Keep,
        due_at: datetime | type[Keep] | None = Keep,
    ) -> None:
        """Say who goes on with it, and until when; what is not given stays.

        Who may edit it takes what nobody has and gives back what is his; the rest takes the permission to edit others'
        articles. Raises PermissionDenied otherwise, Refused for somebody who may not edit it and for a new time that
        is past.
        """
        with verb("article.assign", by=by, on=self) as act, telling(self, by) as told:
            self._lock()
            whom: Any = self.assignee if assignee is Keep else assignee
            due = self.due_at if due_at is Keep else due_at
            self.check_may_assign(by, self.assignee_id, whom)
            is_new = whom is not None and whom.pk != self.assignee_id
            if not is_new and (self.assignee_id, self.due_at) == (whom and whom.pk, due):
                return act.nothing()
            if is_new:
                self.check_assignable(whom)
            check_due(due, self.due_at)
            self.assignee, self.due_at = whom, due
            self.save(update_fields=["assignee", "due_at"])
            act.details.update(assignee=whom and whom.pk, due=due and due.isoformat())
            if is_new:
                address = reverse("admin:articles_article_change", args=[self.pk])
                words = _("%(who)s has assigned this article to you.")
                told.tell([whom], Word(words, address=address, until=due))

    def remark(
        self, *, by: "User | None", text: str, block: str = "", answers: Remark | None = None
    ) -> Remark:
        """Say something to colleagues at a passage, at the whole article, or in answer to a remark.

        `block` is the key of a passage of the newest revision (`articles.passages`). The same word twice within some
        minutes is one. Raises PermissionDenied if `by` may not edit the article, Refused for a passage that is gone, a
        remark that is resolved, or too many of them, ValidationError for a text that is empty or too long.
        """
        with verb("article.remark", by=by, on=self) as act, telling(self, by) as told:
            self._lock()
            self._check_editable(by)
            if answers is not None:
                # An answer to an answer stands below the same remark.
                answers = self.remarks.filter(pk=answers.answers_id or answers.pk).first()
                if answers is None:
                    raise Refused(_("That remark belongs to another article, or is gone."))
                block = ""
            remark = Remark(article=self, block=block, answers=answers, text=text, created_by=by)
            remark.clean_fields(exclude=["article", "answers", "created_by", "block"])
            since = timezone.now() - SAME_WITHIN
            same = self.remarks.filter(block=block, answers=answers, text=text, created_by=by)
            if known := same.filter(created_at__gt=since, resolved_at=None).first():
                act.nothing()
                return known
            if answers is not None:
                if answers.resolved_at:
                    raise Refused(_("This remark is resolved: open it again to answer."))
                if answers.replies.count() >= MAX_ANSWERS:
                    raise Refused(_("There are too many answers here: make a new remark."))
            else:
                self.check_room_for_remarks()
                remark.quote = self._passage(block)
            remark.save()
            act.details["remark"] = remark.pk
            if answers is not None:
                act.details["answers"] = answers.pk
            heard = {self.assignee, self.created_by, *(answers.speakers() if answers else ())}
            words = _("%(who)s has answered a remark:") if answers else _("%(who)s has made a remark:")
            told.tell(
                sorted(filter(None, heard), key=lambda one: one.pk),
                Word(words, text=text, address=remark.get_absolute_url()),
            )
        return remark

    def check_room_for_remarks(self) -> None:
        """Raise Refused if as many remarks are open as anybody reads."""
        if self.remarks.open().count() >= MAX_OPEN:
            raise Refused(_("Too many remarks are open at this article: resolve some first."))

    def _passage(self, block: str) -> str:
        """Return how a passage reads today, "" for the whole article. Raises Refused if it is gone."""
        if not block:
            return ""
        newest = self.newest_revision()
        for passage in passages(newest) if newest else ():
            if passage.key == block:
                return passage.quote
        raise Refused(_("The passage is no longer in the text: say it at another, or at the whole article."))

    def hand_on(
        self,
        *,
        by: "User | None",
        stage: str,
        assignee: "User | type[Keep] | None" = Keep,
        due_at: datetime | type[Keep] | None = Keep,
        text: str = "",
    ) -> None:
        """Hand the article on to a stage, and to somebody, until a time, with a word: all of it or nothing.

        Raises what `set_stage`, `assign` and `remark` raise. Whoever gets it is told in one mail.
        """
        with transaction.atomic(), telling(self, by):
            self.set_stage(stage, by=by)
            if (assignee, due_at) != (Keep, Keep):
                self.assign(by=by, assignee=assignee, due_at=due_at)
            if text:
                self.remark(by=by, text=text)

    def set_desk(
        self,
        *,
        by: "User | None",
        embargo_until: datetime | type[Keep] | None = Keep,
        comments_mode: str | type[Keep] = Keep,
        comments_close_after: int | type[Keep] | None = Keep,
    ) -> None:
        """Set what stands beside the text: an embargo, and where readers may comment; what is not given stays.

        Raises Refused for an embargo on what readers see already, PermissionDenied if `by` may not publish here,
        ValidationError for a mode or a number of days that there is not.
        """
        self._check_permission(by, "articles.publish_article")
        given = {
            "embargo_until": embargo_until,
            "comments_mode": comments_mode,
            "comments_close_after": comments_close_after,
        }
        with verb("article.desk", by=by, on=self) as act:
            self._lock()
            wanted = {name: value for name, value in given.items() if value is not Keep}
            changed = {name: value for name, value in wanted.items() if getattr(self, name) != value}
            if not changed:
                return act.nothing()
            if changed.get("embargo_until"):
                if self.has_been_visible():
                    raise Refused(_("Readers have seen this article: it is too late for an embargo."))
                if self.published_at and self.published_at < changed["embargo_until"]:
                    raise Refused(_("It is scheduled before that: change the schedule first."))
            for name, value in changed.items():
                setattr(self, name, value)
            self.clean_fields(exclude={field.name for field in self._meta.fields} - set(changed))
            self.save(update_fields=list(changed))
            act.details.update(
                embargo=self.embargo_until.isoformat() if self.embargo_until else None,
                comments=self.comments_mode,
                days=self.comments_close_after,
            )
            act.purge(*self.page_keys(), *self.list_keys())

    def place_on_front(
        self,
        *,
        by: "User | None",
        kind: int,
        position: int = 0,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
    ) -> FrontSlot:
        """Give the article a place on the front page of its language, for a time or until it is taken away.

        Readers find it there while they may see it. Raises Refused for a withdrawn one, PermissionDenied if `by` may
        not arrange this front page, ValidationError for a time that ends before it begins.
        """
        self._check_permission(by, "articles.arrange_front")
        with verb("front.place", by=by, on=self, kind=int(kind)) as act:
            self._lock()
            if self.withdrawn_at:
                raise Refused(_("This article is withdrawn: reinstate it first."))
            slot = FrontSlot(
                article=self,
                kind=kind,
                position=position,
                starts_at=starts_at,
                ends_at=ends_at,
                created_by=by,
            )
            slot.full_clean(exclude=["created_by"])
            slot.save()
            act.details["slot"] = slot.pk
            act.purge(*slot.page_keys())
        return slot

    def share_draft(
        self,
        *,
        by: "User | None",
        expires_at: datetime,
        for_whom: str = "",
        revision: Revision | None = None,
    ) -> DraftLink:
        """Make a link by which somebody without an account may read the draft until then.

        It shows one revision, or always the newest. Raises Refused for what readers can see already, for what is
        withdrawn and for a time that is too near or too far, PermissionDenied if `by` may not edit.
        """
        self._check_editable(by)
        with verb("article.share", by=by, on=self) as act:
            self._lock()
            if (
                self.withdrawn_at
                or Story.objects.filter(pk=self.story_id).exclude(withdrawn_at=None).exists()
            ):
                raise Refused(_("This article is withdrawn: reinstate it first."))
            if self.is_visible():
                raise Refused(_("Everybody can read this article: pass its own address on."))
            if revision and revision.article_id != self.pk:
                raise Refused(_("That revision belongs to another article."))
            check_expiry(expires_at)
            if self.draft_links.working().count() >= MAX_WORKING:
                raise Refused(_("Too many links to this draft work already: revoke some first."))
            link = DraftLink(
                article=self, revision=revision, for_whom=for_whom, created_by=by, expires_at=expires_at
            )
            link.full_clean(exclude=["created_by"])
            link.save()
            # Neither the token nor for whom it is.
            act.details.update(link=link.pk, until=expires_at.isoformat())
            if revision:
                act.details["revision"] = revision.number
        return link

    def add_version(self, language: str, *, by: "User | None") -> "Article":
        """Start the version of this story in another language, from the newest revision that `by` may read.

        The text is copied to be translated in place; `publish` refuses it while it is still the same.
        """
        source = self.revisions_readable_by(by).order_by("-number").first()
        content = source.content() if source else {}
        content.update(slug="", provenance=Provenance.TRANSLATED, translated_from=source, reviewed_by="")
        return Article.start(by=by, language=language, story=self.story, **content)

    def restore(self, revision: Revision, *, by: "User | None") -> Revision:
        """Save what an older revision holds as a new one, for editors to go on from.

        Raises PermissionDenied if `by` may not edit.
        """
        if revision.article_id != self.pk:
            raise Refused(_("That revision belongs to another article."))
        return self.save_revision(by=by, **revision.content())

    def join(self, story: Story, *, by: "User | None") -> None:
        """Move this article to another story, whose version in this language it becomes.

        Raises Refused if that story has this language, PermissionDenied if `by` may not edit, or may not publish
        and readers have seen the article: its page links the other languages.
        """
        self._check_editable(by)
        with verb("article.join", by=by, on=self, story=story.pk) as act:
            # Stories first, in the order of their ids; then what may have moved meanwhile.
            stories = Story.objects.select_for_update(no_key=True).filter(pk__in=[self.story_id, story.pk])
            stories = {row.pk: row for row in stories.order_by("pk")}
            self._lock()
            if self.story_id == story.pk:
                return act.nothing()
            if self.story_id not in stories or story.pk not in stories:
                raise Refused(_("The stories were changed meanwhile: look again."))
            left, story = stories[self.story_id], stories[story.pk]
            if self.first_published_at:
                self._check_permission(by, "articles.publish_article")
            if story.articles.filter(language=self.language).exists():
                raise Refused(_("This story has an article in that language already."))
            if story.withdrawn_at or left.withdrawn_at:
                raise Refused(_("A withdrawn story cannot be joined or left."))
            if self.withdrawn_at:
                raise Refused(_("This article is withdrawn: reinstate it first."))
            # The sitemap says which languages a story has.
            act.purge(left.page_key, story.page_key, "sitemap", *self.page_keys())
            self.story = story
            self.save(update_fields=["story"])
            if self.pending_at:
                self._announce()
            if not left.articles.exists():
                left.delete()

    def discard(self, *, by: "User | None") -> None:
        """Delete a draft that was never published and never commented on, with its revisions.

        Raises Refused for anything else, PermissionDenied if `by` may not edit.
        """
        self._check_editable(by)
        with verb("article.discard", by=by, on=self, language=self.language) as act:
            self._lock()
            if self.published_at or self.first_published_at:
                raise Refused(_("What was published is never deleted: unpublish or withdraw it."))
            act.purge(*self.page_keys(), self.story.page_key)
            # What somebody has typed at it and not saved is not lost with it.
            Sitting.objects.filter(article=self).update(article=None)
            try:
                # By query: the row in memory keeps its id, which the log names.
                Article.objects.filter(pk=self.pk).delete()
            except ProtectedError as error:
                raise Refused(
                    _("Comments or a translation belong to this article: it cannot be deleted.")
                ) from error
            if not self.story.articles.exists():
                self.story.delete()

    # What the verbs are made of

    def _ask_versions(self, kind: str, *, by: "User | None", **about: Any) -> None:
        """Make a task at each other version of the story; `about` is the note or the withdrawal that it comes from."""
        for version in self.versions_to_tell().defer("body"):
            # Where too many tasks are open already, one more tells nobody anything: readers need not wait for that.
            with suppress(Refused):
                Task.make(article=version, kind=kind, source=self, by=by, **about)

    def _lock(self) -> None:
        """Lock the row and read it anew; what the caller set in memory is not believed."""
        self.refresh_from_db(from_queryset=Article.objects.lock())

    def _check_permission(
        self, user: "User | None", permission: str, revision: Revision | None = None
    ) -> None:
        if user is not None and not user.may(permission, revision or self):
            raise PermissionDenied

    def _check_editable(self, user: "User | None", revision: Revision | None = None) -> None:
        """Raise PermissionDenied unless `user` may edit this article, and where a revision would take it."""
        where = revision or self
        if user is None or user.may("articles.edit_others", where):
            return
        if self.created_by_id != user.pk or not user.may("articles.change_article", where):
            raise PermissionDenied

    def _copy(self, revision: Revision) -> None:
        """Copy a revision into columns and relations; the caller saves the columns."""
        for name in CONTENT_FIELDS:
            revision_field = Revision._meta.get_field(name)
            setattr(self, revision_field.attname, getattr(revision, revision_field.attname))
        self.bylines.all().delete()
        Byline.objects.bulk_create(
            Byline(article=self, author=author, role=role, position=position)
            for position, (author, role) in enumerate(revision.byline_pairs())
        )
        self.tagged.all().delete()
        TaggedArticle.objects.bulk_create(
            TaggedArticle(content_object=self, tag=tag) for tag in revision.tag_list()
        )
        self.article_sources.all().delete()
        ArticleSource.objects.bulk_create(
            ArticleSource(article=self, source=source, is_public=is_public, position=position)
            for position, (source, is_public) in enumerate(revision.source_pairs())
        )
        self.article_photos.all().delete()
        ArticlePhoto.objects.bulk_create(
            ArticlePhoto(article=self, photo=photo)
            for photo in Photo.objects.filter(
                Q(uid__in=photo_uids(revision.body)) | Q(pk__in=[revision.photo_id, revision.social_photo_id])
            )
        )

        self.article_attachments.all().delete()
        ArticleAttachment.objects.bulk_create(
            ArticleAttachment(article=self, attachment=attachment)
            for attachment in Attachment.objects.filter(uid__in=attachment_uids(revision.body))
        )

    def _announce(self) -> None:
        """Say anew which articles' texts change by themselves: pages that show them end then."""
        Upcoming.rewrite(
            lambda: [(article.pending_at, article.pending_keys()) for article in Article.objects.pending()]
        )

    def _forget_schedule(self) -> None:
        """Let nothing come by itself: another revision goes out, or none.

        No revision says any longer that readers got it at a time that has not come. The caller saves the columns.
        """
        self.pending_revision = self.pending_at = None
        self.revisions.filter(published_at__gt=timezone.now()).update(published_at=None)

    def _index(self) -> None:
        """Let search follow: whatever changes visibility or the live text ends with it, in its transaction.

        What stands there hangs on neither the story nor a draft, so that `join` and `discard` change nothing.
        """
        index.follow(self)

    def _set_path(self, *, known: bool, old_slug: str) -> None:
        """Give the article the path of its first date and its slug.

        `known`: readers know the current path. Then it stays (as a row that redirects) and only another slug makes
        a new one, below the same date; else it was a schedule's and goes.
        """
        if known and self.slug == old_slug:
            return
        if not known:
            self.paths.filter(path=self.path).delete()
        self.path = Path.objects.claim(self.stem(known=known), self.slug, self)
