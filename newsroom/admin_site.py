"""The admin site: Django's own, with the newsroom's name, order and time zone; what was typed is never lost."""

import re
from collections.abc import Callable, Iterable
from functools import update_wrapper
from html import unescape
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, re_path, reverse
from django.utils import timezone
from django.utils.html import format_html, strip_tags
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.csrf import csrf_failure as django_csrf_failure

from newsroom import pages
from newsroom.desk import sheets
from newsroom.models import Site

# The models in the order of a newsroom's work; whatever is not named here comes last.
GROUPS = (
    (
        _("Desk"),
        (
            "articles.article",
            "articles.task",
            "articles.frontslot",
            "newsroom.banner",
            "articles.mistakereport",
            "articles.photo",
            "articles.attachment",
            "articles.tag",
            "articles.author",
            "articles.series",
            "articles.source",
            "articles.page",
        ),
    ),
    (_("Comments"), ("comments.comment", "comments.rule", "comments.ban")),
    (
        _("Site"),
        (
            "newsroom.site",
            "articles.section",
            "articles.user",
            "auth.group",
            "articles.path",
            "newsroom.mail",
            "newsroom.logentry",
        ),
    ),
)

# What is longer than this and has a space in it was written, and is shown when a form is kept.
SHORT = 20
END_OF_BLOCK = re.compile(r"</(?:p|h\d|li|blockquote|figure|tr)>\s*")


