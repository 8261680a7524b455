"""What changed in an article from one published revision to the next: word by word, and said in words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import SequenceMatcher
from itertools import pairwise

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.blocks import match, split
from articles.models import Article, Revision
from articles.views import in_language, withdrawn
from newsroom import pages
from newsroom.models import Site

# Pieces of a text: words, the spaces between them, single signs.
_PIECES = re.compile(r"\w+|\s+|[^\w\s]")
# Longer texts are not compared word by word, which takes the square of their length: old and new stand whole.
MAX_PIECES = 4_000
# So many of the newest changes stand on the page.
MAX_CHANGES = 20

LABELS = {
    "kicker": gettext_lazy("Kicker"),
    "headline": gettext_lazy("Headline"),
    "standfirst": gettext_lazy("Standfirst"),
    "paragraph": gettext_lazy("Paragraph"),
    "heading": gettext_lazy("Heading"),
    "figure": gettext_lazy("Picture"),
    "quote": gettext_lazy("Quotation"),
    "list": gettext_lazy("List"),
    "table": gettext_lazy("Table"),
}


@dataclass(frozen=True)
class Piece:
    """A run of text that stayed ("same"), came ("added") or went ("removed")."""

    kind: str
    text: str


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


def word_diff(old: str, new: str) -> list[Piece]:
    """Return the new text with what went and what came marked; the removed before the added at each place."""
    before, after = _PIECES.findall(old), _PIECES.findall(new)
    if max(len(before), len(after)) > MAX_PIECES:
        return [Piece(kind, text) for kind, text in (("removed", old), ("added", new)) if text]
    pieces: list[Piece] = []

    def add(kind: str, words: Sequence[str]) -> None:
        if words:
            pieces.append(Piece(kind, "".join(words)))

    for action, i, j, k, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if action == "equal":
            add("same", before[i:j])
        else:
            add("removed", before[i:j])
            add("added", after[k:end])
    return _joined(pieces)


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Join changes that only white space stands between: a sentence that was rewritten is one change."""
    joined: list[Piece] = []
    at = 0
    while at < len(pieces):
        if pieces[at].kind == "same":
            joined.append(pieces[at])
            at += 1
            continue
        removed, added = "", ""
        while at < len(pieces):
            piece = pieces[at]
            follows = at + 1 < len(pieces) and pieces[at + 1].kind != "same"
            if piece.kind == "same" and not (piece.text.isspace() and follows):
                break
            removed += piece.text if piece.kind != "added" else ""
            added += piece.text if piece.kind != "removed" else ""
            at += 1
        joined += [Piece(kind, text) for kind, text in (("removed", removed), ("added", added)) if text]
    return joined


def changed_parts(old: Revision, new: Revision) -> Iterator[Part]:
    """Yield what differs between two revisions of what readers read, in the order of the page."""
    for name in ("kicker", "headline", "standfirst"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Part(str(LABELS[name]), _("changed"), word_diff(before, after))
    yield from _changed_blocks(old.body, new.body)


def _changed_blocks(old_body: str, new_body: str) -> Iterator[Part]:
    old, new = split(old_body), split(new_body)
    matched = match(old, new)
    gone = set(range(len(old))) - set(matched.values())
    reached = -1  # how far the old body has been read; what comes from before that has moved

    def removed_before(place: int) -> Iterator[Part]:
        for at in sorted(place_ for place_ in gone if place_ < place):
            gone.remove(at)
            yield Part(_label(old[at].kind), _("removed"), [Piece("removed", old[at].text)])

    for at, block in enumerate(new):
        if at not in matched:
            yield Part(_label(block.kind), _("added"), [Piece("added", block.text)])
            continue
        place = matched[at]
        yield from removed_before(place)
        before = old[place]
        if place < reached:
            what = _("moved") if before.text == block.text else _("moved and changed")
            yield Part(_label(block.kind), what, word_diff(before.text, block.text))
        elif before.text != block.text:
            yield Part(_label(block.kind), _("changed"), word_diff(before.text, block.text))
        elif before.kind == block.kind == "figure" and before.photos != block.photos:
            yield Part(_label(block.kind), _("changed"), [Piece("same", block.text)])
        reached = max(reached, place)
    yield from removed_before(len(old))


def _label(kind: str) -> str:
    return str(LABELS.get(kind, LABELS["paragraph"]))


def history(article: Article) -> list[Change]:
    """Return the newest changes that readers got, the newest first; one query."""
    revisions = list(article.revisions.published()[: MAX_CHANGES + 1])
    changes = []
    for new, old in pairwise(revisions):
        if parts := list(changed_parts(old, new)):
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
        "notes": article.notes.all(),
        "history": history(article),
        "most": MAX_CHANGES,
    }
    return render(request, "articles/changes.html", context)
