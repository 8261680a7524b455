"""Find: the newest matches of a query, ranked."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Q

from articles.search.engine import Matches, engine
from articles.search.index import place_after, place_at
from articles.search.query import Query
from newsroom import clock

if TYPE_CHECKING:
    from articles.models.articles import ArticleQuerySet

NEWEST = 1_000


@dataclass(frozen=True)
class Found:
    """The articles that hold what is looked for, the best first."""

    articles: list[int] = field(default_factory=list)  # their ids
    is_cut: bool = False  # there are older ones too


def find(articles: "ArticleQuerySet", query: Query) -> Found:
    """Return which of these articles hold what is looked for, in two queries.

    They are ranked among the newest 1 000: by where the words stand, headline above standfirst above body; of the
    same rank the newest first.
    """
    if not query:
        return Found()
    rows = articles.filter(
        Matches("search_document__row__words", engine().matches(query)),
        # Both tables are told between which places: PostgreSQL walks through both, side by side.
        *(
            Q(**{f"{place}__{name}": bound})
            for name, bound in _bounds(query).items()
            for place in ("search_document__row__place_id", "search_document__place")
        ),
    ).order_by("-search_document__row__place_id")
    newest = list(rows.values_list("pk", "search_document__place")[: NEWEST + 1])
    ranks = engine().ranks(query, [place for _pk, place in newest[:NEWEST]])
    # Sorting keeps the order of equals. A row that went meanwhile has no rank.
    ranked = sorted(newest[:NEWEST], key=lambda row: -ranks.get(row[1], 0))
    return Found([pk for pk, _place in ranked], is_cut=len(newest) > NEWEST)


def _bounds(query: Query) -> dict[str, int]:
    """Return between which places to look: the index is in the order of time."""
    # What is scheduled stands behind the present second, and none of it has to be looked at.
    end = place_after(clock.now())
    if query.until:
        end = min(end, place_at(query.until))
    return {"lt": end} if query.since is None else {"lt": end, "gte": place_at(query.since)}
