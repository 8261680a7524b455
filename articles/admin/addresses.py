"""The address that an article has, and the one that it gets with another slug: at the form and before publishing."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from articles.models import Article, Path
from articles.models.paths import stem_of
from newsroom import clock
from newsroom.models import Site


@dataclass(frozen=True)
class Address:
    """What happens to the address of an article when a text with this slug goes out."""

    slug: str  # of the text that goes out; "" where there is none yet
    stem: str  # what stands before the slug
    coming: str  # the path that it gets; "" without a slug
    known: str = ""  # the path that readers know, if they do
    known_slug: str = ""
    is_scheduled: bool = False

    @property
    def is_changed(self) -> bool:
        """Return whether readers with the known address will be led to another one."""
        return bool(self.known and self.coming and self.coming != self.known)

    @property
    def is_taken(self) -> bool:
        """Return whether something else has the wanted address already, so that a number comes behind the slug."""
        # Its own address may have such a number since long.
        wanted = self.known if self.known_slug == self.slug and self.known else f"{self.stem}{self.slug}/"
        return bool(self.coming) and self.coming != wanted

    def condition(self) -> str:
        """Say when an article that readers do not know gets the address."""
        if self.is_scheduled:
            return _("if it comes out on the day for which it is scheduled")
        return _("if it is published today")

    def taken(self) -> str:
        """Say what happens where something else has the wanted address."""
        if not self.is_taken:
            return ""
        return _("Another page has that address already: this one gets a number behind its slug.")

    def sentences(self) -> Iterable[str]:
        """Yield what is to be said before the article goes out, with whole addresses; nothing if nothing changes."""
        if not self.coming or (self.known and not self.is_changed):
            return
        if self.known:
            yield format_html(
                _("Its address changes from {old} to {new}; the old one leads to the new one."),
                old=_whole(self.known),
                new=_whole(self.coming),
            )
        else:
            yield format_html(
                _("Its address, {condition}: {address}"),
                condition=self.condition(),
                address=_whole(self.coming),
            )
        if words := self.taken():
            yield words


def address_of(article: Article | None, slug: str, *, language: str, site: Site) -> Address:
    """Return what happens to the address of an article with this slug; None is one that is only begun."""
    if article is None:
        stem = stem_of(language, clock.now(), site.zone)
        return Address(slug, stem, Path.objects.foresee(stem, slug) if slug else "")
    known = article.has_been_visible()
    return Address(
        slug,
        article.stem(),
        article.path_with(slug) if slug else "",
        known=article.path if known else "",
        known_slug=article.slug if known else "",
        is_scheduled=article.state == Article.State.SCHEDULED,
    )


def _whole(path: str) -> SafeString:
    """Return a whole address as people read it, in its own script and not percent-encoded."""
    return format_html('<bdi class="address" dir="ltr">{}{}</bdi>', settings.BASE_URL, path)
