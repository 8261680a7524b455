"""Three-way merge of what an editor can change: the revision an edit began from, the newest one, and what was typed.

What only one of the two changed is taken from that one. What both changed differently is a Collision, which a person
decides. A body is merged by its blocks, whose keys stay from revision to revision; lists by their entries.

Nothing that either person wrote is missing from both the result and the collisions.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from articles.blocks import StoredBlock, assign_keys, split

Choice = Literal["mine", "theirs", "both"]
# An entry of a list: what it is, and what is said of it, which is never None.
Entry = tuple[Hashable, Any]
K = TypeVar("K", bound=Hashable)

# A person decides on so many blocks one by one; if more collide, on the whole text at once.
MAX_BLOCKS = 150
DIGEST_LENGTH = 16
# The value of a field in a revision that is not known: it equals none.
_UNKNOWN = object()


@dataclass(frozen=True)
class Version:
    """One state of everything that an editor can change.

    `blocks` are the stored keys of the body; what was typed has none yet. `lists` holds bylines, tags and sources.
    """

    body: str = ""
    blocks: Sequence[StoredBlock] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, Sequence[Entry]] = field(default_factory=dict)


@dataclass(frozen=True)
class Collision:
    """A place that both changed differently, or that one changed and the other took out (None).

    `part` is "body" or the name of a field or list; `key` tells the block or the entry.
    """

    part: str
    key: Hashable
    base: Any
    theirs: Any
    mine: Any

    @property
    def name(self) -> str:
        """A short name of the place, the same each time the merge is made."""
        return _digest((self.part, self.key))

    @property
    def choices(self) -> dict[Choice, str]:
        """What can be chosen, each as it stands in a form: with the digest of what the choice gives up.

        So a choice holds only as long as nobody changes what it was made against.
        """
        found: dict[Choice, str] = {
            "mine": f"mine-{_digest(self.theirs)}",
            "theirs": f"theirs-{_digest(self.mine)}",
        }
        if self.part == "body" and self.mine and self.theirs:
            found["both"] = "both"
        return found

    def chosen(self, posted: Any) -> Choice | None:
        """Return what a form's value means here; None if it is no choice, or one made against something else."""
        return next((choice for choice, value in self.choices.items() if value == posted), None)

    def settled(self, choice: Choice) -> Any:
        """Return what a choice comes to."""
        if choice == "both" and "both" in self.choices:
            return f"{self.mine}\n{self.theirs}"
        return self.theirs if choice == "theirs" else self.mine


@dataclass(frozen=True)
class Taken:
    """Something that was taken over from the other person: before and after, None where it was not there."""

    part: str
    key: Hashable
    before: Any
    after: Any


@dataclass(frozen=True)
class Merge:
    """What came of a merge; a Collision stands wherever a person has to decide."""

    fields: Mapping[str, Any]
    lists: Mapping[str, Sequence[Entry | Collision]]
    body: Sequence[str | Collision]
    taken: Sequence[Taken]

    @property
    def collisions(self) -> list[Collision]:
        """All that has to be decided, the text first to last between the fields and the lists."""
        values: list[Any] = [*self.fields.values(), *self.body]
        values += [entry for entries in self.lists.values() for entry in entries]
        return [value for value in values if isinstance(value, Collision)]

    def settled(self, choices: Mapping[str, Choice]) -> Version:
        """Return the result; `choices` decides each collision by its name. KeyError if one is left open."""

        def settle(value: Any) -> Any:
            return value.settled(choices[value.name]) if isinstance(value, Collision) else value

        lists: dict[str, list[Entry]] = {}
        for name, entries in self.lists.items():
            lists[name] = []
            for entry in entries:
                if not isinstance(entry, Collision):
                    lists[name].append(entry)
                elif (value := settle(entry)) is not None:
                    lists[name].append((entry.key, value))
        return Version(
            body="\n".join(html for html in map(settle, self.body) if html),
            fields={name: settle(value) for name, value in self.fields.items()},
            lists=lists,
        )


