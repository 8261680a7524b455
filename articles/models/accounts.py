"""People who work here, and what each may do where."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractUser, Group, Permission
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from newsroom.models import validate_language_codes

if TYPE_CHECKING:
    from articles.models.articles import Article
    from articles.models.revisions import Revision


class User(AbstractUser):
    """Somebody who logs in; roles are groups, given by grants."""

    groups = models.ManyToManyField(  # type: ignore[assignment]
        Group,
        through="Grant",
        verbose_name=_("roles"),
        blank=True,
        related_name="user_set",
        related_query_name="user",
    )

    class Meta(AbstractUser.Meta):
        db_table = "articles_user"

    @property
    def shown_name(self) -> str:
        """The name by which colleagues know this user."""
        return self.get_full_name() or self.get_username()

    def may(self, permission: str, article: "Article | Revision | None" = None) -> bool:
        """Return whether this user holds a permission ("articles.publish_article") where the article is.

        A permission given to the user himself counts everywhere; one that a role gives counts in the
        languages and sections of the grant. The grants are read once per user object.
        """
        if not self.is_active:
            return False
        if self.is_superuser or article is None:
            return self.has_perm(permission)
        if permission in self.get_user_permissions():
            return True
        return any(grant.covers(article) for grant in self.grants_with(permission))

    def may_everywhere(self, permission: str) -> bool:
        """Return whether this user holds a permission in every language and section, as what knows neither asks."""
        if not self.is_active:
            return False
        if self.is_superuser or permission in self.get_user_permissions():
            return True
        return any(not grant.languages and not grant.sections.all() for grant in self.grants_with(permission))

    def grants_with(self, permission: str) -> list["Grant"]:
        """Return this user's grants whose role holds a permission."""
        if not hasattr(self, "_grants"):
            grants = list(self.grants.select_related("group").prefetch_related("sections"))
            # Their names alone: a role holds some sixty.
            held = Permission.objects.filter(group__grants__in=grants).values_list(
                "group", "content_type__app_label", "codename"
            )
            # In one step, since another thread may ask the same user.
            self._grants = grants, {(group, f"{app_label}.{codename}") for group, app_label, codename in held}
        grants, permissions = self._grants
        return [grant for grant in grants if (grant.group_id, permission) in permissions]

    def languages_with(self, permission: str, codes: list[str]) -> list[str]:
        """Return those of the languages in which this user holds a permission, in some section at least."""
        if not self.is_active:
            return []
        if self.is_superuser or permission in self.get_user_permissions():
            return list(codes)
        grants = self.grants_with(permission)
        return [code for code in codes if any(not g.languages or code in g.languages for g in grants)]

    def reach_of(self, permission: str) -> Q:
        """Return the articles in which this user holds a permission, as a condition on Article."""
        if not self.is_active:
            return Q(pk__in=[])
        if self.is_superuser or permission in self.get_user_permissions():
            # Not an empty Q: `x | Q()` is x, which would take away instead of giving all.
            return Q(pk__isnull=False)
        reach = Q(pk__in=[])
        for grant in self.grants_with(permission):
            reach |= grant.reach()
        return reach


# The names that the migration gives to the roles; they are translated where nobody has changed them.
ROLE_NAMES = (
    gettext_noop("Journalist"),
    gettext_noop("Translator"),
    gettext_noop("Editor"),
    gettext_noop("Chief"),
    gettext_noop("Moderator"),
)


def role_name(group: Group) -> str:
    """Return the name of a role as the admin shows it."""
    return gettext(group.name) if group.name in ROLE_NAMES else group.name


def any_languages(codes: Any) -> None:
    """Refuse anything but a list of language codes; an empty one means all."""
    if codes != []:
        validate_language_codes(codes)


class Grant(models.Model):
    """A role given to a user, everywhere or in some languages and sections only."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    group = models.ForeignKey(Group, models.CASCADE, verbose_name=_("role"), related_name="grants")
    languages = models.JSONField(
        _("languages"), default=list, blank=True, validators=[any_languages], help_text=_("Empty: all.")
    )
    sections = models.ManyToManyField(
        "articles.Section", verbose_name=_("sections"), blank=True, help_text=_("Empty: all.")
    )

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [models.UniqueConstraint(fields=["user", "group"], name="role_once_per_user")]

    def __str__(self) -> str:
        return role_name(self.group)

    def covers(self, article: "Article | Revision") -> bool:
        """Return whether this grant reaches an article, or where a revision would take it."""
        if self.languages and article.language not in self.languages:
            return False
        sections = [section.pk for section in self.sections.all()]
        return not sections or article.section_id in sections

    def reach(self) -> Q:
        """Return the articles that this grant reaches, as a condition on Article."""
        reach = Q(pk__isnull=False)
        if self.languages:
            reach &= Q(language__in=self.languages)
        if sections := [section.pk for section in self.sections.all()]:
            reach &= Q(section__in=sections)
        return reach


def who_may_edit(article: "Article") -> models.QuerySet[User]:
    """Return everybody who may edit an article, by name; the same rule as `Article.is_editable_by()`.

    A few queries, however many work here.
    """
    edits = {"permissions__codename": "edit_others", "permissions__content_type__app_label": "articles"}
    grants = Grant.objects.filter(user__is_active=True, group__in=Group.objects.filter(**edits))
    reach = {grant.user_id for grant in grants.prefetch_related("sections") if grant.covers(article)}
    writer = article.created_by
    if writer and article.is_editable_by(writer):
        reach.add(writer.pk)
    by_himself = Permission.objects.filter(codename="edit_others", content_type__app_label="articles")
    everywhere = Q(is_superuser=True) | Q(user_permissions__in=by_himself)
    return (
        User.objects.filter(everywhere | Q(pk__in=reach), is_active=True)
        .distinct()
        .order_by("first_name", "last_name", "username")
    )
