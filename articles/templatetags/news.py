"""Tags and filters of the pages that readers browse."""

import json
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from articles.models import Article, Photo
from articles.pictures import picture_of
from newsroom import dates, pages, typography
from newsroom.addresses import absolute
from newsroom.models import Site, SiteText

register = template.Library()
register.filter(absolute)

# JSON inside a script element: nothing in it may end the element or begin a comment (HTML Standard, 4.12.1.3).
_JSON_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@dataclass(frozen=True)
class Version:
    """The page in one of the site's languages; without a page of its own, that language's front page."""

    language: str
    name: str
    address: str
    is_current: bool


@dataclass
class Frame:
    """What stands around every page."""

    site: Site
    language: str
    alternates: dict[str, str]  # language to path, this page's own included; empty where there are none

    @property
    def direction(self) -> str:
        """The direction of the page's script, ltr or rtl."""
        return dates.direction(self.language)

    @cached_property
    def texts(self) -> SiteText:
        """The site's words in the page's language."""
        return self.site.text_in(self.language)

    @property
    def name(self) -> str:
        """The site's name in the page's language."""
        return self.site.name_in(self.language)

    @property
    def versions(self) -> list[Version]:
        """The site's languages, each with its address."""
        return [
            Version(
                language=language,
                name=dates.own_name(language),
                address=self.alternates.get(language) or reverse("articles:front", args=[language]),
                is_current=language == self.language,
            )
            for language in self.site.languages
        ]

    @property
    def hreflang(self) -> dict[str, str]:
        """The addresses of the page's versions, its own included, as search engines want them."""
        return self.site.with_default(self.alternates)

    @property
    def is_latin(self) -> bool:
        """Whether the page's script is that of our headline face, so that loading it early is worth it."""
        return unicodedata.name(dates.own_name(self.language)[0], "").startswith("LATIN")

    @property
    def accent(self) -> str:
        """The site's colour as its stylesheet's address has it; "" for the one that the paper brings along."""
        default = Site._meta.get_field("colour").default
        return "" if self.site.colour.lower() == default else self.site.colour[1:].lower()


@register.simple_tag(takes_context=True)
def frame(context: template.Context) -> Frame:
    """Return what stands around the page, in the language that the view gave, else in the active one."""
    site = context["site"]
    language = context.get("language") or get_language() or ""
    if language not in site.languages:
        language = site.default_language
    return Frame(site, language, context.get("alternates") or {})


@register.filter
def og_locale(language: str) -> str:
    """Return a language as Open Graph has it, with a territory: fr_FR."""
    return dates.with_territory(language)


@register.filter
def language_name(language: str, within: str) -> str:
    """Return the name of a language in another."""
    return dates.name_of(language, within)


@register.filter
def typeset(text: str, language: str) -> str:
    """Return plain text with the spaces that a language's typography asks for."""
    return typography.typeset(text, language)


@register.filter
def number(value: int, language: str) -> str:
    """Return a whole number as a language writes it."""
    return dates.format_number(value, language)


def _is_of_another(language: str) -> bool:
    """Whether a page in a language has the words of the interface in another one: in which it has no catalogue."""
    return bool(language) and language.partition("-")[0] != (get_language() or "").partition("-")[0]


def _marks(language: str) -> SafeString:
    return format_html(' lang="{}" dir="{}"', language, dates.direction(language))


@register.simple_tag(takes_context=True)
def spoken(context: template.Context) -> SafeString:
    """Return the attributes of an element that holds words of the interface, "" where they are the page's own language.

    What stands in another language than its page says so (WCAG 2.2, 3.1.2), and its full stop stands where it belongs.
    """
    spoken = get_language() or ""
    return _marks(spoken) if _is_of_another(context.get("language") or "") else SafeString("")


def _time(context: template.Context, moment: datetime, text: Any, timespec: str = "minutes") -> SafeString:
    site, language = context["site"], context["language"]
    at = moment.astimezone(site.zone)
    return format_html(
        '<time datetime="{}"{}>{}</time>',
        at.isoformat(timespec=timespec) if timespec else at.date().isoformat(),
        # It may stand in a sentence of the interface.
        _marks(language) if _is_of_another(language) else "",
        text(moment, language, site.zone),
    )


@register.simple_tag(takes_context=True)
def date(context: template.Context, moment: datetime) -> SafeString:
    """Return the day as a time element: 9 July 2025."""
    return _time(context, moment, dates.format_date)


@register.simple_tag(takes_context=True)
def day(context: template.Context, moment: datetime) -> SafeString:
    """Return the day with its name as a time element, without its hours: Wednesday, 9 July 2025."""
    return _time(context, moment, dates.format_day, timespec="")


@register.simple_tag(takes_context=True)
def moment(context: template.Context, moment: datetime) -> SafeString:
    """Return day, time and zone as a time element: 9 July 2025, 10:42 CEST."""
    return _time(context, moment, dates.format_moment)


@register.simple_tag(takes_context=True)
def clock(context: template.Context, moment: datetime, today: datetime) -> SafeString:
    """Return the time of day as a time element, for what is not of today its day: 10:42, 8 Jul."""
    zone = context["site"].zone
    same_day = moment.astimezone(zone).date() == today.astimezone(zone).date()
    return _time(context, moment, dates.format_time if same_day else dates.format_short_date)


@register.inclusion_tag("articles/_counter.html", takes_context=True)
def counter(context: template.Context, article: Article) -> dict[str, Any]:
    """Show how many comments an article has, as a link to them; nothing where there are none and can be none."""
    commenting = article.commenting(context["site"])
    if not article.comment_count:
        # “(0)” goes when comments close by themselves, and comes when a flood switch ends.
        pages.show(context["request"], until=commenting.changes_at)
    return {
        "article": article,
        "language": context.get("language"),
        "number": dates.format_number(article.comment_count, article.language),
        "is_shown": article.comment_count > 0 or (article.is_visible() and commenting.is_open),
    }


@register.inclusion_tag("articles/_picture.html", takes_context=True)
def picture(
    context: template.Context,
    photo: Photo,
    *,
    alt: str | None,
    sizes: str,
    crop: str = "",
    eager: bool = False,
) -> dict[str, Any]:
    """Show a photo by its real files; `sizes` says how wide it stands (HTML, img sizes), `crop` its shape.

    A view that fetched the files of the cards already gives them as `card_pictures`, by the photo's id.
    """
    known = (context.get("card_pictures") or {}).get(photo.pk)
    return {
        "picture": known or picture_of(photo, photo.renditions.all(), crop),
        "alt": alt or "",
        "sizes": sizes,
        "eager": eager,
    }


@register.filter
def json_ld(data: dict[str, Any]) -> SafeString:
    """Return data as the content of a JSON-LD script element; no text in it can end the element."""
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(_JSON_ESCAPES))  # noqa: S308
