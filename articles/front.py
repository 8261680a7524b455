"""The front page: which article stands where. Editors give places, the rest fills itself by date and section."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from articles.models import Article, FrontSlot, SectionText
from articles.models.articles import ArticleQuerySet

SECONDS = 2
LATEST = 5
TOP = 1 + SECONDS + LATEST
GROUP = 5
# More places than these in one language, the future's included, are not looked at.
MAX_SLOTS = 40


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


def candidates(
    visible: ArticleQuerySet, sections: Iterable[SectionText], slots: Sequence[FrontSlot]
) -> ArticleQuerySet:
    """Return of the visible articles of a language what its front page can need.

    That is the newest, each section's, and those that have a place. Each of these is a range scan of a few rows,
    however many articles there are.
    """
    ids = visible.newest_first().values("pk")
    wanted = [ids[: TOP + len(slots)]]
    wanted += [ids.filter(section=text.section_id)[: TOP + GROUP + len(slots)] for text in sections]
    if slots:
        wanted.append(ids.filter(pk__in=[slot.article_id for slot in slots]))
    # A limit must not stand in a part of a union on SQLite, so each part stands in a query of its own. Conditions
    # joined by OR instead would make PostgreSQL look at every article.
    found = [Article.objects.filter(pk__in=part).order_by().values("pk") for part in wanted]
    # All of them are visible; asking again would make SQLite walk through the whole language.
    return Article.objects.filter(pk__in=found[0].union(*found[1:])).newest_first()


def arrange(
    articles: Sequence[Article], sections: Iterable[SectionText], slots: Iterable[FrontSlot] = ()
) -> Front:
    """Give each article its place; `articles` are newest first, `sections` and `slots` in their order.

    A place given by an editor goes first: one lead, the others are seconds; two seconds, the others are pinned; a
    pinned one stands first in its section's part. Without a given lead it is the newest of the first three that has
    a photo, else the newest. Nothing stands there twice.
    """
    by_pk = {article.pk: article for article in articles}
    given: dict[int, FrontSlot] = {}
    for slot in slots:
        if slot.article_id in by_pk and slot.is_open():
            given.setdefault(slot.article_id, slot)
    kinds = FrontSlot.Kind
    above = [by_pk[pk] for pk, slot in given.items() if slot.kind != kinds.PINNED]
    pinned = [by_pk[pk] for pk, slot in given.items() if slot.kind == kinds.PINNED]
    led = any(slot.kind == kinds.LEAD for slot in given.values())
    # One lead and the seconds; whoever finds no room there is pinned.
    room = SECONDS + led
    above, pinned = above[:room], above[room:] + pinned

    free = [article for article in articles if article.pk not in given]
    newest, rest = free[: TOP - len(above)], free[TOP - len(above) :]
    front = Front(older=f"?before={newest[-1].pk}" if newest and rest else "")
    if led:
        front.lead = above.pop(0)
    elif newest:
        front.lead = next((article for article in newest[: 1 + SECONDS] if article.photo_id), newest[0])
        newest.remove(front.lead)
    fill = SECONDS - len(above)
    front.seconds = above + newest[:fill]
    front.latest = newest[fill:]
    if front.lead is None and front.seconds:
        front.lead = front.seconds.pop(0)

    groups = {text.section_id: Group(text) for text in sections}
    for article in [*pinned, *rest]:
        group = groups.get(article.section_id)
        if group and len(group.articles) < GROUP:
            group.articles.append(article)
    front.groups = [group for group in groups.values() if group.articles]
    return front
