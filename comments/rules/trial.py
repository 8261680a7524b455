"""What a rule would do to the last comments, before it is saved; nothing is stored."""

import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from articles.models import User
from comments import judging
from comments.judging import Reading, Reason, Submission, Twin
from comments.models import Comment, Decision, Rule
from comments.models.rules import check_everywhere
from comments.rules import likeness, limits
from newsroom.commenting import Commenting, Mode

# A rule is tried on so many comments, the newest, for at most so many seconds of CPU; so many are listed.
MOST_TRIED = 1000
MOST_SECONDS = 3.0
MOST_LISTED = 50
# A limit counts also what came before those: as many comments as this, with them.
MOST_COUNTED = 5000

Kind = Rule.Kind
# What of a comment a limit counts by.
COUNTED_BY = {
    Kind.ADDRESS_LIMIT: "address_digest",
    Kind.EMAIL_LIMIT: "email",
    Kind.ARTICLE_LIMIT: "article_id",
}
# Kinds that find something by what came before.
LOOKS_BACK = (Kind.DUPLICATE, Kind.LIKE, Kind.RECORD)
# Why a rule would do something to a comment, None if it would not.
Look = Callable[[Comment, Submission, Reading], Reason | None]


@dataclass(frozen=True)
class Found:
    """A comment that a rule finds something in."""

    comment: Comment
    reason: dict[str, Any]


@dataclass
class Trial:
    """What a rule finds in the last comments: how many were looked at, in how many it found something, the first."""

    looked: int = 0
    number: int = 0
    listed: list[Found] = field(default_factory=list)
    # Time was over before all were looked at.
    is_cut: bool = False
    # Of those looked at do not tell what the rule counts by: the network address is forgotten, no e-mail was given.
    untold: int = 0


def try_rule(rule: Rule, *, by: User) -> Trial:
    """Return what a rule, saved or not, would find in the last 1 000 comments that `by` decides on; stores nothing.

    Raises PermissionDenied if `by` may not set rules everywhere.
    """
    check_everywhere(by)
    begun = time.process_time()
    trial = Trial()
    # Staff who may decide are shown at once: no rule is asked of them.
    unasked = Decision.objects.filter(comment=OuterRef("pk"), rule="staff")
    reach = Comment.objects.decidable_by(by).exclude(Q(user__isnull=False) & Exists(unasked))
    comments = list(reach.select_related("article").defer("article__body").order_by("-pk")[:MOST_TRIED])
    look = _look_of(rule, comments[::-1])
    # What depends on what was there before is gone through from the oldest.
    for comment in reversed(comments) if rule.kind in LOOKS_BACK else comments:
        if time.process_time() - begun > MOST_SECONDS:
            trial.is_cut = True
            break
        trial.looked += 1
        trial.untold += rule.kind in COUNTED_BY and not getattr(comment, COUNTED_BY[rule.kind])
        submission = Submission.of(comment, Commenting(Mode.OPEN), at=comment.created_at)
        if not judging.speaks_of(rule, submission):
            continue
        if (reason := look(comment, submission, Reading(submission.text))) is None:
            continue
        trial.number += 1
        trial.listed.append(Found(comment, reason.as_json()))
    trial.listed.sort(key=lambda found: -found.comment.pk)
    del trial.listed[MOST_LISTED:]
    return trial


def _look_of(rule: Rule, comments: Sequence[Comment]) -> Look:
    """Return what tells why a rule would do something to each of some comments, the oldest first.

    Where it looks back it is to be asked in that order.
    """
    if rule.kind in Rule.LIMITS:
        return _refused_by(rule)
    if rule.kind == Kind.RECORD:
        return _recorded_by(rule, comments)
    before = _Before() if rule.kind in (Kind.DUPLICATE, Kind.LIKE) else None

    def find(comment: Comment, submission: Submission, reading: Reading) -> Reason | None:
        twins = before.twins_of(comment, reading) if before else []
        return judging.finding(rule, submission, reading, twins, comment.created_at)

    return find


