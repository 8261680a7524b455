"""Threads: rows become a tree, the tree becomes pages. Nothing here knows a request or a database."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

# What one page holds: so many threads, and no more comments or bytes of text than these. It holds the fewest in any
# case, however long they are.
TOP_LEVEL_PER_PAGE = 20
COMMENTS_PER_PAGE = 100
BYTES_PER_PAGE = 100_000
FEWEST_PER_PAGE = 20
# So much of one thread stands on a page of all; the rest goes on at an address of its own.
COMMENTS_PER_THREAD = 40
# Levels drawn by indent; deeper replies stand in the last one and say whom they answer.
LEVELS = 3


@dataclass(slots=True)
class Entry:
    """A place in a thread: a shown comment, or the placeholder of a removed one."""

    pk: int
    parent: int | None
    shown: bool
    depth: int
    # Bytes of the text.
    size: int = 0
    # The rows of the comment and of the one that it answers, once they are fetched.
    comment: Any = None
    answered: Any = None
    # As drawn on a page: the replies indented below; whether what is answered is not what it is indented below; and
    # whether that is not even on the page.
    replies: list["Entry"] = field(default_factory=list)
    apart: bool = False
    elsewhere: bool = False
    # How many comments of the thread that begins here stand at its own address only.
    more: int = 0


Page = list[Entry]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a comment stands: on which page of all or, with `thread`, on which one of that thread's own."""

    number: int
    thread: int | None = None


@dataclass
class Paging:
    """The pages of an article's comments, at least one, and those of long threads, by their first comment."""

    pages: list[Page]
    continued: dict[int, list[Page]] = field(default_factory=dict)

    def place_of(self, pk: int) -> Place | None:
        """Return where a comment or its placeholder stands, counted from 1; None if nowhere."""
        for thread, pages in [(None, self.pages), *self.continued.items()]:
            for number, page in enumerate(pages, start=1):
                if any(entry.pk == pk for entry in page):
                    return Place(number, thread)
        return None


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


def arrange(rows: Iterable[tuple[int, int | None, bool, int]]) -> list[Entry]:
    """Return what readers see of a thread, each comment followed by its replies, older ones first.

    Rows are (id, parent's id, shown, bytes) of the shown and the removed comments of one article, in order of id. A
    removed one keeps a place as long as something below it is shown. Costs linear time and no recursion, however deep.
    """
    entries = {pk: Entry(pk, parent, shown, 0, size) for pk, parent, shown, size in rows}
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


def paginate(entries: list[Entry], *, newest_first: bool = False) -> Paging:
    """Return the pages of a thread; each bounded in threads, comments and bytes, the first with twenty or more.

    With `newest_first` the threads come the other way round; within a thread replies follow what they answer.
    """
    paging = Paging([[]])
    threads = list(_threads(entries))
    begun = size = 0
    for thread in reversed(threads) if newest_first else threads:
        page = paging.pages[-1]
        here = min(len(thread), COMMENTS_PER_THREAD)
        fits = len(page) < FEWEST_PER_PAGE or len(page) + here <= COMMENTS_PER_PAGE
        if begun == TOP_LEVEL_PER_PAGE or _is_full(page, size) or not fits:
            page = []
            paging.pages.append(page)
            begun = size = 0
        begun += 1
        for number, entry in enumerate(thread):
            if number == COMMENTS_PER_THREAD or (number and _is_full(page, size)):
                thread[0].more = len(thread) - number
                paging.continued[thread[0].pk] = _chunks(thread[number:])
                break
            page.append(entry)
            size += entry.size
    return paging


def _is_full(page: Page, size: int) -> bool:
    return len(page) >= COMMENTS_PER_PAGE or (len(page) >= FEWEST_PER_PAGE and size >= BYTES_PER_PAGE)


def _chunks(entries: list[Entry]) -> list[Page]:
    """Return the pages on which the rest of a long thread stands."""
    pages: list[Page] = [[]]
    size = 0
    for entry in entries:
        if _is_full(pages[-1], size):
            pages.append([])
            size = 0
        pages[-1].append(entry)
        size += entry.size
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
