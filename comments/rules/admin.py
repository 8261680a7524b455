"""Rules and bans in the admin: each change is a verb; a rule is tried before it is saved."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, Value, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from articles.admin.base import VerbAdmin
from articles.admin.forms import SiteDateTimeField
from articles.templatetags.desk import when
from comments.models import Ban, Comment, Decision, Rule, State
from comments.models.rules import MANAGE, MAX_RULE, MOST_MINUTES, MOST_NUMBER, network_of
from comments.queue.selection import is_number
from comments.rules import rerun, trial
from newsroom import dates
from newsroom.forms import LineField, OptionalEmailField, begin_at_error
from newsroom.models import Site
from newsroom.verbs import Refused

Kind = Rule.Kind

# The list says of how many waiting comments each rule is a reason, looking at so many.
MOST_COUNTED = 2000
# Of what a rule looks for the list shows as much, and of a comment around what was found.
SHOWN = 80
AROUND = 120

# What each kind is for, where one chooses.
ABOUT: dict[str, Any] = {
    Kind.WORDS: gettext_lazy("Words or phrases, one a line. Whole words; upper and lower case are the same."),
    Kind.PATTERN: gettext_lazy("A regular expression, for what words cannot say."),
    Kind.LINKS: gettext_lazy("More links than a reader needs, also bare addresses such as example.com."),
    Kind.DUPLICATE: gettext_lazy(
        "The same words from anyone, also at another article. Short thanks never count."
    ),
    Kind.LIKE: gettext_lazy(
        "The same words with a few of them changed, from anyone, also at another article."
    ),
    Kind.HONEYPOT: gettext_lazy("The form has a field that readers do not see; programs fill it in."),
    Kind.SCORE: gettext_lazy("What a program says that was installed for it (COMMENT_SCORERS)."),
    Kind.RECORD: gettext_lazy("Whose comments are shown at once where first-timers wait."),
    Kind.ADDRESS_LIMIT: gettext_lazy(
        "Whoever sends more from one network address is asked to come back later."
    ),
    Kind.EMAIL_LIMIT: gettext_lazy("Whoever sends more with one e-mail address is asked to come back later."),
    Kind.ARTICLE_LIMIT: gettext_lazy(
        "When more come to one article, everybody there is asked to come back later."
    ),
}
NUMBERS: dict[str, Any] = {
    Kind.LINKS: gettext_lazy("Links at most"),
    Kind.SCORE: gettext_lazy("From how many per cent on"),
    Kind.RECORD: gettext_lazy("Approved comments that make a good record"),
}


class Managed:
    """What whoever sets rules may look at; to change it he has to hold the permission everywhere."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Ask for the permission to set rules."""
        return request.user.has_perm(MANAGE)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask for the permission to set rules."""
        return request.user.has_perm(MANAGE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Ask for the permission to set rules everywhere: they know no section."""
        return request.user.may_everywhere(MANAGE)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask for the permission to set rules everywhere."""
        return request.user.may_everywhere(MANAGE)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask for the permission to set rules everywhere."""
        return request.user.may_everywhere(MANAGE)


