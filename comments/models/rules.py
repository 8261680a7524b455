"""What holds comments back by itself: rules, and bans of people. `comments.judging` applies them."""

from collections.abc import Iterable
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comments.rules import patterns
from newsroom import locks
from newsroom.addresses import mailbox
from newsroom.models import LANGUAGE_CODE_LENGTH
from newsroom.plaintext import one_line
from newsroom.prepared import Given
from newsroom.verbs import Refused, verb

if TYPE_CHECKING:
    from articles.models import User
    from comments.models.comments import Comment

# Who has it sets rules, bans and the flood switch.
MANAGE = "comments.manage_rules"
MAX_RULE = 20_000
MOST_NUMBER = 10_000
MOST_MINUTES = 60 * 24 * 366


class Rule(models.Model):
    """Something that holds a comment, marks it as spam, or asks its writer to come back later."""

    class Kind(models.TextChoices):
        ADDRESS_LIMIT = "address-limit", _("too many from one network address")
        EMAIL_LIMIT = "email-limit", _("too many from one e-mail address")
        ARTICLE_LIMIT = "article-limit", _("too many at one article")
        DUPLICATE = "duplicate", _("the same words elsewhere")
        LIKE = "like", _("nearly the same words elsewhere")
        LINKS = "links", _("links")
        WORDS = "words", pgettext_lazy("what a rule looks for", "words")
        PATTERN = "pattern", _("pattern")
        HONEYPOT = "honeypot", _("a field that only programs fill in")
        RECORD = "record", _("good record")
        SCORE = "score", _("score")

    class Effect(models.TextChoices):
        HOLD = "hold", _("hold it")
        SPAM = "spam", _("mark it as spam")

    # Kinds that refuse for a while: nothing is stored, the text stays in the form.
    LIMITS = (Kind.ADDRESS_LIMIT, Kind.EMAIL_LIMIT, Kind.ARTICLE_LIMIT)
    # What beside name and switch each kind is made of.
    PARTS: dict[str, tuple[str, ...]] = {
        **dict.fromkeys(LIMITS, ("number", "minutes")),
        Kind.DUPLICATE: ("effect", "minutes"),
        Kind.LIKE: ("effect", "minutes"),
        Kind.LINKS: ("effect", "number", "language"),
        Kind.WORDS: ("effect", "text", "language"),
        Kind.PATTERN: ("effect", "text", "language"),
        Kind.HONEYPOT: ("effect",),
        Kind.RECORD: ("number",),
        Kind.SCORE: ("effect", "number", "language"),
    }
    # Kinds of which a second one adds nothing, or makes it hard to say which of them counts.
    ONCE = (*LIMITS, Kind.DUPLICATE, Kind.LIKE, Kind.HONEYPOT, Kind.RECORD)
    # What can be looked for in comments that are stored already: that a program filled in a field is not told there.
    TRIED = (
        *LIMITS,
        Kind.DUPLICATE,
        Kind.LIKE,
        Kind.LINKS,
        Kind.WORDS,
        Kind.PATTERN,
        Kind.SCORE,
        Kind.RECORD,
    )

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    name = models.CharField(_("name"), max_length=80, blank=True)
    is_on = models.BooleanField(_("on"), default=True)
    effect = models.CharField(_("what it does"), max_length=4, choices=Effect, default=Effect.HOLD)
    language = models.CharField(
        _("language"), max_length=LANGUAGE_CODE_LENGTH, blank=True, help_text=_("Empty: every language.")
    )
    number = models.PositiveIntegerField(_("number"), default=0, validators=[MaxValueValidator(MOST_NUMBER)])
    minutes = models.PositiveIntegerField(
        _("within minutes"), default=60, validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)]
    )
    # Words or phrases, one a line; or one pattern (RE2 syntax, https://github.com/google/re2/wiki/Syntax).
    text = models.TextField(
        pgettext_lazy("what a rule looks for", "words"), blank=True, validators=[MaxLengthValidator(MAX_RULE)]
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["pk"]
        # Whoever has `comments.manage_rules` may do everything with them.
        default_permissions = ()

    def __str__(self) -> str:
        return self.name or str(self.get_kind_display())

    def clean(self) -> None:
        """Refuse what makes no rule of this kind: nothing to look for, a pattern that is none, a limit of none."""
        if self.kind in (self.Kind.WORDS, self.Kind.PATTERN) and not self.text.strip():
            raise ValidationError({"text": _("Write what to look for.")})
        if self.kind == self.Kind.PATTERN:
            try:
                patterns.compiled(self.text)
            except ValidationError as error:
                raise ValidationError({"text": error.error_list}) from error
        if self.kind in (*self.LIMITS, self.Kind.RECORD, self.Kind.SCORE) and self.number < 1:
            raise ValidationError({"number": _("Write a number of at least 1.")})
        if self.kind == self.Kind.SCORE and self.number > 100:
            raise ValidationError({"number": _("Write a number of per cent, 100 at most.")})

    # Verbs

    @classmethod
    def add(cls, *, by: "User | None", **fields: Any) -> Self:
        """Make a rule and return it. Raises PermissionDenied, ValidationError for what makes no rule of its kind."""
        check_everywhere(by)
        rule = cls(**fields)
        rule.full_clean()
        with verb("rule.add", by=by) as act:
            rule.save(force_insert=True)
            act.on = rule
            act.details.update(kind=rule.kind, version=rule.version)
        return rule

    def change(self, *, by: "User | None", seen: int | None = None, **fields: Any) -> bool:
        """Change parts of this rule; return whether any changed. Its kind stays what it is.

        `seen` is the version that somebody looked at: raises Refused if the rule was changed since. Raises
        PermissionDenied, ValidationError for what makes no rule of its kind.
        """
        check_everywhere(by)
        with verb("rule.change", by=by, on=self) as act:
            stored = type(self).objects.select_for_update(no_key=True).filter(pk=self.pk).first()
            if stored is None:
                raise Refused(_("This rule was taken away meanwhile."))
            if seen is not None and seen != stored.version:
                raise Refused(
                    _(
                        "This rule was changed meanwhile. What you wrote is still here: compare it and save again."
                    )
                )
            changed = {name for name, value in fields.items() if getattr(stored, name) != value}
            for field in self._meta.concrete_fields:
                setattr(self, field.attname, getattr(stored, field.attname))
            if not changed:
                act.nothing()
                return False
            for name in changed:
                setattr(self, name, fields[name])
            self.version += 1
            self.full_clean(exclude=["kind"])
            self.save(update_fields=[*changed, "version"])
            act.details.update(kind=self.kind, version=self.version)
        return True

    def remove(self, *, by: "User | None") -> None:
        """Take this rule away; what it held keeps its reasons. Raises PermissionDenied."""
        check_everywhere(by)
        with verb("rule.remove", by=by, on=self) as act:
            number, _rows = type(self).objects.filter(pk=self.pk).delete()
            if not number:
                return act.nothing()
            act.details.update(kind=self.kind, version=self.version)


def check_everywhere(by: "User | None") -> None:
    """Refuse who may not set rules everywhere: a rule knows no section. Raises PermissionDenied."""
    if by is not None and not by.may_everywhere(MANAGE):
        raise PermissionDenied


class BanQuerySet(models.QuerySet["Ban"]):
    """Questions on bans."""

    def in_force(self, now: datetime | Given | None = None) -> Self:
        """Return the bans that count now."""
        now = now or timezone.now()
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now))

    def of_writers(self, comments: Iterable[int]) -> Self:
        """Return the bans of those who wrote comments, given by id; the first hundred are looked at. Two queries.

        Typed ranges are not among them: of an address no more is stored than its digest.
        """
        # It knows the rules.
        from comments.models.comments import Comment

        written = Comment.objects.filter(pk__in=list(comments)[:100]).order_by()
        known = list(written.values_list("email", "address_digest", "network_digest").distinct())
        emails, addresses, networks = ({row[place] for row in known} - {""} for place in range(3))
        return self.filter(
            Q(email__in=emails) | Q(address_digest__in=addresses) | Q(network_digest__in=networks)
        )


