"""Whoever wrote a comment, as far as anybody can tell: the same confirmed e-mail address, or network address.

An e-mail that somebody typed proves nothing: whoever wants to have another banned would type his.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.db.models import Count, Q
from django.utils import timezone

from comments.models import Comment, CommentQuerySet, State

LAST = 5


@dataclass(frozen=True)
class Person:
    """What tells of the writer of a comment; nothing where e-mail and digest are empty."""

    # The comment.
    pk: int = 0
    email: str = ""
    # He showed that the e-mail address is his.
    is_confirmed: bool = False
    digest: str = ""
    network: str = ""

    @classmethod
    def behind(cls, comment: Comment, now: datetime | None = None) -> Self:
        """Return the writer of a comment; an address that has expired tells nobody."""
        is_known = comment.address_expires_at is not None and comment.address_expires_at > (
            now or timezone.now()
        )
        return cls(
            comment.pk,
            comment.email,
            comment.confirmed_at is not None,
            comment.address_digest if is_known else "",
            comment.network_digest if is_known else "",
        )

    @classmethod
    def of(cls, pk: int, comments: CommentQuerySet) -> Self:
        """Return the writer of the one of the comments that has this id, nobody if there is none."""
        known = ("email", "confirmed_at", "address_digest", "network_digest", "address_expires_at")
        comment = Comment.objects.filter(pk=pk, pk__in=comments.filter(pk=pk)).only(*known).first()
        return cls.behind(comment) if comment else cls()

    @property
    def is_known(self) -> bool:
        """Whether anything tells of him."""
        return bool(self.email or self.digest)

    def among(self, comments: CommentQuerySet) -> CommentQuerySet:
        """Return the comments that he wrote, this one with them; none if nothing tells of him.

        Those with his e-mail only where it was confirmed, here and there.
        """
        if not self.is_known:
            return comments.none()
        his = Q(pk=self.pk)
        # The indexes hold what is not empty, and serve a question that says so.
        if self.email and self.is_confirmed:
            his |= ~Q(email="") & Q(email=self.email, confirmed_at__isnull=False)
        if self.digest:
            known = Q(address_digest=self.digest, address_expires_at__gt=timezone.now())
            his |= ~Q(address_digest="") & known
        return comments.filter(his)


@dataclass(frozen=True)
class History:
    """What a person wrote beside one comment: how many by state, and the last ones."""

    numbers: Mapping[str, int]
    last: list[Comment]

    @classmethod
    def of(cls, comment: Comment, comments: CommentQuerySet) -> Self:
        """Return it of the writer of a comment, as far as `comments` reach; two queries, none if he is not known."""
        person = Person.behind(comment)
        if not person.is_known:
            return cls({}, [])
        others = person.among(comments).exclude(pk=comment.pk)
        numbers = dict(others.order_by().values_list("state").annotate(Count("pk")))
        last = (
            list(others.order_by("-pk").only("text", "state", "created_at", "language")[:LAST])
            if numbers
            else []
        )
        return cls({state: numbers.get(state, 0) for state in State.values} if numbers else {}, last)
