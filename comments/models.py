"""Comments and the decisions on them; the verbs here keep the counter of the article true."""

import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Case, Q, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models import Article, User
from comments import threads
from newsroom.models import LANGUAGE_CODE_LENGTH, Site
from newsroom.plaintext import one_line, plain
from newsroom.verbs import Refused, verb

# Deeper replies are stored at this depth: a thread stays drawable, and its pages bounded.
MAX_DEPTH = 10
MAX_TEXT = 5000
MAX_REASON = 500
# The same words from the same person within this time are one comment sent twice, not two.
SAME_COMMENT_WITHIN = timedelta(minutes=10)
# How long a hashed network address is kept: long enough for limits and bans, no longer.
ADDRESS_KEPT_FOR = timedelta(days=7)
# Rows changed by one statement; databases bound what one may name.
BATCH = 500
# For the private page of a comment; the salt keeps its tokens apart from others.
_SIGNER = signing.Signer(salt="comments.own")


class CommentQuerySet(models.QuerySet["Comment"]):
    """Questions on comments."""

    def shown(self) -> Self:
        """Return what readers may read; `Article.comment_count` is the number of these."""
        # The state says nothing more; it makes the index serve.
        return self.filter(state=Comment.State.APPROVED, shown=True)

    def waiting(self) -> Self:
        """Return the comments that wait for a decision, oldest first."""
        return self.filter(state=Comment.State.WAITING).order_by("pk")

    def decidable_by(self, user: User) -> Self:
        """Return the comments that this user may decide on, and sees in the queue."""
        return self._in_reach(user, "comments.decide_comment")

    def readable_by(self, user: User) -> Self:
        """Return the comments that this user may look up in the admin."""
        return self._in_reach(user, "comments.view_comment")

    def _in_reach(self, user: User, permission: str) -> Self:
        return self.filter(_on_article(user.reach_of(permission)))

    def pages_of(self, article: Article) -> list[threads.Page]:
        """Return the pages of an article's thread, at least one; one query for three numbers per comment."""
        rows = (
            self.filter(article=article, state__in=[Comment.State.APPROVED, Comment.State.REMOVED])
            .filter(Q(shown=True) | Q(state=Comment.State.REMOVED))
            .order_by("pk")
            .values_list("pk", "parent", "shown")
        )
        return threads.paginate(threads.arrange(rows))

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
        with verb("comment.forget-addresses", by=None) as act:
            # What somebody holds is left for next time: waiting for it, row by row, could deadlock with a decision.
            expired = list(
                self.filter(address_expires_at__lte=timezone.now())
                .order_by("address_expires_at")
                .select_for_update(skip_locked=True, no_key=True)
                .values_list("pk", flat=True)[:BATCH]
            )
            if not expired:
                act.nothing()
                return 0
            act.details["comments"] = len(expired)
            Comment.objects.filter(pk__in=expired).update(
                address_digest="", address_expires_at=None, fingerprint=""
            )
        return len(expired)


