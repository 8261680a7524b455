"""Names to choose from while somebody types: tags and authors in the article's language, sources."""

from articles.admin.search import begins_with
from articles.models import AuthorText, Source, TagText
from articles.slugs import slug_for

MAX_QUERY = 100
MAX_SUGGESTIONS = 20
# How many names a page carries for those who write without scripts.
MAX_LISTED = 100


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
