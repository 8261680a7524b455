"""People and their roles: nobody gives what he has not, and only superusers touch superusers."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.base import VerbAdmin
from articles.admin.taxonomy import language_choices
from articles.models import Grant, Section, User
from articles.models.accounts import role_name
from newsroom.models import Site


def permissions_of(group: Group) -> set[str]:
    """Return what a role holds, as "app.codename"."""
    return {
        f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.select_related("content_type")
    }


def may_give(
    giver: User, group: Group, languages: Iterable[str] = (), sections: Iterable[Section] = ()
) -> bool:
    """Return whether somebody holds all that a role holds, wherever the grant would reach."""
    if giver.is_superuser:
        return True
    languages, sections = set(languages), {section.pk for section in sections}
    missing = permissions_of(group) - giver.get_user_permissions()
    return all(
        any(_reaches(grant, languages, sections) for grant in giver.grants_with(permission))
        for permission in missing
    )


def _reaches(grant: Grant, languages: set[str], sections: set[int]) -> bool:
    """Return whether a grant covers these languages and sections; none means all."""
    own_sections = {section.pk for section in grant.sections.all()}
    covers_languages = not grant.languages or (languages and languages <= set(grant.languages))
    covers_sections = not own_sections or (sections and sections <= own_sections)
    return bool(covers_languages and covers_sections)


def may_manage(manager: User, user: User) -> bool:
    """Return whether somebody may change an account: that of nobody who may do more than himself."""
    if manager.is_superuser:
        return True
    if user.is_superuser or user.get_user_permissions() - manager.get_all_permissions():
        return False
    return all(
        may_give(manager, grant.group, grant.languages, grant.sections.all())
        for grant in user.grants.select_related("group").prefetch_related("sections")
    )


class GrantForm(forms.ModelForm):
    """A role, everywhere or in some languages and sections."""

    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None: all."),
    )

    class Meta:
        model = Grant
        fields = ("group", "languages", "sections")
        widgets = {"sections": forms.CheckboxSelectMultiple}
        help_texts = {"sections": gettext_lazy("None: all.")}


class GrantFormSet(BaseInlineFormSet):
    """The roles of one person."""

    giver: User

    def clean(self) -> None:
        """Refuse to give, change or take a role that the giver does not hold himself."""
        super().clean()
        for form in self.forms:
            data = getattr(form, "cleaned_data", {})
            if not form.has_changed() or not data.get("group"):
                continue
            before = Grant.objects.filter(pk=form.instance.pk).select_related("group").first()
            allowed = may_give(self.giver, data["group"], data.get("languages", ()), data.get("sections", ()))
            if before:
                allowed = allowed and may_give(
                    self.giver, before.group, before.languages, before.sections.all()
                )
            if not allowed:
                raise ValidationError(
                    _("You may not give or take the role “%(role)s” there: it may do more than you."),
                    params={"role": role_name(data["group"])},
                )


class GrantInline(admin.StackedInline):
    """The roles of a person."""

    model = Grant
    form = GrantForm
    formset = GrantFormSet
    extra = 1
    max_num = 20

    # One's own roles are for another to change: whoever gives his last one away could not take it back.

    def has_add_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let roles be given to others."""
        return super().has_add_permission(request, obj) and obj != request.user

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let others' roles be changed."""
        return super().has_change_permission(request, obj) and obj != request.user

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let others' roles be taken."""
        return super().has_delete_permission(request, obj) and obj != request.user

    def get_formset(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> Any:
        """Offer the site's languages and the roles that this user may give."""
        formset = super().get_formset(request, obj, **kwargs)
        formset.giver = request.user
        fields = formset.form.base_fields
        if "group" not in fields:
            return formset
        site = Site.of(request)
        known = {code for grant in (obj.grants.all() if obj else ()) for code in grant.languages}
        fields["languages"].choices = language_choices(dict.fromkeys([*site.languages, *sorted(known)]))
        fields["sections"].queryset = Section.objects.prefetch_related("texts")
        fields["sections"].label_from_instance = lambda row: row.name_in(site.default_language)
        fields["group"].label_from_instance = role_name
        held = obj.grants.values_list("group", flat=True) if obj else []
        givable = [group.pk for group in Group.objects.all() if may_give_somewhere(request.user, group)]
        fields["group"].queryset = Group.objects.filter(pk__in=[*givable, *held]).order_by("name")
        fields["group"].widget.can_add_related = fields["group"].widget.can_change_related = False
        return formset


def may_give_somewhere(giver: User, group: Group) -> bool:
    """Return whether somebody holds all that a role holds, in some place at least."""
    return giver.is_superuser or permissions_of(group) <= giver.get_all_permissions()


@admin.register(User)
class UserAdmin(VerbAdmin, DjangoUserAdmin):
    """People who log in; who leaves is deactivated, for the name stays at what was done."""

    verb_name = "user"
    list_display = ("username", "full_name", "email", "role_names", "is_active")
    list_filter = ("is_active",)
    fieldsets = None  # `get_fieldsets` says what each may see
    list_select_related = False
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("username",)
    sortable_by = ()
    filter_horizontal = ("user_permissions",)
    inlines = (GrantInline,)
    actions = None
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """Fetch the roles with the people."""
        return super().get_queryset(request).prefetch_related("grants__group")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Show what gives everything to superusers only; whoever is not one cannot send it either."""
        if obj is None:
            return self.add_fieldsets
        rights = ["is_active", "is_staff"]
        if request.user.is_superuser:
            rights += ["is_superuser", "user_permissions"]
        return (
            (None, {"fields": ("username", "password", "first_name", "last_name", "email")}),
            (_("Access"), {"fields": rights}),
            (_("Dates"), {"fields": ("last_login", "date_joined")}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Iterable[str]:
        """Let nobody shut himself out: another has to take what is one's own."""
        own = ("is_active", "is_staff", "is_superuser", "user_permissions") if obj == request.user else ()
        return (*super().get_readonly_fields(request, obj), *own)

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Iterable[type]:
        """Ask for roles once the person is there."""
        return self.inlines if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let nobody change an account that may do more than his own."""
        return super().has_change_permission(request, obj) and (obj is None or may_manage(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """People are deactivated, never deleted."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save; whoever is added here works here."""
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Set another's password as a verb."""
        user = self.get_object(request, id)
        if request.method != "POST" or user is None:
            return super().user_change_password(request, id, form_url)
        with self.verb(request, "password", user) as act:
            response = super().user_change_password(request, id, form_url)
            if response.status_code != 302:
                act.nothing()
        return response

    @admin.display(description=gettext_lazy("name"))
    def full_name(self, user: User) -> str:
        """Return the name."""
        return user.get_full_name()

    @admin.display(description=gettext_lazy("roles"))
    def role_names(self, user: User) -> str:
        """Return the roles, each with its languages if it has limits."""
        names = []
        for grant in user.grants.all():
            limits = f" ({', '.join(grant.languages)})" if grant.languages else ""
            names.append(f"{grant}{limits}")
        return ", ".join(names) or (_("superuser") if user.is_superuser else "–")


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(VerbAdmin, DjangoGroupAdmin):
    """What each role may do; for superusers only."""

    verb_name = "role"

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show roles to superusers."""
        return request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Show roles to superusers."""
        return request.user.is_superuser

    has_add_permission = has_module_permission
    has_change_permission = has_delete_permission = has_view_permission
