"""The form of an article: one revision, filled in by a person, and whatever hangs on it."""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect, RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, URLValidator
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.forms.formsets import formset_factory
from django.http import QueryDict
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from articles.admin.base import without_maxlength
from articles.models import (
    CONTENT_FIELDS,
    Article,
    Author,
    AuthorText,
    Photo,
    Provenance,
    Revision,
    Role,
    Section,
    Series,
    Sitting,
    Source,
    Tag,
    TagText,
    User,
)
from articles.models.sittings import uids
from articles.slugs import slug_for
from newsroom.dates import direction, own_name
from newsroom.models import Site
from newsroom.verbs import verb

MAX_TAGS = 30
MAX_TAG_LENGTH = 100
# Rows of byline and sources that a form may send. A merge of two may have twice as many, to be thinned out; a forged
# form does not get further.
MAX_ROWS = 40
EMPTY_ROWS = 2
# The largest number of a revision that a database can be asked for.
MAX_NUMBER = 2**31 - 1
# The fields by which a form says which one it is, and which kept texts it was begun from.
SITTING = ("sitting", "sitting_from")
# How many photos stand in the list without a search, and how many revisions of each other language.
RECENT_PHOTOS = 40
RECENT_REVISIONS = 5

# Each of these fields suggests names from a list of the page; admin-suggest.js fills it while one types.
SUGGEST_TAGS, SUGGEST_AUTHORS, SUGGEST_SOURCES = (
    {"list": f"suggest-{kind}", "data-suggest": kind, "autocomplete": "off"}
    for kind in ("tags", "authors", "sources")
)

# About how many characters fit: a headline on two lines of a phone, a standfirst in a list, what search engines show
# of a title and a description. A text may be longer; admin-meter.js says so while one types.
FITS = {"kicker": 30, "headline": 80, "standfirst": 220, "search_title": 60, "search_description": 155}

# A URL field checks the rest; by itself it would let ftp pass.
http_address = RegexValidator(r"(?i)^ftps?:", inverse_match=True, message=URLValidator.message)


# Years that a newsroom means; others are slips of the finger (0202), and addresses have four digits for the year.
EARLIEST_YEAR, LATEST_YEAR = 1600, 2200


class SiteDateTimeField(forms.DateTimeField):
    """A time on the clocks of the site's time zone, which its label names."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, *, zone: ZoneInfo, label: Any, **kwargs: Any) -> None:
        label = format_lazy("{label} ({zone})", label=label, zone=zone.key)
        super().__init__(label=label, **kwargs)
        self.zone = zone

    def prepare_value(self, value: Any) -> Any:
        """Show a time on the site's clocks."""
        with timezone.override(self.zone):
            return super().prepare_value(value)

    def to_python(self, value: Any) -> datetime | None:
        """Read a time on the site's clocks; one that they skip or show twice is refused, and a year by mistake."""
        with timezone.override(UTC):  # as if the clocks were UTC's, which never skip
            moment = super().to_python(value)
        if moment is None or isinstance(value, datetime):
            return moment
        if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            raise ValidationError(_("Check the year: %(year)s.") % {"year": f"{moment.year:04}"}, code="year")
        local = moment.replace(tzinfo=self.zone)
        shown = local.astimezone(UTC).astimezone(self.zone)
        if shown.replace(tzinfo=None) != local.replace(tzinfo=None):
            raise ValidationError(
                _("The clocks go forward then, and that time does not exist. The next one is %(time)s.")
                % {"time": f"{shown:%H:%M}"},
                code="skipped",
            )
        if local.replace(fold=1).utcoffset() != local.utcoffset():
            raise ValidationError(
                _("The clocks go back then and show that time twice: take another."), code="twice"
            )
        return local


class PhotoSelect(AutocompleteSelect):
    """A search over all photos; without scripts a list of the newest ones."""

    @property
    def media(self) -> forms.Media:
        """Add the script that gives the search the name of its field."""
        ours = ["admin/js/jquery.init.js", "admin/js/autocomplete.js", "js/admin-choices.js"]  # in this order
        return super().media + forms.Media(js=ours)

    def optgroups(self, name: str, value: list[str], attrs: dict | None = None) -> list:
        """Offer the newest photos beside the chosen one; what is no id, by a forged form, is none."""
        value = [one for one in value if str(one).isascii() and str(one).isdecimal() and len(str(one)) < 19]
        groups = super().optgroups(name, value, attrs)
        options = groups[0][1]
        for photo in Photo.objects.order_by("-pk")[:RECENT_PHOTOS]:
            if str(photo.pk) not in value:
                options.append(
                    self.create_option(name, photo.pk, str(photo), selected=False, index=len(options))
                )
        return groups


