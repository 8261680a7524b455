"""The forms of readers and moderators: they clean, they explain, they keep what was typed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from comments.models import MAX_REASON, MAX_TEXT
from newsroom.forms import LineField, OptionalEmailField, PlainTextField

MAX_NAME = 60
MAX_VERSION = 2**31 - 1


class CommentForm(forms.Form):
    """What a reader fills in; stands on stored pages, so it has no token and knows nobody."""

    name = LineField(
        label=_("Name"),
        max_length=MAX_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={
            "required": _("Give a name; it stands above your comment."),
            "max_length": _("Shorten the name to %(limit_value)d characters; it has %(show_value)d."),
        },
    )
    email = OptionalEmailField(label=_("E-mail (optional)"), help_text=_("Stays private. Nobody is mailed."))
    text = PlainTextField(
        label=_("Comment"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={
            "required": _("Write a comment."),
            "max_length": _("Shorten the comment to %(limit_value)d characters; it has %(show_value)d."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Not "comment-…": that begins the ids of comments.
        super().__init__(*args, auto_id="your-%s", use_required_attribute=False, **kwargs)


class DecisionForm(forms.Form):
    """What comes with a moderator's button: the version that he saw, and a reason."""

    seen = forms.IntegerField(min_value=1, max_value=MAX_VERSION, widget=forms.HiddenInput)
    reason = LineField(
        label=_("Reason"),
        required=False,
        max_length=MAX_REASON,
        error_messages={
            "max_length": _("Shorten the reason to %(limit_value)d characters; it has %(show_value)d.")
        },
    )

    def __init__(self, *args: Any, needs_reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needs_reason = needs_reason

    def clean_reason(self) -> str:
        """Ask for a reason where colleagues will want to know one."""
        reason = self.cleaned_data["reason"]
        if self.needs_reason and not reason:
            raise ValidationError(_("Give a reason; your colleagues will read it."), code="required")
        return reason


class ReplyForm(forms.Form):
    """The newsroom's answer to a comment."""

    text = PlainTextField(
        label=_("Reply"),
        max_length=MAX_TEXT,
        error_messages={
            "required": _("Write a reply."),
            "max_length": _("Shorten the reply to %(limit_value)d characters; it has %(show_value)d."),
        },
    )
