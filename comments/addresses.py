"""Addresses below an article's own."""

from django.urls import reverse

from articles.models import Article
from comments.models import Comment


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


def reply_url(article: Article, comment: Comment) -> str:
    """Return where a comment is answered."""
    return reverse("comments:reply", args=[article.path[1:], comment.pk])
