"""What becomes of a new comment by itself: bans, limits, rules, the mode of its place, and exactly why."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import connection
from django.db.models import CharField, DateTimeField, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from comments.models.rules import Ban, Rule
from comments.models.states import Action, State
from comments.rules import likeness, limits, links, patterns, scores, words
from comments.rules.limits import TooMany, as_moment
from newsroom import dates, locks
from newsroom.commenting import Commenting, Mode
from newsroom.prepared import Given, Prepared

if TYPE_CHECKING:
    from articles.models import Article
    from comments.models import Comment, CommentQuerySet

__all__ = [
    "ACTIONS",
    "KEPT",
    "PUT_BACK",
    "Reading",
    "Reason",
    "Submission",
    "TooMany",
    "Twin",
    "Verdict",
    "address_of",
    "explain",
    "finding",
    "is_put_back",
    "judge",
    "name_of",
    "put_back",
    "record_of",
    "speaks_of",
    "verdict_of",
]

Kind = Rule.Kind

# That a person put a comment back into the queue stands among its reasons: then no rule and no confirmed address
# releases it.
PUT_BACK = "put-back"
# What decides beside the rules of the database, as moderators read it.
BUILT_IN = {
    "staff": gettext_lazy("staff"),
    "first-timer": gettext_lazy("first-timer"),
    "hold-all": gettext_lazy("every comment waits here"),
    "ban": gettext_lazy("ban"),
    "writer": gettext_lazy("its writer"),
    # What waited and is held by nothing any more, see `comments.rules.rerun`.
    "rules": gettext_lazy("judged again by the rules"),
    PUT_BACK: gettext_lazy("put back by a moderator"),
}

# What a stored comment does not tell any more: what was found then is kept while it waits.
KEPT = (Kind.HONEYPOT, Kind.DUPLICATE, Kind.LIKE)
# How a decision of the rules is told.
ACTIONS = {State.APPROVED: Action.APPROVE, State.WAITING: Action.HOLD, State.SPAM: Action.SPAM}

# Of what a rule found as much is told.
MOST_FOUND = 10
# Comments that a new one is compared with: those that share most of its sketch.
MOST_CANDIDATES = 50


@dataclass(frozen=True)
class Submission:
    """A comment as the rules see it, before it is stored or, `comment` given, when it was changed."""

    article: "Article"
    commenting: Commenting
    name: str
    text: str
    email: str = ""
    # Whoever sent it showed that the e-mail address is his.
    is_confirmed: bool = False
    language: str = ""
    # The address itself is never stored; the digests are.
    address: str = ""
    address_digest: str = ""
    network_digest: str = ""
    # A field was filled in that only programs see.
    is_trapped: bool = False
    is_import: bool = False
    at: datetime | None = None
    comment: "Comment | None" = None

    @cached_property
    def score(self) -> scores.Score | None:
        """What the scorers say."""
        return scores.highest(self)

    @classmethod
    def of(cls, comment: "Comment", commenting: Commenting, *, at: datetime) -> "Submission":
        """Return a stored comment as the rules see it; its network address is known by its digest alone."""
        return cls(
            article=comment.article,
            commenting=commenting,
            name=comment.name,
            text=comment.text,
            email=comment.email,
            is_confirmed=comment.confirmed_at is not None,
            language=comment.language,
            address_digest=comment.address_digest,
            network_digest=comment.network_digest,
            at=at,
            comment=comment,
        )


@dataclass(frozen=True)
class Reason:
    """One exact reason: a kind of rule, which one, what it found, and its numbers."""

    rule: str
    pk: int | None = None
    # How the rule was called then.
    name: str = ""
    found: list[str] = field(default_factory=list)
    number: int | None = None
    limit: int | None = None
    # Another comment that it speaks of.
    comment: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what is stored with the decision; what is empty is left out."""
        return {name: value for name, value in asdict(self).items() if value not in (None, [], "")}


