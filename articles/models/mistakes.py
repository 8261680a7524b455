"""Mistakes that readers report at articles, and what became of the reports."""

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.models.notes import Note
from newsroom.languages import spoken
from newsroom.mail import send_later
from newsroom.models import LANGUAGE_CODE_LENGTH, Site
from newsroom.verbs import Refused, verb

if TYPE_CHECKING:
    from articles.models.accounts import User
    from articles.models.articles import Article


# The same text at the same article within this time is one report.
SAME_WITHIN = timedelta(minutes=10)
# More open reports than these at one article tell nothing new; whoever sends another is told so.
MAX_OPEN = 100


class MistakeReport(models.Model):
    """A reader's word that something in an article is wrong; answered by mail if an address was given."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ANSWERED = "answered", _("answered")
        CLOSED = "closed", _("closed")

    article = models.ForeignKey(
        "articles.Article", models.PROTECT, related_name="mistake_reports", verbose_name=_("article")
    )
    # The text that the reader saw.
    revision = models.ForeignKey(
        "articles.Revision", models.PROTECT, null=True, related_name="+", verbose_name=_("revision")
    )
    text = models.TextField(_("what is wrong"), max_length=3000, validators=[MaxLengthValidator(3000)])
    name = models.CharField(_("name"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=LANGUAGE_CODE_LENGTH)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    answer = models.TextField(_("answer"), max_length=3000, blank=True, validators=[MaxLengthValidator(3000)])
    created_at = models.DateTimeField(_("sent"), default=timezone.now)
    closed_at = models.DateTimeField(null=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    # The correction that it became.
    note = models.ForeignKey(
        "articles.Note", models.SET_NULL, null=True, blank=True, editable=False, related_name="reports"
    )
    # Of what was sent: the same within a while is one report.
    fingerprint = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = _("reported mistake")
        verbose_name_plural = _("reported mistakes")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["-id"], name="mistake_open", condition=Q(state="open")),
            models.Index(fields=["fingerprint"], name="mistake_by_fingerprint"),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @classmethod
    def send(cls, article: "Article", *, text: str, name: str = "", email: str = "") -> "MistakeReport":
        """Store a reader's report at the article as he saw it; the same one sent twice is one.

        Raises Refused if readers cannot see the article, or if there are too many open reports at it.
        """
        content = "\0".join((str(article.pk), name, email, text))
        fingerprint = hashlib.sha256(content.encode()).hexdigest()
        with verb("mistake.report", by=None) as act:
            article = type(article).objects.lock().get(pk=article.pk)
            if not article.is_visible():
                raise Refused(_("This article is no longer there."))
            same = cls.objects.filter(fingerprint=fingerprint, created_at__gt=timezone.now() - SAME_WITHIN)
            if known := same.first():
                act.nothing()
                return known
            if article.mistake_reports.filter(state=cls.State.OPEN)[:MAX_OPEN].count() >= MAX_OPEN:
                raise Refused(_("Many have written about this article already; we are looking at it."))
            report = cls.objects.create(
                article=article,
                revision=article.live_revision,
                language=article.language,
                text=text,
                name=name,
                email=email,
                fingerprint=fingerprint,
            )
            act.on = report
            act.details["article"] = article.pk
        return report

    def settle(self, *, by: "User | None", answer: str = "") -> bool:
        """Close the report; with an answer and an address of the reader, mail it to him.

        The address is deleted, for it was given for the answer, and so is the fingerprint, which was made with it.
        Returns whether a mail is on its way. Raises PermissionDenied if `by` may not, Refused if somebody closed it
        meanwhile.
        """
        self._check_permission(by)
        with verb("mistake.settle", by=by, on=self, answered=bool(answer)) as act:
            self._lock()
            if self.state != self.State.OPEN:
                raise Refused(_("Somebody has closed this report meanwhile."))
            mailed = self._close(answer, by=by)
            act.details.update(article=self.article_id, mailed=mailed)
        return mailed

    def correct(
        self, *, by: "User | None", text: str, answer: str = "", kind: str = Note.Kind.CORRECTION
    ) -> Note:
        """Publish a correction at the article and close the report with it, both or neither; return the note.

        With an answer and an address of the reader, it is mailed to him. The same correction sent twice is one. Raises
        PermissionDenied if `by` may not settle the report or add notes there, Refused if somebody closed the report
        meanwhile or readers cannot see the article, ValidationError for a text that is empty or too long.
        """
        self._check_permission(by)
        with verb("mistake.correct", by=by, on=self, answered=bool(answer)) as act:
            # The article first, as whoever sends a report locks it.
            self.article._lock()
            self._lock()
            note = self.note
            if note and (note.kind, note.text) == (kind, text):
                act.nothing()
                return note
            if self.state != self.State.OPEN:
                raise Refused(_("Somebody has closed this report meanwhile."))
            self.note = self.article.add_note(by=by, kind=kind, text=text)
            mailed = self._close(answer, by=by)
            act.details.update(article=self.article_id, note=self.note.pk, mailed=mailed)
            return self.note

    def _check_permission(self, by: "User | None") -> None:
        if by is not None and not by.may("articles.change_mistakereport", self.article):
            raise PermissionDenied

    def _lock(self) -> None:
        """Lock the row and read it anew."""
        self.refresh_from_db(from_queryset=type(self).objects.select_for_update(no_key=True, of=("self",)))

    def _close(self, answer: str, *, by: "User | None") -> bool:
        """Close the report, mail the answer if it can be, forget who sent it; return whether a mail is on its way."""
        mailed = bool(answer and self.email)
        if mailed:
            self._mail(answer)
        self.state = self.State.ANSWERED if answer else self.State.CLOSED
        self.answer, self.email, self.fingerprint = answer, "", ""
        self.closed_by, self.closed_at = by, timezone.now()
        self.clean_fields(exclude=["closed_by", "fingerprint", "note"])
        self.save()
        return mailed

    def _mail(self, answer: str) -> None:
        """Write the answer to the reader, in the language of the article."""
        site = Site.current()
        with translation.override(spoken(self.language)):
            name = site.name_in(self.language)
            text = gettext(
                "You reported a mistake in “%(headline)s”:\n\n%(report)s\n\nOur answer:\n\n%(answer)s\n\n%(address)s"
            ) % {
                "headline": self.article.headline,
                "report": "\n".join(f"> {line}" for line in self.text.splitlines()),
                "answer": answer,
                "address": settings.BASE_URL + self.article.path,
            }
            subject = gettext("%(site)s: the mistake that you reported") % {"site": name}
        send_later(self.email, subject, text)
