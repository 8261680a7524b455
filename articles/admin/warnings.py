"""What an editor should know before a revision goes out; none of it stands in the way."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.html import InlinePhoto, replace_photos
from articles.models import Article, Photo, PhotoText, Provenance, Revision
from articles.templatetags.desk import when
from newsroom.dates import own_name

RIGHTS_END_SOON = timedelta(days=30)


def warnings_for(revision: Revision) -> Iterator[str]:
    """Yield what is missing or doubtful in a revision, a sentence each; two queries."""
    if not revision.standfirst.strip():
        yield _("There is no standfirst: lists and search results show the beginning of the text.")
    if not revision.tags:
        yield _("There are no tags.")
    if revision.provenance == Provenance.IMPORTED:
        yield _("The origin of the text is unknown: say how it came here, or check it first.")
    placed = _placed_alts(revision.body)
    own = [pk for pk in (revision.photo_id, revision.social_photo_id) if pk]
    photos = list(Photo.objects.filter(Q(pk__in=own) | Q(uid__in=placed)))
    described = set(
        PhotoText.objects.filter(~Q(alt="") | Q(decorative=True), language=revision.language)
        .filter(photo__in=photos)
        .values_list("photo", flat=True)
    )
    for photo in photos:
        # In the text, what was written there serves too.
        needs_words = photo.pk in own or not placed[photo.uid]
        if needs_words and photo.pk not in described:
            yield _("The photo “%(photo)s” has no alternative text in %(language)s.") % {
                "photo": photo,
                "language": own_name(revision.language),
            }
        if not photo.is_usable():
            yield _("The rights to the photo “%(photo)s” have ended.") % {"photo": photo}
        elif photo.rights_end and photo.rights_end <= timezone.now() + RIGHTS_END_SOON:
            yield _(
                "The rights to the photo “%(photo)s” end on %(date)s: readers do not see it from then on."
            ) % {
                "photo": photo,
                "date": when(photo.rights_end),
            }


def remarks_at(article: Article) -> Iterator[str]:
    """Yield how many remarks nobody has resolved; one query."""
    if number := article.remarks.open().count():
        yield ngettext("%(n)s remark is open.", "%(n)s remarks are open.", number) % {"n": number}


def _placed_alts(body: str) -> dict[UUID, str]:
    """Return the alternative text of each photo in a body; "" where one of its places has none."""
    alts: dict[UUID, str] = {}

    def note(inline: InlinePhoto) -> str:
        alts[inline.uid] = inline.alt and alts.get(inline.uid, inline.alt)
        return ""

    replace_photos(body, note)
    return alts