@dataclass(frozen=True)
class Verdict:
    """What becomes of a comment, and why."""

    state: State
    reasons: list[Reason]
    # The first of the recent comments with nearly the same words.
    alike: int | None = None
    # What later ones find it by, `comments.models.Sketch`; empty for words too short to be compared.
    sketch: list[int] = field(default_factory=list)

    def keeping(self, before: Iterable[Mapping[str, Any]]) -> "Verdict":
        """Return this with those of its stored reasons before that a stored comment does not tell; they come first.

        That a person put it back comes last: what it waits for is listed by the first.
        """
        before = list(before)
        told = {(reason.rule, reason.pk) for reason in self.reasons}
        kept = [Reason(**stored) for stored in before if stored["rule"] in KEPT]
        kept = [reason for reason in kept if (reason.rule, reason.pk) not in told]
        by_person = [Reason(PUT_BACK)] if is_put_back(before) else []
        return replace(self, reasons=[*kept, *self.reasons, *by_person])


@dataclass(frozen=True)
class Twin:
    """A stored comment with the same words or nearly the same, and how much of both is shared."""

    pk: int
    alike: int | None
    created_at: datetime
    is_same: bool
    share: float


class Reading:
    """A comment's words as the rules read them, each view of them made once and only if a rule asks for it."""

    def __init__(self, text: str) -> None:
        self.text = text

    def ahead(self) -> Self:
        """Make the views that take longest, and return this: before a lock is taken for which others wait."""
        _ = self.links, self.sketch
        return self

    @cached_property
    def folded(self) -> str:
        """The text without case and form."""
        return words.fold(self.text)

    @cached_property
    def words(self) -> list[str]:
        """The words of the text, in order."""
        return words.words_in(self.folded)

    @cached_property
    def links(self) -> list[str]:
        """The links in the text."""
        return links.links_in(self.folded)

    @cached_property
    def likeness(self) -> likeness.Likeness | None:
        """What of the text is compared with others."""
        if max(len(self.text), len(self.folded)) > likeness.COMPARED:
            return likeness.likeness_of(self.text[: likeness.COMPARED])
        return likeness.likeness(self.folded, self.words)

    @cached_property
    def sketch(self) -> list[int]:
        """The values that others are found by; none for words too short to be compared."""
        return list(dict.fromkeys(likeness.sketch(self.likeness.shingles))) if self.likeness else []


def judge(submission: Submission, comments: "CommentQuerySet", reading: Reading | None = None) -> Verdict:
    """Return what becomes of a comment by itself: at most four queries, on PostgreSQL one more for short locks.

    Bans come first, then limits, then every rule that is on, then the mode of the place. A rule holds a comment or
    marks it as spam; it never approves what the mode holds. Call it in the transaction that stores the comment, with
    the article's lock held; `reading` is of its text, if it was read before that. Raises TooMany where a limit refuses
    it for a while.
    """
    now = submission.at or timezone.now()
    ban = _ban_of(submission, now)
    rules = _RULES()
    reading = reading or Reading(submission.text)
    to_keep = _limits_on(submission, rules)
    locks.hold(_one_at_a_time(submission, reading, rules, to_keep))
    approved = _counted(submission, rules, to_keep, comments, now)
    if ban is not None:
        return Verdict(State.SPAM, [ban])
    twins = _twins(submission, reading, rules, now)
    found = [
        (rule, reason)
        for rule in rules
        if speaks_of(rule, submission)
        and (reason := finding(rule, submission, reading, twins, now)) is not None
    ]
    alike = next(
        (twin.alike or twin.pk for rule in rules if (twin := _twin_for(rule, twins, now)) is not None), None
    )
    state, reasons = verdict_of(submission, found, rules, approved)
    sketch = reading.sketch if submission.address_digest else []
    return Verdict(state, reasons, alike, sketch)


def verdict_of(
    submission: Submission,
    found: Sequence[tuple[Rule, Reason]],
    rules: Iterable[Rule],
    approved: int,
) -> tuple[State, list[Reason]]:
    """Return the state and all reasons of it, the strongest first, from what the rules found and the mode of the place.

    `approved` is how many comments of this e-mail address readers see.
    """
    spam = [reason for rule, reason in found if rule.effect == Rule.Effect.SPAM]
    holds = [reason for rule, reason in found if rule.effect != Rule.Effect.SPAM]
    by_mode = _held_by_mode(submission, rules, approved)
    reasons = [*spam, *holds, *by_mode]
    if spam:
        return State.SPAM, reasons
    return (State.WAITING if reasons else State.APPROVED), reasons


