"""What readers can fill in to search. Nothing in it is ever an error that keeps the answer back."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from articles.models import SectionText


class DateInput(forms.DateInput):
    """A browser's own calendar; what is no date comes back as it was typed."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Show what is no date in a field for text: a date's field would be empty, and is invalid HTML with it."""
        context = super().get_context(name, value, attrs)
        shown = context["widget"]["value"]
        if shown and not _is_date(shown):
            context["widget"]["type"] = "text"
        return context


def _is_date(text: str) -> bool:
    try:
        return parse_date(text) is not None
    except ValueError:  # the 31st of February
        return False


class SearchForm(forms.Form):
    """Words, a section, and between which days; what is not right counts as not given."""

    q = forms.CharField(label=_("Words"), required=False)
    section = forms.ChoiceField(label=_("Section"), required=False)

    use_required_attribute = False

    def __init__(self, *args, sections: Iterable[SectionText], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["section"].choices = [
            ("", _("All sections")),
            *((text.slug, text.name) for text in sections),
        ]
        # `from` is no name that Python lets a class have.
        for name, label in (("from", _("From")), ("to", _("To"))):
            self.fields[name] = forms.DateField(
                label=label, required=False, widget=DateInput(), input_formats=["%Y-%m-%d"]
            )
