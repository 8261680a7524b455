"""Addresses below an article's own."""

from django.urls import reverse

from articles.models import Article
from comments import links
from comments.models import Comment, Commenter


def thread_url(article: Article) -> str:
    """Return where a new comment is sent."""
    return reverse("comments:thread", args=[article.path[1:]])


def feed_url(article: Article) -> str:
    """Return where programs read the comments."""
    return reverse("comments:feed", args=[article.path[1:]])


def page_url(article: Article, number: int) -> str:
    """Return where a page of the comments is read; the first one stands below the article."""
    if number == 1:
        return f"{article.get_absolute_url()}#comments"
    return reverse("comments:page", args=[article.path[1:], number])


def newest_url(article: Article, number: int) -> str:
    """Return where a page of the comments is read, the newest threads first."""
    if number == 1:
        return reverse("comments:newest", args=[article.path[1:]])
    return reverse("comments:newest-page", args=[article.path[1:], number])


def thread_page_url(article: Article, pk: int, number: int) -> str:
    """Return where a long thread goes on, by its first comment."""
    if number == 1:
        return reverse("comments:long-thread", args=[article.path[1:], pk])
    return reverse("comments:long-thread-page", args=[article.path[1:], pk, number])


def reply_url(article: Article, comment: Comment) -> str:
    """Return where a comment is answered."""
    return reverse("comments:reply", args=[article.path[1:], comment.pk])


def form_url(
    article: Article, parent: Comment | None = None, writer: Commenter | None = None, token: str = ""
) -> str:
    """Return where a comment is sent: a new one, an answer, one by somebody whose address a `token` confirms."""
    if writer:
        return links.write_url(writer, article, parent.pk if parent else 0, mailed=token)
    return reply_url(article, parent) if parent else thread_url(article)