def merge(base: Version | None, theirs: Version, mine: Version, *, ask_all: bool = False) -> Merge:
    """Merge what `theirs` and `mine` each made of `base`; `theirs` is the newest revision.

    Without a base whatever differs is a collision, and nothing counts as deleted. With `ask_all` there is none, and a
    block that only `mine` has is a collision too: nothing of `mine` comes in without a decision.
    """
    base = None if ask_all else base
    taken: list[Taken] = []
    fields: dict[str, Any] = {}
    for name, value in mine.fields.items():
        before = base.fields[name] if base else _UNKNOWN
        fields[name] = _settle(name, None, before, theirs.fields[name], value, taken)
    lists = {
        name: _merge_entries(name, base.lists[name] if base else (), theirs.lists[name], entries, taken)
        for name, entries in mine.lists.items()
    }
    body = _merge_bodies(base, theirs, mine, taken, ask_all=ask_all)
    return Merge(fields, lists, body, taken)


def _settle(part: str, key: Hashable, base: Any, theirs: Any, mine: Any, taken: list[Taken]) -> Any:
    """Return the value that both agree on or only one changed, else the collision."""
    if mine == theirs or theirs == base:
        return mine
    if mine == base:
        taken.append(Taken(part, key, mine, theirs))
        return theirs
    return Collision(part, key, None if base is _UNKNOWN else base, theirs, mine)


# Lists


def _merge_entries(
    part: str, base: Iterable[Entry], theirs: Iterable[Entry], mine: Iterable[Entry], taken: list[Taken]
) -> list[Entry | Collision]:
    before, other, own = dict(base), dict(theirs), dict(mine)
    merged: list[Entry | Collision] = []
    for key in _order(list(before), list(other), list(own)):
        value = _settle(part, key, before.get(key), other.get(key), own.get(key), taken)
        if isinstance(value, Collision):
            merged.append(value)
        elif value is not None:
            merged.append((key, value))
    return merged


# The body


def _merge_bodies(
    base: Version | None, theirs: Version, mine: Version, taken: list[Taken], *, ask_all: bool
) -> list[str | Collision]:
    before, other, own = _keyed(base, theirs, mine)
    if ask_all:
        own = _named_by_content(own, other)
    moved = _moved(list(before), list(other))
    merged: list[str | Collision] = []
    for key in _order(list(before), list(other), list(own)):
        known = _UNKNOWN if ask_all and key in own else before.get(key)
        value = _settle("body", key, known, other.get(key), own.get(key), taken)
        if value is not None:
            merged.append(value)
            if key in moved and value == own.get(key) == before.get(key):
                taken.append(Taken("body", key, value, value))
    if sum(isinstance(value, Collision) for value in merged) > MAX_BLOCKS:
        taken[:] = [one for one in taken if one.part != "body"]
        return [Collision("body", None, base.body if base else None, theirs.body, mine.body)]
    return merged


