"""What the log says that was done, by whom and to what, as a person reads it."""

from contextlib import suppress

from django.apps import apps
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.models import User
from newsroom import pages
from newsroom.admin_site import sees_pages
from newsroom.models import LogEntry
from newsroom.pages.index import PurgeAct

# What a verb did to a thing, by its whole name or by what follows the dot; any other verb is told by its name.
DEEDS = {
    "add": gettext_lazy("added"),
    "approve": gettext_lazy("approved"),
    "assign": gettext_lazy("assigned"),
    "banner.set": gettext_lazy("breaking news set"),
    "cancel": gettext_lazy("scheduled changes cancelled"),
    "change": gettext_lazy("changed"),
    "close": gettext_lazy("closed"),
    "comment.confirm": gettext_lazy("address confirmed"),
    "comment.delete": gettext_lazy("deleted by the writer"),
    "comment.edit": gettext_lazy("changed by the writer"),
    "comment.post": gettext_lazy("sent"),
    "comment.recount": gettext_lazy("comments counted anew"),
    "delete": gettext_lazy("deleted"),
    "desk": gettext_lazy("settings changed"),
    "discard": gettext_lazy("draft deleted"),
    "expunge": gettext_lazy("passage expunged"),
    "forget-links": gettext_lazy("old links to drafts forgotten"),
    "front.place": gettext_lazy("put on the front page"),
    "flood.set": gettext_lazy("flood switch set"),
    "impose": gettext_lazy("imposed"),
    "join": gettext_lazy("joined to another story"),
    "lift": gettext_lazy("lifted"),
    "keep": gettext_lazy("kept despite reports"),
    "make": gettext_lazy("made"),
    "mistake.correct": gettext_lazy("corrected"),
    "mistake.report": gettext_lazy("reported"),
    "mistake.settle": gettext_lazy("settled"),
    "note": gettext_lazy("note added"),
    "password": gettext_lazy("password changed"),
    "photo.renditions": gettext_lazy("small formats made"),
    "photo.replace": gettext_lazy("picture replaced"),
    "publish": gettext_lazy("published"),
    "reinstate": gettext_lazy("reinstated"),
    "reject": gettext_lazy("rejected"),
    "remark": gettext_lazy("remark made"),
    "remove": gettext_lazy("removed"),
    "reopen": gettext_lazy("opened again"),
    "resolve": gettext_lazy("resolved"),
    "rerun": gettext_lazy("judged again by the rules"),
    "restore": gettext_lazy("restored"),
    "revision.hide": gettext_lazy("revision kept out of the public history"),
    "revision.show": gettext_lazy("revision shown in the public history"),
    "report.make": gettext_lazy("reported"),
    "retry": gettext_lazy("tried again"),
    "save": gettext_lazy("saved"),
    "share": gettext_lazy("link to the draft made"),
    "spam": gettext_lazy("marked as spam"),
    "stage": gettext_lazy("stage changed"),
    "start": gettext_lazy("begun"),
    "subscribe": gettext_lazy("mail wanted again"),
    "undo": gettext_lazy("taken back"),
    "unpublish": gettext_lazy("unpublished"),
    "unshare": gettext_lazy("link to the draft revoked"),
    "unsubscribe": gettext_lazy("unsubscribed from mail"),
    "withdraw": gettext_lazy("withdrawn"),
}


def with_names(entries: list[LogEntry]) -> list[LogEntry]:
    """Give log entries what was done as `deed`, and the name of who acted as `by`, in one query."""
    people = User.objects.in_bulk({entry.by_id for entry in entries if entry.by_id})
    for entry in entries:
        entry.deed = DEEDS.get(entry.verb) or DEEDS.get(entry.verb.partition(".")[2], entry.verb)
        entry.by = people.get(entry.by_id) or (_("somebody") if entry.by_id else _("the system"))
    return entries


def with_acts(entries: list[LogEntry], user: User) -> list[LogEntry]:
    """Give log entries, as `acts`, what they purged, where that is remembered and this user may see it."""
    sees_all = sees_pages(user)
    open_to_user = [entry.pk for entry in entries if sees_all or entry.by_id == user.pk]
    acts: dict[int, list[PurgeAct]] = {}
    with suppress(*pages.UNREADABLE):
        ledger = pages.store().ledger
        for act in ledger.acts_about(open_to_user) if ledger else ():
            if act.pages:
                acts.setdefault(act.about, []).append(act)
    for entry in entries:
        entry.acts = acts.get(entry.pk, [])
    return entries


def thing_of(entry: LogEntry) -> str | SafeString:
    """Return what a log entry speaks of, a link where it has a page; "" if it speaks of nothing."""
    if not entry.object_type:
        return ""
    try:
        kind = apps.get_model(entry.object_type)._meta.verbose_name
    except LookupError:  # of a release that had such things
        kind = entry.object_type.partition(".")[2]
    name = f"{capfirst(kind)} {entry.object_id or ''}".strip()
    try:
        address = reverse(f"admin:{entry.object_type.replace('.', '_')}_change", args=[entry.object_id])
    except NoReverseMatch:
        return name
    return format_html('<a href="{}">{}</a>', address, name)
