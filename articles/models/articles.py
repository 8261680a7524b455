"""Stories and articles: what readers may see, and the verbs between what is written and what is live."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import (
    Case,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Prefetch,
    ProtectedError,
    Q,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager

from articles.blocks import assign_keys
from articles.html import photo_uids
from articles.models.content import CONTENT_FIELDS, Content, Provenance
from articles.models.credits import ArticleSource, Byline, Source
from articles.models.front import FrontSlot
from articles.models.notes import Note, Withdrawal
from articles.models.paths import Path
from articles.models.photos import ArticlePhoto, Photo, Rendition
from articles.models.revisions import Revision, StaleRevision
from articles.models.taxonomy import Author, Section, Series, Tag, TaggedArticle
from articles.search import index
from articles.search.find import Found, find
from articles.search.query import Query
from articles.slugs import slug_for
from newsroom import clock
from newsroom.models import LANGUAGE_CODE_LENGTH, Site
from newsroom.verbs import Refused, verb

if TYPE_CHECKING:
    from articles.models.accounts import User


# What is related to an article is looked for among so many tags of it, so many of the newest of each of them and of
# its series, and so many of its section.
RELATED_TAGS = 6
RELATED_LOOK = 60
RELATED_FILL = 8


class Keep:
    """Stands for what a verb leaves as it is, where None is a value."""


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


def _visible(at: datetime | None = None, path: str = "") -> Q:
    """Return the whole rule of what readers may see, as a condition on Article; `path` leads to it from elsewhere."""
    now = at or clock.now()
    over = Q((f"{path}embargo_until", None)) | Q((f"{path}embargo_until__lte", now))
    return Q(over, (f"{path}published_at__lte", now), (f"{path}withdrawn_at", None))


def _for_search_engines(languages: Iterable[str], path: str = "") -> Q:
    here = Q((f"{path}language__in", languages), (f"{path}noindex", False), (f"{path}canonical_url", ""))
    return _visible(path=path) & here


# Articles in one part of the sitemap. The protocol allows 50 000 and 50 MB uncompressed: in many languages, in a script
# that addresses spell with six characters a letter, as many articles would be several times that.
# Another number needs a migration: the index is made with it.
SITEMAP_PART = 10_000


class SitemapPart(models.Func):
    """The part of the sitemap that an id belongs to. Written out, so that a query finds its index by it."""

    template = f"((%(expressions)s - 1) / {SITEMAP_PART} + 1)"
    output_field = models.BigIntegerField()


# When readers last got another text.
LAST_CHANGED = Coalesce("updated_at", "published_at")


class ArticleQuerySet(models.QuerySet["Article"]):
    """Questions on articles. Readers' pages begin with `visible()`, always."""

    def visible(self, at: datetime | None = None) -> Self:
        """Return what readers may see: published, its time come, embargo over, not withdrawn."""
        return self.filter(_visible(at))

    def in_language(self, language: str | OuterRef) -> Self:
        """Return the articles of one language."""
        return self.filter(language=language)

    def in_series(self, series: Series) -> Self:
        """Return the articles whose live series is this one."""
        return self.filter(series=series)

    def in_section(self, section: Section) -> Self:
        """Return the articles whose live section is this one."""
        return self.filter(section=section)

    def with_tag(self, tag: Tag) -> Self:
        """Return the articles that carry this tag live."""
        return self.filter(tagged__tag=tag)

    def by_author(self, author: Author) -> Self:
        """Return the articles whose live byline names this author, in whatever role, each once."""
        return self.filter(pk__in=Byline.objects.filter(author=author).values("article"))

    def newest_first(self) -> Self:
        """Return articles in the order of every list by date."""
        return self.order_by("-published_at", "-pk")

    def before(self, article: "Article") -> Self:
        """Return what stands after `article` in a list that is newest first."""
        # The plain bound beside the exact one: with it the database begins its scan there.
        return self.filter(
            Q(published_at__lt=article.published_at) | Q(pk__lt=article.pk),
            published_at__lte=article.published_at,
        )

    def most_discussed(self, *, since: datetime) -> Self:
        """Return what was published since then and commented on, most comments first."""
        return self.filter(published_at__gte=since, comment_count__gt=0).order_by(
            "-comment_count", "-published_at", "-pk"
        )

    def related_to(self, article: "Article") -> Self:
        """Return articles in the same language that share most with one, the newest first; not its own story.

        Those of the same series come first, then by the number of common tags, then what is newest in its section.
        Looks at some of the newest of each only, so that the cost is the same however many there are.
        """
        tags = [tagged.tag_id for tagged in article.tagged.all()][:RELATED_TAGS]
        # Of what is asked for (the visible ones): drafts would stand first, and take all the room.
        newest = self.in_language(article.language).newest_first().values("pk")
        parts = [
            TaggedArticle.objects.filter(tag=tag)
            .order_by("-content_object")
            .values("content_object")[:RELATED_LOOK]
            for tag in tags
        ]
        if article.series_id:
            parts.append(newest.filter(series=article.series_id)[:RELATED_LOOK])
        if article.section_id:
            parts.append(newest.filter(section=article.section_id)[:RELATED_FILL])
        if not parts:
            return self.none()
        found = [Article.objects.filter(pk__in=part).order_by().values("pk") for part in parts]
        shared = (
            TaggedArticle.objects.filter(content_object=OuterRef("pk"), tag__in=tags)
            .order_by()
            .values("content_object")
            .annotate(number=models.Count("pk"))
            .values("number")
        )
        # None is no series, and all that have none are none.
        in_series = Case(When(series=article.series_id or 0, then=1), default=0)
        return (
            self.in_language(article.language)
            .filter(pk__in=found[0].union(*found[1:]))
            .exclude(story=article.story_id)
            .annotate(in_series=in_series, shared=Coalesce(Subquery(shared), 0))
            .order_by("-in_series", "-shared", "-published_at", "-pk")
        )

    def search(self, query: Query) -> Found:
        """Return which of these articles hold what is looked for, best first, ranked among the newest 1 000.

        `query` comes from `articles.search.query.parse` and names the language. Two queries, at most.
        """
        return find(self, query)

    def next_due(self, at: datetime | None = None) -> datetime | None:
        """Return when the next of these articles becomes visible by itself, None if none is scheduled."""
        # An embargo ends before the schedule, or publishing is refused: the schedule alone is the time.
        due = self.filter(published_at__gt=at or clock.now(), withdrawn_at=None)
        return due.aggregate(first=models.Min("published_at"))["first"]

    def for_search_engines(self, languages: Iterable[str]) -> Self:
        """Return the visible articles in these languages that search engines are to find here and not elsewhere."""
        return self.filter(_for_search_engines(languages))

    def with_versions_for_search_engines(self, languages: Iterable[str]) -> Self:
        """Return each article once for each `version` of its story that goes by the same rule, itself included.

        A left join, which keeps SQLite from beginning with all articles of a language.
        """
        condition = _for_search_engines(languages, "story__articles__")
        return self.annotate(version=FilteredRelation("story__articles", condition=condition))

    def in_sitemap_part(self, number: int | OuterRef) -> Self:
        """Return the articles of a part of the sitemap; a part never loses one to another part."""
        return self.alias(sitemap_part=SitemapPart("pk")).filter(sitemap_part=number)

    def with_section(self) -> Self:
        """Return articles with `section_name` and `section_slug` in their own language, both None without words."""
        return self.annotate(
            section_words=FilteredRelation(
                "section__texts", condition=Q(section__texts__language=F("language"))
            )
        ).annotate(section_name=F("section_words__name"), section_slug=F("section_words__slug"))

    def with_series(self) -> Self:
        """Return articles with `series_name` and `series_slug` in their own language, both None without words."""
        return self.annotate(
            series_words=FilteredRelation("series__texts", condition=Q(series__texts__language=F("language")))
        ).annotate(series_name=F("series_words__name"), series_slug=F("series_words__slug"))

    def for_listing(self) -> Self:
        """Return articles with what a list item shows: section, lead photo with its words; without the bodies.

        Two queries, however many there are.
        """
        return (
            self.with_section()
            .select_related("photo")
            .prefetch_related(Prefetch("photo__renditions", Rendition.objects.for_cards()))
            .annotate(
                photo_words=FilteredRelation(
                    "photo__texts", condition=Q(photo__texts__language=F("language"))
                )
            )
            .annotate(photo_alt=F("photo_words__alt"))
            .defer("body")
        )

    def for_presentation(self) -> Self:
        """Return articles with all that their own page shows beside the photos, in five queries.

        Adds `next_due`, when the next article that may be related to it becomes visible by itself: one in the same
        language and section, of its series, or with one of its tags.
        """
        tags = TaggedArticle.objects.filter(content_object=OuterRef(OuterRef("pk"))).order_by().values("tag")
        with_its_tags = TaggedArticle.objects.filter(content_object=OuterRef("pk"), tag__in=tags)
        due = (
            Article.objects.filter(
                language=OuterRef("language"), published_at__gt=clock.now(), withdrawn_at=None
            )
            .filter(Q(section=OuterRef("section")) | Q(series=OuterRef("series")) | Exists(with_its_tags))
            .order_by("published_at")
        )
        return (
            self.annotate(next_due=Subquery(due.values("published_at")[:1]))
            .with_section()
            .with_series()
            .select_related("story", "translated_from__article")
            .defer("translated_from__body", "translated_from__article__body")
            .prefetch_related(
                "notes",
                Prefetch("bylines", Byline.objects.with_words()),
                Prefetch("tagged", TaggedArticle.objects.with_words()),
                Prefetch(
                    "article_sources", ArticleSource.objects.select_related("source"), to_attr="all_sources"
                ),
            )
        )

    def for_desk(self, user: "User") -> Self:
        """Return articles with what the admin's list shows, without the bodies, in four queries.

        Adds `newest_id` and `saved_at` of the newest revision that the user may read: of others' articles that is
        the live one. `story.articles` are all versions of the story, `story.readable_articles` those that the user
        may open.
        """
        newest = Revision.objects.filter(article=OuterRef("pk")).order_by("-number")
        editable = self._editable(user)
        versions = Article.objects.only("story", "language").order_by("pk")
        return (
            self.select_related("story", "section")
            .prefetch_related(
                "section__texts",
                Prefetch("story__articles", versions),
                Prefetch("story__articles", versions.readable_by(user), to_attr="readable_articles"),
            )
            .annotate(
                newest_id=Case(When(editable, Subquery(newest.values("pk")[:1])), default="live_revision"),
                saved_at=Case(
                    When(editable, Subquery(newest.values("created_at")[:1])),
                    default="live_revision__created_at",
                ),
            )
            .defer("body")
        )

    def in_state(self, state: "Article.State") -> Self:
        """Return the articles of a state; the same rules as `Article.state`."""
        not_withdrawn = self.filter(withdrawn_at=None)
        match state:
            case Article.State.WITHDRAWN:
                return self.filter(withdrawn_at__isnull=False)
            case Article.State.LIVE:
                return self.visible()
            case Article.State.SCHEDULED:
                # An embargo ends before the schedule, or the verbs refuse it.
                return not_withdrawn.filter(published_at__gt=clock.now())
            case Article.State.UNPUBLISHED:
                return not_withdrawn.filter(published_at=None, first_published_at__isnull=False)
            case _:
                return not_withdrawn.filter(published_at=None, first_published_at=None)

    def lock(self) -> Self:
        """Lock these rows until the transaction ends; what changes a counter or a state begins with it.

        FOR NO KEY UPDATE, so that inserting a comment (which takes a key-share lock) cannot deadlock with it.
        """
        return self.select_for_update(no_key=True, of=("self",))

    def readable_by(self, user: "User") -> Self:
        """Return what this user may open in the admin: what he may edit, and what readers see."""
        return self.filter(_visible() | self._editable(user))

    def editable_by(self, user: "User") -> Self:
        """Return what this user may change: his own, and others' where his role reaches."""
        return self.filter(self._editable(user))

    def _editable(self, user: "User") -> Q:
        own = Q(created_by=user) & user.reach_of("articles.change_article")
        return own | user.reach_of("articles.edit_others")