def _refused_by(rule: Rule) -> Look:
    """Return what tells which of the stored comments a limit would have refused; one query.

    What it would have refused does not count for those after it, as nothing is stored then. Comments beyond the reach
    of whoever tries count, as they do when somebody sends one; so does what the newsroom wrote, which none refuses.
    """
    within = timedelta(minutes=rule.minutes)
    known = ("pk", COUNTED_BY[rule.kind], "created_at", "confirmed_at", "user")
    newest = Comment.objects.order_by("-pk").values_list(*known)
    taken: dict[Any, deque[datetime]] = defaultdict(partial(deque, maxlen=rule.number))
    sent: dict[Any, deque[datetime]] = defaultdict(deque)
    refused: dict[int, Reason] = {}
    for pk, who, at, confirmed_at, user in reversed(newest[:MOST_COUNTED]):
        if not who:
            continue
        is_confirmed = rule.kind == Kind.EMAIL_LIMIT and confirmed_at is not None
        # Who comes by a signed link is compared with those alone who did, too, and counts for all.
        counted = [(who, False), (who, True)] if is_confirmed else [(who, False)]
        for one in counted:
            sent[one].append(at)
            while at - sent[one][0] >= within:
                sent[one].popleft()
        times, before = sent[counted[-1]], taken[counted[-1]]
        nth_at = before[0] if len(before) == rule.number else None
        if user is None and limits.is_reached(nth_at, at, within):
            refused[pk] = Reason(
                rule.kind, rule.pk, rule.name, found=[str(rule.minutes)], number=len(times), limit=rule.number
            )
        else:
            for one in counted:
                taken[one].append(at)
    return lambda comment, _submission, _reading: refused.get(comment.pk)


def _recorded_by(rule: Rule, comments: Sequence[Comment]) -> Look:
    """Return what tells which of some comments, the oldest first, come with a good record; two queries.

    That is by what readers see today of what the same confirmed address sent before.
    """
    emails = {comment.email for comment in comments if comment.email and comment.confirmed_at}
    shown = Comment.objects.shown().filter(email__in=emails).exclude(email="")
    first = comments[0].pk if comments else 0
    of_email = shown.filter(pk__lt=first).order_by().values("email").annotate(number=Count("pk"))
    approved = Counter(dict(of_email.values_list("email", "number")))
    since = deque(shown.filter(pk__gte=first).order_by("pk").values_list("pk", "email"))

    def look(comment: Comment, _submission: Submission, _reading: Reading) -> Reason | None:
        while since and since[0][0] < comment.pk:
            approved[since.popleft()[1]] += 1
        number = approved[comment.email] if comment.email and comment.confirmed_at else 0
        if number < rule.number:
            return None
        return Reason(rule.kind, rule.pk, rule.name, number=number, limit=rule.number)

    return look


class _Before:
    """The comments that were gone through already, found by their sketches as the stored ones are."""

    def __init__(self) -> None:
        self._by_value: dict[int, list[tuple[Comment, likeness.Likeness]]] = {}

    def twins_of(self, comment: Comment, reading: Reading) -> list[Twin]:
        """Return what came before with nearly the same words, and remember this comment."""
        if reading.likeness is None:
            return []
        others: dict[int, tuple[Comment, likeness.Likeness]] = {}
        for value in set(reading.sketch):
            for other in self._by_value.get(value, [])[-judging.MOST_CANDIDATES :]:
                others[other[0].pk] = other
            self._by_value.setdefault(value, []).append((comment, reading.likeness))
        twins = []
        for other, words in list(others.values())[-judging.MOST_CANDIDATES :]:
            is_same = words.essence == reading.likeness.essence
            share = 1.0 if is_same else words.share(reading.likeness)
            if share >= likeness.ALIKE:
                twins.append(Twin(other.pk, other.alike_id, other.created_at, is_same, share))
        return twins