def put_back(before: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the stored reasons of what waits again because a person put it back: those it waited for, and that."""
    return [*(stored for stored in before if stored["rule"] != PUT_BACK), Reason(PUT_BACK).as_json()]


def is_put_back(reasons: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether stored reasons, those that stand of a waiting comment, say that a person put it back."""
    return any(stored["rule"] == PUT_BACK for stored in reasons)


def finding(
    rule: Rule, submission: Submission, reading: Reading, twins: Sequence[Twin], now: datetime
) -> Reason | None:
    """Return why a rule would hold a comment or mark it as spam, None if it does neither."""
    look = _LOOKS.get(Kind(rule.kind))
    return look(rule, submission, reading, twins, now) if look else None


def _of(rule: Rule, **found: Any) -> Reason:
    return Reason(rule.kind, rule.pk, rule.name, **found)


def _honeypot(
    rule: Rule, submission: Submission, reading: Reading, twins: Sequence[Twin], now: datetime
) -> Reason | None:
    return _of(rule) if submission.is_trapped else None


def _like(
    rule: Rule, submission: Submission, reading: Reading, twins: Sequence[Twin], now: datetime
) -> Reason | None:
    twin = _twin_for(rule, twins, now)
    if twin is None:
        return None
    number = None if twin.is_same else min(99, int(100 * twin.share))
    return _of(rule, found=[twin.created_at.isoformat()], number=number, comment=twin.pk)


def _links(
    rule: Rule, submission: Submission, reading: Reading, twins: Sequence[Twin], now: datetime
) -> Reason | None:
    found = reading.links
    if len(found) <= rule.number:
        return None
    return _of(rule, found=links.told(found), number=len(found), limit=rule.number)


def _words(
    rule: Rule, submission: Submission, reading: Reading, twins: Sequence[Twin], now: datetime
) -> Reason | None:
    found = words.word_list(rule.text).found_in(reading.folded, reading.words)
    if not found:
        return None
    return _of(rule, found=[word[: links.MAX_LINK] for word in found[:MOST_FOUND]], number=len(found))


def _pattern(
    rule: Rule, submission: Submission, reading: Reading, twins: Sequence[Twin], now: datetime
) -> Reason | None:
    found = patterns.find(reading.text, rule.text)
    return None if found is None else _of(rule, found=[found])


def _score(
    rule: Rule, submission: Submission, reading: Reading, twins: Sequence[Twin], now: datetime
) -> Reason | None:
    score = submission.score
    if score is None or 100 * score.value < rule.number:
        return None
    return _of(rule, found=score.words, number=int(100 * score.value), limit=rule.number)


Look = Callable[[Rule, Submission, Reading, Sequence[Twin], datetime], Reason | None]
_LOOKS: dict[Kind, Look] = {
    Kind.HONEYPOT: _honeypot,
    Kind.DUPLICATE: _like,
    Kind.LIKE: _like,
    Kind.LINKS: _links,
    Kind.WORDS: _words,
    Kind.PATTERN: _pattern,
    Kind.SCORE: _score,
}


def speaks_of(rule: Rule, submission: Submission) -> bool:
    """Return whether a rule is for the language of a comment, or of its article."""
    return not rule.language or rule.language in (submission.language, submission.article.language)


def _held_by_mode(submission: Submission, rules: Iterable[Rule], approved: int) -> list[Reason]:
    """Return why the mode of the place holds a comment, nothing if it does not."""
    mode = submission.commenting.mode
    if mode is Mode.OPEN:
        return []
    if mode is not Mode.FIRST:
        return [Reason("hold-all")]
    record = record_of(rules)
    if record is None:
        return [Reason("first-timer")]
    if submission.is_confirmed and submission.email and approved >= record.number:
        return []
    number = approved if submission.is_confirmed and submission.email else None
    # Which of the two it is, and not the address itself.
    found = ["email"] if submission.email else []
    return [Reason("first-timer", record.pk, record.name, found=found, number=number, limit=record.number)]


def record_of(rules: Iterable[Rule]) -> Rule | None:
    """Return the rule that says what a good record is: of several the one that asks for most."""
    return max(
        (rule for rule in rules if rule.kind == Kind.RECORD), key=lambda rule: rule.number, default=None
    )


_RULES = Prepared(lambda: Rule.objects.filter(is_on=True))
_BANS = Prepared(
    lambda: (
        Ban.objects.in_force(Given("now", DateTimeField()))
        .filter(
            Q(email=Given("email", CharField()))
            | Q(address_digest=Given("address", CharField()))
            | Q(network_digest=Given("network", CharField()))
            | Q(network__gt=Given("ranges_after", CharField()))
        )
        .order_by("pk")
    )
)


def _ban_of(submission: Submission, now: datetime) -> Reason | None:
    """Return the ban that a comment falls under, None if it falls under none; one query."""
    if not (submission.email or submission.address_digest):
        return None
    # What is not known is NULL, and equals nothing.
    bans = _BANS(
        email=submission.email or None,
        address=submission.address_digest or None,
        network=submission.network_digest or None,
        ranges_after="" if submission.address else None,
        now=now,
    )
    for ban in bans:
        if not ban.network or _lies_in(submission.address, ban.network):
            found = [ban.what, *([ban.network] if ban.network else [])]
            return Reason("ban", ban.pk, found=found)
    return None


@lru_cache(maxsize=4096)
def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text)
    except ValueError:
        return None


