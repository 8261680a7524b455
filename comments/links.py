"""Signed addresses that are mailed to commenters; none holds an e-mail address, so that no log does.

Each kind has a salt of its own: what opens one opens no other.
"""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.core import signing
from django.urls import reverse

if TYPE_CHECKING:
    from articles.models import Article
    from comments.models import Comment, Commenter

CONFIRM_WITHIN = timedelta(days=7)
WRITE_WITHIN = timedelta(days=30)

_CONFIRM = signing.TimestampSigner(salt="comments.confirm")
_WRITE = signing.TimestampSigner(salt="comments.as")
_UNSUBSCRIBE = signing.Signer(salt="comments.unsubscribe")


def confirm_url(commenter: "Commenter", comment: "Comment") -> str:
    """Return where the address of a comment is confirmed, for seven days."""
    return reverse("comments:confirm", args=[_CONFIRM.sign(f"{commenter.pk}-{comment.uid.hex}")])


def read_confirmation(token: str) -> tuple[int, uuid.UUID]:
    """Return the commenter's id and the comment's. Raises SignatureExpired, BadSignature."""
    commenter, uid = _CONFIRM.unsign(token, max_age=CONFIRM_WITHIN).split("-")
    return int(commenter), uuid.UUID(uid)


def write_url(commenter: "Commenter", article: "Article", parent: int = 0, mailed: str = "") -> str:
    """Return where somebody writes with his confirmed address, for thirty days; `parent` is the comment to answer.

    With the token of an address that was `mailed`, the thirty days are that one's: who opens it makes them no longer.
    """
    value = f"{commenter.pk}-{article.pk}-{parent}"
    if mailed:
        stamp = mailed.split(_WRITE.sep)[1]
        return reverse("comments:as", args=[signing.Signer.sign(_WRITE, f"{value}{_WRITE.sep}{stamp}")])
    return reverse("comments:as", args=[_WRITE.sign(value)])


def read_writer(token: str) -> tuple[int, int, int]:
    """Return the ids of commenter, article and the comment to answer, 0 for none. Raises what the above raises."""
    commenter, article, parent = _WRITE.unsign(token, max_age=WRITE_WITHIN).split("-")
    return int(commenter), int(article), int(parent)


def unsubscribe_url(commenter: "Commenter") -> str:
    """Return where somebody says that he wants no mail; for good, as he may keep the mail for years."""
    return reverse("comments:unsubscribe", args=[_UNSUBSCRIBE.sign(str(commenter.pk))])


def read_unsubscriber(token: str) -> int:
    """Return the commenter's id. Raises BadSignature."""
    return int(_UNSUBSCRIBE.unsign(token))