class Ban(models.Model):
    """A person or a network whose comments are marked as spam until an end; exactly one of the four says who."""

    email = models.EmailField(_("e-mail"), blank=True)
    address_digest = models.CharField(max_length=64, blank=True, editable=False)
    network_digest = models.CharField(max_length=64, blank=True, editable=False)
    network = models.CharField(
        _("network"), max_length=49, blank=True, help_text=_("Such as 192.0.2.0/24 or 2001:db8::/32.")
    )
    reason = models.CharField(_("reason"), max_length=500)
    begins_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("by"),
    )

    objects = BanQuerySet.as_manager()

    class What(models.TextChoices):
        """What of a person is banned."""

        EMAIL = "email", _("the e-mail address")
        ADDRESS = "address", _("the network address")
        NETWORK = "network", _("the network around it")

    class Meta:
        verbose_name = _("ban")
        verbose_name_plural = _("bans")
        ordering = ["-pk"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["email"], name="ban_by_email"),
            models.Index(fields=["address_digest"], name="ban_by_address"),
            models.Index(fields=["network_digest"], name="ban_by_network"),
            models.Index(fields=["network"], name="ban_by_range"),
        ]

    def __str__(self) -> str:
        if self.email or self.network:
            return self.email or self.network
        return str(_("a network") if self.network_digest else _("a network address"))

    @property
    def what(self) -> str:
        """What of a person is banned."""
        if self.email:
            return self.What.EMAIL
        return self.What.ADDRESS if self.address_digest else self.What.NETWORK

    def is_in_force(self, now: datetime | None = None) -> bool:
        """Return whether this ban counts now."""
        return self.ends_at is None or (now or timezone.now()) < self.ends_at

    # Verbs

    @classmethod
    def impose(
        cls,
        *,
        by: "User | None",
        reason: str,
        ends_at: datetime | None = None,
        comment: "Comment | None" = None,
        what: str = "email",
        network: str = "",
        email: str = "",
    ) -> Self:
        """Ban a person until an end, or for good, and return the ban; one that is there is changed, not doubled.

        Of the writer of a `comment` it bans `what` of him: "email", "address" or "network" (/24 or /48 around it);
        without a comment it bans an `email` address or a typed `network`. Comments that come later are marked as
        spam. An address itself is never stored, only its digest or a typed range.

        Raises PermissionDenied, ValidationError for what is no e-mail or network or has no reason, Refused if the
        comment does not say what to ban (any more), or the end is over.
        """
        if comment is None:
            check_everywhere(by)
        elif by is not None and not by.may(MANAGE, comment.article):
            raise PermissionDenied
        who = _who_of(comment, cls.What(what)) if comment else _who_typed(network, email)
        if ends_at is not None and ends_at <= timezone.now():
            raise Refused(_("That time is over: give a later end, or none."))
        with verb("ban.impose", by=by) as act:
            # Two who ban the same person at once find no row to wait at.
            locks.hold(f"ban {field} {value}" for field, value in who.items())
            ban = cls.objects.in_force().filter(**who).select_for_update(no_key=True).first() or cls(**who)
            is_new, before = ban.pk is None, (ban.reason, ban.ends_at)
            ban.reason, ban.ends_at, ban.by = one_line(reason), ends_at, by
            ban.clean_fields(exclude=["by"])
            if not is_new and before == (ban.reason, ban.ends_at):
                act.nothing()
                return ban
            ban.save()
            act.on = ban
            act.details.update(what=str(ban.what), until=ends_at.isoformat() if ends_at else None)
            if comment:
                act.details["comment"] = comment.pk
        return ban

    def lift(self, *, by: "User | None") -> bool:
        """End this ban now; return whether it was in force. Whoever imposed it may, or who sets rules everywhere.

        Raises PermissionDenied.
        """
        if not self.may_be_lifted_by(by):
            raise PermissionDenied
        with verb("ban.lift", by=by, on=self) as act:
            stored = type(self).objects.select_for_update(no_key=True).get(pk=self.pk)
            self.ends_at = stored.ends_at
            if not stored.is_in_force():
                act.nothing()
                return False
            self.ends_at = timezone.now()
            self.save(update_fields=["ends_at"])
        return True

    def may_be_lifted_by(self, user: "User | None") -> bool:
        """Return whether this user may end the ban."""
        if user is None or user.may_everywhere(MANAGE):
            return True
        return self.by_id == user.pk and user.may(MANAGE)