def _lies_in(address: str, network: str) -> bool:
    """Return whether a network address lies in a range; an IPv4 address written as IPv6 is what it is."""
    found = ip_address(address)
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    within = _network(network)
    return within is not None and found.version == within.version and found in within


def _limits_on(submission: Submission, rules: Sequence[Rule]) -> list[limits.Limit]:
    """Return the limits that a comment has to keep to.

    What is changed or imported is not counted, nor anything where the setting COMMENT_LIMITS is off.
    """
    is_limited = settings.COMMENT_LIMITS and not submission.is_import and submission.comment is None
    return limits.limits_of(submission, rules) if is_limited else []


def _one_at_a_time(
    submission: Submission, reading: Reading, rules: Iterable[Rule], to_keep: Sequence[limits.Limit]
) -> Iterator[str]:
    """Yield the names of what no two transactions may count, or look for, at once; for `locks.hold`.

    At two articles each would miss what the other is about to store. Nearly the same words are found by the values of
    their sketch, each of which is a lock: two that share none do not find each other, and need not wait. Whoever posts
    holds the article's lock already. An import may hold several, and would deadlock: it waits for nobody.
    """
    if submission.is_import:
        return
    if to_keep:
        yield from filter(None, [submission.address_digest, submission.email])
    if any(rule.kind in (Kind.DUPLICATE, Kind.LIKE) for rule in rules):
        yield from (f"words {value}" for value in reading.sketch)


def _counted(
    submission: Submission,
    rules: Sequence[Rule],
    to_keep: Sequence[limits.Limit],
    comments: "CommentQuerySet",
    now: datetime,
) -> int:
    """Return how many comments of this e-mail address readers see, as far as a good record asks; one query.

    Raises TooMany if a limit is reached.
    """
    record = record_of(rules)
    asks = record if submission.commenting.mode is Mode.FIRST and submission.is_confirmed else None
    counted = limits.count(
        comments,
        to_keep,
        approved_of=submission.email if asks else "",
        at_most=max(1, asks.number) if asks else 0,
        but=submission.comment.pk if submission.comment else 0,
    )
    limits.check(to_keep, counted, now)
    return counted.approved


