"""The flood switch: for a time comments are slow, held or closed, on the whole site, in a section, at an article."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import Article, Section, User
from comments.models.rules import MANAGE
from newsroom.commenting import Flood
from newsroom.models import Site
from newsroom.verbs import Refused, verb

# Longer is no flood but a mode, which site, section and article have.
LONGEST = timedelta(days=30)
# So many switches are listed; nobody has more.
MOST_LISTED = 200

Place = Site | Section | Article


def set_flood(on: Place, *, by: User | None, mode: str, until: datetime | None = None) -> bool:
    """Set the flood switch of a place until a time, or end it with the mode ""; return whether anything changed.

    The pages that show whether comments are taken there are purged. Raises PermissionDenied if `by` may not set it
    there, Refused for a time that is over or more than 30 days ahead.
    """
    if not may_set(by, on):
        raise PermissionDenied
    now = timezone.now()
    if mode:
        mode = Flood(mode)
        if until is None or until <= now:
            raise Refused(_("Say until when: a time that is still to come."))
        if until > now + LONGEST:
            raise Refused(
                _("A flood switch ends after 30 days at most. For longer, set the mode of comments there.")
            )
    else:
        until = None
    with verb("flood.set", by=by) as act:
        if isinstance(on, Site):
            Site.objects.get_or_create(pk=1)
        stored = type(on)._default_manager.select_for_update(no_key=True, of=("self",)).get(pk=on.pk)
        was_on = bool(stored.flood_at(now))
        if (stored.flood_mode, stored.flood_until) == (mode, until) or (not mode and not was_on):
            act.nothing()
            return False
        on.flood_mode, on.flood_until = mode, until
        type(on)._default_manager.filter(pk=on.pk).update(flood_mode=mode, flood_until=until)
        act.on = on
        act.details.update(mode=str(mode), until=until.isoformat() if until else None)
        act.purge(*keys_of(on))
    return True


def keys_of(place: Place) -> list[str]:
    """Return the keys of the pages that show whether comments are taken at a place."""
    if isinstance(place, Article):
        return [*place.page_keys(), *place.list_keys()]
    if isinstance(place, Section):
        languages = place.texts.values_list("language", flat=True)
        return [*place.page_keys(), *(place.list_key(language) for language in languages)]
    return list(place.page_keys())


def may_set(user: User | None, place: Place) -> bool:
    """Return whether a user may set the flood switch of a place: within the reach of his role."""
    if user is None or user.may_everywhere(MANAGE):
        return True
    if isinstance(place, Article):
        return user.may(MANAGE, place)
    if isinstance(place, Section):
        # One that is limited to languages would switch the others too.
        return any(
            not grant.languages and place.pk in [section.pk for section in grant.sections.all()]
            for grant in user.grants_with(MANAGE)
        )
    return False


def sections_of(user: User) -> list[Section]:
    """Return the sections whose flood switch a user may set."""
    return [row for row in Section.objects.prefetch_related("texts") if may_set(user, row)]


def switched_on(user: User) -> Iterator[Place]:
    """Yield the places where a flood switch is on and that matter to a user: the site, sections, his articles."""
    on = Q(flood_until__gt=timezone.now()) & ~Q(flood_mode="")
    yield from Site.objects.filter(on)
    yield from Section.objects.filter(on).prefetch_related("texts")
    articles = Article.objects.filter(on).filter(user.reach_of(MANAGE)).defer("body")
    # By its end, which the index of those that are on has in order.
    yield from articles.order_by("-flood_until")[:MOST_LISTED]
