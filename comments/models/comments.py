"""Comments; the verbs here keep the counter of the article true."""

import hashlib
import hmac
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Network, ip_address, ip_network
from typing import Self

from django.conf import settings
from django.core import signing
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Case, Count, Exists, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles import commented
from articles.models import Article, User
from comments import judging, telling, threads
from comments.models import states
from comments.models.decisions import Decision, Step
from comments.models.forgetting import next_to_forget
from comments.models.reports import Report
from comments.models.states import TRANSITIONS, Action, State
from newsroom import dates
from newsroom.addresses import mailbox
from newsroom.models import LANGUAGE_CODE_LENGTH, Site
from newsroom.plaintext import one_line, plain
from newsroom.prepared import Given, Prepared, insert
from newsroom.verbs import Refused, verb

# Deeper replies are stored at this depth: a thread stays drawable, and its pages bounded.
MAX_DEPTH = 10
MAX_TEXT = 5000
# The same words from the same person within this time are one comment sent twice, not two.
SAME_COMMENT_WITHIN = timedelta(minutes=10)
# Once readers see a comment, anybody can copy it; who sends it again later than this is not taken for its writer.
SENT_AGAIN_WITHIN = timedelta(seconds=30)
# How long a hashed network address is kept: long enough for limits and bans, no longer.
ADDRESS_KEPT_FOR = timedelta(days=7)
# As much of an IPv6 address counts: a household has the 2^64 addresses that begin with it, and changes them at will.
IPV6_BITS = 64
# How wide the network around an address is that is kept as a digest: what a household or an office has.
NETWORK_BITS = {4: 24, 6: 48}
# Rows changed by one statement; databases bound what one may name.
BATCH = 500
# For the private page of a comment; the salt keeps its tokens apart from others.
_SIGNER = signing.Signer(salt="comments.own")


class CommentQuerySet(models.QuerySet["Comment"]):
    """Questions on comments."""

    def shown(self) -> Self:
        """Return what readers may read; `Article.comment_count` is the number of these."""
        # The state says nothing more; it makes the index serve.
        return self.filter(state=State.APPROVED, shown=True)

    def waiting(self) -> Self:
        """Return the comments that wait for a decision, oldest first."""
        return self.filter(state=State.WAITING).order_by("pk")

    def decidable_by(self, user: User) -> Self:
        """Return the comments that this user may decide on, and sees in the queue."""
        return self._in_reach(user, "comments.decide_comment")

    def readable_by(self, user: User) -> Self:
        """Return the comments that this user may look up in the admin."""
        return self._in_reach(user, "comments.view_comment")

    def _in_reach(self, user: User, permission: str) -> Self:
        reach = user.reach_of(permission)
        # Whoever reaches everything asks nothing of articles: then an index of comments answers alone.
        return self.all() if _is_everything(reach) else self.on_articles(reach)

    def on_articles(self, condition: Q) -> Self:
        """Return the comments on articles that a condition lets through.

        Asked of each comment in turn: a join would have SQLite begin with the articles, and sort all their comments.
        """
        articles = Article.objects.order_by().filter(condition, pk=OuterRef("article"))
        return self.filter(Exists(articles))

    def pages_of(self, article: Article, *, newest_first: bool = False) -> threads.Paging:
        """Return the pages of an article's comments; one query for four numbers per comment."""
        rows = (
            self.filter(article=article, state__in=[State.APPROVED, State.REMOVED])
            .filter(Q(shown=True) | Q(state=State.REMOVED))
            .order_by("pk")
            .values_list("pk", "parent", "shown", "size")
        )
        return threads.paginate(threads.arrange(rows), newest_first=newest_first)

    def fetch(self, page: threads.Page) -> threads.Page:
        """Give the entries of a page their comments and those that they answer, and return it; one query."""
        wanted = {entry.pk for entry in page} | {entry.parent for entry in page if entry.parent}
        comments = self.in_bulk(wanted) if wanted else {}
        for entry in page:
            entry.comment = comments[entry.pk]
            entry.answered = comments.get(entry.parent)
        return page

    def forget_addresses(self) -> int:
        """Forget a batch of the hashed network addresses that have expired; return how many comments it was.

        The fingerprint goes too: it was made with the address, and whoever holds the key could try them all.
        """
        over = self.filter(address_expires_at__lte=timezone.now()).order_by("address_expires_at")
        with verb("comment.forget-addresses", by=None) as act:
            expired = next_to_forget(act, over, "comments")
            Sketch.objects.filter(comment__in=expired).delete()
            Comment.objects.filter(pk__in=expired).update(
                address_digest="", network_digest="", address_expires_at=None, fingerprint=""
            )
        return len(expired)


