"""The drafts of the newsroom by their stages: what is written, what is at the copy desk, what is ready."""

from dataclasses import dataclass
from datetime import tzinfo
from itertools import chain

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.http import urlencode

from articles.admin.states import due_sentence
from articles.models import Article, Revision, User
from articles.models.articles import ArticleQuerySet
from newsroom.desk import number_of

# So many drafts stand in a column; the list has the others.
MAX_IN_COLUMN = 50


@dataclass(frozen=True)
class Column:
    """A stage with its drafts: what is due first, then the newest."""

    stage: Article.Stage
    rows: list[tuple[Article, str]]  # each with its due time in words
    number: int

    @property
    def address(self) -> str:
        """The list of all its drafts."""
        query = urlencode({"state": Article.State.DRAFT.value, "stage": self.stage.value})
        return f"{reverse('admin:articles_article_changelist')}?{query}"

    @property
    def has_more(self) -> bool:
        """Return whether the list has more than the column."""
        return self.number > len(self.rows)


def columns(user: User, zone: tzinfo) -> list[Column]:
    """Return the drafts that a user may edit, a column for each stage; three queries a column."""
    drafts = Article.objects.editable_by(user).in_state(Article.State.DRAFT)
    found = []
    for stage in Article.Stage:
        here = drafts.filter(stage=stage)
        # Each half by an index of its own: not all drafts are sorted to find fifty.
        due = shown(here.filter(due_at__isnull=False)).order_by("due_at", "-pk")[:MAX_IN_COLUMN]
        rest = shown(here.filter(due_at=None)).order_by("-pk")[:MAX_IN_COLUMN]
        articles = list(chain(due, rest))[:MAX_IN_COLUMN]
        rows = [(article, due_sentence(article.due_at, zone)) for article in articles]
        found.append(Column(stage, rows, number_of(here)))
    return found


def shown(articles: ArticleQuerySet) -> ArticleQuerySet:
    """Return articles with what a column shows of each."""
    newest = Revision.objects.filter(article=OuterRef("pk")).order_by("-number").values("created_at")
    return (
        articles.with_open_remarks()
        .annotate(saved_at=Subquery(newest[:1]))
        .select_related("assignee")
        .defer("body")
    )
