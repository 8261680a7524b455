"""Readers' word that a comment is wrong."""

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models import Article
from comments import judging
from comments.models.forgetting import next_to_forget
from newsroom import locks
from newsroom.addresses import mailbox
from newsroom.plaintext import plain
from newsroom.verbs import Refused, verb

if TYPE_CHECKING:
    from comments.models.comments import Comment

MAX_REPORT = 1000
# From one network address, so many reports within this time; who sends more is asked to come back later.
MOST_REPORTS = 10
REPORTS_WITHIN = timedelta(hours=1)
# How long the e-mail address of its sender is kept once a report is closed.
EMAIL_KEPT_FOR = timedelta(days=30)


class ReportQuerySet(models.QuerySet["Report"]):
    """Questions on reports."""

    def open(self) -> Self:
        """Return the reports that nobody has closed."""
        return self.filter(closed_at=None)

    def forget_addresses(self) -> int:
        """Forget a batch of the hashed network addresses that have expired; return at how many reports it was."""
        over = self.filter(address_expires_at__lte=timezone.now()).order_by("address_expires_at")
        with verb("report.forget-addresses", by=None) as act:
            expired = next_to_forget(act, over, "reports")
            Report.objects.filter(pk__in=expired).update(address_digest="", address_expires_at=None)
        return len(expired)

    def forget_emails(self) -> int:
        """Forget a batch of the e-mail addresses whose reports were closed long ago; return at how many it was."""
        closed = self.filter(closed_at__lte=timezone.now() - EMAIL_KEPT_FOR).exclude(email="")
        with verb("report.forget-emails", by=None) as act:
            over = next_to_forget(act, closed.order_by("closed_at"), "reports")
            Report.objects.filter(pk__in=over).update(email="")
        return len(over)


class Report(models.Model):
    """A reader's word that a comment breaks the rules; alone it hides nothing."""

    class Reason(models.TextChoices):
        INSULT = "insult", _("It insults or threatens somebody")
        HATE = "hate", _("It incites hatred")
        SPAM = "spam", _("It is advertising or spam")
        FALSE = "false", _("It says what is not true")
        PRIVATE = "private", _("It gives away something private")
        OTHER = "other", _("Something else")

    comment = models.ForeignKey("comments.Comment", models.PROTECT, related_name="reports")
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    text = models.TextField(_("words"), blank=True, validators=[MaxLengthValidator(MAX_REPORT)])
    email = models.EmailField(_("e-mail"), blank=True)
    address_digest = models.CharField(max_length=64, blank=True, editable=False)
    address_expires_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("sent"), default=timezone.now, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "address_digest"],
                condition=~Q(address_digest="") & Q(closed_at=None),
                name="one_open_report_per_address",
            )
        ]
        indexes = [
            models.Index(
                fields=["address_digest", "created_at"],
                name="report_by_address",
                condition=~Q(address_digest=""),
            ),
            models.Index(
                fields=["address_expires_at"],
                name="report_address_expires",
                condition=Q(address_expires_at__isnull=False),
            ),
            models.Index(
                fields=["closed_at"],
                name="report_email_expires",
                condition=Q(closed_at__isnull=False) & ~Q(email=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_reason_display())

    @classmethod
    def make(
        cls, *, comment: "Comment", reason: str, text: str = "", email: str = "", address: str = ""
    ) -> "Report":
        """Store a reader's report of a shown comment and return it; the open one of the same address, if there is one.

        It hides nothing: moderators find the comment among the reported ones. Raises Refused if readers do not see
        the comment, TooMany if many came from the address, ValidationError if the words are too long.
        """
        from comments.models.comments import ADDRESS_KEPT_FOR, Comment, address_digest  # it knows the reports

        digest, now = address_digest(address), timezone.now()
        with verb("report.make", by=None) as act:
            article = Article.objects.lock().get(pk=comment.article_id)
            shown = Comment.objects.shown().filter(pk=comment.pk)
            if not (article.is_visible() and shown.exists()):
                raise Refused(_("This comment is no longer there."))
            if digest:
                # At two articles at once he would be counted twice too low. Whoever reports holds the article's lock.
                locks.hold([f"reports of {digest}"])
            same = cls.objects.open().filter(comment=comment, address_digest=digest)
            if digest and (known := same.first()):
                act.nothing()
                return known
            sent = cls.objects.filter(address_digest=digest, created_at__gt=now - REPORTS_WITHIN)
            times = sent.order_by("-created_at").values_list("created_at", flat=True)[:MOST_REPORTS]
            if digest and len(times) == MOST_REPORTS:
                raise judging.TooMany(
                    str(_("Many reports came from your network. We look at them; send this one later.")),
                    max(1, int((times[MOST_REPORTS - 1] + REPORTS_WITHIN - now).total_seconds())),
                )
            report = cls(
                comment=comment,
                reason=reason,
                text=plain(text),
                email=mailbox(email),
                address_digest=digest,
                address_expires_at=now + ADDRESS_KEPT_FOR if digest else None,
                created_at=now,
            )
            report.clean_fields(exclude=["comment", "closed_by"])
            report.save()
            shown.update(open_reports=F("open_reports") + 1)
            act.on = report
            act.details.update(comment=comment.pk, article=article.pk)
        return report
