"""The states of a comment, what can be done to it, and what leads where."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """What became of a comment."""

    WAITING = "waiting", _("waiting")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    SPAM = "spam", _("spam")
    REMOVED = "removed", _("removed")


# States in which a comment hides everything below it.
HIDING = (State.WAITING, State.REJECTED, State.SPAM)


class Action(models.TextChoices):
    """What a person or a rule did to a comment."""

    HOLD = "hold", _("held")
    APPROVE = "approve", _("approved")
    REJECT = "reject", _("rejected")
    SPAM = "spam", _("marked as spam")
    REMOVE = "remove", _("removed")
    RESTORE = "restore", _("restored")
    KEEP = "keep", _("kept despite reports")
    EDIT = "edit", _("changed by the writer")
    DELETE = "delete", _("deleted by the writer")
    CONFIRM = "confirm", _("address confirmed")
    UNDO = "undo", _("undone")
    RERUN = "rerun", _("judged again by the rules")


# What each decision of a moderator leads to, and from which states.
TRANSITIONS: dict[Action, tuple[State, tuple[State, ...]]] = {
    Action.APPROVE: (State.APPROVED, (State.WAITING, State.REJECTED, State.SPAM)),
    Action.REJECT: (State.REJECTED, (State.WAITING, State.SPAM)),
    Action.SPAM: (State.SPAM, (State.WAITING, State.APPROVED, State.REJECTED, State.REMOVED)),
    Action.REMOVE: (State.REMOVED, (State.APPROVED,)),
    Action.RESTORE: (State.APPROVED, (State.REMOVED,)),
}
