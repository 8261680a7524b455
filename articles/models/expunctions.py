"""Expunctions: passages that a chief took out of everything that the site keeps of an article."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from django.apps import apps
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.expunction import MAX_LENGTH, MIN_VISIBLE, Excerpt, Passage, visible_length
from articles.fields import RichTextField, sanitise
from articles.models.content import Content
from newsroom.models import Mail
from newsroom.verbs import Refused

if TYPE_CHECKING:
    from articles.models.articles import Article

# Where people write in what an article and its revisions hold. The slug is part of an address that others have: it is
# changed in the open, and the page of the expunction says where it spells the passage.
CONTENT_TEXTS = tuple(
    field.name
    for field in Content._meta.fields
    if isinstance(field, (models.CharField, models.TextField))
    and not field.choices
    and not isinstance(field, models.SlugField)
)
# Mails that wait and are looked into; more wait only where the mail server is down for long.
MAX_MAILS = 1_000


class Expunction(models.Model):
    """That a passage was taken out of an article and all that is kept of it, when, by whom and why.

    The passage itself is kept nowhere; its digest, made with the site's key, tells whether a text that somebody
    has is the one.
    """

    article = models.ForeignKey("articles.Article", models.PROTECT, related_name="expunctions")
    digest = models.CharField(max_length=64)
    reason = models.TextField(_("reason"), max_length=2000, validators=[MaxLengthValidator(2000)])
    # In how many rows it stood, by what they are: {"revision": 12, "note": 1}.
    found = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("expunction")
        verbose_name_plural = _("expunctions")
        ordering = ["-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.reason[:80]


class Kept(NamedTuple):
    """A row of which some texts hold a passage."""

    kind: str  # the model's name
    row: models.Model
    fields: tuple[str, ...]

    def excerpts(self, passage: Passage) -> Iterator[Excerpt]:
        """Yield each place at which the passage stands."""
        for name in self.fields:
            yield from _excerpts(passage, self.row._meta.get_field(name), getattr(self.row, name))

    def without(self, passage: Passage) -> dict[str, Any]:
        """Return the texts without the passage, by their columns."""
        changed = {
            name: _without(passage, self.row._meta.get_field(name), getattr(self.row, name))
            for name in self.fields
        }
        if self.kind == "revision" and "body" in changed:
            # Each block keeps its key: remarks, merges and comparisons go on knowing it.
            changed["body"], changed["blocks"] = passage.taken_from_blocks(self.row.body, self.row.blocks)
        return changed


class Elsewhere(NamedTuple):
    """What holds a passage and is no part of the article: for a person to go to."""

    versions: list[
        tuple["Article", int]
    ]  # other versions of the story, each with the number of its revisions
    photos: list[models.Model]
    sources: list[models.Model]
    mails: int
    paths: list[str]  # addresses of the article that spell it


def kept_texts(article: "Article") -> Iterator[tuple[models.QuerySet, tuple[str, ...]]]:
    """Yield all rows that are kept of an article, with the columns in which people write."""
    task = apps.get_model("articles", "Task")
    yield type(article).objects.filter(pk=article.pk), CONTENT_TEXTS
    yield article.revisions.all(), CONTENT_TEXTS
    yield article.notes.all(), ("text", "author", "removal_reason")
    yield article.remarks.all(), ("text", "quote")
    yield task.objects.filter(Q(article=article) | Q(source=article)), ("text",)
    yield article.mistake_reports.all(), ("text", "name", "email", "answer")
    yield article.withdrawals.all(), ("reason",)
    yield article.expunctions.all(), ("reason",)
    yield article.draft_links.all(), ("for_whom",)
    # What was typed and is not saved.
    yield article.sittings.all(), ("fields",)


def kept(article: "Article", passage: Passage, *, lock: bool = False) -> Iterator[Kept]:
    """Yield each row of an article that holds a passage, the newest revision first; one at a time: bodies are long.

    `lock` keeps all of them as they are until the transaction ends: what is typed in an open form meanwhile waits, and
    is not overwritten with what stood there before.
    """
    for rows, names in kept_texts(article):
        if lock:
            rows = rows.select_for_update(no_key=True, of=("self",))
        for row in rows.iterator(chunk_size=20):
            fields = tuple(
                name for name in names if _holds(passage, row._meta.get_field(name), getattr(row, name))
            )
            if fields:
                yield Kept(row._meta.model_name or "", row, fields)


def take_out(found: Iterable[Kept], passage: Passage) -> Counter[str]:
    """Take a passage out of rows; return how many there were of each kind."""
    numbers: Counter[str] = Counter()
    for one in found:
        # By query, and whatever has changed of the row: a revision cannot be saved, a note tells of its save.
        type(one.row)._base_manager.filter(pk=one.row.pk).update(**one.without(passage))
        numbers[one.kind] += 1
    return numbers


def check_passage(passage: Passage, reason: str) -> None:
    """Raise Refused for a passage that cannot be expunged whatever the article holds."""
    if visible_length(passage.text) < MIN_VISIBLE:
        raise Refused(
            _("The passage is too short: at least %(n)s letters or signs, or too much would go.")
            % {"n": MIN_VISIBLE}
        )
    if len(passage.text) > MAX_LENGTH:
        raise Refused(
            _("The passage is too long: at most %(n)s characters at once. Take it out in parts.")
            % {"n": MAX_LENGTH}
        )
    if passage.is_in(passage.mark):
        raise Refused(_("What is to stand in its place holds the passage itself: choose other words."))
    if passage.is_in(reason):
        raise Refused(_("The reason holds the passage itself, and would be kept: say why without it."))


def elsewhere(article: "Article", passage: Passage) -> Elsewhere:
    """Return what else holds a passage, and is no part of the article."""
    from articles.models.credits import Source
    from articles.models.photos import Photo
    from articles.slugs import slug_for

    versions = []
    for version in type(article).objects.filter(story=article.story_id).exclude(pk=article.pk).defer("body"):
        number = sum(one.kind == "revision" for one in kept(version, passage))
        if number:
            versions.append((version, number))
    photo_pks: set[int] = set()
    source_pks: set[int] = set()
    for revision in article.revisions.only("photo", "social_photo", "sources").iterator(chunk_size=100):
        photo_pks |= {pk for pk in (revision.photo_id, revision.social_photo_id) if pk}
        source_pks |= {row["source"] for row in revision.sources}
    used = Photo.objects.filter(Q(pk__in=photo_pks) | Q(articles=article)).distinct()
    photos: list[models.Model] = [
        photo
        for photo in used.prefetch_related("texts")
        if any(passage.is_in(text) for text in _texts_of(photo, *photo.texts.all()))
    ]
    sources: list[models.Model] = [
        source
        for source in Source.objects.filter(pk__in=source_pks)
        if any(passage.is_in(text) for text in _texts_of(source))
    ]
    mails = Mail.objects.order_by("pk")[:MAX_MAILS]
    slug = slug_for(passage.text, article.language)
    paths = article.paths.order_by("pk").values_list("path", flat=True)
    return Elsewhere(
        versions,
        photos,
        sources,
        mails=sum(passage.is_in(mail.subject) or passage.is_in(mail.text) for mail in mails),
        paths=[path for path in paths if slug and slug in path],
    )


def _texts_of(*rows: models.Model) -> Iterator[str]:
    """Yield the texts in the columns of some rows."""
    for row in rows:
        for field in row._meta.concrete_fields:
            if isinstance(field, (models.CharField, models.TextField)) and not field.choices:
                yield getattr(row, field.attname) or ""


def _holds(passage: Passage, field: models.Field, value: Any) -> bool:
    if not value:
        return False
    if isinstance(field, RichTextField):
        return passage.is_in_body(value)
    if isinstance(field, models.JSONField):
        return any(
            passage.is_in_body(text) if name == "body" else passage.is_in(text)
            for name, text in _pairs(value)
        )
    if isinstance(field, models.URLField):
        return passage.is_in_address(value)
    return passage.is_in(value)


def _excerpts(passage: Passage, field: models.Field, value: Any) -> Iterator[Excerpt]:
    if isinstance(field, RichTextField):
        yield from passage.excerpts_of_body(value)
    elif isinstance(field, models.JSONField):
        for name, text in _pairs(value):
            yield from passage.excerpts_of_body(text) if name == "body" else passage.excerpts(text)
    else:
        yield from passage.excerpts(unquote(value) if isinstance(field, models.URLField) else value)


def _without(passage: Passage, field: models.Field, value: Any) -> Any:
    if isinstance(field, RichTextField):
        return passage.taken_from_body(value)
    if isinstance(field, models.JSONField):
        # What an editor sends is not sanitised yet; it will be, when it is saved.
        return [
            [
                name,
                (passage.taken_from_body(sanitise(text)) if passage.is_in_body(text) else text)
                if name == "body"
                else passage.taken_from(text),
            ]
            for name, text in _pairs(value)
        ]
    if isinstance(field, (models.URLField, models.EmailField)):
        # With a mark in it, it would be no address.
        return ""
    return passage.taken_from(value, getattr(field, "max_length", None))


def _pairs(fields: Any) -> Iterator[tuple[str, str]]:
    """Yield name and value of what a form would send."""
    for name, value in fields:
        yield str(name), str(value)
