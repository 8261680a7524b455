"""Questions on articles: what readers may see, what belongs together, what a page or the desk shows of them."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Case, Exists, F, FilteredRelation, OuterRef, Prefetch, Q, Subquery, When
from django.db.models.functions import Coalesce

from articles.models.credits import ArticleSource, Byline
from articles.models.notes import Note
from articles.models.photos import Rendition
from articles.models.remarks import Remark
from articles.models.revisions import Revision
from articles.models.taxonomy import Author, Section, Series, Tag, TaggedArticle
from articles.search.find import Found, find
from articles.search.query import Query
from newsroom import clock
from newsroom.commenting import Commentable
from newsroom.prepared import Given

if TYPE_CHECKING:
    from articles.models.accounts import User
    from articles.models.articles import Article

# What is related to an article is looked for among so many tags of it, so many of the newest of each of them and of
# its series, and so many of its section.
RELATED_TAGS = 6
RELATED_LOOK = 60
RELATED_FILL = 8


def _visible(at: datetime | Given | None = None, path: str = "") -> Q:
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

    def visible(self, at: datetime | Given | None = None) -> Self:
        """Return what readers may see: published, its time come, embargo over, not withdrawn."""
        return self.filter(_visible(at))

    def in_language(self, language: str | OuterRef | Given) -> Self:
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
        found = [self.model.objects.filter(pk__in=part).order_by().values("pk") for part in parts]
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

    def pending(self) -> Self:
        """Return the articles of which another text goes out by itself, the first one first, with both texts' facts."""
        return (
            self.filter(pending_at__isnull=False)
            .select_related("live_revision", "pending_revision")
            .defer("body", "live_revision__body", "pending_revision__body")
            .order_by("pending_at", "pk")
        )

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
        """Return articles with their section, and its `section_name` and `section_slug` in their own language.

        Both are None where it has no words in that language.
        """
        return (
            self.select_related("section")
            .annotate(
                section_words=FilteredRelation(
                    "section__texts", condition=Q(section__texts__language=F("language"))
                )
            )
            .annotate(section_name=F("section_words__name"), section_slug=F("section_words__slug"))
        )

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
            self.model.objects.filter(
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
                Prefetch("notes", Note.objects.shown(), to_attr="shown_notes"),
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
        versions = self.model.objects.only("story", "language").order_by("pk")
        return (
            self.select_related("story", "section", "assignee")
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

    def in_work(self) -> Self:
        """Return what readers do not see as it stands at the desk: not out, or with a newer draft.

        For a few of all articles only, such as those that somebody has: no index knows it.
        """
        newer = Revision.objects.filter(article=OuterRef("pk"), number__gt=OuterRef("live_revision__number"))
        now = clock.now()
        not_out = Q(published_at=None) | Q(published_at__gt=now) | Q(embargo_until__gt=now)
        return self.filter(not_out | Q(withdrawn_at__isnull=False) | Exists(newer))

    def with_open_remarks(self) -> Self:
        """Return articles with `open_remarks`, the number of remarks that nobody has resolved."""
        remarks = Remark.objects.open().filter(article=OuterRef("pk")).order_by().values("article")
        number = remarks.annotate(number=models.Count("pk")).values("number")
        return self.annotate(open_remarks=Coalesce(Subquery(number), 0))

    def in_state(self, state: "Article.State") -> Self:
        """Return the articles of a state; the same rules as `Article.state`."""
        not_withdrawn, states = self.filter(withdrawn_at=None), self.model.State
        match state:
            case states.WITHDRAWN:
                return self.filter(withdrawn_at__isnull=False)
            case states.LIVE:
                return self.visible()
            case states.SCHEDULED:
                # An embargo ends before the schedule, or the verbs refuse it.
                return not_withdrawn.filter(published_at__gt=clock.now())
            case states.UNPUBLISHED:
                return not_withdrawn.filter(published_at=None, first_published_at__isnull=False)
            case _:
                return not_withdrawn.filter(published_at=None, first_published_at=None)

    def for_commenting(self) -> Self:
        """Return articles with what takes a comment, says where it belongs and who is told, and no more.

        A row has some forty columns, and a comment that is stored asks for it twice (`articles.commented`).
        """
        commentable = [field.name for field in Commentable._meta.get_fields()]
        return self.select_related("section").only(
            *("language", "headline", "path", "story", "section", "noindex", "comment_count"),
            *("published_at", "first_published_at", "embargo_until", "withdrawn_at"),
            *commentable,
            *(f"section__{name}" for name in commentable),
        )

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
