"""What a revision holds, part by part, as a person reads it."""

from typing import Any, NamedTuple

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from articles.admin.forms import revision_label, tag_line
from articles.models import CONTENT_FIELDS, Revision, Role


class ContentRow(NamedTuple):
    """One part of what a revision holds, as a person reads it."""

    name: str
    label: str
    value: Any
    is_body: bool = False


def content_rows(revision: Revision) -> list[ContentRow]:
    """Return all that a revision holds, in the order of the form; empty parts are left out."""
    rows = [
        ContentRow(name, label_of(name), value_of(revision, name), name == "body") for name in CONTENT_FIELDS
    ]
    rows += [
        ContentRow("bylines", label_of("bylines"), ", ".join(names_in(revision, "bylines"))),
        ContentRow("tags", label_of("tags"), tag_line(revision.tag_list(), revision.language)),
        ContentRow("sources", label_of("sources"), ", ".join(names_in(revision, "sources"))),
    ]
    return [row for row in rows if row.value]


def label_of(name: str) -> str:
    """Return what a part of a revision is called."""
    relations = {"bylines": _("byline"), "tags": _("tags"), "sources": _("sources")}
    return relations.get(name) or str(Revision._meta.get_field(name).verbose_name)


def value_of(revision: Revision, name: str) -> Any:
    """Return what a column of content holds, as a person reads it."""
    value = getattr(revision, name)
    match name:
        case "section" | "series":
            return value and value.name_in(revision.language)
        case "provenance":
            return revision.get_provenance_display()
        case "translated_from":
            return value and revision_label(value)
        case "noindex":
            return _("yes") if value else ""
    return value


def names_in(revision: Revision, name: str) -> list[str]:
    """Return the names in one of the relations, in order, with what is said beside each."""
    language = revision.language
    if name == "bylines":
        pairs = revision.byline_pairs()
        prefetch_related_objects([author for author, _role in pairs], "texts")
        return [f"{author.name_in(language)} ({Role(role).label})" for author, role in pairs]
    if name == "tags":
        tags = revision.tag_list()
        prefetch_related_objects(tags, "texts")
        return [tag.name_in(language) for tag in tags]
    public, internal = _("public"), _("internal")
    return [
        f"{source.name} ({public if is_public else internal})"
        for source, is_public in revision.source_pairs()
    ]
