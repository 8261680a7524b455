"""What search engines and other sites will show of an article, as its form stands at this moment.

`static/js/admin-result.js` follows what is typed by the same rules.
"""

from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.functional import cached_property

from articles.admin.addresses import Address, address_of
from articles.admin.forms import FITS, ArticleForm
from articles.fields import MAX_RAW_LENGTH, sanitise
from articles.html import shortened
from articles.images import cut
from articles.models import Photo, Rendition, Revision
from articles.slugs import slug_for
from newsroom.dates import direction

# The shape in which social networks show a picture. They cut it out of the middle of the one that we give them.
SHAPE = "191:100"
MIDDLE = (0.5, 0.5)


class CardPicture(NamedTuple):
    """The part of a photo that a card shows, by the coordinates of the whole."""

    name: str
    address: str
    width: int
    height: int
    box: str
    words: str


class Result:
    """A search result and a social card, made of what a form holds, valid or not."""

    title_limit = FITS["search_title"]
    description_limit = FITS["search_description"]

    def __init__(self, form: ArticleForm) -> None:
        self.form = form
        names = ("headline", "standfirst", "search_title", "search_description")
        self.written = Revision(**{name: self._line(name) for name in names})
        if not (self.written.standfirst or self.written.search_description):
            self.written.body = sanitise(str(form["body"].value() or "")[:MAX_RAW_LENGTH])

    @property
    def title(self) -> str:
        """The whole title, as cards have it."""
        return self.written.title_elsewhere

    @property
    def title_cut(self) -> str:
        """The title as search engines cut it."""
        return shortened(self.title, self.title_limit)

    @cached_property
    def description(self) -> str:
        """The whole description, on one line."""
        return " ".join(self.written.description_elsewhere.split())

    @property
    def description_cut(self) -> str:
        """The description as search engines cut it."""
        return shortened(self.description, self.description_limit)

    @property
    def direction(self) -> str:
        """The direction in which the article is written."""
        return direction(self.form.language_code)

    @property
    def host(self) -> str:
        """The name of the site, as addresses have it."""
        return urlsplit(settings.BASE_URL).netloc

    @cached_property
    def section(self) -> str:
        """The chosen section's name."""
        chosen = str(self.form["section"].value() or "")
        field = self.form.fields["section"]
        rows = (row for row in field.queryset if str(row.pk) == chosen) if chosen else iter(())
        return next((row.name_in(self.form.language_code) for row in rows), "")

    @property
    def is_kept_out(self) -> bool:
        """Return whether search engines are asked to leave it out."""
        return bool(self.form["noindex"].value())

    @property
    def elsewhere(self) -> str:
        """The address to which search engines are sent, "" for the article's own."""
        return self._line("canonical_url")

    @cached_property
    def pictures(self) -> list[CardPicture]:
        """The pictures that the card may have; it shows the first. The lead photo stands in where another goes."""
        found = ((name, self.form.chosen_photo(name)) for name in ("social_photo", "photo"))
        return [self._picture(name, photo) for name, photo in found if photo and photo.is_usable()]

    @cached_property
    def address(self) -> Address:
        """What happens to the address; a slug that is wrong makes none."""
        form = self.form
        slug = "" if "slug" in form.errors else self._line("slug")
        if not slug and "slug" not in form.errors:
            slug = slug_for(self.written.headline, form.language_code)
        return address_of(form.article, slug, language=form.language_code, site=form.site)

    def _line(self, name: str) -> str:
        return " ".join(str(self.form[name].value() or "").split())

    def _picture(self, name: str, photo: Photo) -> CardPicture:
        wide = cut((photo.width, photo.height), Rendition.Crop.WIDE, photo.focal)
        width, height = wide[2] - wide[0], wide[3] - wide[1]
        left, top, right, bottom = cut((width, height), SHAPE, MIDDLE)
        box = f"{wide[0] + left} {wide[1] + top} {right - left} {bottom - top}"
        words = photo.text_in(self.form.language_code)
        alt = (words and words.alt) or str(photo)
        return CardPicture(name, f"{photo.editor_address}?width=640", photo.width, photo.height, box, alt)
