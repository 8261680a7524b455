"""Threads: rows become a tree, the tree becomes pages. Nothing here knows a request or a database."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

# What one page holds. A page ends with a whole thread where it can; a thread longer than a page goes on on the next.
TOP_LEVEL_PER_PAGE = 20
COMMENTS_PER_PAGE = 100
# A page is not closed for the sake of a whole thread before it holds as many.
FEWEST_PER_PAGE = 20
# Levels drawn by indent; deeper replies stand in the last one and say whom they answer.
LEVELS = 3


@dataclass(slots=True)
class Entry:
    """A place in a thread: a shown comment, or the placeholder of a removed one."""

    pk: int
    parent: int | None
    shown: bool
    depth: int
    # The rows of the comment and of the one that it answers, once they are fetched.
    comment: Any = None
    answered: Any = None
    # As drawn on a page: the replies indented below; whether what is answered is not what it is indented below; and
    # whether that is not even on the page.
    replies: list["Entry"] = field(default_factory=list)
    apart: bool = False
    elsewhere: bool = False


Page = list[Entry]


def shown_of(rows: Iterable[tuple[int, int | None, str]]) -> set[int]:
    """Return the ids of the comments that readers may read, worked out from (id, parent's id, state) alone.

    Shown is what is approved with nothing above it but approved and removed comments. Any order, linear time.
    """
    states: dict[int, str] = {}
    below: dict[int | None, list[int]] = {}
    for pk, parent, state in rows:
        states[pk] = state
        below.setdefault(parent, []).append(pk)
    shown = set()
    stack = below.get(None, [])
    while stack:
        pk = stack.pop()
        if states[pk] in ("approved", "removed"):
            stack.extend(below.get(pk, ()))
            if states[pk] == "approved":
                shown.add(pk)
    return shown


def arrange(rows: Iterable[tuple[int, int | None, bool]]) -> list[Entry]:
    """Return what readers see of a thread, each comment followed by its replies, older ones first.

    Rows are (id, parent's id, shown) of the shown and the removed comments of one article, in order of id. A removed
    one keeps a place as long as something below it is shown. Costs linear time and no recursion, however deep.
    """
    entries = {pk: Entry(pk, parent, shown, 0) for pk, parent, shown in rows}
    below: dict[int | None, list[Entry]] = {}
    for entry in entries.values():
        below.setdefault(entry.parent, []).append(entry)
    ordered = []
    stack = below.get(None, [])[::-1]
    while stack:
        entry = stack.pop()
        ordered.append(entry)
        for reply in reversed(below.get(entry.pk, ())):
            reply.depth = entry.depth + 1
            stack.append(reply)
    # Replies come after what they answer, so from the end each one is known before its parent asks.
    kept: set[int | None] = set()
    for entry in reversed(ordered):
        if entry.shown or entry.pk in kept:
            kept.update((entry.pk, entry.parent))
    return [entry for entry in ordered if entry.pk in kept]


def paginate(entries: list[Entry]) -> list[Page]:
    """Return the pages of a thread; each bounded in threads and in comments, the first with twenty or more."""
    pages: list[Page] = [[]]
    threads = 0
    for thread in _threads(entries):
        page = pages[-1]
        full = len(page) >= FEWEST_PER_PAGE and len(page) + len(thread) > COMMENTS_PER_PAGE
        if threads == TOP_LEVEL_PER_PAGE or full:
            pages.append([])
            threads = 0
        threads += 1
        for entry in thread:
            if len(pages[-1]) == COMMENTS_PER_PAGE:
                pages.append([])
                threads = 1
            pages[-1].append(entry)
    return pages


def _threads(entries: list[Entry]) -> Iterable[list[Entry]]:
    """Yield each top-level comment with all below it."""
    thread: list[Entry] = []
    for entry in entries:
        if entry.depth == 0 and thread:
            yield thread
            thread = []
        thread.append(entry)
    if thread:
        yield thread


def page_of(pages: list[Page], pk: int) -> int | None:
    """Return the number of the page on which a comment or its placeholder stands, counted from 1; None if on none."""
    return next(
        (number for number, page in enumerate(pages, start=1) if any(entry.pk == pk for entry in page)), None
    )


def draw(page: Page) -> list[Entry]:
    """Return the entries of a page that stand at its outermost level, replies in them, at most LEVELS deep.

    What continues a thread of the page before stands outermost, apart from what it answers.
    """
    outermost: list[Entry] = []
    places: dict[int, tuple[list[Entry], int]] = {}  # where each entry stands: in which list, at which level
    answers: dict[int, Entry] = {}
    for entry in page:
        host = answers.get(entry.parent) if entry.parent else None
        if host is None:
            siblings, level = outermost, 1
            entry.apart = entry.elsewhere = entry.parent is not None
        elif places[host.pk][1] < LEVELS:
            siblings, level = host.replies, places[host.pk][1] + 1
        else:
            siblings, level = places[host.pk]
            entry.apart = True
        siblings.append(entry)
        places[entry.pk] = siblings, level
        answers[entry.pk] = entry
    return outermost
