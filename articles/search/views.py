"""The page on which readers search."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.safestring import SafeString

from articles.html import plain_text
from articles.models import Article, AuthorText, SectionText, TagText
from articles.models.articles import ArticleQuerySet
from articles.models.taxonomy import ThingText
from articles.search.find import NEWEST, Found
from articles.search.forms import SearchForm
from articles.search.query import MAX_LENGTH, MAX_TERMS, Query, parse
from articles.search.snippets import marked, snippet
from articles.views import in_language
from newsroom.models import Site
from newsroom.typography import typeset

PER_PAGE = 20

_UNENDED = re.compile(r"(?<=\w)\n")


@dataclass(frozen=True)
class Result:
    """An article that was found, and where the words stand in it."""

    article: Article
    headline: SafeString
    snippet: SafeString


@dataclass(frozen=True)
class Bound:
    """A tag or an author that the search keeps to, and the address without it."""

    kind: str
    name: str
    slug: str
    remove: str


class Search:
    """What a reader asks in an address: words and bounds, each left out where it means nothing."""

    def __init__(self, request: HttpRequest, site: Site, language: str) -> None:
        self.site, self.language = site, language
        self.asked = {name: value.replace("\0", "").strip() for name, value in request.GET.items()}
        self.sections = list(
            SectionText.objects.filter(language=language).order_by("section__position", "pk")
        )
        self.form = SearchForm(self.asked, auto_id="search-%s", sections=self.sections)
        self.form.is_valid()
        seen = Article.objects.visible().in_language(language)
        self.tag = self._thing(TagText, "tag", seen.filter(tagged__tag=OuterRef("tag")))
        self.author = self._thing(AuthorText, "author", seen.filter(bylines__author=OuterRef("author")))
        # A number of more digits is no page; Python refuses to read very long ones.
        page = self.asked.get("page", "")[:6]
        self.page = max(1, int(page)) if page.isascii() and page.isdigit() else 1

    @property
    def text(self) -> str:
        """What was typed."""
        return self.form.cleaned_data.get("q", "")[:MAX_LENGTH]

    @property
    def query(self) -> Query:
        """What is looked for."""
        slug = self.form.cleaned_data.get("section")
        section = next((text for text in self.sections if slug and text.slug == slug), None)
        return parse(
            self.form.cleaned_data.get("q", ""),
            self.language,
            section=section.section_id if section else None,
            tag=self.tag.tag_id if self.tag else None,
            author=self.author.author_id if self.author else None,
            since=self._midnight(self.form.cleaned_data.get("from")),
            until=self._midnight(self.form.cleaned_data.get("to"), days=1),
        )

    @property
    def bounds(self) -> list[Bound]:
        """The tag and the author that the search keeps to."""
        kinds = (("tag", self.tag), ("author", self.author))
        return [Bound(kind, text.name, text.slug, self.address(**{kind: ""})) for kind, text in kinds if text]

    def address(self, **changed: str) -> str:
        """Return the address of this search with some parameters changed, "" takes one out."""
        data = self.form.cleaned_data
        asked = {
            "q": self.text,
            "section": data.get("section", ""),
            "from": data.get("from") or "",
            "to": data.get("to") or "",
            "tag": self.tag.slug if self.tag else "",
            "author": self.author.slug if self.author else "",
        }
        return "?" + urlencode({name: value for name, value in (asked | changed).items() if value})

    @property
    def in_words(self) -> str:
        """The words as an address has them, without any bounds."""
        return "?" + urlencode({"q": self.text}) if self.text else ""

    def _thing(self, model: type[ThingText], name: str, seen: ArticleQuerySet) -> Any:
        """Return the words of a tag or an author asked for; None for one of drafts alone, which is told to nobody."""
        slug = self.asked.get(name)
        return model.objects.filter(Exists(seen), language=self.language, slug=slug).first() if slug else None

    def _midnight(self, day: date | None, days: int = 0) -> datetime | None:
        """Return when a day begins on the site, or one so many days later; None outside of what clocks can tell."""
        if day is None or not date.min.year < day.year < date.max.year:
            return None
        return datetime.combine(day + timedelta(days=days), time(), self.site.zone)


@in_language
def search(request: HttpRequest, site: Site, language: str) -> HttpResponse:
    """Show what search finds. Whatever is asked, there is a page; it is never stored, for there is no end of them."""
    asked = Search(request, site, language)
    query = asked.query
    found = Article.objects.visible().search(query)
    last = max(1, ceil(len(found.articles) / PER_PAGE))
    page = min(asked.page, last)
    context = {
        "language": language,
        "fields": [asked.form[name] for name in ("section", "from", "to")],
        "text": asked.text,
        "query": query,
        "bounds": asked.bounds,
        "everything": asked.in_words,
        "is_bounded": bool(query.section or query.tag or query.author or query.since or query.until),
        "found": found,
        "newest": NEWEST,
        "max_terms": MAX_TERMS,
        "results": results(found, query, page),
        "page": page,
        "last": last,
        "previous": asked.address(page=str(page - 1)) if page > 1 else "",
        "next": asked.address(page=str(page + 1)) if page < last else "",
        # The same words in the other languages, whose tags and authors have other names.
        "alternates": {
            code: reverse("articles:search", args=[code]) + asked.in_words for code in site.languages
        },
    }
    if not found.articles and query:
        latest = Article.objects.visible().in_language(language).newest_first().for_listing()
        context["latest"] = latest[:3]
    response = render(request, "articles/search.html", context)
    add_never_cache_headers(response)
    return response


def results(found: Found, query: Query, page: int) -> list[Result]:
    """Return one page of what was found, with the words marked."""
    ids = found.articles[(page - 1) * PER_PAGE : page * PER_PAGE]
    if not ids:
        return []
    # Asked again: what was withdrawn since the index was asked is not shown.
    articles = Article.objects.visible().with_section().in_bulk(ids)
    return [
        Result(
            article=article,
            headline=marked(typeset(article.headline, article.language), query),
            snippet=snippet([article.standfirst, running_text(article.body)], query),
        )
        for pk in ids
        if (article := articles.get(pk))
    ]


def running_text(body: str) -> str:
    """Return the text of a body in one line; a point stands behind what has none, such as a heading."""
    return _UNENDED.sub(" · ", plain_text(body))
