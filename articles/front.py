"""The front page: which article stands where. It fills itself by date and section."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from articles.models import Article, SectionText
from articles.models.articles import ArticleQuerySet

SECONDS = 2
LATEST = 5
TOP = 1 + SECONDS + LATEST
GROUP = 5


@dataclass
class Group:
    """A section's part of the front page."""

    section: SectionText
    articles: list[Article] = field(default_factory=list)


@dataclass
class Front:
    """The articles of a front page by place, each once."""

    lead: Article | None = None
    seconds: list[Article] = field(default_factory=list)
    latest: list[Article] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    older: str = ""  # where the list by date goes on behind lead, seconds and latest


def candidates(visible: ArticleQuerySet, sections: Iterable[SectionText]) -> ArticleQuerySet:
    """Return of the visible articles of a language what its front page can need: the newest, and each section's.

    Each of these is a range scan of a few rows, however many articles there are.
    """
    ids = visible.newest_first().values("pk")
    wanted = [ids[:TOP], *(ids.filter(section=text.section_id)[: TOP + GROUP] for text in sections)]
    # A limit must not stand in a part of a union on SQLite, so each part stands in a query of its own. Conditions
    # joined by OR instead would make PostgreSQL look at every article.
    found = [Article.objects.filter(pk__in=part).order_by().values("pk") for part in wanted]
    # All of them are visible; asking again would make SQLite walk through the whole language.
    return Article.objects.filter(pk__in=found[0].union(*found[1:])).newest_first()


def arrange(articles: Sequence[Article], sections: Iterable[SectionText]) -> Front:
    """Give each article its place; `articles` are newest first, `sections` in their order.

    The lead is the newest of the first three that has a photo, else the newest. Nothing stands there twice.
    """
    top, rest = list(articles[:TOP]), articles[TOP:]
    if not top:
        return Front()
    lead = next((article for article in top[: 1 + SECONDS] if article.photo_id), top[0])
    top.remove(lead)
    groups = {text.section_id: Group(text) for text in sections}
    for article in rest:
        group = groups.get(article.section_id)
        if group and len(group.articles) < GROUP:
            group.articles.append(article)
    return Front(
        lead=lead,
        seconds=top[:SECONDS],
        latest=top[SECONDS:],
        groups=[group for group in groups.values() if group.articles],
        older=f"?before={articles[TOP - 1].pk}" if rest else "",
    )
