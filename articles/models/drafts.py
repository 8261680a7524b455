"""Draft links: a draft shown to somebody outside of the newsroom, for a while, until it is taken back."""

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.revisions import Revision
from newsroom import clock
from newsroom.verbs import Refused, verb

if TYPE_CHECKING:
    from articles.models.accounts import User


SHORTEST = timedelta(hours=1)
LONGEST = timedelta(days=30)
USUAL = timedelta(days=7)
# More links than these that work at one article are a mistake.
MAX_WORKING = 50
# Openings within this time are counted as one: at most one write in a minute for a link, however often it is asked for.
OPENINGS_APART = timedelta(minutes=1)
# A link that works no more is remembered so long: for whom it was may be the name of a source.
REMEMBERED = timedelta(days=90)
# Ours has 76 characters; what is much longer is not even hashed.
MAX_TOKEN = 200
# The salt keeps these tokens apart from others.
_SIGNER = signing.Signer(salt="articles.draft")


def check_expiry(expires_at: datetime) -> None:
    """Raise Refused unless a draft link may work until then."""
    now = timezone.now()
    if not now + SHORTEST <= expires_at <= now + LONGEST:
        raise Refused(
            _("A draft link works for an hour at least and for 30 days at most: choose a time between.")
        )


class DraftLinkQuerySet(models.QuerySet["DraftLink"]):
    """Questions on draft links."""

    def working(self) -> Self:
        """Return the links that have neither run out nor been revoked; the same rule as `is_working()`."""
        return self.filter(expires_at__gt=clock.now(), revoked_at=None)

    def forget_old(self) -> int:
        """Delete the links that have not worked for long; return how many. What the log says of them stays."""
        before = timezone.now() - REMEMBERED
        with verb("article.forget-links", by=None) as act:
            number = self.filter(Q(expires_at__lte=before) | Q(revoked_at__lte=before)).delete()[0]
            act.details["links"] = number
            if not number:
                act.nothing()
        return number


class DraftLink(models.Model):
    """A link by which somebody without an account may read one draft.

    Its address holds a signed name of this row: the signature keeps strangers from asking the database, the row says
    until when the link works and whether it was revoked, so that both count at once.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    article = models.ForeignKey(
        "articles.Article", models.CASCADE, related_name="draft_links", verbose_name=_("article")
    )
    # Null: always the newest.
    revision = models.ForeignKey(
        Revision, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("revision")
    )
    for_whom = models.CharField(_("for whom"), max_length=100, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("works until"))
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    opened_count = models.PositiveIntegerField(default=0, editable=False)
    last_opened_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = DraftLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft link")
        verbose_name_plural = _("draft links")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{_('draft link')} {self.pk}"

    # Questions

    @classmethod
    def by_token(cls, token: str) -> Self:
        """Return the link of an address, with its article. Raises DraftLink.DoesNotExist if the token is not ours."""
        if len(token) > MAX_TOKEN or not token.isascii():
            raise cls.DoesNotExist
        try:
            uid = _SIGNER.unsign(token)
        except signing.BadSignature as error:
            raise cls.DoesNotExist from error
        links = cls.objects.select_related("article__story", "revision").defer("article__body")
        return links.get(uid=uid)

    @property
    def token(self) -> str:
        """What opens the draft: never in a log, never in a message."""
        return _SIGNER.sign(self.uid.hex)

    def get_absolute_url(self) -> str:
        """Return the secret address of the draft."""
        return reverse("articles:draft", args=[self.token])

    def is_working(self) -> bool:
        """Return whether the link has neither run out nor been revoked; the same rule as `working()`."""
        return self.revoked_at is None and self.expires_at > clock.now()

    def shown_revision(self) -> Revision | None:
        """Return the revision that whoever holds the link may read now; None if he may read none.

        Of what was withdrawn, by itself or with its story, nobody outside is shown anything.
        """
        article = self.article
        if not self.is_working() or article.withdrawn_at or article.story.withdrawn_at:
            return None
        return self.revision or article.newest_revision()

    # Verbs

    def revoke(self, *, by: "User | None") -> None:
        """Let the link work no more, from now on. Raises PermissionDenied if `by` may not edit the article."""
        self.article._check_editable(by)
        with verb("article.unshare", by=by, on=self.article, link=self.pk) as act:
            self.refresh_from_db(
                fields=["expires_at", "revoked_at"],
                from_queryset=DraftLink.objects.select_for_update(no_key=True, of=("self",)),
            )
            if not self.is_working():
                return act.nothing()
            self.revoked_at = timezone.now()
            self.save(update_fields=["revoked_at"])

    def note_opening(self) -> None:
        """Count that the draft was read, and remember when.

        No verb: nothing of the newsroom's changes, and a row in the log, which only grows, would let whoever holds a
        link write one with each GET. So a number and a time on the link's own row, at most once a minute; of the
        reader himself nothing is kept, no address and no agent.
        """
        now = timezone.now()
        before = now - OPENINGS_APART
        if self.last_opened_at and self.last_opened_at > before:
            return
        # Asked again where it is written: of two at the same time one counts.
        due = Q(last_opened_at=None) | Q(last_opened_at__lte=before)
        DraftLink.objects.filter(due, pk=self.pk).update(
            opened_count=F("opened_count") + 1, last_opened_at=now
        )
