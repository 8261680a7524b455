"""Who has an article's form open, and what was typed there and not saved: the pages and answers around it.

A tab with the form says every few seconds that it is there, and sends what is typed (static/js/admin-sitting.js). It
only informs and keeps: nothing here locks an article, makes a revision or changes one.
"""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
)
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from articles.admin.forms import SITTING, ArticleForm, Rows, sitting_of
from articles.admin.states import short_time
from articles.fields import sanitise
from articles.models import Article, Sitting, User
from articles.models.sittings import MAX_FROM, MAX_KEPT, Fields, uids
from newsroom.admin_site import texts_of
from newsroom.dates import format_time
from newsroom.models import Site

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite, ModelAdmin
else:
    ModelAdmin = object

# How often a tab says that it is there, how long it waits after the last key before it sends what was typed, and how
# long it waits at most while somebody goes on typing; in milliseconds. The page hands them to the script.
BEAT, KEEP_AFTER, KEEP_AT_LATEST = 20_000, 3_000, 15_000
# So many kept texts are offered at a form, of so many that are held against what the form shows.
MAX_OFFERED, MAX_LOOKED_AT = 5, 10
# So many people are named who have an article open.
MAX_NAMED = 5
MAX_NAME_LENGTH = 200
# Fields that are about the form, and no content.
NOT_KEPT = (*SITTING, "csrfmiddlewaretoken")


class BadWord(ValueError):
    """What a tab said has not the form of ours."""


@dataclass
class Word:
    """What a tab said."""

    user: int | None
    article: int | None
    language: str
    fields: Fields | None
    has_fields: bool
    closed: bool
    wants_offers: bool
    former: list[uuid.UUID] = field(default_factory=list)
    begun_from: list[uuid.UUID] = field(default_factory=list)

    @classmethod
    def read(cls, request: HttpRequest) -> "Word":
        """Return what was said, whichever way: JSON by fetch, or a field of a form by a beacon.

        Raises BadWord if it is none of ours, RequestDataTooBig if it is longer than a form may be.
        """
        body = request.body if request.content_type == "application/json" else request.POST.get("word", "")
        try:
            said = json.loads(body)
            fields = said.get("fields")
            return cls(
                user=_number(said.get("user")),
                article=_number(said.get("article")),
                language=str(said.get("language") or ""),
                fields=None if fields is None else typed(fields),
                has_fields="fields" in said,
                closed=bool(said.get("closed")),
                wants_offers=bool(said.get("offers")),
                former=uids(said.get("former") or []),
                begun_from=uids(said.get("from") or []),
            )
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise BadWord(str(error)) from error


def _number(value: Any) -> int | None:
    if value in (None, ""):
        return None
    number = int(value)
    if not 0 < number < 2**63:
        raise BadWord("no id")
    return number


def typed(pairs: Any) -> Fields:
    """Return what a form would send, as it can be stored. Raises BadWord if it is not pairs of text, or too many."""
    if not isinstance(pairs, list) or not 0 < len(pairs) <= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:
        raise BadWord("no list of fields")
    found = []
    for pair in pairs:
        match pair:
            case [str(name), str(value)] if len(name) <= MAX_NAME_LENGTH:
                if name not in NOT_KEPT and "password" not in name:
                    found.append((storable(name), storable(value)))
            case _:
                raise BadWord("no pair of name and value")
    if not found:
        raise BadWord("no fields")
    return found


def storable(text: str) -> str:
    """Return text without what no database takes: NUL, and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


@dataclass
class Offer:
    """Text that was kept, as a page shows it."""

    sitting: Sitting
    take_up: str
    throw_away: str


class KeptRow(NamedTuple):
    """Text that was kept, to be read whole."""

    offer: Offer
    article: Article | None
    editable: bool
    texts: list[tuple[str, str]]


def offer(sitting: Sitting) -> Offer:
    """Return where a kept text is taken up and thrown away."""
    if sitting.article_id:
        form = reverse("admin:articles_article_change", args=[sitting.article_id])
    else:
        form = reverse("admin:articles_article_add")
    return Offer(
        sitting, f"{form}?kept={sitting.uid}", reverse("admin:articles_article_kept_one", args=[sitting.uid])
    )


def present(article: Article | None, user: User, zone: tzinfo) -> str:
    """Say who else has an article open, each once and since when; "" if nobody has."""
    if article is None or article.pk is None:
        return ""
    since: dict[User, datetime] = {}
    for sitting in Sitting.objects.beside(article, user)[:200]:
        since.setdefault(sitting.user, sitting.opened_at)
    sentences = [
        _("%(who)s has this open since %(time)s.") % {"who": who, "time": clock_time(moment, zone)}
        for who, moment in list(since.items())[:MAX_NAMED]
    ]
    if len(since) > MAX_NAMED:
        more = len(since) - MAX_NAMED
        sentences.append(ngettext("And %(n)s more.", "And %(n)s more.", more) % {"n": more})
    return " ".join(sentences)


def clock_time(moment: datetime, zone: tzinfo) -> str:
    """Return the time of day on the site's clocks, with its day unless that is today."""
    if moment.astimezone(zone).date() == timezone.now().astimezone(zone).date():
        return format_time(moment, get_language() or "en", zone)
    return short_time(moment, zone)