def _twin_for(rule: Rule, twins: Sequence[Twin], now: datetime) -> Twin | None:
    """Return the comment with which a rule finds another the same or alike, the first that was sent."""
    if rule.kind not in (Kind.DUPLICATE, Kind.LIKE):
        return None
    since = now - timedelta(minutes=rule.minutes)
    # What is the same is told by the rule for that, if it is on; a likeness counts for the other one.
    wanted = [twin for twin in twins if twin.created_at > since and (twin.is_same or rule.kind == Kind.LIKE)]
    return min(wanted, key=lambda twin: (not twin.is_same, twin.pk), default=None)


def _sharing(values: Sequence[int], since: datetime, but: int) -> list[tuple[int, int | None, datetime, str]]:
    """Return the newest comments that share values of a sketch, those that share most of them first; one query.

    Each is its id, the one that it is like, when it was sent, and the beginning of its text. Each value is asked for by
    itself, from its newest rows on: a flood of thousands that share all of them costs no more than a few do. Django
    would have to sort them all. `but` is the id of a comment that is left out.
    """
    from comments.models import Comment, Sketch  # they know this module

    of_one = (
        f"SELECT comment_id FROM (SELECT comment_id FROM {Sketch._meta.db_table} WHERE value = %s"  # noqa: S608
        f" ORDER BY comment_id DESC LIMIT {MOST_CANDIDATES}) AS newest"
    )
    # A comment stands there once for each value that it shares; the more, the likelier.
    sharing = f"""
        SELECT comment.id, comment.alike_id, comment.created_at, SUBSTR(comment.text, 1, {likeness.COMPARED})
        FROM (
            SELECT comment_id, COUNT(*) AS shared FROM ({" UNION ALL ".join([of_one] * len(values))}) AS sharing
            GROUP BY comment_id ORDER BY shared DESC, comment_id LIMIT {MOST_CANDIDATES}
        ) AS likeliest
        JOIN {Comment._meta.db_table} AS comment ON comment.id = likeliest.comment_id
        WHERE comment.created_at > %s AND comment.id <> %s
        ORDER BY likeliest.shared DESC, comment.id
    """  # noqa: S608  (our own words only)
    with connection.cursor() as cursor:
        cursor.execute(sharing, [*values, connection.ops.adapt_datetimefield_value(since), but])
        return [(pk, alike, as_moment(at), text) for pk, alike, at, text in cursor.fetchall()]


def _twins(submission: Submission, reading: Reading, rules: Sequence[Rule], now: datetime) -> list[Twin]:
    """Return the recent comments with the same words or nearly the same; one query."""
    asking = [rule for rule in rules if rule.kind in (Kind.DUPLICATE, Kind.LIKE)]
    if not asking or reading.likeness is None or not reading.sketch:
        return []
    since = now - timedelta(minutes=max(rule.minutes for rule in asking))
    own = submission.comment
    found = _sharing(reading.sketch, since, own.pk if own else 0)
    twins = []
    for pk, alike, created_at, text in found:
        other = likeness.likeness_of(text)
        if other is None:
            continue
        is_same = other.essence == reading.likeness.essence
        share = 1.0 if is_same else other.share(reading.likeness)
        if share >= likeness.ALIKE:
            twins.append(Twin(pk, alike, created_at, is_same, share))
        if len(twins) >= 5:
            # Enough to tell; a flood has more.
            break
    return twins


# For moderators


def name_of(kind: str) -> str:
    """Return a kind of rule in words."""
    return str(BUILT_IN[kind] if kind in BUILT_IN else Kind(kind).label)


def address_of(reason: Mapping[str, Any]) -> str:
    """Return where in the admin the rule or the ban of a stored reason stands, "" if there is none."""
    if not reason.get("pk"):
        return ""
    model = "ban" if reason["rule"] == "ban" else "rule"
    return reverse(f"admin:comments_{model}_change", args=[reason["pk"]])


def explain(reason: Mapping[str, Any]) -> str:
    """Return a stored reason as a sentence for moderators, exactly: what was found, and the numbers."""
    kind = reason["rule"]
    said = _SENTENCES[kind](reason) if kind in _SENTENCES else name_of(kind)
    if reason.get("name"):
        return _("%(what)s (rule “%(name)s”)") % {"what": said, "name": reason["name"]}
    return said