class RuleForm(forms.Form):
    """The parts of a rule of one kind, and no others."""

    name = LineField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("It stands at what the rule holds."),
    )
    effect = forms.ChoiceField(
        label=gettext_lazy("What it does"), choices=Rule.Effect.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=gettext_lazy("Words and phrases"),
        max_length=MAX_RULE,
        strip=False,
        widget=forms.Textarea({"rows": 10, "spellcheck": "false", "dir": "auto"}),
        error_messages={
            "required": gettext_lazy("Write what to look for."),
            "max_length": gettext_lazy("Shorten it to %(limit_value)d characters; it has %(show_value)d."),
        },
    )
    number = forms.IntegerField(min_value=0, max_value=MOST_NUMBER)
    minutes = forms.IntegerField(min_value=1, max_value=MOST_MINUTES)
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        required=False,
        help_text=gettext_lazy("Of the comment or of its article."),
    )
    is_on = forms.BooleanField(label=gettext_lazy("On"), required=False)
    seen = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, rule: Rule, site: Site) -> None:
        parts = Rule.PARTS[rule.kind]
        fields = ("name", *parts, "is_on")
        initial = {name: getattr(rule, name) for name in fields} | {"seen": rule.version}
        if rule.pk is None and rule.kind != Kind.LINKS:
            # 0 is no number for a rule of these kinds: whoever adds one says which.
            initial["number"] = rule.number or None
        super().__init__(data, initial=initial)
        self.rule = rule
        for name in [name for name in self.fields if name not in (*fields, "seen")]:
            del self.fields[name]
        if "number" in self.fields:
            field = self.fields["number"]
            field.label = NUMBERS.get(rule.kind, _("Comments at most"))
            field.min_value = 0 if rule.kind == Kind.LINKS else 1
        if "minutes" in self.fields:
            within = _("Within how many minutes")
            field = self.fields["minutes"]
            field.label = within if rule.kind in Rule.LIMITS else _("How many minutes to look back")
            if rule.kind not in Rule.LIMITS:
                field.help_text = _(
                    "Seven days (10 080 minutes) at most: what is compared is forgotten then."
                )
        if rule.kind == Kind.PATTERN:
            text = self.fields["text"]
            text.label = _("Pattern")
            text.widget.attrs.update(rows=3, dir="ltr")
            text.help_text = format_html(
                '{} <a href="https://github.com/google/re2/wiki/Syntax" rel="noopener">{}</a>',
                _("Upper and lower case are the same unless it says %(sign)s.") % {"sign": "(?-i)"},
                _("How patterns are written (RE2)"),
            )
        if rule.kind == Kind.WORDS:
            self.fields["text"].help_text = _(
                "One a line. Whole words; upper and lower case are the same. In scripts without spaces a word is "
                "found anywhere."
            )
        if "language" in self.fields:
            codes = dict.fromkeys([*site.languages, *([rule.language] if rule.language else [])])
            choices = [(code, dates.name_of(code, get_language() or "en")) for code in codes]
            self.fields["language"].choices = [("", _("Every language")), *choices]

    def clean_text(self) -> str:
        """Return what to look for as it is stored: lines end with \\n, nothing that no text holds."""
        text = self.cleaned_data["text"].replace("\r\n", "\n").replace("\0", "")
        text = text.encode(errors="replace").decode()
        return text.strip("\n") if self.rule.kind == Kind.PATTERN else text.strip()

    def clean(self) -> dict[str, Any]:
        """Refuse what makes no rule of this kind."""
        data = super().clean()
        if not self.errors:
            made = Rule(kind=self.rule.kind, **self.parts)
            try:
                made.full_clean(exclude=["kind"])
            except ValidationError as error:
                self.add_error(None, ValidationError(error.error_dict))
        return data

    @property
    def parts(self) -> dict[str, Any]:
        """The parts of the rule as they were sent."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}

    def made(self) -> Rule:
        """Return the rule as it would be saved."""
        return Rule(kind=self.rule.kind, **self.parts)


@admin.register(Rule)
class RuleAdmin(Managed, VerbAdmin):
    """What holds comments, marks them as spam, or asks their writers to come back later."""

    verb_name = "rule"
    list_display = ("called", "what", "does", "looks_for", "holds", "on")
    list_display_links = ("called",)
    empty_value_display = ""
    ordering = ("pk",)
    sortable_by = ()
    actions = None
    change_list_template = "admin/comments/rules/list.html"

    def get_urls(self) -> list[Any]:
        """Add the way to judge the waiting comments again."""
        again = self.admin_site.admin_view(self.again_view)
        return [path("again/", again, name="comments_rule_again"), *super().get_urls()]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list, each rule with the number of waiting comments that it is a reason of; one query."""
        changelist = super().get_changelist_instance(request)
        numbers, self.is_counted = held_by_rule()
        for rule in changelist.result_list:
            rule.held = numbers[rule.pk]
        return changelist

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """Choose a kind, then write the rule."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        kind = request.GET.get("kind", "")
        if kind not in Kind.values:
            kinds = [(value, Kind(value).label, ABOUT[value]) for value in ABOUT]
            context = {"title": _("Add a rule"), "kinds": kinds}
            return self._page(request, "choose", context)
        minutes = {"minutes": 7 * 24 * 60} if kind in (Kind.DUPLICATE, Kind.LIKE) else {}
        return self._edit(request, Rule(kind=kind, **minutes), is_new=True)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """Show a rule, and change it."""
        rule = self.get_object(request, object_id)
        if rule is None:
            messages.warning(request, _("This rule was taken away."))
            return HttpResponseRedirect(reverse("admin:comments_rule_changelist"))
        if not self.has_view_permission(request, rule):
            raise PermissionDenied
        if request.method == "POST" and not self.has_change_permission(request, rule):
            raise PermissionDenied
        return self._edit(request, rule, is_new=False)

    def _edit(self, request: HttpRequest, rule: Rule, *, is_new: bool) -> HttpResponse:
        form = RuleForm(request.POST if request.method == "POST" else None, rule=rule, site=Site.of(request))
        tried = None
        if form.is_bound and form.is_valid():
            if "_try" in request.POST and rule.kind in Rule.TRIED:
                tried = trial.try_rule(form.made(), by=request.user)
            else:
                try:
                    return self._save(request, rule, form, is_new)
                except Refused as refused:
                    form.add_error(None, str(refused))
                except ValidationError as error:
                    form.add_error(None, error.messages)
        begin_at_error(form)
        # A good record holds nothing: the mode of the place does.
        is_holding = not is_new and rule.kind != Kind.RECORD
        numbers, _is_counted = held_by_rule() if is_holding else (Counter(), False)
        context = {
            "title": capfirst(rule.get_kind_display()),
            "rule": rule,
            "about": ABOUT[rule.kind],
            "form": form,
            "tried": tried,
            "listed": [(found, marked(found)) for found in tried.listed] if tried else [],
            "is_holding": is_holding,
            "held": numbers[rule.pk],
            "warnings": list(warnings_on(rule)),
            "is_new": is_new,
            "may_try": rule.kind in Rule.TRIED,
            "may_change": self.has_change_permission(request, rule),
        }
        return self._page(request, "rule", context)

    def _save(self, request: HttpRequest, rule: Rule, form: RuleForm, is_new: bool) -> HttpResponse:
        """Save by the verb, and offer to judge the waiting comments again."""
        if is_new:
            Rule.add(by=request.user, kind=rule.kind, **form.parts)
            changed = True
        else:
            changed = rule.change(by=request.user, seen=form.cleaned_data["seen"], **form.parts)
        if changed and rule.kind not in Rule.LIMITS:
            messages.success(
                request,
                format_html(
                    '{} <a href="{}">{}</a>',
                    _("Saved. It counts for what comes from now on."),
                    reverse("admin:comments_rule_again"),
                    _("Re-run on the queue…"),
                ),
            )
        else:
            messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("admin:comments_rule_changelist"))

    def delete_model(self, request: HttpRequest, obj: Rule) -> None:
        """Take the rule away by the verb."""
        obj.remove(by=request.user)

    def again_view(self, request: HttpRequest) -> HttpResponse:
        """Judge the waiting comments again, once somebody presses the button."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        sent = request.POST if request.method == "POST" else request.GET
        text = sent.get("after", "")
        after = int(text) if is_number(text) else 0
        if request.method == "POST":
            again = rerun.judge_again(by=request.user, after=after)
            messages.success(request, told(again))
            further = f"{reverse('admin:comments_rule_again')}?after={again.last}"
            return HttpResponseRedirect(further if again.left else reverse("queue:list"))
        context = {
            "title": _("Re-run on the queue"),
            "most": rerun.MOST_AGAIN,
            "after": after,
            "left": rerun.still_held(after).count() if after else 0,
        }
        return self._page(request, "again", context)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/comments/rules/{name}.html", whole)

    @admin.display(description=gettext_lazy("rule"))
    def called(self, rule: Rule) -> SafeString:
        """Return its name, else its kind."""
        return format_html("<bdi>{}</bdi>", capfirst(str(rule)))

    @admin.display(description=gettext_lazy("kind"))
    def what(self, rule: Rule) -> str:
        """Return its kind."""
        return rule.get_kind_display()

    @admin.display(description=gettext_lazy("what it does"))
    def does(self, rule: Rule) -> str:
        """Return what it does."""
        if rule.kind in Rule.LIMITS:
            return _("refuses for a while")
        return _("lets pass") if rule.kind == Kind.RECORD else rule.get_effect_display()

    @admin.display(description=gettext_lazy("looks for"))
    def looks_for(self, rule: Rule) -> str | SafeString:
        """Return what it looks for, shortened, and in which language."""
        said = what_it_looks_for(rule)
        if rule.language:
            said = format_html("{} ({})", said, dates.name_of(rule.language, get_language() or "en"))
        return said

    @admin.display(description=gettext_lazy("holds now"))
    def holds(self, rule: Rule) -> str | SafeString:
        """Return how many waiting comments it is a reason of."""
        number = getattr(rule, "held", 0)
        if not number:
            return ""
        return f"{number}+" if self.is_counted else str(number)

    @admin.display(description=gettext_lazy("on"), boolean=True)
    def on(self, rule: Rule) -> bool:
        """Return whether it is on."""
        return rule.is_on


