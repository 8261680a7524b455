"""Comments and the decisions on them; the verbs here keep the counter of the article true."""

import hashlib
import hmac
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models import Article, User
from newsroom.models import LANGUAGE_CODE_LENGTH, Site
from newsroom.verbs import Refused, verb

# Deeper replies are stored at this depth: a thread stays drawable, and its pages bounded.
MAX_DEPTH = 10
MAX_TEXT = 5000
# The same words from the same person within this time are one comment sent twice, not two.
SAME_COMMENT_WITHIN = timedelta(minutes=10)
# How long a hashed network address is kept: long enough for limits and bans, no longer.
ADDRESS_KEPT_FOR = timedelta(days=7)
TOKEN_SALT = "comments.own"  # noqa: S105  (no secret: it keeps these tokens apart from others)


class CommentQuerySet(models.QuerySet["Comment"]):
    """Questions on comments."""

    def shown(self) -> Self:
        """Return what readers may read; `Article.comment_count` is the number of these."""
        return self.filter(shown=True)

    def waiting(self) -> Self:
        """Return the comments that wait for a decision, oldest first."""
        return self.filter(state=Comment.State.WAITING).order_by("pk")

    def of_thread(self, article: Article) -> Self:
        """Return what the thread of an article is made of: shown comments, and removed ones for their places."""
        return self.filter(
            article=article, state__in=[Comment.State.APPROVED, Comment.State.REMOVED]
        ).order_by("pk")


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
    text = models.TextField(_("comment"), max_length=MAX_TEXT)
    name = models.CharField(_("name"), max_length=60)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=LANGUAGE_CODE_LENGTH)
    # Set for staff, who comment under their own account.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    address_digest = models.CharField(max_length=64, blank=True, editable=False)
    address_expires_at = models.DateTimeField(null=True, editable=False)
    fingerprint = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("sent"), default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
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
            models.Index(fields=["article", "shown", "id"], name="comment_by_article"),
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
        return reverse("comments:own", args=[signing.dumps(str(self.uid), salt=TOKEN_SALT)])

    @classmethod
    def by_token(cls, token: str) -> Self:
        """Return the comment of a private address. Raises Comment.DoesNotExist if the token is not ours."""
        try:
            return cls.objects.select_related("article").get(uid=signing.loads(token, salt=TOKEN_SALT))
        except signing.BadSignature as error:
            raise cls.DoesNotExist from error

    def is_by_staff(self) -> bool:
        """Return whether somebody of the newsroom wrote this under his own account."""
        return self.user_id is not None

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
    ) -> "Comment":
        """Store a comment and return it; the same one within ten minutes is stored once.

        A reader's comment is held (`by` is None: everybody is a first-timer until addresses can be confirmed);
        staff who may decide on comments are shown at once. Raises Refused if the article takes no comments or the
        comment answered is not shown.
        """
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
            now = timezone.now()
            twin = cls.objects.filter(
                article=article, fingerprint=fingerprint, created_at__gt=now - SAME_COMMENT_WITHIN
            ).first()
            if twin:
                act.nothing()
                return twin
            staff = by is not None and by.may("comments.decide_comment", article)
            comment = cls.objects.create(
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
            Decision.objects.create(
                comment=comment,
                action=Decision.Action.APPROVE if staff else Decision.Action.HOLD,
                rule="staff" if staff else "first-timer",
                state=comment.state,
                by=by,
            )
            act.on = comment
            if staff:
                Article.objects.filter(pk=article.pk).update(comment_count=F("comment_count") + 1)
                act.purge(*article.page_keys())
        return comment

    def approve(self, *, by: User | None, seen: int | None = None) -> None:
        """Show this comment to readers. Raises Refused, PermissionDenied as every decision does."""
        self._decide(Decision.Action.APPROVE, by=by, seen=seen)

    def reject(self, *, by: User | None, reason: str, seen: int | None = None) -> None:
        """Refuse this comment, for a reason; it is hidden with all below it."""
        self._decide(Decision.Action.REJECT, by=by, reason=reason, seen=seen)

    def mark_spam(self, *, by: User | None, reason: str = "", seen: int | None = None) -> None:
        """Put this comment away as spam; it is hidden with all below it."""
        self._decide(Decision.Action.SPAM, by=by, reason=reason, seen=seen)

    def remove(self, *, by: User | None, reason: str, seen: int | None = None) -> None:
        """Take away a comment that was shown, for a reason; its replies stay below a placeholder."""
        self._decide(Decision.Action.REMOVE, by=by, reason=reason, seen=seen)

    def restore(self, *, by: User | None, seen: int | None = None) -> None:
        """Show a removed comment again."""
        self._decide(Decision.Action.RESTORE, by=by, seen=seen)

    def _decide(
        self, action: "Decision.Action", *, by: User | None, reason: str = "", seen: int | None = None
    ) -> None:
        """Carry out a decision: state, `shown` of the comment and of all below it, the counter, a row that tells it.

        `seen` is the version that was decided on: a comment that changed since is refused. A decision that is
        already so changes nothing. Raises PermissionDenied if `by` may not decide here.
        """
        if by is not None and not by.may("comments.decide_comment", self.article):
            raise PermissionDenied
        with verb(f"comment.{action.value}", by=by, on=self) as act:
            # The article first, always: whoever changes a counter waits here, and nobody deadlocks.
            article = Article.objects.lock().get(pk=self.article_id)
            self.refresh_from_db()
            target, allowed = TRANSITIONS[action]
            if self.state == target:
                return act.nothing()
            if seen is not None and seen != self.version:
                raise Refused(_("This comment was changed or decided meanwhile: look at it again."))
            if self.state not in allowed:
                raise Refused(
                    _("This comment is %(state)s: that decision is not possible.")
                    % {"state": self.get_state_display()}
                )
            self.state = target
            self.version += 1
            delta = self._show_or_hide()
            self.save(update_fields=["state", "version", "shown"])
            Decision.objects.create(comment=self, action=action, reason=reason, state=target, by=by)
            act.details.update(article=article.pk, delta=delta)
            if delta or target == self.State.REMOVED:
                Article.objects.filter(pk=article.pk).update(comment_count=F("comment_count") + delta)
                act.purge(*article.page_keys())

    def _show_or_hide(self) -> int:
        """Set `shown` here (the caller saves it) and in the rows below; return by how much the counter changes."""
        reachable = not any(ancestor.state in self.HIDING for ancestor in self._ancestors())
        shown = reachable and self.state == self.State.APPROVED
        delta = int(shown) - int(self.shown)
        self.shown = shown
        below_reachable = reachable and self.state not in self.HIDING
        parents = [self.pk]
        while parents:
            level = list(Comment.objects.filter(parent__in=parents))
            flip = [
                reply.pk
                for reply in level
                if reply.shown != (below_reachable and reply.state == self.State.APPROVED)
            ]
            Comment.objects.filter(pk__in=flip).update(shown=below_reachable)
            delta += len(flip) if below_reachable else -len(flip)
            # Below what hides, everything is hidden already and stays so.
            parents = [reply.pk for reply in level if reply.state not in self.HIDING]
        return delta

    def _ancestors(self) -> Iterable["Comment"]:
        """Yield the comments that this one answers, nearest first."""
        parent_id = self.parent_id
        while parent_id:
            parent = Comment.objects.only("state", "parent_id").get(pk=parent_id)
            yield parent
            parent_id = parent.parent_id


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
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    rule = models.CharField(max_length=60, blank=True, help_text="The rule that decided; empty for a person.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.at:%Y-%m-%d %H:%M}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the decision; refuse to change one."""
        if not self._state.adding:
            raise TypeError("A decision is never overwritten; make another.")
        super().save(*args, **kwargs)


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