class NewsroomAdminSite(admin.AdminSite):
    """Django's admin under the name of the site, in the site's time zone."""

    index_title = _("Today")
    # The way around stands in one line below the name, on every width.
    enable_nav_sidebar = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # It would go around verbs, log and page keys.
        self.disable_action("delete_selected")

    def get_urls(self) -> list[Any]:
        """Add the page cache; leave out Django's “view on site”, which tells any staff the path of what is not out."""
        # It shows what stands in the log, as the admin of the articles does.
        from articles.admin import ledger

        own = [
            path("pages/", self.admin_view(ledger.latest), name="pages"),
            re_path(r"^pages/(?P<act>[0-9a-f]{32})/$", self.admin_view(ledger.act), name="pages_act"),
        ]
        return own + [url for url in super().get_urls() if getattr(url, "name", None) != "view_on_site"]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return the context of every admin page, with the site's own name as title."""
        name = Site.of(request).name_in(request.LANGUAGE_CODE)
        return {**super().each_context(request), "site_title": name, "site_header": name}

    def index(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """Open on the day's work; the way to everything else stands below it."""
        return super().index(request, {"sheets": sheets(request), **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Return what this user may see in the order of the work; a single app as Django has it."""
        apps = super().get_app_list(request, app_label)
        for model in (model for app in apps for model in app["models"]):
            # Where the work on these rows is done elsewhere than in Django's list, the way leads there.
            if entrance := getattr(self._registry[model["model"]], "entrance", None):
                model["admin_url"] = entrance(request)
        if app_label:
            return apps
        models = {model["model"]._meta.label_lower: (app, model) for app in apps for model in app["models"]}
        groups = []
        for name, labels in GROUPS:
            rows = [models.pop(label) for label in labels if label in models]
            if rows:
                app = rows[0][0]
                groups.append({**app, "name": name, "models": [model for _app, model in rows]})
        if groups and sees_pages(request.user):
            # Whoever sees it sees the log or the site, so the last group is the site's.
            groups[-1]["models"].append(page_cache())
        rest = [model for _app, model in models.values()]
        if rest:
            groups.append({**next(iter(models.values()))[0], "name": _("More"), "models": rest})
        return groups

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable:
        """Wrap a view as Django does; times are the site's, and a form sent after the session ended is kept."""

        def in_time_of_site(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            with timezone.override(Site.of(request).zone), pages.noting() as purges:
                response = view(request, *args, **kwargs)
                if hasattr(response, "render"):
                    response.render()
                if purges and request.method == "POST" and 300 <= response.status_code < 400:
                    tell_of(purges, request)
                return response

        guarded = super().admin_view(update_wrapper(in_time_of_site, view), cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            logout = reverse("admin:logout", current_app=self.name)
            turned_away = request.method == "POST" and not self.has_permission(request)
            if turned_away and request.path != logout and (kept := kept_fields(request)):
                return keep(request, kept, ended=True)
            return guarded(request, *args, **kwargs)

        return update_wrapper(inner, guarded)


def sees_pages(user: Any) -> bool:
    """Return whether somebody may see what was purged, whoever did it."""
    return user.has_perm("newsroom.view_logentry") or user.has_perm("newsroom.change_site")


def page_cache() -> dict[str, Any]:
    """Return the way to the page cache, as the lists of models have theirs."""
    return {
        "model": None,
        "name": _("Page cache"),
        "object_name": "Pages",
        "admin_url": reverse("admin:pages"),
        "add_url": None,
        "view_only": True,
        "perms": {"view": True},
    }


def tell_of(purges: list[pages.Purge], request: HttpRequest) -> None:
    """Say how many pages were purged, and where it stands which."""
    number = sum(purge.pages for purge in purges)
    told = ngettext("%(n)s page was purged.", "%(n)s pages were purged.", number) % {"n": number}
    if len(purges) == 1:
        address = reverse("admin:pages_act", args=[purges[0].act])
    elif sees_pages(request.user):
        address = reverse("admin:pages")
    else:
        messages.info(request, told, extra_tags="purged")
        return
    more = _("What was purged, and when it is fresh again")
    messages.info(request, format_html('{} <a href="{}">{}</a>', told, address, more), extra_tags="purged")


def kept_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what a form sent, to be sent again; nothing if it held a password."""
    if any("password" in name for name in request.POST):
        return []
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken"
        for value in values
    ]


def field_label(name: str) -> str:
    """Return what people call a field: "texts-0-main_menu" is the "Main menu", in their language where it is known."""
    words = name.rpartition("-")[2].replace("_", " ")
    return capfirst(gettext(words))


def readable(value: str) -> str:
    """Return what was written without the tags of the editor, its paragraphs apart."""
    return unescape(strip_tags(END_OF_BLOCK.sub("\n\n", value))).strip() if "<p" in value else value


def texts_of(fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return those of the fields of a form that somebody wrote, each by its name, to be read and copied."""
    return [
        (field_label(name), readable(value))
        for name, value in fields
        if value and (name.endswith("headline") or (len(value) > SHORT and " " in value))
    ]


def keep(
    request: HttpRequest, fields: list[tuple[str, str]], *, ended: bool = False, refused: str = ""
) -> HttpResponse:
    """Answer 403 with everything that was typed and a button that sends it again; nothing was saved.

    `ended` is the session, or what was sent is `refused` for this reason; else somebody has logged in anew.
    """
    response = render(
        request,
        "admin/kept.html",
        {
            **admin.site.each_context(request),
            "title": _("Not saved yet"),
            "fields": fields,
            "texts": texts_of(fields),
            "ended": ended,
            "refused": refused,
            "files_lost": bool(request.FILES),
            "login_address": reverse("admin:login"),
        },
        status=403,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token does not fit.

    Somebody who logged in anew in another tab has an old token here: what he typed is kept, and one more press
    sends it. A form of another site gets Django's refusal.
    """
    foreign = request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin"
    # Django's reasons that speak of the token or its cookie; the others are about Origin and Referer.
    about_token = reason.startswith(("CSRF token", "CSRF cookie"))
    ours = request.path.startswith(reverse("admin:index")) and about_token and not foreign
    if ours and request.content_type == "application/json":
        # A script asks (static/js/admin-sitting.js): it tries again with the token of today.
        return JsonResponse({"token": "old"}, status=403)
    view = request.resolver_match.func if request.resolver_match else None
    if ours and (answer := getattr(view, "on_old_token", None)):
        # What stands in a frame says so there (articles/admin/unsaved.py).
        return answer(request)
    if ours and request.path == reverse("admin:login"):
        # Logged in from another tab meanwhile: on to the desk. Else a new form, which has a new token.
        if not admin.site.has_permission(request):
            messages.warning(request, _("This form had been open for too long. Please log in again."))
        return redirect(request.get_full_path())
    if ours and (fields := kept_fields(request)):
        return keep(request, fields, ended=not admin.site.has_permission(request))
    if ours:
        # A form with a password, which goes through no page but its own.
        messages.warning(request, _("You have logged in anew since this form was opened: fill it in again."))
        return redirect(request.path)
    return django_csrf_failure(request, reason)