class Comment(models.Model):
    """A reader's plain text below an article."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        SPAM = "spam", _("spam")
        REMOVED = "removed", _("removed")

    # States in which a comment hides everything below it.
    HIDING = (State.WAITING, State.REJECTED, State.SPAM)

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="comments", verbose_name=_("article"))
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
    address_expires_at = models.DateTimeField(null=True, editable=False)
    fingerprint = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("sent"), default=timezone.now, editable=False)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True, editable=False)
    # Rises with each change; a decision on what somebody saw earlier is refused.
    version = models.PositiveIntegerField(default=1, editable=False)

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
            models.Index(fields=["state", "id"], name="comment_by_state"),
            models.Index(fields=["article", "fingerprint", "created_at"], name="comment_by_fingerprint"),
            models.Index(
                fields=["address_expires_at"],
                name="comment_address_expires",
                condition=Q(address_expires_at__isnull=False),
            ),
            models.Index(fields=["email"], name="comment_by_email", condition=~Q(email="")),
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
        return reverse("comments:own", args=[_SIGNER.sign(self.uid.hex)])

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

    def possible_decisions(self) -> list["Decision.Action"]:
        """Return the decisions that lead on from the state that this comment is in."""
        return [action for action, (_target, allowed) in TRANSITIONS.items() if self.state in allowed]

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
    ) -> "Comment":
        """Store a comment and return it; the same one within ten minutes is stored once.

        A reader's comment is held (`by` is None: everybody is a first-timer until addresses can be confirmed);
        staff who may decide on comments are shown at once. `at` dates an import, whose `Origin` sees to it that
        nothing comes twice. Raises ValidationError if a field is empty or too long, Refused if the article takes
        no comments or the comment answered is not shown.
        """
        name, text = one_line(name), plain(text)
        digest = address_digest(address)
        fingerprint = hashlib.sha256(
            "\0".join([str(parent.pk if parent else ""), name, digest, text]).encode()
        ).hexdigest()
        with verb("comment.post", by=by) as act:
            article = Article.objects.lock().get(pk=article.pk)
            if not article.takes_comments(Site.current()):
                raise Refused(_("Comments are closed here."))
            if parent and not cls.objects.shown().filter(pk=parent.pk, article=article).exists():
                raise Refused(_("The comment that you answer is no longer there."))
            now = at or timezone.now()
            twins = cls.objects.filter(
                article=article,
                fingerprint=fingerprint,
                created_at__gt=now - SAME_COMMENT_WITHIN,
                created_at__lt=now + SAME_COMMENT_WITHIN,
            )
            # Imported without an address, two people of one name who say “Merci !” look like one: both are kept.
            if (digest or at is None) and (twin := twins.first()):
                act.nothing()
                return twin
            staff = by is not None and by.may("comments.decide_comment", article)
            comment = cls(
                article=article,
                parent=parent,
                depth=min(parent.depth + 1, MAX_DEPTH) if parent else 0,
                state=cls.State.APPROVED if staff else cls.State.WAITING,
                shown=staff,
                text=text,
                name=name,
                email=email,
                language=language or article.language,
                user=by,
                address_digest=digest,
                address_expires_at=now + ADDRESS_KEPT_FOR if digest else None,
                fingerprint=fingerprint,
                created_at=now,
            )
            comment.clean_fields(exclude=["article", "parent", "user"])
            comment.save()
            Decision.objects.create(
                comment=comment,
                action=Decision.Action.APPROVE if staff else Decision.Action.HOLD,
                rule="staff" if staff else "first-timer",
                state=comment.state,
                by=by,
            )
            act.on = comment
            act.details["article"] = article.pk
            if staff:
                _store_count(article)
                act.purge(*article.comment_keys())
        return comment

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
            if not wrong and stored == len(right):
                act.nothing()
                return None
            difference = Difference(article.pk, stored, len(right), len(wrong))
            if not mend:
                act.nothing()
                return difference
            for start in range(0, len(wrong), BATCH):
                batch = wrong[start : start + BATCH]
                cls.objects.filter(pk__in=batch).update(
                    shown=Case(When(pk__in=right.intersection(batch), then=True), default=False)
                )
            _store_count(article)
            act.details.update(stored=stored, true=len(right), flags=len(wrong))
            act.purge(*article.comment_keys())
        return difference

    def approve(self, *, by: User | None, seen: int | None = None) -> bool:
        """Show this comment to readers. Returns and raises what every decision does, see `_decide`."""
        return self._decide(Decision.Action.APPROVE, by=by, seen=seen)

    def reject(self, *, by: User | None, reason: str, seen: int | None = None) -> bool:
        """Refuse this comment, for a reason; it is hidden with all below it."""
        return self._decide(Decision.Action.REJECT, by=by, reason=reason, seen=seen)

    def mark_spam(self, *, by: User | None, reason: str = "", seen: int | None = None) -> bool:
        """Put this comment away as spam; it is hidden with all below it."""
        return self._decide(Decision.Action.SPAM, by=by, reason=reason, seen=seen)

    def remove(self, *, by: User | None, reason: str, seen: int | None = None) -> bool:
        """Take away a comment that was shown, for a reason; its replies stay below a placeholder."""
        return self._decide(Decision.Action.REMOVE, by=by, reason=reason, seen=seen)

    def restore(self, *, by: User | None, seen: int | None = None) -> bool:
        """Show a removed comment again."""
        return self._decide(Decision.Action.RESTORE, by=by, seen=seen)

    def _decide(
        self, action: "Decision.Action", *, by: User | None, reason: str = "", seen: int | None = None
    ) -> bool:
        """Carry out a decision: state, `shown` of the comment and of all below it, the counter, a row that tells it.

        Returns whether anything changed: a decision that is already so changes nothing. `seen` is the version that
        was decided on: raises Refused if the comment changed since, or cannot go from its state to that one,
        PermissionDenied if `by` may not decide here, ValidationError if the reason is too long.
        """
        if by is not None and not by.may("comments.decide_comment", self.article):
            raise PermissionDenied
        decision = Decision(comment=self, action=action, reason=one_line(reason), by=by)
        with verb(f"comment.{action.value}", by=by, on=self) as act:
            # The article first, always: whoever changes a counter waits here, and nobody deadlocks.
            article = Article.objects.lock().get(pk=self.article_id)
            self.refresh_from_db()
            target, allowed = TRANSITIONS[action]
            if self.state == target:
                act.nothing()
                return False
            if seen is not None and seen != self.version:
                raise Refused(self._what_happened_meanwhile())
            if self.state not in allowed:
                raise Refused(
                    _("This comment is %(state)s: that decision is not possible.")
                    % {"state": self.get_state_display()}
                )
            was, self.state = self.State(self.state), target
            self.version += 1
            changed = self._show_or_hide(was)
            self.save(update_fields=["state", "version", "shown"])
            decision.state = target
            decision.clean_fields(exclude=["comment", "by"])
            decision.save()
            act.details.update(article=article.pk, changed=changed)
            if changed:
                _store_count(article)
                act.purge(*article.comment_keys())
        return True

    def _what_happened_meanwhile(self) -> str:
        """Return a sentence for a moderator who looked at an older version: what happened since, and by whom."""
        last = self.decisions.select_related("by").last()
        if last is None:
            return _("This comment was changed meanwhile: look at it again.")
        return _("This comment was %(what)s meanwhile by %(who)s: look at it again.") % {
            "what": last.get_action_display(),
            "who": last.who,
        }

    def _show_or_hide(self, was: State) -> int:
        """Set `shown` here (the caller saves it) and in the rows below; return how many rows changed it.

        Relies on the rows above being right: then the parent tells whether anything above it hides.
        """
        reachable = self._is_reachable()
        shown = reachable and self.state == self.State.APPROVED
        changed = int(shown != self.shown)
        self.shown = shown
        hides = self.state in self.HIDING
        if not reachable or hides == (was in self.HIDING):
            return changed
        flipped = self._approved_below()
        for start in range(0, len(flipped), BATCH):
            changed += (
                Comment.objects.filter(pk__in=flipped[start : start + BATCH])
                .exclude(shown=not hides)
                .update(shown=not hides)
            )
        return changed

    def _is_reachable(self) -> bool:
        """Return whether no comment above this one hides it; one query, one more per removed comment above."""
        parent_id = self.parent_id
        while parent_id:
            parent = Comment.objects.only("state", "shown", "parent_id").get(pk=parent_id)
            if parent.state == self.State.APPROVED:
                return parent.shown
            if parent.state in self.HIDING:
                return False
            parent_id = parent.parent_id
        return True

    def _approved_below(self) -> list[int]:
        """Return the approved comments below this one that nothing in between hides; a query per level."""
        approved, parents = [], [self.pk]
        while parents:
            batch, parents = parents[:BATCH], parents[BATCH:]
            level = Comment.objects.filter(parent__in=batch).exclude(state__in=self.HIDING)
            for pk, state in level.values_list("pk", "state"):
                parents.append(pk)
                if state == self.State.APPROVED:
                    approved.append(pk)
        return approved


@dataclass(frozen=True)
class Difference:
    """What a recount found at an article: the number stored, the true one, and how many flags were wrong."""

    article: int
    stored: int
    true: int
    flags: int


# The rules that decide by themselves, as moderators read them.
RULES = {"staff": _("staff"), "first-timer": _("first-timer")}


class Decision(models.Model):
    """What a moderator or a rule did to a comment, why and when; added, never overwritten."""

    class Action(models.TextChoices):
        HOLD = "hold", _("held")
        APPROVE = "approve", _("approved")
        REJECT = "reject", _("rejected")
        SPAM = "spam", _("marked as spam")
        REMOVE = "remove", _("removed")
        RESTORE = "restore", _("restored")

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="decisions")
    action = models.CharField(_("decision"), max_length=10, choices=Action)
    state = models.CharField(max_length=10, choices=Comment.State, help_text="The state that followed.")
    reason = models.CharField(_("reason"), max_length=MAX_REASON, blank=True)
    rule = models.CharField(max_length=60, blank=True, help_text="The rule that decided; empty for a person.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    at = models.DateTimeField(_("time"), default=timezone.now)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.get_action_display())

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the decision; refuse to change one."""
        if not self._state.adding:
            raise TypeError("A decision is never overwritten; make another.")
        super().save(*args, **kwargs)

    @property
    def rule_name(self) -> str:
        """The rule in words; "" if a person decided."""
        return str(RULES.get(self.rule, self.rule))

    @property
    def who(self) -> str:
        """Who decided, as colleagues are told: a person's name, or the rule. Select `by` with it."""
        return str(self.by.get_full_name() or self.by.get_username()) if self.by else str(_("the system"))


