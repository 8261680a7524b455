"""Sittings: an article's form that is open in a tab, who sits there, and what was typed and not saved."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsroom.models import LANGUAGE_CODE_LENGTH

if TYPE_CHECKING:
    from articles.models.accounts import User
    from articles.models.articles import Article

# Pairs of name and value, as a form sends them.
Fields = list[tuple[str, str]]

# A tab that was silent for longer is not taken to be there. It speaks every 20 seconds (articles/admin/sittings.py), or
# about once a minute where a browser slows it down because nobody looks at it.
ALIVE = timedelta(seconds=90)
# Open forms of one user: with more than these the oldest are closed, so that nobody stands everywhere.
MAX_OPEN = 20
# Rows of one user in which nothing was typed, which were saved, and with text that waits: the oldest are deleted.
MAX_EMPTY, MAX_DONE, MAX_KEPT = 50, 500, 100
# A form in which nothing was typed is forgotten after this silence, kept text after this time.
SILENT = timedelta(days=1)
KEPT = timedelta(days=30)

# What the row of a form holds that was saved. A form always sends something, so no text looks like this. The row stays
# as long as a browser may hold its copy of that text: whatever comes late is known as saved, and is not kept again.
DONE: Fields = []


# Kept texts that a form says it was begun from.
MAX_FROM = 5


def uids(values: Iterable[object]) -> list[uuid.UUID]:
    """Return the names of forms among some values, a few at most."""
    found = []
    for value in list(values)[:MAX_FROM]:
        try:
            found.append(uuid.UUID(str(value)))
        except ValueError:
            continue
    return found


class SittingQuerySet(models.QuerySet["Sitting"]):
    """Questions on open forms, and the few things that change many of them."""

    def alive(self) -> Self:
        """Return the forms that are open in a tab that was heard of just now."""
        return self.filter(seen_at__gt=timezone.now() - ALIVE)

    def not_alive(self) -> Self:
        """Return the forms that were closed, or whose tab has fallen silent."""
        return self.filter(Q(seen_at=None) | Q(seen_at__lte=timezone.now() - ALIVE))

    def empty(self) -> Self:
        """Return the forms in which nothing was typed that is not saved."""
        return self.filter(fields__isnull=True)

    def done(self) -> Self:
        """Return the forms that were saved."""
        return self.filter(fields=DONE)

    def not_done(self) -> Self:
        """Return the forms that were not saved."""
        return self.exclude(fields=DONE)

    def kept(self) -> Self:
        """Return the forms with text that was typed and not saved, the newest first."""
        return self.filter(fields__isnull=False).not_done().order_by("-saved_at", "-pk")

    def waiting(self, user: "User") -> Self:
        """Return what this user typed, did not save, and has in no open tab; nobody else's, whoever asks."""
        return self.filter(user=user).kept().not_alive()

    def beside(self, article: "Article", user: "User") -> Self:
        """Return the open forms of an article by anybody else than this user, the oldest first.

        By user and not by tab: whoever is alone is never told of somebody else, however many tabs, browsers and
        crashed tabs he has.
        """
        others = self.filter(article=article).exclude(user=user).filter(user__is_active=True)
        return others.alive().select_related("user").order_by("opened_at", "pk")

    def close(self, user: "User", uids: Iterable[uuid.UUID]) -> int:
        """Note that these tabs of a user are closed; return how many were open."""
        return self.filter(user=user, uid__in=list(uids)).exclude(seen_at=None).update(seen_at=None)

    def finish(self, user: "User", uid: uuid.UUID | None, begun_from: Iterable[uuid.UUID] = ()) -> None:
        """Forget what was typed in a form, because it was saved; belongs into the transaction of the save.

        `begun_from` are the forms whose kept text it took up. One that is open in a tab again is left alone.
        """
        now = timezone.now()
        saved = {"fields": DONE, "saved_at": now, "seen_at": None}
        self.filter(user=user, uid__in=list(begun_from)).not_alive().update(**saved)
        if uid is None or self.filter(user=user, uid=uid).update(**saved):
            return
        try:
            with transaction.atomic():
                self.create(user=user, uid=uid, language="", **saved)
        except IntegrityError:
            # Another's, by a forged form; or this tab's first word came at this very moment.
            self.filter(user=user, uid=uid).update(**saved)

    def bound(self, user: "User") -> None:
        """Close and delete the oldest forms of a user beyond what anybody has."""
        own = self.filter(user=user)
        open_ones = own.exclude(seen_at=None).order_by("-pk").values_list("pk", flat=True)
        if too_many := list(open_ones[MAX_OPEN:]):
            own.filter(pk__in=too_many).update(seen_at=None)
        for part, most in ((own.empty(), MAX_EMPTY), (own.done(), MAX_DONE), (own.kept(), MAX_KEPT)):
            if too_many := list(part.values_list("pk", flat=True)[most:]):
                own.filter(pk__in=too_many).delete()

    def forget_old(self) -> int:
        """Delete forms in which nothing was typed after a day of silence, all others after thirty; return how many.

        No verb: nothing that the newsroom has done is told by these rows, and they come and go with every form that
        somebody opens.
        """
        now = timezone.now()
        silent = Q(seen_at__lte=now - SILENT) | Q(seen_at=None, opened_at__lte=now - SILENT)
        number = self.filter(silent, fields__isnull=True).delete()[0]
        # A tab that has been open all the time keeps what was typed in it.
        return number + self.not_alive().filter(saved_at__lte=now - KEPT).delete()[0]