class Comment(models.Model):
    """A reader's plain text below an article."""

    State = states.State

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Its indexes begin with it; one of its own would be one too many to write.
    article = models.ForeignKey(
        Article, models.PROTECT, related_name="comments", db_index=False, verbose_name=_("article")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replies", verbose_name=_("reply to")
    )
    depth = models.PositiveSmallIntegerField(default=0, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING, editable=False)
    # Approved, and no ancestor waiting, rejected or spam: what counts. Kept by the verbs.
    shown = models.BooleanField(_("shown"), default=False, editable=False)
    text = models.TextField(_("comment"), max_length=MAX_TEXT, validators=[MaxLengthValidator(MAX_TEXT)])
    name = models.CharField(_("name"), max_length=60)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=LANGUAGE_CODE_LENGTH)
    # Set for staff, who comment under their own account.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("user"),
    )
    address_digest = models.CharField(max_length=64, blank=True, editable=False)
    # Of the network that it came from, /24 or /48: for bans of a range. Expires with the address.
    network_digest = models.CharField(max_length=64, blank=True, editable=False)
    address_expires_at = models.DateTimeField(null=True, editable=False)
    # When the writer showed that the e-mail address of this comment is his.
    confirmed_at = models.DateTimeField(_("address confirmed"), null=True, editable=False)
    # The kind of the first rule that holds it or marked it as spam; "" once a person decided.
    held_for = models.CharField(max_length=20, blank=True, editable=False)
    # The first of the recent comments with nearly the same words: the queue folds them.
    alike = models.ForeignKey("self", models.PROTECT, null=True, editable=False, related_name="+")
    open_reports = models.PositiveIntegerField(_("reports"), default=0, editable=False)
    # Bytes of the text in UTF-8; what a page of a thread holds is bounded by them.
    size = models.PositiveIntegerField(default=0, editable=False)
    fingerprint = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("sent"), default=timezone.now, editable=False)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True, editable=False)
    # Rises with each change; a decision on what somebody saw earlier is refused.
    version = models.PositiveIntegerField(default=1, editable=False)

    # What `post` tells that has just run, stored nowhere: that somebody else may have sent this, whose private page it
    # is. Then its sender is led to where everybody reads it.
    is_anothers = False

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(shown=False) | Q(state="approved"), name="only_approved_comments_are_shown"
            ),
            models.CheckConstraint(condition=Q(depth__lte=MAX_DEPTH), name="comment_depth_capped"),
        ]
        indexes = [
            models.Index(fields=["article", "state", "shown", "id"], name="comment_by_article"),
            # The article is there to be read along: who may decide, and filters, ask for it.
            models.Index(fields=["state", "id", "article"], name="comment_by_state"),
            models.Index(fields=["article", "fingerprint", "created_at"], name="comment_by_fingerprint"),
            models.Index(
                fields=["address_expires_at"],
                name="comment_address_expires",
                condition=Q(address_expires_at__isnull=False),
            ),
            # For what was sent last to one article or by one person: limits and histories.
            models.Index(fields=["article", "id"], name="comment_newest"),
            models.Index(fields=["email", "id"], name="comment_by_email", condition=~Q(email="")),
            models.Index(
                fields=["address_digest", "id"],
                name="comment_by_address",
                condition=~Q(address_digest=""),
            ),
            models.Index(
                fields=["held_for", "state", "id"], name="comment_by_rule", condition=~Q(held_for="")
            ),
            models.Index(
                fields=["alike", "state", "id"],
                name="comment_by_likeness",
                condition=Q(alike__isnull=False),
            ),
            models.Index(fields=["id"], name="comment_reported", condition=Q(open_reports__gt=0)),
        ]
        permissions = [
            ("decide_comment", _("Can decide on comments")),
            ("manage_rules", _("Can set rules, bans and the flood switch")),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.text[:60]}"

    def get_absolute_url(self) -> str:
        """Return the permalink, which leads to the comment's page and anchor."""
        return reverse("comments:permalink", args=[self.pk])

    def own_url(self) -> str:
        """Return the private page of this comment, a signed address for its writer."""
        return reverse("comments:own", args=[self.token()])

    def token(self) -> str:
        """Return the signed part of the addresses that belong to its writer alone."""
        return _SIGNER.sign(self.uid.hex)

    @classmethod
    def by_token(cls, token: str) -> Self:
        """Return the comment of a private address. Raises Comment.DoesNotExist if the token is not ours."""
        try:
            return cls.objects.select_related("article").defer("article__body").get(uid=_SIGNER.unsign(token))
        except signing.BadSignature as error:
            raise cls.DoesNotExist from error

    def is_by_staff(self) -> bool:
        """Return whether somebody of the newsroom wrote this under his own account."""
        return self.user_id is not None

    def possible_decisions(self) -> list[states.Action]:
        """Return the decisions that lead on from here and would be carried out.

        Costs what `is_deleted_by_writer` does, where the state alone would let it be shown.
        """
        return [
            action
            for action, (target, allowed) in TRANSITIONS.items()
            if self.state in allowed and not (target == State.APPROVED and self.is_deleted_by_writer())
        ]

    # Verbs

    @classmethod
    def post(
        cls,
        *,
        article: Article,
        name: str,
        text: str,
        email: str = "",
        parent: "Comment | None" = None,
        language: str = "",
        address: str = "",
        by: User | None = None,
        at: datetime | None = None,
        is_confirmed: bool = False,
        is_trapped: bool = False,
        site: Site | None = None,
    ) -> "Comment":
        """Store a comment and return it; the same one within ten minutes is stored once.

        The same is told by article, comment answered, name, network address and text (`_sent_before`). Where another
        person may have sent the one that is there, it is marked: `is_anothers`.

        What becomes of it the mode of its place and the rules say (`comments.judging`); staff who may decide on
        comments are shown at once. `is_confirmed` tells that it was sent by a signed link mailed to `email`,
        `is_trapped` that a field was filled in that only programs see. `at` dates an import, whose `Origin` sees to
        it that nothing comes twice. `site` is the site's settings, if they were read just now. Raises ValidationError
        if a field is empty or too long, Refused if the article takes no comments or the comment answered is not shown,
        TooMany if a limit is reached.
        """
        name, text, email = one_line(name), plain(text), mailbox(email)
        digest, network = address_digest(address), network_digest(address)
        fingerprint = fingerprint_of(parent.pk if parent else None, name, digest, text)
        reading = judging.Reading(text).ahead()
        with verb("comment.post", by=by) as act:
            article = commented.locked(article.pk)
            site = site or Site.current()
            if not article.takes_comments(site):
                raise Refused(closed_here(article, site))
            if parent and not cls.objects.shown().filter(pk=parent.pk, article=article).exists():
                raise Refused(_("The comment that you answer is no longer there."))
            now = at or timezone.now()
            # Imported without an address, two people of one name who say “Merci !” look like one: both are kept.
            within = {"after": now - SAME_COMMENT_WITHIN, "before": now + SAME_COMMENT_WITHIN}
            is_asked = digest or at is None
            twins = _SAME(article=article.pk, fingerprint=fingerprint, **within) if is_asked else []
            if twin := cls._sent_before(twins, email, is_confirmed, now):
                act.nothing()
                return twin
            comment = cls(
                article=article,
                parent=parent,
                depth=min(parent.depth + 1, MAX_DEPTH) if parent else 0,
                text=text,
                size=len(text.encode()),
                name=name,
                email=email,
                confirmed_at=now if email and is_confirmed else None,
                language=language or article.language,
                user=by,
                address_digest=digest,
                network_digest=network,
                address_expires_at=now + ADDRESS_KEPT_FOR if digest else None,
                fingerprint=fingerprint,
                created_at=now,
            )
            if by is not None and by.may("comments.decide_comment", article):
                verdict = judging.Verdict(State.APPROVED, [judging.Reason("staff")])
            else:
                submission = judging.Submission(
                    article=article,
                    commenting=article.commenting(site),
                    name=name,
                    text=text,
                    email=email,
                    is_confirmed=comment.confirmed_at is not None,
                    language=comment.language,
                    address=address,
                    address_digest=digest,
                    network_digest=network,
                    is_trapped=is_trapped,
                    is_import=at is not None,
                    at=now,
                )
                verdict = judging.judge(submission, cls.objects.all(), reading)
            comment._begin(verdict, by)
            act.on = comment
            act.details["article"] = article.pk
            if comment.shown:
                store_counts([article.pk])
                act.purge(*article.comment_keys())
            if at is None:
                telling.tell_reply(comment)
                if not is_trapped:
                    telling.ask_to_confirm(comment)
        return comment

    @classmethod
    def _sent_before(
        cls, twins: "Sequence[Comment]", email: str, is_confirmed: bool, now: datetime
    ) -> "Comment | None":
        """Return which of some comments alike is the same, sent before; None if there are none.

        Name and text of a shown comment are public, and a network address is shared by a household or an office:
        neither proves who wrote it, and a private page lets one change it. His own is only what has his e-mail, is
        not confirmed (or he comes by a signed link, too), and was not read for longer than a cut-off POST takes to be
        sent again. What may be another's is marked as such.
        """
        for twin in twins:
            is_open = not (twin.shown and twin.created_at < now - SENT_AGAIN_WITHIN)
            if twin.email == email and (is_confirmed if twin.confirmed_at else is_open):
                return twin
        if not twins:
            return None
        twins[0].is_anothers = True
        return twins[0]

    def _begin(self, verdict: judging.Verdict, by: User | None) -> None:
        """Store this new comment with what the rules say of it, and why."""
        self.state, self.shown = verdict.state, verdict.state == State.APPROVED
        self.held_for = verdict.reasons[0].rule if verdict.state != State.APPROVED else ""
        self.alike_id = verdict.alike
        self.clean_fields(exclude=["article", "parent", "user", "alike"])
        insert(self)
        self._remember_words(verdict)
        insert(
            Decision(
                comment=self,
                action=judging.ACTIONS[verdict.state],
                rule=verdict.reasons[0].rule if verdict.reasons else "",
                reasons=[reason.as_json() for reason in verdict.reasons],
                state=self.state,
                by=by,
            )
        )

    def _remember_words(self, verdict: judging.Verdict) -> None:
        """Store what later comments with nearly the same words find this one by; what was stored before goes."""
        if self.version > 1:
            Sketch.objects.filter(comment=self).delete()
        if verdict.sketch:
            insert(*(Sketch(comment=self, value=value) for value in verdict.sketch))

    @classmethod
    def recount(cls, article: Article, *, by: User | None = None, mend: bool = True) -> "Difference | None":
        """Work out from the states what of an article's thread is shown, and mend flags and number where they differ.

        Returns what differed, None if nothing did. Holds the article's lock, so nothing moves meanwhile.
        """
        with verb("comment.recount", by=by, on=article) as act:
            stored = Article.objects.lock().get(pk=article.pk).comment_count
            rows = list(cls.objects.filter(article=article).values_list("pk", "parent", "state", "shown"))
            right = threads.shown_of((pk, parent, state) for pk, parent, state, _shown in rows)
            wrong = [pk for pk, _parent, _state, shown in rows if shown != (pk in right)]
            beside = list(cls._miscounted(article))
            if not wrong and not beside and stored == len(right):
                act.nothing()
                return None
            difference = Difference(article.pk, stored, len(right), len(wrong), len(beside))
            if not mend:
                act.nothing()
                return difference
            for start in range(0, len(wrong), BATCH):
                batch = wrong[start : start + BATCH]
                cls.objects.filter(pk__in=batch).update(
                    shown=Case(When(pk__in=right.intersection(batch), then=True), default=False)
                )
            for pk, reports, size in beside:
                cls.objects.filter(pk=pk).update(open_reports=reports, size=size)
            store_counts([article.pk])
            act.details.update(stored=stored, true=len(right), flags=len(wrong), beside=len(beside))
            act.purge(*article.comment_keys())
        return difference

    @classmethod
    def _miscounted(cls, article: Article) -> Iterator[tuple[int, int, int]]:
        """Yield of the comments whose number of open reports or size is wrong: id, true number, true size."""
        open_ones = Report.objects.filter(comment__article=article, closed_at=None).order_by()
        reports = dict(open_ones.values_list("comment").annotate(models.Count("pk")))
        rows = cls.objects.filter(article=article).values_list("pk", "open_reports", "size", "text")
        for pk, number, size, text in rows.iterator():
            true = reports.get(pk, 0), len(text.encode())
            if (number, size) != true:
                yield pk, *true

    def approve(self, *, by: User | None, seen: int | None = None) -> bool:
        """Show this comment to readers. Returns and raises what every decision does, see `_decide`."""
        return self._decide(Action.APPROVE, by=by, seen=seen)

    def reject(self, *, by: User | None, reason: str, seen: int | None = None) -> bool:
        """Refuse this comment, for a reason; it is hidden with all below it."""
        return self._decide(Action.REJECT, by=by, reason=reason, seen=seen)

    def mark_spam(self, *, by: User | None, reason: str = "", seen: int | None = None) -> bool:
        """Put this comment away as spam; it is hidden with all below it."""
        return self._decide(Action.SPAM, by=by, reason=reason, seen=seen)

    def remove(self, *, by: User | None, reason: str, seen: int | None = None) -> bool:
        """Take away a comment that was shown, for a reason; its replies stay below a placeholder."""
        return self._decide(Action.REMOVE, by=by, reason=reason, seen=seen)

    def restore(self, *, by: User | None, seen: int | None = None) -> bool:
        """Show a removed comment again."""
        return self._decide(Action.RESTORE, by=by, seen=seen)

    def keep(self, *, by: User | None, seen: int | None = None) -> bool:
        """Close the reports of this comment and leave it as it is."""
        return self._decide(Action.KEEP, by=by, seen=seen)

    @classmethod
    def decide_all(
        cls,
        comments: Iterable["Comment"],
        action: Action,
        *,
        by: User | None,
        reason: str = "",
        seen: Mapping[int, int] | None = None,
        reports: Mapping[int, int] | None = None,
    ) -> Step:
        """Decide on many comments in one step. Returns and raises what `comments.models.deciding.decide` does."""
        from comments.models import deciding  # it knows the models

        return deciding.decide(comments, action, by=by, reason=reason, seen=seen, reports=reports)

    def _decide(self, action: Action, *, by: User | None, reason: str = "", seen: int | None = None) -> bool:
        """Decide on this comment: a step of one.

        Returns whether anything changed: a decision that is already so changes nothing. `seen` is the version that
        was decided on: raises Refused if the comment changed since, or cannot go from its state to that one,
        PermissionDenied if `by` may not decide here, ValidationError if the reason is too long.
        """
        versions = None if seen is None else {self.pk: seen}
        step = self.decide_all([self], action, by=by, reason=reason, seen=versions)
        self.refresh_from_db()
        if step.left_out:
            raise Refused(step.left_out[0].why)
        return bool(step.moved)

    # Verbs of its writer, who is known by a signed address alone

    def is_editable_by_writer(self, now: datetime) -> bool:
        """Return whether its writer may change or delete this: ten minutes long, while it waits or is shown."""
        from comments.models import writers  # it knows the models

        return writers.is_editable(self, now)

    def is_deleted_by_writer(self) -> bool:
        """Return whether its writer took this back: nobody shows it again.

        A query, unless it waits or its decisions were fetched with it.
        """
        return self.state != State.WAITING and any(
            decision.action == Action.DELETE for decision in self.decisions.all()
        )

    def edit(self, *, text: str, language: str = "", seen: int) -> bool:
        """Change the text, and the language, as its writer. Returns and raises what `writers.edit` does."""
        from comments.models import writers  # it knows the models

        return writers.edit(self, text=text, language=language, seen=seen)

    def take_back(self, *, seen: int) -> bool:
        """Delete this as its writer. Returns and raises what `writers.take_back` does."""
        from comments.models import writers  # it knows the models

        return writers.take_back(self, seen=seen)

    def confirm(self) -> bool:
        """Note that its writer's address is his; return whether anything changed: see `writers.confirm`."""
        from comments.models import writers  # it knows the models

        return writers.confirm(self)


