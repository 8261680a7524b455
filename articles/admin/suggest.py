"""Names to choose from while somebody types: tags and authors in the article's language, sources."""

from articles.models import AuthorText, Source, TagText

MAX_QUERY = 100
MAX_SUGGESTIONS = 20
# How many names a page carries for those who write without scripts.
MAX_LISTED = 100


def suggestions(kind: str, query: str, language: str, limit: int = MAX_SUGGESTIONS) -> list[str] | None:
    """Return names that begin with a text (authors and sources: that hold it), None for an unknown kind."""
    query = query.replace("\0", "").strip()[:MAX_QUERY]
    match kind:
        case "tags":
            found = TagText.objects.filter(language=language[:12], name__istartswith=query)
        case "authors":
            found = AuthorText.objects.filter(language=language[:12], name__icontains=query)
        case "sources":
            found = Source.objects.filter(name__icontains=query)
        case _:
            return None
    return list(found.order_by("name").values_list("name", flat=True).distinct()[:limit])