class Sitting(models.Model):
    """One open form of an article in one tab.

    It says who has the article open, and holds what that tab would send, so that a crash loses nothing. No revision:
    a later autosave of the same tab takes the place of the earlier one, nothing of it is ever published, and it is
    gone once the form was saved.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="sittings", verbose_name=_("user")
    )
    # Null: an article that is begun here and not saved yet.
    article = models.ForeignKey(
        "articles.Article",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="sittings",
        verbose_name=_("article"),
    )
    language = models.CharField(_("language"), max_length=LANGUAGE_CODE_LENGTH)
    opened_at = models.DateTimeField(_("open since"), default=timezone.now)
    # When the tab was last heard of; null once it said that it is closed.
    seen_at = models.DateTimeField(null=True, default=timezone.now)
    # What the form would send, as pairs of name and value, in order; null while nothing was typed.
    fields = models.JSONField(null=True, blank=True)
    saved_at = models.DateTimeField(_("last typed"), null=True, blank=True)

    objects = SittingQuerySet.as_manager()

    class Meta:
        verbose_name = _("open form")
        verbose_name_plural = _("open forms")
        ordering = ["-pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(fields__isnull=True, saved_at=None)
                | Q(fields__isnull=False, saved_at__isnull=False),
                name="typed_fields_have_time",
            ),
        ]
        indexes = [
            models.Index(fields=["article", "-seen_at"], name="sitting_by_article"),
            models.Index(fields=["user", "-id"], name="sitting_by_user"),
        ]

    def __str__(self) -> str:
        new = _("new")
        return f"{self.user} · {self.article_id or new}"

    # Questions

    def is_alive(self) -> bool:
        """Return whether the tab was heard of just now; the same rule as `alive()`."""
        return self.seen_at is not None and self.seen_at > timezone.now() - ALIVE

    def is_done(self) -> bool:
        """Return whether the form was saved."""
        return self.fields == DONE

    def data(self) -> QueryDict:
        """Return what was typed, as a form receives it."""
        data = QueryDict(mutable=True)
        for name, value in self.fields or ():
            data.appendlist(name, value)
        return data

    @property
    def headline(self) -> str:
        """What was typed as the headline; "" without one."""
        return " ".join(self.data().get("headline", "").split())

    # What a tab says. None of this is a verb: a word every twenty seconds from every open form changes nothing of the
    # newsroom's, and the log, which only grows, would be full of it. One small UPDATE each.

    @classmethod
    def note_seen(
        cls, uid: uuid.UUID, *, user: "User", article: "Article | None", language: str
    ) -> "Sitting | None":
        """Note that a form is open in a tab now; return its row, None if the name belongs to somebody else."""
        now = timezone.now()
        mine = cls.objects.filter(uid=uid, user=user)
        found = mine.not_done().update(seen_at=now)
        if not found and not cls.objects.filter(uid=uid).exists():
            try:
                with transaction.atomic():
                    cls.objects.create(
                        uid=uid, user=user, article=article, language=language, opened_at=now, seen_at=now
                    )
            except IntegrityError:
                pass  # its other word came at the same time, and has made the row
            else:
                cls.objects.bound(user)
        return mine.first()

    def keep(self, fields: Fields | None, *, language: str, begun_from: Iterable[uuid.UUID] = ()) -> bool:
        """Keep what the form would send, in place of what was kept before; None: it is as it was opened.

        Returns whether it is kept now: what was saved meanwhile is not, nor what was typed upon a text of which a
        passage was expunged since. The kept text that this form was begun from goes with the first that is kept here,
        so that the same is not offered twice.
        """
        now: datetime | None = timezone.now() if fields is not None else None
        with transaction.atomic():
            if fields is not None and self._may_hold_expunged(fields):
                return False
            open_still = type(self).objects.filter(pk=self.pk).not_done()
            if not open_still.update(fields=fields, saved_at=now, language=language):
                return False
            if fields is not None and (uids := list(begun_from)):
                former = type(self).objects.filter(user=self.user_id, uid__in=uids).exclude(pk=self.pk)
                former.kept().not_alive().update(fields=None, saved_at=None)
        self.fields, self.saved_at, self.language = fields, now, language
        return True

    def _may_hold_expunged(self, fields: Fields) -> bool:
        """Return whether a passage was expunged from the article after the revision that was typed upon.

        It may stand in what was typed, and nothing kept may hold it. The article is locked, as `expunge` locks it, so
        that what is on its way meanwhile does not come after it has looked.
        """
        number = dict(fields).get("base", "")
        if not self.article_id or not (number.isascii() and number.isdigit() and len(number) < 10):
            return False
        article = apps.get_model("articles", "Article").objects.lock().defer("body").get(pk=self.article_id)
        base = article.revisions.filter(number=number).first()
        return base is not None and article.expunged_since(base)

    def throw_away(self) -> None:
        """Delete what was typed, because its writer does not want it. No verb, as it was never the newsroom's."""
        type(self).objects.filter(pk=self.pk).delete()