class Row(forms.Form):
    """A row of a form, whose fields take too much and say so."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        without_maxlength(self.fields.values())


class BylineRow(Row):
    """Somebody in the byline, by name, in a role."""

    author_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    author = forms.CharField(
        label=gettext_lazy("Name"), required=False, max_length=100, widget=forms.TextInput(SUGGEST_AUTHORS)
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role, required=False)
    position = forms.IntegerField(label=gettext_lazy("Position"), required=False, min_value=1, max_value=1000)

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language = language
        self.found: Author | None = None

    def clean_author(self) -> str:
        """Find the author by name, in this language or another."""
        name = " ".join(self.cleaned_data["author"].split())
        if name:
            self.found = self._find(name)
        return name

    def _find(self, name: str) -> Author:
        texts = AuthorText.objects.filter(name__iexact=name)
        authors = set(texts.filter(language=self.language).values_list("author", flat=True)[:3])
        authors = authors or set(texts.values_list("author", flat=True)[:3])
        known = self.cleaned_data.get("author_id")
        if known in authors:
            return Author.objects.get(pk=known)
        if len(authors) > 1:
            raise forms.ValidationError(
                _(
                    "Several authors have this name: "
                    "type the last part of the address of the right one’s page instead."
                )
            )
        if not authors:
            authors = set(AuthorText.objects.filter(slug=name).values_list("author", flat=True)[:1])
        if not authors:
            raise forms.ValidationError(
                _(
                    "There is no author “%(name)s”. Choose one from the list, or ask an editor to add the name."
                ),
                params={"name": name},
            )
        return Author.objects.get(pk=authors.pop())


class SourceRow(Row):
    """A source that is there already, by name, or a new one."""

    source_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label=gettext_lazy("Name"), required=False, max_length=200, widget=forms.TextInput(SUGGEST_SOURCES)
    )
    url = forms.URLField(
        label=gettext_lazy("Address"),
        required=False,
        max_length=500,
        assume_scheme="https",
        validators=[http_address],
        widget=forms.URLInput({"placeholder": "https://"}),
    )
    is_public = forms.BooleanField(label=gettext_lazy("Readers are told"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.found: Source | None = None

    def clean(self) -> dict[str, Any]:
        """Find the source, or see that a new one can be made."""
        data = super().clean()
        name, url = " ".join(data.get("name", "").split()), data.get("url", "")
        if url and not name and "name" not in self.errors:
            self.add_error("name", _("Give the source a name."))
        if not name or self.errors:
            return data
        data["name"] = name
        same = Source.objects.filter(name__iexact=name).order_by("pk")
        if known := same.filter(pk=data.get("source_id"), url=url).first():
            self.found = known
        elif url:
            self.found = same.filter(url=url).first()
        else:
            self.found = same.filter(url="").first() or same.first()
        if self.found is None and not self.user.may("articles.add_source"):
            self.add_error("name", _("There is no source of this name, and you may not add one."))
        return data

    def source(self) -> Source:
        """Return the source, made if need be."""
        if self.found:
            return self.found
        return Source.add(by=self.user, name=self.cleaned_data["name"], url=self.cleaned_data["url"])


class Rows(forms.BaseFormSet):
    """Rows of a form: empty ones are passed over."""

    def filled(self) -> list[Any]:
        """Return the rows with a name, by position where one is given, else as they stand."""
        rows = [row for row in self.forms if row.found or row.cleaned_data.get("name")]
        last = len(rows) + 1
        return sorted(rows, key=lambda row: row.cleaned_data.get("position") or last)

    def clean(self) -> None:
        """Refuse the same thing twice."""
        super().clean()
        seen = set()
        for row in self.forms:
            key = row.found and (row.found.pk, row.cleaned_data.get("role"))
            if key and key in seen:
                row.add_error(None, _("This stands here twice."))
            seen.add(key)


BylineRows = formset_factory(
    BylineRow, formset=Rows, extra=EMPTY_ROWS, max_num=MAX_ROWS, absolute_max=2 * MAX_ROWS, validate_max=True
)
SourceRows = formset_factory(
    SourceRow, formset=Rows, extra=EMPTY_ROWS, max_num=MAX_ROWS, absolute_max=2 * MAX_ROWS, validate_max=True
)


class ArticleForm(forms.ModelForm):
    """One revision of an article: all that an editor can change, in one form with its rows.

    `article` is None for one that is begun here; then the form asks for the language.
    """

    base = forms.IntegerField(required=False, min_value=1, max_value=MAX_NUMBER, widget=forms.HiddenInput)
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        help_text=gettext_lazy("It cannot be changed later; other languages become versions of the story."),
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        max_length=MAX_TAGS * MAX_TAG_LENGTH,
        widget=forms.TextInput(SUGGEST_TAGS),
        help_text=gettext_lazy("With commas between them. A name that is not there yet becomes a new tag."),
    )
    section = forms.ModelChoiceField(
        Section.objects.prefetch_related("texts"),
        label=gettext_lazy("Section"),
        required=False,
        empty_label=gettext_lazy("– none yet –"),
    )
    series = forms.ModelChoiceField(
        Series.objects.prefetch_related("texts"),
        label=gettext_lazy("Series"),
        required=False,
        empty_label=gettext_lazy("– none –"),
    )
    translated_from = forms.ModelChoiceField(
        Revision.objects.none(),
        label=gettext_lazy("Translated from"),
        required=False,
        empty_label="–",
        help_text=gettext_lazy("The very revision that this text was made from."),
    )
    canonical_url = forms.URLField(
        label=gettext_lazy("Original address"),
        required=False,
        max_length=500,
        assume_scheme="https",
        validators=[http_address],
        help_text=gettext_lazy("Where the text first stood; search engines are sent there."),
    )

    class Meta:
        model = Revision
        fields = CONTENT_FIELDS
        widgets = {
            "headline": forms.Textarea({"rows": 2, "class": "sheet__headline"}),
            "standfirst": forms.Textarea({"rows": 3}),
            "search_description": forms.Textarea({"rows": 3}),
        }

    def __init__(
        self, data: Any = None, *, user: User, site: Site, article: Article | None = None, language: str = ""
    ) -> None:
        self.user, self.site, self.article = user, site, article
        self.newest = article.newest_revision() if article else None
        super().__init__(data, instance=self.newest or Revision())
        self.language_code = self._language(language)
        self._choices()
        self._words()
        byline, sources = self._rows()
        self.bylines = BylineRows(
            data, initial=byline, prefix="byline", form_kwargs={"language": self.language_code}
        )
        self.sources = SourceRows(data, initial=sources, prefix="source", form_kwargs={"user": user})
        if self.newest:
            self.initial["base"] = self.newest.number
            self.initial["tags"] = tag_line(self.newest.tag_list(), self.language_code)

    def _language(self, wanted: str) -> str:
        if self.article:
            del self.fields["language"]
            self.fields["base"].required = True
            return self.article.language
        codes = self.user.languages_with("articles.add_article", self.site.languages)
        self.fields["language"].choices = [(code, own_name(code)) for code in codes]
        chosen = self.data.get("language") or wanted
        chosen = chosen if chosen in codes else next(iter(codes), self.site.default_language)
        self.initial["language"] = chosen
        return chosen

    def _choices(self) -> None:
        """Offer the sections where this user may write, and what the text may be translated from."""
        section = self.fields["section"]
        section.label_from_instance = lambda row: row.name_in(self.language_code)
        section.queryset = section.queryset.filter(
            pk__in=[row.pk for row in section.queryset if self._may_write_in(row)]
        )
        self.fields["series"].label_from_instance = section.label_from_instance
        for name in ("photo", "social_photo"):
            photo = self.fields[name]
            relation = Revision._meta.get_field(name)
            photo.widget = RelatedFieldWidgetWrapper(
                PhotoSelect(relation, admin.site),
                relation.remote_field,
                admin.site,
                can_add_related=self.user.has_perm("articles.add_photo"),
                can_change_related=self.user.has_perm("articles.change_photo"),
            )
            photo.widget.choices = photo.choices
        translated = self.fields["translated_from"]
        translated.queryset = self._originals()
        translated.label_from_instance = revision_label
        if self.article is None:
            del self.fields["translated_from"]

    def _may_write_in(self, section: Section | None) -> bool:
        writer = self.article.created_by if self.article else self.user
        where = Article(language=self.language_code, section=section, created_by=writer)
        return where.is_editable_by(self.user)

    def _originals(self) -> Any:
        """Return the newest revisions of each other version that this user may read, and the one that is set."""
        wanted = [self.newest.translated_from_id] if self.newest and self.newest.translated_from_id else []
        if self.article:
            versions = Article.objects.filter(story=self.article.story_id).exclude(pk=self.article.pk)
            for version in versions.defer("body"):
                readable = version.revisions_readable_by(self.user).order_by("-number")
                wanted += readable.values_list("pk", flat=True)[:RECENT_REVISIONS]
        rows = Revision.objects.filter(pk__in=wanted).select_related("article")
        return rows.order_by("article", "-number")

    def _words(self) -> None:
        """Tell the browser the language of what is written, for its spelling; cut nothing off while pasting."""
        words = {"lang": self.language_code, "dir": direction(self.language_code)}
        for name in ("kicker", "headline", "standfirst", "body", "search_title", "search_description"):
            self.fields[name].widget.attrs.update(words)
        for name, most in FITS.items():
            self.fields[name].widget.attrs["data-meter"] = most
        without_maxlength(self.fields.values())
        editor = self.fields["body"].widget
        editor.config = {
            **editor.config,
            "contentsLanguage": words["lang"],
            "contentsLangDirection": words["dir"],
        }
        self.fields["slug"].help_text = _(
            "The last part of the address; made from the headline if empty. "
            "If readers know the article already, a change makes a new address and the old one leads there."
        )
        self.fields["search_title"].help_text = _(
            "Also where somebody shares the article. The headline if empty."
        )
        self.fields["search_description"].help_text = _(
            "Also where somebody shares the article. The standfirst if empty, or else the beginning of the text."
        )

    def _rows(self) -> tuple[list[dict], list[dict]]:
        if self.newest:
            pairs = self.newest.byline_pairs()
        else:
            author = Author.objects.filter(user=self.user).first()
            pairs = [(author, Role.AUTHOR)] if author else []
        prefetch_related_objects([author for author, _role in pairs], "texts")
        byline = [
            {
                "author_id": author.pk,
                "author": author.name_in(self.language_code),
                "role": role,
                "position": number,
            }
            for number, (author, role) in enumerate(pairs, start=1)
        ]
        sources = [
            {"source_id": source.pk, "name": source.name, "url": source.url, "is_public": public}
            for source, public in (self.newest.source_pairs() if self.newest else ())
        ]
        return byline, sources

    @property
    def media(self) -> forms.Media:
        """The scripts and styles of the whole form."""
        return super().media + self.bylines.media + self.sources.media

    def is_valid(self) -> bool:
        """Check the form and all its rows, so that everything that is wrong is said at once."""
        return all([super().is_valid(), self.bylines.is_valid(), self.sources.is_valid()])

    def chosen_photo(self, name: str) -> Photo | None:
        """Return the photo that a field names now; what is no id, by a forged form, is none."""
        chosen = str(self[name].value() or "")
        is_id = chosen.isascii() and chosen.isdecimal() and len(chosen) < 19
        return Photo.objects.filter(pk=chosen).first() if is_id else None

    def open_panels(self) -> dict[str, bool]:
        """Say which of the folded parts are open: those with something in them, or something wrong."""
        origin = ("provenance", "translated_from", "reviewed_by", "republished_from", "canonical_url")
        search = ("slug", "search_title", "search_description", "social_photo", "noindex")
        filled = {name for name in (*origin, *search) if name in self.fields and self[name].value()}
        if self["provenance"].value() == Provenance.ORIGINAL:
            filled.discard("provenance")
        return {
            "sources": self.sources.total_error_count() > 0 or len(self.sources.initial or ()) > 0,
            "origin": any(name in filled or name in self.errors for name in origin),
            "search": any(name in self.errors or (name in filled and name != "slug") for name in search),
        }

    def error_count(self) -> int:
        """Return how many fields and rows are wrong."""
        return len(self.errors) + sum(rows.total_error_count() for rows in (self.bylines, self.sources))

    def clean_headline(self) -> str:
        """Bring the headline onto one line."""
        return " ".join(self.cleaned_data["headline"].split())

    def clean_tags(self) -> list[str]:
        """Split the names and refuse what cannot become a tag."""
        names = tag_names(self.cleaned_data["tags"])
        if len(names) > MAX_TAGS:
            raise forms.ValidationError(
                ngettext("At most %(n)s tag, please.", "At most %(n)s tags, please.", MAX_TAGS)
                % {"n": MAX_TAGS}
            )
        for name in names:
            if len(name) > MAX_TAG_LENGTH:
                raise forms.ValidationError(
                    _("“%(name)s…” is too long for a tag. Is a comma missing?"), params={"name": name[:40]}
                )
            if not slug_for(name, self.language_code):
                raise forms.ValidationError(
                    _("“%(name)s” is no tag: it has no letters."), params={"name": name}
                )
            if find_tag(name, self.language_code, self._known_tags()) is None and not self.user.may(
                "articles.add_tag"
            ):
                raise forms.ValidationError(
                    _("There is no tag “%(name)s”, and you may not add one."), params={"name": name}
                )
        return names

    def clean(self) -> dict[str, Any]:
        """Ask for what belongs together."""
        data = super().clean()
        if data.get("provenance") == Provenance.MACHINE_REVIEWED and not data.get("reviewed_by"):
            self.add_error("reviewed_by", _("Name the person who reviewed the machine’s translation."))
        if "section" in data and not self._may_write_in(data["section"]):
            self.add_error("section", _("Choose one of your sections: you may not write anywhere else."))
        return data

    def _known_tags(self) -> list[Tag]:
        return self.newest.tag_list() if self.newest else []

    def save(self) -> Article:
        """Save what was filled in as a revision; begin the article if it is new.

        Raises StaleRevision, Refused and PermissionDenied as `save_revision` does; then nothing is saved.
        """
        data = self.cleaned_data
        with transaction.atomic():
            content = {name: data[name] for name in CONTENT_FIELDS if name in data}
            content["tags"] = [self._tag(name) for name in data["tags"]]
            content["bylines"] = [
                (row.found, row.cleaned_data["role"] or Role.AUTHOR) for row in self.bylines.filled()
            ]
            content["sources"] = [
                (row.source(), row.cleaned_data["is_public"]) for row in self.sources.filled()
            ]
            if self.article is None:
                saved = Article.start(by=self.user, language=data["language"], **content)
            else:
                self.article.save_revision(by=self.user, base=data["base"], **content)
                saved = self.article
            # Both or neither: what was saved is never offered again, and what was not saved is.
            Sitting.objects.finish(self.user, *sitting_of(self.data))
        return saved

    def _tag(self, name: str) -> Tag:
        tag = find_tag(name, self.language_code, self._known_tags())
        if tag is None:
            with verb("tag.add", by=self.user) as act:
                tag = act.on = Tag.named(name, self.language_code)
        return tag

    def found_tags(self) -> list[tuple[str, Tag | None]]:
        """Return the names of the tags, each with its tag if there is one already."""
        known = self._known_tags()
        return [(name, find_tag(name, self.language_code, known)) for name in self.cleaned_data["tags"]]


def sitting_of(data: QueryDict) -> tuple[UUID | None, list[UUID]]:
    """Return the name of the form that was sent, and of the kept texts that it was begun from."""
    own, former = SITTING
    return next(iter(uids(data.getlist(own))), None), uids(data.getlist(former))


def tag_line(tags: Iterable[Tag], language: str) -> str:
    """Write tags as a line of names with commas between them."""
    tags = list(tags)
    prefetch_related_objects(tags, "texts")
    return name_line(tag.name_in(language) for tag in tags)


def name_line(names: Iterable[str]) -> str:
    """Write names as a line with commas between them; a name with a comma stands in quotes."""
    return ", ".join('"{}"'.format(name.replace('"', '""')) if "," in name else name for name in names)


def tag_names(line: str) -> list[str]:
    """Read a line of names with commas between them, each once."""
    rows = csv.reader([" ".join(line.split())], skipinitialspace=True)
    return list(dict.fromkeys(name.strip() for row in rows for name in row if name.strip()))


def find_tag(name: str, language: str, known: Iterable[Tag] = ()) -> Tag | None:
    """Return the tag of a name: one that the article has, else one so called in its language, else by slug."""
    for tag in known:
        if tag.name_in(language).casefold() == name.casefold():
            return tag
    text = (
        TagText.objects.filter(language=language, name__iexact=name).first()
        or TagText.objects.filter(language=language, slug=slug_for(name, language)).first()
    )
    return text.tag if text else None


def revision_label(revision: Revision) -> str:
    """Name a revision of another version: language, number, headline."""
    return _("%(language)s, revision %(number)s: %(headline)s") % {
        "language": own_name(revision.article.language),
        "number": revision.number,
        "headline": revision.headline,
    }
