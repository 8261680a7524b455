"""The rich text field: what an editor writes, sanitised on every way into the database."""

from functools import lru_cache
from typing import Any

import nh3
from ckeditor.widgets import CKEditorWidget
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from articles.editor import ALLOWED, ALLOWED_SCHEMES, ALLOWED_TAGS
from articles.embeds import QUOTES
from articles.tidy import tidy

# Characters of a sanitised body, some 30 000 words.
MAX_LENGTH = 200_000
# What arrives may be longer: Word's markup is several times its text.
MAX_RAW_LENGTH = 500_000


def _check(tag: str, attribute: str, value: str) -> str | None:
    check = ALLOWED.get(tag, {}).get(attribute)
    return check(value) if check else None


_CLEANER = nh3.Cleaner(
    tags=set(ALLOWED_TAGS),
    attributes={tag: set(attributes) for tag, attributes in ALLOWED.items()},
    attribute_filter=_check,
    url_schemes=set(ALLOWED_SCHEMES),
    clean_content_tags={"script", "style"},
    # No link opens a new window, and the site's Referrer-Policy covers the rest.
    link_rel=None,
)


# Form, model and database value each sanitise the same text within one save.
@lru_cache(maxsize=8)
def sanitise(html: str) -> str:
    """Return any HTML as a body: tidied, then cleaned by the allowlist. Never raises, costs linear time.

    sanitise(sanitise(x)) == sanitise(x). An empty editor comes to "".
    """
    return _CLEANER.clean(tidy(html))


