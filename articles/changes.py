"""What changed in an article from one published revision to the next, for readers: word by word, said in words."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from articles.blocks import Block
from articles.compare import LABELS, Piece, Step, Work, known_again, steps, word_diff
from articles.compare import MAX_PIECES as MAX_PIECES
from articles.models import Article, Revision
from articles.views import in_language, withdrawn
from newsroom import pages
from newsroom.models import Site

# So many of the newest changes stand on the page.
MAX_CHANGES = 20


@dataclass
class Part:
    """A part of the article that changed: what it is, what happened to it, and its text."""

    label: str
    what: str
    pieces: list[Piece] = field(default_factory=list)


@dataclass
class Change:
    """The step from one published revision to the next, and when readers got it."""

    at: datetime | None
    parts: list[Part]


def changed_parts(old: Revision, new: Revision, work: Work | None = None) -> Iterator[Part]:
    """Yield what differs between two revisions of what readers read, in the order of the page."""
    work = work or Work()
    for name in ("kicker", "headline", "standfirst"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Part(str(LABELS[name]), _("changed"), word_diff(before, after, work))
    blocks_before, blocks_after, matched = known_again(old, new)
    # Here a block has moved when one that stood behind it comes first.
    reached, moved = -1, set()
    for at in sorted(matched):
        if matched[at] < reached:
            moved.add(at)
        reached = max(reached, matched[at])
    for step in steps(blocks_before, blocks_after, matched, moved):
        if part := _part(step, work):
            yield part


def _part(step: Step, work: Work) -> Part | None:
    """Return what readers are told of a block, None where it stayed as it was."""
    old, new = step.old, step.new
    if new is None:
        return Part(_label(old), _("removed"), [Piece("removed", old.text)]) if old else None
    if old is None:
        return Part(_label(new), _("added"), [Piece("added", new.text)])
    if step.moved:
        what = _("moved") if old.text == new.text else _("moved and changed")
        return Part(_label(new), what, word_diff(old.text, new.text, work))
    if old.text != new.text:
        return Part(_label(new), _("changed"), word_diff(old.text, new.text, work))
    if old.kind == new.kind == "figure" and old.photos != new.photos:
        return Part(_label(new), _("changed"), [Piece("same", new.text)])
    return None


def _label(block: Block) -> str:
    return str(LABELS[block.kind])


def history(article: Article) -> list[Change]:
    """Return the newest changes that readers got, the newest first; one query."""
    revisions = list(article.revisions.published()[: MAX_CHANGES + 1])
    changes = []
    work = Work()
    for new, old in pairwise(revisions):
        if parts := list(changed_parts(old, new, work)):
            changes.append(Change(new.published_at, parts))
    return changes


@in_language
def changes(request: HttpRequest, site: Site, language: str, **date_and_slug: str) -> HttpResponse:
    """Show what changed in an article since it was published."""
    path = request.path_info.removesuffix("changes/")
    article = Article.objects.visible().in_language(language).filter(paths__path=path).defer("body").first()
    if article is None:
        return withdrawn(request, language, path)
    pages.show(request, *article.page_keys())
    if article.path != path:
        return HttpResponsePermanentRedirect(f"{article.path}changes/")
    context = {
        "language": language,
        "article": article,
        "history": history(article),
        "is_cut": article.revisions.kept_out().exists() or article.expunctions.exists(),
        "most": MAX_CHANGES,
    }
    return render(request, "articles/changes.html", context)
