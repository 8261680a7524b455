"""What templates of the admin need: times as people of the site's language write them."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.translation import get_language

from newsroom import dates

register = template.Library()


@register.filter
def when(moment: datetime | None) -> str:
    """Return day, time and zone in the interface's language, on the site's clocks: "9 July 2025, 10:42 CEST"."""
    if moment is None:
        return ""
    return dates.format_moment(moment, get_language() or "en", timezone.get_current_timezone())


@register.filter
def to_the_second(moment: datetime, since: datetime | None = None) -> str:
    """Return a time to the second; its day too, unless that is the day of `since`."""
    language, zone = get_language() or "en", timezone.get_current_timezone()
    if since and moment.astimezone(zone).date() == since.astimezone(zone).date():
        return dates.format_second(moment, language, zone)
    return dates.format_moment(moment, language, zone, seconds=True)
