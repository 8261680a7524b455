"""What the tests of comments are made of, and the rule of promise 1 said once more, in the plainest way."""

import re
from itertools import count
from typing import Any

from django.test import Client

from articles.models import Article
from comments.models import Comment

_numbers = count(1)


def waiting(article: Article, parent: Comment | None = None, **fields: Any) -> Comment:
    """Post a reader's comment, which waits."""
    fields.setdefault("name", "Rosa")
    fields.setdefault("text", f"The ferry was late {next(_numbers)} times.")
    return Comment.post(article=article, parent=parent, **fields)


def approved(article: Article, parent: Comment | None = None, **fields: Any) -> Comment:
    """Post a reader's comment and approve it."""
    comment = waiting(article, parent, **fields)
    comment.approve(by=None)
    return comment


def removed(article: Article, parent: Comment | None = None, **fields: Any) -> Comment:
    """Post a comment that was shown and then taken away."""
    comment = approved(article, parent, **fields)
    comment.remove(by=None, reason="off topic")
    return comment


def row(article: Article, state: str, parent: Comment | None = None) -> Comment:
    """Store a comment in a state without asking any verb; `shown` is set by the rule below."""
    comment = Comment.objects.create(
        article=article,
        parent=parent,
        state=state,
        text="A row of its own.",
        size=len("A row of its own."),
        name="Rosa",
        language=article.language,
    )
    comment.shown = is_shown(comment)
    comment.save(update_fields=["shown"])
    return comment


def is_shown(comment: Comment) -> bool:
    """The rule: approved, and no ancestor waiting, rejected or spam."""
    ancestor = comment.parent
    while ancestor:
        if ancestor.state in ("waiting", "rejected", "spam"):
            return False
        ancestor = ancestor.parent
    return comment.state == "approved"


def assert_true(article: Article) -> int:
    """Assert that flags and stored number follow the rule; return the number."""
    article.refresh_from_db()
    comments = {comment.pk: comment for comment in Comment.objects.filter(article=article)}
    for comment in comments.values():
        comment.parent = comments.get(comment.parent_id)
    shown = {pk for pk, comment in comments.items() if is_shown(comment)}
    assert {pk for pk, comment in comments.items() if comment.shown} == shown
    assert article.comment_count == len(shown)
    assert Comment.objects.shown().filter(article=article).count() == len(shown)
    return len(shown)


def numbers_for_a_reader(client: Client, article: Article) -> tuple[str, int]:
    """Return what a logged-out reader finds: the label above the thread, and how many comments he can count."""
    label, counted, addresses = "", 0, [article.path]
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200, address
        page = response.content.decode()
        counted += len(re.findall(r'<article class="comment" id="comment-\d+">', page))
        heading = re.search(r'<h2 id="comments-title"><span class="comment-count">([^<]*)</span>', page)
        label = label or (heading[1] if heading else "")
        links = re.findall(r'<a href="([^"]+)" rel="next">', page)
        links += re.findall(r'<a href="([^"]+/comments/thread/\d+/)" rel="nofollow">', page)
        addresses += [link for link in dict.fromkeys(links) if link not in addresses]
    return label, counted


def placeholders_for_a_reader(client: Client, article: Article) -> int:
    """Return how many places of removed comments stand below the article."""
    return client.get(article.path).content.decode().count('class="comment-gone"')
