"""What the verbs that assign work share: the value that leaves a thing as it is, and times that are not over."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsroom.verbs import Refused


class Keep:
    """Stands for what a verb leaves as it is, where None is a value."""


def check_due(due_at: datetime | None, before: datetime | None) -> None:
    """Raise Refused for a new time that is past; the one that stands may have passed."""
    if due_at is not None and due_at != before and due_at <= timezone.now():
        raise Refused(_("That time is past: give one that is still to come, or none."))
