"""Which language the interface speaks where."""

from django.conf import settings
from django.utils import translation


def spoken(language: str) -> str:
    """Return the language in which the interface speaks on pages of a language."""
    try:
        return translation.get_supported_language_variant(language)
    except LookupError:
        return settings.LANGUAGE_CODE
