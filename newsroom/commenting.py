"""Where readers may comment: what site, section and article say, and the flood switch, as one answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

# Days; nobody means more, and a date that far away still exists.
LONGEST_OPEN = 3650


class Mode(models.TextChoices):
    """What becomes of a new comment."""

    OPEN = "open", _("Open: shown at once")
    FIRST = "first", _("First-timers wait for a moderator")
    ALL = "all", _("Every comment waits for a moderator")
    CLOSED = "closed", _("Closed")


class Flood(models.TextChoices):
    """What the flood switch does until its end."""

    SLOW = "slow", _("Slow: one comment each five minutes")
    ALL = "all", _("Every comment waits for a moderator")
    CLOSED = "closed", _("Closed")


# The stricter one counts where several say something.
FLOODS = (Flood.SLOW, Flood.ALL, Flood.CLOSED)


class Commentable(models.Model):
    """What a site, a section or an article says of comments; what is empty is said by the wider one."""

    comments_mode = models.CharField(_("comments"), max_length=6, choices=Mode, blank=True, default="")
    comments_close_after = models.PositiveSmallIntegerField(
        _("comments close after"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_OPEN)],
        help_text=_("Days after publication. Empty: never by themselves."),
    )
    flood_mode = models.CharField(
        _("flood switch"), max_length=6, choices=Flood, blank=True, default="", editable=False
    )
    flood_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    def flood_at(self, now: datetime) -> str:
        """Return what the flood switch does here at a moment, "" if it is off or over."""
        return self.flood_mode if self.flood_until is not None and now < self.flood_until else ""


@dataclass(frozen=True)
class Commenting:
    """What becomes of a comment sent now, and when that changes by itself."""

    mode: Mode
    is_slow: bool = False
    # The comments here close by age, not by anybody's word.
    is_over: bool = False
    changes_at: datetime | None = None
    # When they open again, if it is a flood switch that closes them.
    opens_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether comments are taken at all."""
        return self.mode is not Mode.CLOSED


def commenting(places: Sequence[Commentable], opened: datetime | None, now: datetime) -> Commenting:
    """Return what becomes of a comment sent now.

    `places` say it from the nearest (the article) to the widest (the site); the nearest that says something counts,
    of flood switches the strictest. `opened` is when readers first saw the article.
    """
    mode = next((Mode(place.comments_mode) for place in places if place.comments_mode), Mode.FIRST)
    days = next((place.comments_close_after for place in places if place.comments_close_after), None)
    floods = [place for place in places if place.flood_at(now)]
    changes: list[Any] = [place.flood_until for place in floods]
    is_over = False
    if days and opened and mode is not Mode.CLOSED:
        closes = opened + timedelta(days=days)
        is_over = closes <= now
        changes += [] if is_over else [closes]
    flood = max((FLOODS.index(Flood(place.flood_mode)) for place in floods), default=-1)
    opens_at = None
    if is_over or (floods and FLOODS[flood] is Flood.CLOSED):
        closed = [place.flood_until for place in floods if place.flood_mode == Flood.CLOSED]
        if closed and mode is not Mode.CLOSED and not is_over:
            opens_at = max(until for until in closed if until)
        mode = Mode.CLOSED
    elif floods and FLOODS[flood] is Flood.ALL and mode is not Mode.CLOSED:
        mode = Mode.ALL
    is_slow = any(place.flood_mode == Flood.SLOW for place in floods)
    return Commenting(mode, is_slow, is_over, min(changes, default=None), opens_at)
