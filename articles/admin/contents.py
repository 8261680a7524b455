"""What a revision holds, part by part, as a person reads it; and what differs between two."""

from typing import Any, NamedTuple

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
    language = revision.language
    public, internal = _("public"), _("internal")
    values = {
        **{name: getattr(revision, name) for name in CONTENT_FIELDS},
        "section": revision.section and revision.section.name_in(language),
        "series": revision.series and revision.series.name_in(language),
        "provenance": revision.get_provenance_display(),
        "translated_from": revision.translated_from and revision_label(revision.translated_from),
        "noindex": _("yes") if revision.noindex else "",
    }
    rows = [
        ContentRow(name, Revision._meta.get_field(name).verbose_name, values[name], name == "body")
        for name in CONTENT_FIELDS
    ]
    rows += [
        ContentRow(
            "bylines",
            _("byline"),
            ", ".join(
                f"{author.name_in(language)} ({Role(role).label})" for author, role in revision.byline_pairs()
            ),
        ),
        ContentRow("tags", _("tags"), tag_line(revision.tag_list(), language)),
        ContentRow(
            "sources",
            _("sources"),
            ", ".join(
                f"{source.name} ({public if is_public else internal})"
                for source, is_public in revision.source_pairs()
            ),
        ),
    ]
    return [row for row in rows if row.value]


def changes_between(base: Revision | None, newest: Revision) -> list[ContentRow]:
    """Return what the newest revision holds differently from the one that an edit began from."""
    if base is None:
        return content_rows(newest)
    before = {row.name: row.value for row in content_rows(base)}
    after = {row.name: row for row in content_rows(newest)}
    emptied = [
        row._replace(value=_("(empty now)"), is_body=False)
        for row in content_rows(base)
        if row.name not in after
    ]
    return [row for row in after.values() if before.get(row.name) != row.value] + emptied