def warnings_on(rule: Rule) -> Iterator[str | SafeString]:
    """Yield what makes a rule of no use, or one too many; it can be saved all the same."""
    if rule.kind == Kind.SCORE and not settings.COMMENT_SCORERS:
        yield _("No scorer is installed (COMMENT_SCORERS): this rule finds nothing.")
    if rule.kind in Rule.ONCE and (other := Rule.objects.filter(kind=rule.kind).exclude(pk=rule.pk).first()):
        address = reverse("admin:comments_rule_change", args=[other.pk])
        name = capfirst(str(other))
        yield format_html('{} <a href="{}"><bdi>{}</bdi></a>', _("There is one already:"), address, name)


def held_by_rule() -> tuple[Counter[int], bool]:
    """Return of how many waiting comments each rule is a reason, by its id, and whether there may be more.

    First-timers are held by the mode of their place, whatever the rule says of a good record.
    """
    # From the comments on, the newest first: of decisions there are as many as ever were made.
    waiting = Comment.objects.filter(state=State.WAITING).exclude(held_for="").order_by("-pk")
    standing = Decision.objects.standing(waiting.values("pk")[:MOST_COUNTED])
    numbers = Counter(
        pk
        for decision in standing.values()
        for pk in {
            reason.get("pk") for reason in decision.reasons if reason["rule"] not in ("ban", "first-timer")
        }
        if pk
    )
    return numbers, len(standing) >= MOST_COUNTED


