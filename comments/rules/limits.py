"""Too many comments within a time, and slow mode; what is counted is asked for in one query."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.models.rules import Rule
from newsroom.verbs import Refused

if TYPE_CHECKING:
    from comments.judging import Submission
    from comments.models import CommentQuerySet

# The flood switch “slow”: one comment from one network address within this time.
SLOW = timedelta(minutes=5)
# Their indexes leave the empty ones out, and are only looked at where the question says that it does too.
_BY_ADDRESS = "address_digest = %s AND NOT (address_digest = '')"
_BY_EMAIL = "email = %s AND NOT (email = '')"
# No index knows which are confirmed: they are looked for among so many of the newest, and as many as the limit lets in.
_LOOKED_AT = 100


class TooMany(Refused):
    """A comment that a limit refuses for a while; `retry_after` in seconds (RFC 9110, 10.2.3)."""

    def __init__(self, words: str, retry_after: int) -> None:
        super().__init__(words)
        self.retry_after = retry_after


@dataclass(frozen=True)
class Limit:
    """So many of some comments within a time, and what a reader is told who sends one more."""

    # Which comments count, as a condition of SQL that an index serves, with its parameters.
    condition: str
    parameters: list[Any]
    number: int
    within: timedelta
    words: str
    # Of them only those whose e-mail address was confirmed.
    is_of_confirmed: bool = False

    def check(self, nth_at: datetime | None, now: datetime) -> None:
        """Raise TooMany if the nth newest of them, which was sent at that time, is still within the time."""
        if nth_at is None or not is_reached(nth_at, now, self.within):
            return
        seconds = max(1, math.ceil((min(nth_at, now) + self.within - now).total_seconds()))
        raise TooMany(f"{self.words} {_come_back(seconds)}", seconds)


def is_reached(nth_at: datetime | None, now: datetime, within: timedelta) -> bool:
    """Return whether the nth newest comment, None if there are fewer, was sent within a time before now.

    Machines differ by a moment: as long after now is as long before. What is of a time further ahead was stored while a
    clock was wrong, and would close the place until then.
    """
    return nth_at is not None and abs(now - nth_at) < within


def limits_of(submission: "Submission", rules: Sequence[Rule]) -> list[Limit]:
    """Return the limits that a comment has to keep to."""
    many = _("You have sent many comments in a short time.")
    counted = {
        Rule.Kind.ADDRESS_LIMIT: (*_by_address(submission), many),
        Rule.Kind.EMAIL_LIMIT: (_BY_EMAIL if submission.email else "", [submission.email], many),
        Rule.Kind.ARTICLE_LIMIT: (
            "article_id = %s",
            [submission.article.pk],
            _("Very many people are commenting on this article at the moment."),
        ),
    }
    limits = []
    for rule in rules:
        condition, parameters, words = counted.get(Rule.Kind(rule.kind), ("", [], ""))
        if condition:
            within = timedelta(minutes=rule.minutes)
            # Anybody can type an e-mail: with it he uses up nothing of who comes by a link mailed to it.
            is_of_confirmed = rule.kind == Rule.Kind.EMAIL_LIMIT and submission.is_confirmed
            number = max(1, rule.number)
            limits.append(Limit(condition, parameters, number, within, words, is_of_confirmed))
    if submission.commenting.is_slow:
        condition, parameters = _by_address(submission)
        if not condition:
            # Nobody knows more of who sent it.
            condition, parameters = "article_id = %s AND name = %s", [submission.article.pk, submission.name]
        words = _("Comments are taken slowly at the moment: one in five minutes.")
        limits.append(Limit(condition, parameters, 1, SLOW, words))
    return limits


@dataclass(frozen=True)
class Counted:
    """What has to be known of the stored comments."""

    # When the nth newest of each limit was sent, None if there are fewer.
    nth_at: list[datetime | None]
    # How many comments of an e-mail address readers see, as far as was asked.
    approved: int


def count(
    comments: "CommentQuerySet",
    limits: Sequence[Limit],
    *,
    approved_of: str = "",
    at_most: int = 0,
    but: int = 0,
) -> Counted:
    """Return when the comments were sent that each limit looks at, and how many of an e-mail address are shown.

    One query, in SQL: Django takes ten times as long to write it as a database to answer it, at every comment. `but`
    is the id of a comment that does not count.
    """
    table = connection.ops.quote_name(comments.model._meta.db_table)
    columns, parameters = [], []
    for limit in limits:
        which, given = f"{table} WHERE {limit.condition}", limit.parameters
        if limit.is_of_confirmed:
            which = (
                f"(SELECT id, created_at, confirmed_at FROM {which} ORDER BY id DESC LIMIT %s) AS newest "  # noqa: S608
                "WHERE confirmed_at IS NOT NULL"
            )
            given = [*given, limit.number + _LOOKED_AT]
        columns.append(
            f"(SELECT created_at FROM {which} ORDER BY id DESC LIMIT 1 OFFSET %s)"  # noqa: S608  (our own words only)
        )
        parameters += [*given, limit.number - 1]
    if approved_of:
        columns.append(
            f"(SELECT COUNT(*) FROM (SELECT 1 FROM {table} WHERE {_BY_EMAIL} "  # noqa: S608  (our own words only)
            "AND state = 'approved' AND shown AND id <> %s LIMIT %s) AS shown_ones)"
        )
        parameters += [approved_of, but, at_most]
    if not columns:
        return Counted([], 0)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)}", parameters)
        row = cursor.fetchone()
    nth_at = [value if value is None else as_moment(value) for value in row[: len(limits)]]
    return Counted(nth_at, row[-1] if approved_of else 0)


def as_moment(value: Any) -> datetime:
    """Return a time as the database gives it; SQLite has it as text, in UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def check(limits: Sequence[Limit], counted: Counted, now: datetime) -> None:
    """Raise TooMany for the limit that lets a comment in last, of those that are reached."""
    refused = []
    for limit, nth_at in zip(limits, counted.nth_at, strict=True):
        try:
            limit.check(nth_at, now)
        except TooMany as too_many:
            refused.append(too_many)
    if refused:
        raise max(refused, key=lambda one: one.retry_after)


def _by_address(submission: "Submission") -> tuple[str, list[Any]]:
    return (_BY_ADDRESS, [submission.address_digest]) if submission.address_digest else ("", [])


def _come_back(seconds: int) -> str:
    """Return a sentence that says when to send it again."""
    if seconds < 90:
        return ngettext(
            "Send this one again in %(n)s second; everything you wrote is still here.",
            "Send this one again in %(n)s seconds; everything you wrote is still here.",
            seconds,
        ) % {"n": seconds}
    minutes = math.ceil(seconds / 60)
    if minutes < 120:
        return _("Send this one again in %(n)s minutes; everything you wrote is still here.") % {"n": minutes}
    return _("Send this one again in %(n)s hours; everything you wrote is still here.") % {
        "n": math.ceil(seconds / 3600)
    }
