"""What can be chosen from while somebody types: names of tags, authors, sources; articles to link."""

from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, When

from articles.admin.search import begins_with, find
from articles.admin.states import short_time, standing
from articles.editor import ARTICLE_PATH
from articles.models import Article, AuthorText, Source, TagText, User
from articles.slugs import slug_for
from newsroom.dates import direction, own_name

MAX_QUERY = 100
MAX_SUGGESTIONS = 20
# How many names a page carries for those who write without scripts.
MAX_LISTED = 100
# Articles that the editor offers to link, and the characters of an address that may be looked for.
MAX_LINKABLE = 12
MAX_ASKED = 500


def suggestions(kind: str, query: str, language: str, limit: int = MAX_SUGGESTIONS) -> list[str] | None:
    """Return names that hold a text (tags: that begin with it, for they are many), None for an unknown kind."""
    query, language = query.replace("\0", "").strip()[:MAX_QUERY], language[:12].replace("\0", "")
    match kind:
        case "tags":
            begins = begins_with("slug", slug_for(query, language))
            found = TagText.objects.filter(begins, language=language).order_by("slug")
        case "authors":
            found = AuthorText.objects.filter(language=language, name__icontains=query).order_by("name")
        case "sources":
            found = Source.objects.filter(name__icontains=query).order_by("name")
        case _:
            return None
    return list(dict.fromkeys(found.values_list("name", flat=True)[:limit]))


def linkable(user: User, query: str, language: str, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Return the articles that a user may read and means by some words, a slug, an address or "#number".

    Those in the given language come first, then the newest; of each what tells it from others, and the address by
    which a text links it.
    """
    language = language[:12].replace("\0", "")
    found = find(Article.objects.readable_by(user), query.strip()[:MAX_ASKED])
    same_first = Case(When(language=language, then=0), default=1)
    rows = found.order_by(same_first, "-pk").select_related("story").defer("body")[:MAX_LINKABLE]
    return [
        {
            "address": ARTICLE_PATH.format(uid=article.uid),
            "title": str(article),
            "language": article.language,
            "direction": direction(article.language),
            "is_open": article.is_visible(),
            "about": " · ".join(
                filter(
                    None,
                    (
                        own_name(article.language),
                        str(standing(article, zone, newer_draft=False).words),
                        short_time(article.published_at, zone) if article.is_visible() else "",
                    ),
                )
            ),
        }
        for article in rows
    ]
