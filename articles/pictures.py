"""Photos as readers' pages show them: files that exist, by size and format, and bodies with their photos in place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from articles.embeds import host_of
from articles.html import InlinePhoto, LinkCard, photo_uids, replace_cards, replace_photos, tokens
from articles.links import Links
from articles.models import Photo, Rendition
from newsroom.typography import typeset

# What browsers without `srcset` get, and what other sites show beside a link.
USUAL_WIDTH = 960
# Newer formats are smaller; a browser takes the first that it knows.
NEWER_FORMATS = (Rendition.Format.AVIF, Rendition.Format.WEBP)


@dataclass(frozen=True)
class Picture:
    """The files of a photo."""

    src: str
    width: int
    height: int
    srcset: str
    sources: list[tuple[str, str]]  # media type, srcset


@dataclass(frozen=True)
class ShownPhoto:
    """A photo on an article's page, with its words in the page's language."""

    photo: Photo
    alt: str
    caption: str
    picture: Picture
    wide: Picture  # what other sites show beside a link
    card: Picture  # as a list of articles shows it

    def at(self, address: str) -> "ShownPhoto":
        """Return it with one file, at another address: those of a draft's photos are closed to readers."""
        return replace(self, picture=Picture(address, self.picture.width, self.picture.height, "", []))


def picture_of(photo: Photo, renditions: Iterable[Rendition], crop: str = "") -> Picture:
    """Return the files of a photo, given its renditions narrowest first; the master where there are none.

    `crop` is a shape ("3:2"); a photo that has not been cut so yet is shown whole.
    """
    by_crop: dict[str, dict[str, list[Rendition]]] = {}
    for rendition in renditions:
        by_crop.setdefault(rendition.crop, {}).setdefault(rendition.format, []).append(rendition)
    by_format = by_crop.get(crop, {})
    if Rendition.Format.JPEG not in by_format:
        by_format = by_crop.get(Rendition.Crop.WHOLE, {})
    usual = by_format.get(Rendition.Format.JPEG) or by_format.get(Rendition.Format.PNG) or []
    if not usual:
        return Picture(photo.file.url, photo.width, photo.height, "", [])
    sources = [
        (f"image/{name.value}", _srcset(by_format[name]))
        for name in NEWER_FORMATS
        # A browser that knows the format looks no further: without the widest it would show a blurred one.
        if name in by_format and by_format[name][-1].width >= usual[-1].width
    ]
    best = next((rendition for rendition in usual if rendition.width >= USUAL_WIDTH), usual[-1])
    return Picture(best.file.url, best.width, best.height, _srcset(usual), sources)


def photos_of(body: str, language: str, others: Iterable[int | None] = ()) -> dict[UUID, ShownPhoto]:
    """Return the photos in a body and others (their ids) by their uid, in one query.

    Each photo has renditions from its upload on; one without has no files to show and is left out. So is one whose
    rights have ended.
    """
    pks = [pk for pk in others if pk is not None]
    wanted = Q(photo__uid__in=photo_uids(body)) | Q(photo__in=pks)
    crops = Q(crop__in=(Rendition.Crop.WHOLE, Rendition.Crop.WIDE)) | Q(photo__in=pks)
    rows = Rendition.objects.filter(wanted, crops, photo__in=Photo.objects.usable()).with_photo(language)
    by_photo: dict[Photo, list[Rendition]] = {}
    for row in rows:
        by_photo.setdefault(row.photo, []).append(row)
    return {
        photo.uid: ShownPhoto(
            photo,
            renditions[0].alt or "",
            renditions[0].caption or "",
            picture_of(photo, renditions),
            picture_of(photo, renditions, Rendition.Crop.WIDE),
            picture_of(photo, renditions, Rendition.Crop.CLASSIC),
        )
        for photo, renditions in by_photo.items()
    }


def render_body(body: str, photos: Mapping[UUID, ShownPhoto], links: Links, language: str) -> SafeString:
    """Return a sanitised body for readers: its photos and links by real addresses, its tables able to scroll.

    A photo that is not among `photos` is left out, and so is a link to an article that readers may not see.
    """

    def figure(inline: InlinePhoto) -> str:
        shown = photos.get(inline.uid)
        if shown is None:
            return ""
        context = {
            "photo": shown.photo,
            "picture": shown.picture,
            "alt": inline.alt or shown.alt,
            # Part of the sanitised body.
            "caption": mark_safe(inline.caption) if inline.caption else shown.caption,  # noqa: S308
            "align": inline.align,
            "language": language,
        }
        return render_to_string("articles/_inline_figure.html", context)

    def card(written: LinkCard) -> str:
        host = host_of(written.href)
        # Both are parts of the sanitised body.
        title, words = mark_safe(written.title), mark_safe(written.words)  # noqa: S308
        context = {"href": written.href, "title": title, "words": words, "host": host}
        return render_to_string("articles/_link_card.html", context).strip()

    body = replace_cards(typeset(links.render(body), language), card)
    body = _scrolling_tables(replace_photos(body, figure))
    return mark_safe(body)  # noqa: S308  (sanitised, see fields.py)


def _scrolling_tables(body: str) -> str:
    """Put each table into a frame that scrolls by itself on narrow screens, by keyboard too."""
    if "<table" not in body:
        return body
    frame = format_html('<div class="scroll" role="group" tabindex="0" aria-label="{}">', _("Table"))
    parts = []
    copied = 0
    for token in tokens(body):
        if token.value != "table" or token.kind == "text":
            continue
        at = token.start if token.kind == "start" else token.end
        parts += [body[copied:at], frame if token.kind == "start" else "</div>"]
        copied = at
    return "".join([*parts, body[copied:]])


def _srcset(renditions: Iterable[Rendition]) -> str:
    return ", ".join(f"{rendition.file.url} {rendition.width}w" for rendition in renditions)