_S = Comment.State
# What each decision leads to, and from which states.
TRANSITIONS: dict[Decision.Action, tuple[Comment.State, tuple[Comment.State, ...]]] = {
    Decision.Action.APPROVE: (_S.APPROVED, (_S.WAITING, _S.REJECTED, _S.SPAM)),
    Decision.Action.REJECT: (_S.REJECTED, (_S.WAITING, _S.SPAM)),
    Decision.Action.SPAM: (_S.SPAM, (_S.WAITING, _S.APPROVED, _S.REJECTED, _S.REMOVED)),
    Decision.Action.REMOVE: (_S.REMOVED, (_S.APPROVED,)),
    Decision.Action.RESTORE: (_S.APPROVED, (_S.REMOVED,)),
}


def address_digest(address: str) -> str:
    """Return a keyed digest of a network address, "" for none: tells the same from another, and nothing else."""
    if not address:
        return ""
    return hmac.new(settings.SECRET_KEY.encode(), b"address:" + address.encode(), hashlib.sha256).hexdigest()


def _on_article(condition: Q) -> Q:
    """Return a condition on articles as one on their comments: a join, where a subquery would list every article."""
    parts = [
        _on_article(part) if isinstance(part, Q) else (f"article__{part[0]}", part[1])
        for part in condition.children
    ]
    return Q(*parts, _connector=condition.connector, _negated=condition.negated)


def _store_count(article: Article) -> int:
    """Store at an article the number of its shown comments and return it; the caller holds the article's lock."""
    number = Comment.objects.shown().filter(article=article).count()
    Article.objects.filter(pk=article.pk).update(comment_count=number)
    return number