class RichTextWidget(CKEditorWidget):
    """The editor; a plain text area with HTML where scripts are off."""

    class Media:
        css = {"all": ["css/editor.css"]}
        js = ("js/editor-dialog.js",)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Give the template its data, also where no language is active, which the parent fails at."""
        self.external_plugin_resources = [
            _plugin(f"news{name}", name) for name in ("card", "link", "photo", "text")
        ]
        with override(get_language() or settings.LANGUAGE_CODE):
            self.config |= {
                "newsWords": {"cancel": _("Cancel")},
                "newsCard": card_button(),
                "newsDocument": document_button(),
                "newsLink": link_button(),
                "newsPhoto": photo_button(),
            }
            return super().get_context(name, value, attrs)


def _plugin(name: str, script: str) -> tuple[str, str, str]:
    """Tell CKEditor where a plugin of ours lies; its name in the storage may hold a digest."""
    folder, _slash, file = static(f"js/editor-{script}.js").rpartition("/")
    return name, f"{folder}/", file


def card_button() -> dict[str, Any]:
    """Return what the script of the button for link cards needs to know, in the language of the interface."""
    return {
        "icon": static("img/editor-card.svg"),
        "quotes": QUOTES,
        "words": {
            "button": _("Link card"),
            "card": _("link card"),
            "title": _("Link card"),
            "address": _("Address of the page or the video"),
            "headline": _("Title"),
            "help": _("Nothing is fetched from there: readers get a link, with the name of the site."),
            "missing": _("Write the address, from https:// on."),
            "caption": _("A word or two about it; may stay empty"),
            "done": _("Put into the text"),
        },
    }


def link_button() -> dict[str, Any]:
    """Return what the script of the link button needs to know, in the language of the interface."""
    return {
        "find": reverse("admin:articles_article_links"),
        "words": {
            "title": _("Link"),
            "query": _("An article of this site: words of its headline, or its address"),
            "found": _("Articles"),
            "none": _("No article has these words. An address of another site goes into the next field."),
            "failed": _("The search does not answer. Are you still logged in?"),
            "address": _("Or any other address"),
            "words": _("Words of the link"),
            "missing": _("Choose an article, or write an address."),
            "unsaid": _("Write the words of the link: readers do not know this headline yet."),
            "done": _("Set the link"),
            "remove": _("Remove the link"),
        },
    }


def document_button() -> dict[str, Any]:
    """Return what the script of the document button needs to know, in the language of the interface."""
    return {
        "find": reverse("admin:articles_attachment_choose"),
        "add": reverse("admin:articles_attachment_add"),
        "icon": static("img/editor-document.svg"),
        "words": {
            "title": _("Document"),
            "query": _("Search the library"),
            "add": _("Add a document to the library (new tab)"),
            "found": _("Documents"),
            "none": _("No document has these words."),
            "failed": _("The library does not answer. Are you still logged in?"),
            "words": _("Words of the link"),
            "missing": _("Choose a document."),
            "unsaid": _("Write the words of the link."),
            "done": _("Set the link"),
            "remove": _("Remove the link"),
        },
    }


def photo_button() -> dict[str, Any]:
    """Return what the script of the photo button needs to know, in the language of the interface."""
    return {
        "choose": reverse("admin:articles_photo_choose"),
        "add": reverse("admin:articles_photo_add"),
        "icon": static("img/editor-photo.svg"),
        "blank": static("img/editor-blank.svg"),
        "words": {
            "button": _("Photo"),
            "photo": _("photo"),
            "choose": _("Choose a photo"),
            "search": _("Search the library"),
            "add": _("Add a photo to the library (new tab)"),
            "place": _("Place the photo"),
            "alt": _("Alternative text in this article"),
            "known": _("Empty: the text of the library stands."),
            "unknown": _(
                "The library has no text in this language: say what somebody who cannot see the photo "
                "needs to know."
            ),
            "decorative": _("The library calls this photo decorative: it needs no text."),
            "kept": _("Empty: the text of the library stands, if there is one."),
            "align": _("Place"),
            "sides": {"": _("Full width"), "left": _("Left"), "center": _("Centre"), "right": _("Right")},
            "caption": _("Caption; empty: the caption of the library"),
            "done": _("Put into the text"),
            "cancel": _("Cancel"),
            "failed": _("The library does not answer. Are you still logged in?"),
        },
    }


class RichTextFormField(forms.CharField):
    """A form field that gives back a sanitised body."""

    def __init__(self, *, max_length: int = MAX_LENGTH, **kwargs: Any):
        kwargs["widget"] = RichTextWidget()
        super().__init__(**kwargs)
        self.max_clean_length = max_length
        self.validators.append(MaxLengthValidator(MAX_RAW_LENGTH))

    def clean(self, value: Any) -> str:
        """Sanitise the text and refuse what is too long or, where it is required, empty."""
        body = sanitise(super().clean(value))
        if self.required and not body:
            raise ValidationError(self.error_messages["required"], code="required")
        MaxLengthValidator(self.max_clean_length)(body)
        return body

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Tell whether the text differs once both are sanitised; the editor re-indents what it loads."""
        if self.disabled:
            return False
        data = "" if data is None else str(data)[: MAX_RAW_LENGTH + 1]
        return sanitise(initial or "") != sanitise(data)


class RichTextField(models.TextField):
    """A body. Whatever is assigned, only sanitised HTML of a bounded length reaches the database.

    `to_python` also prepares values for `update()` and `bulk_update()`, which know no `pre_save`.
    """

    description = gettext_lazy("Formatted text")

    def __init__(self, *args: Any, max_length: int = MAX_LENGTH, **kwargs: Any):
        super().__init__(*args, max_length=max_length, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Leave the usual length out of migrations."""
        name, path, args, kwargs = super().deconstruct()
        if kwargs.get("max_length") == MAX_LENGTH:
            del kwargs["max_length"]
        return name, path, args, kwargs

    def to_python(self, value: Any) -> Any:
        """Sanitise the text. Raises ValidationError where it is too long."""
        value = super().to_python(value)
        if not isinstance(value, str):
            return value
        MaxLengthValidator(MAX_RAW_LENGTH)(value)
        body = sanitise(value)
        MaxLengthValidator(self.max_length)(body)
        return body

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Give the row in memory the text that the database gets."""
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = self.to_python(value)
            setattr(model_instance, self.attname, value)
        return value

    def formfield(self, **kwargs: Any) -> forms.Field:
        """Edit it in the editor, in the admin too."""
        return super().formfield(**{"form_class": RichTextFormField, **kwargs})
