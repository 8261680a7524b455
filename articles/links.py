"""Links from a text to other articles and to documents of this site, as readers' pages show them.

A body names an article by its uid, at an address of the admin (`articles.editor.ARTICLE_PATH`); readers get its
present path while they may see it, and the bare words while they may not. So it is with documents of the library,
whose address readers get with what they are and how large, which nobody likes to find out too late.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import DateTimeField, Q, Value
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html

from articles.editor import ARTICLE_HREF, ATTACHMENT_HREF
from articles.html import Link, article_uids, attachment_uids, replace_links
from articles.models import Article, Attachment
from newsroom import clock


@dataclass(frozen=True)
class Links:
    """The articles and documents that a body links."""

    paths: Mapping[UUID, str] = field(default_factory=dict)  # of the articles that readers may see
    files: Mapping[UUID, Link] = field(default_factory=dict)  # of the documents
    keys: tuple[str, ...] = ()  # of all articles: the page changes when one comes or goes
    until: datetime | None = None  # when the next one comes by itself

    def render(self, body: str) -> str:
        """Return a sanitised body with links for readers: what they may not see leaves its words only."""
        return replace_links(body, self._link)

    def _link(self, href: str) -> Link | None:
        if found := ATTACHMENT_HREF.fullmatch(href):
            return self.files.get(UUID(found[1]))
        if found := ARTICLE_HREF.fullmatch(href):
            path = self.paths.get(UUID(found[1]))
            return Link(path + (found[2] or "")) if path else None
        return Link(href)


FileAddress = Callable[[Attachment], str]


def links_of(body: str, languages: Iterable[str]) -> Links:
    """Return what a body links, on a site that publishes in these languages; one query, if it links anything."""
    linked, files = article_uids(body), attachment_uids(body)
    if not linked and not files:
        return Links()
    articles, attachments = _found(Q(uid__in=linked), files, languages)
    return _links(articles, attachments, Attachment.get_absolute_url)


def versions_and_links(
    article: Article, languages: Iterable[str], file_address: FileAddress = Attachment.get_absolute_url
) -> tuple[list[Article], Links]:
    """Return the other versions of an article's story, visible or not, and what its text links; one query.

    The articles hold what tells whether readers may see them, language, headline and path, and no more. `file_address`
    tells where the documents are for whoever looks at what readers may not see yet.
    """
    linked, files = article_uids(article.body), attachment_uids(article.body)
    versions = Q(story=article.story_id) & ~Q(pk=article.pk)
    articles, attachments = _found(versions | Q(uid__in=linked) if linked else versions, files, languages)
    wanted = set(linked)
    return (
        [one for one in articles if one.story_id == article.story_id and one.pk != article.pk],
        _links([one for one in articles if one.uid in wanted], attachments, file_address),
    )


def _links(articles: list[Article], attachments: list[Attachment], file_address: FileAddress) -> Links:
    now = clock.now()
    coming = [
        max(filter(None, (article.published_at, article.embargo_until)))
        for article in articles
        if article.published_at and not article.withdrawn_at
    ]
    return Links(
        paths={article.uid: article.path for article in articles if article.is_visible()},
        files={row.uid: Link(file_address(row), _said_of(row)) for row in attachments},
        keys=tuple(key for article in articles for key in article.page_keys()),
        until=min((moment for moment in coming if moment > now), default=None),
    )


def _found(wanted: Q, files: list[UUID], languages: Iterable[str]) -> tuple[list[Article], list[Attachment]]:
    """Fetch articles and documents at once, with no more of each than is needed here."""
    shared = ("pk", "uid")
    own = (
        "story_id",
        "language",
        "headline",
        "published_at",
        "first_published_at",
        "embargo_until",
        "withdrawn_at",
    )
    rows: Any = (
        Article.objects.filter(wanted, language__in=languages)
        .order_by()
        .values_list(*shared, "path", Value(-1), *own)
    )
    if files:
        never = Value(None, output_field=DateTimeField())
        documents = Attachment.objects.filter(uid__in=files).order_by()
        none = (Value(0), Value(""), Value(""), never, never, never, never)
        rows = rows.union(documents.values_list(*shared, "name", "size", *none), all=True)
    articles, attachments = [], []
    for pk, uid, text, size, *others in rows:
        if size < 0:
            articles.append(Article(pk=pk, uid=uid, path=text, **dict(zip(own, others, strict=True))))
        else:
            attachments.append(Attachment(pk=pk, uid=uid, name=text, size=size))
    return articles, attachments


def _said_of(attachment: Attachment) -> str:
    """Return what is said behind a link to a document, in the language of the page: "(PDF, 1.2 MB)"."""
    return " " + format_html('<span class="file">(PDF, {})</span>', filesizeformat(attachment.size))