def _quoted(reason: Mapping[str, Any]) -> str:
    found = [_("“%(text)s”") % {"text": text} for text in reason.get("found", [])]
    more = reason.get("number", 0) - len(found) if reason["rule"] == Kind.WORDS else 0
    if more > 0:
        found.append(ngettext("%(n)s more", "%(n)s more", more) % {"n": more})
    return ", ".join(found)


def _say_words(reason: Mapping[str, Any]) -> str:
    return _("Words: %(found)s") % {"found": _quoted(reason)}


def _say_pattern(reason: Mapping[str, Any]) -> str:
    return _("Pattern, at %(found)s") % {"found": _quoted(reason)}


def _say_links(reason: Mapping[str, Any]) -> str:
    number = reason.get("number", 0)
    return ngettext(
        "%(number)s link, at most %(limit)s: %(found)s",
        "%(number)s links, at most %(limit)s: %(found)s",
        number,
    ) % {"number": number, "limit": reason.get("limit", 0), "found": ", ".join(reason.get("found", []))}


def _say_score(reason: Mapping[str, Any]) -> str:
    values = {"number": reason.get("number", 0), "limit": reason.get("limit", 0), "found": _quoted(reason)}
    if reason.get("found"):
        return _("Score of %(number)s %%, held from %(limit)s %%, for %(found)s") % values
    return _("Score of %(number)s %%, held from %(limit)s %%") % values


def _say_like(reason: Mapping[str, Any]) -> str:
    moment = datetime.fromisoformat(reason["found"][0])
    at = dates.format_moment(moment, get_language() or "en", timezone.get_current_timezone())
    if "number" not in reason:
        return _("The same words as in a comment of %(time)s") % {"time": at}
    return _("Nearly the same words (%(number)s %%) as in a comment of %(time)s") % {
        "number": reason["number"],
        "time": at,
    }


def _say_limit(reason: Mapping[str, Any]) -> str:
    numbers = {"number": reason["number"], "limit": reason["limit"], "minutes": reason["found"][0]}
    return _("%(number)s comments within %(minutes)s minutes, at most %(limit)s") % numbers


def _say_record(reason: Mapping[str, Any]) -> str:
    number = reason["number"]
    return ngettext(
        "%(number)s approved comment of this confirmed address before it",
        "%(number)s approved comments of this confirmed address before it",
        number,
    ) % {"number": number}


def _say_first(reason: Mapping[str, Any]) -> str:
    if "limit" not in reason:
        return _("First-timers wait here")
    if not reason.get("found"):
        return _("First-timer: sent without an e-mail address")
    if "number" not in reason:
        return _("First-timer: nobody confirmed the e-mail address of this comment")
    if not reason["number"]:
        return _("First comment of this address: a good record takes %(limit)s approved ones") % {
            "limit": reason["limit"]
        }
    return ngettext(
        "%(number)s approved comment of this address: a good record takes %(limit)s",
        "%(number)s approved comments of this address: a good record takes %(limit)s",
        reason["number"],
    ) % {"number": reason["number"], "limit": reason["limit"]}


def _say_ban(reason: Mapping[str, Any]) -> str:
    what, *network = reason.get("found", [""])
    if network:
        return _("The network %(network)s is banned") % {"network": network[0]}
    return {
        "email": _("This e-mail address is banned"),
        "address": _("This network address is banned"),
        "network": _("The network of this comment is banned"),
    }.get(what, name_of("ban"))


_SENTENCES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    Kind.WORDS: _say_words,
    Kind.PATTERN: _say_pattern,
    Kind.LINKS: _say_links,
    Kind.SCORE: _say_score,
    Kind.DUPLICATE: _say_like,
    Kind.LIKE: _say_like,
    **dict.fromkeys(Rule.LIMITS, _say_limit),
    Kind.RECORD: _say_record,
    Kind.HONEYPOT: lambda _reason: _("A field was filled in that only programs see"),
    "first-timer": _say_first,
    "hold-all": lambda _reason: _("Every comment waits for a moderator here"),
    "ban": _say_ban,
    PUT_BACK: lambda _reason: _("A moderator put it back: it waits for a person"),
}