def what_it_looks_for(rule: Rule) -> str | SafeString:
    """Return what a rule looks for in a few words."""
    if rule.kind in (Kind.WORDS, Kind.PATTERN):
        lines = [line.strip() for line in rule.text.splitlines() if line.strip()]
        said = ", ".join(lines[:20])
        return format_html("<bdi>{}</bdi>", said if len(said) <= SHOWN else f"{said[: SHOWN - 1]}…")
    if rule.kind in Rule.LIMITS:
        return _("more than %(number)s in %(minutes)s min") % {"number": rule.number, "minutes": rule.minutes}
    if rule.kind in (Kind.DUPLICATE, Kind.LIKE):
        return _("in the last %(time)s") % {"time": _span(rule.minutes)}
    if rule.kind == Kind.LINKS:
        return ngettext("more than %(n)s link", "more than %(n)s links", rule.number) % {"n": rule.number}
    if rule.kind == Kind.RECORD:
        return ngettext(
            "%(n)s approved comment of a confirmed address",
            "%(n)s approved comments of a confirmed address",
            rule.number,
        ) % {"n": rule.number}
    if rule.kind == Kind.SCORE:
        return _("%(number)s %% or more") % {"number": rule.number}
    return ""


def _span(minutes: int) -> str:
    if minutes % 1440 == 0:
        days = minutes // 1440
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


