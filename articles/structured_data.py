"""What machines read in a page: schema.org as JSON-LD (https://schema.org/NewsArticle)."""

from collections.abc import Iterable
from typing import Any

from django.utils.encoding import iri_to_uri

from articles.models import Article, Note, Role
from newsroom.models import Site


def news_article(
    article: Article,
    *,
    site: Site,
    base_url: str,
    image: str,
    description: str,
    translated_from: str = "",
) -> dict[str, Any]:
    """Return an article as NewsArticle; fetch it with `for_presentation()`.

    `image` is the path of the lead photo, `translated_from` that of the version that it was translated from, if
    readers may see it; "" for none.
    """

    def absolute(path: str) -> str:
        return iri_to_uri(base_url + path)

    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": absolute(article.path),
        "url": absolute(article.path),
        "identifier": f"urn:uuid:{article.uid}",
        "headline": article.headline,
        "description": description,
        "datePublished": article.published_at.isoformat(),
        "dateModified": (article.updated_at or article.published_at).isoformat(),
        "inLanguage": article.language,
        "commentCount": article.comment_count,
        "isAccessibleForFree": True,
        "publisher": _publisher(site, article.language, base_url),
        "author": _people(article, Role.AUTHOR, absolute) or [_publisher(site, article.language, base_url)],
    }
    if translators := _people(article, Role.TRANSLATOR, absolute):
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


def _publisher(site: Site, language: str, base_url: str) -> dict[str, Any]:
    data = {
        "@type": "NewsMediaOrganization",
        "name": site.publisher or site.name_in(language),
        "url": base_url,
    }
    if site.logo:
        data["logo"] = iri_to_uri(base_url + site.logo.url)
    return data


def _people(article: Article, role: Role, absolute: Any) -> list[dict[str, str]]:
    people = []
    for byline in article.bylines.all():
        if byline.role == role:
            person = {"@type": "Person", "name": byline.name}
            if byline.slug:
                person["url"] = absolute(f"/{article.language}/author/{byline.slug}/")
            people.append(person)
    return people


def _corrections(article: Article) -> Iterable[dict[str, str]]:
    for note in article.notes.all():
        if note.kind == Note.Kind.CORRECTION:
            yield {
                "@type": "CorrectionComment",
                "text": note.text,
                "datePublished": note.created_at.isoformat(),
            }