# The same words from the same person; `post` asks it of each comment.
_SAME = Prepared(
    lambda: Comment.objects.filter(
        article=Given("article"),
        fingerprint=Given("fingerprint", models.CharField()),
        created_at__gt=Given("after", models.DateTimeField()),
        created_at__lt=Given("before", models.DateTimeField()),
    )
)


class Wording(models.Model):
    """What a comment said before its writer changed it, and until when."""

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="wordings")
    text = models.TextField()
    until = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.text[:60]


class Sketch(models.Model):
    """A number that comments with nearly the same words are likely to share (min-wise hashing, Broder 1997).

    Kept as long as the network address of the comment.
    """

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="+")
    value = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["value", "comment"], name="sketch_by_value")]

    def __str__(self) -> str:
        return f"{self.value:x}"


@dataclass(frozen=True)
class Difference:
    """What a recount found at an article: the number stored, the true one, and how many comments had a wrong flag.

    `beside` is how many had a wrong number of open reports or a wrong size.
    """

    article: int
    stored: int
    true: int
    flags: int
    beside: int = 0


def closed_here(article: Article, site: Site) -> str:
    """Return what a reader is told whose words an article does not take; until when, if that is known."""
    if opens_at := article.commenting(site).opens_at:
        time = dates.format_moment(opens_at, article.language, site.zone)
        return _("Comments are closed here until %(time)s; what you wrote is still here.") % {"time": time}
    return _("Comments are closed here.")