def differs(sitting: Sitting, user: User, site: Site, article: Article | None) -> bool:
    """Return whether what was kept is anything else than what a new form shows.

    A word differs, not an end of line; the body is compared as it would be saved. The number of the revision that it
    began from, and the language of an article not yet begun, are nothing that anybody has written.
    """
    form = ArticleForm(sitting.data(), user=user, site=site, article=article)
    for rows, names in (
        (form.bylines, ("author", "role", "position")),
        (form.sources, ("name", "url", "is_public")),
    ):
        if rows_of(rows, names) != [tuple(_plain(row.get(name)) for name in names) for row in rows.initial]:
            return True
    for name in set(form.changed_data) - {"base", "language"}:
        bound = form[name]
        if name == "body":
            before, after = sanitise(bound.initial or ""), sanitise(bound.data or "")
        else:
            before, after = _plain(bound.initial), _plain(bound.data)
        if before != after:
            return True
    return False


def rows_of(rows: Rows, names: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the rows of a form in which something stands; the empty ones have a choice, too, that nobody made."""
    found = (tuple(_plain(row[name].data) for name in names) for row in rows.forms)
    return [values for values in found if values[0]]


def _plain(value: Any) -> str:
    """Return a field's value as words: a browser has its own ends of lines, a form strips."""
    return "" if value in (None, False) else "\n".join(str(value).strip().splitlines())


def offers(request: HttpRequest, article: Article | None, without: Iterable[uuid.UUID] = ()) -> list[Offer]:
    """Return what this user wrote here and did not save, if the form does not show it: the newest first."""
    waiting = Sitting.objects.waiting(request.user).filter(article=article).exclude(uid__in=list(without))
    site, found = Site.of(request), []
    for sitting in waiting[:MAX_LOOKED_AT]:
        if len(found) < MAX_OFFERED and differs(sitting, request.user, site, article):
            found.append(offer(sitting))
    return found


def kept_for(request: HttpRequest, article: Article | None) -> Sitting | None:
    """Return the kept text that this user asks to take up in this form; None if he has none of that name."""
    wanted = uids([request.GET.get("kept", "")])
    return Sitting.objects.waiting(request.user).filter(article=article, uid__in=wanted).first()


def form_sitting(
    request: HttpRequest, article: Article | None, taken: Sitting | None, newest: int | None
) -> dict[str, Any]:
    """Return what the form's page says of itself, of others, and of what was kept."""
    uid = uuid.uuid4()
    begun_from: list[uuid.UUID] = [taken.uid] if taken else []
    if request.method == "POST":
        # The page that was sent is gone, and this one holds what it held.
        former, before = sitting_of(request.POST)
        begun_from = [*([former] if former else []), *before][:MAX_FROM]
    base = taken.data().get("base", "") if taken else ""
    return {
        "sitting": uid,
        "sitting_address": reverse("admin:articles_article_sitting", args=[uid]),
        "begun_from": begun_from,
        "beat": BEAT,
        "keep_after": KEEP_AFTER,
        "keep_at_latest": KEEP_AT_LATEST,
        "present": present(article, request.user, Site.of(request).zone),
        "taken_up": taken,
        "taken_up_is_older": bool(taken and newest and base != str(newest)),
        "offers": [] if taken or request.method == "POST" else offers(request, article),
    }


class SittingPages(ModelAdmin):
    """The addresses of `ArticleAdmin` that are about open forms and kept text."""

    admin_site: "AdminSite"

    def sitting_urls(self) -> list[URLPattern]:
        """Return where tabs say that they are there, and where kept text is read."""
        wrap = self.admin_site.admin_view
        return [
            # Not wrapped: a script that asks is told that the session is over, and not sent to the login.
            path("sitting/<uuid:uid>/", self.sitting_view, name="articles_article_sitting"),
            path("kept/", wrap(self.kept_view), name="articles_article_kept"),
            path("kept/<uuid:uid>/", wrap(self.kept_one_view), name="articles_article_kept_one"),
        ]

    @method_decorator(require_POST)
    def sitting_view(self, request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
        """Hear what a tab says: that it is there, what was typed in it, that it is closed.

        Who may not edit the article learns nothing. Whose form was open while he lost it goes on being kept: it is
        his own writing, and he finds it again under "What I wrote and did not save".
        """
        if not self.admin_site.has_permission(request):
            return JsonResponse({"ended": True}, status=401)
        try:
            word = Word.read(request)
        except RequestDataTooBig:
            return JsonResponse({"refused": _("This text is too long to be kept here.")}, status=413)
        except BadWord:
            return JsonResponse({"refused": ""}, status=400)
        user, site = request.user, Site.of(request)
        if word.user != user.pk:
            # The form is somebody else's: what he types is not kept under this name.
            text = _("%(who)s is logged in in this browser now.") % {"who": user}
            return JsonResponse({"other": text}, status=409)
        sitting = Sitting.objects.filter(uid=uid).first()
        if sitting and sitting.user_id != user.pk:
            raise Http404
        article = self._sat_at(request, word)
        may = article is not None or (word.article is None and self.has_add_permission(request))
        if sitting is None and not may:
            raise Http404
        if sitting and article and sitting.article_id not in (None, article.pk):
            raise Http404
        language = article.language if article else word.language
        language = language if language in site.languages else site.default_language
        if may and not (sitting and word.closed):
            sitting = Sitting.note_seen(uid, user=user, article=article, language=language)
        if sitting is None:
            raise Http404
        if word.former:
            Sitting.objects.close(user, word.former)
        held = False
        if word.has_fields and not sitting.is_done():
            kept = sitting.keep(word.fields, language=language, begun_from=word.begun_from)
            try:
                sitting.refresh_from_db()
            except Sitting.DoesNotExist as error:  # thrown away, or forgotten, at this very moment
                raise Http404 from error
            held = not kept and not sitting.is_done()
        if word.closed:
            Sitting.objects.close(user, [uid])
        told = self._told(request, sitting, article if may else None, may=may, word=word)
        if held:
            told["refused"] = _(
                "A passage was expunged from this article after you opened it, so what you type is not kept. Save it: "
                "whatever differs is asked for, place by place."
            )
        return JsonResponse(told)

    def _sat_at(self, request: HttpRequest, word: Word) -> Article | None:
        """Return the article that a tab names, if this user may edit it."""
        if word.article is None:
            return None
        article = Article.objects.readable_by(request.user).defer("body").filter(pk=word.article).first()
        return article if article and article.is_editable_by(request.user) else None

    def _told(
        self, request: HttpRequest, sitting: Sitting, article: Article | None, *, may: bool, word: Word
    ) -> dict[str, Any]:
        zone = Site.of(request).zone
        told: dict[str, Any] = {"done": sitting.is_done(), "present": "", "kept": "", "refused": ""}
        if sitting.saved_at and not told["done"]:
            told["kept"] = _("Kept %(time)s, not saved yet.") % {"time": clock_time(sitting.saved_at, zone)}
        if not may:
            told["refused"] = _("You may not change this article any more. What you write is kept for you.")
            return told
        told["present"] = present(article, request.user, zone)
        own = Sitting.objects.filter(user=request.user, article=article).alive().exclude(uid=sitting.uid)
        if article and own.exclude(uid__in=word.begun_from).exists():
            told["present"] = " ".join(
                filter(None, [told["present"], _("You have this open in another tab, too.")])
            )
        if word.wants_offers:
            found = offers(request, article, without=[sitting.uid, *word.begun_from])
            told["offers"] = render_to_string(
                "admin/articles/article/_offers.html", {"offers": found}, request=request
            )
        return told

    @method_decorator(require_safe)
    def kept_view(self, request: HttpRequest) -> HttpResponse:
        """List what this user wrote and did not save. Nobody else sees it, whatever his role."""
        rows = Sitting.objects.waiting(request.user).select_related("article")[:MAX_KEPT]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("What I wrote and did not save"),
            "rows": [self._kept_row(request, sitting) for sitting in rows],
        }
        return TemplateResponse(request, "admin/articles/article/kept.html", context)

    def kept_one_view(self, request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
        """Show one of one's own kept texts whole; throw it away. Raises Http404 for anybody else's."""
        own = Sitting.objects.filter(user=request.user).kept().select_related("article")
        sitting = own.filter(uid=uid).first()
        if sitting is None:
            raise Http404
        if request.method == "POST":
            sitting.throw_away()
            messages.success(request, _("Thrown away."))
            return HttpResponseRedirect(reverse("admin:articles_article_kept"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Throw away what you wrote?"),
            "row": self._kept_row(request, sitting),
        }
        return TemplateResponse(request, "admin/articles/article/kept_one.html", context)

    def _kept_row(self, request: HttpRequest, sitting: Sitting) -> KeptRow:
        article = sitting.article
        editable = article.is_editable_by(request.user) if article else self.has_add_permission(request)
        return KeptRow(offer(sitting), article, editable, texts_of(sitting.fields or ()))
