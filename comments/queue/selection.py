"""Which comments the queue lists, and where a moderator goes on, as an address says it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.urls import reverse

from comments import judging, search
from comments.models import CommentQuerySet, Rule, State
from comments.queue.people import Person
from newsroom.plaintext import one_line

MAX_QUERY = 1500
LARGEST_ID = 2**63 - 1
REPORTED = "reported"
ALL = "all"
# What holds a comment, by kind; limits store none, what staff write is held by nobody, and what a person put back is
# found by what had held it.
HOLDING = [
    *(kind for kind in judging.BUILT_IN if kind not in ("staff", judging.PUT_BACK)),
    *(kind.value for kind in Rule.Kind if kind not in Rule.LIMITS),
]


def is_number(text: str) -> bool:
    """Return whether a text from an address is a number that an id can be compared with."""
    return text.isascii() and text.isdigit() and len(text) < 19


@dataclass(frozen=True)
class Selection:
    """Which comments the queue lists, as its address says it; whatever is no choice there is left out."""

    state: str = State.WAITING
    language: str = ""
    section: int = 0
    rule: str = ""
    # The id of a comment: what its writer sent.
    person: int = 0
    words: str = ""
    # The id of a comment: it, and those with nearly the same words.
    alike: int = 0
    after: int = 0

    @classmethod
    def of(cls, query: QueryDict, languages: list[str]) -> Self:
        """Return what an address asks for."""
        state, language, rule = (query.get(name, "") for name in ("state", "language", "rule"))
        numbers = {name: query.get(name, "") for name in ("section", "person", "alike", "after")}
        return cls(
            state=state if state in (*State.values, REPORTED, ALL) else State.WAITING,
            language=language if language in languages else "",
            rule=rule if rule in HOLDING else "",
            words=one_line(query.get("words", ""))[: search.MAX_WORDS],
            **{name: int(text) if is_number(text) else 0 for name, text in numbers.items()},
        )

    @property
    def query(self) -> str:
        """The part of the address behind "?"."""
        return urlencode({name: value for name, value in vars(self).items() if value})

    @property
    def is_filtered(self) -> bool:
        """Whether it leaves out some of the comments of its state."""
        return bool(self.language or self.section or self.rule or self.person or self.words or self.alike)

    @property
    def unfiltered(self) -> str:
        """The part of the address of all comments of this state."""
        return type(self)(state=self.state).query

    @property
    def oldest_first(self) -> bool:
        """Whether this is work to do, of which the oldest comes first; of what is done the newest does."""
        return self.state in (State.WAITING, REPORTED)

    def with_(self, **changes: str | int) -> "Selection":
        """Return this selection from its beginning, with something else chosen."""
        return replace(self, **{"after": 0, **changes})  # type: ignore[arg-type]

    def within(self, comments: CommentQuerySet) -> CommentQuerySet:
        """Return the comments that the filters leave, in every state."""
        of_article = {"language": self.language, "section": self.section}
        if asked := {name: value for name, value in of_article.items() if value}:
            comments = comments.on_articles(Q(**asked))
        if self.rule:
            comments = comments.filter(~Q(held_for=""), held_for=self.rule)
        if self.person:
            comments = Person.of(self.person, comments).among(comments)
        if self.alike:
            comments = comments.filter(Q(pk=self.alike) | Q(alike__isnull=False, alike=self.alike))
        return search.find(comments, self.words)

    def of_state(self, comments: CommentQuerySet) -> CommentQuerySet:
        """Return those of the comments that are in the state asked for."""
        if self.state == REPORTED:
            return comments.filter(open_reports__gt=0)
        return comments if self.state == ALL else comments.filter(state=self.state)

    def listed(self, comments: CommentQuerySet) -> CommentQuerySet:
        """Return the comments to list, in their order; of those with nearly the same words the first stands for all.

        `comments` are those that the filters leave: what they leave out stands for nothing.
        """
        listed = self.of_state(comments)
        if self.folds:
            same = comments.order_by().filter(state=self.state)
            first = Exists(same.filter(pk=OuterRef("alike")))
            earlier = Exists(same.filter(alike=OuterRef("alike"), pk__lt=OuterRef("pk")))
            listed = listed.filter(Q(alike=None) | ~(first | earlier))
        if self.after:
            listed = listed.filter(**{"pk__gt" if self.oldest_first else "pk__lt": self.after})
        return listed.order_by("pk" if self.oldest_first else "-pk")

    @property
    def folds(self) -> bool:
        """Whether comments with nearly the same words are listed as one: not where each is looked for."""
        return self.state in State.values and not self.words and not self.alike


@dataclass(frozen=True)
class Place:
    """Where a moderator works: a list, if he came from one, and the comment at which he goes on there."""

    selection: Selection | None = None
    following: int = 0

    @classmethod
    def of(cls, fields: QueryDict, languages: list[str]) -> Self:
        """Return the place that an address or a form hands on."""
        if "list" not in fields:
            return cls()
        following = fields.get("following", "")
        return cls(
            selection=Selection.of(QueryDict(fields["list"][:MAX_QUERY]), languages),
            following=int(following) if is_number(following) else 0,
        )

    @property
    def query(self) -> str:
        """How an address hands it on, behind "?"."""
        if self.selection is None:
            return ""
        fields = {"list": self.selection.query, "following": self.following}
        return urlencode({name: value for name, value in fields.items() if value})

    @property
    def list_url(self) -> str:
        """Where the list is, at the comment where to go on; "" if there is none."""
        return self.list_at(self.following) if self.selection is not None else ""

    def list_past(self, decided: Collection[int]) -> str:
        """Where the list is after a step on these comments: not at one of them, if they have left the list by it."""
        has_left = self.following in decided and self.selection is not None and self.selection.state != "all"
        return self.list_at(0) if has_left else self.list_url

    def list_at(self, pk: int) -> str:
        """Return the address of the list, one comment of it open."""
        query = (self.selection or Selection()).query
        return f"{reverse('queue:list')}?{query}" + (f"&at={pk}" if pk else "")

    def url_of(self, pk: int, page: str = "comment") -> str:
        """Return the address of a comment from which one comes back here."""
        return reverse(f"queue:{page}", args=[pk]) + (f"?{self.query}" if self.query else "")


@dataclass(frozen=True)
class Seen:
    """What a moderator saw of a comment: its version, and how many open reports it had."""

    version: int
    reports: int = 0


def named(pk: int, seen: Seen) -> str:
    """Return how a form names a comment and what was seen of it: "41:2", with three reports "41:2:3"."""
    return ":".join(map(str, [pk, seen.version, *([seen.reports] if seen.reports else [])]))


def chosen(values: list[str]) -> dict[int, Seen]:
    """Return what was seen of comments, by id, from texts as `named` makes them; what is none is left out."""
    found = {}
    for value in values:
        numbers = value.split(":")
        if len(numbers) in (2, 3) and all(map(is_number, numbers)):
            pk, *seen = map(int, numbers)
            found[pk] = Seen(*seen)
    return found