def fingerprint_of(parent: int | None, name: str, digest: str, text: str) -> str:
    """Return what two comments share that are the same one, sent twice."""
    return hashlib.sha256("\0".join([str(parent or ""), name, digest, text]).encode()).hexdigest()


def counts_as(address: str) -> str:
    """Return what is one network address for limits, bans and reports: of IPv6 its /64, of IPv4 the address itself."""
    found = ip_address(address)
    if found.version == 4:
        return str(found)
    return str(IPv6Network((int(found), IPV6_BITS), strict=False))


def address_digest(address: str) -> str:
    """Return a keyed digest of what an address counts as, "" for none: tells the same from another, nothing else."""
    return _keyed(counts_as(address)) if address else ""


def network_digest(address: str) -> str:
    """Return a keyed digest of the network that an address lies in, /24 or /48."""
    if not address:
        return ""
    found = ip_address(address)
    return _keyed(str(ip_network((int(found), NETWORK_BITS[found.version]), strict=False)))


def _keyed(words: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), b"address:" + words.encode(), hashlib.sha256).hexdigest()


def _is_everything(condition: Q) -> bool:
    """Return whether a condition on articles, as `User.reach_of` makes it, lets every article through."""
    return (
        not condition.negated
        and ("pk__isnull", False) in condition.children
        and (len(condition.children) == 1 or condition.connector == Q.OR)
    )


def store_counts(articles: Sequence[int]) -> None:
    """Store at articles the numbers of their shown comments; the caller holds their locks."""
    shown = Comment.objects.shown().filter(article=OuterRef("pk")).order_by().values("article")
    number = Subquery(shown.annotate(number=Count("pk")).values("number"))
    Article.objects.filter(pk__in=articles).update(comment_count=Coalesce(number, 0))
