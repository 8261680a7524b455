"""What machines read in a page: schema.org as JSON-LD (https://schema.org/NewsArticle)."""

from collections.abc import Iterable, Mapping
from typing import Any

from articles.models import Article, Note, Page, PageText, Role
from newsroom.addresses import absolute
from newsroom.models import Site


def news_article(
    article: Article,
    *,
    site: Site,
    image: str,
    house: Mapping[str, PageText],
    translated_from: str = "",
) -> dict[str, Any]:
    """Return an article as NewsArticle; fetch it with `for_presentation()`.

    `image` is the path of the picture for other sites, `translated_from` that of the version that it was translated
    from, if readers may see it; "" for none. `house` are the pages of the house, by purpose.
    """
    publisher = _publisher(site, article.language, house)
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": absolute(article.path),
        "url": absolute(article.path),
        "identifier": f"urn:uuid:{article.uid}",
        "headline": article.headline,
        "description": article.description_elsewhere,
        "datePublished": article.published_at.isoformat(),
        "dateModified": (article.updated_at or article.published_at).isoformat(),
        "inLanguage": article.language,
        "commentCount": article.comment_count,
        "isAccessibleForFree": True,
        "publisher": publisher,
        "author": _people(article, Role.AUTHOR) or [publisher],
    }
    if translators := _people(article, Role.TRANSLATOR):
        data["translator"] = translators
    if article.section_name:
        data["articleSection"] = article.section_name
    if keywords := [tagged.name for tagged in article.tagged.all()]:
        data["keywords"] = keywords
    if article.dateline:
        data["locationCreated"] = {"@type": "Place", "name": article.dateline}
    if image:
        data["image"] = [absolute(image)]
    if translated_from:
        data["translationOfWork"] = {"@type": "NewsArticle", "url": absolute(translated_from)}
    if corrections := list(_corrections(article)):
        data["correction"] = corrections
    return data


def breadcrumbs(article: Article, *, site: Site) -> dict[str, Any]:
    """Return the way from the front page to an article as BreadcrumbList; fetch it with `for_presentation()`."""
    steps = [(site.name_in(article.language), f"/{article.language}/")]
    if article.section_slug:
        steps.append((article.section_name, f"/{article.language}/{article.section_slug}/"))
    steps.append((article.headline, article.path))
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": absolute(path)}
            for position, (name, path) in enumerate(steps, 1)
        ],
    }


# What a page of the house is to a NewsMediaOrganization (https://schema.org/publishingPrinciples and beside it).
POLICIES = {
    Page.Purpose.ETHICS: "publishingPrinciples",
    Page.Purpose.CORRECTIONS: "correctionsPolicy",
    Page.Purpose.OWNERSHIP: "ownershipFundingInfo",
}


def _publisher(site: Site, language: str, house: Mapping[str, PageText]) -> dict[str, Any]:
    data = {
        "@type": "NewsMediaOrganization",
        "name": site.publisher or site.name_in(language),
        "url": absolute(""),
    }
    if site.logo:
        data["logo"] = absolute(site.logo.url)
    for purpose, name in POLICIES.items():
        if purpose in house:
            data[name] = absolute(house[purpose].get_absolute_url())
    return data


def _people(article: Article, role: Role) -> list[dict[str, str]]:
    people = []
    for byline in article.bylines.all():
        if byline.role == role:
            person = {"@type": "Person", "name": byline.name}
            if byline.slug:
                person["url"] = absolute(f"/{article.language}/author/{byline.slug}/")
            people.append(person)
    return people


def _corrections(article: Article) -> Iterable[dict[str, str]]:
    for note in article.public_notes():
        if note.kind == Note.Kind.CORRECTION:
            yield {
                "@type": "CorrectionComment",
                "text": note.text,
                "datePublished": note.created_at.isoformat(),
            }