class Article(Content):
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
    stage = models.CharField(_("stage"), max_length=10, choices=Stage, default=Stage.WRITING)
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
    comments_open = models.BooleanField(_("comments are open"), default=True)
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
        ]
        indexes = [
            models.Index(fields=["language", "-published_at", "-id"], name="article_by_date"),
            models.Index(fields=["section", "language", "-published_at", "-id"], name="article_by_section"),
            models.Index(fields=["series", "language", "-published_at", "-id"], name="article_by_series"),
            models.Index(fields=["created_by", "-id"], name="article_by_writer"),
            models.Index(fields=["stage", "-id"], name="article_by_stage"),
            models.Index(fields=["-id"], name="article_not_out", condition=Q(published_at=None)),
            models.Index(fields=["-id"], name="article_withdrawn", condition=Q(withdrawn_at__isnull=False)),
            models.Index(
                fields=["published_at", "embargo_until"],
                name="article_due",
                condition=Q(published_at__isnull=False, withdrawn_at=None),
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

    def is_editable_by(self, user: "User") -> bool:
        """Return whether this user may change the article; the same rule as `editable_by()`."""
        own = self.created_by_id == user.pk and user.may("articles.change_article", self)
        return own or user.may("articles.edit_others", self)

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

    def takes_comments(self, site: Site) -> bool:
        """Return whether readers may comment now."""
        return site.comments_open and self.comments_open and self.is_visible()

    def public_sources(self) -> list[Source]:
        """Return the sources that readers are told, in order; fetch with `for_presentation()`."""
        rows = getattr(self, "all_sources", None)
        if rows is None:
            rows = self.article_sources.select_related("source")
        return [row.source for row in rows if row.is_public]

    def other_versions(self) -> ArticleQuerySet:
        """Return the visible articles of the story in other languages."""
        return Article.objects.visible().filter(story=self.story_id).exclude(pk=self.pk).order_by("language")

    def page_keys(self) -> list[str]:
        """Return the keys of pages that show anything of this article: its own page, every item in a list."""
        return [f"article-{self.pk}"]

    def comment_keys(self) -> list[str]:
        """Return the keys of pages that a shown comment changes: what shows the number, and what is sorted by it."""
        return [*self.page_keys(), f"discussed-{self.language}"]

    def list_keys(self) -> list[str]:
        """Return the keys of the lists that this article stands in, as the live rows have it."""
        keys = [f"front-{self.language}", f"story-{self.story_id}", "sitemap"]
        if self.section_id:
            keys.append(f"section-{self.section_id}-{self.language}")
        if self.series_id:
            keys.append(f"series-{self.series_id}-{self.language}")
        keys += [f"tag-{pk}-{self.language}" for pk in self.tagged.values_list("tag", flat=True)]
        keys += [f"author-{pk}-{self.language}" for pk in self.bylines.values_list("author", flat=True)]
        return keys

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

        A time in the future schedules the first publication; one in the past dates an import, or the update of one.
        What readers see already keeps its date, its path and, unless the slug changed, its address. Raises Refused
        with the reason, PermissionDenied if `by` may not publish here.
        """
        self._check_permission(by, "articles.publish_article")
        with verb("article.publish", by=by, on=self) as act:
            self._lock()
            now = timezone.now()
            revision = revision or self.newest_revision()
            self.check_publishable(revision)
            # The text may be on its way to another section than the one that readers find it in.
            self._check_permission(by, "articles.publish_article", revision)
            was_live = self.published_at is not None and self.published_at <= now
            if was_live and at is not None and at > now:
                raise Refused(_("This article is live: unpublish it first to give it a time in the future."))
            if self.embargo_until and (at or now) < self.embargo_until:
                raise Refused(_("There is an embargo: nothing publishes this article before it ends."))
            known, old_slug = self.has_been_visible(), self.slug
            # What comes back after it was unpublished is no news, unless somebody says so by a time.
            first = self.first_published_at if known else None
            published_at = self.published_at if was_live else (at or first or now)
            if self.live_revision_id == revision.pk and self.published_at == published_at:
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
            if revision.published_at is None or revision.published_at > now:
                revision.published_at = max(published_at, at or now) if known else published_at
                Revision.objects.filter(pk=revision.pk).update(published_at=revision.published_at)
            self._index()
            act.details.update(revision=revision.number, at=published_at.isoformat())
            act.purge(*self.page_keys(), *self.list_keys())

    def unpublish(self, *, by: "User | None") -> None:
        """Take the article from readers without a word (404), or cancel its schedule.

        Raises Refused if it is withdrawn, PermissionDenied if `by` may not publish here.
        """
        self._check_permission(by, "articles.publish_article")
        with verb("article.unpublish", by=by, on=self) as act:
            self._lock()
            if self.published_at is None:
                return act.nothing()
            if self.withdrawn_at:
                raise Refused(_("This article is withdrawn: reinstate it first."))
            act.purge(*self.page_keys(), *self.list_keys())
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
            self._index()

    def withdraw(self, *, by: "User | None", reason: str, at: datetime | None = None) -> None:
        """Take this version back: its addresses answer 410 with a neutral notice.

        `at` is the moment at which the whole story is withdrawn, now otherwise. Raises Refused if readers never saw
        it, PermissionDenied if `by` may not.
        """
        self._check_permission(by, "articles.withdraw_article")
        with verb("article.withdraw", by=by, on=self) as act:
            self._lock()
            if self.withdrawn_at:
                return act.nothing()
            if not self.has_been_visible():
                raise Refused(_("Readers never saw this article: there is nothing to withdraw."))
            self.withdrawn_at = at or timezone.now()
            self.save(update_fields=["withdrawn_at"])
            self._index()
            Withdrawal.objects.create(article=self, reason=reason, by=by)
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
            act.purge(*self.page_keys(), f"corrections-{self.language}")
        return note

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

    def set_desk(
        self,
        *,
        by: "User | None",
        embargo_until: datetime | type[Keep] | None = Keep,
        comments_open: bool | type[Keep] = Keep,
    ) -> None:
        """Set what stands beside the text: an embargo, and whether readers may comment; what is not given stays.

        Raises Refused for an embargo on what readers see already, PermissionDenied if `by` may not publish here.
        """
        self._check_permission(by, "articles.publish_article")
        with verb("article.desk", by=by, on=self) as act:
            self._lock()
            embargo_until = self.embargo_until if embargo_until is Keep else embargo_until
            comments_open = self.comments_open if comments_open is Keep else comments_open
            if (self.embargo_until, self.comments_open) == (embargo_until, comments_open):
                return act.nothing()
            if embargo_until and embargo_until != self.embargo_until:
                if self.has_been_visible():
                    raise Refused(_("Readers have seen this article: it is too late for an embargo."))
                if self.published_at and self.published_at < embargo_until:
                    raise Refused(_("It is scheduled before that: change the schedule first."))
            self.embargo_until = embargo_until
            self.comments_open = comments_open
            self.save(update_fields=["embargo_until", "comments_open"])
            act.details.update(
                embargo=embargo_until.isoformat() if embargo_until else None, comments=comments_open
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
            for photo in Photo.objects.filter(Q(uid__in=photo_uids(revision.body)) | Q(pk=revision.photo_id))
        )

    def _forget_schedule(self) -> None:
        """Let no revision say that readers got it at a time that has not come: another one goes out, or none."""
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
        if known:
            if self.slug == old_slug:
                return
            stem = self.path[: self.path.rstrip("/").rindex("/") + 1]
        else:
            self.paths.filter(path=self.path).delete()
            day = self.first_published_at.astimezone(Site.current().zone)
            stem = f"/{self.language}/{day:%Y/%m/%d}/"
        self.path = Path.objects.claim(stem, self.slug, self)
