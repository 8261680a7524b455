"""Fields of forms that strangers fill in: they clean, they explain, they keep what was typed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from newsroom.addresses import mailbox
from newsroom.plaintext import is_blank, one_line, plain

MAX_EMAIL = 254


class LineField(forms.CharField):
    """One line of plain text."""

    def to_python(self, value: Any) -> str:
        """Return the line as it is stored; what draws nothing is empty."""
        line = one_line(super().to_python(value) or "")
        return "" if is_blank(line) else line


class PlainTextField(forms.CharField):
    """Plain text in paragraphs."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        """Return the text as it is stored; what draws nothing is empty."""
        text = plain(super().to_python(value) or "")
        return "" if is_blank(text) else text

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Leave `maxlength` out: browsers cut a longer text without a word, we say so and keep it."""
        return {}


class OptionalEmailField(forms.EmailField):
    """An e-mail address that nobody need give."""

    widget = forms.EmailInput(attrs={"autocomplete": "email"})
    default_error_messages = {
        "invalid": _("Write the e-mail like name@example.org, or leave it empty."),
        "max_length": _("Shorten the e-mail to %(limit_value)d characters; it has %(show_value)d."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=MAX_EMAIL, **kwargs)

    def to_python(self, value: Any) -> str:
        """Return the address in its one spelling. Raises ValidationError for what has none."""
        email = super().to_python(value) or ""
        return mailbox(email) if len(email) <= MAX_EMAIL else email


def begin_at_error(form: forms.BaseForm) -> None:
    """Give the caret to the first field that is wrong, so that a refused form comes back with it in view."""
    wrong = next((field for name, field in form.fields.items() if name in form.errors), None)
    # Of several buttons each would have it.
    if wrong and not isinstance(wrong.widget, forms.RadioSelect):
        wrong.widget.attrs["autofocus"] = True
