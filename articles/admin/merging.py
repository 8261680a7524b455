"""A stale save at the desk: the form's text merged with the newest revision, and what a person decides.

The merge itself is not kept. The form goes back as it was typed, with the number that it began from; the revisions
of both numbers never change, so the next request makes the same merge again and finds the choices in it.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from articles.admin.contents import label_of
from articles.admin.forms import EMPTY_ROWS, ArticleForm, name_line, revision_label
from articles.blocks import split
from articles.compare import LABELS, Piece, word_diff
from articles.fields import sanitise
from articles.html import plain_text
from articles.merge import Choice, Collision, Entry, Taken, Version, merge
from articles.models import (
    CONTENT_FIELDS,
    Author,
    Photo,
    Provenance,
    Revision,
    Role,
    Section,
    Series,
    Source,
    StaleRevision,
    Tag,
)

# So much of what was taken over stands on the page, and so many of the revisions that came meanwhile.
MAX_TAKEN = 60
MAX_MEANWHILE = 20
# The field of the form that says which revision the choices on the page were offered against.
SEEN = "seen"

FIELDS = tuple(name for name in CONTENT_FIELDS if name != "body")
RELATIONS = {
    "section": Section,
    "series": Series,
    "photo": Photo,
    "social_photo": Photo,
    "translated_from": Revision,
}
LISTS = ("bylines", "tags", "sources")


class Side(NamedTuple):
    """What one of the two made of a place: its words, how it looks, and what to call it."""

    title: str
    choice: Choice
    value: str
    chosen: bool
    pieces: list[Piece]
    html: str
    note: str


class Decision(NamedTuple):
    """A collision as it stands on the page, with what can be chosen."""

    name: str
    label: str
    same_words: bool
    sides: list[Side]
    both: str
    both_chosen: bool
    missing: bool


class TakenRow(NamedTuple):
    """Something that came from the other person, as it stands on the page."""

    label: str
    what: str
    pieces: list[Piece]


class StaleSave:
    """A save that began from an older revision than the newest.

    `form` is valid and bound. What stands in `posted` decides collisions, if the page that offered them showed the
    merge with the same newest revision.
    """

    def __init__(self, form: ArticleForm, newest: Revision, posted: Mapping[str, Any]) -> None:
        self.form, self.newest = form, newest
        self.was_expunged = False
        self.language = form.language_code
        self.base = form.article.revisions.filter(
            number=form.cleaned_data["base"], number__lt=newest.number
        ).first()
        if self.base and form.article.expunged_since(self.base):
            # The form may hold what was taken out of the revision that it began from; against that revision as it is
            # now, the passage would be something new that was typed, and come back without a word.
            self.base, self.was_expunged = None, True
        # Tags and sources that were typed and are not there yet have no id: their words name them.
        self.typed_tags: dict[Hashable, str] = {}
        self.typed_sources: dict[Hashable, tuple[str, str]] = {}
        self.theirs = version_of(newest)
        base = version_of(self.base) if self.base else None
        self.merge = merge(base, self.theirs, self._typed(), ask_all=self.was_expunged)
        self.collisions = self.merge.collisions
        self.was_seen = posted.get(SEEN) == str(newest.number)
        self.choices: dict[str, Choice] = {}
        for collision in self.collisions:
            if choice := collision.chosen(posted.get(f"choice-{collision.name}")):
                self.choices[collision.name] = choice

    @property
    def is_open(self) -> bool:
        """Tell whether a decision is missing, or all were made before this newest revision was there."""
        return bool(self.collisions) and not (self.was_seen and len(self.choices) == len(self.collisions))

    @property
    def is_ready(self) -> bool:
        """Tell whether the merge can be saved at once: everything was decided on, or nothing is to be saved."""
        if self.collisions:
            return not self.is_open
        settled = self.merge.settled({})
        return (settled.body, settled.fields, settled.lists) == (
            self.theirs.body,
            self.theirs.fields,
            self.theirs.lists,
        )

    def filled(self) -> ArticleForm:
        """Return the form filled with the merge, upon the newest revision; it is checked as any other."""
        version = self.merge.settled(self.choices)
        data = self.form.data.copy()
        data["base"] = str(self.newest.number)
        data["body"] = version.body
        for name, value in version.fields.items():
            if value is False:
                data.pop(name, None)
            else:
                data[name] = "on" if value is True else str("" if value is None else value)
        data["tags"] = name_line(self._tag_names(key for key, _value in version.lists["tags"]))
        self._fill_rows(data, "byline", self._byline_rows(version.lists["bylines"]))
        self._fill_rows(data, "source", self._source_rows(version.lists["sources"]))
        form = self.form
        return ArticleForm(data, user=form.user, site=form.site, article=form.article)

    def context(self) -> dict[str, Any]:
        """Return what the page shows of the merge, beside the form."""
        meanwhile = self.form.article.revisions.select_related("created_by").defer("body")
        meanwhile = meanwhile.filter(number__gt=self.base.number if self.base else self.newest.number - 1)
        taken = [row for one in self.merge.taken[:MAX_TAKEN] if (row := self._taken(one))]
        return {
            "stale": self.newest,
            "stale_base": self.base,
            "was_expunged": self.was_expunged,
            "stale_message": str(StaleRevision(self.newest)),
            "seen": self.newest.number,
            "meanwhile": meanwhile.order_by("-number")[:MAX_MEANWHILE],
            "decisions": [self._decision(collision) for collision in self.collisions] if self.is_open else [],
            "decided": self.was_seen and len(self.choices) == len(self.collisions),
            "missing": len(self.collisions) - len(self.choices) if self.is_open and self.was_seen else 0,
            "taken": taken,
            "taken_more": max(len(self.merge.taken) - MAX_TAKEN, 0),
        }

    # From the form, and back into it

    def _typed(self) -> Version:
        """Return what stands in the form."""
        data = self.form.cleaned_data
        fields = {
            name: _plain(name, data[name].pk if name in RELATIONS and data[name] else data[name])
            for name in FIELDS
        }
        tags: list[Entry] = []
        for name, tag in self.form.found_tags():
            key = ("id", tag.pk) if tag else ("new", name.casefold())
            self.typed_tags[key] = name
            tags.append((key, True))
        bylines = [
            ((row.found.pk, row.cleaned_data["role"] or Role.AUTHOR.value), True)
            for row in self.form.bylines.filled()
        ]
        sources: list[Entry] = []
        for row in self.form.sources.filled():
            name, url = row.cleaned_data["name"], row.cleaned_data["url"]
            key = ("id", row.found.pk) if row.found else ("new", name.casefold(), url)
            self.typed_sources.setdefault(key, (name, url))
            sources.append((key, row.cleaned_data["is_public"]))
        lists = {"bylines": bylines, "tags": tags, "sources": sources}
        # What stands there twice is one thing, as it is when it is saved.
        return Version(
            body=data["body"],
            fields=fields,
            lists={name: list(dict(entries).items()) for name, entries in lists.items()},
        )

    def _tag_names(self, keys: Iterable[Hashable]) -> list[str]:
        keys = list(keys)
        wanted = [key[1] for key in keys if key[0] == "id"]
        tags = Tag.objects.prefetch_related("texts").in_bulk(wanted)
        names = [
            self.typed_tags.get(key) or (tags[key[1]].name_in(self.language) if key[1] in tags else "")
            for key in keys
        ]
        return [name for name in names if name]

    def _byline_rows(self, entries: Iterable[Entry]) -> list[dict[str, Any]]:
        pairs = [key for key, _value in entries]
        authors = Author.objects.prefetch_related("texts").in_bulk({pk for pk, _role in pairs})
        return [
            {
                "author_id": pk,
                "author": authors[pk].name_in(self.language),
                "role": role,
                "position": number,
            }
            for number, (pk, role) in enumerate(pairs, start=1)
            if pk in authors
        ]

    def _source_rows(self, entries: Iterable[Entry]) -> list[dict[str, Any]]:
        entries = list(entries)
        sources = Source.objects.in_bulk([key[1] for key, _public in entries if key[0] == "id"])
        rows = []
        for key, public in entries:
            source = sources.get(key[1]) if key[0] == "id" else None
            name, url = (source.name, source.url) if source else self.typed_sources.get(key, ("", ""))
            row = {"source_id": source.pk if source else "", "name": name, "url": url}
            rows.append(row | ({"is_public": "on"} if public else {}))
        return rows

    @staticmethod
    def _fill_rows(data: QueryDict, prefix: str, rows: list[dict[str, Any]]) -> None:
        for name in [name for name in data if name.startswith(f"{prefix}-")]:
            del data[name]
        data[f"{prefix}-TOTAL_FORMS"] = str(len(rows) + EMPTY_ROWS)
        data[f"{prefix}-INITIAL_FORMS"] = str(len(rows))
        for number, row in enumerate(rows):
            for name, value in row.items():
                data[f"{prefix}-{number}-{name}"] = str(value)

    # Onto the page

    def _decision(self, collision: Collision) -> Decision:
        chosen = self.choices.get(collision.name)
        base, mine, theirs = (
            self._words(collision, value) for value in (collision.base, collision.mine, collision.theirs)
        )
        unknown = self.base is None
        who = str(self.newest.created_by or _("somebody else"))
        titles: dict[Choice, str] = {"mine": _("Mine"), "theirs": _("Theirs (%(who)s)") % {"who": who}}
        words = {"mine": mine, "theirs": theirs}
        others = {"mine": theirs, "theirs": mine}
        values = {"mine": collision.mine, "theirs": collision.theirs}
        is_block = collision.part == "body"
        sides = []
        for choice in ("mine", "theirs"):
            value = values[choice]
            pieces = word_diff(others[choice] if unknown else base, words[choice])
            if unknown:
                pieces = [piece for piece in pieces if piece.kind != "removed"]
            sides.append(
                Side(
                    title=titles[choice],
                    choice=choice,
                    value=collision.choices[choice],
                    chosen=chosen == choice,
                    pieces=[] if value is None and is_block else pieces,
                    # The form has sanitised mine, the database theirs; the page trusts neither.
                    html=sanitise(value or "") if is_block else "",
                    note=self._note(collision, value),
                )
            )
        return Decision(
            name=f"choice-{collision.name}",
            label=self._label(collision),
            same_words=is_block and mine == theirs,
            sides=sides,
            both=collision.choices.get("both", ""),
            both_chosen=chosen == "both",
            missing=self.was_seen and chosen is None,
        )

    @staticmethod
    def _note(collision: Collision, value: Any) -> str:
        """Say what no text shows: that something was taken out, or is empty."""
        if collision.part == "body" or collision.part in LISTS:
            return _("Taken out.") if value is None else ""
        return _("Empty.") if value in (None, "") else ""

    def _label(self, where: Collision | Taken) -> str:
        if where.part != "body":
            return capfirst(label_of(where.part))
        values = [where.mine, where.theirs] if isinstance(where, Collision) else [where.after, where.before]
        if where.key is None:
            return _("The whole text")
        kind = split(next(value for value in values if value))[0].kind
        return str(LABELS[kind])

    def _taken(self, one: Taken) -> TakenRow | None:
        before, after = self._words(one, one.before), self._words(one, one.after)
        if one.before is None:
            what = _("added")
        elif one.after is None:
            what = _("removed")
        elif one.before == one.after:
            what = _("moved")
        else:
            what = _("changed")
        return TakenRow(self._label(one), what, word_diff(before, after))

    def _words(self, where: Collision | Taken, value: Any) -> str:
        """Return a value as a person reads it."""
        part = where.part
        if part == "body":
            return plain_text(value or "")
        if part in LISTS:
            return "" if value is None else self._entry_words(part, where.key, value)
        if part == "noindex":
            return _("yes") if value else _("no")
        if part == "provenance":
            return str(dict(Provenance.choices).get(value, value or ""))
        if part in RELATIONS:
            row = RELATIONS[part].objects.filter(pk=value).first() if value else None
            if row is None:
                return ""
            if part == "translated_from":
                return revision_label(row)
            return str(row) if isinstance(row, Photo) else row.name_in(self.language)
        return str(value or "")

    def _entry_words(self, part: str, key: Hashable, value: Any) -> str:
        if part == "tags":
            return "".join(self._tag_names([key]))
        if part == "bylines":
            rows = self._byline_rows([(key, value)])
            return "".join(f"{row['author']} ({Role(row['role']).label})" for row in rows)
        (row,) = self._source_rows([(key, value)])
        return f"{row['name']} ({_('public') if value else _('internal')})"


def version_of(revision: Revision) -> Version:
    """Return what a revision holds, to be merged."""
    return Version(
        body=revision.body,
        blocks=revision.blocks,
        fields={
            name: _plain(name, getattr(revision, Revision._meta.get_field(name).attname)) for name in FIELDS
        },
        lists={
            "bylines": [((row["author"], row["role"]), True) for row in revision.bylines],
            "tags": [(("id", pk), True) for pk in revision.tags],
            "sources": [(("id", row["source"]), row["public"]) for row in revision.sources],
        },
    )


def _plain(name: str, value: Any) -> Any:
    """Return a field's value as a form would send it: a browser has its own ends of lines, a form strips."""
    if not isinstance(value, str):
        return value
    return " ".join(value.split()) if name == "headline" else "\n".join(value.strip().splitlines())
