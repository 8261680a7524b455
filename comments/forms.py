"""The forms of readers and moderators: they clean, they explain, they keep what was typed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from comments.models import MAX_REASON, MAX_REPORT, MAX_TEXT, Report
from newsroom.dates import own_name
from newsroom.forms import LineField, OptionalEmailField, PlainTextField
from newsroom.mail import is_set_up

MAX_NAME = 60
MAX_VERSION = 2**31 - 1


TOO_LONG = _("Shorten the comment to %(limit_value)d characters; it has %(show_value)d.")


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
    email = OptionalEmailField(label=_("E-mail (optional)"))
    text = PlainTextField(
        label=_("Comment"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write a comment."), "max_length": TOO_LONG},
    )
    # Nobody sees it; programs that fill in whatever there is give themselves away. No browser and no password manager
    # knows anything to put into a field of this name.
    subject = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args: Any, needs_email: bool = False, asks_email: bool = True, **kwargs: Any) -> None:
        # Not "comment-…": that begins the ids of comments.
        super().__init__(*args, auto_id="your-%s", use_required_attribute=False, **kwargs)
        if not asks_email:
            # The address is known by the link that opened the form.
            del self.fields["email"]
            return
        email = self.fields["email"]
        email.help_text = (
            _("Stays private. Confirm it, and we write when your comment is decided on or answered.")
            if is_set_up()
            else _("Stays private. Nobody is mailed.")
        )
        if needs_email:
            email.required = True
            email.label = _("E-mail (required)")
            email.error_messages |= {
                "required": _("Give an e-mail address; this site asks for one. It stays private."),
                "invalid": _("Write the e-mail like name@example.org."),
            }

    @property
    def is_trapped(self) -> bool:
        """Whether the field is filled in that nobody sees; ask it after the form was found valid."""
        return bool(self.cleaned_data["subject"])


class OwnForm(forms.Form):
    """What a writer changes in his comment, and the version that he looked at."""

    text = PlainTextField(
        label=_("Comment"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write a comment, or delete this one."), "max_length": TOO_LONG},
    )
    language = forms.ChoiceField(
        label=_("Language"), help_text=_("Programs that read aloud need to know it.")
    )
    seen = forms.IntegerField(min_value=1, max_value=MAX_VERSION, widget=forms.HiddenInput)

    def __init__(self, *args: Any, languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="your-%s", use_required_attribute=False, **kwargs)
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"),
            help_text=_("Programs that read aloud need to know it."),
            choices=[(language, own_name(language)) for language in languages],
            error_messages={"invalid_choice": _("Choose one of the languages.")},
        )


class SeenForm(forms.Form):
    """The version that a writer looked at when he pressed a button."""

    seen = forms.IntegerField(min_value=1, max_value=MAX_VERSION)


class ReportForm(forms.Form):
    """Why a reader finds a comment wrong; stands on a stored page, so it has no token."""

    reason = forms.ChoiceField(
        label=_("What is wrong with it?"),
        choices=Report.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what is wrong with the comment."),
            "invalid_choice": _("Choose what is wrong with the comment."),
        },
    )
    text = PlainTextField(
        label=_("In your words (optional)"),
        required=False,
        max_length=MAX_REPORT,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "max_length": _("Shorten the text to %(limit_value)d characters; it has %(show_value)d.")
        },
    )
    email = OptionalEmailField(
        label=_("E-mail (optional)"),
        help_text=_("Only moderators see it, if they have to ask you something."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="your-%s", use_required_attribute=False, **kwargs)


class DecisionForm(forms.Form):
    """What comes with a moderator's button: the version that he saw, how many open reports, and a reason."""

    seen = forms.IntegerField(min_value=1, max_value=MAX_VERSION, widget=forms.HiddenInput)
    reports = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
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
