"""Corrections: every one that stands at an article, on one page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from articles.house import house_pages
from articles.models import Article, Note
from articles.models.taxonomy import Page
from articles.views import PER_PAGE, id_of, in_language
from newsroom import pages
from newsroom.models import Site


@in_language
def corrections(request: HttpRequest, site: Site, language: str) -> HttpResponse:
    """Show the corrections of a language, the newest first; `?before=<note id>` goes on."""
    visible = Note.objects.corrections(language)
    # The front page's key: an article that comes back brings its corrections with it.
    due = Article.objects.in_language(language).next_due()
    pages.show(request, f"corrections-{language}", f"front-{language}", until=due)
    notes, before = visible, request.GET.get("before")
    if before is not None:
        if (pk := id_of(before)) is None:
            raise Http404
        notes = notes.before(get_object_or_404(visible, pk=pk))
    found = list(notes[: PER_PAGE + 1])
    for note in found[:PER_PAGE]:
        pages.show(request, *note.article.page_keys())
    is_first = before is None
    alternates = {code: reverse("articles:corrections", args=[code]) for code in site.languages}
    context = {
        "notes": found[:PER_PAGE],
        "older": f"?before={found[PER_PAGE - 1].pk}" if len(found) > PER_PAGE else "",
        "address": request.path if is_first else f"{request.path}?before={pk}",
        "is_first": is_first,
        "policy": house_pages(request, language).get(Page.Purpose.CORRECTIONS),
        "alternates": alternates if is_first else {},
    }
    return render(request, "articles/corrections.html", {"language": language, **context})
