"""What the tests of comments are made of, and the rule of promise 1 said once more, in the plainest way."""

from itertools import count
from typing import Any

from articles.models import Article
from comments.models import Comment

_numbers = count(1)


def waiting(article: Article, parent: Comment | None = None, **fields: Any) -> Comment:
    """Post a reader's comment, which waits."""
    fields.setdefault("name", "Rosa")
    fields.setdefault("text", f"The ferry was late again, for the {next(_numbers)}th time.")
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