def told(again: rerun.Again) -> str:
    """Return what became of the waiting comments in a sentence."""
    if again.is_stopped:
        return _("Somebody took this re-run back while it went on: the rest was not judged again.")
    if again.released + again.spam + again.otherwise:
        said = _(
            "Judged again: %(looked)s. Shown now: %(released)s, spam: %(spam)s, held for other reasons: %(otherwise)s."
        )
    else:
        said = _("Judged again: %(looked)s. Nothing changed.")
    return said % {
        "looked": again.looked,
        "released": again.released,
        "spam": again.spam,
        "otherwise": again.otherwise,
    }


def marked(found: trial.Found) -> SafeString:
    """Return the words around the first thing that was found in a comment, everything that was found marked."""
    text = " ".join(found.comment.text.split())
    is_told = found.reason["rule"] in (Kind.WORDS, Kind.PATTERN, Kind.LINKS, Kind.SCORE)
    signs = [re.escape(" ".join(sign.split())) for sign in found.reason.get("found", []) if sign.strip()]
    if not is_told or not signs:
        return format_html("{}", text[: 2 * AROUND])
    if found.reason["rule"] == Kind.WORDS:
        # As the rule looks for them: no part of a longer word, where a script has words.
        signs = [rf"(?<![^\W_]){sign}(?![^\W_])" if sign.isascii() else sign for sign in signs]
    pattern = re.compile(f"({'|'.join(signs)})", re.IGNORECASE)
    first = pattern.search(text)
    start = max(0, first.start() - AROUND // 2) if first else 0
    end = start + 2 * AROUND
    parts = pattern.split(text[start:end])
    return format_html(
        "{}{}{}",
        "…" if start else "",
        format_html_join(
            "", "{}", ((_mark(part) if number % 2 else part,) for number, part in enumerate(parts))
        ),
        "…" if end < len(text) else "",
    )


def _mark(text: str) -> SafeString:
    return format_html("<mark>{}</mark>", text)


class BanForm(forms.Form):
    """A person or a network to ban, why, and until when."""

    email = OptionalEmailField(label=gettext_lazy("E-mail address"))
    network = LineField(
        label=gettext_lazy("Network"),
        required=False,
        max_length=64,
        help_text=gettext_lazy("Such as 192.0.2.0/24, 2001:db8::/32 or a single address."),
        widget=forms.TextInput({"dir": "ltr", "spellcheck": "false"}),
    )
    reason = LineField(
        label=gettext_lazy("Reason, for your colleagues"),
        max_length=500,
        error_messages={"required": gettext_lazy("Give a reason; your colleagues will read it.")},
    )

    def __init__(self, data: Any, *, site: Site) -> None:
        super().__init__(data)
        self.fields["ends_at"] = SiteDateTimeField(
            zone=site.zone,
            label=_("Until"),
            required=False,
            help_text=_("Empty: for good, until somebody lifts it."),
        )

    def clean_network(self) -> str:
        """Return the network as it is stored."""
        network = self.cleaned_data["network"]
        return network_of(network) if network else ""

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two."""
        data = super().clean()
        if not {"email", "network"} & set(self.errors) and bool(data["email"]) == bool(data["network"]):
            raise ValidationError(_("Give an e-mail address or a network, one of the two."))
        return data


@admin.register(Ban)
class BanAdmin(Managed, VerbAdmin):
    """Who is banned, those first who are banned now. What is over stays to be read."""

    verb_name = "ban"
    list_display = ("who", "reason", "since", "until", "imposed_by")
    list_display_links = ("who",)
    list_select_related = ("by",)
    search_fields = ("email", "network", "reason")
    search_help_text = gettext_lazy("The e-mail address, the network or the reason.")
    sortable_by = ()
    actions = None
    # Bans are few; without their number the list would offer to "show all" where all are shown.
    show_full_result_count = True

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return all bans to who sets rules everywhere, to others their own: they tell of people and comments."""
        bans, user = super().get_queryset(request), request.user
        # Whoever may look at none is refused later, in the same words wherever he looks.
        sees_all = user.may_everywhere(MANAGE) or not user.has_perm(MANAGE)
        return bans if sees_all else bans.filter(by=user)

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Put those in force first, the newest of each before the others."""
        in_force = When(ends_at=None, then=Value(0)), When(ends_at__gt=timezone.now(), then=Value(0))
        return [Case(*in_force, default=Value(1)).asc(), "-pk"]

    def has_delete_permission(self, request: HttpRequest, obj: Ban | None = None) -> bool:
        """A ban is lifted, not deleted: comments name it as their reason."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Ban | None = None) -> bool:
        """Ask whether the user may lift it."""
        return obj.may_be_lifted_by(request.user) if obj else request.user.has_perm(MANAGE)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """Ban an e-mail address or a network."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = BanForm(request.POST if request.method == "POST" else None, site=Site.of(request))
        if form.is_bound and form.is_valid():
            try:
                ban = Ban.impose(by=request.user, **form.cleaned_data)
            except Refused as refused:
                form.add_error(None, str(refused))
            except ValidationError as error:
                form.add_error(None, error.messages)
            else:
                messages.success(request, format_html("{} <bdi>{}</bdi>", _("Banned:"), ban))
                return HttpResponseRedirect(reverse("admin:comments_ban_changelist"))
        begin_at_error(form)
        return self._page(request, "add", {"title": _("Add a ban"), "form": form})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """Show a ban, and lift it."""
        ban = self.get_object(request, object_id)
        if ban is None:
            raise Http404
        if not self.has_view_permission(request, ban):
            raise PermissionDenied
        if request.method == "POST":
            lifted = ban.lift(by=request.user)
            messages.success(request, _("The ban is lifted.") if lifted else _("The ban was over already."))
            return HttpResponseRedirect(reverse("admin:comments_ban_changelist"))
        context = {
            "title": _("Ban"),
            "ban": ban,
            "is_in_force": ban.is_in_force(),
            "may_lift": ban.may_be_lifted_by(request.user),
        }
        return self._page(request, "ban", context)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/comments/bans/{name}.html", whole)

    @admin.display(description=gettext_lazy("who"))
    def who(self, ban: Ban) -> SafeString:
        """Return who is banned."""
        return format_html("<bdi>{}</bdi>", ban)

    @admin.display(description=Ban._meta.get_field("by").verbose_name)
    def imposed_by(self, ban: Ban) -> SafeString | str:
        """Return whose ban it is, in the words in which its page says it."""
        return format_html("<bdi>{}</bdi>", ban.by.shown_name) if ban.by else ""

    @admin.display(description=gettext_lazy("since"))
    def since(self, ban: Ban) -> str:
        """Return since when, on the site's clocks."""
        return when(ban.begins_at)

    @admin.display(description=gettext_lazy("until"))
    def until(self, ban: Ban) -> str:
        """Return until when, on the site's clocks."""
        if ban.ends_at is None:
            return _("for good")
        return (
            when(ban.ends_at) if ban.is_in_force() else _("over since %(time)s") % {"time": when(ban.ends_at)}
        )
