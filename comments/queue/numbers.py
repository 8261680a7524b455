"""What the queue comes to: what waits, how long decisions take, how many are made; by person if a setting says so."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Min
from django.db.models.functions import TruncDate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles.models import User
from comments.models import Action, Comment, Decision, DecisionQuerySet
from comments.queue.chart import Day, bars, top_of
from comments.queue.pages import around, for_moderators
from newsroom import dates
from newsroom.models import Site

DAYS = 30
# What a person does with a comment; the rest is done by rules and writers. Taking back is no decision: what was taken
# back does not count any more.
COUNTED = (
    Action.APPROVE,
    Action.REJECT,
    Action.SPAM,
    Action.REMOVE,
    Action.RESTORE,
    Action.KEEP,
)


@for_moderators
@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """Show the numbers of the last days, of the comments that this moderator may decide on."""
    site = Site.of(request)
    now = timezone.now()
    today = now.astimezone(site.zone).date()
    since = datetime.combine(today - timedelta(days=DAYS - 1), time(), site.zone)
    reach = Comment.objects.decidable_by(request.user)
    # Imports and samples are stored later than they were sent: the first in the list need not be the oldest.
    waiting = reach.waiting().order_by().aggregate(number=Count("pk"), oldest=Min("created_at"))
    oldest = waiting["oldest"]
    made = (
        Decision.objects.within(reach)
        .that_stand()
        .filter(at__gte=since, action__in=COUNTED, by__isnull=False)
    )
    per_day = made.annotate(day=TruncDate("at", tzinfo=site.zone)).order_by().values_list("day", "action")
    counted = list(per_day.annotate(number=Count("pk")))
    days = every_day(counted, today)
    half, most = times_of(Decision.objects.within(reach).first_ones().filter(at__gte=since))
    language = request.LANGUAGE_CODE

    def day_name(day: date) -> str:
        return dates.format_day(datetime.combine(day, time(12), site.zone), language, site.zone)

    total = sum(day.number for day in days)
    words = _("%(total)s decisions in 30 days; the same numbers stand in the table below.")
    context: dict[str, Any] = {
        **around(request),
        "title": _("Numbers"),
        "waiting": waiting["number"],
        "oldest": told(int((now - oldest).total_seconds())) if oldest else "",
        "half": told(half) if half is not None else "",
        "most": told(most) if most is not None else "",
        "chart": bars(
            days,
            _("Decided per day"),
            words % {"total": dates.format_number(total, language)},
            dates.format_number(top_of([day.number for day in days]), language),
        ),
        "days": [(day_name(day.day), day.number) for day in reversed(days)],
        "total": total,
        "actions": per_action(counted),
        "people": by_person(made) if settings.COMMENT_NUMBERS_BY_PERSON else [],
    }
    return render(request, "admin/comments/numbers.html", context)


def every_day(counted: Sequence[tuple[date, str, int]], today: date) -> list[Day]:
    """Return the days up to today, the oldest first, those too on which nothing was decided."""
    numbers: Counter[date] = Counter()
    for day, _action, number in counted:
        numbers[day] += number
    return [
        Day(day, numbers[day]) for day in (today - timedelta(days=back) for back in reversed(range(DAYS)))
    ]


def per_action(counted: Sequence[tuple[date, str, int]]) -> list[tuple[str, int]]:
    """Return how often each decision was made, in words."""
    numbers: Counter[str] = Counter()
    for _day, action, number in counted:
        numbers[action] += number
    return [(capfirst(action.label), numbers[action]) for action in COUNTED]


def by_person(made: DecisionQuerySet) -> list[tuple[str, int]]:
    """Return how many decisions each person made, the most first."""
    rows = dict(made.order_by().values_list("by").annotate(Count("pk")))
    people = User.objects.in_bulk(list(rows))
    named = [(people[pk].get_full_name() or people[pk].get_username(), number) for pk, number in rows.items()]
    return sorted(named, key=lambda row: (-row[1], row[0]))


def times_of(decisions: DecisionQuerySet) -> tuple[int | None, int | None]:
    """Return in how many seconds people decided on half of the comments, and on nine in ten; None if on none.

    Three queries, however many decisions there are.
    """
    waited = decisions.order_by("waited").values_list("waited", flat=True)
    number = decisions.order_by().count()
    if not number:
        return None, None
    return waited[(number - 1) // 2], waited[(number * 9 - 1) // 10]


def told(seconds: int) -> str:
    """Return a length of time in the two largest units that say something: "3 h 20 min"."""
    minutes = seconds // 60
    if minutes < 1:
        return _("%(number)d s") % {"number": seconds}
    if minutes < 60:
        return _("%(number)d min") % {"number": minutes}
    if minutes < 48 * 60:
        return _("%(hours)d h %(minutes)d min") % {"hours": minutes // 60, "minutes": minutes % 60}
    return _("%(days)d d %(hours)d h") % {"days": minutes // 1440, "hours": minutes % 1440 // 60}