def _keyed(
    base: Version | None, theirs: Version, mine: Version
) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Return the HTML of the blocks of all three by their keys, in order."""
    origin = base or theirs
    # A revision made without keys gets them here; then the other's tell nothing either.
    known = _fits(origin) and _fits(theirs)
    stored = list(origin.blocks) if known else assign_keys(origin.body, [], "")
    other = list(theirs.blocks) if known else assign_keys(theirs.body, stored, origin.body)
    before = _by_key(stored, origin.body) if base else {}
    theirs_by_key = _by_key(other, theirs.body)
    own = _by_key(assign_keys(mine.body, stored, origin.body), mine.body)
    return before, *_same_rewrites(before, theirs_by_key, _same_additions(before, theirs_by_key, own))


def _fits(version: Version) -> bool:
    digests = [block.digest for block in split(version.body)]
    return digests == [stored["digest"] for stored in version.blocks]


def _by_key(stored: Sequence[StoredBlock], body: str) -> dict[str, str]:
    return {named["key"]: block.html for named, block in zip(stored, split(body), strict=True)}


def _named_by_content(mine: dict[str, str], theirs: dict[str, str]) -> dict[str, str]:
    """Name what only one has by what it says: a decision on it is found again in the next request."""
    named: dict[str, str] = {}
    for key, html in mine.items():
        name, number = key if key in theirs else _digest(html), 1
        while name in named:
            number += 1
            name = f"{_digest(html)}-{number}"
        named[name] = html
    return named


def _same_additions(before: dict[str, str], theirs: dict[str, str], mine: dict[str, str]) -> dict[str, str]:
    """Give a block that both added behind the same one, in the same words, the same key: it is one change."""
    added = {
        (previous, html): key for previous, (key, html) in _with_previous(theirs.items()) if key not in before
    }
    named: dict[str, str] = {}
    previous: str | None = None
    for key, html in mine.items():
        same = added.pop((previous, html), None) if key not in before and key not in theirs else None
        previous = same or key
        named[previous] = html
    return named


def _same_rewrites(
    before: dict[str, str], theirs: dict[str, str], mine: dict[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Give a block that was written wholly anew in the place of an old one its key, where the other changed that too.

    The two ask for a decision then; otherwise both would stand, the one beside the other.
    """
    sides = (theirs, mine)
    following = [dict(zip([None, *side], side, strict=False)) for side in sides]
    names: list[dict[str, str]] = [{}, {}]
    last: list[str | None] = [None, None]
    for key, html in before.items():
        found: list[str | None] = []
        for at, side in enumerate(sides):
            new = following[at].get(last[at])
            fits = new is not None and new not in before and new not in names[at] and new not in sides[1 - at]
            found.append(key if key in side else new if fits else None)
        other, own = found
        both_differ = other is not None and own is not None and len({html, theirs[other], mine[own]}) == 3
        for at, name in enumerate(found):
            if both_differ and name is not None and name != key:
                names[at][name] = key
            if key in sides[at] or both_differ:
                last[at] = name
    renamed = [{names[at].get(key, key): html for key, html in side.items()} for at, side in enumerate(sides)]
    return renamed[0], renamed[1]


def _with_previous(items: Iterable[tuple[str, str]]) -> Iterator[tuple[str | None, tuple[str, str]]]:
    previous = None
    for item in items:
        yield previous, item
        previous = item[0]


# Order


def _order(base: Sequence[K], theirs: Sequence[K], mine: Sequence[K]) -> list[K]:
    """Return all that stands in `theirs` or in `mine`, in an order that keeps the moves and additions of both.

    It is the order of `theirs`. What only `mine` has, or only `mine` moved, follows what it follows there; of what
    both added at one place, theirs comes first.
    """
    moved = _moved(base, mine) - _moved(base, theirs)
    old, own = set(base), set(mine)
    standing = [key for key in theirs if key not in moved]
    placed = set(standing)
    following: dict[K | None, K | None] = {}
    last: K | None = None
    for key in standing:
        following[last] = key
        last = key
    following[last] = None
    last = None
    for key in mine:
        if key not in placed:
            while (after := following[last]) is not None and after not in old and after not in own:
                last = after
            following[last], following[key] = key, after
        last = key
    return list(_walk(following))


def _walk(following: dict[K | None, K | None]) -> Iterator[K]:
    at = following[None]
    while at is not None:
        yield at
        at = following[at]


def _moved(base: Sequence[K], side: Sequence[K]) -> set[K]:
    """Return what changed its place among what both have: as few as explain the new order."""
    places = {key: place for place, key in enumerate(base)}
    shared = [key for key in side if key in places]
    # The longest run of places that only grow, by patience sorting; the rest has moved.
    ends: list[int] = []
    ends_at: list[int] = []
    before: list[int] = []
    for at, key in enumerate(shared):
        pile = bisect_left(ends, places[key])
        before.append(ends_at[pile - 1] if pile else -1)
        ends[pile : pile + 1] = [places[key]]
        ends_at[pile : pile + 1] = [at]
    stayed = set()
    at = ends_at[-1] if ends_at else -1
    while at >= 0:
        stayed.add(shared[at])
        at = before[at]
    return set(shared) - stayed


def _digest(value: Any) -> str:
    return hashlib.sha256(repr(value).encode(errors="surrogatepass")).hexdigest()[:DIGEST_LENGTH]