def _who_of(comment: "Comment", what: Ban.What) -> dict[str, str]:
    """Return what to ban of the writer of a comment. Raises Refused where the comment does not have it."""
    if what is Ban.What.EMAIL:
        if not comment.email:
            raise Refused(_("This comment was sent without an e-mail address: ban its network address."))
        return {"email": comment.email}
    digest = comment.address_digest if what is Ban.What.ADDRESS else comment.network_digest
    if not digest:
        raise Refused(
            _(
                "The network address of this comment is no longer known: it is forgotten after a week. Ban the e-mail."
            )
            if comment.email
            else _("The network address of this comment is no longer known: it is forgotten after a week.")
        )
    return {"address_digest" if what is Ban.What.ADDRESS else "network_digest": digest}


def _who_typed(network: str, email: str) -> dict[str, str]:
    """Return what to ban as somebody typed it. Raises ValidationError for what is neither e-mail nor network."""
    if bool(network) == bool(email):
        raise ValidationError(_("Give an e-mail address or a network, one of the two."))
    if email:
        return {"email": mailbox(email)}
    return {"network": network_of(network)}


def network_of(text: str) -> str:
    """Return a range of network addresses as it is stored; a single address is a range of one.

    Raises ValidationError for what is no range, or so wide that it bans a good part of the network.
    """
    try:
        network = ip_network(text.strip()[:64], strict=False)
        # One IPv4 address may come as IPv6; that it is the same is known at judging.
        mapped = getattr(ip_address(network.network_address), "ipv4_mapped", None)
    except ValueError as error:
        raise ValidationError(
            _("“%(text)s” is no network. Write it like 192.0.2.0/24, 2001:db8::/32 or 192.0.2.17."),
            params={"text": text[:64]},
        ) from error
    if mapped is not None and network.prefixlen >= 96:
        network = ip_network(f"{mapped}/{network.prefixlen - 96}", strict=False)
    if network.prefixlen < (8 if network.version == 4 else 16):
        raise ValidationError(_("This range is too wide: it would ban a good part of all readers."))
    return str(network)
